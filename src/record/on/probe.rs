//! What sits in a primitive, and what it tells.
//!
//! The fast path is [`Probe::acquire`] and [`Held`]'s drop; everything that is not the plain case (level `watch`,
//! nothing else held, an object that has been met before) is out of line. What is out of line there is `extern "C"`:
//! such a function cannot unwind (and none of these can panic), so the compiler keeps no guard in memory for the
//! case that it does, which would cost more than the recording.
#![allow(unsafe_code)]

use super::{
    Site, attach, class,
    clock::{Pulse, extra},
    how::How,
    identity, order, orphans, returned,
    slot::{Slot, stamp},
    stack, tape,
    wait::{self, Blocked, tag},
};
use crate::model::{Kind, Mode, ObjectId, Op};
use std::{
    cell::Cell,
    hint,
    mem::MaybeUninit,
    panic::Location,
    sync::atomic::{AtomicPtr, Ordering::*},
    time::Duration,
};

/// One to a primitive: 8 bytes.
///
/// Unborn, the word is the place of creation with the kind in its high bits; a `const fn new` can do no more. The
/// first who holds the primitive gives it its identity ([`ObjectId`], highest bit set), which carries both. Only a
/// holder does that, so an exclusive one needs no atomic read-modify-write.
pub struct Probe {
    word: AtomicPtr<Location<'static>>,
}

/// Where the kind is in an unborn word: no address reaches that far, and the highest bit stays clear.
const KIND_SHIFT: u32 = 58;
const KIND_MASK: u64 = 0xf << KIND_SHIFT;
const _: () = assert!(size_of::<usize>() == 8, "watching needs 64-bit pointers");

impl Probe {
    /// Of what is made where this is called.
    #[inline(always)]
    #[track_caller]
    pub const fn new(kind: Kind) -> Probe {
        let place = std::ptr::from_ref(Location::caller()).cast_mut();
        Probe { word: AtomicPtr::new(place.wrapping_byte_add((kind as usize) << KIND_SHIFT)) }
    }

    /// Of what is made in a constant, whose place says nothing: its first use says where it is.
    #[inline(always)]
    pub const fn unplaced(kind: Kind) -> Probe {
        Probe { word: AtomicPtr::new(std::ptr::without_provenance_mut((kind as usize) << KIND_SHIFT)) }
    }

    /// Gives it a name, and with it an identity. Only while nobody else can use it.
    #[cold]
    pub(crate) fn named(&self, name: &str) {
        let word = self.word();
        let (kind, place) = if is_unborn(word) {
            (kind_of(word), birthplace(self.word.load(Relaxed)))
        } else {
            let id = ObjectId(word);
            (id.kind(), class::place_of(id))
        };
        let serial = attach::current().map_or_else(super::slot::next_block, Slot::next_serial);
        let id = ObjectId::new(kind, class::named(place, name), serial);
        self.word.store(std::ptr::without_provenance_mut(id.0 as usize), Relaxed);
    }

    #[inline(always)]
    pub(super) fn word(&self) -> u64 {
        self.word.load(Relaxed).addr() as u64
    }

    /// The identity, given now if need be. Exclusive: the caller holds the primitive so that nobody else can.
    #[inline(always)]
    fn identity(&self, slot: &Slot, site: Site, exclusive: bool) -> u64 {
        let word = self.word();
        if is_unborn(word) { self.bear(word, slot, site, exclusive) } else { word }
    }

    #[inline(never)]
    fn bear(&self, word: u64, slot: &Slot, site: Site, exclusive: bool) -> u64 {
        let unborn = self.word.load(Relaxed);
        // Not reborn: somebody else may have been faster, since.
        if !is_unborn(unborn.addr() as u64) {
            return unborn.addr() as u64;
        }
        let class = match birthplace(unborn) {
            0 => class::of_first_use(site.word()),
            place => class::of_place(place),
        };
        let id = ObjectId::new(kind_of(word), class, slot.next_serial()).0;
        let new = std::ptr::without_provenance_mut(id as usize);
        identity::settle(&self.word, unborn, new, exclusive).addr() as u64
    }

    // ---- acquiring ----

    #[inline(always)]
    #[track_caller]
    pub(crate) fn acquire<R>(
        &self,
        site: Site,
        mode: Mode,
        attempt: impl Fn() -> Option<R>,
        block: impl FnOnce() -> R,
    ) -> (Held, R) {
        self.acquire_as(site, mode, How::of(mode), attempt, block)
    }

    /// `wanted` and then held as `how`.
    #[inline(always)]
    #[track_caller]
    pub(super) fn acquire_as<R>(
        &self,
        site: Site,
        wanted: Mode,
        how: How,
        attempt: impl Fn() -> Option<R>,
        block: impl FnOnce() -> R,
    ) -> (Held, R) {
        let slot = attach::attached();
        if let Some(acquired) = attempt() {
            return (self.acquired(slot, site, how, true), acquired);
        }
        // Through a place of its own: written straight to where the fast path's result goes, the result would have to
        // live in memory there, too.
        let mut late = MaybeUninit::uninit();
        self.contended(&mut late, slot, site, (wanted, how), attempt, block);
        // SAFETY: `contended` returns only after writing it.
        unsafe { late.assume_init() }
    }

    #[inline(always)]
    pub(crate) fn try_acquire<R>(
        &self,
        site: Site,
        mode: Mode,
        attempt: impl FnOnce() -> Option<R>,
    ) -> Option<(Held, R)> {
        let slot = attach::attached();
        let acquired = attempt()?;
        Some((self.acquired(slot, site, How::of(mode), false), acquired))
    }

    /// Just acquired. `ordered`: by an operation that could have blocked, so it makes lock order.
    #[inline(always)]
    pub(super) fn acquired(&self, slot: Option<&'static Slot>, site: Site, how: How, ordered: bool) -> Held {
        let Some(slot) = slot else { return Held::UNRECORDED };
        let pulse = Pulse::now();
        let word = self.word();
        if is_unborn(word) || !pulse.plain() {
            return if pulse.only_traces() {
                self.acquired_traced(slot, site, how, ordered)
            } else {
                self.acquired_otherwise(slot, site, how, ordered)
            };
        }
        if slot.ledger.len() != 0 {
            return self.acquired_nested(slot, site, how, ordered);
        }
        slot.ledger.first().write(word, site.word(), pulse.stamp(how.bits()));
        slot.ledger.set_len(1);
        slot.ledger.remember(stamp(pulse, op_of(how.mode())), word, site.word());
        Held { probe: self }
    }

    /// While others are held, in an order that has been told: what a nested lock costs once the program runs. A
    /// leaf: nothing is called on its way, so no register is saved.
    #[inline(never)]
    extern "C" fn acquired_nested(&self, slot: &'static Slot, site: Site, how: How, ordered: bool) -> Held {
        let len = slot.ledger.len();
        let (Some(cell), Some(outer)) = (slot.ledger.inline(len), slot.ledger.inline(len.wrapping_sub(1))) else {
            return self.acquired_otherwise(slot, site, how, ordered);
        };
        let word = self.word();
        let key = order::key(outer, len - 1, word);
        if !order::told(slot, key) {
            return self.acquired_otherwise(slot, site, how, ordered);
        }
        let pulse = Pulse::now();
        cell.write(word, site.word(), pulse.stamp(how.bits()));
        cell.hash.store(key, Relaxed);
        slot.ledger.set_len(len + 1);
        slot.ledger.remember(stamp(pulse, op_of(how.mode())), word, site.word());
        Held { probe: self }
    }

    /// At level `trace`, in an order that has been told: the clock is most of what it costs.
    #[inline(never)]
    extern "C" fn acquired_traced(&self, slot: &'static Slot, site: Site, how: How, ordered: bool) -> Held {
        let Some(tape) = tape::with_room(slot) else {
            return self.acquired_otherwise(slot, site, how, ordered);
        };
        let word = self.word();
        let len = slot.ledger.len();
        let (Some(cell), false) = (slot.ledger.inline(len), is_unborn(word)) else {
            return self.acquired_otherwise(slot, site, how, ordered);
        };
        if let Some(outer) = slot.ledger.inline(len.wrapping_sub(1)) {
            let key = order::key(outer, len - 1, word);
            if !order::told(slot, key) {
                return self.acquired_otherwise(slot, site, how, ordered);
            }
            cell.hash.store(key, Relaxed);
        }
        cell.write(word, site.word(), Pulse::now().stamp(how.bits()));
        slot.ledger.set_len(len + 1);
        tape.write(op_of(how.mode()), word, site.word());
        slot.ledger.skip();
        Held { probe: self }
    }

    /// For the first time, in a new order, more than fit, or at another level.
    #[inline(never)]
    extern "C" fn acquired_otherwise(&self, slot: &'static Slot, site: Site, how: How, ordered: bool) -> Held {
        let pulse = Pulse::now();
        if pulse.has(extra::OFF) {
            return Held::UNRECORDED;
        }
        if slot.returned.load(Relaxed) {
            returned::settle(slot);
        }
        let word = self.identity(slot, site, how.mode() == Mode::Exclusive);
        let len = slot.ledger.len();
        let Some(cell) = slot.ledger.room(len) else { return Held::UNRECORDED };
        cell.write(word, site.word(), pulse.stamp(how.bits()));
        let known = len == 0 || order::learn(slot, cell, len, word);
        slot.ledger.set_len(len + 1);
        if !known && ordered {
            order::tell(slot, len);
        }
        remember(slot, pulse, op_of(how.mode()), word, site.word());
        if !pulse.plain() {
            keep_stack(slot, pulse, len);
        }
        Held { probe: self }
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn contended<R>(
        &self,
        late: &mut MaybeUninit<(Held, R)>,
        slot: Option<&'static Slot>,
        site: Site,
        (wanted, how): (Mode, How),
        attempt: impl Fn() -> Option<R>,
        block: impl FnOnce() -> R,
    ) {
        let Some(slot) = slot.filter(|_| !Pulse::now().has(extra::OFF)) else {
            late.write((Held::UNRECORDED, block()));
            return;
        };
        // Most contended locks are free again within a microsecond, and then nobody needs to know.
        for round in 0..SPINS {
            (0..1 << round).for_each(|_| hint::spin_loop());
            if let Some(acquired) = attempt() {
                late.write((self.acquired(Some(slot), site, how, true), acquired));
                return;
            }
        }
        if how.is_bare() && wanted == Mode::Shared {
            wait::queues_are_loose();
        }
        let word = self.identity_by_holder();
        let what = tag::OBJECT | (wanted as u64) << tag::MODE_SHIFT;
        let blocked = Blocked::begin(slot, what, word, 0, site).settle();
        let acquired = block();
        drop(blocked);
        wait::ended(slot, Op::WaitEnd, word, site);
        late.write((self.acquired(Some(slot), site, how, true), acquired));
    }

    /// Whoever holds it has given it an identity, but for the instant between the two, in which it may have lost the
    /// processor: it gets that back. 0 where the holder is not recorded.
    pub(super) fn identity_by_holder(&self) -> u64 {
        for _ in 0..YIELDS {
            if !is_unborn(self.word()) {
                return self.word();
            }
            std::thread::yield_now();
        }
        0
    }

    // ---- the others ----

    /// For those that nobody holds (a condvar, a barrier) or whose holder cannot be told from who waits (a once
    /// cell): any of several may be the first.
    pub(super) fn shared_identity(&self, slot: &Slot, site: Site) -> u64 {
        self.identity(slot, site, false)
    }

    /// While the result lives, the caller either runs the user's initialiser (through it) or waits until somebody
    /// else's has ended.
    #[track_caller]
    pub fn initialise(&self, site: Site) -> Initialising {
        let Some(slot) = attach::attached().filter(|_| !Pulse::now().has(extra::OFF)) else {
            return Initialising { inner: Cell::new(None) };
        };
        let object = self.shared_identity(slot, site);
        let what = tag::OBJECT | (Mode::Init as u64) << tag::MODE_SHIFT;
        let blocked = Blocked::begin(slot, what, object, 0, site).settle();
        Initialising { inner: Cell::new(Some((blocked, slot, object, site))) }
    }

    #[track_caller]
    pub(crate) fn force<R>(&self, site: Site, run: impl FnOnce() -> R) -> R {
        let Some(slot) = attach::attached() else { return run() };
        wait::on(tag::LAZY, self.shared_identity(slot, site), 0, site, run)
    }

    #[track_caller]
    pub(crate) fn wait_initialised<R>(&self, site: Site, wait: impl FnOnce() -> R) -> R {
        let Some(slot) = attach::attached() else { return wait() };
        let what = tag::NOTIFY;
        wait::on(what, self.shared_identity(slot, site), 0, site, wait)
    }

    #[track_caller]
    pub(crate) fn arrive<R>(&self, quorum: Quorum, site: Site, wait: impl FnOnce() -> R) -> R {
        let Some(slot) = attach::attached() else { return wait() };
        wait::on(tag::ARRIVALS, self.shared_identity(slot, site), u64::from(quorum.arrivals()), site, wait)
    }

    /// Notifies waiters of the condvar the probe sits in.
    #[inline]
    pub fn notify<R>(&self, site: Site, all: bool, notify: impl FnOnce() -> R) -> R {
        let word = self.word();
        // Nobody has ever waited for it: nothing to tell.
        if !is_unborn(word)
            && let Some(slot) = attach::current()
        {
            note(slot, if all { Op::NotifyAll } else { Op::NotifyOne }, word, site.word());
        }
        notify()
    }
}

/// Looks at the lock before it sleeps: each time twice as long, about a microsecond in all.
pub(super) const SPINS: u32 = 6;

/// The place of creation in an unborn word, as `site::resolve` wants it.
#[inline(always)]
fn birthplace(unborn: *mut Location<'static>) -> u64 {
    unborn.map_addr(|word| word & !KIND_MASK as usize).expose_provenance() as u64
}

/// How often it lets others run, for a holder that has not been named.
const YIELDS: u32 = 32;

/// The kind in an unborn word.
#[inline(always)]
fn kind_of(unborn: u64) -> Kind {
    Kind::from_bits(((unborn & KIND_MASK) >> KIND_SHIFT) as u8)
}

#[inline(always)]
pub(super) fn is_unborn(word: u64) -> bool {
    word as i64 >= 0
}

#[inline(always)]
pub(super) const fn op_of(mode: Mode) -> Op {
    match mode {
        Mode::Exclusive | Mode::Upgrade => Op::Lock,
        Mode::Shared | Mode::Recursive => Op::Read,
        Mode::Init => Op::Init,
        Mode::Upgradable => Op::ReadUpgradable,
    }
}

/// The stack of the acquisition of the hold at `index`, if those are asked for.
#[cold]
#[inline(never)]
fn keep_stack(slot: &Slot, pulse: Pulse, index: usize) {
    if pulse.has(extra::STACKS) {
        stack::of_acquisition(slot, index);
    } else {
        slot.no_hold_stack(index);
    }
}

/// An operation that holds nothing: for the flight recorder, and the tape.
pub(super) fn note(slot: &Slot, op: Op, object: u64, place: u64) {
    remember(slot, Pulse::now(), op, object, place);
}

/// In the flight recorder or, at level `trace`, on the tape.
#[inline(always)]
fn remember(slot: &Slot, pulse: Pulse, op: Op, object: u64, place: u64) {
    if pulse.has(extra::TRACE) {
        tape::write(slot, op, object, place);
        slot.ledger.skip();
    } else {
        slot.ledger.remember(stamp(pulse, op), object, place);
    }
}

/// An operation that only the tape is interested in.
pub(super) fn note_traced(slot: &Slot, op: Op, object: u64) {
    if Pulse::now().has(extra::TRACE) {
        tape::write(slot, op, object, 0);
    }
}

/// Begins a hold that no guard stands for, and that has begun at the time of this stamp.
pub(super) fn push_hold(slot: &Slot, object: u64, place: u64, since: u64, mode: Mode) {
    let len = slot.ledger.len();
    let Some(cell) = slot.ledger.room(len) else { return };
    cell.write(object, place, since);
    if len != 0 {
        order::learn(slot, cell, len, object);
    }
    slot.ledger.set_len(len + 1);
    note(slot, op_of(mode), object, place);
}

/// Ends it.
pub(super) fn pop_hold(slot: &Slot, object: u64) {
    if let Some(index) = slot.ledger.find(object) {
        slot.remove(index);
    }
    note(slot, Op::Unlock, object, 0);
}

/// Proof that something is held; its drop records the release, and must come before the real one.
#[repr(transparent)]
pub(crate) struct Held {
    /// The probe of what is held; null where the acquisition was not recorded.
    probe: *const Probe,
}

// SAFETY: a shared `Held` gives access to nothing.
unsafe impl Sync for Held {}
impl std::panic::UnwindSafe for Held {}
impl std::panic::RefUnwindSafe for Held {}

impl Held {
    const UNRECORDED: Held = Held { probe: std::ptr::null() };

    /// SAFETY argument for every use: a `Held` is a field of a guard that borrows the primitive its probe sits in,
    /// and is dropped, or consumed, before that guard's borrow ends.
    #[inline(always)]
    fn probe(&self) -> Option<&Probe> {
        // SAFETY: null, or a probe that outlives this `Held` (above); probes are only ever shared.
        unsafe { self.probe.as_ref() }
    }

    /// Ends the hold without ending the borrow, for a wait that gives the mutex back.
    #[track_caller]
    pub(crate) fn suspend(self, condvar: &Probe, site: Site, limit: Option<Duration>) -> Waiting {
        let probe = self.probe;
        let mutex = self.probe().map_or(0, |probe| probe.word());
        let recorded = !probe.is_null();
        let Some(slot) = attach::current().filter(|_| recorded) else {
            drop(self);
            return Waiting { probe, blocked: None, site };
        };
        let object = condvar.shared_identity(slot, site);
        drop(self);
        let blocked = Blocked::notified(slot, object, mutex, limit, site);
        stack::of_wait(slot);
        Waiting { probe, blocked: Some((blocked, slot, object)), site }
    }

    /// A write lock becomes a read lock.
    pub(crate) fn downgrade(self) -> Held {
        let (Some(probe), Some(slot)) = (self.probe(), attach::current()) else { return self };
        let word = probe.word();
        if let Some(index) = slot.ledger.find(word) {
            slot.ledger.set_mode(index, Mode::Shared);
            note(slot, Op::Downgrade, word, 0);
        }
        self
    }
}

impl Drop for Held {
    #[inline(always)]
    fn drop(&mut self) {
        let Some(probe) = self.probe() else { return };
        let Some(slot) = attach::current() else { return released_late(probe.word()) };
        let pulse = Pulse::now();
        let word = probe.word();
        let top = (slot.ledger.len()).wrapping_sub(1);
        match slot.ledger.inline(top) {
            Some(cell) if cell.is_of(word) && pulse.plain() => {
                slot.ledger.set_len(top);
                slot.ledger.remember_placeless(stamp(pulse, Op::Unlock), word);
            }
            _ if pulse.only_traces() => released_traced(slot, probe),
            _ => released_otherwise(slot, probe),
        }
    }
}

/// At level `trace`, the newest hold. A leaf, as [`Probe::acquired_nested`] is.
#[inline(never)]
extern "C" fn released_traced(slot: &Slot, probe: &Probe) {
    let Some(tape) = tape::with_room(slot) else { return released_otherwise(slot, probe) };
    let word = probe.word();
    let top = slot.ledger.len().wrapping_sub(1);
    match slot.ledger.inline(top) {
        Some(cell) if cell.is_of(word) => {
            slot.ledger.set_len(top);
            tape.write(Op::Unlock, word, 0);
            slot.ledger.skip();
        }
        _ => released_otherwise(slot, probe),
    }
}

/// Not the newest hold, or another level.
#[inline(never)]
extern "C" fn released_otherwise(slot: &Slot, probe: &Probe) {
    let pulse = Pulse::now();
    let word = probe.word();
    let Some(index) = slot.ledger.find(word) else { return };
    if index + 1 == slot.ledger.len() {
        slot.ledger.set_len(index);
    } else {
        slot.remove(index);
    }
    remember(slot, pulse, Op::Unlock, word, 0);
}

/// After the thread's slot was given back: in a thread-local's destructor.
#[cold]
#[inline(never)]
extern "C" fn released_late(word: u64) {
    if !attach::forked() {
        orphans::released(word, attach::own_os_id());
    }
}

/// A hold that is suspended while its owner waits for a notification.
pub(crate) struct Waiting {
    probe: *const Probe,
    blocked: Option<(Blocked, &'static Slot, u64)>,
    site: Site,
}

impl Waiting {
    /// The wait is over, and the mutex is held again.
    pub(crate) fn resume(mut self, timed_out: bool) -> Held {
        let Some((blocked, slot, object)) = self.blocked.take() else { return Held::UNRECORDED };
        drop(blocked);
        wait::ended(slot, if timed_out { Op::TimedOut } else { Op::WaitEnd }, object, self.site);
        // SAFETY: the guard that `suspend` took this from is on its way back to the caller: it still borrows the
        // mutex.
        match unsafe { self.probe.as_ref() } {
            Some(probe) => probe.acquired(Some(slot), self.site, How::of(Mode::Exclusive), true),
            None => Held::UNRECORDED,
        }
    }
}

/// What `look` finds: where a value is there already, there is nothing to wait for.
#[inline(always)]
pub fn already<R>(look: impl FnOnce() -> Option<R>) -> Option<R> {
    look()
}

/// Handed to the caller's side of an initialisation, which says when the initialiser really runs.
pub struct Initialising {
    inner: Cell<Option<(Blocked, &'static Slot, u64, Site)>>,
}

impl Initialising {
    /// Whether the caller is taken for a waiting one: then it must not panic.
    pub fn is_published(&self) -> bool {
        let inner = self.inner.take();
        let is_published = inner.is_some();
        self.inner.set(inner);
        is_published
    }

    /// Runs the user's initialiser, which the caller holds the cell for.
    pub fn run<R>(&self, init: impl FnOnce() -> R) -> R {
        let Some((blocked, slot, object, site)) = self.inner.take() else { return init() };
        drop(blocked);
        wait::ended(slot, Op::WaitEnd, object, site);
        push_hold(slot, object, site.word(), Pulse::now().stamp(Mode::Init as u8), Mode::Init);
        let _hold = InitHold(slot, object);
        init()
    }
}

impl Drop for Initialising {
    fn drop(&mut self) {
        if let Some((blocked, slot, object, site)) = self.inner.take() {
            drop(blocked);
            wait::ended(slot, Op::WaitEnd, object, site);
        }
    }
}

struct InitHold(&'static Slot, u64);

impl Drop for InitHold {
    fn drop(&mut self) {
        pop_hold(self.0, self.1);
    }
}

/// How many arrivals open a barrier.
#[derive(Clone, Copy)]
pub(crate) struct Quorum(usize);

impl Quorum {
    #[inline(always)]
    pub(crate) const fn new(arrivals: usize) -> Quorum {
        Quorum(arrivals)
    }

    /// More than can be counted are as many as never come.
    fn arrivals(self) -> u32 {
        self.0.try_into().unwrap_or(u32::MAX)
    }
}
