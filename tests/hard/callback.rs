//! The program's own code, called with a report.

use crate::{
    common::WATCHING,
    program::{program, survived},
};
use gordian::{
    Session,
    sync::{Arc, Condvar, Mutex},
    thread,
};
use std::sync::mpsc;
use tracing_subscriber::{Layer, layer::Context, prelude::*};

/// Two daemons that deadlock. Returns the lock that one of them holds for ever.
fn deadlock() -> Arc<Mutex<u32>> {
    let locks = [Arc::new(Mutex::new(1)), Arc::new(Mutex::new(2))];
    let both = Arc::new(std::sync::Barrier::new(2));
    for (first, second) in [(0, 1), (1, 0)] {
        let (first, second, both) = (locks[first].clone(), locks[second].clone(), both.clone());
        gordian::ext::spawn_daemon(move || {
            let _first = first.lock();
            both.wait();
            let _second = second.lock();
        });
    }
    locks[0].clone()
}

fn watched(callback: impl Fn(&gordian::Report) + Send + Sync + 'static) -> Session {
    gordian::builder().on_report(callback).start()
}

#[test]
fn it_uses_watched_locks() {
    let Some(ended) = program("callback::it_uses_watched_locks", &[], || {
        let told = Arc::new((Mutex::new(0), Condvar::new()));
        let heard = told.clone();
        let _session = watched(move |_| {
            *heard.0.lock().expect("not poisoned") += 1;
            thread::spawn(|| ()).join().expect("no panic");
            heard.1.notify_all();
        });
        if WATCHING {
            deadlock();
            drop(told.1.wait_while(told.0.lock().expect("not poisoned"), |told| *told == 0));
        }
        survived();
    }) else {
        return;
    };
    ended.survived();
    if WATCHING {
        ended.says("deadlock (happened)");
    }
}

#[test]
fn it_panics() {
    let Some(ended) = program("callback::it_panics", &[], || {
        let (called, wait) = mpsc::sync_channel(2);
        let _session = watched(move |_| {
            called.send(()).expect("the test waits");
            panic!("the callback's own");
        });
        if WATCHING {
            deadlock();
            wait.recv().expect("called");
            deadlock();
            wait.recv().expect("called again");
        }
        survived();
    }) else {
        return;
    };
    ended.survived();
    if WATCHING {
        ended.says("the callback for reports panicked").says("deadlock (happened)");
    }
}

/// The subscriber has not let go of the first report until the callback has got the second.
#[test]
fn it_is_called_while_another_report_is_told() {
    let Some(ended) = program("callback::it_is_called_while_another_report_is_told", &[], || {
        let (called, wait) = mpsc::sync_channel(2);
        let (tells, told) = mpsc::sync_channel(2);
        let (go, goes) = mpsc::sync_channel(2);
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Slow(tells, goes.into())))
            .expect("the first");
        let _session = watched(move |report| called.send(report.number).expect("the test waits"));
        if WATCHING {
            deadlock();
            assert_eq!(wait.recv(), Ok(1));
            told.recv().expect("told");
            deadlock();
            assert_eq!(wait.recv(), Ok(2));
            go.send(()).expect("the subscriber waits");
            told.recv().expect("told, too");
            go.send(()).expect("the subscriber waits");
        }
        survived();
    }) else {
        return;
    };
    // Nor had it to wait for somebody's patience to end.
    ended.survived().silently();
}

struct Slow(mpsc::SyncSender<()>, std::sync::Mutex<mpsc::Receiver<()>>);

impl<S: tracing::Subscriber> Layer<S> for Slow {
    fn on_event(&self, _: &tracing::Event<'_>, _: Context<'_, S>) {
        self.0.send(()).expect("the test waits");
        self.1.lock().expect("not poisoned").recv().expect("the test goes on");
    }
}

/// It wants what the stuck threads hold.
#[test]
fn it_blocks_for_ever() {
    let Some(ended) = program("callback::it_blocks_for_ever", &[("GORDIAN_REACTION", "exit:7")], || {
        if !WATCHING {
            std::process::exit(7);
        }
        let wanted = Arc::new(Mutex::new(None::<Arc<Mutex<u32>>>));
        let lock = wanted.clone();
        let _session = watched(move |_| {
            let lock = lock.lock().expect("not poisoned").clone();
            drop(lock.expect("a deadlock").lock());
        });
        let mut slot = wanted.lock().expect("not poisoned");
        *slot = Some(deadlock());
        drop(slot);
        thread::park_timeout(std::time::Duration::from_secs(100));
    }) else {
        return;
    };
    ended.ended_with(7);
    if WATCHING {
        ended.says("the callback for reports has not returned").says("deadlock (happened)");
    }
}

#[test]
fn it_ends_the_program() {
    let Some(ended) = program("callback::it_ends_the_program", &[], || {
        if !WATCHING {
            std::process::exit(9);
        }
        let _session = watched(|_| std::process::exit(9));
        deadlock();
        thread::park_timeout(std::time::Duration::from_secs(100));
    }) else {
        return;
    };
    ended.ended_with(9);
}

/// The settings' own destructor may use watched locks.
#[test]
fn it_is_replaced_and_locks_in_its_drop() {
    let Some(ended) = program("callback::it_is_replaced_and_locks_in_its_drop", &[], || {
        struct Locks(Arc<Mutex<u32>>);
        impl Drop for Locks {
            fn drop(&mut self) {
                *self.0.lock().expect("not poisoned") += 1;
                gordian::set_level(gordian::level());
                drop(gordian::watch());
            }
        }
        let lock = Arc::new(Mutex::new(0));
        let locks = Locks(lock.clone());
        let session = watched(move |_| _ = &locks);
        drop(watched(|_| ()));
        drop(session);
        if WATCHING {
            assert_eq!(*lock.lock().expect("not poisoned"), 1);
        }
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}
