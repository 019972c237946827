use super::scene::*;
use crate::{
    analyze::{Readings, confirm},
    model::*,
};

fn again(first: &Snapshot, second: &Snapshot) -> Vec<Finding> {
    let readings = Readings::new(first, second);
    found(first).iter().filter_map(|finding| confirm(finding, &readings)).collect()
}

/// The same with one actor changed.
fn with(snapshot: &Snapshot, index: u32, change: impl Fn(&mut Actor)) -> Snapshot {
    let mut changed = snapshot.clone();
    changed.actors.iter_mut().filter(|actor| actor.id == id(index)).for_each(change);
    changed
}

fn without(snapshot: &Snapshot, index: u32) -> Snapshot {
    let mut changed = snapshot.clone();
    changed.actors.retain(|actor| actor.id != id(index));
    changed
}

#[test]
fn a_cycle_holds_while_nobody_in_it_moves() {
    let first = scene([actor(1).holds(A).wants(B), actor(2).holds(B).wants(A), actor(3).wants(A), actor(4)]);
    let told = found(&first);
    assert_eq!(again(&first, &first), told);
    // What others do, and whether anybody sleeps, does not matter.
    assert_eq!(again(&first, &with(&first, 4, |actor| actor.sequence += 1)), told);
    assert_eq!(again(&first, &with(&first, 1, |actor| actor.sleep = Sleep::Awake)), told);
    // It has moved, lets go, or has ended.
    assert_eq!(again(&first, &with(&first, 1, |actor| actor.sequence += 2)), []);
    assert_eq!(again(&first, &with(&first, 2, |actor| actor.held.clear())), []);
    assert_eq!(again(&first, &without(&first, 2)), []);
}

#[test]
fn a_hold_taken_again_since_is_another_one() {
    let first = scene([actor(1).holds(A).wants(B), actor(2).holds(B).wants(A)]);
    assert_eq!(again(&first, &with(&first, 1, |actor| actor.held[0].since += 1)), []);
}

#[test]
fn a_victim_that_has_moved_is_none() {
    let first = scene([
        actor(1).holds(A).wants(B),
        actor(2).holds(B).wants(A),
        actor(3).holds(C).wants(A),
        actor(4).wants(C),
        actor(5).joins(2),
    ]);
    assert_eq!(found(&first)[0].victims, ids(&[3, 4, 5]));
    // 4 waits for what 3 held, and 3 has run since.
    assert_eq!(again(&first, &with(&first, 3, |actor| actor.sequence += 2))[0].victims, ids(&[5]));
    // A second reading of the steps alone is enough for them.
    let steps_only = without(&without(&without(&first, 3), 4), 5);
    assert_eq!(again(&first, &steps_only)[0].victims, []);
}

#[test]
fn a_queue_holds_while_reader_and_writer_sleep() {
    let first =
        scene([actor(1).holds(A).wants_to_read(RW), actor(2).wants(RW), actor(3).holds_as(RW, Mode::Shared).wants(A)]);
    assert_eq!(again(&first, &first).len(), 1);
    for index in [1, 2] {
        let woke = with(&first, index, |actor| actor.sleep = Sleep::Asleep { switches: 8 });
        assert_eq!(again(&first, &woke), []);
        assert_eq!(again(&first, &with(&first, index, |actor| actor.sleep = Sleep::Awake)), []);
        assert_eq!(again(&first, &with(&first, index, |actor| actor.sleep = Sleep::Unknown)), []);
    }
}

#[test]
fn a_queue_holds_for_a_reader_that_reads_already() {
    let first = scene([actor(1).holds_as(RW, Mode::Shared).wants_to_read(RW), actor(2).wants(RW)]);
    for index in [1, 2] {
        let awake = with(&first, index, |actor| actor.sleep = Sleep::Awake);
        assert_eq!(again(&first, &awake).len(), 1);
        assert_eq!(again(&first, &with(&first, index, |actor| actor.sequence += 2)), []);
    }
}

#[test]
fn a_victim_in_a_queue_has_to_sleep() {
    let first = scene([
        actor(1).holds_as(RW, Mode::Shared).holds(A).wants(B),
        actor(2).holds(B).wants(A),
        actor(3).wants(RW),
        actor(4).wants_to_read(RW),
    ]);
    assert_eq!(again(&first, &first)[0].victims, ids(&[3, 4]));
    let woke = with(&first, 4, |actor| actor.sleep = Sleep::Asleep { switches: 8 });
    assert_eq!(again(&first, &woke)[0].victims, ids(&[3]));
}

#[test]
fn a_leaked_guard_stays_leaked() {
    let first = scene([actor(1).wants(A)]).leaked(9, A, Mode::Exclusive, true);
    assert_eq!(again(&first, &first), found(&first));
    let mut dropped = first.clone();
    dropped.orphans.clear();
    assert_eq!(again(&first, &dropped), []);
    assert_eq!(again(&first, &with(&first, 1, |actor| actor.sequence += 1)), []);
}

#[test]
fn a_standstill_holds_while_everybody_sleeps() {
    let first = scene([actor(1).joins(2), actor(2).awaits(CV, A)]);
    assert_eq!(again(&first, &first), found(&first));
    let woke = with(&first, 2, |actor| actor.sleep = Sleep::Asleep { switches: 8 });
    assert_eq!(again(&first, &woke), []);
    assert_eq!(again(&first, &with(&first, 1, |actor| actor.sequence += 2)), []);
    assert_eq!(again(&first, &with(&first, 1, |actor| actor.sleep = Sleep::Awake)), []);
    // Somebody has come, or gone, or was overlooked.
    let mut joined = first.clone();
    joined.actors.push(actor(3));
    assert_eq!(again(&first, &joined), []);
    joined.actors.push(actor(3).parks());
    assert_eq!(again(&first, &joined), []);
    assert_eq!(again(&first, &without(&first, 1)), []);
    assert_eq!(again(&first, &first.clone().strangers(Strangers::Some(1))), []);
    assert_eq!(again(&first, &first.clone().strangers(Strangers::Unknown)), []);
    assert_eq!(again(&first, &Snapshot { handlers: Handlers::Some, ..first.clone() }), []);
    assert_eq!(again(&first, &Snapshot { callbacks: 1, ..first.clone() }), []);
}

#[test]
fn a_standstill_that_is_told_otherwise_by_then_is_another_one() {
    let first = scene([actor(1).wants(RW), actor(2).holds_as(RW, Mode::Shared).awaits(CV, A)]);
    assert_eq!(again(&first, &first), found(&first));
    let leaked = first.clone().leaked(9, RW, Mode::Shared, true);
    assert_eq!(again(&first, &leaked), []);
}

#[test]
fn the_session_guard_need_not_sleep() {
    let first = scene([actor(1).waits(On::NonDaemons), actor(2).parks()]);
    let polled = with(&first, 1, |actor| actor.sleep = Sleep::Asleep { switches: 9 });
    assert_eq!(again(&first, &polled), found(&first));
}

#[test]
fn a_possible_standstill_needs_the_same_waits() {
    let first = scene([actor(1).joins(2).sleepless(), actor(2).awaits(CV, A).sleepless()]);
    assert_eq!(again(&first, &first)[0].certainty, Certainty::Possible);
    assert_eq!(again(&first, &with(&first, 2, |actor| actor.sequence += 2)), []);
}
