//! By whom a future of ours is awaited: the stack of the poll in which it began to wait.
//!
//! A task that waits has no stack any more. In that poll it had one: whatever awaits the future stood on it, one function
//! for each `await`, and what polls it that is no `await` (`select!`, a stream that buffers).
//!
//! The same futures wait again and again with the same stack, only somewhere else. So each is kept once, as its return
//! addresses and how far each lies from the innermost frame; whether one that is known is that of now is read off the
//! stack, without unwinding. There is an end to how many are kept, and with it to the time that unwinding takes.

use super::{Record as Task, waker};
use crate::{
    primitive::{AtomicU64, shared},
    record::on::{
        slot::FRAMES,
        stack::{self, Above},
        table::{Entry, Links, Table},
    },
};
use std::{
    sync::atomic::{AtomicU16, AtomicU32, AtomicUsize, Ordering::*},
    task::Waker,
};

/// How many chunks of records there can be: four thousand different stacks. Where there are more, the rest is not kept.
const CHUNKS: usize = 1 << 4;
/// What begins to wait in one place, in tasks that were spawned in one place, is looked for among so many.
const MOST_OF_A_KIND: usize = 32;
/// After so many stacks that could not be kept nobody tries any more.
const MOST_FAILURES: u32 = 1 << 10;
const HEADS: usize = 1 << 10;

shared! {
    static STACKS: Table<Kept, CHUNKS> = Table::around(AtomicU64::new(0), crate::primitive::AtomicU32::new(0));
}
/// The last kept of each kind.
static KINDS: [AtomicU16; HEADS] = [const { AtomicU16::new(NONE) }; HEADS];
static FAILURES: AtomicU32 = AtomicU32::new(0);

/// In the place of a stack's name.
pub(super) const NONE: u16 = 0;

/// A stack, unchanged once it is one of its kind.
struct Kept {
    /// Return addresses, innermost first; 0 ends them.
    returns: [AtomicUsize; FRAMES],
    /// How far above the frame of [`now`] they lie, in bytes.
    above: [AtomicU32; FRAMES],
    /// The one of its kind that was kept before.
    before: AtomicU16,
    links: Links,
}

impl Entry for Kept {
    fn fresh() -> Kept {
        Kept {
            returns: [const { AtomicUsize::new(0) }; FRAMES],
            above: [const { AtomicU32::new(0) }; FRAMES],
            before: AtomicU16::new(NONE),
            links: Links::new(),
        }
    }

    fn links(&self) -> &Links {
        &self.links
    }
}

/// The stack of now, for a future that begins to wait in the calling thread, in a poll with this waker: about 10 ns where it
/// is known, 5 µs where not.
///
/// As far as the task's own poll, where the waker is that one's: it lies on the stack then, in that poll's frame.
#[inline(never)]
pub(super) fn now(task: &'static Task, place: u64, waker: &Waker) -> u16 {
    if !stack::of_waits() {
        return NONE;
    }
    let above = Above::here();
    let own = waker::is_its(waker, task) || waker::executors(waker, task).is_some();
    let above = if own { above.below(std::ptr::from_ref(waker).addr()) } else { above };
    let kind = &KINDS[hash(place ^ task.spawned_at().0.rotate_left(1))];
    let mut seen = 0;
    let mut name = kind.load(Acquire);
    while let Some(kept) = find(name) {
        if kept.is_now(&above) {
            return name;
        }
        seen += 1;
        name = kept.before.load(Relaxed);
    }
    if seen < MOST_OF_A_KIND && FAILURES.load(Relaxed) < MOST_FAILURES { keep(kind, &above) } else { NONE }
}

/// Its return addresses, innermost first.
pub(super) fn returns(name: u16) -> Vec<u64> {
    find(name).map_or(Vec::new(), |kept| kept.frames().map(|(back, _)| back as u64).collect())
}

impl Kept {
    fn frames(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let frames = self.returns.iter().zip(&self.above);
        frames
            .map(|(back, above)| (back.load(Relaxed), above.load(Relaxed) as usize))
            .take_while(|(back, _)| *back != 0)
    }

    fn is_now(&self, above: &Above) -> bool {
        self.frames().all(|(back, offset)| above.word(offset) == Some(back))
    }
}

fn hash(kind: u64) -> usize {
    (kind.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54) as usize % HEADS
}

/// Names count from one.
fn find(name: u16) -> Option<&'static Kept> {
    STACKS.get(u32::from(name).checked_sub(1)?)
}

#[cold]
fn keep(kind: &AtomicU16, above: &Above) -> u16 {
    let kept = captured(above);
    if kept.is_none() {
        FAILURES.fetch_add(1, Relaxed);
    }
    let Some(kept) = kept else { return NONE };
    // There are fewer than 65,535.
    let name = kept.links.number() as u16 + 1;
    let mut last = kind.load(Acquire);
    loop {
        kept.before.store(last, Relaxed);
        match kind.compare_exchange_weak(last, name, AcqRel, Acquire) {
            Ok(_) => return name,
            Err(now) => last = now,
        }
    }
}

/// `None`: it would not be known again (return addresses are not where we look for them, or on another stack), or there is
/// no room.
fn captured(above: &Above) -> Option<&'static Kept> {
    let (mut returns, mut places) = ([0; FRAMES], [0; FRAMES]);
    let len = stack::unwind(&mut returns, &mut places);
    // The innermost are the capturing itself; nobody has called the outermost.
    let frames = || {
        let frames = returns[..len.saturating_sub(1)].iter().zip(&places);
        frames.filter_map(|(back, place)| Some((*back, above.offset(*place)?)))
    };
    let is_known = |(back, offset)| u32::try_from(offset).is_ok() && above.word(offset) == Some(back);
    if frames().next().is_none() || !frames().all(is_known) {
        return None;
    }
    let kept = STACKS.take()?;
    for (index, (back, offset)) in frames().enumerate() {
        kept.returns[index].store(back, Relaxed);
        kept.above[index].store(offset as u32, Relaxed);
    }
    Some(kept)
}
