//! The items of a source text, and how one of them is cut out: blanked, so that all others keep their lines and bytes.

use crate::rewrite::{Kind, tokens};
use std::ops::Range;
use syn::{Attribute, File, Item, Meta, spanned::Spanned};

/// What has been cut out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// A test, with the path of its modules in the text.
    Test(String),
    /// Something else that tests may need: those then do not compile either.
    Other(String),
}

/// Cuts out the smallest item around that byte: a test, another item, one name of a `use`. None if there is none.
pub(crate) fn cut_at(text: &mut String, byte: usize) -> Result<Option<Cut>, String> {
    let file = parse(text)?;
    let Some((range, cut)) = around(&file, byte) else { return Ok(None) };
    let range = match cut {
        Cut::Other(ref what) if what == "use" => name_in_use(text, &range, byte)?,
        _ => range,
    };
    blank(text, range);
    Ok(Some(cut))
}

/// Cuts out `#![feature(...)]`, which only a nightly compiler takes.
pub(crate) fn cut_features(text: &mut String) -> Result<(), String> {
    let file = parse(text)?;
    let features = file.attrs.iter().filter(|attribute| attribute.path().is_ident("feature"));
    for range in features.map(|attribute| attribute.span().byte_range()).collect::<Vec<_>>() {
        blank(text, range);
    }
    Ok(())
}

/// Cuts out all that is there for no test: what is left are modules of tests, and tests beside them. Whether there are any.
pub(crate) fn cut_all_but_tests(text: &mut String) -> Result<bool, String> {
    let items = parse(text)?.items;
    let kept = items.iter().filter(|item| match item {
        Item::Fn(function) => is_test(&function.attrs),
        Item::Mod(module) => module.content.is_some() && module.attrs.iter().any(is_cfg_of_tests),
        _ => false,
    });
    let kept: Vec<Range<usize>> = kept.map(|item| item.span().byte_range()).collect();
    let starts = [0].into_iter().chain(kept.iter().map(|range| range.end));
    let ends = kept.iter().map(|range| range.start).chain([text.len()]);
    for (start, end) in starts.zip(ends) {
        blank(text, start..end);
    }
    Ok(!kept.is_empty())
}

/// `#[cfg(test)]`, `#[cfg(all(test, ...))]`
fn is_cfg_of_tests(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    let words = list.tokens.to_string();
    list.path.is_ident("cfg") && (words == "test" || words.starts_with("all (test"))
}

/// The names of all tests, with the paths of their modules in the text.
pub(crate) fn tests(text: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    collect_tests(&parse(text)?.items, "", &mut found);
    Ok(found)
}

fn collect_tests(items: &[Item], path: &str, found: &mut Vec<String>) {
    for item in items {
        match item {
            Item::Fn(function) if is_test(&function.attrs) => found.push(format!("{path}{}", function.sig.ident)),
            Item::Mod(module) => {
                let inner = module.content.as_ref().map_or(&[][..], |(_, items)| items);
                collect_tests(inner, &format!("{path}{}::", module.ident), found);
            }
            _ => {}
        }
    }
}

/// `#[test]`, `#[tokio::test]`, and what such a macro has been renamed to: `#[maybe_tokio_test]`.
fn is_test(attributes: &[Attribute]) -> bool {
    let names = attributes.iter().filter_map(|attribute| Some(attribute.path().segments.last()?.ident.to_string()));
    names.into_iter().any(|name| name == "test" || name.ends_with("_test"))
}

pub(crate) fn parse(text: &str) -> Result<File, String> {
    syn::parse_file(text).map_err(|error| format!("line {}: {error}", error.span().start().line))
}

fn around(file: &File, byte: usize) -> Option<(Range<usize>, Cut)> {
    around_in(&file.items, "", byte)
}

fn around_in(items: &[Item], path: &str, byte: usize) -> Option<(Range<usize>, Cut)> {
    let item = items.iter().find(|item| item.span().byte_range().contains(&byte))?;
    let range = item.span().byte_range();
    let cut = match item {
        Item::Fn(function) if is_test(&function.attrs) => Cut::Test(format!("{path}{}", function.sig.ident)),
        Item::Mod(module) => {
            if let Some((braces, items)) = &module.content
                && braces.span.join().byte_range().contains(&byte)
            {
                // None: what stood there has been cut out for an earlier error, and the others stay.
                return around_in(items, &format!("{path}{}::", module.ident), byte);
            }
            Cut::Other(format!("mod {}", module.ident))
        }
        Item::Use(_) => Cut::Other("use".to_owned()),
        _ => Cut::Other("an item".to_owned()),
    };
    Some((range, cut))
}

/// In the `use` at `range`, the name at that byte with its comma; all of it, where it is no member of a group.
fn name_in_use(text: &str, range: &Range<usize>, byte: usize) -> Result<Range<usize>, String> {
    let tokens = tokens(&text[range.clone()])?;
    let byte = byte - range.start;
    let Some(at) = tokens.iter().position(|token| token.range.contains(&byte)) else { return Ok(range.clone()) };
    let is_end = |kind: &Kind| matches!(kind, Kind::Open('{') | Kind::Close | Kind::Punct(',' | ';'));
    let first = tokens[..at].iter().rposition(|token| is_end(&token.kind)).map_or(0, |before| before + 1);
    let last = tokens[at..].iter().position(|token| is_end(&token.kind)).map_or(tokens.len(), |after| at + after);
    let in_a_group = first > 0 && tokens.get(last).is_some_and(|token| token.kind != Kind::Punct(';'));
    // `std::{…`: the error is about what stands before the brace.
    let opens = tokens.get(last).is_some_and(|token| token.kind == Kind::Open('{'));
    if !in_a_group || opens {
        return Ok(range.clone());
    }
    let comma = tokens.get(last).is_some_and(|token| token.is_punct(','));
    let end = if comma { tokens[last].range.end } else { tokens[last - 1].range.end };
    Ok(tokens[first].range.start + range.start..end + range.start)
}

fn blank(text: &mut String, range: Range<usize>) {
    let blanks: String = text[range.clone()]
        .bytes()
        .map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' })
        .collect();
    text.replace_range(range, &blanks);
}

#[cfg(test)]
mod tests {
    use super::{Cut, cut_all_but_tests, cut_at, cut_features, tests};

    const TEXT: &str = "\
#![feature(a, b)]
use std::sync::{Arc, Exclusive, Mutex};
use std::fmt;
fn helper() { 'ä'; }
#[test]
fn one() {
    helper();
}
mod inner {
    #[test]
    #[should_panic]
    fn two() {}
}
";

    fn cut(what: &str) -> (Option<Cut>, String) {
        let mut text = TEXT.to_owned();
        let cut = cut_at(&mut text, TEXT.find(what).expect("it is in the text")).expect("it is Rust");
        assert_eq!((text.len(), text.lines().count()), (TEXT.len(), TEXT.lines().count()));
        (cut, text)
    }

    #[test]
    fn the_smallest_item_is_cut() {
        let (what, text) = cut("helper();");
        assert_eq!(what, Some(Cut::Test("one".to_owned())));
        assert_eq!(tests(&text), Ok(vec!["inner::two".to_owned()]));
        let (what, text) = cut("two()");
        assert_eq!(what, Some(Cut::Test("inner::two".to_owned())));
        assert!(text.contains("mod inner") && !text.contains("should_panic"));
        let at = TEXT.find("two()").expect("it is in the text");
        assert_eq!(cut_at(&mut text.clone(), at), Ok(None), "a second error in a test that is gone");
        let (what, text) = cut("helper() {");
        assert_eq!(what, Some(Cut::Other("an item".to_owned())));
        assert!(!text.contains('ä'));
    }

    #[test]
    fn of_a_use_only_the_name_is_cut() {
        assert!(cut("Exclusive").1.contains("use std::sync::{Arc,            Mutex};"));
        assert!(cut("Mutex").1.contains("use std::sync::{Arc, Exclusive,      };"));
        assert!(!cut("sync").1.contains("Arc"));
        let text = cut("fmt").1;
        assert!(text.contains("Arc") && !text.contains("fmt"));
    }

    #[test]
    fn features_are_cut() {
        let mut text = TEXT.to_owned();
        cut_features(&mut text).expect("it is Rust");
        assert_eq!(text.lines().next().map(str::trim), Some(""));
        assert_eq!(text.lines().nth(1), TEXT.lines().nth(1));
    }

    #[test]
    fn only_tests_are_left() {
        let mut text = "//! ä\nmod a { #[test] fn no() {} }\n/// b\n#[cfg(test)]\nmod b { #[test] fn one() {} }\nfn c() {}\n\
            #[cfg(all(test, x))]\nmod d { #[test] fn two() {} }\n#[cfg(x)]\n#[test]\nfn three() {}\n#[cfg(not(test))]\nmod e {}\n"
            .to_owned();
        let (length, lines) = (text.len(), text.lines().count());
        assert_eq!(cut_all_but_tests(&mut text), Ok(true));
        assert_eq!(tests(&text), Ok(["b::one", "d::two", "three"].map(str::to_owned).into()));
        assert_eq!((text.len(), text.lines().count()), (length, lines));
        assert!(text.contains("#[cfg(x)]") && !text.contains("mod a") && !text.contains("mod e"), "{text}");
        assert_eq!(cut_all_but_tests(&mut "fn f() {}".to_owned()), Ok(false));
    }
}
