//! One task's record, and all of them.

mod figures;
mod nested;
mod pending;
mod reading;

pub(crate) use figures::lost_wakes;
pub(super) use figures::wake_is_lost;
pub(in super::super) use pending::has_tasks;
pub(super) use pending::{counted, pending, polled_by};
pub(super) use reading::{Sets, Sleepers};
pub(crate) use reading::{Whom, read};

use super::{
    Executor,
    grasp::Spilled,
    kept::Kept,
    left::Left,
    runtime::{self, Runtime},
    traced,
};
use crate::{
    model::{ActorId, Event, Nanos, PlaceId, ScopeId, TaskFigures},
    primitive::{AtomicU32, AtomicU64, fence, shared},
    record::on::{
        Site, attach, clock, directory,
        slot::Slot,
        table::{CHUNK, Entry, Links, Table},
    },
};
use std::{
    ptr,
    sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering::*},
    task::Waker,
};

/// How many chunks of records there can be: four million tasks. More live unrecorded.
const CHUNKS: usize = 1 << 14;
/// So many bits have their numbers.
const NUMBER_BITS: u32 = (CHUNKS * CHUNK).ilog2();
/// In [`Record::set`]: it may end with the program.
const DAEMON: u32 = 1 << 31;
/// The same: the set is one of local tasks.
const LOCAL: u32 = 1 << 30;
/// Of [`Record::wakers`], what counts them.
const WAKERS: u32 = (1 << 20) - 1;
/// So many wakers nobody drops any more: some were leaked, and the count stays.
const PINNED: u32 = 1 << 19;
/// So many wakes nobody has left unanswered.
const LONG_AGO: u32 = 1 << 31;

/// In [`Record::executor`].
mod executor {
    /// Wakers of the task are owned ones: see `owned`. Else what tokio gave it is kept.
    pub(super) const OWNS_WAKERS: u8 = 1;
    /// Who polls it polls nothing else: it may block.
    pub(super) const POLLS_NO_OTHER: u8 = 2;
}

/// In [`Record::life`].
mod life {
    pub(super) const FREE: u8 = 0;
    /// Its executor is not known.
    pub(super) const ALIVE: u8 = 1;
    /// Its executor polls what has been woken, and nothing else.
    pub(super) const SPAWNED: u8 = 2;
    /// The same, and its executor counts it.
    pub(super) const COUNTED: u8 = 3;
    /// It has ended, and something of it is still about: a waker, or a guard.
    pub(super) const ENDED: u8 = 4;
    /// A closure, for a thread of a blocking pool.
    pub(super) const CLOSURE: u8 = 5;
}

shared! {
    static RECORDS: Table<Record, CHUNKS> = Table::around(AtomicU64::new(0), AtomicU32::new(0));
}
/// How many have ended, and something of them is still about.
static LEFT: AtomicUsize = AtomicUsize::new(0);
/// A task has ever been polled in the poll of another one.
static NESTED: AtomicBool = AtomicBool::new(false);
/// Tasks that have no record.
static UNRECORDED: AtomicBool = AtomicBool::new(false);

/// One task's record. Never freed; given to another task when its own has ended.
#[repr(align(32))]
pub(crate) struct Record {
    /// Odd while it is being polled; half of it is how often it has been; 0: not yet.
    sequence: AtomicU64,
    /// The slot of the thread that polls it, or did so last, and one.
    poller: AtomicU32,
    /// When its last poll began, or ended.
    since: AtomicU64,
    /// Wakes that came when it had been woken already, and polls that have changed nothing of what is watched: 32 bits each.
    useless: AtomicU64,
    /// In [`units`], all of them, so that they add up: when it was made, how long its polls took and the longest of them, how
    /// long it waited for them once it was woken, and since when it does so.
    made_at: AtomicU32,
    busy: AtomicU32,
    longest: AtomicU32,
    scheduled: AtomicU32,
    woken_at: AtomicU32,
    /// Wakes that came from its own poll.
    own_wakes: AtomicU32,
    /// How many have its waker, other than leaves of ours: below [`WAKERS`]. In the bits above that, how many of them are
    /// watched futures that it polls.
    wakers: AtomicU32,
    /// Whether there were any when its last poll ended.
    stirred: AtomicBool,
    /// How often it has been woken.
    wakes: AtomicU32,
    /// How often it had been when its last poll began. Written when that is seen to go on, so that there is no moment in
    /// which the wake is forgotten and the poll not to be seen.
    answered: AtomicU32,
    /// Whoever polls it may block.
    may_block: AtomicBool,
    /// What is known of who polls it.
    executor: AtomicU8,
    pub(super) left: Left,
    life: AtomicU8,
    generation: AtomicU32,
    /// The name, as a class; 0: none.
    class: AtomicU32,
    spawned_at: AtomicU64,
    parent: AtomicU64,
    /// The set of tasks that it is of, by its number, with [`LOCAL`] and [`DAEMON`]; 0: none.
    set: AtomicU32,
    /// The executor that has polled it; 0: not known.
    runtime: AtomicU32,
    /// In whose poll its last one began, as [`Record::tag`] says it; 0: in no task's.
    awaiter: AtomicU32,
    /// What its executor gave it to be woken by.
    kept: Kept,
    pub(in super::super) grasps: Spilled,
    links: Links,
}

const _: () = assert!(cfg!(loom) || size_of::<Record>() <= 160);

impl Entry for Record {
    fn fresh() -> Record {
        Record {
            sequence: AtomicU64::new(0),
            poller: AtomicU32::new(0),
            since: AtomicU64::new(0),
            busy: AtomicU32::new(0),
            scheduled: AtomicU32::new(0),
            woken_at: AtomicU32::new(0),
            useless: AtomicU64::new(0),
            made_at: AtomicU32::new(0),
            longest: AtomicU32::new(0),
            own_wakes: AtomicU32::new(0),
            wakers: AtomicU32::new(0),
            stirred: AtomicBool::new(false),
            wakes: AtomicU32::new(0),
            answered: AtomicU32::new(0),
            may_block: AtomicBool::new(false),
            executor: AtomicU8::new(0),
            left: Left::new(),
            life: AtomicU8::new(life::FREE),
            generation: AtomicU32::new(0),
            class: AtomicU32::new(0),
            spawned_at: AtomicU64::new(0),
            parent: AtomicU64::new(0),
            set: AtomicU32::new(0),
            runtime: AtomicU32::new(0),
            awaiter: AtomicU32::new(0),
            kept: Kept::new(),
            grasps: Spilled::new(),
            links: Links::new(),
        }
    }

    fn links(&self) -> &Links {
        &self.links
    }
}

/// A record for a new task.
pub(super) fn take(site: Site, parent: u64, executor: Executor) -> Option<&'static Record> {
    let Some(record) = RECORDS.take_near(attach::current().map(|slot| &slot.spares.task)) else {
        UNRECORDED.store(true, Relaxed);
        return None;
    };
    // Nobody else writes it.
    record.generation.store(record.generation.load(Relaxed).wrapping_add(1), Release);
    // Whatever is written next must not be seen before it: see `is_still`.
    fence(Release);
    record.poller.store(0, Relaxed);
    record.sequence.store(0, Relaxed);
    let now = clock::coarse();
    record.busy.store(0, Relaxed);
    record.scheduled.store(0, Relaxed);
    record.woken_at.store(units(now), Relaxed);
    record.made_at.store(units(now), Relaxed);
    record.longest.store(0, Relaxed);
    record.own_wakes.store(0, Relaxed);
    record.useless.store(0, Relaxed);
    record.left.begin();
    // The first wake is its spawn.
    record.answered.store(0, Relaxed);
    record.wakes.store(1, Relaxed);
    record.class.store(0, Relaxed);
    record.spawned_at.store(site.word(), Relaxed);
    record.parent.store(parent, Relaxed);
    record.set.store(0, Relaxed);
    record.runtime.store(0, Relaxed);
    let alive = match executor {
        Executor::Unknown | Executor::Alone | Executor::Foreign => life::ALIVE,
        Executor::PollsTheWoken => life::SPAWNED,
        Executor::Counts => life::COUNTED,
        Executor::Blocks(runtime) => {
            record.runtime.store(runtime.map_or(0, Runtime::number), Relaxed);
            life::CLOSURE
        }
    };
    let traits = match executor {
        Executor::Foreign => executor::OWNS_WAKERS,
        Executor::Alone => executor::POLLS_NO_OTHER,
        _ => 0,
    };
    record.executor.store(traits, Relaxed);
    record.life.store(alive, Release);
    Some(record)
}

/// The task has ended, or its future was dropped before that. What it was woken by is for the caller to drop, last.
#[must_use]
pub(super) fn end(record: &'static Record) -> Option<Waker> {
    // It wakes nobody any more.
    let waker = record.kept.take();
    if record.is_clear() {
        record.life.store(life::FREE, Release);
        record.grasps.let_go();
        RECORDS.give_back_near(record, attach::current().map(|slot| &slot.spares.task));
    } else {
        LEFT.fetch_add(1, Relaxed);
        record.life.store(life::ENDED, Release);
    }
    waker
}

/// Gives back the records of tasks that have ended, and of which nothing is about any more. For the collector alone.
pub(crate) fn clear_away() {
    if LEFT.load(Relaxed) == 0 {
        return;
    }
    for record in RECORDS.all().filter(|record| record.life.load(Acquire) == life::ENDED && record.is_clear()) {
        LEFT.fetch_sub(1, Relaxed);
        record.life.store(life::FREE, Release);
        record.grasps.let_go();
        RECORDS.give_back(record);
    }
}

impl Record {
    // ---- identity ----

    /// Which task.
    #[inline]
    pub(crate) fn id(&self) -> ActorId {
        ActorId::task(self.links.number(), self.generation.load(Acquire))
    }

    /// Where it is among all records.
    #[inline]
    pub(super) fn number(&self) -> u32 {
        self.links.number()
    }

    /// The same as [`Record::id`], as [`Event::operand`] writes it.
    #[inline]
    pub(in super::super) fn operand(&self) -> u64 {
        Event::operand(self.id())
    }

    /// Whether all that was read of the record since its id was this one is this task's.
    pub(super) fn is_still(&self, id: ActorId) -> bool {
        fence(Acquire);
        self.id() == id
    }

    pub(crate) fn spawned_at(&self) -> PlaceId {
        PlaceId(self.spawned_at.load(Relaxed))
    }

    /// How many holds found no room.
    pub(crate) fn lost(&self) -> u64 {
        self.grasps.lost()
    }

    pub(crate) fn parent(&self) -> Option<ActorId> {
        Event::actor_operand(self.parent.load(Relaxed))
    }

    /// The runtime whose blocking pool runs it, if it is a closure; 0: not known.
    pub(super) fn closure_of(&self) -> Option<u32> {
        (self.life.load(Acquire) == life::CLOSURE).then(|| self.runtime.load(Relaxed))
    }

    /// When it was last woken, or made.
    pub(super) fn woken_at(&self) -> Nanos {
        let now = clock::coarse();
        ((now >> UNIT) - u64::from(between(self.woken_at.load(Relaxed), now)).min(now >> UNIT)) << UNIT
    }

    /// The set of tasks that it is of.
    fn set(&self) -> Option<ScopeId> {
        let set = Some(self.set.load(Relaxed) & !DAEMON).filter(|&set| set != 0)?;
        let scope = ScopeId::of_tasks(u64::from(set & !LOCAL));
        Some(if set & LOCAL == 0 { scope } else { ScopeId(scope.0 | ScopeId::LOCAL) })
    }

    /// The class of its name.
    pub(crate) fn class(&self) -> u32 {
        self.class.load(Relaxed)
    }

    pub(super) fn set_set(&self, set: ScopeId) {
        let local = if set.is_local() { LOCAL } else { 0 };
        self.set.store(set.0 as u32 & !(LOCAL | DAEMON) | local, Relaxed);
    }

    pub(super) fn set_daemon(&self) {
        self.set.fetch_or(DAEMON, Relaxed);
    }

    pub(super) fn set_class(&self, class: u32) {
        self.class.store(class, Relaxed);
    }

    /// Its number, and as much of its generation as there is room for.
    #[inline]
    fn tag(&self) -> u32 {
        self.number() | self.generation.load(Relaxed) << NUMBER_BITS
    }

    // ---- polls: by whoever polls ----

    /// How many have begun so far.
    #[inline]
    pub(super) fn polls(&self) -> u64 {
        self.sequence.load(Relaxed).div_ceil(2)
    }

    /// A poll begins, or goes on, in which this is what wakes it.
    ///
    /// # Safety
    ///
    /// By whoever polls it, and the waker is there until [`Record::end_poll`].
    #[inline]
    #[allow(unsafe_code)]
    pub(super) unsafe fn lend(&self, waker: &Waker) {
        // SAFETY: the caller's promise; the poll's end returns it.
        unsafe { self.kept.lend(waker) };
    }

    /// Whether it may block from here on.
    #[inline]
    pub(super) fn set_may_block(&self, yes: bool) {
        self.may_block.store(yes, Relaxed);
    }

    /// Whether its thread polls no other.
    #[inline]
    pub(super) fn is_alone(&self) -> bool {
        self.executor.load(Relaxed) == executor::POLLS_NO_OTHER
    }

    /// Odd while it is being polled; another with each poll.
    #[inline]
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence.load(Relaxed)
    }

    /// Its poll, which begins, is part of that one's, if of any's. (Written in any case, so that nobody has to ask what it
    /// was.)
    #[inline]
    pub(super) fn set_awaiter(&self, awaiter: Option<&Record>) {
        self.awaiter.store(awaiter.map_or(0, Record::tag), Relaxed);
        if let Some(awaiter) = awaiter {
            self.links.note().store(awaiter.polls() as u32, Relaxed);
            if !NESTED.load(Relaxed) {
                NESTED.store(true, Relaxed);
            }
        }
    }

    #[inline]
    pub(super) fn begin_poll(&self, poller: &Slot, now: Nanos) {
        self.poller.store(poller.index + 1, Relaxed);
        self.since.store(now, Relaxed);
        let sequence = self.sequence.load(Relaxed);
        if sequence == 0 {
            self.runtime.store(runtime::served(), Relaxed);
        }
        // A wake from here on is for the next poll.
        let wakes = self.wakes.load(Acquire);
        let unanswered = wakes.wrapping_sub(self.answered.load(Relaxed));
        if unanswered != 0 && unanswered < LONG_AGO {
            add(&self.scheduled, between(self.woken_at.load(Relaxed), now));
            if unanswered > 1 {
                self.woken_in_vain(unanswered - 1);
            }
        }
        self.sequence.store(sequence + 1, Release);
        self.answered.store(wakes, Release);
    }

    /// It waits for nothing: its end is to come, once its last poll is over. By whoever polls it.
    #[inline]
    pub(super) fn is_due(&self) {
        self.answered.store(self.wakes.load(Relaxed).wrapping_sub(LONG_AGO), Relaxed);
    }

    #[inline]
    pub(super) fn end_poll(&self, now: Nanos) {
        self.kept.unlend();
        let since = self.since.load(Relaxed);
        if since != now {
            let took = between(units(since), now);
            add(&self.busy, took);
            self.longest.store(took.max(self.longest.load(Relaxed)), Relaxed);
        }
        self.since.store(now, Relaxed);
        self.sequence.store(self.sequence.load(Relaxed) + 1, Release);
        fence(Release);
    }

    // ---- its waker: by anybody ----

    #[inline]
    pub(super) fn waker_cloned(&self) {
        self.kept.keep();
        if self.wakers.fetch_add(1, Relaxed) & WAKERS >= PINNED {
            self.wakers.fetch_sub(1, Relaxed);
        }
    }

    /// One is gone: whatever it has woken is seen before that.
    #[inline]
    pub(super) fn waker_dropped(&self) {
        let count = self.wakers.load(Relaxed) & WAKERS;
        if count >= PINNED {
            return;
        }
        if count == 1 {
            self.left.by_the_last(self.sequence());
        }
        self.wakers.fetch_sub(1, Release);
        if count == 1 && self.is_at_rest() {
            super::is_left();
        }
    }

    /// It can be woken by [`Record::wake`] from here on. In the middle of its poll.
    #[inline]
    pub(super) fn keep_waker(&self) {
        self.kept.keep();
    }

    /// Wakes it by what its executor gave it, if that was kept.
    #[inline]
    pub(super) fn wake(&self) -> bool {
        self.is_woken();
        self.kept.get().map(Waker::wake).is_some()
    }

    /// It is about to be woken, by whatever wakes it.
    #[inline]
    pub(super) fn is_woken(&self) {
        // Before it is to be seen, so that nobody takes an earlier wake's time for this one's.
        if self.wakes.load(Relaxed) == self.answered.load(Relaxed) {
            self.woken_at.store(units(clock::coarse()), Relaxed);
        }
        // Before the waker is dropped that did it: see `read`.
        let before = self.wakes.fetch_add(1, AcqRel);
        if before == self.answered.load(Relaxed) {
            self.woken_at.store(units(clock::coarse()), Relaxed);
            traced::woken(self);
        }
        if super::current().is_some_and(|task| ptr::eq(task, self)) {
            self.own_wakes.store(self.own_wakes.load(Relaxed).wrapping_add(1), Relaxed);
        }
    }

    /// Its wakers are owned ones.
    #[inline]
    pub(super) fn owns_wakers(&self) -> bool {
        self.executor.load(Relaxed) == executor::OWNS_WAKERS
    }

    /// The same by whoever has its waker: it may be the one that is lent to the poll that goes on.
    #[inline]
    pub(super) fn wake_by_its_own(&self) {
        if !self.wake() && self.kept.while_lent(Waker::wake_by_ref).is_none() {
            wake_is_lost();
        }
    }

    // ---- reading ----

    fn wakers(&self) -> u32 {
        self.wakers.load(Acquire) & WAKERS
    }

    /// Nobody has a waker of it, nor a guard that it has taken.
    fn is_clear(&self) -> bool {
        self.wakers() == 0 && self.grasps.is_empty()
    }

    fn is_alive(&self) -> bool {
        is_alive(self.life.load(Acquire))
    }

    /// It is polled again, once; what becomes of it then is up to its executor.
    pub(super) fn expect_poll(&self) {
        self.wakes.fetch_add(1, SeqCst);
    }
}

/// Times that are added up are in units of so many bits of nanoseconds: four milliseconds, less than half a tick of the
/// coarse clock.
const UNIT: u32 = 22;

/// This time in units. It comes again after half a year.
#[inline]
fn units(time: Nanos) -> u32 {
    (time >> UNIT) as u32
}

/// How many units have passed since then.
#[inline]
fn between(since: u32, now: Nanos) -> u32 {
    let passed = units(now).wrapping_sub(since);
    // The one may have been read from the precise clock, and the other from the coarse one, which is behind.
    if passed > u32::MAX - 1000 { 0 } else { passed }
}

/// More of a sum that one thread at a time writes.
#[inline]
fn add(sum: &AtomicU32, more: u32) {
    if more != 0 {
        sum.store(sum.load(Relaxed).saturating_add(more), Relaxed);
    }
}

fn is_alive(life: u8) -> bool {
    matches!(life, life::ALIVE | life::SPAWNED | life::COUNTED | life::CLOSURE)
}

/// The record with this number.
#[inline]
pub(super) fn numbered(number: u32) -> Option<&'static Record> {
    RECORDS.get(number)
}

/// The record of this task, while it is its own.
pub(crate) fn find(id: ActorId) -> Option<&'static Record> {
    let record = RECORDS.get(id.task_number()?)?;
    (record.life.load(Acquire) != life::FREE && record.id() == id).then_some(record)
}
