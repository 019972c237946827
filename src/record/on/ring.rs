//! Records from one thread to the collector.
//!
//! A full ring loses the newest, and counts what it lost. One thread writes and one reads; both may change to another
//! thread that comes after (a slot is given away, the collector's lock is taken).
//!
//! Records are written before `written` (release), which is read before them (acquire); they are read before `read`
//! (release), which is read before they are overwritten (acquire). So neither sees half of what the other does.
//!
//! The writer looks at `read` as rarely as it can: a look gives it a `limit`, up to which it writes without another.
//! Reader and writer so share a cache line only where one meets the other's records.

use super::memory;
use crate::primitive::{AtomicU64, PATIENCE, fence};
use std::sync::atomic::Ordering::*;

/// `LENGTH` records of `WIDTH` words. All zero: empty.
pub(super) struct Ring<const WIDTH: usize, const LENGTH: usize> {
    /// Records ever written.
    written: AtomicU64,
    /// What `written` may become without another look at `read`. The writer's alone.
    limit: AtomicU64,
    lost: AtomicU64,
    read: Apart,
    records: [[AtomicU64; WIDTH]; LENGTH],
}

/// Records ever read, on a cache line that the writer does not write to.
#[repr(align(128))]
struct Apart(AtomicU64);

/// What became of records that were to be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pushed {
    /// They are in the ring.
    Kept,
    /// They are, and it fills up: the reader should come. As a rule said once for each time.
    Filling,
    /// There was no room.
    Lost,
}

impl<const WIDTH: usize, const LENGTH: usize> Ring<WIDTH, LENGTH> {
    #[cfg(test)]
    pub(super) fn new() -> Ring<WIDTH, LENGTH> {
        Ring {
            written: AtomicU64::new(0),
            limit: AtomicU64::new(0),
            read: Apart(AtomicU64::new(0)),
            lost: AtomicU64::new(0),
            records: std::array::from_fn(|_| std::array::from_fn(|_| AtomicU64::new(0))),
        }
    }

    /// Whether [`Ring::push_one`] may be called.
    #[inline(always)]
    pub(super) fn has_room(&self) -> bool {
        self.written.load(Relaxed) < self.limit.load(Relaxed)
    }

    /// Writes one record, for which there is room. Records ahead of it are asked into the cache: the reader has them in
    /// its own, and the next atomic operation would have to wait until each line is here.
    #[inline(always)]
    pub(super) fn push_one(&self, record: [u64; WIDTH]) {
        const AHEAD: u64 = 32;
        let written = self.written.load(Relaxed);
        memory::will_write(&self.records[(written + AHEAD) as usize % LENGTH]);
        self.write(written, &record);
        self.publish(written + 1);
    }

    /// Writes all of these records or, where there is no room for all, none: then one more counts as lost. The ring
    /// fills up when `mark` of its records are unread.
    #[inline]
    pub(super) fn push(&self, records: &[[u64; WIDTH]], mark: usize) -> Pushed {
        let written = self.written.load(Relaxed);
        let end = written + records.len() as u64;
        let mut pushed = Pushed::Kept;
        if end > self.limit.load(Relaxed) {
            pushed = self.look(end, mark as u64);
            if pushed == Pushed::Lost {
                return pushed;
            }
        }
        for (at, record) in (written..).zip(records) {
            self.write(at, record);
        }
        self.publish(end);
        pushed
    }

    /// How far the reader is: is there room up to `end`?
    #[cold]
    fn look(&self, end: u64, mark: u64) -> Pushed {
        let read = self.read.0.load(Acquire);
        let (limit, pushed) = match end - read {
            unread if unread > LENGTH as u64 => {
                self.lost.store(self.lost.load(Relaxed) + 1, Relaxed);
                return Pushed::Lost;
            }
            unread if unread >= mark => (read + LENGTH as u64, Pushed::Filling),
            _ => (read + mark - 1, Pushed::Kept),
        };
        self.limit.store(limit, Relaxed);
        pushed
    }

    /// The next push looks, whatever room there is.
    pub(super) fn look_again(&self) {
        self.limit.store(0, Relaxed);
    }

    #[inline(always)]
    fn write(&self, at: u64, record: &[u64; WIDTH]) {
        let cells = &self.records[at as usize % LENGTH];
        for (cell, word) in cells.iter().zip(record) {
            cell.store(*word, Relaxed);
        }
    }

    #[inline(always)]
    fn publish(&self, written: u64) {
        self.written.store(written, Release);
        // The next record must not be seen before this number: see `last`.
        fence(Release);
    }

    /// How many pushes found no room, ever.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }

    /// What has been written and not read. Only for the one reader.
    pub(super) fn unread(&self) -> Unread<'_, WIDTH, LENGTH> {
        Unread { ring: self, at: self.read.0.load(Relaxed), end: self.written.load(Acquire) }
    }

    /// The last `most` records, oldest first, read or not: for anybody, of a ring that is written one record at a
    /// time. Empty when the writer was too busy.
    pub(super) fn last(&self, most: usize) -> Vec<[u64; WIDTH]> {
        // The oldest of a whole ring may be being overwritten.
        let most = most.min(LENGTH - 1) as u64;
        for _ in 0..PATIENCE {
            let written = self.written.load(Acquire);
            let last = (written.saturating_sub(most)..written).map(|at| self.record(at)).collect();
            // Who read a later record in an older one's place sees a later number now.
            fence(Acquire);
            if self.written.load(Relaxed) == written {
                return last;
            }
        }
        Vec::new()
    }

    fn record(&self, at: u64) -> [u64; WIDTH] {
        let cells = &self.records[at as usize % LENGTH];
        std::array::from_fn(|word| cells[word].load(Relaxed))
    }
}

/// Reads on; what was read makes room for new records only at [`Unread::finish`].
pub(super) struct Unread<'a, const WIDTH: usize, const LENGTH: usize> {
    ring: &'a Ring<WIDTH, LENGTH>,
    at: u64,
    end: u64,
}

impl<const WIDTH: usize, const LENGTH: usize> Unread<'_, WIDTH, LENGTH> {
    /// The next record, if there is one and it is wanted; otherwise it stays unread.
    pub(super) fn next_if(&mut self, wanted: impl FnOnce(&[u64; WIDTH]) -> bool) -> Option<[u64; WIDTH]> {
        let record = (self.at < self.end).then(|| self.ring.record(self.at)).filter(wanted)?;
        self.at += 1;
        Some(record)
    }

    pub(super) fn finish(self) {
        self.ring.read.0.store(self.at, Release);
    }
}

impl<const WIDTH: usize, const LENGTH: usize> Iterator for Unread<'_, WIDTH, LENGTH> {
    type Item = [u64; WIDTH];

    fn next(&mut self) -> Option<[u64; WIDTH]> {
        self.next_if(|_| true)
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use loom::{model, sync::Arc, thread};

    fn drain<const LENGTH: usize>(ring: &Ring<2, LENGTH>) -> Vec<[u64; 2]> {
        let mut unread = ring.unread();
        let read = unread.by_ref().collect();
        unread.finish();
        read
    }

    fn numbered(number: u64) -> [u64; 2] {
        [number, number * 10]
    }

    #[test]
    fn nothing_is_torn_or_comes_twice_and_losses_are_counted() {
        model(|| {
            let ring = Arc::new(Ring::<2, 2>::new());
            let writer = thread::spawn({
                let ring = Arc::clone(&ring);
                move || {
                    (1..=4).filter(|&number| ring.push(&[numbered(number)], 2) != Pushed::Lost).collect::<Vec<u64>>()
                }
            });
            let mut read = drain(&ring);
            read.extend(drain(&ring));
            let written = writer.join().unwrap();
            read.extend(drain(&ring));
            assert_eq!(read, written.iter().copied().map(numbered).collect::<Vec<_>>());
            assert_eq!(ring.lost() as usize, 4 - written.len());
        });
    }

    #[test]
    fn a_push_of_several_is_read_whole_or_not_yet() {
        model(|| {
            let ring = Arc::new(Ring::<2, 3>::new());
            let writer = thread::spawn({
                let ring = Arc::clone(&ring);
                move || {
                    let push = || ring.push(&[numbered(1), numbered(2)], 3) != Pushed::Lost;
                    push() as usize + push() as usize
                }
            });
            let mut read = drain(&ring);
            assert!(read.len() % 2 == 0, "{read:?}");
            let pushes = writer.join().unwrap();
            read.extend(drain(&ring));
            assert_eq!(read, [numbered(1), numbered(2)].repeat(pushes));
        });
    }

    #[test]
    fn the_last_records_are_read_whole_while_the_ring_goes_round() {
        model(|| {
            let ring = Arc::new(Ring::<2, 2>::new());
            // From outside, and later: all that the writer ever wrote can still be seen.
            let looker = thread::spawn({
                let ring = Arc::clone(&ring);
                move || {
                    let last = ring.last(2);
                    assert!(last.len() < 2 && last.iter().all(|&[number, _]| last == [numbered(number)]), "{last:?}");
                }
            });
            for number in 1..=4 {
                if ring.has_room() {
                    ring.push_one(numbered(number));
                } else {
                    ring.push(&[numbered(number)], 2);
                }
                drain(&ring);
            }
            looker.join().unwrap();
            assert_eq!(ring.last(2), [numbered(4)]);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::thread;

    #[test]
    fn an_unwanted_record_stays() {
        let ring = Ring::<1, 4>::new();
        ring.push(&[[1], [2], [3]], 4);
        let mut unread = ring.unread();
        assert_eq!(unread.next_if(|[word]| *word < 3), Some([1]));
        assert_eq!(unread.next_if(|[word]| *word < 2), None);
        unread.finish();
        assert_eq!(ring.unread().collect::<Vec<_>>(), [[2], [3]]);
        assert_eq!(ring.last(2), [[2], [3]]);
    }

    #[test]
    fn a_mark_is_passed_once_on_the_way_up() {
        let ring = Ring::<1, 4>::new();
        let pushed: Vec<Pushed> = (0..5).map(|word| ring.push(&[[word]], 2)).collect();
        assert_eq!(pushed, [Pushed::Kept, Pushed::Filling, Pushed::Kept, Pushed::Kept, Pushed::Lost]);
        assert_eq!(ring.lost(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Two real threads: a writer of messages of any length, and a reader. Every message begins with its length.
        #[test]
        fn messages_arrive_whole_in_order_or_are_counted(lengths in prop::collection::vec(1..6u64, 1..400)) {
            let ring = Ring::<1, 16>::new();
            let read = thread::scope(|scope| {
                let writer = scope.spawn(|| {
                    let kept = |(number, &length): (usize, &u64)| {
                        let mut message = vec![[number as u64]; length as usize + 1];
                        message[0] = [length];
                        (ring.push(&message, 8) != Pushed::Lost).then_some((number as u64, length))
                    };
                    lengths.iter().enumerate().filter_map(kept).collect::<Vec<_>>()
                });
                let mut read = Vec::new();
                while !writer.is_finished() {
                    take_messages(&ring, &mut read);
                    thread::yield_now();
                }
                take_messages(&ring, &mut read);
                let written = writer.join().expect("the writer does not panic");
                assert_eq!(ring.lost() as usize, lengths.len() - written.len());
                assert_eq!(read, written);
                read
            });
            prop_assert!(!read.is_empty());
        }
    }

    fn take_messages(ring: &Ring<1, 16>, into: &mut Vec<(u64, u64)>) {
        let mut unread = ring.unread();
        while let Some([length]) = unread.next() {
            let words: Vec<u64> = unread.by_ref().take(length as usize).map(|[word]| word).collect();
            assert_eq!(words, vec![words[0]; length as usize]);
            into.push((words[0], length));
        }
        unread.finish();
    }
}
