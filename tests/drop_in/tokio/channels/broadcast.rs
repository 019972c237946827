//! Channels whose messages all receivers get. The parent module says whose are asked.

use super::{
    asked::{
        self,
        sync::broadcast::{self, error::*},
    },
    run::{NOT_HERE, panic_of, run},
};
use futures::{FutureExt, poll};
use std::{pin::pin, thread};

#[test]
fn all_get_all() {
    run(async {
        let (sender, first) = broadcast::channel(8);
        let tasks = [first, sender.subscribe()].map(|mut receiver| {
            asked::spawn(async move {
                let mut all = Vec::new();
                while let Ok(number) = receiver.recv().await {
                    all.push(number);
                }
                all
            })
        });
        for number in 0..20 {
            assert_eq!(sender.send(number).unwrap(), 2);
            asked::task::yield_now().await;
        }
        drop(sender);
        for task in tasks {
            assert_eq!(task.await.unwrap(), (0..20).collect::<Vec<i32>>());
        }
    });
}

#[test]
fn who_is_slow_is_told() {
    run(async {
        let (sender, mut receiver) = broadcast::channel(2);
        (0..5).for_each(|number| assert_eq!(sender.send(number).unwrap(), 1));
        assert_eq!((sender.len(), receiver.len(), sender.is_empty(), receiver.is_empty()), (2, 5, false, false));
        assert_eq!(receiver.recv().await, Err(RecvError::Lagged(3)));
        assert_eq!((receiver.recv().await, receiver.try_recv()), (Ok(3), Ok(4)));
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
        (0..3).for_each(|number| assert_eq!(sender.send(number).unwrap(), 1));
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Lagged(1)));
        assert_eq!((receiver.resubscribe().len(), receiver.len()), (0, 2));
        drop(sender);
        assert_eq!((receiver.recv().await, receiver.recv().await), (Ok(1), Ok(2)));
        assert_eq!((receiver.recv().await, receiver.try_recv()), (Err(RecvError::Closed), Err(TryRecvError::Closed)));
    });
}

#[test]
fn a_future_that_is_dropped_takes_nothing() {
    run(async {
        let (sender, mut receiver) = broadcast::channel(2);
        {
            let mut received = pin!(receiver.recv());
            assert!(poll!(&mut received).is_pending());
            sender.send(1).unwrap();
        }
        assert_eq!(receiver.recv().now_or_never(), Some(Ok(1)));
    });
}

#[test]
fn ends_are_counted() {
    run(async {
        let sender = broadcast::Sender::new(1);
        assert_eq!(sender.send(1).unwrap_err().0, 1);
        let (receiver, other) = (sender.subscribe(), sender.subscribe());
        assert_eq!((sender.receiver_count(), receiver.sender_strong_count()), (2, 1));
        assert!(receiver.same_channel(&other) && sender.same_channel(&sender.clone()));
        assert!(!sender.same_channel(&broadcast::Sender::new(1)));
        let weak = sender.downgrade();
        assert_eq!((sender.weak_count(), receiver.sender_weak_count(), weak.clone().weak_count()), (1, 1, 2));
        let upgraded = weak.upgrade().unwrap();
        assert_eq!((weak.strong_count(), sender.strong_count(), receiver.is_closed()), (2, 2, false));
        {
            let mut closed = pin!(sender.closed());
            assert!(poll!(&mut closed).is_pending());
            drop((receiver, other));
            closed.await;
        }
        let receiver = upgraded.subscribe();
        drop((sender, upgraded));
        assert!(receiver.is_closed() && weak.upgrade().is_none());
    });
}

#[test]
fn threads_block() {
    let (sender, mut receiver) = broadcast::channel(1);
    let (ready, mut wait) = broadcast::channel(1);
    let thread = thread::spawn(move || {
        ready.send(()).unwrap();
        (receiver.blocking_recv(), receiver.blocking_recv())
    });
    wait.blocking_recv().unwrap();
    sender.send(1).unwrap();
    drop(sender);
    assert_eq!(thread.join().unwrap(), (Ok(1), Err(RecvError::Closed)));
    let (sender, mut receiver) = broadcast::channel(1);
    (0..2).for_each(|number| assert_eq!(sender.send(number).unwrap(), 1));
    assert_eq!((receiver.blocking_recv(), receiver.blocking_recv()), (Err(RecvError::Lagged(1)), Ok(1)));
}

#[test]
fn a_thread_that_drives_tasks_must_not_block() {
    run(async {
        let (sender, mut receiver) = broadcast::channel(1);
        sender.send(1).unwrap();
        assert!(panic_of(|| receiver.blocking_recv()).contains(NOT_HERE));
        assert_eq!(receiver.len(), 1);
    });
}

#[test]
fn a_channel_has_room() {
    assert!(panic_of(|| broadcast::channel::<u8>(0)).contains("capacity cannot be zero"));
    assert!(panic_of(|| broadcast::Sender::<u8>::new(0)).contains("capacity cannot be zero"));
}
