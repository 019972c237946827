//! Rewrites paths in a source text, and nothing else: every other byte stays, and so does the number of every line.

mod docs;
mod fences;
mod tokens;
mod use_tree;

#[cfg(test)]
mod tests;

pub(crate) use docs::rewrite_docs;
pub(crate) use fences::{Fence, fences};
pub(crate) use tokens::{Kind, Token, tokens};

use std::ops::Range;
use use_tree::UseTree;

/// A path that begins with `from` gets `root` in the place of its first segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    from: Vec<String>,
    root: String,
}

impl Rule {
    /// From paths as they are written: `Rule::new("std::sync", "gordian")`.
    pub(crate) fn new(from: &str, root: &str) -> Rule {
        Rule { from: from.split("::").map(str::to_owned).collect(), root: root.to_owned() }
    }

    fn covers(&self, path: &[String]) -> bool {
        path.starts_with(&self.from)
    }

    /// Whether it covers some of what is inside that path.
    fn reaches_into(&self, path: &[String]) -> bool {
        self.from.len() > path.len() && self.from.starts_with(path)
    }
}

/// std's `sync` and `thread`, and core's atomics, become gordian's.
pub(crate) fn std_to_gordian() -> Vec<Rule> {
    ["std::sync", "std::thread", "core::sync::atomic"].map(|from| Rule::new(from, "gordian")).into()
}

/// The source text with its paths rewritten, or why it is none.
pub(crate) fn rewrite(text: &str, rules: &[Rule]) -> Result<String, String> {
    let tokens = tokens(text)?;
    let uses = uses(&tokens);
    let rules = with_aliases(rules, &tokens, &uses);
    let mut edits = Vec::new();
    let mut at = 0;
    for tree in &uses {
        edit_code(&tokens, at..tree.tokens.start, &rules, &mut edits);
        use_tree::edit(tree, &tokens, &rules, &mut edits);
        at = tree.tokens.end;
    }
    edit_code(&tokens, at..tokens.len(), &rules, &mut edits);
    Ok(apply(text, edits))
}

/// What stands at `range` is replaced by `with`.
struct Edit {
    range: Range<usize>,
    with: String,
}

fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.range.start);
    let mut done = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        done.push_str(&text[at..edit.range.start]);
        done.push_str(&edit.with);
        at = edit.range.end;
    }
    done.push_str(&text[at..]);
    done
}

/// All `use` declarations, also those in the bodies of macros. One that is none (`use $path;` in a macro) is left out: its
/// paths are looked at one by one.
fn uses(tokens: &[Token]) -> Vec<UseTree> {
    let starts = (0..tokens.len()).filter(|&at| tokens[at].is_word("use") && begins_something(tokens, at));
    starts.filter_map(|at| use_tree::parse(tokens, at + 1)).collect()
}

/// Whether this word is a word of its own, and not a field, a lifetime, a macro's variable or the next segment of a path.
fn begins_something(tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| &tokens[before].kind) else { return true };
    match before {
        Kind::Punct('$' | '\'') => false,
        Kind::Punct('.') => at >= 2 && matches!(tokens[at - 2].kind, Kind::Punct('.')),
        Kind::PathSep => is_leading(tokens, at - 1),
        _ => true,
    }
}

/// Whether this `::` begins a path: nothing stands before it that it could belong to.
fn is_leading(tokens: &[Token], separator: usize) -> bool {
    let Some(before) = separator.checked_sub(1) else { return true };
    match &tokens[before].kind {
        Kind::Word(word) => KEYWORDS_BEFORE_PATHS.contains(&word.as_str()),
        Kind::Punct('>') => before >= 1 && matches!(tokens[before - 1].kind, Kind::Punct('-' | '=')),
        Kind::Close => false,
        _ => true,
    }
}

const KEYWORDS_BEFORE_PATHS: [&str; 19] = [
    "as", "break", "const", "dyn", "else", "for", "if", "impl", "in", "let", "match", "move", "mut", "ref", "return",
    "unsafe", "use", "where", "while",
];

/// What is outside `use` declarations.
fn edit_code(tokens: &[Token], range: Range<usize>, rules: &[Rule], edits: &mut Vec<Edit>) {
    for at in range {
        edit_path(tokens, at, rules, edits);
        edit_extern_crate(tokens, at, rules, edits);
    }
}

/// The rule for the path that begins at `at`.
fn edit_path(tokens: &[Token], at: usize, rules: &[Rule], edits: &mut Vec<Edit>) {
    if !begins_something(tokens, at) {
        return;
    }
    let path = path_at(tokens, at);
    // Alone, a word is not a path but a name.
    if path.len() < 2 {
        return;
    }
    if let Some(rule) = rules.iter().find(|rule| rule.covers(&path)) {
        edits.push(Edit { range: tokens[at].range.clone(), with: rule.root.clone() });
    }
}

/// The segments of a path without generic arguments.
fn path_at(tokens: &[Token], at: usize) -> Vec<String> {
    let mut path = Vec::new();
    let mut next = at;
    while let Some(Token { kind: Kind::Word(word), .. }) = tokens.get(next) {
        path.push(word.clone());
        if !matches!(tokens.get(next + 1).map(|token| &token.kind), Some(Kind::PathSep)) {
            break;
        }
        next += 2;
    }
    path
}

/// `extern crate parking_lot;` is `use gordian::parking_lot;`.
fn edit_extern_crate(tokens: &[Token], at: usize, rules: &[Rule], edits: &mut Vec<Edit>) {
    let Some((name, _)) = extern_crate(tokens, at) else { return };
    if let Some(rule) = rules.iter().find(|rule| *rule.from == *std::slice::from_ref(&name)) {
        let words = tokens[at].range.start..tokens[at + 1].range.end;
        edits.push(Edit { range: words, with: "use".to_owned() });
        edits.push(Edit { range: tokens[at + 2].range.clone(), with: rule.root.clone() });
    }
}

/// The name and the alias of the `extern crate NAME as ALIAS` here.
fn extern_crate(tokens: &[Token], at: usize) -> Option<(String, Option<String>)> {
    let word = |at: usize| tokens.get(at).and_then(Token::word);
    if word(at) != Some("extern") || word(at + 1) != Some("crate") {
        return None;
    }
    let alias = (word(at + 3) == Some("as")).then(|| word(at + 4)).flatten();
    Some((word(at + 2)?.to_owned(), alias.map(str::to_owned)))
}

/// After `use std as s` or `extern crate std as s`, a rule for `std::sync` is one for `s::sync`, too.
fn with_aliases(rules: &[Rule], tokens: &[Token], uses: &[UseTree]) -> Vec<Rule> {
    let mut all = rules.to_vec();
    let renamed = (0..tokens.len()).filter_map(|at| extern_crate(tokens, at));
    let renamed = renamed.filter_map(|(name, alias)| Some((name, alias?)));
    for (name, alias) in uses.iter().flat_map(UseTree::renames).chain(renamed) {
        let of_that_root = rules.iter().filter(|rule| rule.from.len() > 1 && rule.from[0] == name);
        all.extend(of_that_root.map(|rule| {
            let mut from = rule.from.clone();
            from[0].clone_from(&alias);
            Rule { from, root: rule.root.clone() }
        }));
    }
    all
}
