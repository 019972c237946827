//! What `tokio::sync::Semaphore` promises to do. The parent module says whose is asked.

use super::{
    asked::sync::{Semaphore, TryAcquireError},
    polled::{at_once, polled},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
    sync::{Arc, mpsc::channel},
    thread,
};

#[test]
fn permits_are_taken_and_given_back() {
    let semaphore = Arc::new(Semaphore::new(3));
    let two = at_once(semaphore.acquire_many(2)).unwrap();
    let one = at_once(semaphore.clone().acquire_owned()).unwrap();
    assert_eq!((two.num_permits(), one.num_permits(), semaphore.available_permits()), (2, 1, 0));
    assert!(ptr::eq(two.semaphore(), &*semaphore) && Arc::ptr_eq(one.semaphore(), &semaphore));
    assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
    assert_eq!(semaphore.clone().try_acquire_many_owned(2).unwrap_err(), TryAcquireError::NoPermits);
    let mut waits = polled(semaphore.acquire_many(2));
    waits.pends();
    drop(one);
    assert_eq!(waits.wakes(), 0);
    drop(two);
    assert_eq!(waits.wakes(), 1);
    drop(waits.ready());
    assert_eq!(semaphore.available_permits(), 3);
    drop((semaphore.try_acquire_many(3).unwrap(), semaphore.try_acquire_many(0).unwrap()));
    drop((semaphore.clone().try_acquire_owned().unwrap(), semaphore.clone().try_acquire_many_owned(2).unwrap()));
    assert_eq!((semaphore.available_permits(), Arc::strong_count(&semaphore)), (3, 1));
}

#[test]
fn permits_can_be_added_and_forgotten() {
    let semaphore = Arc::new(Semaphore::new(0));
    let mut waits = polled(semaphore.clone().acquire_many_owned(2));
    waits.pends();
    semaphore.add_permits(1);
    assert_eq!(waits.wakes(), 0);
    semaphore.add_permits(2);
    assert_eq!(waits.wakes(), 1);
    waits.ready().unwrap().forget();
    assert_eq!(semaphore.available_permits(), 1);
    at_once(semaphore.acquire()).unwrap().forget();
    assert_eq!(semaphore.available_permits(), 0);
    semaphore.add_permits(5);
    assert_eq!((semaphore.forget_permits(3), semaphore.forget_permits(3), semaphore.forget_permits(3)), (3, 2, 0));
    assert!(catch_unwind(AssertUnwindSafe(|| semaphore.add_permits(usize::MAX))).is_err());
    assert!(catch_unwind(|| Semaphore::new(Semaphore::MAX_PERMITS + 1)).is_err());
    drop(waits);
    assert_eq!(Arc::strong_count(&semaphore), 1);
}

#[test]
fn no_permits_are_had_at_once() {
    let semaphore = Arc::new(Semaphore::new(0));
    assert_eq!(at_once(semaphore.acquire_many(0)).unwrap().num_permits(), 0);
    assert_eq!(at_once(semaphore.clone().acquire_many_owned(0)).unwrap().num_permits(), 0);
    assert_eq!(semaphore.available_permits(), 0);
}

#[test]
fn permits_are_split_and_merged() {
    let semaphore = Semaphore::new(7);
    let mut all = at_once(semaphore.acquire_many(7)).unwrap();
    assert!(all.split(8).is_none());
    let (mut three, none) = (all.split(3).unwrap(), all.split(0).unwrap());
    assert_eq!((all.num_permits(), three.num_permits(), none.num_permits()), (4, 3, 0));
    let rest = all.split(4).unwrap();
    assert_eq!((all.num_permits(), rest.num_permits()), (0, 4));
    drop(none);
    three.merge(rest);
    all.merge(three);
    assert_eq!((all.num_permits(), semaphore.available_permits()), (7, 0));
    drop(all);
    assert_eq!(semaphore.available_permits(), 7);
}

#[test]
fn owned_permits_are_split_and_merged() {
    let semaphore = Arc::new(Semaphore::new(7));
    let mut all = at_once(semaphore.clone().acquire_many_owned(7)).unwrap();
    assert!(all.split(8).is_none());
    let (mut three, none) = (all.split(3).unwrap(), all.split(0).unwrap());
    assert_eq!((all.num_permits(), three.num_permits(), none.num_permits()), (4, 3, 0));
    let rest = all.split(4).unwrap();
    assert_eq!((all.num_permits(), rest.num_permits(), Arc::strong_count(&semaphore)), (0, 4, 5));
    drop(none);
    three.merge(rest);
    all.merge(three);
    assert_eq!((all.num_permits(), semaphore.available_permits(), Arc::strong_count(&semaphore)), (7, 0, 2));
    drop(all);
    assert_eq!((semaphore.available_permits(), Arc::strong_count(&semaphore)), (7, 1));
}

#[test]
fn permits_of_different_semaphores_stay_apart() {
    let (one, two) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(1)));
    let both = catch_unwind(AssertUnwindSafe(|| {
        let mut first = one.try_acquire().unwrap();
        first.merge(two.try_acquire().unwrap());
    }));
    let owned = catch_unwind(AssertUnwindSafe(|| {
        let mut first = one.clone().try_acquire_owned().unwrap();
        first.merge(two.clone().try_acquire_owned().unwrap());
    }));
    assert!(both.is_err() && owned.is_err());
    assert_eq!((one.available_permits(), two.available_permits()), (1, 1));
    assert_eq!((Arc::strong_count(&one), Arc::strong_count(&two)), (1, 1));
}

#[test]
fn who_waits_is_told_that_it_is_closed() {
    let semaphore = Arc::new(Semaphore::new(0));
    let (mut waits, mut owned) = (polled(semaphore.acquire()), polled(semaphore.clone().acquire_owned()));
    waits.pends();
    owned.pends();
    assert!(!semaphore.is_closed());
    semaphore.close();
    assert!(semaphore.is_closed());
    assert_eq!((waits.wakes(), owned.wakes()), (1, 1));
    assert!(waits.ready().is_err() && owned.ready().is_err());
    assert!(at_once(semaphore.acquire_many(1)).is_err());
    assert!(semaphore.blocking_acquire().is_err() && semaphore.clone().blocking_acquire_many_owned(2).is_err());
    assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::Closed);
}

#[test]
fn an_owned_permit_keeps_the_semaphore() {
    let semaphore = Arc::new(Semaphore::new(1));
    let weak = Arc::downgrade(&semaphore);
    let permit = at_once(semaphore.acquire_owned()).unwrap();
    assert_eq!((weak.strong_count(), permit.semaphore().available_permits()), (1, 0));
    thread::spawn(move || drop(permit)).join().unwrap();
    assert_eq!(weak.strong_count(), 0);
}

#[test]
fn a_thread_can_wait() {
    let semaphore = Arc::new(Semaphore::new(3));
    assert_eq!(semaphore.blocking_acquire().unwrap().num_permits(), 1);
    assert_eq!(semaphore.blocking_acquire_many(2).unwrap().num_permits(), 2);
    assert_eq!(semaphore.clone().blocking_acquire_owned().unwrap().num_permits(), 1);
    let all = at_once(semaphore.acquire_many(3)).unwrap();
    let (about_to, begins) = channel();
    let waits = thread::spawn({
        let semaphore = semaphore.clone();
        move || {
            about_to.send(()).unwrap();
            let one = semaphore.blocking_acquire().unwrap();
            let two = semaphore.clone().blocking_acquire_many_owned(2).unwrap();
            one.num_permits() + two.num_permits()
        }
    });
    begins.recv().unwrap();
    drop(all);
    assert_eq!(waits.join().unwrap(), 3);
    assert_eq!(semaphore.available_permits(), 3);
}

#[test]
fn a_thread_that_drives_tasks_may_not_wait() {
    let semaphore = Arc::new(Semaphore::new(2));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let waits: [fn(Arc<Semaphore>); 4] = [
        |semaphore| drop(semaphore.blocking_acquire()),
        |semaphore| drop(semaphore.blocking_acquire_many(2)),
        |semaphore| drop(semaphore.blocking_acquire_owned()),
        |semaphore| drop(semaphore.blocking_acquire_many_owned(2)),
    ];
    for wait in waits {
        assert!(catch_unwind(AssertUnwindSafe(|| runtime.block_on(async { wait(semaphore.clone()) }))).is_err());
        assert_eq!(semaphore.available_permits(), 2);
    }
}
