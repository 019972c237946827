//! The lock orders that the program has shown: which lock was taken while which was held, and where first.
//!
//! A report uses it to say which order is the program's custom, and which the exception. Nobody says when a lock dies
//! (that would take a destructor, which std's locks have not), so they are kept in two generations: when the younger is full, the
//! older, orders of locks that are gone or have long been settled, is forgotten. That bounds the memory: some 25 MB.

use crate::{
    model::{ObjectId, PlaceId},
    record::on::order::Told,
};
use rustc_hash::FxHashMap;

/// Orders in a generation.
const GENERATION: usize = 1 << 18;

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
    young: FxHashMap<(u64, u64), Seen>,
    old: FxHashMap<(u64, u64), Seen>,
    /// Orders that were told, and are known no more.
    forgotten: u64,
    /// Orders that could not even be told: the threads' outboxes were full.
    pub(super) untold: u64,
}

impl Orders {
    /// Takes in what the outboxes told since the last time.
    pub(super) fn take(&mut self, batch: &[Told]) {
        for told in batch {
            for &(outer, outer_place) in &told.held[..told.len] {
                let seen = Seen { outer: PlaceId(outer_place), inner: PlaceId(told.place) };
                self.learn((outer, told.object), seen);
            }
        }
    }

    /// How many orders are missing from what is known.
    pub(super) fn missing(&self) -> u64 {
        self.forgotten + self.untold
    }

    fn learn(&mut self, order: (u64, u64), seen: Seen) {
        // The first places stay, however old.
        let first = self.old.get(&order).copied().unwrap_or(seen);
        self.young.entry(order).or_insert(first);
        if self.young.len() >= GENERATION {
            let young = std::mem::take(&mut self.young);
            let old = std::mem::replace(&mut self.old, young);
            self.forgotten += old.keys().filter(|order| !self.old.contains_key(order)).count() as u64;
        }
    }

    /// Where `inner` was first taken while `outer` was held.
    pub(super) fn first(&self, outer: ObjectId, inner: ObjectId) -> Option<Seen> {
        let order = (outer.0, inner.0);
        self.young.get(&order).or_else(|| self.old.get(&order)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::on::order::TOLD;

    fn taken(object: u64, place: u64, outer: (u64, u64)) -> Told {
        let mut held = [(0, 0); TOLD];
        held[0] = outer;
        Told { object, place, held, len: 1 }
    }

    #[test]
    fn an_order_is_kept_with_its_first_places() {
        let mut orders = Orders::default();
        orders.take(&[taken(2, 20, (1, 10)), taken(2, 99, (1, 98))]);
        let seen = orders.first(ObjectId(1), ObjectId(2)).expect("told");
        assert_eq!((seen.outer, seen.inner), (PlaceId(10), PlaceId(20)));
        assert_eq!(orders.first(ObjectId(2), ObjectId(1)), None);
    }

    #[test]
    fn what_is_told_again_outlives_its_generation_and_the_rest_is_counted() {
        let mut orders = Orders::default();
        orders.take(&[taken(2, 20, (1, 10)), taken(4, 40, (3, 30))]);
        let size = GENERATION as u64;
        for lock in 10..10 + size {
            orders.take(&[taken(lock, 1, (lock + size, 2))]);
        }
        orders.take(&[taken(2, 99, (1, 98))]);
        for lock in 10 + 2 * size..10 + 3 * size {
            orders.take(&[taken(lock, 1, (lock + size, 2))]);
        }
        assert_eq!(orders.first(ObjectId(1), ObjectId(2)).map(|seen| seen.inner), Some(PlaceId(20)));
        assert_eq!(orders.first(ObjectId(3), ObjectId(4)), None);
        assert!(orders.young.len() + orders.old.len() <= 2 * GENERATION);
        assert_eq!(orders.missing(), 2 * size + 2 - (orders.young.len() + orders.old.len()) as u64);
    }
}
