//! Read-write locks, with upgradable reads.

use super::alice_and_bob;
use crate::run::{Case, named, quiet, stuck, work};
use gordian::{
    Ext,
    parking_lot::{Mutex, RwLock, RwLockUpgradableReadGuard, RwLockWriteGuard},
    thread,
};
use std::{
    sync::{Arc, Barrier, mpsc::channel},
    time::Duration,
};

pub(crate) const CASES: &[Case] = &[
    stuck!(read_then_write, "wait_cycle", ["main: holds config [read], waits to write RwLock `config` [write]"], []),
    stuck!(
        write_then_read,
        "wait_cycle",
        ["main: holds config [write first], waits to read RwLock `config` [read second]"],
        []
    ),
    quiet!(downgrade_instead),
    stuck!(
        read_again_behind_a_writer,
        "wait_cycle",
        [
            "reader: holds config [read before], waits to read RwLock `config` [read again]",
            "writer: waits to write RwLock `config` [queued]",
        ],
        ["main"]
    ),
    quiet!(read_recursively_behind_a_writer),
    // Nobody else is there who could be about to let it in.
    stuck!(
        read_behind_a_writer_behind_another_reader,
        "standstill",
        [
            "first: holds config [read first], waits for Mutex `state` [for state]",
            "second: holds state [has state], waits to read RwLock `config` [read too]",
            "writer: waits to write RwLock `config` [queued]",
        ],
        ["main"]
    ),
    quiet!(read_recursively_behind_a_writer_behind_another_reader),
    quiet!(read_again_behind_a_writer_that_gives_up),
    stuck!(
        read_again_behind_a_writer_beside_one_that_gave_up,
        "wait_cycle",
        [
            "reader: holds config [read before], waits to read RwLock `config` [read again]",
            "writer: waits to write RwLock `config` [queued]",
        ],
        ["main"]
    ),
    stuck!(
        upgrade_over_an_own_read,
        "wait_cycle",
        [
            "main: holds config [read beside], holds config [upgradable], waits to upgrade its read of RwLock `config` [upgrade]"
        ],
        []
    ),
    quiet!(upgrade_after_an_own_read),
    stuck!(
        upgrade_over_a_reader_that_waits,
        "wait_cycle",
        [
            "reader: holds config [reads], waits for Mutex `state` [state wanted]",
            "upgrader: holds state [state], holds config [upgradable first], waits to upgrade its read of RwLock `config` [then upgrade]",
        ],
        ["main"]
    ),
    quiet!(upgrade_over_a_reader_that_goes),
    quiet!(upgrade_gives_up),
    stuck!(
        read_again_behind_an_upgrade,
        "wait_cycle",
        [
            "reader: holds config [read before], waits to read RwLock `config` [read again]",
            "upgrader: holds config [to upgrade], waits to upgrade its read of RwLock `config` [upgrade it]",
        ],
        ["main"]
    ),
    quiet!(read_recursively_behind_an_upgrade),
    stuck!(
        two_upgradable_reads,
        "wait_cycle",
        [
            "alice: holds left [upgradable of one], waits for an upgradable read of RwLock `right` [upgradable of other]",
            "bob: holds right [upgradable of one], waits for an upgradable read of RwLock `left` [upgradable of other]",
        ],
        ["main"]
    ),
    quiet!(upgradable_and_plain_reads),
    quiet!(read_beside_an_upgradable_read_and_a_writer),
];

fn config() -> Arc<RwLock<u32>> {
    Arc::new(RwLock::new(0).named("config"))
}

fn read_then_write() {
    let config = config();
    let _read = config.read(); //~ read
    let _write = config.write(); //~ write
}

fn write_then_read() {
    let config = config();
    let _write = config.write(); //~ write first
    let _read = config.read(); //~ read second
}

/// Other readers come in while the one who has written reads.
fn downgrade_instead() {
    let config = config();
    let write = config.write();
    let reader = {
        let config = config.clone();
        named("reader", move || *config.read())
    };
    work();
    let upgradable = RwLockWriteGuard::downgrade_to_upgradable(write);
    reader.join().unwrap();
    let read = RwLockUpgradableReadGuard::downgrade(upgradable);
    drop(config.upgradable_read());
    drop(read);
}

/// A reader, and somebody who keeps new readers out: `queue` does so until the reader has gone.
fn reader_behind(
    queue: impl FnOnce(&RwLock<u32>) + Send + 'static,
    name: &str,
    again: impl FnOnce(&RwLock<u32>) + Send + 'static,
) {
    let (config, meet) = (config(), Arc::new(Barrier::new(2)));
    let reader = {
        let (config, meet) = (config.clone(), meet.clone());
        named("reader", move || {
            let _read = config.read(); //~ read before
            meet.wait();
            while config.try_read().is_some() {
                thread::yield_now();
            }
            again(&config);
        })
    };
    let writer = named(name, move || {
        meet.wait();
        queue(&config);
    });
    reader.join().unwrap();
    writer.join().unwrap();
}

fn read_again(config: &RwLock<u32>) {
    drop(config.read()); //~ read again
}

fn write(config: &RwLock<u32>) {
    *config.write() += 1; //~ queued
}

fn upgrade(config: &RwLock<u32>) {
    let read = config.upgradable_read(); //~ to upgrade
    *RwLockUpgradableReadGuard::upgrade(read) += 1; //~ upgrade it
}

fn read_again_behind_a_writer() {
    reader_behind(write, "writer", read_again);
}

/// The second reads as `again` says, once a writer waits for the first.
fn second_reader(again: impl FnOnce(&RwLock<u32>) + Send + 'static) {
    let (config, state) = (config(), Arc::new(Mutex::new(()).named("state")));
    let (meet, go) = (Arc::new(Barrier::new(3)), Arc::new(Barrier::new(2)));
    let first = {
        let (config, state, meet, go) = (config.clone(), state.clone(), meet.clone(), go.clone());
        named("first", move || {
            let _config = config.read(); //~ read first
            meet.wait();
            go.wait();
            drop(state.lock()); //~ for state
        })
    };
    let writer = {
        let (config, meet) = (config.clone(), meet.clone());
        named("writer", move || {
            meet.wait();
            write(&config);
        })
    };
    let second = named("second", move || {
        let _state = state.lock(); //~ has state
        meet.wait();
        go.wait();
        while config.try_read().is_some() {
            thread::yield_now();
        }
        again(&config);
    });
    [first, writer, second].into_iter().for_each(|thread| thread.join().unwrap());
}

fn read_behind_a_writer_behind_another_reader() {
    second_reader(|config| drop(config.read())); //~ read too
}

fn read_recursively_behind_a_writer_behind_another_reader() {
    second_reader(|config| drop(config.read_recursive()));
}

fn read_recursively_behind_a_writer() {
    reader_behind(write, "writer", |config| {
        let _again = config.read_recursive();
        work();
    });
}

/// The writer's time is over before long, and then the reader gets in.
fn read_again_behind_a_writer_that_gives_up() {
    let gives_up = |config: &RwLock<u32>| assert!(config.try_write_for(Duration::from_millis(200)).is_none());
    reader_behind(gives_up, "writer", read_again);
}

/// Once a writer has given up, it takes more to be sure; and it is found all the same.
fn read_again_behind_a_writer_beside_one_that_gave_up() {
    let other = RwLock::new(());
    let _read = other.read();
    assert!(other.try_write_for(Duration::from_millis(10)).is_none());
    reader_behind(write, "writer", read_again);
}

fn upgrade_over_an_own_read() {
    let config = config();
    let _read = config.read(); //~ read beside
    let upgradable = config.upgradable_read(); //~ upgradable
    drop(RwLockUpgradableReadGuard::upgrade(upgradable)); //~ upgrade
}

fn upgrade_after_an_own_read() {
    let config = config();
    for _ in 0..3 {
        let read = config.read();
        let upgradable = config.upgradable_read();
        drop(read);
        let mut write = RwLockUpgradableReadGuard::upgrade(upgradable);
        *write += 1;
        assert!(config.try_read().is_none());
    }
}

fn upgrade_over_a_reader_that_waits() {
    let (config, state) = (config(), Arc::new(Mutex::new(()).named("state")));
    let meet = Arc::new(Barrier::new(2));
    let reader = {
        let (config, state, meet) = (config.clone(), state.clone(), meet.clone());
        named("reader", move || {
            let _config = config.read(); //~ reads
            meet.wait();
            drop(state.lock()); //~ state wanted
        })
    };
    let upgrader = named("upgrader", move || {
        let _state = state.lock(); //~ state
        let config = config.upgradable_read(); //~ upgradable first
        meet.wait();
        drop(RwLockUpgradableReadGuard::upgrade(config)); //~ then upgrade
    });
    reader.join().unwrap();
    upgrader.join().unwrap();
}

fn upgrade_over_a_reader_that_goes() {
    let (config, state) = (config(), Arc::new(Mutex::new(())));
    let meet = Arc::new(Barrier::new(2));
    let reader = {
        let (config, state, meet) = (config.clone(), state.clone(), meet.clone());
        named("reader", move || {
            let read = config.read();
            meet.wait();
            work();
            drop(read);
            drop(state.lock());
        })
    };
    let upgrader = named("upgrader", move || {
        let _state = state.lock();
        let config = config.upgradable_read();
        meet.wait();
        drop(RwLockUpgradableReadGuard::upgrade(config));
    });
    reader.join().unwrap();
    upgrader.join().unwrap();
}

/// The reader waits for the upgrader's lock, and the upgrader for the reader: but only for a time.
fn upgrade_gives_up() {
    let (config, state) = (config(), Arc::new(Mutex::new(())));
    let meet = Arc::new(Barrier::new(2));
    let reader = {
        let (config, state, meet) = (config.clone(), state.clone(), meet.clone());
        named("reader", move || {
            let _config = config.read();
            meet.wait();
            drop(state.lock());
        })
    };
    let upgrader = named("upgrader", move || {
        let _state = state.lock();
        let config = config.upgradable_read();
        meet.wait();
        assert!(RwLockUpgradableReadGuard::try_upgrade(config).is_err_and(|config| {
            RwLockUpgradableReadGuard::try_upgrade_for(config, Duration::from_millis(100)).is_err()
        }));
    });
    reader.join().unwrap();
    upgrader.join().unwrap();
}

fn read_again_behind_an_upgrade() {
    reader_behind(upgrade, "upgrader", read_again);
}

fn read_recursively_behind_an_upgrade() {
    reader_behind(upgrade, "upgrader", |config| {
        let _again = config.read_recursive();
        work();
    });
}

fn two_upgradable_reads() {
    let both = |first: &RwLock<()>, second: &RwLock<()>, meet: &Barrier| {
        let _first = first.upgradable_read(); //~ upgradable of one
        meet.wait();
        drop(second.upgradable_read()); //~ upgradable of other
    };
    alice_and_bob(
        [RwLock::new(()).named("left"), RwLock::new(()).named("right")],
        move |[left, right], meet| both(left, right, meet),
        move |[left, right], meet| both(right, left, meet),
    );
}

fn upgradable_and_plain_reads() {
    let both = |first: &RwLock<()>, second: &RwLock<()>, meet: &Barrier| {
        let _first = first.upgradable_read();
        meet.wait();
        let _second = second.read();
        meet.wait();
        work();
    };
    alice_and_bob(
        [RwLock::new(()), RwLock::new(())],
        move |[left, right], meet| both(left, right, meet),
        move |[left, right], meet| both(right, left, meet),
    );
}

/// While there is an upgradable reader, a waiting writer keeps nobody out.
fn read_beside_an_upgradable_read_and_a_writer() {
    let (config, (locked, wait)) = (config(), channel());
    let upgradable = config.upgradable_read();
    let read = config.read();
    let writer = {
        let config = config.clone();
        named("writer", move || {
            locked.send(()).unwrap();
            *config.write() += 1;
        })
    };
    wait.recv().unwrap();
    work();
    drop(config.read());
    drop((read, upgradable));
    writer.join().unwrap();
}
