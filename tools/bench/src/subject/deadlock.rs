//! How soon a deadlock is told: from just before the operation that closes it to the callback (or the panic).

use crate::{
    Answer,
    family::{Exclusive, Family},
    process::now,
    say,
};
use std::{
    hint::spin_loop,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

/// When the last deadlock was closed, and told; 0: not yet.
static CLOSED: AtomicU64 = AtomicU64::new(0);
static TOLD: AtomicU64 = AtomicU64::new(0);

/// A deadlock has been told.
pub(crate) fn note() {
    let _ = TOLD.compare_exchange(0, now(), Ordering::SeqCst, Ordering::SeqCst);
}

/// The same where nobody else is left who could say so.
pub(crate) fn answer_and_exit() {
    let took = now().saturating_sub(CLOSED.load(Ordering::SeqCst));
    say(&took.to_string());
    std::process::exit(0);
}

/// Two threads, two locks, opposite orders; what is stuck stays stuck. Nanoseconds, one for each deadlock that was
/// told, up to the first that was not.
pub(crate) fn ab_ba<F: Family>(count: u32) -> Answer {
    let mut took = Vec::new();
    for _ in 0..count {
        match one_ab_ba::<F>() {
            Some(nanoseconds) => took.push(nanoseconds),
            None => break,
        }
        // What there is to do after the callback (stacks, text) is not part of the next one.
        thread::sleep(Duration::from_millis(100));
    }
    Answer { finished: took.len() == count as usize, numbers: took }
}

struct Pair<L> {
    a: L,
    b: L,
    a_held: AtomicBool,
    b_held: AtomicBool,
}

fn one_ab_ba<F: Family>() -> Option<f64> {
    CLOSED.store(0, Ordering::SeqCst);
    TOLD.store(0, Ordering::SeqCst);
    let pair: &'static Pair<F::Exclusive> = Box::leak(Box::new(Pair {
        a: F::Exclusive::new(0),
        b: F::Exclusive::new(0),
        a_held: AtomicBool::new(false),
        b_held: AtomicBool::new(false),
    }));
    let first = F::spawn(move || {
        let _a = pair.a.lock();
        pair.a_held.store(true, Ordering::SeqCst);
        wait_for(&pair.b_held);
        let _b = pair.b.lock();
    });
    let second = F::spawn(move || {
        let _b = pair.b.lock();
        pair.b_held.store(true, Ordering::SeqCst);
        wait_for(&pair.a_held);
        // The other one is to sleep by then. Awake, as somebody who has just worked would be.
        spin_for(Duration::from_millis(5));
        CLOSED.store(now(), Ordering::SeqCst);
        let _a = pair.a.lock();
    });
    drop((first, second));
    let end = Instant::now() + Duration::from_secs(5);
    while TOLD.load(Ordering::SeqCst) == 0 {
        if Instant::now() > end {
            return None;
        }
        thread::sleep(Duration::from_millis(1));
    }
    Some(TOLD.load(Ordering::SeqCst).saturating_sub(CLOSED.load(Ordering::SeqCst)) as f64)
}

fn wait_for(flag: &AtomicBool) {
    while !flag.load(Ordering::SeqCst) {
        thread::yield_now();
    }
}

fn spin_for(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        spin_loop();
    }
}

/// The whole program stands still. The answer comes from [`answer_and_exit`]; none here.
pub(crate) fn standstill<F: Family>() -> Answer {
    F::standstill(|| CLOSED.store(now(), Ordering::SeqCst));
    Vec::new().into()
}
