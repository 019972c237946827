//! Tasks in the trace.

use super::*;

/// A task that waits for a lock and a sleep, and is woken by another, in its poll; and one that is dropped.
fn tasks() -> Vec<Event> {
    let [fetch, store] = [FETCH, STORE].map(Event::operand);
    vec![
        event(1_000, MAIN, Op::Spawn, fetch, 11),
        event(1_100, MAIN, Op::Spawn, store, 12),
        event(2_000, WORKER, Op::Poll, store, 12),
        event(2_010, WORKER, Op::Read, ACCOUNTS.0, 21),
        event(2_020, NAMELESS, Op::Poll, fetch, 11),
        event(2_025, WORKER, Op::Pending, store, 0),
        event(2_030, NAMELESS, Op::Named, 1, 0),
        event(2_040, NAMELESS, Op::Await, ACCOUNTS.0, 31),
        event(2_045, NAMELESS, Op::Await, Event::TIME, 32),
        event(2_050, NAMELESS, Op::Pending, fetch, 0),
        event(3_000, MAIN, Op::Wake, store, 0),
        event(3_100, WORKER, Op::Poll, store, 12),
        // The guard has gone there with the task, and wakes who waits.
        event(3_200, WORKER, Op::Unlock, ACCOUNTS.0, 21),
        event(3_210, WORKER, Op::Wake, fetch, 0),
        event(3_215, WORKER, Op::Wake, store, 0),
        event(3_220, WORKER, Op::Pending, store, 0),
        event(3_300, NAMELESS, Op::Poll, fetch, 11),
        event(3_310, NAMELESS, Op::Lock, ACCOUNTS.0, 31),
        event(3_320, NAMELESS, Op::Unlock, ACCOUNTS.0, 31),
        event(3_400, NAMELESS, Op::Done, fetch, 0),
        event(3_410, NAMELESS, Op::Dropped, fetch, 0),
        event(4_000, MAIN, Op::Dropped, store, 0),
    ]
}

#[test]
fn tasks_have_tracks_and_arrows() {
    insta::assert_snapshot!(drawn(&tasks()).replace(env!("CARGO_PKG_VERSION"), "[version]"));
}

/// Drawn in these batches.
fn drawn_in<'e>(batches: impl IntoIterator<Item = &'e [Event]>) -> String {
    let memory = Memory::default();
    let mut writer = writer(&memory, false);
    batches.into_iter().for_each(|batch| writer.batch(batch, &World, &World).unwrap());
    writer.finish(&World, &World).unwrap();
    memory.text()
}

#[test]
fn wherever_batches_are_cut_the_same_is_drawn() {
    let events = tasks();
    let whole = drawn(&events);
    assert!(whole.contains("\"name\":\"task `fetch`\""), "it gets its name while it is polled: {whole}");
    for cut in 0..=events.len() {
        let (first, second) = events.split_at(cut);
        assert_eq!(drawn_in([first, second]), whole, "cut before event {cut}");
        // And nothing has happened for a while.
        let batches = std::iter::once(first).chain(std::iter::repeat_n(&[][..], 9)).chain([second]);
        assert_eq!(drawn_in(batches), whole, "cut long before event {cut}");
    }
    assert_eq!(drawn_in(events.chunks(1)), whole, "one by one");
}

#[test]
fn others_may_do_much_between_a_first_poll_and_its_name() {
    let fetch = Event::operand(FETCH);
    let mut events = vec![event(1, NAMELESS, Op::Poll, fetch, 11)];
    events.extend((2..2_000).map(|at| event(at, WORKER, Op::Read, ACCOUNTS.0, 21)));
    events.push(event(2_000, NAMELESS, Op::Named, 1, 0));
    events.push(event(2_001, NAMELESS, Op::Done, fetch, 0));
    assert!(drawn_in(events.chunks(500)).contains("\"name\":\"task `fetch`\""));
}

#[test]
fn what_is_held_back_is_bounded() {
    let memory = Memory::default();
    let mut writer = writer(&memory, false);
    let poll = event(1, NAMELESS, Op::Poll, Event::operand(FETCH), 11);
    let others: Vec<Event> = (2..1_002).map(|at| event(at, WORKER, Op::Read, ACCOUNTS.0, 21)).collect();
    writer.batch(&[poll], &World, &World).unwrap();
    assert!(writer.holds_back(), "it may get a name");
    let batches = (1..).find(|_| {
        writer.batch(&others, &World, &World).unwrap();
        !writer.holds_back()
    });
    assert_eq!(batches, Some(BATCHES));
    writer.batch(&[event(2_000, MAIN, Op::Poll, Event::operand(STORE), 12)], &World, &World).unwrap();
    assert!(writer.holds_back(), "and so may another");
    let others: Vec<Event> = (0..HELD as u64).map(|n| event(2_001 + n, WORKER, Op::Read, ACCOUNTS.0, 21)).collect();
    writer.batch(&others, &World, &World).unwrap();
    assert!(!writer.holds_back(), "not for so much");
    writer.finish(&World, &World).unwrap();
    check(&memory.text());
}

/// What is open on a task's track, and has been: names and outcomes.
fn track(events: &[Value], first: &str) -> Vec<(String, String)> {
    let of = events.iter().find(|event| event["cat"] == "task" && event["name"] == first);
    let id = &of.expect("the task is drawn")["id2"];
    let its = events.iter().filter(|event| event["cat"] == "task" && &event["id2"] == id);
    its.map(|event| (event["ph"].as_str().unwrap().into(), event["name"].as_str().unwrap().into())).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|&(phase, name)| (phase.to_owned(), name.to_owned())).collect()
}

#[test]
fn a_task_of_which_much_was_not_recorded_is_drawn_as_far_as_it_was() {
    let fetch = Event::operand(FETCH);
    let events = check(&drawn(&[
        // Its end was lost, or the recording begins here.
        event(1, WORKER, Op::Pending, fetch, 0),
        event(2, WORKER, Op::Wake, fetch, 0),
        event(3, WORKER, Op::Poll, fetch, 11),
        event(4, NAMELESS, Op::Poll, fetch, 11),
        event(5, NAMELESS, Op::Pending, fetch, 0),
    ]));
    let name = "task #7 spawned at src/main.rs:11:5";
    let expected =
        [("b", name), ("b", "scheduled"), ("e", "scheduled"), ("b", "running"), ("e", "running"), ("b", "running")];
    assert_eq!(track(&events, name), pairs(&[&expected[..], &[("e", "running"), ("b", "pending")]].concat()));
}

#[test]
fn a_poll_in_which_operations_were_lost_is_not_known_to_go_on() {
    let memory = Memory::default();
    let mut writer = writer(&memory, false);
    writer.batch(&[event(1, WORKER, Op::Poll, Event::operand(FETCH), 11)], &World, &World).unwrap();
    writer.lost(&Loss { actor: WORKER, count: 3, since: 1, until: 5 }, &World, &World).unwrap();
    writer.batch(&[event(7, WORKER, Op::Pending, Event::operand(FETCH), 0)], &World, &World).unwrap();
    writer.finish(&World, &World).unwrap();
    let events = check(&memory.text());
    let ends: Vec<_> = events.iter().filter(|event| event["ph"] == "E").collect();
    assert_eq!((ends.len(), time(ends[0]), &ends[0]["args"]["outcome"]), (1, 5, &Value::from(scene::UNSEEN)));
}

#[test]
fn a_task_that_nobody_polls_is_drawn_at_the_end() {
    let events = check(&drawn(&[event(1, MAIN, Op::Spawn, Event::operand(FETCH), 11)]));
    let name = "task #7 spawned at src/main.rs:11:5";
    assert_eq!(track(&events, name), pairs(&[("b", name), ("b", "scheduled")]));
}

/// Permits of one semaphore are alike: each release ends the hold of the task that has it, if that is known.
#[test]
fn permits_go_back_from_whom_they_were_taken() {
    let permits = ObjectId::new(Kind::Semaphore, 9, 9).0;
    let [fetch, store] = [FETCH, STORE].map(Event::operand);
    let events = check(&drawn(&[
        event(1, WORKER, Op::Poll, fetch, 11),
        event(2, WORKER, Op::Read, permits, 21),
        event(3, WORKER, Op::Pending, fetch, 0),
        event(4, WORKER, Op::Poll, store, 12),
        event(5, WORKER, Op::Read, permits, 21),
        event(6, WORKER, Op::Unlock, permits, 21),
        event(7, WORKER, Op::Done, store, 0),
        event(8, MAIN, Op::Unlock, permits, 21),
    ]));
    let at = |phase: &str, task: &str| {
        let hold = events.iter().find(|event| event["ph"] == "b" && event["args"]["task"] == task).expect("held");
        let its = |event: &&Value| event["ph"] == phase && event["id2"] == hold["id2"] && event["cat"] == "lock.hold";
        events.iter().find(its).map(time)
    };
    let (first, second) = ("task #7 spawned at src/main.rs:11:5", "task #8 spawned at src/main.rs:12:5");
    assert_eq!([at("b", first), at("e", first)], [Some(2), Some(8)]);
    assert_eq!([at("b", second), at("e", second)], [Some(5), Some(6)]);
}
