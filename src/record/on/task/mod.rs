//! Tasks: what each poll of a watched future tells.
//!
//! | file | idea |
//! |---|---|
//! | `record` | one task's record, and all of them |
//! | `waker` | the waker that a task's poll is given: it counts those who have it |
//! | `kept` | what its executor gave it to be woken by |
//! | `blocking` | a thread that blocks for what tasks wait for, too |
//! | `leaf` | a future of ours that waits for something, and the waker that it gives away |
//! | `grasp` | holds of locks whose guards go from task to task and from thread to thread |
//! | `notices` | what a thread sees itself do in a poll |
//! | `left` | whether anybody has still to do with a task that nobody can wake |
//! | `owned` | wakers for executors and combinators of which nothing is known |
//! | `pool` | closures that no thread is left for |
//! | `runtime` | executors whose threads are known, and sets of local tasks that are driven |
//! | `stacks` | by whom a future of ours is awaited |
//! | `traced` | what the trace is told (level `trace`) |
//!
//! A task is polled by one thread at a time, and between two polls the executor makes everything that the one has
//! written visible to the other. So whoever polls a task may write to its record as if it were its own.

mod blocking;
mod grasp;
mod kept;
mod leaf;
mod left;
pub(crate) mod notices;
mod owned;
mod pool;
mod record;
mod runtime;
mod stacks;
mod traced;
mod waker;

pub(crate) use blocking::block;
pub(crate) use grasp::Grasp;
pub(super) use grasp::Grasps;
pub(crate) use leaf::{Goal, Leaf, Lent, stack, waits_since};
pub(super) use record::has_tasks;
pub(crate) use record::{Record, Whom, clear_away, find, lost_wakes, read};
pub(super) use runtime::is_idle;
pub(crate) use runtime::{Driven, Owned, Runtime, block_on, lacks_work, park, unpark, unseen};

use super::{
    Probe, Site, attach, class,
    clock::{self, Pulse, extra},
    directory,
    slot::{Business, RawWait, Slot},
    spans::Copied,
    table::Spare,
    wait::{self, Suspended, tag},
};
use crate::model::{ActorId, Event, LONG_LOCK_IN_POLL, Mode, Nanos, On, Op, ScopeId};
use notices::{Notice, What};
use std::{
    cell::Cell,
    num::NonZeroU32,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    task::{Context, Poll},
};

thread_local! {
    /// The task that the thread polls: the innermost, where a watched future polls another.
    static CURRENT: Cell<Option<&'static Record>> = const { Cell::new(None) };
}

/// The task that is being polled by the calling thread.
#[inline(always)]
pub(crate) fn current() -> Option<&'static Record> {
    CURRENT.with(Cell::get)
}

/// Gives the task that is being polled a name.
#[cold]
pub(crate) fn name_current(name: &str) {
    if let Some(task) = current() {
        let class = class::named(task.spawned_at().0, name);
        task.set_class(class);
        traced::named(class);
    }
}

/// The task that is being polled may end with the program.
pub(crate) fn current_is_daemon() {
    current().into_iter().for_each(Record::set_daemon);
}

impl Probe {
    /// The calling actor has acquired what the probe sits in, and got a guard that may go anywhere.
    #[inline]
    pub(crate) fn grasp(&self, site: Site, mode: Mode) -> Grasp {
        let Some(slot) = attach::attached().filter(|_| !Pulse::now().has(extra::OFF)) else { return Grasp::NONE };
        let word = self.shared_identity(slot, site);
        slot.grasped_one();
        match current() {
            Some(task) => task.grasps.begin(word, site.word(), mode),
            None => slot.grasps.begin(word, site.word(), mode),
        }
    }
}

/// Records that a thread keeps for the next task, and the next leaf, that it sees.
pub(super) struct Spares {
    task: Spare<Record>,
    leaf: Spare<leaf::Record>,
    grasps: Spare<grasp::Block>,
}

/// What an executor is known to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Executor {
    /// It polls a task that has been woken, and no other.
    PollsTheWoken,
    /// The same, and it is a [`Runtime`], which counts it.
    Counts,
    /// It runs a closure, in a thread of this runtime's blocking pool (if that is known).
    Blocks(Option<Runtime>),
    /// Nothing: it may poll when it likes. What wakes it is tokio's.
    Unknown,
    /// The same, and it polls nothing else.
    Alone,
    /// Nothing at all.
    Foreign,
}

/// A watched future, for as long as it lives. To be dropped after the future.
pub(crate) struct Task {
    /// Its record's number and one; `None` where it is not recorded. No reference: a task is to be larger by as little as
    /// can be, since what a runtime allocates for it comes in steps of cache lines.
    number: Option<NonZeroU32>,
}

impl Task {
    #[inline]
    fn record(&self) -> Option<&'static Record> {
        record::numbered(self.number?.get() - 1)
    }

    /// One that is made where `site` says.
    pub(crate) fn new(site: Site, executor: Executor) -> Task {
        if Pulse::now().has(extra::OFF) {
            return Task { number: None };
        }
        let parent = match current() {
            Some(task) => task.operand(),
            None => attach::attached().map_or(0, Slot::operand),
        };
        let record = record::take(site, parent, executor);
        if let Some(record) = record {
            traced::made(record, site);
            match attach::current() {
                Some(slot) => slot.task_begun(),
                None => _ = STRAYS.fetch_add(1, Relaxed),
            }
        }
        Task { number: record.and_then(|record| NonZeroU32::new(record.number() + 1)) }
    }

    /// Which one it is, for somebody who waits for its end.
    pub(crate) fn id(&self) -> Option<ActorId> {
        self.record().map(Record::id)
    }

    /// The same as one of a set.
    pub(crate) fn of_set(self, set: &Set) -> Task {
        if let Some(record) = self.record().filter(|_| set.id != 0) {
            record.set_set(set.id());
        }
        self
    }

    /// Does what the task is for at one go, blocking where it likes: a task that is polled once.
    pub(crate) fn run<R>(self, work: impl FnOnce() -> R) -> R {
        let slot = attach::attached().filter(|_| !Pulse::now().has(extra::OFF));
        let running = self.record().zip(slot).map(|(record, slot)| Running::begin(record, slot));
        let result = work();
        drop(running);
        result
    }

    /// Polls the future: `poll` gets a context whose waker is ours.
    #[inline]
    #[allow(unsafe_code)]
    pub(crate) fn poll<R>(&self, context: &mut Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> Poll<R>) -> Poll<R> {
        let (Some(record), Some(slot)) = (self.record(), attach::attached()) else { return poll(context) };
        if Pulse::now().has(extra::OFF) {
            return poll(context);
        }
        let depth = slot.ledger.len();
        let mut polling = Polling::begin(record, slot);
        let result = if record.owns_wakers() {
            waker::lend_owned(record, polling.outer, context.waker(), |waker| poll(&mut Context::from_waker(waker)))
        } else {
            // SAFETY: this is the poll, `polling` ends it (also by unwinding), and the context outlives both.
            unsafe { record.lend(context.waker()) };
            waker::lend(record, |waker| poll(&mut Context::from_waker(waker)))
        };
        polling.pending = result.is_pending();
        if slot.ledger.len() > depth && polling.pending {
            kept(record, slot, depth);
        }
        drop(polling);
        result
    }
}

/// A poll ends with its task pending, and what was taken in it beyond this depth is still held. The guard is in the task,
/// or in another one that the thread polls: when it is released is no longer up to what the thread does next.
#[cold]
fn kept(record: &'static Record, slot: &'static Slot, depth: usize) {
    let thread = slot.id();
    for index in depth..slot.ledger.len() {
        slot.ledger.set_free(index);
        if let Some(hold) = slot.ledger.hold(index).filter(|hold| hold.mode != Mode::Init) {
            notices::keeps(record.id(), &hold);
            // What the next reading of the task will have.
            let sequence = record.sequence() + 1;
            let (task, what, spans) = (record.id(), What::Keeps(hold), Copied::NONE);
            notices::put(hold.place.0, || Notice { task, sequence, thread, what, spans });
        }
    }
}

/// The calling thread begins to wait. Where it polls a task, and this is no lock that others hold for a moment, that is told. (Where it
/// waits for one for longer the watchdog sees it.)
#[inline]
pub(super) fn blocks(slot: &'static Slot, wait: &RawWait) {
    if let Some(task) = current() {
        blocks_in(task, slot, wait);
    }
}

#[cold]
fn blocks_in(task: &'static Record, slot: &'static Slot, wait: &RawWait) {
    let Some(wait) = wait::decode(wait, clock::coarse()) else { return };
    // Where a runtime is blocked on in a poll, or dropped, tokio panics.
    let of_a_runtime = matches!(wait.on, On::Actor(id) if id.is_task()) || matches!(wait.on, On::Runtime(_));
    if of_a_runtime || task.is_alone() || matches!(wait.on, On::Object { .. } | On::Lazy { .. }) {
        return;
    }
    let notice = || Notice {
        task: task.id(),
        sequence: task.sequence(),
        thread: slot.id(),
        what: What::Blocks(wait),
        spans: Copied::of(slot),
    };
    notices::put(wait.place.0, notice);
}

/// When it will have lasted too long for a poll that the thread waits for a lock, if it does so in one; once for each place.
pub(crate) fn lock_is_late(slot: &Slot, wait: &RawWait) -> Option<Nanos> {
    let is_lock = matches!(wait.what & tag::MASK, tag::OBJECT | tag::LAZY);
    let in_poll = is_lock && slot.polls_since().is_some() && !notices::is_known(wait.place);
    in_poll.then(|| wait.since.saturating_add(LONG_LOCK_IN_POLL))
}

/// Less is no blocking: a time limit of nothing, a park that finds its token.
const MOMENT: Nanos = 1_000_000;

/// The calling thread waits no longer.
#[inline]
pub(super) fn unblocks(slot: &'static Slot) {
    if current().is_some() {
        unblocks_in(slot);
    }
}

#[cold]
fn unblocks_in(slot: &'static Slot) {
    if let Some(wait) = slot.waiting().1
        && clock::now().saturating_sub(wait.since) < MOMENT
    {
        notices::take_back(wait.place);
    }
}

/// Somebody has asked for the end of this task: its executor is going to drop it, if it can.
pub(crate) fn aborted(task: Option<ActorId>) {
    if let Some(record) = task.and_then(find) {
        traced::woken(record);
        record.expect_poll();
    }
}

/// A task's handle, for as long as somebody has it. Its drop says that nobody has it.
///
/// (A program may have very many of these.) The task as [`Event::operand`] writes it; 0: none.
pub(crate) struct Joinable(u64);

impl Joinable {
    pub(crate) fn new(task: Option<ActorId>) -> Joinable {
        Joinable(task.map_or(0, Event::operand))
    }

    /// Which one it is the handle of.
    pub(crate) fn task(&self) -> Option<ActorId> {
        Event::actor_operand(self.0)
    }

    /// There is another handle now, by which it can be aborted.
    pub(crate) fn share(&self) {
        self.task().and_then(find).into_iter().for_each(|record| record.left.share_handle());
    }

    /// It has been joined.
    #[inline]
    pub(crate) fn done(&mut self) {
        self.0 = 0;
    }
}

impl Drop for Joinable {
    #[inline]
    fn drop(&mut self) {
        let Some((id, record)) = self.task().and_then(|id| Some((id, find(id)?))) else { return };
        record.left.by_its_handle();
        // It has ended meanwhile, and the record is another's, whose handle is there.
        if !record.is_still(id) {
            record.left.share_handle();
        }
    }
}

/// Does something that may block, in the middle of a poll that may be left for it.
pub(crate) fn outside<R>(work: impl FnOnce() -> R) -> R {
    struct Inside(Option<&'static Record>);
    impl Drop for Inside {
        fn drop(&mut self) {
            CURRENT.set(self.0);
            self.0.into_iter().for_each(|task| task.set_may_block(false));
        }
    }
    let inside = Inside(CURRENT.take());
    inside.0.into_iter().for_each(|task| task.set_may_block(true));
    work()
}

/// As many as a task's record has numbers for.
const MOST_SETS: u64 = (1 << 30) - 1;

/// Tasks of which somebody can wait for one, or for all.
pub(crate) struct Set {
    id: u64,
    /// No task is in it that has no record.
    whole: bool,
    /// Those that have been put into it, but for many that have ended; none of a local set.
    members: Vec<ActorId>,
}

impl Set {
    /// An empty one.
    pub(crate) fn new() -> Set {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // Once there have been a thousand million of them, nothing is known of the next.
        let id = Some(NEXT.fetch_add(1, Relaxed)).filter(|&id| id <= MOST_SETS).unwrap_or(0);
        Set { id, whole: id != 0, members: Vec::new() }
    }

    /// An empty one, of local tasks: they are polled while it is [driven](Set::drive).
    pub(crate) fn local() -> Set {
        let mut set = Set::new();
        set.id |= if set.whole { ScopeId::LOCAL } else { 0 };
        set
    }

    /// Somebody polls its tasks, until what this gives is dropped.
    pub(crate) fn drive(&self) -> Driven {
        Driven::begin(self.id())
    }

    /// This task is one of them.
    pub(crate) fn add(&mut self, task: Task) -> Task {
        self.whole &= task.number.is_some();
        if let Some(task) = task.id().filter(|_| self.id & ScopeId::LOCAL == 0) {
            self.remember(task);
        }
        task.of_set(self)
    }

    /// Makes room by leaving out those that have ended, and grows if that was not half of them: so it is a few steps each time.
    fn remember(&mut self, task: ActorId) {
        let room = self.members.capacity();
        if self.members.len() == room {
            self.members.retain(|&task| find(task).is_some());
            if self.members.len() > room / 2 {
                self.members.reserve(room);
            }
        }
        self.members.push(task);
    }

    /// Somebody has asked for the end of all its tasks: see [`aborted`].
    pub(crate) fn abort(&mut self) {
        self.members.drain(..).for_each(|task| aborted(Some(task)));
    }

    /// Its tasks are on their own.
    pub(crate) fn detach(mut self) {
        self.members.clear();
    }

    fn id(&self) -> ScopeId {
        ScopeId::of_tasks(self.id)
    }

    fn is_whole(&self) -> bool {
        self.whole
    }
}

impl Drop for Set {
    /// The tasks of a set do not outlive it.
    fn drop(&mut self) {
        self.abort();
    }
}

impl Drop for Task {
    #[inline]
    fn drop(&mut self) {
        if let Some(record) = self.record() {
            traced::dropped(record);
            let waker = record::end(record);
            match attach::current() {
                Some(slot) => slot.task_ended(),
                None => _ = STRAYS.fetch_sub(1, Relaxed),
            }
            drop(waker);
        }
    }
}

/// How many more tasks have been made than have ended, of those for which a thread did that which is not recorded.
static STRAYS: AtomicU64 = AtomicU64::new(0);

/// How often the last waker of a task that rests was dropped.
static LEFT: AtomicU64 = AtomicU64::new(0);

/// One was, perhaps by a thread of which nothing is known: somebody should look.
#[cold]
fn is_left() {
    LEFT.fetch_add(1, Relaxed);
    if clock::dozes() {
        super::hurry_collector();
    }
}

/// What all threads have had to do with tasks.
pub(crate) fn business() -> Business {
    let mut all = directory::all().map(Slot::business).fold(Business::default(), Business::and);
    all.tasks = all.tasks.wrapping_add(STRAYS.load(Relaxed));
    all.left = LEFT.load(Relaxed);
    all
}

/// Work that is going on; its drop is its end, also by unwinding.
struct Running(&'static Record, &'static Slot);

impl Running {
    fn begin(record: &'static Record, slot: &'static Slot) -> Running {
        record.set_may_block(true);
        record.begin_poll(slot, clock::coarse());
        traced::poll_begins(record, slot);
        Running(record, slot)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        traced::poll_ends(self.0, self.1, Op::Done);
        self.0.is_due();
        self.0.end_poll(clock::coarse());
    }
}

/// A poll that is going on; its drop is its end, also by unwinding.
struct Polling {
    record: &'static Record,
    outer: Option<&'static Record>,
    /// What the thread has said that it waits for: for this task, perhaps.
    suspended: Suspended,
    slot: &'static Slot,
    outer_since: Nanos,
    /// How much the thread had done when it began, where that matters.
    activity: Option<u64>,
    /// There is to be another one.
    pending: bool,
}

impl Polling {
    #[inline]
    fn begin(record: &'static Record, slot: &'static Slot) -> Polling {
        let suspended = Suspended::begin(slot);
        let now = clock::coarse();
        record.set_may_block(record.is_alone());
        record.begin_poll(slot, now);
        let outer_since = slot.poll_begins(now);
        traced::poll_begins(record, slot);
        let outer = CURRENT.replace(Some(record));
        record.set_awaiter(outer);
        let activity = record.may_idle().then(|| slot.activity());
        Polling { record, outer, suspended, slot, outer_since, activity, pending: false }
    }
}

impl Drop for Polling {
    #[inline]
    fn drop(&mut self) {
        traced::poll_ends(self.record, self.slot, if self.pending { Op::Pending } else { Op::Done });
        CURRENT.set(self.outer);
        match self.pending {
            true => self.record.pends(self.activity.is_some_and(|before| self.slot.activity() == before)),
            false => self.record.is_due(),
        }
        self.record.end_poll(clock::coarse());
        self.slot.poll_ends(self.outer_since);
        self.suspended.end();
    }
}
