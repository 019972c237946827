//! Records that are given away and taken back, many at a time and never freed: type-stable memory, so that others may
//! read one at any time and find out afterwards whose it was.
//!
//! Records lie in chunks. A number is a record's for good; those that nobody uses are in a [`FreeList`].

use super::{free_list::FreeList, memory};
use crate::primitive::{self, AtomicU32};
use std::sync::atomic::{AtomicPtr, Ordering::*};

/// Records that are made at once.
pub(super) const CHUNK: usize = 256;

/// What a table is made of.
pub(super) trait Entry: Sync + 'static {
    /// One that nobody has used.
    fn fresh() -> Self;
    /// Where its number is kept, and the link to the next that nobody uses.
    fn links(&self) -> &Links;
}

/// A record's number, and its link in the list of those that nobody uses.
pub(super) struct Links {
    number: AtomicU32,
    next_free: AtomicU32,
}

impl Links {
    pub(super) fn new() -> Links {
        Links { number: AtomicU32::new(0), next_free: AtomicU32::new(0) }
    }

    pub(super) fn number(&self) -> u32 {
        self.number.load(Relaxed)
    }

    /// A word for whoever uses the record. (The link is not one then. Who takes another record at the same time may still
    /// read it for one, and finds that the list has changed.)
    pub(super) fn note(&self) -> &AtomicU32 {
        &self.next_free
    }
}

/// A record that nobody uses, kept by one thread for the next time: what is made and gone again and again needs nothing of
/// what all threads share. Who has the thread's slot next has it then.
pub(super) struct Spare<T: 'static>(AtomicPtr<T>);

impl<T: Entry> Spare<T> {
    #[inline]
    #[allow(unsafe_code)]
    fn take(&self) -> Option<&'static T> {
        // SAFETY: null, or a record (`put`), and those are never freed.
        let record = unsafe { self.0.load(Relaxed).as_ref() };
        self.0.store(std::ptr::null_mut(), Relaxed);
        record
    }

    /// Whether there was room.
    #[inline]
    fn put(&self, record: &'static T) -> bool {
        let room = self.0.load(Relaxed).is_null();
        if room {
            self.0.store(std::ptr::from_ref(record).cast_mut(), Relaxed);
        }
        room
    }
}

/// Up to `CHUNKS` times 256 records.
pub(super) struct Table<T, const CHUNKS: usize> {
    chunks: [AtomicPtr<[T; CHUNK]>; CHUNKS],
    free: FreeList,
    /// How many were ever made.
    made: AtomicU32,
}

impl<T: Entry, const CHUNKS: usize> Table<T, CHUNKS> {
    /// An empty one, around zeroes (which a `const fn` cannot make where atomics are loom's).
    pub(super) const fn around(free: primitive::AtomicU64, made: AtomicU32) -> Table<T, CHUNKS> {
        Table { chunks: [const { AtomicPtr::new(std::ptr::null_mut()) }; CHUNKS], free: FreeList::around(free), made }
    }

    /// A record that nobody uses, as its last user has left it. `None`: there is no room for more.
    pub(super) fn take(&self) -> Option<&'static T> {
        let free = self.free.pop(|number| Some(&self.get(number)?.links().next_free));
        free.and_then(|number| self.get(number)).or_else(|| self.make())
    }

    /// Nobody uses it any more.
    pub(super) fn give_back(&self, record: &'static T) {
        let links = record.links();
        self.free.push(links.number(), &links.next_free);
    }

    /// The same as [`Table::take`], from what the calling thread has to spare, if anything.
    #[inline]
    pub(super) fn take_near(&self, spare: Option<&Spare<T>>) -> Option<&'static T> {
        spare.and_then(Spare::take).or_else(|| self.take())
    }

    /// Nobody uses it any more: it is for the calling thread to spare, if that has none.
    #[inline]
    pub(super) fn give_back_near(&self, record: &'static T, spare: Option<&Spare<T>>) {
        if !spare.is_some_and(|spare| spare.put(record)) {
            self.give_back(record);
        }
    }

    /// The record with this number.
    pub(super) fn get(&self, number: u32) -> Option<&'static T> {
        self.chunk(number as usize / CHUNK)?.get(number as usize % CHUNK)
    }

    /// All there are, used or not.
    pub(super) fn all(&self) -> impl Iterator<Item = &'static T> + '_ {
        (0..self.made().min((CHUNK * CHUNKS) as u32)).filter_map(|number| self.get(number))
    }

    /// How many there are.
    pub(super) fn made(&self) -> u32 {
        self.made.load(Acquire)
    }

    fn make(&self) -> Option<&'static T> {
        // What has been counted once too often stays far below an overflow: each is a failed `take` of its own.
        if self.made.load(Relaxed) as usize >= CHUNK * CHUNKS {
            return None;
        }
        let number = self.made.fetch_add(1, Relaxed);
        let record = self.get(number).or_else(|| {
            let chunk = number as usize / CHUNK;
            self.make_chunk(chunk)?.get(number as usize % CHUNK)
        })?;
        record.links().number.store(number, Relaxed);
        Some(record)
    }

    #[allow(unsafe_code)]
    fn chunk(&self, number: usize) -> Option<&'static [T; CHUNK]> {
        // SAFETY: null, or a leaked, initialised chunk (stored in `make_chunk`), of which nobody makes a `&mut`.
        unsafe { self.chunks.get(number)?.load(Acquire).as_ref() }
    }

    #[cold]
    #[allow(unsafe_code)]
    fn make_chunk(&self, number: usize) -> Option<&'static [T; CHUNK]> {
        let fresh = memory::pages::<[T; CHUNK]>()?.as_ptr();
        for at in 0..CHUNK {
            // SAFETY: one of the records in memory that is fresh, aligned, large enough, and nobody else's yet.
            unsafe { (&raw mut (*fresh)[at]).write(T::fresh()) };
        }
        // Where somebody else was faster it will do for the next number.
        self.chunks.get(number..)?.iter().find(|place| {
            place.load(Relaxed).is_null()
                && place.compare_exchange(std::ptr::null_mut(), fresh, AcqRel, Acquire).is_ok()
        });
        self.chunk(number)
    }
}
