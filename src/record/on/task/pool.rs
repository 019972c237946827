//! Closures that no thread of their blocking pool is left for.
//!
//! A pool starts no more threads than it may. While as many of its closures run, each in one of them, none of those that
//! were queued begins before one of those that run has ended.

use super::{record::Record, runtime};
use crate::model::{Actor, ActorId, Nanos, On, PlaceId, Wait};
use rustc_hash::FxHashMap;

/// So many waits are made for those that were queued, in all; for others it is not said what they wait for.
const MOST: usize = 1 << 16;

/// The closures of all pools.
#[derive(Default)]
pub(super) struct Pools {
    /// Those that run, by runtime.
    running: FxHashMap<u32, Vec<ActorId>>,
    /// Those that have not begun: where they stand among the actors, their runtime, and since when.
    queued: Vec<(usize, u32, Nanos)>,
}

impl Pools {
    /// A closure was read, which stands there.
    pub(super) fn note(&mut self, record: &Record, actor: &Actor, index: usize) {
        let Some(runtime) = record.closure_of() else { return };
        match actor.wait.map(|wait| wait.on) {
            Some(On::Poller { .. }) => self.running.entry(runtime).or_default().push(actor.id),
            None if record.polls() == 0 => self.queued.push((index, runtime, record.woken_at())),
            _ => {}
        }
    }

    /// Says what they wait for that were queued, where no thread is left for them.
    pub(super) fn settle(mut self, actors: &mut [Actor]) {
        self.running.retain(|&runtime, running| {
            runtime::blocking_threads(runtime).is_some_and(|most| most != 0 && running.len() >= most)
        });
        let mut room = MOST;
        for (index, runtime, since) in self.queued {
            let Some(running) = self.running.get(&runtime) else { continue };
            let Some(rest) = room.checked_sub(running.len()) else { return };
            room = rest;
            let wait = |&id| Wait { on: On::Pool(id), place: PlaceId::UNKNOWN, since, timed: false };
            let mut waits = running.iter().map(wait);
            (actors[index].wait, actors[index].also) = (waits.next(), waits.collect());
        }
    }
}
