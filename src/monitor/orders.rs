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
    /// Orders that were told, and found no room.
    forgotten: u64,
    /// Orders that could not even be told: the threads' outboxes were full.
    pub(super) untold: u64,
}

impl Orders {
    /// Takes in what the outboxes told since the last time.
    pub(super) fn take(&mut self, batch: &[Told]) {
        let deaths = batch.iter().filter_map(|told| match told {
            Told::Death { object } => Some(*object),
            Told::Dependency { .. } => None,
        });
        let before = self.dead.len();
        self.dead.extend(deaths);
        // Locks that are made, nested and dropped in one go never come into the books at all.
        let stillborn = self.dead.len() != before;
        for told in batch {
            let Told::Dependency { object, place, held, len } = *told else { continue };
            for &(outer, outer_place) in &held[..len] {
                if !(stillborn && (self.dead.contains(&object) || self.dead.contains(&outer))) {
                    self.learn((outer, object), Seen { outer: PlaceId(outer_place), inner: PlaceId(place) });
                }
            }
        }
        if self.dead.len() > 4096 && self.dead.len() > self.seen.len() {
            self.clear();
        }
    }

    /// How many orders are missing from what is known.
    pub(super) fn missing(&self) -> u64 {
        self.forgotten + self.untold
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
    use crate::record::on::order::TOLD;

    fn taken(object: u64, place: u64, outer: (u64, u64)) -> Told {
        let mut held = [(0, 0); TOLD];
        held[0] = outer;
        Told::Dependency { object, place, held, len: 1 }
    }

    #[test]
    fn an_order_is_kept_with_its_first_places_until_a_lock_dies() {
        let mut orders = Orders::default();
        orders.take(&[taken(2, 20, (1, 10)), taken(2, 99, (1, 98))]);
        let seen = orders.first(ObjectId(1), ObjectId(2)).expect("told");
        assert_eq!((seen.outer, seen.inner), (PlaceId(10), PlaceId(20)));
        assert_eq!(orders.first(ObjectId(2), ObjectId(1)), None);
        orders.take(&[Told::Death { object: 1 }]);
        orders.clear();
        assert_eq!(orders.first(ObjectId(1), ObjectId(2)), None);
    }

    #[test]
    fn short_lived_locks_leave_no_growth() {
        let mut orders = Orders::default();
        for lock in 1..200_000 {
            let other = lock + 1_000_000;
            orders.take(&[taken(lock, 1, (other, 2))]);
            orders.take(&[Told::Death { object: lock }, Told::Death { object: other }]);
        }
        assert!(
            orders.seen.len() < 10_000 && orders.dead.len() < 20_000,
            "{} {}",
            orders.seen.len(),
            orders.dead.len()
        );
    }

    #[test]
    fn what_dies_in_the_batch_it_was_told_in_is_not_kept() {
        let mut orders = Orders::default();
        orders.take(&[taken(2, 20, (1, 10)), taken(3, 30, (1, 10)), Told::Death { object: 2 }]);
        assert_eq!(orders.first(ObjectId(1), ObjectId(2)), None);
        assert!(orders.first(ObjectId(1), ObjectId(3)).is_some());
    }
}
