//! What `parking_lot` promises. The parent module says whose is asked.
#![allow(unsafe_code)]
#![expect(clippy::type_complexity, reason = "signatures are what this is about")]

use super::asked::{
    self, ArcMutexGuard, ArcReentrantMutexGuard, ArcRwLockReadGuard, ArcRwLockUpgradableReadGuard, ArcRwLockWriteGuard,
    Condvar, FairMutex, FairMutexGuard, MappedFairMutexGuard, MappedMutexGuard, MappedReentrantMutexGuard,
    MappedRwLockReadGuard, MappedRwLockWriteGuard, Mutex, MutexGuard, Once, OnceState, RawFairMutex, RawMutex,
    RawRwLock, RawThreadId, ReentrantMutex, ReentrantMutexGuard, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard,
    RwLockWriteGuard, WaitTimeoutResult, const_fair_mutex, const_mutex, const_reentrant_mutex, const_rwlock, lock_api,
};
use std::{
    cell::Cell,
    fmt,
    mem::forget,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc::channel},
    thread,
    time::{Duration, Instant},
};

static MUTEX: Mutex<u8> = Mutex::new(1);
static FAIR: FairMutex<u8> = const_fair_mutex(1);
static CONST: Mutex<Vec<u8>> = const_mutex(Vec::new());
static REENTRANT: ReentrantMutex<Cell<u8>> = const_reentrant_mutex(Cell::new(1));
static RWLOCK: RwLock<u8> = const_rwlock(1);
static CONDVAR: Condvar = Condvar::new();
static ONCE: Once = Once::new();
static RAW: RawMutex = <RawMutex as lock_api::RawMutex>::INIT;
static MANY: [RwLock<u8>; 2] = [const { RwLock::new(3) }; 2];

const SOON: Duration = Duration::from_millis(20);

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

// ---- what they do ----

#[test]
fn a_mutex_excludes() {
    let mutex = Arc::new(Mutex::new(0_u32));
    let guard = mutex.lock();
    assert!(mutex.is_locked() && mutex.try_lock().is_none() && mutex.try_lock_for(SOON).is_none());
    assert!(mutex.try_lock_until(Instant::now()).is_none());
    drop(guard);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..1_000).for_each(|_| *mutex.lock() += 1));
        }
    });
    assert_eq!(*mutex.try_lock_for(SOON).unwrap(), 4_000);
    assert!(!mutex.is_locked());
    *MutexGuard::leak(mutex.lock()) += 1;
    assert!(mutex.is_locked());
    // SAFETY: this thread has the guard that it has leaked.
    unsafe { mutex.force_unlock() };
    assert_eq!(*mutex.lock(), 4_001);
}

#[test]
fn a_panic_unlocks_and_poisons_nothing() {
    let mutex = Mutex::new(1);
    let panics = catch_unwind(AssertUnwindSafe(|| {
        let _guard = mutex.lock();
        panic!("on purpose");
    }));
    assert!(panics.is_err() && *mutex.lock() == 1);
}

#[test]
fn a_guard_of_a_part_keeps_the_whole() {
    let mutex = Mutex::new((1, Some(2)));
    let part = MutexGuard::map(mutex.lock(), |(one, _)| one);
    assert!(mutex.is_locked() && *part == 1);
    let part = MappedMutexGuard::try_map(part, |one| Some(one).filter(|one| **one != 1)).unwrap_err();
    drop(part);
    let part = MutexGuard::try_map(mutex.lock(), |(_, two)| two.as_mut()).ok().unwrap();
    assert_eq!(*part, 2);
    MappedMutexGuard::unlock_fair(part);
    let lock = RwLock::new((1, 2));
    let read = RwLockReadGuard::map(lock.read(), |(one, _)| one);
    assert!(*read == 1 && lock.try_write().is_none() && lock.try_read().is_some());
    drop(read);
    *RwLockWriteGuard::map(lock.write(), |(_, two)| two) += 1;
    assert_eq!(lock.into_inner(), (1, 3));
    let inner = ReentrantMutex::new((1, 2));
    let one: MappedReentrantMutexGuard<'_, i32> = ReentrantMutexGuard::map(inner.lock(), |(one, _)| one);
    assert_eq!((*one, inner.lock().1), (1, 2));
}

#[test]
fn arc_guards_keep_their_lock() {
    let mutex = Arc::new(Mutex::new(1));
    let mut guard = mutex.lock_arc();
    drop(mutex);
    *guard += 1;
    assert!(ArcMutexGuard::mutex(&guard).is_locked());
    assert_eq!(*ArcMutexGuard::into_arc(guard).lock(), 2);
    let lock = Arc::new(RwLock::new(1));
    let (read, upgradable) = (lock.read_arc(), lock.upgradable_read_arc());
    drop(read);
    let write = ArcRwLockUpgradableReadGuard::upgrade(upgradable);
    assert!(lock.try_read_arc().is_none());
    drop(ArcRwLockWriteGuard::downgrade(write));
    let inner = Arc::new(ReentrantMutex::new(1));
    assert_eq!(*inner.lock_arc() + *inner.lock_arc(), 2);
}

#[test]
fn a_mutex_is_open_meanwhile() {
    let mutex = Mutex::new(0);
    let mut guard = mutex.lock();
    assert!(MutexGuard::unlocked(&mut guard, || mutex.try_lock().is_some()) && mutex.is_locked());
    assert!(MutexGuard::unlocked_fair(&mut guard, || mutex.try_lock().is_some()) && mutex.is_locked());
    MutexGuard::bump(&mut guard);
    assert!(mutex.is_locked());
    drop(guard);
    let fair = FairMutex::new(0);
    let mut guard = fair.lock();
    assert!(FairMutexGuard::unlocked(&mut guard, || fair.try_lock().is_some()));
    FairMutexGuard::bump(&mut guard);
    drop(guard);
    assert!(!fair.is_locked() && fair.try_lock_for(SOON).is_some());
}

#[test]
fn a_bump_lets_in_who_waits() {
    let mutex = Arc::new(Mutex::new(false));
    let mut guard = mutex.lock();
    let waiter = {
        let mutex = mutex.clone();
        thread::spawn(move || *mutex.lock() = true)
    };
    while !*guard {
        MutexGuard::bump(&mut guard);
        thread::yield_now();
    }
    drop(guard);
    waiter.join().unwrap();
}

#[test]
fn who_holds_a_reentrant_mutex_locks_it_again() {
    let mutex = ReentrantMutex::new(Cell::new(0));
    let one = mutex.lock();
    let two = mutex.try_lock().unwrap();
    assert!(mutex.is_locked() && mutex.is_owned_by_current_thread());
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(mutex.try_lock().is_none() && mutex.try_lock_for(SOON).is_none());
            assert!(!mutex.is_owned_by_current_thread());
        });
    });
    drop(one);
    assert!(mutex.is_locked());
    drop(two);
    assert!(!mutex.is_locked());
}

fn got<G>(guard: Option<G>) -> bool {
    guard.is_some()
}

#[test]
fn who_is_let_in_beside_whom() {
    let lock = RwLock::new(0);
    let may = || {
        [got(lock.try_read()), got(lock.try_read_recursive()), got(lock.try_upgradable_read()), got(lock.try_write())]
    };
    let timed = || {
        [
            got(lock.try_read_for(SOON)),
            got(lock.try_read_recursive_for(SOON)),
            got(lock.try_upgradable_read_for(SOON)),
            got(lock.try_write_for(SOON)),
        ]
    };
    let until = || {
        let now = Instant::now();
        [
            got(lock.try_read_until(now)),
            got(lock.try_read_recursive_until(now)),
            got(lock.try_upgradable_read_until(now)),
            got(lock.try_write_until(now)),
        ]
    };
    let all = |expected: [bool; 4]| assert_eq!([may(), timed(), until()], [expected; 3]);
    all([true; 4]);
    let read = lock.read();
    all([true, true, true, false]);
    assert!(lock.is_locked() && !lock.is_locked_exclusive());
    let upgradable = lock.upgradable_read();
    all([true, true, false, false]);
    let upgradable = RwLockUpgradableReadGuard::try_upgrade(upgradable).unwrap_err();
    let upgradable = RwLockUpgradableReadGuard::try_upgrade_for(upgradable, SOON).unwrap_err();
    let upgradable = RwLockUpgradableReadGuard::try_upgrade_until(upgradable, Instant::now()).unwrap_err();
    all([true, true, false, false]);
    drop(read);
    let write = RwLockUpgradableReadGuard::try_upgrade(upgradable).unwrap();
    all([false; 4]);
    assert!(lock.is_locked_exclusive());
    let mut upgradable = RwLockWriteGuard::downgrade_to_upgradable(write);
    all([true, true, false, false]);
    upgradable.with_upgraded(|value| *value += 1);
    assert_eq!(upgradable.try_with_upgraded(|value| *value), Some(1));
    all([true, true, false, false]);
    let read = RwLockUpgradableReadGuard::downgrade(upgradable);
    all([true, true, true, false]);
    drop(read);
    all([true; 4]);
    let write = RwLockUpgradableReadGuard::upgrade(lock.upgradable_read());
    let read = RwLockWriteGuard::downgrade(write);
    all([true, true, true, false]);
    RwLockReadGuard::unlock_fair(read);
    RwLockWriteGuard::unlock_fair(lock.write());
    RwLockUpgradableReadGuard::unlock_fair(lock.upgradable_read());
    let (mut read, mut write) = (lock.read(), None);
    RwLockReadGuard::bump(&mut read);
    assert!(RwLockReadGuard::unlocked(&mut read, || lock.try_write().is_some()));
    drop(read);
    RwLockWriteGuard::bump(write.insert(lock.write()));
    let mut upgradable = RwLockWriteGuard::downgrade_to_upgradable(write.unwrap());
    RwLockUpgradableReadGuard::bump(&mut upgradable);
    assert!(RwLockUpgradableReadGuard::unlocked_fair(&mut upgradable, || lock.try_write().is_some()));
    drop(upgradable);
    forget(lock.read());
    // SAFETY: this thread has the guard that it has forgotten.
    unsafe { lock.force_unlock_read() };
    all([true; 4]);
}

#[test]
fn a_notification_says_whom_it_has_woken() {
    let pair = Arc::new((Mutex::new(0), Condvar::new()));
    let (waits, begun) = channel();
    assert!(!pair.1.notify_one() && pair.1.notify_all() == 0);
    let waiters: Vec<_> = (0..3)
        .map(|_| {
            let (pair, waits) = (pair.clone(), waits.clone());
            thread::spawn(move || {
                let mut value = pair.0.lock();
                waits.send(()).unwrap();
                pair.1.wait(&mut value);
                *value += 1;
            })
        })
        .collect();
    (0..3).for_each(|_| begun.recv().unwrap());
    // Once it has the mutex, all wait.
    drop(pair.0.lock());
    assert!(pair.1.notify_one());
    assert_eq!(pair.1.notify_all(), 2);
    waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
    assert_eq!(*pair.0.lock(), 3);
}

#[test]
fn a_wait_may_be_for_a_time() {
    let (mutex, condvar) = (Mutex::new(5), Condvar::new());
    let mut value = mutex.lock();
    let began = Instant::now();
    assert!(condvar.wait_for(&mut value, SOON).timed_out());
    assert!(condvar.wait_until(&mut value, began + 2 * SOON).timed_out());
    assert!(began.elapsed() >= 2 * SOON && mutex.is_locked());
    assert!(condvar.wait_while_for(&mut value, |value| *value == 5, SOON).timed_out());
    assert!(!condvar.wait_while_for(&mut value, |value| *value != 5, Duration::MAX).timed_out());
    assert!(!condvar.wait_while_until(&mut value, |value| *value != 5, Instant::now()).timed_out());
    let mut calls = 0;
    let counts = |value: &mut i32| {
        calls += 1;
        *value == 5
    };
    assert!(condvar.wait_while_until(&mut value, counts, Instant::now()).timed_out());
    assert_eq!(calls, 1);
    condvar.wait_while(&mut value, |value| *value != 5);
    // One that panics leaves the mutex as it was.
    let panics = catch_unwind(AssertUnwindSafe(|| condvar.wait_while(&mut value, |_| panic!("on purpose"))));
    assert!(panics.is_err() && mutex.is_locked());
    drop(value);
    assert!(!mutex.is_locked());
}

#[test]
fn a_condvar_is_of_one_mutex_at_a_time() {
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let (waits, begun) = channel();
    let waiter = {
        let pair = pair.clone();
        thread::spawn(move || {
            let mut ready = pair.0.lock();
            waits.send(()).unwrap();
            pair.1.wait_while(&mut ready, |ready| !*ready);
        })
    };
    begun.recv().unwrap();
    drop(pair.0.lock());
    let other = Mutex::new(());
    let refused = catch_unwind(AssertUnwindSafe(|| {
        let mut guard = other.lock();
        pair.1.wait(&mut guard);
    }));
    let message = *refused.unwrap_err().downcast::<&str>().unwrap();
    assert_eq!(message, "attempted to use a condition variable with more than one mutex");
    assert!(!other.is_locked());
    *pair.0.lock() = true;
    pair.1.notify_all();
    waiter.join().unwrap();
}

#[test]
fn an_initialiser_runs_once() {
    let (once, runs) = (Once::new(), Cell::new(0));
    assert_eq!(once.state(), OnceState::New);
    once.call_once(|| runs.set(runs.get() + 1));
    once.call_once(|| runs.set(runs.get() + 1));
    once.call_once_force(|_| runs.set(runs.get() + 1));
    assert_eq!((runs.get(), once.state()), (1, OnceState::Done));
    let once = Once::new();
    assert!(catch_unwind(AssertUnwindSafe(|| once.call_once(|| panic!("on purpose")))).is_err());
    assert!(once.state().poisoned());
    let again = catch_unwind(AssertUnwindSafe(|| once.call_once(|| runs.set(9))));
    let message = *again.unwrap_err().downcast::<&str>().unwrap();
    assert_eq!(message, "Once instance has previously been poisoned");
    once.call_once_force(|state| assert_eq!(state, OnceState::Poisoned));
    assert!(once.state().done() && runs.get() == 1);
}

#[test]
fn what_they_print() {
    let (mutex, fair, inner, lock) = (Mutex::new(1), FairMutex::new(2), ReentrantMutex::new(3), RwLock::new(4));
    assert_eq!(format!("{mutex:?} {fair:?}"), "Mutex { data: 1 } Mutex { data: 2 }");
    assert_eq!(format!("{inner:?} {lock:?}"), "ReentrantMutex { data: 3 } RwLock { data: 4 }");
    let (guard, write) = (mutex.lock(), lock.write());
    assert_eq!(format!("{mutex:?} {lock:?}"), "Mutex { data: <locked> } RwLock { data: <locked> }");
    assert_eq!(format!("{guard:?} {guard:>3} {write}"), "1   1 4");
    assert_eq!(format!("{:?} {:?}", Condvar::new(), Once::new()), "Condvar { .. } Once { state: New }");
}

#[test]
fn are_made_of_values() {
    assert_eq!(Mutex::<u8>::default().into_inner(), 0);
    assert_eq!(RwLock::from("text").into_inner(), "text");
    let slice: &Mutex<[u8]> = &Mutex::new([1, 2]);
    slice.lock()[0] = 3;
    assert_eq!(slice.lock()[..], [3, 2]);
}
