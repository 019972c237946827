//! Mutexes.

use super::alice_and_bob;
use crate::run::{Case, named, quiet, stuck, work};
use gordian::{
    Ext,
    parking_lot::{FairMutex, MappedMutexGuard, Mutex, MutexGuard, ReentrantMutex},
    sync,
};
use std::{
    sync::{Arc, Barrier},
    time::Duration,
};

pub(crate) const CASES: &[Case] = &[
    stuck!(
        ab_ba,
        "wait_cycle",
        [
            "alice: holds left [first], waits for Mutex `right` [second]",
            "bob: holds right [first], waits for Mutex `left` [second]",
        ],
        ["main"]
    ),
    quiet!(ab_ab),
    stuck!(relock, "wait_cycle", ["main: holds one [lock], waits for Mutex `one` [lock again]"], []),
    quiet!(lock_again),
    stuck!(
        fair_ab_ba,
        "wait_cycle",
        [
            "alice: holds left [fair first], waits for Mutex `right` [fair second]",
            "bob: holds right [fair first], waits for Mutex `left` [fair second]",
        ],
        ["main"]
    ),
    quiet!(fair_ab_ab),
    stuck!(
        part_of_a_mutex,
        "wait_cycle",
        [
            "alice: holds pair [whole], waits for Mutex `other` [for other]",
            "bob: holds other [other], waits for Mutex `pair` [for pair]",
        ],
        ["main"]
    ),
    quiet!(part_of_a_mutex_alone),
    stuck!(
        across_join,
        "wait_cycle",
        [
            "main: holds results [kept], waits for the end of thread `worker` [join]",
            "worker: waits for Mutex `results` [result]",
        ],
        []
    ),
    quiet!(dropped_before_join),
    stuck!(
        with_std,
        "wait_cycle",
        [
            "alice: holds ours [ours], waits for Mutex `stds` [then stds]",
            "bob: holds stds [stds], waits for Mutex `ours` [then ours]",
        ],
        ["main"]
    ),
    quiet!(only_tries),
    quiet!(only_for_a_time),
    stuck!(
        reentrant_ab_ba,
        "wait_cycle",
        [
            "alice: holds inner [nowhere], waits for Mutex `other` [for the other]",
            "bob: holds other [the other], waits for Mutex `inner` [nowhere]",
        ],
        ["main"]
    ),
    quiet!(reentrant),
];

fn nested(first: &Mutex<()>, second: &Mutex<()>, meet: impl FnOnce()) {
    let _first = first.lock(); //~ first
    meet();
    let _second = second.lock(); //~ second
}

pub(super) fn two_locks() -> [Mutex<()>; 2] {
    [Mutex::new(()).named("left"), Mutex::new(()).named("right")]
}

fn ab_ba() {
    alice_and_bob(
        two_locks(),
        |[left, right], meet| nested(left, right, || _ = meet.wait()),
        |[left, right], meet| nested(right, left, || _ = meet.wait()),
    );
}

fn ab_ab() {
    alice_and_bob(
        two_locks(),
        |[left, right], _| nested(left, right, work),
        |[left, right], _| nested(left, right, work),
    );
}

fn relock() {
    let one = Mutex::new(()).named("one");
    let _first = one.lock(); //~ lock
    let _second = one.lock(); //~ lock again
}

fn lock_again() {
    let one = Mutex::new(());
    for _ in 0..100 {
        let _guard = one.lock();
        assert!(one.try_lock().is_none());
    }
}

fn fair_nested(first: &FairMutex<()>, second: &FairMutex<()>, meet: impl FnOnce()) {
    let _first = first.lock(); //~ fair first
    meet();
    let _second = second.lock(); //~ fair second
}

fn two_fair_locks() -> [FairMutex<()>; 2] {
    [FairMutex::new(()).named("left"), FairMutex::new(()).named("right")]
}

fn fair_ab_ba() {
    alice_and_bob(
        two_fair_locks(),
        |[left, right], meet| fair_nested(left, right, || _ = meet.wait()),
        |[left, right], meet| fair_nested(right, left, || _ = meet.wait()),
    );
}

fn fair_ab_ab() {
    alice_and_bob(
        two_fair_locks(),
        |[left, right], _| fair_nested(left, right, work),
        |[left, right], _| fair_nested(left, right, work),
    );
}

/// A guard of a part holds the whole.
fn part_of_a_mutex() {
    alice_and_bob(
        (Mutex::new((1, 2)).named("pair"), Mutex::new(()).named("other")),
        |(pair, other), meet| {
            let whole = pair.lock(); //~ whole
            let part: MappedMutexGuard<'_, i32> = MutexGuard::map(whole, |(_, second)| second);
            meet.wait();
            drop(other.lock()); //~ for other
            drop(part);
        },
        |(pair, other), meet| {
            let _other = other.lock(); //~ other
            meet.wait();
            drop(pair.lock()); //~ for pair
        },
    );
}

fn part_of_a_mutex_alone() {
    alice_and_bob(
        (Mutex::new((1, 2)), Mutex::new(())),
        |(pair, other), meet| {
            drop(MutexGuard::map(pair.lock(), |(_, second)| second));
            meet.wait();
            drop(other.lock());
        },
        |(pair, other), meet| {
            let _other = other.lock();
            meet.wait();
            drop(pair.lock());
        },
    );
}

fn across_join() {
    let results = Arc::new(Mutex::new(0).named("results"));
    let kept = results.lock(); //~ kept
    let worker = {
        let results = results.clone();
        named("worker", move || *results.lock() = 1) //~ result
    };
    worker.join().unwrap(); //~ join
    drop(kept);
}

fn dropped_before_join() {
    let results = Arc::new(Mutex::new(0));
    let kept = results.lock();
    let worker = {
        let results = results.clone();
        named("worker", move || *results.lock() = 1)
    };
    work();
    drop(kept);
    worker.join().unwrap();
}

fn with_std() {
    alice_and_bob(
        (Mutex::new(()).named("ours"), sync::Mutex::new(()).named("stds")),
        |(ours, stds), meet| {
            let _ours = ours.lock(); //~ ours
            meet.wait();
            drop(stds.lock()); //~ then stds
        },
        |(ours, stds), meet| {
            let _stds = stds.lock(); //~ stds
            meet.wait();
            drop(ours.lock()); //~ then ours
        },
    );
}

/// Each tries what the other holds.
fn only_tries() {
    let tries = |first: &Mutex<()>, second: &Mutex<()>, meet: &Barrier| {
        let _first = first.lock();
        meet.wait();
        assert!(second.try_lock().is_none());
        meet.wait();
    };
    alice_and_bob(
        two_locks(),
        move |[left, right], meet| tries(left, right, meet),
        move |[left, right], meet| tries(right, left, meet),
    );
}

/// Each waits for what the other holds, and gives up.
fn only_for_a_time() {
    let waits = |first: &Mutex<()>, second: &Mutex<()>, meet: &Barrier| {
        let _first = first.lock();
        meet.wait();
        assert!(second.try_lock_for(Duration::from_millis(100)).is_none());
        meet.wait();
    };
    alice_and_bob(
        two_locks(),
        move |[left, right], meet| waits(left, right, meet),
        move |[left, right], meet| waits(right, left, meet),
    );
}

fn reentrant_ab_ba() {
    alice_and_bob(
        (ReentrantMutex::new(()).named("inner"), Mutex::new(()).named("other")),
        |(inner, other), meet| {
            let _one = inner.lock();
            let _two = inner.lock();
            meet.wait();
            drop(other.lock()); //~ for the other
        },
        |(inner, other), meet| {
            let _other = other.lock(); //~ the other
            meet.wait();
            drop(inner.lock());
        },
    );
}

fn reentrant() {
    alice_and_bob(
        ReentrantMutex::new(()),
        |mutex, _| {
            let _one = mutex.lock();
            let _two = mutex.lock();
            work();
        },
        |mutex, _| {
            let _one = mutex.lock();
            work();
            let _two = mutex.lock();
        },
    );
}
