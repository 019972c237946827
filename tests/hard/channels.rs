//! Channels in hard places: thread-local destructors, by the million, left behind, and while levels are switched.

use crate::{
    common::WATCHING,
    program::{program, resident, survived},
};
use gordian::{
    Level,
    sync::{
        Arc, Condvar, Mutex,
        mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender},
    },
    thread,
};
use std::{
    cell::RefCell,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

/// Uses a channel in all ways when it is dropped.
struct Ends {
    /// A rendezvous.
    to_main: SyncSender<u32>,
    own: (Sender<u32>, Receiver<u32>),
}

impl Drop for Ends {
    fn drop(&mut self) {
        let (send, receive) = &self.own;
        self.to_main.send(receive.recv().expect("a message is there")).expect("main receives");
        let other = send.clone();
        other.send(8).expect("this is the receiver");
        assert_eq!(receive.try_iter().collect::<Vec<_>>(), [8]);
        assert_eq!(receive.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Timeout));
        let (_, late) = mpsc::channel::<u32>();
        assert!(late.recv().is_err());
    }
}

thread_local! {
    static FIRST: RefCell<Option<Ends>> = const { RefCell::new(None) };
    static LATER: RefCell<Option<Ends>> = const { RefCell::new(None) };
}

/// Before the recorder's own thread-locals are gone, and after.
#[test]
fn they_are_used_in_thread_local_destructors() {
    let Some(ended) = program("channels::they_are_used_in_thread_local_destructors", &[], || {
        let (send, receive) = mpsc::sync_channel(0);
        let work = |send: SyncSender<u32>| {
            // Made before the thread's first watched operation, so it is destroyed last.
            FIRST.with(|_| ());
            for (number, kept) in [(1, &FIRST), (10, &LATER)] {
                let own = mpsc::channel();
                own.0.send(number).expect("the receiver is here");
                kept.set(Some(Ends { to_main: send.clone(), own }));
            }
        };
        let ours: Vec<_> = [(); 8]
            .map(|()| {
                let send = send.clone();
                thread::spawn(move || work(send))
            })
            .into();
        let stds: Vec<_> = [(); 8]
            .map(|()| {
                let send = send.clone();
                std::thread::spawn(move || work(send))
            })
            .into();
        drop(send);
        assert_eq!(receive.iter().sum::<u32>(), 16 * 11);
        ours.into_iter().for_each(|thread| thread.join().expect("no panic"));
        stds.into_iter().for_each(|thread| thread.join().expect("no panic"));
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

#[test]
fn a_hundred_thousand_come_and_go() {
    let Some(ended) = program("channels::a_hundred_thousand_come_and_go", &[], || {
        let ten_thousand = || {
            for number in 0..10_000 {
                let (send, receive) = mpsc::channel();
                let other = send.clone();
                other.send(number).expect("there is a receiver");
                drop((send, other));
                assert!(receive.iter().eq([number]));
            }
        };
        ten_thousand();
        let before = resident();
        (0..9).for_each(|_| ten_thousand());
        let grown = resident().saturating_sub(before);
        assert!(grown < 4096, "{grown} KiB for 90,000 channels");
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

/// More than can be recorded.
#[test]
fn more_than_a_million_senders_live() {
    let Some(ended) = program("channels::more_than_a_million_senders_live", &[], || {
        let (send, receive) = mpsc::channel();
        let senders: Vec<Sender<usize>> = std::iter::repeat_n(send, 1_100_000).collect();
        for (number, send) in senders.iter().enumerate().step_by(100_000) {
            send.send(number).expect("there is a receiver");
        }
        // Others are as they always were, also where they wait.
        let (ask, asked) = mpsc::channel();
        let (answer, answers) = mpsc::sync_channel(0);
        let server =
            thread::spawn(move || asked.iter().for_each(|number: u32| answer.send(number + 1).expect("asked")));
        for number in 0..100 {
            ask.send(number).expect("the server");
            assert_eq!(answers.recv(), Ok(number + 1));
        }
        drop(ask);
        server.join().expect("no panic");
        drop(senders);
        assert_eq!(receive.iter().count(), 11);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

/// A forgotten sender costs what it takes to know of it, whatever came before.
#[test]
fn ends_are_forgotten() {
    let Some(ended) = program("channels::ends_are_forgotten", &[], || {
        let (send, receive) = mpsc::channel();
        let before = resident();
        for number in 0..200_000 {
            std::mem::forget(send.clone());
            if number % 1000 == 0 {
                send.send(number).expect("there is a receiver");
            }
        }
        for _ in 0..1000 {
            let (_send, receive) = mpsc::sync_channel::<u8>(0);
            std::mem::forget(receive);
        }
        let grown = resident().saturating_sub(before);
        assert!(grown < 32 << 10, "{grown} KiB for 200,000 senders and 1,000 channels");
        assert_eq!(receive.try_iter().count(), 200);
        assert_eq!(receive.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Timeout));
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

/// Whoever waits for a message, or for room, is waiting at the end of the program, and so are those whom a lock that
/// is held meanwhile keeps.
#[test]
fn main_ends_while_threads_send_and_receive() {
    let Some(ended) = program("channels::main_ends_while_threads_send_and_receive", &[], || {
        let (begun, begins) = std::sync::mpsc::channel();
        let begin = move |work: Box<dyn FnOnce() + Send>| {
            let begun = begun.clone();
            thread::spawn(move || {
                begun.send(()).expect("main waits");
                work();
            });
        };
        let (send, receive) = mpsc::channel::<u8>();
        begin(Box::new(move || _ = receive.recv()));
        let (full, room) = mpsc::sync_channel(1);
        begin(Box::new(move || (0..2).for_each(|number| full.send(number).expect("main has the receiver"))));
        let (meets, meeting) = mpsc::sync_channel(0);
        begin(Box::new(move || meets.send(1).expect("main has the receiver")));
        let (jobs, queue) = mpsc::channel::<u8>();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..3 {
            let queue = queue.clone();
            begin(Box::new(move || _ = queue.lock().expect("not poisoned").recv()));
        }
        let never = Arc::new((Mutex::new(()), Condvar::new()));
        begin(Box::new(move || drop(never.1.wait(never.0.lock().expect("not poisoned")))));
        begins.iter().take(7).for_each(drop);
        thread::sleep(Duration::from_millis(50));
        std::mem::forget((send, room, meeting, jobs));
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

#[test]
fn levels_are_switched_while_messages_pass() {
    let path = std::env::temp_dir().join(format!("gordian-hard-channels-{}.json", std::process::id()));
    let settings = [("GORDIAN_TRACE", path.to_str().expect("text")), ("GORDIAN_LEVEL", "watch")];
    let Some(ended) = program("channels::levels_are_switched_while_messages_pass", &settings, || {
        let over = Arc::new(AtomicBool::new(false));
        let seen = over.clone();
        let switcher = thread::spawn(move || {
            while !seen.load(Relaxed) {
                for level in [Level::Off, Level::Watch, Level::Trace, Level::Off, Level::Trace, Level::Watch] {
                    let across = mpsc::channel();
                    across.0.send(level).expect("the receiver is here");
                    gordian::set_level(across.1.recv().expect("it is there"));
                    thread::yield_now();
                }
            }
        });
        for bound in [0, 1, 16] {
            let (send, receive) = mpsc::sync_channel(bound);
            let sum: u32 = thread::scope(|scope| {
                for _ in 0..3 {
                    let send = send.clone();
                    scope.spawn(move || (0..1000).for_each(|number| send.send(number).expect("there is a receiver")));
                }
                drop(send);
                receive.iter().sum()
            });
            assert_eq!(sum, 3 * (0..1000).sum::<u32>());
        }
        over.store(true, Relaxed);
        switcher.join().expect("no panic");
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
    assert_eq!(std::fs::remove_file(&path).is_ok(), WATCHING, "a trace is written where somebody watches");
}
