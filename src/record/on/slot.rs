//! What one thread tells about itself: always current, readable by the watchdog at any time.
//!
//! The owner writes with plain stores; nobody else writes, except where a field says so. Readers come from other
//! threads and may meet the owner in the middle of something:
//!
//! * what it holds and did last is in a [`Ledger`], which has the version that readers check.
//! * the wait is in a [`Seqlock`], whose sequence is odd while the thread waits. A waiting thread changes nothing else.

use super::{
    clock::Pulse,
    ledger::{Ledger, Remembered},
    memory,
    order::Outbox,
    seqlock::Seqlock,
    tape::Tape,
    wait::tag,
};
use crate::{
    model::{ActorId, Event, Hold, Nanos, Op, PlaceId, RuntimeId},
    primitive,
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering::*, fence},
};

/// Holds kept in the slot itself.
pub(super) const INLINE: usize = 64;
/// Operations remembered.
pub(crate) const HISTORY: usize = 32;
/// Frames of a captured stack.
pub(crate) const FRAMES: usize = 48;
/// Frames of a captured stack of an acquisition.
pub(crate) const HOLD_FRAMES: usize = 16;

/// The state of a slot's life.
pub(crate) mod life {
    pub(crate) const FREE: u32 = 0;
    /// Given to a thread that has not begun to run.
    pub(crate) const STARTING: u32 = 1;
    pub(crate) const ALIVE: u32 = 2;
}

/// The raw content of a wait; [`super::wait`] knows what it means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct RawWait {
    pub(crate) what: u64,
    pub(crate) operand: u64,
    pub(crate) second: u64,
    pub(crate) place: u64,
    pub(crate) since: Nanos,
    /// Until when at most, where a time says so and something is needed after it; else 0.
    pub(crate) until: Nanos,
}

impl RawWait {
    /// Its time is over: what it needs to go on it needs now.
    pub(crate) fn has_expired(&self, at: Nanos) -> bool {
        self.until != 0 && self.until <= at
    }
}

/// What threads have had to do with tasks. Of one slot the differences may be negative: they count in the sum.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Business {
    /// Waits of leaves that go on.
    pub(crate) leaves: u64,
    leaves_begun: u64,
    /// Tasks that live.
    pub(crate) tasks: u64,
    polls: u64,
    /// Tasks that were left by the last who had their wakers: no slot's.
    pub(super) left: u64,
}

impl Business {
    /// The two together.
    pub(super) fn and(self, other: Business) -> Business {
        Business {
            leaves: self.leaves.wrapping_add(other.leaves),
            leaves_begun: self.leaves_begun.wrapping_add(other.leaves_begun),
            tasks: self.tasks.wrapping_add(other.tasks),
            polls: self.polls.wrapping_add(other.polls),
            left: self.left.wrapping_add(other.left),
        }
    }
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
    pub(super) ledger: Ledger<INLINE, HISTORY>,
    pub(super) serial: AtomicU64,
    pub(super) known: super::order::Known,
    // What only slow paths touch.
    wait: Seqlock<6>,
    stack: [AtomicUsize; FRAMES],
    /// The sequence of the wait that it was captured for.
    stack_of: AtomicU64,
    pub(super) returns: Returns,
    hold_stacks: AtomicPtr<[[AtomicUsize; HOLD_FRAMES]; INLINE]>,
    pub(super) outbox: AtomicPtr<Outbox>,
    pub(super) tape: AtomicPtr<Tape>,
    /// Somebody waits for this thread to end (written by that somebody).
    pub(super) awaited: AtomicBool,
    /// Somebody else has ended a hold of this thread's (written by that somebody): see [`super::returned`].
    pub(super) returned: AtomicBool,
    // Who it is; written when the slot is given away.
    pub(crate) index: u32,
    pub(super) next_free: primitive::AtomicU32,
    generation: AtomicU32,
    life: AtomicU32,
    pub(super) daemon: AtomicBool,
    /// The executor that has started it; 0: none.
    pub(super) serves: AtomicU32,
    /// Guards of async locks that the thread has taken outside any task.
    pub(super) grasps: super::task::Grasps<8>,
    pub(super) spares: super::task::Spares,
    /// How many waits of leaves have begun, and how many have ended, while it polled.
    leaves_begun: AtomicU64,
    leaves_ended: AtomicU64,
    /// How many tasks have been made, and how many have ended, here; and how often it has polled one.
    tasks_begun: AtomicU64,
    tasks_ended: AtomicU64,
    /// How many locks it has taken whose guards may go anywhere.
    grasped: AtomicU64,
    polls: AtomicU64,
    /// Since when it polls a task, where it does; else 0.
    polls_since: AtomicU64,
    /// What its thread was started for has returned.
    pub(super) work_done: AtomicBool,
    pub(super) scope: AtomicU64,
    pub(super) spawned_at: AtomicU64,
    pub(super) parent: AtomicU64,
    pub(super) os_id: AtomicU64,
    /// For the name, where std's handle can be had; else the system knows it. Plain `std` locks: nobody blocks while
    /// holding one.
    pub(super) thread: Mutex<Option<std::thread::Thread>>,
    /// The `tracing` spans the thread is in.
    pub(crate) spans: Mutex<Vec<(u64, Arc<str>)>>,
}

impl Slot {
    /// A blank one that lives as long as the program. It is made where it lies: it is large, and the calling thread's
    /// whole stack may be as small as the system allows.
    #[allow(unsafe_code)]
    pub(super) fn leak(index: u32) -> Option<&'static Slot> {
        let slot = memory::zeroed::<Slot>()?.as_ptr();
        // SAFETY: `slot` is fresh, aligned and large enough, and nothing ever frees it. All fields are atomics or arrays
        // of atomics, of which zero is a value, but for these three, which are written before a reference is made.
        unsafe {
            (&raw mut (*slot).index).write(index);
            (&raw mut (*slot).thread).write(Mutex::new(None));
            (&raw mut (*slot).spans).write(Mutex::new(Vec::new()));
            Some(&*slot)
        }
    }

    // ---- life ----

    #[inline]
    pub(crate) fn id(&self) -> ActorId {
        ActorId { index: self.index, generation: self.generation.load(Acquire) }
    }

    /// The actor as [`Event::operand`] writes it.
    #[inline(always)]
    pub(super) fn operand(&self) -> u64 {
        Event::operand(ActorId { index: self.index, generation: self.generation.load(Relaxed) })
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
        // Whatever the other one writes must not be seen before it: see `is_still`.
        fence(Release);
    }

    /// Whether all that was read of the slot since its id was this one is this actor's.
    pub(crate) fn is_still(&self, id: ActorId) -> bool {
        fence(Acquire);
        self.id() == id
    }

    /// The executor whose thread it is.
    pub(crate) fn serves(&self) -> Option<RuntimeId> {
        Some(self.serves.load(Relaxed)).filter(|&runtime| runtime != 0).map(RuntimeId)
    }

    pub(crate) fn is_daemon(&self) -> bool {
        self.daemon.load(Relaxed)
    }

    /// Not started by us.
    pub(crate) fn is_foreign(&self) -> bool {
        self.spawned_at.load(Relaxed) == 0
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
        match self.thread.lock().ok()?.clone() {
            Some(thread) => thread.name().map(str::to_owned),
            None => super::attach::name_for_the_system(self.os_id()),
        }
    }

    /// The spans the thread is in, outermost first. Empty while the thread is just entering or leaving one.
    pub(crate) fn span_names(&self) -> Vec<String> {
        // Nothing is allocated while the owner might wait for it: that could be the program's allocator.
        let mut texts = Vec::with_capacity(super::spans::DEEPEST);
        if let Ok(spans) = self.spans.try_lock() {
            texts.extend(spans.iter().map(|(_, text)| text.clone()));
        }
        texts.iter().map(|text| text.to_string()).collect()
    }

    // ---- what it holds and what it did ----

    /// Takes the hold at `index` out of the middle; the operation that does it is to be remembered next.
    pub(super) fn remove(&self, index: usize) {
        self.ledger.remove(index, |from, to| self.move_hold_stack(from, to));
        super::order::rehash(self, index, self.ledger.len());
    }

    /// All holds, oldest first, as they were at one moment. `None` when the owner was too busy to be read.
    pub(crate) fn holds(&self) -> Option<Vec<Hold>> {
        self.ledger.holds()
    }

    /// The same of one who may be `still`: who waits, and runs nothing meanwhile.
    pub(crate) fn holds_of(&self, still: bool) -> Option<Vec<Hold>> {
        self.ledger.holds_of(still)
    }

    /// The guards of async locks that it has taken outside any task.
    pub(crate) fn grasped(&self) -> Vec<Hold> {
        self.grasps.holds()
    }

    /// How many holds found no room.
    pub(crate) fn overflowed(&self) -> u64 {
        self.ledger.overflowed() + self.grasps.lost()
    }

    /// How many operations there have been.
    #[inline]
    pub(crate) fn operations(&self) -> u64 {
        self.ledger.operations()
    }

    /// The last operations, oldest first.
    pub(crate) fn history(&self) -> Vec<Remembered> {
        self.ledger.history()
    }

    // ---- waiting ----

    /// Publishes a wait; the sequence becomes odd. Only while not waiting.
    pub(super) fn begin_wait(&self, wait: RawWait) {
        self.wait.begin([wait.what, wait.operand, wait.second, wait.place, wait.since, wait.until]);
    }

    pub(super) fn end_wait(&self) {
        self.wait.end();
    }

    /// Whether a wait is going on. By its thread.
    #[inline]
    pub(super) fn waits(&self) -> bool {
        self.wait.is_shown()
    }

    /// The sequence, and the wait that is going on.
    pub(crate) fn waiting(&self) -> (u64, Option<RawWait>) {
        let (sequence, words) = self.wait.read();
        let wait = |[what, operand, second, place, since, until]: [u64; 6]| RawWait {
            what,
            operand,
            second,
            place,
            since,
            until,
        };
        (sequence, words.map(wait))
    }

    // ---- tasks that it polls ----

    #[inline]
    pub(super) fn leaf_begun(&self) {
        self.leaves_begun.store(self.leaves_begun.load(Relaxed) + 1, Relaxed);
    }

    #[inline]
    pub(super) fn leaf_ended(&self) {
        self.leaves_ended.store(self.leaves_ended.load(Relaxed) + 1, Relaxed);
    }

    #[inline]
    pub(super) fn task_begun(&self) {
        self.tasks_begun.store(self.tasks_begun.load(Relaxed) + 1, Relaxed);
    }

    #[inline]
    pub(super) fn task_ended(&self) {
        self.tasks_ended.store(self.tasks_ended.load(Relaxed) + 1, Relaxed);
    }

    pub(super) fn grasped_one(&self) {
        self.grasped.store(self.grasped.load(Relaxed) + 1, Relaxed);
    }

    /// How much its thread has done that is watched: where this is the same as before, it was nothing.
    #[inline]
    pub(super) fn activity(&self) -> u64 {
        let counts = [&self.leaves_begun, &self.leaves_ended, &self.tasks_begun, &self.grasped];
        counts.into_iter().fold(self.operations(), |sum, count| sum.wrapping_add(count.load(Relaxed)))
    }

    /// Polls a task from now on; returns what [`Slot::poll_ends`] is to be given.
    #[inline(always)]
    pub(super) fn poll_begins(&self, now: Nanos) -> Nanos {
        self.polls.store(self.polls.load(Relaxed) + 1, Relaxed);
        let outer = self.polls_since.load(Relaxed);
        self.polls_since.store(now.max(1), Relaxed);
        outer
    }

    #[inline(always)]
    pub(super) fn poll_ends(&self, outer: Nanos) {
        self.polls_since.store(outer, Relaxed);
    }

    /// Since when it polls a task, if it does.
    pub(crate) fn polls_since(&self) -> Option<Nanos> {
        Some(self.polls_since.load(Relaxed)).filter(|&since| since != 0)
    }

    /// What the threads that have used the slot have had to do with tasks, so far.
    pub(super) fn business(&self) -> Business {
        Business {
            leaves: self.leaves_begun.load(Relaxed).wrapping_sub(self.leaves_ended.load(Relaxed)),
            leaves_begun: self.leaves_begun.load(Relaxed),
            tasks: self.tasks_begun.load(Relaxed).wrapping_sub(self.tasks_ended.load(Relaxed)),
            polls: self.polls.load(Relaxed),
            left: 0,
        }
    }

    // ---- stacks ----

    /// Keeps the stack of the owner.
    pub(super) fn keep_stack(&self, frames: &[usize]) {
        for (index, cell) in self.stack.iter().enumerate() {
            cell.store(frames.get(index).copied().unwrap_or(0), Relaxed);
        }
    }

    /// One frame of it.
    pub(super) fn frame(&self, index: usize) -> usize {
        self.stack[index % FRAMES].load(Relaxed)
    }

    /// What is kept is the stack of the wait that is going on.
    pub(super) fn show_stack(&self) {
        self.stack_of.store(self.waiting().0, Release);
    }

    /// It waits for the program's threads, in a session guard.
    pub(crate) fn waits_in_guard(&self) -> bool {
        self.waiting().1.is_some_and(|wait| wait.what & tag::MASK == tag::NON_DAEMONS)
    }

    /// It waits, and has not captured the stack of this wait yet.
    pub(crate) fn owes_stack(&self) -> bool {
        let (sequence, wait) = self.waiting();
        wait.is_some_and(|wait| !super::task::is_idle(&wait)) && self.stack_of.load(Acquire) != sequence
    }

    /// The stack the owner waits with. Empty while it does not, and for the moment it takes to capture it.
    pub(crate) fn stack(&self) -> Vec<u64> {
        let (sequence, wait) = self.waiting();
        if wait.is_none() || self.stack_of.load(Acquire) != sequence {
            return Vec::new();
        }
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
        let serial = if serial.is_multiple_of(SERIALS) { next_block() } else { serial };
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
