//! Environment variables, right and wrong.

use crate::{common::WATCHING, programs::example};

#[test]
fn a_wrong_value_gets_its_sentence_and_the_program_runs_on() {
    let outcome = example("bank")
        .env("GORDIAN_LEVEL", "loud")
        .env("GORDIAN_REACTION", "exit:999")
        .env("GORDIAN_LONG_HOLD", "soon")
        .env("GORDIAN_STDERR", "maybe")
        .env("GORDIAN_STAKCS", "all")
        .run();
    assert_eq!(outcome.code(), Some(0), "{}", outcome.stderr);
    let sentences = [
        "gordian: GORDIAN_LEVEL is \"loud\", which is none of its values: `off`, `watch`, `trace`. ",
        "gordian: GORDIAN_REACTION is \"exit:999\", which is none of its values: `report`, `panic`, `abort`, `exit:N` ",
        "gordian: GORDIAN_LONG_HOLD is \"soon\", which is none of its values: a duration (`500ms`, ",
        "gordian: GORDIAN_STDERR is \"maybe\", which is none of its values: `on`, `off`. ",
        "gordian: GORDIAN_STAKCS is not a setting and changes nothing. Did you mean GORDIAN_STACKS?",
    ];
    for sentence in sentences {
        let said = outcome.stderr.lines().filter(|line| line.starts_with(sentence)).count();
        assert_eq!(said, usize::from(WATCHING), "{sentence}\n{}", outcome.stderr);
    }
    assert_eq!(outcome.stderr.lines().count(), if WATCHING { sentences.len() } else { 0 }, "{}", outcome.stderr);
}

#[test]
fn standard_error_can_be_left_alone() {
    let outcome = example("ab_ba")
        .env("GORDIAN_REACTION", "exit:7")
        .env("GORDIAN_STDERR", "off")
        .env("GORDIAN_JSON", "reports.json")
        .run();
    if WATCHING {
        assert_eq!((outcome.code(), outcome.stderr.as_str()), (Some(7), ""));
        assert_eq!(outcome.reports("reports.json").len(), 1);
    }
}

#[test]
fn files_that_cannot_be_written_are_told_once() {
    let outcome = example("bank").env("GORDIAN_JSON", "no/such/a.json").env("GORDIAN_TRACE", "no/such/b.json").run();
    assert_eq!(outcome.code(), Some(0), "{}", outcome.stderr);
    for words in ["cannot write reports to `no/such/a.json`: ", "cannot write the trace to `no/such/b.json`: "] {
        assert_eq!(outcome.stderr.matches(words).count(), usize::from(WATCHING), "{}", outcome.stderr);
    }
    assert_eq!(outcome.stderr.lines().count(), if WATCHING { 2 } else { 0 }, "{}", outcome.stderr);
}

#[test]
fn the_level_can_be_off() {
    let outcome = example("bank").env("GORDIAN_LEVEL", "off").run();
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (Some(0), ""), "{}", outcome.stdout);
}
