//! The beginning and the end: of threads, and of the program.

use crate::{
    common::WATCHING,
    program::{program, resident, survived},
};
use gordian::{
    sync::{Arc, Barrier, Condvar, Mutex, MutexGuard, Once, RwLock},
    thread,
};
use std::{
    cell::RefCell,
    sync::mpsc,
    time::{Duration, Instant},
};

static COUNT: Mutex<u32> = Mutex::new(0);
static TABLE: RwLock<u32> = RwLock::new(0);
static KEPT: [Mutex<u32>; 16] = [const { Mutex::new(0) }; 16];

struct LocksAtTheEnd;

impl Drop for LocksAtTheEnd {
    fn drop(&mut self) {
        let _table = TABLE.read().expect("not poisoned");
        *COUNT.lock().expect("not poisoned") += 1;
    }
}

thread_local! {
    static FIRST: LocksAtTheEnd = const { LocksAtTheEnd };
    static LATER: LocksAtTheEnd = const { LocksAtTheEnd };
    static GUARD: RefCell<Option<MutexGuard<'static, u32>>> = const { RefCell::new(None) };
}

fn count() -> u32 {
    *COUNT.lock().expect("not poisoned")
}

struct CountsInThread;

impl Drop for CountsInThread {
    fn drop(&mut self) {
        OWN.with(|own| *own.lock().expect("not poisoned") += 1);
        OWN_ONCE.with(|once| once.call_once(|| ()));
    }
}

thread_local! {
    static OWN: Mutex<u32> = const { Mutex::new(0) };
    static OWN_ONCE: Once = const { Once::new() };
    static COUNTS: CountsInThread = const { CountsInThread };
}

/// A lock has no destructor, so it is there until the very end.
#[test]
fn thread_local_locks_in_thread_local_destructors() {
    let Some(ended) = program("life::thread_local_locks_in_thread_local_destructors", &[], || {
        let work = || {
            COUNTS.with(|_| ());
            OWN.with(|own| *own.lock().expect("not poisoned") += 1);
        };
        assert!(thread::spawn(work).join().is_ok());
        assert!(std::thread::spawn(work).join().is_ok());
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

/// Thread-locals are destroyed in the opposite order: one before the recorder's, one after.
#[test]
fn thread_local_destructors_lock() {
    let Some(ended) = program("life::thread_local_destructors_lock", &[], || {
        let threads: Vec<_> = (0..32)
            .map(|_| {
                std::thread::spawn(|| {
                    FIRST.with(|_| ());
                    assert!(COUNT.lock().is_ok());
                    LATER.with(|_| ());
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
        assert_eq!(count(), 64);
        // Nothing but destructors.
        let only = std::thread::spawn(|| FIRST.with(|_| ()));
        only.join().expect("no panic");
        assert_eq!(count(), 65);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

/// A guard that lives in a thread-local is let go when that is destroyed, before or after the recorder's.
#[test]
fn guards_in_thread_locals_are_dropped_late() {
    let Some(ended) = program("life::guards_in_thread_locals_are_dropped_late", &[], || {
        let keep = |number: usize, before: bool| {
            if before {
                GUARD.with(|_| ());
            }
            let guard = KEPT[number].lock().expect("not poisoned");
            GUARD.with(|kept| *kept.borrow_mut() = Some(guard));
        };
        let keepers: Vec<_> = (0..16).map(|number| std::thread::spawn(move || keep(number, number % 2 == 0))).collect();
        // Others wait for them meanwhile: that is no deadlock.
        let waiters: Vec<_> =
            (0..16).map(|number| thread::spawn(move || *KEPT[number].lock().expect("not poisoned") += 1)).collect();
        keepers.into_iter().for_each(|thread| thread.join().expect("no panic"));
        waiters.into_iter().for_each(|thread| thread.join().expect("no panic"));
        assert!(KEPT.iter().all(|kept| *kept.lock().expect("not poisoned") == 1));
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

/// Where the program's constructors run.
#[allow(unsafe_code)]
mod before {
    use super::*;

    #[used]
    #[unsafe(link_section = ".init_array")]
    static CONSTRUCTOR: extern "C" fn() = constructor;

    extern "C" fn constructor() {
        // SAFETY: a C string; there are no other threads.
        if unsafe { libc::getenv(c"HARD_BEFORE_MAIN".as_ptr()).is_null() } {
            return;
        }
        *COUNT.lock().expect("not poisoned") += 1;
        let thread = thread::spawn(|| *COUNT.lock().expect("not poisoned") += 1);
        thread.join().expect("no panic");
        extern "C" fn after() {
            let result = std::panic::catch_unwind(|| {
                *COUNT.lock().expect("not poisoned") += 1;
                let _table = TABLE.write().expect("not poisoned");
                thread::spawn(|| *COUNT.lock().expect("not poisoned") += 1).join().expect("no panic");
                assert_eq!(count(), 4);
                eprintln!("after main");
            });
            assert!(result.is_ok());
        }
        // SAFETY: a function that lives as long as the program, and does not unwind.
        unsafe { libc::atexit(after) };
    }
}

/// The constructor's lock, the test's, then the exit handler's: it runs after the thread-locals have gone.
#[test]
fn before_main_and_after_it() {
    let path = std::env::temp_dir().join(format!("gordian-hard-before-{}.json", std::process::id()));
    let settings = [("HARD_BEFORE_MAIN", "1"), ("GORDIAN_TRACE", path.to_str().expect("text"))];
    let Some(ended) = program("life::before_main_and_after_it", &settings, || {
        assert_eq!(count(), 2);
        survived();
    }) else {
        return;
    };
    ended.survived().silently().says("after main");
    if WATCHING {
        let text = std::fs::read_to_string(&path).expect("the trace");
        serde_json::from_str::<serde_json::Value>(&text).expect("whole, and closed");
        std::fs::remove_file(&path).expect("removable");
    }
}

#[test]
fn ten_thousand_short_lived_threads() {
    let Some(ended) = program("life::ten_thousand_short_lived_threads", &[], || {
        let lock = Arc::new(Mutex::new(0));
        let thousand = || {
            for _ in 0..250 {
                let threads: [_; 4] = std::array::from_fn(|_| {
                    let lock = lock.clone();
                    thread::spawn(move || {
                        let own = Mutex::new(());
                        let _own = own.lock();
                        *lock.lock().expect("not poisoned") += 1;
                    })
                });
                threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
            }
        };
        thousand();
        let before = resident();
        (0..9).for_each(|_| thousand());
        let grown = resident().saturating_sub(before);
        assert_eq!(*lock.lock().expect("not poisoned"), 10_000);
        assert!(grown < 4096, "{grown} KiB for 9,000 threads");
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

/// The end of a program in which others still run, sleep, park and hold.
fn busy_elsewhere() -> MutexGuard<'static, u32> {
    let (begun, wait) = mpsc::channel();
    let start = |work: fn()| {
        let begun = begun.clone();
        thread::spawn(move || {
            begun.send(()).expect("the test waits");
            work();
        });
    };
    start(|| {
        loop {
            *KEPT[0].lock().expect("not poisoned") += 1;
        }
    });
    start(|| thread::sleep(Duration::from_secs(1000)));
    start(thread::park);
    start(|| {
        let _guard = KEPT[1].lock();
        thread::park();
    });
    start(|| drop(COUNT.lock()));
    start(|| drop(Condvar::new().wait(KEPT[2].lock().expect("not poisoned"))));
    let guard = COUNT.lock().expect("not poisoned");
    (0..6).for_each(|_| wait.recv().expect("begun"));
    guard
}

#[test]
fn main_ends_while_threads_run_sleep_park_and_hold() {
    let Some(ended) = program("life::main_ends_while_threads_run_sleep_park_and_hold", &[], || {
        drop(busy_elsewhere());
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

#[test]
fn exit_while_locks_are_held() {
    let path = std::env::temp_dir().join(format!("gordian-hard-exit-{}.json", std::process::id()));
    let settings = [("GORDIAN_TRACE", path.to_str().expect("text"))];
    let Some(ended) = program("life::exit_while_locks_are_held", &settings, || {
        let _guard = busy_elsewhere();
        std::process::exit(5);
    }) else {
        return;
    };
    ended.ended_with(5).silently();
    if WATCHING {
        let text = std::fs::read_to_string(&path).expect("the trace");
        serde_json::from_str::<serde_json::Value>(&text).expect("whole, and closed");
        std::fs::remove_file(&path).expect("removable");
    }
}

#[test]
fn abort_while_locks_are_held() {
    let Some(ended) = program("life::abort_while_locks_are_held", &[], || {
        let _guard = busy_elsewhere();
        std::process::abort();
    }) else {
        return;
    };
    ended.died_of(libc::SIGABRT).silently();
}

/// The child of a fork has one thread, and none of ours.
#[test]
#[allow(unsafe_code)]
fn a_fork_goes_on_and_ends_at_once() {
    let Some(ended) = program("life::a_fork_goes_on_and_ends_at_once", &[], || {
        let session = gordian::watch();
        let kept = Arc::new(Barrier::new(2));
        let other = kept.clone();
        let sleeper = thread::spawn(move || {
            other.wait();
            other.wait();
        });
        kept.wait();
        for _ in 0..20 {
            // SAFETY: the child only uses what is known to work after a fork.
            let child = unsafe { libc::fork() };
            if child == 0 {
                let lock = Mutex::new(0);
                *lock.lock().expect("not poisoned") += 1;
                *COUNT.lock().expect("not poisoned") += 1;
                let began = Instant::now();
                drop(session);
                let _ = began;
                // Runs the exit handlers.
                std::process::exit(if began.elapsed() < Duration::from_secs(1) { 42 } else { 43 });
            }
            let mut status = 0;
            let began = Instant::now();
            // SAFETY: our own child; the status is written.
            assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
            assert_eq!((libc::WIFEXITED(status), libc::WEXITSTATUS(status)), (true, 42));
            assert!(began.elapsed() < Duration::from_secs(10));
        }
        kept.wait();
        sleeper.join().expect("no panic");
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

/// By a system call of its own: the C library has told nobody.
#[test]
#[allow(unsafe_code)]
fn a_raw_fork_ends_at_once() {
    let Some(ended) = program("life::a_raw_fork_ends_at_once", &[], || {
        let mut session = Some(gordian::watch());
        assert!(COUNT.lock().is_ok());
        let mut quickest = Duration::MAX;
        for _ in 0..3 {
            let began = Instant::now();
            // SAFETY: a fork; the child only uses what is known to work after one.
            let child = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) } as libc::pid_t;
            if child == 0 {
                *COUNT.lock().expect("not poisoned") += 1;
                drop(session.take());
                // Runs the exit handlers.
                std::process::exit(42);
            }
            let mut status = 0;
            // SAFETY: our own child; the status is written.
            assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
            assert_eq!((libc::WIFEXITED(status), libc::WEXITSTATUS(status)), (true, 42));
            quickest = quickest.min(began.elapsed());
        }
        assert!(quickest < Duration::from_secs(1), "{quickest:?}");
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

#[test]
fn a_thread_that_cannot_be_started() {
    let Some(ended) = program("life::a_thread_that_cannot_be_started", &[], || {
        let refused = || thread::Builder::new().stack_size(1 << 46).spawn(|| ());
        (0..1000).for_each(|_| assert!(refused().is_err()));
        let nul = std::panic::catch_unwind(|| thread::Builder::new().name("a\0b".to_owned()).spawn(|| ()));
        assert!(nul.is_err());
        let scoped = std::panic::catch_unwind(|| {
            thread::scope(|scope| thread::Builder::new().stack_size(1 << 46).spawn_scoped(scope, || ()).is_err())
        });
        assert!(scoped.expect("no panic"));
        // The guard waits for nobody who was never there.
        drop(gordian::watch());
        survived();
    }) else {
        return;
    };
    ended.survived().says_not("waits for");
}

/// Not even ours can be.
#[test]
#[allow(unsafe_code)]
fn no_thread_can_be_started() {
    let settings = [("GORDIAN_REACTION", "panic")];
    let Some(ended) = program("life::no_thread_can_be_started", &settings, || {
        // Root may start threads whatever the number of processes: the address space is limited instead.
        let limit = libc::rlimit { rlim_cur: 1 << 20, rlim_max: libc::RLIM_INFINITY };
        // SAFETY: the structure is whole.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
        assert!(std::thread::Builder::new().spawn(|| ()).is_err());
        let (first, second) = (Mutex::new(1), Mutex::new(2));
        let sum = *first.lock().expect("not poisoned") + *second.lock().expect("not poisoned");
        assert_eq!(sum, 3);
        drop(gordian::watch());
        survived();
    }) else {
        return;
    };
    ended.survived();
    if WATCHING {
        ended.says("Nothing is watched");
    }
}

/// As little stack as the system allows: what the recorder needs must fit in besides.
#[test]
fn small_stacks() {
    let Some(ended) = program("life::small_stacks", &[], || {
        let lock = Arc::new(Mutex::new(0));
        let guard = lock.lock().expect("not poisoned");
        let (begun, wait) = mpsc::channel();
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (lock, begun) = (lock.clone(), begun.clone());
                let small = std::thread::Builder::new().stack_size(64 << 10);
                let small = small.spawn(move || {
                    begun.send(()).expect("the test waits");
                    *lock.lock().expect("not poisoned") += 1;
                });
                small.expect("a thread")
            })
            .collect();
        (0..4).for_each(|_| wait.recv().expect("begun"));
        drop(guard);
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
        assert_eq!(*lock.lock().expect("not poisoned"), 4);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

/// The smallest that the system allows, for the very first operation of the program, and for one that contends.
#[test]
fn the_smallest_stacks() {
    let Some(ended) = program("life::the_smallest_stacks", &[], || {
        for size in [16 << 10, 24 << 10, 32 << 10] {
            let small = std::thread::Builder::new().stack_size(size);
            small.spawn(|| *COUNT.lock().expect("not poisoned") += 1).expect("a thread").join().expect("no panic");
            let guard = COUNT.lock().expect("not poisoned");
            let (begun, wait) = mpsc::channel();
            let small = thread::Builder::new().stack_size(size).spawn(move || {
                begun.send(()).expect("the test waits");
                *COUNT.lock().expect("not poisoned") += 1;
            });
            wait.recv().expect("begun");
            drop(guard);
            small.expect("a thread").join().expect("no panic");
        }
        assert_eq!(count(), 6);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

/// A trace is opened by the very first operation, and to pack it takes more stack than there is.
#[test]
fn a_small_stack_opens_a_packed_trace() {
    let trace = std::env::temp_dir().join(format!("gordian-small-stack-{}.json.gz", std::process::id()));
    let settings = [("GORDIAN_TRACE", trace.to_str().expect("UTF-8"))];
    let ended = program("life::a_small_stack_opens_a_packed_trace", &settings, || {
        let small = std::thread::Builder::new().stack_size(16 << 10);
        small.spawn(|| *COUNT.lock().expect("not poisoned") += 1).expect("a thread").join().expect("no panic");
        survived();
    });
    let Some(ended) = ended else { return };
    ended.survived().silently();
    assert_eq!(trace.exists(), WATCHING);
    _ = std::fs::remove_file(trace);
}

/// What the program's last system call has left is the program's to ask for.
#[test]
fn the_first_lock_of_all_leaves_the_last_error() {
    let Some(ended) = program("life::the_first_lock_of_all_leaves_the_last_error", &[], || {
        let lock = Mutex::new(0);
        assert!(std::fs::File::open("/there/is/no/such/file").is_err());
        let before = std::io::Error::last_os_error().raw_os_error();
        let held = lock.lock();
        assert_eq!(std::io::Error::last_os_error().raw_os_error(), before);
        drop(held);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}
