//! `tokio::sync::SetOnce`, watched.

use crate::{
    model::Kind,
    record::{Probe, Site, on::task::Goal},
    task::Waiting,
};
use ::tokio::sync::{self as real, SetOnceError};
use std::{fmt, future::Future};

/// [`tokio::sync::SetOnce`](real::SetOnce), watched. A wait for a value that nobody alive can set is reported.
pub struct SetOnce<T> {
    probe: Probe,
    inner: real::SetOnce<T>,
}

impl<T> SetOnce<T> {
    /// [`tokio::sync::SetOnce::new`](real::SetOnce::new). Reports tell the place of the call of a cell without a name.
    #[track_caller]
    pub fn new() -> SetOnce<T> {
        SetOnce::wrap(real::SetOnce::new())
    }

    /// [`tokio::sync::SetOnce::const_new`](real::SetOnce::const_new). Reports tell the place of the call.
    #[track_caller]
    pub const fn const_new() -> SetOnce<T> {
        SetOnce::wrap(real::SetOnce::const_new())
    }

    /// [`tokio::sync::SetOnce::new_with`](real::SetOnce::new_with). Reports tell the place of the call of a cell without a
    /// name.
    #[track_caller]
    pub fn new_with(value: Option<T>) -> SetOnce<T> {
        SetOnce::wrap(real::SetOnce::new_with(value))
    }

    /// [`tokio::sync::SetOnce::const_new_with`](real::SetOnce::const_new_with). Reports tell the place of the call.
    #[track_caller]
    pub const fn const_new_with(value: T) -> SetOnce<T> {
        SetOnce::wrap(real::SetOnce::const_new_with(value))
    }

    #[track_caller]
    const fn wrap(inner: real::SetOnce<T>) -> SetOnce<T> {
        SetOnce { probe: Probe::new(Kind::SetOnce), inner }
    }

    /// [`tokio::sync::SetOnce::initialized`](real::SetOnce::initialized)
    pub fn initialized(&self) -> bool {
        self.inner.initialized()
    }

    /// [`tokio::sync::SetOnce::get`](real::SetOnce::get)
    pub fn get(&self) -> Option<&T> {
        self.inner.get()
    }

    /// [`tokio::sync::SetOnce::set`](real::SetOnce::set)
    ///
    /// # Errors
    ///
    /// The cell is set already: the error has `value`.
    pub fn set(&self, value: T) -> Result<(), SetOnceError<T>> {
        self.inner.set(value)
    }

    /// [`tokio::sync::SetOnce::into_inner`](real::SetOnce::into_inner)
    pub fn into_inner(self) -> Option<T> {
        self.inner.into_inner()
    }

    /// [`tokio::sync::SetOnce::wait`](real::SetOnce::wait). The place of the call is the one that reports tell.
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = &T> {
        let site = Site::here();
        async move { Waiting::new(self.inner.wait(), site, Goal::Notification(&self.probe)).await }
    }

    pub(crate) fn probe_mut(&mut self) -> &mut Probe {
        &mut self.probe
    }
}

impl<T> Default for SetOnce<T> {
    #[track_caller]
    fn default() -> SetOnce<T> {
        SetOnce::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for SetOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: Clone> Clone for SetOnce<T> {
    #[track_caller]
    fn clone(&self) -> SetOnce<T> {
        SetOnce::wrap(self.inner.clone())
    }
}

impl<T: PartialEq> PartialEq for SetOnce<T> {
    fn eq(&self, other: &SetOnce<T>) -> bool {
        self.inner == other.inner
    }
}

impl<T: Eq> Eq for SetOnce<T> {}

impl<T> From<T> for SetOnce<T> {
    #[track_caller]
    fn from(value: T) -> SetOnce<T> {
        SetOnce::wrap(real::SetOnce::from(value))
    }
}
