//! Whether anybody has still to do with a task that nobody can wake.

use crate::primitive::AtomicU32;
use std::sync::atomic::{AtomicU8, Ordering::*};

/// In [`Left::handle`].
mod handle {
    /// Its `JoinHandle` is there, or it never had one.
    pub(super) const THERE: u8 = 0;
    /// That was dropped, and there is no other.
    pub(super) const GONE: u8 = 1;
    /// Somebody may have another one, by which it can be aborted.
    pub(super) const SHARED: u8 = 2;
}

pub(crate) struct Left {
    /// Between which two polls everybody was gone who had its waker, but for leaves: as [`between`] says it.
    forsaken: AtomicU32,
    handle: AtomicU8,
}

impl Left {
    pub(super) fn new() -> Left {
        Left { forsaken: AtomicU32::new(0), handle: AtomicU8::new(handle::THERE) }
    }

    /// For a new task.
    #[inline]
    pub(super) fn begin(&self) {
        self.forsaken.store(0, Relaxed);
        self.handle.store(handle::THERE, Relaxed);
    }

    /// The last waker is about to be dropped, unused: outside of its polls that leaves the task to nobody.
    pub(super) fn by_the_last(&self, sequence: u64) {
        if sequence.is_multiple_of(2) {
            self.forsaken.store(between(sequence), Relaxed);
        }
    }

    /// Its `JoinHandle` was dropped before it was done.
    pub(super) fn by_its_handle(&self) {
        _ = self.handle.compare_exchange(handle::THERE, handle::GONE, Relaxed, Relaxed);
    }

    /// Somebody has got another handle.
    pub(super) fn share_handle(&self) {
        self.handle.store(handle::SHARED, Relaxed);
    }

    /// Somebody had its waker after its last poll, and has dropped it; and nobody has its handle.
    pub(super) fn is_alone(&self, sequence: u64) -> bool {
        self.handle.load(Relaxed) == handle::GONE && self.forsaken.load(Relaxed) == between(sequence)
    }
}

/// The time after a poll, by the task's sequence then. Never 0.
fn between(sequence: u64) -> u32 {
    sequence as u32 | 1
}
