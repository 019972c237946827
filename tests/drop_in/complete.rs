//! The tables of these tests, held to std's own documentation, which comes with the toolchain.
//!
//! `rustup component add rust-docs`, then `cargo test --test drop_in -- --ignored complete`.

use crate::{
    names::{LEFT_OUT, STABLE},
    own::OWN,
    traits::TRAITS,
};
use std::{
    collections::BTreeSet,
    env,
    fs::{read_dir, read_to_string},
    path::{Path, PathBuf},
    process::Command,
};

const NIGHTLY: &str = "This is a nightly-only experimental API. (<code>";
const SINCE: &str = "class=\"since\" title=\"Stable since Rust version ";

/// Traits that are not asked for, and why.
const NOT_ASKED: &[(&str, &str)] = &[
    ("AsHandle", "asked for on Windows, as JoinHandleExt"),
    ("AsRawHandle", "asked for on Windows, as JoinHandleExt"),
    ("IntoRawHandle", "asked for on Windows, as JoinHandleExt"),
    ("Drop", "types.rs compares drop glue, and lifetimes.rs what a destructor may see"),
    ("Freeze", "cannot be named by a stable program"),
    ("UnsafeUnpin", "cannot be named by a stable program"),
];

/// Whether something is stable, and in the version of Rust that gordian asks for.
#[derive(PartialEq)]
enum Status {
    Stable,
    Nightly(String),
    Later,
}

fn status(head: &str) -> Status {
    if let Some((_, feature)) = head.split_once(NIGHTLY) {
        return Status::Nightly(feature.split('<').next().unwrap_or_default().to_owned());
    }
    // The third number is that of a repair, which makes nothing stable.
    let version = |text: &str| -> Vec<u32> { text.split('.').take(2).filter_map(|part| part.parse().ok()).collect() };
    let since = head.split_once(SINCE).and_then(|(_, rest)| rest.split([',', '"', ' ']).next());
    match since.is_some_and(|since| version(since) > version(env!("CARGO_PKG_RUST_VERSION"))) {
        true => Status::Later,
        false => Status::Stable,
    }
}

/// What stands on a page before its first paragraph.
fn head(page: &str) -> &str {
    page.split("class=\"docblock").next().unwrap_or_default()
}

/// Where the documentation of std is.
fn documentation() -> PathBuf {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(["--print", "sysroot"]).output().expect("rustc runs");
    let sysroot = String::from_utf8(output.stdout).expect("a path");
    let std = Path::new(sysroot.trim()).join("share/doc/rust/html/std");
    assert!(std.is_dir(), "{} is missing: rustup component add rust-docs", std.display());
    std
}

/// Whether the documentation is that of the oldest Rust that gordian is built with. In a later one, what only a nightly
/// compiler has may have changed, and where things stand.
fn is_of_our_version() -> bool {
    let mut files = read_dir(documentation().join("sync")).expect("a module's folder");
    let ours = concat!("sidebar-items", env!("CARGO_PKG_RUST_VERSION"), ".");
    files.any(|file| file.expect("an entry").file_name().to_string_lossy().starts_with(ours))
}

/// What std documents in a module.
struct Item {
    module: &'static str,
    name: String,
    page: String,
}

impl Item {
    fn path(&self) -> String {
        format!("{}::{}", self.module, self.name)
    }

    /// `struct.Mutex.html` is an item; so is a folder with an `index.html`, a module. Others redirect.
    fn read(module: &'static str, path: &Path) -> Option<Item> {
        let name = path.file_name()?.to_str()?;
        if let Ok(page) = read_to_string(path.join("index.html")) {
            return Some(Item { module, name: name.to_owned(), page });
        }
        let (_, name) = name.strip_suffix(".html")?.split_once('.')?;
        Some(Item { module, name: name.to_owned(), page: read_to_string(path).ok()? })
    }

    fn all(module: &'static str) -> Vec<Item> {
        let folder = documentation().join(module.replace("::", "/"));
        let files = read_dir(folder).expect("a module's folder").map(|entry| entry.expect("an entry").path());
        files.filter_map(|path| Item::read(module, &path)).collect()
    }

    /// A type that gordian may write anew.
    fn is_rewritten(&self) -> bool {
        let is_in = |table: &[(&str, &[&str])]| {
            table.iter().any(|(module, names)| *module == self.module && names.contains(&self.name.as_str()))
        };
        is_in(STABLE) && !is_in(OWN) && self.page.contains("<h2 id=\"trait-implementations\"")
    }

    fn all_rewritten() -> impl Iterator<Item = Item> {
        STABLE.iter().flat_map(|(module, _)| Item::all(module)).filter(Item::is_rewritten)
    }

    /// Sections of the page, up to this heading, whose identity begins so: what follows that, and the section.
    fn sections(&self, begin: &str, until: &str) -> Vec<(&str, &str)> {
        let page = self.page.split(&format!("<h2 id=\"{until}\"")).next().unwrap_or_default();
        let begin = format!("<section id=\"{begin}");
        page.split(&begin).skip(1).filter_map(|section| section.split_once('"')).collect()
    }
}

/// All that the tables say of one name is what the documentation says.
fn compare(path: &str, status: Status, is_there: bool, wrong: &mut Vec<String>) {
    let left_out = LEFT_OUT.iter().find(|(_, paths)| paths.contains(&path)).map(|(feature, _)| *feature);
    match (status, is_there, left_out) {
        (Status::Stable, true, None) | (Status::Later, false, None) => (),
        (Status::Nightly(feature), false, Some(listed)) if listed == feature => (),
        (Status::Nightly(_), false, _) if !is_of_our_version() => (),
        (Status::Nightly(feature), ..) => wrong.push(format!("{path} needs the feature {feature}")),
        (Status::Stable, ..) => wrong.push(format!("{path} is stable: it is missing")),
        (Status::Later, ..) => wrong.push(format!("{path} is too new")),
    }
}

fn complain(wrong: &[String], seen: usize, least: usize) {
    assert!(seen >= least || !is_of_our_version(), "{seen} were found: the documentation has another form");
    assert!(wrong.is_empty(), "the tables are wrong:\n  {}", wrong.join("\n  "));
}

#[test]
#[ignore = "reads the documentation of std: rustup component add rust-docs"]
fn names_are_complete() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (module, names) in STABLE {
        let items = Item::all(module);
        for item in &items {
            compare(&item.path(), status(head(&item.page)), names.contains(&item.name.as_str()), &mut wrong);
            seen += 1;
        }
        let gone = names.iter().filter(|name| !items.iter().any(|item| item.name == **name));
        wrong.extend(gone.map(|name| format!("{module}::{name} is not documented")));
    }
    complain(&wrong, seen, 80);
}

#[test]
#[ignore = "reads the documentation of std: rustup component add rust-docs"]
fn methods_are_complete() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drop_in/contract/signatures");
    let files = read_dir(folder).expect("the folder of signatures").map(|file| file.expect("an entry").path());
    let signatures: String = files.map(|path| read_to_string(path).expect("a file")).collect();
    let ends = |rest: &str| !rest.starts_with(|char: char| char.is_alphanumeric() || char == '_');
    let has = |called: &str| signatures.match_indices(called).any(|(at, _)| ends(&signatures[at + called.len()..]));
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for item in Item::all_rewritten() {
        let is_integer = item.name.strip_prefix("Atomic").is_some_and(|rest| rest.starts_with(['I', 'U']));
        // One list serves all atomic integers.
        let of = if is_integer { "Integer" } else { &item.name };
        for (method, section) in item.sections("method.", "trait-implementations") {
            // The same name in a second block has a number.
            let method = method.split('-').next().unwrap_or(method);
            let (path, status) = (format!("{}::{method}", item.path()), status(head(section)));
            // The atomics are std's own, and so is what is new in them.
            if item.module != "sync::atomic" || status == Status::Stable {
                compare(&path, status, has(&format!("{of}::{method}")), &mut wrong);
            }
            seen.insert(path);
        }
    }
    let is_method = |path: &str| path.rsplit("::").nth(1).is_some_and(|of| of.starts_with(char::is_uppercase));
    let listed = LEFT_OUT.iter().flat_map(|(_, paths)| *paths).filter(|path| is_method(path));
    let gone = listed.filter(|path| !seen.contains(**path) && is_of_our_version());
    wrong.extend(gone.map(|path| format!("{path} is not documented")));
    complain(&wrong, seen.len(), 250);
}

#[test]
#[ignore = "reads the documentation of std: rustup component add rust-docs"]
fn traits_are_complete() {
    let asked = |name: &str| TRAITS.iter().any(|bound| bound.split('<').next() == Some(name));
    let asked = |name: &str| asked(name) || asked(&format!("fmt::{name}"));
    let table = read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drop_in/traits.rs")).expect("a file");
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for item in Item::all_rewritten() {
        if !table.split(|char: char| !char.is_alphanumeric()).any(|word| word == item.name) {
            wrong.push(format!("{} is not asked for its traits", item.path()));
        }
        for (implementation, _) in item.sections("impl-", "blanket-implementations") {
            let Some((of, _)) = implementation.split_once("-for-") else { continue };
            let of = of.trim_start_matches("%21").split("%3C").next().unwrap_or(of);
            if !asked(of) && !NOT_ASKED.iter().any(|(name, _)| *name == of) {
                wrong.push(format!("{}: {of} is not asked for", item.path()));
            }
            seen += 1;
        }
    }
    complain(&wrong, seen, 300);
}
