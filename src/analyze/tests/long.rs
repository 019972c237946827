use super::scene::*;
use crate::{
    analyze::{Readings, Thresholds, analyze, confirm},
    model::*,
};
use std::time::Duration;

const LIMIT: Option<Duration> = Some(Duration::from_secs(10));

fn holds(snapshot: &Snapshot) -> Vec<Finding> {
    analyze(snapshot, &Thresholds::new(LIMIT, None))
}

fn waits(snapshot: &Snapshot) -> Vec<Finding> {
    analyze(snapshot, &Thresholds::new(None, LIMIT))
}

/// The scene is at 10 s; this is how it was a nanosecond before.
fn earlier(snapshot: &Snapshot) -> Snapshot {
    Snapshot { at: snapshot.at - 1, ..snapshot.clone() }
}

#[test]
fn a_lock_held_for_too_long() {
    let snapshot = scene([actor(1).holds(A), actor(2).wants(A), actor(3).joins(2)]);
    let findings = holds(&snapshot);
    assert_eq!(findings.len(), 1);
    let because = Because::HeldBy { actor: id(1), hold: hold(A, Mode::Exclusive) };
    assert_eq!((findings[0].rule, findings[0].steps[0].because), (Rule::LongHold, because));
    assert_eq!((findings[0].steps[0].wait, &findings[0].victims), (None, &ids(&[2, 3])));
    assert_eq!(findings[0].certainty, Certainty::Happened);
    assert_eq!(holds(&earlier(&snapshot)), []);
    // Nobody asked.
    assert_eq!(found(&snapshot), []);
}

/// What has waited long, and has it now, is about to be polled: unless its task waits for something else.
#[test]
fn a_lock_that_was_given_to_a_future_a_moment_ago() {
    let mut snapshot = scene([actor(1).holds(A), actor(2).wants(A)]);
    snapshot.actors[0].held[0].granted = true;
    assert_eq!(holds(&snapshot), []);
    let waiting = scene([actor(1).holds(A).waits(On::Time).timed(), actor(2).wants(A)]);
    snapshot.actors[0].wait = waiting.actors[0].wait;
    assert_eq!(holds(&snapshot).len(), 1);
}

#[test]
fn a_lock_that_is_read_many_times_is_told_once() {
    let reader = || actor(1).holds_as(A, Mode::Shared).holds_as(B, Mode::Shared).holds_as(A, Mode::Shared);
    let mut snapshot = scene([reader(), actor(2).wants(A)]);
    snapshot.actors[0].held[2].since += 1;
    let findings = holds(&snapshot);
    let told: Vec<Because> = findings.iter().map(|finding| finding.steps[0].because).collect();
    let first = |object| Because::HeldBy { actor: id(1), hold: hold(object, Mode::Shared) };
    assert_eq!(told, [first(A), first(B)]);
    assert_eq!(findings[0].victims, ids(&[2]));
    // The first is still young where all are.
    assert_eq!(holds(&earlier(&snapshot)), []);
}

#[test]
fn a_slow_initialiser_is_told_when_somebody_waits() {
    assert_eq!(holds(&scene([actor(1).initialises(ONCE)])), []);
    let findings = holds(&scene([actor(1).initialises(ONCE), actor(2).wants_initialised(ONCE)]));
    assert_eq!((findings.len(), &findings[0].victims), (1, &ids(&[2])));
}

#[test]
fn who_waits_for_a_lock_is_not_the_cause() {
    let snapshot = scene([actor(1).holds(A).wants(B), actor(2).holds(B)]);
    let findings = holds(&snapshot);
    assert_eq!((findings.len(), steps(&findings[0])), (1, ids(&[2])));
    // A join is the holder's own doing.
    let findings = holds(&scene([actor(1).holds(A).joins(2), actor(2)]));
    assert_eq!((findings.len(), steps(&findings[0])), (1, ids(&[1])));
}

#[test]
fn a_wait_for_too_long() {
    let snapshot = scene([actor(1).holds(A), actor(2).wants(A).since(1), actor(3).wants(A)]);
    assert_eq!(waits(&earlier(&snapshot)), []);
    let findings = waits(&snapshot);
    assert_eq!((findings.len(), findings[0].rule, steps(&findings[0])), (1, Rule::LongWait, ids(&[3])));
    assert_eq!(reasons(&findings[0]), "H");
    // 2 has not waited for as long.
    assert_eq!(findings[0].victims, []);
    let later = Snapshot { at: snapshot.at + 1, ..snapshot };
    assert_eq!(waits(&later)[0].victims, ids(&[2]));
}

#[test]
fn one_wait_is_told_for_a_chain() {
    let snapshot = scene([actor(1).holds(A), actor(2).holds(B).wants(A), actor(3).wants(B)]);
    let findings = waits(&snapshot);
    assert_eq!((findings.len(), steps(&findings[0]), &findings[0].victims), (1, ids(&[2]), &ids(&[3])));
}

#[test]
fn a_hold_that_is_told_tells_its_waiters() {
    let snapshot = scene([actor(1).holds(A), actor(2).wants(A)]);
    let both = analyze(&snapshot, &Thresholds::new(LIMIT, LIMIT));
    assert_eq!(both.iter().map(|finding| finding.rule).collect::<Vec<_>>(), [Rule::LongHold]);
}

#[test]
fn a_barrier_that_stays_closed() {
    let findings = waits(&scene([actor(1).arrives(2), actor(2)]));
    assert_eq!((findings.len(), reasons(&findings[0]).as_str()), (1, "-"));
}

#[test]
fn an_idle_program_is_not_nagged() {
    let scope = On::Scope(ScopeId(1));
    let snapshot = scene([
        actor(1).joins(2),
        actor(2).awaits(CV, A),
        actor(3).parks(),
        actor(4).waits(On::Time),
        actor(5).waits(scope),
        actor(6).in_scope(1),
        actor(7).waits(On::NonDaemons),
        actor(8).wants(B).timed(),
        actor(9).holds_as(C, Mode::Init).forces(LAZY),
    ]);
    assert_eq!(waits(&snapshot), []);
    assert_eq!(holds(&snapshot), []);
}

#[test]
fn what_is_stuck_is_told_as_stuck() {
    let deadlock = scene([actor(1).holds(A).wants(B), actor(2).holds(B).wants(A), actor(3).wants(A)]);
    let all = |snapshot: &Snapshot| analyze(snapshot, &Thresholds::new(LIMIT, LIMIT));
    assert_eq!(all(&deadlock), found(&deadlock));
    let standstill = scene([actor(1).holds(A).awaits(CV, B), actor(2).wants(A)]);
    assert_eq!(all(&standstill), found(&standstill));
    assert_eq!(found(&standstill).len(), 1);
}

#[test]
fn they_hold_while_the_hold_and_the_wait_last() {
    let first = scene([actor(1).holds(A), actor(2).wants(A)]);
    let mut ran = first.clone();
    ran.actors[0].sequence += 4;
    let mut moved = first.clone();
    moved.actors[1].sequence += 1;
    let mut released = first.clone();
    released.actors[0].held.clear();
    let (hold, wait) = (&holds(&first)[0], &waits(&first)[0]);
    assert_eq!(confirm(hold, &Readings::new(&first, &ran)).as_ref(), Some(hold));
    assert_eq!(confirm(wait, &Readings::new(&first, &ran)).as_ref(), Some(wait));
    assert_eq!(confirm(hold, &Readings::new(&first, &moved)).map(|finding| finding.victims), Some(vec![]));
    assert_eq!(confirm(wait, &Readings::new(&first, &moved)), None);
    assert_eq!(confirm(hold, &Readings::new(&first, &released)), None);
    assert_eq!(confirm(wait, &Readings::new(&first, &released)), None);
}
