//! Locks without a token: their guards are somebody else's types (`lock_api`'s), which say by a call that they unlock.
//!
//! Nearly always that call comes from the thread that has locked, and finds the hold where a [`Held`](super::Held)'s drop
//! would. If not, the guard was sent here from another thread, or there never was one: see [`returned`].

use super::{
    Probe, Site, attach,
    clock::{self, Pulse, extra},
    directory,
    how::How,
    probe,
    returned::{self, Whose},
    slot::{Slot, stamp},
    stack,
    wait::{self, Blocked, tag},
};
use crate::model::{Mode, Op};
use std::{hint, mem, time::Duration};

/// How the guards of a kind of locks are.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Guards {
    free: bool,
}

impl Guards {
    /// `free`: they can be sent to other threads.
    pub const fn new(free: bool) -> Guards {
        Guards { free }
    }

    #[inline(always)]
    const fn how(self, mode: Mode) -> How {
        How::bare(mode.once_held(), self.free)
    }

    /// Whose hold the calling thread ends, which has none: where its guards stay in their thread, and this one has had
    /// holds that are not recorded, it is one of those.
    fn whose(self, slot: Option<&Slot>) -> Whose {
        let forgetful = slot.map_or_else(attach::is_over, |slot| slot.ledger.overflowed() != 0) || clock::was_off();
        if forgetful && !self.free { Whose::Unrecorded } else { Whose::Anybodys }
    }
}

/// Operations of a lock whose guards are not ours. Each call of one that acquires is to be followed by one of
/// [`Probe::unlock`], by whomever.
impl Probe {
    /// Acquires what the probe sits in: `attempt` tries without blocking, `block` blocks.
    #[inline(always)]
    #[track_caller]
    pub fn lock<R>(
        &self,
        site: Site,
        guards: Guards,
        wanted: Mode,
        attempt: impl Fn() -> Option<R>,
        block: impl FnOnce() -> R,
    ) -> R {
        let (held, acquired) = self.acquire_as(site, wanted, guards.how(wanted), attempt, block);
        mem::forget(held);
        acquired
    }

    /// Acquires without blocking.
    #[inline(always)]
    pub fn try_lock<R>(
        &self,
        site: Site,
        guards: Guards,
        mode: Mode,
        attempt: impl FnOnce() -> Option<R>,
    ) -> Option<R> {
        let slot = attach::attached();
        let acquired = attempt()?;
        mem::forget(self.acquired(slot, site, guards.how(mode), false));
        Some(acquired)
    }

    /// Acquires, or gives up after a time: never part of a deadlock, and makes no lock order.
    #[inline]
    pub fn lock_timed<R>(
        &self,
        site: Site,
        guards: Guards,
        wanted: Mode,
        attempt: impl Fn() -> Option<R>,
        block: impl FnOnce() -> Option<R>,
    ) -> Option<R> {
        let slot = attach::attached();
        let late = || self.wait_timed(slot, site, wanted, block, Option::is_some);
        let acquired = attempt().or_else(|| spun(attempt)).or_else(late)?;
        mem::forget(self.acquired(slot, site, guards.how(wanted), false));
        Some(acquired)
    }

    /// Blocks in `block`, published as waiting for a time. `got` says of the result whether it is what was wanted.
    #[cold]
    #[inline(never)]
    fn wait_timed<R>(
        &self,
        slot: Option<&'static Slot>,
        site: Site,
        wanted: Mode,
        block: impl FnOnce() -> R,
        got: impl FnOnce(&R) -> bool,
    ) -> R {
        let Some(slot) = slot.filter(|_| !Pulse::now().has(extra::OFF)) else { return block() };
        if !wanted.reads() {
            wait::writers_are_impatient();
        }
        let word = self.identity_by_holder();
        let what = tag::OBJECT | (wanted as u64) << tag::MODE_SHIFT | tag::TIMED;
        let blocked = Blocked::begin(slot, what, word, 0, site);
        stack::of_wait(slot);
        let result = block();
        drop(blocked);
        wait::ended(slot, if got(&result) { Op::WaitEnd } else { Op::TimedOut }, word, site);
        result
    }

    /// To be called before the lock really opens.
    #[inline(always)]
    pub fn unlock(&self, guards: Guards, mode: Mode) {
        let word = self.word();
        if let Some(slot) = attach::current() {
            let pulse = Pulse::now();
            let top = slot.ledger.len().wrapping_sub(1);
            if let Some(cell) = slot.ledger.inline(top)
                && cell.is_of_as(word, guards.how(mode))
                && pulse.plain()
            {
                slot.ledger.set_len(top);
                slot.ledger.remember_placeless(stamp(pulse, Op::Unlock), word);
                return;
            }
        }
        ended_otherwise(self, guards, mode);
    }

    /// The caller's newest hold, if it has one, may be ended by any thread.
    #[inline]
    pub fn give_to_anybody(&self, mode: Mode) {
        if let Some(slot) = attach::current()
            && let Some(index) = slot.ledger.find_as(self.word(), mode)
        {
            slot.ledger.set_free(index);
        }
    }

    /// Gives it to whoever waits, and takes it again: `bump` does both, or neither where nobody waits.
    #[track_caller]
    pub fn bump(&self, site: Site, guards: Guards, mode: Mode, bump: impl FnOnce()) {
        let recorded = |_: &&Slot| !Pulse::now().has(extra::OFF) && self.is_awaited();
        let Some(slot) = attach::current().filter(recorded) else { return bump() };
        self.unlock(guards, mode);
        // As one who holds nothing, and waits for those who have come in between. Perhaps nobody has, and it does not
        // wait: so nobody is to be blamed for keeping it out who has not.
        let wanted = if mode == Mode::Shared { Mode::Recursive } else { mode };
        let what = tag::OBJECT | (wanted as u64) << tag::MODE_SHIFT;
        wait::blocked_quietly(slot, (what, self.word(), 0), site, bump);
        mem::forget(self.acquired(Some(slot), site, guards.how(mode), true));
    }

    /// Whether anybody is known to wait for it; also with a condvar, whose notification may have queued it here.
    fn is_awaited(&self) -> bool {
        let word = self.word();
        let wants = |slot: &Slot| {
            slot.waiting().1.is_some_and(|wait| match wait.what & tag::MASK {
                tag::OBJECT => wait.operand == word,
                tag::NOTIFY => wait.second == word,
                _ => false,
            })
        };
        !probe::is_unborn(word) && directory::living().any(wants)
    }

    /// An upgradable read becomes writing, once the other readers have gone: `attempt` tries without blocking, `block`
    /// blocks with what that gave back. Where it panics instead, with a report, `give_up` gets that.
    #[track_caller]
    pub fn upgrade<U, X>(
        &self,
        site: Site,
        guards: Guards,
        upgradable: U,
        attempt: impl FnOnce(U) -> Result<X, U>,
        block: impl FnOnce(U) -> X,
        give_up: impl FnOnce(U),
    ) -> X {
        let slot = self.own(site, guards, Mode::Upgradable);
        // Not a closure: a panic is to tell the caller's place.
        let upgraded = match (attempt(upgradable), slot.filter(|_| !Pulse::now().has(extra::OFF))) {
            (Ok(upgraded), _) => upgraded,
            (Err(upgradable), None) => block(upgradable),
            (Err(upgradable), Some(slot)) => {
                let what = tag::OBJECT | (Mode::Upgrade as u64) << tag::MODE_SHIFT;
                let blocked = Blocked::begin(slot, what, self.word(), 0, site);
                let (blocked, upgradable) = blocked.settle_with(upgradable, give_up);
                let upgraded = block(upgradable);
                drop(blocked);
                wait::ended(slot, Op::WaitEnd, self.word(), site);
                upgraded
            }
        };
        self.become_(slot, site, Mode::Upgradable, Mode::Exclusive, Op::Upgrade);
        upgraded
    }

    /// The same where it may not succeed: `attempt` never blocks.
    #[inline]
    pub fn try_upgrade<U, X>(
        &self,
        site: Site,
        guards: Guards,
        attempt: impl FnOnce() -> Result<X, U>,
    ) -> Result<X, U> {
        let slot = self.own(site, guards, Mode::Upgradable);
        let upgraded = attempt()?;
        self.become_(slot, site, Mode::Upgradable, Mode::Exclusive, Op::Upgrade);
        Ok(upgraded)
    }

    /// The same where it may take its time, which is limited.
    #[inline]
    pub fn upgrade_timed<U, X>(
        &self,
        site: Site,
        guards: Guards,
        upgradable: U,
        attempt: impl FnOnce(U) -> Result<X, U>,
        block: impl FnOnce(U) -> Result<X, U>,
    ) -> Result<X, U> {
        let slot = self.own(site, guards, Mode::Upgradable);
        let late = |upgradable| self.wait_timed(slot, site, Mode::Upgrade, || block(upgradable), Result::is_ok);
        let upgraded = attempt(upgradable).or_else(late)?;
        self.become_(slot, site, Mode::Upgradable, Mode::Exclusive, Op::Upgrade);
        Ok(upgraded)
    }

    /// Held in a lesser mode from here on: to be called before the real lock lets others in.
    pub fn downgrade(&self, site: Site, guards: Guards, from: Mode, to: Mode) {
        let slot = self.own(site, guards, from);
        let op = if to == Mode::Shared { Op::Downgrade } else { Op::DowngradeToUpgradable };
        self.become_(slot, site, from, to, op);
    }

    /// The calling thread's slot, with this lock's hold in it: if another thread's guard has come here, its hold comes
    /// along.
    fn own(&self, site: Site, guards: Guards, mode: Mode) -> Option<&'static Slot> {
        let slot = attach::attached()?;
        if slot.ledger.find_as(self.word(), mode).is_none()
            && returned::end(self.word(), mode, guards.whose(Some(slot)))
        {
            mem::forget(self.acquired(Some(slot), site, guards.how(mode), false));
        }
        Some(slot)
    }

    fn become_(&self, slot: Option<&'static Slot>, site: Site, from: Mode, to: Mode, op: Op) {
        if let Some(slot) = slot
            && let Some(index) = slot.ledger.find_as(self.word(), from)
        {
            slot.ledger.set_mode(index, to);
            probe::note(slot, op, self.word(), site.word());
        }
    }

    /// The mutex is free while `wait` waits for a notification of `condvar`; after `limit`, if there is one, it is
    /// needed without one. `timed_out` says of the result whether that was so.
    #[track_caller]
    pub fn wait<R>(
        &self,
        condvar: &Probe,
        guards: Guards,
        limit: impl FnOnce() -> Option<Duration>,
        site: Site,
        wait: impl FnOnce() -> R,
        timed_out: impl FnOnce(&R) -> bool,
    ) -> R {
        let Some(slot) = attach::attached().filter(|_| !Pulse::now().has(extra::OFF)) else {
            self.unlock(guards, Mode::Exclusive);
            return wait();
        };
        let (mutex, object) = (self.word(), condvar.shared_identity(slot, site));
        self.unlock(guards, Mode::Exclusive);
        let mut waiting = Waiting { mutex: self, slot, guards, site, blocked: None, object, ended: Op::WaitEnd };
        waiting.blocked = Some(Blocked::notified(slot, object, mutex, limit(), site));
        stack::of_wait(slot);
        let result = wait();
        if timed_out(&result) {
            waiting.ended = Op::TimedOut;
        }
        result
    }
}

/// Most contended locks are free again within a microsecond.
#[inline(never)]
fn spun<R>(attempt: impl Fn() -> Option<R>) -> Option<R> {
    (0..probe::SPINS).find_map(|round| {
        (0..1 << round).for_each(|_| hint::spin_loop());
        attempt()
    })
}

/// Its drop is the end of a wait for a notification: the mutex is held again, also where the wait was refused by a panic
/// (a condvar that is in use with another mutex).
struct Waiting<'a> {
    mutex: &'a Probe,
    slot: &'static Slot,
    guards: Guards,
    site: Site,
    blocked: Option<Blocked>,
    object: u64,
    ended: Op,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        drop(self.blocked.take());
        wait::ended(self.slot, self.ended, self.object, self.site);
        mem::forget(self.mutex.acquired(Some(self.slot), self.site, self.guards.how(Mode::Exclusive), true));
    }
}

/// Not the newest hold, or at another level, or another thread's.
#[inline(never)]
extern "C" fn ended_otherwise(probe: &Probe, guards: Guards, mode: Mode) {
    let word = probe.word();
    if probe::is_unborn(word) || attach::forked() {
        return;
    }
    let slot = attach::current();
    if let Some(slot) = slot
        && let Some(index) = slot.ledger.find_as(word, mode)
    {
        slot.remove(index);
        probe::note(slot, Op::Unlock, word, 0);
        return;
    }
    if returned::end(word, mode, guards.whose(slot))
        && let Some(slot) = slot
    {
        probe::note(slot, Op::Unlock, word, 0);
    }
}
