//! How long ago things are said to have been.

use crate::{
    common::WATCHING,
    program::{program, survived},
};
use gordian::{
    Report,
    model::Kind,
    sync::{Arc, LazyLock, Mutex, OnceLock},
};
use std::{
    sync::mpsc,
    thread::sleep,
    time::{Duration, Instant},
};

/// What `work` (in a thread that it sticks in) is told to hold of this kind, and for how long, at the time when that was told.
fn told(kind: Kind, work: impl FnOnce() + Send + 'static) -> (Duration, Instant) {
    let (send, receive) = mpsc::channel();
    let callback = move |report: &Report| {
        let now = Instant::now();
        let holds = report.threads.iter().flat_map(|thread| &thread.holds);
        let since = holds.filter(|hold| hold.object.kind == kind).map(|hold| hold.since).max();
        _ = send.send((since.expect("a hold"), now));
    };
    let session = gordian::builder().stderr(false).on_report(callback).start();
    gordian::ext::spawn_daemon(work);
    let told = receive.recv().expect("a report");
    drop(session);
    told
}

/// Nothing has happened for a while, so that the coarse clock ticks slowly, when a lock is taken.
#[test]
fn what_is_taken_in_an_idle_program_is_not_told_as_older_than_it_is() {
    let Some(ended) = program("since::what_is_taken_in_an_idle_program_is_not_told_as_older_than_it_is", &[], || {
        // At different times of the slow clock's ten ticks a second.
        let rounds = if WATCHING { 4 } else { 0 };
        for round in 0..rounds {
            let began = Arc::new(OnceLock::new());
            let begins = began.clone();
            let (since, at) = told(Kind::Mutex, move || {
                let lock = Mutex::new(());
                sleep(Duration::from_millis(730 + round * 25));
                begins.set(Instant::now()).expect("once");
                let _held = lock.lock();
                drop(lock.lock());
            });
            let truly = at - *began.get().expect("begun");
            // An ordinary tick, and a busy machine's delay.
            assert!(since <= truly + Duration::from_millis(30), "{since:?} {truly:?}");
        }
        survived();
    }) else {
        return;
    };
    ended.survived();
}

#[test]
fn at_level_trace_times_are_precise() {
    let trace = std::env::temp_dir().join(format!("gordian-{}-since.json", std::process::id()));
    let settings = [("GORDIAN_LEVEL", "trace"), ("GORDIAN_TRACE", trace.to_str().expect("a path"))];
    let Some(ended) = program("since::at_level_trace_times_are_precise", &settings, || {
        let rounds = if WATCHING { 8 } else { 0 };
        for _ in 0..rounds {
            let times = Arc::new(OnceLock::new());
            let between = times.clone();
            let (since, at) = told(Kind::Mutex, move || {
                let lock = Mutex::new(());
                let before = Instant::now();
                let _held = lock.lock();
                let after = Instant::now();
                between.set((before, after)).expect("once");
                sleep(Duration::from_millis(3));
                drop(lock.lock());
            });
            let &(before, after) = times.get().expect("both");
            // It is told some time after the snapshot; what is held has been for as long as the thread slept.
            assert!(since <= at - before, "{since:?} {:?}", at - before);
            assert!(since >= Duration::from_millis(3), "{since:?} {:?}", at - after);
        }
        survived();
    }) else {
        return;
    };
    _ = std::fs::remove_file(trace);
    ended.survived();
}

/// That a thread makes a lazy value is seen when it first waits; it has made it since it began.
#[test]
fn a_lazy_value_is_being_made_since_its_initialiser_began() {
    let Some(ended) = program("since::a_lazy_value_is_being_made_since_its_initialiser_began", &[], || {
        if WATCHING {
            let (since, _) = told(Kind::LazyLock, || {
                let outer = Arc::new(Mutex::new(()));
                let inner = outer.clone();
                let _held = outer.lock();
                let value = LazyLock::new(move || {
                    sleep(Duration::from_millis(200));
                    drop(inner.lock());
                });
                LazyLock::force(&value);
            });
            assert!(since >= Duration::from_millis(200), "{since:?}");
        }
        survived();
    }) else {
        return;
    };
    ended.survived();
}
