//! What one thread holds, and what it did last: written by that thread with plain stores, read by any.
//!
//! # The protocol
//!
//! The owner's operations, each store in this order:
//!
//! | operation | stores |
//! |---|---|
//! | acquire | the new cell, behind the last; `len` (release); an entry of the history; `ops` (release); a release fence |
//! | release of the newest | `len` (release); an entry; `ops` (release); a release fence |
//! | release of another | `len` marked as [`SHIFTING`]; a release fence; the cells behind it, each one down; `len` (release), then as above |
//!
//! A reader takes `ops` (acquire), `len` (acquire), the cells; then an acquire fence, `len` again (acquire) and
//! `ops` again. It keeps what it read if both are what they were and `len` bears no mark.
//!
//! # Why what it keeps was true at one moment
//!
//! Let `k` be the `ops` it read (twice), `n` the `len`.
//!
//! * *No cell is older than it should be.* `len` was read with acquire: a cell below it was complete when that `len`
//!   was stored, or earlier.
//! * *No cell is newer.* A cell below `n` is written again only
//!   - by an acquisition that follows a release (which made `len` small enough). Its stores come after the fence
//!     that ended the release, and that after the release's `ops`, which is above `k`: a reader that met one of the
//!     stores finds an `ops` above `k` after its acquire fence.
//!   - by a shift. Its stores come after the fence that follows the mark: a reader that met one finds the mark, or a
//!     later `len`. A later `len` that happens to be `n` again was stored by a later acquisition; as it is read with
//!     acquire, the `ops` of the shift's own operation, above `k`, is seen too. That is why `len` is read before
//!     `ops` the second time. (A reader whose look lies wholly within a shift sees the mark. No number of raises of
//!     `ops` would tell that one: it would find the same number before and after.)
//! * *Between two operations' stores.* A reader may see the `len` of operation `k` and the `ops` before it, both
//!   times: it then has the state after operation `k`, complete, though `ops` does not count it yet. It may see the
//!   `len` before it: then the state before. Both are states the owner was in.
//!
//! The history is versioned by `ops` alone: its entry for operation `k` lies where that of operation `k - OPS` did,
//! and is written before `ops` says so. So the oldest entry of all may be half overwritten under an unchanged `ops`,
//! and readers leave it out.
//!
//! Changing a hold's mode is one store that leaves the hold the same one: it needs no version.

use super::{
    clock::{stamped_at, stamped_low},
    how::How,
    memory,
};
use crate::{
    model::{Hold, Mode, ObjectId, Op, PlaceId},
    primitive::{AtomicPtr, AtomicU32, AtomicU64, PATIENCE, fence},
};
use std::sync::atomic::Ordering::*;

/// Holds kept beside the ledger, once a thread has more than it has room for. More still are counted, and forgotten.
const SPILL: usize = 4096;

/// A bit of `len`: a hold that is not the newest is being taken out.
const SHIFTING: u32 = 1 << 31;

#[derive(Default)]
pub(super) struct HoldCell {
    pub(super) object: AtomicU64,
    pub(super) place: AtomicU64,
    /// Coarse time and [`How`], as [`super::clock::Pulse::stamp`] makes it.
    since: AtomicU64,
    /// The rolling hash of all holds up to this one; meaningful from the second hold on, and to the owner alone.
    pub(super) hash: AtomicU64,
}

impl HoldCell {
    /// Fills the cell behind the last one, which no reader looks at before [`Ledger::set_len`].
    #[inline(always)]
    pub(super) fn write(&self, object: u64, place: u64, since: u64) {
        self.object.store(object, Relaxed);
        self.place.store(place, Relaxed);
        self.since.store(since, Relaxed);
    }

    /// Whether this is a hold of the object.
    #[inline(always)]
    pub(super) fn is_of(&self, word: u64) -> bool {
        self.object.load(Relaxed) == word
    }

    /// Whether this is a hold of the object of this kind.
    #[inline(always)]
    pub(super) fn is_of_as(&self, word: u64, how: How) -> bool {
        self.is_of(word) && self.how() == how
    }

    #[inline(always)]
    fn how(&self) -> How {
        How::from_bits(stamped_low(self.since.load(Relaxed)))
    }

    fn copy_from(&self, other: &HoldCell) {
        self.write(other.object.load(Relaxed), other.place.load(Relaxed), other.since.load(Relaxed));
        self.hash.store(other.hash.load(Relaxed), Relaxed);
    }

    fn read(&self, still: bool) -> Hold {
        let since = self.since.load(Relaxed);
        let how = How::from_bits(stamped_low(since));
        Hold {
            object: ObjectId(self.object.load(Relaxed)),
            mode: how.mode(),
            place: PlaceId(self.place.load(Relaxed)),
            since: stamped_at(since),
            moves: if still { how.moves_from_still() } else { how.moves() },
            granted: false,
        }
    }
}

#[derive(Default)]
struct OpCell {
    object: AtomicU64,
    place: AtomicU64,
    /// Coarse time and operation, as [`super::clock::Pulse::stamp`] makes it. 0: no entry.
    when: AtomicU64,
}

/// One operation out of the flight recorder: `(stamp, object, place)`.
pub(crate) type Remembered = (u64, u64, u64);

#[repr(C)]
pub(super) struct Ledger<const HOLDS: usize, const OPS: usize> {
    len: AtomicU32,
    ops: AtomicU64,
    held: [HoldCell; HOLDS],
    history: [OpCell; OPS],
    spill: AtomicPtr<[HoldCell; SPILL]>,
    /// Holds that found no room.
    overflowed: AtomicU64,
}

impl<const HOLDS: usize, const OPS: usize> Ledger<HOLDS, OPS> {
    #[cfg(test)]
    pub(super) fn new() -> Ledger<HOLDS, OPS> {
        Ledger {
            len: AtomicU32::new(0),
            ops: AtomicU64::new(0),
            held: std::array::from_fn(|_| HoldCell::default()),
            history: std::array::from_fn(|_| OpCell::default()),
            spill: AtomicPtr::new(std::ptr::null_mut()),
            overflowed: AtomicU64::new(0),
        }
    }

    // ---- holds: by the owner ----

    /// How many there are.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len.load(Relaxed) as usize
    }

    /// From here on there are this many: the cells below it are written.
    #[inline(always)]
    pub(super) fn set_len(&self, len: usize) {
        self.len.store(len as u32, Release);
    }

    /// The first cell, which is always there.
    #[inline(always)]
    pub(super) fn first(&self) -> &HoldCell {
        &self.held[0]
    }

    /// The cell at `index`, written or not, if it is one of those in the ledger itself.
    #[inline(always)]
    pub(super) fn inline(&self, index: usize) -> Option<&HoldCell> {
        self.held.get(index)
    }

    /// Room for one more hold, at index `len`. `None`: counted and forgotten.
    #[inline(always)]
    pub(super) fn room(&self, len: usize) -> Option<&HoldCell> {
        if len < HOLDS { Some(&self.held[len]) } else { self.spill_room(len) }
    }

    #[cold]
    fn spill_room(&self, len: usize) -> Option<&HoldCell> {
        let room = len.checked_sub(HOLDS).filter(|&index| index < SPILL).and_then(|index| Some(&self.spill()?[index]));
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
        if index < HOLDS { &self.held[index] } else { self.spilled(index) }
    }

    #[cold]
    fn spilled(&self, index: usize) -> &HoldCell {
        // A cell behind the inline ones was made by `spill_room`, before the `len` that shows it.
        match self.spill() {
            Some(spill) => &spill[(index - HOLDS) % SPILL],
            None => &self.held[HOLDS - 1],
        }
    }

    /// Where the newest hold of this object is.
    pub(super) fn find(&self, object: u64) -> Option<usize> {
        (0..self.len()).rev().find(|&index| self.cell(index).is_of(object))
    }

    /// Where the newest hold of this object in this mode is.
    pub(super) fn find_as(&self, object: u64, mode: Mode) -> Option<usize> {
        let this = |cell: &HoldCell| cell.is_of(object) && cell.how().mode() == mode;
        (0..self.len()).rev().find(|&index| this(self.cell(index)))
    }

    /// Takes the hold at `index` out and closes the gap; `moved` hears what goes where. The operation that does it
    /// is to be remembered next.
    pub(super) fn remove(&self, index: usize, mut moved: impl FnMut(usize, usize)) {
        let len = self.len();
        self.len.store(len as u32 | SHIFTING, Relaxed);
        fence(Release);
        for at in index..len - 1 {
            self.cell(at).copy_from(self.cell(at + 1));
            moved(at + 1, at);
        }
        self.set_len(len - 1);
    }

    /// The hold at `index` changes its mode.
    pub(super) fn set_mode(&self, index: usize, mode: Mode) {
        self.set_how(index, |how| how.with(mode));
    }

    /// The hold at `index` can be ended by anybody.
    pub(super) fn set_free(&self, index: usize) {
        self.set_how(index, How::freed);
    }

    fn set_how(&self, index: usize, change: impl FnOnce(How) -> How) {
        let cell = self.cell(index);
        let how = change(cell.how());
        cell.since.store(stamped_at(cell.since.load(Relaxed)) | u64::from(how.bits()), Relaxed);
    }

    /// The hold at `index`.
    pub(super) fn hold(&self, index: usize) -> Option<Hold> {
        (index < self.len()).then(|| self.cell(index).read(false))
    }

    /// The owner holds nothing any more, without having released it.
    pub(super) fn let_go(&self) {
        self.set_len(0);
        self.skip();
    }

    // ---- holds: by anybody ----

    /// All holds, oldest first, as they were at one moment. `None` when the owner was too busy to be read.
    pub(super) fn holds(&self) -> Option<Vec<Hold>> {
        self.holds_of(false)
    }

    /// The same of one who may be `still`: who waits, and runs nothing meanwhile.
    pub(super) fn holds_of(&self, still: bool) -> Option<Vec<Hold>> {
        let mut holds = Vec::new();
        (0..PATIENCE).find_map(|_| self.try_holds(&mut holds, still)).map(|()| holds)
    }

    fn try_holds(&self, holds: &mut Vec<Hold>, still: bool) -> Option<()> {
        holds.clear();
        let ops = self.ops.load(Acquire);
        let len = self.len.load(Acquire);
        if len & SHIFTING != 0 {
            return None;
        }
        holds.extend((0..len as usize).map(|index| self.cell(index).read(still)));
        fence(Acquire);
        (self.len.load(Acquire) == len && self.ops.load(Relaxed) == ops).then_some(())
    }

    /// Calls `each` with every hold as `(object, mode)`, without allocating; what is read may be torn.
    pub(super) fn glance(&self, mut each: impl FnMut(u64, Mode)) {
        self.glance_how(|object, how| each(object, how.mode()));
    }

    /// The same as `(object, how)`.
    pub(super) fn glance_how(&self, mut each: impl FnMut(u64, How)) {
        for index in 0..(self.len.load(Acquire) & !SHIFTING) as usize {
            let cell = self.cell(index);
            each(cell.object.load(Relaxed), cell.how());
        }
    }

    /// Something is not as it should be, for want of room (by anybody).
    pub(super) fn count_lost(&self) {
        self.overflowed.fetch_add(1, Relaxed);
    }

    /// How many holds found no room.
    pub(super) fn overflowed(&self) -> u64 {
        self.overflowed.load(Relaxed)
    }

    // ---- history: by the owner ----

    /// Remembers an operation and raises `ops`.
    #[inline(always)]
    pub(super) fn remember(&self, stamp: u64, object: u64, place: u64) {
        let ops = self.ops.load(Relaxed);
        let cell = &self.history[ops as usize % OPS];
        cell.place.store(place, Relaxed);
        self.finish_op(ops, cell, stamp, object);
    }

    /// The same for a release, which a drop does: it has no place.
    #[inline(always)]
    pub(super) fn remember_placeless(&self, stamp: u64, object: u64) {
        let ops = self.ops.load(Relaxed);
        self.finish_op(ops, &self.history[ops as usize % OPS], stamp, object);
    }

    /// The same for an operation that is remembered elsewhere, or not at all.
    #[inline(always)]
    pub(super) fn skip(&self) {
        let ops = self.ops.load(Relaxed);
        self.history[ops as usize % OPS].when.store(0, Relaxed);
        self.raise(ops);
    }

    #[inline(always)]
    fn finish_op(&self, ops: u64, cell: &OpCell, stamp: u64, object: u64) {
        cell.object.store(object, Relaxed);
        cell.when.store(stamp, Relaxed);
        self.raise(ops);
    }

    #[inline(always)]
    fn raise(&self, ops: u64) {
        self.ops.store(ops + 1, Release);
        // The next operation's stores must not be seen before the number that ends this one.
        fence(Release);
    }

    /// A new owner has no past.
    pub(super) fn forget(&self) {
        for cell in &self.history {
            cell.when.store(0, Relaxed);
        }
        self.overflowed.store(0, Relaxed);
    }

    // ---- history: by anybody ----

    /// How many operations there have been.
    pub(super) fn operations(&self) -> u64 {
        self.ops.load(Relaxed)
    }

    /// The last operations, oldest first.
    pub(super) fn history(&self) -> Vec<Remembered> {
        (0..PATIENCE).find_map(|_| self.try_history()).unwrap_or_default()
    }

    fn try_history(&self) -> Option<Vec<Remembered>> {
        let ops = self.ops.load(Acquire);
        // One less than there is room for: the oldest may be being overwritten.
        let first = ops.saturating_sub(OPS as u64 - 1);
        let read = (first..ops).filter_map(|op| self.remembered(op)).collect();
        fence(Acquire);
        (self.ops.load(Relaxed) == ops).then_some(read)
    }

    fn remembered(&self, op: u64) -> Option<Remembered> {
        let cell = &self.history[op as usize % OPS];
        let when = cell.when.load(Relaxed);
        // A release left the place of whatever was here before.
        let place = if stamped_low(when) == Op::Unlock as u8 { 0 } else { cell.place.load(Relaxed) };
        (when != 0).then(|| (when, cell.object.load(Relaxed), place))
    }
}

#[cfg(test)]
mod owner {
    //! An owner whose every word tells the number of the hold or operation it belongs to.

    use super::*;

    pub(super) fn lock<const H: usize, const O: usize>(ledger: &Ledger<H, O>, number: u64) {
        let len = ledger.len();
        let Some(cell) = ledger.room(len) else { panic!("room for {number}") };
        cell.write(number, number * 10, stamp(number, Mode::Exclusive as u8));
        ledger.set_len(len + 1);
        ledger.remember(stamp(number, Op::Lock as u8), number, number * 10);
    }

    /// As a guard's drop does it: the newest by the short way.
    pub(super) fn unlock<const H: usize, const O: usize>(ledger: &Ledger<H, O>, number: u64) {
        let Some(index) = ledger.find(number) else { panic!("{number} is held") };
        if index + 1 == ledger.len() {
            ledger.set_len(index);
        } else {
            ledger.remove(index, |_, _| ());
        }
        ledger.remember_placeless(stamp(number, Op::Unlock as u8), number);
    }

    pub(super) fn stamp(number: u64, low: u8) -> u64 {
        number << 8 | low as u64
    }

    /// The numbers of what is held, each hold checked to be whole.
    pub(super) fn held<const H: usize, const O: usize>(ledger: &Ledger<H, O>) -> Option<Vec<u64>> {
        let whole = |hold: Hold| {
            let number = hold.object.0;
            let expected = (PlaceId(number * 10), number << 8, Mode::Exclusive);
            assert_eq!((hold.place, hold.since, hold.mode), expected, "hold {number} is torn");
            number
        };
        Some(ledger.holds()?.into_iter().map(whole).collect())
    }

    /// What is remembered, each entry checked to be whole: `(number, whether it is a release)`.
    pub(super) fn past<const H: usize, const O: usize>(ledger: &Ledger<H, O>) -> Vec<(u64, bool)> {
        let whole = |(when, number, place): Remembered| {
            let release = stamped_low(when) == Op::Unlock as u8;
            let expected = (number << 8, if release { 0 } else { number * 10 });
            assert_eq!((stamped_at(when), place), expected, "operation on {number} is torn");
            (number, release)
        };
        ledger.history().into_iter().map(whole).collect()
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::{owner::*, *};
    use loom::{sync::Arc, thread};

    type Small = Ledger<3, 3>;

    /// While `owner` works on a ledger that was prepared by `before`, `reader` looks. The owner is the thread that
    /// loom lets run first: a reader that comes later may still see every older value, which tries all there is.
    fn while_working(
        before: impl Fn(&Small) + Send + Sync + 'static,
        owner: impl Fn(&Small) + Send + Sync + 'static,
        reader: impl Fn(&Small) + Send + Sync + Copy + 'static,
    ) {
        loom::model(move || {
            let ledger = Arc::new(Small::new());
            before(&ledger);
            let reading = thread::spawn({
                let ledger = Arc::clone(&ledger);
                move || reader(&ledger)
            });
            owner(&ledger);
            reading.join().unwrap();
        });
    }

    fn seen_only(allowed: &'static [&'static [u64]]) -> impl Fn(&Small) + Copy {
        move |ledger| {
            let Some(held) = held(ledger) else { return };
            assert!(allowed.contains(&held.as_slice()), "{held:?} was never held");
        }
    }

    #[test]
    fn a_released_cell_that_is_used_again_is_not_mixed() {
        let owner = |ledger: &Small| {
            unlock(ledger, 1);
            lock(ledger, 2);
        };
        while_working(|ledger| lock(ledger, 1), owner, seen_only(&[&[1], &[], &[2]]));
    }

    #[test]
    fn a_second_hold_appears_whole() {
        let owner = |ledger: &Small| {
            lock(ledger, 2);
            unlock(ledger, 2);
            lock(ledger, 3);
        };
        while_working(|ledger| lock(ledger, 1), owner, seen_only(&[&[1], &[1, 2], &[1, 3]]));
    }

    #[test]
    fn a_list_is_never_seen_half_shifted() {
        let before = |ledger: &Small| (1..=2).for_each(|number| lock(ledger, number));
        while_working(before, |ledger| unlock(ledger, 1), seen_only(&[&[1, 2], &[2]]));
    }

    /// The length is the same again after a shift and an acquisition.
    #[test]
    fn a_list_that_has_its_old_length_again_is_not_mixed() {
        let owner = |ledger: &Small| {
            unlock(ledger, 1);
            lock(ledger, 3);
        };
        let before = |ledger: &Small| (1..=2).for_each(|number| lock(ledger, number));
        while_working(before, owner, seen_only(&[&[1, 2], &[2], &[2, 3]]));
    }

    /// A thread ends with a hold, and its ledger is another's.
    #[test]
    fn what_was_left_behind_is_not_mixed_with_what_comes() {
        let owner = |ledger: &Small| {
            ledger.let_go();
            ledger.forget();
            lock(ledger, 2);
        };
        while_working(|ledger| lock(ledger, 1), owner, seen_only(&[&[1], &[], &[2]]));
    }

    #[test]
    fn a_remembered_operation_is_whole() {
        let owner = |ledger: &Small| {
            unlock(ledger, 1);
            lock(ledger, 2);
        };
        let before = |ledger: &Small| {
            ledger.remember(stamp(7, Op::Lock as u8), 7, 70);
            lock(ledger, 1);
        };
        while_working(before, owner, |ledger| {
            let all = [(7, false), (1, false), (1, true), (2, false)];
            let past = past(ledger);
            assert!(past.is_empty() || all.windows(past.len()).any(|window| window == past), "{past:?}");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{owner::*, *};
    use proptest::prelude::*;
    use std::{sync::atomic::AtomicBool, thread};

    #[test]
    fn holds_are_told_in_order_and_the_oldest_can_go_first() {
        let ledger = Ledger::<2, 8>::new();
        (1..=4).for_each(|number| lock(&ledger, number));
        assert_eq!(held(&ledger), Some(vec![1, 2, 3, 4]), "two of them beside the ledger");
        unlock(&ledger, 1);
        assert_eq!(held(&ledger), Some(vec![2, 3, 4]));
        ledger.let_go();
        assert_eq!(held(&ledger), Some(vec![]));
    }

    #[test]
    fn a_release_out_of_order_leaves_no_gap_in_the_history() {
        let ledger = Ledger::<4, 4>::new();
        (1..=5).for_each(|number| ledger.remember(stamp(number, Op::Lock as u8), number, number * 10));
        (6..=8).for_each(|number| lock(&ledger, number));
        unlock(&ledger, 6);
        assert_eq!(past(&ledger), [(7, false), (8, false), (6, true)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Two real threads: an owner that takes and releases in any order, and a reader that checks every word.
        #[test]
        fn what_is_read_was_held(choices in prop::collection::vec(any::<prop::sample::Index>(), 1..600)) {
            let ledger = Ledger::<4, 4>::new();
            let done = AtomicBool::new(false);
            thread::scope(|scope| {
                scope.spawn(|| {
                    work(&ledger, &choices, |_| ());
                    done.store(true, Release);
                });
                while !done.load(Acquire) {
                    let held = held(&ledger).unwrap_or_default();
                    assert!(held.is_sorted_by(|a, b| a < b), "{held:?}: taken in order, so held in order");
                    past(&ledger);
                }
            });
            prop_assert_eq!(ledger.operations(), choices.len() as u64);
        }

        /// Nothing is kept back: an operation is over when it can be read.
        #[test]
        fn what_is_held_can_be_read_at_once(choices in prop::collection::vec(any::<prop::sample::Index>(), 1..200)) {
            let ledger = Ledger::<4, 4>::new();
            work(&ledger, &choices, |mine| assert_eq!(held(&ledger).as_deref(), Some(mine)));
            // All but the one in whose place the next will be written.
            prop_assert_eq!(past(&ledger).len(), choices.len().min(3));
        }
    }

    /// Every choice takes the next lock or, where it points at one that is held, releases that. `each` is told what is
    /// held after it.
    fn work(ledger: &Ledger<4, 4>, choices: &[prop::sample::Index], each: impl Fn(&[u64])) {
        let mut mine = Vec::new();
        for (number, choice) in (1..).zip(choices) {
            let at = choice.index(7);
            if at < mine.len() {
                unlock(ledger, mine.remove(at));
            } else {
                lock(ledger, number);
                mine.push(number);
            }
            each(&mine);
        }
    }
}
