//! Many of everything.

use crate::program::{program, resident, survived};
use gordian::{
    sync::{Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock},
    thread,
};
use std::time::{Duration, Instant};

/// The same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

#[test]
fn thousands_held_at_once_and_released_in_any_order() {
    let Some(ended) = program("many::thousands_held_at_once_and_released_in_any_order", &[], || {
        let mut dice = Dice(0x1234_5678_9abc_def1);
        for count in [65, 100, 4159, 4160, 4161, 6000] {
            let locks: Vec<Mutex<u32>> = (0..count).map(|_| Mutex::new(0)).collect();
            for _ in 0..2 {
                let mut guards: Vec<_> = locks.iter().map(|lock| lock.lock().expect("not poisoned")).collect();
                assert!(locks.iter().all(|lock| lock.try_lock().is_err()));
                while !guards.is_empty() {
                    let index = dice.below(guards.len());
                    *guards.swap_remove(index) += 1;
                }
            }
            assert!(locks.iter().all(|lock| *lock.lock().expect("not poisoned") == 2));
        }
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

#[test]
fn four_million_forgotten_read_guards() {
    let Some(ended) = program("many::four_million_forgotten_read_guards", &[], || {
        let lock = RwLock::new(0);
        // Rings are a fixed size, and the system gives their pages when they are first written: fill them before.
        for _ in 0..1u32 << 18 {
            std::mem::forget(lock.read().expect("not poisoned"));
        }
        let (before, began) = (resident(), Instant::now());
        for _ in 0..1u32 << 22 {
            std::mem::forget(lock.read().expect("not poisoned"));
        }
        let took = began.elapsed();
        assert!(took < Duration::from_secs(60), "{took:?}: each costs the same, whatever came before");
        let grown = resident().saturating_sub(before);
        eprintln!("GROWN {grown}");
        assert!(grown < 4096, "{grown} KiB for guards that are nowhere: a byte each");
        assert!(lock.try_write().is_err());
        // The thread's other locks still work.
        let other = Mutex::new(0);
        (0..1000).for_each(|_| *other.lock().expect("not poisoned") += 1);
        assert_eq!(other.into_inner().expect("not poisoned"), 1000);
        survived();
    }) else {
        return;
    };
    ended.survived();
}

#[test]
fn guards_are_leaked_and_their_locks_freed() {
    let Some(ended) = program("many::guards_are_leaked_and_their_locks_freed", &[], || {
        for _ in 0..3000 {
            let lock = Box::new(Mutex::new(1));
            std::mem::forget(lock.lock());
            drop(lock);
            let table = RwLock::new(1);
            std::mem::forget(table.write());
            assert_eq!(table.into_inner().expect("not poisoned"), 1);
        }
        let threads: Vec<_> = (0..50)
            .map(|_| {
                thread::spawn(|| {
                    let lock = Box::new(Mutex::new(1));
                    std::mem::forget(lock.lock());
                    lock
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| drop(thread.join().expect("no panic")));
        let (first, second) = (Mutex::new(1), Mutex::new(2));
        let _first = first.lock().expect("not poisoned");
        assert_eq!(*second.lock().expect("not poisoned"), 2);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

#[test]
fn a_thousand_threads_hold_and_wait_at_once() {
    let Some(ended) = program("many::a_thousand_threads_hold_and_wait_at_once", &[], || {
        const THREADS: usize = 1000;
        let locks: Arc<Vec<Mutex<usize>>> = Arc::new((0..THREADS).map(Mutex::new).collect());
        let all = Arc::new(Barrier::new(THREADS + 1));
        let last = Mutex::new(0);
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (locks, all, last) = (&locks, &all, &last);
                let small = thread::Builder::new().stack_size(256 << 10);
                let work = move || {
                    let own = locks[number].lock().expect("not poisoned");
                    all.wait();
                    // Each waits for the next one, the last for nobody: no circle.
                    let next = locks.get(number + 1).map(|next| next.lock().expect("not poisoned"));
                    assert_eq!(*own + 1, next.map_or(THREADS, |next| *next));
                    *last.lock().expect("not poisoned") += 1;
                };
                small.spawn_scoped(scope, work).expect("a thread");
            }
            all.wait();
        });
        assert_eq!(last.into_inner().expect("not poisoned"), THREADS);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

#[test]
fn locks_are_nested_as_deep_as_the_stack() {
    fn nest(locks: &[Mutex<u32>]) -> u32 {
        let Some((first, rest)) = locks.split_first() else { return 0 };
        let guard = first.lock().expect("not poisoned");
        nest(rest) + *guard
    }
    let Some(ended) = program("many::locks_are_nested_as_deep_as_the_stack", &[], || {
        let deep = thread::Builder::new().stack_size(256 << 20).spawn(|| {
            let locks: Vec<Mutex<u32>> = (0..100_000).map(|_| Mutex::new(1)).collect();
            assert_eq!(nest(&locks), 100_000);
            assert_eq!(nest(&locks), 100_000);
        });
        deep.expect("a thread").join().expect("no panic");
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

static MUTEX: Mutex<u32> = Mutex::new(1);
static RWLOCK: RwLock<u32> = RwLock::new(1);
static CONDVAR: Condvar = Condvar::new();
static ONCE: Once = Once::new();
static ONCE_LOCK: OnceLock<u32> = OnceLock::new();
static LAZY: LazyLock<u32> = LazyLock::new(|| *ONCE_LOCK.get_or_init(|| 1));
static BARRIER: Barrier = Barrier::new(2);
static NOTHING: Mutex<()> = Mutex::new(());
static NOTHINGS: [RwLock<[u64; 0]>; 100] = [const { RwLock::new([]) }; 100];

#[test]
fn statics_of_all_types_and_values_without_a_size() {
    let Some(ended) = program("many::statics_of_all_types_and_values_without_a_size", &[], || {
        let other = thread::spawn(|| {
            BARRIER.wait();
            *MUTEX.lock().expect("not poisoned") += *LAZY;
            CONDVAR.notify_all();
        });
        ONCE.call_once(|| *RWLOCK.write().expect("not poisoned") += 1);
        BARRIER.wait();
        drop(CONDVAR.wait_while(MUTEX.lock().expect("not poisoned"), |value| *value == 1));
        other.join().expect("no panic");
        assert_eq!(*MUTEX.lock().expect("not poisoned") + *RWLOCK.read().expect("not poisoned") + *LAZY, 5);
        let _nothing = NOTHING.lock();
        let nothings: Vec<_> = NOTHINGS.iter().map(|nothing| nothing.write().expect("not poisoned")).collect();
        assert!(NOTHING.try_lock().is_err() && NOTHINGS.iter().all(|nothing| nothing.try_read().is_err()));
        drop(nothings);
        assert!(NOTHINGS.iter().all(|nothing| nothing.try_read().is_ok()));
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}
