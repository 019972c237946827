//! `parking_lot::Once`, watched.

use super::{OnceState, real};
use crate::{
    model::Kind,
    record::{Initialising, Probe, Site, already},
};
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

/// Runs an initialiser once: [`parking_lot::Once`](real::Once), watched.
pub struct Once {
    probe: Probe,
    inner: real::Once,
}

impl Once {
    /// [`parking_lot::Once::new`](real::Once::new). Reports tell the place of the call of a `Once` without a name.
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn new() -> Once {
        Once { probe: Probe::new(Kind::Once), inner: real::Once::new() }
    }

    /// [`parking_lot::Once::new_completed`](real::Once::new_completed).
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn new_completed() -> Once {
        Once { probe: Probe::new(Kind::Once), inner: real::Once::new_completed() }
    }

    /// [`parking_lot::Once::is_completed`](real::Once::is_completed).
    #[inline]
    pub fn is_completed(&self) -> bool {
        self.inner.is_completed()
    }

    /// [`parking_lot::Once::wait`](real::Once::wait). A wait that nobody alive can end is reported.
    ///
    /// # Panics
    ///
    /// When an initialiser has panicked.
    #[inline]
    #[track_caller]
    pub fn wait(&self) {
        if already(|| self.is_completed().then_some(())).is_none() {
            self.probe.wait_initialised(Site::here(), || self.inner.wait());
        }
    }

    /// [`parking_lot::Once::wait_force`](real::Once::wait_force). A wait that nobody alive can end is reported.
    #[inline]
    #[track_caller]
    pub fn wait_force(&self) {
        if already(|| self.is_completed().then_some(())).is_none() {
            self.probe.wait_initialised(Site::here(), || self.inner.wait_force());
        }
    }

    /// [`parking_lot::Once::state`](real::Once::state).
    #[inline]
    pub fn state(&self) -> OnceState {
        self.inner.state()
    }

    /// [`parking_lot::Once::call_once`](real::Once::call_once). An initialiser that waits for itself is reported.
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
        if already(|| self.is_completed().then_some(())).is_some() {
            return;
        }
        let init = self.probe.initialise(Site::here());
        let f = if init.is_published() { self.unless_poisoned(init, f) } else { Some(f) };
        // Nobody takes this thread for a waiting one any more.
        if let Some(f) = f {
            self.inner.call_once(f);
        }
    }

    /// [`parking_lot::Once::call_once_force`](real::Once::call_once_force). An initialiser that waits for itself is
    /// reported.
    ///
    /// # Panics
    ///
    /// When `f` does.
    #[inline]
    #[track_caller]
    pub fn call_once_force<F>(&self, f: F)
    where
        F: FnOnce(OnceState),
    {
        if already(|| self.is_completed().then_some(())).is_some() {
            return;
        }
        let init = self.probe.initialise(Site::here());
        self.inner.call_once_force(move |state| init.run(|| f(state)));
    }

    #[inline]
    pub(crate) fn probe(&self) -> &Probe {
        &self.probe
    }

    /// Runs `f`, or gives it back where an earlier initialiser has panicked: the real one panics over that where it
    /// waits, and then the program's panic hook would run while this thread is taken for a waiting one.
    #[cold]
    fn unless_poisoned<F: FnOnce()>(&self, init: Initialising, f: F) -> Option<F> {
        struct Poisoned;
        let mut f = Some(f);
        let attempt = || {
            self.inner.call_once_force(|state| {
                if state.poisoned() {
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
}

impl Default for Once {
    #[inline]
    #[track_caller]
    fn default() -> Once {
        Once::new()
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
