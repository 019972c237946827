use super::scene::*;
use crate::model::*;

fn standstill(snapshot: &Snapshot, of: &[u32], why: &str, victims: &[u32]) {
    let finding = only(snapshot, Rule::Standstill);
    assert_eq!((steps(&finding), reasons(&finding).as_str()), (ids(of), why));
    assert_eq!(finding.victims, ids(victims));
    assert_eq!((finding.certainty, finding.strangers), (Certainty::Happened, None));
}

#[test]
fn a_lost_wake_up() {
    let main = || actor(1).joins(2);
    standstill(&scene([main(), actor(2).awaits(CV, A)]), &[2], "N", &[1]);
    // Somebody is left: it might notify.
    nothing(&scene([main(), actor(2).awaits(CV, A), actor(3)]));
    nothing(&scene([main(), actor(2).awaits(CV, A), actor(3).daemon()]));
    nothing(&scene([main(), actor(2).awaits(CV, A), actor(3).waits(On::Time)]));
    nothing(&scene([main(), actor(2).awaits(CV, A).timed()]));
    nothing(&scene([main().timed(), actor(2).awaits(CV, A)]));
    nothing(&Snapshot { others: 1, ..scene([main(), actor(2).awaits(CV, A)]) });
    // What it joins has ended, so it is about to run.
    nothing(&scene([actor(1).joins(9), actor(2).awaits(CV, A)]));
    // Nobody holds what it wants, so it is about to run.
    nothing(&scene([actor(1).wants(B), actor(2).awaits(CV, A)]));
}

#[test]
fn threads_that_lack_a_task_are_idle() {
    let idle = |index| actor(index).daemon().waits(On::Work);
    standstill(&scene([actor(1).awaits(CV, A), idle(2), idle(3)]), &[1], "N", &[]);
    // A pool whose tasks have all ended.
    nothing(&scene([idle(1), idle(2)]));
    nothing(&scene([actor(1).waits(On::Work)]));
    // One of them is awake: it has found something to do.
    nothing(&scene([actor(1).awaits(CV, A), idle(2), idle(3).awake()]));
}

#[test]
fn a_nested_monitor() {
    let waiter = || actor(1).holds(A).awaits(CV, B);
    standstill(&scene([waiter(), actor(2).wants(A)]), &[1, 2], "NH", &[]);
    standstill(&scene([waiter(), actor(2).wants(A), actor(3).joins(2)]), &[1, 2], "NH", &[3]);
    nothing(&scene([waiter(), actor(2).wants(B)]));
}

#[test]
fn causes_come_first() {
    let snapshot = scene([actor(1).wants(A), actor(2).holds(A).wants(B), actor(3).holds(B).awaits(CV, C)]);
    standstill(&snapshot, &[3, 2, 1], "NHH", &[]);
}

#[test]
fn who_joins_while_holding_what_is_wanted_is_part_of_it() {
    // 3 would notify, but wants the lock that 1 holds while it joins the waiter.
    let snapshot = scene([actor(1).holds(A).joins(2), actor(2).awaits(CV, B), actor(3).wants(A)]);
    standstill(&snapshot, &[2, 1, 3], "NEH", &[]);
    // Here nobody wants it.
    let snapshot = scene([actor(1).holds(A).joins(2), actor(2).awaits(CV, B), actor(3).joins(1)]);
    standstill(&snapshot, &[2], "N", &[1, 3]);
}

#[test]
fn a_lock_held_across_a_barrier() {
    standstill(&scene([actor(1).holds(A).arrives(2), actor(2).wants(A)]), &[1, 2], "NH", &[]);
    // The second one has arrived: both are on their way.
    nothing(&scene([actor(1).holds(A).arrives(2), actor(2).arrives(2)]));
    nothing(&scene([actor(1).holds(A).arrives(2), actor(2).wants(B)]));
    // Two have arrived where it takes three.
    standstill(&scene([actor(1).arrives(3), actor(2).arrives(3), actor(3).joins(1)]), &[1, 2], "NN", &[3]);
}

#[test]
fn everybody_is_parked() {
    standstill(&scene([actor(1).parks(), actor(2).parks()]), &[1, 2], "NN", &[]);
    nothing(&scene([actor(1), actor(2).parks()]));
}

#[test]
fn the_end_of_main_waits_for_one_that_nobody_wakes() {
    let main = || actor(1).waits(On::NonDaemons);
    standstill(&scene([main(), actor(2).parks()]), &[2], "N", &[1]);
    // The session guard asks again and again: it need not sleep, and wakes nobody.
    standstill(&scene([main().awake(), actor(2).parks()]), &[2], "N", &[1]);
    // It waits for no daemon.
    nothing(&scene([main(), actor(2).parks().daemon()]));
}

#[test]
fn an_idle_pool_of_daemons_is_no_deadlock() {
    nothing(&scene([actor(1).parks().daemon(), actor(2).awaits(CV, A).daemon()]));
    // Unless somebody counts on it.
    standstill(&scene([actor(1).joins(2), actor(2).parks().daemon()]), &[2], "N", &[1]);
}

#[test]
fn what_a_wait_cycle_explains_is_told_once() {
    let knot = || vec![actor(1).holds(A).wants(B), actor(2).holds(B).wants(A), actor(3).joins(1)];
    assert_eq!(only(&scene(knot()), Rule::WaitCycle).victims, ids(&[3]));
    // A daemon that idles besides is not worth a word.
    let idle = knot().into_iter().chain([actor(4).parks().daemon()]);
    only(&scene(idle), Rule::WaitCycle);
    // One that keeps the program alive is: whoever would wake it is stuck.
    let both = found(&scene(knot().into_iter().chain([actor(4).awaits(CV, C)])));
    assert_eq!(both.iter().map(|finding| finding.rule).collect::<Vec<_>>(), [Rule::WaitCycle, Rule::Standstill]);
    assert_eq!((steps(&both[1]), &both[1].victims), (ids(&[4]), &vec![]));
}

#[test]
fn one_that_is_awake_may_be_about_to_return() {
    nothing(&scene([actor(1).joins(2), actor(2).awaits(CV, A).awake()]));
    nothing(&scene([actor(1).joins(2).awake(), actor(2).awaits(CV, A)]));
}

#[test]
fn without_proof_it_is_possible() {
    let stuck = || [actor(1).joins(2), actor(2).awaits(CV, A)];
    let finding = only(&scene(stuck()).strangers(Strangers::Some(3)), Rule::Standstill);
    assert_eq!((finding.certainty, finding.strangers), (Certainty::Possible, Some(3)));
    let finding = only(&scene(stuck()).strangers(Strangers::Unknown), Rule::Standstill);
    assert_eq!((finding.certainty, finding.strangers), (Certainty::Possible, None));
    for situation in [
        scene(stuck().map(Actor::sleepless)),
        Snapshot { handlers: Handlers::Some, ..scene(stuck()) },
        Snapshot { handlers: Handlers::Unknown, ..scene(stuck()) },
        Snapshot { callbacks: 1, ..scene(stuck()) },
    ] {
        let finding = only(&situation, Rule::Standstill);
        assert_eq!((finding.certainty, finding.strangers), (Certainty::Possible, None));
    }
}

#[test]
fn no_threads_at_all_stand_nowhere() {
    nothing(&scene([]));
}
