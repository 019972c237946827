//! keepcalm with its deadlock detection, which panics before it blocks. One type is mutex and read-write lock.

use crate::family::{Exclusive, Family, Setup, Shared};
use ::keepcalm::{SharedMut, SharedReadLock, SharedWriteLock};
use std::thread;

pub(crate) struct Keepcalm;

pub(crate) struct OfMutex(SharedMut<u64>);

impl Exclusive for OfMutex {
    type Guard<'a> = SharedWriteLock<'a, u64>;
    #[inline(always)]
    fn new(value: u64) -> Self {
        OfMutex(SharedMut::new_mutex(value))
    }
    #[inline(always)]
    fn lock(&self) -> Self::Guard<'_> {
        self.0.write()
    }
}

pub(crate) struct OfRwLock(SharedMut<u64>);

impl Shared for OfRwLock {
    type Read<'a> = SharedReadLock<'a, u64>;
    type Write<'a> = SharedWriteLock<'a, u64>;
    #[inline(always)]
    fn new(value: u64) -> Self {
        OfRwLock(SharedMut::new(value))
    }
    #[inline(always)]
    fn read(&self) -> Self::Read<'_> {
        self.0.read()
    }
    #[inline(always)]
    fn write(&self) -> Self::Write<'_> {
        self.0.write()
    }
}

impl Family for Keepcalm {
    type Exclusive = OfMutex;
    type Shared = OfRwLock;
    type Thread = thread::JoinHandle<()>;
    #[inline(always)]
    fn spawn(run: impl FnOnce() + Send + 'static) -> Self::Thread {
        thread::spawn(run)
    }
    #[inline(always)]
    fn join(thread: Self::Thread) {
        thread.join().expect("the thread does not panic");
    }
    fn start(setup: &Setup<'_>) {
        super::told_by_panic(setup);
    }
}
