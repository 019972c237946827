//! What `parking_lot` promises to do, in every version of it. The parent module says whose is asked.

use super::{
    asked::{
        ArcMutexGuard, ArcRwLockUpgradableReadGuard, ArcRwLockWriteGuard, Condvar, FairMutex, FairMutexGuard,
        MappedMutexGuard, MappedReentrantMutexGuard, Mutex, MutexGuard, Once, OnceState, ReentrantMutex,
        ReentrantMutexGuard, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard,
    },
    contract::LATE_CALLS,
};
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc::channel},
    thread,
    time::{Duration, Instant},
};

const SOON: Duration = Duration::from_millis(20);

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
    let may = || [got(lock.try_read()), got(lock.try_upgradable_read()), got(lock.try_write())];
    let timed =
        || [got(lock.try_read_for(SOON)), got(lock.try_upgradable_read_for(SOON)), got(lock.try_write_for(SOON))];
    let until = || {
        let now = Instant::now();
        [got(lock.try_read_until(now)), got(lock.try_upgradable_read_until(now)), got(lock.try_write_until(now))]
    };
    let all = |expected: [bool; 3]| assert_eq!([may(), timed(), until()], [expected; 3]);
    all([true; 3]);
    let read = lock.read();
    all([true, true, false]);
    assert!(lock.is_locked() && !lock.is_locked_exclusive());
    let upgradable = lock.upgradable_read();
    all([true, false, false]);
    let upgradable = RwLockUpgradableReadGuard::try_upgrade(upgradable).unwrap_err();
    let upgradable = RwLockUpgradableReadGuard::try_upgrade_for(upgradable, SOON).unwrap_err();
    let upgradable = RwLockUpgradableReadGuard::try_upgrade_until(upgradable, Instant::now()).unwrap_err();
    all([true, false, false]);
    drop(read);
    let write = RwLockUpgradableReadGuard::try_upgrade(upgradable).unwrap();
    all([false; 3]);
    assert!(lock.is_locked_exclusive());
    let mut upgradable = RwLockWriteGuard::downgrade_to_upgradable(write);
    all([true, false, false]);
    upgradable.with_upgraded(|value| *value += 1);
    assert_eq!(upgradable.try_with_upgraded(|value| *value), Some(1));
    all([true, false, false]);
    let read = RwLockUpgradableReadGuard::downgrade(upgradable);
    all([true, true, false]);
    drop(read);
    all([true; 3]);
    let write = RwLockUpgradableReadGuard::upgrade(lock.upgradable_read());
    let read = RwLockWriteGuard::downgrade(write);
    all([true, true, false]);
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
    all([true; 3]);
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
    assert_eq!(calls, LATE_CALLS);
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
