use super::{
    message, panic_of,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
        mpsc,
    },
    thread,
};
use std::panic::panic_any;

#[test]
fn a_scope_waits_for_its_threads() {
    let ended = AtomicU32::new(0);
    let mut local = 0;
    let result = thread::scope(|scope| {
        assert!(format!("{scope:?}").starts_with("Scope { num_running_threads: 0, a_thread_panicked: false"));
        scope.spawn(|| {
            // A thread of a scope can start more.
            scope.spawn(|| ended.fetch_add(1, SeqCst));
            ended.fetch_add(1, SeqCst)
        });
        scope.spawn(|| local += 1);
        "result"
    });
    assert_eq!((result, ended.into_inner(), local), ("result", 2, 1));
}

#[test]
fn scoped_threads_are_joined_and_named() {
    thread::scope(|scope| {
        let handle = scope.spawn(|| 5);
        assert_eq!(format!("{handle:?}"), "ScopedJoinHandle { .. }");
        assert_eq!(handle.join().unwrap(), 5);
        let named = thread::Builder::new().name("scoped".into());
        let handle = named.spawn_scoped(scope, || thread::current().name() == Some("scoped")).unwrap();
        assert_eq!(handle.thread().name(), Some("scoped"));
        while !handle.is_finished() {
            thread::yield_now();
        }
        assert!(handle.join().unwrap());
    });
}

#[test]
fn a_scope_passes_on_panics() {
    let (text, file) = panic_of(|| thread::scope(|scope| drop(scope.spawn(|| panic!("thread")))));
    assert_eq!((&*text, &*file), ("a scoped thread panicked", file!()));

    // One that was joined has been heard.
    let heard = thread::scope(|scope| scope.spawn(|| panic!("thread")).join().map_err(|payload| message(&*payload)));
    assert_eq!(heard, Err::<(), _>("thread".into()));
}

#[test]
fn a_scope_whose_closure_panics_still_waits() {
    let ended = AtomicBool::new(false);
    let (text, file) = panic_of(|| {
        thread::scope(|scope| {
            let (go_on, gone_on) = mpsc::channel::<()>();
            let ended = &ended;
            scope.spawn(move || {
                gone_on.recv().unwrap_err();
                ended.store(true, SeqCst);
            });
            let _unwinds = go_on;
            panic!("closure");
        });
    });
    assert_eq!((&*text, &*file), ("closure", file!()));
    assert!(ended.into_inner());
}

#[test]
fn a_scope_may_borrow_and_give_back() {
    let mut numbers = vec![1, 2, 3];
    let text = String::from("read by all");
    let lengths = thread::scope(|scope| {
        let (left, right) = numbers.split_at_mut(1);
        scope.spawn(|| left[0] = 10);
        scope.spawn(|| right[1] = 30);
        [(); 2].map(|()| scope.spawn(|| text.len())).map(|thread| thread.join().unwrap())
    });
    numbers.push(4);
    assert_eq!((numbers, lengths), (vec![10, 2, 30, 4], [11, 11]));
}

#[test]
fn what_a_scoped_thread_returns_may_be_borrowed() {
    let text = String::from("a b");
    let words = thread::scope(|scope| scope.spawn(|| text.split(' ').collect::<Vec<&str>>()).join().unwrap());
    assert_eq!(words, ["a", "b"]);
}

#[test]
fn scopes_nest() {
    let count = AtomicU32::new(0);
    thread::scope(|outer| {
        outer.spawn(|| {
            thread::scope(|inner| {
                (0..3).for_each(|_| drop(inner.spawn(|| count.fetch_add(1, SeqCst))));
                // A thread of the outer scope, started from within the inner one.
                outer.spawn(|| count.fetch_add(10, SeqCst));
            });
            assert!(count.load(SeqCst) % 10 == 3);
        });
    });
    assert_eq!(count.into_inner(), 13);
}

#[test]
fn a_scope_without_threads() {
    assert_eq!(thread::scope(|_| 5), 5);
    assert_eq!(panic_of(|| thread::scope(|_| -> u8 { panic!("closure") })).0, "closure");
}

/// Of several panics the closure's own is passed on.
#[test]
fn the_closures_panic_goes_before_its_threads() {
    let (text, _) = panic_of(|| {
        thread::scope(|scope| {
            scope.spawn(|| panic_any("thread"));
            panic!("closure");
        });
    });
    assert_eq!(text, "closure");
}

#[test]
fn one_panic_does_not_stop_the_other_threads() {
    let ended = AtomicU32::new(0);
    let (text, _) = panic_of(|| {
        thread::scope(|scope| {
            scope.spawn(|| panic_any("thread"));
            (0..3).for_each(|_| drop(scope.spawn(|| ended.fetch_add(1, SeqCst))));
        });
    });
    assert_eq!((&*text, ended.into_inner()), ("a scoped thread panicked", 3));
}

#[test]
fn a_panic_that_was_joined_is_not_passed_on() {
    let payloads = thread::scope(|scope| {
        let threads = [1_u8, 2].map(|number| scope.spawn(move || -> () { panic_any(number) }));
        threads.map(|thread| thread.join().unwrap_err().downcast_ref::<u8>().copied())
    });
    assert_eq!(payloads, [Some(1), Some(2)]);
}

/// A result that nobody asks for is dropped before the scope ends.
#[test]
fn results_are_dropped_within_the_scope() {
    struct Notes<'a>(&'a AtomicU32);
    impl Drop for Notes<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    let dropped = AtomicU32::new(0);
    thread::scope(|scope| {
        drop(scope.spawn(|| Notes(&dropped)));
        let _handle = scope.spawn(|| Notes(&dropped));
        scope.spawn(|| Notes(&dropped)).join().map(std::mem::forget).unwrap();
    });
    assert_eq!(dropped.into_inner(), 2);
}

#[test]
fn a_handle_outlives_what_its_thread_has_done() {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let handle = scope.spawn(|| done.store(true, SeqCst));
        while !handle.is_finished() {
            thread::yield_now();
        }
        assert!(done.load(SeqCst) && handle.is_finished());
        let id = handle.thread().id();
        assert_ne!(id, thread::current().id());
        handle.join().unwrap();
    });
    thread::scope(|scope| {
        let handle = scope.spawn(|| panic_any("thread"));
        while !handle.is_finished() {
            thread::yield_now();
        }
        assert_eq!(message(&*handle.join().unwrap_err()), "thread");
    });
}

#[test]
fn a_scope_is_used_by_its_threads() {
    let sum = Mutex::new(0);
    fn spread<'scope>(scope: &'scope thread::Scope<'scope, '_>, sum: &'scope Mutex<u32>, depth: u32) {
        *sum.lock().unwrap() += 1;
        if depth > 0 {
            (0..2).for_each(|_| drop(scope.spawn(move || spread(scope, sum, depth - 1))));
        }
    }
    thread::scope(|scope| spread(scope, &sum, 4));
    assert_eq!(sum.into_inner().unwrap(), 31);
}

#[test]
fn a_refused_scoped_thread_is_an_error_and_drops_its_closure() {
    let dropped = Arc::new(());
    let kept = dropped.clone();
    let refused = thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(1 << 60);
        builder.spawn_scoped(scope, move || drop(kept)).map(drop)
    });
    assert!(refused.is_err());
    assert_eq!(Arc::strong_count(&dropped), 1);
}
