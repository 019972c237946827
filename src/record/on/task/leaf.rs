//! A future of ours that waits for something: what it waits for, and the waker that it gives away.
//!
//! It gets a waker of its own, made when somebody wants to keep one (a future that is ready at once costs nothing). So
//! what wakes a task by way of a leaf is known, and is not counted among those of whom nothing is known.
#![allow(unsafe_code)]

use super::{
    Set,
    owned::{self, Target},
    record::{self, Record as Task, Sets, Sleepers, wake_is_lost},
    stacks, traced, waker,
};
use crate::{
    model::{ActorId, Event, Hold, Mode, Nanos, On, PlaceId, ScopeId, Wait},
    primitive::{AtomicU32, AtomicU64, fence, shared},
    record::on::{
        Handle, Probe, Site, attach,
        clock::{self, Pulse, extra},
        seqlock::Seqlock,
        slot::{RawWait, Slot},
        table::{Entry, Links, Table},
        wait::{self, tag},
    },
};
use std::{
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
    ptr,
    sync::atomic::{AtomicBool, AtomicPtr, AtomicU16, Ordering::*},
    task::{Context, Poll, RawWaker, RawWakerVTable, Waker},
};

/// How many chunks of records there can be: a million leaves that wait. More wait unrecorded.
const CHUNKS: usize = 1 << 12;

shared! {
    static RECORDS: Table<Record, CHUNKS> = Table::around(AtomicU64::new(0), AtomicU32::new(0));
}

/// What a leaf that waits says of itself: one cache line.
#[repr(align(64))]
pub(crate) struct Record {
    /// The task that polled it last, and its wait: what (with second in its upper half), operand, place, since.
    shown: Seqlock<5>,
    /// The leaf itself, and every waker of it that somebody keeps.
    owners: AtomicU32,
    /// It has been woken since its last poll began.
    woken: AtomicBool,
    /// With which stack it began to wait.
    stack: AtomicU16,
    /// Its note: in which of the task's polls it was polled last.
    links: Links,
}

const _: () = assert!(cfg!(loom) || size_of::<Record>() == 64);

/// So many owners it keeps: some were leaked.
const PINNED: u32 = 1 << 31;
/// Of the words that it shows: the task.
const TASK: usize = 0;

impl Entry for Record {
    fn fresh() -> Record {
        Record {
            shown: Seqlock::new(),
            owners: AtomicU32::new(0),
            woken: AtomicBool::new(false),
            stack: AtomicU16::new(stacks::NONE),
            links: Links::new(),
        }
    }

    fn links(&self) -> &Links {
        &self.links
    }
}

/// What a wait is for: what, operand, second.
type Words = [u64; 3];

/// What a leaf waits for.
#[derive(Clone, Copy)]
pub(crate) enum Goal<'a> {
    /// What the probe sits in, to hold it like this.
    Object(&'a Probe, Mode),
    /// Permits of the semaphore that the probe sits in.
    Permits(&'a Probe),
    /// A notification of what the probe sits in.
    Notification(&'a Probe),
    /// So many arrivals at the barrier that the probe sits in.
    Arrivals(&'a Probe, u32),
    /// What the other end of a channel does: sends, where this is a receiver, or makes room, where it is a sender.
    Channel(&'a Handle),
    /// The same, or time.
    ChannelInTime(&'a Handle),
    /// The end of all receivers of a channel, where this is a sender.
    Closing(&'a Handle),
    /// The end of a task; `None`: of one that is not recorded.
    Task(Option<ActorId>),
    /// The same, by its handle.
    Joined(Option<ActorId>),
    /// The end of any task of a set.
    OneOf(&'a Set),
    /// The end of all tasks of a set.
    AllOf(&'a Set),
    /// Time.
    Time,
}

impl Goal<'_> {
    /// As a wait has it: what, and of whom.
    pub(super) fn words(self, slot: &'static Slot, site: Site) -> Option<Words> {
        let of = |probe: &Probe| probe.shared_identity(slot, site);
        Some(match self {
            Goal::Object(probe, mode) => [tag::OBJECT | (mode as u64) << tag::MODE_SHIFT, of(probe), 0],
            Goal::Permits(probe) => [tag::PERMITS, of(probe), 0],
            Goal::Notification(probe) => [tag::NOTIFY, of(probe), 0],
            Goal::Arrivals(probe, quorum) => [tag::ARRIVALS, of(probe), u64::from(quorum)],
            Goal::Channel(handle) => {
                let (what, channel) = handle.awaited(slot)?;
                [what, channel, 0]
            }
            Goal::ChannelInTime(handle) => {
                let (what, channel) = handle.awaited(slot)?;
                [what | tag::TIMED, channel, 0]
            }
            Goal::Closing(handle) => {
                let (_, channel) = handle.awaited(slot)?;
                [tag::CLOSING, channel, 0]
            }
            Goal::Task(id) | Goal::Joined(id) => [tag::ACTOR, Event::operand(id?), 0],
            Goal::OneOf(set) if set.is_whole() => [tag::ONE_OF, set.id().0, 0],
            Goal::AllOf(set) => [tag::SCOPE, set.id().0, 0],
            Goal::OneOf(_) | Goal::Time => [tag::TIME | tag::TIMED, 0, 0],
        })
    }
}

/// Sits in a future that waits for something, and is dropped after what it waits with.
#[derive(Default)]
pub(crate) struct Leaf {
    /// From its first wait on.
    record: Option<&'static Record>,
}

impl Leaf {
    /// One that has not waited.
    pub(crate) const fn new() -> Leaf {
        Leaf { record: None }
    }

    /// Polls the real future; where that has to wait, `goal` says for what.
    #[inline]
    pub(crate) fn poll<R>(
        &mut self,
        context: &mut Context<'_>,
        site: Site,
        goal: Goal<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        let (Some(task), Some(slot)) = (super::current(), attach::current()) else {
            return self.unwatched(context, poll);
        };
        if Pulse::now().has(extra::OFF) {
            return self.unwatched(context, poll);
        }
        let Some(record) = self.record else {
            let offer = Offer { task, waker: context.waker(), record: AtomicPtr::new(ptr::null_mut()) };
            let result = offer.lend(|waker| poll(&mut Context::from_waker(waker)));
            if let Some(record) = offer.into_record() {
                self.begin(record, result.is_pending().then_some((slot, task, goal, site, context.waker())));
            }
            return result;
        };
        record.follow(task);
        let result = if record.wakes_task(task, context.waker()) {
            lend(record, |waker| poll(&mut Context::from_waker(waker)))
        } else {
            let (leaf, waker) = OfLeaf::of(record, task, context.waker());
            owned::lend(leaf, waker, |waker| poll(&mut Context::from_waker(waker)))
        };
        match result.is_pending() {
            true => record.wait_for(slot, task, goal, site, context.waker()),
            false => self.end(),
        }
        result
    }

    /// Somebody has kept its waker in its first poll; and it waits, where it is not ready all the same.
    #[cold]
    fn begin(
        &mut self,
        record: &'static Record,
        waits: Option<(&'static Slot, &'static Task, Goal<'_>, Site, &Waker)>,
    ) {
        self.record = Some(record);
        match waits {
            Some((slot, task, goal, site, waker)) => record.wait_for(slot, task, goal, site, waker),
            None => self.end(),
        }
    }

    /// Where nobody knows who polls: what it has said of an earlier wait is over.
    #[inline]
    fn unwatched<R>(&mut self, context: &mut Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> Poll<R>) -> Poll<R> {
        let result = poll(context);
        self.end();
        result
    }

    /// For a future that is about to wait, and is not what keeps the waker.
    pub(crate) fn lend(&mut self) -> Lent<'_> {
        Lent { leaf: self }
    }

    #[inline]
    fn end(&mut self) {
        if let Some(record) = self.record.take() {
            record.end();
        }
    }
}

impl Drop for Leaf {
    #[inline]
    fn drop(&mut self) {
        self.end();
    }
}

/// The leaf of what keeps the waker (a receiver, say), in a future that is gone before that.
///
/// Who drops such a future in a later poll than its last has turned away from it, though the waker is still kept. Who
/// polls and drops it in the same poll may do so in each of them, and count on being woken: that goes on being shown.
pub(crate) struct Lent<'a> {
    leaf: &'a mut Leaf,
}

impl Deref for Lent<'_> {
    type Target = Leaf;

    fn deref(&self) -> &Leaf {
        self.leaf
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Leaf {
        self.leaf
    }
}

impl Drop for Lent<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.leaf.record.is_some_and(|record| !record.was_polled_just_now()) {
            self.leaf.end();
        }
    }
}

impl Record {
    /// One for a leaf that is polled by this task.
    fn take(task: &'static Task) -> Option<&'static Record> {
        let record = RECORDS.take_near(attach::current().map(|slot| &slot.spares.leaf))?;
        record.owners.store(1, Relaxed);
        record.follow(task);
        Some(record)
    }

    /// Its leaf waits no longer.
    #[inline(never)]
    fn end(&'static self) {
        self.hide();
        self.disown();
    }

    /// It is polled, by this task.
    #[inline]
    fn follow(&self, task: &'static Task) {
        self.woken.store(false, Relaxed);
        let operand = task.operand();
        if self.shown.word(TASK) != operand {
            self.hide();
        }
        self.links.note().store(task.polls() as u32, Relaxed);
        self.shown.set_word(TASK, operand);
    }

    /// Whether its wakers wake the task itself, which keeps what it is woken by: where nothing stands between the two that has
    /// a waker of its own.
    #[inline]
    fn wakes_task(&self, task: &'static Task, waker: &Waker) -> bool {
        let its = waker::is_its(waker, task);
        if its {
            task.keep_waker();
        }
        its
    }

    /// By the poll that is going on in this thread.
    fn was_polled_just_now(&self) -> bool {
        super::current().is_some_and(|task| {
            task.operand() == self.shown.word(TASK) && task.polls() as u32 == self.links.note().load(Relaxed)
        })
    }

    fn wait_for(&self, slot: &'static Slot, task: &'static Task, goal: Goal<'_>, site: Site, waker: &Waker) {
        let place = match goal {
            // Where it is awaited the handle cannot see; where it was spawned is part of what it is called.
            Goal::Joined(_) => PlaceId::UNKNOWN.0,
            _ => site.word(),
        };
        // Where nothing is known of what it waits for: it may come at any time.
        let words = goal.words(slot, site).unwrap_or([tag::TIME | tag::TIMED, 0, 0]);
        self.show(slot, task, words, place, waker);
    }

    fn show(
        &self,
        slot: &'static Slot,
        task: &'static Task,
        [what, operand, second]: Words,
        place: u64,
        waker: &Waker,
    ) {
        traced::awaits(slot, wait::operand_of(what, operand), place);
        let what = what | second << 32;
        let before = if self.shown.is_shown() { self.shown.read().1 } else { None };
        if before.is_some_and(|before| before[..3] == [task.operand(), what, operand]) {
            return;
        }
        self.hide();
        self.stack.store(
            if what & tag::MASK == tag::TIME { stacks::NONE } else { stacks::now(task, place ^ what, waker) },
            Relaxed,
        );
        let since = if clock::dozes() { clock::now() } else { clock::coarse() };
        // Who wakes by way of what is shown sees that the waker was kept (`follow`).
        fence(Release);
        self.shown.begin([task.operand(), what, operand, place, since]);
        slot.leaf_begun();
        if clock::dozes() {
            crate::record::on::hurry_collector();
        }
    }

    fn hide(&self) {
        if self.shown.is_shown() {
            self.shown.end();
            if let Some(slot) = attach::current() {
                slot.leaf_ended();
            }
        }
    }

    /// It is about to be woken.
    fn is_woken(&self) {
        // Before the waker is dropped that did it: see `read`.
        self.woken.store(true, Release);
    }

    /// Wakes the task that polls it.
    fn wake(&self) {
        self.is_woken();
        let id = Event::actor_operand(self.shown.word(TASK));
        if !id.and_then(record::find).is_some_and(Task::wake) {
            wake_is_lost();
        }
    }

    fn own(&self) {
        if self.owners.fetch_add(1, Relaxed) >= PINNED {
            self.owners.fetch_sub(1, Relaxed);
        }
    }

    /// The leaf, or one who kept its waker, is gone. The last gives the record back.
    fn disown(&'static self) {
        // Who owns it alone is not overtaken: only an owner makes another.
        let owners = self.owners.load(Acquire);
        if owners >= PINNED {
            return;
        }
        if owners == 1 || self.owners.fetch_sub(1, AcqRel) == 1 {
            RECORDS.give_back_near(self, attach::current().map(|slot| &slot.spares.leaf));
        }
    }

    /// Whose it is, where it waits for time alone and has not been woken.
    fn sleeper(&self) -> Option<ActorId> {
        let [owner, what, ..] = self.shown.read().1?;
        // Somebody keeps its waker, and nobody has woken it.
        let sleeps = what == tag::TIME | tag::TIMED && self.owners.load(Acquire) > 1 && !self.woken.load(Acquire);
        sleeps.then(|| Event::actor_operand(owner)).flatten()
    }

    fn read(&self, at: Nanos) -> Option<Shown> {
        let (sequence, words) = self.shown.read();
        let [owner, what, operand, place, since] = words?;
        let (what, second) = (what & u64::from(u32::MAX), what >> 32);
        // In this order: the last waker to go has woken it before, or never.
        let owners = self.owners.load(Acquire);
        let woken = self.woken.load(Acquire);
        if self.shown.read().0 != sequence {
            return None;
        }
        let one_of = (what == tag::ONE_OF).then_some(ScopeId(operand));
        let wait = match one_of {
            Some(_) => Wait { on: On::Time, place: PlaceId(place), since, timed: true },
            None => wait::decode(&RawWait { what, operand, second, place, since, until: 0 }, at)?,
        };
        let number = self.links.number();
        Some(Shown { number, task: Event::actor_operand(owner)?, wait, one_of, woken, kept: owners > 1 })
    }
}

/// A leaf that waits, as it was read.
#[derive(Clone)]
pub(crate) struct Shown {
    /// Its record's.
    pub(super) number: u32,
    pub(super) task: ActorId,
    wait: Wait,
    /// The set of tasks of which any has to end; the wait is then what there is to say of it besides.
    one_of: Option<ScopeId>,
    /// It has been woken, and not polled since.
    pub(super) woken: bool,
    /// Somebody has its waker.
    pub(super) kept: bool,
}

impl Shown {
    pub(super) fn set(&self) -> Option<ScopeId> {
        self.one_of
    }

    /// What it has been given without coming to take it: it was woken, and has not been polled since.
    pub(super) fn granted(&self) -> Option<Hold> {
        let (object, mode) = match self.wait.on {
            On::Object { object, mode } if mode != Mode::Init => (object, mode.once_held()),
            On::Permits { semaphore } => (semaphore, Mode::Shared),
            _ => return None,
        };
        let Wait { place, since, .. } = self.wait;
        (self.woken && !self.kept).then_some(Hold { object, mode, place, since, moves: true, granted: true })
    }

    /// What it waits for; any will do. Of a set that has no task (any more) nothing is to come: its leaf has been woken, or
    /// is about to be.
    pub(super) fn waits<'a>(&'a self, sets: &'a Sets) -> impl Iterator<Item = Wait> + 'a {
        let members = self.one_of.and_then(|set| sets.get(&set)).map_or(&[][..], Vec::as_slice);
        let itself = members.is_empty().then_some(self.wait);
        let of_members = members.iter().map(|&task| Wait { on: On::Actor(task), timed: false, ..self.wait });
        itself.into_iter().chain(of_members)
    }
}

/// All leaves that wait, `about` so many.
pub(super) fn all(at: Nanos, about: u64) -> Vec<Shown> {
    let mut all = Vec::with_capacity(about.min(u64::from(RECORDS.made())) as usize);
    all.extend(RECORDS.all().filter_map(|record| record.read(at)));
    all
}

/// The same without those that wait for time alone and have not been woken: of these it is noted whose they are.
pub(super) fn all_but_sleepers(at: Nanos, sleepers: &mut Sleepers) -> Vec<Shown> {
    let mut all = Vec::new();
    for record in RECORDS.all() {
        match record.sleeper() {
            Some(task) => sleepers.put(task, record.links.number()),
            None => all.extend(record.read(at)),
        }
    }
    all
}

/// The leaf with this number, if it waits.
pub(super) fn read(number: u32, at: Nanos) -> Option<Shown> {
    RECORDS.get(number)?.read(at)
}

/// The return addresses with which a leaf of this task began to wait, then and there, innermost first. Empty: it waits no
/// longer, or they are not known.
pub(crate) fn stack(task: ActorId, place: PlaceId, since: Nanos) -> Vec<u64> {
    let began = |record: &&Record| {
        let Some([owner, _, _, at, then]) = record.shown.read().1 else { return false };
        at == place.0 && then == since && Event::actor_operand(owner) == Some(task)
    };
    RECORDS.all().find(began).map_or(Vec::new(), |record| stacks::returns(record.stack.load(Relaxed)))
}

/// Since when the leaves wait that do, and for as long as it takes.
pub(crate) fn waits_since() -> impl Iterator<Item = Nanos> {
    let waits = RECORDS.all().filter_map(|record| record.shown.read().1);
    waits.filter(|[_, what, ..]| what & tag::TIMED == 0).map(|[.., since]| since)
}

// ---- wakers ----

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, forget);

/// Calls `with` with a waker that is not counted: it is gone when that returns.
#[inline]
fn lend<R>(record: &'static Record, with: impl FnOnce(&Waker) -> R) -> R {
    // SAFETY: the functions of the table meet `RawWaker`'s contract for the address of a leaf's record: each may be
    // called by any thread, and a clone wakes the same.
    let waker = unsafe { Waker::new(ptr::from_ref(record).cast(), &VTABLE) };
    with(&ManuallyDrop::new(waker))
}

/// # Safety
///
/// It comes from [`lend`], or from [`offer::clone`], by way of the table.
unsafe fn of(data: *const ()) -> &'static Record {
    // SAFETY: the address of a record (the caller's promise), and those are never freed.
    unsafe { &*data.cast::<Record>() }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: called by way of the table.
    unsafe { of(data) }.own();
    RawWaker::new(data, &VTABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: called by way of the table.
    let gone = Gone(unsafe { of(data) });
    gone.0.wake();
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: called by way of the table.
    unsafe { of(data) }.wake();
}

unsafe fn forget(data: *const ()) {
    // SAFETY: called by way of the table.
    unsafe { of(data) }.disown();
}

/// One owner is gone, also where what it does unwinds.
struct Gone(&'static Record);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.disown();
    }
}

/// A leaf that is woken by owned wakers; and the task, where that one's executor wakes it at once by them.
#[derive(Clone, Copy)]
struct OfLeaf {
    record: &'static Record,
    task: Option<ActorId>,
}

impl OfLeaf {
    /// Of a leaf that is polled by this task in a context with this waker, and by what it is to be woken: by what the task's
    /// executor gave, or by what stands between the two.
    fn of<'a>(record: &'static Record, task: &'static Task, waker: &'a Waker) -> (OfLeaf, &'a Waker) {
        match waker::executors(waker, task) {
            Some(executors) => (OfLeaf { record, task: Some(task.id()) }, executors),
            None => (OfLeaf { record, task: None }, waker),
        }
    }
}

static OWNED: RawWakerVTable = owned::owned_table::<OfLeaf>();
static LENT: RawWakerVTable = owned::lent_table::<OfLeaf>();

impl Target for OfLeaf {
    fn cloned(self) {
        self.record.own();
    }

    fn dropped(self) {
        self.record.disown();
    }

    fn woken(self) {
        self.record.is_woken();
        self.task.and_then(record::find).into_iter().for_each(Task::is_woken);
    }

    fn owned_table() -> &'static RawWakerVTable {
        &OWNED
    }

    fn lent_table() -> &'static RawWakerVTable {
        &LENT
    }
}

/// A waker for the first poll of a leaf: whoever wants to keep it makes the leaf's record.
struct Offer<'a> {
    task: &'static Task,
    waker: &'a Waker,
    record: AtomicPtr<Record>,
}

impl Offer<'_> {
    #[inline]
    fn lend<R>(&self, with: impl FnOnce(&Waker) -> R) -> R {
        // SAFETY: as for `super::lend`, for the address of an offer, which is there until this returns. No waker with it
        // outlives that: a clone has the leaf's record, or is one of whoever polls.
        let waker = unsafe { Waker::new(ptr::from_ref(self).cast(), &OFFERS) };
        with(&ManuallyDrop::new(waker))
    }

    /// The record, made once.
    fn record(&self) -> Option<&'static Record> {
        // SAFETY: null, or a leaf's record, and those are never freed.
        if let Some(made) = unsafe { self.record.load(Acquire).as_ref() } {
            return Some(made);
        }
        let made = Record::take(self.task)?;
        match self.record.compare_exchange(ptr::null_mut(), ptr::from_ref(made).cast_mut(), AcqRel, Acquire) {
            Ok(_) => Some(made),
            Err(other) => {
                made.disown();
                // SAFETY: as above.
                unsafe { other.as_ref() }
            }
        }
    }

    /// For the leaf, which owns it from here on.
    #[inline]
    fn into_record(mut self) -> Option<&'static Record> {
        // Whoever has been lent the waker has given it back, so nobody else looks at it any more.
        let record = std::mem::replace(self.record.get_mut(), ptr::null_mut());
        // SAFETY: null, or a leaf's record, and those are never freed.
        unsafe { record.as_ref() }
    }
}

impl Drop for Offer<'_> {
    /// Where the poll has unwound.
    fn drop(&mut self) {
        // SAFETY: null, or a leaf's record, and those are never freed.
        if let Some(record) = unsafe { self.record.load(Acquire).as_ref() } {
            record.disown();
        }
    }
}

static OFFERS: RawWakerVTable = RawWakerVTable::new(offer::clone, offer::wake, offer::wake, offer::forget);

mod offer {
    use super::*;

    /// # Safety
    ///
    /// It comes from [`Offer::lend`], by way of its table, and before that returns.
    unsafe fn of<'a>(data: *const ()) -> &'a Offer<'a> {
        // SAFETY: the caller's promise.
        unsafe { &*data.cast::<Offer<'a>>() }
    }

    pub(super) unsafe fn clone(data: *const ()) -> RawWaker {
        // SAFETY: called by way of the table.
        let offer = unsafe { of(data) };
        match offer.record() {
            Some(record) if record.wakes_task(offer.task, offer.waker) => {
                record.own();
                RawWaker::new(ptr::from_ref(record).cast(), &VTABLE)
            }
            Some(record) => {
                let (leaf, waker) = OfLeaf::of(record, offer.task, offer.waker);
                owned::owned(leaf, waker)
            }
            // There is no room for more: it gets a waker like all of whom nothing is known.
            None => {
                let waker = ManuallyDrop::new(offer.waker.clone());
                RawWaker::new(waker.data(), waker.vtable())
            }
        }
    }

    /// Nobody owns one: a borrowed waker wakes by reference.
    pub(super) unsafe fn wake(data: *const ()) {
        // SAFETY: called by way of the table.
        unsafe { of(data) }.waker.wake_by_ref();
    }

    pub(super) unsafe fn forget(_: *const ()) {}
}
