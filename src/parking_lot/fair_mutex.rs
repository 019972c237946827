//! `parking_lot::FairMutex`, watched.
#![allow(unsafe_code)]

use super::{GUARDS, got, lock_api, real};
use crate::{
    model::{Kind, Mode},
    record::{Probe, Site},
};
use lock_api::RawMutex as _;
use std::time::{Duration, Instant};

/// A mutex whose unlocks are fair: [`parking_lot::FairMutex`](real::FairMutex), watched as [`Mutex`](super::Mutex) is.
pub type FairMutex<T> = lock_api::Mutex<RawFairMutex, T>;

/// [`parking_lot::FairMutexGuard`](real::FairMutexGuard), of a watched mutex.
pub type FairMutexGuard<'a, T> = lock_api::MutexGuard<'a, RawFairMutex, T>;

/// [`parking_lot::MappedFairMutexGuard`](real::MappedFairMutexGuard), of a watched mutex.
pub type MappedFairMutexGuard<'a, T> = lock_api::MappedMutexGuard<'a, RawFairMutex, T>;

/// [`parking_lot::const_fair_mutex`](real::const_fair_mutex). Reports tell the place of the call.
#[track_caller]
pub const fn const_fair_mutex<T>(val: T) -> FairMutex<T> {
    FairMutex::from_raw(RawFairMutex::new(Probe::new(Kind::Mutex)), val)
}

/// The lock itself: [`parking_lot::RawFairMutex`](real::RawFairMutex), watched.
pub struct RawFairMutex {
    probe: Probe,
    inner: real::RawFairMutex,
}

impl RawFairMutex {
    const fn new(probe: Probe) -> RawFairMutex {
        RawFairMutex { probe, inner: real::RawFairMutex::INIT }
    }

    #[inline]
    pub(crate) fn probe(&self) -> &Probe {
        &self.probe
    }
}

// SAFETY: the real lock excludes; nothing is added to it or left out.
unsafe impl lock_api::RawMutex for RawFairMutex {
    const INIT: RawFairMutex = RawFairMutex::new(Probe::unplaced(Kind::Mutex));

    type GuardMarker = <real::RawFairMutex as lock_api::RawMutex>::GuardMarker;

    #[inline]
    #[track_caller]
    fn lock(&self) {
        let (attempt, block) = (|| got(self.inner.try_lock()), || self.inner.lock());
        self.probe.lock(Site::here(), GUARDS, Mode::Exclusive, attempt, block);
    }

    #[inline]
    #[track_caller]
    fn try_lock(&self) -> bool {
        self.probe.try_lock(Site::here(), GUARDS, Mode::Exclusive, || got(self.inner.try_lock())).is_some()
    }

    #[inline]
    unsafe fn unlock(&self) {
        self.probe.unlock(GUARDS, Mode::Exclusive);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock() };
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.inner.is_locked()
    }
}

// SAFETY: as for `RawMutex`.
unsafe impl lock_api::RawMutexFair for RawFairMutex {
    #[inline]
    unsafe fn unlock_fair(&self) {
        self.probe.unlock(GUARDS, Mode::Exclusive);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_fair() };
    }

    #[inline]
    #[track_caller]
    unsafe fn bump(&self) {
        // SAFETY: the caller holds the lock, and does so again at the end.
        let bump = || unsafe { self.inner.bump() };
        self.probe.bump(Site::here(), GUARDS, Mode::Exclusive, bump);
    }
}

// SAFETY: as for `RawMutex`.
unsafe impl lock_api::RawMutexTimed for RawFairMutex {
    type Duration = Duration;
    type Instant = Instant;

    #[inline]
    #[track_caller]
    fn try_lock_for(&self, timeout: Duration) -> bool {
        let (attempt, block) = (|| got(self.inner.try_lock()), || got(self.inner.try_lock_for(timeout)));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Exclusive, attempt, block).is_some()
    }

    #[inline]
    #[track_caller]
    fn try_lock_until(&self, timeout: Instant) -> bool {
        let (attempt, block) = (|| got(self.inner.try_lock()), || got(self.inner.try_lock_until(timeout)));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Exclusive, attempt, block).is_some()
    }
}
