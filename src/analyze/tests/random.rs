//! Random small situations against the brute-force answers.

use super::{brute::*, scene::*};
use crate::{
    analyze::{Readings, Thresholds, analyze, confirm, need_sleep, wait_cycles, wait_cycles_of},
    model::*,
};
use proptest::{collection::vec, option, prelude::*, strategy::ValueTree, test_runner::TestRunner};
use std::{collections::BTreeSet, time::Duration};

fn held() -> impl Strategy<Value = Mode> {
    prop_oneof![4 => Just(Mode::Exclusive), 3 => Just(Mode::Shared), 1 => Just(Mode::Init), 1 => Just(Mode::Upgradable)]
}

fn wanted() -> impl Strategy<Value = Mode> {
    prop_oneof![8 => held(), 1 => Just(Mode::Upgrade), 1 => Just(Mode::Recursive)]
}

/// Rarely it may be in another thread.
fn moves() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.1)
}

fn lock() -> impl Strategy<Value = ObjectId> {
    prop_oneof![2 => Just(A), 1 => Just(B), 3 => Just(RW), 1 => Just(ONCE)]
}

fn on() -> impl Strategy<Value = On> {
    prop_oneof![
        10 => (lock(), wanted()).prop_map(|(object, mode)| On::Object { object, mode }),
        1 => lock().prop_map(|object| On::Lazy { object }),
        2 => option::of(lock()).prop_map(|mutex| On::Notify { condvar: CV, mutex }),
        1 => (1u32..4).prop_map(|quorum| On::Arrivals { barrier: BARRIER, quorum }),
        2 => (0u32..6).prop_map(|index| On::Actor(id(index))),
        1 => (0u64..2).prop_map(|scope| On::Scope(ScopeId(scope))),
        1 => (0u32..2).prop_map(|runtime| On::Runtime(RuntimeId(runtime))),
        1 => Just(On::NonDaemons),
        1 => Just(On::Unpark),
        4 => channel().prop_map(|channel| On::Message { channel }),
        3 => channel().prop_map(|channel| On::Room { channel }),
        1 => channel().prop_map(|channel| On::Closing { channel }),
    ]
}

fn channel() -> impl Strategy<Value = ObjectId> {
    prop_oneof![Just(JOBS), Just(REPLIES)]
}

fn sleep() -> impl Strategy<Value = Sleep> {
    prop_oneof![8 => Just(Sleep::Asleep { switches: 7 }), 1 => Just(Sleep::Unknown), 1 => Just(Sleep::Awake)]
}

fn anybody() -> impl Strategy<Value = Actor> {
    let waits =
        prop_oneof![1 => Just(None), 1 => (on(), Just(true)).prop_map(Some), 14 => (on(), Just(false)).prop_map(Some)];
    let holds = vec((lock(), held(), moves()), 0..3);
    let within = (option::of(0u64..2), option::of(0u32..2));
    (waits, holds, within, prop::bool::weighted(0.2), sleep(), 0u64..3, prop::bool::weighted(0.1)).prop_map(
        |(wait, holds, (scope, occupied), daemon, sleep, since, own)| {
            let mut one = holds.into_iter().fold(actor(0), |actor, hold| actor.has(hold));
            if let Some((on, timed)) = wait {
                one = one.waits(on).since(since);
                one.wait = one.wait.map(|wait| Wait { timed, ..wait });
                one.sleep = sleep;
                // Locking twice hides everything else: not too often.
                if let On::Object { object, mode } = on {
                    one.held.retain(|hold| own || hold.object != object || !hold.mode.conflicts(mode));
                }
            }
            Actor { scope: scope.map(ScopeId), occupies: occupied.map(RuntimeId), daemon, ..one }
        },
    )
}

/// One of those that wait for locks only, asleep: these make the long circles, and the ones that need a queue.
fn somebody_blocked() -> impl Strategy<Value = Actor> {
    let lock = || prop_oneof![Just(A), Just(B), Just(C), Just(ONCE), Just(RW), Just(RW), Just(RW)];
    let held = || prop_oneof![4 => Just(Mode::Exclusive), 6 => Just(Mode::Shared), 1 => Just(Mode::Upgradable)];
    let wanted = || prop_oneof![8 => held(), 1 => Just(Mode::Upgrade), 1 => Just(Mode::Recursive)];
    (vec((lock(), held(), moves()), 1..3), lock(), wanted()).prop_map(|(holds, object, mode)| {
        let mut one = holds.into_iter().fold(actor(0), |actor, hold| actor.has(hold));
        one.held.retain(|hold| hold.object != object || !hold.mode.conflicts(mode));
        one.waits(On::Object { object, mode })
    })
}

fn anything() -> impl Strategy<Value = Snapshot> {
    let orphans = vec((lock(), held(), any::<bool>(), moves()), 0..2);
    let strangers =
        prop_oneof![6 => Just(Strangers::None), 1 => Just(Strangers::Some(2)), 1 => Just(Strangers::Unknown)];
    let actors = prop_oneof![2 => vec(anybody(), 0..6).boxed(), 1 => vec(somebody_blocked(), 2..6).boxed()];
    let handlers = prop_oneof![6 => Just(Handlers::None), 1 => Just(Handlers::Some), 1 => Just(Handlers::Unknown)];
    let callbacks = prop_oneof![6 => Just(0u32), 1 => Just(1)];
    let queues = (prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    let outside = (strangers, handlers, callbacks, queues);
    (actors, orphans, outside).prop_map(
        |(mut actors, orphans, (strangers, handlers, callbacks, (impatient_writers, loose_queues)))| {
            for (index, actor) in actors.iter_mut().enumerate() {
                actor.id = id(index as u32);
            }
            let all =
                Snapshot { handlers, callbacks, impatient_writers, loose_queues, ..scene(actors).strangers(strangers) };
            orphans.into_iter().fold(all, |all, (object, mode, gone, moves)| {
                let mut all = all.leaked(77, object, mode, gone);
                all.orphans.iter_mut().for_each(|orphan| orphan.hold.moves |= moves);
                all
            })
        },
    )
}

fn all_needs(snapshot: &Snapshot) -> Vec<Needs> {
    (0..snapshot.actors.len()).map(|me| needs(snapshot, me)).collect()
}

/// In these situations an actor's index is its position.
fn position(id: ActorId) -> usize {
    id.index as usize
}

fn everybody(finding: &Finding) -> impl Iterator<Item = usize> + '_ {
    finding.steps.iter().map(|step| step.actor).chain(finding.victims.iter().copied()).map(position)
}

fn of_rule(snapshot: &Snapshot, rule: Rule) -> Vec<Finding> {
    let certain = |finding: &Finding| finding.rule != Rule::WaitCycle || finding.certainty == Certainty::Happened;
    found(snapshot).into_iter().filter(|finding| finding.rule == rule && certain(finding)).collect()
}

/// The circles with a doubt.
fn possible_cycles(snapshot: &Snapshot) -> Vec<Finding> {
    let is = |finding: &Finding| (finding.rule, finding.certainty) == (Rule::WaitCycle, Certainty::Possible);
    found(snapshot).into_iter().filter(is).collect()
}

fn is_leak(finding: &Finding) -> bool {
    matches!(finding.steps[0].because, Because::LeakedBy { .. })
}

/// The properties below say something: all that they are about comes up.
#[test]
fn the_random_situations_have_everything_in_them() {
    let mut runner = TestRunner::deterministic();
    let mut seen = [0; 10];
    for _ in 0..10_000 {
        let snapshot = anything().new_tree(&mut runner).expect("a situation").current();
        for finding in found(&snapshot) {
            let cycle = finding.rule == Rule::WaitCycle;
            let queue = finding.steps.iter().any(|step| matches!(step.because, Because::QueuedBehind { .. }));
            let wants = |mode: Mode| {
                let is = |wait: Wait| matches!(wait.on, On::Object { mode: wanted, .. } if wanted == mode);
                finding.steps.iter().any(|step| step.wait.is_some_and(is))
            };
            let is = [
                cycle && wants(Mode::Upgrade),
                cycle && finding.certainty == Certainty::Possible,
                cycle && finding.steps.len() == 1,
                cycle && finding.steps.len() == 2,
                cycle && finding.steps.len() > 2,
                cycle && queue,
                cycle && is_leak(&finding),
                finding.rule == Rule::Standstill && finding.certainty == Certainty::Happened,
                finding.rule == Rule::Standstill && finding.steps.len() > 1,
                finding.rule == Rule::Standstill && !finding.victims.is_empty(),
            ];
            is.iter().zip(&mut seen).for_each(|(is, seen)| *seen += usize::from(*is));
        }
    }
    assert!(seen.iter().all(|&count| count >= 10), "{seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Told as stuck by some wait cycle: exactly those who cannot run even if every signal comes.
    #[test]
    fn the_stuck_are_those_who_can_never_run(snapshot in anything()) {
        let can = can_run(&all_needs(&snapshot), true);
        let stuck: BTreeSet<usize> = (0..can.len()).filter(|&me| !can[me]).collect();
        let told: BTreeSet<usize> = of_rule(&snapshot, Rule::WaitCycle).iter().flat_map(|f| everybody(f).collect::<Vec<_>>()).collect();
        prop_assert_eq!(told, stuck);
    }

    /// What is told as a cycle is one, with the right holds, and no shorter one is in its knot.
    #[test]
    fn a_cycle_is_a_shortest_one(snapshot in anything()) {
        let needs = all_needs(&snapshot);
        for finding in of_rule(&snapshot, Rule::WaitCycle).iter().filter(|finding| !is_leak(finding)) {
            let cycle: Vec<usize> = finding.steps.iter().map(|step| position(step.actor)).collect();
            for (at, step) in finding.steps.iter().enumerate() {
                let (me, next) = (cycle[at], cycle[(at + 1) % cycle.len()]);
                let queue = matches!(step.because, Because::QueuedBehind { .. });
                let edge = Need { of: next, queue };
                prop_assert!(needs[me].all.contains(&edge));
                prop_assert_eq!((step.sequence, step.wait), (snapshot.actors[me].sequence, snapshot.actors[me].wait));
                match step.because {
                    Because::HeldBy { actor, hold } => {
                        prop_assert_eq!(position(actor), next);
                        prop_assert!(snapshot.actors[next].held.contains(&hold));
                    }
                    Because::QueuedBehind { actor } | Because::EndOf { actor } => prop_assert_eq!(position(actor), next),
                    because => return Err(TestCaseError::fail(format!("{because:?}"))),
                }
            }
            let knot = |circle: &&Vec<usize>| reaches(&needs, cycle[0], circle[0]) && reaches(&needs, circle[0], cycle[0]);
            let firm = circles(&needs, false).iter().filter(knot).map(Vec::len).min();
            let shortest = firm.or_else(|| circles(&needs, true).iter().filter(knot).map(Vec::len).min());
            prop_assert_eq!(Some(cycle.len()), shortest);
        }
    }

    /// Those who ask are told the same by the short way, and nothing is lost by it.
    #[test]
    fn the_short_way_leads_to_the_same_cycles(snapshot in anything()) {
        let all = wait_cycles(&snapshot);
        let ids: Vec<ActorId> = snapshot.actors.iter().map(|actor| actor.id).collect();
        for &id in &ids {
            let of_one = wait_cycles_of(&[id], &snapshot);
            let is_in = |finding: &&Finding| finding.steps.iter().any(|step| step.actor == id);
            for finding in &of_one {
                prop_assert_eq!(all.iter().filter(|other| other.steps == finding.steps).count(), 1);
            }
            for finding in all.iter().filter(is_in) {
                prop_assert!(of_one.iter().any(|other| other.steps == finding.steps));
            }
        }
    }

    /// One finding a knot, one a leaked object; a victim waits for it, and is in no knot of its own.
    #[test]
    fn each_cause_is_told_once(snapshot in anything()) {
        let needs = all_needs(&snapshot);
        let tied = |a: usize, b: usize| reaches(&needs, a, b) && reaches(&needs, b, a);
        let findings = of_rule(&snapshot, Rule::WaitCycle);
        // Each knot by its first member.
        let knots: Vec<usize> =
            (0..needs.len()).filter(|&me| tied(me, me) && (0..me).all(|other| !tied(me, other))).collect();
        let told: Vec<usize> = findings.iter().filter(|f| !is_leak(f)).map(|f| position(f.steps[0].actor)).collect();
        prop_assert_eq!(told.len(), knots.len());
        for knot in knots {
            prop_assert_eq!(told.iter().filter(|&&start| tied(start, knot)).count(), 1);
        }
        let lost: BTreeSet<ObjectId> = needs.iter().filter_map(|needs| needs.leaked).collect();
        let mut leaks = BTreeSet::new();
        for finding in &findings {
            if let Because::LeakedBy { hold, .. } = finding.steps[0].because {
                prop_assert!(leaks.insert(hold.object));
                prop_assert_eq!(needs[position(finding.steps[0].actor)].leaked, Some(hold.object));
            }
            let mut seen = BTreeSet::new();
            prop_assert!(everybody(finding).all(|one| seen.insert(one)), "somebody is named twice");
            let first = position(finding.steps[0].actor);
            for victim in finding.victims.iter().map(|&victim| position(victim)) {
                let same = tied(victim, first);
                prop_assert!(!tied(victim, victim) || same);
                prop_assert!(is_leak(finding) || reaches(&needs, victim, first));
            }
        }
        prop_assert_eq!(leaks, lost);
    }

    /// A standstill is told exactly when nobody runs, nobody is awake, and somebody who keeps the program alive
    /// cannot be explained by a cycle.
    #[test]
    fn a_standstill_is_when_nobody_can_run(snapshot in anything()) {
        let needs = all_needs(&snapshot);
        let never = can_run(&needs, true);
        let now = can_run(&needs, false);
        let unexplained: BTreeSet<usize> = (0..needs.len()).filter(|&me| never[me]).collect();
        let session = |actor: &Actor| actor.wait.is_some_and(|wait| wait.on == On::NonDaemons);
        let must: Vec<&Actor> = snapshot.actors.iter().filter(|actor| !session(actor)).collect();
        let expected = now.iter().all(|can| !can)
            && must.iter().all(|actor| actor.sleep != Sleep::Awake)
            && unexplained.iter().any(|&me| !snapshot.actors[me].daemon);
        let findings = of_rule(&snapshot, Rule::Standstill);
        prop_assert_eq!(!findings.is_empty(), expected);
        let told: BTreeSet<usize> = findings.iter().flat_map(everybody).collect();
        prop_assert!(told.is_subset(&unexplained));
        // Daemons idle beside circles, too.
        let idle = |&&me: &&usize| snapshot.actors[me].daemon;
        prop_assert!(!expected || unexplained.difference(&told).all(|me| idle(&me)));
        let is_circle = |finding: &Finding| finding.steps.iter().all(|step| step.because != Because::NobodyLeft);
        prop_assert!(findings.len() < 2 || findings.iter().all(is_circle));
        for finding in &findings {
            let all: Vec<usize> = everybody(finding).collect();
            prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "somebody is named twice");
            let proven = snapshot.strangers == Strangers::None
                && must.iter().all(|a| a.sleep != Sleep::Unknown)
                && snapshot.handlers == Handlers::None
                && snapshot.callbacks == 0;
            prop_assert_eq!(finding.certainty, if proven { Certainty::Happened } else { Certainty::Possible });
            // Each step waits for a signal, or for somebody who is told.
            for step in &finding.steps {
                let me = position(step.actor);
                match step.because {
                    Because::NobodyLeft => prop_assert!(needs[me].signal),
                    Because::HeldBy { hold, .. } | Because::LeakedBy { hold, .. } if hold.moves => {
                        prop_assert!(needs[me].signal);
                    }
                    Because::QueuedBehind { .. } if needs[me].signal => prop_assert!(snapshot.loose_queues),
                    Because::HeldBy { actor, .. } | Because::QueuedBehind { actor } | Because::EndOf { actor } => {
                        prop_assert!(told.contains(&position(actor)));
                        prop_assert!(needs[me].all.iter().any(|need| need.of == position(actor)));
                    }
                    because => return Err(TestCaseError::fail(format!("{because:?}"))),
                }
            }
        }
    }

    /// What would be a circle if all guards had stayed where they were, and if it were certain who keeps a reader out, is
    /// possible; where nobody runs it is a standstill.
    #[test]
    fn what_is_a_circle_but_for_a_doubt_is_possible(snapshot in anything()) {
        let mut certain = Snapshot { loose_queues: false, ..snapshot.clone() };
        let holds = certain.actors.iter_mut().flat_map(|actor| &mut actor.held);
        let left = certain.orphans.iter_mut().map(|orphan| &mut orphan.hold);
        holds.chain(left).for_each(|hold| hold.moves = false);
        let needs = all_needs(&snapshot);
        let runs = needs.iter().any(|needs| !needs.signal && needs.leaked.is_none() && needs.all.is_empty());
        let can = can_run(&needs, true);
        let doubtful = |finding: &&Finding| runs && finding.steps.iter().any(|step| can[position(step.actor)]);
        let would = of_rule(&certain, Rule::WaitCycle);
        let expected: Vec<Vec<ActorId>> = would.iter().filter(doubtful).map(steps).collect();
        let told: Vec<Vec<ActorId>> = possible_cycles(&snapshot).iter().map(steps).collect();
        prop_assert_eq!(told, expected);
    }

    /// Nothing has moved: all of it holds, but what may end with somebody who is awake. With thresholds nobody who is stuck is told a second time.
    #[test]
    fn an_unchanged_reading_confirms_everything(snapshot in anything()) {
        let limit = Some(Duration::from_secs(1));
        let findings = analyze(&snapshot, &Thresholds::new(limit, limit));
        let can = can_run(&all_needs(&snapshot), true);
        for finding in &findings {
            let again = confirm(finding, &Readings::new(&snapshot, &snapshot));
            let awake = finding.steps.iter().any(|step| snapshot.actors[position(step.actor)].sleep == Sleep::Awake);
            if awake && need_sleep(std::slice::from_ref(finding)) {
                prop_assert_eq!(again, None, "it may have got what it waits for");
                continue;
            }
            let steps = again.as_ref().map(|again| &again.steps);
            prop_assert_eq!(steps, Some(&finding.steps));
            if matches!(finding.rule, Rule::LongHold | Rule::LongWait) {
                prop_assert!(finding.steps.iter().all(|step| can[position(step.actor)]));
            } else {
                prop_assert_eq!(again.map(|again| again.victims), Some(finding.victims.clone()));
            }
        }
    }

    /// Whatever one actor has done meanwhile, what is confirmed is still so for those who have not moved.
    #[test]
    fn what_is_confirmed_is_stuck_without_the_one_who_moved(snapshot in anything(), mover in 0usize..6) {
        let mut second = snapshot.clone();
        if let Some(mover) = second.actors.get_mut(mover) {
            mover.sequence += 1;
        }
        let mut without = snapshot.clone();
        if let Some(mover) = without.actors.get_mut(mover) {
            mover.wait = None;
        }
        let can = can_run(&all_needs(&without), true);
        for finding in of_rule(&snapshot, Rule::WaitCycle) {
            if let Some(confirmed) = confirm(&finding, &Readings::new(&snapshot, &second)) {
                prop_assert!(everybody(&confirmed).all(|one| !can[one]), "{:?}", confirmed);
            }
        }
        if mover < snapshot.actors.len() {
            for finding in of_rule(&snapshot, Rule::Standstill) {
                prop_assert_eq!(confirm(&finding, &Readings::new(&snapshot, &second)), None);
            }
        }
    }
}
