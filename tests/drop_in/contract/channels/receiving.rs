use super::*;
use std::collections::HashMap;

#[test]
fn every_value_arrives_once_and_each_senders_in_order() {
    for bound in BOUNDS {
        let (send, receive) = channel(bound);
        let mut next = HashMap::new();
        thread::scope(|scope| {
            for name in 0..4 {
                let send = send.clone();
                scope.spawn(move || (0..100).for_each(|number| send.send((name, number)).unwrap()));
            }
            drop(send);
            for (name, number) in &receive {
                let expected = next.entry(name).or_insert(0);
                assert_eq!(number, *expected, "{bound:?}");
                *expected += 1;
            }
        });
        assert_eq!(next, HashMap::from([(0, 100), (1, 100), (2, 100), (3, 100)]), "{bound:?}");
    }
}

#[test]
fn a_sender_is_shared_by_reference() {
    for bound in BOUNDS {
        let (send, receive) = channel(bound);
        let sum: u32 = thread::scope(|scope| {
            for value in [1, 10, 100] {
                let send = &send;
                scope.spawn(move || send.send(value).unwrap());
            }
            receive.iter().take(3).sum()
        });
        assert_eq!(sum, 111, "{bound:?}");
    }
}

#[test]
fn a_receiver_goes_from_thread_to_thread() {
    for bound in BOUNDS {
        let (send, receive) = channel(bound);
        let sender = thread::spawn(move || (0..3).for_each(|value| send.send(value).unwrap()));
        let take_one = |receive: Receiver<u8>, expected| {
            let taken = thread::spawn(move || {
                assert_eq!(receive.recv(), Ok(expected));
                receive
            });
            taken.join().unwrap()
        };
        let receive = (0..3).fold(receive, take_one);
        sender.join().unwrap();
        assert_eq!(receive.recv(), Err(RecvError), "{bound:?}");
    }
}

#[test]
fn try_recv_does_not_wait() {
    for bound in BOUNDS {
        let (send, receive) = channel(bound);
        assert_eq!(receive.try_recv(), Err(TryRecvError::Empty), "{bound:?}");
        thread::scope(|scope| {
            scope.spawn(|| send.send(1).unwrap());
            let value = loop {
                match receive.try_recv() {
                    Err(TryRecvError::Empty) => thread::yield_now(),
                    other => break other,
                }
            };
            assert_eq!(value, Ok(1), "{bound:?}");
        });
        assert_eq!(receive.try_recv(), Err(TryRecvError::Empty), "{bound:?}");
        drop(send);
        assert_eq!(receive.try_recv(), Err(TryRecvError::Disconnected), "{bound:?}");
    }
}

#[test]
fn recv_timeout_ends_by_itself() {
    for bound in BOUNDS {
        let (send, receive) = channel::<u8>(bound);
        for time in [Duration::ZERO, Duration::from_millis(1)] {
            assert_eq!(receive.recv_timeout(time), Err(RecvTimeoutError::Timeout), "{bound:?}");
        }
        drop(send);
        for time in [Duration::ZERO, NEVER, Duration::MAX] {
            assert_eq!(receive.recv_timeout(time), Err(RecvTimeoutError::Disconnected), "{bound:?}");
        }
    }
}

#[test]
fn recv_timeout_ends_by_a_value_or_by_the_end() {
    for bound in BOUNDS {
        for time in [NEVER, Duration::MAX] {
            let (send, receive) = channel(bound);
            let (ask, asked) = mpsc::channel::<()>();
            thread::scope(|scope| {
                scope.spawn(move || {
                    asked.recv().unwrap();
                    send.send(1).unwrap();
                    asked.recv().unwrap();
                    drop(send);
                });
                ask.send(()).unwrap();
                assert_eq!(receive.recv_timeout(time), Ok(1), "{bound:?}");
                ask.send(()).unwrap();
                assert_eq!(receive.recv_timeout(time), Err(RecvTimeoutError::Disconnected), "{bound:?}");
            });
        }
    }
}

/// A value that is there is taken, however short the time.
#[test]
fn recv_timeout_of_no_time_takes_what_is_there() {
    for bound in [None, Some(1)] {
        let (send, receive) = channel(bound);
        send.send(1).unwrap();
        assert_eq!(receive.recv_timeout(Duration::ZERO), Ok(1), "{bound:?}");
    }
}

#[test]
fn iterators_end_where_the_channel_does() {
    for bound in [None, Some(8)] {
        let (send, receive) = channel(bound);
        (0..5).for_each(|value| send.send(value).unwrap());
        drop(send);
        assert_eq!(receive.iter().next(), Some(0));
        for value in &receive {
            if value == 1 {
                break;
            }
        }
        let mut iter = receive.iter();
        assert_eq!(iter.by_ref().take(2).collect::<Vec<_>>(), [2, 3]);
        assert_eq!((iter.next(), iter.next(), iter.next()), (Some(4), None, None), "{bound:?}");
        assert_eq!(receive.into_iter().next(), None, "{bound:?}");
    }
}

#[test]
fn an_iterator_that_owns_its_receiver_keeps_the_channel_open() {
    for bound in [None, Some(8)] {
        let (send, receive) = channel(bound);
        let mut iter = receive.into_iter();
        send.send(1).unwrap();
        assert_eq!(iter.next(), Some(1));
        send.send(2).unwrap();
        drop(iter);
        assert_eq!(send.send(3), Err(SendError(3)), "{bound:?}");
    }
}

#[test]
fn try_iter_ends_where_it_would_wait() {
    for bound in [None, Some(8)] {
        let (send, receive) = channel(bound);
        assert_eq!(receive.try_iter().next(), None);
        (0..3).for_each(|value| send.send(value).unwrap());
        let mut iter = receive.try_iter();
        assert_eq!(iter.by_ref().collect::<Vec<_>>(), [0, 1, 2], "{bound:?}");
        assert_eq!(iter.next(), None);
        send.send(3).unwrap();
        // It has not ended for good.
        assert_eq!(iter.next(), Some(3), "{bound:?}");
        drop(send);
        assert_eq!(iter.next(), None);
    }
}

#[test]
fn iterators_know_nothing_of_their_length() {
    let (send, receive) = channel(None);
    send.send(1).unwrap();
    assert_eq!(receive.iter().size_hint(), (0, None));
    assert_eq!(receive.try_iter().size_hint(), (0, None));
    assert_eq!(receive.into_iter().size_hint(), (0, None));
}

#[test]
fn an_iteration_goes_on_while_there_are_senders() {
    for bound in BOUNDS {
        let (send, receive) = channel(bound);
        let sum = thread::spawn(move || receive.iter().sum::<u32>());
        (1..=10).for_each(|value| send.send(value).unwrap());
        assert!(!sum.is_finished());
        drop(send);
        assert_eq!(sum.join().unwrap(), 55, "{bound:?}");
    }
}

#[test]
fn two_that_answer_each_other() {
    for bound in BOUNDS {
        let ((ask, asked), (answer, answers)) = (channel(bound), channel(bound));
        thread::scope(|scope| {
            scope.spawn(move || asked.iter().for_each(|value: u32| answer.send(value + 1).unwrap()));
            let last = (0..200).fold(0, |value, _| {
                ask.send(value).unwrap();
                answers.recv().unwrap()
            });
            assert_eq!(last, 200, "{bound:?}");
            drop(ask);
            assert_eq!(answers.recv(), Err(RecvError));
        });
    }
}

#[test]
fn many_values_are_kept_in_order() {
    let (send, receive) = channel(None);
    (0..10_000).for_each(|value| send.send(value).unwrap());
    drop(send);
    assert!(receive.into_iter().eq(0..10_000));
}

/// A thread for every value, each ending at once: what is sent last, and what comes after the end, is not lost.
#[test]
fn senders_come_and_go() {
    for bound in BOUNDS {
        for _ in 0..50 {
            let (send, receive) = channel(bound);
            let threads = [1, 2, 3].map(|value| {
                let send = send.clone();
                thread::spawn(move || send.send(value).unwrap())
            });
            drop(send);
            assert_eq!(receive.iter().sum::<u32>(), 6, "{bound:?}");
            assert_eq!(receive.recv(), Err(RecvError));
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        }
    }
}
