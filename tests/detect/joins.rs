//! Waiting for the end of threads.

use crate::run::{Case, named, quiet, stuck, work};
use gordian::{
    Ext,
    sync::{Arc, Mutex},
    thread,
};
use std::{sync::mpsc, time::Duration};

pub(crate) const CASES: &[Case] = &[
    stuck!(
        lock_across_join,
        "wait_cycle",
        [
            "main: holds results [lock], waits for the end of thread `worker` [join]",
            "worker: waits for Mutex `results` [want]"
        ],
        []
    ),
    quiet!(lock_dropped_before_join),
    quiet!(guard_with_a_limit_under_a_lock),
    quiet!(guards_in_two_threads),
    quiet!(lock_across_join_of_another),
    stuck!(
        lock_across_scope_end,
        "wait_cycle",
        [
            "main: holds results [lock], waits for the end of the threads of its scope [scope]",
            "worker: waits for Mutex `results` [want]",
        ],
        []
    ),
    quiet!(lock_dropped_before_scope_end),
    stuck!(
        result_that_nobody_takes,
        "wait_cycle",
        [
            "main: holds results [kept], waits for the end of the threads of its scope [the end]",
            "worker: waits for Mutex `results` [thrown away]",
        ],
        []
    ),
    quiet!(result_that_somebody_takes),
    // std lets it panic: so it ends.
    Case {
        ends: true,
        ..stuck!(joins_itself, "wait_cycle", ["narcissus: waits for the end of thread `narcissus` [join itself]"], [])
    },
    quiet!(joined_by_another),
    stuck!(
        two_that_join_each_other,
        "wait_cycle",
        [
            "alice: waits for the end of thread `bob` [join other]",
            "bob: waits for the end of thread `alice` [join other]",
        ],
        []
    ),
    stuck!(
        two_scopes,
        "wait_cycle",
        [
            "alice: holds left [own], waits for the end of the threads of its scope [inner scope]",
            "alice's: waits for Mutex `right` [other]",
            "bob: holds right [own], waits for the end of the threads of its scope [inner scope]",
            "bob's: waits for Mutex `left` [other]",
        ],
        ["main"]
    ),
    quiet!(nested_scopes),
    stuck!(
        lock_at_the_end_of_main,
        "wait_cycle",
        [
            "main: holds state [lock], waits for the end of all threads that are not daemons [session]",
            "worker: waits for Mutex `state` [want]",
        ],
        []
    ),
    quiet!(lock_dropped_before_the_end_of_main),
    quiet!(daemons_left_behind),
];

fn lock_across_join() {
    let results = Arc::new(Mutex::new(()).named("results"));
    let guard = results.lock().unwrap(); //~ lock
    let worker = {
        let results = results.clone();
        named("worker", move || drop(results.lock().unwrap())) //~ want
    };
    worker.join().unwrap(); //~ join
    drop(guard);
}

fn lock_dropped_before_join() {
    let results = Arc::new(Mutex::new(()));
    let guard = results.lock().unwrap();
    let worker = {
        let results = results.clone();
        named("worker", move || drop(results.lock().unwrap()))
    };
    work();
    drop(guard);
    worker.join().unwrap();
}

/// The lock that is held is not the one that the thread wants.
fn lock_across_join_of_another() {
    let (results, other) = (Mutex::new(()), Arc::new(Mutex::new(())));
    let _guard = results.lock().unwrap();
    let worker = {
        let other = other.clone();
        named("worker", move || {
            let _other = other.lock().unwrap();
            work();
        })
    };
    worker.join().unwrap();
}

fn lock_across_scope_end() {
    let results = Mutex::new(()).named("results");
    thread::scope(|scope| {
        //~^ scope
        let want = || drop(results.lock().unwrap()); //~ want
        let guard = results.lock().unwrap(); //~ lock
        thread::Builder::new().name("worker".into()).spawn_scoped(scope, want).unwrap();
        std::mem::forget(guard);
    });
}

/// Locks when it is thrown away.
struct Outcome<'a>(&'a Mutex<()>);

impl Drop for Outcome<'_> {
    fn drop(&mut self) {
        drop(self.0.lock().unwrap()); //~ thrown away
    }
}

/// Its thread throws it away.
fn result_that_nobody_takes() {
    let results = Mutex::new(()).named("results");
    thread::scope(|scope| {
        //~^ the end
        let kept = results.lock().unwrap(); //~ kept
        // Were the handle still there when the thread has ended, it would be the one that throws the result away.
        let (go_on, gone_on) = mpsc::channel::<()>();
        let work = || {
            gone_on.into_iter().for_each(drop);
            Outcome(&results)
        };
        drop(thread::Builder::new().name("worker".into()).spawn_scoped(scope, work).unwrap());
        drop(go_on);
        std::mem::forget(kept);
    });
}

fn result_that_somebody_takes() {
    let results = Mutex::new(()).named("results");
    thread::scope(|scope| {
        let worker = scope.spawn(|| Outcome(&results));
        let kept = results.lock().unwrap();
        let outcome = worker.join().unwrap();
        drop(kept);
        drop(outcome);
        scope.spawn(|| Outcome(&results));
    });
}

fn lock_dropped_before_scope_end() {
    let results = Mutex::new(());
    thread::scope(|scope| {
        let _guard = results.lock().unwrap();
        scope.spawn(|| drop(results.lock().unwrap()));
        work();
    });
}

fn joins_itself() {
    let (give, take) = mpsc::channel::<thread::JoinHandle<()>>();
    let (done, wait) = mpsc::channel::<()>();
    let narcissus = named("narcissus", move || {
        let me = take.recv().unwrap();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(me.join()))); //~ join itself
        // Where the system refuses a thread that joins itself, std panics.
        assert!(outcome.is_err());
        drop(done);
    });
    give.send(narcissus).unwrap();
    _ = wait.recv();
}

fn joined_by_another() {
    let (give, take) = mpsc::channel::<thread::JoinHandle<()>>();
    let worker = named("worker", work);
    let joiner = named("joiner", move || take.recv().unwrap().join().unwrap());
    give.send(worker).unwrap();
    joiner.join().unwrap();
}

fn two_that_join_each_other() {
    let ((to_alice, for_alice), (to_bob, for_bob)) = (mpsc::channel(), mpsc::channel());
    let join = |name, from: mpsc::Receiver<thread::JoinHandle<()>>| {
        named(name, move || from.recv().unwrap().join().unwrap()) //~ join other
    };
    let (alice, bob) = (join("alice", for_alice), join("bob", for_bob));
    to_alice.send(bob).unwrap();
    to_bob.send(alice).unwrap();
    // The main thread does not wait: it has something to do.
    loop {
        work();
    }
}

fn two_scopes() {
    let (left, right) = (Mutex::new(()).named("left"), Mutex::new(()).named("right"));
    let meet = std::sync::Barrier::new(2);
    let side = |name: &str, own: &Mutex<()>, other: &Mutex<()>| {
        let _own = own.lock().unwrap(); //~ own
        meet.wait();
        thread::scope(|scope| {
            //~^ inner scope
            let want = || drop(other.lock().unwrap()); //~ other
            thread::Builder::new().name(format!("{name}'s")).spawn_scoped(scope, want).unwrap();
        });
    };
    thread::scope(|scope| {
        let alice = || side("alice", &left, &right);
        let bob = || side("bob", &right, &left);
        thread::Builder::new().name("alice".into()).spawn_scoped(scope, alice).unwrap();
        thread::Builder::new().name("bob".into()).spawn_scoped(scope, bob).unwrap();
    });
}

fn nested_scopes() {
    let one = Mutex::new(0);
    thread::scope(|outer| {
        for _ in 0..4 {
            outer.spawn(|| {
                thread::scope(|inner| {
                    inner.spawn(|| *one.lock().unwrap() += 1);
                    inner.spawn(work);
                });
                *one.lock().unwrap() += 1;
            });
        }
    });
    assert_eq!(*one.lock().unwrap(), 8);
}

fn lock_at_the_end_of_main() {
    let state = Arc::new(Mutex::new(()).named("state"));
    // Dropped last: what is made first.
    let _guard = state.lock().unwrap(); //~ lock
    let _session = gordian::watch(); //~ session
    let worker = {
        let state = state.clone();
        named("worker", move || drop(state.lock().unwrap())) //~ want
    };
    drop(worker);
}

fn lock_dropped_before_the_end_of_main() {
    let _session = gordian::watch();
    let state = Arc::new(Mutex::new(()));
    let _guard = state.lock().unwrap();
    for _ in 0..3 {
        let state = state.clone();
        named("worker", move || {
            drop(state.lock().unwrap());
            work();
        });
    }
    work();
}

/// They idle for ever, as pools do, and the program ends all the same.
fn daemons_left_behind() {
    let _session = gordian::watch();
    let jobs = Arc::new((Mutex::new(()), gordian::sync::Condvar::new()));
    for _ in 0..3 {
        let jobs = jobs.clone();
        let idle = move || drop(jobs.1.wait_while(jobs.0.lock().unwrap(), |_| true));
        thread::Builder::new().daemon(true).spawn(idle).unwrap();
    }
    gordian::ext::spawn_daemon(thread::park);
    named("worker", work);
    work();
}

/// The guard gives up by itself, and then the lock is free.
fn guard_with_a_limit_under_a_lock() {
    let state = Arc::new(Mutex::new(0).named("state"));
    let held = state.lock().unwrap();
    let wanted = state.clone();
    let worker = named("worker", move || *wanted.lock().unwrap() += 1);
    let session = gordian::builder().exit_wait(Duration::from_millis(60)).start();
    drop(session);
    drop(held);
    worker.join().unwrap();
}

/// Neither keeps the other: both are done with their work.
fn guards_in_two_threads() {
    let meet = Arc::new(std::sync::Barrier::new(2));
    let threads = ["alice", "bob"].map(|name| {
        let meet = meet.clone();
        named(name, move || {
            let _session = gordian::watch();
            meet.wait();
        })
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
