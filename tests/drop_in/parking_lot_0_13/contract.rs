//! The names and signatures of `parking_lot` 0.13, and what only they do. The parent module says whose is asked.
#![allow(unsafe_code)]

use super::asked::{
    self, Condvar, FairMutex, MappedRecursiveRwLockReadGuard, MappedRecursiveRwLockWriteGuard, Mutex, MutexGuard, Once,
    OnceState, RawFairMutex, RawMutex, RawRwLock, RawRwLockRecursive, RawThreadId, RecursiveRwLock,
    RecursiveRwLockReadGuard, RecursiveRwLockUpgradableReadGuard, RecursiveRwLockWriteGuard, ReentrantMutex, RwLock,
    RwLockUpgradableReadGuard, WaitTimeoutResult, lock_api,
};
use std::{
    cell::Cell,
    fmt,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// How often `wait_while_until` asks its condition when it is too late at once.
pub(super) const LATE_CALLS: u32 = 2;

static MUTEX: Mutex<u8> = Mutex::new(1);
static FAIR: FairMutex<u8> = FairMutex::new(1);
static REENTRANT: ReentrantMutex<Cell<u8>> = ReentrantMutex::new(Cell::new(1));
static RWLOCK: RwLock<u8> = RwLock::new(1);
static RECURSIVE: RecursiveRwLock<u8> = RecursiveRwLock::new(1);
static CONDVAR: Condvar = Condvar::new();
static ONCE: Once = Once::new();
static COMPLETED: Once = Once::new_completed();
static RAW: RawMutex = <RawMutex as lock_api::RawMutex>::INIT;

#[test]
fn all_are_const() {
    *MUTEX.lock() += 1;
    *FAIR.lock() += 1;
    REENTRANT.lock().set(2);
    *RWLOCK.write() += 1;
    *RECURSIVE.write() += 1;
    assert!(!CONDVAR.notify_one());
    ONCE.call_once(|| ());
    COMPLETED.call_once(|| unreachable!());
    let guard = lock_api::RawMutex::lock(&RAW);
    // SAFETY: this is what the lock has given.
    unsafe { lock_api::RawMutex::unlock(&RAW, guard) };
    assert_eq!((*MUTEX.lock(), *FAIR.lock(), REENTRANT.lock().get()), (2, 2, 2));
    assert_eq!((*RWLOCK.read(), *RECURSIVE.read()), (2, 2));
}

type Dyn = dyn fmt::Debug;
type Held = <RawMutex as lock_api::RawMutex>::Guard;
type Shared = <RawRwLock as lock_api::RawRwLock>::SharedGuard;

#[test]
fn all_have_the_real_methods() {
    let _: unsafe fn(&Mutex<Dyn>) -> &RawMutex = Mutex::raw;
    let _: unsafe fn(&Mutex<Dyn>, Held) = Mutex::force_unlock;
    let _: unsafe fn(&Mutex<Dyn>, Held) = Mutex::force_unlock_fair;
    let _: unsafe fn(&Mutex<Dyn>, Held) -> MutexGuard<'_, Dyn> = Mutex::make_guard_unchecked;
    let _: fn(Mutex<u8>) -> (RawMutex, u8) = Mutex::into_inner_with_raw;
    let _: unsafe fn(&RwLock<Dyn>, Shared) = RwLock::force_unlock_read;
    let _: fn(&RwLock<Dyn>) -> RwLockUpgradableReadGuard<'_, Dyn> = RwLock::upgradable_read;
    let _: fn(&RecursiveRwLock<Dyn>) -> RecursiveRwLockReadGuard<'_, Dyn> = RecursiveRwLock::read;
    let _: fn(&RecursiveRwLock<Dyn>) -> RecursiveRwLockWriteGuard<'_, Dyn> = RecursiveRwLock::write;
    let _: fn(&RecursiveRwLock<Dyn>) -> RecursiveRwLockUpgradableReadGuard<'_, Dyn> = RecursiveRwLock::upgradable_read;
    let _: fn(&Once) = Once::wait;
    let _: fn(&Once) = Once::wait_force;
    let _: fn(&Once) -> bool = Once::is_completed;
    let _: fn(OnceState) -> bool = OnceState::is_poisoned;
    let _: for<'a> fn(&Condvar, &mut MutexGuard<'a, Dyn>, Instant) -> WaitTimeoutResult = Condvar::wait_until;
    let _: lock_api::Mutex<RawFairMutex, u8> = FairMutex::new(1);
    let _: lock_api::ReentrantMutex<RawMutex, RawThreadId, u8> = ReentrantMutex::new(1);
    let _: lock_api::RwLock<RawRwLock, u8> = RwLock::new(1);
    let _: lock_api::RwLock<RawRwLockRecursive, u8> = RecursiveRwLock::new(1);
    let _: lock_api::Condvar<asked::RawCondvar> = Condvar::new();
}

#[test]
fn who_reads_recursively_is_let_in_beside_readers() {
    let lock = Arc::new(RecursiveRwLock::new((0, 1)));
    let read = lock.read();
    let writer = {
        let lock = lock.clone();
        thread::spawn(move || lock.write().0 += 1)
    };
    // With a writer behind it sooner or later.
    for _ in 0..10 {
        assert_eq!((lock.read().0, lock.try_read_for(Duration::ZERO).map(|pair| pair.1)), (0, Some(1)));
        assert!(lock.try_write().is_none());
        thread::yield_now();
    }
    drop(read);
    writer.join().unwrap();
    let upgradable = lock.upgradable_read();
    assert!(lock.try_upgradable_read().is_none() && lock.try_read().is_some());
    let write = RecursiveRwLockUpgradableReadGuard::upgrade(upgradable);
    assert!(lock.try_read().is_none());
    let one: MappedRecursiveRwLockWriteGuard<'_, _> = RecursiveRwLockWriteGuard::map(write, |(one, _)| one);
    assert_eq!(*one, 1);
    drop(one);
    let two: MappedRecursiveRwLockReadGuard<'_, _> = RecursiveRwLockReadGuard::map(lock.read(), |(_, two)| two);
    assert_eq!((*two, lock.is_locked(), lock.is_locked_exclusive()), (1, true, false));
}

#[test]
fn what_was_forgotten_can_be_unlocked() {
    let (mutex, lock) = (Mutex::new(1), RwLock::new(1));
    // SAFETY: each guard's state is what its lock has given, and is used once.
    unsafe {
        let held = lock_api::RawMutex::lock(mutex.raw());
        *mutex.make_guard_unchecked(held) += 1;
        let held = lock_api::RawMutex::lock(mutex.raw());
        let shared = lock_api::RawRwLock::lock_shared(lock.raw());
        assert!(mutex.is_locked() && lock.try_write().is_none());
        mutex.force_unlock(held);
        lock.force_unlock_read(shared);
    }
    assert_eq!((*mutex.lock(), *lock.write()), (2, 1));
    let (raw, value) = mutex.into_inner_with_raw();
    assert!(value == 2 && !lock_api::RawMutex::is_locked(&raw));
}

#[test]
fn who_waits_for_an_initialiser_goes_on_when_it_is_over() {
    let once = Arc::new(Once::new());
    let waiters = [Once::wait, Once::wait_force].map(|wait| {
        let once = once.clone();
        thread::spawn(move || {
            wait(&once);
            once.is_completed()
        })
    });
    assert!(!once.is_completed());
    once.call_once(|| thread::sleep(Duration::from_millis(20)));
    assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap()));
}
