//! What one thread tells about itself: always current, readable by the watchdog at any time.
//!
//! The owner writes with plain stores; nobody else writes, except where a field says so. Readers come from other
//! threads and may meet the owner in the middle of something:
//!
//! * [`Slot::held`] and the flight recorder are versioned by `ops`, which the owner raises after every operation. A
//!   reader that finds `ops` unchanged around its reading has read what was there.
//! * the wait is versioned by its own sequence, odd while the thread waits. A waiting thread changes nothing else.

use super::{
    clock::{Pulse, stamped_at, stamped_low},
    memory,
    order::Outbox,
    tape::Tape,
};
use crate::model::{ActorId, Event, Hold, Mode, Nanos, ObjectId, Op, PlaceId};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering::*, fence},
};

/// Holds kept in the slot itself.
pub(super) const INLINE: usize = 64;
/// Holds kept beside it, once a thread has more than that. More still are counted, and forgotten.
const SPILL: usize = 4096;
/// Operations remembered.
pub(crate) const HISTORY: usize = 32;
/// Frames of a captured stack.
pub(crate) const FRAMES: usize = 48;
/// Frames of a captured stack of an acquisition.
pub(crate) const HOLD_FRAMES: usize = 16;

/// A bit of an object's word, in a probe and in a hold: its place in the lock order has been told.
pub(super) const KNOWN: u64 = 1 << 62;

/// The state of a slot's life.
pub(crate) mod life {
    pub(crate) const FREE: u32 = 0;
    /// Given to a thread that has not begun to run.
    pub(crate) const STARTING: u32 = 1;
    pub(crate) const ALIVE: u32 = 2;
}

#[derive(Default)]
pub(super) struct HoldCell {
    /// The object's word, as it was in the probe (so possibly with `KNOWN`).
    pub(super) object: AtomicU64,
    pub(super) place: AtomicU64,
    /// Coarse time and mode, as [`Pulse::stamp`] makes it.
    pub(super) since: AtomicU64,
    /// The rolling hash of all holds up to this one; meaningful from the second hold on.
    pub(super) hash: AtomicU64,
}

impl HoldCell {
    fn copy_from(&self, other: &HoldCell) {
        self.object.store(other.object.load(Relaxed), Relaxed);
        self.place.store(other.place.load(Relaxed), Relaxed);
        self.since.store(other.since.load(Relaxed), Relaxed);
        self.hash.store(other.hash.load(Relaxed), Relaxed);
    }

    fn read(&self) -> Hold {
        let since = self.since.load(Relaxed);
        Hold {
            object: ObjectId(self.object.load(Relaxed) & !KNOWN),
            mode: Mode::from_bits(stamped_low(since)),
            place: PlaceId(self.place.load(Relaxed)),
            since: stamped_at(since),
        }
    }
}

#[derive(Default)]
pub(super) struct OpCell {
    object: AtomicU64,
    place: AtomicU64,
    /// Coarse time and operation, as [`Pulse::stamp`] makes it.
    when: AtomicU64,
}

/// One operation out of the flight recorder: `(stamp, object, place)`.
pub(crate) type Remembered = (u64, u64, u64);

#[derive(Default)]
pub(super) struct WaitCell {
    /// Odd while waiting.
    sequence: AtomicU64,
    what: AtomicU64,
    operand: AtomicU64,
    second: AtomicU64,
    place: AtomicU64,
    since: AtomicU64,
}

/// The raw content of a wait; [`super::wait`] knows what it means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct RawWait {
    pub(crate) what: u64,
    pub(crate) operand: u64,
    pub(crate) second: u64,
    pub(crate) place: u64,
    pub(crate) since: Nanos,
}

/// Where the return addresses of [`Slot::stack`] lie: only the owner reads them, to see whether its stack is the same.
pub(super) struct Returns {
    /// From how deep it was captured.
    pub(super) here: AtomicUsize,
    /// The first that lies above it.
    pub(super) first: AtomicUsize,
    /// How many there are; 0: not all of them are sure.
    pub(super) len: AtomicUsize,
    pub(super) places: [AtomicUsize; FRAMES],
}

/// One thread's record. Never freed; given to another thread when its own has ended.
#[repr(C, align(128))]
pub(crate) struct Slot {
    // What the fast path touches.
    pub(super) len: AtomicU32,
    pub(super) ops: AtomicU64,
    pub(super) serial: AtomicU64,
    pub(super) held: [HoldCell; INLINE],
    history: [OpCell; HISTORY],
    pub(super) known: super::order::Known,
    // What only slow paths touch.
    pub(super) wait: WaitCell,
    spill: AtomicPtr<[HoldCell; SPILL]>,
    /// Holds that found no room.
    pub(crate) overflowed: AtomicU64,
    stack: [AtomicUsize; FRAMES],
    pub(super) returns: Returns,
    hold_stacks: AtomicPtr<[[AtomicUsize; HOLD_FRAMES]; INLINE]>,
    pub(super) outbox: AtomicPtr<Outbox>,
    pub(super) tape: AtomicPtr<Tape>,
    /// Somebody waits for this thread to end (written by that somebody).
    pub(super) awaited: AtomicBool,
    // Who it is; written when the slot is given away.
    pub(crate) index: u32,
    pub(super) next_free: AtomicU32,
    generation: AtomicU32,
    life: AtomicU32,
    pub(super) daemon: AtomicBool,
    pub(super) scope: AtomicU64,
    pub(super) spawned_at: AtomicU64,
    pub(super) parent: AtomicU64,
    pub(super) os_id: AtomicU64,
    /// For the name. Plain `std` locks: nobody blocks while holding one.
    pub(super) thread: Mutex<Option<std::thread::Thread>>,
    /// The `tracing` spans the thread is in.
    pub(crate) spans: Mutex<Vec<(u64, Arc<str>)>>,
}

impl Slot {
    pub(super) fn new(index: u32) -> Slot {
        Slot {
            len: AtomicU32::new(0),
            ops: AtomicU64::new(0),
            serial: AtomicU64::new(0),
            held: [const {
                HoldCell {
                    object: AtomicU64::new(0),
                    place: AtomicU64::new(0),
                    since: AtomicU64::new(0),
                    hash: AtomicU64::new(0),
                }
            }; INLINE],
            history: [const { OpCell { object: AtomicU64::new(0), place: AtomicU64::new(0), when: AtomicU64::new(0) } };
                HISTORY],
            known: super::order::Known::new(),
            wait: WaitCell::default(),
            spill: AtomicPtr::default(),
            overflowed: AtomicU64::new(0),
            stack: [const { AtomicUsize::new(0) }; FRAMES],
            returns: Returns {
                here: AtomicUsize::new(0),
                first: AtomicUsize::new(0),
                len: AtomicUsize::new(0),
                places: [const { AtomicUsize::new(0) }; FRAMES],
            },
            hold_stacks: AtomicPtr::default(),
            outbox: AtomicPtr::default(),
            tape: AtomicPtr::default(),
            awaited: AtomicBool::new(false),
            index,
            next_free: AtomicU32::new(0),
            generation: AtomicU32::new(0),
            life: AtomicU32::new(life::FREE),
            daemon: AtomicBool::new(false),
            scope: AtomicU64::new(0),
            spawned_at: AtomicU64::new(0),
            parent: AtomicU64::new(0),
            os_id: AtomicU64::new(0),
            thread: Mutex::new(None),
            spans: Mutex::new(Vec::new()),
        }
    }

    // ---- life ----

    pub(crate) fn id(&self) -> ActorId {
        ActorId { index: self.index, generation: self.generation.load(Acquire) }
    }

    pub(crate) fn life(&self) -> u32 {
        self.life.load(Acquire)
    }

    pub(super) fn set_life(&self, life: u32) {
        self.life.store(life, Release);
    }

    /// From here on the slot is another actor's.
    pub(super) fn next_generation(&self) {
        self.generation.fetch_add(1, AcqRel);
    }

    pub(crate) fn is_daemon(&self) -> bool {
        self.daemon.load(Relaxed)
    }

    /// Not started by us.
    pub(crate) fn is_foreign(&self) -> bool {
        self.spawned_at.load(Relaxed) == 0
    }

    /// How many operations there have been.
    pub(crate) fn operations(&self) -> u64 {
        self.ops.load(Relaxed)
    }

    pub(crate) fn scope(&self) -> u64 {
        self.scope.load(Relaxed)
    }

    pub(crate) fn os_id(&self) -> u64 {
        self.os_id.load(Relaxed)
    }

    pub(crate) fn spawned_at(&self) -> PlaceId {
        PlaceId(self.spawned_at.load(Relaxed))
    }

    pub(crate) fn parent(&self) -> Option<ActorId> {
        Event::actor_operand(self.parent.load(Relaxed))
    }

    pub(crate) fn name(&self) -> Option<String> {
        self.thread.lock().ok().and_then(|thread| Some(thread.as_ref()?.name()?.to_owned()))
    }

    /// The spans the thread is in, outermost first. Empty while the thread is just entering or leaving one.
    pub(crate) fn span_names(&self) -> Vec<String> {
        self.spans.try_lock().map(|spans| spans.iter().map(|(_, text)| text.to_string()).collect()).unwrap_or_default()
    }

    // ---- holds: by the owner ----

    /// Room for one more hold, at index `len`. `None`: counted and forgotten.
    #[inline(always)]
    pub(super) fn room(&self, len: usize) -> Option<&HoldCell> {
        if len < INLINE { Some(&self.held[len]) } else { self.spill_room(len) }
    }

    #[cold]
    fn spill_room(&self, len: usize) -> Option<&HoldCell> {
        let room = len.checked_sub(INLINE).filter(|&index| index < SPILL).and_then(|index| Some(&self.spill()?[index]));
        if room.is_none() {
            self.overflowed.fetch_add(1, Relaxed);
        }
        room
    }

    #[allow(unsafe_code)]
    fn spill(&self) -> Option<&'static [HoldCell; SPILL]> {
        let there = self.spill.load(Acquire);
        if there.is_null() {
            // SAFETY: `HoldCell` is four atomics, of which zero is a value.
            let fresh: &'static [HoldCell; SPILL] = unsafe { memory::leak_zeroed() }?;
            self.spill.store(std::ptr::from_ref(fresh).cast_mut(), Release);
            return Some(fresh);
        }
        // SAFETY: only ever set to a leaked, initialised array (above), of which nobody makes a `&mut`.
        Some(unsafe { &*there })
    }

    /// The hold at an index below `len`.
    #[inline(always)]
    pub(super) fn cell(&self, index: usize) -> &HoldCell {
        if index < INLINE { &self.held[index] } else { self.spilled(index) }
    }

    #[cold]
    fn spilled(&self, index: usize) -> &HoldCell {
        // A cell behind the inline ones was made by `spill_room`.
        match self.spill() {
            Some(spill) => &spill[(index - INLINE) % SPILL],
            None => &self.held[INLINE - 1],
        }
    }

    /// Where the newest hold of this object is.
    pub(super) fn find(&self, object: u64) -> Option<usize> {
        let len = self.len.load(Relaxed) as usize;
        (0..len).rev().find(|&index| self.cell(index).object.load(Relaxed) & !KNOWN == object & !KNOWN)
    }

    /// Takes the hold at `index` out and closes the gap.
    pub(super) fn remove(&self, index: usize) {
        let len = self.len.load(Relaxed) as usize;
        // Two raises: a reader that meets us in between must not find the same number before and after.
        self.ops.store(self.ops.load(Relaxed) + 1, Relaxed);
        fence(Release);
        for at in index..len - 1 {
            self.cell(at).copy_from(self.cell(at + 1));
            self.move_hold_stack(at + 1, at);
        }
        super::order::rehash(self, index, len - 1);
        self.len.store(len as u32 - 1, Release);
    }

    /// The hold at `index` changes its mode.
    pub(super) fn set_mode(&self, index: usize, mode: Mode) {
        let since = &self.cell(index).since;
        since.store(stamped_at(since.load(Relaxed)) | mode as u64, Relaxed);
    }

    // ---- holds: by anybody ----

    /// All holds, oldest first, as they were at one moment. `None` when the owner was too busy to be read.
    pub(crate) fn holds(&self) -> Option<Vec<Hold>> {
        let mut holds = Vec::new();
        for _ in 0..64 {
            holds.clear();
            let before = self.ops.load(Acquire);
            let len = self.len.load(Acquire) as usize;
            holds.extend((0..len).map(|index| self.cell(index).read()));
            fence(Acquire);
            if self.ops.load(Relaxed) == before && self.len.load(Relaxed) as usize == len {
                return Some(holds);
            }
        }
        None
    }

    /// Calls `each` with every hold as `(object, mode)`, without allocating; what is read may be torn.
    pub(super) fn glance(&self, mut each: impl FnMut(u64, Mode)) {
        for index in 0..self.len.load(Acquire) as usize {
            let cell = self.cell(index);
            each(cell.object.load(Relaxed) & !KNOWN, Mode::from_bits(stamped_low(cell.since.load(Relaxed))));
        }
    }

    // ---- history ----

    /// Remembers an operation and raises `ops`.
    #[inline(always)]
    pub(super) fn remember(&self, stamp: u64, object: u64, place: u64) {
        let ops = self.ops.load(Relaxed);
        let cell = &self.history[ops as usize % HISTORY];
        cell.place.store(place, Relaxed);
        self.finish_op(ops, cell, stamp, object);
    }

    /// The same for a release, which a drop does: it has no place.
    #[inline(always)]
    pub(super) fn remember_placeless(&self, stamp: u64, object: u64) {
        let ops = self.ops.load(Relaxed);
        self.finish_op(ops, &self.history[ops as usize % HISTORY], stamp, object);
    }

    /// The same for an operation that the tape remembers.
    #[inline(always)]
    pub(super) fn remember_elsewhere(&self) {
        let ops = self.ops.load(Relaxed);
        self.history[ops as usize % HISTORY].when.store(0, Relaxed);
        self.ops.store(ops + 1, Release);
        fence(Release);
    }

    #[inline(always)]
    fn finish_op(&self, ops: u64, cell: &OpCell, stamp: u64, object: u64) {
        cell.object.store(object, Relaxed);
        cell.when.store(stamp, Relaxed);
        self.ops.store(ops + 1, Release);
        // The next operation's stores must not be seen before the number that ends this one.
        fence(Release);
    }

    /// The last operations, oldest first.
    pub(crate) fn history(&self) -> Vec<Remembered> {
        for _ in 0..64 {
            let ops = self.ops.load(Acquire);
            let first = ops.saturating_sub(HISTORY as u64);
            let read: Vec<Remembered> = (first..ops)
                .map(|op| {
                    let cell = &self.history[op as usize % HISTORY];
                    let place = if stamped_low(cell.when.load(Relaxed)) == Op::Unlock as u8 {
                        0
                    } else {
                        cell.place.load(Relaxed)
                    };
                    (cell.when.load(Relaxed), cell.object.load(Relaxed) & !KNOWN, place)
                })
                .filter(|&(when, ..)| when != 0)
                .collect();
            fence(Acquire);
            if self.ops.load(Relaxed) == ops {
                return read;
            }
        }
        Vec::new()
    }

    /// A new thread has no past.
    pub(super) fn forget_history(&self) {
        for cell in &self.history {
            cell.when.store(0, Relaxed);
        }
    }

    // ---- waiting ----

    /// Publishes a wait; the sequence becomes odd. Only while not waiting.
    pub(super) fn begin_wait(&self, wait: RawWait) {
        let cell = &self.wait;
        cell.what.store(wait.what, Relaxed);
        cell.operand.store(wait.operand, Relaxed);
        cell.second.store(wait.second, Relaxed);
        cell.place.store(wait.place, Relaxed);
        cell.since.store(wait.since, Relaxed);
        cell.sequence.store(cell.sequence.load(Relaxed) + 1, Release);
    }

    pub(super) fn end_wait(&self) {
        self.wait.sequence.store(self.wait.sequence.load(Relaxed) + 1, Release);
        // Whatever the owner writes next must not be seen before it.
        fence(Release);
    }

    /// The sequence, and the wait that is going on.
    pub(crate) fn waiting(&self) -> (u64, Option<RawWait>) {
        let cell = &self.wait;
        for _ in 0..64 {
            let sequence = cell.sequence.load(Acquire);
            if sequence % 2 == 0 {
                return (sequence, None);
            }
            let wait = RawWait {
                what: cell.what.load(Relaxed),
                operand: cell.operand.load(Relaxed),
                second: cell.second.load(Relaxed),
                place: cell.place.load(Relaxed),
                since: cell.since.load(Relaxed),
            };
            fence(Acquire);
            if cell.sequence.load(Relaxed) == sequence {
                return (sequence, Some(wait));
            }
        }
        // Too busy to be read: not waiting for long, in any case.
        (cell.sequence.load(Acquire) & !1, None)
    }

    // ---- stacks ----

    /// Keeps the stack the owner is about to wait with.
    pub(super) fn keep_stack(&self, frames: &[usize]) {
        for (index, cell) in self.stack.iter().enumerate() {
            cell.store(frames.get(index).copied().unwrap_or(0), Relaxed);
        }
    }

    /// One frame of it.
    pub(super) fn frame(&self, index: usize) -> usize {
        self.stack[index % FRAMES].load(Relaxed)
    }

    /// The stack the owner waits with; only meaningful while it waits.
    pub(crate) fn stack(&self) -> Vec<u64> {
        self.stack.iter().map(|frame| frame.load(Relaxed) as u64).take_while(|&frame| frame != 0).collect()
    }

    #[allow(unsafe_code)]
    fn hold_stacks(&self) -> Option<&'static [[AtomicUsize; HOLD_FRAMES]; INLINE]> {
        // SAFETY: null, or set by `keep_hold_stack` to a leaked, initialised array.
        unsafe { self.hold_stacks.load(Acquire).as_ref() }
    }

    /// Keeps the stack of the acquisition of the hold at `index`.
    #[allow(unsafe_code)]
    pub(super) fn keep_hold_stack(&self, index: usize, frames: &[usize]) {
        if self.hold_stacks.load(Relaxed).is_null() {
            // SAFETY: an array of atomics, of which zero is a value.
            if let Some(fresh) = unsafe { memory::leak_zeroed::<[[AtomicUsize; HOLD_FRAMES]; INLINE]>() } {
                self.hold_stacks.store(std::ptr::from_ref(fresh).cast_mut(), Release);
            }
        }
        let Some(stack) = self.hold_stacks().and_then(|stacks| stacks.get(index)) else { return };
        for (at, cell) in stack.iter().enumerate() {
            cell.store(frames.get(at).copied().unwrap_or(0), Relaxed);
        }
    }

    fn move_hold_stack(&self, from: usize, to: usize) {
        let Some(stacks) = self.hold_stacks() else { return };
        let (Some(from), Some(to)) = (stacks.get(from), stacks.get(to)) else { return };
        for (from, to) in from.iter().zip(to) {
            to.store(from.load(Relaxed), Relaxed);
        }
    }

    /// The stack of the acquisition of the hold at `index`; empty where it was not asked for.
    pub(crate) fn hold_stack(&self, index: usize) -> Vec<u64> {
        let Some(stack) = self.hold_stacks().and_then(|stacks| stacks.get(index)) else { return Vec::new() };
        stack.iter().map(|frame| frame.load(Relaxed) as u64).take_while(|&frame| frame != 0).collect()
    }

    /// Forgets stacks of acquisitions that were made without one.
    pub(super) fn no_hold_stack(&self, index: usize) {
        if let Some(stack) = self.hold_stacks().and_then(|stacks| stacks.get(index)) {
            stack[0].store(0, Relaxed);
        }
    }

    /// The next of this slot's serial numbers. They come in blocks, so that a lock's birth writes nothing shared.
    #[inline]
    pub(super) fn next_serial(&self) -> u64 {
        let serial = self.serial.load(Relaxed);
        let serial = if serial % SERIALS == 0 { next_block() } else { serial };
        self.serial.store(serial + 1, Relaxed);
        serial
    }
}

/// Serial numbers a slot takes at once.
const SERIALS: u64 = 4096;
static BLOCKS: AtomicU64 = AtomicU64::new(1);

/// The first serial number of a fresh block (its zeroth is never used, so that 0 means "none left").
#[cold]
pub(super) fn next_block() -> u64 {
    BLOCKS.fetch_add(1, Relaxed) * SERIALS + 1
}

/// A stamp for an operation now.
#[inline(always)]
pub(super) fn stamp(pulse: Pulse, op: Op) -> u64 {
    pulse.stamp(op as u8)
}
