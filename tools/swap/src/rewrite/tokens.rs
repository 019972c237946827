//! A source text as a flat list of tokens, each with its place in the text.

use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};
use std::ops::Range;

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// In bytes.
    pub(crate) range: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword or an identifier.
    Word(String),
    /// `::`
    PathSep,
    Punct(char),
    Open(char),
    Close,
    Literal,
}

impl Token {
    pub(crate) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(crate) fn is_word(&self, wanted: &str) -> bool {
        self.word() == Some(wanted)
    }

    pub(crate) fn is_punct(&self, wanted: char) -> bool {
        self.kind == Kind::Punct(wanted)
    }
}

/// The tokens of a source text, in their order, or why it has none. Comments are not tokens; a doc comment is an attribute.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    // Neither is Rust's.
    let skipped = skipped(text);
    let stream: TokenStream = text[skipped..].parse().map_err(|error: proc_macro2::LexError| {
        let place = error.span().start();
        format!("line {}: {error}", place.line)
    })?;
    let mut flat = Vec::new();
    flatten(stream, skipped, &mut flat);
    proc_macro2::extra::invalidate_current_thread_spans();
    Ok(flat)
}

/// The bytes of a byte order mark and of `#!/usr/bin/...`.
fn skipped(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let rest = &text[mark..];
    let is_attribute = rest.strip_prefix("#!").is_some_and(|after| after.trim_start().starts_with('['));
    if rest.starts_with("#!") && !is_attribute { mark + rest.find('\n').unwrap_or(rest.len()) } else { mark }
}

fn flatten(stream: TokenStream, skipped: usize, flat: &mut Vec<Token>) {
    let place = |span: Span| {
        let range = span.byte_range();
        range.start + skipped..range.end + skipped
    };
    let mut joint_colon = false;
    for tree in stream {
        let after_colon = std::mem::take(&mut joint_colon);
        match tree {
            TokenTree::Group(group) => {
                let open = match group.delimiter() {
                    Delimiter::Brace => '{',
                    Delimiter::Bracket => '[',
                    Delimiter::Parenthesis => '(',
                    Delimiter::None => ' ',
                };
                flat.push(Token { kind: Kind::Open(open), range: place(group.span_open()) });
                flatten(group.stream(), skipped, flat);
                flat.push(Token { kind: Kind::Close, range: place(group.span_close()) });
            }
            TokenTree::Ident(word) => {
                flat.push(Token { kind: Kind::Word(word.to_string()), range: place(word.span()) });
            }
            TokenTree::Punct(punct) => {
                let range = place(punct.span());
                let character = punct.as_char();
                if character == ':' && after_colon {
                    if let Some(first) = flat.last_mut() {
                        *first = Token { kind: Kind::PathSep, range: first.range.start..range.end };
                    }
                    continue;
                }
                joint_colon = character == ':' && punct.spacing() == Spacing::Joint;
                flat.push(Token { kind: Kind::Punct(character), range });
            }
            TokenTree::Literal(literal) => flat.push(Token { kind: Kind::Literal, range: place(literal.span()) }),
        }
    }
}
