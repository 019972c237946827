//! What `Debug` and `Display` write is what the real types write.

use super::{
    ours,
    polled::{at_once, polled},
    real,
};
use std::{fmt::Debug, pin::pin, sync::Arc};

/// A value in all ways in which it is written for who debugs.
fn both(value: &dyn Debug) -> String {
    format!("{value:?}\n{value:#?}\n{value:5?}")
}

macro_rules! texts {
    ($krate:ident) => {{
        use $krate::sync::*;
        let mut texts = Vec::new();
        let mut tell = |value: &dyn Debug| texts.push(both(value));

        let mutex = Arc::new(Mutex::new(Some(7)));
        tell(&mutex);
        let guard = at_once(mutex.lock());
        tell(&mutex);
        tell(&guard);
        tell(&MutexGuard::try_map(guard, Option::as_mut).unwrap());
        let guard = at_once(mutex.clone().lock_owned());
        tell(&guard);
        tell(&OwnedMutexGuard::try_map(guard, Option::as_mut).unwrap());
        tell(&mutex.try_lock().map(drop));
        let _guard = at_once(mutex.lock());
        tell(&mutex.try_lock().unwrap_err());

        let lock = Arc::new(RwLock::new(Some(7)));
        tell(&lock);
        tell(&at_once(lock.read()));
        tell(&at_once(lock.clone().read_owned()));
        let guard = at_once(lock.write());
        tell(&lock);
        tell(&guard);
        tell(&RwLockWriteGuard::try_map(guard, Option::as_mut).unwrap());
        let guard = at_once(lock.clone().write_owned());
        tell(&guard);
        tell(&OwnedRwLockWriteGuard::try_map(guard, Option::as_mut).unwrap());

        let semaphore = Arc::new(Semaphore::new(3));
        tell(&semaphore);
        tell(&at_once(semaphore.acquire_many(2)));
        tell(&at_once(semaphore.clone().acquire_owned()));
        tell(&semaphore.try_acquire_many(4).unwrap_err());
        semaphore.close();
        tell(&at_once(semaphore.acquire()).unwrap_err());

        let notify = Arc::new(Notify::new());
        notify.notify_one();
        tell(&notify);
        tell(&pin!(notify.notified()));
        tell(&pin!(notify.clone().notified_owned()));

        tell(&at_once(Barrier::new(1).wait()));
        let cell = OnceCell::<u8>::new();
        tell(&cell);
        tell(&cell.set(1));
        tell(&cell);
        tell(&cell.set(2).unwrap_err());
        let set = SetOnce::<u8>::new();
        tell(&set);
        tell(&set.set(1));
        tell(&set);
        tell(&set.set(2).unwrap_err());
        texts
    }};
}

#[test]
fn who_debugs_reads_the_same() {
    let (real, ours) = (texts!(real), texts!(ours));
    assert!(real.len() > 25 && real.iter().any(|text| text.contains("OwnedNotified {")));
    for (real, ours) in real.iter().zip(&ours) {
        assert_eq!(ours, real);
    }
    assert_eq!(ours.len(), real.len());
}

macro_rules! barriers {
    ($krate:ident) => {{
        let barrier = $krate::sync::Barrier::new(2);
        let mut first = polled(barrier.wait());
        first.pends();
        both(&barrier)
    }};
}

#[test]
fn a_barrier_says_how_many_have_come() {
    let (real, ours) = (barriers!(real), barriers!(ours));
    // The words of the thread's own lock in it are std's.
    assert!(real.contains("arrived: 1"), "{real}");
    assert_eq!(ours, real);
}

macro_rules! displayed {
    ($krate:ident) => {{
        use $krate::sync::*;
        let mutex = Arc::new(Mutex::new("text"));
        let lock = Arc::new(RwLock::new("text"));
        [
            format!("{:>6}", at_once(mutex.lock())),
            format!("{:>6}", MutexGuard::map(at_once(mutex.lock()), |text| text)),
            format!("{:>6}", at_once(mutex.clone().lock_owned())),
            format!("{:>6}", OwnedMutexGuard::map(at_once(mutex.clone().lock_owned()), |text| text)),
            format!("{:>6}", at_once(lock.read())),
            format!("{:>6}", at_once(lock.clone().read_owned())),
            format!("{:>6}", at_once(lock.write())),
            format!("{:>6}", RwLockWriteGuard::into_mapped(at_once(lock.write()))),
            format!("{:>6}", at_once(lock.clone().write_owned())),
            format!("{:>6}", OwnedRwLockWriteGuard::into_mapped(at_once(lock.clone().write_owned()))),
            format!("{:>6}", RwLockReadGuard::map(at_once(lock.read()), |text| text)),
        ]
    }};
}

#[test]
fn a_guard_is_displayed_as_what_it_guards() {
    let (real, ours) = (displayed!(real), displayed!(ours));
    assert!(real.iter().all(|text| text == "  text"));
    assert_eq!(ours, real);
}
