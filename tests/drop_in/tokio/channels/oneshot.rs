//! Channels for one message. The parent module says whose are asked.

use super::{
    asked::{
        self,
        sync::oneshot::{self, error::*},
    },
    run::{NOT_HERE, panic_of, run},
};
use futures::{FutureExt, future::poll_fn, poll};
use std::{pin::pin, sync::Arc, task::Poll::Ready, thread};

#[test]
fn the_message_comes() {
    run(async {
        let (sender, receiver) = oneshot::channel();
        let task = asked::spawn(receiver);
        asked::task::yield_now().await;
        assert!(!sender.is_closed());
        sender.send(1).unwrap();
        assert_eq!(task.await.unwrap(), Ok(1));
    });
}

#[test]
fn a_sender_that_is_gone_is_an_error() {
    run(async {
        let (sender, receiver) = oneshot::channel::<u8>();
        let task = asked::spawn(receiver);
        asked::task::yield_now().await;
        drop(sender);
        assert!(task.await.unwrap().is_err());
        let (sender, mut receiver) = oneshot::channel::<u8>();
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
        drop(sender);
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn a_receiver_that_is_gone_gives_the_message_back() {
    let (sender, receiver) = oneshot::channel();
    drop(receiver);
    assert!(sender.is_closed());
    assert_eq!(sender.send(1), Err(1));
    let (sender, mut receiver) = oneshot::channel();
    receiver.close();
    assert_eq!(sender.send(1), Err(1));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_sender_is_told_of_the_end() {
    run(async {
        let (mut sender, receiver) = oneshot::channel::<u8>();
        {
            let mut closed = pin!(sender.closed());
            assert!(poll!(&mut closed).is_pending());
        }
        assert!(poll_fn(|context| Ready(sender.poll_closed(context))).await.is_pending());
        let task = asked::spawn(async move {
            sender.closed().await;
            poll_fn(|context| sender.poll_closed(context)).await;
            sender.is_closed()
        });
        asked::task::yield_now().await;
        drop(receiver);
        assert!(task.await.unwrap());
    });
}

#[test]
fn a_receiver_says_how_it_is() {
    run(async {
        let (sender, mut receiver) = oneshot::channel();
        assert!(receiver.is_empty() && !receiver.is_terminated());
        assert!(poll!(&mut receiver).is_pending());
        sender.send(1).unwrap();
        assert!(!receiver.is_empty() && !receiver.is_terminated());
        assert_eq!((&mut receiver).await, Ok(1));
        assert!(receiver.is_empty() && receiver.is_terminated());
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
        assert!(panic_of(|| receiver.now_or_never()).contains("called after complete"));
    });
}

#[test]
fn what_was_sent_before_the_end_is_there() {
    let (sender, mut receiver) = oneshot::channel();
    sender.send(1).unwrap();
    receiver.close();
    assert_eq!(receiver.now_or_never(), Some(Ok(1)));
}

#[test]
fn a_receiver_goes_from_task_to_task_with_its_waker() {
    run(async {
        let (sender, mut receiver) = oneshot::channel();
        let polled = asked::spawn(async move {
            assert!(poll!(&mut receiver).is_pending());
            [receiver]
        });
        let [receiver] = polled.await.unwrap();
        let task = asked::spawn(receiver);
        asked::task::yield_now().await;
        sender.send(1).unwrap();
        assert_eq!(task.await.unwrap(), Ok(1));
    });
}

#[test]
fn threads_block() {
    let (sender, receiver) = oneshot::channel();
    let (there, wait) = oneshot::channel();
    let thread = thread::spawn(move || {
        there.send(()).unwrap();
        receiver.blocking_recv()
    });
    wait.blocking_recv().unwrap();
    sender.send(1).unwrap();
    assert_eq!(thread.join().unwrap(), Ok(1));
    let (sender, receiver) = oneshot::channel::<u8>();
    drop(sender);
    assert!(receiver.blocking_recv().is_err());
    let (sender, mut receiver) = oneshot::channel();
    sender.send(1).unwrap();
    assert_eq!((&mut receiver).now_or_never(), Some(Ok(1)));
    assert!(panic_of(|| receiver.blocking_recv()).contains("called after complete"));
}

#[test]
fn a_thread_that_drives_tasks_must_not_block() {
    run(async {
        let (sender, receiver) = oneshot::channel();
        sender.send(1).unwrap();
        assert!(panic_of(|| receiver.blocking_recv()).contains(NOT_HERE));
    });
}

#[test]
fn a_message_that_nobody_receives_is_dropped() {
    let message = Arc::new(());
    let (sender, receiver) = oneshot::channel();
    sender.send(message.clone()).unwrap();
    assert_eq!(Arc::strong_count(&message), 2);
    drop(receiver);
    assert_eq!(Arc::strong_count(&message), 1);
}
