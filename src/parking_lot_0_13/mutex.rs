//! `parking_lot::Mutex`, `FairMutex` and `ReentrantMutex`, watched.
#![allow(unsafe_code)]

use super::{GUARDS, RawThreadId, Watched, lock_api, real};
use crate::{
    model::{Kind, Mode},
    record::{Probe, Site},
};

/// A mutual exclusion primitive: [`parking_lot::Mutex`](real::Mutex), watched. A wait that can never end is reported;
/// one with a time-out is never part of a deadlock, and neither it nor a `try_lock` makes lock order.
pub type Mutex<T> = lock_api::Mutex<RawMutex, T>;

/// [`parking_lot::MutexGuard`](real::MutexGuard), of a watched mutex.
pub type MutexGuard<'a, T> = lock_api::MutexGuard<'a, RawMutex, T>;

/// [`parking_lot::MappedMutexGuard`](real::MappedMutexGuard), of a watched mutex.
pub type MappedMutexGuard<'a, T> = lock_api::MappedMutexGuard<'a, RawMutex, T>;

/// A mutex whose unlocks are fair: [`parking_lot::FairMutex`](real::FairMutex), watched as [`Mutex`] is.
pub type FairMutex<T> = lock_api::Mutex<RawFairMutex, T>;

/// [`parking_lot::FairMutexGuard`](real::FairMutexGuard), of a watched mutex.
pub type FairMutexGuard<'a, T> = lock_api::MutexGuard<'a, RawFairMutex, T>;

/// [`parking_lot::MappedFairMutexGuard`](real::MappedFairMutexGuard), of a watched mutex.
pub type MappedFairMutexGuard<'a, T> = lock_api::MappedMutexGuard<'a, RawFairMutex, T>;

/// A mutex that its holder can lock again: [`parking_lot::ReentrantMutex`](real::ReentrantMutex), watched.
pub type ReentrantMutex<T> = lock_api::ReentrantMutex<RawMutex, RawThreadId, T>;

/// [`parking_lot::ReentrantMutexGuard`](real::ReentrantMutexGuard), of a watched mutex.
pub type ReentrantMutexGuard<'a, T> = lock_api::ReentrantMutexGuard<'a, RawMutex, RawThreadId, T>;

/// [`parking_lot::MappedReentrantMutexGuard`](real::MappedReentrantMutexGuard), of a watched mutex.
pub type MappedReentrantMutexGuard<'a, T> = lock_api::MappedReentrantMutexGuard<'a, RawMutex, RawThreadId, T>;

/// The lock itself: [`parking_lot::RawMutex`](real::RawMutex), watched.
pub type RawMutex = Watched<real::RawMutex>;

/// The lock itself: [`parking_lot::RawFairMutex`](real::RawFairMutex), watched.
pub type RawFairMutex = Watched<real::RawFairMutex>;

// SAFETY: the real lock excludes; nothing is added to it or left out. An acquisition that unwinds has not been recorded.
unsafe impl<R: lock_api::RawMutex> lock_api::RawMutex for Watched<R> {
    const INIT: Watched<R> = Watched { probe: Probe::unplaced(Kind::Mutex), inner: R::INIT };

    type Guard = R::Guard;

    #[inline]
    #[track_caller]
    fn lock(&self) -> R::Guard {
        let (attempt, block) = (|| self.inner.try_lock(), || self.inner.lock());
        self.probe.lock(Site::here(), GUARDS, Mode::Exclusive, attempt, block)
    }

    #[inline]
    #[track_caller]
    fn try_lock(&self) -> Option<R::Guard> {
        self.probe.try_lock(Site::here(), GUARDS, Mode::Exclusive, || self.inner.try_lock())
    }

    #[inline]
    unsafe fn unlock(&self, guard: R::Guard) {
        self.probe.unlock(GUARDS, Mode::Exclusive);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock(guard) };
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.inner.is_locked()
    }
}

// SAFETY: as for `RawMutex`.
unsafe impl<R: lock_api::RawMutexFair> lock_api::RawMutexFair for Watched<R> {
    #[inline]
    unsafe fn unlock_fair(&self, guard: R::Guard) {
        self.probe.unlock(GUARDS, Mode::Exclusive);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_fair(guard) };
    }

    #[inline]
    #[track_caller]
    unsafe fn bump(&self, guard: &mut R::Guard) {
        let bump = || {
            // SAFETY: the caller holds the lock, and does so again at the end.
            unsafe { self.inner.bump(guard) };
        };
        self.probe.bump(Site::here(), GUARDS, Mode::Exclusive, bump);
    }
}

// SAFETY: as for `RawMutex`.
unsafe impl<R: lock_api::RawMutexTimed> lock_api::RawMutexTimed for Watched<R>
where
    R::Duration: Copy,
    R::Instant: Copy,
{
    type Duration = R::Duration;
    type Instant = R::Instant;

    #[inline]
    #[track_caller]
    fn try_lock_for(&self, timeout: R::Duration) -> Option<R::Guard> {
        let (attempt, block) = (|| self.inner.try_lock(), || self.inner.try_lock_for(timeout));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Exclusive, attempt, block)
    }

    #[inline]
    #[track_caller]
    fn try_lock_until(&self, timeout: R::Instant) -> Option<R::Guard> {
        let (attempt, block) = (|| self.inner.try_lock(), || self.inner.try_lock_until(timeout));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Exclusive, attempt, block)
    }
}
