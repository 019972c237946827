//! What goes wrong in the polls of tasks without anybody waiting for ever: a thread that blocks where it should come
//! back, a guard that is kept across an `.await`, a poll that takes long.
//!
//! The first two are seen by the thread that does them, and are no matter of the graph: [`blocking`], [`kept`].

use super::{Detector, Thresholds, graph::Graph, steady::Readings};
use crate::model::{ActorId, Because, Certainty, Finding, Hold, On, Rule, Step, Wait};

pub(super) const DETECTOR: Detector = Detector { rules: &[Rule::LongPoll], find, confirm };

/// A thread that polls this task blocks in this wait.
#[must_use]
pub fn blocking(task: ActorId, sequence: u64, thread: ActorId, wait: Wait) -> Finding {
    let step = Step { actor: task, sequence, wait: Some(wait), because: Because::PolledBy { actor: thread } };
    warning(Rule::BlockingInTask, step, Vec::new())
}

/// This task is pending while the thread that polled it holds what was taken in the poll. `wait`: what the task waits for,
/// where that is known.
#[must_use]
pub fn kept(task: ActorId, sequence: u64, thread: ActorId, hold: Hold, wait: Option<Wait>) -> Finding {
    let step = Step { actor: task, sequence, wait, because: Because::HeldBy { actor: thread, hold } };
    warning(Rule::GuardAcrossAwait, step, Vec::new())
}

/// Polls that have gone on for longer than the threshold.
fn find(graph: &Graph<'_>, thresholds: &Thresholds) -> Vec<Finding> {
    let Some(limit) = thresholds.poll else { return Vec::new() };
    let lasts = |wait: &Wait| u128::from(graph.snapshot.at.saturating_sub(wait.since)) >= limit.as_nanos();
    let long = |actor: usize| {
        let wait = graph.actor(actor).wait.filter(lasts)?;
        let On::Poller { thread, may_block: false } = wait.on else { return None };
        let step = Step {
            actor: graph.id(actor),
            sequence: graph.actor(actor).sequence,
            wait: Some(wait),
            because: Because::PolledBy { actor: thread },
        };
        // What is stuck for good is told as that.
        (!graph.doomed(actor)).then(|| warning(Rule::LongPoll, step, Vec::new()))
    };
    (0..graph.len()).filter_map(long).collect()
}

/// The same poll goes on.
fn confirm(finding: &Finding, readings: &Readings<'_>) -> Option<Finding> {
    finding.steps.iter().all(|step| readings.both_hold(step)).then(|| finding.clone())
}

fn warning(rule: Rule, step: Step, victims: Vec<ActorId>) -> Finding {
    Finding { rule, certainty: Certainty::Happened, steps: vec![step], victims, strangers: None }
}
