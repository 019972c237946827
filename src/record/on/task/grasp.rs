//! Holds of locks whose guards go from task to task, and from thread to thread: whoever drops one ends the hold.
//!
//! A hold stands with whoever has taken it. Only that one fills a cell, and anybody clears it; so neither needs more than a
//! store. Where the guard is now nobody knows: such a hold never proves whom it is up to (`Hold::moves`).

use crate::{
    model::{Hold, Mode, ObjectId, Op, PlaceId},
    primitive::{AtomicU32, AtomicU64, fence, shared},
    record::on::{
        attach,
        clock::{Pulse, extra, stamped_at, stamped_low},
        how::How,
        probe,
        table::{Entry, Links, Table},
        tape,
    },
};
use std::sync::atomic::{AtomicU64 as StdAtomicU64, Ordering::*};

/// One hold; without an object: none.
pub(crate) struct Cell {
    object: AtomicU64,
    place: AtomicU64,
    /// Coarse time and [`How`].
    since: AtomicU64,
}

/// What one actor has taken and nobody has given back.
pub(crate) struct Grasps<const N: usize> {
    cells: [Cell; N],
    /// Holds that found no room.
    lost: AtomicU32,
}

impl<const N: usize> Grasps<N> {
    pub(in super::super) fn new() -> Grasps<N> {
        let cell = |_| Cell { object: AtomicU64::new(0), place: AtomicU64::new(0), since: AtomicU64::new(0) };
        Grasps { cells: std::array::from_fn(cell), lost: AtomicU32::new(0) }
    }

    /// Begins a hold. By its owner.
    #[inline]
    pub(in super::super) fn begin(&'static self, object: u64, place: u64, mode: Mode) -> Grasp {
        let Some(cell) = self.cells.iter().find(|cell| cell.object.load(Relaxed) == 0) else {
            self.lost.fetch_add(1, Relaxed);
            return Grasp::NONE;
        };
        // Whatever is written next must not be seen before the one that had the cell was gone.
        fence(Acquire);
        cell.place.store(place, Relaxed);
        cell.since.store(Pulse::now().stamp(How::bare(mode, true).bits()), Relaxed);
        cell.object.store(object, Release);
        traced(cell, probe::op_of(mode));
        Grasp { cell: Some(cell) }
    }

    /// Whether all has been given back.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.object.load(Acquire) == 0)
    }

    /// How many found no room.
    pub(in super::super) fn lost(&self) -> u64 {
        u64::from(self.lost.load(Relaxed))
    }

    /// All holds, in no order.
    pub(crate) fn holds(&self) -> Vec<Hold> {
        self.cells.iter().filter_map(Cell::read).collect()
    }
}

/// The same of a task, most of which take nothing: with room from the first hold on, until the task has ended.
pub(crate) struct Spilled {
    /// The number of the block, and one.
    block: AtomicU32,
}

/// Never freed; given to another task when its own has ended and holds nothing any more.
pub(super) struct Block {
    grasps: Grasps<4>,
    links: Links,
}

shared! {
    static BLOCKS: Table<Block, 4096> = Table::around(AtomicU64::new(0), AtomicU32::new(0));
}
/// Holds of tasks that found no block.
static UNRECORDED: StdAtomicU64 = StdAtomicU64::new(0);

impl Entry for Block {
    fn fresh() -> Block {
        Block { grasps: Grasps::new(), links: Links::new() }
    }

    fn links(&self) -> &Links {
        &self.links
    }
}

impl Spilled {
    pub(super) fn new() -> Spilled {
        Spilled { block: AtomicU32::new(0) }
    }

    #[inline]
    fn block(&self) -> Option<&'static Block> {
        BLOCKS.get(self.block.load(Acquire).checked_sub(1)?)
    }

    /// Begins a hold. By its owner. (Not inlined: there would be two of these in each acquisition.)
    #[inline(never)]
    pub(super) fn begin(&self, object: u64, place: u64, mode: Mode) -> Grasp {
        match self.block().or_else(|| self.make_room()) {
            Some(block) => block.grasps.begin(object, place, mode),
            None => {
                UNRECORDED.fetch_add(1, Relaxed);
                Grasp::NONE
            }
        }
    }

    #[cold]
    fn make_room(&self) -> Option<&'static Block> {
        let block = BLOCKS.take_near(attach::current().map(|slot| &slot.spares.grasps))?;
        block.grasps.lost.store(0, Relaxed);
        self.block.store(block.links.number() + 1, Release);
        Some(block)
    }

    /// The task has ended, which is known already, and holds nothing any more. (Who reads its holds meanwhile looks
    /// afterwards whether it lives.)
    #[inline]
    pub(super) fn let_go(&self) {
        if let Some(block) = self.block() {
            self.block.store(0, Relaxed);
            BLOCKS.give_back_near(block, attach::current().map(|slot| &slot.spares.grasps));
        }
    }

    /// Whether all has been given back.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.block().is_none_or(|block| block.grasps.is_empty())
    }

    /// How many found no room; where there is no block, those of other tasks, too.
    pub(super) fn lost(&self) -> u64 {
        self.block().map_or(0, |block| block.grasps.lost()) + UNRECORDED.load(Relaxed)
    }

    /// All holds, in no order.
    pub(super) fn holds(&self) -> Vec<Hold> {
        self.block().map_or(Vec::new(), |block| block.grasps.holds())
    }
}

impl Cell {
    fn read(&self) -> Option<Hold> {
        let object = self.object.load(Acquire);
        let (place, since) = (self.place.load(Relaxed), self.since.load(Relaxed));
        fence(Acquire);
        if object == 0 || self.object.load(Relaxed) != object {
            return None;
        }
        let how = How::from_bits(stamped_low(since));
        let (place, since) = (PlaceId(place), stamped_at(since));
        Some(Hold { object: ObjectId(object), mode: how.mode(), place, since, moves: true, granted: false })
    }
}

/// A hold that goes where its guard goes. Its drop records the release, and must come before the real one.
pub(crate) struct Grasp {
    cell: Option<&'static Cell>,
}

impl Grasp {
    /// Of nothing that is recorded.
    pub(crate) const NONE: Grasp = Grasp { cell: None };

    /// It is held in another mode from here on.
    pub(crate) fn set_mode(&mut self, mode: Mode) {
        if let Some(cell) = self.cell {
            let since = cell.since.load(Relaxed);
            cell.since.store(stamped_at(since) | u64::from(How::bare(mode, true).bits()), Relaxed);
            traced(cell, Op::Downgrade);
        }
    }
}

impl Drop for Grasp {
    #[inline]
    fn drop(&mut self) {
        if let Some(cell) = self.cell {
            traced(cell, Op::Unlock);
            cell.object.store(0, Release);
        }
    }
}

/// At level `trace`: the calling thread does this with what the cell says. Releases tell where it was acquired: who holds
/// it may be another than who releases it.
#[inline(always)]
fn traced(cell: &Cell, op: Op) {
    if Pulse::now().has(extra::TRACE) {
        trace(cell, op);
    }
}

#[cold]
#[inline(never)]
fn trace(cell: &Cell, op: Op) {
    if let Some(slot) = attach::current() {
        tape::write(slot, op, cell.object.load(Relaxed), cell.place.load(Relaxed));
    }
}
