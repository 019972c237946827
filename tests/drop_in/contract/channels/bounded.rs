use super::*;
use std::sync::atomic::AtomicBool;

#[test]
fn as_many_as_the_bound_fit() {
    for bound in [1, 2, 7] {
        let (send, receive) = mpsc::sync_channel(bound);
        for _ in 0..3 {
            (0..bound).for_each(|value| send.try_send(value).unwrap());
            assert_eq!(send.try_send(99), Err(TrySendError::Full(99)));
            assert_eq!(receive.recv(), Ok(0));
            send.try_send(bound).unwrap();
            assert_eq!(send.try_send(99), Err(TrySendError::Full(99)));
            assert!(receive.try_iter().eq(1..=bound));
        }
        drop(receive);
        assert_eq!(send.try_send(99), Err(TrySendError::Disconnected(99)));
    }
}

/// Never are more values sent than the receiver has taken, and as many as the bound.
#[test]
fn a_sender_waits_while_the_channel_is_full() {
    for bound in [0, 1, 3] {
        let sent = AtomicUsize::new(0);
        let (send, receive) = mpsc::sync_channel(bound);
        thread::scope(|scope| {
            let sent = &sent;
            scope.spawn(move || {
                for value in 0..200 {
                    send.send(value).unwrap();
                    sent.fetch_add(1, SeqCst);
                }
            });
            for taken in 0..200 {
                assert!(sent.load(SeqCst) <= taken + bound, "{bound}");
                assert_eq!(receive.recv(), Ok(taken), "{bound}");
            }
            assert_eq!(receive.recv(), Err(RecvError));
        });
        assert_eq!(sent.into_inner(), 200);
    }
}

#[test]
fn a_sender_at_a_rendezvous_waits_until_its_value_is_taken() {
    let asked = AtomicBool::new(false);
    let (send, receive) = mpsc::sync_channel(0);
    thread::scope(|scope| {
        let sender = scope.spawn(|| {
            send.send(1).unwrap();
            asked.load(SeqCst)
        });
        thread::yield_now();
        assert!(!sender.is_finished());
        asked.store(true, SeqCst);
        assert_eq!(receive.recv(), Ok(1));
        assert!(sender.join().unwrap());
    });
}

#[test]
fn try_send_at_a_rendezvous_needs_a_receiver_that_waits() {
    let (send, receive) = mpsc::sync_channel(0);
    assert_eq!(send.try_send(1), Err(TrySendError::Full(1)));
    thread::scope(|scope| {
        let receiver = scope.spawn(move || (receive.recv(), receive));
        while send.try_send(2).is_err() {
            thread::yield_now();
        }
        let (received, receive) = receiver.join().unwrap();
        assert_eq!(received, Ok(2));
        assert_eq!(send.try_send(3), Err(TrySendError::Full(3)));
        drop(receive);
        assert_eq!(send.try_send(4), Err(TrySendError::Disconnected(4)));
    });
}

#[test]
fn a_timed_receiver_meets_a_sender() {
    let (send, receive) = mpsc::sync_channel(0);
    assert_eq!(receive.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Timeout));
    // Nobody is left waiting there.
    assert_eq!(send.try_send(0), Err(TrySendError::Full(0)));
    thread::scope(|scope| {
        scope.spawn(|| send.send(1).unwrap());
        assert_eq!(receive.recv_timeout(NEVER), Ok(1));
    });
}

#[test]
fn senders_and_one_receiver_of_a_full_channel() {
    for bound in [0, 1] {
        let (send, receive) = mpsc::sync_channel(bound);
        let sum: u32 = thread::scope(|scope| {
            for sender in 0..4 {
                let send = send.clone();
                scope.spawn(move || (0..50).for_each(|value| send.send(sender * 50 + value).unwrap()));
            }
            drop(send);
            receive.iter().sum()
        });
        assert_eq!(sum, (0..200).sum::<u32>(), "{bound}");
    }
}
