//! Correct programs under load: whatever the watchdog meets in the middle of something, it tells nothing.

use crate::run::{Case, named, quiet};
use gordian::{
    sync::{
        Arc, Barrier, Condvar, LazyLock, Mutex, OnceLock, RwLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
};
use std::time::Duration;

pub(crate) const CASES: &[Case] = &[
    quiet!(nested_locks),
    quiet!(ping_pong),
    quiet!(ping_pong_by_parking),
    quiet!(generations_of_a_barrier),
    quiet!(scopes_and_joins),
    quiet!(readers_and_writers),
    quiet!(timed_waits),
    quiet!(cells),
    Case { settings: &[("GORDIAN_REACTION", "panic")], ..quiet!(all_kinds_at_once) },
];

pub(crate) const ROUNDS: u64 = 200;

/// The same numbers every time, different for each thread.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// Sometimes somebody else gets the processor, and sometimes everybody.
    pub(crate) fn pause(&mut self) {
        match self.below(8) {
            0 => thread::yield_now(),
            1 => thread::sleep(Duration::from_micros(self.below(400))),
            _ => {}
        }
    }
}

pub(crate) fn crew(size: u64, work: impl Fn(u64, &mut Random) + Sync) {
    thread::scope(|scope| {
        for number in 0..size {
            let work = &work;
            scope.spawn(move || work(number, &mut Random(number * 77 + 1)));
        }
    });
}

/// Some of ten locks each time, always in the order of their numbers.
fn nested_locks() {
    let locks: Vec<_> = (0..10).map(Mutex::new).collect();
    crew(4, |_, random| {
        for _ in 0..ROUNDS {
            let mut guards = Vec::new();
            for lock in &locks {
                if random.below(3) == 0 {
                    guards.push(lock.lock().unwrap());
                    random.pause();
                }
            }
            while !guards.is_empty() {
                drop(guards.swap_remove(random.below(guards.len() as u64) as usize));
            }
        }
    });
}

/// Between any two moves all wait but one, who has just been notified or has just notified.
fn ping_pong() {
    let (turn, moved) = (Mutex::new(0), Condvar::new());
    crew(3, |number, _| {
        for _ in 0..ROUNDS * 5 {
            let mut turn = moved.wait_while(turn.lock().unwrap(), |turn| *turn % 3 != number).unwrap();
            *turn += 1;
            moved.notify_all();
        }
    });
    assert_eq!(turn.into_inner().unwrap(), ROUNDS * 15);
}

fn ping_pong_by_parking() {
    let turn = Arc::new(AtomicU64::new(0));
    let main = thread::current();
    let other = {
        let turn = turn.clone();
        named("other", move || {
            for _ in 0..ROUNDS * 5 {
                while turn.load(Relaxed).is_multiple_of(2) {
                    thread::park();
                }
                turn.fetch_add(1, Relaxed);
                main.unpark();
            }
        })
    };
    for _ in 0..ROUNDS * 5 {
        turn.fetch_add(1, Relaxed);
        other.thread().unpark();
        while turn.load(Relaxed) % 2 == 1 {
            thread::park();
        }
    }
    other.join().unwrap();
}

/// Who has passed once is back before the others have woken.
fn generations_of_a_barrier() {
    let barrier = Barrier::new(4);
    let leaders = AtomicU64::new(0);
    crew(4, |_, random| {
        for _ in 0..ROUNDS * 2 {
            leaders.fetch_add(u64::from(barrier.wait().is_leader()), Relaxed);
            random.pause();
        }
    });
    assert_eq!(leaders.into_inner(), ROUNDS * 2);
}

fn scopes_and_joins() {
    let sum = Mutex::new(0);
    crew(3, |_, random| {
        for _ in 0..ROUNDS / 4 {
            thread::scope(|inner| {
                let first = inner.spawn(|| *sum.lock().unwrap() += 1);
                inner.spawn(|| *sum.lock().unwrap() += 1);
                random.pause();
                if random.below(2) == 0 {
                    first.join().unwrap();
                }
            });
            thread::spawn(|| ()).join().unwrap();
        }
    });
    assert_eq!(sum.into_inner().unwrap(), 3 * 2 * (ROUNDS / 4));
}

fn readers_and_writers() {
    let (outer, inner) = (RwLock::new(0), RwLock::new(0));
    crew(5, |number, random| {
        for _ in 0..ROUNDS {
            if number < 3 {
                let outer = outer.read().unwrap();
                random.pause();
                let inner = inner.read().unwrap();
                assert!(*outer >= *inner);
            } else {
                let mut outer = outer.write().unwrap();
                *outer += 1;
                random.pause();
                *inner.write().unwrap() += 1;
                let _read = gordian::sync::RwLockWriteGuard::downgrade(outer);
                random.pause();
            }
        }
    });
}

/// Nobody ever notifies, and everybody holds something that somebody else waits for.
fn timed_waits() {
    let (outer, inner, never) = (Mutex::new(()), Mutex::new(()), Condvar::new());
    crew(3, |number, random| {
        for _ in 0..ROUNDS / 4 {
            let _outer = (number == 0).then(|| outer.lock().unwrap());
            let guard = inner.lock().unwrap();
            let patience = Duration::from_micros(200 + random.below(2_000));
            if random.below(2) == 0 {
                let (_guard, timeout) = never.wait_timeout_while(guard, patience, |_| true).unwrap();
                assert!(timeout.timed_out());
            } else {
                drop(never.wait_timeout(guard, patience).unwrap());
            }
            drop(_outer);
            thread::park_timeout(Duration::from_micros(random.below(1_000)));
            drop(outer.lock().unwrap());
        }
    });
}

struct Cells {
    once: OnceLock<u64>,
    lazy: LazyLock<u64>,
}

/// All come at once, and make one value with the help of the other.
fn cells() {
    let meet = std::sync::Barrier::new(4);
    let rounds: Vec<_> = (0..ROUNDS).map(|_| Cells { once: OnceLock::new(), lazy: LazyLock::new(|| 7) }).collect();
    let state = Mutex::new(());
    crew(4, |number, random| {
        for cells in &rounds {
            meet.wait();
            match (number + random.below(4)) % 4 {
                0 => drop(cells.once.set(7)),
                1 => assert_eq!(*cells.lazy, 7),
                _ => {
                    _ = cells.once.get_or_init(|| {
                        let _state = state.lock().unwrap();
                        random.pause();
                        *cells.lazy
                    })
                }
            }
            random.pause();
            assert_eq!(*cells.once.get_or_init(|| *cells.lazy), 7);
        }
    });
}

/// A pool with a queue, a cache behind a read-write lock, and a meeting now and then; with the reaction that would show
/// a false alarm as a panic.
fn all_kinds_at_once() {
    let (queue, filled) = (Mutex::new(Vec::new()), Condvar::new());
    let (cache, meeting) = (RwLock::new(0), Barrier::new(3));
    thread::scope(|scope| {
        for number in 0..3 {
            let (queue, filled, cache, meeting) = (&queue, &filled, &cache, &meeting);
            scope.spawn(move || {
                let mut random = Random(number);
                for round in 0..ROUNDS {
                    let mut queue = filled.wait_while(queue.lock().unwrap(), |queue| queue.is_empty()).unwrap();
                    let job: u64 = queue.pop().unwrap();
                    if *cache.read().unwrap() < job {
                        *cache.write().unwrap() = job;
                    }
                    drop(queue);
                    random.pause();
                    if round % 10 == 0 {
                        meeting.wait();
                    }
                }
            });
        }
        for job in 0..3 * ROUNDS {
            queue.lock().unwrap().push(job);
            filled.notify_one();
            if job % 50 == 0 {
                thread::sleep(Duration::from_millis(1));
            }
        }
    });
}
