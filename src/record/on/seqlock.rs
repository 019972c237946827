//! A few words that are there or not there: written by one thread, read whole by any.
//!
//! The sequence is odd while the words are there. The owner writes them while it is even, so:
//!
//! * who sees an odd number (acquire) sees the words that were written before it (release);
//! * who saw a word of a later time has seen a store that follows the release fence in [`Seqlock::end`], so after an
//!   acquire fence of its own it sees at least the number stored there: not the same one twice.

use crate::primitive::{AtomicU64, PATIENCE, fence};
use std::sync::atomic::Ordering::*;

pub(super) struct Seqlock<const WORDS: usize> {
    /// Odd while the words are there.
    sequence: AtomicU64,
    words: [AtomicU64; WORDS],
}

impl<const WORDS: usize> Seqlock<WORDS> {
    pub(super) fn new() -> Seqlock<WORDS> {
        Seqlock { sequence: AtomicU64::new(0), words: std::array::from_fn(|_| AtomicU64::new(0)) }
    }

    /// The owner shows the words. Only while it shows none.
    pub(super) fn begin(&self, words: [u64; WORDS]) {
        for (cell, word) in self.words.iter().zip(words) {
            cell.store(word, Relaxed);
        }
        self.sequence.store(self.sequence.load(Relaxed) + 1, Release);
    }

    /// The owner takes them back.
    pub(super) fn end(&self) {
        self.sequence.store(self.sequence.load(Relaxed) + 1, Release);
        // Whatever the owner writes next must not be seen before it.
        fence(Release);
    }

    /// Whether the words are there. By the owner.
    #[inline]
    pub(super) fn is_shown(&self) -> bool {
        !self.sequence.load(Relaxed).is_multiple_of(2)
    }

    /// One of the words, shown or not. Who sees it sees what its writer had done before.
    pub(super) fn word(&self, at: usize) -> u64 {
        self.words[at].load(Acquire)
    }

    /// The owner writes one of the words beforehand. Only while it shows none, or where nothing changes.
    pub(super) fn set_word(&self, at: usize, word: u64) {
        self.words[at].store(word, Release);
    }

    /// The sequence, and what is shown.
    pub(super) fn read(&self) -> (u64, Option<[u64; WORDS]>) {
        for _ in 0..PATIENCE {
            let sequence = self.sequence.load(Acquire);
            if sequence.is_multiple_of(2) {
                return (sequence, None);
            }
            let words = std::array::from_fn(|at| self.words[at].load(Relaxed));
            fence(Acquire);
            if self.sequence.load(Relaxed) == sequence {
                return (sequence, Some(words));
            }
        }
        // Too busy to be read: shown for a moment at a time.
        (self.sequence.load(Acquire) & !1, None)
    }
}

/// Comes between a thread's own [`Seqlock::begin`] and its look at what others show (and at whatever else they wrote
/// before theirs).
///
/// Of any threads that do so one is the last to pass here: it sees what all the others have shown. Without it each
/// could read what was there before the other's store, which still waits in a store buffer.
pub(super) fn shown() {
    fence(SeqCst);
}

#[cfg(all(test, loom))]
mod loom_tests {
    //! Where one thread only reads, the owner is the one that loom lets run first: a reader that comes later may
    //! still see every older value, which tries all there is.

    use super::*;
    use loom::{
        model,
        sync::{
            Arc,
            atomic::{AtomicBool, AtomicU64},
        },
        thread,
    };

    #[test]
    fn the_words_of_two_waits_are_never_mixed() {
        model(|| {
            let cell = Arc::new(Seqlock::<2>::new());
            let reader = thread::spawn({
                let cell = Arc::clone(&cell);
                move || {
                    if let (sequence, Some([first, second])) = cell.read() {
                        assert_eq!((first, second), (sequence.div_ceil(2), first * 10));
                    }
                }
            });
            cell.begin([1, 10]);
            cell.end();
            cell.begin([2, 20]);
            reader.join().unwrap();
            assert_eq!(cell.read(), (3, Some([2, 20])));
        });
    }

    /// What was written before a wait was shown is seen by who sees the wait: a waiting thread's holds are what they
    /// were when it began to wait.
    #[test]
    fn an_unchanged_wait_vouches_for_what_was_written_before_it() {
        model(|| {
            let shared = Arc::new((Seqlock::<1>::new(), AtomicU64::new(0)));
            let reader = thread::spawn({
                let shared = Arc::clone(&shared);
                move || {
                    let (cell, held) = &*shared;
                    let (sequence, wait) = cell.read();
                    let held = held.load(Relaxed);
                    fence(Acquire);
                    if wait.is_some() && cell.read().0 == sequence {
                        assert_eq!(wait, Some([held]));
                    }
                }
            });
            let (cell, held) = &*shared;
            held.store(1, Relaxed);
            cell.begin([1]);
            cell.end();
            held.store(2, Relaxed);
            cell.begin([2]);
            reader.join().unwrap();
        });
    }

    #[test]
    fn one_of_two_that_close_a_cycle_sees_both_waits() {
        model(|| {
            let waits = Arc::new([Seqlock::<1>::new(), Seqlock::<1>::new()]);
            let look = |waits: &[Seqlock<1>; 2], me: usize| {
                waits[me].begin([1]);
                shown();
                waits[1 - me].read().1.is_some()
            };
            let other = thread::spawn({
                let waits = Arc::clone(&waits);
                move || look(&waits, 1)
            });
            let mine = look(&waits, 0);
            assert!(other.join().unwrap() | mine);
        });
    }

    /// A thread that holds nothing looks only if somebody waits for its end, which that somebody says first.
    #[test]
    fn one_of_a_joiner_and_the_joined_sees_both_waits() {
        model(|| {
            let shared = Arc::new(([Seqlock::<1>::new(), Seqlock::<1>::new()], AtomicBool::new(false)));
            let joined = thread::spawn({
                let shared = Arc::clone(&shared);
                move || {
                    let (waits, awaited) = &*shared;
                    waits[1].begin([1]);
                    shown();
                    awaited.load(Relaxed) && waits[0].read().1.is_some()
                }
            });
            let (waits, awaited) = &*shared;
            awaited.store(true, Relaxed);
            waits[0].begin([1]);
            shown();
            let mine = waits[1].read().1.is_some();
            assert!(joined.join().unwrap() | mine);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_read_until_it_is_taken_back() {
        let cell = Seqlock::<2>::new();
        assert_eq!(cell.read(), (0, None));
        cell.begin([1, 2]);
        assert_eq!(cell.read(), (1, Some([1, 2])));
        cell.end();
        assert_eq!(cell.read(), (2, None));
    }
}
