//! What sits in each end of a channel, and what it tells.
//!
//! A message that passes without a wait is one entry in the flight recorder of whoever sends or receives it, and that is
//! all, once it is known who uses this end. The channel itself has no record: its ends have (see [`super::ends`]).

use super::{
    Site, attach, class,
    clock::{self, Pulse, extra},
    ends::{self, Record, SEVERAL},
    slot::{Slot, stamp},
    tape, task,
    wait::{self, Blocked, tag},
};
use crate::model::{End, Kind, ObjectId, Op};
use std::{hint, sync::atomic::Ordering::*};

/// One end of a channel: a sender, or the receiver. Its drop records that it is gone, and must come before the real one.
pub(crate) struct Handle {
    /// `None` where it is not recorded.
    record: Option<&'static Record>,
    end: End,
}

/// A new channel: its first sender, and its receiver.
pub(crate) fn channel(site: Site) -> (Handle, Handle) {
    let object =
        attach::attached().map(|slot| ObjectId::new(Kind::Channel, class::of_place(site.word()), slot.next_serial()).0);
    (Handle::new(object, End::Sender, site), Handle::new(object, End::Receiver, site))
}

/// Knows a channel, also where that gets a name, and is no end of it.
pub(crate) struct Weak {
    record: Option<&'static Record>,
}

impl Weak {
    fn new(object: Option<u64>) -> Weak {
        Weak { record: object.and_then(ends::take_weak) }
    }

    /// One more of these.
    pub(crate) fn another(&self) -> Weak {
        Weak::new(self.record.map(object))
    }

    /// A new sender.
    pub(crate) fn sender(&self, site: Site) -> Handle {
        Handle::new(self.record.map(object), End::Sender, site)
    }
}

impl Drop for Weak {
    #[inline]
    fn drop(&mut self) {
        if let Some(record) = self.record {
            ends::give_back(record);
        }
    }
}

impl Handle {
    fn new(object: Option<u64>, end: End, site: Site) -> Handle {
        let maker = attach::current().map_or(0, actor);
        Handle { record: object.and_then(|object| ends::take(object, end, site.word(), maker)), end }
    }

    /// One more of the same end.
    pub(crate) fn another(&self, site: Site) -> Handle {
        Handle::new(self.record.map(object), self.end, site)
    }

    /// One more of the other end.
    pub(crate) fn opposite(&self, site: Site) -> Handle {
        let end = match self.end {
            End::Sender => End::Receiver,
            End::Receiver => End::Sender,
        };
        Handle::new(self.record.map(object), end, site)
    }

    /// What knows the channel and is no end of it.
    pub(crate) fn weak(&self) -> Weak {
        Weak::new(self.record.map(object))
    }

    /// Gives the channel a name, for both its ends.
    #[cold]
    pub(crate) fn named(&mut self, name: &str) {
        let Some(before) = self.record.map(object) else { return };
        let id = ObjectId(before);
        let class = class::named(class::place_of(id), name);
        ends::rename(before, ObjectId::new(Kind::Channel, class, id.serial()).0);
    }

    /// What a future waits for at this end, which the calling actor uses: what, and of which channel.
    pub(super) fn awaited(&self, slot: &'static Slot) -> Option<(u64, u64)> {
        let record = self.record?;
        use_by(record, slot);
        Some((waits_for(self.end), object(record)))
    }

    /// Sends or receives where that does not block.
    #[inline(always)]
    pub(crate) fn pass<T, E>(&self, site: Site, pass: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.pass_where(site, Result::is_ok, pass)
    }

    /// The same, where `passed` says of the result whether a message has passed.
    #[inline(always)]
    pub(crate) fn pass_where<R>(&self, site: Site, passed: impl FnOnce(&R) -> bool, pass: impl FnOnce() -> R) -> R {
        let began = self.beginning();
        let result = pass();
        if passed(&result) {
            self.passed(site, began);
        }
        result
    }

    /// Sends or receives where that may block: `attempt` tries without, and gives back what it could not send.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn transfer<O, T, E>(
        &self,
        site: Site,
        timed: bool,
        offer: O,
        attempt: impl Fn(O) -> Result<Result<T, E>, O>,
        block: impl FnOnce(O) -> Result<T, E>,
    ) -> Result<T, E> {
        let began = self.beginning();
        let offer = match attempt(offer) {
            Ok(result) => {
                if result.is_ok() {
                    self.passed(site, began);
                }
                return result;
            }
            Err(offer) => offer,
        };
        self.blocked(site, timed, offer, attempt, block)
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn blocked<O, T, E>(
        &self,
        site: Site,
        timed: bool,
        mut offer: O,
        attempt: impl Fn(O) -> Result<Result<T, E>, O>,
        block: impl FnOnce(O) -> Result<T, E>,
    ) -> Result<T, E> {
        let slot = attach::attached().filter(|_| !Pulse::now().has(extra::OFF));
        let (Some(slot), Some(record)) = (slot, self.record) else { return block(offer) };
        // The other end is often there within a microsecond, and then nobody needs to know.
        for round in 0..SPINS {
            (0..1 << round).for_each(|_| hint::spin_loop());
            match attempt(offer) {
                Ok(result) => {
                    if result.is_ok() {
                        self.passed(site, 0);
                    }
                    return result;
                }
                Err(back) => offer = back,
            }
        }
        use_by(record, slot);
        let what = waits_for(self.end);
        let object = object(record);
        let blocked = Blocked::begin(slot, what | if timed { tag::TIMED } else { 0 }, object, 0, site).settle();
        let result = block(offer);
        drop(blocked);
        let timed_out = timed && result.is_err();
        wait::ended(slot, if timed_out { Op::TimedOut } else { Op::WaitEnd }, object, site);
        if result.is_ok() {
            self.passed(site, 0);
        }
        result
    }

    /// At level `trace`, when a sending begins: whoever receives the message may say so before the sender does.
    #[inline(always)]
    fn beginning(&self) -> u64 {
        if Pulse::now().plain() { 0 } else { beginning(self.end) }
    }

    /// A message has passed.
    #[inline(always)]
    fn passed(&self, site: Site, began: u64) {
        let (Some(record), Some(slot)) = (self.record, attach::attached()) else { return self.passed_unrecorded() };
        let pulse = Pulse::now();
        if record.user.load(Relaxed) != actor(slot) || !pulse.plain() {
            return passed_otherwise(record, slot, self.end, site, began);
        }
        slot.ledger.remember(stamp(pulse, op_of(self.end)), object(record), site.word());
    }

    /// By a thread that is not recorded: then nobody knows who uses this end.
    #[cold]
    #[inline(never)]
    fn passed_unrecorded(&self) {
        if let Some(record) = self.record {
            record.user.store(SEVERAL, Relaxed);
        }
    }
}

impl Drop for Handle {
    #[inline]
    fn drop(&mut self) {
        if let Some(record) = self.record {
            ends::give_back(record);
        }
    }
}

/// How often it looks for the other end before it sleeps: each time twice as long, about a microsecond in all.
const SPINS: u32 = 6;

/// The actor that the calling thread, whose slot this is, is at the moment: itself, or the task that it polls.
#[inline(always)]
fn actor(slot: &'static Slot) -> u64 {
    task::current().map_or_else(|| slot.operand(), task::Record::operand)
}

const fn waits_for(end: End) -> u64 {
    match end {
        End::Sender => tag::ROOM,
        End::Receiver => tag::MESSAGE,
    }
}

#[inline(always)]
fn object(record: &Record) -> u64 {
    record.object.load(Relaxed)
}

#[inline(always)]
const fn op_of(end: End) -> Op {
    match end {
        End::Sender => Op::Send,
        End::Receiver => Op::Receive,
    }
}

#[cold]
#[inline(never)]
fn beginning(end: End) -> u64 {
    if end == End::Sender && Pulse::now().has(extra::TRACE) { clock::precise() } else { 0 }
}

/// The first message, or the first of another actor, or at another level.
#[cold]
#[inline(never)]
fn passed_otherwise(record: &Record, slot: &'static Slot, end: End, site: Site, began: u64) {
    use_by(record, slot);
    let pulse = Pulse::now();
    if pulse.has(extra::OFF) {
        return;
    }
    if pulse.has(extra::TRACE) {
        let ticks = if began == 0 { clock::precise() } else { began };
        tape::write_at(slot, ticks, op_of(end), object(record), site.word());
        slot.ledger.skip();
    } else {
        slot.ledger.remember(stamp(pulse, op_of(end)), object(record), site.word());
    }
}

/// The actor uses this end. Where another one has before, or does at the same time, nobody can say any more whose it is.
fn use_by(record: &Record, slot: &'static Slot) {
    let own = actor(slot);
    let user = record.user.load(Relaxed);
    if user == 0 && record.user.compare_exchange(0, own, Relaxed, Relaxed).is_ok() || user == own {
        return;
    }
    record.user.store(SEVERAL, Relaxed);
}
