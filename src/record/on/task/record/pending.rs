//! What an executor is busy with, and leaves behind.

use super::*;
use crate::model::RuntimeId;

impl Record {
    /// The runtime of which a thread is in the middle of it.
    pub(super) fn occupies(&self, life: u8, sequence: u64) -> Option<RuntimeId> {
        let is_busy = matches!(life, life::COUNTED | life::CLOSURE) && !sequence.is_multiple_of(2);
        Some(self.runtime.load(Relaxed)).filter(|&runtime| is_busy && runtime != 0).map(RuntimeId)
    }
}

/// For each task that its executor counts: which executor.
pub(in super::super) fn counted() -> impl Iterator<Item = u32> {
    let counts = |record: &&Record| record.life.load(Acquire) == life::COUNTED;
    RECORDS.all().filter(counts).map(|record| record.runtime.load(Relaxed))
}

/// The tasks of an executor that is about to be dropped which it drops with it: those that were never polled, and those
/// that are pending and have not been woken. (An abort is a wake.) Not those that may end with the program, and not those of
/// a set, whose owner drops them. `alone`: there is no other executor.
pub(in super::super) fn pending(runtime: u32, alone: bool) -> Vec<ActorId> {
    let is_pending = |record: &&Record| {
        let (sequence, wakes) = (record.sequence.load(Acquire), record.wakes.load(Acquire));
        let is_its = record.life.load(Acquire) == life::COUNTED && record.set.load(Relaxed) == 0;
        is_its
            && match sequence {
                // Which executor it is for is not known before it is polled.
                0 => alone && wakes == 1,
                _ => {
                    let woken = record.answered.load(Acquire) != wakes;
                    record.runtime.load(Relaxed) == runtime && sequence.is_multiple_of(2) && !woken
                }
            }
    };
    RECORDS.all().filter(is_pending).map(Record::id).collect()
}

/// How many tasks that are counted are known to be this executor's: it has polled them.
pub(in super::super) fn polled_by(runtime: u32) -> usize {
    counted().filter(|&polled_by| polled_by == runtime).count()
}

/// Whether there are tasks that are, or may be, this executor's: their futures have not been dropped.
pub(in super::super::super) fn has_tasks(runtime: u32) -> bool {
    counted().any(|polled_by| polled_by == runtime || polled_by == 0)
}
