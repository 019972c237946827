//! Waits: published before the thread blocks, taken back when it goes on.

use super::{
    ScopeTag, Site, attach, chase, clock, probe, site,
    slot::{RawWait, Slot},
    stack, tape,
};
use crate::model::{ActorId, Event, Mode, Nanos, ObjectId, On, Op, PlaceId, RuntimeId, ScopeId, Wait};
use std::{
    sync::atomic::{AtomicBool, Ordering::*},
    time::Duration,
};

/// What is waited for, as a slot stores it.
pub(super) mod tag {
    pub(crate) const OBJECT: u64 = 1;
    pub(crate) const LAZY: u64 = 2;
    pub(crate) const NOTIFY: u64 = 3;
    pub(crate) const ARRIVALS: u64 = 4;
    pub(crate) const ACTOR: u64 = 5;
    pub(crate) const SCOPE: u64 = 6;
    pub(crate) const NON_DAEMONS: u64 = 7;
    pub(crate) const UNPARK: u64 = 8;
    pub(crate) const TIME: u64 = 9;
    pub(crate) const MESSAGE: u64 = 10;
    pub(crate) const ROOM: u64 = 11;
    pub(crate) const PERMITS: u64 = 12;
    pub(crate) const WORK: u64 = 13;
    /// Of a leaf alone: see `task::leaf`.
    pub(crate) const ONE_OF: u64 = 14;
    pub(crate) const CLOSING: u64 = 15;
    pub(crate) const RUNTIME: u64 = 16;
    pub(crate) const MASK: u64 = 0xff;
    pub(crate) const MODE_SHIFT: u32 = 8;
    pub(crate) const TIMED: u64 = 1 << 16;
}

pub(super) fn mode_of(wait: &RawWait) -> Mode {
    Mode::from_bits((wait.what >> tag::MODE_SHIFT) as u8)
}

/// What an event says was waited for.
pub(super) fn operand_of(what: u64, operand: u64) -> u64 {
    match what & tag::MASK {
        tag::SCOPE if ScopeId(operand).is_of_tasks() => Event::TASKS,
        tag::ONE_OF => Event::TASKS,
        tag::TIME => Event::TIME,
        tag::UNPARK => Event::UNPARK,
        tag::RUNTIME => Event::RUNTIME,
        tag::SCOPE => Event::SCOPE,
        tag::NON_DAEMONS => Event::THREADS,
        _ => operand,
    }
}

/// What a slot's raw wait means at this time.
pub(crate) fn decode(raw: &RawWait, at: Nanos) -> Option<Wait> {
    let object = ObjectId(raw.operand);
    let on = match raw.what & tag::MASK {
        tag::OBJECT => On::Object { object, mode: mode_of(raw) },
        tag::LAZY => On::Lazy { object },
        // Nobody has to notify it any more; but it does not return without its mutex, and that has no time limit.
        tag::NOTIFY if raw.has_expired(at) => {
            let on = On::Object { object: ObjectId(raw.second), mode: Mode::Exclusive };
            return Some(Wait { on, place: PlaceId(raw.place), since: raw.until, timed: false });
        }
        tag::NOTIFY => On::Notify { condvar: object, mutex: (raw.second != 0).then_some(ObjectId(raw.second)) },
        tag::ARRIVALS => On::Arrivals { barrier: object, quorum: raw.second as u32 },
        tag::MESSAGE => On::Message { channel: object },
        tag::ROOM => On::Room { channel: object },
        tag::CLOSING => On::Closing { channel: object },
        tag::PERMITS => On::Permits { semaphore: object },
        tag::ACTOR => On::Actor(Event::actor_operand(raw.operand)?),
        tag::SCOPE => On::Scope(ScopeId(raw.operand)),
        // It does not wait yet: the tasks' destructors run.
        tag::RUNTIME if raw.second != 0 && super::task::has_tasks(raw.operand as u32) => return None,
        tag::RUNTIME => On::Runtime(RuntimeId(raw.operand as u32)),
        tag::NON_DAEMONS => On::NonDaemons,
        tag::UNPARK => On::Unpark,
        tag::TIME => On::Time,
        tag::WORK => On::Work,
        _ => return None,
    };
    Some(Wait { on, place: PlaceId(raw.place), since: raw.since, timed: raw.what & tag::TIMED != 0 })
}

/// A wait that is going on; its drop is its end, also when it ends by unwinding.
pub(super) struct Blocked {
    slot: &'static Slot,
    /// A wait can come inside another, while what a join returned is dropped, say.
    outer: Option<RawWait>,
    /// The lazy value it waits for, if that is what it waits for. A wait inside this one shows that the thread makes the
    /// value itself: from then on it holds the value's cell, and waits no longer.
    lazy: Option<u64>,
}

impl Blocked {
    pub(super) fn begin(slot: &'static Slot, what: u64, operand: u64, second: u64, site: Site) -> Blocked {
        Blocked::publish(slot, RawWait { what, operand, second, place: site.word(), since: clock::now(), until: 0 })
    }

    /// A wait for a notification, which then needs `mutex`; after `limit`, if there is one, without a notification.
    pub(super) fn notified(
        slot: &'static Slot,
        condvar: u64,
        mutex: u64,
        limit: Option<Duration>,
        site: Site,
    ) -> Blocked {
        let since = clock::now();
        let until = limit.map_or(0, |limit| since.saturating_add(limit.as_nanos().try_into().unwrap_or(Nanos::MAX)));
        let timed = if limit.is_some() { tag::TIMED } else { 0 };
        let what = tag::NOTIFY | timed;
        Blocked::publish(slot, RawWait { what, operand: condvar, second: mutex, place: site.word(), since, until })
    }

    pub(super) fn publish(slot: &'static Slot, wait: RawWait) -> Blocked {
        let is_lazy = |wait: &RawWait| wait.what & tag::MASK == tag::LAZY;
        let outer = slot.waiting().1;
        if let Some(outer) = &outer {
            slot.end_wait();
            if is_lazy(outer) {
                let since = clock::stamp_at(outer.since, Mode::Init as u8);
                probe::push_hold(slot, outer.operand, outer.place, since, Mode::Init);
            }
        }
        slot.begin_wait(wait);
        super::task::blocks(slot, &wait);
        probe::note(slot, Op::Wait, operand_of(wait.what, wait.operand), wait.place);
        // Nothing has happened for a while; now something may.
        if clock::dozes() {
            super::hurry_collector();
        }
        let lazy = is_lazy(&wait).then_some(wait.operand);
        Blocked { slot, outer: outer.filter(|outer| !is_lazy(outer)), lazy }
    }

    /// Shows the stack it waits with, and asks whether it closes a cycle. Panics with the report, where that is the
    /// reaction to one; then the wait is over.
    #[track_caller]
    pub(super) fn settle(self) -> Blocked {
        self.settle_with((), |()| ()).0
    }

    /// The same with something that `give_up` gets before the panic.
    #[track_caller]
    pub(super) fn settle_with<W>(self, with: W, give_up: impl FnOnce(W)) -> (Blocked, W) {
        // A second panic would abort, and tell nobody; and so would one in a destructor of a thread-local.
        match self.ask(self.may_panic()) {
            Some(message) => {
                drop(self);
                give_up(with);
                panic!("{message}");
            }
            None => (self, with),
        }
    }

    /// Not while it unwinds, nor in the destructors of its thread-locals. Nor where a guard of lock_api's takes its lock
    /// again (`MutexGuard::unlocked`): the guard would give back what it does not have.
    fn may_panic(&self) -> bool {
        let again = || self.slot.waiting().1.is_some_and(|wait| site::is_in_lock_api(PlaceId(wait.place)));
        !std::thread::panicking() && !self.slot.work_done.load(Relaxed) && !again()
    }

    /// The same where a panic is out of the question.
    pub(super) fn tell(&self) {
        self.ask(false);
    }

    fn ask(&self, may_panic: bool) -> Option<String> {
        let asked = chase::closes_cycle(self.slot)
            .then(|| crate::monitor::suspect(self.slot.id(), self.is_brief(), may_panic))
            .flatten();
        // While the watchdog wakes up: it needs the stack last.
        stack::of_wait(self.slot);
        asked.and_then(crate::monitor::listen)
    }

    /// A thread that joins itself is refused by the system, and goes on.
    fn is_brief(&self) -> bool {
        let own = Event::operand(self.slot.id());
        matches!(self.slot.waiting().1, Some(wait) if wait.what & tag::MASK == tag::ACTOR && wait.operand == own)
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        super::task::unblocks(self.slot);
        match self.lazy {
            Some(cell) if self.slot.waiting().1.is_none() => probe::pop_hold(self.slot, cell),
            _ => self.slot.end_wait(),
        }
        if let Some(outer) = self.outer {
            self.slot.begin_wait(outer);
        }
    }
}

/// What the thread has said that it waits for, put aside while it polls a task: it is not idle then.
pub(super) struct Suspended {
    slot: &'static Slot,
    wait: Option<RawWait>,
}

impl Suspended {
    #[inline]
    pub(super) fn begin(slot: &'static Slot) -> Suspended {
        let wait = if slot.waits() { slot.waiting().1 } else { None };
        if wait.is_some() {
            slot.end_wait();
        }
        Suspended { slot, wait }
    }

    #[inline]
    pub(super) fn end(&self) {
        if let Some(wait) = self.wait {
            self.slot.begin_wait(wait);
        }
    }
}

/// Blocks in `block`, published as waiting.
#[track_caller]
pub(super) fn blocked<R>(
    slot: &'static Slot,
    (what, operand, second): (u64, u64, u64),
    site: Site,
    block: impl FnOnce() -> R,
) -> R {
    let blocked = Blocked::begin(slot, what, operand, second, site).settle();
    let result = block();
    drop(blocked);
    ended(slot, Op::WaitEnd, operand_of(what, operand), site);
    result
}

/// Somebody waits to write, and only for a time.
static IMPATIENT: AtomicBool = AtomicBool::new(false);

/// From here on a writer may give up, and let in whom it has kept out (to be said before it waits).
pub(super) fn writers_are_impatient() {
    IMPATIENT.store(true, SeqCst);
}

/// Whether one ever might have.
pub(crate) fn are_writers_impatient() -> bool {
    IMPATIENT.load(SeqCst)
}

/// Somebody waits to read a lock that is open before it wakes those whom it has kept out.
static LOOSE: AtomicBool = AtomicBool::new(false);

/// From here on it is not certain who keeps a reader out (to be said before it waits).
pub(super) fn queues_are_loose() {
    LOOSE.store(true, SeqCst);
}

/// Whether one ever has.
pub(crate) fn are_queues_loose() -> bool {
    LOOSE.load(SeqCst)
}

/// The wait is over: for the tape.
pub(super) fn ended(slot: &Slot, op: Op, operand: u64, site: Site) {
    if clock::extra_is(clock::extra::TRACE) {
        tape::write(slot, op, operand, site.word());
    }
}

/// The same where a panic is out of the question.
pub(super) fn blocked_quietly<R>(
    slot: &'static Slot,
    (what, operand, second): (u64, u64, u64),
    site: Site,
    block: impl FnOnce() -> R,
) -> R {
    let blocked = Blocked::begin(slot, what, operand, second, site);
    blocked.tell();
    let result = block();
    drop(blocked);
    ended(slot, Op::WaitEnd, operand_of(what, operand), site);
    result
}

#[track_caller]
pub(super) fn for_actor<R>(target: &'static Slot, id: ActorId, site: Site, join: impl FnOnce() -> R) -> R {
    let Some(slot) = attach::attached().filter(|_| !clock::extra_is(clock::extra::OFF)) else { return join() };
    target.awaited.store(true, Relaxed);
    blocked(slot, (tag::ACTOR, Event::operand(id), 0), site, join)
}

/// For what comes without a peer: on `probe`'s object, or on nothing.
#[track_caller]
pub(super) fn on<R>(what: u64, operand: u64, second: u64, site: Site, block: impl FnOnce() -> R) -> R {
    match attach::attached() {
        Some(slot) if !clock::extra_is(clock::extra::OFF) => blocked(slot, (what, operand, second), site, block),
        _ => block(),
    }
}

/// Parks, for ever or for a time.
pub(crate) fn park<R>(site: Site, timed: bool, park: impl FnOnce() -> R) -> R {
    on(tag::UNPARK | if timed { tag::TIMED } else { 0 }, 0, 0, site, park)
}

/// Sleeps.
pub(crate) fn sleep<R>(site: Site, _: Duration, sleep: impl FnOnce() -> R) -> R {
    on(tag::TIME | tag::TIMED, 0, 0, site, sleep)
}

/// The session guard waits for the threads that are not daemons.
pub(crate) fn non_daemons<R>(site: Site, limited: bool, wait: impl FnOnce() -> R) -> R {
    for slot in super::directory::living() {
        slot.awaited.store(true, Relaxed);
    }
    on(tag::NON_DAEMONS | if limited { tag::TIMED } else { 0 }, 0, 0, site, wait)
}

/// From the end of a scope's closure until the scope's threads have ended.
pub(crate) struct ScopeEnd(Option<(Blocked, Site)>);

/// The closure of a scope has ended (or unwinds): its caller waits for the scope's threads.
pub(crate) fn scope_end(site: Site, tag: ScopeTag) -> ScopeEnd {
    let Some(slot) = attach::attached().filter(|_| !clock::extra_is(clock::extra::OFF)) else { return ScopeEnd(None) };
    if !super::directory::living().any(|thread| thread.scope.load(Relaxed) == tag.0) {
        return ScopeEnd(None);
    }
    let blocked = Blocked::begin(slot, self::tag::SCOPE, tag.0, 0, site);
    // A panic here would leave the scope's threads behind.
    blocked.tell();
    ScopeEnd(Some((blocked, site)))
}

impl Drop for ScopeEnd {
    fn drop(&mut self) {
        if let Some((blocked, site)) = self.0.take() {
            let slot = blocked.slot;
            drop(blocked);
            ended(slot, Op::WaitEnd, Event::SCOPE, site);
        }
    }
}
