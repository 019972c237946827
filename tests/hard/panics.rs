//! Locks while a thread panics.

use crate::{
    common::WATCHING,
    program::{program, survived},
};
use gordian::{
    sync::{Arc, Barrier, Mutex, RwLock},
    thread,
};
use std::panic;

struct LocksInDrop(Arc<Mutex<u32>>);

impl Drop for LocksInDrop {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) += 1;
    }
}

#[test]
fn a_drop_while_unwinding_and_a_hook() {
    let Some(ended) = program("panics::a_drop_while_unwinding_and_a_hook", &[], || {
        let hooked = Arc::new(Mutex::new(0));
        let count = hooked.clone();
        panic::set_hook(Box::new(move |_| *count.lock().expect("not poisoned") += 1));
        let lock = Arc::new(Mutex::new(0));
        let start = Arc::new(Barrier::new(8));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (locks, start, held) = (LocksInDrop(lock.clone()), start.clone(), Arc::new(Mutex::new(())));
                thread::spawn(move || {
                    start.wait();
                    let _locks = locks;
                    let _held = held.lock();
                    panic!("on purpose");
                })
            })
            .collect();
        assert!(threads.into_iter().all(|thread| thread.join().is_err()));
        assert_eq!(*lock.lock().expect("not poisoned: it was locked while panicking already"), 8);
        assert_eq!(*hooked.lock().expect("not poisoned"), 8);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

#[test]
fn threads_that_panic_while_they_hold() {
    let Some(ended) = program("panics::threads_that_panic_while_they_hold", &[], || {
        panic::set_hook(Box::new(|_| ()));
        let lock = Arc::new(Mutex::new(0));
        for _ in 0..50 {
            let inner = lock.clone();
            let ended = thread::spawn(move || {
                let _guard = inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                panic!("on purpose");
            });
            assert!(ended.join().is_err());
            assert!(lock.is_poisoned() && lock.lock().is_err());
            lock.clear_poison();
            *lock.lock().expect("cleared") += 1;
        }
        assert_eq!(*lock.lock().expect("cleared"), 50);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

/// A second panic would abort: where the reaction is to panic, such a thread is told of, and not made to panic.
#[test]
fn a_deadlock_in_a_drop_while_unwinding() {
    let settings = [("GORDIAN_REACTION", "panic")];
    let Some(ended) = program("panics::a_deadlock_in_a_drop_while_unwinding", &settings, || {
        if !WATCHING {
            std::process::exit(101);
        }
        let lock = Arc::new(Mutex::new(0));
        let _guard = lock.lock().expect("not poisoned");
        let _locks = LocksInDrop(lock.clone());
        panic!("on purpose");
    }) else {
        return;
    };
    ended.ended_with(101);
    if WATCHING {
        ended.says("on purpose").says("deadlock (happened)").says("no thread can be made to panic");
    }
}

#[test]
fn a_deadlock_in_the_hook_of_its_own_report() {
    let settings = [("GORDIAN_REACTION", "panic")];
    let Some(ended) = program("panics::a_deadlock_in_the_hook_of_its_own_report", &settings, || {
        if !WATCHING {
            std::process::exit(101);
        }
        let lock = Arc::new(Mutex::new(0));
        let wanted = lock.clone();
        panic::set_hook(Box::new(move |_| drop(wanted.lock())));
        let _guard = lock.lock().expect("not poisoned");
        let _again = lock.lock();
    }) else {
        return;
    };
    ended.ended_with(101);
    if WATCHING {
        ended.says("deadlock (happened)").says("no thread can be made to panic");
    }
}

/// It is certain at once, so the reader can still say no: the writer goes on.
#[test]
fn a_reader_behind_a_writer_that_waits_for_it() {
    let settings = [("GORDIAN_REACTION", "panic")];
    let Some(ended) = program("panics::a_reader_behind_a_writer_that_waits_for_it", &settings, || {
        if WATCHING {
            let lock = Arc::new(RwLock::new(0));
            let reads = Arc::new(Barrier::new(2));
            let reader = {
                let (lock, reads) = (lock.clone(), reads.clone());
                thread::spawn(move || {
                    let _read = lock.read().expect("not poisoned");
                    reads.wait();
                    while lock.try_read().is_ok() {
                        thread::yield_now();
                    }
                    drop(lock.read());
                })
            };
            reads.wait();
            *lock.write().expect("readers poison nothing") += 1;
            let message = reader.join().expect_err("it panicked");
            let message = message.downcast_ref::<String>().expect("a text");
            assert!(message.contains("deadlock (happened)"), "{message}");
            assert_eq!(*lock.read().expect("not poisoned"), 1);
        }
        survived();
    }) else {
        return;
    };
    ended.survived();
}

struct LocksTwice;

impl Drop for LocksTwice {
    fn drop(&mut self) {
        static LOCK: Mutex<()> = Mutex::new(());
        let _first = LOCK.lock();
        drop(LOCK.lock());
    }
}

/// A panic there would abort the program, and leave its trace without an end.
fn nobody_panics_in_a_destructor(test: &str, last_words: fn()) {
    thread_local! { static LAST: LocksTwice = const { LocksTwice } }
    let Some(ended) = program(test, &[("GORDIAN_REACTION", "panic")], || {
        if !WATCHING {
            std::process::exit(101);
        }
        let locks_twice = move || {
            drop(Mutex::new(()).lock());
            LAST.with(|_| ());
            last_words();
        };
        drop(thread::spawn(locks_twice).join());
    }) else {
        return;
    };
    ended.ended_with(101);
    if WATCHING {
        ended.says("deadlock (happened)").says("no thread can be made to panic");
    }
}

#[test]
fn nobody_panics_in_a_thread_local_destructor() {
    nobody_panics_in_a_destructor("panics::nobody_panics_in_a_thread_local_destructor", || ());
}

#[test]
fn nobody_panics_in_a_thread_local_destructor_after_a_panic() {
    let panics = || panic!("on purpose");
    nobody_panics_in_a_destructor("panics::nobody_panics_in_a_thread_local_destructor_after_a_panic", panics);
}

/// A guard of parking_lot's that has given its lock away for a moment takes it again: a panic there would leave it with a
/// lock that somebody else has.
#[cfg(feature = "parking_lot")]
#[test]
fn nobody_panics_who_takes_a_lock_again_for_a_guard() {
    use gordian::parking_lot::{Mutex, MutexGuard};
    let panic = [("GORDIAN_REACTION", "panic")];
    let Some(ended) = program("panics::nobody_panics_who_takes_a_lock_again_for_a_guard", &panic, || {
        static LOCKS: [Mutex<()>; 2] = [const { Mutex::new(()) }; 2];
        static MEET: std::sync::Barrier = std::sync::Barrier::new(2);
        let other = thread::spawn(|| {
            MEET.wait();
            let _one = LOCKS[0].lock();
            MEET.wait();
            let two = LOCKS[1].lock();
            drop(two);
            unreachable!("the other one has it");
        });
        let _two = LOCKS[1].lock();
        let mut one = LOCKS[0].lock();
        MutexGuard::unlocked(&mut one, || {
            MEET.wait();
            MEET.wait();
            // Until the other one waits.
            std::thread::sleep(std::time::Duration::from_millis(100));
        });
        drop(other);
        println!("it has both");
    }) else {
        return;
    };
    // Nobody is left who could panic.
    ended.ended_with(101).says("wait for each other in a circle").says_not("panicked at");
}
