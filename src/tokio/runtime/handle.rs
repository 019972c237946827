//! `tokio::runtime::Handle`, watched.

use super::{EnterGuard, Id, RuntimeFlavor, RuntimeMetrics, TryCurrentError, known};
use crate::{
    record::{
        Site,
        on::task::{self, Executor},
    },
    task::Watched,
    tokio::task::{JoinHandle, observed, spawned},
};
use ::tokio::runtime as real;
use std::{fmt, future::Future, ops::Deref};

/// The right to spawn on a runtime: [`tokio::runtime::Handle`](real::Handle), watched.
///
/// Unlike that, it can be given by reference to who asks for the real one.
#[derive(Clone)]
pub struct Handle {
    inner: real::Handle,
}

impl Handle {
    pub(super) fn new(inner: real::Handle) -> Handle {
        Handle { inner }
    }

    /// [`tokio::runtime::Handle::enter`](real::Handle::enter)
    #[track_caller]
    pub fn enter(&self) -> EnterGuard<'_> {
        self.inner.enter()
    }

    /// [`tokio::runtime::Handle::current`](real::Handle::current)
    #[track_caller]
    pub fn current() -> Self {
        Handle::new(real::Handle::current())
    }

    /// [`tokio::runtime::Handle::try_current`](real::Handle::try_current)
    ///
    /// # Errors
    ///
    /// The calling thread is in no runtime.
    pub fn try_current() -> Result<Self, TryCurrentError> {
        real::Handle::try_current().map(Handle::new)
    }

    /// [`tokio::runtime::Handle::spawn`](real::Handle::spawn)
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (future, spawned) = spawned(future, Executor::Counts, Site::here());
        spawned.handle(self.inner.spawn(future))
    }

    /// [`tokio::runtime::Handle::spawn_blocking`](real::Handle::spawn_blocking)
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, func: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let (func, spawned) = observed(func, None, known::of(&self.inner), Site::here());
        spawned.handle(self.inner.spawn_blocking(func))
    }

    /// [`tokio::runtime::Handle::block_on`](real::Handle::block_on). In reports the future is a task, for which the calling
    /// thread waits.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let site = Site::here();
        let future = blocked_on_alone(future, site);
        let _waits = task::block_on(future.task().id(), site);
        self.inner.block_on(future)
    }

    /// [`tokio::runtime::Handle::runtime_flavor`](real::Handle::runtime_flavor)
    pub fn runtime_flavor(&self) -> RuntimeFlavor {
        self.inner.runtime_flavor()
    }

    /// [`tokio::runtime::Handle::id`](real::Handle::id)
    pub fn id(&self) -> Id {
        self.inner.id()
    }

    /// [`tokio::runtime::Handle::name`](real::Handle::name)
    pub fn name(&self) -> Option<&str> {
        self.inner.name()
    }

    /// [`tokio::runtime::Handle::metrics`](real::Handle::metrics)
    pub fn metrics(&self) -> RuntimeMetrics {
        self.inner.metrics()
    }
}

/// The future of a `block_on`, watched. It may be polled when it has not been woken: by a waker of the calling thread that
/// somebody has kept from another `block_on`. (And to wait for nothing, for ever, is what the main task of many a program
/// does.)
pub(super) fn blocked_on<F: Future>(future: F, site: Site) -> Watched<F> {
    Watched::of(future, site, Executor::Unknown)
}

/// The same by a thread that polls nothing else: it may block it.
fn blocked_on_alone<F: Future>(future: F, site: Site) -> Watched<F> {
    Watched::of(future, site, Executor::Alone)
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Deref for Handle {
    type Target = real::Handle;

    fn deref(&self) -> &real::Handle {
        &self.inner
    }
}
