use super::{
    panicking_thread,
    sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError},
    thread,
};

fn poisoned() -> RwLock<u8> {
    let lock = RwLock::new(7);
    panicking_thread(|panic| {
        let _guard = lock.write().unwrap();
        panic();
    });
    lock
}

#[test]
fn readers_share_and_writers_do_not() {
    let lock = RwLock::new(1);
    let first = lock.read().unwrap();
    let second = lock.try_read().unwrap();
    assert_eq!(*first + *second, 2);
    assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
    drop((first, second));
    let mut writer = lock.try_write().unwrap();
    *writer = 5;
    assert!(matches!(lock.try_read(), Err(TryLockError::WouldBlock)));
    assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
    drop(writer);
    *lock.write().unwrap() += 1;
    assert_eq!(lock.into_inner().unwrap(), 6);
}

#[test]
fn readers_share_across_threads() {
    let lock = RwLock::new(3);
    let guard = lock.read().unwrap();
    let seen = thread::scope(|scope| scope.spawn(|| *lock.read().unwrap()).join().unwrap());
    assert_eq!(seen, *guard);
}

#[test]
fn a_writer_waits_for_a_reader() {
    let lock = RwLock::new(0);
    let guard = lock.read().unwrap();
    thread::scope(|scope| {
        let writer = scope.spawn(|| *lock.write().unwrap() = 1);
        assert_eq!(*guard, 0);
        drop(guard);
        writer.join().unwrap();
    });
    assert_eq!(*lock.read().unwrap(), 1);
}

#[test]
fn a_panicking_writer_poisons_and_a_reader_does_not() {
    let lock = RwLock::new(());
    panicking_thread(|panic| {
        let _guard = lock.read();
        panic();
    });
    assert!(!lock.is_poisoned());

    let mut lock = poisoned();
    assert!(lock.is_poisoned());
    assert_eq!(*lock.read().unwrap_err().into_inner(), 7);
    assert_eq!(*lock.write().unwrap_err().into_inner(), 7);
    assert!(matches!(lock.try_read(), Err(TryLockError::Poisoned(held)) if **held.get_ref() == 7));
    assert!(matches!(lock.try_write(), Err(TryLockError::Poisoned(held)) if **held.get_ref() == 7));
    assert_eq!(*lock.get_mut().unwrap_err().into_inner(), 7);
    lock.clear_poison();
    assert_eq!(*lock.read().unwrap(), 7);
    *lock.get_mut().unwrap() = 8;
    assert_eq!(lock.into_inner().unwrap(), 8);
    assert_eq!(poisoned().into_inner().unwrap_err().into_inner(), 7);
}

#[test]
fn a_writer_may_become_a_reader() {
    let lock = RwLock::new(1);
    let mut writer = lock.write().unwrap();
    *writer = 2;
    let reader = RwLockWriteGuard::downgrade(writer);
    assert_eq!(*reader + *lock.try_read().unwrap(), 4);
    assert!(lock.try_write().is_err());
    drop(reader);
    assert!(lock.try_write().is_ok());
}

#[test]
fn what_it_prints() {
    let lock = RwLock::new(5);
    let reader = lock.read().unwrap();
    assert_eq!(format!("{lock:?} {reader:?} {reader:>2}"), "RwLock { data: 5, poisoned: false, .. } 5  5");
    drop(reader);
    let mut writer = lock.write().unwrap();
    *writer += 1;
    assert_eq!(format!("{lock:?} {writer:?} {writer:>2}"), "RwLock { data: <locked>, poisoned: false, .. } 6  6");
    assert_eq!(format!("{:?}", poisoned()), "RwLock { data: 7, poisoned: true, .. }");
}

#[test]
fn is_made_of_values() {
    assert_eq!(RwLock::<u8>::default().into_inner().unwrap(), 0);
    assert_eq!(RwLock::from("text").into_inner().unwrap(), "text");
}

#[test]
fn may_hold_unsized_values() {
    let shared: Arc<RwLock<dyn AsRef<str> + Send + Sync>> = Arc::new(RwLock::new(String::from("a")));
    assert_eq!((*shared.read().unwrap()).as_ref(), "a");
    let slice: &RwLock<[u8]> = &RwLock::new([1, 2, 3]);
    slice.write().unwrap()[0] = 4;
    assert_eq!(slice.read().unwrap()[..], [4, 2, 3]);
}

/// Compiles only where the guard is covariant.
#[test]
fn a_read_guard_of_a_longer_life_serves_for_a_shorter() {
    fn shorten<'a, 'b>(guard: RwLockReadGuard<'a, &'static str>, _: &'b str) -> RwLockReadGuard<'a, &'b str>
    where
        'a: 'b,
    {
        guard
    }
    let lock = RwLock::new("long");
    let short = String::from("short");
    assert_eq!(*shorten(lock.read().unwrap(), &short), "long");
}

#[test]
fn a_guard_that_was_downgraded_does_not_poison() {
    let lock = RwLock::new(0);
    panicking_thread(|panic| {
        let mut writer = lock.write().unwrap();
        *writer = 1;
        let _reader = RwLockWriteGuard::downgrade(writer);
        panic();
    });
    assert!(!lock.is_poisoned());
    assert_eq!(*lock.write().unwrap(), 1);
}

/// Whoever waited to read is let in beside it; who waits to write is not.
#[test]
fn a_downgrade_lets_readers_in() {
    let lock = RwLock::new(0);
    thread::scope(|scope| {
        let mut writer = lock.write().unwrap();
        let readers = [(); 3].map(|()| scope.spawn(|| *lock.read().unwrap()));
        *writer = 5;
        let reader = RwLockWriteGuard::downgrade(writer);
        for other in readers {
            assert_eq!(other.join().unwrap(), 5);
        }
        let writer = scope.spawn(|| *lock.write().unwrap() += 1);
        assert!(lock.try_write().is_err() && !writer.is_finished());
        assert_eq!(*reader, 5);
        drop(reader);
        writer.join().unwrap();
    });
    assert_eq!(lock.into_inner().unwrap(), 6);
}

/// By itself this is legal: it can only fail where a writer comes between.
#[test]
fn one_thread_may_read_many_times() {
    let lock = RwLock::new(1);
    let guards: Vec<_> = (0..1_000).map(|_| lock.read().unwrap()).collect();
    assert_eq!(guards.iter().map(|guard| **guard).sum::<i32>(), 1_000);
    assert!(lock.try_write().is_err() && lock.try_read().is_ok());
    drop(guards);
    assert!(lock.try_write().is_ok());
}

#[test]
fn a_forgotten_guard_keeps_it_locked() {
    let lock = RwLock::new(3);
    std::mem::forget(lock.read());
    assert!(lock.try_write().is_err() && lock.try_read().is_ok());
    let lock = RwLock::new(3);
    std::mem::forget(lock.write());
    assert!(lock.try_write().is_err() && lock.try_read().is_err());
    assert_eq!(lock.into_inner().unwrap(), 3);
}

#[test]
fn writers_exclude_all_others() {
    let lock = RwLock::new((0, 0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..500 {
                    let mut pair = lock.write().unwrap();
                    pair.0 += 1;
                    pair.1 += 1;
                }
            });
            scope.spawn(|| {
                for _ in 0..500 {
                    let pair = lock.read().unwrap();
                    assert_eq!(pair.0, pair.1);
                }
            });
        }
    });
    assert_eq!(lock.into_inner().unwrap(), (1_000, 1_000));
}

#[test]
fn drops_its_value_once() {
    let value = Arc::new(());
    let lock = RwLock::new(value.clone());
    drop(lock.read().unwrap().clone());
    drop(lock.write().unwrap().clone());
    assert_eq!(Arc::strong_count(&value), 2);
    drop(lock.into_inner());
    assert_eq!(Arc::strong_count(&value), 1);
    drop(RwLock::new(value.clone()));
    assert_eq!(Arc::strong_count(&value), 1);
}
