//! Level `trace`: every operation of a thread, with its precise time, on its way to the collector.

use super::{clock, memory, ring::Ring, slot::Slot};
use crate::model::Op;
use std::sync::atomic::Ordering::*;

/// Operations a tape holds.
const LENGTH: usize = 1 << 14;

/// An operation is `ticks`, `object`, `place` and `generation: 32 | operation: 32`.
pub(super) type Tape = Ring<4, LENGTH>;

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
    fn of([ticks, object, place, what]: [u64; 4]) -> Taped {
        Taped { ticks, object, place, generation: (what >> 32) as u32, op: what as u8 }
    }
}

#[allow(unsafe_code)]
fn tape(slot: &Slot) -> Option<&'static Tape> {
    let there = slot.tape.load(Acquire);
    if there.is_null() {
        // SAFETY: atomics only, of which zero is a value.
        let fresh: &'static Tape = unsafe { memory::leak_zeroed() }?;
        slot.tape.store(std::ptr::from_ref(fresh).cast_mut(), Release);
        return Some(fresh);
    }
    // SAFETY: only ever set to a leaked, initialised tape (above), of which nobody makes a `&mut`.
    Some(unsafe { &*there })
}

/// Writes one operation of the slot's owner.
#[inline(always)]
pub(super) fn write(slot: &Slot, op: Op, object: u64, place: u64) {
    write_at(slot, clock::precise(), op, object, place);
}

/// The same, at a time that was read before.
#[inline]
pub(super) fn write_at(slot: &Slot, ticks: u64, op: Op, object: u64, place: u64) {
    let Some(tape) = tape(slot) else { return };
    let what = (slot.id().generation as u64) << 32 | op as u64;
    if tape.push(&[[ticks, object, place, what]]).is_some_and(|fill| fill.passes(LENGTH / 2)) {
        super::hurry_collector();
    }
}

/// The last operations of the slot's owner that the tape still shows, oldest first; drained or not.
#[allow(unsafe_code)]
pub(crate) fn last(slot: &Slot, most: usize) -> Vec<Taped> {
    // SAFETY: null, or a leaked, initialised tape.
    let Some(tape) = (unsafe { slot.tape.load(Acquire).as_ref() }) else { return Vec::new() };
    let generation = slot.id().generation;
    tape.last(most).into_iter().map(Taped::of).filter(|taped| taped.generation == generation).collect()
}

/// Takes the operations off a slot's tape up to `watermark`; only the collector may. Returns how many were lost for
/// want of room, ever.
#[allow(unsafe_code)]
pub(crate) fn drain(slot: &Slot, watermark: u64, mut each: impl FnMut(Taped)) -> u64 {
    // SAFETY: null, or a leaked, initialised tape.
    let Some(tape) = (unsafe { slot.tape.load(Acquire).as_ref() }) else { return 0 };
    let mut unread = tape.unread();
    while let Some(record) = unread.next_if(|&record| Taped::of(record).ticks <= watermark) {
        each(Taped::of(record));
    }
    unread.finish();
    tape.lost()
}
