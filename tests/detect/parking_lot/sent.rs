//! Guards that can be sent to other threads (feature `send_guard`): where one is, nobody knows.

use crate::run::{Case, Told, named, quiet, stuck, work};
use gordian::{
    Ext,
    parking_lot::{Condvar, Mutex, MutexGuard, RwLock, RwLockUpgradableReadGuard},
};
use std::{
    mem::forget,
    sync::{Barrier, mpsc::channel},
    time::Duration,
};

/// What is not proven is told soon.
const SOON: &[(&str, &str)] = &[("GORDIAN_LONG_WAIT", "300ms")];

pub(crate) const CASES: &[Case] = &[
    quiet!(dropped_by_another),
    quiet!(dropped_by_one_that_has_used_no_lock),
    quiet!(brought_along_from_a_thread_that_has_ended),
    quiet!(of_readers),
    quiet!(again_and_again),
    stuck!(
        nobody_else_is_left,
        "standstill",
        [
            "alice: holds left [first], waits for Mutex `right` [second]",
            "bob: holds right [first], waits for Mutex `left` [second]",
        ],
        ["main"]
    ),
    Case {
        settings: SOON,
        told: &[Told {
            rule: "wait_cycle",
            certainty: "possible",
            threads: &[
                "alice: holds left [first], waits for Mutex `right` [second]",
                "bob: holds right [first], waits for Mutex `left` [second]",
            ],
            victims: &["main"],
        }],
        ends: false,
        ..quiet!(somebody_runs)
    },
    Case { settings: &[("GORDIAN_LONG_WAIT", "off")], ..quiet!(somebody_runs_and_has_a_guard) },
    stuck!(leaked, "standstill", ["leaker: holds one [leaked]", "main: waits for Mutex `one` [wanted]"], []),
    stuck!(
        waited_with,
        "standstill",
        ["main: holds state [waits with it], waits for Mutex `state` [and locks again]"],
        []
    ),
    stuck!(upgraded, "standstill", ["main: holds config [upgrades it], waits to read RwLock `config` [and reads]"], []),
];

/// A lock whose guards live as long as they like.
fn mutex(name: &str) -> &'static Mutex<u32> {
    Box::leak(Box::new(Mutex::new(0).named(name)))
}

/// This thread waits for what it has locked: the guard is elsewhere.
fn dropped_by_another() {
    let one = mutex("one");
    let (send, guards) = channel::<MutexGuard<'_, u32>>();
    let other = named("other", move || {
        for mut guard in guards {
            let own = Mutex::new(());
            let _own = own.lock();
            work();
            *guard += 1;
        }
    });
    for round in 0..3 {
        let guard = one.lock();
        assert_eq!(*guard, round);
        send.send(guard).unwrap();
        drop(one.lock());
    }
    drop(send);
    other.join().unwrap();
}

fn dropped_by_one_that_has_used_no_lock() {
    let one = mutex("one");
    let guard = one.lock();
    let stranger = std::thread::spawn(move || {
        work();
        drop(guard);
    });
    drop(one.lock());
    stranger.join().unwrap();
}

/// Whoever has locked it is gone, and it is no leak.
fn brought_along_from_a_thread_that_has_ended() {
    let one = mutex("one");
    let guard = named("first", move || one.lock()).join().unwrap();
    let second = named("second", move || drop(one.lock()));
    work();
    drop(guard);
    second.join().unwrap();
    drop(one.lock());
}

/// Which of the readers a guard was of cannot be known.
fn of_readers() {
    let config: &'static RwLock<()> = Box::leak(Box::new(RwLock::new(())));
    let (send, guards) = channel();
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let send = send.clone();
            named("reader", move || {
                let kept = config.read();
                send.send(config.read()).unwrap();
                work();
                drop(kept);
            })
        })
        .collect();
    drop(send);
    let guards: Vec<_> = guards.iter().collect();
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    let writer = named("writer", move || drop(config.write()));
    work();
    drop(guards);
    writer.join().unwrap();
}

/// More holds than there is room for would be lost, did nobody take them off.
fn again_and_again() {
    let locks: Vec<&Mutex<u32>> = (0..4).map(|_| mutex("one of four")).collect();
    let (send, guards) = channel::<Vec<MutexGuard<'_, u32>>>();
    let (done, next) = channel();
    let other = named("other", move || {
        for guards in guards {
            drop(guards);
            done.send(()).unwrap();
        }
    });
    for _ in 0..2_000 {
        send.send(locks.iter().map(|lock| lock.lock()).collect()).unwrap();
        next.recv().unwrap();
    }
    drop(send);
    other.join().unwrap();
}

fn ab_ba() {
    static MEET: Barrier = Barrier::new(2);
    let [left, right] = ["left", "right"].map(mutex);
    let nested = |first: &'static Mutex<u32>, second: &'static Mutex<u32>| {
        move || {
            let _first = first.lock(); //~ first
            MEET.wait();
            let _second = second.lock(); //~ second
        }
    };
    let threads = [named("alice", nested(left, right)), named("bob", nested(right, left))];
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn nobody_else_is_left() {
    ab_ba();
}

/// It might have one of the guards.
fn somebody_runs() {
    named("busy", || {
        let own = Mutex::new(0);
        loop {
            *own.lock() += 1;
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    ab_ba();
}

/// As before, but that it has.
fn somebody_runs_and_has_a_guard() {
    static MEET: Barrier = Barrier::new(2);
    let [left, right] = ["left", "right"].map(mutex);
    let (send, guards) = channel();
    let busy = named("busy", move || {
        let guard: MutexGuard<'_, u32> = guards.recv().unwrap();
        std::thread::sleep(Duration::from_millis(500));
        drop(guard);
    });
    let alice = named("alice", move || {
        send.send(left.lock()).unwrap();
        MEET.wait();
        drop(right.lock());
    });
    let bob = named("bob", move || {
        let _right = right.lock();
        MEET.wait();
        drop(left.lock());
    });
    [busy, alice, bob].into_iter().for_each(|thread| thread.join().unwrap());
}

fn leaked() {
    let one = mutex("one");
    named("leaker", move || forget(one.lock())).join().unwrap(); //~ leaked
    drop(one.lock()); //~ wanted
}

/// A guard that has been waited with is of the thread that waited.
fn waited_with() {
    let (state, changed) = (mutex("state"), Condvar::new());
    let mut guard = named("first", move || state.lock()).join().unwrap();
    changed.wait_for(&mut guard, Duration::from_millis(10)); //~ waits with it
    drop(state.lock()); //~ and locks again
}

/// And so is one that has been upgraded.
fn upgraded() {
    let config: &'static RwLock<u32> = Box::leak(Box::new(RwLock::new(0).named("config")));
    let guard = named("first", move || config.upgradable_read()).join().unwrap();
    let _write = RwLockUpgradableReadGuard::upgrade(guard); //~ upgrades it
    drop(config.read()); //~ and reads
}
