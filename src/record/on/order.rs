//! The order in which locks are taken.
//!
//! Every acquisition while something else is held is a dependency: (what is held, in order) → (what is taken).
//! A thread meets the same few again and again, so each keeps a small direct-mapped cache of those it has told,
//! keyed by the rolling hash of the held set and the new lock. Only a miss goes to the outbox, which the collector
//! empties.

use super::{
    ledger::HoldCell,
    memory,
    ring::{Pushed, Ring},
    slot::Slot,
};
use std::sync::atomic::{AtomicU64, Ordering::*};

const CACHE: usize = 512;
/// Words of an outbox.
const WORDS: usize = 1 << 14;
/// Held locks told with one dependency; the innermost, where there are more.
pub(crate) const TOLD: usize = 8;

/// The dependencies this thread has told.
pub(super) struct Known([AtomicU64; CACHE]);

impl Known {
    #[inline(always)]
    fn cell(&self, key: u64) -> &AtomicU64 {
        &self.0[(key >> 55) as usize % CACHE]
    }
}

/// The rolling hash after one more lock.
#[inline(always)]
fn roll(before: u64, object: u64) -> u64 {
    (before.rotate_left(23) ^ object).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The hash of everything up to this hold, which is the one at `index`.
#[inline(always)]
fn hash_of(cell: &HoldCell, index: usize) -> u64 {
    // The first hold needs no hash of its own: the fast path does not make one.
    if index == 0 { cell.object.load(Relaxed) } else { cell.hash.load(Relaxed) }
}

/// The hash after `object` is taken while `outer`, at `index`, is the newest hold.
#[inline(always)]
pub(super) fn key(outer: &HoldCell, index: usize, object: u64) -> u64 {
    roll(hash_of(outer, index), object)
}

/// Whether this dependency has been told.
#[inline(always)]
pub(super) fn told(slot: &Slot, key: u64) -> bool {
    slot.known.cell(key).load(Relaxed) == key
}

/// Computes the hashes of the holds from `first` up to (not including) `len` anew.
pub(super) fn rehash(slot: &Slot, first: usize, len: usize) {
    for index in first.max(1)..len {
        let cell = slot.ledger.cell(index);
        cell.hash.store(key(slot.ledger.cell(index - 1), index - 1, cell.object.load(Relaxed)), Relaxed);
    }
}

/// Hashes the hold that is about to become the one at `len` (at least 1). `false`: its dependency has to be told.
pub(super) fn learn(slot: &Slot, cell: &HoldCell, len: usize, object: u64) -> bool {
    let key = key(slot.ledger.cell(len - 1), len - 1, object);
    cell.hash.store(key, Relaxed);
    told(slot, key)
}

/// Tells the dependency of the hold at `len`, which [`learn`] did not know. Where the outbox is full, it will be told
/// when it is met again.
#[cold]
pub(super) fn tell(slot: &Slot, len: usize) {
    let Some(outbox) = outbox(slot) else { return };
    let new = slot.ledger.cell(len);
    let first = len.saturating_sub(TOLD);
    let mut words = [0; 3 + 2 * TOLD];
    words[0] = (len - first) as u64;
    words[1] = new.object.load(Relaxed);
    words[2] = new.place.load(Relaxed);
    for (at, index) in (first..len).enumerate() {
        let held = slot.ledger.cell(index);
        words[3 + 2 * at] = held.object.load(Relaxed);
        words[4 + 2 * at] = held.place.load(Relaxed);
    }
    if push(outbox, &words[..3 + 2 * (len - first)]) {
        let key = new.hash.load(Relaxed);
        slot.known.cell(key).store(key, Relaxed);
    }
}

/// A new thread tells for itself.
pub(super) fn forget(slot: &Slot) {
    for cell in &slot.known.0 {
        cell.store(0, Relaxed);
    }
}

// ---- the outbox ----

/// What the collector reads out of an outbox: `object` was taken at `place` while `held[..len]` were held, each with
/// its place, oldest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Told {
    pub(crate) object: u64,
    pub(crate) place: u64,
    pub(crate) held: [(u64, u64); TOLD],
    pub(crate) len: usize,
}

/// Notes of any length, word by word.
pub(super) type Outbox = Ring<1, WORDS>;

#[allow(unsafe_code)]
fn outbox(slot: &Slot) -> Option<&'static Outbox> {
    let there = slot.outbox.load(Acquire);
    if there.is_null() {
        // SAFETY: atomics only, of which zero is a value.
        let fresh: &'static Outbox = unsafe { memory::leak_zeroed() }?;
        slot.outbox.store(std::ptr::from_ref(fresh).cast_mut(), Release);
        return Some(fresh);
    }
    // SAFETY: only ever set to a leaked, initialised outbox (above), of which nobody makes a `&mut`.
    Some(unsafe { &*there })
}

fn push(outbox: &Outbox, note: &[u64]) -> bool {
    let pushed = outbox.push(note.as_chunks().0, WORDS / 4);
    if pushed == Pushed::Filling {
        super::hurry_collector();
    }
    pushed != Pushed::Lost
}

/// The next note among these words, of which the first has been read.
fn read(header: u64, mut word: impl FnMut() -> u64) -> Told {
    let (object, place, len) = (word(), word(), (header as usize).min(TOLD));
    let mut held = [(0, 0); TOLD];
    held[..len].fill_with(|| (word(), word()));
    Told { object, place, held, len }
}

/// Empties a slot's outbox; only the collector may. Returns how many notes were lost for want of room, ever.
#[allow(unsafe_code)]
pub(crate) fn drain(slot: &Slot, mut each: impl FnMut(Told)) -> u64 {
    // SAFETY: null, or a leaked, initialised outbox.
    let Some(outbox) = (unsafe { slot.outbox.load(Acquire).as_ref() }) else { return 0 };
    let mut unread = outbox.unread();
    while let Some([header]) = unread.next() {
        // A note is written whole: its words are there.
        each(read(header, || unread.next().map_or(0, |[word]| word)));
    }
    unread.finish();
    outbox.lost()
}
