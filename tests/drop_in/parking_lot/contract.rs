//! The names and signatures of `parking_lot` 0.12, and what only they do. The parent module says whose is asked.
#![allow(unsafe_code)]
#![expect(clippy::type_complexity, reason = "signatures are what this is about")]

use super::asked::{
    self, ArcMutexGuard, ArcReentrantMutexGuard, ArcRwLockReadGuard, ArcRwLockUpgradableReadGuard, ArcRwLockWriteGuard,
    Condvar, FairMutex, FairMutexGuard, MappedFairMutexGuard, MappedMutexGuard, MappedRwLockReadGuard,
    MappedRwLockWriteGuard, Mutex, MutexGuard, Once, OnceState, RawFairMutex, RawMutex, RawRwLock, RawThreadId,
    ReentrantMutex, ReentrantMutexGuard, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard,
    WaitTimeoutResult, const_fair_mutex, const_mutex, const_reentrant_mutex, const_rwlock, lock_api,
};
use std::{
    cell::Cell,
    fmt,
    mem::forget,
    sync::Arc,
    time::{Duration, Instant},
};

/// How often `wait_while_until` asks its condition when it is too late at once.
pub(super) const LATE_CALLS: u32 = 1;

static MUTEX: Mutex<u8> = Mutex::new(1);
static FAIR: FairMutex<u8> = const_fair_mutex(1);
static CONST: Mutex<Vec<u8>> = const_mutex(Vec::new());
static REENTRANT: ReentrantMutex<Cell<u8>> = const_reentrant_mutex(Cell::new(1));
static RWLOCK: RwLock<u8> = const_rwlock(1);
static CONDVAR: Condvar = Condvar::new();
static ONCE: Once = Once::new();
static RAW: RawMutex = <RawMutex as lock_api::RawMutex>::INIT;
static MANY: [RwLock<u8>; 2] = [const { RwLock::new(3) }; 2];

#[test]
fn all_are_const() {
    *MUTEX.lock() += 1;
    *FAIR.lock() += 1;
    CONST.lock().push(1);
    REENTRANT.lock().set(2);
    *RWLOCK.write() += 1;
    assert!(!CONDVAR.notify_one());
    ONCE.call_once(|| ());
    lock_api::RawMutex::lock(&RAW);
    assert_eq!((*MUTEX.lock(), *FAIR.lock(), REENTRANT.lock().get(), *RWLOCK.read(), *MANY[1].read()), (2, 2, 2, 2, 3));
}

// ---- signatures: where one differs this does not compile ----

type Dyn = dyn fmt::Debug;

#[test]
fn mutexes_have_the_real_methods() {
    let _: fn(u8) -> Mutex<u8> = Mutex::new;
    let _: fn(RawMutex, u8) -> Mutex<u8> = Mutex::from_raw;
    let _: fn(Mutex<u8>) -> u8 = Mutex::into_inner;
    let _: fn(&Mutex<Dyn>) -> MutexGuard<'_, Dyn> = Mutex::lock;
    let _: fn(&Mutex<Dyn>) -> Option<MutexGuard<'_, Dyn>> = Mutex::try_lock;
    let _: fn(&Mutex<Dyn>, Duration) -> Option<MutexGuard<'_, Dyn>> = Mutex::try_lock_for;
    let _: fn(&Mutex<Dyn>, Instant) -> Option<MutexGuard<'_, Dyn>> = Mutex::try_lock_until;
    let _: fn(&mut Mutex<Dyn>) -> &mut Dyn = Mutex::get_mut;
    let _: fn(&Mutex<Dyn>) -> bool = Mutex::is_locked;
    let _: fn(&Mutex<Dyn>) -> *mut Dyn = Mutex::data_ptr;
    let _: unsafe fn(&Mutex<Dyn>) -> &RawMutex = Mutex::raw;
    let _: unsafe fn(&Mutex<Dyn>) = Mutex::force_unlock;
    let _: unsafe fn(&Mutex<Dyn>) = Mutex::force_unlock_fair;
    let _: unsafe fn(&Mutex<Dyn>) -> MutexGuard<'_, Dyn> = Mutex::make_guard_unchecked;
    let _: fn(&Arc<Mutex<u8>>) -> ArcMutexGuard<RawMutex, u8> = Mutex::lock_arc;
    let _: fn(FairMutexGuard<'static, Dyn>) = FairMutexGuard::unlock_fair;
    let _: fn(&FairMutex<Dyn>) -> FairMutexGuard<'_, Dyn> = FairMutex::lock;
    let _: fn(FairMutexGuard<'static, (u8, u8)>, fn(&mut (u8, u8)) -> &mut u8) -> MappedFairMutexGuard<'static, u8> =
        FairMutexGuard::map;
    let _: fn(MutexGuard<'static, (u8, u8)>, fn(&mut (u8, u8)) -> &mut u8) -> MappedMutexGuard<'static, u8> =
        MutexGuard::map;
    let _: fn(&ReentrantMutex<Dyn>) -> ReentrantMutexGuard<'_, Dyn> = ReentrantMutex::lock;
    let _: fn(RawMutex, RawThreadId, u8) -> ReentrantMutex<u8> = ReentrantMutex::from_raw;
    let _: fn(&Arc<ReentrantMutex<u8>>) -> ArcReentrantMutexGuard<RawMutex, RawThreadId, u8> = ReentrantMutex::lock_arc;
    let _: lock_api::Mutex<RawFairMutex, u8> = FairMutex::new(1);
    let _: lock_api::ReentrantMutex<RawMutex, RawThreadId, u8> = ReentrantMutex::new(1);
}

#[test]
fn read_write_locks_have_the_real_methods() {
    let _: fn(&RwLock<Dyn>) -> RwLockReadGuard<'_, Dyn> = RwLock::read;
    let _: fn(&RwLock<Dyn>) -> RwLockReadGuard<'_, Dyn> = RwLock::read_recursive;
    let _: fn(&RwLock<Dyn>) -> RwLockWriteGuard<'_, Dyn> = RwLock::write;
    let _: fn(&RwLock<Dyn>) -> RwLockUpgradableReadGuard<'_, Dyn> = RwLock::upgradable_read;
    let _: fn(&RwLock<Dyn>, Duration) -> Option<RwLockReadGuard<'_, Dyn>> = RwLock::try_read_for;
    let _: fn(&RwLock<Dyn>, Instant) -> Option<RwLockReadGuard<'_, Dyn>> = RwLock::try_read_recursive_until;
    let _: fn(&RwLock<Dyn>, Duration) -> Option<RwLockWriteGuard<'_, Dyn>> = RwLock::try_write_for;
    let _: fn(&RwLock<Dyn>, Instant) -> Option<RwLockUpgradableReadGuard<'_, Dyn>> = RwLock::try_upgradable_read_until;
    let _: fn(RwLockUpgradableReadGuard<'static, Dyn>) -> RwLockWriteGuard<'static, Dyn> =
        RwLockUpgradableReadGuard::upgrade;
    let _: fn(RwLockWriteGuard<'static, Dyn>) -> RwLockReadGuard<'static, Dyn> = RwLockWriteGuard::downgrade;
    let _: fn(RwLockWriteGuard<'static, Dyn>) -> RwLockUpgradableReadGuard<'static, Dyn> =
        RwLockWriteGuard::downgrade_to_upgradable;
    let _: fn(&RwLock<Dyn>) -> bool = RwLock::is_locked_exclusive;
    let _: unsafe fn(&RwLock<Dyn>) = RwLock::force_unlock_read_fair;
    let _: fn(RwLockReadGuard<'static, (u8, u8)>, fn(&(u8, u8)) -> &u8) -> MappedRwLockReadGuard<'static, u8> =
        RwLockReadGuard::map;
    let _: fn(
        RwLockWriteGuard<'static, (u8, u8)>,
        fn(&mut (u8, u8)) -> &mut u8,
    ) -> MappedRwLockWriteGuard<'static, u8> = RwLockWriteGuard::map;
    let _: fn(&Arc<RwLock<u8>>) -> ArcRwLockReadGuard<RawRwLock, u8> = RwLock::read_arc;
    let _: fn(&Arc<RwLock<u8>>) -> ArcRwLockWriteGuard<RawRwLock, u8> = RwLock::write_arc;
    let _: fn(&Arc<RwLock<u8>>) -> ArcRwLockUpgradableReadGuard<RawRwLock, u8> = RwLock::upgradable_read_arc;
    let _: lock_api::RwLock<RawRwLock, u8> = RwLock::new(1);
}

#[test]
fn waits_have_the_real_methods() {
    let _: for<'a> fn(&Condvar, &mut MutexGuard<'a, Dyn>) = Condvar::wait;
    let _: for<'a> fn(&Condvar, &mut MutexGuard<'a, Dyn>, Duration) -> WaitTimeoutResult = Condvar::wait_for;
    let _: for<'a> fn(&Condvar, &mut MutexGuard<'a, Dyn>, Instant) -> WaitTimeoutResult = Condvar::wait_until;
    let _: for<'a> fn(&Condvar, &mut MutexGuard<'a, u8>, fn(&mut u8) -> bool) = Condvar::wait_while;
    let _: for<'a> fn(&Condvar, &mut MutexGuard<'a, u8>, fn(&mut u8) -> bool, Duration) -> WaitTimeoutResult =
        Condvar::wait_while_for;
    let _: for<'a> fn(&Condvar, &mut MutexGuard<'a, u8>, fn(&mut u8) -> bool, Instant) -> WaitTimeoutResult =
        Condvar::wait_while_until;
    let _: fn(&Condvar) -> bool = Condvar::notify_one;
    let _: fn(&Condvar) -> usize = Condvar::notify_all;
    let _: fn() -> Condvar = Condvar::default;
    let _: fn(&Once, fn()) = Once::call_once;
    let _: fn(&Once, fn(OnceState)) = Once::call_once_force;
    let _: fn(&Once) -> OnceState = Once::state;
    let _: fn() -> Once = Once::default;
    let _: fn(WaitTimeoutResult) -> bool = WaitTimeoutResult::timed_out;
    assert_eq!(OnceState::New, asked::OnceState::New);
}

// ---- what only this version has ----

#[test]
fn who_reads_recursively_is_let_in_beside_readers() {
    let lock = RwLock::new(0);
    let soon = Duration::from_millis(20);
    let may = || {
        [
            lock.try_read_recursive().is_some(),
            lock.try_read_recursive_for(soon).is_some(),
            lock.try_read_recursive_until(Instant::now()).is_some(),
        ]
    };
    assert_eq!(may(), [true; 3]);
    let upgradable = lock.upgradable_read();
    assert_eq!((may(), *lock.read_recursive()), ([true; 3], 0));
    let write = RwLockUpgradableReadGuard::upgrade(upgradable);
    assert_eq!(may(), [false; 3]);
    drop(write);
    assert_eq!(may(), [true; 3]);
}

#[test]
fn what_was_forgotten_can_be_unlocked() {
    let (mutex, lock) = (Mutex::new(1), RwLock::new(1));
    *MutexGuard::leak(mutex.lock()) += 1;
    forget(lock.read());
    // SAFETY: this thread has the guards that it has forgotten.
    unsafe {
        mutex.force_unlock();
        lock.force_unlock_read();
    }
    assert_eq!((*mutex.lock(), *lock.write()), (2, 1));
}
