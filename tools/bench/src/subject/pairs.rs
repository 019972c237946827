//! Works over very many locks: each once in a process, so that the first pass is the first.

use crate::{
    Answer,
    families::Std,
    family::{Exclusive, Family},
    process,
};
use std::time::{Duration, Instant};

const LOCKS: u32 = 100_000;
const PAIRS: usize = 1_000_000;
const TENTH: u32 = 10;
const MANY: u32 = 1_000_000;

/// Random ascending pairs of locks, nested. Nanoseconds a pair: std's first pass and again, the subject's first pass
/// and again, the processor time of all threads for the subject's first pass, and how many times a pair costs more
/// than with a tenth of locks and pairs: first pass, and again.
pub(crate) fn pairs<F: Family>(limit: Duration) -> Answer {
    let small = random_pairs(LOCKS / TENTH, PAIRS / TENTH as usize);
    let large = random_pairs(LOCKS, PAIRS);
    let std = passes::<Std>(&large, LOCKS, limit);
    let tenth = passes::<F>(&small, LOCKS / TENTH, limit);
    let whole = passes::<F>(&large, LOCKS, limit);
    Answer {
        numbers: vec![
            std.first,
            std.again,
            whole.first,
            whole.again,
            whole.processor,
            whole.first / tenth.first,
            whole.again / tenth.again,
        ],
        finished: tenth.finished && whole.finished,
    }
}

struct Passes {
    first: f64,
    again: f64,
    processor: f64,
    finished: bool,
}

fn passes<F: Family>(pairs: &[(u32, u32)], locks: u32, limit: Duration) -> Passes {
    let locks: Vec<F::Exclusive> = (0..locks).map(|_| F::Exclusive::new(0)).collect();
    let before = process::processor_time();
    let (first, done) = pass::<F>(&locks, pairs, limit);
    process::settle(Duration::from_secs(2));
    let processor = (process::processor_time() - before).as_nanos() as f64 / done as f64;
    let (again, done_again) = pass::<F>(&locks, pairs, limit);
    // Not dropped: some take minutes for that.
    std::mem::forget(locks);
    Passes { first, again, processor, finished: done == pairs.len() && done_again == pairs.len() }
}

/// Nanoseconds a pair, and how many there was time for.
fn pass<F: Family>(locks: &[F::Exclusive], pairs: &[(u32, u32)], limit: Duration) -> (f64, usize) {
    let start = Instant::now();
    let mut done = 0;
    for chunk in pairs.chunks(1000) {
        for &(low, high) in chunk {
            let mut low = locks[low as usize].lock();
            let mut high = locks[high as usize].lock();
            *low += 1;
            *high += 1;
        }
        done += chunk.len();
        if start.elapsed() > limit {
            break;
        }
    }
    (start.elapsed().as_nanos() as f64 / done as f64, done)
}

fn random_pairs(locks: u32, pairs: usize) -> Vec<(u32, u32)> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 32) as u32) % locks
    };
    let mut made = Vec::with_capacity(pairs);
    while made.len() < pairs {
        let (a, b) = (random(), random());
        if a != b {
            made.push((a.min(b), a.max(b)));
        }
    }
    made
}

/// Resident bytes a lock, of std and of the subject, after each has been locked once: alone, or (`chain`) while its
/// predecessor is held.
pub(crate) fn memory<F: Family>(limit: Duration, chain: bool) -> Answer {
    let (std, _) = bytes_a_lock::<Std>(limit, chain);
    let (subject, finished) = bytes_a_lock::<F>(limit, chain);
    Answer { numbers: vec![std, subject], finished }
}

fn bytes_a_lock<F: Family>(limit: Duration, chain: bool) -> (f64, bool) {
    // What a process pays once is not a lock's.
    drop(lock_many::<F>(64, limit, chain));
    let before = process::resident();
    let locks = lock_many::<F>(MANY, limit, chain);
    process::settle(Duration::from_secs(2));
    let bytes = process::resident().saturating_sub(before);
    let made = locks.len();
    std::mem::forget(locks);
    (bytes as f64 / made as f64, made == MANY as usize)
}

fn lock_many<F: Family>(many: u32, limit: Duration, chain: bool) -> Vec<F::Exclusive> {
    let start = Instant::now();
    // Never grown: what is not reached is not resident.
    let mut locks: Vec<F::Exclusive> = Vec::with_capacity(many as usize);
    for made in 0..many as usize {
        locks.push(F::Exclusive::new(0));
        if chain && made > 0 {
            let mut before = locks[made - 1].lock();
            *locks[made].lock() += 1;
            *before += 1;
        } else {
            *locks[made].lock() += 1;
        }
        if made % 1000 == 999 {
            if start.elapsed() > limit {
                break;
            }
            if chain {
                // Who learns orders in the background may lose those that come faster than it learns: the memory that
                // is measured is that of orders which are known.
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
    locks
}
