//! The lock orders that the program has shown: which lock was taken while which was held, and where first.
//!
//! Kept while both locks live. A report uses it to say which order is the program's custom, and which the exception.

use crate::{
    model::{ObjectId, PlaceId},
    record::on::order::Told,
};
use rustc_hash::{FxHashMap, FxHashSet};

/// More orders than this are forgotten, and counted.
const MOST: usize = 4_000_000;

/// Where an order was first seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Where the outer lock was taken.
    pub(super) outer: PlaceId,
    /// Where the inner lock was taken.
    pub(super) inner: PlaceId,
}

#[derive(Default)]
pub(super) struct Orders {
    seen: FxHashMap<(u64, u64), Seen>,
    /// Locks that have died since the last clearing.
    dead: FxHashSet<u64>,
    /// At how many orders the dead are cleared away next.
    clear_at: usize,
    pub(super) forgotten: u64,
}

impl Orders {
    /// Takes in what an outbox told.
    pub(super) fn take(&mut self, told: Told) {
        match told {
            Told::Dependency { object, place, held } => {
                for (outer, outer_place) in held {
                    self.learn((outer, object), Seen { outer: PlaceId(outer_place), inner: PlaceId(place) });
                }
            }
            Told::Death { object } => {
                self.dead.insert(object);
                if self.dead.len() > 4096 && self.dead.len() > self.seen.len() {
                    self.clear();
                }
            }
        }
    }

    fn learn(&mut self, order: (u64, u64), seen: Seen) {
        if self.seen.len() >= self.clear_at.clamp(4096, MOST) && !self.seen.contains_key(&order) {
            self.clear();
            if self.seen.len() >= MOST {
                self.forgotten += 1;
                return;
            }
        }
        self.seen.entry(order).or_insert(seen);
    }

    /// Nobody can take a dead lock again. Costs a look at every order, but only when they have doubled.
    fn clear(&mut self) {
        let dead = std::mem::take(&mut self.dead);
        if !dead.is_empty() {
            self.seen.retain(|(outer, inner), _| !dead.contains(outer) && !dead.contains(inner));
        }
        self.clear_at = self.seen.len() * 2;
    }

    /// Where `inner` was first taken while `outer` was held.
    pub(super) fn first(&self, outer: ObjectId, inner: ObjectId) -> Option<Seen> {
        self.seen.get(&(outer.0, inner.0)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(object: u64, held: &[u64]) -> Told {
        Told::Dependency { object, place: object * 10, held: held.iter().map(|&held| (held, held * 10)).collect() }
    }

    #[test]
    fn an_order_is_kept_with_its_first_places_until_a_lock_dies() {
        let mut orders = Orders::default();
        orders.take(taken(2, &[1]));
        orders.take(Told::Dependency { object: 2, place: 99, held: vec![(1, 98)] });
        let seen = orders.first(ObjectId(1), ObjectId(2)).expect("told");
        assert_eq!((seen.outer, seen.inner), (PlaceId(10), PlaceId(20)));
        assert_eq!(orders.first(ObjectId(2), ObjectId(1)), None);
        orders.take(Told::Death { object: 1 });
        orders.clear();
        assert_eq!(orders.first(ObjectId(1), ObjectId(2)), None);
    }

    #[test]
    fn short_lived_locks_leave_no_growth() {
        let mut orders = Orders::default();
        for lock in 1..200_000 {
            orders.take(taken(lock, &[lock + 1_000_000]));
            orders.take(Told::Death { object: lock });
            orders.take(Told::Death { object: lock + 1_000_000 });
        }
        assert!(orders.seen.len() < 10_000 && orders.dead.len() < 20_000, "{} {}", orders.seen.len(), orders.dead.len());
    }
}
