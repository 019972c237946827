use super::scene::*;
use crate::model::*;
use std::time::{Duration, Instant};

/// Generous for a build without optimisation on a loaded machine; far less than anything quadratic would take.
const LIMIT: Duration = Duration::from_secs(3);

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
