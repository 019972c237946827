//! What is counted of a task: its times, and which of its polls and wakes were of no use.

use super::*;

/// Whoever wakes a task that is polled by another one wakes that, too, in less than this.
const AT_ONCE: Nanos = 30_000_000;

impl Record {
    // ---- polls: by whoever polls ----

    #[cold]
    pub(super) fn woken_in_vain(&self, times: u32) {
        self.useless.store(self.useless.load(Relaxed).wrapping_add(u64::from(times) << 32), Relaxed);
    }

    /// Of a poll that begins: whether it matters what is seen to happen in it. Nothing can be missed where nobody had its
    /// waker of whom nothing is known. (The first poll is what it was made for.)
    #[inline]
    pub(in super::super) fn may_idle(&self) -> bool {
        self.sequence.load(Relaxed) != 1 && !self.stirred.load(Relaxed)
    }

    /// A poll is about to end with the task pending, in which nothing has happened (`idle`), as far as can be seen. It
    /// counts where nobody has its waker now of whom nothing is known, and nobody has woken it meanwhile, itself included.
    #[inline]
    pub(in super::super) fn pends(&self, idle: bool) {
        let stirs = self.wakers() != 0;
        self.stirred.store(stirs, Relaxed);
        if idle && !stirs && self.wakes.load(Relaxed) == self.answered.load(Relaxed) {
            let useless = self.useless.load(Relaxed);
            self.useless.store(useless & !0xffff_ffff | (useless + 1) & 0xffff_ffff, Relaxed);
        }
    }

    // ---- reading ----

    /// What is counted of this task.
    pub(crate) fn figures(&self, at: Nanos) -> TaskFigures {
        let polled = !self.sequence.load(Acquire).is_multiple_of(2);
        let since = self.since.load(Relaxed);
        let (wakes, answered) = (self.wakes.load(Acquire), self.answered.load(Acquire));
        let nanos = |units: u32| u64::from(units) << UNIT;
        let poll = if polled { nanos(between(units(since), at)) } else { 0 };
        let polls = self.polls();
        let finished = wakes.wrapping_sub(answered) >= LONG_AGO;
        let is_due = wakes != answered && !finished;
        let (woken, useless) = (nanos(between(self.woken_at.load(Relaxed), at)), self.useless.load(Relaxed));
        let awaiter = if polls == 0 { None } else { self.awaiter() };
        let awaiter_has_been_polled = awaiter.is_some_and(|awaiter| is_due && woken > AT_ONCE && awaiter.is_at_rest());
        TaskFigures {
            age: nanos(between(self.made_at.load(Relaxed), at)),
            polls,
            last_poll: (polls != 0).then(|| if polled { 0 } else { at.saturating_sub(since) }),
            busy: nanos(self.busy.load(Relaxed)) + poll,
            scheduled: nanos(self.scheduled.load(Relaxed)) + if !polled && is_due { woken } else { 0 },
            longest: poll.max(nanos(self.longest.load(Relaxed))),
            wakes: u64::from(wakes.wrapping_sub(1)),
            own_wakes: u64::from(self.own_wakes.load(Relaxed)),
            needless_wakes: (useless >> 32) + if is_due { u64::from(wakes.wrapping_sub(answered) - 1) } else { 0 },
            idle_polls: useless & 0xffff_ffff,
            is_due,
            unwoken: self.wakers() == 0,
            finished,
            awaited_by: awaiter.map(Record::id),
            passed_over: !polled && awaiter_has_been_polled,
        }
    }
}

/// Wakes of tasks that had ended.
static LOST_WAKES: AtomicUsize = AtomicUsize::new(0);

#[cold]
pub(in super::super) fn wake_is_lost() {
    LOST_WAKES.fetch_add(1, Relaxed);
}

/// How often somebody has woken a task that had ended.
pub(crate) fn lost_wakes() -> u64 {
    LOST_WAKES.load(Relaxed) as u64
}
