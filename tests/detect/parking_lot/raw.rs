//! Raw locks that are used by hand: whoever locks one need not be who unlocks it.

#![allow(unsafe_code)]

use crate::run::{Case, Told, named, quiet, stuck, work};
use gordian::{
    Ext,
    parking_lot::{
        Mutex, RawMutex, RawRwLock,
        lock_api::{RawMutex as _, RawRwLock as _},
    },
};
use std::{sync::Barrier, time::Duration};

pub(crate) const CASES: &[Case] = &[
    quiet!(opened_by_another),
    quiet!(a_read_write_lock_opened_by_another),
    quiet!(opened_by_another_of_a_circle),
    quiet!(the_lock_of_a_mutex_opened_by_another),
    quiet!(opened_where_it_was_locked),
    stuck!(opened_by_nobody, "standstill", ["main: holds gate [shut], waits for Mutex `gate` [never opened]"], []),
    Case {
        settings: &[("GORDIAN_LONG_WAIT", "300ms")],
        told: &[Told {
            rule: "wait_cycle",
            certainty: "possible",
            threads: &["main: holds gate [shut], waits for Mutex `gate` [never opened]"],
            victims: &[],
        }],
        ends: false,
        ..quiet!(opened_by_nobody_while_somebody_runs)
    },
];

/// As conditions are made of such locks: a waiter waits for what it has locked, until a notifier opens it.
fn opened_by_another() {
    static GATE: RawMutex = RawMutex::INIT;
    let open = |round| {
        move || {
            work();
            // SAFETY: it is locked, and guards nothing.
            unsafe { GATE.unlock() };
            round
        }
    };
    for round in 0..4 {
        match round % 2 {
            0 => GATE.lock(),
            _ => assert!(GATE.try_lock() && !GATE.try_lock_for(Duration::from_millis(1))),
        }
        let opener = named("opener", open(round));
        GATE.lock();
        // SAFETY: it is locked, and guards nothing.
        unsafe { GATE.unlock() };
        assert_eq!(opener.join().unwrap(), round);
    }
}

fn a_read_write_lock_opened_by_another() {
    static GATE: RawRwLock = RawRwLock::INIT;
    for _ in 0..2 {
        GATE.lock_exclusive();
        let opener = named("opener", || {
            work();
            // SAFETY: a writer has it.
            unsafe { GATE.unlock_exclusive() };
        });
        GATE.lock_shared();
        opener.join().unwrap();
        let opener = named("opener", || {
            work();
            // SAFETY: a reader has it.
            unsafe { GATE.unlock_shared() };
        });
        GATE.lock_exclusive();
        // SAFETY: a writer has it.
        unsafe { GATE.unlock_exclusive() };
        opener.join().unwrap();
    }
}

/// Two threads wait for each other's gates, which a third opens.
fn opened_by_another_of_a_circle() {
    static GATES: [RawMutex; 2] = [const { RawMutex::INIT }; 2];
    static ARE_SHUT: Barrier = Barrier::new(3);
    let waiters = [0, 1].map(|own| {
        named("waiter", move || {
            GATES[own].lock();
            ARE_SHUT.wait();
            GATES[1 - own].lock();
        })
    });
    ARE_SHUT.wait();
    work();
    // SAFETY: each is locked, and guards nothing.
    GATES.iter().for_each(|gate| unsafe { gate.unlock() });
    waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
}

fn the_lock_of_a_mutex_opened_by_another() {
    static COUNT: Mutex<u32> = Mutex::new(0);
    // SAFETY: no guard exists, and none is made before it is unlocked.
    unsafe { COUNT.raw() }.lock();
    let opener = named("opener", || {
        work();
        // SAFETY: it is locked, and nobody has a guard.
        unsafe { COUNT.raw().unlock() };
    });
    *COUNT.lock() += 1;
    opener.join().unwrap();
}

fn opened_where_it_was_locked() {
    static GATE: RawMutex = RawMutex::INIT;
    let threads: Vec<_> = (0..3)
        .map(|_| {
            named("worker", || {
                for _ in 0..100 {
                    GATE.lock();
                    // SAFETY: it is locked.
                    unsafe { GATE.unlock() };
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn wait_at_a_gate() {
    let gate = Mutex::new(()).named("gate");
    // SAFETY: there never is a guard.
    let gate = unsafe { gate.raw() };
    gate.lock(); //~ shut
    gate.lock(); //~ never opened
}

fn opened_by_nobody() {
    wait_at_a_gate();
}

/// It might open it.
fn opened_by_nobody_while_somebody_runs() {
    named("busy", || {
        let own = Mutex::new(0);
        loop {
            *own.lock() += 1;
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    wait_at_a_gate();
}
