use super::{message, panic_of, thread};
use std::{
    cell::Cell,
    sync::{
        atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
        mpsc,
    },
    time::{Duration, Instant},
};

const NEVER: Duration = Duration::from_secs(600);

#[test]
fn join_gives_the_result() {
    let text = String::from("a");
    let handle = thread::spawn(move || text + "b");
    assert_eq!(format!("{handle:?}"), "JoinHandle { .. }");
    assert_ne!(handle.thread().id(), thread::current().id());
    assert_eq!(handle.join().unwrap(), "ab");
}

#[test]
fn join_gives_the_panic() {
    let handle = thread::spawn(|| -> u8 { panic!("number {}", 5) });
    assert_eq!(message(&*handle.join().unwrap_err()), "number 5");
    let handle = thread::spawn(|| -> u8 { std::panic::resume_unwind(Box::new(7_u8)) });
    let payload = handle.join().unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&7_u8));
}

#[test]
fn is_finished_after_the_end() {
    let (go_on, gone_on) = mpsc::channel::<()>();
    let handle = thread::spawn(move || gone_on.recv().unwrap_err());
    assert!(!handle.is_finished());
    drop(go_on);
    while !handle.is_finished() {
        thread::yield_now();
    }
    assert_eq!(handle.join().unwrap(), mpsc::RecvError);
}

#[test]
fn a_dropped_handle_leaves_the_thread_running() {
    let (done, is_done) = mpsc::channel();
    drop(thread::spawn(move || done.send(1)));
    assert_eq!(is_done.recv(), Ok(1));
}

#[test]
fn the_builder_sets_name_and_stack() {
    let builder = thread::Builder::new().name("worker".into()).stack_size(16 << 20);
    assert_eq!(
        format!("{builder:?}"),
        format!("{:?}", std::thread::Builder::new().name("worker".into()).stack_size(16 << 20))
    );
    let handle = builder
        .spawn(|| {
            // Needs more than the default of two megabytes.
            let stack = std::hint::black_box([1_u8; 5 << 19]);
            (thread::current().name().map(str::to_owned), stack[stack.len() - 1])
        })
        .unwrap();
    assert_eq!(handle.thread().name(), Some("worker"));
    assert_eq!(handle.join().unwrap(), (Some("worker".into()), 1));
    assert_eq!(thread::spawn(|| thread::current().name().map(str::to_owned)).join().unwrap(), None);
}

#[test]
fn a_refused_thread_is_an_error_and_drops_its_closure() {
    let dropped = std::sync::Arc::new(());
    let kept = dropped.clone();
    // More than any address space has.
    let refused = thread::Builder::new().stack_size(1 << 60).spawn(move || drop(kept));
    assert!(refused.is_err());
    assert_eq!(std::sync::Arc::strong_count(&dropped), 1);

    let (message, _) = panic_of(|| thread::Builder::new().name("a\0b".into()).spawn(|| ()));
    assert_eq!(message, "thread name may not contain interior null bytes: NulError(1, [97, 0, 98])");
}

#[test]
#[expect(unsafe_code, reason = "this is what it is about")]
fn a_thread_may_borrow_where_its_caller_promises_to_join() {
    let text = String::from("a");
    // SAFETY: the thread is joined while `text` lives, and its result borrows nothing else.
    let handle = unsafe { thread::Builder::new().spawn_unchecked(|| text.len()) }.unwrap();
    assert_eq!(handle.join().unwrap(), text.len());
}

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
fn a_token_that_came_before_ends_a_park() {
    thread::current().unpark();
    thread::park();
    thread::current().unpark();
    let start = Instant::now();
    thread::park_timeout(NEVER);
    assert!(start.elapsed() < NEVER);
}

#[test]
fn park_ends_by_unpark_or_time() {
    let unparked = AtomicBool::new(false);
    thread::scope(|scope| {
        let parked = scope.spawn(|| {
            while !unparked.load(SeqCst) {
                thread::park();
            }
        });
        unparked.store(true, SeqCst);
        parked.thread().unpark();
    });
    thread::park_timeout(Duration::from_millis(1));
    #[expect(deprecated, reason = "std still has it")]
    thread::park_timeout_ms(1);
}

#[test]
fn sleep_takes_its_time() {
    let start = Instant::now();
    thread::sleep(Duration::from_millis(2));
    #[expect(deprecated, reason = "std still has it")]
    thread::sleep_ms(1);
    assert!(start.elapsed() >= Duration::from_millis(3));
}

#[test]
fn panicking_is_known_while_unwinding() {
    struct Asks<'a>(&'a Cell<bool>);
    impl Drop for Asks<'_> {
        fn drop(&mut self) {
            self.0.set(thread::panicking());
        }
    }
    let panicking = Cell::new(false);
    panic_of(|| {
        let _asks = Asks(&panicking);
        panic!("unwinds");
    });
    assert!(panicking.get() && !thread::panicking());
    assert!(thread::available_parallelism().unwrap().get() >= 1);
}

#[cfg(unix)]
#[test]
fn a_handle_has_its_pthread() {
    use std::os::unix::thread::JoinHandleExt;
    let handle = thread::spawn(thread::park);
    assert_ne!(handle.as_pthread_t(), 0);
    handle.thread().unpark();
    handle.join().unwrap();
}
