//! What `tokio::sync::Mutex` promises to do. The parent module says whose is asked.

use super::{
    asked::sync::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard},
    polled::{at_once, polled, unwatched},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
    sync::{Arc, mpsc::channel},
    thread,
};

#[test]
fn who_waits_is_woken_when_the_guard_goes() {
    let mutex = Mutex::new(1);
    let guard = at_once(mutex.lock());
    let mut second = polled(mutex.lock());
    second.pends();
    second.pends();
    assert_eq!(second.wakes(), 0);
    drop(guard);
    assert_eq!(second.wakes(), 1);
    *second.ready() += 1;
    assert_eq!(*at_once(mutex.lock()), 2);
}

#[test]
fn who_is_no_task_of_ours_is_woken_too() {
    let mutex = Mutex::new(1);
    let guard = unwatched(mutex.lock()).ready();
    let (mut second, mut third) = (unwatched(mutex.lock()), polled(mutex.lock()));
    second.pends();
    third.pends();
    drop(guard);
    assert_eq!((second.wakes(), third.wakes()), (1, 0));
    drop(second.ready());
    assert_eq!(third.wakes(), 1);
    assert_eq!(*third.ready(), 1);
}

#[test]
fn it_is_fair() {
    let mutex = Mutex::new(());
    let guard = at_once(mutex.lock());
    let (mut second, mut third) = (polled(mutex.lock()), polled(mutex.lock()));
    second.pends();
    third.pends();
    drop(guard);
    assert!(mutex.try_lock().is_err(), "it is given on, not opened");
    assert_eq!((second.wakes(), third.wakes()), (1, 0));
    third.pends();
    drop(second.ready());
    assert_eq!(third.wakes(), 1);
    drop(third.ready());
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn a_wait_that_is_given_up_is_passed_on() {
    let mutex = Mutex::new(());
    let guard = at_once(mutex.lock());
    let (mut second, mut third, mut fourth) = (polled(mutex.lock()), polled(mutex.lock()), polled(mutex.lock()));
    second.pends();
    third.pends();
    fourth.pends();
    drop(second);
    drop(guard);
    assert_eq!((third.wakes(), fourth.wakes()), (1, 0));
    // Given up after it has been woken.
    drop(third);
    assert_eq!(fourth.wakes(), 1);
    drop(fourth.ready());
}

#[test]
fn a_future_does_nothing_before_it_is_polled() {
    let mutex = Arc::new(Mutex::new(()));
    let (first, owned) = (mutex.lock(), mutex.clone().lock_owned());
    assert!(mutex.try_lock().is_ok());
    drop(at_once(first));
    drop(at_once(owned));
}

#[test]
fn a_future_that_goes_to_another_task_wakes_that_one() {
    let mutex = Mutex::new(());
    let guard = at_once(mutex.lock());
    let mut future = Box::pin(mutex.lock());
    let mut first = polled(&mut future);
    first.pends();
    let wakes = first.wakes();
    drop(first);
    let mut second = polled(&mut future);
    second.pends();
    drop(guard);
    assert_eq!((wakes, second.wakes()), (0, 1));
    drop(second.ready());
}

#[test]
fn a_try_does_not_wait() {
    let mutex = Arc::new(Mutex::new(1));
    let first = mutex.try_lock().unwrap();
    assert!(mutex.try_lock().is_err() && mutex.clone().try_lock_owned().is_err());
    drop(first);
    let first = mutex.clone().try_lock_owned().unwrap();
    assert!(mutex.try_lock().is_err() && mutex.clone().try_lock_owned().is_err());
    drop(first);
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn an_owned_guard_keeps_the_mutex() {
    let mutex = Arc::new(Mutex::new(vec![1]));
    let mut guard = at_once(mutex.clone().lock_owned());
    let mut second = polled(mutex.clone().lock_owned());
    second.pends();
    guard.push(2);
    assert!(Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &mutex));
    let weak = Arc::downgrade(&mutex);
    drop(mutex);
    drop(guard);
    assert_eq!(second.wakes(), 1);
    let guard = second.ready();
    drop(second);
    assert_eq!((&**guard, weak.strong_count()), (&[1, 2][..], 1));
    let part = OwnedMutexGuard::map(guard, |numbers| &mut numbers[1]);
    assert_eq!((*part, weak.strong_count()), (2, 1));
    drop(part);
    assert_eq!(weak.strong_count(), 0);
}

#[test]
fn an_owned_guard_may_be_of_something_without_a_size() {
    let mutex: Arc<Mutex<[u8]>> = Arc::new(Mutex::new([1, 2, 3]));
    let guard = at_once(mutex.clone().lock_owned());
    let mut part = OwnedMutexGuard::map(guard, |numbers| &mut numbers[1..]);
    part[0] += 5;
    assert!(mutex.try_lock().is_err());
    let last: OwnedMappedMutexGuard<[u8], u8> = OwnedMappedMutexGuard::map(part, |numbers| &mut numbers[1]);
    assert_eq!(*last, 3);
    drop(last);
    assert_eq!(at_once(mutex.lock())[..], [1, 7, 3]);
}

#[test]
fn an_owned_guard_can_be_dropped_elsewhere() {
    let mutex = Arc::new(Mutex::new(1));
    let guard = at_once(mutex.clone().lock_owned());
    let mut second = polled(mutex.lock());
    second.pends();
    thread::spawn(move || drop(guard)).join().unwrap();
    assert_eq!(second.wakes(), 1);
    assert_eq!(*second.ready(), 1);
}

#[test]
fn a_guard_of_a_part_keeps_the_whole() {
    let mutex = Arc::new(Mutex::new((1, Some(2))));
    let guard = at_once(mutex.lock());
    assert!(ptr::eq(MutexGuard::mutex(&guard), &*mutex));
    let part = MutexGuard::map(guard, |(one, _)| one);
    assert!(mutex.try_lock().is_err() && *part == 1);
    let part = MappedMutexGuard::try_map(part, |one| Some(one).filter(|one| **one != 1)).unwrap_err();
    let mut part = MappedMutexGuard::map(part, |one| one);
    *part = 3;
    drop(part);
    let guard = MutexGuard::try_map(at_once(mutex.lock()), |_| None::<&mut u8>).unwrap_err();
    assert!(mutex.try_lock().is_err() && guard.0 == 3);
    let part = MutexGuard::try_map(guard, |(_, two)| two.as_mut()).unwrap();
    assert_eq!(*part, 2);
    assert!(mutex.try_lock().is_err());
    drop(part);

    let guard = OwnedMutexGuard::try_map(at_once(mutex.clone().lock_owned()), |_| None::<&mut u8>).unwrap_err();
    let part = OwnedMutexGuard::try_map(guard, |(_, two)| two.as_mut()).unwrap();
    let part = OwnedMappedMutexGuard::try_map(part, |_| None::<&mut u8>).unwrap_err();
    let mut part = OwnedMappedMutexGuard::try_map(part, |two| Some(two)).unwrap();
    *part = 4;
    assert!(mutex.try_lock().is_err());
    drop(part);
    assert_eq!(*mutex.try_lock().unwrap(), (3, Some(4)));
}

#[test]
fn a_panic_opens_it_and_poisons_nothing() {
    let mutex = Arc::new(Mutex::new(1));
    fn fail(_: &mut i32) -> &mut u8 {
        panic!("on purpose")
    }
    fn try_fail(_: &mut i32) -> Option<&mut u8> {
        panic!("on purpose")
    }
    let part = || MutexGuard::map(at_once(mutex.lock()), |all| all);
    let owned_part = || OwnedMutexGuard::map(at_once(mutex.clone().lock_owned()), |all| all);
    let all: [&dyn Fn(); 9] = [
        &|| {
            let _guard = at_once(mutex.lock());
            panic!("on purpose");
        },
        &|| drop(MutexGuard::map(at_once(mutex.lock()), fail)),
        &|| drop(MutexGuard::try_map(at_once(mutex.lock()), try_fail)),
        &|| drop(MappedMutexGuard::map(part(), fail)),
        &|| drop(MappedMutexGuard::try_map(part(), try_fail)),
        &|| drop(OwnedMutexGuard::map(at_once(mutex.clone().lock_owned()), fail)),
        &|| drop(OwnedMutexGuard::try_map(at_once(mutex.clone().lock_owned()), try_fail)),
        &|| drop(OwnedMappedMutexGuard::map(owned_part(), fail)),
        &|| drop(OwnedMappedMutexGuard::try_map(owned_part(), try_fail)),
    ];
    for with in all {
        assert!(catch_unwind(AssertUnwindSafe(with)).is_err());
        assert_eq!(*mutex.try_lock().unwrap(), 1);
        assert_eq!(Arc::strong_count(&mutex), 1);
    }
}

#[test]
fn the_value_can_be_had_without_a_lock() {
    let mut mutex = Mutex::from(1);
    *mutex.get_mut() += 1;
    assert_eq!(mutex.into_inner(), 2);
    assert_eq!(Mutex::<u8>::default().into_inner(), 0);
}

#[test]
fn a_thread_can_wait() {
    let mutex = Arc::new(Mutex::new(1));
    *mutex.blocking_lock() += 1;
    *mutex.clone().blocking_lock_owned() += 1;
    let guard = at_once(mutex.lock());
    let (about_to, begins) = channel();
    let waits = thread::spawn({
        let mutex = mutex.clone();
        move || {
            about_to.send(()).unwrap();
            *mutex.blocking_lock() += 1;
            let owned = mutex.blocking_lock_owned();
            *owned
        }
    });
    begins.recv().unwrap();
    drop(guard);
    assert_eq!(waits.join().unwrap(), 4);
}

#[test]
fn a_thread_that_drives_tasks_may_not_wait() {
    let mutex = Arc::new(Mutex::new(1));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for owned in [false, true] {
        let waits = async {
            if owned {
                drop(mutex.clone().blocking_lock_owned());
            } else {
                drop(mutex.blocking_lock());
            }
        };
        assert!(catch_unwind(AssertUnwindSafe(|| runtime.block_on(waits))).is_err());
        assert!(mutex.try_lock().is_ok());
    }
}

#[test]
fn tasks_take_turns() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).build().unwrap();
    let mutex = Arc::new(Mutex::new(0_u32));
    runtime.block_on(async {
        let task = |_| {
            let mutex = mutex.clone();
            super::asked::spawn(async move {
                for _ in 0..250 {
                    let mut guard = mutex.lock().await;
                    let before = *guard;
                    tokio::task::yield_now().await;
                    *guard = before + 1;
                    drop(guard);
                    *mutex.clone().lock_owned().await += 1;
                }
            })
        };
        let tasks: Vec<_> = (0..4).map(task).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(*mutex.try_lock().unwrap(), 2_000);
}
