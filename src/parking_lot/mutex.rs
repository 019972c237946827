//! `parking_lot::Mutex` and `ReentrantMutex`, watched.
#![allow(unsafe_code)]

use super::{GUARDS, RawThreadId, got, lock_api, real};
use crate::{
    model::{Kind, Mode},
    record::{Probe, Site},
};
use lock_api::RawMutex as _;
use std::{
    mem::ManuallyDrop,
    panic::RefUnwindSafe,
    time::{Duration, Instant},
};

/// A mutual exclusion primitive: [`parking_lot::Mutex`](real::Mutex), watched. A wait that can never end is reported;
/// one with a time-out is never part of a deadlock, and neither it nor a `try_lock` makes lock order.
pub type Mutex<T> = lock_api::Mutex<RawMutex, T>;

/// [`parking_lot::MutexGuard`](real::MutexGuard), of a watched mutex.
pub type MutexGuard<'a, T> = lock_api::MutexGuard<'a, RawMutex, T>;

/// [`parking_lot::MappedMutexGuard`](real::MappedMutexGuard), of a watched mutex.
pub type MappedMutexGuard<'a, T> = lock_api::MappedMutexGuard<'a, RawMutex, T>;

/// A mutex that its holder can lock again: [`parking_lot::ReentrantMutex`](real::ReentrantMutex), watched.
pub type ReentrantMutex<T> = lock_api::ReentrantMutex<RawMutex, RawThreadId, T>;

/// [`parking_lot::ReentrantMutexGuard`](real::ReentrantMutexGuard), of a watched mutex.
pub type ReentrantMutexGuard<'a, T> = lock_api::ReentrantMutexGuard<'a, RawMutex, RawThreadId, T>;

/// [`parking_lot::MappedReentrantMutexGuard`](real::MappedReentrantMutexGuard), of a watched mutex.
pub type MappedReentrantMutexGuard<'a, T> = lock_api::MappedReentrantMutexGuard<'a, RawMutex, RawThreadId, T>;

/// [`parking_lot::const_mutex`](real::const_mutex). Reports tell the place of the call.
#[track_caller]
pub const fn const_mutex<T>(val: T) -> Mutex<T> {
    Mutex::from_raw(RawMutex::new(Probe::new(Kind::Mutex)), val)
}

/// [`parking_lot::const_reentrant_mutex`](real::const_reentrant_mutex). Reports tell the place of the call.
#[track_caller]
pub const fn const_reentrant_mutex<T>(val: T) -> ReentrantMutex<T> {
    ReentrantMutex::from_raw(RawMutex::new(Probe::new(Kind::Mutex)), RawThreadId, val)
}

/// The lock itself: [`parking_lot::RawMutex`](real::RawMutex), watched.
pub struct RawMutex {
    probe: Probe,
    /// A whole mutex, since the real `Condvar` takes the guard of one.
    inner: real::Mutex<()>,
}

/// As the real one; the `()` that a mutex holds changes nothing.
impl RefUnwindSafe for RawMutex {}

impl RawMutex {
    const fn new(probe: Probe) -> RawMutex {
        RawMutex { probe, inner: real::const_mutex(()) }
    }

    #[inline]
    pub(crate) fn probe(&self) -> &Probe {
        &self.probe
    }

    #[inline]
    fn raw(&self) -> &real::RawMutex {
        // SAFETY: it must not be unlocked by way of this while a guard exists. The only guard is `with_guard`'s, which
        // stands for the caller's own while that is not used.
        unsafe { self.inner.raw() }
    }

    /// Lends the real mutex's guard.
    ///
    /// # Safety
    ///
    /// The caller holds the lock, and still does when `use_guard` has returned, or panicked.
    #[inline]
    pub(super) unsafe fn with_guard<R>(&self, use_guard: impl FnOnce(&mut real::MutexGuard<'_, ()>) -> R) -> R {
        // SAFETY: the lock is held, and whoever holds it has no guard of the real mutex: none is ever kept.
        let mut guard = ManuallyDrop::new(unsafe { self.inner.make_guard_unchecked() });
        use_guard(&mut guard)
    }
}

// SAFETY: the real lock excludes; nothing is added to it or left out.
unsafe impl lock_api::RawMutex for RawMutex {
    const INIT: RawMutex = RawMutex::new(Probe::unplaced(Kind::Mutex));

    type GuardMarker = <real::RawMutex as lock_api::RawMutex>::GuardMarker;

    #[inline]
    #[track_caller]
    fn lock(&self) {
        let raw = self.raw();
        self.probe.lock(Site::here(), GUARDS, Mode::Exclusive, || got(raw.try_lock()), || raw.lock());
    }

    #[inline]
    #[track_caller]
    fn try_lock(&self) -> bool {
        self.probe.try_lock(Site::here(), GUARDS, Mode::Exclusive, || got(self.raw().try_lock())).is_some()
    }

    #[inline]
    unsafe fn unlock(&self) {
        self.probe.unlock(GUARDS, Mode::Exclusive);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.raw().unlock() };
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.raw().is_locked()
    }
}

// SAFETY: as for `RawMutex`.
unsafe impl lock_api::RawMutexFair for RawMutex {
    #[inline]
    unsafe fn unlock_fair(&self) {
        self.probe.unlock(GUARDS, Mode::Exclusive);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.raw().unlock_fair() };
    }

    #[inline]
    #[track_caller]
    unsafe fn bump(&self) {
        // SAFETY: the caller holds the lock, and does so again at the end.
        let bump = || unsafe { self.raw().bump() };
        self.probe.bump(Site::here(), GUARDS, Mode::Exclusive, bump);
    }
}

// SAFETY: as for `RawMutex`.
unsafe impl lock_api::RawMutexTimed for RawMutex {
    type Duration = Duration;
    type Instant = Instant;

    #[inline]
    #[track_caller]
    fn try_lock_for(&self, timeout: Duration) -> bool {
        let raw = self.raw();
        let (attempt, block) = (|| got(raw.try_lock()), || got(raw.try_lock_for(timeout)));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Exclusive, attempt, block).is_some()
    }

    #[inline]
    #[track_caller]
    fn try_lock_until(&self, timeout: Instant) -> bool {
        let raw = self.raw();
        let (attempt, block) = (|| got(raw.try_lock()), || got(raw.try_lock_until(timeout)));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Exclusive, attempt, block).is_some()
    }
}
