//! What is told of tasks.

use super::*;
use crate::model::TaskFigures;

const ASKS: ActorId = ActorId::task(0, 1);
const GIVES: ActorId = ActorId::task(1, 1);
const PICKS: ActorId = ActorId::task(2, 1);
const EMPTY: ActorId = ActorId::task(3, 1);

const PERMITS: ObjectId = ObjectId::new(Kind::Semaphore, 0, 1);
const SIGNAL: ObjectId = ObjectId::new(Kind::Notify, 0, 5);
/// Its name is the empty one.
const BLANK: ObjectId = ObjectId::new(Kind::Mutex, 0, 12);

fn async_lock(object: ObjectId, place: PlaceId) -> Hold {
    Hold { moves: true, ..locked(object, place) }
}

fn granted(object: ObjectId, place: PlaceId) -> Hold {
    Hold { granted: true, ..async_lock(object, place) }
}

fn permits(place: PlaceId) -> Hold {
    Hold { moves: true, ..held(PERMITS, Mode::Shared, place, 1240) }
}

fn joins(actor: ActorId, place: PlaceId) -> Wait {
    wait(On::Actor(actor), place)
}

#[test]
fn a_lock_that_was_given_to_a_future_of_its_own() {
    let hold = granted(LEFT, line(14));
    let case = cycle(vec![step(ASKS, wants(LEFT, line(16)), by(ASKS, hold))], &[(ASKS, hold)]);
    assert_snapshot!(case.text());
}

#[test]
fn a_lock_that_was_given_to_a_future_of_another_task() {
    let hold = granted(LEFT, line(14));
    let steps = vec![
        step(ASKS, joins(GIVES, line(18)), Because::EndOf { actor: GIVES }),
        step(GIVES, wants(LEFT, line(31)), by(ASKS, hold)),
    ];
    let circle = cycle(steps.clone(), &[(ASKS, hold)]);
    let mut alone = standstill(vec![steps[1]], &[(ASKS, hold)]);
    alone.snapshot.actors.retain(|actor| actor.id != ASKS);
    alone.snapshot.actors.push(Actor { held: vec![hold], ..alive(ASKS, steps[0].wait) });
    let report = alone.report(&NoDetails);
    assert_eq!(report.drawing.last().map(String::as_str), Some("task `asks`"));
    assert_eq!(
        report.title,
        "futurelock (happened): task `gives` waits for Mutex `left`, which a future of task `asks` has got and is not polled to \
         take"
    );
    assert_snapshot!(circle.text());
}

#[test]
fn a_lock_that_a_future_has_which_its_task_polls_no_more() {
    let hold = async_lock(LEFT, line(14));
    let steps = vec![
        step(ASKS, wants(LEFT, line(16)), by(GIVES, hold)),
        step(GIVES, wait(On::Awaiter(ASKS), PlaceId::UNKNOWN), Because::PolledBy { actor: ASKS }),
    ];
    assert_snapshot!(cycle(steps, &[(GIVES, hold)]).text());
}

#[test]
fn a_long_hold_by_a_future_that_is_not_polled() {
    let hold = granted(LEFT, line(14));
    let long = Step { actor: ASKS, sequence: 2, wait: Some(wait(On::Time, line(18))), because: by(ASKS, hold) };
    let mut case = Case::new(Rule::LongHold, vec![long], &[(ASKS, hold)]);
    case.snapshot.actors.push(alive(GIVES, Some(wants(LEFT, line(31)))));
    assert_snapshot!(case.text());
}

#[test]
fn all_that_a_task_waits_for_is_told() {
    let (left, right) = (async_lock(LEFT, line(14)), async_lock(RIGHT, line(22)));
    let steps =
        vec![step(PICKS, wants(LEFT, line(16)), by(ASKS, left)), step(ASKS, wants(RIGHT, line(24)), by(PICKS, right))];
    let mut case = cycle(steps, &[(ASKS, left), (PICKS, right)]);
    let picks = case.snapshot.actors.iter_mut().find(|actor| actor.id == PICKS).expect("it lives");
    picks.also = vec![wait(On::Message { channel: JOBS }, line(17)), wait(On::Time, line(19))];
    assert_snapshot!(case.text());
}

#[test]
fn an_empty_name_is_none() {
    let (left, blank) = (async_lock(LEFT, line(14)), async_lock(BLANK, line(22)));
    let steps =
        vec![step(EMPTY, wants(LEFT, line(16)), by(ASKS, left)), step(ASKS, wants(BLANK, line(24)), by(EMPTY, blank))];
    let report = cycle(steps, &[(ASKS, left), (EMPTY, blank)]).report(&NoDetails);
    assert_eq!(report.threads[0].label, "task #3 (spawned at src/main.rs:30:9)");
    assert_eq!(report.threads[0].name, None);
    assert_eq!(report.threads[0].holds[0].object.label, "Mutex #12 (made at src/main.rs:112:20)");
    assert!(!report.to_string().contains("``"), "{report}");
}

#[test]
fn tasks_that_await_each_other() {
    let steps = vec![
        step(ASKS, joins(GIVES, line(20)), Because::EndOf { actor: GIVES }),
        step(GIVES, joins(ASKS, line(28)), Because::EndOf { actor: ASKS }),
    ];
    let advice = cycle(steps, &[]).report(&NoDetails).advice;
    assert!(advice[0].starts_with("Tasks that join each other never end"), "{advice:?}");
    let alone = cycle(vec![step(ASKS, joins(ASKS, line(20)), Because::EndOf { actor: ASKS })], &[]);
    let advice = alone.report(&NoDetails).advice;
    assert_eq!(advice, ["A task cannot wait for its own end: leave its `JoinHandle` with the one that spawned it."]);
}

#[test]
fn permits_that_are_kept() {
    let (hold, more) = (permits(line(14)), wait(On::Permits { semaphore: PERMITS }, line(16)));
    let alone = cycle(vec![step(ASKS, more, by(ASKS, hold))], &[(ASKS, hold)]).text();
    let message = wait(On::Message { channel: JOBS }, line(18));
    let steps = vec![step(ASKS, message, Because::NobodyLeft), step(GIVES, more, by(ASKS, hold))];
    assert_snapshot!(format!("{alone}\n{}", standstill(steps, &[(ASKS, hold)]).text()));
}

/// The thread that polls one of them stands for it.
#[test]
fn a_circle_through_a_poll() {
    let (left, right) = (locked(LEFT, line(14)), async_lock(RIGHT, line(22)));
    let polled = wait(On::Poller { thread: BOB, may_block: false }, PlaceId::UNKNOWN);
    let steps = vec![
        step(BOB, wants(LEFT, line(24)), by(ALICE, left)),
        step(ALICE, wants(RIGHT, line(16)), by(ASKS, right)),
        step(ASKS, polled, Because::PolledBy { actor: BOB }),
    ];
    let advice = cycle(steps, &[(ALICE, left), (ASKS, right)]).report(&NoDetails).advice;
    assert_eq!(
        advice,
        [
            "Take these locks in one order everywhere, for example Mutex `left`, then Mutex `right`.",
            "Task `asks` breaks that order: it takes Mutex `right` at src/main.rs:22:9, then asks for Mutex `left` at \
             src/main.rs:24:9. Swap the two there, or drop the first guard before taking the second.",
        ]
    );
    let own =
        vec![step(BOB, wants(RIGHT, line(24)), by(ASKS, right)), step(ASKS, polled, Because::PolledBy { actor: BOB })];
    let advice = cycle(own, &[(ASKS, right)]).report(&NoDetails).advice;
    assert!(
        advice[0].starts_with("The guard taken at src/main.rs:22:9 is still alive at src/main.rs:24:9"),
        "{advice:?}"
    );
}

/// The task that has the guard is none of those that wait.
#[test]
fn a_guard_that_another_task_of_the_thread_keeps() {
    let kept = locked(LEFT, line(99));
    let mut case = cycle(vec![step(MAIN, wants(LEFT, line(16)), by(MAIN, kept))], &[(MAIN, kept)]);
    let report = case.report(&NoDetails);
    assert_eq!(
        report.title,
        "deadlock (happened): thread `main` waits for Mutex `left`, which it holds itself, for task `gives`"
    );
    assert!(report.story[0].ends_with(": task `gives` has kept the guard across an `.await`."), "{:?}", report.story);
    assert!(
        report.advice[0].starts_with("Task `gives` keeps the guard taken at src/main.rs:99:9"),
        "{:?}",
        report.advice
    );
    // Where that one is polled itself, it has locked twice.
    let polled = wait(On::Poller { thread: MAIN, may_block: false }, PlaceId::UNKNOWN);
    case.snapshot.actors.push(alive(GIVES, Some(polled)));
    assert!(case.report(&NoDetails).advice[0].starts_with("The guard taken at"));
}

/// The guard has gone to the task that is joined, or was taken in its poll.
#[test]
fn a_guard_that_went_to_who_waits_for_a_message() {
    let lock = async_lock(LEFT, line(14));
    let message = wait(On::Message { channel: JOBS }, line(18));
    let steps = vec![
        step(ALICE, wants(LEFT, line(31)), by(ASKS, lock)),
        step(ASKS, joins(GIVES, PlaceId::UNKNOWN), Because::EndOf { actor: GIVES }),
        step(GIVES, message, Because::NobodyLeft),
    ];
    let advice = standstill(steps.clone(), &[(ASKS, lock)]).report(&NoDetails).advice;
    assert_eq!(
        advice,
        [
            "Drop the guard of Mutex `left` (taken at src/main.rs:14:9) before the wait for a message at src/main.rs:18:9: \
          whoever should send needs it."
        ]
    );
    // Whoever joins one that waits for its lock is told of that.
    let back = step(GIVES, wants(LEFT, line(19)), by(ASKS, lock));
    let advice = standstill(vec![steps[0], steps[1], back], &[(ASKS, lock)]).report(&NoDetails).advice;
    assert_eq!(
        advice,
        [
            "Drop the guard of Mutex `left` (taken at src/main.rs:14:9) before the wait for its end: the task that is joined \
          needs it."
        ]
    );
}

#[test]
fn whoever_holds_and_is_no_step_is_told_to_let_go() {
    let lock = async_lock(LEFT, line(14));
    let mut case = standstill(vec![step(GIVES, wants(LEFT, line(31)), by(ASKS, lock))], &[]);
    case.snapshot.actors.push(Actor { held: vec![lock], ..alive(ASKS, Some(joins(PICKS, line(16)))) });
    assert_eq!(
        case.report(&NoDetails).advice,
        ["Let task `asks` drop the guard of Mutex `left` (taken at src/main.rs:14:9) before the wait for its end at \
          src/main.rs:16:9: task `gives` needs it."]
    );
}

/// As in `join!`: one task, two futures, two orders.
#[test]
fn two_futures_of_a_task_take_two_locks_in_opposite_orders() {
    let (left, right) = (async_lock(LEFT, line(14)), async_lock(RIGHT, line(22)));
    let mut case = cycle(vec![step(ASKS, wants(LEFT, line(24)), by(ASKS, left))], &[(ASKS, left), (ASKS, right)]);
    case.snapshot.actors[0].also = vec![wants(RIGHT, line(16))];
    assert_snapshot!(case.text());
}

/// Those who wait have some themselves; or one of them has the receiver of those who have the permits.
#[test]
fn permits_that_everybody_has_some_of() {
    let (hold, more) = (permits(line(14)), wait(On::Permits { semaphore: PERMITS }, line(16)));
    let steps = [ASKS, GIVES, PICKS].map(|task| step(task, more, by(ASKS, hold))).to_vec();
    let all = standstill(steps, &[(ASKS, hold), (GIVES, hold)]).text();
    let sends = wait(On::Room { channel: JOBS }, line(18));
    let again = wait(On::Permits { semaphore: PERMITS }, line(14));
    let senders = [GIVES, PICKS].map(|task| step(task, sends, Because::NobodyLeft));
    let mut case =
        standstill([step(ASKS, again, by(ASKS, hold))].into_iter().chain(senders).collect(), &[(ASKS, hold)]);
    let receiver = Handle { end: End::Receiver, made: line(12), maker: ASKS, user: User::Nobody };
    case.snapshot.channels.push(Channel { object: JOBS, handles: vec![receiver] });
    assert_snapshot!(format!("{all}\n{}", case.report(&NoDetails).advice.join("\n")));
}

/// What it awaits is a socket, or it has been woken and nobody has polled it yet.
#[test]
fn a_long_hold_by_a_pending_task() {
    let hold = async_lock(LEFT, line(14));
    let long = Step { actor: ASKS, sequence: 1, wait: None, because: by(ASKS, hold) };
    let mut case = Case::new(Rule::LongHold, vec![long], &[(ASKS, hold)]);
    case.snapshot.actors[0].stirs = true;
    case.snapshot.actors.push(alive(GIVES, Some(wants(LEFT, line(31)))));
    let report = case.report(&Counted);
    assert_eq!(report.advice, ["Take out what is needed, drop the guard before the `.await`, and go on without it."]);
    assert_snapshot!(report.story.join("\n"));
    case.snapshot.actors[0].stirs = false;
    let woken = case.report(&Counted);
    assert!(woken.story[0].ends_with("The holder has been woken, and waits to be polled."), "{:?}", woken.story);
}

/// And whoever wants what it holds.
#[test]
fn a_dead_task_that_holds_a_lock() {
    let hold = async_lock(LEFT, line(14));
    let nothing = wait(On::Nothing { forsaken: false }, PlaceId::UNKNOWN);
    let mut case = Case::new(Rule::DeadTask, vec![step(ASKS, nothing, Because::NoWaker)], &[(ASKS, hold)]);
    assert_eq!(case.report(&NoDetails).advice.len(), 1);
    case.snapshot.actors.push(alive(GIVES, Some(wants(LEFT, line(31)))));
    assert_eq!(
        case.report(&NoDetails).advice[1],
        "Until it is dropped (as after an `abort`) nobody else gets what it holds: Mutex `left` (taken at \
         src/main.rs:14:9). Drop a guard before a wait that may not end."
    );
}

#[test]
fn a_notification_that_nobody_keeps() {
    let notify = wait(On::Notify { condvar: SIGNAL, mutex: None }, line(17));
    assert_snapshot!(standstill(vec![step(ASKS, notify, Because::NobodyLeft)], &[]).text());
}

/// Threads, too, may be helped by a task.
#[test]
fn a_thread_among_tasks() {
    let message = wait(On::Message { channel: JOBS }, line(40));
    let mut case = standstill(vec![step(MAIN, message, Because::NobodyLeft)], &[]);
    assert!(case.report(&NoDetails).story[0].contains("but no thread is left that could send one"));
    case.snapshot.unseen_tasks = true;
    assert!(case.report(&NoDetails).story[0].contains("but nobody is left who could send one"));
}

#[test]
fn more_tasks_than_are_drawn() {
    let steps = (0..20).map(|n| step(ActorId::task(10 + n, 1), wait(On::Driver, line(9)), Because::NobodyLeft));
    let text = standstill(steps.collect(), &[]).text();
    assert!(text.contains("... and 4 more tasks"), "{text}");
}

/// A recorder that has counted, and knows where a poll was.
struct Counted;

impl Details for Counted {
    fn figures(&self, _: ActorId, _: Nanos) -> Option<TaskFigures> {
        Some(TaskFigures { polls: 3, last_poll: Some(1130 * MS), ..TaskFigures::default() })
    }

    fn spans(&self, actor: ActorId) -> Vec<String> {
        if actor.is_task() { Vec::new() } else { vec!["request{id=7}".into()] }
    }
}

#[test]
fn a_dead_task_with_all_that_is_known_of_it() {
    let nothing = wait(On::Nothing { forsaken: true }, PlaceId::UNKNOWN);
    let case = Case::new(Rule::DeadTask, vec![step(ASKS, nothing, Because::NoWaker)], &[]);
    assert_snapshot!(case.report(&Counted).to_string());
}

#[test]
fn polls_that_keep_their_thread() {
    let polled = wait(On::Poller { thread: BOB, may_block: false }, PlaceId::UNKNOWN);
    let because = Because::PolledBy { actor: BOB };
    let long = Case::new(Rule::LongPoll, vec![step(ASKS, polled, because)], &[]);
    let sleeps = step(ASKS, wait(On::Time, line(18)), because);
    let blocking = Case::new(Rule::BlockingInTask, vec![sleeps], &[]);
    let [long, blocking] = [long, blocking].map(|mut case| {
        case.snapshot.actors.push(alive(BOB, None));
        case.report(&Counted).to_string()
    });
    assert_snapshot!(format!("{long}\n{blocking}"));
}
