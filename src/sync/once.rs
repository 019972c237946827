//! [`std::sync::Once`], watched.

use crate::{
    model::Kind,
    record::{Probe, Site, already},
};
use std::{fmt, sync::OnceState};

/// Runs an initialiser once: [`std::sync::Once`], watched.
pub struct Once {
    probe: Probe,
    inner: std::sync::Once,
}

/// [`std::sync::ONCE_INIT`].
#[deprecated(note = "the `Once::new()` function is now preferred")]
#[expect(clippy::declare_interior_mutable_const, reason = "as std has it")]
pub const ONCE_INIT: Once = Once::new();

impl Once {
    /// [`std::sync::Once::new`]. Reports tell the place of the call of a `Once` without a name.
    #[expect(clippy::new_without_default, reason = "std has none")]
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn new() -> Once {
        Once { probe: Probe::new(Kind::Once), inner: std::sync::Once::new() }
    }

    /// [`std::sync::Once::call_once`]. An initialiser that waits for itself is reported.
    ///
    /// # Panics
    ///
    /// When `f` does, and when an earlier initialiser did.
    #[inline]
    #[track_caller]
    pub fn call_once<F>(&self, f: F)
    where
        F: FnOnce(),
    {
        if already(|| self.inner.is_completed().then_some(())).is_some() {
            return;
        }
        self.probe.initialise(Site::here(), |init| self.inner.call_once(move || init.run(f)));
    }

    /// [`std::sync::Once::call_once_force`]. An initialiser that waits for itself is reported.
    ///
    /// # Panics
    ///
    /// When `f` does.
    #[inline]
    #[track_caller]
    pub fn call_once_force<F>(&self, f: F)
    where
        F: FnOnce(&OnceState),
    {
        if already(|| self.inner.is_completed().then_some(())).is_some() {
            return;
        }
        self.probe.initialise(Site::here(), |init| self.inner.call_once_force(move |state| init.run(|| f(state))));
    }

    /// [`std::sync::Once::is_completed`].
    #[inline]
    pub fn is_completed(&self) -> bool {
        self.inner.is_completed()
    }

    /// [`std::sync::Once::wait`]. A wait that nobody alive can end is reported.
    ///
    /// # Panics
    ///
    /// When an initialiser has panicked.
    #[inline]
    #[track_caller]
    pub fn wait(&self) {
        if already(|| self.inner.is_completed().then_some(())).is_some() {
            return;
        }
        self.probe.wait_initialised(Site::here(), || self.inner.wait());
    }

    /// [`std::sync::Once::wait_force`]. A wait that nobody alive can end is reported.
    #[inline]
    #[track_caller]
    pub fn wait_force(&self) {
        if already(|| self.inner.is_completed().then_some(())).is_some() {
            return;
        }
        self.probe.wait_initialised(Site::here(), || self.inner.wait_force());
    }

    #[inline]
    pub(crate) fn probe_mut(&mut self) -> &mut Probe {
        &mut self.probe
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
