//! The session guard at the end of `main`.

use crate::{common::WATCHING, programs::example};

const FINISHED: &str = "the worker has finished";

#[test]
fn it_waits_for_the_worker_and_not_for_the_ticker() {
    let outcome = example("daemon_threads").run();
    assert_eq!(outcome.code(), Some(0));
    assert_eq!(outcome.stdout.contains(FINISHED), WATCHING, "{}", outcome.stdout);
    if WATCHING {
        let sentence = "gordian: the end of `main` waits for thread `worker` (spawned at examples/daemon_threads.rs:";
        assert!(outcome.stderr.starts_with(sentence), "{}", outcome.stderr);
        assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
    } else {
        assert_eq!(outcome.stderr, "");
    }
}

#[test]
fn its_patience_can_be_limited() {
    let outcome = example("daemon_threads").env("GORDIAN_EXIT_WAIT", "200ms").run();
    assert_eq!(outcome.code(), Some(0));
    assert!(!outcome.stdout.contains(FINISHED), "{}", outcome.stdout);
    if WATCHING {
        let sentence = "gordian: the end of `main` has waited 200 ms for thread `worker` (spawned at ";
        assert!(outcome.stderr.starts_with(sentence), "{}", outcome.stderr);
        assert!(outcome.stderr.ends_with("), and waits no longer.\n"), "{}", outcome.stderr);
    }
}

#[test]
fn it_need_not_wait_at_all() {
    let outcome = example("daemon_threads").env("GORDIAN_EXIT_WAIT", "0s").run();
    assert_eq!(outcome.code(), Some(0));
    assert!(!outcome.stdout.contains(FINISHED), "{}", outcome.stdout);
}
