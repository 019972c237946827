//! What an executor leaves behind.

use super::*;

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
