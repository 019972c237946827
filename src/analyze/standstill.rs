//! Nobody is left who could wake anybody.
//!
//! Any running actor might notify, arrive, unpark; so a wait for a signal is hopeless only when no actor at all
//! can run: the graph is reduced, starting with the actors that run (Holt 1972), and nothing is removed from it.

use super::{
    Detector,
    graph::{Graph, Trust},
    steady::Readings,
    wait_cycle,
};
use crate::model::{
    Actor, ActorId, Because, Certainty, Finding, Handlers, Kind, ObjectId, On, Rule, Sleep, Step, Strangers, Wait,
};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;

pub(super) const DETECTOR: Detector = Detector { rules: &[Rule::Standstill], find: |graph, _| find(graph), confirm };

/// What a wait cycle explains is left to it, and what a dead task explains to that; and so are daemons that idle while everybody
/// else has ended or is explained: a pool of workers at the end of a program. A thread that lacks a task to poll is as it should be.
///
/// Where nobody runs, nobody helps: the circles that there are if every guard is where it was taken are what is told, each with
/// those who wait for it. All the others lack somebody who runs, and stand with the first of them; or by themselves, where
/// there is no circle.
pub(super) fn find(graph: &Graph<'_>) -> Vec<Finding> {
    if !stands(graph) {
        return Vec::new();
    }
    let explained = explained_by_the_dead(graph.trusting());
    let is_rest = |&actor: &usize| !graph.doomed(actor) && !explained[actor] && !is_idle(graph.actor(actor));
    let mut rest: Vec<usize> = (0..graph.len()).filter(is_rest).collect();
    if idles(graph, &rest) {
        return Vec::new();
    }
    let mut findings = circles(graph, &rest);
    for finding in &findings {
        let told = finding.steps.iter().map(|step| step.actor).chain(finding.victims.iter().copied());
        let told: FxHashSet<ActorId> = told.collect();
        rest.retain(|&actor| !told.contains(&graph.id(actor)));
    }
    if findings.is_empty() {
        return others(graph, &rest).into_iter().collect();
    }
    if !idles(graph, &rest) {
        findings[0].victims.extend(graph.ids(rest));
        findings[0].victims.sort_unstable();
    }
    findings
}

/// Nobody runs, nor is about to.
pub(super) fn stands(graph: &Graph<'_>) -> bool {
    let awake = |actor: usize| must_sleep(graph, actor) && sleep(graph, actor) == Sleep::Awake;
    !graph.anybody_runs() && !(0..graph.len()).any(awake)
}

/// Tasks that nobody can wake, and whoever waits for one.
fn explained_by_the_dead(graph: &Graph<'_>) -> Vec<bool> {
    let mut explained = vec![false; graph.len()];
    graph.behind(&graph.dead(), |_| true).into_iter().for_each(|actor| explained[actor] = true);
    explained
}

/// The circles among the `rest`. Where one of them waits for several things there is more to tell than one circle.
fn circles(graph: &Graph<'_>, rest: &[usize]) -> Vec<Finding> {
    let trusting = graph.trusting();
    let rest: FxHashSet<ActorId> = rest.iter().map(|&actor| graph.id(actor)).collect();
    let mut circles = wait_cycle::all(trusting);
    let one_way = |id: ActorId| trusting.find(id).is_some_and(|actor| trusting.ways(actor).count() == 1);
    circles.retain(|finding| finding.steps.iter().all(|step| rest.contains(&step.actor) && one_way(step.actor)));
    let certainty = certainty(graph);
    let standstill = |finding: Finding| Finding {
        rule: Rule::Standstill,
        certainty,
        victims: finding.victims.into_iter().filter(|victim| rest.contains(victim)).collect(),
        strangers: strangers(graph),
        ..finding
    };
    circles.into_iter().map(standstill).collect()
}

/// Daemons, which wait for something to do.
fn idles(graph: &Graph<'_>, rest: &[usize]) -> bool {
    rest.iter().all(|&actor| graph.actor(actor).daemon && !graph.id(actor).is_task())
}

/// All of them at once.
fn others(graph: &Graph<'_>, rest: &[usize]) -> Option<Finding> {
    let reached = from_the_roots(graph, rest);
    let wanted = wanted_locks(graph, rest);
    let matters = |actor: usize, because: &Because| match because {
        Because::EndOf { .. } => {
            let drops = graph.actor(actor).wait.is_some_and(|wait| matches!(wait.on, On::Runtime(_)));
            drops || graph.actor(actor).held.iter().any(|hold| wanted.contains(&(actor, hold.object)))
        }
        _ => true,
    };
    let (steps, mut victims): (Vec<_>, Vec<_>) = reached.into_iter().partition(|(actor, why)| matters(*actor, why));
    victims.sort_unstable_by_key(|(actor, _)| *actor);
    (!steps.is_empty()).then(|| Finding {
        rule: Rule::Standstill,
        certainty: certainty(graph),
        steps: steps.into_iter().map(|(actor, because)| step(graph.actor(actor), because)).collect(),
        victims: graph.ids(victims.into_iter().map(|(actor, _)| actor)),
        strangers: strangers(graph),
    })
}

fn strangers(graph: &Graph<'_>) -> Option<u32> {
    match graph.snapshot.strangers {
        Strangers::Some(count) => Some(count),
        Strangers::None | Strangers::Unknown => None,
    }
}

/// All of the `rest`, causes first: those who need a signal, then those who wait for them, and so on.
fn from_the_roots(graph: &Graph<'_>, rest: &[usize]) -> Vec<(usize, Because)> {
    let roots = rest.iter().filter(|&&actor| graph.needs_signal(actor));
    let why = |actor: usize| graph.taken(actor).unwrap_or(Because::NobodyLeft);
    let mut reached: Vec<(usize, Because)> = roots.map(|&actor| (actor, why(actor))).collect();
    let mut seen: FxHashSet<usize> = reached.iter().map(|(actor, _)| *actor).collect();
    let mut todo: VecDeque<usize> = reached.iter().map(|(actor, _)| *actor).collect();
    let mut opened = FxHashSet::default();
    while let Some(actor) = todo.pop_front() {
        for (resource, because) in graph.needed_for(actor).filter(|(resource, _)| opened.insert(*resource)) {
            for &waiter in graph.waiters(resource) {
                if !graph.doomed(waiter) && seen.insert(waiter) {
                    reached.push((waiter, because));
                    todo.push_back(waiter);
                }
            }
        }
    }
    reached
}

/// Who holds a lock that one of the `rest` waits for, and which: they are part of the story even where they
/// themselves only wait for the end of a thread. (So is who drops a runtime: what it has left undone, nobody can do.)
fn wanted_locks(graph: &Graph<'_>, rest: &[usize]) -> FxHashSet<(usize, ObjectId)> {
    let mut wanted = FxHashSet::default();
    let mut opened = FxHashSet::default();
    for &waiter in rest {
        if !graph.resource(waiter).is_some_and(|resource| opened.insert(resource)) {
            continue;
        }
        let reasons = graph.edges(waiter).iter().map(|edge| edge.because).chain(graph.taken(waiter));
        for because in reasons {
            if let Because::HeldBy { actor, hold } = because
                && let Some(holder) = graph.find(actor)
            {
                wanted.insert((holder, hold.object));
            }
        }
    }
    wanted
}

fn step(actor: &Actor, because: Because) -> Step {
    Step { actor: actor.id, sequence: actor.sequence, wait: actor.wait, because }
}

fn sleep(graph: &Graph<'_>, actor: usize) -> Sleep {
    graph.actor(actor).sleep
}

/// The session guard waits by asking again and again; it wakes nobody by that. And a task is no thread.
fn must_sleep(graph: &Graph<'_>, actor: usize) -> bool {
    !polls(graph.actor(actor)) && !graph.id(actor).is_task()
}

fn is_idle(actor: &Actor) -> bool {
    actor.wait.is_some_and(|wait| wait.on == On::Work)
}

fn polls(actor: &Actor) -> bool {
    actor.wait.is_some_and(|wait| wait.on == On::NonDaemons)
}

/// The wait for a `Once` that is poisoned is a panic, whose hook may do anything, sleep included.
pub(super) fn may_panic(wait: &Wait) -> bool {
    matches!(wait.on, On::Notify { condvar, mutex: None } if condvar.kind() == Kind::Once)
}

/// How sure it is that a program stands that seems to.
pub(super) fn certainty(graph: &Graph<'_>) -> Certainty {
    let asleep = |actor: usize| !must_sleep(graph, actor) || matches!(sleep(graph, actor), Sleep::Asleep { .. });
    let open = |actor: usize| graph.actor(actor).wait.is_some_and(|wait| may_panic(&wait));
    let snapshot = graph.snapshot;
    let alone = (snapshot.strangers, snapshot.handlers, snapshot.callbacks) == (Strangers::None, Handlers::None, 0);
    let shut = alone && !snapshot.unseen_tasks && (0..graph.len()).all(asleep) && !(0..graph.len()).any(open);
    if shut { Certainty::Happened } else { Certainty::Possible }
}

/// The same actors, all still in the same wait, and nobody has run: the operating system says of each in both
/// readings that it sleeps, with the same number of context switches.
///
/// Why that proves it. Let an instant lie after the end of the first reading and before the start of the second.
/// Every known thread slept at that instant: it slept when it was read before and when it was read after, and was
/// not switched to in between. There was no other thread: the operating system counted none at the end of the
/// first reading, after every known thread had been seen asleep, and only a running thread starts another. Each
/// sleeper waits for a lock, an end or a signal of one of the others (the reduction says so), a thread that has
/// been woken no longer counts as asleep, and nobody is there to wake one. So it stays as it is.
///
/// A task is none of the threads: it runs when one of them polls it. Each is pending, has been woken by nobody since, and has
/// no waker but with what it waits for. What polls tasks is one of those threads; and no executor had tasks that we do not
/// know.
///
/// Two kinds of code run without a thread that we know to run. A signal handler runs in a thread that sleeps; a notification
/// or an unpark in it is a store and a system call, and works. And the program's callback runs in a thread of our own.
/// The program had no handler, and no call that had not returned, at the end of the first reading; only a running thread
/// sets up the one, and only our own, which was busy reading, makes the other.
///
/// Without knowledge of the sleep, with strangers, handlers or such a call, it stays `Possible`.
pub(super) fn unmoved(readings: &Readings<'_>) -> bool {
    let Readings { first, second, before, .. } = readings;
    let unmoved = |now: &Actor| {
        before.get(&now.id).is_some_and(|before| {
            let slept = polls(now) || before.sleep == now.sleep;
            let same = before.sequence == now.sequence && before.wait == now.wait && before.also == now.also;
            same && before.stirs == now.stirs && slept
        })
    };
    first.actors.len() == second.actors.len() && second.actors.iter().all(unmoved)
}

/// See [`unmoved`].
fn confirm(finding: &Finding, readings: &Readings<'_>) -> Option<Finding> {
    if !unmoved(readings) {
        return None;
    }
    let again = find(&Graph::new(readings.second, Trust::Nobody));
    let same = |again: &Finding| again.steps == finding.steps && again.certainty >= finding.certainty;
    again.iter().any(same).then(|| finding.clone())
}
