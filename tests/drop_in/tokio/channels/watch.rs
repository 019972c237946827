//! Values that are watched for changes. The parent module says whose are asked.

use super::{
    asked::{self, sync::watch},
    run::{panic_of, run},
};
use futures::{FutureExt, poll};
use std::{pin::pin, task::Poll::Ready};

#[test]
fn a_change_is_seen_once() {
    run(async {
        let (sender, mut receiver) = watch::channel(0);
        assert!(receiver.changed().now_or_never().is_none());
        let task = asked::spawn(async move {
            receiver.changed().await.unwrap();
            let seen = *receiver.borrow();
            (seen, receiver.changed().await.is_err())
        });
        asked::task::yield_now().await;
        sender.send(1).unwrap();
        asked::task::yield_now().await;
        drop(sender);
        assert_eq!(task.await.unwrap(), (1, true));
    });
}

#[test]
fn a_future_that_is_dropped_has_seen_nothing() {
    run(async {
        let (sender, mut receiver) = watch::channel(0);
        {
            let mut changed = pin!(receiver.changed());
            assert!(poll!(&mut changed).is_pending());
            sender.send(1).unwrap();
        }
        assert!(receiver.has_changed().unwrap());
        assert!(matches!(poll!(pin!(receiver.changed())), Ready(Ok(()))));
        assert!(!receiver.has_changed().unwrap());
    });
}

#[test]
fn a_value_can_be_waited_for() {
    run(async {
        let (sender, mut receiver) = watch::channel(0);
        let task = asked::spawn(async move {
            let seen = *receiver.wait_for(|value| *value > 2).await.unwrap();
            let at_once = *receiver.wait_for(|value| *value == 3).await.unwrap();
            (seen, at_once, receiver.wait_for(|value| *value == 9).await.is_err())
        });
        for value in 1..4 {
            asked::task::yield_now().await;
            sender.send_replace(value);
        }
        asked::task::yield_now().await;
        drop(sender);
        assert_eq!(task.await.unwrap(), (3, 3, true));
    });
}

#[test]
fn a_condition_that_panics_leaves_the_value() {
    run(async {
        let (sender, mut receiver) = watch::channel(0);
        assert_eq!(panic_of(|| receiver.wait_for(|_| panic!("not this")).now_or_never().is_some()), "not this");
        assert_eq!(panic_of(|| sender.send_modify(|_| panic!("nor this"))), "nor this");
        assert!(!receiver.has_changed().unwrap());
        sender.send(1).unwrap();
        assert_eq!(*receiver.borrow(), 1);
    });
}

#[test]
fn values_are_changed_in_each_way() {
    let (sender, mut receiver) = watch::channel(1);
    sender.send_modify(|value| *value += 1);
    assert!(!sender.send_if_modified(|value| *value > 5) && sender.send_if_modified(|value| *value == 2));
    assert_eq!((sender.send_replace(7), *sender.borrow()), (2, 7));
    let seen = receiver.borrow_and_update();
    assert_eq!((*seen, seen.has_changed()), (7, true));
    drop(seen);
    assert!(!receiver.borrow_and_update().has_changed() && !receiver.borrow().has_changed());
    receiver.mark_changed();
    assert!(receiver.has_changed().unwrap());
    receiver.mark_unchanged();
    assert!(!receiver.has_changed().unwrap());
    assert!(!receiver.is_closed());
    drop(sender);
    assert!(receiver.is_closed() && receiver.has_changed().is_err());
}

#[test]
fn senders_and_receivers_are_counted() {
    run(async {
        let sender = watch::Sender::<u8>::default();
        assert!(sender.is_closed() && sender.send(1).is_err());
        let receiver = sender.subscribe();
        let (other, another) = (receiver.clone(), sender.clone());
        assert_eq!((sender.receiver_count(), sender.sender_count()), (2, 2));
        assert!(receiver.same_channel(&other) && sender.same_channel(&another));
        assert!(!sender.same_channel(&watch::Sender::new(1)));
        let mut closed = pin!(sender.closed());
        assert!(poll!(&mut closed).is_pending());
        drop((receiver, other));
        closed.await;
        assert_eq!(*another.subscribe().borrow(), 0);
    });
}
