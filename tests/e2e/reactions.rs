//! What happens after a deadlock has been told.

use crate::{common::WATCHING, programs::example};

/// Built off, every one of these programs refuses to begin: `stories` holds that.
fn nothing_to_see() -> bool {
    !WATCHING
}

#[test]
fn by_default_it_goes_on() {
    if nothing_to_see() {
        return;
    }
    let outcome = example("ab_ba").run_until("  Finding 1 of this process");
    assert!(outcome.status.is_none(), "it has ended: {:?}\n{}", outcome.status, outcome.stderr);
    assert!(outcome.stderr.starts_with("gordian: deadlock (happened): "), "{}", outcome.stderr);
}

#[test]
fn one_thread_panics_with_the_report_as_its_message() {
    if nothing_to_see() {
        return;
    }
    let outcome = example("self_deadlock").env("GORDIAN_REACTION", "panic").run();
    assert_eq!(outcome.code(), Some(101), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("panicked at examples/self_deadlock.rs:19:"), "{}", outcome.stderr);
    let told = outcome.stderr.matches("deadlock (happened): thread `main` waits for Mutex `counter`").count();
    assert_eq!(told, 1, "{}", outcome.stderr);
}

#[test]
fn the_others_move_on_when_one_has_panicked() {
    if nothing_to_see() {
        return;
    }
    let outcome = example("dining_philosophers").env("GORDIAN_REACTION", "panic").run();
    assert_eq!(outcome.code(), Some(101), "{}", outcome.stderr);
    // They get their forks, poisoned: each of the others panics over that.
    assert_eq!(outcome.stderr.matches("PoisonError").count(), 4, "{}", outcome.stderr);
    assert_eq!(outcome.stderr.matches("deadlock (happened)").count(), 1, "{}", outcome.stderr);
}

#[test]
fn where_nobody_can_panic_the_process_ends() {
    if nothing_to_see() {
        return;
    }
    let outcome = example("nested_monitor").env("GORDIAN_REACTION", "panic").run();
    assert_eq!(outcome.code(), Some(101), "{}", outcome.stderr);
    assert!(outcome.stderr.starts_with("gordian: standstill (happened): "), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("gordian: no thread can be made to panic"), "{}", outcome.stderr);
}

#[cfg(unix)]
#[test]
fn it_aborts() {
    use std::os::unix::process::ExitStatusExt;
    const SIGABRT: i32 = 6;
    if nothing_to_see() {
        return;
    }
    let outcome = example("lock_across_join").env("GORDIAN_REACTION", "abort").run();
    assert_eq!(outcome.status.and_then(|status| status.signal()), Some(SIGABRT), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("Finding 1 of this process"), "{}", outcome.stderr);
}

#[test]
fn it_exits_with_a_code() {
    if nothing_to_see() {
        return;
    }
    let outcome = example("ab_ba").env("GORDIAN_REACTION", "exit:42").run();
    assert_eq!(outcome.code(), Some(42), "{}", outcome.stderr);
}
