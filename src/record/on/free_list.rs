//! Numbers of what nobody uses: a Treiber stack, without locks and without memory of its own.
//!
//! The link to the next lies with whoever has the numbers. One word holds the newest number and a count of changes:
//! a number that was taken and given back while another thread looked at it is not mistaken for the one it saw, whose
//! link may have changed.

use crate::primitive::{AtomicU32, AtomicU64};
use std::sync::atomic::Ordering::*;

pub(super) struct FreeList {
    /// `changes: 32 | number + 1: 32`
    head: AtomicU64,
}

impl FreeList {
    /// An empty one, around a 0 (which a `const fn` cannot make where atomics are loom's).
    pub(super) const fn around(head: AtomicU64) -> FreeList {
        FreeList { head }
    }

    /// Gives a number back, whose link is `next`. What its user did happens before whatever the next one does.
    pub(super) fn push(&self, number: u32, next: &AtomicU32) {
        let mut head = self.head.load(Acquire);
        loop {
            next.store(head as u32, Relaxed);
            match self.head.compare_exchange_weak(head, changed(head) | (number as u64 + 1), AcqRel, Acquire) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    /// Takes a number; `next` finds its link.
    pub(super) fn pop<'a>(&self, next: impl Fn(u32) -> Option<&'a AtomicU32>) -> Option<u32> {
        let mut head = self.head.load(Acquire);
        loop {
            let number = (head as u32).checked_sub(1)?;
            let below = next(number)?.load(Relaxed);
            match self.head.compare_exchange_weak(head, changed(head) | below as u64, AcqRel, Acquire) {
                Ok(_) => return Some(number),
                Err(now) => head = now,
            }
        }
    }
}

fn changed(head: u64) -> u64 {
    ((head >> 32).wrapping_add(1)) << 32
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use loom::{
        cell::UnsafeCell,
        model,
        sync::{Arc, atomic::AtomicU64 as LoomU64},
        thread,
    };

    struct Pool {
        free: FreeList,
        next: [AtomicU32; 2],
        /// Loom tells when two threads use the same one, or when the handing-over does not synchronise.
        used: [UnsafeCell<u32>; 2],
    }

    impl Pool {
        fn full() -> Arc<Pool> {
            let pool = Pool {
                free: FreeList::around(LoomU64::new(0)),
                next: std::array::from_fn(|_| AtomicU32::new(0)),
                used: std::array::from_fn(|_| UnsafeCell::new(0)),
            };
            pool.give(0);
            pool.give(1);
            Arc::new(pool)
        }

        fn give(&self, number: u32) {
            self.free.push(number, &self.next[number as usize]);
        }

        fn take(&self) -> Option<u32> {
            let number = self.free.pop(|number| self.next.get(number as usize))?;
            self.used[number as usize].with_mut(|_| ());
            Some(number)
        }
    }

    #[test]
    fn no_number_belongs_to_two_threads() {
        model(|| {
            let pool = Pool::full();
            let other = thread::spawn({
                let pool = Arc::clone(&pool);
                move || pool.take()
            });
            let (mine, theirs) = (pool.take(), other.join().unwrap());
            assert!(mine.is_some() && theirs.is_some() && mine != theirs, "{mine:?} {theirs:?}");
            assert_eq!(pool.take(), None);
        });
    }

    /// One thread takes a number while the other takes both and gives back the one the first has seen.
    #[test]
    fn a_number_that_comes_back_is_not_mistaken() {
        model(|| {
            let pool = Pool::full();
            let other = thread::spawn({
                let pool = Arc::clone(&pool);
                move || {
                    let (first, second) = (pool.take(), pool.take());
                    if let Some(first) = first {
                        pool.give(first);
                    }
                    second
                }
            });
            let mine = pool.take();
            let theirs = other.join().unwrap();
            assert!(mine.is_none() || mine != theirs, "{mine:?} {theirs:?}");
            let left = std::iter::from_fn(|| pool.take()).count();
            assert_eq!(left + mine.iter().count() + theirs.iter().count(), 2);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_comes_first_and_none_is_lost() {
        let next: [AtomicU32; 3] = std::array::from_fn(|_| AtomicU32::new(0));
        let free = FreeList::around(AtomicU64::new(0));
        (0..3).for_each(|number| free.push(number, &next[number as usize]));
        let taken: Vec<u32> = std::iter::from_fn(|| free.pop(|number| next.get(number as usize))).collect();
        assert_eq!(taken, [2, 1, 0]);
    }
}
