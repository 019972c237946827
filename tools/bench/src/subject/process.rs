//! What the process costs, and its clock.

use crate::family::{Exclusive, Family};
use rustix::time::{ClockId, clock_gettime};
use std::{
    fs,
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

static START: OnceLock<Instant> = OnceLock::new();

pub(crate) fn start_clock() {
    START.get_or_init(Instant::now);
}

/// Nanoseconds since [`start_clock`], never 0.
pub(crate) fn now() -> u64 {
    START.get().map_or(1, |start| start.elapsed().as_nanos() as u64 + 1)
}

/// The processor time of all threads so far.
pub(crate) fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// Resident memory, in bytes.
pub(crate) fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/smaps_rollup").expect("Linux has it");
    let line = status.lines().find(|line| line.starts_with("Rss:")).expect("it has that line");
    let kilobytes: u64 = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("it has a number");
    kilobytes * 1024
}

/// Waits (at most a moment) until nothing works in the background any more, so that what one sample left to do is
/// not paid by the next.
pub(crate) fn settle(at_most: Duration) {
    const LOOK: Duration = Duration::from_micros(1000);
    const BUSY: Duration = Duration::from_micros(100);
    let end = Instant::now() + at_most;
    let mut before = processor_time();
    while Instant::now() < end {
        thread::sleep(LOOK);
        let after = processor_time();
        if after - before < BUSY {
            break;
        }
        before = after;
    }
}

/// The share of one core, in percent, that the process uses while nothing happens in it after one lock operation.
pub(crate) fn idle_share<F: Family>(idle: Duration) -> f64 {
    let lock = F::Exclusive::new(0);
    *lock.lock() += 1;
    thread::sleep(Duration::from_millis(200));
    let (before, start) = (processor_time(), Instant::now());
    thread::sleep(idle);
    let used = processor_time() - before;
    100.0 * used.as_secs_f64() / start.elapsed().as_secs_f64()
}
