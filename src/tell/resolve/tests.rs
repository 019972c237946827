//! Stacks of this test itself.

use super::*;

fn names(frames: &[Frame]) -> Vec<&str> {
    frames.iter().filter_map(|frame| frame.function.as_deref()).collect()
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

/// A report in which a thread waits there, and has this stack.
fn waiting_at(place: Place, addresses: &[u64]) -> Report {
    let mut report = crate::tell::tests::full();
    report.threads.truncate(1);
    let thread = &mut report.threads[0];
    thread.holds.clear();
    thread.recent.clear();
    thread.spawned = None;
    thread.waits.as_mut().expect("a wait").place = Some(place);
    thread.stack = addresses.iter().map(|&address| Frame { address, function: None, place: None }).collect();
    report
}

/// The frame of `caller`, in an optimised build without its path.
fn callers(report: &Report) -> &Frame {
    let is_it = |frame: &&Frame| frame.function.as_ref().is_some_and(|name| name.ends_with("caller"));
    report.threads[0].stack.iter().find(is_it).expect("the caller")
}

#[test]
fn addresses_get_their_functions_and_lines_and_lose_the_runtime() {
    let (addresses, line) = std::hint::black_box(caller());
    let mut report = waiting_at(Place { file: file!().into(), line, column: 1 }, &addresses);
    report.resolve();
    let place = callers(&report).place.as_ref().expect("its place");
    assert_eq!((place.file.as_str(), place.line), (file!(), line));
    let frames = &report.threads[0].stack;
    assert!(frames.iter().all(|frame| addresses.contains(&frame.address)));
    let is_runtime = |name: &str| ["std::", "core::", "alloc::", "backtrace::"].iter().any(|at| name.contains(at));
    assert!(!names(frames).into_iter().any(is_runtime), "{frames:?}");
    let once = frames.clone();
    report.resolve();
    assert_eq!(report.threads[0].stack, once);
}

#[test]
fn a_frame_is_spelled_as_the_call_that_stands_there() {
    let (addresses, line) = std::hint::black_box(caller());
    // As if the compiler had run below `src`, wherever this test runs.
    let file = file!().strip_prefix("src/").expect("a file below src");
    let mut report = waiting_at(Place { file: file.into(), line, column: 1 }, &addresses);
    report.resolve();
    assert_eq!(callers(&report).place.as_ref().expect("its place").file, file);
}

#[test]
fn a_root_ends_before_the_whole_of_a_relative_path() {
    assert_eq!(root_of("/code/bank/src/main.rs", "src/main.rs"), Some("/code/bank".into()));
    assert_eq!(root_of("/code/bank/src/main.rs", "ank/src/main.rs"), None);
    assert_eq!(root_of("/code/bank/src/main.rs", "src/lib.rs"), None);
}

#[test]
fn the_line_tells_which_of_two_files_was_called_from() {
    let at = |file: &str, line| Place { file: file.into(), line, column: 1 };
    let frame = |file, line| Frame { address: 1, function: Some("f".into()), place: Some(at(file, line)) };
    let frames = [frame("/code/other/src/main.rs", 3), frame("/code/bank/src/main.rs", 7)];
    let spelling = Spelling::learned(&[at("src/main.rs", 7)], frames.iter());
    let files: Vec<String> =
        spelling.spelled(frames.to_vec()).into_iter().filter_map(|f| Some(f.place?.file)).collect();
    assert_eq!(files, ["/code/other/src/main.rs", "src/main.rs"]);
}
