use super::*;

#[test]
fn what_was_sent_outlives_its_senders() {
    for bound in BOUNDS {
        let (send, receive) = channel(bound);
        let sent = room(bound, 3);
        (0..sent).for_each(|value| send.send(value).unwrap());
        let other = send.clone();
        drop(send);
        drop(other);
        for value in 0..sent {
            assert_eq!(receive.recv(), Ok(value), "{bound:?}");
        }
        for _ in 0..2 {
            assert_eq!(receive.recv(), Err(RecvError), "{bound:?}");
            assert_eq!(receive.try_recv(), Err(TryRecvError::Disconnected), "{bound:?}");
            assert_eq!(receive.recv_timeout(NEVER), Err(RecvTimeoutError::Disconnected), "{bound:?}");
            assert_eq!((receive.iter().next(), receive.try_iter().next()), (None, None), "{bound:?}");
        }
    }
}

#[test]
fn the_last_sender_wakes_the_receiver() {
    for bound in BOUNDS {
        let (send, receive) = channel::<u8>(bound);
        let (begun, begins) = mpsc::channel();
        let receiver = thread::spawn(move || {
            begun.send(()).unwrap();
            receive.recv()
        });
        begins.recv().unwrap();
        let other = send.clone();
        drop(send);
        drop(other);
        assert_eq!(receiver.join().unwrap(), Err(RecvError), "{bound:?}");
    }
}

#[test]
fn a_value_that_nobody_receives_comes_back() {
    for bound in BOUNDS {
        let (send, receive) = channel(bound);
        let other = send.clone();
        drop(receive);
        for send in [send, other] {
            let error = send.send(String::from("back")).unwrap_err();
            assert_eq!(error, SendError(String::from("back")), "{bound:?}");
            assert_eq!(error.0, "back");
        }
    }
}

#[test]
fn the_receivers_end_wakes_senders() {
    for bound in [0, 1] {
        let (send, receive) = mpsc::sync_channel(bound);
        let (begun, begins) = mpsc::channel();
        (0..bound).for_each(|value| send.send(value).unwrap());
        let threads = [5, 6].map(|value| {
            let (send, begun) = (send.clone(), begun.clone());
            thread::spawn(move || {
                begun.send(()).unwrap();
                send.send(value)
            })
        });
        begins.iter().take(2).for_each(drop);
        drop(receive);
        assert_eq!(threads.map(|thread| thread.join().unwrap()), [Err(SendError(5)), Err(SendError(6))]);
    }
}

#[test]
fn a_thread_that_panics_lets_go_of_its_end() {
    for bound in BOUNDS {
        let (send, receive) = channel(bound);
        let sender = thread::spawn(move || {
            send.send(1).unwrap();
            panic!("on purpose");
        });
        assert_eq!((receive.recv(), receive.recv()), (Ok(1), Err(RecvError)), "{bound:?}");
        sender.join().unwrap_err();

        let (send, receive) = channel(bound);
        let receiver = thread::spawn(move || {
            assert_eq!(receive.recv(), Ok(1));
            panic!("on purpose");
        });
        send.send(1).unwrap();
        while send.send(2).is_ok() {
            // It may still be unwinding. (Who waits for it is woken.)
        }
        receiver.join().unwrap_err();
    }
}

#[test]
fn both_ends_may_go_in_any_order_and_at_once() {
    for bound in BOUNDS {
        let dropped = AtomicUsize::new(0);
        for round in 0..100 {
            let (send, receive) = channel(bound);
            let sent = room(bound, round % 3);
            (0..sent).for_each(|_| send.send(Counted(&dropped)).unwrap());
            thread::scope(|scope| {
                scope.spawn(move || drop(send));
                scope.spawn(move || drop(receive));
            });
            assert_eq!(dropped.swap(0, SeqCst), sent, "{bound:?}");
        }
    }
}

/// A value is received, or comes back, or is dropped with the channel: whatever the order.
#[test]
fn the_end_of_the_receiver_races_with_a_value() {
    for bound in BOUNDS {
        let dropped = AtomicUsize::new(0);
        for _ in 0..200 {
            let (send, receive) = channel(bound);
            let (came_back, received) = thread::scope(|scope| {
                let sender = scope.spawn(|| send.send(Counted(&dropped)).is_err());
                let receiver = scope.spawn(move || receive.try_recv().is_ok());
                (sender.join().unwrap(), receiver.join().unwrap())
            });
            drop(send);
            assert!(!(came_back && received), "{bound:?}");
            assert_eq!(dropped.swap(0, SeqCst), 1, "{bound:?}");
        }
    }
}

#[test]
fn a_channel_is_used_while_unwinding() {
    struct Sends<'a>(&'a AnySender<u8>, &'a Receiver<u8>);
    impl Drop for Sends<'_> {
        fn drop(&mut self) {
            self.0.send(1).unwrap();
            assert_eq!(self.1.recv(), Ok(1));
            assert_eq!(self.1.try_recv(), Err(TryRecvError::Empty));
            self.0.send(2).unwrap();
        }
    }
    for bound in [None, Some(1)] {
        let (send, receive) = channel(bound);
        let (message, _) = panic_of(|| {
            let _sends = Sends(&send, &receive);
            panic!("unwinds");
        });
        assert_eq!((&*message, receive.recv()), ("unwinds", Ok(2)), "{bound:?}");
    }
}
