//! A task that is never polled again: it is pending, and nobody has its waker.
//!
//! Each clone of a task's waker is counted, and so are the wakers that leaves of ours give away. A clone is made from a
//! waker, or from the context of a poll. So once there is none, and the task is not polled, there will never be one; and
//! an executor that polls what has been woken, and nothing else, does not come back to it.
//!
//! It may be meant to be like that: somebody may have its `JoinHandle`, to abort it, or it awaits `std::future::pending`. So it is
//! told as certain where that is a deadlock, since somebody waits for it who can do nothing else; and where nobody can abort it
//! and somebody had its waker, and dropped that unused after the poll: what it awaited is gone. Else it is possible, and told
//! when it lasts.

use super::{Detector, graph::Graph, standstill, steady::Readings};
use crate::model::{Because, Certainty, Finding, On, Rule, Step};

pub(super) const DETECTOR: Detector = Detector { rules: &[Rule::DeadTask], find: |graph, _| find(graph), confirm };

/// One finding for each. Whoever waits for it may still be helped by an abort, while anybody runs.
pub(super) fn find(graph: &Graph<'_>) -> Vec<Finding> {
    let dead = graph.dead();
    if dead.is_empty() {
        return Vec::new();
    }
    let alone = standstill::stands(graph).then(|| graph.trusting());
    dead.into_iter().map(|actor| tell(graph, alone, actor)).collect()
}

/// `alone`: what there is where nobody runs.
fn tell(graph: &Graph<'_>, alone: Option<&Graph<'_>>, actor: usize) -> Finding {
    let behind = alone.map(|alone| alone.behind(&[actor], |waiter| alone.knot_of(waiter).is_none()));
    let victims = graph.ids(behind.unwrap_or_default().into_iter().filter(|&other| other != actor));
    let (because, dead) = (Because::NoWaker, graph.actor(actor));
    let step = Step { actor: dead.id, sequence: dead.sequence, wait: graph.wait_for(actor, &because), because };
    let forsaken = step.wait.is_some_and(|wait| wait.on == On::Nothing { forsaken: true });
    let certainty = match victims.is_empty() {
        false => standstill::certainty(graph),
        true if forsaken => Certainty::Happened,
        true => Certainty::Possible,
    };
    Finding { rule: Rule::DeadTask, certainty, steps: vec![step], victims, strangers: None }
}

/// It has not been polled since, and nobody has a waker of it still. Whoever waits for it can do nothing else where nobody does
/// anything.
fn confirm(finding: &Finding, readings: &Readings<'_>) -> Option<Finding> {
    let step = finding.steps.first()?;
    if !readings.both_hold(step) {
        return None;
    }
    (finding.victims.is_empty() || standstill::unmoved(readings)).then(|| finding.clone())
}
