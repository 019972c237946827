//! Channels with and without a bound. The parent module says whose are asked.

use super::{
    asked::{
        self,
        sync::mpsc::{self, error::*},
    },
    run::{NOT_HERE, panic_of, run},
};
use futures::{FutureExt, future::poll_fn, poll};
use std::{
    pin::pin,
    sync::Arc,
    task::Poll::{Pending, Ready},
    thread,
    time::Duration,
};

#[test]
fn messages_come_in_order_and_then_the_end() {
    run(async {
        let (sender, mut receiver) = mpsc::channel(4);
        let task = asked::spawn(async move {
            for number in 0..100 {
                sender.send(number).await.unwrap();
            }
        });
        for number in 0..100 {
            assert_eq!(receiver.recv().await, Some(number));
        }
        assert_eq!((receiver.recv().await, receiver.recv().await), (None, None));
        task.await.unwrap();
    });
}

#[test]
fn a_send_waits_for_room() {
    run(async {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut second = pin!(async { (sender.send(1).await, sender.send(2).await) });
        assert!(poll!(&mut second).is_pending());
        assert_eq!(receiver.recv().await, Some(1));
        assert_eq!(poll!(&mut second), Ready((Ok(()), Ok(()))));
        assert_eq!(receiver.recv().await, Some(2));
    });
}

#[test]
fn a_receiver_is_woken_by_a_message() {
    run(async {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let task = asked::spawn(async move { (receiver.recv().await, receiver.recv().await) });
        asked::task::yield_now().await;
        sender.send(1).unwrap();
        asked::task::yield_now().await;
        drop(sender);
        assert_eq!(task.await.unwrap(), (Some(1), None));
    });
}

#[test]
fn a_future_does_nothing_before_it_is_polled_and_nothing_after_it_is_dropped() {
    run(async {
        let (sender, mut receiver) = mpsc::channel(1);
        drop(sender.send(1));
        drop(sender.reserve());
        drop(receiver.recv());
        assert_eq!((sender.capacity(), receiver.len()), (1, 0));
        sender.send(2).await.unwrap();
        {
            let mut waits = pin!(sender.send(3));
            assert!(poll!(&mut waits).is_pending());
        }
        assert_eq!((receiver.recv().await, receiver.try_recv()), (Some(2), Err(TryRecvError::Empty)));
        // Whoever was given room and is dropped gives it back.
        sender.try_send(4).unwrap();
        {
            let mut waits = pin!(sender.reserve());
            assert!(poll!(&mut waits).is_pending());
            assert_eq!(receiver.recv().await, Some(4));
        }
        assert_eq!(sender.capacity(), 1);
    });
}

#[test]
fn what_does_not_wait_says_why_not() {
    let (sender, mut receiver) = mpsc::channel(1);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    assert_eq!((sender.try_send(1), sender.try_send(2)), (Ok(()), Err(TrySendError::Full(2))));
    assert_eq!(sender.try_reserve().err(), Some(TrySendError::Full(())));
    assert_eq!((receiver.len(), receiver.is_empty(), receiver.is_closed()), (1, false, false));
    assert_eq!(receiver.try_recv(), Ok(1));
    receiver.close();
    assert!(receiver.is_closed() && sender.is_closed());
    assert_eq!(sender.try_send(3), Err(TrySendError::Closed(3)));
    assert_eq!(sender.send(3).now_or_never(), Some(Err(SendError(3))));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    let (sender, receiver) = mpsc::unbounded_channel();
    drop(receiver);
    assert_eq!(sender.send(1), Err(SendError(1)));
    assert!(sender.is_closed());
}

#[test]
fn room_is_reserved() {
    run(async {
        let (sender, mut receiver) = mpsc::channel(3);
        let permit = sender.reserve().await.unwrap();
        assert_eq!((sender.capacity(), sender.max_capacity(), receiver.capacity()), (2, 3, 2));
        let mut many = sender.reserve_many(2).await.unwrap();
        assert_eq!((many.len(), sender.capacity()), (2, 0));
        assert!(sender.reserve().now_or_never().is_none());
        many.next().unwrap().send(1);
        permit.send(2);
        drop(many);
        assert_eq!((sender.capacity(), receiver.recv().await, receiver.recv().await), (1, Some(1), Some(2)));
        assert_eq!(sender.reserve_many(4).await.err(), Some(SendError(())));
        assert_eq!(sender.try_reserve_many(4).err(), Some(TrySendError::Full(())));
        assert_eq!(sender.try_reserve_many(3).unwrap().size_hint(), (3, Some(3)));

        let owned = sender.clone().reserve_owned().await.unwrap();
        assert!(owned.same_channel_as_sender(&sender));
        let other = owned.send(3);
        assert!(other.same_channel(&sender));
        let owned = other.try_reserve_owned().unwrap();
        let again = owned.release();
        assert_eq!((again.capacity(), again.strong_count(), receiver.sender_strong_count()), (2, 2, 2));
        let (one, two) = (again.try_reserve_owned().unwrap(), sender.clone().try_reserve_owned().unwrap());
        assert!(one.same_channel(&two));
        let Err(TrySendError::Full(sender)) = sender.try_reserve_owned() else { panic!("it is full") };
        drop((one, two));
        assert_eq!((sender.strong_count(), sender.capacity(), receiver.recv().await), (1, 2, Some(3)));
        receiver.close();
        assert!(sender.clone().reserve_owned().await.is_err());
        assert!(matches!(sender.try_reserve_owned(), Err(TrySendError::Closed(_))));
    });
}

#[test]
fn many_are_received_at_once() {
    run(async {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        (0..5).for_each(|number| sender.send(number).unwrap());
        let mut all = Vec::new();
        assert_eq!(receiver.recv_many(&mut all, 0).await, 0);
        assert_eq!((receiver.recv_many(&mut all, 2).await, receiver.recv_many(&mut all, 9).await), (2, 3));
        assert_eq!(all, [0, 1, 2, 3, 4]);
        assert!(receiver.recv_many(&mut all, 1).now_or_never().is_none());
        drop(sender);
        assert_eq!(receiver.recv_many(&mut all, 1).await, 0);
    });
}

#[test]
fn receivers_can_be_polled() {
    run(async {
        let (sender, mut receiver) = mpsc::channel(2);
        assert_eq!(poll_fn(|context| Ready(receiver.poll_recv(context))).await, Pending);
        let task = asked::spawn(async move {
            let mut many = Vec::new();
            let first = poll_fn(|context| receiver.poll_recv(context)).await;
            let count = poll_fn(|context| receiver.poll_recv_many(context, &mut many, 5)).await;
            (first, count, many, poll_fn(|context| receiver.poll_recv(context)).await)
        });
        for number in 1..4 {
            sender.send(number).await.unwrap();
            asked::task::yield_now().await;
        }
        drop(sender);
        let (first, count, many, last) = task.await.unwrap();
        assert!(first == Some(1) && count == many.len() && many[0] == 2, "{first:?} {count} {many:?} {last:?}");
    });
}

#[test]
fn a_receiver_goes_from_task_to_task_with_its_waker() {
    run(async {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut receiver = asked::spawn(async move {
            assert!(poll!(pin!(receiver.recv())).is_pending());
            assert_eq!(poll_fn(|context| Ready(receiver.poll_recv(context))).await, Pending);
            receiver
        })
        .await
        .unwrap();
        let task = asked::spawn(async move { receiver.recv().await });
        asked::task::yield_now().await;
        sender.send(1).await.unwrap();
        assert_eq!(task.await.unwrap(), Some(1));
    });
}

/// A receiver keeps the waker of whoever polled it last, also where that future is gone.
#[test]
fn who_drops_the_future_in_the_same_poll_is_woken_all_the_same() {
    run(async {
        let (sender, mut receiver) = mpsc::channel(1);
        let task = asked::spawn(poll_fn(move |context| pin!(receiver.recv()).poll_unpin(context)));
        asked::task::yield_now().await;
        sender.send(1).await.unwrap();
        assert_eq!(task.await.unwrap(), Some(1));
    });
}

#[test]
fn a_sender_is_told_of_the_end() {
    run(async {
        let (sender, mut receiver) = mpsc::channel::<u8>(1);
        let (other, unbounded) = mpsc::unbounded_channel::<u8>();
        let (mut closed, mut also) = (pin!(sender.closed()), pin!(other.closed()));
        assert_eq!((poll!(&mut closed), poll!(&mut also)), (Pending, Pending));
        receiver.close();
        drop(unbounded);
        closed.await;
        also.await;
    });
}

#[test]
fn closed_channels_give_what_is_left() {
    run(async {
        let (sender, mut receiver) = mpsc::channel(3);
        sender.try_send(1).unwrap();
        let permit = sender.try_reserve().unwrap();
        receiver.close();
        assert_eq!(receiver.recv().await, Some(1));
        assert!(receiver.recv().now_or_never().is_none(), "there is a permit");
        permit.send(2);
        assert_eq!((receiver.recv().await, receiver.recv().await), (Some(2), None));
    });
}

#[test]
fn weak_senders_keep_nothing_open() {
    run(async {
        let (sender, mut receiver) = mpsc::channel(1);
        let weak = sender.downgrade();
        assert_eq!((sender.weak_count(), receiver.sender_weak_count(), weak.clone().weak_count()), (1, 1, 2));
        weak.upgrade().unwrap().send(1).await.unwrap();
        assert_eq!((weak.strong_count(), receiver.recv().await), (1, Some(1)));
        drop(sender);
        assert!(weak.upgrade().is_none() && receiver.recv().await.is_none());

        let (sender, mut receiver) = mpsc::unbounded_channel();
        let weak = sender.downgrade();
        assert_eq!((sender.weak_count(), receiver.sender_weak_count(), weak.clone().weak_count()), (1, 1, 2));
        let other = weak.upgrade().unwrap();
        assert!(other.same_channel(&sender) && !other.same_channel(&mpsc::unbounded_channel().0));
        other.send(1).unwrap();
        assert_eq!((weak.strong_count(), receiver.recv().await), (2, Some(1)));
        drop((sender, other));
        assert!(weak.upgrade().is_none() && receiver.recv().await.is_none());
    });
}

#[test]
fn a_send_may_have_a_limit() {
    run(async {
        let (sender, mut receiver) = mpsc::channel(1);
        let soon = Duration::from_millis(1);
        assert_eq!(sender.send_timeout(1, soon).await, Ok(()));
        assert_eq!(sender.send_timeout(2, soon).await, Err(SendTimeoutError::Timeout(2)));
        let mut waits = pin!(sender.send_timeout(3, Duration::from_secs(60)));
        assert_eq!(poll!(&mut waits), Pending);
        assert_eq!((receiver.recv().await, waits.await), (Some(1), Ok(())));
        drop(receiver);
        assert_eq!(sender.send_timeout(4, soon).await, Err(SendTimeoutError::Closed(4)));
    });
}

#[test]
fn threads_block() {
    let (sender, mut receiver) = mpsc::channel(1);
    let (answer, mut answers) = mpsc::unbounded_channel();
    let thread = thread::spawn(move || {
        while let Some(number) = receiver.blocking_recv() {
            answer.send(number + 1).unwrap();
        }
        assert_eq!(receiver.blocking_recv_many(&mut Vec::new(), 1), 0);
    });
    for number in 0..100 {
        sender.blocking_send(number).unwrap();
    }
    let mut all = Vec::new();
    while all.len() < 100 {
        assert_ne!(answers.blocking_recv_many(&mut all, 7), 0);
    }
    assert_eq!(all, (1..101).collect::<Vec<i32>>());
    assert_eq!(answers.blocking_recv_many(&mut all, 0), 0);
    drop(sender);
    assert_eq!(answers.blocking_recv(), None);
    thread.join().unwrap();
    let (sender, mut receiver) = mpsc::channel(1);
    sender.blocking_send(1).unwrap();
    receiver.close();
    assert_eq!(sender.blocking_send(2), Err(SendError(2)));
    assert_eq!((receiver.blocking_recv(), receiver.blocking_recv()), (Some(1), None));
}

#[test]
fn a_thread_that_drives_tasks_must_not_block() {
    run(async {
        let (sender, mut receiver) = mpsc::channel(2);
        let (unbounded, mut other) = mpsc::unbounded_channel();
        sender.try_send(1).unwrap();
        unbounded.send(1).unwrap();
        assert!(panic_of(|| sender.blocking_send(2)).contains(NOT_HERE));
        assert!(panic_of(|| receiver.blocking_recv()).contains(NOT_HERE));
        assert!(panic_of(|| receiver.blocking_recv_many(&mut Vec::new(), 1)).contains(NOT_HERE));
        assert!(panic_of(|| other.blocking_recv()).contains(NOT_HERE));
        assert!(panic_of(|| other.blocking_recv_many(&mut Vec::new(), 0)).contains(NOT_HERE));
        assert_eq!((receiver.len(), other.len()), (1, 1));
    });
}

#[test]
fn a_channel_has_room() {
    assert!(panic_of(|| mpsc::channel::<u8>(0)).contains("buffer > 0"));
}

#[test]
fn a_task_gives_way_after_as_many_messages() {
    run(async {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        (0..1_000).for_each(|number| sender.send(number).unwrap());
        asked::task::yield_now().await;
        let mut in_one_poll = 0;
        while poll!(pin!(receiver.recv())).is_ready() {
            in_one_poll += 1;
        }
        assert_eq!(in_one_poll, 128, "tokio's budget");
        asked::task::yield_now().await;
        assert!(poll!(pin!(receiver.recv())).is_ready());
    });
}

#[test]
fn messages_that_nobody_receives_are_dropped() {
    let message = Arc::new(());
    let (sender, mut receiver) = mpsc::channel(3);
    sender.try_send(message.clone()).unwrap();
    drop(sender.send(message.clone()));
    assert_eq!(Arc::strong_count(&message), 2);
    receiver.close();
    drop(receiver);
    assert_eq!(Arc::strong_count(&message), 1);
    drop(sender);
}
