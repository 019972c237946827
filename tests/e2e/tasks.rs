//! The examples in which tasks have part.

use crate::{
    common::WATCHING,
    programs::{Outcome, example},
    stories::words,
};
use serde_json::Value;
use std::collections::HashSet;

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
    let of = |phase: &str, category: &str| -> Vec<&Value> {
        events.iter().filter(|event| event["ph"] == phase && event["cat"] == category).collect()
    };
    assert!(events.iter().any(|event| event["args"]["name"] == "tokio-rt-worker"), "the workers are in the trace");
    let last = events.last().expect("it has ended");
    assert_eq!((&last["name"], &last["args"]["lost_operations"]), (&"gordian_end".into(), &0.into()));
    let [begun, ended] = ["b", "e"].map(|phase| of(phase, "task"));
    let (polls, arrows) = (of("B", "task.poll"), of("f", "task.wake"));
    let arrows: HashSet<_> = arrows.iter().map(|arrow| (arrow["tid"].as_u64(), arrow["ts"].to_string())).collect();
    let pages = (0..10).map(|n| format!("task `/page/{n}`"));
    let items = (0..100).map(|n| format!("task `/item/{n}`"));
    let files = (0..20).map(|n| format!("task `{n}.txt`"));
    for name in &pages.chain(items).chain(files).collect::<Vec<_>>() {
        let named = |events: &[&Value]| -> Vec<Value> {
            events.iter().filter(|event| event["name"] == **name).map(|&event| event.clone()).collect()
        };
        let ([begin], [end]) = (&named(&begun)[..], &named(&ended)[..]) else { panic!("{name} has one track") };
        assert_eq!((&begin["id2"], &end["args"]["outcome"]), (&end["id2"], &"done".into()));
        let runs = begun.iter().filter(|run| run["name"] == "running" && run["id2"] == begin["id2"]);
        let polls = named(&polls);
        assert_eq!(runs.count(), polls.len(), "{name}");
        for poll in polls {
            assert!(arrows.contains(&(poll["tid"].as_u64(), poll["ts"].to_string())), "nobody has woken {poll}");
        }
    }
    for awaited in ["awaits Semaphore `connections`", "awaits time (sleep)"] {
        assert!(begun.iter().any(|event| event["name"] == awaited), "{awaited}");
    }
}
