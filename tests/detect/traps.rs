//! Correct programs that look like deadlocks to a tool that looks less closely.

use crate::run::{Case, named, quiet, work};
use gordian::{
    sync::{Arc, LazyLock, Mutex, MutexGuard, RwLock},
    thread,
};
use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Barrier, mpsc},
    time::Duration,
};

pub(crate) const CASES: &[Case] = &[
    quiet!(try_lock_on_an_own_lock),
    quiet!(try_lock_in_the_wrong_order),
    quiet!(guards_in_thread_locals),
    quiet!(a_guard_in_a_thread_local_while_others_wait),
    quiet!(forgotten_guards_of_freed_locks),
    quiet!(many_forgotten_read_guards),
    quiet!(a_forgotten_guard_by_a_thread_that_lives),
    quiet!(the_end_of_a_scoped_thread_is_not_the_end_of_the_scope),
    quiet!(a_foreign_thread_at_the_end_of_main),
    quiet!(a_hook_while_a_lazy_value_is_poisoned),
    quiet!(released_while_unwinding),
    quiet!(a_lock_handed_over),
    quiet!(level_switched_while_held),
    quiet!(threads_that_begin_and_end),
    quiet!(receivers_of_idle_senders),
];

fn try_lock_on_an_own_lock() {
    let (one, config) = (Mutex::new(()), RwLock::new(()));
    let _guard = one.lock().unwrap();
    let _write = config.write().unwrap();
    for _ in 0..5 {
        assert!(one.try_lock().is_err() && config.try_read().is_err() && config.try_write().is_err());
        work();
    }
}

/// Who does not get the second gives back the first.
fn try_lock_in_the_wrong_order() {
    let locks = Arc::new([Mutex::new(0), Mutex::new(0)]);
    let meet = Arc::new(Barrier::new(2));
    let threads = [(0, 1), (1, 0)].map(|(first, second)| {
        let (locks, meet) = (locks.clone(), meet.clone());
        named("polite", move || {
            let mut guard = locks[first].lock().unwrap();
            meet.wait();
            work();
            loop {
                if let Ok(mut other) = locks[second].try_lock() {
                    *other += 1;
                    return;
                }
                drop(guard);
                thread::yield_now();
                guard = locks[first].lock().unwrap();
                *guard += 1;
            }
        })
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

static SHARED: Mutex<u32> = Mutex::new(0);

struct LocksAtTheEnd;

impl Drop for LocksAtTheEnd {
    fn drop(&mut self) {
        let mut guard = SHARED.lock().unwrap();
        *guard += 1;
        thread::sleep(Duration::from_millis(5));
    }
}

thread_local! {
    static AT_THE_END: LocksAtTheEnd = const { LocksAtTheEnd };
    static KEPT: RefCell<Option<MutexGuard<'static, u32>>> = const { RefCell::new(None) };
}

/// Made before any watched operation of their threads, or after.
fn guards_in_thread_locals() {
    for watched in [true, false] {
        let work = move || {
            if watched {
                drop(SHARED.lock().unwrap());
            }
            AT_THE_END.with(|_| ());
        };
        let watched: Vec<_> = (0..4).map(|_| named("locker", work)).collect();
        let foreign: Vec<_> = (0..4).map(|_| std::thread::spawn(work)).collect();
        watched.into_iter().for_each(|thread| thread.join().unwrap());
        foreign.into_iter().for_each(|thread| thread.join().unwrap());
    }
    assert_eq!(*SHARED.lock().unwrap(), 16);
}

/// The thread has ended for all that it does itself; its guard is dropped last.
fn a_guard_in_a_thread_local_while_others_wait() {
    struct Slow;
    impl Drop for Slow {
        fn drop(&mut self) {
            work();
        }
    }
    thread_local!(static SLOW: Slow = const { Slow });
    let (begun, wait) = mpsc::channel();
    let foreign = {
        let begun = begun.clone();
        std::thread::spawn(move || {
            // Made first, so destroyed last: after the recorder's own.
            KEPT.with(|_| ());
            SLOW.with(|_| ());
            KEPT.with(|kept| *kept.borrow_mut() = Some(SHARED.lock().unwrap()));
            begun.send(()).unwrap();
        })
    };
    wait.recv().unwrap();
    *SHARED.lock().unwrap() += 1;
    foreign.join().unwrap();
    let keeper = named("keeper", move || {
        SLOW.with(|_| ());
        KEPT.with(|kept| *kept.borrow_mut() = Some(SHARED.lock().unwrap()));
        begun.send(()).unwrap();
    });
    wait.recv().unwrap();
    *SHARED.lock().unwrap() += 1;
    keeper.join().unwrap();
}

/// The next lock is at the same address, and nobody holds it.
fn forgotten_guards_of_freed_locks() {
    for _ in 0..100 {
        let boxed = Box::new(Mutex::new(1));
        std::mem::forget(boxed.lock().unwrap());
        drop(boxed);
        let again = Arc::new(Mutex::new(2));
        let user = {
            let again = again.clone();
            named("user", move || *again.lock().unwrap())
        };
        drop(again.lock().unwrap());
        assert_eq!(user.join().unwrap(), 2);
    }
    let leaker = named("leaker", || std::mem::forget(Box::leak(Box::new(Mutex::new(1))).lock().unwrap()));
    leaker.join().unwrap();
    work();
    work();
}

fn many_forgotten_read_guards() {
    let config = Arc::new(RwLock::new(7));
    for _ in 0..200_000 {
        std::mem::forget(config.read().unwrap());
    }
    let reader = {
        let config = config.clone();
        named("reader", move || *config.read().unwrap())
    };
    assert_eq!(reader.join().unwrap(), 7);
}

/// It could still release it, for all one knows.
fn a_forgotten_guard_by_a_thread_that_lives() {
    let one = Arc::new(Mutex::new(()));
    let (leaked, wait) = mpsc::channel();
    let leaker = {
        let one = one.clone();
        named("leaker", move || {
            std::mem::forget(one.lock().unwrap());
            leaked.send(()).unwrap();
            work();
        })
    };
    wait.recv().unwrap();
    assert!(one.try_lock().is_err());
    leaker.join().unwrap();
}

/// A scope waits for what its threads do, not for the destructors of their thread-locals; and the next scope may be at
/// the same address.
fn the_end_of_a_scoped_thread_is_not_the_end_of_the_scope() {
    static GATE: Barrier = Barrier::new(2);
    struct Late;
    impl Drop for Late {
        fn drop(&mut self) {
            GATE.wait();
            drop(SHARED.lock().unwrap());
        }
    }
    thread_local!(static LATE: Late = const { Late });
    let mut held = None;
    for round in 0..2 {
        thread::scope(|scope| {
            scope.spawn(move || if round == 0 { LATE.with(|_| ()) } else { work() });
        });
        if round == 0 {
            held = Some(SHARED.lock().unwrap());
            GATE.wait();
            work();
        }
    }
    drop(held);
}

/// The end of `main` does not wait for a thread that `std::thread` started.
fn a_foreign_thread_at_the_end_of_main() {
    let state = Arc::new(Mutex::new(()));
    let _guard = state.lock().unwrap();
    let _session = gordian::watch();
    let wants = {
        let state = state.clone();
        std::thread::spawn(move || drop(state.lock().unwrap()))
    };
    drop(wants);
    named("worker", || {
        work();
        work();
    });
}

/// Whoever finds it poisoned panics, and the hook runs while the thread is still in the wait for the value.
fn a_hook_while_a_lazy_value_is_poisoned() {
    static BROKEN: LazyLock<u32> = LazyLock::new(|| panic!("no value"));
    std::panic::set_hook(Box::new(|_| {
        let _log = SHARED.lock().unwrap();
        work();
    }));
    assert!(catch_unwind(|| *BROKEN).is_err());
    let threads: Vec<_> = (0..3).map(|_| named("user", || *BROKEN)).collect();
    threads.into_iter().for_each(|thread| assert!(thread.join().is_err()));
}

fn released_while_unwinding() {
    std::panic::set_hook(Box::new(|_| ()));
    let one = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let one = one.clone();
            named("clumsy", move || {
                let _ = catch_unwind(AssertUnwindSafe(|| {
                    let _guard = one.lock();
                    work();
                    panic!("dropped");
                }));
                drop(one.lock());
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// Each is locked before the one before is released.
fn a_lock_handed_over() {
    let locks: Arc<Vec<_>> = Arc::new((0..100).map(Mutex::new).collect());
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let locks = locks.clone();
            named("walker", move || {
                for _ in 0..20 {
                    let mut guard = locks[0].lock().unwrap();
                    for lock in &locks[1..] {
                        guard = lock.lock().unwrap();
                    }
                    *guard += 1;
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn level_switched_while_held() {
    let locks = Arc::new([Mutex::new(0), Mutex::new(0)]);
    let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (locks, done) = (locks.clone(), done.clone());
            named("worker", move || {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    let _first = locks[0].lock().unwrap();
                    let mut second = locks[1].lock().unwrap();
                    *second += 1;
                }
            })
        })
        .collect();
    for _ in 0..50 {
        gordian::set_level(gordian::Level::Off);
        thread::sleep(Duration::from_millis(2));
        gordian::set_level(gordian::Level::Watch);
        thread::sleep(Duration::from_millis(2));
    }
    done.store(true, std::sync::atomic::Ordering::Relaxed);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn threads_that_begin_and_end() {
    let one = Arc::new(Mutex::new(0));
    for _ in 0..300 {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let one = one.clone();
                named("short", move || *one.lock().unwrap() += 1)
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
    assert_eq!(*one.lock().unwrap(), 1200);
}

/// Channels are std's: whoever receives counts as running.
fn receivers_of_idle_senders() {
    let (send, receive) = mpsc::channel::<u32>();
    let one = Arc::new(Mutex::new(()));
    let receiver = {
        let one = one.clone();
        named("receiver", move || {
            let _guard: MutexGuard<'_, ()> = one.lock().unwrap();
            receive.recv().unwrap()
        })
    };
    let waiter = named("waiter", move || drop(one.lock().unwrap()));
    work();
    send.send(1).unwrap();
    assert_eq!(receiver.join().unwrap(), 1);
    waiter.join().unwrap();
}
