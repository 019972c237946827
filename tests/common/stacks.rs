//! What stacks in reports consist of.

use serde_json::Value;

/// Every stack of a report, acquisitions' included, consists of calls of this crate's functions, in its files, and has
/// the wait in it. With debug information alone: optimised, functions are called by halves of their names.
#[track_caller]
pub(crate) fn check_stacks(report: &Value, krate: &str, files: &str) {
    if !cfg!(debug_assertions) {
        return;
    }
    let threads = report["threads"].as_array().expect("a list");
    for thread in threads.iter().filter(|thread| thread["ended"] == false) {
        let stack = thread["stack"].as_array().expect("a list");
        let wait = &thread["waits"]["place"];
        let is_wait = |frame: &Value| ["file", "line"].into_iter().all(|part| frame["place"][part] == wait[part]);
        assert!(stack.iter().any(is_wait), "{thread:#}");
        let holds = thread["holds"].as_array().expect("a list").iter();
        let of_holds = holds.flat_map(|hold| hold["stack"].as_array().expect("a list"));
        for frame in stack.iter().chain(of_holds) {
            let function = frame["function"].as_str().unwrap_or("(none)");
            let implementor = function.trim_start_matches(['<', '&']);
            assert!(
                implementor.strip_prefix(krate).is_some_and(|rest| rest.starts_with("::")),
                "{function}: {thread:#}"
            );
            let file = frame["place"]["file"].as_str().unwrap_or("(none)");
            assert!(file.starts_with(files), "{file}: {thread:#}");
        }
    }
}
