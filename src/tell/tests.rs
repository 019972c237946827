//! The texts of every kind of finding, as a person gets them.

use super::{Details, Style, compose, json_line, render};
use crate::{
    model::{
        Actor, ActorId, ActorInfo, Because, Certainty, Channel, End, Event, Finding, Handle, Handlers, Hold, Kind,
        Mode, Nanos, ObjectId, ObjectInfo, On, Op, Orphan, Place, PlaceId, Rule, ScopeId, Sleep, Snapshot, Step,
        Strangers, User, Wait, World,
    },
    report::{Frame, Report},
};
use insta::assert_snapshot;

mod size;
mod tasks;

const NOW: Nanos = 2_345_678_901;
const MS: Nanos = 1_000_000;

const MAIN: ActorId = thread(0);
const ALICE: ActorId = thread(1);
const BOB: ActorId = thread(2);
const CAROL: ActorId = thread(3);
const DAVE: ActorId = thread(4);
const UNNAMED: ActorId = thread(9);
const WORKER: ActorId = thread(11);
const TWIN: ActorId = thread(12);

const LEFT: ObjectId = ObjectId::new(Kind::Mutex, 0, 1);
const RIGHT: ObjectId = ObjectId::new(Kind::Mutex, 0, 2);
const THIRD: ObjectId = ObjectId::new(Kind::Mutex, 0, 3);
const CONFIG: ObjectId = ObjectId::new(Kind::RwLock, 0, 4);
const READY: ObjectId = ObjectId::new(Kind::Condvar, 0, 5);
const START: ObjectId = ObjectId::new(Kind::Barrier, 0, 6);
const TABLE: ObjectId = ObjectId::new(Kind::OnceLock, 0, 7);
const INDEX: ObjectId = ObjectId::new(Kind::LazyLock, 0, 8);
const SETUP: ObjectId = ObjectId::new(Kind::Once, 0, 9);
const JOBS: ObjectId = ObjectId::new(Kind::Channel, 0, 10);
const REPLIES: ObjectId = ObjectId::new(Kind::Channel, 0, 11);

/// Of `parking_lot`: where it was made is not known.
const LOT: ObjectId = ObjectId::new(Kind::RwLock, 0, 60);

const fn thread(index: u32) -> ActorId {
    ActorId { index, generation: 0 }
}

/// One of many locks without a name, made at one place.
const fn fork(number: u64) -> ObjectId {
    ObjectId::new(Kind::Mutex, 0, 50 + number)
}

/// Column 9 of a line of the main file.
const fn line(line: u64) -> PlaceId {
    PlaceId(line * 1000 + 9)
}

struct Town;

fn main_rs(line: u32, column: u32) -> Place {
    Place { file: "src/main.rs".into(), line, column }
}

impl World for Town {
    fn place(&self, id: PlaceId) -> Option<Place> {
        Some(main_rs((id.0 / 1000) as u32, (id.0 % 1000) as u32))
    }

    fn object(&self, id: ObjectId) -> ObjectInfo {
        let names =
            ["left", "right", "third", "config", "ready", "start", "table", "index", "setup", "jobs", "replies", ""];
        let name = names.get(id.serial() as usize - 1).map(|name| name.to_string());
        let line = if name.is_some() { 100 + id.serial() as u32 } else { 7 };
        let place = Some(main_rs(line, 20));
        let (created, first_used) = if id == LOT { (None, place) } else { (place, None) };
        ObjectInfo { kind: id.kind(), name, created, first_used }
    }

    /// One that was taken there.
    fn keeper(&self, hold: &Hold) -> Option<ActorId> {
        (hold.place == line(99)).then_some(ActorId::task(1, 1))
    }

    fn actor(&self, id: ActorId) -> Option<ActorInfo> {
        let names = ["main", "alice", "bob", "carol", "dave"];
        let name = match id {
            WORKER | TWIN => Some("worker"),
            id if id.is_task() => ["asks", "gives", "picks", ""].get(id.number() as usize).copied(),
            id => names.get(id.index as usize).copied(),
        };
        Some(ActorInfo {
            name: name.map(str::to_string),
            spawned: (id != MAIN).then(|| main_rs(30, 9)),
            parent: (id != MAIN).then_some(MAIN),
            daemon: id == DAVE,
            os_id: Some(4000 + u64::from(id.index)),
        })
    }
}

struct NoDetails;

impl Details for NoDetails {}

/// A recorder that knows everything of everybody.
struct AllDetails;

impl Details for AllDetails {
    fn spans(&self, actor: ActorId) -> Vec<String> {
        vec!["request{id=7}".into(), format!("transfer{{actor={}}}", actor.index)]
    }

    fn span(&self, number: u64) -> Option<String> {
        (number == 3).then(|| "transfer".into())
    }

    fn recent(&self, actor: ActorId) -> Vec<Event> {
        let event = |op, object, at, place| Event { at: NOW - at * MS, actor, op, object, place };
        vec![
            event(Op::Start, 0, 1300, PlaceId::UNKNOWN),
            event(Op::Enter, 3, 1290, PlaceId::UNKNOWN),
            event(Op::Spawn, Event::operand(BOB), 1290, line(12)),
            event(Op::Lock, LEFT.0, 1240, line(14)),
            event(Op::Read, CONFIG.0, 1230, line(15)),
            event(Op::Unlock, CONFIG.0, 1220, PlaceId::UNKNOWN),
            event(Op::Wait, RIGHT.0, 0, line(16)),
        ]
    }

    fn lost(&self, _: ActorId) -> u64 {
        2
    }

    fn stack(&self, _: ActorId, _: Option<&Wait>) -> Vec<u64> {
        vec![0x55d0_c0ff_ee00, 0x55d0_c0ff_ef10]
    }

    fn hold_stack(&self, _: ActorId, index: usize, _: &Hold) -> Vec<u64> {
        if index == 0 { vec![0x55d0_c0ff_aa00] } else { Vec::new() }
    }
}

fn held(object: ObjectId, mode: Mode, place: PlaceId, ms: Nanos) -> Hold {
    Hold { object, mode, place, since: NOW - ms * MS, moves: false, granted: false }
}

fn locked(object: ObjectId, place: PlaceId) -> Hold {
    held(object, Mode::Exclusive, place, 1240)
}

fn wait(on: On, place: PlaceId) -> Wait {
    Wait { on, place, since: NOW - 1130 * MS, timed: false }
}

fn wants(object: ObjectId, place: PlaceId) -> Wait {
    wait(On::Object { object, mode: Mode::Exclusive }, place)
}

fn reads(object: ObjectId, place: PlaceId) -> Wait {
    wait(On::Object { object, mode: Mode::Shared }, place)
}

fn initialises(object: ObjectId, place: PlaceId) -> Wait {
    wait(On::Object { object, mode: Mode::Init }, place)
}

fn by(actor: ActorId, hold: Hold) -> Because {
    Because::HeldBy { actor, hold }
}

fn step(actor: ActorId, wait: Wait, because: Because) -> Step {
    Step { actor, sequence: 1, wait: Some(wait), because }
}

/// A finding and what was held.
struct Case {
    finding: Finding,
    snapshot: Snapshot,
}

impl Case {
    fn new(rule: Rule, steps: Vec<Step>, holds: &[(ActorId, Hold)]) -> Case {
        let (strangers, handlers) = (Strangers::None, Handlers::None);
        let mut snapshot = Snapshot { at: NOW, strangers, handlers, ..Snapshot::default() };
        for step in &steps {
            snapshot.actors.push(alive(step.actor, step.wait));
        }
        for (owner, hold) in holds {
            match snapshot.actors.iter_mut().find(|actor| actor.id == *owner) {
                Some(actor) => actor.held.push(*hold),
                None => snapshot.orphans.push(Orphan { hold: *hold, owner: *owner, gone: true }),
            }
        }
        let finding = Finding { rule, certainty: Certainty::Happened, steps, victims: Vec::new(), strangers: None };
        Case { finding, snapshot }
    }

    fn report(&self, details: &dyn Details) -> Report {
        compose(1, &self.finding, &self.snapshot, &Town, details)
    }

    fn text(&self) -> String {
        self.report(&NoDetails).to_string()
    }
}

fn alive(id: ActorId, wait: Option<Wait>) -> Actor {
    Actor {
        id,
        sequence: 1,
        scope: None,
        occupies: None,
        daemon: false,
        foreign: false,
        held: Vec::new(),
        wait,
        also: Vec::new(),
        stirs: false,
        abortable: false,
        sleep: Sleep::Unknown,
    }
}

fn cycle(steps: Vec<Step>, holds: &[(ActorId, Hold)]) -> Case {
    Case::new(Rule::WaitCycle, steps, holds)
}

fn standstill(steps: Vec<Step>, holds: &[(ActorId, Hold)]) -> Case {
    Case::new(Rule::Standstill, steps, holds)
}

fn ab_ba_case() -> Case {
    let (left, right) = (locked(LEFT, line(14)), locked(RIGHT, line(22)));
    cycle(
        vec![step(ALICE, wants(RIGHT, line(16)), by(BOB, right)), step(BOB, wants(LEFT, line(24)), by(ALICE, left))],
        &[(ALICE, left), (BOB, right)],
    )
}

/// Two locks, two orders; nothing known but names.
pub(super) fn ab_ba() -> Report {
    ab_ba_case().report(&NoDetails)
}

/// Every field has something in it.
pub(super) fn full() -> Report {
    let mut case = ab_ba_case();
    case.finding.victims = vec![CAROL, UNNAMED];
    case.finding.certainty = Certainty::Possible;
    case.finding.strangers = Some(2);
    let mut report = case.report(&AllDetails);
    for thread in &mut report.threads {
        thread.stack = vec![
            Frame { address: 0x55d0_c0ff_ee00, function: Some("bank::transfer".into()), place: Some(main_rs(16, 9)) },
            Frame {
                address: 0x55d0_c0ff_ef10,
                function: Some("bank::main::{{closure}}".into()),
                place: Some(main_rs(31, 0)),
            },
        ];
    }
    report
}

#[test]
fn two_threads_take_two_locks_in_opposite_orders() {
    assert_snapshot!(ab_ba().to_string());
}

#[test]
fn everything_that_can_be_known_is_told() {
    assert_snapshot!(full().to_string());
}

/// A recorder of threads that did nothing but sleep.
struct Sleepers;

impl Details for Sleepers {
    fn recent(&self, actor: ActorId) -> Vec<Event> {
        let event = |op, at| Event { at: NOW - at * MS, actor, op, object: Event::TIME, place: line(15) };
        vec![event(Op::Wait, 30), event(Op::WaitEnd, 20), event(Op::Wait, 20), event(Op::TimedOut, 10)]
    }
}

#[test]
fn a_sleep_is_called_one() {
    let report = ab_ba_case().report(&Sleepers);
    let words: Vec<&str> = report.threads[0].recent.iter().map(|operation| operation.what.as_str()).collect();
    assert_eq!(words, ["began to sleep", "slept", "began to sleep", "slept"]);
}

#[test]
fn on_a_terminal_it_has_colors() {
    let colored = render(&full(), Style { color: true, ..Style::default() });
    assert_snapshot!(colored.replace('\x1b', "ESC"));
    let mut plain = colored;
    for code in ["1;31", "1;32", "1", "36", "2", "0"] {
        plain = plain.replace(&format!("\x1b[{code}m"), "");
    }
    assert_eq!(plain, full().to_string(), "colors change nothing else");
}

#[test]
fn sentences_fit_the_width() {
    let narrow = render(&ab_ba(), Style { color: false, width: 60 });
    let sentences = narrow.lines().filter(|line| line.starts_with("  Thread"));
    assert!(sentences.clone().count() > 2 && sentences.into_iter().all(|line| line.chars().count() <= 60), "{narrow}");
}

#[test]
fn as_json() {
    let value: serde_json::Value = serde_json::from_str(&json_line(&full())).expect("json");
    assert_snapshot!(serde_json::to_string_pretty(&value).expect("json"));
}

#[test]
fn one_mutex_locked_twice() {
    let hold = held(LEFT, Mode::Exclusive, line(14), 0);
    let case = cycle(vec![step(MAIN, wants(LEFT, line(16)), by(MAIN, hold))], &[(MAIN, hold)]);
    assert_snapshot!(case.text());
}

#[test]
fn read_then_write() {
    let hold = held(CONFIG, Mode::Shared, line(14), 1240);
    let case = cycle(vec![step(MAIN, wants(CONFIG, line(16)), by(MAIN, hold))], &[(MAIN, hold)]);
    assert_snapshot!(case.text());
}

#[test]
fn write_then_read() {
    let hold = held(CONFIG, Mode::Exclusive, line(14), 1240);
    let case = cycle(vec![step(MAIN, reads(CONFIG, line(16)), by(MAIN, hold))], &[(MAIN, hold)]);
    assert_snapshot!(case.text());
}

#[test]
fn a_second_read_behind_a_queued_writer() {
    let hold = held(CONFIG, Mode::Shared, line(14), 1240);
    let steps = vec![
        step(ALICE, reads(CONFIG, line(18)), Because::QueuedBehind { actor: BOB }),
        step(BOB, wants(CONFIG, line(40)), by(ALICE, hold)),
    ];
    assert_snapshot!(cycle(steps, &[(ALICE, hold)]).text());
}

fn upgrades(object: ObjectId, place: PlaceId) -> Wait {
    wait(On::Object { object, mode: Mode::Upgrade }, place)
}

#[test]
fn an_upgrade_over_an_own_read() {
    let (read, upgradable) =
        (held(CONFIG, Mode::Shared, line(14), 1240), held(CONFIG, Mode::Upgradable, line(15), 1240));
    let steps = vec![step(MAIN, upgrades(CONFIG, line(16)), by(MAIN, read))];
    assert_snapshot!(cycle(steps, &[(MAIN, read), (MAIN, upgradable)]).text());
}

#[test]
fn an_upgradable_read_and_a_write() {
    let hold = held(CONFIG, Mode::Upgradable, line(14), 1240);
    let case = cycle(vec![step(MAIN, wants(CONFIG, line(16)), by(MAIN, hold))], &[(MAIN, hold)]);
    assert_snapshot!(case.text());
}

#[test]
fn an_upgrade_over_a_reader_that_waits() {
    let (read, upgradable) = (held(LOT, Mode::Shared, line(30), 1240), held(LOT, Mode::Upgradable, line(15), 1240));
    let state = locked(LEFT, line(14));
    let steps =
        vec![step(ALICE, upgrades(LOT, line(16)), by(BOB, read)), step(BOB, wants(LEFT, line(31)), by(ALICE, state))];
    assert_snapshot!(cycle(steps, &[(ALICE, state), (ALICE, upgradable), (BOB, read)]).text());
}

/// Whoever has the guards now might still drop them.
#[test]
fn guards_that_may_be_elsewhere() {
    let sent = |object, place| Hold { moves: true, ..locked(object, place) };
    let (left, right) = (sent(LEFT, line(14)), sent(RIGHT, line(22)));
    let steps =
        vec![step(ALICE, wants(RIGHT, line(16)), by(BOB, right)), step(BOB, wants(LEFT, line(24)), by(ALICE, left))];
    let mut case = cycle(steps, &[(ALICE, left), (BOB, right)]);
    case.finding.certainty = Certainty::Possible;
    assert_snapshot!(case.text());
}

#[test]
fn a_lock_held_across_join() {
    let hold = locked(LEFT, line(14));
    let steps = vec![
        step(MAIN, wait(On::Actor(ALICE), line(20)), Because::EndOf { actor: ALICE }),
        step(ALICE, wants(LEFT, line(31)), by(MAIN, hold)),
    ];
    assert_snapshot!(cycle(steps, &[(MAIN, hold)]).text());
}

#[test]
fn a_lock_held_across_the_end_of_a_scope() {
    let hold = locked(LEFT, line(14));
    let steps = vec![
        step(MAIN, wait(On::Scope(ScopeId(1)), line(12)), Because::EndOf { actor: UNNAMED }),
        step(UNNAMED, wants(LEFT, line(31)), by(MAIN, hold)),
    ];
    assert_snapshot!(cycle(steps, &[(MAIN, hold)]).text());
}

#[test]
fn a_lock_held_across_the_end_of_main() {
    let hold = locked(LEFT, line(14));
    let steps = vec![
        step(MAIN, wait(On::NonDaemons, line(20)), Because::EndOf { actor: ALICE }),
        step(ALICE, wants(LEFT, line(31)), by(MAIN, hold)),
    ];
    assert_snapshot!(cycle(steps, &[(MAIN, hold)]).text());
}

#[test]
fn a_thread_that_joins_itself() {
    let steps = vec![step(ALICE, wait(On::Actor(ALICE), line(20)), Because::EndOf { actor: ALICE })];
    assert_snapshot!(cycle(steps, &[]).text());
}

#[test]
fn two_threads_that_join_each_other() {
    let steps = vec![
        step(ALICE, wait(On::Actor(BOB), line(20)), Because::EndOf { actor: BOB }),
        step(BOB, wait(On::Actor(ALICE), line(28)), Because::EndOf { actor: ALICE }),
    ];
    assert_snapshot!(cycle(steps, &[]).text());
}

#[test]
fn three_locks_in_a_circle() {
    let (left, right, third) = (locked(LEFT, line(14)), locked(RIGHT, line(22)), locked(THIRD, line(32)));
    let steps = vec![
        step(ALICE, wants(RIGHT, line(16)), by(BOB, right)),
        step(BOB, wants(THIRD, line(24)), by(CAROL, third)),
        step(CAROL, wants(LEFT, line(34)), by(ALICE, left)),
    ];
    assert_snapshot!(cycle(steps, &[(ALICE, left), (BOB, right), (CAROL, third)]).text());
}

fn philosophers(count: u32) -> Case {
    let taken = |seat: u32| locked(fork(u64::from(seat % count)), line(21));
    let sit = |seat: u32| thread(20 + seat % count);
    let steps = (0..count).map(|seat| {
        step(sit(seat), wants(fork(u64::from((seat + 1) % count)), line(22)), by(sit(seat + 1), taken(seat + 1)))
    });
    let holds: Vec<_> = (0..count).map(|seat| (sit(seat), taken(seat))).collect();
    cycle(steps.collect(), &holds)
}

#[test]
fn five_philosophers() {
    assert_snapshot!(philosophers(5).text());
}

#[test]
fn a_hundred_philosophers_fit_a_screen_or_two() {
    let text = philosophers(100).text();
    assert!(text.lines().count() < 200, "{}", text.lines().count());
    assert!(text.contains("... 85 more threads ..."), "{text}");
}

#[test]
fn equal_places_have_equal_fingerprints() {
    let of = |case: &Case| case.report(&NoDetails).fingerprint;
    assert_eq!(of(&philosophers(5)), of(&philosophers(6)));
    let mut turned = ab_ba_case();
    turned.finding.steps.rotate_left(1);
    assert_eq!(of(&turned), ab_ba().fingerprint);
    assert_ne!(of(&philosophers(5)), ab_ba().fingerprint);
}

#[test]
fn equal_names_are_told_apart() {
    let (left, right) = (locked(LEFT, line(14)), locked(RIGHT, line(22)));
    let steps = vec![
        step(WORKER, wants(RIGHT, line(16)), by(TWIN, right)),
        step(TWIN, wants(LEFT, line(24)), by(WORKER, left)),
    ];
    let report = cycle(steps, &[(WORKER, left), (TWIN, right)]).report(&NoDetails);
    assert_eq!(report.threads[0].label, "thread `worker` #11");
    assert_eq!(report.threads[1].label, "thread `worker` #12");
}

#[test]
fn an_initialiser_that_needs_its_own_cell() {
    let hold = held(TABLE, Mode::Init, line(14), 1240);
    let case = cycle(vec![step(MAIN, initialises(TABLE, line(16)), by(MAIN, hold))], &[(MAIN, hold)]);
    assert_snapshot!(case.text());
}

#[test]
fn two_initialisers_that_need_each_other() {
    let (index, setup) = (held(INDEX, Mode::Init, line(14), 1240), held(SETUP, Mode::Init, line(22), 1240));
    let steps = vec![
        step(ALICE, initialises(SETUP, line(16)), by(BOB, setup)),
        step(BOB, wait(On::Lazy { object: INDEX }, line(24)), by(ALICE, index)),
    ];
    assert_snapshot!(cycle(steps, &[(ALICE, index), (BOB, setup)]).text());
}

#[test]
fn an_initialiser_that_needs_a_lock() {
    let (lock, init) = (locked(LEFT, line(14)), held(TABLE, Mode::Init, line(22), 1240));
    let steps = vec![
        step(ALICE, initialises(TABLE, line(16)), by(BOB, init)),
        step(BOB, wants(LEFT, line(24)), by(ALICE, lock)),
    ];
    assert_snapshot!(cycle(steps, &[(ALICE, lock), (BOB, init)]).text());
}

#[test]
fn a_guard_that_was_leaked() {
    let leaked = locked(LEFT, line(14));
    let steps = vec![
        step(MAIN, wait(On::Actor(BOB), line(40)), Because::EndOf { actor: BOB }),
        step(BOB, wants(LEFT, line(24)), Because::LeakedBy { actor: ALICE, hold: leaked }),
    ];
    assert_snapshot!(cycle(steps, &[(ALICE, leaked)]).text());
}

#[test]
fn a_lock_held_across_a_barrier() {
    let hold = locked(LEFT, line(14));
    let arrivals = wait(On::Arrivals { barrier: START, quorum: 2 }, line(15));
    let steps = vec![
        step(ALICE, arrivals, Because::NobodyLeft),
        step(BOB, wants(LEFT, line(24)), by(ALICE, hold)),
        step(MAIN, wait(On::Actor(ALICE), line(40)), Because::EndOf { actor: ALICE }),
    ];
    assert_snapshot!(standstill(steps, &[(ALICE, hold)]).text());
}

#[test]
fn a_barrier_for_too_many() {
    let arrivals = wait(On::Arrivals { barrier: START, quorum: 4 }, line(15));
    let steps = vec![
        step(ALICE, arrivals, Because::NobodyLeft),
        step(BOB, arrivals, Because::NobodyLeft),
        step(MAIN, wait(On::Actor(ALICE), line(40)), Because::EndOf { actor: ALICE }),
    ];
    assert_snapshot!(standstill(steps, &[]).text());
}

#[test]
fn a_nested_monitor() {
    let outer = locked(LEFT, line(14));
    let notify = wait(On::Notify { condvar: READY, mutex: Some(RIGHT) }, line(17));
    let steps = vec![
        step(MAIN, wait(On::Actor(ALICE), line(40)), Because::EndOf { actor: ALICE }),
        step(ALICE, wants(LEFT, line(31)), by(BOB, outer)),
        step(BOB, notify, Because::NobodyLeft),
    ];
    assert_snapshot!(standstill(steps, &[(BOB, outer)]).text());
}

#[test]
fn a_lost_wake_up() {
    let notify = wait(On::Notify { condvar: READY, mutex: Some(RIGHT) }, line(17));
    let mut case = standstill(vec![step(MAIN, notify, Because::NobodyLeft)], &[]);
    assert_snapshot!(case.text());
    case.finding.certainty = Certainty::Possible;
    let doubt = |case: &Case| case.report(&NoDetails).doubt.expect("a doubt");
    assert!(doubt(&case).starts_with("The operating system does not say whether"));
    case.finding.strangers = Some(1);
    assert!(doubt(&case).starts_with("This process has 1 thread that gordian has never seen"));
    assert!(doubt(&case).ends_with("it might still end this. Not certain for that reason only."));
    case.finding.strangers = None;
    case.snapshot.handlers = Handlers::Some;
    assert_eq!(
        doubt(&case),
        "The program handles signals: a handler might still wake one of these threads. Not certain for that reason only."
    );
    case.snapshot.callbacks = 1;
    assert_eq!(
        doubt(&case),
        "The program's callback for reports has not returned: it might still wake one of these threads. The program \
         handles signals: a handler might still wake one of these threads. Not certain for these reasons only."
    );
}

#[test]
fn a_notified_thread_that_cannot_have_its_mutex_back() {
    let hold = locked(RIGHT, line(24));
    let notify = wait(On::Notify { condvar: READY, mutex: Some(RIGHT) }, line(17));
    let steps = vec![
        step(ALICE, notify, by(BOB, hold)),
        step(BOB, wait(On::Actor(ALICE), line(26)), Because::EndOf { actor: ALICE }),
    ];
    assert_snapshot!(cycle(steps, &[(BOB, hold)]).text());
}

#[test]
fn a_park_without_an_unpark() {
    let steps = vec![
        step(MAIN, wait(On::Actor(UNNAMED), line(40)), Because::EndOf { actor: UNNAMED }),
        step(UNNAMED, wait(On::Unpark, line(17)), Because::NobodyLeft),
    ];
    assert_snapshot!(standstill(steps, &[]).text());
}

#[test]
fn a_long_hold() {
    let hold = held(LEFT, Mode::Exclusive, line(14), 2_300);
    let long = Step { actor: ALICE, sequence: 0, wait: None, because: by(ALICE, hold) };
    let mut case = Case::new(Rule::LongHold, vec![long], &[(ALICE, hold)]);
    let alone = case.text();
    case.snapshot.actors.push(alive(BOB, Some(wants(LEFT, line(24)))));
    case.snapshot.actors[0].wait = Some(wait(On::Time, line(15)));
    assert_snapshot!(format!("{alone}\n{}", case.text()));
}

#[test]
fn a_long_wait() {
    let hold = held(CONFIG, Mode::Shared, line(14), 2_300);
    let long = step(BOB, wants(CONFIG, line(24)), Because::NotYet);
    let mut case = Case::new(Rule::LongWait, vec![long], &[]);
    let mut holder = alive(ALICE, None);
    holder.held.push(hold);
    case.snapshot.actors.push(holder);
    let notify = wait(On::Notify { condvar: READY, mutex: None }, line(17));
    let condvar = Case::new(Rule::LongWait, vec![step(BOB, notify, Because::NotYet)], &[]);
    assert_snapshot!(format!("{}\n{}", case.text(), condvar.text()));
}

// ---- channels ----

fn handle(end: End, made: u64, user: User) -> Handle {
    Handle { end, made: line(made), maker: MAIN, user }
}

impl Case {
    fn with(mut self, object: ObjectId, handles: Vec<Handle>) -> Case {
        self.snapshot.channels.push(Channel { object, handles });
        self
    }
}

#[test]
fn a_sender_that_was_forgotten() {
    let step = step(MAIN, wait(On::Message { channel: JOBS }, line(40)), Because::NobodyLeft);
    let senders = vec![
        handle(End::Sender, 10, User::Nobody),
        handle(End::Sender, 12, User::One(ALICE)),
        handle(End::Sender, 12, User::One(ALICE)),
        handle(End::Receiver, 10, User::One(MAIN)),
    ];
    assert_snapshot!(standstill(vec![step], &[]).with(JOBS, senders).text());
}

#[test]
fn two_channels_full_both_ways() {
    let steps = vec![
        step(ALICE, wait(On::Room { channel: JOBS }, line(16)), Because::NobodyLeft),
        step(BOB, wait(On::Room { channel: REPLIES }, line(24)), Because::NobodyLeft),
    ];
    let case = standstill(steps, &[]).with(JOBS, vec![handle(End::Receiver, 10, User::One(BOB))]);
    assert_snapshot!(case.with(REPLIES, vec![handle(End::Receiver, 11, User::Several)]).text());
}

#[test]
fn a_sender_that_waits_for_the_end() {
    let steps = vec![
        step(MAIN, wait(On::Closing { channel: JOBS }, line(40)), Because::NobodyLeft),
        step(ALICE, wait(On::Closing { channel: REPLIES }, line(44)), Because::NobodyLeft),
    ];
    let case = standstill(steps, &[]).with(JOBS, vec![handle(End::Receiver, 10, User::One(MAIN))]);
    assert_snapshot!(case.with(REPLIES, vec![handle(End::Receiver, 11, User::One(BOB))]).text());
}

#[test]
fn a_channel_that_was_filled_before_it_was_received_from() {
    let step = step(MAIN, wait(On::Room { channel: JOBS }, line(40)), Because::NobodyLeft);
    let receiver = handle(End::Receiver, 10, User::Nobody);
    assert_snapshot!(standstill(vec![step], &[]).with(JOBS, vec![receiver]).text());
}
