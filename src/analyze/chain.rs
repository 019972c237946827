//! The short way to a wait cycle, for a thread that asks: nothing has to be searched where everybody waits for exactly
//! one other. That is what nearly every deadlock looks like, and it is to be told within microseconds.

use super::graph::is_loose;
use crate::model::{Actor, ActorId, Because, Certainty, Finding, On, Rule, Snapshot, Step};

/// The wait cycle that `start` is in, without its victims; the same as the wait-for graph has. `None`: there is
/// none, or somebody in it waits for several, or for something that takes more to judge.
pub(super) fn chain(snapshot: &Snapshot, start: ActorId) -> Option<Finding> {
    let mut steps: Vec<Step> = Vec::with_capacity(4);
    let mut actor = snapshot.actor(start)?;
    while steps.len() <= snapshot.actors.len() {
        let (next, because) = only_blocker(snapshot, actor)?;
        steps.push(Step { actor: actor.id, sequence: actor.sequence, wait: actor.wait, because });
        if next == start {
            return Some(finding(steps));
        }
        actor = snapshot.actor(next)?;
    }
    None
}

fn finding(mut steps: Vec<Step>) -> Finding {
    let first = (0..steps.len()).min_by_key(|&at| steps[at].actor).unwrap_or(0);
    steps.rotate_left(first);
    Finding { rule: Rule::WaitCycle, certainty: Certainty::Happened, steps, victims: Vec::new(), strangers: None }
}

/// Who has to move before this one can, if that is one alone.
fn only_blocker(snapshot: &Snapshot, actor: &Actor) -> Option<(ActorId, Because)> {
    let wait = actor.wait.filter(|wait| !wait.timed)?;
    match wait.on {
        On::Actor(id) => Some((id, Because::EndOf { actor: id })),
        On::Object { object, mode } => {
            let left = snapshot.orphans.iter().any(|orphan| orphan.hold.object == object);
            let holds = |actor: &'_ Actor| {
                let hold = actor.held.iter().find(|hold| hold.object == object && hold.mode.conflicts(mode))?;
                Some((actor.id, Because::HeldBy { actor: actor.id, hold: *hold }))
            };
            let mut holders = snapshot.actors.iter().filter_map(holds);
            let only = holders.next().filter(|_| !left && holders.next().is_none());
            only.filter(|(_, because)| !is_loose(because))
        }
        _ => None,
    }
}
