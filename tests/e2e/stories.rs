//! Every example that gets stuck tells the story it is there for. Built off it refuses to begin.

use crate::{
    common::WATCHING,
    programs::{Outcome, example},
    stacks_of::check_stacks,
};
use serde_json::Value;

#[test]
fn ab_ba() {
    check("ab_ba", &["ab_ba::take_both"]);
}

#[test]
fn dining_philosophers() {
    check("dining_philosophers", &["dining_philosophers::dine"]);
}

#[test]
fn self_deadlock() {
    check("self_deadlock", &["self_deadlock::Counter::get", "self_deadlock::Counter::increment"]);
}

#[test]
fn lock_across_join() {
    check("lock_across_join", &["lock_across_join::main"]);
}

#[test]
fn nested_monitor() {
    check("nested_monitor", &["nested_monitor::Shop::next_order", "nested_monitor::Shop::order"]);
}

#[test]
fn forgotten_sender() {
    check("forgotten_sender", &["forgotten_sender::main"]);
}

#[test]
fn full_channels() {
    check("full_channels", &["full_channels::exchange"]);
}

/// The same programs, done right.
#[test]
fn channels_that_are_used_well() {
    for (name, argument, printed) in
        [("forgotten_sender", "--dropped", "the sum is 14\n"), ("full_channels", "--in-turn", "alice: 55, bob: 55\n")]
    {
        let outcome = example(name).arg(argument).env("GORDIAN_REACTION", "exit:7").run();
        let told = (outcome.code(), outcome.stdout.as_str(), outcome.stderr.as_str());
        assert_eq!(told, (Some(0), printed, ""));
    }
}

fn check(name: &str, functions: &[&str]) {
    let outcome = example(name).env("GORDIAN_REACTION", "exit:7").env("GORDIAN_JSON", "reports.json").run();
    if !WATCHING {
        assert_eq!((outcome.code(), outcome.stdout.as_str()), (Some(0), ""));
        assert!(outcome.stderr.starts_with("This build does not watch: "), "{}", outcome.stderr);
        return;
    }
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (Some(7), ""), "{}", outcome.stderr);
    let reports = outcome.reports("reports.json");
    let [report] = reports.as_slice() else { panic!("one report is expected, not {}", reports.len()) };
    insta::assert_snapshot!(name, words(report));
    check_text(&outcome, report);
    check_stacks(report, name, &format!("examples/{name}.rs"));
    for function in functions {
        // Line tables alone, as release builds have them, name a function without its path.
        let bare = function.rsplit("::").next().filter(|_| !cfg!(debug_assertions));
        let function = bare.unwrap_or(function);
        assert!(outcome.stderr.contains(function), "{function} is not in a stack:\n{}", outcome.stderr);
    }
}

/// What is printed has all its parts, and no colours: it does not go to a terminal.
fn check_text(outcome: &Outcome, report: &Value) {
    let text = &outcome.stderr;
    assert!(text.starts_with("gordian: "), "{text}");
    assert!(!text.contains('\x1b'), "{text}");
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let printed = flat(text);
    let parts = [&report["story"], &report["drawing"], &report["advice"]];
    let sentences = parts.into_iter().flat_map(strings).chain([report["title"].as_str().expect("a title")]);
    for sentence in sentences {
        assert!(printed.contains(&flat(sentence)), "{sentence:?} is not printed:\n{text}");
    }
    for part in [" waits ", " did last ", " stack ", "What to change:", "Finding 1 of this process, after "] {
        assert!(text.contains(part), "{part:?} is missing:\n{text}");
    }
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|item| item.as_str().expect("a string")).collect()
}

/// What does not change from run to run.
pub(crate) fn words(report: &Value) -> String {
    let story: Vec<String> = strings(&report["story"]).into_iter().map(without_times).collect();
    let (title, drawing, advice) = (&report["title"], strings(&report["drawing"]), strings(&report["advice"]));
    // When a circle closes, the main thread may still be on its way to its own wait.
    let victims =
        if report["rule"] == "standstill" { strings(&report["victims"]).join(", ") } else { "(not compared)".into() };
    let title = title.as_str().expect("a title");
    format!("{title}\n\n{}\n\n{}\n\nstuck: {victims}\n\n{}", story.join("\n"), drawing.join("\n"), advice.join("\n"))
}

/// `(taken 1.2 s ago at …)`, `(since just now, at …)`, `(for 11 ms, at …)`, `(for 11 ms)`.
fn without_times(sentence: &str) -> String {
    let mut parts = sentence.split('(');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let begin = if part.starts_with("taken ") { "taken " } else { "" };
        let end = if begin.is_empty() { ", at " } else { " at " };
        match part.split_once(end) {
            Some((_, rest)) => text += &format!("({begin}TIME{end}{rest}"),
            None => {
                match part.split_once(')').filter(|(time, _)| time.starts_with("for ") || time.starts_with("since ")) {
                    Some((_, rest)) => text += &format!("(TIME){rest}"),
                    None => text += &format!("({part}"),
                }
            }
        }
    }
    text
}
