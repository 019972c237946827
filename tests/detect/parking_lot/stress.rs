//! Correct programs under load: whatever the watchdog meets in the middle of something, it tells nothing.

use crate::{
    run::{Case, quiet},
    stress::{ROUNDS, Random, crew},
};
use gordian::parking_lot::{
    Condvar, FairMutex, Mutex, MutexGuard, Once, ReentrantMutex, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard,
    RwLockWriteGuard,
};
use std::{sync::Barrier, time::Duration};

/// A false alarm would be a panic, and one that is only possible is told soon.
const STRICT: &[(&str, &str)] = &[("GORDIAN_REACTION", "panic"), ("GORDIAN_LONG_WAIT", "2s")];

macro_rules! strict {
    ($situation:ident) => {
        Case { settings: STRICT, ..quiet!($situation) }
    };
}

pub(crate) const CASES: &[Case] = &[
    strict!(nested_locks),
    strict!(every_mode),
    strict!(an_upgrade_at_a_time),
    strict!(recursive_readers),
    strict!(ping_pong),
    strict!(initialisers),
];

/// Some of these locks each time, always in their order, and sometimes open for a moment.
fn nested_locks() {
    let (first, second, third, last) =
        (Mutex::new(0_u64), FairMutex::new(()), ReentrantMutex::new(()), Mutex::new(0_u64));
    crew(4, |_, random| {
        for _ in 0..ROUNDS * 10 {
            let mut one = (random.below(3) != 0).then(|| first.lock());
            random.pause();
            let two = (random.below(3) != 0).then(|| second.lock());
            let three = (random.below(2) == 0).then(|| (third.lock(), third.lock()));
            random.pause();
            let mut four = last.lock();
            *four += 1;
            MutexGuard::bump(&mut four);
            match random.below(3) {
                0 => drop(four),
                1 => MutexGuard::unlock_fair(four),
                _ => drop(MutexGuard::map(four, |four| four)),
            }
            drop((three, two));
            if let Some(one) = &mut one {
                MutexGuard::unlocked(one, || random.pause());
                **one += 1;
            }
        }
    });
    assert_eq!(last.into_inner(), 40 * ROUNDS);
}

/// Two locks in their order, by all who can: readers, recursive ones, upgradable ones, writers, and such as give up.
fn every_mode() {
    let (outer, inner) = (RwLock::new(0_u64), RwLock::new(0_u64));
    let visit = |lock: &RwLock<u64>, random: &mut Random, inside: &mut dyn FnMut(&mut Random)| match random.below(8) {
        0 => {
            let mut read = lock.read();
            inside(random);
            RwLockReadGuard::bump(&mut read);
        }
        1 => {
            let _read = lock.read_recursive();
            let _again = lock.read_recursive();
            inside(random);
        }
        2 => {
            let read = lock.upgradable_read();
            inside(random);
            *RwLockUpgradableReadGuard::upgrade(read) += 1;
        }
        3 => {
            let read = lock.upgradable_read();
            let patience = Duration::from_micros(random.below(300));
            match RwLockUpgradableReadGuard::try_upgrade_for(read, patience) {
                Ok(write) => drop(RwLockWriteGuard::downgrade_to_upgradable(write)),
                Err(read) => drop(RwLockUpgradableReadGuard::downgrade(read)),
            }
            inside(random);
        }
        4 | 5 => {
            let mut write = lock.write();
            *write += 1;
            inside(random);
            drop(RwLockWriteGuard::downgrade(write));
        }
        6 => {
            let write = lock.try_write_for(Duration::from_micros(random.below(500)));
            inside(random);
            drop(write);
        }
        _ => {
            let read = lock.try_read_for(Duration::from_micros(random.below(500)));
            inside(random);
            drop(read);
        }
    };
    crew(5, |_, random| {
        for _ in 0..ROUNDS * 10 {
            visit(&outer, random, &mut |random| {
                random.pause();
                visit(&inner, random, &mut Random::pause);
            });
        }
    });
}

/// Everybody reads first and writes then, and waits meanwhile for readers who come and go.
fn an_upgrade_at_a_time() {
    let lock = RwLock::new(0_u64);
    crew(4, |number, random| {
        for _ in 0..ROUNDS * 10 {
            if number == 0 {
                let _read = lock.read();
                random.pause();
            } else {
                let read = lock.upgradable_read();
                random.pause();
                let seen = *read;
                let mut write = RwLockUpgradableReadGuard::upgrade(read);
                assert_eq!(*write, seen);
                *write += 1;
            }
        }
    });
    assert_eq!(lock.into_inner(), 30 * ROUNDS);
}

/// They read again while writers wait behind them, as only who reads recursively may.
fn recursive_readers() {
    let (lock, counter) = (RwLock::new(0_u64), Mutex::new(0_u64));
    crew(4, |number, random| {
        for _ in 0..ROUNDS * 10 {
            if number == 0 {
                *lock.write() += 1;
                random.pause();
            } else {
                let _read = lock.read();
                random.pause();
                *counter.lock() += *lock.read_recursive() & 1;
            }
        }
    });
}

/// Between any two moves all wait but one, who has just been notified or has just notified.
fn ping_pong() {
    let (turn, moved) = (Mutex::new(0), Condvar::new());
    crew(3, |number, random| {
        for _ in 0..ROUNDS * 5 {
            let mut turn = turn.lock();
            if random.below(4) == 0 {
                moved.wait_while_for(&mut turn, |turn| *turn % 3 != number, Duration::from_micros(random.below(100)));
            }
            moved.wait_while(&mut turn, |turn| *turn % 3 != number);
            *turn += 1;
            moved.notify_all();
        }
    });
    assert_eq!(turn.into_inner(), ROUNDS * 15);
}

/// All come at once, and make one value with the help of another.
fn initialisers() {
    let meet = Barrier::new(4);
    let rounds: Vec<_> = (0..ROUNDS).map(|_| (Once::new(), Once::new())).collect();
    let runs = Mutex::new(0);
    crew(4, |_, random| {
        for (outer, inner) in &rounds {
            meet.wait();
            if random.below(2) == 0 {
                inner.call_once(|| random.pause());
            }
            outer.call_once(|| {
                inner.call_once(|| ());
                *runs.lock() += 1;
            });
        }
    });
    assert_eq!(runs.into_inner(), ROUNDS);
}
