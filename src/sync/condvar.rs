//! [`std::sync::Condvar`], watched.

use super::mutex::{MutexGuard, wrap};
use crate::{
    model::Kind,
    record::{Held, Probe, Site, Turns},
};
use std::{
    fmt,
    sync::{LockResult, PoisonError, WaitTimeoutResult},
    time::Duration,
};

/// A condition variable: [`std::sync::Condvar`], watched.
pub struct Condvar {
    probe: Probe,
    inner: std::sync::Condvar,
}

impl Condvar {
    /// [`std::sync::Condvar::new`]. Reports tell the place of the call of a condvar without a name.
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn new() -> Condvar {
        Condvar { probe: Probe::new(Kind::Condvar), inner: std::sync::Condvar::new() }
    }

    /// [`std::sync::Condvar::wait`]. A wait that nobody alive can end is reported.
    ///
    /// # Errors
    ///
    /// The mutex is poisoned: the error holds the guard.
    ///
    /// # Panics
    ///
    /// As std's: may panic when used with more than one mutex over time.
    #[inline]
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let MutexGuard { held, inner } = guard;
        let waiting = held.suspend(&self.probe, Site::here(), None);
        let locked = self.inner.wait(inner);
        wrap(waiting.resume(false), locked)
    }

    /// [`std::sync::Condvar::wait_while`]. A wait that nobody alive can end is reported.
    ///
    /// # Errors
    ///
    /// The mutex is poisoned: the error holds the guard.
    ///
    /// # Panics
    ///
    /// When `condition` does, and as [`Condvar::wait`].
    #[inline]
    #[track_caller]
    pub fn wait_while<'a, T, F>(&self, mut guard: MutexGuard<'a, T>, mut condition: F) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// [`std::sync::Condvar::wait_timeout_ms`]. `ms` is in milliseconds; a deadlock as for [`Condvar::wait_timeout`].
    ///
    /// # Errors
    ///
    /// The mutex is poisoned: the error holds the guard.
    ///
    /// # Panics
    ///
    /// As [`Condvar::wait`].
    #[deprecated(note = "replaced by `Condvar::wait_timeout`")]
    #[inline]
    #[track_caller]
    pub fn wait_timeout_ms<'a, T>(&self, guard: MutexGuard<'a, T>, ms: u32) -> LockResult<(MutexGuard<'a, T>, bool)> {
        match self.wait_timeout(guard, Duration::from_millis(ms.into())) {
            Ok((guard, timeout)) => Ok((guard, !timeout.timed_out())),
            Err(poisoned) => {
                let (guard, timeout) = poisoned.into_inner();
                Err(PoisonError::new((guard, !timeout.timed_out())))
            }
        }
    }

    /// [`std::sync::Condvar::wait_timeout`]. Never part of a deadlock while its time lasts; after that it waits for its
    /// mutex, as [`Mutex::lock`](super::Mutex::lock) does.
    ///
    /// # Errors
    ///
    /// The mutex is poisoned: the error holds the guard.
    ///
    /// # Panics
    ///
    /// As [`Condvar::wait`].
    #[inline]
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        dur: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let MutexGuard { held, inner } = guard;
        let waiting = held.suspend(&self.probe, Site::here(), Some(dur));
        let locked = self.inner.wait_timeout(inner, dur);
        wrap_timed(locked, |timeout| waiting.resume(timeout.timed_out()))
    }

    /// [`std::sync::Condvar::wait_timeout_while`]. A deadlock as for [`Condvar::wait_timeout`].
    ///
    /// # Errors
    ///
    /// The mutex is poisoned: the error holds the guard.
    ///
    /// # Panics
    ///
    /// When `condition` does, and as [`Condvar::wait`].
    #[inline]
    #[track_caller]
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        guard: MutexGuard<'a, T>,
        dur: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        // The loop is std's, since only std can make a `WaitTimeoutResult`.
        let MutexGuard { held, inner } = guard;
        let mut turns = Turns::new(held, &self.probe, dur, Site::here());
        let locked = self.inner.wait_timeout_while(inner, dur, |value| turns.check(|| condition(value)));
        wrap_timed(locked, |timeout| turns.end(timeout.timed_out()))
    }

    /// [`std::sync::Condvar::notify_one`].
    #[inline]
    #[track_caller]
    pub fn notify_one(&self) {
        self.probe.notify(Site::here(), false, || self.inner.notify_one());
    }

    /// [`std::sync::Condvar::notify_all`].
    #[inline]
    #[track_caller]
    pub fn notify_all(&self) {
        self.probe.notify(Site::here(), true, || self.inner.notify_all());
    }

    #[inline]
    pub(crate) fn probe_mut(&mut self) -> &mut Probe {
        &mut self.probe
    }
}

type Timed<G> = LockResult<(G, WaitTimeoutResult)>;

#[inline]
fn wrap_timed<'a, T>(
    locked: Timed<std::sync::MutexGuard<'a, T>>,
    hold: impl FnOnce(WaitTimeoutResult) -> Held,
) -> Timed<MutexGuard<'a, T>> {
    match locked {
        Ok((inner, timeout)) => Ok((MutexGuard { held: hold(timeout), inner }, timeout)),
        Err(poisoned) => {
            let (inner, timeout) = poisoned.into_inner();
            Err(PoisonError::new((MutexGuard { held: hold(timeout), inner }, timeout)))
        }
    }
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
