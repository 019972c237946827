//! Tasks: waits of which any will do, against the brute-force answer; and what is told of them.

use super::scene::*;
use crate::{
    analyze::{
        Readings, Thresholds, analyze, confirm,
        graph::{Graph, Trust},
    },
    model::*,
};
use proptest::{collection::vec, prelude::*};

fn task(number: u32) -> ActorId {
    ActorId::task(number, 1)
}

/// A task that is pending, and waits for any of these.
fn pending(number: u32, on: &[On]) -> Actor {
    let wait = |(at, on): (usize, &On)| Wait { on: *on, place: PlaceId(200 + at as u64), since: 0, timed: false };
    let mut waits: Vec<Wait> = on.iter().enumerate().map(wait).collect();
    let first = (!waits.is_empty()).then(|| waits.remove(0));
    Actor { id: task(number), sequence: 2, wait: first, also: waits, sleep: Sleep::Unknown, ..actor(0) }
}

fn lock(object: ObjectId) -> On {
    On::Object { object, mode: Mode::Exclusive }
}

/// Who can move at last: start with nobody, let go whoever has one way out, and again until nothing changes.
fn can_move(snapshot: &Snapshot) -> Vec<bool> {
    let actors = &snapshot.actors;
    let mut can = vec![false; actors.len()];
    loop {
        let before = can.clone();
        for (me, actor) in actors.iter().enumerate() {
            let all_can = |these: Vec<usize>| these.into_iter().all(|other| before[other]);
            let out = |wait: &Wait| match wait.on {
                On::Object { object, .. } => {
                    let holds = |actor: &Actor| actor.held.iter().any(|hold| hold.object == object && !hold.moves);
                    all_can((0..actors.len()).filter(|&other| holds(&actors[other])).collect())
                }
                On::Actor(id) | On::Pool(id) | On::Poller { thread: id, .. } | On::Nested { task: id, .. } => {
                    all_can((0..actors.len()).filter(|&other| actors[other].id == id).collect())
                }
                On::Nothing { .. } => false,
                _ => true,
            };
            can[me] = actor.stirs || actor.wait.is_none() || actor.wait.iter().chain(&actor.also).any(out);
        }
        if can == before {
            return can;
        }
    }
}

fn on() -> impl Strategy<Value = On> {
    prop_oneof![
        8 => prop_oneof![Just(A), Just(B), Just(C)].prop_map(lock),
        3 => (0u32..6).prop_map(|number| On::Actor(task(number))),
        1 => (0u32..2).prop_map(|index| On::Poller { thread: id(index), may_block: false }),
        2 => (0u32..6).prop_map(|number| On::Pool(task(number))),
        2 => (0u32..6).prop_map(|number| On::Nested { task: task(number), polled: true }),
        1 => (0u32..6).prop_map(|number| On::Awaiter(task(number))),
        1 => any::<bool>().prop_map(|forsaken| On::Nothing { forsaken }),
        1 => Just(On::Driver),
        1 => Just(On::Message { channel: JOBS }),
    ]
}

fn held() -> impl Strategy<Value = (ObjectId, bool)> {
    (prop_oneof![Just(A), Just(B), Just(C)], prop::bool::weighted(0.1))
}

fn anybody() -> impl Strategy<Value = Actor> {
    (vec(on(), 0..4), vec(held(), 0..3), prop::bool::weighted(0.1)).prop_map(|(on, holds, stirs)| {
        let one = Actor { stirs, ..pending(0, &on) };
        holds.into_iter().fold(one, |one, (object, moves)| one.has((object, Mode::Exclusive, moves)))
    })
}

fn anything() -> impl Strategy<Value = Snapshot> {
    let thread = |wait: Option<On>| wait.map_or_else(|| actor(0), |on| actor(0).waits(on));
    let threads = vec(prop::option::of(on()).prop_map(thread), 0..2);
    (threads, vec(anybody(), 1..6)).prop_map(|(mut threads, mut tasks)| {
        threads.iter_mut().enumerate().for_each(|(index, thread)| thread.id = id(index as u32));
        tasks.iter_mut().enumerate().for_each(|(number, one)| one.id = task(number as u32));
        scene(threads.into_iter().chain(tasks))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_is_doomed_is_who_can_never_move(snapshot in anything()) {
        let graph = Graph::new(&snapshot, Trust::Nobody);
        let can = can_move(&snapshot);
        for (at, actor) in snapshot.actors.iter().enumerate() {
            let number = graph.find(actor.id).expect("it is there");
            prop_assert_eq!(graph.doomed(number), !can[at], "{:?}", actor.id);
        }
    }

    /// What is told as certain is told of those alone who can never move, and it holds against the same reading again.
    #[test]
    fn nobody_is_told_to_be_stuck_who_is_not(snapshot in anything()) {
        let can = can_move(&snapshot);
        for finding in analyze(&snapshot, &Thresholds::default()) {
            if finding.rule == Rule::WaitCycle && finding.certainty == Certainty::Happened || finding.rule == Rule::DeadTask {
                for step in &finding.steps {
                    let at = snapshot.actors.iter().position(|actor| actor.id == step.actor).expect("it is there");
                    prop_assert!(!can[at], "{finding:#?}");
                }
                prop_assert!(confirm(&finding, &Readings::new(&snapshot, &snapshot)).is_some(), "{finding:#?}");
            }
        }
    }
}

#[test]
fn of_several_ways_one_is_enough() {
    let circle = |way_out: On| {
        let holder = |number, own, wanted: &[On]| pending(number, wanted).has((own, Mode::Exclusive, false));
        scene([holder(0, A, &[lock(B), way_out]), holder(1, B, &[lock(A)])])
    };
    // Nobody runs who could send, so it is a standstill; but no circle.
    let open = analyze(&circle(On::Message { channel: JOBS }), &Thresholds::default());
    assert!(open.iter().all(|finding| finding.rule == Rule::Standstill), "{open:#?}");
    let both = analyze(&circle(lock(A)), &Thresholds::default());
    assert_eq!((both.len(), both[0].rule, both[0].certainty), (1, Rule::WaitCycle, Certainty::Happened));
}

#[test]
fn a_poll_that_does_not_come_back_stands_in_the_way() {
    let poller = On::Poller { thread: id(0), may_block: false };
    let thread = actor(0).waits(lock(A));
    let polled = Actor { sequence: 3, ..pending(0, &[poller]).has((A, Mode::Exclusive, false)) };
    let findings = analyze(&scene([thread, polled]), &Thresholds::default());
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!((finding.rule, finding.certainty), (Rule::WaitCycle, Certainty::Happened));
    assert_eq!(reasons(finding), "HP");
}
