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
/// and again, the processor time of all threads for the subject's first pass, how many times a pair costs more
/// than with a tenth of locks and pairs: first pass, and again; and what the subject has forgotten of the orders it was
/// to learn, in percent of the pairs: after the first pass, and of those that it met again.
pub(crate) fn pairs<F: Family>(limit: Duration) -> Answer {
    let small = random_pairs(LOCKS / TENTH, PAIRS / TENTH as usize);
    let large = random_pairs(LOCKS, PAIRS);
    let std = passes::<Std, F>(&large, LOCKS, limit);
    let tenth = passes::<F, F>(&small, LOCKS / TENTH, limit);
    let whole = passes::<F, F>(&large, LOCKS, limit);
    let mut answer = Answer {
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
    };
    answer.numbers.extend(whole.lost.into_iter().flatten());
    answer
}

struct Passes {
    first: f64,
    again: f64,
    processor: f64,
    /// Orders, in percent of the pairs.
    lost: Option<[f64; 2]>,
    finished: bool,
}

fn passes<F: Family, As: Family>(pairs: &[(u32, u32)], locks: u32, limit: Duration) -> Passes {
    let locks: Vec<F::Exclusive> = (0..locks).map(|_| F::Exclusive::new(0)).collect();
    let begin = F::lost_orders();
    let before = process::processor_time();
    let (first, done) = pass::<F, As>(&locks, pairs, limit);
    process::settle(Duration::from_secs(2));
    let processor = (process::processor_time() - before).as_nanos() as f64 / done as f64;
    let middle = F::lost_orders();
    let (again, done_again) = pass::<F, As>(&locks, pairs, limit);
    // Not dropped: some take minutes for that.
    std::mem::forget(locks);
    let share = |from: Option<u64>, to: Option<u64>, of: usize| Some(100.0 * (to? - from?) as f64 / of as f64);
    let lost = share(begin, middle, done).zip(share(middle, F::lost_orders(), done_again)).map(<[f64; 2]>::from);
    Passes { first, again, processor, lost, finished: done == pairs.len() && done_again == pairs.len() }
}

/// Nanoseconds a pair, and how many there was time for.
fn pass<F: Family, As: Family>(locks: &[F::Exclusive], pairs: &[(u32, u32)], limit: Duration) -> (f64, usize) {
    let (mut took, mut done) = (Duration::ZERO, 0);
    for chunk in pairs.chunks(1000) {
        let start = Instant::now();
        for &(low, high) in chunk {
            let mut low = locks[low as usize].lock();
            let mut high = locks[high as usize].lock();
            *low += 1;
            *high += 1;
        }
        took += start.elapsed();
        done += chunk.len();
        if took > limit {
            break;
        }
        As::catch_up();
    }
    (took.as_nanos() as f64 / done as f64, done)
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
