//! What `tokio::sync::Notify` promises to do. The parent module says whose is asked.

use super::{
    asked::sync::{Notify, futures::OwnedNotified},
    polled::{at_once, polled},
};
use std::{
    future::Future,
    panic::{RefUnwindSafe, UnwindSafe},
    pin::{Pin, pin},
    sync::Arc,
    thread,
};

#[test]
fn one_notification_is_kept() {
    let notify = Arc::new(Notify::new());
    notify.notify_one();
    notify.notify_one();
    at_once(notify.notified());
    let mut second = polled(notify.notified());
    second.pends();
    notify.notify_one();
    assert_eq!(second.wakes(), 1);
    second.ready();
    notify.notify_last();
    at_once(notify.clone().notified_owned());
    polled(notify.notified()).pends();
}

#[test]
fn who_came_first_is_notified_first_or_last() {
    let notify = Arc::new(Notify::new());
    let (mut one, mut two, mut three) =
        (polled(notify.notified()), polled(notify.clone().notified_owned()), polled(notify.notified()));
    one.pends();
    two.pends();
    three.pends();
    notify.notify_one();
    assert_eq!((one.wakes(), two.wakes(), three.wakes()), (1, 0, 0));
    notify.notify_last();
    assert_eq!((one.wakes(), two.wakes(), three.wakes()), (0, 0, 1));
    two.pends();
    one.ready();
    three.ready();
    notify.notify_one();
    two.ready();
}

#[test]
fn all_who_are_there_are_notified() {
    let notify = Arc::new(Notify::new());
    // As `notify_waiters` has it, who has been made is there.
    let (mut one, mut two) = (polled(notify.notified()), polled(notify.clone().notified_owned()));
    let mut made = polled(notify.notified());
    let mut owned = polled(notify.clone().notified_owned());
    one.pends();
    two.pends();
    notify.notify_waiters();
    assert_eq!((one.wakes(), two.wakes()), (1, 1));
    one.ready();
    two.ready();
    made.ready();
    owned.ready();
    polled(notify.notified()).pends();
}

#[test]
fn a_notification_that_is_not_wanted_is_passed_on() {
    let notify = Arc::new(Notify::new());
    let (mut one, mut two) = (polled(notify.clone().notified_owned()), polled(notify.notified()));
    one.pends();
    two.pends();
    notify.notify_one();
    drop(one);
    assert_eq!(two.wakes(), 1);
    two.ready();
    let mut three = polled(notify.notified());
    three.pends();
    notify.notify_one();
    drop(three);
    at_once(notify.notified());
}

#[test]
fn one_that_is_enabled_is_there_without_a_poll() {
    let notify = Arc::new(Notify::new());
    let mut borrowed = pin!(notify.notified());
    let mut owned: Pin<Box<OwnedNotified>> = Box::pin(notify.clone().notified_owned());
    assert!(!borrowed.as_mut().enable() && !owned.as_mut().enable());
    notify.notify_one();
    notify.notify_one();
    assert!(borrowed.as_mut().enable() && owned.as_mut().enable());
    at_once(borrowed.as_mut());
    at_once(owned.as_mut());
    let mut third = pin!(notify.notified());
    assert!(!third.as_mut().enable());
    let mut waits = polled(third.as_mut());
    waits.pends();
    notify.notify_one();
    assert_eq!(waits.wakes(), 1);
    waits.ready();
}

#[test]
fn one_that_was_enabled_and_dropped_is_not_there() {
    let notify = Notify::new();
    let mut second = polled(notify.notified());
    {
        let mut first = pin!(notify.notified());
        first.as_mut().enable();
        second.pends();
        notify.notify_one();
        assert_eq!(second.wakes(), 0);
    }
    assert_eq!(second.wakes(), 1);
    second.ready();
}

#[test]
fn an_owned_one_keeps_what_it_waits_for() {
    let notify = Arc::new(Notify::new());
    let weak = Arc::downgrade(&notify);
    let mut waits = polled(notify.clone().notified_owned());
    waits.pends();
    thread::spawn(move || {
        notify.notify_one();
        drop(notify);
    })
    .join()
    .unwrap();
    assert_eq!((waits.wakes(), weak.strong_count()), (1, 1));
    waits.ready();
    drop(waits);
    assert_eq!(weak.strong_count(), 0);
}

#[test]
fn it_is_safe_to_unwind_over() {
    fn is_safe<T: UnwindSafe + RefUnwindSafe>(_: &T) {}
    let notify = Notify::default();
    is_safe(&notify);
    fn is_static(_: impl Future<Output = ()> + Send + 'static) {}
    is_static(Arc::new(notify).notified_owned());
}
