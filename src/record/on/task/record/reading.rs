//! All tasks as they are, one after another: what each waits for, and what it holds.

use super::{
    super::{
        leaf::{self, Shown},
        pool::Pools,
        runtime::Driven,
    },
    nested::Nested,
    *,
};
use crate::model::{Actor, On, Orphan, Sleep, Snapshot, Wait};
use rustc_hash::FxHashMap;

impl Record {
    /// Neither is it polled nor does it hold anything, and it goes on by itself: it has been woken, or it `sleeps`, or its
    /// waker is with somebody of whom nothing is known. What a wrong answer is made of (it may be polled meanwhile) is a task
    /// that runs.
    fn is_no_matter(&self, sleeps: bool, driven: &[u64]) -> bool {
        let waits_for_a_thread = self.closure_of().is_some() && self.polls() == 0;
        !waits_for_a_thread
            && !self.lacks_driver(driven)
            && self.sequence.load(Acquire).is_multiple_of(2)
            && self.grasps.is_empty()
            && (sleeps
                || self.may_be_woken()
                || self.life.load(Acquire) == life::ALIVE
                || self.answered.load(Acquire) != self.wakes.load(Acquire))
    }

    /// It is one of a set of local tasks, and nobody drives that.
    fn lacks_driver(&self, driven: &[u64]) -> bool {
        self.set().is_some_and(|set| set.is_local() && !driven.contains(&set.0))
    }

    /// The task as it is, with what its leaves say that it waits for. `None`: it is not this one any more.
    fn read(&self, id: ActorId, leaves: &[Shown], sets: &Sets, driven: &[u64], nested: &[Nested]) -> Option<Actor> {
        let sequence = self.sequence.load(Acquire);
        let poller = self.poller.load(Relaxed).checked_sub(1).and_then(directory::slot).map(Slot::id);
        let since = self.since.load(Relaxed);
        let mut held = self.grasps.holds();
        held.extend(leaves.iter().filter_map(Shown::granted));
        // In this order: the last waker to go has woken it before, or never.
        let (wakers, stirs) = (self.wakers(), self.may_be_woken());
        let woken = self.answered.load(Acquire) != self.wakes.load(Acquire);
        let left_to = self.left_to(leaves);
        fence(Acquire);
        let steady = self.sequence.load(Relaxed) == sequence;
        // What it held before its end may be another's by now.
        let life = self.life.load(Relaxed);
        if !is_alive(life) || !self.is_still(id) {
            return None;
        }
        let place = PlaceId::UNKNOWN;
        let mut within = Nested::waits(nested, self, since).peekable();
        // No leaf of its can wake it, nor any of what it polls.
        let deaf = !leaves.iter().any(|leaf| leaf.kept) && within.peek().is_none();
        let only = |on| (Some(Wait { on, place, since, timed: false }), Vec::new());
        let (wait, also) = match poller {
            Some(thread) if sequence % 2 == 1 => only(On::Poller { thread, may_block: self.may_block.load(Relaxed) }),
            _ if woken && steady && self.lacks_driver(driven) => {
                let since = self.woken_at();
                (Some(Wait { on: On::Driver, place, since, timed: false }), Vec::new())
            }
            _ if !steady => (None, Vec::new()),
            _ if let Some(by) = left_to => only(On::Awaiter(by)),
            _ if woken => (None, Vec::new()),
            _ if deaf && life != life::ALIVE && wakers == 0 => {
                only(On::Nothing { forsaken: self.left.is_alone(sequence) })
            }
            _ => {
                // There may be very many tasks: one that waits for one thing allocates nothing.
                let mut waits = leaves.iter().filter(|leaf| leaf.kept).flat_map(|leaf| leaf.waits(sets)).chain(within);
                (waits.next(), waits.collect())
            }
        };
        Some(Actor {
            id,
            sequence,
            scope: self.set(),
            occupies: self.occupies(life, sequence),
            daemon: true,
            foreign: true,
            held,
            wait,
            also,
            // Something that is not known may wake it; or its executor polls it unasked.
            stirs: sequence.is_multiple_of(2) && left_to.is_none() && (stirs || (deaf && life == life::ALIVE)),
            // A closure that has begun runs to its end.
            abortable: matches!(life, life::SPAWNED | life::COUNTED) || life == life::CLOSURE && sequence == 0,
            sleep: Sleep::Unknown,
        })
    }
}

/// The tasks of those sets of which a task waits for one.
pub(in super::super) type Sets = FxHashMap<ScopeId, Vec<ActorId>>;

/// Which tasks are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whom {
    /// All.
    All,
    /// Not those of whom there are many in a healthy program, and who are no matter of others ([`Snapshot::others`]): they
    /// are counted.
    Concerned,
}

/// Reads tasks that live, one after another, and the guards that tasks have taken which have ended.
pub(crate) fn read(at: Nanos, whom: Whom, snapshot: &mut Snapshot) {
    if RECORDS.made() == 0 {
        return;
    }
    let mut sleepers = Sleepers::default();
    let mut leaves = match whom {
        Whom::All => {
            // Room for all at once: what grows is copied, again and again.
            let about = super::super::business();
            snapshot.actors.reserve(about.tasks.min(u64::from(RECORDS.made())) as usize);
            leaf::all(at, about.leaves)
        }
        Whom::Concerned => leaf::all_but_sleepers(at, &mut sleepers),
    };
    // As their tasks' records stand. (No map: with many tasks that would be most of what a reading costs.)
    leaves.sort_by_key(|shown| shown.task);
    let sets = members(&leaves);
    let (driven, mut pools) = (Driven::all(), Pools::default());
    let nested = Nested::all(&leaves, |record| sleepers.of(record).is_some());
    let mut rest = leaves.as_slice();
    for record in RECORDS.all() {
        let id = record.id();
        if record.is_alive() {
            // What others have left that had the record before is passed over.
            rest = &rest[rest.iter().take_while(|shown| shown.task < id).count()..];
            let own;
            (own, rest) = rest.split_at(rest.iter().take_while(|shown| shown.task == id).count());
            let sleeper = sleepers.of(record);
            let alone = own.is_empty() && !Nested::any(&nested, record);
            if whom == Whom::Concerned && alone && record.is_no_matter(sleeper.is_some(), &driven) {
                // What goes on with another task, if at all, is no other.
                let sleeps = sleeper.is_some();
                snapshot.others += u64::from(sleeps || record.left_to(own).is_none());
                continue;
            }
            let actor = match sleeper.and_then(|leaf| leaf::read(leaf, at)).filter(|shown| shown.task == id) {
                Some(sleeper) => {
                    // In its place: what stands first is told.
                    let (before, after) = own.split_at(own.partition_point(|shown| shown.number < sleeper.number));
                    record.read(id, &[before, &[sleeper], after].concat(), &sets, &driven, &nested)
                }
                None => record.read(id, own, &sets, &driven, &nested),
            };
            actor.iter().for_each(|actor| pools.note(record, actor, snapshot.actors.len()));
            snapshot.actors.extend(actor);
        } else if record.life.load(Acquire) == life::ENDED {
            let owner = record.id();
            let left = record.grasps.holds();
            fence(Acquire);
            // Else it may be another's by now.
            if record.life.load(Relaxed) == life::ENDED && record.is_still(owner) {
                snapshot.orphans.extend(left.into_iter().map(|hold| Orphan { hold, owner, gone: true }));
            }
        }
    }
    pools.settle(&mut snapshot.actors);
}

/// For each record of a task that sleeps for a time, by its number: the number of the leaf that does so, and one.
#[derive(Default)]
pub(in super::super) struct Sleepers(Vec<u32>);

impl Sleepers {
    pub(in super::super) fn put(&mut self, task: ActorId, leaf: u32) {
        let Some(number) = task.task_number().map(|number| number as usize) else { return };
        if self.0.len() <= number {
            self.0.resize(number.max(RECORDS.made() as usize) + 1, 0);
        }
        self.0[number] = leaf + 1;
    }

    fn of(&self, record: &Record) -> Option<u32> {
        self.0.get(record.number() as usize)?.checked_sub(1)
    }
}

/// Those of the sets that one of these leaves waits for.
fn members(leaves: &[Shown]) -> Sets {
    let mut sets: Sets = leaves.iter().filter_map(Shown::set).map(|set| (set, Vec::new())).collect();
    if !sets.is_empty() {
        for record in RECORDS.all().filter(|record| record.is_alive()) {
            record.set().and_then(|set| sets.get_mut(&set)).into_iter().for_each(|members| members.push(record.id()));
        }
    }
    sets
}
