//! The documentation of each item of a source text.
//!
//! The items of the standard library use syntax that only a nightly compiler takes, so they are not parsed but looked
//! for: what follows attributes is an item. Macros that make documented items are written out first.

use super::expand;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::LitStr;

/// The documentation of one item.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Documented {
    /// `Mutex_lock`
    pub(super) name: String,
    /// Its lines.
    pub(super) lines: Vec<String>,
}

/// All that is documented in a source text.
pub(super) fn documented(text: &str) -> Result<Vec<Documented>, String> {
    let stream: TokenStream = text.parse().map_err(|error: proc_macro2::LexError| error.to_string())?;
    let mut found = Vec::new();
    walk(&expand::written_out(stream)?, &Within { name: "", commas: false }, &mut found);
    Ok(found)
}

/// What a list of items stands in.
struct Within<'a> {
    name: &'a str,
    /// They are fields or variants.
    commas: bool,
}

fn walk(stream: &TokenStream, within: &Within<'_>, found: &mut Vec<Documented>) {
    let tokens: Vec<TokenTree> = stream.clone().into_iter().collect();
    let mut rest = &tokens[..];
    while !rest.is_empty() {
        rest = inner_docs(rest, within, found);
        let (lines, after) = outer_docs(rest);
        let length = item_length(after, within.commas);
        let (item, next) = after.split_at(length);
        rest = next;
        visit(item, lines, within, found);
    }
}

fn visit(item: &[TokenTree], lines: Vec<String>, within: &Within<'_>, found: &mut Vec<Documented>) {
    let (keyword, own) = keyword_and_name(item);
    let name = if within.name.is_empty() { own } else { format!("{}_{own}", within.name) };
    if !lines.is_empty() {
        found.push(Documented { name: name.clone(), lines });
    }
    if matches!(keyword.as_str(), "fn" | "macro_rules") {
        return;
    }
    let name = if matches!(keyword.as_str(), "" | "mod") { within.name } else { &name };
    let inner = Within { name, commas: matches!(keyword.as_str(), "struct" | "enum" | "union") };
    for token in item {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => walk(&group.stream(), &inner, found),
            _ => {}
        }
    }
}

/// `//!` at the beginning of a file or a module.
fn inner_docs<'a>(tokens: &'a [TokenTree], within: &Within<'_>, found: &mut Vec<Documented>) -> &'a [TokenTree] {
    let mut lines = Vec::new();
    let mut rest = tokens;
    while let [TokenTree::Punct(hash), TokenTree::Punct(bang), TokenTree::Group(attribute), after @ ..] = rest {
        if hash.as_char() != '#' || bang.as_char() != '!' {
            break;
        }
        lines.extend(doc_lines(&attribute.stream()));
        rest = after;
    }
    if !lines.is_empty() {
        let name = if within.name.is_empty() { "module" } else { within.name };
        found.push(Documented { name: name.to_owned(), lines });
    }
    rest
}

/// `///`, with other attributes in between.
fn outer_docs(tokens: &[TokenTree]) -> (Vec<String>, &[TokenTree]) {
    let mut lines = Vec::new();
    let mut rest = tokens;
    while let [TokenTree::Punct(hash), TokenTree::Group(attribute), after @ ..] = rest {
        if hash.as_char() != '#' {
            break;
        }
        lines.extend(doc_lines(&attribute.stream()));
        rest = after;
    }
    (lines, rest)
}

/// The lines of `doc = "..."`; of another attribute, none.
fn doc_lines(attribute: &TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = attribute.clone().into_iter().collect();
    match &tokens[..] {
        [TokenTree::Ident(doc), TokenTree::Punct(_), value @ ..] if doc == "doc" => {
            let text = text_of(value).unwrap_or_default();
            if text.is_empty() { vec![String::new()] } else { text.lines().map(str::to_owned).collect() }
        }
        _ => Vec::new(),
    }
}

/// The text that a literal, `concat!(...)` or `stringify!(...)` stands for; none for what is of another kind, which is prose.
fn text_of(value: &[TokenTree]) -> Option<String> {
    match value {
        [TokenTree::Literal(literal)] => {
            let written = literal.to_string();
            Some(syn::parse_str::<LitStr>(&written).map_or(written, |text| text.value()))
        }
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            text_of(&group.stream().into_iter().collect::<Vec<_>>())
        }
        [TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Group(arguments)] if name == "stringify" => {
            Some(arguments.stream().to_string())
        }
        [TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Group(arguments)] if name == "concat" => {
            let arguments: Vec<TokenTree> = arguments.stream().into_iter().collect();
            let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
            arguments.split(is_comma).filter(|part| !part.is_empty()).map(text_of).collect()
        }
        _ => None,
    }
}

/// How many tokens belong to the item that begins here.
fn item_length(tokens: &[TokenTree], commas: bool) -> usize {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';' || commas && punct.as_char() == ',',
        _ => false,
    };
    tokens.iter().position(is_end).map_or(tokens.len(), |end| end + 1)
}

const KEYWORDS: [&str; 10] =
    ["const", "enum", "fn", "macro_rules", "mod", "static", "struct", "trait", "type", "union"];

/// What an item is, and its name; a field has no keyword.
fn keyword_and_name(item: &[TokenTree]) -> (String, String) {
    let words: Vec<String> = item.iter().map_while(word_or_mark).collect();
    if let Some(at) = words.iter().position(|word| word == "impl")
        && words[..at].iter().all(|word| matches!(word.as_str(), "unsafe" | "const"))
    {
        return ("impl".to_owned(), implementor(&words[at + 1..]));
    }
    for (at, word) in words.iter().enumerate() {
        let name = words[at + 1..].iter().find(|word| is_name(word));
        let is_modifier =
            word == "const" && words.get(at + 1).is_some_and(|next| ["fn", "unsafe"].contains(&next.as_str()));
        if KEYWORDS.contains(&word.as_str()) && !is_modifier {
            return (word.clone(), name.cloned().unwrap_or_default());
        }
    }
    (String::new(), words.into_iter().find(|word| is_name(word) && word != "pub").unwrap_or_default())
}

/// The words and marks before the first brace.
fn word_or_mark(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        TokenTree::Punct(mark) => Some(mark.as_char().to_string()),
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => None,
        TokenTree::Group(_) | TokenTree::Literal(_) => Some(String::new()),
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Of `impl<T> Trait for Mutex<T>`, after the `impl`: `Mutex`.
fn implementor(words: &[String]) -> String {
    let mut depth = 0usize;
    let mut name = String::new();
    for (at, word) in words.iter().enumerate() {
        let arrow = at > 0 && words[at - 1] == "-";
        match word.as_str() {
            "<" => depth += 1,
            ">" if !arrow => depth = depth.saturating_sub(1),
            "where" if depth == 0 => break,
            "for" if depth == 0 => name.clear(),
            // The last segment of a path.
            _ if depth == 0 && is_name(word) => name.clone_from(word),
            _ => {}
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::documented;

    const TEXT: &str = "\
//! Of the file.
/// Of a struct.
///
#[derive(Clone)]
/// Still.
pub struct Guard<'a, T: ?Sized> {
    /// Of a field.
    pub field: Vec<(T, &'a T)>,
}
impl<'a, T: ?Sized + Fn() -> u8> Guard<'a, T> where T: Sized {
    /// Of a method.
    pub const unsafe fn method(&self) { let _inside = 1; }
    /// Of a constant.
    pub const ONE: u8 = 1;
}
unsafe impl<T> const core::fmt::Debug for sub::Guard<'_, T> {
    /// Of a trait's method.
    fn fmt() {}
}
mod inner {
    //! Of a module.
    /// Of a macro.
    macro_rules! hidden { () => { /// Not this.
        struct No; } }
}
";

    #[test]
    fn each_item_has_its_documentation() {
        let found = documented(TEXT).expect("it is Rust");
        let told: Vec<String> = found.iter().map(|item| format!("{}:{}", item.name, item.lines.join("|"))).collect();
        let wanted = [
            "module: Of the file.",
            "Guard: Of a struct.|| Still.",
            "Guard_field: Of a field.",
            "Guard_method: Of a method.",
            "Guard_ONE: Of a constant.",
            "Guard_fmt: Of a trait's method.",
            "module: Of a module.",
            "hidden: Of a macro.",
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn macros_that_make_items_are_written_out() {
        let text = "\
macro_rules! make {
    ($cfg:meta, $text:literal, $min:ident, $n:expr, $int:ident $name:ident) => {
        /// ```
        #[doc = concat!($text, \"let \", stringify!($name), \" = \", 1, \";\")]
        /// ```
        #[$cfg]
        pub type $name = Of<$int>;
    };
}
#[cfg(x)]
make! { cfg(target = \"8\"), \"\", a, 1, i8 AtomicI8 }
macro_rules! both { ($($align:literal)*) => { $( make! { cfg(y), \"#\\n\", b, $align, u8 AtomicU8 } )* } }
";
        let found = documented(text).expect("it is Rust");
        let told: Vec<String> = found.iter().map(|item| format!("{}:{}", item.name, item.lines.join("|"))).collect();
        assert_eq!(told, ["AtomicI8: ```|let AtomicI8 = 1;| ```", "AtomicU8: ```|#|let AtomicU8 = 1;| ```"]);
    }
}
