mod tasks;

use super::*;
use crate::{
    export::SpanInfo,
    model::{ActorInfo, Certainty, Kind, ObjectId, ObjectInfo, Op, Place, PlaceId, Rule},
    report::Report,
};
use proptest::prelude::*;
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    io::{Read, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

const MAIN: ActorId = ActorId { index: 0, generation: 1 };
const WORKER: ActorId = ActorId { index: 1, generation: 1 };
/// The next thread in the worker's slot.
const SECOND: ActorId = ActorId { index: 1, generation: 2 };
const NAMELESS: ActorId = ActorId { index: 2, generation: 1 };
const ACCOUNTS: ObjectId = ObjectId::new(Kind::Mutex, 1, 1);
const UNNAMED: ObjectId = ObjectId::new(Kind::RwLock, 2, 2);
const READY: ObjectId = ObjectId::new(Kind::Condvar, 3, 3);
const JOBS: ObjectId = ObjectId::new(Kind::Channel, 5, 5);
const FETCH: ActorId = ActorId::task(7, 3);
const STORE: ActorId = ActorId::task(8, 1);
const CONFIG: ObjectId = ObjectId::new(Kind::OnceLock, 4, 4);

struct World;

impl crate::model::World for World {
    fn place(&self, id: PlaceId) -> Option<Place> {
        (id.0 < 100).then(|| place(id.0 as u32))
    }

    fn object(&self, id: ObjectId) -> ObjectInfo {
        let name = match id {
            ACCOUNTS => Some("accounts \"A\\B\""),
            READY => Some("ready"),
            _ => None,
        };
        ObjectInfo { kind: id.kind(), name: name.map(String::from), created: Some(place(id.class())), first_used: None }
    }

    fn actor(&self, id: ActorId) -> Option<ActorInfo> {
        let named = |name: &str| ActorInfo { name: Some(name.to_owned()), parent: Some(MAIN), ..ActorInfo::default() };
        match id {
            MAIN => Some(ActorInfo { parent: None, ..named("main") }),
            WORKER => Some(named("worker")),
            SECOND => Some(named("second")),
            NAMELESS => Some(ActorInfo { spawned: Some(place(9)), ..ActorInfo::default() }),
            _ => None,
        }
    }

    fn class(&self, class: u64) -> Option<String> {
        (class == 1).then(|| String::from("fetch"))
    }
}

impl Spans for World {
    fn span(&self, id: u64) -> Option<SpanInfo> {
        let fields = vec![(String::from("id"), id.to_string()), (String::from("user"), String::from("\"ann\""))];
        (id < 8).then(|| SpanInfo { name: format!("request {id}"), fields })
    }
}

fn place(line: u32) -> Place {
    Place { file: String::from("src/main.rs"), line, column: 5 }
}

fn event(at: Nanos, actor: ActorId, op: Op, object: u64, line: u64) -> Event {
    Event { at, actor, op, object, place: PlaceId(line) }
}

/// A file in memory.
#[derive(Clone, Default)]
struct Memory {
    bytes: Arc<Mutex<Vec<u8>>>,
    /// No more than so many bytes go in.
    room: Option<usize>,
}

impl Memory {
    fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    fn text(&self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }
}

impl Write for Memory {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let mut bytes = self.bytes.lock().unwrap();
        let room = self.room.map_or(text.len(), |room| room - bytes.len()).min(text.len());
        if room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        bytes.extend_from_slice(&text[..room]);
        Ok(room)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Target for Memory {
    fn cut(&mut self, len: u64) {
        self.bytes.lock().unwrap().truncate(len as usize);
    }
}

fn start() -> Start {
    Start { program: String::from("bank"), pid: 77 }
}

fn writer(memory: &Memory, gzip: bool) -> Writer {
    Writer::new(Box::new(memory.clone()), gzip, &start())
}

fn drawn(events: &[Event]) -> String {
    let memory = Memory::default();
    let mut writer = writer(&memory, false);
    writer.batch(events, &World, &World).unwrap();
    writer.finish(&World, &World).unwrap();
    check(&memory.text());
    memory.text()
}

/// The events of a file, whether it is complete or was cut after a flush.
fn parsed(text: &str) -> Vec<Value> {
    let closed = if text.ends_with("]\n") { text.to_owned() } else { format!("{text}\n]") };
    serde_json::from_str(&closed).unwrap_or_else(|error| panic!("{error} in {closed}"))
}

/// Nanoseconds, exactly.
fn time(event: &Value) -> u64 {
    (event["ts"].as_f64().unwrap() * 1000.0).round() as u64
}

/// The rules that viewers hold a file to, and ours.
fn check(text: &str) -> Vec<Value> {
    let mut events = parsed(text);
    assert_eq!((events[0]["ph"].as_str(), events[0]["name"].as_str()), (Some("M"), Some("gordian")));
    events.sort_by_key(time);
    let (mut depth, mut named) = (HashMap::<u64, i64>::new(), HashSet::new());
    let mut open = HashMap::<String, Vec<(String, u64)>>::new();
    let (mut tails, mut heads) = (HashMap::new(), HashMap::new());
    let (mut instants, mut slices) = (HashSet::new(), HashSet::new());
    let mut waiters = HashMap::<String, u64>::new();
    for event in &events {
        let tid = event["tid"].as_u64().unwrap();
        assert_eq!(event["pid"], 77);
        let name = event["name"].as_str().unwrap_or_default().to_owned();
        let arrow = || (name.clone(), event["cat"].clone(), tid, time(event));
        match event["ph"].as_str().unwrap() {
            "M" if name == "thread_name" => assert!(named.insert(tid), "two names of {tid}"),
            "M" => {}
            "B" => {
                *depth.entry(tid).or_default() += 1;
                slices.insert((tid, time(event)));
            }
            "E" => {
                let depth = depth.entry(tid).or_default();
                *depth -= 1;
                assert!(*depth >= 0, "an end without a beginning: {event}");
            }
            // On a track of a task they nest; a hold has a track of its own.
            "b" => {
                let open = open.entry(event["id2"]["local"].to_string()).or_default();
                open.push((name, tid));
                assert!(open.len() <= if event["cat"] == "task" { 2 } else { 1 }, "{event}");
            }
            "e" => {
                let open = open.get_mut(&event["id2"]["local"].to_string()).expect("begun");
                assert_eq!(open.pop(), Some((name, tid)), "{event}");
            }
            "s" => assert!(tails.insert(event["id"].as_u64().unwrap(), arrow()).is_none(), "{event}"),
            "f" => {
                assert_eq!(event["bp"], "e");
                heads.entry(event["id"].as_u64().unwrap()).or_insert_with(Vec::new).push(arrow());
            }
            "i" => {
                assert!(["t", "p"].contains(&event["s"].as_str().unwrap()));
                instants.insert((tid, time(event)));
            }
            "C" => drop(waiters.insert(name, event["args"]["waiters"].as_u64().unwrap())),
            other => panic!("phase {other}"),
        }
    }
    assert_eq!(tails.len(), heads.len());
    for (id, (name, category, tid, at)) in &tails {
        for (other, its, to, then) in &heads[id] {
            assert_eq!((name, category), (other, its));
            assert!(at <= then, "an arrow against time");
            assert!(
                instants.contains(&(*tid, *at)) && (instants.contains(&(*to, *then)) || slices.contains(&(*to, *then))),
                "an arrow without what is at its ends"
            );
        }
    }
    events
}

fn count(events: &[Value], phase: &str, name: &str) -> usize {
    events.iter().filter(|event| event["ph"] == phase && event["name"] == name).count()
}

/// Two threads and nearly everything they can do to each other.
fn story() -> Vec<Event> {
    let second = Event::operand(WORKER);
    vec![
        event(1_000, MAIN, Op::Start, 0, 0),
        event(1_500, MAIN, Op::Enter, 1, 0),
        event(2_000, MAIN, Op::Spawn, second, 11),
        event(2_250, WORKER, Op::Start, 0, 11),
        event(3_000, MAIN, Op::Lock, ACCOUNTS.0, 12),
        event(3_001, WORKER, Op::Wait, ACCOUNTS.0, 31),
        event(4_000, MAIN, Op::Unlock, ACCOUNTS.0, 0),
        event(4_100, WORKER, Op::WaitEnd, ACCOUNTS.0, 31),
        event(4_120, WORKER, Op::Lock, ACCOUNTS.0, 31),
        event(5_000, WORKER, Op::Unlock, ACCOUNTS.0, 0),
        event(5_001, WORKER, Op::Wait, READY.0, 32),
        event(6_000, MAIN, Op::NotifyOne, READY.0, 13),
        event(6_100, WORKER, Op::WaitEnd, READY.0, 32),
        event(6_110, WORKER, Op::Lock, ACCOUNTS.0, 32),
        event(6_200, WORKER, Op::Unlock, ACCOUNTS.0, 0),
        event(7_000, WORKER, Op::Lock, UNNAMED.0, 33),
        event(7_100, MAIN, Op::Wait, UNNAMED.0, 14),
        event(7_200, WORKER, Op::Downgrade, UNNAMED.0, 0),
        event(7_300, MAIN, Op::WaitEnd, UNNAMED.0, 14),
        event(7_310, MAIN, Op::Read, UNNAMED.0, 14),
        event(7_400, MAIN, Op::Unlock, UNNAMED.0, 0),
        event(7_500, WORKER, Op::Unlock, UNNAMED.0, 0),
        event(8_000, WORKER, Op::Wait, READY.0, 34),
        event(8_900, WORKER, Op::TimedOut, READY.0, 34),
        event(9_000, MAIN, Op::Wait, second, 15),
        event(9_500, WORKER, Op::End, 0, 0),
        event(9_600, MAIN, Op::WaitEnd, second, 15),
        event(9_700, MAIN, Op::Exit, 1, 0),
    ]
}

fn report() -> Report {
    Report {
        number: 1,
        rule: Rule::WaitCycle,
        certainty: Certainty::Happened,
        fingerprint: String::from("f00d"),
        at: Duration::from_micros(10),
        title: String::from("deadlock: 2 threads"),
        story: vec![String::from("`main` waits.\nAnd \"waits\"."), String::from("So does `worker`.")],
        drawing: vec![String::from("main -> worker")],
        threads: Vec::new(),
        victims: Vec::new(),
        doubt: None,
        advice: vec![String::from("Take them in one order.")],
    }
}

#[test]
fn a_story_is_drawn_whole() {
    insta::assert_snapshot!(drawn(&story()).replace(env!("CARGO_PKG_VERSION"), "[version]"));
}

#[test]
fn a_report_and_a_loss_are_drawn() {
    let memory = Memory::default();
    let mut writer = writer(&memory, false);
    writer.batch(&[event(1_000, WORKER, Op::Start, 0, 0)], &World, &()).unwrap();
    writer.report(&report(), 10_000, Some(WORKER), &World).unwrap();
    writer.lost(&Loss { actor: MAIN, count: 3, since: 4_000, until: 11_000 }, &World, &World).unwrap();
    writer.finish(&World, &World).unwrap();
    check(&memory.text());
    insta::assert_snapshot!(memory.text().replace(env!("CARGO_PKG_VERSION"), "[version]"));
}

#[test]
fn a_stuck_program_leaves_waits_and_holds_open() {
    let (a, b) = (ACCOUNTS.0, UNNAMED.0);
    let text = drawn(&[
        event(1, MAIN, Op::Lock, a, 1),
        event(2, WORKER, Op::Lock, b, 2),
        event(3, MAIN, Op::Wait, b, 3),
        event(4, WORKER, Op::Wait, a, 4),
    ]);
    let phases: Vec<_> = check(&text).iter().map(|event| event["ph"].as_str().unwrap().to_owned()).collect();
    assert_eq!(phases.iter().filter(|phase| ["b", "B"].contains(&phase.as_str())).count(), 4);
    assert!(!phases.iter().any(|phase| ["e", "E"].contains(&phase.as_str())));
}

#[test]
fn releases_without_their_acquisitions_are_ignored() {
    let ends = [Op::Unlock, Op::WaitEnd, Op::TimedOut, Op::Exit];
    let events: Vec<_> =
        ends.into_iter().enumerate().map(|(at, op)| event(at as u64, MAIN, op, ACCOUNTS.0, 1)).collect();
    let events = check(&drawn(&events));
    assert!(events.iter().all(|event| event["ph"] == "M"), "{events:?}");
}

/// What a hold is, one after the other, and how each ended.
fn holds(events: &[Value]) -> Vec<(String, String)> {
    let of = |phase: &'static str, argument: &'static str| {
        let these = events.iter().filter(move |event| event["ph"] == phase);
        these.map(move |event| event["args"][argument].as_str().unwrap().to_owned())
    };
    of("b", "mode").zip(of("e", "outcome")).collect()
}

#[test]
fn a_hold_that_changes_its_mode_is_one_after_the_other() {
    let events = check(&drawn(&[
        event(1, MAIN, Op::ReadUpgradable, UNNAMED.0, 1),
        event(2, MAIN, Op::Upgrade, UNNAMED.0, 2),
        event(3, MAIN, Op::DowngradeToUpgradable, UNNAMED.0, 3),
        event(4, MAIN, Op::Downgrade, UNNAMED.0, 4),
        event(5, MAIN, Op::Unlock, UNNAMED.0, 0),
    ]));
    let expected =
        [("upgradable", "upgraded"), ("exclusive", "downgraded"), ("upgradable", "downgraded"), ("shared", "released")];
    assert_eq!(holds(&events), expected.map(|(mode, outcome)| (mode.to_owned(), outcome.to_owned())));
}

/// The guard was sent there.
#[test]
fn a_hold_that_another_thread_ends_is_released() {
    let events = check(&drawn(&[
        event(1, MAIN, Op::Lock, ACCOUNTS.0, 1),
        event(5, WORKER, Op::Unlock, ACCOUNTS.0, 0),
        event(7, MAIN, Op::Lock, ACCOUNTS.0, 2),
        event(8, MAIN, Op::Unlock, ACCOUNTS.0, 0),
    ]));
    assert_eq!(holds(&events), [(); 2].map(|()| ("exclusive".to_owned(), "released".to_owned())));
}

#[test]
fn a_hold_whose_release_was_lost_ends_when_another_begins() {
    let events = check(&drawn(&[
        event(1, MAIN, Op::Lock, ACCOUNTS.0, 1),
        event(5, WORKER, Op::Lock, ACCOUNTS.0, 2),
        event(6, MAIN, Op::Unlock, ACCOUNTS.0, 0),
        event(7, WORKER, Op::Unlock, ACCOUNTS.0, 0),
    ]));
    let outcomes: Vec<_> =
        events.iter().filter(|event| event["ph"] == "e").map(|event| &event["args"]["outcome"]).collect();
    assert_eq!(outcomes, ["unknown: its end was not recorded", "released"]);
}

#[test]
fn after_a_loss_a_running_thread_waits_no_more_but_a_silent_one_does() {
    let memory = Memory::default();
    let mut writer = writer(&memory, false);
    let waits = [event(1, MAIN, Op::Wait, CONFIG.0, 1), event(2, WORKER, Op::Wait, CONFIG.0, 1)];
    writer.batch(&waits, &World, &()).unwrap();
    for actor in [MAIN, WORKER] {
        writer.lost(&Loss { actor, count: 1, since: 3, until: 4 }, &World, &World).unwrap();
    }
    writer.batch(&[event(5, MAIN, Op::Lock, UNNAMED.0, 1)], &World, &()).unwrap();
    writer.finish(&World, &World).unwrap();
    let events = check(&memory.text());
    let ends: Vec<_> = events.iter().filter(|event| event["ph"] == "E").map(|event| event["tid"].as_u64()).collect();
    assert_eq!(ends, [Some(77)]);
}

#[test]
fn a_wait_that_ended_in_a_panic_is_over_when_the_thread_goes_on() {
    let events = check(&drawn(&[
        event(1, MAIN, Op::Wait, ACCOUNTS.0, 1),
        event(5, MAIN, Op::Unlock, UNNAMED.0, 0),
        event(6, MAIN, Op::Wait, CONFIG.0, 1),
        event(7, MAIN, Op::Wait, READY.0, 1),
        event(8, MAIN, Op::TimedOut, READY.0, 1),
        event(9, MAIN, Op::WaitEnd, CONFIG.0, 1),
    ]));
    let ends = events.iter().filter(|event| event["ph"] == "E");
    let ends: Vec<_> = ends.map(|event| (time(event), event["args"]["outcome"].as_str().unwrap())).collect();
    assert_eq!(ends, [(5, "unknown: its end was not recorded"), (8, "timed out"), (9, "initialised")]);
}

#[test]
fn one_release_that_lets_several_in_starts_one_arrow_with_several_ends() {
    let events = check(&drawn(&[
        event(1, MAIN, Op::Lock, UNNAMED.0, 1),
        event(2, WORKER, Op::Wait, UNNAMED.0, 2),
        event(2, NAMELESS, Op::Wait, UNNAMED.0, 2),
        event(3, MAIN, Op::Unlock, UNNAMED.0, 0),
        event(4, WORKER, Op::WaitEnd, UNNAMED.0, 2),
        event(5, WORKER, Op::Read, UNNAMED.0, 2),
        event(6, NAMELESS, Op::WaitEnd, UNNAMED.0, 2),
        event(7, NAMELESS, Op::Read, UNNAMED.0, 2),
    ]));
    assert_eq!((count(&events, "s", "wake"), count(&events, "f", "wake"), count(&events, "i", "unlock")), (1, 2, 1));
}

#[test]
fn a_loss_hides_which_release_it_was() {
    let memory = Memory::default();
    let mut writer = writer(&memory, false);
    let before = [event(1, MAIN, Op::Wait, ACCOUNTS.0, 1), event(2, WORKER, Op::Unlock, ACCOUNTS.0, 0)];
    let after = [event(5, MAIN, Op::WaitEnd, ACCOUNTS.0, 1), event(6, MAIN, Op::Lock, ACCOUNTS.0, 1)];
    writer.batch(&before, &World, &()).unwrap();
    writer.lost(&Loss { actor: NAMELESS, count: 1, since: 2, until: 4 }, &World, &World).unwrap();
    writer.batch(&after, &World, &()).unwrap();
    writer.finish(&World, &World).unwrap();
    assert_eq!(count(&check(&memory.text()), "s", "wake"), 0);
}

#[test]
fn threads_that_share_a_slot_have_tracks_of_their_own() {
    let events = check(&drawn(&[
        event(1, WORKER, Op::Start, 0, 0),
        event(2, WORKER, Op::Wait, ACCOUNTS.0, 0),
        event(3, SECOND, Op::Start, 0, 0),
        event(4, NAMELESS, Op::Start, 0, 0),
        event(5, MAIN, Op::Start, 0, 0),
    ]));
    let mut tracks: Vec<_> = events
        .iter()
        .filter(|event| event["name"] == "thread_name")
        .map(|event| (event["tid"].as_u64().unwrap(), event["args"]["name"].as_str().unwrap()))
        .collect();
    tracks.sort_unstable();
    let nameless = "unnamed, spawned at src/main.rs:9:5";
    assert_eq!(tracks, [(1, "worker"), (2, "second"), (3, nameless), (77, "main")]);
    assert_eq!(events.iter().filter(|event| event["ph"] == "E").count(), 1, "the first one's wait");
}

#[test]
fn spans_left_out_of_order_still_nest() {
    let events = check(&drawn(&[
        event(1, MAIN, Op::Enter, 1, 0),
        event(2, MAIN, Op::Enter, 2, 0),
        event(3, MAIN, Op::Exit, 1, 0),
        event(4, MAIN, Op::Exit, 2, 0),
    ]));
    let phases =
        events.iter().filter(|event| event["ph"] != "M").map(|event| (time(event), event["ph"].as_str().unwrap()));
    assert_eq!(phases.collect::<Vec<_>>(), [(1, "B"), (2, "B"), (3, "E"), (3, "E"), (3, "B"), (4, "E")]);
}

#[test]
fn waiting_for_an_initialiser_ends_with_an_arrow_from_it() {
    let events = check(&drawn(&[
        event(1, MAIN, Op::Init, CONFIG.0, 1),
        event(2, WORKER, Op::Wait, CONFIG.0, 2),
        event(3, MAIN, Op::Unlock, CONFIG.0, 0),
        event(4, WORKER, Op::WaitEnd, CONFIG.0, 2),
    ]));
    assert_eq!((count(&events, "s", "wake"), count(&events, "i", "initialised")), (1, 1));
}

#[test]
fn everybody_who_is_notified_gets_an_arrow_and_nobody_else() {
    let text = drawn(&[
        event(1, WORKER, Op::Wait, READY.0, 0),
        event(2, NAMELESS, Op::Wait, READY.0, 0),
        event(3, MAIN, Op::NotifyAll, READY.0, 0),
        event(4, WORKER, Op::WaitEnd, READY.0, 0),
        event(5, NAMELESS, Op::WaitEnd, READY.0, 0),
        event(6, WORKER, Op::Wait, READY.0, 0),
        event(7, NAMELESS, Op::Wait, READY.0, 0),
        event(8, MAIN, Op::NotifyOne, READY.0, 0),
        event(9, NAMELESS, Op::WaitEnd, READY.0, 0),
        event(10, WORKER, Op::WaitEnd, READY.0, 0),
    ]);
    let events = check(&text);
    assert_eq!((count(&events, "s", "notify"), count(&events, "f", "notify")), (2, 3));
}

#[test]
fn a_message_that_was_waited_for_comes_with_an_arrow_and_so_does_room() {
    let text = drawn(&[
        // Sent before anybody waits: no arrow.
        event(1, WORKER, Op::Send, JOBS.0, 1),
        event(2, MAIN, Op::Receive, JOBS.0, 2),
        event(3, MAIN, Op::Wait, JOBS.0, 2),
        event(4, WORKER, Op::Send, JOBS.0, 1),
        event(5, MAIN, Op::WaitEnd, JOBS.0, 2),
        event(5, MAIN, Op::Receive, JOBS.0, 2),
        // The other sender's message makes no room.
        event(6, WORKER, Op::Wait, JOBS.0, 1),
        event(7, NAMELESS, Op::Send, JOBS.0, 1),
        event(8, MAIN, Op::Receive, JOBS.0, 2),
        event(9, WORKER, Op::WaitEnd, JOBS.0, 1),
        event(9, WORKER, Op::Send, JOBS.0, 1),
        // The last sender is gone.
        event(10, MAIN, Op::Wait, JOBS.0, 2),
        event(11, MAIN, Op::WaitEnd, JOBS.0, 2),
    ]);
    let events = check(&text);
    assert_eq!((count(&events, "s", "message"), count(&events, "f", "message")), (1, 1));
    assert_eq!((count(&events, "s", "room"), count(&events, "f", "room")), (1, 1));
    let from = |name: &str| events.iter().find(|event| event["ph"] == "s" && event["name"] == name).map(time);
    assert_eq!((from("message"), from("room")), (Some(4), Some(8)));
}

#[test]
fn many_objects_and_threads_leave_memory_bounded() {
    let memory = Memory::default();
    let mut writer = writer(&memory, false);
    for n in 0..40_000_u64 {
        let actor = ActorId { index: 5, generation: n as u32 };
        let lock = ObjectId::new(Kind::Mutex, 7, n).0;
        let events = [event(3 * n, actor, Op::Start, 0, n), event(3 * n + 1, actor, Op::Lock, lock, n)];
        writer.batch(&events, &World, &()).unwrap();
    }
    let stats = writer.scene.kept();
    assert!(stats.iter().all(|&kept| kept <= 1 << 16), "{stats:?}");
    writer.finish(&World, &World).unwrap();
    let names: HashSet<_> = parsed(&memory.text())
        .iter()
        .filter(|event| event["ph"] == "b")
        .map(|event| event["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 1001, "tracks");
}

#[test]
fn too_many_open_slices_are_counted() {
    let events: Vec<_> = (0..600).map(|at| event(at, MAIN, Op::Enter, at % 4, 0)).collect();
    let events = check(&drawn(&events));
    assert_eq!(count(&events, "i", "this trace has gaps"), 1);
    let end = events.iter().find(|event| event["name"] == "gordian_end").unwrap();
    assert_eq!(end["args"]["omitted_slices"], 600 - 256);
}

#[test]
fn a_full_disk_is_told_once_and_leaves_a_file_that_opens() {
    let memory = Memory { room: Some(2_000), ..Memory::default() };
    let mut writer = writer(&memory, false);
    writer.flush().unwrap();
    let mut errors = 0;
    for _ in 0..10 {
        writer.batch(&story(), &World, &World).unwrap();
        errors += usize::from(writer.flush().is_err());
    }
    assert_eq!(errors, 1);
    writer.report(&report(), 1, None, &World).unwrap();
    assert!(writer.finish(&World, &World).is_ok());
    check(&memory.text());
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_device_is_told_once() {
    let error = Writer::create("/dev/full", &start()).err().expect("nothing fits there");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}

#[test]
fn a_directory_that_is_not_there_is_an_error() {
    assert_eq!(Writer::create("/nowhere/at/all.json", &start()).err().unwrap().kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_packed_file_is_the_plain_one_cut_at_any_flush() {
    let (plain, packed) = (Memory::default(), Memory::default());
    let mut writers = [writer(&plain, false), writer(&packed, true)];
    for event in story() {
        for writer in &mut writers {
            writer.batch(&[event], &World, &World).unwrap();
            writer.flush().unwrap();
        }
        let (mut text, bytes) = (String::new(), packed.bytes());
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text, plain.text());
        check(&text);
    }
}

#[test]
fn the_name_says_whether_to_pack() {
    let folder = std::env::temp_dir().join(format!("gordian-export-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, head) in [("t.json", b"[\n".as_slice()), ("t.json.gz", &[0x1f, 0x8b])] {
        let path = folder.join(name);
        let mut writer = Writer::create(&path, &start()).unwrap();
        assert!(std::fs::read(&path).unwrap().starts_with(head), "the header is there at once");
        writer.batch(&story(), &World, &World).unwrap();
        writer.finish(&World, &World).unwrap();
        assert!(std::fs::read(&path).unwrap().starts_with(head));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

fn any_event() -> impl Strategy<Value = (u64, Event)> {
    let actor = prop_oneof![
        4 => Just(MAIN),
        4 => Just(WORKER),
        1 => Just(SECOND),
        2 => Just(NAMELESS),
        1 => Just(FETCH),
        1 => (0_u32..4, 0_u32..4).prop_map(|(index, generation)| ActorId { index, generation }),
    ];
    let operand = prop_oneof![
        8 => prop_oneof![Just(ACCOUNTS.0), Just(UNNAMED.0), Just(READY.0), Just(CONFIG.0)],
        2 => prop_oneof![Just(Event::operand(MAIN)), Just(Event::operand(WORKER))],
        6 => prop_oneof![Just(Event::operand(FETCH)), Just(Event::operand(STORE))],
        2 => 0_u64..4,
        1 => any::<u64>(),
    ];
    let op = (1_u8..=27).prop_map(|bits| Op::from_bits(bits).unwrap());
    (0_u64..3, actor, op, operand, 0_u64..200)
        .prop_map(|(later, actor, op, object, line)| (later, event(0, actor, op, object, line)))
}

proptest! {
    #[test]
    fn whatever_is_recorded_the_file_is_well_formed_at_every_flush(
        recorded in prop::collection::vec((any_event(), 0_u8..20), 0..120),
    ) {
        let memory = Memory::default();
        let mut writer = writer(&memory, false);
        writer.flush().unwrap();
        let mut now = 0;
        for ((later, event), also) in recorded {
            now += later;
            match also {
                0 => {
                    writer.flush().unwrap();
                    check(&memory.text());
                }
                1 => writer.lost(&Loss { actor: event.actor, count: later, since: now, until: now }, &World, &World).unwrap(),
                2 => writer.report(&report(), now, Some(event.actor), &World).unwrap(),
                _ => {}
            }
            writer.batch(&[Event { at: now, ..event }], &World, &World).unwrap();
        }
        writer.finish(&World, &World).unwrap();
        let events = check(&memory.text());
        for event in events.iter().filter(|event| event["ph"] == "C") {
            prop_assert!(event["args"]["waiters"].as_u64().unwrap() < 1000);
        }
    }
}
