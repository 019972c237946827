//! `gordian-swap std-tests`: std's own tests of its primitives and threads, with gordian in its place.

use crate::{
    options::StdOptions,
    rewrite::{Kind, Rule, rewrite, std_to_gordian, tokens},
    std_source::StdSource,
    std_suite::{std_setting, std_suite},
    suite::{
        cut::{cut_features, parse},
        prove::{self, Suite},
        scratch::{Module, Program},
    },
};
use proc_macro2::{TokenStream, TokenTree};
use std::ops::Range;
use syn::{Item, ItemMacro, spanned::Spanned};

/// A program of tests, and where its modules stand in std's source.
struct Part {
    name: &'static str,
    /// Files, and folders without their `lib.rs`.
    paths: &'static [&'static str],
    /// What its paths mean there, where that is not what they mean in a program of tests.
    rules: &'static [(&'static str, &'static str)],
    /// What the tests find in the root of their program; of our own writing.
    root: &'static str,
}

const PARTS: [Part; 6] = [
    Part { name: "sync", paths: &["std/tests/sync"], rules: &[], root: include_str!("std_tests/root_of_sync.rs") },
    Part {
        name: "thread",
        paths: &["std/tests/thread.rs", "std/src/thread/tests.rs"],
        rules: &[("crate", "std"), ("super", "std::thread")],
        root: "",
    },
    Part { name: "thread_local", paths: &["std/tests/thread_local"], rules: &[], root: "" },
    Part { name: "atomic", paths: &["coretests/tests/atomic.rs"], rules: &[], root: "" },
    Part {
        name: "arc",
        paths: &["alloctests/tests/arc.rs", "alloctests/tests/sync.rs"],
        rules: &[],
        root: "extern crate alloc;\n",
    },
    Part {
        name: "insides",
        paths: &["std/src/sync/mpmc/tests.rs"],
        rules: &[("crate", "std"), ("super", "std::sync::mpmc")],
        root: "",
    },
];

const LIST: &str = "tools/swap/std-tests.txt";

/// Runs them; whether all is well.
pub(crate) fn run(options: &StdOptions) -> Result<bool, String> {
    let (source, list_fits, exclusions, folder) = std_suite(options, LIST, "std-tests")?;
    let programs = PARTS.iter().map(|part| part.read(&source)).collect::<Result<_, _>>()?;
    let mut rules = std_to_gordian();
    // The same types.
    rules.push(Rule::new("alloc::sync", "gordian"));
    prove::prove(&Suite {
        title: "std's own tests".to_owned(),
        folder,
        programs,
        refusals: Vec::new(),
        setting: std_setting(),
        rules,
        exclusions,
        deadlocks: None,
        listed_in: LIST,
        lists_all: false,
        list_fits,
        deadline: options.suite.deadline(),
        jobs: options.suite.jobs(),
        reasons: options.suite.reasons,
    })
}

impl Part {
    fn read(&self, source: &StdSource) -> Result<Program, String> {
        let mut modules = Vec::new();
        for path in self.paths {
            let files = if path.ends_with(".rs") { vec![(*path).to_owned()] } else { source.files(path)? };
            for file in files.iter().filter(|file| !file.ends_with("/lib.rs")) {
                let text = self.prepare(&source.read(file)?).map_err(|error| format!("{file}: {error}"))?;
                modules.push(Module { name: module_name(file), text });
            }
        }
        Ok(Program { name: self.name.to_owned(), root: self.root.to_owned(), modules, inner: Vec::new() })
    }

    fn prepare(&self, text: &str) -> Result<String, String> {
        let rules: Vec<Rule> = self.rules.iter().map(|(from, root)| Rule::new(from, root)).collect();
        let mut text = rewrite(&without_poison(&write_out_pairs(text)?)?, &rules)?;
        cut_features(&mut text)?;
        Ok(text)
    }
}

/// `std/src/thread/tests.rs` is `thread_tests`: std's unit tests of that module.
fn module_name(file: &str) -> String {
    let mut parts = file.trim_end_matches(".rs").rsplit('/');
    let (last, folder) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if file.contains("/src/") { format!("{folder}_{last}") } else { last.to_owned() }
}

/// `std::sync::poison` has the same types as `std::sync`, under a path that only a nightly compiler takes.
fn without_poison(text: &str) -> Result<String, String> {
    let mut written = text.to_owned();
    let tokens = tokens(text)?;
    for path in tokens.windows(4).rev() {
        if path[0].is_word("sync") && path[2].is_word("poison") && path[3].kind == Kind::PathSep {
            written.replace_range(path[2].range.start..path[3].range.end, "");
        }
    }
    Ok(written)
}

/// std's macro that makes two tests of each needs what only a nightly compiler has.
const PAIRS: &str = "nonpoison_and_poison_unwrap_test";

/// Writes out the two tests that a call of that macro stands for: one for the locks that know poison, one for those that do not.
fn write_out_pairs(text: &str) -> Result<String, String> {
    let mut written = text.to_owned();
    let items = parse(text)?.items;
    for item in items.iter().rev() {
        let range = item.span().byte_range();
        match item {
            Item::Macro(call) if call.mac.path.is_ident(PAIRS) => {
                written
                    .replace_range(range, &pair(text, call).ok_or_else(|| format!("{PAIRS} is called in a new way"))?);
            }
            Item::Use(_) if text[range.clone()].contains(PAIRS) => written.replace_range(range, ""),
            _ => {}
        }
    }
    Ok(written)
}

fn pair(text: &str, call: &ItemMacro) -> Option<String> {
    let (name, body) = name_and_body(&call.mac.tokens)?;
    let body = &text[body];
    let attributes = |only_cfg: bool| -> String {
        let kept = call.attrs.iter().filter(|attribute| !only_cfg || attribute.path().is_ident("cfg"));
        kept.map(|attribute| &text[attribute.span().byte_range()]).collect::<Vec<_>>().join(" ")
    };
    Some(format!(
        "{} #[test] fn nonpoison_{name}() {{ use ::std::convert::identity as maybe_unwrap; use ::std::sync::nonpoison as locks; {body} }}\n\
         {} #[test] fn poison_{name}() {{ use crate::result_unwrap as maybe_unwrap; use ::std::sync as locks; {body} }}",
        attributes(false),
        attributes(true),
    ))
}

/// Of `name: NAME, test_body: { BODY }`, in bytes with its braces.
fn name_and_body(tokens: &TokenStream) -> Option<(String, Range<usize>)> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    match &tokens[..] {
        [
            TokenTree::Ident(key),
            _,
            TokenTree::Ident(name),
            _,
            TokenTree::Ident(body),
            _,
            TokenTree::Group(group),
            ..,
        ] if key == "name" && body == "test_body" => Some((name.to_string(), group.span().byte_range())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{module_name, without_poison, write_out_pairs};

    #[test]
    fn pairs_are_written_out() {
        let text = "use super::nonpoison_and_poison_unwrap_test;\n#[cfg(unix)]\n#[ignore]\nnonpoison_and_poison_unwrap_test!(\n    name: one,\n    test_body: {\n        f();\n    }\n);\nfn f() {}\n";
        let written = write_out_pairs(text).expect("it is Rust");
        assert!(written.contains("#[cfg(unix)] #[ignore] #[test] fn nonpoison_one() {"), "{written}");
        assert!(written.contains("\n#[cfg(unix)] #[test] fn poison_one() {"), "{written}");
        assert_eq!(written.matches("f();").count(), 2);
        assert!(!written.contains("use super"));
    }

    #[test]
    fn the_module_of_poison_is_left_out() {
        let text = "use std::sync::poison::{Mutex, RwLock}; use std::sync::nonpoison::Mutex; poison::f()";
        let written = "use std::sync::{Mutex, RwLock}; use std::sync::nonpoison::Mutex; poison::f()";
        assert_eq!(without_poison(text).as_deref(), Ok(written));
    }

    #[test]
    fn modules() {
        assert_eq!(module_name("std/src/thread/tests.rs"), "thread_tests");
        assert_eq!(module_name("std/tests/sync/mutex.rs"), "mutex");
    }
}
