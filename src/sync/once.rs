//! [`std::sync::Once`], watched.

use crate::{
    model::Kind,
    record::{Initialising, Probe, Site, already},
};
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::OnceState,
};

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
        let init = self.probe.initialise(Site::here());
        let f = if init.is_published() { self.unless_poisoned(init, f) } else { Some(f) };
        // Nobody takes this thread for a waiting one any more.
        if let Some(f) = f {
            self.inner.call_once(f);
        }
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
        let init = self.probe.initialise(Site::here());
        self.inner.call_once_force(move |state| init.run(|| f(state)));
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

    /// Runs `f`, or gives it back where an earlier initialiser has panicked: std panics over that where it waits, and
    /// then the program's panic hook would run while this thread is taken for a waiting one.
    #[cold]
    fn unless_poisoned<F: FnOnce()>(&self, init: Initialising, f: F) -> Option<F> {
        struct Poisoned;
        let mut f = Some(f);
        let attempt = || {
            self.inner.call_once_force(|state| {
                if state.is_poisoned() {
                    // No panic: no hook runs. It leaves the `Once` as poisoned as it was.
                    resume_unwind(Box::new(Poisoned));
                }
                init.run(|| f.take().map(|f| f()));
            });
        };
        match catch_unwind(AssertUnwindSafe(attempt)) {
            Err(payload) if !payload.is::<Poisoned>() => resume_unwind(payload),
            _ => f,
        }
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
