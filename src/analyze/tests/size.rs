use super::scene::*;
use crate::{
    analyze::{Readings, confirm},
    model::*,
};
use std::time::{Duration, Instant};

/// Generous for a build without optimisation on a loaded machine; far less than anything quadratic would take.
const LIMIT: Duration = Duration::from_secs(10);

fn lock(number: u64) -> ObjectId {
    ObjectId::new(Kind::RwLock, 0, number)
}

/// The findings, in time.
fn soon(snapshot: &Snapshot) -> Vec<Finding> {
    let start = Instant::now();
    let findings = found(snapshot);
    let took = start.elapsed();
    assert!(took < LIMIT, "{took:?}");
    findings
}

/// 1,000 actors with 100 holds each, of their own.
fn crowd() -> impl Iterator<Item = Actor> {
    (0..1000).map(|i| (0..100).fold(actor(i), |actor, j| actor.holds(lock(u64::from(i) * 100 + j))))
}

#[test]
fn a_hundred_thousand_holds_in_a_ring() {
    let ring = crowd().map(|actor| {
        let next = u64::from(actor.id.index + 1) % 1000;
        actor.wants(lock(next * 100 + 7))
    });
    assert_eq!(soon(&scene(ring))[0].steps.len(), 1000);
}

#[test]
fn a_hundred_thousand_holds_in_a_chain() {
    let chain = crowd().map(|actor| match actor.id.index {
        999 => actor,
        index => actor.wants(lock(u64::from(index + 1) * 100 + 7)),
    });
    assert_eq!(soon(&scene(chain)), []);
}

#[test]
fn a_hundred_thousand_holds_that_everybody_shares() {
    // Everybody reads the same hundred locks and wants to write one of them: dense.
    let crowd = (0..1000).map(|i| {
        let reader = (0..100).fold(actor(i), |actor, j| actor.holds_as(lock(j), Mode::Shared));
        reader.wants(lock(u64::from(i) % 100))
    });
    let findings = soon(&scene(crowd));
    assert_eq!((findings.len(), findings[0].steps.len(), findings[0].victims.len()), (1, 1, 999));
}

#[test]
fn five_hundred_pairs() {
    let pairs = (0..1000).map(|i| actor(i).holds(lock(u64::from(i))).wants(lock(u64::from(i ^ 1))));
    assert_eq!(soon(&scene(pairs)).len(), 500);
}

#[test]
fn a_thousand_idle_workers_and_one_thousand_who_wait_for_them() {
    let idle = (0..1000).map(|i| actor(i).holds_as(lock(1), Mode::Shared).awaits(CV, A));
    let blocked = (1000..2000).map(|i| actor(i).wants(lock(1)));
    assert_eq!(soon(&scene(idle.chain(blocked)))[0].steps.len(), 2000);
}

/// A ring of so many, each of whom waits for the one before, or after.
fn ring(count: u32, before: bool) -> impl Iterator<Item = Actor> {
    let next = move |i: u32| if before { (i + count - 1) % count } else { (i + 1) % count };
    (0..count).map(move |i| actor(i).holds(lock(u64::from(i))).wants(lock(u64::from(next(i)))))
}

#[test]
fn a_ring_of_twenty_thousand_either_way_round() {
    for before in [false, true] {
        let findings = soon(&scene(ring(20_000, before)));
        assert_eq!((findings.len(), findings[0].steps.len()), (1, 20_000));
        assert_eq!(findings[0].steps[0].actor, id(0), "it starts at the lowest number");
    }
}

#[test]
fn a_short_circle_in_a_ring_of_twenty_thousand() {
    // All read one lock besides, and one of them waits to write it: that one alone is the shortest.
    let all = ring(20_000, false).map(|actor| match actor.id.index {
        13_000 => actor.holds_as(RW, Mode::Shared).wants(RW),
        _ => actor.holds_as(RW, Mode::Shared),
    });
    let findings = soon(&scene(all));
    assert_eq!((findings.len(), steps(&findings[0])), (1, vec![id(13_000)]));
    // One holds what another one far away wants, too: a way across.
    let across = ring(20_000, false).map(|actor| match actor.id.index {
        7_000 => actor.holds_as(RW, Mode::Shared),
        7_003 => actor.holds_as(RW, Mode::Shared).wants(lock(7_000)),
        6_999 => actor.wants(RW),
        _ => actor,
    });
    let findings = soon(&scene(across));
    assert_eq!((findings.len(), steps(&findings[0])), (1, ids(&[7_000, 7_001, 7_002, 7_003])));
}

#[test]
fn twenty_thousand_tasks_that_are_about_to_wait_when_they_are_read() {
    // Each seems to have no waker; by the second reading all have.
    let task = |number| Actor { id: ActorId::task(number, 1), daemon: true, ..actor(0) };
    let seen = |on: On| {
        let tasks = (0..20_000).map(move |number| task(number).waits(on));
        scene(tasks.chain([actor(1)]))
    };
    let first = seen(On::Nothing { forsaken: false });
    let second = seen(On::Object { object: A, mode: Mode::Exclusive });
    let suspicions = soon(&first);
    assert_eq!(suspicions.len(), 20_000);
    let start = Instant::now();
    let readings = Readings::new(&first, &second);
    assert!(suspicions.iter().all(|finding| confirm(finding, &readings).is_none()));
    let took = start.elapsed();
    assert!(took < LIMIT, "{took:?}");
}
