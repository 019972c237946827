//! A map that forgets its oldest entries.

use rustc_hash::FxHashMap;
use std::{collections::VecDeque, hash::Hash};

const KEPT: usize = 4096;

pub(super) struct Recent<K, V> {
    map: FxHashMap<K, V>,
    order: VecDeque<K>,
}

impl<K: Copy + Eq + Hash, V> Recent<K, V> {
    pub(super) fn new() -> Recent<K, V> {
        Recent { map: FxHashMap::default(), order: VecDeque::new() }
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.map.insert(key, value).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > KEPT {
            self.forget_oldest();
        }
    }

    /// The key stays in the order, where it is met as one that is gone.
    pub(super) fn take(&mut self, key: &K) -> Option<V> {
        self.map.remove(key)
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.order.pop_front() {
            self.map.remove(&oldest);
        }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.map.get(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let mut recent = Recent::new();
        for key in 0..KEPT + 10 {
            recent.insert(key, key);
            recent.insert(key, key + 1);
        }
        assert_eq!(recent.get(&9), None);
        assert_eq!(recent.get(&10), Some(&11));
        assert_eq!((recent.map.len(), recent.order.len()), (KEPT, KEPT));
    }
}
