//! Locks without a token: their guards are somebody else's types (`lock_api`'s), which say by a call that they unlock.
//!
//! Nearly always that call comes from the thread that has locked, and finds the hold where a [`Held`](super::Held)'s drop
//! would. If not, the guard was sent here from another thread, or there never was one: see [`returned`].

use super::{
    Probe, Site, attach,
    clock::{Pulse, extra},
    directory,
    how::How,
    probe, returned,
    slot::{Slot, stamp},
    stack,
    wait::{self, Blocked, tag},
};
use crate::model::{Mode, Op};
use std::{hint, mem, time::Duration};

/// How the guards of a kind of locks are.
#[derive(Clone, Copy)]
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
}

/// Operations of a lock whose guards are not ours. Each call of one that acquires is to be followed by one of
/// [`Probe::unlock`], by whomever.
impl Probe {
    /// Acquires what the probe sits in: `attempt` tries without blocking, `block` blocks.
    #[inline(always)]
    #[track_caller]
    pub fn lock(&self, site: Site, guards: Guards, wanted: Mode, attempt: impl Fn() -> bool, block: impl FnOnce()) {
        let attempt = || attempt().then_some(());
        mem::forget(self.acquire_as(site, wanted, guards.how(wanted), attempt, block).0);
    }

    /// Acquires without blocking.
    #[inline(always)]
    pub fn try_lock(&self, site: Site, guards: Guards, mode: Mode, attempt: impl FnOnce() -> bool) -> bool {
        let slot = attach::attached();
        let acquired = attempt();
        if acquired {
            mem::forget(self.acquired(slot, site, guards.how(mode), false));
        }
        acquired
    }

    /// Acquires, or gives up after a time: never part of a deadlock, and makes no lock order.
    #[inline]
    pub fn lock_timed(
        &self,
        site: Site,
        guards: Guards,
        wanted: Mode,
        attempt: impl Fn() -> bool,
        block: impl FnOnce() -> bool,
    ) -> bool {
        let slot = attach::attached();
        let acquired = attempt() || self.wait_timed(slot, site, wanted, attempt, block);
        if acquired {
            mem::forget(self.acquired(slot, site, guards.how(wanted), false));
        }
        acquired
    }

    #[cold]
    #[inline(never)]
    fn wait_timed(
        &self,
        slot: Option<&'static Slot>,
        site: Site,
        wanted: Mode,
        attempt: impl Fn() -> bool,
        block: impl FnOnce() -> bool,
    ) -> bool {
        let Some(slot) = slot.filter(|_| !Pulse::now().has(extra::OFF)) else { return block() };
        for round in 0..probe::SPINS {
            (0..1 << round).for_each(|_| hint::spin_loop());
            if attempt() {
                return true;
            }
        }
        let word = self.identity_by_holder();
        let what = tag::OBJECT | (wanted as u64) << tag::MODE_SHIFT | tag::TIMED;
        if !wanted.reads() {
            wait::writers_are_impatient();
        }
        let blocked = Blocked::begin(slot, what, word, 0, site);
        stack::of_wait(slot);
        let acquired = block();
        drop(blocked);
        wait::ended(slot, if acquired { Op::WaitEnd } else { Op::TimedOut }, word, site);
        acquired
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
        ended_otherwise(self, mode);
    }

    /// Whether anybody is known to wait for it.
    pub fn is_awaited(&self) -> bool {
        let word = self.word();
        let wants = |slot: &Slot| {
            slot.waiting().1.is_some_and(|wait| wait.what & tag::MASK == tag::OBJECT && wait.operand == word)
        };
        !probe::is_unborn(word) && directory::living().any(wants)
    }

    /// An upgradable read becomes writing, once the other readers have gone.
    #[track_caller]
    pub fn upgrade(&self, site: Site, guards: Guards, attempt: impl Fn() -> bool, block: impl FnOnce()) {
        let slot = self.own(site, guards, Mode::Upgradable);
        if !attempt() {
            match slot {
                Some(slot) => {
                    let what = tag::OBJECT | (Mode::Upgrade as u64) << tag::MODE_SHIFT;
                    wait::blocked(slot, (what, self.word(), 0), site, block);
                }
                None => block(),
            }
        }
        self.become_(slot, site, Mode::Upgradable, Mode::Exclusive, Op::Upgrade);
    }

    /// The same where it may not succeed: `attempt` never blocks.
    pub fn try_upgrade(&self, site: Site, guards: Guards, attempt: impl FnOnce() -> bool) -> bool {
        let slot = self.own(site, guards, Mode::Upgradable);
        let upgraded = attempt();
        if upgraded {
            self.become_(slot, site, Mode::Upgradable, Mode::Exclusive, Op::Upgrade);
        }
        upgraded
    }

    /// The same where it may take its time, which is limited.
    pub fn upgrade_timed(
        &self,
        site: Site,
        guards: Guards,
        attempt: impl Fn() -> bool,
        block: impl FnOnce() -> bool,
    ) -> bool {
        let slot = self.own(site, guards, Mode::Upgradable);
        let upgraded = attempt() || self.wait_timed(slot, site, Mode::Upgrade, attempt, block);
        if upgraded {
            self.become_(slot, site, Mode::Upgradable, Mode::Exclusive, Op::Upgrade);
        }
        upgraded
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
        if slot.ledger.find_as(self.word(), mode).is_none() && returned::end(self.word(), mode) {
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
extern "C" fn ended_otherwise(probe: &Probe, mode: Mode) {
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
    if returned::end(word, mode)
        && let Some(slot) = slot
    {
        probe::note(slot, Op::Unlock, word, 0);
    }
}
