//! Level `trace`: every operation of a thread, with its precise time, on its way to the collector.

use super::{
    clock, memory,
    ring::{Pushed, Ring},
    slot::Slot,
};
use crate::model::Op;
use std::sync::atomic::{AtomicU64, Ordering::*};

/// Operations a tape holds.
const LENGTH: usize = 1 << 14;
/// The collector is hurried when so many of them are unread.
const MARK: usize = LENGTH / 2;

/// The operations of a slot's owners, one after the other.
///
/// An operation is `ticks`, `object` and `operation: 8 | place: 56` (no address of the program is longer). Whose it is,
/// it does not say: before the first operation of every owner there is a record of its generation, whose operation is
/// [`OWNER`].
pub(super) struct Tape {
    ring: Ring<3, LENGTH>,
    /// Whose operations the last ones are: see [`owner_word`].
    owner: AtomicU64,
    /// Whose operations the last ones are that were drained. The collector's alone.
    drained: AtomicU64,
}

const OP_SHIFT: u32 = 56;
/// No operation has this number.
const OWNER: u8 = 0;

type Record = [u64; 3];

#[inline(always)]
fn record(op: u8, object: u64, place: u64) -> Record {
    record_at(clock::precise(), op, object, place)
}

#[inline(always)]
fn record_at(ticks: u64, op: u8, object: u64, place: u64) -> Record {
    [ticks, object, place | (op as u64) << OP_SHIFT]
}

fn op_of([_, _, what]: Record) -> u8 {
    (what >> OP_SHIFT) as u8
}

/// Never 0, which stands for nobody.
fn owner_word(generation: u32) -> u64 {
    1 << 32 | u64::from(generation)
}

/// One operation, as it comes off a tape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taped {
    pub(crate) ticks: u64,
    pub(crate) object: u64,
    pub(crate) place: u64,
    pub(crate) generation: u32,
    pub(crate) op: u8,
}

impl Taped {
    fn of(record: Record, generation: u32) -> Taped {
        let [ticks, object, what] = record;
        Taped { ticks, object, place: what & ((1 << OP_SHIFT) - 1), generation, op: op_of(record) }
    }
}

impl Tape {
    /// Writes one operation, for which [`with_room`] found room.
    #[inline(always)]
    pub(super) fn write(&self, op: Op, object: u64, place: u64) {
        self.ring.push_one(record(op as u8, object, place));
    }

    fn push(&self, record: Record) -> bool {
        let pushed = self.ring.push(&[record], MARK);
        if pushed == Pushed::Filling {
            super::hurry_collector();
        }
        pushed != Pushed::Lost
    }
}

/// The slot's tape, if there is one yet.
#[inline(always)]
#[allow(unsafe_code)]
fn there(slot: &Slot) -> Option<&'static Tape> {
    // SAFETY: null, or a leaked, initialised tape (see `tape`), of which nobody makes a `&mut`.
    unsafe { slot.tape.load(Acquire).as_ref() }
}

#[allow(unsafe_code)]
fn tape(slot: &Slot) -> Option<&'static Tape> {
    there(slot).or_else(|| {
        // SAFETY: atomics only, of which zero is a value.
        let fresh: &'static Tape = unsafe { memory::leak_zeroed() }?;
        slot.tape.store(std::ptr::from_ref(fresh).cast_mut(), Release);
        Some(fresh)
    })
}

/// The tape of the slot's owner, if there is room for one more operation and nothing else to see to.
#[inline(always)]
pub(super) fn with_room(slot: &Slot) -> Option<&'static Tape> {
    there(slot).filter(|tape| tape.ring.has_room())
}

/// Writes one operation of the slot's owner.
#[inline]
pub(super) fn write(slot: &Slot, op: Op, object: u64, place: u64) {
    match with_room(slot) {
        Some(tape) => tape.write(op, object, place),
        None => write_otherwise(slot, record(op as u8, object, place)),
    }
}

/// The same of an operation that began a while ago.
pub(super) fn write_at(slot: &Slot, ticks: u64, op: Op, object: u64, place: u64) {
    let record = record_at(ticks, op as u8, object, place);
    match with_room(slot) {
        Some(tape) => tape.ring.push_one(record),
        None => write_otherwise(slot, record),
    }
}

/// On no tape yet, as the first of its owner, or with a look whether there is room.
#[cold]
#[inline(never)]
fn write_otherwise(slot: &Slot, operation: Record) {
    let Some(tape) = tape(slot) else { return };
    let generation = slot.id().generation;
    let owner = owner_word(generation);
    if tape.owner.load(Relaxed) != owner {
        // Lost, it is tried again: until then there is no room for anything.
        if !tape.push(record(OWNER, u64::from(generation), 0)) {
            return;
        }
        tape.owner.store(owner, Release);
    }
    tape.push(operation);
}

/// The next operation will be another owner's.
pub(super) fn forget(slot: &Slot) {
    if let Some(tape) = there(slot) {
        tape.ring.look_again();
    }
}

/// The last operations of the slot's owner that the tape still shows, oldest first; drained or not.
pub(crate) fn last(slot: &Slot, most: usize) -> Vec<Taped> {
    let Some(tape) = there(slot) else { return Vec::new() };
    let generation = slot.id().generation;
    // After its word is there, whatever is not its own stands before the record that says so.
    if tape.owner.load(Acquire) != owner_word(generation) {
        return Vec::new();
    }
    let last = tape.ring.last(most);
    let others = last.iter().rposition(|&record| op_of(record) == OWNER);
    let is_own = others.is_none_or(|at| last[at][1] == u64::from(generation));
    let own = &last[others.map_or(0, |at| at + 1)..];
    if is_own { own.iter().map(|&record| Taped::of(record, generation)).collect() } else { Vec::new() }
}

/// How many operations were lost for want of room, ever.
pub(crate) fn lost(slot: &Slot) -> u64 {
    there(slot).map_or(0, |tape| tape.ring.lost())
}

/// Takes the operations off a slot's tape up to `watermark`; only the collector may. Returns how many were lost, ever.
pub(crate) fn drain(slot: &Slot, watermark: u64, mut each: impl FnMut(Taped)) -> u64 {
    let Some(tape) = there(slot) else { return 0 };
    let mut generation = tape.drained.load(Relaxed) as u32;
    let mut unread = tape.ring.unread();
    while let Some(record) = unread.next_if(|&[ticks, ..]| ticks <= watermark) {
        if op_of(record) == OWNER {
            generation = record[1] as u32;
        } else {
            each(Taped::of(record, generation));
        }
    }
    unread.finish();
    tape.drained.store(u64::from(generation), Relaxed);
    tape.ring.lost()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ops(taped: &[Taped]) -> Vec<(u32, u8, u64, u64)> {
        taped.iter().map(|taped| (taped.generation, taped.op, taped.object, taped.place)).collect()
    }

    fn drained(slot: &Slot) -> Vec<Taped> {
        let mut taped = Vec::new();
        drain(slot, u64::MAX, |one| taped.push(one));
        taped
    }

    #[test]
    fn an_operation_is_its_owners_and_the_last_ones_stay_after_a_drain() {
        let slot = Slot::leak(7).expect("there is memory");
        let place = (1 << OP_SHIFT) - 1;
        write(slot, Op::Lock, u64::MAX, place);
        write(slot, Op::Unlock, 1, 0);
        let first = slot.id().generation;
        let expected = [(first, Op::Lock as u8, u64::MAX, place), (first, Op::Unlock as u8, 1, 0)];
        assert_eq!(ops(&last(slot, 8)), expected);
        slot.next_generation();
        forget(slot);
        assert_eq!(ops(&last(slot, 8)), [], "the new owner has done nothing");
        write(slot, Op::Read, 2, 20);
        let second = (first + 1, Op::Read as u8, 2, 20);
        assert_eq!(ops(&drained(slot)), [expected[0], expected[1], second]);
        assert_eq!(ops(&last(slot, 8)), [second]);
        write(slot, Op::Read, 2, 20);
        assert_eq!(ops(&drained(slot)), [second], "it is known whose it is");
        assert_eq!(ops(&last(slot, 1)), [second]);
    }

    #[test]
    fn a_new_owner_of_a_full_tape_is_known_once_there_is_room() {
        let slot = Slot::leak(7).expect("there is memory");
        (0..LENGTH as u64 + 9).for_each(|object| write(slot, Op::Lock, object, 0));
        assert_eq!(lost(slot), 10, "one has made room for its owner");
        slot.next_generation();
        forget(slot);
        write(slot, Op::Read, 1, 0);
        assert_eq!((lost(slot), drained(slot).len()), (11, LENGTH - 1));
        write(slot, Op::Read, 2, 0);
        assert_eq!(ops(&drained(slot)), [(slot.id().generation, Op::Read as u8, 2, 0)]);
    }
}
