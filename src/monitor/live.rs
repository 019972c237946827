//! The running program, as the detectors and the reports see it.

use super::{Monitor, dates, os, watchdog};
use crate::{
    model::{
        Actor, ActorId, ActorInfo, Channel, Event, Finding, Hold, Kind, Mode, Nanos, ObjectId, ObjectInfo, On, Op,
        Orphan, Place, PlaceId, ScopeId, Sleep, Snapshot, Strangers, TaskFigures, Wait, World,
    },
    record::on::{
        chase, class_name, clock, departed, describe, directory, ends, orphans, resolve, returned,
        slot::{HISTORY, Slot, life},
        stack, tape,
        task::{self, Whom},
        wait,
    },
    tell::Details,
};
use std::time::Duration;

/// Whether to ask the operating system who sleeps, which is a file to read for every thread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Closeness {
    /// Where that may matter in any program.
    AsNeeded,
    /// In any case.
    WithSleep,
}

/// Reads all slots and those tasks that matter to others, one after another, and asks the operating system where its
/// answer matters.
pub(super) fn snapshot(closeness: Closeness) -> Snapshot {
    read(closeness, Whom::Concerned)
}

/// The same with each and every task.
pub(super) fn everybody() -> Snapshot {
    read(Closeness::AsNeeded, Whom::All)
}

fn read(closeness: Closeness, whom: Whom) -> Snapshot {
    let at = clock::now();
    let actors = directory::living().filter_map(|slot| actor(slot, at)).collect();
    let mut snapshot = Snapshot { at, actors, ..queues() };
    point_at_initialisers(&mut snapshot.actors);
    snapshot.orphans = left_behind();
    task::read(at, whom, &mut snapshot);
    occupied_by_tasks(&mut snapshot.actors);
    if closeness == Closeness::WithSleep || needs_sleep(&snapshot) {
        ask_for_sleep(&mut snapshot);
    }
    snapshot.channels = channels(&snapshot);
    snapshot
}

/// A thread of a runtime that is in the middle of a task keeps the runtime by that: the task is told, and its thread with it. What
/// is left are those that drop one, say.
fn occupied_by_tasks(actors: &mut [Actor]) {
    if !actors.iter().any(|actor| !actor.id.is_task() && actor.occupies.is_some()) {
        return;
    }
    let pollers: Vec<ActorId> = actors.iter().filter_map(Actor::poller).collect();
    let threads = actors.iter_mut().filter(|actor| !actor.id.is_task() && actor.occupies.is_some());
    threads.filter(|thread| pollers.contains(&thread.id)).for_each(|thread| thread.occupies = None);
}

/// What is known of the channels that somebody waits at; only where nobody runs or the wait is soon to be called long,
/// since it costs a look at every channel's ends. Where some of them are not known nothing is.
fn channels(snapshot: &Snapshot) -> Vec<Channel> {
    let nobody_runs = !anybody_runs(snapshot);
    let limit = Monitor::get().and_then(|monitor| monitor.settings().long_wait);
    let lasts =
        |since: Nanos| limit.is_some_and(|limit| u128::from(snapshot.at.saturating_sub(since)) >= limit.as_nanos() / 2);
    let matters = |wait: &Wait| !wait.timed && (nobody_runs || lasts(wait.since));
    let waits = snapshot.actors.iter().filter_map(|actor| actor.wait).filter(matters);
    let wanted: Vec<ObjectId> = waits
        .filter_map(|wait| match wait.on {
            On::Message { channel } | On::Room { channel } | On::Closing { channel } => Some(channel),
            _ => None,
        })
        .collect();
    if wanted.is_empty() || !ends::is_complete() { Vec::new() } else { ends::of(&wanted) }
}

fn anybody_runs(snapshot: &Snapshot) -> bool {
    snapshot.others != 0 || snapshot.actors.iter().any(runs)
}

fn runs(actor: &Actor) -> bool {
    actor.wait.is_none_or(|wait| wait.timed)
}

/// A snapshot of nobody, with what is known of the queues at read-write locks (asked for after the actors).
fn queues() -> Snapshot {
    let (impatient_writers, loose_queues) = (wait::are_writers_impatient(), wait::are_queues_loose());
    Snapshot { impatient_writers, loose_queues, ..Snapshot::default() }
}

fn left_behind() -> Vec<Orphan> {
    let orphan = |left: orphans::Left| Orphan { hold: left.hold, owner: left.owner, gone: os::is_gone(left.os_id) };
    orphans::all().into_iter().map(orphan).collect()
}

/// Reads only those whom these wait for, directly or by way of others: what a wait cycle can consist of. Enough to tell
/// it at once in a program with many threads; not enough for a standstill.
pub(super) fn around(suspects: &[ActorId]) -> Snapshot {
    let mut reached: Vec<&'static Slot> = suspects.iter().filter_map(|&suspect| slot(suspect)).collect();
    let mut next = 0;
    while let Some(&slot) = reached.get(next) {
        next += 1;
        chase::blockers(slot, |blocker| {
            if !reached.iter().any(|known| known.index == blocker.index) {
                reached.push(blocker);
            }
        });
    }
    let at = clock::now();
    let mut actors: Vec<Actor> = reached.into_iter().filter_map(|slot| actor(slot, at)).collect();
    point_at_initialisers(&mut actors);
    Snapshot { at, actors, orphans: left_behind(), ..queues() }
}

/// Whoever waits like this for a lock runs nothing until it has it; other waits may be those of an executor for work.
fn is_still(wait: &Wait) -> bool {
    matches!(wait.on, On::Object { .. } | On::Lazy { .. }) && !wait.timed
}

/// As it was at about this time.
fn actor(slot: &'static Slot, at: Nanos) -> Option<Actor> {
    let starting = slot.life() == life::STARTING;
    for _ in 0..16 {
        let id = slot.id();
        let (sequence, raw) = slot.waiting();
        let wait = if starting { None } else { raw.as_ref().and_then(|raw| wait::decode(raw, at)) };
        let held = slot.holds_of(wait.as_ref().is_some_and(is_still));
        // While it waits it changes nothing: what was read in between belongs to this wait.
        let (scope, daemon) = (slot.scope(), slot.is_daemon());
        if slot.waiting().0 != sequence || !slot.is_still(id) {
            continue;
        }
        let mut held = held.unwrap_or_default();
        returned::take_off(id, &mut held);
        held.extend(slot.grasped());
        return Some(Actor {
            id,
            sequence,
            scope: (scope != 0).then_some(ScopeId(scope)),
            // One that is idle goes when it is told to.
            occupies: slot.serves().filter(|_| wait.is_some_and(|wait| wait.on != On::Work)),
            daemon,
            foreign: slot.is_foreign(),
            held,
            wait,
            also: Vec::new(),
            stirs: false,
            abortable: false,
            sleep: Sleep::Unknown,
        });
    }
    // Too busy to be read: it runs, and what it holds will be seen next time.
    (slot.life() != life::FREE).then(|| Actor {
        id: slot.id(),
        sequence: 0,
        scope: None,
        occupies: None,
        daemon: slot.is_daemon(),
        foreign: slot.is_foreign(),
        held: Vec::new(),
        wait: None,
        also: Vec::new(),
        stirs: false,
        abortable: false,
        sleep: Sleep::Awake,
    })
}

/// Who waits for a once cell to be written by anybody, while somebody writes it, waits for that one: nobody else can.
/// (Not for a `Once`: where its initialiser has panicked, that wait ends in a panic, and the hook runs within it.)
fn point_at_initialisers(actors: &mut [Actor]) {
    let initialised: Vec<ObjectId> = actors
        .iter()
        .flat_map(|actor| &actor.held)
        .filter(|hold| hold.mode == Mode::Init)
        .map(|hold| hold.object)
        .collect();
    for wait in actors.iter_mut().filter_map(|actor| actor.wait.as_mut()) {
        if let On::Notify { condvar, mutex: None } = wait.on
            && condvar.kind() != Kind::Once
            && initialised.contains(&condvar)
        {
            wait.on = On::Object { object: condvar, mode: Mode::Init };
        }
    }
}

/// Only where nobody runs, or a reader waits behind a queued writer, does it matter who sleeps.
fn needs_sleep(snapshot: &Snapshot) -> bool {
    let reads = |actor: &Actor| actor.wait.is_some_and(|wait| matches!(wait.on, On::Object { mode: Mode::Shared, .. }));
    !snapshot.actors.is_empty() && (!anybody_runs(snapshot) || snapshot.actors.iter().any(reads))
}

/// Somebody who waits has not fallen asleep yet: another look will say more.
pub(super) fn is_moving(snapshot: &Snapshot) -> bool {
    snapshot.actors.iter().any(|actor| actor.wait.is_some() && actor.sleep == Sleep::Awake)
}

fn ask_for_sleep(snapshot: &mut Snapshot) {
    let mut known = Vec::with_capacity(snapshot.actors.len());
    for actor in snapshot.actors.iter_mut().filter(|actor| !actor.id.is_task()) {
        let os_id = directory::slot(actor.id.index).map_or(0, Slot::os_id);
        known.push(os_id);
        actor.sleep = os::sleep(os_id);
    }
    snapshot.strangers = if known.contains(&0) { Strangers::Unknown } else { os::strangers(&known) };
    snapshot.handlers = os::handlers();
    snapshot.callbacks = watchdog::callbacks();
    snapshot.unseen_tasks = task::unseen();
}

/// A thread captures its stack right after it has said what it waits for: it gets the time it needs, within reason.
pub(super) fn await_stacks(finding: &Finding) {
    let until = clock::now() + 200_000_000;
    let missing = |actor| slot(actor).is_some_and(Slot::owes_stack);
    while stack::of_waits() && finding.steps.iter().any(|step| missing(step.actor)) && clock::now() < until {
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// The slot that still belongs to this actor, if it is a thread.
pub(super) fn slot(actor: ActorId) -> Option<&'static Slot> {
    if actor.is_task() {
        return None;
    }
    directory::slot(actor.index).filter(|slot| slot.id() == actor && slot.life() != life::FREE)
}

/// Names of the live program.
pub(super) struct Live;

impl World for Live {
    fn place(&self, id: PlaceId) -> Option<Place> {
        resolve(id)
    }

    fn object(&self, id: ObjectId) -> ObjectInfo {
        describe(id)
    }

    fn actor(&self, id: ActorId) -> Option<ActorInfo> {
        if id.is_task() {
            return task::find(id).map(|task| ActorInfo {
                name: class_name(task.class()),
                spawned: resolve(task.spawned_at()),
                parent: task.parent(),
                ..ActorInfo::default()
            });
        }
        let Some(slot) = slot(id) else {
            let left = orphans::all().into_iter().find(|left| left.owner == id).map(|left| ActorInfo {
                name: left.name.map(|name| name.to_string()),
                os_id: Some(left.os_id),
                ..ActorInfo::default()
            });
            return left.or_else(|| departed::find(id));
        };
        Some(ActorInfo {
            name: slot.name(),
            spawned: resolve(slot.spawned_at()),
            parent: slot.parent(),
            daemon: slot.is_daemon(),
            os_id: Some(slot.os_id()).filter(|&id| id != 0),
        })
    }

    fn class(&self, class: u64) -> Option<String> {
        class_name(u32::try_from(class).ok()?)
    }

    fn keeper(&self, hold: &Hold) -> Option<ActorId> {
        task::notices::keeper(hold)
    }

    fn order(&self, outer: ObjectId, inner: ObjectId) -> Option<(PlaceId, PlaceId)> {
        super::lock(&super::collector::ORDERS).first(outer, inner).map(|seen| (seen.outer, seen.inner))
    }

    fn orders_missing(&self) -> u64 {
        super::lock(&super::collector::ORDERS).missing()
    }
}

impl Details for Live {
    fn spans(&self, actor: ActorId) -> Vec<String> {
        slot(actor).map(Slot::span_names).unwrap_or_default()
    }

    fn span(&self, number: u64) -> Option<String> {
        crate::spans::name(number)
    }

    fn figures(&self, task: ActorId, at: Nanos) -> Option<TaskFigures> {
        task::find(task).map(|task| task.figures(at))
    }

    fn recent(&self, actor: ActorId) -> Vec<Event> {
        let Some(slot) = slot(actor) else { return Vec::new() };
        let event = |at, op, object, place| {
            let op = Op::from_bits(op)?;
            Some(Event { at, actor, op, object, place: PlaceId(place) })
        };
        // The last of them is the wait that goes on, if one does.
        let waits = slot.waiting().1.map_or(Nanos::MAX, |wait| wait.since);
        let remembered = slot.history().into_iter().filter_map(|(stamp, object, place)| {
            let stamped = clock::stamped_at(stamp);
            let at = dates::of_stamp(stamped).min(waits).max(stamped);
            event(at, clock::stamped_low(stamp), object, place)
        });
        // An operation is in the one or on the other: at level trace the tape is the memory.
        let taped: Vec<Event> = tape::last(slot, HISTORY)
            .into_iter()
            .filter_map(|taped| event(clock::nanos_about(taped.ticks), taped.op, taped.object, taped.place))
            .collect();
        let mut recent: Vec<Event> = remembered.chain(taped).collect();
        recent.sort_by_key(|event| event.at);
        recent.drain(..recent.len().saturating_sub(HISTORY));
        recent
    }

    fn lost(&self, actor: ActorId) -> u64 {
        let task = || task::find(actor).map(task::Record::lost);
        slot(actor).map(Slot::overflowed).or_else(task).unwrap_or(0)
    }

    fn stack(&self, actor: ActorId, wait: Option<&Wait>) -> Vec<u64> {
        match wait.filter(|_| actor.is_task()) {
            Some(wait) => task::stack(actor, wait.place, wait.since),
            None => slot(actor).map(Slot::stack).unwrap_or_default(),
        }
    }

    fn hold_stack(&self, actor: ActorId, index: usize, hold: &Hold) -> Vec<u64> {
        match hold.granted {
            true => task::stack(actor, hold.place, hold.since),
            false => slot(actor).map(|slot| slot.hold_stack(index)).unwrap_or_default(),
        }
    }
}
