//! [`std::sync::OnceLock`], watched.

use crate::{
    model::Kind,
    record::{Probe, Site, already},
};
use std::fmt;

/// A cell that is written once: [`std::sync::OnceLock`], watched.
pub struct OnceLock<T> {
    probe: Probe,
    inner: std::sync::OnceLock<T>,
}

impl<T> OnceLock<T> {
    /// [`std::sync::OnceLock::new`]. Reports tell the place of the call of a cell without a name.
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn new() -> OnceLock<T> {
        OnceLock::wrap(std::sync::OnceLock::new())
    }

    #[inline]
    #[track_caller]
    const fn wrap(inner: std::sync::OnceLock<T>) -> OnceLock<T> {
        OnceLock { probe: Probe::new(Kind::OnceLock), inner }
    }

    /// [`std::sync::OnceLock::get`].
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.inner.get()
    }

    /// [`std::sync::OnceLock::get_mut`].
    #[inline]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.inner.get_mut()
    }

    /// [`std::sync::OnceLock::wait`]. A wait that nobody alive can end is reported.
    #[inline]
    #[track_caller]
    pub fn wait(&self) -> &T {
        if let Some(value) = already(|| self.inner.get()) {
            return value;
        }
        self.probe.wait_initialised(Site::here(), || self.inner.wait())
    }

    /// [`std::sync::OnceLock::set`]. It waits for an initialiser that is running.
    ///
    /// # Errors
    ///
    /// The cell is written already: the error is `value`.
    #[inline]
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        if already(|| self.inner.get()).is_some() {
            return Err(value);
        }
        let _waits = self.probe.initialise(Site::here());
        self.inner.set(value)
    }

    /// [`std::sync::OnceLock::get_or_init`]. An initialiser that waits for itself is reported.
    ///
    /// # Panics
    ///
    /// When `f` does.
    #[inline]
    #[track_caller]
    pub fn get_or_init<F>(&self, f: F) -> &T
    where
        F: FnOnce() -> T,
    {
        if let Some(value) = already(|| self.inner.get()) {
            return value;
        }
        let init = self.probe.initialise(Site::here());
        self.inner.get_or_init(move || init.run(f))
    }

    /// [`std::sync::OnceLock::into_inner`].
    #[inline]
    pub fn into_inner(self) -> Option<T> {
        self.inner.into_inner()
    }

    /// [`std::sync::OnceLock::take`].
    #[inline]
    pub fn take(&mut self) -> Option<T> {
        self.inner.take()
    }

    #[inline]
    pub(crate) fn probe_mut(&mut self) -> &mut Probe {
        &mut self.probe
    }
}

impl<T> Default for OnceLock<T> {
    #[inline]
    #[track_caller]
    fn default() -> OnceLock<T> {
        OnceLock::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    #[inline]
    #[track_caller]
    fn clone(&self) -> OnceLock<T> {
        OnceLock::wrap(self.inner.clone())
    }
}

impl<T> From<T> for OnceLock<T> {
    #[inline]
    #[track_caller]
    fn from(value: T) -> OnceLock<T> {
        OnceLock::wrap(std::sync::OnceLock::from(value))
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    #[inline]
    fn eq(&self, other: &OnceLock<T>) -> bool {
        self.inner == other.inner
    }
}

impl<T: Eq> Eq for OnceLock<T> {}
