//! An exported trace in the real viewer: Perfetto's own UI, in Chromium.
//!
//! Not part of a plain `cargo test`, since it needs a browser. Once: `tests/viewer/install.sh`; then
//! `cargo test --features viewer-test --test viewer`.

use gordian::{
    export::{
        SpanInfo, Spans,
        chrome::{Loss, Start, Writer},
    },
    model::{ActorId, ActorInfo, Event, Kind, ObjectId, ObjectInfo, Op, Place, PlaceId, World},
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

const MAIN: ActorId = ActorId { index: 0, generation: 0 };
const WORKER: ActorId = ActorId { index: 1, generation: 0 };
const FETCH: ActorId = ActorId::task(1, 1);
const STORE: ActorId = ActorId::task(2, 1);
const ACCOUNTS: ObjectId = ObjectId::new(Kind::Mutex, 1, 1);
const LOG: ObjectId = ObjectId::new(Kind::Mutex, 2, 2);
const READY: ObjectId = ObjectId::new(Kind::Condvar, 3, 3);

const SLICES: &str = "
    select thread.name as thread, slice.name as name, slice.ts as ts, slice.dur as dur,
           extract_arg(arg_set_id, 'args.outcome') as outcome
    from slice join thread_track on slice.track_id = thread_track.id join thread using (utid)
    where slice.category in ('lock.wait', 'span') order by slice.ts, slice.depth";
const HOLDS: &str = "
    select name, ts, dur, extract_arg(arg_set_id, 'args.thread') as thread,
           extract_arg(arg_set_id, 'args.outcome') as outcome
    from slice where category = 'lock.hold' order by ts";
const ARROWS: &str = "
    select source.name as source, source_thread.name as by, source.ts as left,
           target.name as target, target_thread.name as to_whom, target.ts as reached
    from flow join slice source on slice_out = source.id join slice target on slice_in = target.id
    join thread_track source_track on source.track_id = source_track.id
    join thread source_thread on source_track.utid = source_thread.utid
    join thread_track target_track on target.track_id = target_track.id
    join thread target_thread on target_track.utid = target_thread.utid order by source.ts";
const WAITERS: &str = "
    select counter.ts as ts, counter.value as value from counter join process_counter_track track
    on counter.track_id = track.id where track.name = 'Mutex `accounts` waiters' order by counter.ts";
const REPORTS: &str = "
    select ts, name, extract_arg(arg_set_id, 'args.count') as count from slice
    where category in ('report', 'loss') order by ts";

struct Names;

impl World for Names {
    fn place(&self, id: PlaceId) -> Option<Place> {
        Some(Place { file: String::from("src/bank.rs"), line: id.0 as u32, column: 9 })
    }

    fn object(&self, id: ObjectId) -> ObjectInfo {
        let name = match id {
            ACCOUNTS => "accounts",
            LOG => "log",
            _ => "ready",
        };
        ObjectInfo { kind: id.kind(), name: Some(name.to_owned()), created: None, first_used: None }
    }

    fn actor(&self, id: ActorId) -> Option<ActorInfo> {
        let name = match id {
            MAIN => "main",
            FETCH => "fetch",
            STORE => "store",
            _ => "worker",
        };
        Some(ActorInfo { name: Some(name.to_owned()), ..ActorInfo::default() })
    }
}

impl Spans for Names {
    fn span(&self, _: u64) -> Option<SpanInfo> {
        Some(SpanInfo { name: String::from("transfer"), fields: vec![(String::from("amount"), String::from("7"))] })
    }
}

fn event(at: u64, actor: ActorId, op: Op, object: u64) -> Event {
    Event { at, actor, op, object, place: PlaceId(at / 1_000) }
}

/// Starts a thread, hands it a lock, notifies it, and then deadlocks with it.
fn events() -> Vec<Event> {
    vec![
        event(1_000, MAIN, Op::Start, 0),
        event(2_000, MAIN, Op::Spawn, Event::operand(WORKER)),
        event(3_000, WORKER, Op::Start, 0),
        event(4_000, MAIN, Op::Enter, 1),
        event(5_000, MAIN, Op::Lock, ACCOUNTS.0),
        event(6_000, WORKER, Op::Wait, ACCOUNTS.0),
        event(7_000, MAIN, Op::Unlock, ACCOUNTS.0),
        event(7_500, WORKER, Op::WaitEnd, ACCOUNTS.0),
        event(7_600, WORKER, Op::Lock, ACCOUNTS.0),
        event(8_000, WORKER, Op::Unlock, ACCOUNTS.0),
        event(8_100, WORKER, Op::Wait, READY.0),
        event(9_000, MAIN, Op::NotifyOne, READY.0),
        event(9_000, MAIN, Op::Exit, 1),
        event(9_100, WORKER, Op::WaitEnd, READY.0),
        event(9_200, WORKER, Op::Lock, ACCOUNTS.0),
        event(10_000, MAIN, Op::Lock, LOG.0),
        event(11_000, MAIN, Op::Wait, ACCOUNTS.0),
        event(12_000, WORKER, Op::Wait, LOG.0),
    ]
}

/// A trace of a program that is killed while it is stuck: nobody finishes the file.
fn stuck(path: &Path) {
    let start = Start::this_process();
    let mut writer = Writer::create(path, &start).unwrap();
    for batch in events().chunks(3) {
        writer.batch(batch, &Names, &Names).unwrap();
        writer.flush().unwrap();
    }
    writer.lost(&Loss { actor: WORKER, count: 3, since: 12_000, until: 13_000 }, &Names, &Names).unwrap();
    writer.flush().unwrap();
}

/// What the UI shows of a trace, and the rows of the queries.
fn shown(trace: &Path, queries: &[&str]) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let installed = root.join(".viewers/perfetto").is_dir() && root.join(".viewers/node_modules").is_dir();
    assert!(installed, "the viewer is not installed: run `tests/viewer/install.sh` (it installs into `.viewers/`)");
    let output = Command::new("node").arg(root.join("tests/viewer/perfetto.mjs")).arg(trace).args(queries).output();
    let output = output.expect("node runs: `tests/viewer/install.sh` installs it");
    assert!(output.status.success(), "{}: {}", trace.display(), String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("viewer");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn check(trace: &Path) {
    let shown = shown(trace, &[SLICES, HOLDS, ARROWS, WAITERS, REPORTS]);
    assert_eq!(shown["errors"], json!([]), "nothing is dropped or left unbound");

    let tracks: Vec<_> = shown["tracks"].as_array().unwrap().iter().map(|track| track[1].as_str().unwrap()).collect();
    let main = format!("main {}", std::process::id());
    for track in [&main, "worker 1", "Mutex `accounts`", "Mutex `log`", "Mutex `accounts` waiters"] {
        assert!(tracks.contains(&track), "{track} is missing among {tracks:?}");
    }
    let of = |name: &str| tracks.iter().position(|track| *track == name);
    assert!(of(&main) < of("worker 1"), "the main thread comes first: {tracks:?}");

    let [slices, holds, arrows, waiters, reports] = &shown["rows"].as_array().unwrap()[..] else { panic!("{shown}") };
    let slice = |thread: &str, name: &str, ts: u64, dur: i64, outcome: Value| json!({ "thread": thread, "name": name, "ts": ts, "dur": dur, "outcome": outcome });
    assert_eq!(
        slices,
        &json!([
            slice("main", "transfer", 4_000, 5_000, Value::Null),
            slice("worker", "wait Mutex `accounts`", 6_000, 1_500, json!("acquired")),
            slice("worker", "wait Condvar `ready`", 8_100, 1_000, json!("notified")),
            slice("main", "wait Mutex `accounts`", 11_000, -1, Value::Null),
            slice("worker", "wait Mutex `log`", 12_000, -1, Value::Null),
        ])
    );
    let hold = |name: &str, ts: u64, dur: i64, thread: &str, outcome: Value| json!({ "name": name, "ts": ts, "dur": dur, "thread": thread, "outcome": outcome });
    assert_eq!(
        holds,
        &json!([
            hold("Mutex `accounts`", 5_000, 2_000, "main", json!("released")),
            hold("Mutex `accounts`", 7_600, 400, "worker", json!("released")),
            hold("Mutex `accounts`", 9_200, -1, "worker", Value::Null),
            hold("Mutex `log`", 10_000, -1, "main", Value::Null),
        ])
    );
    let arrow = |source: &str, left: u64, target: &str, reached: u64| json!({ "source": source, "by": "main", "left": left, "target": target, "to_whom": "worker", "reached": reached });
    assert_eq!(
        arrows,
        &json!([
            arrow("spawn", 2_000, "start", 3_000),
            arrow("unlock", 7_000, "acquired", 7_600),
            arrow("wakes", 9_000, "notified", 9_100),
        ])
    );
    let waiting = |ts: u64, value: u64| json!({ "ts": ts, "value": value });
    assert_eq!(waiters, &json!([waiting(6_000, 1), waiting(7_500, 0), waiting(11_000, 1)]));
    assert_eq!(reports, &json!([{ "ts": 13_000, "name": "lost 3 operations", "count": 3 }]));
}

#[test]
fn perfetto_shows_threads_waits_holds_and_arrows_of_a_program_that_was_killed() {
    let trace = folder().join("stuck.json");
    stuck(&trace);
    check(&trace);
}

#[test]
fn perfetto_shows_the_same_of_a_packed_trace() {
    let trace = folder().join("stuck.json.gz");
    stuck(&trace);
    check(&trace);
}

#[test]
fn perfetto_opens_a_trace_cut_at_any_flush() {
    let path = folder().join("cut.json.gz");
    let mut writer = Writer::create(&path, &Start::this_process()).unwrap();
    let cut = folder().join("cut-here.json.gz");
    for (index, batch) in events().chunks(6).enumerate() {
        writer.batch(batch, &Names, &Names).unwrap();
        writer.flush().unwrap();
        std::fs::copy(&path, &cut).unwrap();
        let shown = shown(&cut, &["select count(*) as starts from slice where name = 'start'"]);
        assert_eq!((&shown["errors"], &shown["rows"][0][0]["starts"]), (&json!([]), &json!(2)), "after batch {index}");
    }
    writer.finish(&Names, &Names).unwrap();
    assert_eq!(shown(&path, &[])["errors"], json!([]));
}

/// The README's main job: a real program that deadlocks and leaves its trace.
#[test]
fn perfetto_shows_the_bank_that_deadlocked() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let status = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--example", "bank", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .args(["--", "--wrong-order"])
        .current_dir(folder())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(1), "the bank is told its deadlock, and ends");
    let shown = shown(
        &folder().join("bank-trace.json"),
        &[
            "select name from slice where category = 'report' and name like 'deadlock (happened)%'",
            "select count(*) as waits from slice where category = 'lock.wait' and dur = -1 and name like 'wait Mutex%'",
            "select count(*) as holds from slice where category = 'lock.hold' and dur >= 0",
            "select count(*) as arrows from flow",
            "select count(distinct thread.utid) as threads from thread_track join thread using (utid)
             join slice on slice.track_id = thread_track.id",
        ],
    );
    let rows = &shown["rows"];
    let count = |index: usize, name: &str| rows[index][0][name].as_i64().unwrap();
    assert_eq!(shown["errors"], json!([]), "nothing is dropped or left unbound");
    assert_eq!(rows[0].as_array().unwrap().len(), 1, "the report stands where it happened: {rows}");
    assert!(count(1, "waits") >= 2, "the stuck waits are open: {rows}");
    assert!(count(2, "holds") > 100, "the transfers before it are there: {rows}");
    assert!(count(3, "arrows") >= 1, "releases point to what they allowed: {rows}");
    assert!(count(4, "threads") >= 3, "each thread has its track: {rows}");
}

/// Two tasks and the threads that poll them: one waits for a lock, and is woken by the other.
#[test]
fn perfetto_shows_a_track_for_each_task_and_who_woke_it() {
    let of = |at, thread, op, task| event(at, thread, op, Event::operand(task));
    let events = [
        event(1_000, MAIN, Op::Start, 0),
        event(1_500, WORKER, Op::Start, 0),
        of(2_000, MAIN, Op::Spawn, FETCH),
        of(3_000, MAIN, Op::Spawn, STORE),
        of(4_000, WORKER, Op::Poll, STORE),
        event(5_000, WORKER, Op::Lock, ACCOUNTS.0),
        of(6_000, MAIN, Op::Poll, FETCH),
        event(7_000, MAIN, Op::Await, ACCOUNTS.0),
        of(8_000, MAIN, Op::Pending, FETCH),
        event(9_000, WORKER, Op::Unlock, ACCOUNTS.0),
        of(10_000, WORKER, Op::Wake, FETCH),
        of(11_000, WORKER, Op::Done, STORE),
        of(12_000, MAIN, Op::Poll, FETCH),
        // Drawn once its thread has done something since: its name might have come.
        event(13_000, MAIN, Op::Await, ACCOUNTS.0),
    ];
    let path = folder().join("tasks.json");
    let mut writer = Writer::create(&path, &Start::this_process()).unwrap();
    writer.batch(&events, &Names, &Names).unwrap();
    writer.flush().unwrap();

    let phases = "
        select track.name as track, slice.name as name, ts, dur, depth from slice join track on slice.track_id = track.id
        where category = 'task' order by track, ts, depth";
    let polls = "
        select thread.name as thread, slice.name as name, slice.ts as ts, slice.dur as dur from slice
        join thread_track on slice.track_id = thread_track.id join thread using (utid)
        where category = 'task.poll' order by ts";
    let shown = shown(&path, &[phases, polls, ARROWS]);
    assert_eq!(shown["errors"], json!([]), "nothing is dropped or left unbound");
    let (fetch, store) = ("task `fetch`", "task `store`");
    let phase = |track: &str, name: &str, ts: u64, dur: i64| {
        let depth = u8::from(track != name);
        json!({ "track": track, "name": name, "ts": ts, "dur": dur, "depth": depth })
    };
    let [phases, polls, arrows] = &shown["rows"].as_array().unwrap()[..] else { panic!("{shown}") };
    assert_eq!(
        phases,
        &json!([
            phase(fetch, fetch, 2_000, -1),
            phase(fetch, "scheduled", 2_000, 4_000),
            phase(fetch, "running", 6_000, 2_000),
            phase(fetch, "awaits Mutex `accounts`", 8_000, 2_000),
            phase(fetch, "scheduled", 10_000, 2_000),
            phase(fetch, "running", 12_000, -1),
            phase(store, store, 3_000, 8_000),
            phase(store, "scheduled", 3_000, 1_000),
            phase(store, "running", 4_000, 7_000),
        ])
    );
    let poll =
        |thread: &str, name: &str, ts: u64, dur: i64| json!({ "thread": thread, "name": name, "ts": ts, "dur": dur });
    assert_eq!(
        polls,
        &json!([
            poll("worker", store, 4_000, 7_000),
            poll("main", fetch, 6_000, 2_000),
            poll("main", fetch, 12_000, -1)
        ])
    );
    let arrow = |source: &str, (by, left): (&str, u64), target: &str, (to_whom, reached): (&str, u64)| json!({ "source": source, "by": by, "left": left, "target": target, "to_whom": to_whom, "reached": reached });
    assert_eq!(
        arrows,
        &json!([
            arrow("spawns task `fetch`", ("main", 2_000), fetch, ("main", 6_000)),
            arrow("spawns task `store`", ("main", 3_000), store, ("worker", 4_000)),
            arrow("wakes task `fetch`", ("worker", 10_000), fetch, ("main", 12_000)),
        ])
    );
}

#[test]
fn perfetto_shows_what_is_whole_of_a_trace_cut_within_an_event() {
    let path = folder().join("torn.json");
    stuck(&path);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &text[..text.rfind("cat").unwrap()]).unwrap();
    let shown = shown(&path, &["select count(*) as waits from slice where category = 'lock.wait'"]);
    assert_eq!(shown["rows"][0][0]["waits"], 4);
}

#[test]
fn what_is_no_trace_fails() {
    let path = folder().join("broken.json");
    std::fs::write(&path, "no trace").unwrap();
    let caught = std::panic::catch_unwind(|| shown(&path, &[])).expect_err("the UI must refuse it");
    let message = caught.downcast_ref::<String>().unwrap();
    assert!(message.contains("the UI refuses the trace"), "{message}");
}
