//! The examples in which tasks have part.

use crate::{
    common::WATCHING,
    programs::{Outcome, example},
    stories::words,
};
use serde_json::Value;

fn told(outcome: &Outcome) -> Value {
    let reports = outcome.reports("reports.json");
    let [report] = reports.as_slice() else { panic!("one report is expected, not {}", reports.len()) };
    report.clone()
}

fn run(name: &str) -> Outcome {
    example(name).env("GORDIAN_REACTION", "exit:7").env("GORDIAN_JSON", "reports.json").run()
}

/// It is stuck, and told for certain.
fn is_stuck(name: &str) {
    let outcome = run(name);
    if !WATCHING {
        assert!(outcome.stderr.starts_with("This build does not watch: "), "{}", outcome.stderr);
        return;
    }
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (Some(7), ""), "{}", outcome.stderr);
    let report = told(&outcome);
    assert_eq!(report["certainty"], "happened");
    insta::assert_snapshot!(name, words(&report));
}

/// The same done right.
fn ends(name: &str, argument: &str, printed: &str) {
    let outcome = example(name).arg(argument).env("GORDIAN_REACTION", "exit:7").run();
    assert_eq!((outcome.code(), outcome.stdout.as_str(), outcome.stderr.as_str()), (Some(0), printed, ""));
}

#[test]
fn tasks_take_locks_in_opposite_orders() {
    is_stuck("async_ab_ba");
    ends("async_ab_ba", "--one-order", "a: 110, b: 90\n");
}

#[test]
fn a_thread_and_a_task_wait_for_each_other() {
    is_stuck("mixed_thread_task");
    ends("mixed_thread_task", "--released", "answer: 42\n");
}

#[test]
fn a_future_that_was_given_a_lock_is_not_polled() {
    is_stuck("futurelock");
    ends("futurelock", "--dropped", "total: 11\n");
}

#[test]
fn a_blocking_sleep_in_a_coroutine() {
    let outcome = run("blocking_in_async");
    assert_eq!(outcome.code(), Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "three naps of 400ms took as long as three\n");
    if WATCHING {
        let report = told(&outcome);
        assert_eq!((&report["rule"], &report["certainty"]), (&"blocking_in_task".into(), &"happened".into()));
        assert!(report["advice"].to_string().contains("tokio::time::sleep"), "{report}");
    }
    ends("blocking_in_async", "--awaited", "three naps of 400ms took as long as one\n");
}

#[test]
fn many_fetches_at_once() {
    let outcome = example("async_fetch").env("GORDIAN_REACTION", "exit:7").env("GORDIAN_JSON", "reports.json").run();
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (Some(0), ""), "{}", outcome.stdout);
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines[0], "10 pages, 100 requests and 20 files: 1286350 bytes");
    assert!(lines[1].starts_with("one after another: ") && lines[2].starts_with("all at once: "), "{}", outcome.stdout);
    assert_eq!(outcome.path("async_fetch-trace.json").exists(), WATCHING);
    if WATCHING {
        assert_eq!(outcome.reports("reports.json"), Vec::<Value>::new(), "nothing is wrong in it");
        let trace: Value = serde_json::from_str(&outcome.text("async_fetch-trace.json")).expect("JSON");
        let events = trace.as_array().or_else(|| trace["traceEvents"].as_array()).expect("a list of events");
        assert!(events.iter().any(|event| event["args"]["name"] == "tokio-rt-worker"), "the workers are in the trace");
    }
}
