//! `parking_lot::Condvar`, watched.
#![allow(unsafe_code)]

use super::{GUARDS, RawMutex, Watched, lock_api, real};
use crate::{
    model::Kind,
    record::{Probe, Site},
};
use std::time::{Duration, Instant};

/// A condition variable: [`parking_lot::Condvar`](real::Condvar), watched. A wait that nobody alive can end is reported;
/// one with a time-out is never part of a deadlock while its time lasts, and after that waits for its mutex, as a `lock`
/// does.
pub type Condvar = lock_api::Condvar<RawCondvar>;

/// The condition variable itself: [`parking_lot::RawCondvar`](real::RawCondvar), watched.
pub type RawCondvar = Watched<real::RawCondvar>;

/// The state of a mutex's guard.
type Guard = <RawMutex as lock_api::RawMutex>::Guard;

// SAFETY: the real one waits, with the real mutex that the caller holds; nothing is added to that or left out.
unsafe impl lock_api::RawCondvar for RawCondvar {
    const INIT: RawCondvar = Watched { probe: Probe::unplaced(Kind::Condvar), inner: real::RawCondvar::INIT };

    type RawMutex = RawMutex;

    #[inline]
    #[track_caller]
    unsafe fn wait(&self, mutex: &RawMutex, guard: &mut Guard) {
        // SAFETY: the caller's promise is passed on.
        let wait = || unsafe { self.inner.wait(&mutex.inner, guard) };
        mutex.probe.wait(&self.probe, GUARDS, || None, Site::here(), wait, |()| false);
    }

    #[inline]
    #[track_caller]
    fn notify_one(&self) -> bool {
        self.probe.notify(Site::here(), false, || self.inner.notify_one())
    }

    #[inline]
    #[track_caller]
    fn notify_all(&self) -> usize {
        self.probe.notify(Site::here(), true, || self.inner.notify_all())
    }
}

// SAFETY: as for `RawCondvar`.
unsafe impl lock_api::RawCondvarTimed for RawCondvar {
    #[inline]
    fn checked_duration_to_instant(timeout: &Duration) -> Option<Instant> {
        real::RawCondvar::checked_duration_to_instant(timeout)
    }

    #[inline]
    #[track_caller]
    unsafe fn wait_until(&self, mutex: &RawMutex, guard: &mut Guard, timeout: &Instant) -> bool {
        // SAFETY: the caller's promise is passed on.
        let wait = || unsafe { self.inner.wait_until(&mutex.inner, guard, timeout) };
        let limit = || Some(timeout.saturating_duration_since(Instant::now()));
        mutex.probe.wait(&self.probe, GUARDS, limit, Site::here(), wait, |timed_out| *timed_out)
    }

    #[inline]
    #[track_caller]
    unsafe fn wait_for(&self, mutex: &RawMutex, guard: &mut Guard, timeout: &Duration) -> bool {
        // SAFETY: the caller's promise is passed on.
        let wait = || unsafe { self.inner.wait_for(&mutex.inner, guard, timeout) };
        mutex.probe.wait(&self.probe, GUARDS, || Some(*timeout), Site::here(), wait, |timed_out| *timed_out)
    }
}
