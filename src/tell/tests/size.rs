//! Reports of very many: in time, and with the same words as of few.

use super::*;
use std::time::{Duration, Instant};

const MANY: u32 = 20_000;
/// Generous for a build without optimisation on a loaded machine; far less than anything quadratic would take.
const LIMIT: Duration = Duration::from_secs(20);

fn lock(number: u32) -> ObjectId {
    ObjectId::new(Kind::Mutex, 0, 1000 + u64::from(number))
}

/// Beyond those who have names.
fn party(number: u32) -> ActorId {
    thread(1000 + number)
}

/// The report, composed and put into text, in time.
fn soon(case: &Case) -> (Report, String) {
    let start = Instant::now();
    let report = case.report(&NoDetails);
    let text = report.to_string();
    let took = start.elapsed();
    assert!(took < LIMIT, "{took:?}");
    (report, text)
}

/// A ring in which each holds what the one before wants.
fn ring(count: u32) -> Vec<Step> {
    let next = |number: u32| (number + 1) % count;
    let held = |number: u32| locked(lock(number), line(14));
    (0..count).map(|i| step(party(i), wants(lock(next(i)), line(16)), by(party(next(i)), held(next(i))))).collect()
}

fn with_holds(mut case: Case) -> Case {
    let holders = case.snapshot.actors.iter_mut().zip(0..);
    holders.for_each(|(actor, number)| actor.held.push(locked(lock(number), line(14))));
    case
}

#[test]
fn a_ring_of_twenty_thousand() {
    let (report, text) = soon(&with_holds(cycle(ring(MANY), &[])));
    assert_eq!((report.story.len(), report.threads.len()), (MANY as usize, MANY as usize));
    assert!(text.contains("20000 threads wait for each other in a circle"), "{text}");
    let sentence = "Thread #1001 holds Mutex #1001 (taken";
    assert!(report.story[1].starts_with(sentence), "{}", report.story[1]);
    assert!(report.story[1].contains("which thread #1002 (spawned at src/main.rs:30:9) holds"), "{}", report.story[1]);
}

#[test]
fn a_standstill_that_is_a_chain_is_put_in_order() {
    let mut steps = ring(MANY);
    steps.pop();
    let last = step(party(MANY - 1), wait(On::Unpark, line(20)), Because::NobodyLeft);
    steps.insert(0, last);
    let (report, _) = soon(&standstill(steps, &[]));
    let ids: Vec<u64> = report.threads.iter().map(|thread| thread.id).collect();
    assert_eq!(ids, (0..MANY).map(|number| u64::from(party(number).index)).collect::<Vec<_>>());
}

#[test]
fn twenty_thousand_victims() {
    let mut case = ab_ba_case();
    case.finding.victims = (0..MANY).map(party).collect();
    let (report, text) = soon(&case);
    assert_eq!(report.victims.len(), MANY as usize);
    assert!(report.victims[0].starts_with("thread #1000 (spawned"), "{}", report.victims[0]);
    assert!(report.victims[19_999].starts_with("thread #20999 (spawned"), "{}", report.victims[19_999]);
    assert!(text.contains("thread #1000"), "{text}");
}

#[test]
fn twenty_thousand_at_a_barrier() {
    let quorum = MANY + 1;
    let arrives =
        |number| step(party(number), wait(On::Arrivals { barrier: START, quorum }, line(20)), Because::NobodyLeft);
    let (report, _) = soon(&standstill((0..MANY).map(arrives).collect(), &[]));
    assert!(report.story[0].contains("20000 have arrived"), "{}", report.story[0]);
}
