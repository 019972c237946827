//! [`std::sync::Mutex`], watched.

use crate::{
    model::{Kind, Mode},
    record::{Held, Probe, Site},
};
use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{LockResult, PoisonError, TryLockError, TryLockResult},
};

/// A mutual exclusion primitive: [`std::sync::Mutex`], watched.
pub struct Mutex<T: ?Sized> {
    probe: Probe,
    inner: std::sync::Mutex<T>,
}

impl<T> Mutex<T> {
    /// [`std::sync::Mutex::new`]. Reports tell the place of the call of a mutex without a name.
    #[inline]
    #[track_caller]
    pub const fn new(value: T) -> Mutex<T> {
        Mutex { probe: Probe::new(Kind::Mutex), inner: std::sync::Mutex::new(value) }
    }

    /// [`std::sync::Mutex::into_inner`].
    ///
    /// # Errors
    ///
    /// The mutex is poisoned: the error holds the value.
    #[inline]
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// [`std::sync::Mutex::lock`]. A wait that can never end is reported.
    ///
    /// # Errors
    ///
    /// The mutex is poisoned: the error holds the guard.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let attempt = || unless_locked(self.inner.try_lock());
        let (held, locked) = self.probe.acquire(Site::here(), Mode::Exclusive, attempt, || self.inner.lock());
        wrap(held, locked)
    }

    /// [`std::sync::Mutex::try_lock`]. Never part of a deadlock, and makes no lock order.
    ///
    /// # Errors
    ///
    /// The mutex is locked, or it is poisoned: the error then holds the guard.
    #[inline]
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let attempt = || unless_locked(self.inner.try_lock());
        match self.probe.try_acquire(Site::here(), Mode::Exclusive, attempt) {
            Some((held, locked)) => wrap(held, locked).map_err(TryLockError::Poisoned),
            None => Err(TryLockError::WouldBlock),
        }
    }

    /// [`std::sync::Mutex::is_poisoned`].
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    /// [`std::sync::Mutex::clear_poison`].
    #[inline]
    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }

    /// [`std::sync::Mutex::get_mut`].
    ///
    /// # Errors
    ///
    /// The mutex is poisoned: the error holds the reference.
    #[inline]
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }

    #[inline]
    pub(crate) fn probe_mut(&mut self) -> &mut Probe {
        &mut self.probe
    }
}

/// What a try that does not block has brought, a poisoned guard included.
#[inline]
pub(super) fn unless_locked<G>(tried: TryLockResult<G>) -> Option<LockResult<G>> {
    match tried {
        Ok(guard) => Some(Ok(guard)),
        Err(TryLockError::Poisoned(poisoned)) => Some(Err(poisoned)),
        Err(TryLockError::WouldBlock) => None,
    }
}

#[inline]
pub(super) fn wrap<'a, T: ?Sized>(
    held: Held,
    locked: LockResult<std::sync::MutexGuard<'a, T>>,
) -> LockResult<MutexGuard<'a, T>> {
    match locked {
        Ok(inner) => Ok(MutexGuard { held, inner }),
        Err(poisoned) => Err(PoisonError::new(MutexGuard { held, inner: poisoned.into_inner() })),
    }
}

impl<T> From<T> for Mutex<T> {
    #[inline]
    #[track_caller]
    fn from(value: T) -> Mutex<T> {
        Mutex::new(value)
    }
}

impl<T: Default> Default for Mutex<T> {
    #[inline]
    #[track_caller]
    fn default() -> Mutex<T> {
        Mutex::new(T::default())
    }
}

/// As std's: it holds the mutex, if that is free, while it formats the value; so it is watched like any other holder.
impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(guard) => text.field("data", &&*guard),
            Err(TryLockError::Poisoned(poisoned)) => text.field("data", &&**poisoned.get_ref()),
            Err(TryLockError::WouldBlock) => text.field("data", &"<locked>"),
        };
        text.field("poisoned", &self.is_poisoned()).finish_non_exhaustive()
    }
}

/// A scoped lock: [`std::sync::MutexGuard`], watched.
///
/// The release is recorded before the mutex opens (`held` is dropped first): once it is open, another thread may
/// free it.
#[must_use = "if unused the Mutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MutexGuard<'a, T: ?Sized + 'a> {
    pub(super) held: Held,
    pub(super) inner: std::sync::MutexGuard<'a, T>,
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
