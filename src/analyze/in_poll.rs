//! What goes wrong in the polls of tasks without anybody waiting for ever: a thread that blocks where it should come
//! back, a guard that is kept across an `.await`, a poll that takes long.
//!
//! The first two are seen by the thread that does them, and are no matter of the graph: [`blocking`], [`kept`]. But a wait for a
//! lock is blocking only when it lasts: locks that are held for a moment are what tasks may share.

use super::{
    Detector, Thresholds,
    graph::Graph,
    long,
    steady::{ById, Readings},
};
use crate::model::{ActorId, Because, Certainty, Finding, Hold, LONG_LOCK_IN_POLL, Nanos, On, Rule, Step, Wait};
use std::collections::BTreeMap;

pub(super) const DETECTOR: Detector = Detector { rules: &[Rule::BlockingInTask, Rule::LongPoll], find, confirm };

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

fn find(graph: &Graph<'_>, thresholds: &Thresholds) -> Vec<Finding> {
    let mut findings = locks(graph);
    findings.extend(long_polls(graph, thresholds));
    findings
}

/// Polls in which a lock has been waited for, for so long that it is not held for a moment. Not where that is a deadlock, or may be
/// one.
fn locks(graph: &Graph<'_>) -> Vec<Finding> {
    let is_lock = |wait: &Wait| matches!(wait.on, On::Object { .. } | On::Lazy { .. });
    let lasts = |wait: &Wait| graph.snapshot.at.saturating_sub(wait.since) >= LONG_LOCK_IN_POLL;
    // Where a poll is part of another one's, the inner one: it was made later, or has begun later.
    let mut innermost: BTreeMap<usize, (Nanos, usize)> = BTreeMap::new();
    for actor in 0..graph.len() {
        let Some(Wait { on: On::Poller { thread, may_block: false }, since, .. }) = graph.actor(actor).wait else {
            continue;
        };
        let thread = graph.find(thread);
        let blocks = |&thread: &usize| graph.actor(thread).wait.is_some_and(|wait| is_lock(&wait) && lasts(&wait));
        if let Some(thread) = thread.filter(blocks) {
            let inner = innermost.entry(thread).or_default();
            *inner = (since, actor).max(*inner);
        }
    }
    if innermost.is_empty() {
        return Vec::new();
    }
    let explained = long::explained(graph);
    let tell = |(thread, (_, actor)): (usize, (Nanos, usize))| {
        let wait = graph.actor(thread).wait.filter(|_| !explained[thread])?;
        Some(blocking(graph.id(actor), graph.actor(actor).sequence, graph.id(thread), wait))
    };
    innermost.into_iter().filter_map(tell).collect()
}

/// Polls that have gone on for longer than the threshold.
fn long_polls(graph: &Graph<'_>, thresholds: &Thresholds) -> Vec<Finding> {
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

/// The same poll goes on, and in it the same wait.
fn confirm(finding: &Finding, readings: &Readings<'_>) -> Option<Finding> {
    let goes_on = |step: &Step| match finding.rule {
        Rule::BlockingInTask => blocks(step, &readings.before) && blocks(step, &readings.now),
        _ => readings.both_hold(step),
    };
    finding.steps.iter().all(goes_on).then(|| finding.clone())
}

fn blocks(step: &Step, actors: &ById<'_>) -> bool {
    let Because::PolledBy { actor: thread } = step.because else { return false };
    let waits = actors.get(&thread).is_some_and(|thread| thread.wait == step.wait);
    waits && actors.get(&step.actor).is_some_and(|task| task.sequence == step.sequence)
}

fn warning(rule: Rule, step: Step, victims: Vec<ActorId>) -> Finding {
    Finding { rule, certainty: Certainty::Happened, steps: vec![step], victims, strangers: None }
}
