//! Two clocks: a coarse one that costs a load, and a precise one for level `trace`.
//!
//! The coarse clock shares its word with the level, so that one relaxed load tells the fast path both the time and
//! whether there is anything beyond the default to do. The watchdog's side ticks it.

use crate::{
    model::Nanos,
    primitive::{AtomicU64, shared},
};
use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Instant,
};

/// How often the coarse clock ticks.
pub(crate) const TICK: std::time::Duration = std::time::Duration::from_millis(10);

/// How often it ticks while the program does nothing.
pub(crate) const DOZE: std::time::Duration = std::time::Duration::from_millis(100);

/// `time in ns, low 8 bits cleared | extra: 4 | 0: 4`.
#[repr(align(128))]
struct Line(AtomicU64);

shared! {
    static PULSE: Line = Line(AtomicU64::new(0));
}

static START: OnceLock<Instant> = OnceLock::new();

/// What the fast path does not do by itself; none of them set: level `watch`.
pub(crate) mod extra {
    /// Every operation goes to the tape, with its precise time.
    pub(crate) const TRACE: u64 = 0x10;
    /// Nothing is recorded.
    pub(crate) const OFF: u64 = 0x20;
    /// Acquisitions capture their stacks.
    pub(crate) const STACKS: u64 = 0x40;
    /// All of them.
    pub(crate) const MASK: u64 = 0xf0;
}

const TIME: u64 = !0xff;

/// The coarse time and what is extra, in one load.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Pulse(u64);

impl Pulse {
    #[inline(always)]
    pub(crate) fn now() -> Pulse {
        Pulse(PULSE.0.load(Relaxed))
    }

    #[inline(always)]
    pub(crate) fn plain(self) -> bool {
        self.0 & extra::MASK == 0
    }

    #[inline(always)]
    pub(crate) fn only_traces(self) -> bool {
        self.0 & extra::MASK == extra::TRACE
    }

    #[inline(always)]
    pub(crate) fn has(self, extra: u64) -> bool {
        self.0 & extra != 0
    }

    /// The time with a number below 256 in its low bits: how holds and history store both in one word.
    #[inline(always)]
    pub(crate) fn stamp(self, low: u8) -> u64 {
        // While plain there is nothing to clear.
        self.0 & !extra::MASK | low as u64
    }
}

/// The same for another time.
pub(crate) fn stamp_at(at: Nanos, low: u8) -> u64 {
    at & TIME | low as u64
}

/// The time in a word made by [`Pulse::stamp`].
#[inline]
pub(crate) fn stamped_at(word: u64) -> Nanos {
    word & TIME
}

/// The number in a word made by [`Pulse::stamp`].
pub(crate) fn stamped_low(word: u64) -> u8 {
    (word & !TIME) as u8
}

/// Nanoseconds since the first use. About 30 ns.
pub(crate) fn now() -> Nanos {
    START.get_or_init(Instant::now).elapsed().as_nanos() as Nanos
}

/// The coarse time.
#[inline]
pub(crate) fn coarse() -> Nanos {
    stamped_at(PULSE.0.load(Relaxed))
}

/// Moves the coarse clock to now.
pub(crate) fn tick() -> Nanos {
    let now = now();
    PULSE.tick(now);
    now
}

static DOZES: AtomicBool = AtomicBool::new(false);

/// Whether nothing happens, and the clock ticks slowly: whoever begins to wait should wake it.
pub(crate) fn dozes() -> bool {
    DOZES.load(Relaxed)
}

pub(crate) fn doze(dozes: bool) {
    DOZES.store(dozes, Relaxed);
}

static WAS_OFF: AtomicBool = AtomicBool::new(false);

/// Whether nothing was recorded, ever: there may be holds of which nothing is known.
pub(crate) fn was_off() -> bool {
    WAS_OFF.load(Relaxed)
}

/// Switches extras on and off.
pub(crate) fn set_extra(on: u64, off: u64) {
    WAS_OFF.fetch_or(on & extra::OFF != 0, Relaxed);
    PULSE.set_extra(on, off);
}

/// Whether any of these is on.
pub(crate) fn extra_is(extra: u64) -> bool {
    Pulse::now().has(extra)
}

impl Line {
    /// Two may tick at a time, and one of them may have read the clock long ago: time does not go back.
    fn tick(&self, now: Nanos) {
        self.update(|word| (now & TIME).max(word & TIME) | word & extra::MASK);
    }

    fn set_extra(&self, on: u64, off: u64) {
        self.update(|word| (word | on) & !off);
    }

    fn update(&self, change: impl Fn(u64) -> u64) {
        let _ = self.0.fetch_update(Relaxed, Relaxed, |word| Some(change(word)));
    }
}

/// The precise clock, in units of its own: the processor's time stamp counter where it ticks evenly.
#[inline(always)]
pub(crate) fn precise() -> u64 {
    imp::precise()
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod imp {
    #[inline(always)]
    pub(super) fn precise() -> u64 {
        // SAFETY: every x86-64 processor has the instruction, and it has no preconditions.
        unsafe { core::arch::x86_64::_rdtsc() }
    }
}

#[cfg(target_arch = "aarch64")]
#[allow(unsafe_code)]
mod imp {
    #[inline(always)]
    pub(super) fn precise() -> u64 {
        let ticks: u64;
        // SAFETY: reads a counter that user space may read; touches neither memory nor flags.
        unsafe { core::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack, preserves_flags)) };
        ticks
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod imp {
    pub(super) fn precise() -> u64 {
        super::now()
    }
}

/// When both clocks were first read together.
static FIRST: OnceLock<(u64, Nanos)> = OnceLock::new();

/// About when this was: good enough to say how long ago. The trace converts exactly, see [`Calibration`].
pub(crate) fn nanos_about(ticks: u64) -> Nanos {
    let from = *FIRST.get_or_init(|| (precise(), now()));
    Calibration { from, to: (precise().max(from.0 + 1), now()) }.nanos(ticks)
}

/// Turns precise ticks into nanoseconds: linear between two moments at which both clocks were read.
///
/// Readings are handed out in order and each is used for the ticks before it, so converted times never run
/// backwards however the counter's rate is estimated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calibration {
    from: (u64, Nanos),
    to: (u64, Nanos),
}

impl Calibration {
    pub(crate) fn start() -> Calibration {
        let at = *FIRST.get_or_init(|| (precise(), now()));
        Calibration { from: at, to: (at.0 + 1, at.1) }
    }

    /// Reads both clocks again. Ticks up to the returned one can now be converted.
    pub(crate) fn advance(&mut self) -> u64 {
        let at = (precise(), now());
        if at.0 > self.to.0 {
            *self = Calibration { from: self.to, to: at };
        }
        self.to.0
    }

    pub(crate) fn nanos(&self, ticks: u64) -> Nanos {
        let span = (self.to.0 - self.from.0).max(1) as i128;
        let past = ticks as i128 - self.from.0 as i128;
        let time = self.from.1 as i128 + past * (self.to.1 - self.from.1) as i128 / span;
        time.max(0) as Nanos
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use loom::{model, sync::Arc, thread};

    #[test]
    fn no_switch_and_no_tick_is_lost() {
        model(|| {
            let line = Arc::new(Line(AtomicU64::new(extra::OFF)));
            let others: [fn(&Line); 2] = [|line| line.tick(0x300), |line| line.set_extra(extra::TRACE, extra::OFF)];
            let others = others.map(|other| {
                let line = Arc::clone(&line);
                thread::spawn(move || other(&line))
            });
            line.tick(0x200);
            others.into_iter().for_each(|other| other.join().unwrap());
            assert_eq!(line.0.load(Relaxed), 0x300 | extra::TRACE);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversion_never_runs_backwards() {
        let mut calibration = Calibration::start();
        let mut last = 0;
        for _ in 0..50 {
            let ticks: Vec<u64> = (0..100).map(|_| precise()).collect();
            let watermark = calibration.advance();
            for tick in ticks {
                assert!(tick <= watermark);
                let at = calibration.nanos(tick);
                assert!(at >= last, "{at} < {last}");
                last = at;
            }
        }
    }
}
