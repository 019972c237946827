//! The locks of `parking_lot` 0.13, where they are others than those of 0.12.

use crate::run::{Case, named, quiet, stuck, work};
use gordian::{
    Ext,
    parking_lot_0_13::{
        Condvar, FairMutex, Mutex, MutexGuard, Once, RecursiveRwLock, RecursiveRwLockReadGuard, RwLock,
        RwLockUpgradableReadGuard,
    },
    thread,
};
use std::{
    sync::{Arc, Barrier, mpsc::channel},
    time::Duration,
};

pub(crate) fn cases() -> impl Iterator<Item = &'static Case> {
    // Where guards can be sent, little is certain.
    CASES.iter().filter(|case| !cfg!(feature = "send_guard") || case.told.is_empty())
}

const CASES: &[Case] = &[
    stuck!(
        ab_ba,
        "wait_cycle",
        [
            "alice: holds left [first], waits for Mutex `right` [then right]",
            "bob: holds right [fair], waits for Mutex `left` [then left]",
        ],
        ["main"]
    ),
    quiet!(ab_ab),
    stuck!(
        read_again_behind_a_writer,
        "wait_cycle",
        [
            "reader: holds config [read], waits to read RwLock `config` [read again]",
            "writer: waits to write RwLock `config` [write]",
        ],
        ["main"]
    ),
    quiet!(read_recursively_behind_a_writer),
    stuck!(
        upgrade_over_an_own_read,
        "wait_cycle",
        [
            "main: holds config [beside], holds config [upgradable], waits to upgrade its read of RwLock `config` [upgrade]"
        ],
        []
    ),
    quiet!(upgrade_alone),
    stuck!(lost_wake_up, "standstill", ["consumer: waits for a notification of Condvar `changed` [nowhere]"], ["main"]),
    quiet!(no_lost_wake_up),
    stuck!(
        calls_its_own_initialiser,
        "wait_cycle",
        ["main: holds setup [call], waits for the initialisation of Once `setup` [call again]"],
        []
    ),
    quiet!(waits_for_anothers_initialiser),
];

fn ab_ba() {
    let locks = Arc::new((Mutex::new(()).named("left"), FairMutex::new(()).named("right"), Barrier::new(2)));
    let alice = {
        let locks = locks.clone();
        named("alice", move || {
            let mut left = locks.0.lock(); //~ first
            MutexGuard::bump(&mut left);
            locks.2.wait();
            drop(locks.1.lock()); //~ then right
        })
    };
    let bob = named("bob", move || {
        let _right = locks.1.lock(); //~ fair
        locks.2.wait();
        drop(locks.0.lock()); //~ then left
    });
    alice.join().unwrap();
    bob.join().unwrap();
}

fn ab_ab() {
    let locks = Arc::new((Mutex::new(()), FairMutex::new(())));
    let threads = [(); 2].map(|()| {
        let locks = locks.clone();
        named("nested", move || {
            let mut left = locks.0.lock();
            work();
            drop(locks.1.lock());
            MutexGuard::bump(&mut left);
            MutexGuard::unlocked(&mut left, work);
            drop(locks.1.lock());
        })
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn read_again_behind_a_writer() {
    let (config, meet) = (Arc::new(RwLock::new(()).named("config")), Arc::new(Barrier::new(2)));
    let reader = {
        let (config, meet) = (config.clone(), meet.clone());
        named("reader", move || {
            let _read = config.read(); //~ read
            meet.wait();
            while config.try_read().is_some() {
                thread::yield_now();
            }
            drop(config.read()); //~ read again
        })
    };
    let writer = named("writer", move || {
        meet.wait();
        drop(config.write()); //~ write
    });
    reader.join().unwrap();
    writer.join().unwrap();
}

/// Nobody keeps a reader of this lock out but one who writes; and it may bump one guard while it has another.
fn read_recursively_behind_a_writer() {
    let (config, (begun, wait)) = (Arc::new(RecursiveRwLock::new(())), channel());
    let mut read = config.read();
    let writer = {
        let config = config.clone();
        named("writer", move || {
            begun.send(()).unwrap();
            drop(config.write());
        })
    };
    wait.recv().unwrap();
    for _ in 0..3 {
        work();
        let _again = config.read();
        RecursiveRwLockReadGuard::bump(&mut read);
    }
    drop(read);
    writer.join().unwrap();
}

fn upgrade_over_an_own_read() {
    let config = RwLock::new(()).named("config");
    let _read = config.read(); //~ beside
    let upgradable = config.upgradable_read(); //~ upgradable
    drop(RwLockUpgradableReadGuard::upgrade(upgradable)); //~ upgrade
}

fn upgrade_alone() {
    let config = Arc::new(RwLock::new(0));
    let reader = {
        let config = config.clone();
        named("reader", move || {
            let _read = config.read();
            work();
        })
    };
    work();
    let mut upgradable = config.upgradable_read();
    upgradable.with_upgraded(|value| *value += 1);
    let mut write = RwLockUpgradableReadGuard::upgrade(upgradable);
    *write += 1;
    drop(write);
    assert!(config.try_write_for(Duration::from_secs(1)).is_some_and(|value| *value == 2));
    reader.join().unwrap();
}

fn lost_wake_up() {
    let pair = Arc::new((Mutex::new(()), Condvar::new().named("changed")));
    pair.1.notify_one();
    let consumer = named("consumer", move || pair.1.wait(&mut pair.0.lock()));
    consumer.join().unwrap();
}

fn no_lost_wake_up() {
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let consumer = {
        let pair = pair.clone();
        named("consumer", move || {
            let mut ready = pair.0.lock();
            pair.1.wait_while(&mut ready, |ready| !*ready);
            assert!(pair.1.wait_for(&mut ready, Duration::from_millis(50)).timed_out());
            assert!(pair.1.wait_while_for(&mut ready, |ready| *ready, Duration::from_millis(50)).timed_out());
        })
    };
    work();
    *pair.0.lock() = true;
    pair.1.notify_all();
    consumer.join().unwrap();
}

fn calls_its_own_initialiser() {
    let setup = Once::new().named("setup");
    let again = || {
        setup.call_once(work); //~ call again
    };
    setup.call_once(again); //~ call
}

fn waits_for_anothers_initialiser() {
    let setup = Arc::new(Once::new());
    let waits = {
        let setup = setup.clone();
        named("waits", move || setup.wait())
    };
    setup.call_once(work);
    waits.join().unwrap();
    setup.wait_force();
    assert!(setup.is_completed() && Once::new_completed().is_completed());
}
