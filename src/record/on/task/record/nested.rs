//! Watched futures that a task polls in its own poll: whoever wakes one of them wakes the task, and none goes on but in a
//! poll of the task.

use super::{super::leaf::Shown, *};
use crate::model::{On, Wait};

/// Of [`Record::wakers`]: one that is with such a future. They are counted modulo four thousand.
const ONE: u32 = WAKERS + 1;

/// One of them, as it was read.
pub(super) struct Nested {
    /// The number of the task that polls it.
    by: u32,
    id: ActorId,
    /// Somebody has a waker of it.
    kept: bool,
    /// It was polled in that task's last poll.
    polled: bool,
}

impl Record {
    /// Somebody has its waker of whom nothing is known.
    pub(super) fn may_be_woken(&self) -> bool {
        let all = self.wakers.load(Acquire);
        // Of very many that it polls the rest is known: fewer than there are, and then it may.
        all & WAKERS != all / ONE
    }

    /// One more of its wakers is with a future that it polls.
    pub(in super::super) fn nested_cloned(&self) {
        self.waker_cloned();
        self.wakers.fetch_add(ONE, AcqRel);
    }

    /// One of those is gone: whatever it has woken is seen before that.
    pub(in super::super) fn nested_dropped(&self) {
        self.wakers.fetch_sub(ONE, AcqRel);
        self.waker_dropped();
    }

    /// The task in whose poll its last one began, where that lives. One that was spawned is its executor's to poll, also
    /// where that is driven in the poll of another task.
    pub(super) fn awaiter(&self) -> Option<&'static Record> {
        if self.life.load(Acquire) != life::ALIVE {
            return None;
        }
        let tag = self.awaiter.load(Relaxed);
        let awaiter = RECORDS.get(tag & ((1 << NUMBER_BITS) - 1)).filter(|_| tag != 0)?;
        // A tag is not for ever; but whoever has polled it is no younger than that poll.
        let is_it = awaiter.tag() == tag && awaiter.is_alive();
        let since = units(self.since.load(Relaxed));
        let is_older = since.wrapping_sub(awaiter.made_at.load(Relaxed)).cast_signed() >= 0;
        (is_it && is_older).then_some(awaiter)
    }

    /// It is not being polled, and has not been woken since its last poll began.
    pub(super) fn is_at_rest(&self) -> bool {
        let polled = !self.sequence.load(Acquire).is_multiple_of(2);
        !polled && self.wakes.load(Acquire) == self.answered.load(Acquire)
    }

    /// Somebody has its waker, or that of one of its leaves.
    fn is_kept(&self, leaves: &[Shown]) -> bool {
        self.wakers() != 0 || leaves.iter().any(|leaf| leaf.kept)
    }

    /// Of one that is not being polled: the task that polls it, where that is at rest and nobody can wake it by way of this
    /// one. So this one goes on when that one does, if then. (Or if whoever runs takes it and polls it.)
    ///
    /// It may have been woken: then that task was, too, before the waker was given up, and has been polled since without
    /// polling it. So this is not known as long as somebody has its waker, or its leaf's.
    pub(super) fn left_to(&self, leaves: &[Shown]) -> Option<ActorId> {
        let kept = self.is_kept(leaves);
        self.awaiter().filter(|awaiter| !kept && awaiter.is_at_rest()).map(Record::id)
    }
}

impl Nested {
    /// All there are, in the order of those that poll them. `leaves` are in the order of their tasks; `sleeps` says of one
    /// whether it has another one besides.
    pub(super) fn all(leaves: &[Shown], sleeps: impl Fn(&Record) -> bool) -> Vec<Nested> {
        if !NESTED.load(Relaxed) {
            return Vec::new();
        }
        let of = |record: &'static Record| {
            let (by, id) = (record.awaiter()?, record.id());
            let kept = record.is_kept(of_task(leaves, id)) || sleeps(record);
            let polled = by.polls() as u32 == record.links.note().load(Relaxed);
            Some(Nested { by: by.number(), id, kept, polled })
        };
        let mut all: Vec<Nested> = RECORDS.all().filter_map(of).collect();
        all.sort_by_key(|nested| nested.by);
        all
    }

    /// Those that can have this task polled.
    fn of<'a>(all: &'a [Nested], record: &Record) -> impl Iterator<Item = &'a Nested> + use<'a> {
        let number = record.number();
        let first = all.partition_point(|nested| nested.by < number);
        all[first..].iter().take_while(move |nested| nested.by == number).filter(|nested| nested.kept)
    }

    pub(super) fn any(all: &[Nested], record: &Record) -> bool {
        !all.is_empty() && Nested::of(all, record).next().is_some()
    }

    /// What this task waits for with them: any will do.
    pub(super) fn waits<'a>(all: &'a [Nested], record: &Record, since: Nanos) -> impl Iterator<Item = Wait> + use<'a> {
        Nested::of(all, record).map(move |nested| {
            let on = On::Nested { task: nested.id, polled: nested.polled };
            Wait { on, place: PlaceId::UNKNOWN, since, timed: false }
        })
    }
}

/// Those of one task.
fn of_task(leaves: &[Shown], id: ActorId) -> &[Shown] {
    let first = leaves.partition_point(|shown| shown.task < id);
    let rest = &leaves[first..];
    &rest[..rest.iter().take_while(|shown| shown.task == id).count()]
}
