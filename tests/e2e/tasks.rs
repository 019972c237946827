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
        shows_every_fetch(trace.as_array().expect("a list of events"));
    }
}

/// Each fetch has its track, from its spawn to its end, with what it awaited; and whoever woke it points to its polls.
fn shows_every_fetch(events: &[Value]) {
    let is = |event: &Value, phase: &str, category: &str| event["ph"] == phase && event["cat"] == category;
    assert!(events.iter().any(|event| event["args"]["name"] == "tokio-rt-worker"), "the workers are in the trace");
    let last = events.last().expect("it has ended");
    assert_eq!((&last["name"], &last["args"]["lost_operations"]), (&"gordian_end".into(), &0.into()));
    let pages = (0..10).map(|n| format!("task `/page/{n}`"));
    let items = (0..100).map(|n| format!("task `/item/{n}`"));
    let files = (0..20).map(|n| format!("task `{n}.txt`"));
    for name in &pages.chain(items).chain(files).collect::<Vec<_>>() {
        let named =
            |phase: &'static str| events.iter().filter(move |event| is(event, phase, "task") && event["name"] == *name);
        let (begin, end) = (named("b").next().expect(name), named("e").next().expect(name));
        assert_eq!((named("b").count(), &begin["id2"], &end["args"]["outcome"]), (1, &end["id2"], &"done".into()));
        let polls = events.iter().filter(|event| is(event, "B", "task.poll") && event["name"] == *name);
        let polls: Vec<(&Value, &Value)> = polls.map(|event| (&event["tid"], &event["ts"])).collect();
        let runs = events.iter().filter(|event| is(event, "b", "task") && event["name"] == "running");
        assert_eq!(runs.filter(|run| run["id2"] == begin["id2"]).count(), polls.len(), "{name}");
        for (thread, at) in polls {
            let arrives = |event: &&Value| is(event, "f", "task.wake") && event["tid"] == *thread && event["ts"] == *at;
            assert!(events.iter().any(|event| arrives(&event)), "{name} at {at}");
        }
    }
    for awaited in ["awaits Semaphore `connections`", "awaits Mutex `sizes`", "awaits time (sleep)"] {
        assert!(events.iter().any(|event| is(event, "b", "task") && event["name"] == awaited), "{awaited}");
    }
}
