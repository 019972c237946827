//! A global allocator that uses watched locks itself.
#![allow(unsafe_code)]

use crate::{
    common::WATCHING,
    program::{Ended, program, resident, survived},
};
use gordian::{
    sync::{Arc, Barrier, Mutex, RwLock},
    thread,
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::atomic::{AtomicU8, Ordering::Relaxed},
};

thread_local! {
    /// What this thread has asked of the allocator.
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

/// Locks at every call, in the processes that ask for it. Never shared, it would be no test: all threads use it.
struct Watched {
    locks: AtomicU8,
    count: Mutex<u64>,
    table: RwLock<u64>,
}

#[global_allocator]
static WATCHED: Watched = Watched { locks: AtomicU8::new(0), count: Mutex::new(0), table: RwLock::new(0) };

impl Watched {
    fn locks(&self) -> bool {
        match self.locks.load(Relaxed) {
            0 => {
                // SAFETY: a C string; nobody changes the environment yet.
                let asked = unsafe { !libc::getenv(c"HARD_ALLOCATOR".as_ptr()).is_null() };
                self.locks.store(1 + asked as u8, Relaxed);
                asked
            }
            state => state == 2,
        }
    }

    fn touch(&self) {
        CALLS.set(CALLS.get() + 1);
        if self.locks() {
            let table = self.table.read().expect("not poisoned");
            *self.count.lock().expect("not poisoned") += 1 + *table;
        }
    }
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.touch();
        // SAFETY: our caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        self.touch();
        // SAFETY: our caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// What every program here does: threads that are started, block, allocate and end.
fn work(threads: usize) {
    let shared = Arc::new(Mutex::new(Vec::new()));
    let start = Arc::new(Barrier::new(threads));
    let handles: Vec<_> = (0..threads)
        .map(|number| {
            let (shared, start) = (shared.clone(), start.clone());
            thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(move || {
                    start.wait();
                    for round in 0..200 {
                        let text = format!("{number}/{round}");
                        shared.lock().expect("not poisoned").push(Box::new(text));
                    }
                })
                .expect("a thread")
        })
        .collect();
    handles.into_iter().for_each(|handle| handle.join().expect("no panic"));
    assert_eq!(shared.lock().expect("not poisoned").len(), threads * 200);
}

fn allocating(test: &str, settings: &[(&str, &str)], body: impl FnOnce()) -> Option<Ended> {
    let settings: Vec<_> = [("HARD_ALLOCATOR", "1")].into_iter().chain(settings.iter().copied()).collect();
    program(test, &settings, body)
}

#[test]
fn it_locks_at_every_call() {
    let Some(ended) = allocating("allocator::it_locks_at_every_call", &[], || {
        work(8);
        assert!(*WATCHED.count.lock().expect("not poisoned") > 1000);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

#[test]
fn it_locks_while_everything_is_traced_with_stacks() {
    let path = std::env::temp_dir().join(format!("gordian-hard-allocator-{}.json", std::process::id()));
    let settings = [("GORDIAN_TRACE", path.to_str().expect("text")), ("GORDIAN_STACKS", "all")];
    let Some(ended) = allocating("allocator::it_locks_while_everything_is_traced_with_stacks", &settings, || {
        work(4);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
    if WATCHING {
        let text = std::fs::read_to_string(&path).expect("the trace");
        serde_json::from_str::<serde_json::Value>(&text).expect("whole");
        std::fs::remove_file(&path).expect("removable");
    }
}

#[test]
fn a_deadlock_is_told_all_the_same() {
    let Some(ended) =
        allocating("allocator::a_deadlock_is_told_all_the_same", &[("GORDIAN_REACTION", "exit:7")], || {
            if !WATCHING {
                std::process::exit(7);
            }
            let lock = Mutex::new(vec![1]);
            let _first = lock.lock().expect("not poisoned");
            let _second = lock.lock();
        })
    else {
        return;
    };
    ended.ended_with(7);
    if WATCHING {
        ended.says("deadlock (happened)");
    }
}

/// The allocator's lock is what a new thread uses first, before it is known as the thread that was started.
#[test]
fn its_threads_leave_nothing_behind() {
    let Some(ended) = allocating("allocator::its_threads_leave_nothing_behind", &[], || {
        work(4);
        let generation = || (0..500).for_each(|_| thread::spawn(|| drop(Box::new(1))).join().expect("no panic"));
        generation();
        let before = resident();
        (0..4).for_each(|_| generation());
        let grown = resident().saturating_sub(before);
        assert!(grown < 4096, "{grown} KiB for 2,000 threads");
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

/// In none of its forms: alone, nested, for reading and writing, as a try.
#[test]
fn uncontended_locks_allocate_nothing() {
    let Some(ended) = program("allocator::uncontended_locks_allocate_nothing", &[], || {
        let (outer, inner, table) = (Mutex::new(0), Mutex::new(0), RwLock::new(0));
        let round = || {
            drop(outer.lock());
            let _outer = outer.lock();
            drop(inner.try_lock());
            let _inner = inner.lock();
            drop(table.read());
            drop(table.write());
        };
        // A thread's first operation, a lock's first holder and a new order may take what stays.
        round();
        let before = CALLS.get();
        (0..10_000).for_each(|_| round());
        let calls = CALLS.get() - before;
        assert_eq!(calls, 0, "10,000 rounds have asked the allocator {calls} times");
        drop(std::hint::black_box(Box::new(before)));
        assert_eq!(CALLS.get() - before, 2, "calls are counted");
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}
