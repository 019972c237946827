//! Actors that can never move: they wait for each other in a circle, or for a guard that nobody can drop.

use super::{
    Detector,
    graph::{Edge, Graph, Trust, reads},
    standstill::may_panic,
    steady::{ById, Readings, steady},
};
use crate::model::{ActorId, Because, Certainty, Finding, ObjectId, On, Rule, Sleep, Snapshot, Step};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, VecDeque, hash_map::Entry};

pub(super) const DETECTOR: Detector = Detector { rules: &[Rule::WaitCycle], find: |graph, _| find(graph), confirm };

/// One finding for each knot (actors that all wait for each other), with its shortest circle as steps, and one
/// for each leaked guard that somebody waits for. Everybody who waits for one of them is a victim.
///
/// A knot is told whether or not it waits for another knot besides: solving the other would not free it.
fn find(graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings = all(graph);
    findings.extend(possible(graph));
    findings
}

/// What the graph shows, without a doubt of its own.
pub(super) fn all(graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = graph.knots().iter().map(|knot| circle(graph, knot)).collect();
    findings.extend(leaks(graph));
    findings
}

/// What there would be if all guards that can be sent to another thread were where they were taken, and all readers kept out
/// by who waits to write: possible as long as anybody runs, who might help. Where nobody does, it is a standstill.
pub(super) fn possible(graph: &Graph<'_>) -> Vec<Finding> {
    let snapshot = graph.snapshot;
    let holds = snapshot.actors.iter().flat_map(|actor| &actor.held);
    let mut holds = holds.chain(snapshot.orphans.iter().map(|orphan| &orphan.hold));
    let waits = || snapshot.actors.iter().filter_map(|actor| actor.wait);
    let aborts = snapshot.actors.iter().any(|actor| actor.abortable);
    let doubtful =
        snapshot.loose_queues || aborts || holds.any(|hold| hold.moves) || waits().any(|wait| may_panic(&wait));
    if !doubtful || !graph.anybody_runs() {
        return Vec::new();
    }
    let is_explained = |step: &Step| graph.find(step.actor).is_some_and(|actor| graph.doomed(actor));
    let mut findings = all(graph.trusting());
    findings.retain(|finding| !finding.steps.iter().all(is_explained));
    findings.into_iter().map(|finding| Finding { certainty: Certainty::Possible, ..finding }).collect()
}

fn circle(graph: &Graph<'_>, knot: &[usize]) -> Finding {
    let number = graph.knot_of(knot[0]);
    // Whether a reader waits behind a writer is up to the lock: tell it so only where it is needed.
    let firm = shortest(graph, knot, |edge| !edge.is_queue());
    let cycle = firm.or_else(|| shortest(graph, knot, |_| true)).unwrap_or_default();
    let steps: Vec<Step> = cycle.iter().map(|&(actor, because)| step(graph, actor, because)).collect();
    let foreign = |actor: usize| graph.knot_of(actor).is_some_and(|other| Some(other) != number);
    let behind = graph.behind(knot, |actor| !foreign(actor));
    let victims = behind.into_iter().filter(|actor| cycle.iter().all(|(member, _)| member != actor));
    finding(steps, graph.ids(victims))
}

/// For each leaked object: who has waited for it the longest, and all the others.
fn leaks(graph: &Graph<'_>) -> Vec<Finding> {
    let mut lost: BTreeMap<ObjectId, Vec<(usize, Because)>> = BTreeMap::new();
    for actor in 0..graph.len() {
        if let Some(because @ Because::LeakedBy { hold, .. }) = graph.leaked(actor) {
            lost.entry(hold.object).or_default().push((actor, because));
        }
    }
    let tell = |waiters: Vec<(usize, Because)>| {
        let since = |actor: usize| graph.actor(actor).wait.map(|wait| wait.since);
        let &(first, because) = waiters.iter().min_by_key(|(actor, _)| (since(*actor), *actor))?;
        let seeds: Vec<usize> = waiters.iter().map(|(actor, _)| *actor).collect();
        let behind = graph.behind(&seeds, |actor| graph.knot_of(actor).is_none());
        let victims = behind.into_iter().filter(|&actor| actor != first && graph.knot_of(actor).is_none());
        Some(finding(vec![step(graph, first, because)], graph.ids(victims)))
    };
    lost.into_values().filter_map(tell).collect()
}

fn finding(steps: Vec<Step>, victims: Vec<ActorId>) -> Finding {
    Finding { rule: Rule::WaitCycle, certainty: Certainty::Happened, steps, victims, strangers: None }
}

fn step(graph: &Graph<'_>, actor: usize, because: Because) -> Step {
    let wait = graph.wait_for(actor, &because);
    let actor = graph.actor(actor);
    Step { actor: actor.id, sequence: actor.sequence, wait, because }
}

/// So many edges are looked at in search of a shorter circle than has been found, and so many again for one that starts lower:
/// of a knot of many thousands that is not sparse any circle will do.
const ENOUGH: usize = 5_000_000;

/// The shortest circle in a knot over these edges, and each member's reason to wait for the next. It starts at the
/// member with the lowest number: any other start that is as short came later.
fn shortest(graph: &Graph<'_>, knot: &[usize], allowed: impl Fn(&Edge) -> bool) -> Option<Vec<(usize, Because)>> {
    let mut search =
        Search { graph, seen: vec![0; graph.len()], from: vec![None; graph.len()], round: 0, looked_at: 0 };
    let forks = Forks::new(graph, knot, &allowed);
    let mut best: Option<Vec<(usize, Because)>> = None;
    let mut lengths: FxHashMap<usize, usize> = FxHashMap::default();
    for &fork in &forks.all {
        let shortest = best.as_ref().map_or(usize::MAX, Vec::len);
        if shortest == 1 || best.is_some() && search.looked_at > ENOUGH {
            break;
        }
        if let Some(circle) = search.through(fork, shortest.saturating_add(1), &allowed) {
            lengths.insert(fork, circle.len());
            best = best.filter(|best| best.len() <= circle.len()).or(Some(circle));
        }
    }
    let mut best = best?;
    search.looked_at = 0;
    for &start in knot {
        let Some(&(fork, distance)) = forks.after.get(&start) else { continue };
        if search.looked_at > ENOUGH {
            break;
        }
        if distance < best.len()
            && lengths.get(&fork) == Some(&best.len())
            && let Some(circle) = search.through(start, best.len() + 1, &allowed)
        {
            return Some(circle);
        }
    }
    let lowest = (0..best.len()).min_by_key(|&at| best[at].0).unwrap_or(0);
    best.rotate_left(lowest);
    Some(best)
}

/// Who waits for several. Who waits for one other alone is in no circle without that one, and so in none without the fork that
/// comes after it: as long as nothing is known of the way there, nobody has to search from all of them.
struct Forks {
    all: Vec<usize>,
    /// For each member: the first fork on its way, and how many steps that is.
    after: FxHashMap<usize, (usize, usize)>,
}

impl Forks {
    /// In a circle of those who wait for one other alone, the lowest of them stands for a fork.
    fn new(graph: &Graph<'_>, knot: &[usize], allowed: &impl Fn(&Edge) -> bool) -> Forks {
        let next = only_ways(graph, knot, allowed);
        let mut before: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
        next.iter().for_each(|(&member, &only)| before.entry(only).or_default().push(member));
        let mut forks = Forks { all: Vec::new(), after: FxHashMap::default() };
        knot.iter().filter(|member| !next.contains_key(member)).for_each(|&fork| forks.add(fork, &before));
        for &member in knot {
            if !forks.after.contains_key(&member) {
                forks.add(lowest_of_circle(member, &next), &before);
            }
        }
        forks
    }

    /// With all whose way leads there.
    fn add(&mut self, fork: usize, before: &FxHashMap<usize, Vec<usize>>) {
        self.all.push(fork);
        self.after.insert(fork, (fork, 0));
        let mut todo = vec![(fork, 0)];
        while let Some((member, distance)) = todo.pop() {
            for &other in before.get(&member).map_or(&[][..], Vec::as_slice) {
                if let Entry::Vacant(place) = self.after.entry(other) {
                    place.insert((fork, distance + 1));
                    todo.push((other, distance + 1));
                }
            }
        }
    }
}

/// The circle that the only ways lead into.
fn lowest_of_circle(start: usize, next: &FxHashMap<usize, usize>) -> usize {
    let (mut seen, mut member) = (FxHashSet::default(), start);
    while seen.insert(member)
        && let Some(&only) = next.get(&member)
    {
        member = only;
    }
    let (mut lowest, mut other) = (member, next.get(&member).copied());
    while let Some(next_one) = other.filter(|&other| other != member) {
        lowest = lowest.min(next_one);
        other = next.get(&next_one).copied();
    }
    lowest
}

/// Those who wait for one other alone, and for whom.
fn only_ways(graph: &Graph<'_>, knot: &[usize], allowed: &impl Fn(&Edge) -> bool) -> FxHashMap<usize, usize> {
    let inside = |edge: &&Edge| allowed(edge) && graph.knot_of(edge.to) == graph.knot_of(knot[0]);
    let mut known: FxHashMap<usize, Option<usize>> = FxHashMap::default();
    let mut next = FxHashMap::default();
    for &member in knot {
        let mut ways = graph.ways(member);
        let (Some((resource, edges)), None) = (ways.next(), ways.next()) else { continue };
        let mut edges = edges.iter().filter(inside).map(|edge| edge.to);
        let only = known.entry(resource).or_insert_with(|| edges.next().filter(|_| edges.next().is_none()));
        only.iter().for_each(|&only| _ = next.insert(member, only));
    }
    next
}

/// Breadth-first, from one start after another.
struct Search<'g, 'a> {
    graph: &'g Graph<'a>,
    /// The round in which an actor was last seen.
    seen: Vec<u32>,
    from: Vec<Option<(usize, Because)>>,
    round: u32,
    /// How many edges so far.
    looked_at: usize,
}

impl Search<'_, '_> {
    /// The shortest circle through `start`, if it is shorter than `limit`.
    fn through(
        &mut self,
        start: usize,
        limit: usize,
        allowed: &impl Fn(&Edge) -> bool,
    ) -> Option<Vec<(usize, Because)>> {
        self.round += 1;
        self.seen[start] = self.round;
        let mut todo = VecDeque::from([(start, 1)]);
        let mut opened = FxHashSet::default();
        while let Some((actor, length)) = todo.pop_front() {
            if length >= limit {
                continue;
            }
            // Whoever wants the same gets no further than the first of them did.
            let ways = self.graph.ways(actor).filter(|(resource, _)| opened.insert(*resource));
            for edge in ways.flat_map(|(_, edges)| edges) {
                self.looked_at += 1;
                if !allowed(edge) {
                    continue;
                }
                if edge.to == start {
                    return Some(self.path(start, actor, edge.because));
                }
                let inside = self.graph.knot_of(edge.to) == self.graph.knot_of(start);
                if inside && self.seen[edge.to] != self.round {
                    self.seen[edge.to] = self.round;
                    self.from[edge.to] = Some((actor, edge.because));
                    todo.push_back((edge.to, length + 1));
                }
            }
        }
        None
    }

    /// From `start` to `last`, which waits for `start`.
    fn path(&self, start: usize, last: usize, because: Because) -> Vec<(usize, Because)> {
        let mut path = vec![(last, because)];
        let mut actor = last;
        while actor != start
            && let Some((before, because)) = self.from[actor]
        {
            path.push((before, because));
            actor = before;
        }
        path.reverse();
        path
    }
}

/// Each step's actor waits, with an unchanged sequence number, for the same thing in both readings; so it waited
/// at every instant between them, and as a waiting actor lets go of nothing, it held all that time what the step
/// before it waits for. All the edges of the circle were there at once.
///
/// That a reader waits behind a writer is sure where the reader has the lock already: nobody but a queued writer can have
/// refused it, and a writer that is queued stays so while anybody reads (unless it waits only for a time: once some writer
/// has, this is no longer taken for granted). For any other reader it is sure only while both
/// sleep: asleep in both readings with the same number of context switches, neither has run in between.
fn confirm(finding: &Finding, readings: &Readings<'_>) -> Option<Finding> {
    let Readings { first, second, before, now } = readings;
    let both = |step: &Step| readings.both_hold(step);
    let queued = |step: &Step| match step.because {
        Because::QueuedBehind { actor } => {
            let refused = reads_already(step, now) && !second.impatient_writers;
            refused || [step.actor, actor].into_iter().all(|id| slept(id, before, now))
        }
        _ => true,
    };
    if finding.steps.is_empty() || !finding.steps.iter().all(|step| both(step) && queued(step)) {
        return None;
    }
    let several = |step: &Step| now.get(&step.actor).is_some_and(|actor| !actor.also.is_empty());
    if finding.steps.iter().any(several) && !all_stuck(finding, first, second) {
        return None;
    }
    Some(Finding { victims: still_stuck(finding, &steady(first, second)), ..finding.clone() })
}

/// Where one of them waits for several things, nothing of that may have come within reach since.
fn all_stuck(finding: &Finding, first: &Snapshot, second: &Snapshot) -> bool {
    let steady = steady(first, second);
    let graph = Graph::new(&steady, trust(finding));
    finding.steps.iter().all(|step| graph.find(step.actor).is_some_and(|actor| graph.doomed(actor)))
}

fn trust(finding: &Finding) -> Trust {
    if finding.certainty == Certainty::Happened { Trust::Nobody } else { Trust::Everybody }
}

/// It waits to read what it reads.
fn reads_already(step: &Step, actors: &ById<'_>) -> bool {
    let Some(On::Object { object, .. }) = step.wait.map(|wait| wait.on) else { return false };
    actors.get(&step.actor).is_some_and(|actor| reads(actor, object))
}

fn slept(id: ActorId, before: &ById<'_>, now: &ById<'_>) -> bool {
    match (before.get(&id), now.get(&id)) {
        (Some(before), Some(now)) => before.sleep == now.sleep && matches!(now.sleep, Sleep::Asleep { .. }),
        _ => false,
    }
}

/// The victims that have waited all the time for the steps, or for each other: what two readings have in common says so.
fn still_stuck(finding: &Finding, steady: &Snapshot) -> Vec<ActorId> {
    if finding.victims.is_empty() {
        return Vec::new();
    }
    let graph = Graph::new(steady, trust(finding));
    finding.victims.iter().copied().filter(|&victim| graph.find(victim).is_some_and(|v| graph.doomed(v))).collect()
}
