use super::scene::*;
use crate::model::*;

fn knot(snapshot: &Snapshot, of: &[u32], why: &str, victims: &[u32]) {
    let finding = only(snapshot, Rule::DeadChannel);
    assert_eq!((steps(&finding), reasons(&finding).as_str()), (ids(of), why));
    assert_eq!((finding.victims, finding.certainty), (ids(victims), Certainty::Possible));
}

/// Somebody runs all the time.
fn beside(actors: impl IntoIterator<Item = Actor>) -> Snapshot {
    scene(actors.into_iter().chain([actor(0)]))
}

#[test]
fn two_wait_for_each_others_messages() {
    let both = || beside([actor(1).receives(JOBS), actor(2).receives(REPLIES)]);
    knot(&both().sender(JOBS, 2).sender(REPLIES, 1), &[1, 2], "UU", &[]);
    // The one who runs has a sender as well, or might have.
    nothing(&both().sender(JOBS, 2).sender(REPLIES, 1).sender(JOBS, 0));
    nothing(&both().sender(JOBS, 2).sender(REPLIES, 1).handle(JOBS, End::Sender, User::Nobody));
    nothing(&both().sender(JOBS, 2).sender(REPLIES, 1).handle(REPLIES, End::Sender, User::Several));
    // Its user has ended, and may have passed it on.
    nothing(&both().sender(JOBS, 9).sender(REPLIES, 1));
    // The last sender has just gone: the wait is over.
    nothing(&both().sender(JOBS, 2));
    // One of them waits for a time only.
    let snapshot = beside([actor(1).receives(JOBS).timed(), actor(2).receives(REPLIES)]);
    nothing(&snapshot.sender(JOBS, 2).sender(REPLIES, 1));
}

#[test]
fn two_full_channels_feed_each_other() {
    let snapshot = beside([actor(1).sends(JOBS), actor(2).sends(REPLIES), actor(3).joins(1)]);
    knot(&snapshot.clone().receiver(JOBS, 2).receiver(REPLIES, 1), &[1, 2], "UU", &[3]);
    nothing(&snapshot.receiver(JOBS, 2).receiver(REPLIES, 0));
}

#[test]
fn a_lock_is_held_across_a_wait_for_a_message() {
    let snapshot = beside([actor(1).holds(A).receives(JOBS), actor(2).wants(A)]);
    knot(&snapshot.clone().sender(JOBS, 2), &[1, 2], "UH", &[]);
    nothing(&snapshot.sender(JOBS, 0));
    nothing(&beside([actor(1).receives(JOBS), actor(2).wants(A)]).sender(JOBS, 2));
}

#[test]
fn one_waits_for_itself() {
    knot(&beside([actor(1).receives(JOBS)]).sender(JOBS, 1), &[1], "U", &[]);
    knot(&beside([actor(1).sends(JOBS)]).receiver(JOBS, 1), &[1], "U", &[]);
}

#[test]
fn any_of_several_would_do() {
    let three = || beside([actor(1).receives(JOBS), actor(2).joins(1), actor(3).parks()]);
    knot(&three().sender(JOBS, 2), &[1, 2], "UE", &[]);
    // Somebody who runs may unpark the other one.
    nothing(&three().sender(JOBS, 2).sender(JOBS, 3));
}

#[test]
fn what_a_cycle_or_a_standstill_explains_is_left_to_them() {
    let cycle = [actor(1).holds(A).wants(B), actor(2).holds(B).wants(A), actor(3).receives(JOBS)];
    let finding = only(&beside(cycle).sender(JOBS, 1), Rule::WaitCycle);
    assert_eq!(steps(&finding), ids(&[1, 2]));
    let still = scene([actor(1).receives(JOBS), actor(2).joins(1)]).sender(JOBS, 2);
    assert_eq!(only(&still, Rule::Standstill).certainty, Certainty::Happened);
}
