//! `parking_lot::Condvar`, watched.
#![allow(unsafe_code)]

use super::{GUARDS, MutexGuard, RawMutex, WaitTimeoutResult, real};
use crate::{
    model::Kind,
    record::{Probe, Site},
};
use std::{
    fmt,
    time::{Duration, Instant},
};

/// A condition variable: [`parking_lot::Condvar`](real::Condvar), watched.
pub struct Condvar {
    probe: Probe,
    inner: real::Condvar,
}

impl Condvar {
    /// [`parking_lot::Condvar::new`](real::Condvar::new). Reports tell the place of the call of a condvar without a name.
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn new() -> Condvar {
        Condvar { probe: Probe::new(Kind::Condvar), inner: real::Condvar::new() }
    }

    /// [`parking_lot::Condvar::notify_one`](real::Condvar::notify_one).
    #[inline]
    #[track_caller]
    pub fn notify_one(&self) -> bool {
        self.probe.notify(Site::here(), false, || self.inner.notify_one())
    }

    /// [`parking_lot::Condvar::notify_all`](real::Condvar::notify_all).
    #[inline]
    #[track_caller]
    pub fn notify_all(&self) -> usize {
        self.probe.notify(Site::here(), true, || self.inner.notify_all())
    }

    /// [`parking_lot::Condvar::wait`](real::Condvar::wait). A wait that nobody alive can end is reported.
    ///
    /// # Panics
    ///
    /// As the real one: when others wait with another mutex.
    #[inline]
    #[track_caller]
    pub fn wait<T: ?Sized>(&self, mutex_guard: &mut MutexGuard<'_, T>) {
        let wait = |guard: &mut real::MutexGuard<'_, ()>| self.inner.wait(guard);
        self.waiting(mutex_guard, Site::here(), || None, wait, |()| false);
    }

    /// [`parking_lot::Condvar::wait_until`](real::Condvar::wait_until). Never part of a deadlock while its time lasts;
    /// after that it waits for its mutex, as a `lock` does.
    ///
    /// # Panics
    ///
    /// As [`Condvar::wait`].
    #[inline]
    #[track_caller]
    pub fn wait_until<T: ?Sized>(&self, mutex_guard: &mut MutexGuard<'_, T>, timeout: Instant) -> WaitTimeoutResult {
        let wait = |guard: &mut real::MutexGuard<'_, ()>| self.inner.wait_until(guard, timeout);
        let limit = || Some(timeout.saturating_duration_since(Instant::now()));
        self.waiting(mutex_guard, Site::here(), limit, wait, |result| result.timed_out())
    }

    /// [`parking_lot::Condvar::wait_for`](real::Condvar::wait_for). A deadlock as for [`Condvar::wait_until`].
    ///
    /// # Panics
    ///
    /// As [`Condvar::wait`].
    #[inline]
    #[track_caller]
    pub fn wait_for<T: ?Sized>(&self, mutex_guard: &mut MutexGuard<'_, T>, timeout: Duration) -> WaitTimeoutResult {
        let wait = |guard: &mut real::MutexGuard<'_, ()>| self.inner.wait_for(guard, timeout);
        self.waiting(mutex_guard, Site::here(), || Some(timeout), wait, |result| result.timed_out())
    }

    /// [`parking_lot::Condvar::wait_while`](real::Condvar::wait_while). A wait that nobody alive can end is reported.
    ///
    /// # Panics
    ///
    /// When `condition` does, and as [`Condvar::wait`].
    #[inline]
    #[track_caller]
    pub fn wait_while<T, F>(&self, mutex_guard: &mut MutexGuard<'_, T>, mut condition: F)
    where
        T: ?Sized,
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut **mutex_guard) {
            self.wait(mutex_guard);
        }
    }

    /// [`parking_lot::Condvar::wait_while_until`](real::Condvar::wait_while_until). A deadlock as for
    /// [`Condvar::wait_until`].
    ///
    /// # Panics
    ///
    /// When `condition` does, and as [`Condvar::wait`].
    #[inline]
    #[track_caller]
    pub fn wait_while_until<T, F>(
        &self,
        mutex_guard: &mut MutexGuard<'_, T>,
        mut condition: F,
        timeout: Instant,
    ) -> WaitTimeoutResult
    where
        T: ?Sized,
        F: FnMut(&mut T) -> bool,
    {
        let mut result = self.in_time(mutex_guard, timeout);
        while !result.timed_out() && condition(&mut **mutex_guard) {
            result = self.wait_until(mutex_guard, timeout);
        }
        result
    }

    /// [`parking_lot::Condvar::wait_while_for`](real::Condvar::wait_while_for). A deadlock as for
    /// [`Condvar::wait_until`].
    ///
    /// # Panics
    ///
    /// When `condition` does, and as [`Condvar::wait`].
    #[inline]
    #[track_caller]
    pub fn wait_while_for<T: ?Sized, F>(
        &self,
        mutex_guard: &mut MutexGuard<'_, T>,
        condition: F,
        timeout: Duration,
    ) -> WaitTimeoutResult
    where
        F: FnMut(&mut T) -> bool,
    {
        match Instant::now().checked_add(timeout) {
            Some(timeout) => self.wait_while_until(mutex_guard, condition, timeout),
            None => {
                self.wait_while(mutex_guard, condition);
                self.in_time(mutex_guard, Instant::now())
            }
        }
    }

    #[inline]
    pub(crate) fn probe(&self) -> &Probe {
        &self.probe
    }

    #[inline]
    #[track_caller]
    fn waiting<T: ?Sized, R>(
        &self,
        mutex_guard: &mut MutexGuard<'_, T>,
        site: Site,
        limit: impl FnOnce() -> Option<Duration>,
        wait: impl FnOnce(&mut real::MutexGuard<'_, ()>) -> R,
        timed_out: impl FnOnce(&R) -> bool,
    ) -> R {
        let raw = raw(mutex_guard);
        // SAFETY: the caller's guard says that the lock is held, and a wait returns, or panics, with it.
        let wait = || unsafe { raw.with_guard(wait) };
        raw.probe().wait(&self.probe, GUARDS, limit, site, wait, timed_out)
    }

    /// What a wait says that was not timed out: only the real crate can make one, by not waiting at all.
    #[inline]
    fn in_time<T: ?Sized>(&self, mutex_guard: &MutexGuard<'_, T>, timeout: Instant) -> WaitTimeoutResult {
        let wait = |guard: &mut real::MutexGuard<'_, ()>| self.inner.wait_while_until(guard, |()| false, timeout);
        // SAFETY: the caller's guard says that the lock is held, and nothing changes that.
        unsafe { raw(mutex_guard).with_guard(wait) }
    }
}

#[inline]
fn raw<'a, T: ?Sized>(guard: &MutexGuard<'a, T>) -> &'a RawMutex {
    // SAFETY: it is unlocked by nobody but the real condvar, which has locked it again before the guard is used.
    unsafe { MutexGuard::mutex(guard).raw() }
}

impl Default for Condvar {
    #[inline]
    #[track_caller]
    fn default() -> Condvar {
        Condvar::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
