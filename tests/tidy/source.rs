//! Source files as the rules see them: comments and strings told apart from code.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// One file.
pub(crate) struct Source {
    /// From the top of the project, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// Without comments.
    pub(crate) all_code: String,
    /// And without unit tests.
    pub(crate) code: String,
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the project.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All Rust files under a folder of the project, in order.
pub(crate) fn sources(folder: &str) -> Vec<Source> {
    let mut paths = Vec::new();
    collect(&root().join(folder), &mut paths);
    paths.sort();
    let relative = |path: PathBuf| path.strip_prefix(root()).expect("below").to_string_lossy().replace('\\', "/");
    let files: Vec<Source> = paths.into_iter().map(|path| Source::read(&relative(path))).collect();
    assert!(!files.is_empty(), "{folder} has Rust files");
    files
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The names in a folder of the project; a file's without `.rs`.
pub(crate) fn entries(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).expect("the folder exists").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().trim_end_matches(".rs").to_owned()).collect()
}

/// Each example with its main file.
pub(crate) fn examples() -> Vec<(String, String)> {
    let source = |name: &str| {
        let main = format!("examples/{name}/main.rs");
        text(if root().join(&main).exists() { &main } else { return text(&format!("examples/{name}.rs")) })
    };
    let is_example = |name: &String| {
        root().join(format!("examples/{name}.rs")).exists() || root().join(format!("examples/{name}/main.rs")).exists()
    };
    entries("examples").into_iter().filter(is_example).map(|name| (name.clone(), source(&name))).collect()
}

impl Source {
    pub(crate) fn read(path: &str) -> Source {
        let text = text(path);
        let all_code = without_comments(&text);
        let code = if is_test(path) { String::new() } else { without_tests(&all_code).to_owned() };
        Source { path: path.to_owned(), text, all_code, code }
    }

    /// The folder of `src` (or the file in it) that this belongs to.
    pub(crate) fn module(&self) -> String {
        let name = self.path.split('/').nth(1).unwrap_or_default().trim_end_matches(".rs");
        name.trim_end_matches("_off").to_owned()
    }

    /// Unit tests in a file of their own, and files that a test's main file has a sentence for.
    pub(crate) fn is_part_of_a_test(&self) -> bool {
        is_test(&self.path) || (self.path.starts_with("tests/") && !self.path.ends_with("/main.rs"))
    }

    /// Lines of code (not of tests) with one of these in them.
    pub(crate) fn lines_with(&self, words: &[&str]) -> Vec<String> {
        let code = self.code.lines().enumerate();
        let found = code.filter(|(_, line)| words.iter().any(|word| has_word(line, word)));
        found.map(|(number, line)| format!("line {}: {}", number + 1, line.trim())).collect()
    }

    pub(crate) fn count(&self, words: &str) -> usize {
        self.code.matches(words).count()
    }
}

/// `print!` is not in `eprint!`.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !word.starts_with(char::is_alphabetic) || !before.is_some_and(|char| char.is_alphanumeric() || char == '_')
    })
}

/// What stands between the braces after each occurrence of `head`: bodies of functions, fields of structures.
pub(crate) fn blocks<'a>(code: &'a str, head: &str) -> Vec<&'a str> {
    let of = |(at, _): (usize, &str)| {
        // A declaration without a block ends before the next one's begins.
        let begin = at + code[at..].find(['{', ';']).filter(|brace| code[at + brace..].starts_with('{'))?;
        let mut depth = 0;
        let end = code[begin..].find(|char| {
            depth += i32::from(char == '{') - i32::from(char == '}');
            depth == 0
        })?;
        Some(&code[begin + 1..begin + end])
    };
    code.match_indices(head).filter_map(of).collect()
}

fn is_test(path: &str) -> bool {
    path.starts_with("src/") && (path.contains("/tests/") || path.ends_with("/tests.rs"))
}

/// Tests, and models, are modules at the end of a file.
fn without_tests(code: &str) -> &str {
    let begins =
        |at: &usize| code[*at..].lines().nth(1).is_some_and(|next| next.starts_with("mod ") && next.ends_with('{'));
    let mut marks: Vec<usize> = code.match_indices("#[cfg(test)]\n").map(|(at, _)| at).collect();
    marks.extend(code.match_indices("#[cfg(all(test, ").map(|(at, _)| at));
    &code[..marks.into_iter().filter(begins).min().unwrap_or(code.len())]
}

/// Line comments become empty. (A `//` in a string ends the line, too: what follows it is no code either.)
fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default().trim_end().to_owned() + "\n").collect()
}

/// Every path that begins with `crate::`, without that: `record::Held`. Groups are taken apart.
pub(crate) fn imports(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, prefix) in code.match_indices("crate::") {
        // `$crate::` in a macro is the same crate; `gordian_crate::` would be another.
        if code[..at].ends_with(|char: char| char.is_alphanumeric() || char == '_') {
            continue;
        }
        expand("", &code[at + prefix.len()..], &mut paths);
    }
    paths
}

/// Takes one tree of a `use` apart; returns what follows it.
fn expand<'a>(prefix: &str, rest: &'a str, into: &mut Vec<String>) -> &'a str {
    let rest = rest.trim_start();
    if let Some(mut rest) = rest.strip_prefix('{') {
        loop {
            rest = rest.trim_start();
            match rest.chars().next() {
                Some('}') => return &rest[1..],
                Some(',') => rest = &rest[1..],
                Some(_) => {
                    let after = expand(prefix, rest, into);
                    assert!(after.len() < rest.len(), "cannot read the imports at: {rest:.60}");
                    rest = after;
                }
                None => return rest,
            }
        }
    }
    let end = rest.find(|char: char| !char.is_alphanumeric() && char != '_' && char != '*').unwrap_or(rest.len());
    let path = [prefix, &rest[..end]].concat();
    let after = &rest[end..];
    match after.strip_prefix("::") {
        Some(deeper) if deeper.trim_start().starts_with(|char: char| char.is_alphabetic() || "_{*".contains(char)) => {
            expand(&(path + "::"), deeper, into)
        }
        _ => {
            into.push(path);
            let renamed = after.trim_start().strip_prefix("as ").map(str::trim_start);
            renamed.map_or(after, |name| name.trim_start_matches(|char: char| char.is_alphanumeric() || char == '_'))
        }
    }
}

/// What stands between `<!-- name:begin -->` and `<!-- name:end -->`.
pub(crate) fn between<'a>(text: &'a str, name: &str) -> &'a str {
    let begin = format!("<!-- {name}:begin");
    let inside = text.split(&begin).nth(1).and_then(|rest| rest.split(&format!("<!-- {name}:end")).next());
    inside.unwrap_or_else(|| panic!("there is a block between `{begin} -->` and its end"))
}

/// The rows of a table: the first cell, and the names in backquotes of the second.
pub(crate) fn allowed_rows(page: &str, name: &str) -> Vec<(String, Vec<String>)> {
    let page = text(page);
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rows = between(&page, name).lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row.split('|').skip(1);
        let first = quoted(cells.next().unwrap_or_default()).concat();
        (first, quoted(cells.next().unwrap_or_default()))
    })
    .collect()
}

#[test]
fn imports_are_taken_apart() {
    let code =
        "use crate::{a::{b, c::D}, e, f as g,};\n let x = crate::h::i();\n pub(crate) use crate::j::*; $crate::k!()";
    assert_eq!(imports(code), ["a::b", "a::c::D", "e", "f", "h::i", "j::*", "k"]);
    assert_eq!(imports("use crate::{\n  model::{Kind,\n  Mode},\n};"), ["model::Kind", "model::Mode"]);
}

#[test]
fn blocks_are_found() {
    let code = "fn a(); fn b() { if c { d } }\nstruct E { f: G }\nfn b() {}";
    assert_eq!(blocks(code, "fn a("), Vec::<&str>::new());
    assert_eq!(blocks(code, "fn b("), [" if c { d } ", ""]);
    assert_eq!(blocks(code, "struct E"), [" f: G "]);
}

#[test]
fn comments_and_tests_are_no_code() {
    let code = without_comments("a(); // unsafe\n//! todo!\n#[cfg(test)]\nmod tests {\n b.unwrap() }\n");
    assert_eq!(without_tests(&code), "a();\n\n");
    assert!(
        has_word("x; print!()", "print!") && !has_word("eprint!()", "print!") && has_word("a.unwrap()", ".unwrap()")
    );
}
