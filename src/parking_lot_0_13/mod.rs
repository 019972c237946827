//! `parking_lot` 0.13, watched. All but `Once` are `lock_api`'s types over raw locks, which here are the real ones, watched.
//!
//! What does not block is the real crate's: all that is not named here comes from there.

pub use real::*;
use {::parking_lot_0_13 as real, record::Guards};

use crate::record::{self, Probe};
use std::marker::PhantomData;

mod condvar;
mod mutex;
mod once;
mod rwlock;

pub use condvar::{Condvar, RawCondvar};
pub use mutex::{
    FairMutex, FairMutexGuard, MappedFairMutexGuard, MappedMutexGuard, MappedReentrantMutexGuard, Mutex, MutexGuard,
    RawFairMutex, RawMutex, ReentrantMutex, ReentrantMutexGuard,
};
pub use once::Once;
pub use rwlock::{
    MappedRecursiveRwLockReadGuard, MappedRecursiveRwLockWriteGuard, MappedRwLockReadGuard, MappedRwLockWriteGuard,
    RawRwLock, RawRwLockRecursive, RecursiveRwLock, RecursiveRwLockReadGuard, RecursiveRwLockUpgradableReadGuard,
    RecursiveRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard,
};

/// A raw lock of the real crate, watched.
pub struct Watched<R> {
    probe: Probe,
    inner: R,
}

impl<R> Watched<R> {
    #[inline]
    pub(crate) fn probe(&self) -> &Probe {
        &self.probe
    }
}

/// The real crate's guards can be sent to other threads where somebody has asked for its feature `send_guard`: the
/// inherent constant hides the trait's where the guards' state can.
const GUARDS: Guards = Guards::new(Marker::<<real::RawMutex as lock_api::RawMutex>::Guard>::FREE);

struct Marker<M>(PhantomData<M>);

#[allow(dead_code, reason = "the other one is used")]
trait Bound {
    const FREE: bool = false;
}

impl<M> Bound for Marker<M> {}

#[allow(dead_code, reason = "the other one is used")]
impl<M: Send> Marker<M> {
    const FREE: bool = true;
}
