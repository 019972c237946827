use super::*;
use std::rc::Rc;

#[test]
fn values_are_dropped_once_wherever_they_end() {
    for bound in [None, Some(8)] {
        let dropped = AtomicUsize::new(0);
        let count = || dropped.load(SeqCst);
        let (send, receive) = channel(bound);
        (0..5).for_each(|_| send.send(Counted(&dropped)).unwrap());
        drop(receive.recv().unwrap());
        assert_eq!(count(), 1, "{bound:?}");
        let kept = receive.try_recv().unwrap();
        // What is queued goes with the receiver, and does not wait for the senders.
        drop(receive);
        assert_eq!(count(), 4, "{bound:?}");
        let back = send.send(Counted(&dropped)).unwrap_err();
        assert_eq!(count(), 4, "{bound:?}");
        drop((back, kept));
        drop(send);
        assert_eq!(count(), 6, "{bound:?}");

        let (send, receive) = channel(bound);
        (0..5).for_each(|_| send.send(Counted(&dropped)).unwrap());
        drop(send);
        assert_eq!(count(), 6, "{bound:?}");
        drop(receive);
        assert_eq!(count(), 11, "{bound:?}");
    }
}

#[test]
fn a_value_that_is_refused_is_not_dropped() {
    let dropped = AtomicUsize::new(0);
    let (send, receive) = mpsc::sync_channel(1);
    send.try_send(Counted(&dropped)).unwrap_or_else(|_| unreachable!());
    let Err(TrySendError::Full(back)) = send.try_send(Counted(&dropped)) else { unreachable!() };
    assert_eq!(dropped.load(SeqCst), 0);
    drop(receive);
    assert_eq!(dropped.load(SeqCst), 1);
    let Err(TrySendError::Disconnected(again)) = send.try_send(back) else { unreachable!() };
    assert_eq!(dropped.load(SeqCst), 1);
    drop(again);
    assert_eq!(dropped.load(SeqCst), 2);
}

/// The channel is closed before its values go, so whoever then looks finds it so.
#[test]
fn a_queued_value_may_use_its_channel_when_it_is_dropped() {
    struct Calls(Option<AnySender<Calls>>, Arc<AtomicUsize>);
    impl Drop for Calls {
        fn drop(&mut self) {
            let Some(send) = self.0.take() else { return };
            let last = Calls(None, self.1.clone());
            let refused = send.send(last).is_err();
            self.1.fetch_add(usize::from(refused), SeqCst);
        }
    }
    for bound in [None, Some(8)] {
        let refusals = Arc::new(AtomicUsize::new(0));
        let (send, receive) = channel(bound);
        for _ in 0..3 {
            send.send(Calls(Some(send.clone()), refusals.clone())).unwrap_or_else(|_| unreachable!());
        }
        drop(receive);
        assert_eq!(refusals.load(SeqCst), 3, "{bound:?}");
    }
}

/// A channel that keeps itself alive through its own queue ends with its receiver.
#[test]
fn a_queued_value_may_own_its_sender() {
    struct Owns(#[expect(dead_code, reason = "owned")] AnySender<Owns>, #[expect(dead_code, reason = "owned")] Arc<()>);
    for bound in [None, Some(8)] {
        let alive = Arc::new(());
        let (send, receive) = channel(bound);
        send.send(Owns(send.clone(), alive.clone())).unwrap_or_else(|_| unreachable!());
        drop(send);
        assert_eq!(Arc::strong_count(&alive), 2);
        drop(receive);
        assert_eq!(Arc::strong_count(&alive), 1, "{bound:?}");
    }
}

#[test]
fn a_value_that_panics_when_it_is_dropped() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    for bound in [None, Some(8)] {
        let (send, receive) = channel(bound);
        send.send(Panics).unwrap_or_else(|_| unreachable!());
        let received = panic_of(|| drop(receive.recv()));
        assert_eq!(received, ("dropped".into(), file!().into()), "{bound:?}");
        send.send(Panics).unwrap_or_else(|_| unreachable!());
        assert_eq!(panic_of(|| drop(receive)).0, "dropped", "{bound:?}");
        // The channel is closed all the same.
        let SendError(back) = send.send(Panics).unwrap_err();
        std::mem::forget(back);
    }
}

#[test]
fn values_of_all_sizes() {
    for bound in [None, Some(2)] {
        let (send, receive) = channel(bound);
        (0..2).for_each(|_| send.send(()).unwrap());
        assert_eq!(receive.try_iter().count(), 2, "{bound:?}");
        let (send, receive) = channel(bound);
        send.send([7_u64; 1_000]).unwrap();
        assert_eq!(receive.recv().unwrap()[999], 7, "{bound:?}");
        let (send, receive) = channel::<Box<dyn FnOnce() -> u8 + Send>>(bound);
        let text = String::from("abc");
        send.send(Box::new(move || text.len() as u8)).unwrap_or_else(|_| unreachable!());
        assert_eq!(receive.recv().unwrap()(), 3, "{bound:?}");
        // In its own thread a channel carries what no thread could hand over.
        let (send, receive) = channel(bound);
        let shared = Rc::new(1);
        send.send(shared.clone()).unwrap();
        assert!(Rc::ptr_eq(&receive.recv().unwrap(), &shared), "{bound:?}");
        // Values may be borrowed.
        let text = String::from("borrowed");
        let (send, receive) = channel(bound);
        send.send(&text[..]).unwrap();
        assert_eq!(receive.recv(), Ok("borrowed"), "{bound:?}");
    }
}

#[test]
fn a_channel_goes_through_a_channel() {
    for bound in BOUNDS {
        let (lend, lent) = mpsc::channel::<AnySender<u8>>();
        let (give, given) = mpsc::channel::<Receiver<u8>>();
        let (send, receive) = channel(bound);
        lend.send(send).unwrap();
        give.send(receive).unwrap();
        let sender = thread::spawn(move || lent.recv().unwrap().send(5).unwrap());
        let receiver = thread::spawn(move || {
            let receive = given.recv().unwrap();
            (receive.recv(), receive.recv())
        });
        sender.join().unwrap();
        assert_eq!(receiver.join().unwrap(), (Ok(5), Err(RecvError)), "{bound:?}");
        // What is in a queue is an end that lives.
        let (send, receive) = channel::<u8>(bound);
        lend.send(send).unwrap_err();
        assert_eq!(receive.recv(), Err(RecvError), "{bound:?}");
    }
}

#[test]
fn clones_are_senders_like_others() {
    let (send, receive) = mpsc::channel();
    let mut other = mpsc::channel().0;
    other.clone_from(&send);
    drop(send);
    let third = other.clone();
    third.send(1).unwrap();
    drop(third);
    other.send(2).unwrap();
    drop(other);
    assert!(receive.iter().eq([1, 2]));
    let (send, receive) = mpsc::sync_channel(2);
    let mut other = mpsc::sync_channel(0).0;
    other.clone_from(&send);
    drop(send);
    other.send(1).unwrap();
    assert_eq!(receive.try_iter().collect::<Vec<_>>(), [1]);
}
