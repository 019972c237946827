//! Mutexes and read-write locks.

use crate::run::{Case, Told, named, quiet, stuck, work};
use gordian::{
    Ext,
    sync::{Arc, Mutex, RwLock},
    thread,
};
use std::sync::Barrier;

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
    stuck!(
        circle_of_three,
        "wait_cycle",
        [
            "1: holds lock 1 [first], waits for Mutex `lock 2` [second]",
            "2: holds lock 2 [first], waits for Mutex `lock 3` [second]",
            "3: holds lock 3 [first], waits for Mutex `lock 1` [second]",
        ],
        ["main"]
    ),
    stuck!(
        circle_of_seven,
        "wait_cycle",
        [
            "1: holds lock 1 [first], waits for Mutex `lock 2` [second]",
            "2: holds lock 2 [first], waits for Mutex `lock 3` [second]",
            "3: holds lock 3 [first], waits for Mutex `lock 4` [second]",
            "4: holds lock 4 [first], waits for Mutex `lock 5` [second]",
            "5: holds lock 5 [first], waits for Mutex `lock 6` [second]",
            "6: holds lock 6 [first], waits for Mutex `lock 7` [second]",
            "7: holds lock 7 [first], waits for Mutex `lock 1` [second]",
        ],
        ["main"]
    ),
    quiet!(chain_of_seven),
    stuck!(relock, "wait_cycle", ["main: holds one [first], waits for Mutex `one` [second]"], []),
    quiet!(lock_again),
    stuck!(read_then_write, "wait_cycle", ["main: holds config [read], waits to write RwLock `config` [write]"], []),
    stuck!(
        write_then_read,
        "wait_cycle",
        ["main: holds config [write first], waits to read RwLock `config` [read second]"],
        []
    ),
    quiet!(read_and_then_write),
    quiet!(downgrade_instead),
    stuck!(
        shown_in_the_opposite_order,
        "wait_cycle",
        [
            "alice: holds shown [src/sync/mutex.rs], waits for Mutex `state` [shown]",
            "bob: holds state [state], waits for Mutex `shown` [then shown]",
        ],
        ["main"]
    ),
    stuck!(
        read_again_behind_a_writer,
        "wait_cycle",
        [
            "reader: holds config [read], waits to read RwLock `config` [again]",
            "writer: waits to write RwLock `config` [write]",
        ],
        ["main"]
    ),
    quiet!(read_again_without_a_writer),
    stuck!(
        mutex_and_rwlock,
        "wait_cycle",
        [
            "alice: holds config [read], waits for Mutex `state` [then lock]",
            "bob: holds state [lock], waits to write RwLock `config` [then write]",
        ],
        ["main"]
    ),
    quiet!(readers_in_both_orders),
    stuck!(a_leaked_guard, "wait_cycle", ["leaker: holds one [leaked]", "main: waits for Mutex `one` [wanted]"], []),
    stuck!(
        a_leaked_read_guard,
        "wait_cycle",
        ["leaker: holds config [leaked]", "main: waits to write RwLock `config` [wanted]"],
        []
    ),
    quiet!(a_leaked_read_guard_and_a_reader),
    quiet!(a_guard_that_is_dropped_at_the_end),
    Case {
        told: &[
            Told {
                rule: "wait_cycle",
                certainty: "happened",
                threads: &["early: holds one [own lock], waits for Mutex `one` [own lock again]"],
                victims: &[],
            },
            Told {
                rule: "wait_cycle",
                certainty: "happened",
                threads: &["late: holds two [own lock], waits for Mutex `two` [own lock again]"],
                victims: &[],
            },
        ],
        ends: false,
        ..quiet!(two_deadlocks)
    },
    stuck!(
        beside_busy_threads,
        "wait_cycle",
        [
            "alice: holds left [first], waits for Mutex `right` [second]",
            "bob: holds right [first], waits for Mutex `left` [second]",
        ],
        ["main"]
    ),
];

fn nested(first: &Mutex<()>, second: &Mutex<()>, meet: impl FnOnce()) {
    let _first = first.lock().unwrap(); //~ first
    meet();
    let _second = second.lock().unwrap(); //~ second
}

fn two_locks() -> (Arc<Mutex<()>>, Arc<Mutex<()>>) {
    (Arc::new(Mutex::new(()).named("left")), Arc::new(Mutex::new(()).named("right")))
}

fn ab_ba() {
    let ((left, right), meet) = (two_locks(), Arc::new(Barrier::new(2)));
    let alice = {
        let (left, right, meet) = (left.clone(), right.clone(), meet.clone());
        named("alice", move || nested(&left, &right, || _ = meet.wait()))
    };
    let bob = named("bob", move || nested(&right, &left, || _ = meet.wait()));
    alice.join().unwrap();
    bob.join().unwrap();
}

fn ab_ab() {
    let (left, right) = two_locks();
    let alice = {
        let (left, right) = (left.clone(), right.clone());
        named("alice", move || nested(&left, &right, work))
    };
    let bob = named("bob", move || nested(&left, &right, work));
    alice.join().unwrap();
    bob.join().unwrap();
}

/// A lock before the wait that makes the circle, and threads that go on for ever.
fn beside_busy_threads() {
    let busy = Arc::new(Mutex::new(0).named("busy"));
    for _ in 0..2 {
        let busy = busy.clone();
        named("busy", move || {
            loop {
                *busy.lock().unwrap() += 1;
            }
        });
    }
    ab_ba();
}

/// Each is told, and each once.
fn two_deadlocks() {
    let (told, wait) = std::sync::mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let _session = gordian::builder().on_report(move |_| _ = told.lock().unwrap().send(())).start();
    let relock = |thread, lock: &'static str| {
        named(thread, move || {
            let lock = Mutex::new(()).named(lock);
            let _guard = lock.lock().unwrap(); //~ own lock
            drop(lock.lock().unwrap()); //~ own lock again
        })
    };
    let early = relock("early", "one");
    wait.recv().unwrap();
    let late = relock("late", "two");
    wait.recv().unwrap();
    early.join().unwrap();
    late.join().unwrap();
}

fn circle(size: usize) {
    let locks: Vec<_> = (1..=size).map(|n| Mutex::new(()).named(&format!("lock {n}"))).collect();
    let meet = Barrier::new(size);
    thread::scope(|scope| {
        for n in 0..size {
            let (first, second, meet) = (&locks[n], &locks[(n + 1) % size], &meet);
            let link = move || nested(first, second, || _ = meet.wait());
            thread::Builder::new().name(format!("{}", n + 1)).spawn_scoped(scope, link).unwrap();
        }
    });
}

fn circle_of_three() {
    circle(3);
}

fn circle_of_seven() {
    circle(7);
}

/// The same without the last link: all wait, and the last one gets on.
fn chain_of_seven() {
    let locks: Vec<_> = (0..8).map(|_| Mutex::new(())).collect();
    let meet = Barrier::new(7);
    thread::scope(|scope| {
        for n in 0..7 {
            let (first, second, meet) = (&locks[n], &locks[n + 1], &meet);
            scope.spawn(move || {
                let _first = first.lock().unwrap();
                meet.wait();
                if n == 6 {
                    work();
                }
                drop(second.lock().unwrap());
            });
        }
    });
}

fn relock() {
    let one = Mutex::new(()).named("one");
    let _first = one.lock().unwrap(); //~ first
    let _second = one.lock().unwrap(); //~ second
}

fn lock_again() {
    let one = Mutex::new(());
    for _ in 0..100 {
        let _guard = one.lock().unwrap();
        assert!(one.try_lock().is_err());
    }
}

fn read_then_write() {
    let config = RwLock::new(()).named("config");
    let _read = config.read().unwrap(); //~ read
    let _write = config.write().unwrap(); //~ write
}

fn write_then_read() {
    let config = RwLock::new(()).named("config");
    let _write = config.write().unwrap(); //~ write first
    let _read = config.read().unwrap(); //~ read second
}

fn read_and_then_write() {
    let config = RwLock::new(0);
    let value = *config.read().unwrap();
    *config.write().unwrap() = value + 1;
}

/// Other readers come in while the one who has written reads.
fn downgrade_instead() {
    let config = Arc::new(RwLock::new(0));
    let write = config.write().unwrap();
    let reader = {
        let config = config.clone();
        named("reader", move || *config.read().unwrap())
    };
    work();
    let read = gordian::sync::RwLockWriteGuard::downgrade(write);
    reader.join().unwrap();
    drop(read);
}

/// Locks when it is shown.
struct Shows(Arc<Mutex<u32>>, Arc<Barrier>);

impl std::fmt::Debug for Shows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.1.wait();
        self.0.lock().unwrap().fmt(f) //~ shown
    }
}

/// To show a mutex is to lock it.
fn shown_in_the_opposite_order() {
    let (state, meet) = (Arc::new(Mutex::new(7).named("state")), Arc::new(Barrier::new(2)));
    let shown = Arc::new(Mutex::new(Shows(state.clone(), meet.clone())).named("shown"));
    let alice = {
        let shown = shown.clone();
        named("alice", move || drop(format!("{shown:?}")))
    };
    let bob = named("bob", move || {
        let _state = state.lock().unwrap(); //~ state
        meet.wait();
        drop(shown.lock()); //~ then shown
    });
    alice.join().unwrap();
    bob.join().unwrap();
}

fn read_again_behind_a_writer() {
    let (config, meet) = (Arc::new(RwLock::new(()).named("config")), Arc::new(Barrier::new(2)));
    let reader = {
        let (config, meet) = (config.clone(), meet.clone());
        named("reader", move || {
            let _read = config.read().unwrap(); //~ read
            meet.wait();
            // Until the writer has queued.
            while config.try_read().is_ok() {
                thread::yield_now();
            }
            drop(config.read().unwrap()); //~ again
        })
    };
    let writer = named("writer", move || {
        meet.wait();
        drop(config.write().unwrap()); //~ write
    });
    reader.join().unwrap();
    writer.join().unwrap();
}

/// Legal, and common.
fn read_again_without_a_writer() {
    let config = Arc::new(RwLock::new(()));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let config = config.clone();
            named("reader", move || {
                let _read = config.read().unwrap();
                work();
                let _again = config.read().unwrap();
                work();
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn mutex_and_rwlock() {
    let (config, state) = (Arc::new(RwLock::new(()).named("config")), Arc::new(Mutex::new(()).named("state")));
    let meet = Arc::new(Barrier::new(2));
    let alice = {
        let (config, state, meet) = (config.clone(), state.clone(), meet.clone());
        named("alice", move || {
            let _config = config.read().unwrap(); //~ read
            meet.wait();
            drop(state.lock().unwrap()); //~ then lock
        })
    };
    let bob = named("bob", move || {
        let _state = state.lock().unwrap(); //~ lock
        meet.wait();
        drop(config.write().unwrap()); //~ then write
    });
    alice.join().unwrap();
    bob.join().unwrap();
}

/// Two that only read do not shut each other out.
fn readers_in_both_orders() {
    let (one, two, meet) = (Arc::new(RwLock::new(())), Arc::new(RwLock::new(())), Arc::new(Barrier::new(2)));
    let both = |first: &Arc<RwLock<()>>, second: &Arc<RwLock<()>>| {
        let (first, second, meet) = (first.clone(), second.clone(), meet.clone());
        named("reader", move || {
            let _first = first.read().unwrap();
            meet.wait();
            let _second = second.read().unwrap();
            meet.wait();
            work();
        })
    };
    let threads = [both(&one, &two), both(&two, &one)];
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn a_leaked_guard() {
    let one = Arc::new(Mutex::new(()).named("one"));
    let leaker = {
        let one = one.clone();
        named("leaker", move || std::mem::forget(one.lock().unwrap())) //~ leaked
    };
    leaker.join().unwrap();
    drop(one.lock().unwrap()); //~ wanted
}

fn a_leaked_read_guard() {
    let config = Arc::new(RwLock::new(()).named("config"));
    let leaker = {
        let config = config.clone();
        named("leaker", move || std::mem::forget(config.read().unwrap())) //~ leaked
    };
    leaker.join().unwrap();
    drop(config.write().unwrap()); //~ wanted
}

fn a_leaked_read_guard_and_a_reader() {
    let config = Arc::new(RwLock::new(()));
    let leaker = {
        let config = config.clone();
        named("leaker", move || std::mem::forget(config.read().unwrap()))
    };
    leaker.join().unwrap();
    drop(config.read().unwrap());
    assert!(config.try_write().is_err());
    work();
}

fn a_guard_that_is_dropped_at_the_end() {
    let (one, held) = (Arc::new(Mutex::new(())), Arc::new(Barrier::new(2)));
    let holder = {
        let (one, held) = (one.clone(), held.clone());
        named("holder", move || {
            let _guard = one.lock().unwrap();
            held.wait();
            work();
        })
    };
    held.wait();
    drop(one.lock().unwrap());
    holder.join().unwrap();
}
