//! The trace file, and the program's own log.

use crate::{common::WATCHING, programs::example};
use serde_json::Value;

#[test]
fn a_killed_program_leaves_a_trace_that_opens() {
    let outcome = example("ab_ba").env("GORDIAN_TRACE", "trace.json").run_until("  Finding 1 of this process");
    if !WATCHING {
        return assert!(!outcome.path("trace.json").exists());
    }
    assert!(outcome.status.is_none(), "{}", outcome.stderr);
    let text = outcome.text("trace.json");
    // Viewers take a list without its end; a strict parser wants it.
    let text = text.trim_end().trim_end_matches(',');
    let closed = if text.ends_with(']') { text.to_owned() } else { format!("{text}]") };
    let events: Value = serde_json::from_str(&closed).expect("JSON");
    let has = |words: &str| events.as_array().expect("a list").iter().any(|event| event.to_string().contains(words));
    assert!(has("alice") && has("bob") && has("deadlock (happened)"), "{closed}");
    // As in JSON.
    assert!(has("\"rule\":\"wait_cycle\""), "{closed}");
}

#[test]
fn a_trace_can_be_compressed() {
    let outcome = example("bank").env("GORDIAN_TRACE", "trace.json.gz").run();
    assert_eq!(outcome.code(), Some(0), "{}", outcome.stderr);
    if WATCHING {
        let bytes = std::fs::read(outcome.path("trace.json.gz")).expect("the trace");
        assert_eq!(bytes[..2], [0x1f, 0x8b], "it is not gzip");
    }
}

/// It has no plain copy on standard error, and no colours: it does not go to a terminal.
#[test]
fn a_subscriber_takes_the_report() {
    if !WATCHING {
        // Without tracing there is no such example; with it, it refuses to begin: nothing of it can be seen.
        return;
    }
    let outcome = example("through_tracing").env("GORDIAN_REACTION", "exit:7").run();
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (Some(7), ""), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("ERROR gordian: gordian: deadlock (happened): "), "{}", outcome.stdout);
    for words in ["sell{customer=7}", "take_back{customer=8}", "Finding 1 of this process", "rule=\"wait_cycle\""] {
        assert!(outcome.stdout.contains(words), "{words} is missing:\n{}", outcome.stdout);
    }
    assert!(!outcome.stdout.contains('\x1b'), "{}", outcome.stdout);
}
