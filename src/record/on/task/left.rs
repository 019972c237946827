//! Whether anybody has still to do with a task that nobody can wake.

use crate::primitive::AtomicU32;
use std::sync::atomic::Ordering::*;

/// In the lowest bits of [`Left`].
mod handle {
    pub(super) const MASK: u32 = 3;
    /// Its `JoinHandle` is there, or it never had one.
    pub(super) const THERE: u32 = 0;
    /// That was dropped, and there is no other.
    pub(super) const GONE: u32 = 1;
    /// Somebody may have another one, by which it can be aborted.
    pub(super) const SHARED: u32 = 2;
}

/// The handle, and above it between which two polls everybody was gone who had its waker, but for leaves: as [`between`]
/// says it.
pub(crate) struct Left(AtomicU32);

impl Left {
    pub(super) fn new() -> Left {
        Left(AtomicU32::new(handle::THERE))
    }

    /// For a new task.
    #[inline]
    pub(super) fn begin(&self) {
        self.0.store(handle::THERE, Relaxed);
    }

    /// The last waker is about to be dropped, unused: outside of its polls that leaves the task to nobody.
    pub(super) fn by_the_last(&self, sequence: u64) {
        if sequence.is_multiple_of(2) {
            self.change(|left| left & handle::MASK | between(sequence));
        }
    }

    /// Its `JoinHandle` was dropped before it was done.
    pub(super) fn by_its_handle(&self) {
        self.change(|left| if left & handle::MASK == handle::THERE { left | handle::GONE } else { left });
    }

    /// Somebody has got another handle.
    pub(super) fn share_handle(&self) {
        self.change(|left| left & !handle::MASK | handle::SHARED);
    }

    /// Somebody had its waker after its last poll, and has dropped it; and nobody has its handle.
    pub(super) fn is_alone(&self, sequence: u64) -> bool {
        self.0.load(Relaxed) == between(sequence) | handle::GONE
    }

    fn change(&self, change: impl Fn(u32) -> u32) {
        let mut left = self.0.load(Relaxed);
        while let Err(now) = self.0.compare_exchange_weak(left, change(left), Relaxed, Relaxed) {
            left = now;
        }
    }
}

/// The time after a poll, by the task's sequence then. Never 0.
fn between(sequence: u64) -> u32 {
    (sequence as u32 | 1) << 2
}
