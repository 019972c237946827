//! Tasks: what each poll of a watched future tells.
//!
//! | file | idea |
//! |---|---|
//! | `record` | one task's record, and all of them |
//! | `waker` | the waker that a task's poll is given: it counts those who have it |
//! | `blocking` | a thread that blocks for what tasks wait for, too |
//! | `leaf` | a future of ours that waits for something, and the waker that it gives away |
//! | `grasp` | holds of locks whose guards go from task to task and from thread to thread |
//!
//! A task is polled by one thread at a time, and between two polls the executor makes everything that the one has
//! written visible to the other. So whoever polls a task may write to its record as if it were its own.

mod blocking;
mod grasp;
mod leaf;
mod record;
mod waker;

pub(crate) use blocking::block;
pub(crate) use grasp::Grasp;
pub(super) use grasp::Grasps;
pub(crate) use leaf::{Goal, Leaf, begun_and_ended, waits_since};
pub(crate) use record::{Record, clear_away, find, read};

use super::Probe;
use super::{
    Site, attach, class,
    clock::{self, Pulse, extra},
    slot::Slot,
    wait::Suspended,
};
use crate::model::{ActorId, Mode};
use std::{
    cell::Cell,
    task::{Context, Poll},
};

thread_local! {
    /// The task that the thread polls: the innermost, where a watched future polls another.
    static CURRENT: Cell<Option<&'static Record>> = const { Cell::new(None) };
}

/// The task that is being polled by the calling thread.
#[inline(always)]
pub(crate) fn current() -> Option<&'static Record> {
    CURRENT.with(Cell::get)
}

/// Gives the task that is being polled a name.
#[cold]
pub(crate) fn name_current(name: &str) {
    if let Some(task) = current() {
        task.set_class(class::named(task.spawned_at().0, name));
    }
}

impl Probe {
    /// The calling actor has acquired what the probe sits in, and got a guard that may go anywhere.
    #[inline]
    pub(crate) fn grasp(&self, site: Site, mode: Mode) -> Grasp {
        let Some(slot) = attach::attached().filter(|_| !Pulse::now().has(extra::OFF)) else { return Grasp::NONE };
        let word = self.shared_identity(slot, site);
        match current() {
            Some(task) => task.grasps.begin(word, site.word(), mode),
            None => slot.grasps.begin(word, site.word(), mode),
        }
    }
}

/// What an executor is known to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Executor {
    /// It polls a task that has been woken, and no other.
    PollsTheWoken,
    /// Nothing: it may poll when it likes.
    Unknown,
}

/// A watched future, for as long as it lives. To be dropped after the future.
pub(crate) struct Task {
    /// `None` where it is not recorded.
    record: Option<&'static Record>,
}

impl Task {
    /// One that is made where `site` says.
    pub(crate) fn new(site: Site, executor: Executor) -> Task {
        let parent = match current() {
            Some(task) => task.operand(),
            None => attach::attached().map_or(0, Slot::operand),
        };
        Task { record: record::take(site, parent, executor) }
    }

    /// Which one it is, for somebody who waits for its end.
    pub(crate) fn id(&self) -> Option<ActorId> {
        self.record.map(Record::id)
    }

    /// Polls the future: `poll` gets a context whose waker is ours.
    #[inline]
    pub(crate) fn poll<R>(&self, context: &mut Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> Poll<R>) -> Poll<R> {
        let (Some(record), Some(slot)) = (self.record, attach::attached()) else { return poll(context) };
        if Pulse::now().has(extra::OFF) {
            return poll(context);
        }
        record.set_waker(context.waker());
        let polling = Polling::begin(record, slot);
        let result = waker::lend(record, |waker| poll(&mut Context::from_waker(waker)));
        drop(polling);
        result
    }
}

impl Drop for Task {
    #[inline]
    fn drop(&mut self) {
        if let Some(record) = self.record {
            record::end(record);
        }
    }
}

/// A poll that is going on; its drop is its end, also by unwinding.
struct Polling {
    record: &'static Record,
    outer: Option<&'static Record>,
    /// What the thread has said that it waits for: for this task, perhaps.
    suspended: Suspended,
}

impl Polling {
    #[inline]
    fn begin(record: &'static Record, slot: &'static Slot) -> Polling {
        let suspended = Suspended::begin(slot);
        record.begin_poll(slot.operand(), clock::coarse());
        Polling { record, outer: CURRENT.replace(Some(record)), suspended }
    }
}

impl Drop for Polling {
    #[inline]
    fn drop(&mut self) {
        CURRENT.set(self.outer);
        self.record.end_poll(clock::coarse());
        self.suspended.end();
    }
}
