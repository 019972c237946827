//! Channels whose other end is, by all that has been seen, with threads that are stuck themselves.
//!
//! Any running actor might have a channel's other end, so while one runs no wait at a channel is hopeless for certain.
//! But who *uses* a handle is known. Where every living handle of the other end has been used, each by one actor alone,
//! and these actors can only move when somebody moves who waits for them in turn, that is told as possible: a knot in the
//! graph of AND and OR waits, in which a wait at a channel has an edge to each user. A handle that nobody has used yet,
//! that several have, or whose user has ended, may be anywhere: then nothing is told.

use super::{
    Detector,
    graph::{Graph, Trust},
    standstill,
    steady::{by_id, is_on_its_way, steady},
};
use crate::model::{Because, Certainty, Channel, End, Finding, ObjectId, On, Rule, Snapshot, Step, User};
use std::collections::VecDeque;

pub(super) const DETECTOR: Detector = Detector { rules: &[Rule::DeadChannel], find: |graph, _| find(graph), confirm };

/// One finding for each circle with a channel in it, the shortest through its first member.
pub(super) fn find(graph: &Graph<'_>) -> Vec<Finding> {
    let users: Vec<Option<Vec<usize>>> = (0..graph.len()).map(|actor| users(graph, actor)).collect();
    if users.iter().all(Option::is_none) || standstill::find(graph).is_some() {
        return Vec::new();
    }
    let stuck = stuck(graph, &users);
    let seen = Seen { graph, users: &users, stuck: &stuck };
    let mut told = vec![false; graph.len()];
    let mut findings = Vec::new();
    for start in (0..graph.len()).filter(|&actor| stuck[actor] && users[actor].is_some()) {
        if told[start] || graph.doomed(start) {
            continue;
        }
        if let Some(circle) = seen.circle(start) {
            circle.iter().for_each(|(actor, _)| told[*actor] = true);
            findings.push(seen.finding(&circle));
        }
    }
    findings
}

/// Who uses the other end of the channel that this one waits at, if that is known of every living handle.
fn users(graph: &Graph<'_>, actor: usize) -> Option<Vec<usize>> {
    let wait = graph.actor(actor).wait.filter(|wait| !wait.timed)?;
    let (channel, end) = other_end(wait.on)?;
    let channel: &Channel = graph.snapshot.channel(channel)?;
    let user = |user: User| match user {
        User::One(id) => graph.find(id),
        User::Nobody | User::Several => None,
    };
    let users: Vec<usize> = channel.at(end).map(|handle| user(handle.user)).collect::<Option<_>>()?;
    // With no handle left the wait is over.
    (!users.is_empty()).then_some(users)
}

/// The channel that is waited at, and the end from which help would come.
fn other_end(on: On) -> Option<(ObjectId, End)> {
    match on {
        On::Message { channel } => Some((channel, End::Sender)),
        On::Room { channel } => Some((channel, End::Receiver)),
        _ => None,
    }
}

/// Who cannot move, if handles are where they have been used: what is left after taking out whoever can, again and again.
fn stuck(graph: &Graph<'_>, users: &[Option<Vec<usize>>]) -> Vec<bool> {
    let mut stuck: Vec<bool> = (0..graph.len()).map(|actor| !graph.runs(actor)).collect();
    loop {
        let moves = |actor: &usize| match &users[*actor] {
            Some(users) => users.iter().any(|&user| !stuck[user]),
            None if graph.needs_signal(*actor) => true,
            None => graph.leaked(*actor).is_none() && graph.edges(*actor).iter().all(|edge| !stuck[edge.to]),
        };
        let free: Vec<usize> = (0..graph.len()).filter(|&actor| stuck[actor]).filter(moves).collect();
        if free.is_empty() {
            return stuck;
        }
        free.into_iter().for_each(|actor| stuck[actor] = false);
    }
}

struct Seen<'s, 'a> {
    graph: &'s Graph<'a>,
    users: &'s [Option<Vec<usize>>],
    stuck: &'s [bool],
}

impl Seen<'_, '_> {
    /// Whom a stuck actor waits for, and why.
    fn edges(&self, actor: usize) -> Vec<(usize, Because)> {
        match &self.users[actor] {
            Some(users) => users.iter().map(|&user| (user, Because::UsedBy { actor: self.graph.id(user) })).collect(),
            None => {
                let edges = self.graph.edges(actor).iter().filter(|edge| self.stuck[edge.to]);
                edges.map(|edge| (edge.to, edge.because)).collect()
            }
        }
    }

    /// The shortest circle through this actor, breadth-first.
    fn circle(&self, start: usize) -> Option<Vec<(usize, Because)>> {
        let mut from: Vec<Option<(usize, Because)>> = vec![None; self.graph.len()];
        let mut todo = VecDeque::from([start]);
        while let Some(actor) = todo.pop_front() {
            for (to, because) in self.edges(actor) {
                if to == start {
                    let mut circle = vec![(actor, because)];
                    while let Some((before, because)) = from[circle[0].0].filter(|_| circle[0].0 != start) {
                        circle.insert(0, (before, because));
                    }
                    return Some(circle);
                }
                if from[to].is_none() {
                    from[to] = Some((actor, because));
                    todo.push_back(to);
                }
            }
        }
        None
    }

    fn finding(&self, circle: &[(usize, Because)]) -> Finding {
        let step = |&(actor, because): &(usize, Because)| {
            let actor = self.graph.actor(actor);
            Step { actor: actor.id, sequence: actor.sequence, wait: actor.wait, because }
        };
        Finding {
            rule: Rule::DeadChannel,
            certainty: Certainty::Possible,
            steps: circle.iter().map(step).collect(),
            victims: self.graph.ids(self.behind(circle)),
            strangers: None,
        }
    }

    /// Who is stuck as well, and waits for one of the circle, directly or not.
    fn behind(&self, circle: &[(usize, Because)]) -> Vec<usize> {
        let mut reached: Vec<bool> = vec![false; self.graph.len()];
        circle.iter().for_each(|(actor, _)| reached[*actor] = true);
        loop {
            let waits = |&actor: &usize| self.edges(actor).iter().any(|(to, _)| reached[*to]);
            let more: Vec<usize> =
                (0..self.graph.len()).filter(|&actor| self.stuck[actor] && !reached[actor]).filter(waits).collect();
            if more.is_empty() {
                break;
            }
            more.into_iter().for_each(|actor| reached[actor] = true);
        }
        let member = |actor: &usize| circle.iter().any(|(member, _)| member == actor);
        (0..self.graph.len()).filter(|&actor| reached[actor]).filter(|actor| !member(actor)).collect()
    }
}

/// All waits are the same ones in both readings, the handles are used by nobody else in the second, and nobody who has been
/// sent something has woken.
fn confirm(finding: &Finding, first: &Snapshot, second: &Snapshot) -> Option<Finding> {
    let now = by_id(second);
    if finding.steps.iter().any(|step| is_on_its_way(step, &now)) {
        return None;
    }
    let steady = steady(first, second);
    find(&Graph::new(&steady, Trust::Nobody)).into_iter().find(|again| again.steps == finding.steps)
}
