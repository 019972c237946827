//! The bank, which is the first thing a newcomer runs.

use crate::{
    common::WATCHING,
    programs::{Outcome, example},
    stacks_of::check_stacks,
};
use serde_json::Value;

#[test]
fn under_load_no_money_is_lost() {
    let outcome = example("bank").run();
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (Some(0), ""), "{}", outcome.stdout);
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    let [transfers, total, rate] = lines[..] else { panic!("three lines are expected:\n{}", outcome.stdout) };
    assert!(transfers.ends_with(" 10000 in all"), "{transfers}");
    assert!(total.starts_with("20000 in 20 accounts; "), "{total}");
    assert!(rate.ends_with(" transfers a second on 4 workers"), "{rate}");
}

#[test]
fn in_the_wrong_order_it_is_told_and_ends() {
    let outcome = example("bank").arg("--wrong-order").env("GORDIAN_JSON", "reports.json").run();
    if !WATCHING {
        assert_eq!(outcome.code(), Some(2));
        assert!(outcome.stderr.starts_with("bank: this build does not watch: "), "{}", outcome.stderr);
        return;
    }
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (Some(1), ""), "{}", outcome.stderr);
    assert!(outcome.stderr.starts_with("gordian: deadlock (happened): "), "{}", outcome.stderr);
    let reports = outcome.reports("reports.json");
    assert_eq!(reports.len(), 1, "{}", outcome.stderr);
    assert_eq!((&reports[0]["rule"], &reports[0]["certainty"]), (&"wait_cycle".into(), &"happened".into()));
    check_stacks(&reports[0], "bank", "examples/bank.rs");
    check_trace(&outcome, &reports[0]);
}

/// The trace is complete JSON, with the threads' names, waits, holds, and the report.
fn check_trace(outcome: &Outcome, report: &Value) {
    let trace: Value = serde_json::from_str(&outcome.text("bank-trace.json")).expect("JSON");
    let events = trace.as_array().or_else(|| trace["traceEvents"].as_array()).expect("a list of events");
    let of = |phase: &str| events.iter().filter(|event| event["ph"] == phase).collect::<Vec<_>>();
    let names: Vec<&str> = of("M").iter().filter_map(|event| event["args"]["name"].as_str()).collect();
    for name in ["auditor", "worker-1", "worker-2", "worker-3", "worker-4"] {
        assert!(names.contains(&name), "no track is called {name}: {names:?}");
    }
    let title = report["title"].as_str().expect("a title");
    let instants: Vec<String> = of("i").iter().map(|event| event.to_string()).collect();
    assert!(instants.iter().any(|event| event.contains(title)), "the report is not in the trace: {instants:?}");
}

#[test]
fn transfers_can_be_given() {
    let outcome = example("bank").arg("--transfers").arg("my.txt").file("my.txt", "0 1 400\n1 2 5000\n").run();
    assert_eq!(outcome.code(), Some(0), "{}", outcome.stderr);
    assert!(
        outcome.stdout.starts_with("1 transfers done, 1 refused for lack of money, 2 in all\n"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn what_it_does_not_understand_is_said() {
    let wrong = example("bank").arg("--fast").run();
    assert_eq!(wrong.code(), Some(2));
    assert!(wrong.stderr.contains("--wrong-order and --transfers FILE"), "{}", wrong.stderr);
    let line = example("bank").arg("--transfers").arg("my.txt").file("my.txt", "0 1 400\n3 77 1\n").run();
    assert_eq!(line.code(), Some(2));
    assert!(line.stderr.starts_with("bank: my.txt:2: \"3 77 1\" is no transfer"), "{}", line.stderr);
}
