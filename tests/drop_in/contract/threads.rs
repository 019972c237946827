use super::{
    message, panic_of,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
    thread, thread_local,
};
use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
};

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
    let dropped = Arc::new(());
    let kept = dropped.clone();
    // More than any address space has.
    let refused = thread::Builder::new().stack_size(1 << 60).spawn(move || drop(kept));
    assert!(refused.is_err());
    assert_eq!(Arc::strong_count(&dropped), 1);

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

/// Whoever takes the thread from its handle joins it himself.
#[cfg(unix)]
#[test]
#[expect(unsafe_code, reason = "this is what it is about")]
fn a_handle_gives_its_pthread_away() {
    use std::os::unix::thread::JoinHandleExt;
    let done = Arc::new(AtomicBool::new(false));
    let handle = thread::spawn({
        let done = done.clone();
        move || done.store(true, SeqCst)
    });
    let number = handle.as_pthread_t();
    let thread = handle.into_pthread_t();
    assert_eq!(thread, number);
    // SAFETY: the thread has not been joined or detached, and nobody else can.
    assert_eq!(unsafe { libc::pthread_join(thread, std::ptr::null_mut()) }, 0);
    assert!(done.load(SeqCst));
}

#[test]
fn names_are_kept_as_they_are() {
    for name in ["", "worker", "a name that is longer than any operating system keeps", "zwölf Äpfel", "🧵"] {
        let builder = thread::Builder::new().name("another".into()).name(name.into());
        let handle = builder.spawn(|| thread::current().name().map(str::to_owned)).unwrap();
        assert_eq!(handle.thread().name(), Some(name));
        assert_eq!(handle.thread().clone().name(), Some(name));
        assert_eq!(handle.join().unwrap().as_deref(), Some(name));
    }
}

#[test]
fn stacks_may_be_of_any_size() {
    for size in [0, 1, 4_096, 100_001, 1 << 20] {
        let handle = thread::Builder::new().stack_size(size).spawn(move || size).unwrap();
        assert_eq!(handle.join().unwrap(), size);
    }
}

#[test]
fn every_thread_has_an_identity_of_its_own() {
    let own = thread::current().id();
    let handles: Vec<_> = (0..20).map(|_| thread::spawn(|| (thread::current().id(), thread::current().id()))).collect();
    let mut ids: HashSet<_> = handles
        .into_iter()
        .map(|handle| {
            let outside = handle.thread().id();
            let (inside, again) = handle.join().unwrap();
            assert_eq!((outside, inside), (inside, again));
            inside
        })
        .collect();
    assert_eq!((ids.len(), ids.insert(own), thread::current().id()), (20, true, own));
    let thread = thread::current();
    assert_eq!(format!("{:?}", thread.id()), format!("{own:?}"));
    assert!(format!("{thread:?}").starts_with(&format!("Thread {{ id: {own:?}, name: ")));
}

#[test]
fn join_waits_for_the_destructors_of_thread_locals() {
    struct Late(Option<Arc<AtomicBool>>);
    impl Drop for Late {
        fn drop(&mut self) {
            (0..10).for_each(|_| thread::yield_now());
            self.0.take().unwrap().store(true, SeqCst);
        }
    }
    thread_local!(static LATE: RefCell<Option<Late>> = const { RefCell::new(None) });
    for _ in 0..20 {
        let dropped = Arc::new(AtomicBool::new(false));
        let late = Late(Some(dropped.clone()));
        thread::spawn(|| LATE.replace(Some(late)).is_none()).join().unwrap();
        assert!(dropped.load(SeqCst));
    }
}

#[test]
fn a_result_goes_with_the_last_that_could_ask_for_it() {
    let alive = Arc::new(());
    let handle = thread::spawn({
        let alive = alive.clone();
        move || alive
    });
    while !handle.is_finished() {
        thread::yield_now();
    }
    assert_eq!(Arc::strong_count(&alive), 2);
    drop(handle);
    // Nobody waits for the thread, which may not have let go yet.
    while Arc::strong_count(&alive) != 1 {
        thread::yield_now();
    }
    let handle = thread::spawn({
        let alive = alive.clone();
        move || alive
    });
    drop(handle.join().unwrap());
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn a_panic_is_finished_too() {
    let handle = thread::spawn(|| panic!("on purpose"));
    while !handle.is_finished() {
        thread::yield_now();
    }
    assert_eq!(message(&*handle.join().unwrap_err()), "on purpose");
}

#[test]
fn threads_outlive_those_that_started_them() {
    let (done, is_done) = mpsc::channel();
    let (go_on, gone_on) = mpsc::channel::<()>();
    let parent = thread::spawn(move || {
        thread::spawn(move || {
            gone_on.recv().unwrap_err();
            done.send(thread::current().id()).unwrap();
        })
        .thread()
        .id()
    });
    let child = parent.join().unwrap();
    drop(go_on);
    assert_eq!(is_done.recv(), Ok(child));
}

/// A thread that unwinds is no concern of another.
#[test]
fn panicking_is_a_threads_own() {
    struct Asks(Arc<AtomicBool>);
    impl Drop for Asks {
        fn drop(&mut self) {
            let elsewhere = thread::spawn(thread::panicking).join().unwrap();
            self.0.store(thread::panicking() && !elsewhere, SeqCst);
        }
    }
    let own = Arc::new(AtomicBool::new(false));
    panic_of(|| {
        let _asks = Asks(own.clone());
        panic!("unwinds");
    });
    assert!(own.load(SeqCst));
}
