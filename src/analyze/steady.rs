//! What two readings have in common.

use crate::model::{Actor, ActorId, Because, Hold, On, Sleep, Snapshot, Step, Wait};
use rustc_hash::FxHashMap;

/// The actors of a snapshot by identity.
pub(super) type ById<'a> = FxHashMap<ActorId, &'a Actor>;

/// Two readings, the second later than the first, and who is in them: there may be very many findings to hold against them.
pub struct Readings<'a> {
    pub(super) first: &'a Snapshot,
    pub(super) second: &'a Snapshot,
    pub(super) before: ById<'a>,
    pub(super) now: ById<'a>,
}

impl<'a> Readings<'a> {
    /// Of these two.
    pub fn new(first: &'a Snapshot, second: &'a Snapshot) -> Readings<'a> {
        Readings { first, second, before: by_id(first), now: by_id(second) }
    }

    /// Whether the step is the same in both, and what stands in its way.
    pub(super) fn both_hold(&self, step: &Step) -> bool {
        holds(step, self.first, &self.before) && holds(step, self.second, &self.now)
    }
}

pub(super) fn by_id(snapshot: &Snapshot) -> ById<'_> {
    snapshot.actors.iter().map(|actor| (actor.id, actor)).collect()
}

/// The second reading, with every actor that is not known to have waited all the time taken for a running one,
/// and every one that is not known to have slept all the time for one of which that is not known.
///
/// Whoever waits in the result has waited from the first reading to the second, and so has held the same.
pub(super) fn steady(first: &Snapshot, second: &Snapshot) -> Snapshot {
    let before = by_id(first);
    let mut both = second.clone();
    for actor in &mut both.actors {
        let same = before
            .get(&actor.id)
            .filter(|before| before.sequence == actor.sequence && (!may_change(actor) || same_waits(before, actor)));
        match same {
            Some(before) => {
                if before.sleep != actor.sleep {
                    actor.sleep = Sleep::Unknown;
                }
            }
            None => (actor.wait, actor.also, actor.sleep) = (None, Vec::new(), Sleep::Unknown),
        }
    }
    both.orphans.retain(|orphan| first.orphans.contains(orphan));
    both
}

/// A task's leaves are others than itself: what they wait for may change while it is not polled, though it rarely does. And who
/// drops a runtime may have to drop its tasks before it waits.
fn may_change(actor: &Actor) -> bool {
    actor.id.is_task() || actor.wait.is_some_and(|wait| matches!(wait.on, On::Runtime(_)))
}

fn same_waits(before: &Actor, now: &Actor) -> bool {
    (before.wait, &before.also, before.stirs) == (now.wait, &now.also, now.stirs)
}

/// Whether the step is the same in a reading, and what stands in its way.
fn holds(step: &Step, snapshot: &Snapshot, actors: &ById<'_>) -> bool {
    let unchanged = |actor: &&&Actor| {
        let wait = |wait: &Wait| actor.wait == Some(*wait) || actor.also.contains(wait);
        actor.sequence == step.sequence && step.wait.map_or(actor.wait.is_none(), |step| wait(&step))
    };
    if actors.get(&step.actor).filter(unchanged).is_none() {
        return false;
    }
    match step.because {
        Because::HeldBy { actor, hold } => actors.get(&actor).is_some_and(|actor| has(actor, &hold)),
        Because::QueuedBehind { actor } | Because::EndOf { actor } | Because::PolledBy { actor } => {
            actors.contains_key(&actor)
        }
        Because::LeakedBy { actor, hold } => {
            snapshot.orphans.iter().any(|orphan| orphan.gone && orphan.owner == actor && orphan.hold == hold)
        }
        Because::NobodyLeft | Because::NotYet | Because::NoWaker => true,
    }
}

/// Whether what the step's actor waits for may have been given to it just now: it is awake.
pub(super) fn is_on_its_way(step: &Step, actors: &ById<'_>) -> bool {
    actors.get(&step.actor).is_some_and(|actor| actor.sleep == Sleep::Awake)
}

fn has(actor: &Actor, hold: &Hold) -> bool {
    actor.held.contains(hold)
}
