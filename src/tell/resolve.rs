//! Addresses to functions and lines.

use crate::report::{Frame, Place, Report};
use std::{ffi::c_void, path::Path};

/// Deep recursion is a stack too; more than this is not resolved.
const MOST_FRAMES: usize = 256;

impl Report {
    /// Gives the frames of all stacks their functions and places, and trims the recorder's own frames and the
    /// runtime's. Inlined calls become frames of their own.
    ///
    /// Reads the debug information: tens to hundreds of milliseconds the first time, little afterwards. Once done,
    /// doing it again changes nothing.
    pub fn resolve(&mut self) {
        let here = std::env::current_dir().ok();
        for thread in &mut self.threads {
            resolve(&mut thread.stack, here.as_deref());
            for hold in &mut thread.holds {
                resolve(&mut hold.stack, here.as_deref());
                // A walk along frame pointers that the build does not keep ends anywhere, and says nothing.
                if hold.stack.iter().all(|frame| frame.function.as_deref().is_none_or(is_runtime)) {
                    hold.stack.clear();
                }
            }
        }
    }
}

fn resolve(stack: &mut Vec<Frame>, here: Option<&Path>) {
    if stack.iter().any(|frame| frame.function.is_some()) {
        return;
    }
    let frames = stack.iter().take(MOST_FRAMES).flat_map(|frame| expand(frame.address, here)).collect();
    *stack = trimmed(frames);
}

/// All frames of one return address, innermost first: more than one where calls were inlined.
fn expand(address: u64, here: Option<&Path>) -> Vec<Frame> {
    let mut frames = Vec::new();
    // `backtrace` itself goes back from a return address into the call.
    backtrace::resolve(address as usize as *mut c_void, |symbol| {
        let place = symbol.filename().map(|file| Place {
            file: shortened(file, here),
            line: symbol.lineno().unwrap_or(0),
            column: symbol.colno().unwrap_or(0),
        });
        // The alternate form leaves out the hash.
        let function = symbol.name().map(|name| format!("{name:#}"));
        frames.push(Frame { address, function, place });
    });
    if frames.is_empty() {
        frames.push(Frame { address, function: None, place: None });
    }
    frames
}

/// As the compiler names places: relative to where the program runs, and to the standard library's own sources.
fn shortened(file: &Path, here: Option<&Path>) -> String {
    let relative = here.and_then(|here| file.strip_prefix(here).ok()).unwrap_or(file);
    let text = relative.to_string_lossy();
    let library = text.strip_prefix("/rustc/").and_then(|rest| rest.split_once('/')).map(|(_, rest)| rest.to_string());
    library.unwrap_or_else(|| text.into_owned())
}

/// Without the recorder's frames on top and the runtime's at the bottom. What would leave nothing is left alone.
fn trimmed(frames: Vec<Frame>) -> Vec<Frame> {
    let name = |frame: &Frame| frame.function.clone().unwrap_or_default();
    let ours = |frame: &Frame| is_ours(&name(frame)) || comes_from_us(frame);
    let top = frames.iter().take_while(|frame| ours(frame) || is_library(&name(frame)));
    let start = top.enumerate().filter(|(_, frame)| ours(frame)).map(|(index, _)| index + 1).last();
    let start = start.unwrap_or(0);
    let marker = frames.iter().position(|frame| name(frame).contains("__rust_begin_short_backtrace"));
    let mut end = marker.unwrap_or(frames.len()).max(start);
    while end > start && (is_runtime(&name(&frames[end - 1])) || comes_from_us(&frames[end - 1])) {
        end -= 1;
    }
    if start == end { frames } else { frames[start..end].to_vec() }
}

fn is_ours(function: &str) -> bool {
    const OURS: [&str; 6] = [
        "gordian::record::",
        "gordian::sync::",
        "gordian::thread::",
        "gordian::monitor::",
        "gordian::ext::",
        "backtrace::",
    ];
    let (subject, of_trait) = subject(function);
    OURS.iter().any(|prefix| subject.starts_with(prefix))
        && of_trait.is_none_or(|name| is_library(name) || name.starts_with("gordian::"))
}

/// Whether a frame's source is this crate's. Optimised, with line tables only, names come without their crate.
fn comes_from_us(frame: &Frame) -> bool {
    const OURS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/");
    let Some(place) = &frame.place else { return false };
    let file = place.file.as_str();
    let relative =
        std::env::current_dir().is_ok_and(|here| here.join(file).starts_with(OURS)) && !file.starts_with('/');
    // Tests within the crate are its user.
    (file.starts_with(OURS) || relative) && !cfg!(test) || file.contains("/backtrace-0.3")
}

/// What the standard library, or the operating system's, puts between our frames.
fn is_library(function: &str) -> bool {
    let (subject, _) = subject(function);
    ["core::", "alloc::", "std::"].iter().any(|prefix| subject.starts_with(prefix))
        || matches!(function, "" | "syscall" | "__lll_lock_wait" | "pthread_cond_wait" | "pthread_mutex_lock")
}

/// What stands below the first function of a thread.
fn is_runtime(function: &str) -> bool {
    const LIBRARY: [&str; 7] = [
        "core::ops::function::",
        "std::rt::",
        "std::sys::",
        "std::thread::",
        "std::panicking::",
        "std::panic::",
        "alloc::boxed::",
    ];
    const SYSTEM: [&str; 8] =
        ["", "main", "_start", "start_thread", "clone", "clone3", "__libc_start_main", "__rust_try"];
    let (subject, _) = subject(function);
    is_ours(function)
        || LIBRARY.iter().any(|prefix| subject.starts_with(prefix))
        || SYSTEM.contains(&function)
        || ["__libc_start", "__GI_", "__clone", "__pthread_", "core::panic::unwind_safe::"]
            .iter()
            .any(|prefix| subject.starts_with(prefix))
}

/// The type of a method, and the trait it implements: `<gordian::A as core::B>::c` is `gordian::A` and `core::B`.
fn subject(function: &str) -> (&str, Option<&str>) {
    let Some(inner) = function.strip_prefix('<') else { return (function, None) };
    let inner = inner.trim_start_matches(['&', '<']);
    match inner.split_once(" as ") {
        Some((subject, of_trait)) => (subject, Some(of_trait)),
        None => (inner, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(functions: &[&str]) -> Vec<Frame> {
        functions.iter().map(|function| Frame { address: 1, function: Some((*function).into()), place: None }).collect()
    }

    fn names(frames: &[Frame]) -> Vec<&str> {
        frames.iter().filter_map(|frame| frame.function.as_deref()).collect()
    }

    #[test]
    fn the_recorders_frames_and_the_runtimes_are_trimmed() {
        let whole = stack(&[
            "backtrace::backtrace::trace",
            "gordian::record::on::stack::capture",
            "core::option::Option<T>::unwrap_or_else",
            "<gordian::sync::lazy_lock::LazyLock<T,F> as core::ops::deref::Deref>::deref",
            "bank::transfer",
            "core::iter::traits::iterator::Iterator::for_each",
            "bank::main::{{closure}}",
            "gordian::thread::Builder::spawn::{{closure}}",
            "std::sys::backtrace::__rust_begin_short_backtrace",
            "std::thread::Builder::spawn_unchecked_::{{closure}}",
            "start_thread",
            "clone",
        ]);
        let kept = ["bank::transfer", "core::iter::traits::iterator::Iterator::for_each", "bank::main::{{closure}}"];
        assert_eq!(names(&trimmed(whole)), kept);
    }

    #[test]
    fn the_users_frames_stay_even_where_they_look_like_ours() {
        let whole = stack(&[
            "gordian::sync::mutex::Mutex<T>::lock",
            "<gordian::sync::mutex::Mutex<T> as bank::Account>::withdraw",
            "gordian_knot::sync::main",
            "main",
            "__libc_start_call_main",
            "_start",
        ]);
        let kept = ["<gordian::sync::mutex::Mutex<T> as bank::Account>::withdraw", "gordian_knot::sync::main"];
        assert_eq!(names(&trimmed(whole)), kept);
    }

    #[test]
    fn a_stack_of_nothing_but_our_frames_is_left_alone() {
        let whole = stack(&["gordian::sync::mutex::Mutex<T>::lock", "gordian::thread::spawn"]);
        assert_eq!(trimmed(whole.clone()), whole);
    }

    #[inline(never)]
    fn addresses() -> Vec<u64> {
        let mut addresses = Vec::new();
        backtrace::trace(|frame| {
            addresses.push(frame.ip() as usize as u64);
            true
        });
        addresses
    }

    /// With the line of the call. A function of its own, which an optimised build keeps.
    #[inline(never)]
    fn caller() -> (Vec<u64>, u32) {
        (addresses(), line!())
    }

    #[test]
    fn addresses_get_their_functions_and_lines_and_lose_the_runtime() {
        let (addresses, line) = std::hint::black_box(caller());
        let mut frames: Vec<Frame> =
            addresses.into_iter().map(|address| Frame { address, function: None, place: None }).collect();
        resolve(&mut frames, std::env::current_dir().ok().as_deref());
        let this = "gordian::tell::resolve::tests::caller";
        let frame = frames.iter().find(|frame| frame.function.as_deref() == Some(this)).expect("the caller");
        let place = frame.place.as_ref().expect("its place");
        assert_eq!((place.file.as_str(), place.line), ("src/tell/resolve.rs", line));
        assert!(names(&frames).iter().all(|name| !name.contains("__rust_begin_short_backtrace")), "{frames:?}");
        let once = frames.clone();
        resolve(&mut frames, None);
        assert_eq!(frames, once);
    }
}
