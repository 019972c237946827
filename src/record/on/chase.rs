//! Does this wait close a cycle?
//!
//! Asked by the thread itself, just before it blocks, of the other threads' slots: from holder to what the holder
//! waits for, and so on, until somebody runs or we meet ourselves. It is only a suspicion (what is read may be torn):
//! the watchdog looks properly. It costs a look at every slot for every step. A chain can also end in a guard that its
//! thread has left behind.
//!
//! Two threads that close a cycle between them at the same moment: each publishes its wait, then (after a fence) looks
//! at the other's, so at least one sees both.

use super::{
    clock, directory, orphans,
    seqlock::shown,
    slot::Slot,
    wait::{mode_of, tag},
};
use crate::model::{Event, Kind, Mode, ObjectId};
use std::sync::atomic::Ordering::*;

/// Steps after which we give up; the watchdog's sweep finds longer ones.
const FAR: usize = 64;

/// Only who holds something, or is waited for, can be part of a cycle.
fn may_close(slot: &Slot) -> bool {
    slot.ledger.len() != 0 || slot.awaited.load(Relaxed)
}

/// Asked when `me`'s wait is published.
pub(super) fn closes_cycle(me: &'static Slot) -> bool {
    // Before `awaited` is read, too: who waits for our end says so before it looks for our wait.
    shown();
    may_close(me) && finds_itself(me) || waits_for_orphan(me)
}

/// Nobody can ever release a guard that was leaked by a thread which has ended: the chain ends there.
fn waits_for_orphan(me: &Slot) -> bool {
    me.waiting()
        .1
        .is_some_and(|wait| wait.what & (tag::MASK | tag::TIMED) == tag::OBJECT && orphans::hold(wait.operand))
}

fn finds_itself(me: &'static Slot) -> bool {
    let mut seen = [me.index; FAR];
    let mut todo = 0;
    let mut known = 1;
    while todo < known {
        let Some(slot) = directory::slot(seen[todo]) else { return false };
        todo += 1;
        let mut closed = false;
        blockers(slot, |blocker| {
            closed |= blocker.index == me.index;
            if known < FAR && !seen[..known].contains(&blocker.index) {
                seen[known] = blocker.index;
                known += 1;
            }
        });
        if closed {
            return true;
        }
    }
    false
}

/// Calls `each` with everybody this one waits for.
pub(crate) fn blockers(slot: &Slot, mut each: impl FnMut(&'static Slot)) {
    let Some(wait) = slot.waiting().1 else { return };
    if wait.what & tag::TIMED != 0 && !wait.has_expired(clock::coarse()) {
        return;
    }
    match wait.what & tag::MASK {
        tag::OBJECT => {
            let wanted = mode_of(&wait);
            let mut found = false;
            holders(wait.operand, wanted, |holder| {
                found = true;
                each(holder);
            });
            if !found && wanted == Mode::Shared {
                queued_writers(wait.operand, each);
            }
        }
        tag::LAZY => holders(wait.operand, Mode::Init, each),
        tag::NOTIFY if wait.second != 0 => holders(wait.second, Mode::Exclusive, each),
        // Of a once cell: whoever initialises it. (A `Once` may have been poisoned: then this wait is a panic.)
        tag::NOTIFY if ObjectId(wait.operand).kind() == Kind::Once => {}
        tag::NOTIFY => holders(wait.operand, Mode::Init, each),
        tag::ACTOR => {
            if let Some(target) = Event::actor_operand(wait.operand)
                && let Some(slot) = directory::slot(target.index)
                && slot.id() == target
            {
                each(slot);
            }
        }
        tag::SCOPE => directory::living().filter(|slot| slot.scope.load(Relaxed) == wait.operand).for_each(each),
        tag::NON_DAEMONS => {
            let counts = |other: &&Slot| !other.is_daemon() && !other.is_foreign() && other.index != slot.index;
            directory::living().filter(counts).for_each(each);
        }
        _ => {}
    }
}

fn holders(object: u64, wanted: Mode, mut each: impl FnMut(&'static Slot)) {
    for slot in directory::living() {
        let mut holds = false;
        slot.ledger.glance(|held, mode| holds |= held == object && wanted.conflicts(mode));
        if holds {
            each(slot);
        }
    }
}

fn queued_writers(object: u64, mut each: impl FnMut(&'static Slot)) {
    for slot in directory::living() {
        if let (_, Some(wait)) = slot.waiting()
            && wait.what & tag::MASK == tag::OBJECT
            && wait.operand == object
            && matches!(mode_of(&wait), Mode::Exclusive | Mode::Upgrade)
        {
            each(slot);
        }
    }
}
