//! Condvars and once cells.

use crate::run::{Case, named, quiet, stuck, work};
use gordian::{
    Ext,
    parking_lot::{Condvar, Mutex, Once},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Barrier, mpsc::channel},
    time::Duration,
};

pub(crate) const CASES: &[Case] = &[
    stuck!(
        lost_wake_up,
        "standstill",
        ["consumer: waits for a notification of Condvar `changed` [too late]"],
        ["main"]
    ),
    quiet!(no_lost_wake_up),
    stuck!(
        nested_monitor,
        "standstill",
        [
            "consumer: holds outer [outer], waits for a notification of Condvar `changed` [wait]",
            "producer: waits for Mutex `outer` [outer wanted]",
        ],
        ["main"]
    ),
    quiet!(condvar_with_two_mutexes),
    stuck!(
        time_is_over_and_the_mutex_is_gone,
        "wait_cycle",
        [
            "consumer: waits for Mutex `state` [for a time]",
            "main: holds state [taken], waits for the end of thread `consumer` [join it]",
        ],
        []
    ),
    stuck!(
        once_in_itself,
        "wait_cycle",
        ["main: holds setup [call], waits for the initialisation of Once `setup` [call again]"],
        []
    ),
    quiet!(once_in_another),
    quiet!(a_poisoned_once),
];

fn pair() -> Arc<(Mutex<bool>, Condvar)> {
    Arc::new((Mutex::new(false).named("state"), Condvar::new().named("changed")))
}

fn lost_wake_up() {
    let pair = pair();
    pair.1.notify_one();
    let consumer = named("consumer", move || {
        let mut state = pair.0.lock();
        pair.1.wait(&mut state); //~ too late
    });
    consumer.join().unwrap();
}

fn no_lost_wake_up() {
    let pair = pair();
    let consumer = {
        let pair = pair.clone();
        named("consumer", move || {
            let mut ready = pair.0.lock();
            pair.1.wait_while(&mut ready, |ready| !*ready);
            assert!(pair.1.wait_for(&mut ready, Duration::from_millis(50)).timed_out());
            assert!(pair.1.wait_while_for(&mut ready, |ready| *ready, Duration::from_millis(50)).timed_out());
        })
    };
    work();
    *pair.0.lock() = true;
    pair.1.notify_all();
    consumer.join().unwrap();
}

fn nested_monitor() {
    let (outer, pair) = (Arc::new(Mutex::new(()).named("outer")), pair());
    let begun = Arc::new(Barrier::new(2));
    let consumer = {
        let (outer, pair, begun) = (outer.clone(), pair.clone(), begun.clone());
        named("consumer", move || {
            let _outer = outer.lock(); //~ outer
            begun.wait();
            let mut ready = pair.0.lock();
            while !*ready {
                pair.1.wait(&mut ready); //~ wait
            }
        })
    };
    let producer = named("producer", move || {
        begun.wait();
        let _outer = outer.lock(); //~ outer wanted
        *pair.0.lock() = true;
        pair.1.notify_one();
    });
    consumer.join().unwrap();
    producer.join().unwrap();
}

/// The real condvar panics at that, and the mutex is locked as before: by a thread that then goes on.
fn condvar_with_two_mutexes() {
    let (pair, other) = (pair(), Mutex::new(()).named("other"));
    let (locked, wait) = channel();
    let waiter = {
        let pair = pair.clone();
        named("waiter", move || {
            let mut state = pair.0.lock();
            locked.send(()).unwrap();
            pair.1.wait_while(&mut state, |state| !*state);
        })
    };
    wait.recv().unwrap();
    // Once it has the mutex, the waiter waits.
    drop(pair.0.lock());
    let refused = catch_unwind(AssertUnwindSafe(|| {
        let mut guard = other.lock();
        pair.1.wait(&mut guard);
    }));
    assert!(refused.is_err());
    for _ in 0..3 {
        drop(other.lock());
    }
    *pair.0.lock() = true;
    pair.1.notify_one();
    waiter.join().unwrap();
}

fn time_is_over_and_the_mutex_is_gone() {
    let (pair, (locked, wait)) = (pair(), channel());
    let consumer = {
        let pair = pair.clone();
        named("consumer", move || {
            let mut state = pair.0.lock();
            locked.send(()).unwrap();
            pair.1.wait_for(&mut state, Duration::from_millis(100)); //~ for a time
        })
    };
    wait.recv().unwrap();
    let _state = pair.0.lock(); //~ taken
    consumer.join().unwrap(); //~ join it
}

fn once_in_itself() {
    let setup = Once::new().named("setup");
    let again = || {
        setup.call_once(|| ()); //~ call again
    };
    setup.call_once(again); //~ call
}

fn once_in_another() {
    let (outer, inner) = (Once::new(), Once::new());
    outer.call_once(|| inner.call_once(work));
    assert!(outer.state().done() && inner.state().done());
}

fn a_poisoned_once() {
    let once = Once::new();
    let poison = || once.call_once(|| panic!("on purpose"));
    assert!(catch_unwind(AssertUnwindSafe(poison)).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| once.call_once(|| ()))).is_err());
    once.call_once_force(|state| assert!(state.poisoned()));
    assert!(once.state().done());
}
