//! `tokio::sync::Mutex`, watched.

use crate::{
    model::{Kind, Mode},
    record::{
        Probe, Site,
        on::task::{Goal, Grasp},
    },
    task::Waiting,
};
use ::tokio::sync as real;
use std::{
    fmt,
    future::Future,
    ops::{Deref, DerefMut},
};

/// [`tokio::sync::Mutex`](real::Mutex), watched.
pub struct Mutex<T: ?Sized> {
    probe: Probe,
    inner: real::Mutex<T>,
}

/// [`tokio::sync::MutexGuard`](real::MutexGuard), of a watched mutex.
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized> {
    // Dropped before the lock opens.
    held: Grasp,
    inner: real::MutexGuard<'a, T>,
    mutex: &'a Mutex<T>,
}

impl<T> Mutex<T> {
    /// [`tokio::sync::Mutex::new`](real::Mutex::new). Reports tell the place of the call.
    #[track_caller]
    pub fn new(value: T) -> Mutex<T> {
        Mutex { probe: Probe::new(Kind::Mutex), inner: real::Mutex::new(value) }
    }
}

impl<T: ?Sized> Mutex<T> {
    /// [`tokio::sync::Mutex::lock`](real::Mutex::lock)
    #[track_caller]
    pub fn lock(&self) -> impl Future<Output = MutexGuard<'_, T>> {
        let site = Site::here();
        async move {
            let goal = Goal::Object(&self.probe, Mode::Exclusive);
            let inner = Waiting::new(self.inner.lock(), site, goal).await;
            MutexGuard { held: self.probe.grasp(site, Mode::Exclusive), inner, mutex: self }
        }
    }
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
