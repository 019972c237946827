//! Level `trace`: every operation of a thread, with its precise time, on its way to the collector.

use super::{clock, memory, slot::Slot};
use crate::model::Op;
use std::sync::atomic::{AtomicU64, Ordering::*, fence};

/// Operations a tape holds.
const LENGTH: usize = 1 << 14;

#[derive(Default)]
struct Cell {
    ticks: AtomicU64,
    object: AtomicU64,
    place: AtomicU64,
    /// `generation: 32 | operation: 32`
    what: AtomicU64,
}

impl Cell {
    fn read(&self) -> Taped {
        let what = self.what.load(Relaxed);
        Taped {
            ticks: self.ticks.load(Relaxed),
            object: self.object.load(Relaxed) & !super::slot::KNOWN,
            place: self.place.load(Relaxed),
            generation: (what >> 32) as u32,
            op: what as u8,
        }
    }
}

/// A ring of operations from one thread to the collector. A full one loses the newest, and counts.
pub(super) struct Tape {
    written: AtomicU64,
    read: AtomicU64,
    lost: AtomicU64,
    cells: [Cell; LENGTH],
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
    let written = tape.written.load(Relaxed);
    let used = written - tape.read.load(Acquire);
    if used as usize >= LENGTH {
        tape.lost.store(tape.lost.load(Relaxed) + 1, Relaxed);
        return;
    }
    let cell = &tape.cells[written as usize % LENGTH];
    cell.ticks.store(ticks, Relaxed);
    cell.object.store(object, Relaxed);
    cell.place.store(place, Relaxed);
    cell.what.store((slot.id().generation as u64) << 32 | op as u64, Relaxed);
    tape.written.store(written + 1, Release);
    if used + 1 == LENGTH as u64 / 2 {
        super::hurry_collector();
    }
}

/// The last operations of the slot's owner that the tape still shows, oldest first; drained or not.
#[allow(unsafe_code)]
pub(crate) fn last(slot: &Slot, most: u64) -> Vec<Taped> {
    // SAFETY: null, or a leaked, initialised tape.
    let Some(tape) = (unsafe { slot.tape.load(Acquire).as_ref() }) else { return Vec::new() };
    let generation = slot.id().generation;
    for _ in 0..64 {
        let written = tape.written.load(Acquire);
        let mut last: Vec<Taped> =
            (written.saturating_sub(most)..written).map(|at| tape.cells[at as usize % LENGTH].read()).collect();
        fence(Acquire);
        if tape.written.load(Relaxed) == written {
            last.retain(|taped| taped.generation == generation);
            return last;
        }
    }
    Vec::new()
}

/// Takes the operations off a slot's tape up to `watermark`; only the collector may. Returns how many were lost for
/// want of room, ever.
#[allow(unsafe_code)]
pub(crate) fn drain(slot: &Slot, watermark: u64, mut each: impl FnMut(Taped)) -> u64 {
    // SAFETY: null, or a leaked, initialised tape.
    let Some(tape) = (unsafe { slot.tape.load(Acquire).as_ref() }) else { return 0 };
    let mut read = tape.read.load(Relaxed);
    let end = tape.written.load(Acquire);
    while read < end {
        let taped = tape.cells[read as usize % LENGTH].read();
        if taped.ticks > watermark {
            break;
        }
        each(taped);
        read += 1;
    }
    tape.read.store(read, Release);
    tape.lost.load(Relaxed)
}
