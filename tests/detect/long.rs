//! Warnings: what takes longer than somebody asked for.

use crate::run::{Case, Told, named, quiet, work};
use gordian::{
    Ext,
    sync::{Arc, Condvar, Mutex, RwLock},
    thread,
};
use std::{sync::mpsc, time::Duration};

const HOLD: &[(&str, &str)] = &[("GORDIAN_LONG_HOLD", "30ms"), ("GORDIAN_LONG_WAIT", "off")];
/// Long enough for somebody who is about to wait to do so, on a machine that has much to do.
const HOLD_WITH_WAITER: &[(&str, &str)] = &[("GORDIAN_LONG_HOLD", "400ms"), ("GORDIAN_LONG_WAIT", "off")];
const WAIT: &[(&str, &str)] = &[("GORDIAN_LONG_HOLD", "off"), ("GORDIAN_LONG_WAIT", "30ms")];
const BOTH: &[(&str, &str)] = &[("GORDIAN_LONG_HOLD", "8s"), ("GORDIAN_LONG_WAIT", "8s")];

pub(crate) const CASES: &[Case] = &[
    Case {
        settings: HOLD_WITH_WAITER,
        told: &[Told {
            rule: "long_hold",
            certainty: "happened",
            threads: &["main: holds ledger [hold]"],
            victims: &["clerk"],
        }],
        ..quiet!(a_long_hold)
    },
    Case {
        settings: HOLD,
        told: &[Told {
            rule: "long_hold",
            certainty: "happened",
            threads: &["main: holds config [read], holds config [read again], holds config [read again]"],
            victims: &[],
        }],
        ..quiet!(a_lock_that_is_read_again_and_again)
    },
    Case { settings: BOTH, ..quiet!(short_holds_and_waits) },
    Case {
        settings: WAIT,
        told: &[Told {
            rule: "long_wait",
            certainty: "happened",
            threads: &["clerk: waits for Mutex `ledger` [wait]", "main: holds ledger [hold for a wait]"],
            victims: &[],
        }],
        ..quiet!(a_long_wait)
    },
    Case { settings: WAIT, ..quiet!(idle_workers) },
];

/// Starts watching; what is received says that something has been told.
fn watch() -> (gordian::Session, mpsc::Receiver<()>) {
    let (send, told) = mpsc::channel();
    let send = std::sync::Mutex::new(send);
    (gordian::builder().on_report(move |_| _ = send.lock().unwrap().send(())).start(), told)
}

fn a_long_hold() {
    let (_session, told) = watch();
    let ledger = Arc::new(Mutex::new(()).named("ledger"));
    let held = Arc::new(std::sync::Barrier::new(2));
    let clerk = {
        let (ledger, held) = (ledger.clone(), held.clone());
        named("clerk", move || {
            held.wait();
            drop(ledger.lock().unwrap());
        })
    };
    let guard = ledger.lock().unwrap(); //~ hold
    held.wait();
    told.recv().unwrap();
    drop(guard);
    clerk.join().unwrap();
}

/// It is one lock that is held for long, however often.
fn a_lock_that_is_read_again_and_again() {
    let (_session, told) = watch();
    let config = RwLock::new(()).named("config");
    let _first = config.read().unwrap(); //~ read
    let _others = [(); 2].map(|()| config.read().unwrap()); //~ read again
    told.recv().unwrap();
    // All of them are past the threshold.
    work();
    work();
}

fn short_holds_and_waits() {
    let ledger = Arc::new(Mutex::new(()));
    let clerks: Vec<_> = (0..2)
        .map(|_| {
            let ledger = ledger.clone();
            named("clerk", move || {
                for _ in 0..20 {
                    let _guard = ledger.lock().unwrap();
                    thread::sleep(Duration::from_millis(10));
                }
            })
        })
        .collect();
    clerks.into_iter().for_each(|clerk| clerk.join().unwrap());
}

fn a_long_wait() {
    let (_session, told) = watch();
    let ledger = Arc::new(Mutex::new(()).named("ledger"));
    let guard = ledger.lock().unwrap(); //~ hold for a wait
    let clerk = {
        let ledger = ledger.clone();
        named("clerk", move || drop(ledger.lock().unwrap())) //~ wait
    };
    told.recv().unwrap();
    drop(guard);
    clerk.join().unwrap();
}

/// Who waits for work, for the end of a thread or for time may wait for long.
fn idle_workers() {
    let jobs = Arc::new((Mutex::new(false), Condvar::new()));
    let worker = {
        let jobs = jobs.clone();
        named("worker", move || drop(jobs.1.wait_while(jobs.0.lock().unwrap(), |closed| !*closed)))
    };
    let parked = named("parked", || thread::park_timeout(Duration::from_millis(400)));
    parked.join().unwrap();
    for _ in 0..5 {
        work();
    }
    *jobs.0.lock().unwrap() = true;
    jobs.1.notify_one();
    worker.join().unwrap();
}
