//! Whose a frame of a stack is: the program's, this crate's, or the runtime's.
//!
//! What a program is told are its own functions and those of its dependencies. The standard library's say nothing
//! beside them: each was called by one of the program's at a line that stands in the stack.
//!
//! A full path decides by its crate, by the whole of its name. Optimised, with line tables only, functions come
//! without a path (`call_once<fn(), ()>`), and an implementation of somebody's trait for somebody else's type is of
//! either's crate; then the source file decides. Where that is not known either, the frame is taken for the program's.

use crate::report::Frame;

/// A stack in which nothing is the program's keeps so many frames, from the innermost.
const KEPT_AT_LEAST: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    /// The program's, or a dependency's.
    Program,
    /// The crate that unwinds: only what took the stack, on its top, is left out.
    Unwinder,
    /// What records a wait, below the calls that a program sees.
    Recorder,
    /// This crate's else, a runtime's that polls tasks, the standard library's, the operating system's.
    Plumbing,
    /// Without a name and a place.
    Unknown,
}

/// The program's frames, and between them those of which nothing is known. `None`: there are none of the program's.
pub(super) fn trimmed(frames: &[(Frame, Origin)]) -> Option<Vec<Frame>> {
    let top = frames.iter().take_while(|(_, origin)| *origin == Origin::Unwinder).count();
    let below = &frames[top..];
    let is_kept = |origin: Origin| matches!(origin, Origin::Program | Origin::Unwinder);
    let first = below.iter().position(|(_, origin)| is_kept(*origin))?;
    let last = below.iter().rposition(|(_, origin)| is_kept(*origin))?;
    let kept = below[first..=last].iter().filter(|(_, origin)| is_kept(*origin) || *origin == Origin::Unknown);
    Some(kept.map(|(frame, _)| frame.clone()).collect())
}

/// The innermost frames, for a stack in which nothing is the program's: from the call that was made.
pub(super) fn innermost(frames: &[(Frame, Origin)]) -> Vec<Frame> {
    let is_above = |origin: Origin| matches!(origin, Origin::Unwinder | Origin::Recorder);
    let top = frames.iter().take_while(|(_, origin)| is_above(*origin)).count();
    let below = if top == frames.len() { frames } else { &frames[top..] };
    below.iter().take(KEPT_AT_LEAST).map(|(frame, _)| frame.clone()).collect()
}

/// A task's own frames: without the call that polls it, and what stands below that, which is whose thread it happened to be.
pub(super) fn of_task(frames: &[(Frame, Origin)]) -> &[(Frame, Origin)] {
    let polls = |frame: &Frame| {
        let name = frame.function.as_deref().unwrap_or("");
        let file = frame.place.as_ref().and_then(|place| own_source(&place.file));
        name.contains("gordian::record::on::task::Task::poll") || file == Some("record/on/task/mod.rs")
    };
    let end = frames.iter().position(|(frame, _)| polls(frame)).unwrap_or(frames.len());
    &frames[..end]
}

/// Whose a function is, by its name and the full path of its source.
pub(super) fn origin(function: Option<&str>, file: Option<&str>) -> Origin {
    let Some(function) = function.filter(|name| !name.is_empty()) else {
        return file.map_or(Origin::Unknown, |file| of_file(file).unwrap_or(Origin::Program));
    };
    if is_shim(function) {
        return Origin::Plumbing;
    }
    let known = file.and_then(of_file);
    match of_name(function) {
        Name::Certain(origin) => origin,
        // The crate of the test harness. A program's own of that name would have another source.
        Name::Tests if file.is_none() => Origin::Plumbing,
        Name::Bare if known.is_none() && is_system(function, file) => Origin::Plumbing,
        Name::Tests | Name::Either | Name::Bare => known.unwrap_or(Origin::Program),
    }
}

/// What a name says.
enum Name {
    Certain(Origin),
    Tests,
    /// One crate's trait, another crate's type: the implementation can be in both.
    Either,
    /// Without a path.
    Bare,
}

fn of_name(function: &str) -> Name {
    let Some((implementor, of_trait)) = implementation(function) else {
        return crate_of(function).map_or(Name::Bare, |name| of_crate(name, function));
    };
    match (crate_of(implementor), of_trait.map(crate_of)) {
        // Methods of built-in types are the standard library's. Without a trait's crate, or a type's, it is the other's.
        (None, None | Some(None)) => Name::Certain(Origin::Plumbing),
        (Some(name), None | Some(None)) | (None, Some(Some(name))) => of_crate(name, implementor),
        (Some(name), Some(Some(of_trait))) if is_foreign(name) == is_foreign(of_trait) => of_crate(name, implementor),
        _ => Name::Either,
    }
}

fn of_crate(name: &str, path: &str) -> Name {
    match name {
        // Only this crate's own tests have such a path: they are its user.
        "gordian" if without_arguments(path).contains("::tests::") => Name::Certain(Origin::Program),
        "gordian" if path.starts_with("gordian::record::") => Name::Certain(Origin::Recorder),
        "backtrace" => Name::Certain(Origin::Unwinder),
        "test" => Name::Tests,
        name if is_foreign(name) => Name::Certain(Origin::Plumbing),
        _ => Name::Certain(Origin::Program),
    }
}

/// Whether a crate is not of the program's world.
fn is_foreign(name: &str) -> bool {
    ["gordian", "std", "core", "alloc", "std_detect", "panic_unwind", "panic_abort", "__rustc"].contains(&name)
        || LOCKS.contains(&name)
        || RUNTIMES.contains(&name)
}

/// The crates between a program and its locks, where those are `parking_lot`'s. The last two are `tools/parking_lot*`.
const LOCKS: [&str; 4] = ["lock_api", "parking_lot_core", "parking_lot", "parking_lot_real"];

/// The crates that poll tasks. A task's future is called through dozens of their functions.
const RUNTIMES: [&str; 4] = ["tokio", "async_executor", "async_task", "futures_executor"];

/// By the folder of the package, whose name has the version behind it, or of the tool.
fn is_between(file: &str) -> bool {
    let is_version = |rest: &str| rest.starts_with(|char: char| char.is_ascii_digit()) && rest.contains('.');
    let is_package = |folder: &str| {
        folder.starts_with("parking_lot_real-")
            || folder.match_indices('-').any(|(at, _)| {
                let package = folder[..at].replace('-', "_");
                is_version(&folder[at + 1..]) && is_foreign(&package)
            })
    };
    let tool = file.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/tools/"));
    tool.is_some_and(|tool| tool.starts_with("parking_lot")) || file.split('/').any(is_package)
}

/// `A` and `B` of `<A as B>::c`, `A` of `<A>::c`; `None` for any other path.
fn implementation(function: &str) -> Option<(&str, Option<&str>)> {
    let rest = function.strip_prefix('<')?;
    let mut split = None;
    let mut depth = 0_usize;
    for (index, byte) in rest.bytes().enumerate() {
        match byte {
            b'<' | b'(' | b'[' | b'{' => depth += 1,
            // The arrow of a function's type.
            b'>' if rest[..index].ends_with('-') => {}
            b'>' if depth == 0 => {
                let of_trait = split.map(|at: usize| &rest[at + " as ".len()..index]);
                return Some((&rest[..split.unwrap_or(index)], of_trait));
            }
            b'>' | b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b' ' if depth == 0 && split.is_none() && rest[index..].starts_with(" as ") => split = Some(index),
            _ => {}
        }
    }
    None
}

/// The first name of a path, where there is a path; of a type behind a reference, that type's.
fn crate_of(path: &str) -> Option<&str> {
    let mut path = path;
    while let Some(rest) = ["&", "mut ", "dyn "].iter().find_map(|prefix| path.strip_prefix(prefix)) {
        path = rest;
    }
    if let Some((implementor, of_trait)) = implementation(path) {
        return crate_of(implementor).or_else(|| of_trait.and_then(crate_of));
    }
    let end = path.find(|char: char| !char.is_alphanumeric() && char != '_')?;
    (end > 0 && path[end..].starts_with("::")).then_some(&path[..end])
}

/// A path up to its first generic argument.
fn without_arguments(path: &str) -> &str {
    path.split('<').next().unwrap_or_default()
}

/// What the compiler makes so that a closure can be called through a pointer.
fn is_shim(function: &str) -> bool {
    let of_closure = implementation(function).is_some_and(|(implementor, of_trait)| {
        implementor.ends_with('}') && of_trait.is_some_and(|name| name.starts_with("core::ops::function::"))
    });
    of_closure || function.contains("{{vtable.shim}}") || function.contains("{shim:")
}

/// What a source file alone says.
fn of_file(file: &str) -> Option<Origin> {
    let file = file.replace('\\', "/");
    if let Some(inner) = own_source(&file) {
        let of_tests = inner.ends_with("tests.rs") || inner.contains("/tests/");
        return Some(match inner.starts_with("record/") {
            _ if of_tests => Origin::Program,
            true => Origin::Recorder,
            false => Origin::Plumbing,
        });
    }
    let is_unwinder = file.contains("/backtrace-0.") || file.contains("/backtrace/src/");
    let is_plumbing = library_source(&file).is_some() || file.starts_with("/rust/deps/") || is_between(&file);
    is_plumbing.then_some(Origin::Plumbing).or(is_unwinder.then_some(Origin::Unwinder))
}

/// The path below this crate's `src`.
fn own_source(file: &str) -> Option<&str> {
    const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/");
    // Where the compiler was told to write other paths, this one has been written so, too.
    let written = file!().strip_suffix("tell/origin.rs").filter(|root| root.starts_with('/'));
    file.strip_prefix(ROOT).or_else(|| file.strip_prefix(written?))
}

/// The path of one of the standard library's files, from `library` on: in the compiler's own spelling
/// (`/rustc/HASH/library/…`), where its sources are installed, or where a distribution has built it.
pub(super) fn library_source(file: &str) -> Option<&str> {
    let (root, _) = file.split_once("/library/")?;
    let is_root = root.strip_prefix("/rustc/").is_some_and(|hash| !hash.contains('/'))
        || root.ends_with("/lib/rustlib/src/rust")
        || root.rsplit('/').next().is_some_and(|name| name.starts_with("rustc-"));
    is_root.then(|| &file[root.len() + 1..])
}

/// What the operating system's libraries, and the linker, put around a program. In Rust these can be anybody's names.
fn is_system(function: &str, file: Option<&str>) -> bool {
    const NAMES: [&str; 16] = [
        "_start",
        "start",
        "start_thread",
        "thread_start",
        "_pthread_start",
        "clone",
        "clone3",
        "__clone",
        "__clone3",
        "exit",
        "syscall",
        "libc_start_main_stage2",
        "__run_exit_handlers",
        "__call_tls_dtors",
        "__nptl_deallocate_tsd",
        "__cxa_finalize",
    ];
    const PREFIXES: [&str; 5] = ["__libc_start", "__GI_", "__pthread_", "__rust_", "rust_eh_personality"];
    match file {
        Some(file) if !["c", "h", "S"].iter().any(|end| file.rsplit('.').next() == Some(end)) => false,
        // A program's own `main` has a path, or a source.
        file => {
            (function == "main" && file.is_none())
                || NAMES.contains(&function)
                || PREFIXES.iter().any(|prefix| function.starts_with(prefix))
        }
    }
}

#[cfg(test)]
mod tests;
