//! Guards that are not dropped, and locks that are unlocked otherwise.

#![allow(unsafe_code)]

use super::{alice_and_bob, mutexes::two_locks};
use crate::run::{Case, named, quiet, stuck, work};
use gordian::{
    Ext,
    parking_lot::{Mutex, MutexGuard, RwLock},
};
use std::{
    mem::forget,
    sync::{Arc, mpsc::channel},
};

pub(crate) const CASES: &[Case] = &[
    stuck!(a_leaked_guard, "wait_cycle", ["leaker: holds one [leaked]", "main: waits for Mutex `one` [wanted]"], []),
    quiet!(a_forgotten_guard_and_a_forced_unlock),
    quiet!(unlocked_meanwhile),
    stuck!(
        not_unlocked_meanwhile,
        "wait_cycle",
        [
            "alice: holds left [opened], waits for Mutex `right` [meanwhile]",
            "bob: holds right [the right], waits for Mutex `left` [the left]",
        ],
        ["main"]
    ),
    quiet!(bumped),
    quiet!(unlocked_elsewhere),
    stuck!(
        one_that_was_not_recorded_is_ended,
        "wait_cycle",
        [
            "alice: holds left [left then], waits for Mutex `right` [right then]",
            "bob: holds right [right before], waits for Mutex `left` [left before]",
        ],
        ["main"]
    ),
];

/// A read that was taken while nothing was recorded, and is given back now, is nobody else's.
fn one_that_was_not_recorded_is_ended() {
    let table = RwLock::new(());
    let other = table.read();
    gordian::set_level(gordian::Level::Off);
    let unrecorded = table.read();
    gordian::set_level(gordian::Level::Watch);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _recorded = table.read();
            work();
        });
        work();
        drop(unrecorded);
    });
    drop(other);
    named("busy", || {
        loop {
            work();
        }
    });
    alice_and_bob(
        two_locks(),
        |[left, right], meet| {
            let _left = left.lock(); //~ left then
            meet.wait();
            let _right = right.lock(); //~ right then
        },
        |[left, right], meet| {
            let _right = right.lock(); //~ right before
            meet.wait();
            let _left = left.lock(); //~ left before
        },
    );
}

fn a_leaked_guard() {
    let one = Arc::new(Mutex::new(()).named("one"));
    let leaker = {
        let one = one.clone();
        named("leaker", move || forget(one.lock())) //~ leaked
    };
    leaker.join().unwrap();
    drop(one.lock()); //~ wanted
}

fn a_forgotten_guard_and_a_forced_unlock() {
    let one = Mutex::new(0);
    for _ in 0..3 {
        *MutexGuard::leak(one.lock()) += 1;
        // SAFETY: this thread has the guard that it has leaked, and no reference.
        unsafe { one.force_unlock() };
        forget(one.lock());
        // SAFETY: the same.
        unsafe { one.force_unlock_fair() };
    }
    assert_eq!(*one.lock(), 3);
}

/// One of them opens its lock while it wants the other's.
fn unlocked_meanwhile() {
    alice_and_bob(
        two_locks(),
        |[left, right], meet| {
            let mut guard = left.lock();
            meet.wait();
            MutexGuard::unlocked(&mut guard, || drop(right.lock()));
            MutexGuard::unlocked_fair(&mut guard, || drop(right.lock()));
        },
        |[left, right], meet| {
            let _right = right.lock();
            meet.wait();
            work();
            drop(left.lock());
        },
    );
}

fn not_unlocked_meanwhile() {
    alice_and_bob(
        two_locks(),
        |[left, right], meet| {
            let mut guard = left.lock(); //~ opened
            MutexGuard::bump(&mut guard);
            meet.wait();
            drop(right.lock()); //~ meanwhile
        },
        |[left, right], meet| {
            let _right = right.lock(); //~ the right
            meet.wait();
            drop(left.lock()); //~ the left
        },
    );
}

/// A bump lets in whoever waits.
fn bumped() {
    let (one, (begun, wait)) = (Arc::new(Mutex::new(0)), channel());
    let mut guard = one.lock();
    let waiter = {
        let one = one.clone();
        named("waiter", move || {
            begun.send(()).unwrap();
            *one.lock() = 1;
        })
    };
    wait.recv().unwrap();
    while *guard == 0 {
        work();
        MutexGuard::bump(&mut guard);
    }
    waiter.join().unwrap();
}

/// Locked here, unlocked there, without a guard: a lock may be used like a gate. Once that has been seen, it is no
/// deadlock where this thread waits for what it has locked.
fn unlocked_elsewhere() {
    let gate = Arc::new(Mutex::new(()));
    for round in 0..3 {
        forget(gate.lock());
        let opener = {
            let gate = gate.clone();
            named("opener", move || {
                if round > 0 {
                    work();
                }
                // SAFETY: the guard was forgotten, and nobody uses the value.
                unsafe { gate.force_unlock() };
            })
        };
        if round == 0 {
            opener.join().unwrap();
            drop(gate.lock());
        } else {
            drop(gate.lock());
            opener.join().unwrap();
        }
    }
}
