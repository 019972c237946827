//! When things were, as well as that is known: operations are stamped with the coarse clock's last tick, which may be
//! long ago.
//!
//! While the program does nothing, the clock dozes: it ticks ten times less often. A lock that is taken then bears the time of
//! the tick before, though it was taken between that one and the next; where it is told, the next one's time stands for it.
//! Detectors and identities of findings keep to the stamps, which do not change.

use super::lock;
use crate::{
    model::{ActorId, Because, Finding, Hold, Kind, Nanos, Op, Snapshot},
    record::on::{
        clock,
        tape::{self, Taped},
    },
};
use rustc_hash::FxHashMap;
use std::sync::Mutex;

/// Dozes that are remembered: about the last six seconds of an idle program. What is older is told in seconds.
const REMEMBERED: usize = 64;
/// How many operations of a thread are looked through for the precise time of an acquisition.
const TAPED: usize = 1024;

static DOZES: Mutex<Dozes> = Mutex::new(Dozes::NONE);

/// The last times that the coarse clock has dozed.
#[derive(Clone, Copy)]
struct Dozes {
    /// `(tick before, tick after)`.
    over: [(Nanos, Nanos); REMEMBERED],
    count: usize,
    /// The tick before the one that goes on.
    present: Option<Nanos>,
}

impl Dozes {
    const NONE: Dozes = Dozes { over: [(0, 0); REMEMBERED], count: 0, present: None };

    fn begin(&mut self, tick: Nanos) {
        self.present = Some(tick);
    }

    fn end(&mut self, tick: Nanos) {
        if let Some(before) = self.present.take() {
            self.over[self.count % REMEMBERED] = (before, tick);
            self.count += 1;
        }
    }

    /// The latest at which something with this stamp can have been, but for an ordinary tick.
    fn latest(&self, stamp: Nanos, now: Nanos) -> Nanos {
        if self.present == Some(stamp) {
            return now.max(stamp);
        }
        self.over.iter().find(|(before, _)| *before == stamp).map_or(stamp, |(_, after)| *after)
    }
}

/// From here on the clock ticks slowly; whoever begins to wait should wake the collector.
pub(super) fn begin_doze() {
    lock(&DOZES).begin(clock::coarse());
    clock::doze(true);
}

/// Ticks.
pub(super) fn end_doze() {
    if clock::dozes() {
        let mut dozes = lock(&DOZES);
        clock::tick();
        dozes.end(clock::coarse());
        clock::doze(false);
    }
}

/// The time to tell of what bears this stamp.
pub(super) fn of_stamp(stamp: Nanos) -> Nanos {
    lock(&DOZES).latest(stamp, clock::now())
}

/// What is to be told, with the best times for what is held.
pub(super) fn dated(finding: &Finding, snapshot: &Snapshot) -> (Finding, Snapshot) {
    let (mut finding, mut snapshot) = (finding.clone(), snapshot.clone());
    let dates = Dates::of(&finding, &snapshot);
    for actor in &mut snapshot.actors {
        let owner = actor.id;
        actor.held.iter_mut().for_each(|hold| hold.since = dates.since(owner, hold));
    }
    for orphan in &mut snapshot.orphans {
        orphan.hold.since = dates.since(orphan.owner, &orphan.hold);
    }
    for step in &mut finding.steps {
        if let Because::HeldBy { actor, hold } | Because::LeakedBy { actor, hold } = &mut step.because {
            hold.since = dates.since(*actor, hold);
        }
    }
    (finding, snapshot)
}

/// All that is known of when things were taken.
struct Dates {
    at: Nanos,
    dozes: Dozes,
    /// Since when each thread waits: all that it holds, it has held since then at least.
    waits: FxHashMap<ActorId, Nanos>,
    /// Acquisitions of those whom the finding is about, at level trace.
    taped: FxHashMap<ActorId, Vec<Taped>>,
}

impl Dates {
    fn of(finding: &Finding, snapshot: &Snapshot) -> Dates {
        let waits = snapshot.actors.iter().filter_map(|actor| Some((actor.id, actor.wait?.since))).collect();
        let mut taped = FxHashMap::default();
        if clock::extra_is(clock::extra::TRACE) {
            for step in &finding.steps {
                let holder = match step.because {
                    Because::HeldBy { actor, .. } => actor,
                    _ => step.actor,
                };
                for actor in [step.actor, holder] {
                    taped.entry(actor).or_insert_with(|| acquisitions(actor));
                }
            }
        }
        Dates { at: snapshot.at, dozes: *lock(&DOZES), waits, taped }
    }

    fn since(&self, owner: ActorId, hold: &Hold) -> Nanos {
        if let Some(precise) = self.precisely(owner, hold) {
            return precise;
        }
        let latest = self.dozes.latest(hold.since, self.at);
        self.waits.get(&owner).map_or(latest, |&waits| latest.min(waits)).max(hold.since)
    }

    /// The newest acquisition at this place that the tape has, unless it is of another time: the level may have been another one
    /// when this was taken.
    fn precisely(&self, owner: ActorId, hold: &Hold) -> Option<Nanos> {
        // Written when it became known that this thread makes the value: the stamp is better.
        if hold.object.kind() == Kind::LazyLock {
            return None;
        }
        let same = |taped: &&Taped| taped.object == hold.object.0 && taped.place == hold.place.0;
        let at = clock::nanos_about(self.taped.get(&owner)?.iter().rev().find(same)?.ticks);
        (at + Nanos::from(u8::MAX) >= hold.since && at <= clock::now()).then_some(at)
    }
}

fn acquisitions(actor: ActorId) -> Vec<Taped> {
    let Some(slot) = super::live::slot(actor) else { return Vec::new() };
    let mut last = tape::last(slot, TAPED);
    last.retain(|taped| matches!(Op::from_bits(taped.op), Some(Op::Lock | Op::Read | Op::Init | Op::ReadUpgradable)));
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_in_a_doze_is_told_by_its_end() {
        let mut dozes = Dozes::NONE;
        dozes.begin(1000);
        assert_eq!(dozes.latest(1000, 1070), 1070);
        assert_eq!(dozes.latest(900, 1070), 900);
        dozes.end(1100);
        assert_eq!(dozes.latest(1000, 5000), 1100);
        // An ordinary tick, and an end without a beginning.
        dozes.end(1110);
        assert_eq!((dozes.latest(1100, 5000), dozes.latest(1110, 5000)), (1100, 1110));
        dozes.begin(1200);
        dozes.end(1290);
        assert_eq!((dozes.latest(1000, 5000), dozes.latest(1200, 5000)), (1100, 1290));
    }

    #[test]
    fn the_oldest_dozes_are_forgotten() {
        let mut dozes = Dozes::NONE;
        for begun in 1..=REMEMBERED as Nanos + 1 {
            dozes.begin(begun * 100);
            dozes.end(begun * 100 + 90);
        }
        assert_eq!((dozes.latest(100, 99_999), dozes.latest(200, 99_999)), (100, 290));
    }

    #[test]
    fn what_is_held_was_taken_before_the_wait() {
        let dozes = Dozes { present: Some(1000), ..Dozes::NONE };
        let (waiting, running) = (ActorId { index: 1, generation: 1 }, ActorId { index: 2, generation: 1 });
        let waits = FxHashMap::from_iter([(waiting, 1050)]);
        let dates = Dates { at: 1090, dozes, waits, taped: FxHashMap::default() };
        let hold = |since| Hold {
            moves: false,
            granted: false,
            object: crate::model::ObjectId::new(Kind::Mutex, 1, 1),
            mode: crate::model::Mode::Exclusive,
            place: crate::model::PlaceId(1),
            since,
        };
        assert_eq!((dates.since(waiting, &hold(1000)), dates.since(running, &hold(1000))), (1050, 1090));
        assert_eq!((dates.since(waiting, &hold(500)), dates.since(waiting, &hold(1060))), (500, 1060));
    }
}
