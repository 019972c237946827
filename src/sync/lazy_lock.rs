//! [`std::sync::LazyLock`], watched.

use crate::{
    model::Kind,
    record::{Probe, Site, already},
};
use std::{
    fmt,
    ops::{Deref, DerefMut},
};

/// A value that is made on first use: [`std::sync::LazyLock`], watched.
pub struct LazyLock<T, F = fn() -> T> {
    probe: Probe,
    inner: std::sync::LazyLock<T, F>,
}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// [`std::sync::LazyLock::new`]. Reports tell the place of the call of a value without a name.
    #[inline]
    #[track_caller]
    pub const fn new(f: F) -> LazyLock<T, F> {
        LazyLock { probe: Probe::new(Kind::LazyLock), inner: std::sync::LazyLock::new(f) }
    }

    /// [`std::sync::LazyLock::force`]. An initialiser that waits for itself is reported.
    ///
    /// # Panics
    ///
    /// When the initialiser does, or has.
    #[inline]
    #[track_caller]
    pub fn force(this: &LazyLock<T, F>) -> &T {
        if let Some(value) = already(|| std::sync::LazyLock::get(&this.inner)) {
            return value;
        }
        this.probe.force(Site::here(), || std::sync::LazyLock::force(&this.inner))
    }

    /// [`std::sync::LazyLock::force_mut`]. Waits for nobody.
    ///
    /// # Panics
    ///
    /// When the initialiser does, or has.
    #[inline]
    pub fn force_mut(this: &mut LazyLock<T, F>) -> &mut T {
        std::sync::LazyLock::force_mut(&mut this.inner)
    }
}

impl<T, F> LazyLock<T, F> {
    /// [`std::sync::LazyLock::get`].
    #[inline]
    pub fn get(this: &LazyLock<T, F>) -> Option<&T> {
        std::sync::LazyLock::get(&this.inner)
    }

    /// [`std::sync::LazyLock::get_mut`].
    #[inline]
    pub fn get_mut(this: &mut LazyLock<T, F>) -> Option<&mut T> {
        std::sync::LazyLock::get_mut(&mut this.inner)
    }

    // No method, like those of std: the value's own methods come first.
    #[inline]
    pub(crate) fn probe_mut(this: &mut LazyLock<T, F>) -> &mut Probe {
        &mut this.probe
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[inline]
    #[track_caller]
    fn deref(&self) -> &T {
        LazyLock::force(self)
    }
}

impl<T, F: FnOnce() -> T> DerefMut for LazyLock<T, F> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        LazyLock::force_mut(self)
    }
}

impl<T: Default> Default for LazyLock<T> {
    #[inline]
    #[track_caller]
    fn default() -> LazyLock<T> {
        LazyLock::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
