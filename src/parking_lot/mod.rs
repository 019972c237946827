//! `parking_lot` 0.12, watched. Guards, mapping and `Arc` guards are `lock_api`'s, over raw locks of our own.
//!
//! What does not block is the real crate's: all that is not named here comes from there.

pub use real::*;
use {::parking_lot as real, record::Guards};

use crate::record;
use std::marker::PhantomData;

mod condvar;
mod fair_mutex;
mod mutex;
mod once;
mod raw;
mod rwlock;

pub use condvar::Condvar;
pub use fair_mutex::{FairMutex, FairMutexGuard, MappedFairMutexGuard, RawFairMutex, const_fair_mutex};
pub use mutex::{
    MappedMutexGuard, MappedReentrantMutexGuard, Mutex, MutexGuard, RawMutex, ReentrantMutex, ReentrantMutexGuard,
    const_mutex, const_reentrant_mutex,
};
pub use once::Once;
pub use rwlock::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RawRwLock, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard,
    RwLockWriteGuard, const_rwlock,
};

/// What an attempt has brought, as the recorder wants it.
#[inline(always)]
fn got(acquired: bool) -> Option<()> {
    acquired.then_some(())
}

/// The real crate's guards can be sent to other threads where somebody has asked for its feature `send_guard`: the
/// inherent constant hides the trait's where the marker can.
const GUARDS: Guards = Guards::new(Marker::<<real::RawMutex as lock_api::RawMutex>::GuardMarker>::FREE);

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
