//! [`std::sync::RwLock`], watched.

use super::mutex::unless_locked;
use crate::{
    model::{Kind, Mode},
    record::{Held, Probe, Site},
};
use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{LockResult, PoisonError, TryLockError, TryLockResult},
};

/// A reader-writer lock: [`std::sync::RwLock`], watched.
pub struct RwLock<T: ?Sized> {
    probe: Probe,
    inner: std::sync::RwLock<T>,
}

impl<T> RwLock<T> {
    /// [`std::sync::RwLock::new`]. Reports tell the place of the call of a lock without a name.
    #[inline]
    #[track_caller]
    pub const fn new(value: T) -> RwLock<T> {
        RwLock { probe: Probe::new(Kind::RwLock), inner: std::sync::RwLock::new(value) }
    }

    /// [`std::sync::RwLock::into_inner`].
    ///
    /// # Errors
    ///
    /// The lock is poisoned: the error holds the value.
    #[inline]
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// [`std::sync::RwLock::read`]. A wait that can never end is reported.
    ///
    /// # Errors
    ///
    /// The lock is poisoned: the error holds the guard.
    #[inline]
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let attempt = || unless_locked(self.inner.try_read());
        let (held, locked) = self.probe.acquire(Site::here(), Mode::Shared, attempt, || self.inner.read());
        wrap_read(held, locked)
    }

    /// [`std::sync::RwLock::try_read`]. Never part of a deadlock, and makes no lock order.
    ///
    /// # Errors
    ///
    /// Somebody writes, or the lock is poisoned: the error then holds the guard.
    #[inline]
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        let attempt = || unless_locked(self.inner.try_read());
        match self.probe.try_acquire(Site::here(), Mode::Shared, attempt) {
            Some((held, locked)) => wrap_read(held, locked).map_err(TryLockError::Poisoned),
            None => Err(TryLockError::WouldBlock),
        }
    }

    /// [`std::sync::RwLock::write`]. A wait that can never end is reported.
    ///
    /// # Errors
    ///
    /// The lock is poisoned: the error holds the guard.
    #[inline]
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let attempt = || unless_locked(self.inner.try_write());
        let (held, locked) = self.probe.acquire(Site::here(), Mode::Exclusive, attempt, || self.inner.write());
        wrap_write(held, locked)
    }

    /// [`std::sync::RwLock::try_write`]. Never part of a deadlock, and makes no lock order.
    ///
    /// # Errors
    ///
    /// Somebody reads or writes, or the lock is poisoned: the error then holds the guard.
    #[inline]
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        let attempt = || unless_locked(self.inner.try_write());
        match self.probe.try_acquire(Site::here(), Mode::Exclusive, attempt) {
            Some((held, locked)) => wrap_write(held, locked).map_err(TryLockError::Poisoned),
            None => Err(TryLockError::WouldBlock),
        }
    }

    /// [`std::sync::RwLock::is_poisoned`].
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    /// [`std::sync::RwLock::clear_poison`].
    #[inline]
    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }

    /// [`std::sync::RwLock::get_mut`].
    ///
    /// # Errors
    ///
    /// The lock is poisoned: the error holds the reference.
    #[inline]
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }

    #[inline]
    pub(crate) fn probe_mut(&mut self) -> &mut Probe {
        &mut self.probe
    }
}

#[inline]
fn wrap_read<'a, T: ?Sized>(
    held: Held,
    locked: LockResult<std::sync::RwLockReadGuard<'a, T>>,
) -> LockResult<RwLockReadGuard<'a, T>> {
    match locked {
        Ok(inner) => Ok(RwLockReadGuard { held, inner }),
        Err(poisoned) => Err(PoisonError::new(RwLockReadGuard { held, inner: poisoned.into_inner() })),
    }
}

#[inline]
fn wrap_write<'a, T: ?Sized>(
    held: Held,
    locked: LockResult<std::sync::RwLockWriteGuard<'a, T>>,
) -> LockResult<RwLockWriteGuard<'a, T>> {
    match locked {
        Ok(inner) => Ok(RwLockWriteGuard { held, inner }),
        Err(poisoned) => Err(PoisonError::new(RwLockWriteGuard { held, inner: poisoned.into_inner() })),
    }
}

impl<T> From<T> for RwLock<T> {
    #[inline]
    #[track_caller]
    fn from(value: T) -> RwLock<T> {
        RwLock::new(value)
    }
}

impl<T: Default> Default for RwLock<T> {
    #[inline]
    #[track_caller]
    fn default() -> RwLock<T> {
        RwLock::new(T::default())
    }
}

/// As std's: it reads, if nobody writes, while it formats the value; so it is watched like any other reader.
impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(guard) => text.field("data", &&*guard),
            Err(TryLockError::Poisoned(poisoned)) => text.field("data", &&**poisoned.get_ref()),
            Err(TryLockError::WouldBlock) => text.field("data", &format_args!("<locked>")),
        };
        text.field("poisoned", &self.is_poisoned()).finish_non_exhaustive()
    }
}

/// A lock held for reading: [`std::sync::RwLockReadGuard`], watched.
///
/// The release is recorded before the lock opens (`held` is dropped first): once it is open, another thread may
/// free it.
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct RwLockReadGuard<'a, T: ?Sized + 'a> {
    #[expect(dead_code, reason = "its drop is its use")]
    held: Held,
    inner: std::sync::RwLockReadGuard<'a, T>,
}

/// A lock held for writing: [`std::sync::RwLockWriteGuard`], watched.
///
/// The release is recorded before the lock opens (`held` is dropped first): once it is open, another thread may
/// free it.
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct RwLockWriteGuard<'a, T: ?Sized + 'a> {
    held: Held,
    inner: std::sync::RwLockWriteGuard<'a, T>,
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// [`std::sync::RwLockWriteGuard::downgrade`].
    #[inline]
    pub fn downgrade(s: Self) -> RwLockReadGuard<'a, T> {
        let RwLockWriteGuard { held, inner } = s;
        // Recorded first, like a release: other readers are let in by the real one.
        let held = held.downgrade();
        RwLockReadGuard { held, inner: std::sync::RwLockWriteGuard::downgrade(inner) }
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
