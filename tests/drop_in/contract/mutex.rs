use super::{
    panicking_thread,
    sync::{Arc, Mutex, TryLockError},
    thread,
};

fn poisoned() -> Mutex<u8> {
    let mutex = Mutex::new(7);
    panicking_thread(|panic| {
        let _guard = mutex.lock().unwrap();
        panic();
    });
    mutex
}

#[test]
fn locks_and_unlocks() {
    let mutex = Mutex::new(1);
    *mutex.lock().unwrap() += 1;
    assert_eq!(*mutex.lock().unwrap(), 2);
    assert_eq!(mutex.into_inner().unwrap(), 2);
}

#[test]
fn excludes() {
    let mutex = Mutex::new(0_u32);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1_000 {
                    *mutex.lock().unwrap() += 1;
                }
            });
        }
    });
    assert_eq!(mutex.into_inner().unwrap(), 4_000);
}

#[test]
fn try_lock_says_why_not() {
    let mutex = Mutex::new(());
    let guard = mutex.try_lock().unwrap();
    assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
    assert_eq!(
        mutex.try_lock().map(drop).unwrap_err().to_string(),
        "try_lock failed because the operation would block"
    );
    drop(guard);
    drop(mutex.try_lock().unwrap());
    assert!(matches!(poisoned().try_lock(), Err(TryLockError::Poisoned(held)) if **held.get_ref() == 7));
}

#[test]
fn a_panic_poisons() {
    let mut mutex = poisoned();
    assert!(mutex.is_poisoned());
    assert_eq!(mutex.lock().map(drop).unwrap_err().to_string(), "poisoned lock: another task failed inside");
    assert_eq!(**mutex.lock().unwrap_err().get_ref(), 7);
    assert_eq!(*mutex.get_mut().unwrap_err().into_inner(), 7);
    mutex.clear_poison();
    assert!(!mutex.is_poisoned());
    *mutex.get_mut().unwrap() = 8;
    assert_eq!(*mutex.lock().unwrap(), 8);
    assert_eq!(poisoned().into_inner().unwrap_err().into_inner(), 7);
}

#[test]
fn a_guard_of_a_panicking_thread_poisons_only_what_it_locked_before() {
    let (before, within) = (Mutex::new(()), Mutex::new(()));
    struct LocksInDrop<'a>(&'a Mutex<()>);
    impl Drop for LocksInDrop<'_> {
        fn drop(&mut self) {
            drop(self.0.lock());
        }
    }
    panicking_thread(|panic| {
        let _locks = LocksInDrop(&within);
        let _guard = before.lock();
        panic();
    });
    assert!(before.is_poisoned());
    assert!(!within.is_poisoned());
}

#[test]
fn a_forgotten_guard_keeps_it_locked() {
    let mut mutex = Mutex::new(3);
    std::mem::forget(mutex.lock());
    assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
    assert_eq!(*mutex.get_mut().unwrap(), 3);
}

#[test]
fn what_it_prints() {
    let mutex = Mutex::new(5);
    assert_eq!(format!("{mutex:?}"), "Mutex { data: 5, poisoned: false, .. }");
    let guard = mutex.lock().unwrap();
    assert_eq!(format!("{mutex:?}"), "Mutex { data: \"<locked>\", poisoned: false, .. }");
    assert_eq!(format!("{guard:?} {guard:>3} {guard:#04x?}"), "5   5 0x05");
    drop(guard);
    assert_eq!(format!("{:?}", poisoned()), "Mutex { data: 7, poisoned: true, .. }");
    let unsized_one: &Mutex<[u8]> = &Mutex::new([1, 2]);
    assert_eq!(format!("{unsized_one:?}"), "Mutex { data: [1, 2], poisoned: false, .. }");
}

#[test]
fn is_made_of_values() {
    assert_eq!(Mutex::<u8>::default().into_inner().unwrap(), 0);
    assert_eq!(Mutex::from("text").into_inner().unwrap(), "text");
}

#[test]
fn may_hold_unsized_values() {
    let shared: Arc<Mutex<dyn Iterator<Item = u8> + Send>> = Arc::new(Mutex::new(0..3));
    assert_eq!(shared.lock().unwrap().next(), Some(0));
    let boxed: Box<Mutex<dyn Iterator<Item = u8>>> = Box::new(Mutex::new(5..6));
    assert_eq!(boxed.lock().unwrap().next(), Some(5));
    let slice: &mut Mutex<[u8]> = &mut Mutex::new([1, 2, 3]);
    slice.get_mut().unwrap()[0] = 4;
    let shared: &Mutex<[u8]> = slice;
    assert_eq!(shared.lock().unwrap()[..], [4, 2, 3]);
}

#[test]
fn drops_its_value_once() {
    let value = Arc::new(());
    let mutex = Mutex::new(value.clone());
    drop(mutex.lock().unwrap().clone());
    assert_eq!(Arc::strong_count(&value), 2);
    drop(mutex);
    assert_eq!(Arc::strong_count(&value), 1);
    drop(Mutex::new(value.clone()).into_inner());
    assert_eq!(Arc::strong_count(&value), 1);
}

/// In any order, and in other places than they were taken in.
#[test]
fn guards_are_released_in_any_order() {
    let locks = [1, 2, 3].map(Mutex::new);
    let mut guards: Vec<_> = locks.iter().map(|lock| lock.lock().unwrap()).collect();
    for index in [1, 0, 0] {
        drop(guards.remove(index));
    }
    assert!(locks.iter().all(|lock| lock.try_lock().is_ok()));
    // A guard is replaced after the next has been taken: hand over hand.
    let mut guard = locks[0].lock().unwrap();
    for lock in &locks[1..] {
        guard = lock.lock().unwrap();
    }
    assert_eq!(*guard, 3);
    assert!(locks[0].try_lock().is_ok() && locks[1].try_lock().is_ok() && locks[2].try_lock().is_err());
}

#[test]
fn a_failed_try_on_an_own_lock_is_an_answer() {
    let mutex = Mutex::new(());
    let guard = mutex.lock().unwrap();
    for _ in 0..3 {
        assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
    }
    drop(guard);
    drop(mutex.lock().unwrap());
}

#[test]
fn a_poisoned_mutex_still_excludes() {
    let mutex = poisoned();
    let guard = mutex.lock().unwrap_err().into_inner();
    assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
    drop(guard);
    // Poison stays until it is cleared, also under a guard.
    let guard = mutex.lock().unwrap_err();
    mutex.clear_poison();
    assert_eq!(**guard.get_ref(), 7);
    drop(guard);
    assert!(mutex.lock().is_ok());
}

/// `main` of a program that keeps its state in a value that is dropped by the last thread.
#[test]
fn the_last_owner_frees_it() {
    for _ in 0..50 {
        let mutex = Arc::new(Mutex::new(0));
        let threads = [(); 3].map(|()| {
            let mutex = mutex.clone();
            thread::spawn(move || *mutex.lock().unwrap() += 1)
        });
        drop(mutex);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}
