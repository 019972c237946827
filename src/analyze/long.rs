//! What takes longer than somebody asked for: warnings, not deadlocks.
//!
//! What is left out, so that a warning stays worth reading:
//!
//! - actors that a wait cycle or a standstill explains: they are told there;
//! - waits that are long in a healthy program: for work (a condvar, a message, a park), for the end of threads (a join, a
//!   scope, the end of the program), for time, and all waits that end by themselves after a time;
//! - every hold of one lock by one actor but the oldest: it may be read many times over;
//! - a lock held by somebody who itself waits for a lock or an initialiser: that one's holder is the cause;
//! - a lock that is held while its holder waits for a message, where whoever waits for it stands at the place where it
//!   was taken: workers that share a receiver, and are idle;
//! - an initialiser that takes its time, while nobody waits for it;
//! - a lazy value that is being made by nobody we can see: the waiter may well be making it itself;
//! - a wait for a hold that is told as too long itself: the waiters are in that finding;
//! - every waiter but the longest for each thing: the others are its victims.

use super::{
    Detector,
    graph::{Edge, Graph},
    standstill,
    steady::{Readings, is_on_its_way},
    wait_cycle,
};
use crate::model::{Actor, ActorId, Because, Certainty, Finding, Hold, Mode, Nanos, ObjectId, On, Rule, Step, Wait};
use rustc_hash::FxHashSet;
use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

pub(super) const DETECTOR: Detector = Detector { rules: &[Rule::LongHold, Rule::LongWait], find, confirm };

/// From which durations on a hold or a wait is told; `None`: never.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Thresholds {
    /// How long a lock may be held.
    pub hold: Option<Duration>,
    /// How long an actor may wait for a lock, an initialiser or a barrier.
    pub wait: Option<Duration>,
    /// How long a poll of a task may take.
    pub poll: Option<Duration>,
}

impl Thresholds {
    /// These two.
    pub const fn new(hold: Option<Duration>, wait: Option<Duration>) -> Thresholds {
        Thresholds { hold, wait, poll: None }
    }

    /// And this one for the polls of tasks.
    #[must_use]
    pub const fn with_poll(self, poll: Option<Duration>) -> Thresholds {
        Thresholds { poll, ..self }
    }
}

fn find(graph: &Graph<'_>, thresholds: &Thresholds) -> Vec<Finding> {
    if thresholds.hold.is_none() && thresholds.wait.is_none() {
        return Vec::new();
    }
    let explained = explained(graph);
    let mut findings = thresholds.hold.map_or(Vec::new(), |limit| long_holds(graph, &explained, limit));
    if let Some(limit) = thresholds.wait {
        let told: FxHashSet<(ActorId, ObjectId)> =
            findings.iter().filter_map(|finding| held_by(&finding.steps.first()?.because)).collect();
        findings.extend(long_waits(graph, &explained, limit, &told));
    }
    findings
}

/// Who is told of by the other detectors.
pub(super) fn explained(graph: &Graph<'_>) -> Vec<bool> {
    let mut explained: Vec<bool> = (0..graph.len()).map(|actor| graph.doomed(actor)).collect();
    for standstill in standstill::find(graph) {
        let all = standstill.steps.iter().map(|step| step.actor).chain(standstill.victims);
        all.filter_map(|id| graph.find(id)).for_each(|actor| explained[actor] = true);
    }
    // They are told where they are dead, with what they hold.
    let dead = graph.dead();
    if !dead.is_empty() {
        graph.trusting().behind(&dead, |_| true).into_iter().for_each(|actor| explained[actor] = true);
    }
    for cycle in wait_cycle::possible(graph) {
        let all = cycle.steps.iter().map(|step| step.actor).chain(cycle.victims.iter().copied());
        all.filter_map(|id| graph.find(id)).for_each(|actor| explained[actor] = true);
    }
    explained
}

fn long_holds(graph: &Graph<'_>, explained: &[bool], limit: Duration) -> Vec<Finding> {
    let mut findings = Vec::new();
    for number in (0..graph.len()).filter(|&number| !explained[number]) {
        let actor = graph.actor(number);
        if actor.wait.is_some_and(|wait| is_lock(wait.on)) {
            continue;
        }
        // They stand in the order in which they were taken.
        let mut held = FxHashSet::default();
        let first_of_its_lock = |hold: &&Hold| held.insert(hold.object);
        for hold in actor.held.iter().filter(first_of_its_lock).filter(|hold| lasts(graph, hold.since, limit)) {
            // It waited long, and is about to be polled with what it has got.
            if hold.granted && actor.wait.is_none() {
                continue;
            }
            if shares_receiver(graph, number, hold) {
                continue;
            }
            let waiters = waiters_for(graph, number, hold);
            if hold.mode != Mode::Init || !waiters.is_empty() {
                let because = Because::HeldBy { actor: actor.id, hold: *hold };
                findings.push(finding(Rule::LongHold, actor, because, graph.ids(waiters)));
            }
        }
    }
    findings
}

fn long_waits(
    graph: &Graph<'_>,
    explained: &[bool],
    limit: Duration,
    told: &FxHashSet<(ActorId, ObjectId)>,
) -> Vec<Finding> {
    let mut groups: BTreeMap<ObjectId, Vec<usize>> = BTreeMap::new();
    for number in (0..graph.len()).filter(|&number| !explained[number]) {
        if let Some(wait) = graph.actor(number).wait.filter(|wait| !wait.timed && lasts(graph, wait.since, limit)) {
            match wait.on {
                On::Object { object, .. } | On::Arrivals { barrier: object, .. } => {
                    groups.entry(object).or_default().push(number);
                }
                On::Lazy { object } if !graph.edges(number).is_empty() => {
                    groups.entry(object).or_default().push(number);
                }
                _ => {}
            }
        }
    }
    let late: FxHashSet<usize> = groups.values().flatten().copied().collect();
    groups.into_values().filter_map(|group| long_wait(graph, &group, &late, told)).collect()
}

/// The longest of the waits for one thing, unless somebody else's is its cause. `late`: all who wait too long.
fn long_wait(
    graph: &Graph<'_>,
    group: &[usize],
    late: &FxHashSet<usize>,
    told: &FxHashSet<(ActorId, ObjectId)>,
) -> Option<Finding> {
    let since = |actor: usize| graph.actor(actor).wait.map(|wait| wait.since);
    let first = group.iter().copied().min_by_key(|&actor| (since(actor), actor))?;
    let edge = graph.edges(first).iter().max_by_key(|edge| (!late.contains(&edge.to), Reverse(edge.to)));
    // Whom it waits for is late itself: a consequence, and a victim of what that one waits for.
    if edge.is_some_and(|edge| late.contains(&edge.to) || is_idle(graph, edge) || is_told(edge, told)) {
        return None;
    }
    let because = edge.map_or(Because::NotYet, |edge| edge.because);
    let behind = graph.behind(group, |_| true);
    let victims = graph.ids(behind.into_iter().filter(|actor| *actor != first && late.contains(actor)));
    Some(finding(Rule::LongWait, graph.actor(first), because, victims))
}

fn is_told(edge: &Edge, told: &FxHashSet<(ActorId, ObjectId)>) -> bool {
    held_by(&edge.because).is_some_and(|held| told.contains(&held))
}

/// What is waited for is held by an idle worker.
fn is_idle(graph: &Graph<'_>, edge: &Edge) -> bool {
    matches!(edge.because, Because::HeldBy { hold, .. } if shares_receiver(graph, edge.to, &hold))
}

/// The holder waits for a message, and whoever waits for what it holds is about to do the same.
fn shares_receiver(graph: &Graph<'_>, holder: usize, hold: &Hold) -> bool {
    let waits_for_message = |wait: Wait| matches!(wait.on, On::Message { .. });
    let same_place = |waiter: usize| graph.actor(waiter).wait.is_some_and(|wait| wait.place == hold.place);
    graph.actor(holder).wait.is_some_and(waits_for_message)
        && direct_waiters(graph, holder, hold).into_iter().all(same_place)
}

fn held_by(because: &Because) -> Option<(ActorId, ObjectId)> {
    match because {
        Because::HeldBy { actor, hold } => Some((*actor, hold.object)),
        _ => None,
    }
}

fn direct_waiters(graph: &Graph<'_>, actor: usize, hold: &Hold) -> Vec<usize> {
    let wants = |because: &Because| matches!(because, Because::HeldBy { hold: held, .. } if held.object == hold.object);
    let wanted = graph.needed_for(actor).filter(|(_, because)| wants(because));
    wanted.flat_map(|(resource, _)| graph.waiters(resource)).copied().collect()
}

/// Who waits for what this actor holds, directly or not.
fn waiters_for(graph: &Graph<'_>, actor: usize, hold: &Hold) -> Vec<usize> {
    let direct = direct_waiters(graph, actor, hold);
    graph.behind(&direct, |_| true).into_iter().filter(|&waiter| waiter != actor).collect()
}

fn is_lock(on: On) -> bool {
    matches!(on, On::Object { .. } | On::Lazy { .. })
}

fn lasts(graph: &Graph<'_>, since: Nanos, limit: Duration) -> bool {
    u128::from(graph.snapshot.at.saturating_sub(since)) >= limit.as_nanos()
}

fn finding(rule: Rule, actor: &Actor, because: Because, victims: Vec<ActorId>) -> Finding {
    let step = Step { actor: actor.id, sequence: actor.sequence, wait: actor.wait, because };
    Finding { rule, certainty: Certainty::Happened, steps: vec![step], victims, strangers: None }
}

/// The same wait, or the same hold: what a holder does meanwhile does not matter.
fn confirm(finding: &Finding, readings: &Readings<'_>) -> Option<Finding> {
    let Readings { before, now, .. } = readings;
    let step = finding.steps.first()?;
    let lasts = match (finding.rule, step.because) {
        (Rule::LongHold, Because::HeldBy { actor, hold }) => {
            [before, now].into_iter().all(|actors| actors.get(&actor).is_some_and(|actor| actor.held.contains(&hold)))
        }
        // Where nobody stands in its way it may have got it.
        (_, Because::NotYet) if is_on_its_way(step, now) => false,
        _ => readings.both_hold(step),
    };
    let unmoved = |id: &ActorId| match (before.get(id), now.get(id)) {
        (Some(before), Some(now)) => before.sequence == now.sequence && now.wait.is_some(),
        _ => false,
    };
    lasts.then(|| Finding { victims: finding.victims.iter().copied().filter(unmoved).collect(), ..finding.clone() })
}
