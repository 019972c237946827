use super::scene::*;
use crate::model::*;

/// One wait cycle with these steps, reasons and victims.
fn cycle(snapshot: &Snapshot, of: &[u32], why: &str, victims: &[u32]) {
    let finding = only(snapshot, Rule::WaitCycle);
    assert_eq!((steps(&finding), reasons(&finding).as_str()), (ids(of), why));
    assert_eq!(finding.victims, ids(victims));
    assert_eq!((finding.certainty, finding.strangers), (Certainty::Happened, None));
}

#[test]
fn two_locks_in_opposite_orders() {
    cycle(&scene([actor(1).holds(A).wants(B), actor(2).holds(B).wants(A)]), &[1, 2], "HH", &[]);
    // One of them has let go.
    nothing(&scene([actor(1).holds(A).wants(B), actor(2).holds(B)]));
    nothing(&scene([actor(1).wants(B), actor(2).holds(B)]));
}

#[test]
fn a_step_says_what_is_held_and_by_whom() {
    let finding = only(&scene([actor(1).holds(A).wants(B), actor(2).holds(B).holds(C).wants(A)]), Rule::WaitCycle);
    let because = Because::HeldBy { actor: id(2), hold: hold(B, Mode::Exclusive) };
    assert_eq!((finding.steps[0].because, finding.steps[0].sequence), (because, 11));
    assert_eq!(finding.steps[0].wait.map(|wait| wait.on), Some(On::Object { object: B, mode: Mode::Exclusive }));
}

#[test]
fn a_cycle_of_any_length() {
    let lock = |number: u32| ObjectId::new(Kind::Mutex, number, u64::from(number));
    for length in [3, 5, 64] {
        let ring = |end: u32| (0..end).map(move |i| actor(i).holds(lock(i)).wants(lock((i + 1) % length)));
        let all: Vec<u32> = (0..length).collect();
        cycle(&scene(ring(length)), &all, &"H".repeat(length as usize), &[]);
        // The last of them eats.
        nothing(&scene(ring(length - 1).chain([actor(length - 1).holds(lock(length - 1))])));
    }
}

#[test]
fn the_same_however_it_was_read() {
    let ring = [actor(1).holds(A).wants(B), actor(2).holds(B).wants(C), actor(3).holds(C).wants(A)];
    let mut turned = ring.clone();
    turned.reverse();
    assert_eq!(found(&scene(ring)), found(&scene(turned)));
}

#[test]
fn a_time_limit_on_one_wait_is_no_deadlock() {
    nothing(&scene([actor(1).holds(A).wants(B).timed(), actor(2).holds(B).wants(A)]));
}

#[test]
fn locking_twice() {
    cycle(&scene([actor(1).holds(A).wants(A)]), &[1], "H", &[]);
    nothing(&scene([actor(1).holds(A).wants(B)]));
}

#[test]
fn reading_then_writing() {
    cycle(&scene([actor(1).holds_as(RW, Mode::Shared).wants(RW)]), &[1], "H", &[]);
    cycle(&scene([actor(1).holds(RW).wants_to_read(RW)]), &[1], "H", &[]);
    // Another one reads, and goes on.
    nothing(&scene([actor(1).holds_as(RW, Mode::Shared), actor(2).wants(RW)]));
}

#[test]
fn reading_again_behind_a_queued_writer() {
    let writer = || actor(2).wants(RW);
    let reader = || actor(1).holds_as(RW, Mode::Shared).wants_to_read(RW);
    cycle(&scene([reader(), writer()]), &[1, 2], "QH", &[]);
    // Nobody wants to write: the reader gets in.
    nothing(&scene([reader()]));
    nothing(&scene([reader(), actor(2).wants_to_read(RW)]));
    // Nobody else can have refused it, whoever sleeps.
    cycle(&scene([reader().awake(), writer().sleepless()]), &[1, 2], "QH", &[]);
    // The writer gives up after a time.
    nothing(&scene([reader(), writer().timed()]));
}

#[test]
fn reading_behind_a_writer_that_is_queued_behind_another_reader() {
    let first = || actor(1).holds_as(RW, Mode::Shared).wants(A);
    let second = || actor(2).holds(A).wants_to_read(RW);
    let writer = || actor(3).wants(RW);
    cycle(&scene([first(), second(), writer()]), &[1, 2, 3], "HQH", &[]);
    // One that does not sleep may not have found the queue.
    nothing(&scene([first(), second().awake(), writer()]));
    nothing(&scene([first(), second(), writer().awake()]));
    nothing(&scene([first(), second().sleepless(), writer()]));
}

#[test]
fn a_queue_is_told_only_where_it_is_needed() {
    // 1 and 2 are a circle by a queue, 2, 3 and 4 one without.
    let snapshot = scene([
        actor(1).holds_as(RW, Mode::Shared).wants_to_read(RW),
        actor(2).holds(A).wants(RW),
        actor(3).holds_as(RW, Mode::Shared).holds(B).wants(C),
        actor(4).holds(C).wants(A),
    ]);
    cycle(&snapshot, &[2, 3, 4], "HHH", &[1]);
}

#[test]
fn two_readers_wait_for_each_others_write() {
    let snapshot =
        scene([actor(1).holds_as(RW, Mode::Shared).wants(RW), actor(2).holds_as(RW, Mode::Shared).wants(RW)]);
    // Each stands in its own way already.
    cycle(&snapshot, &[1], "H", &[2]);
}

#[test]
fn a_lock_held_across_a_join() {
    cycle(&scene([actor(1).holds(A).joins(2), actor(2).wants(A)]), &[1, 2], "EH", &[]);
    nothing(&scene([actor(1).holds(A).joins(2), actor(2).wants(B)]));
    nothing(&scene([actor(1).joins(2), actor(2).wants(A), actor(3).holds(A)]));
    // It has ended already.
    nothing(&scene([actor(1).holds(A).joins(2), actor(3).wants(A)]));
}

#[test]
fn a_thread_joins_itself() {
    cycle(&scene([actor(1).joins(1)]), &[1], "E", &[]);
    nothing(&scene([actor(1).joins(2), actor(2)]));
    // The slot's former thread is not the one that is waited for.
    let mut successor = actor(2).joins(1);
    successor.id.generation = 2;
    nothing(&scene([actor(1).joins(2), successor]));
}

#[test]
fn a_lock_held_across_the_end_of_a_scope() {
    let owner = || actor(1).holds(A).waits(On::Scope(ScopeId(9)));
    cycle(&scene([owner(), actor(2).in_scope(9), actor(3).in_scope(9).wants(A)]), &[1, 3], "EH", &[]);
    nothing(&scene([owner(), actor(2).in_scope(9), actor(3).in_scope(8).wants(A)]));
}

#[test]
fn a_lock_held_at_the_end_of_main() {
    let main = || actor(1).holds(A).waits(On::NonDaemons);
    cycle(&scene([main(), actor(2).wants(A)]), &[1, 2], "EH", &[]);
    // Nobody waits for a daemon, or for a thread that somebody else has started.
    nothing(&scene([main(), actor(2).wants(A).daemon()]));
    nothing(&scene([main(), actor(2).wants(A).foreign()]));
}

#[test]
fn a_guard_leaked_by_a_thread_that_has_ended() {
    let waiters = || scene([actor(1).wants(A).since(5), actor(2).wants(A).since(3), actor(4).joins(1)]);
    let finding = only(&waiters().leaked(9, A, Mode::Exclusive, true), Rule::WaitCycle);
    assert_eq!((steps(&finding), finding.victims), (ids(&[2]), ids(&[1, 4])));
    let because = Because::LeakedBy { actor: id(9), hold: hold(A, Mode::Exclusive) };
    assert_eq!(finding.steps[0].because, because);
    // Its thread is not known to be gone: a destructor might still drop it.
    nothing(&waiters().leaked(9, A, Mode::Exclusive, false));
    // A leaked read guard keeps no reader out.
    nothing(&scene([actor(1).wants_to_read(RW)]).leaked(9, RW, Mode::Shared, true));
    cycle(&scene([actor(1).wants(RW)]).leaked(9, RW, Mode::Shared, true), &[1], "L", &[]);
}

#[test]
fn a_knot_that_also_needs_a_leaked_guard_keeps_its_own_victims() {
    // 2 and 3 wait for each other; 2 waits for 1 as well, which waits for what 9 leaked.
    let snapshot = scene([
        actor(1).holds_as(RW, Mode::Shared).wants(A),
        actor(2).holds(C).wants(RW),
        actor(3).holds_as(RW, Mode::Shared).wants(C),
        actor(4).joins(3),
        actor(5).joins(1),
    ]);
    let findings = found(&snapshot.leaked(9, A, Mode::Exclusive, true));
    let told: Vec<_> = findings.iter().map(|f| (steps(f), reasons(f), f.victims.clone())).collect();
    assert_eq!(told, [(ids(&[2, 3]), "HH".to_owned(), ids(&[4])), (ids(&[1]), "L".to_owned(), ids(&[5]))]);
}

#[test]
fn an_initialiser_that_needs_itself() {
    cycle(&scene([actor(1).initialises(ONCE).wants_initialised(ONCE)]), &[1], "H", &[]);
    cycle(&scene([actor(1).initialises(LAZY).forces(LAZY)]), &[1], "H", &[]);
    nothing(&scene([actor(1).initialises(ONCE), actor(2).wants_initialised(ONCE)]));
    // Made by nobody we see: by the waiter itself, as far as we know.
    nothing(&scene([actor(1).forces(LAZY)]));
}

#[test]
fn two_initialisers_need_each_other() {
    let snapshot = scene([
        actor(1).initialises(ONCE).forces(LAZY),
        actor(2).initialises(LAZY).wants_initialised(ONCE),
        actor(3).wants_initialised(ONCE),
    ]);
    cycle(&snapshot, &[1, 2], "HH", &[3]);
    nothing(&scene([actor(1).initialises(ONCE).forces(LAZY), actor(2).initialises(LAZY)]));
}

#[test]
fn a_condvar_wait_that_can_never_get_its_mutex_back() {
    // 2 has the mutex and joins the waiter: a notification would not help.
    let waiter = || actor(1).awaits(CV, A);
    cycle(&scene([waiter(), actor(2).holds(A).joins(1)]), &[1, 2], "HE", &[]);
    nothing(&scene([waiter(), actor(2).holds(A), actor(3).joins(1)]));
    // A record of the mutex that the waiter has given up means nothing.
    nothing(&scene([waiter().holds(A), actor(2)]));
}

#[test]
fn everybody_behind_a_cycle_is_a_victim_of_it() {
    let knot = [actor(1).holds(A).wants(B), actor(2).holds(B).wants(A)];
    let behind = [actor(3).holds(C).joins(1), actor(4).wants(C), actor(5).wants(C).timed(), actor(6)];
    cycle(&scene(knot.into_iter().chain(behind)), &[1, 2], "HH", &[3, 4]);
}

#[test]
fn the_shortest_cycle_of_a_knot_is_told() {
    // 1 → 2 → 3 → 1, and 2 → 1 by a second read of the lock that 1 holds too.
    let snapshot = scene([
        actor(1).holds(A).holds_as(RW, Mode::Shared).wants(B),
        actor(2).holds(B).wants(RW),
        actor(3).holds_as(RW, Mode::Shared).wants(A),
    ]);
    cycle(&snapshot, &[1, 2], "HH", &[3]);
}

#[test]
fn each_knot_is_told_once() {
    let other = ObjectId::new(Kind::Mutex, 9, 9);
    let snapshot = scene([
        actor(1).holds(A).wants(B),
        actor(2).holds(B).wants(A),
        actor(3).holds(C).wants(other),
        actor(4).holds(other).wants(C),
        actor(5).joins(3),
    ]);
    let findings = found(&snapshot);
    let told: Vec<_> = findings.iter().map(|finding| (steps(finding), finding.victims.clone())).collect();
    assert_eq!(told, [(ids(&[1, 2]), vec![]), (ids(&[3, 4]), ids(&[5]))]);
}

#[test]
fn an_upgradable_read_and_plain_ones() {
    let upgradable = |index, object| actor(index).holds_as(object, Mode::Upgradable);
    let wants = |actor: Actor, object, mode| actor.waits(On::Object { object, mode });
    // One upgradable reader at a time, beside any others.
    let second = |mode| wants(actor(2).holds(A), RW, mode);
    cycle(&scene([upgradable(1, RW).wants(A), second(Mode::Upgradable)]), &[1, 2], "HH", &[]);
    cycle(&scene([upgradable(1, RW).wants(A), second(Mode::Exclusive)]), &[1, 2], "HH", &[]);
    nothing(&scene([upgradable(1, RW).wants(A), second(Mode::Shared)]));
    nothing(&scene([upgradable(1, RW).wants(A), second(Mode::Recursive)]));
    // An upgrade waits for the readers, an own read included, and not for its own upgradable one.
    let upgrade = |actor| wants(actor, RW, Mode::Upgrade);
    nothing(&scene([upgrade(upgradable(1, RW))]));
    cycle(&scene([upgrade(upgradable(1, RW).holds_as(RW, Mode::Shared))]), &[1], "H", &[]);
    let reader = || actor(2).holds_as(RW, Mode::Shared);
    cycle(&scene([upgrade(upgradable(1, RW).holds(A)), reader().wants(A)]), &[1, 2], "HH", &[]);
    nothing(&scene([upgrade(upgradable(1, RW).holds(A)).timed(), reader().wants(A)]));
}

#[test]
fn reading_again_behind_an_upgrade() {
    let upgrade = || actor(1).holds_as(RW, Mode::Upgradable).waits(On::Object { object: RW, mode: Mode::Upgrade });
    let reader = || actor(2).holds_as(RW, Mode::Shared);
    cycle(&scene([upgrade(), reader().wants_to_read(RW)]), &[1, 2], "HQ", &[]);
    nothing(&scene([upgrade(), reader().waits(On::Object { object: RW, mode: Mode::Recursive })]));
    // While there is an upgradable reader no writer keeps anybody out, but an upgrade.
    let upgradable = || actor(1).holds_as(RW, Mode::Upgradable);
    nothing(&scene([upgradable(), reader().wants_to_read(RW), actor(3).wants(RW)]));
    cycle(&scene([upgrade(), reader().wants_to_read(RW), actor(3).wants(RW)]), &[1, 2], "HQ", &[3]);
}

#[test]
fn a_writer_that_may_give_up_is_no_queue() {
    let reader = || actor(1).holds_as(RW, Mode::Shared).wants_to_read(RW);
    let impatient = || actor(3).wants(RW).timed();
    nothing(&scene([reader(), actor(2).wants(RW), impatient()]));
    // Where some writer has given up before, the reader may have been refused by that: it has to sleep.
    let after = |actors: [Actor; 2]| Snapshot { impatient_writers: true, ..scene(actors) };
    cycle(&after([reader(), actor(2).wants(RW)]), &[1, 2], "QH", &[]);
    nothing(&after([reader().awake(), actor(2).wants(RW)]));
    nothing(&after([reader(), actor(2).wants(RW).sleepless()]));
}

/// Who has a guard that can be sent, nobody knows.
#[test]
fn a_guard_that_may_be_elsewhere() {
    let sent = |index, object| actor(index).has((object, Mode::Exclusive, true));
    let circle = || [sent(1, A).wants(B), actor(2).holds(B).wants(A)];
    let finding = only(&scene(circle().into_iter().chain([actor(3)])), Rule::WaitCycle);
    assert_eq!(
        (finding.certainty, steps(&finding), reasons(&finding).as_str()),
        (Certainty::Possible, ids(&[1, 2]), "HH")
    );
    // Nobody else is left who could have it.
    let finding = only(&scene(circle()), Rule::Standstill);
    assert_eq!((finding.certainty, reasons(&finding).as_str()), (Certainty::Happened, "HH"));
    nothing(&scene([sent(1, A), actor(2).wants(A)]));
    assert_eq!(only(&scene([sent(1, A).wants(A), actor(2)]), Rule::WaitCycle).certainty, Certainty::Possible);
    // It was leaked, or it is elsewhere.
    let left = |moves| {
        let mut left = scene([actor(1).wants(A), actor(2)]).leaked(9, A, Mode::Exclusive, true);
        left.orphans[0].hold.moves = moves;
        left
    };
    assert_eq!(only(&left(false), Rule::WaitCycle).certainty, Certainty::Happened);
    assert_eq!(only(&left(true), Rule::WaitCycle).certainty, Certainty::Possible);
}

/// A lock may be open, and read by others, before those are woken whom its last holder has kept out.
#[test]
fn a_reader_of_a_loose_queue() {
    let circle =
        || [actor(1).holds_as(RW, Mode::Shared).wants(A), actor(2).holds(A).wants_to_read(RW), actor(3).wants(RW)];
    let loose = |actors: Vec<Actor>| Snapshot { loose_queues: true, ..scene(actors) };
    // Whoever runs might be about to wake it.
    let finding = only(&loose(circle().into_iter().chain([actor(4)]).collect()), Rule::WaitCycle);
    assert_eq!((finding.certainty, reasons(&finding).as_str()), (Certainty::Possible, "HQH"));
    let finding = only(&loose(circle().to_vec()), Rule::Standstill);
    assert_eq!((finding.certainty, reasons(&finding).as_str()), (Certainty::Happened, "HQH"));
    // Who reads has been kept out by nobody but a waiting writer.
    let reader = actor(1).holds_as(RW, Mode::Shared).wants_to_read(RW);
    cycle(&loose(vec![reader, actor(2).wants(RW), actor(4)]), &[1, 2], "QH", &[]);
}
