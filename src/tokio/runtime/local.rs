//! `tokio::runtime::LocalRuntime`, watched.

use super::{
    Builder, EnterGuard, Handle, LocalOptions, RuntimeMetrics, handle::blocked_on, known::Known, runtime::counted,
};
use crate::{
    record::{
        Site,
        on::task::{self, Executor, Owned},
    },
    tokio::task::{JoinHandle, spawned},
};
use ::tokio::runtime as real;
use std::{cell::Cell, fmt, future::Future, io, ops::Deref, time::Duration};

thread_local! {
    /// The calling thread drives one.
    static LOCAL: Cell<bool> = const { Cell::new(false) };
}

/// What is spawned locally here is spawned on a local runtime.
pub(in super::super) fn is_local() -> bool {
    LOCAL.get()
}

/// What the thread drove before; also where that ends by unwinding.
struct Driving(bool);

impl Drop for Driving {
    fn drop(&mut self) {
        LOCAL.set(self.0);
    }
}

/// A runtime whose tasks stay in one thread: [`tokio::runtime::LocalRuntime`](real::LocalRuntime), watched.
///
/// Unlike that, it can be given by reference to who asks for the real one.
pub struct LocalRuntime {
    handle: Handle,
    inner: Owned<(real::LocalRuntime, Known)>,
}

impl LocalRuntime {
    pub(super) fn around(inner: real::LocalRuntime, runtime: task::Runtime, blocking_threads: usize) -> LocalRuntime {
        let handle = Handle::new(inner.handle().clone());
        let inner = counted(inner, &handle, runtime, blocking_threads);
        LocalRuntime { handle, inner }
    }

    /// [`tokio::runtime::LocalRuntime::new`](real::LocalRuntime::new)
    ///
    /// # Errors
    ///
    /// The operating system refuses what the runtime needs.
    pub fn new() -> io::Result<LocalRuntime> {
        Builder::new_current_thread().enable_all().build_local(LocalOptions::default())
    }

    /// [`tokio::runtime::LocalRuntime::handle`](real::LocalRuntime::handle)
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// [`tokio::runtime::LocalRuntime::spawn_local`](real::LocalRuntime::spawn_local)
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let (future, spawned) = spawned(future, Executor::Counts, Site::here());
        spawned.handle(self.inner.0.spawn_local(future))
    }

    /// [`tokio::runtime::LocalRuntime::spawn_blocking`](real::LocalRuntime::spawn_blocking)
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, func: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.handle.spawn_blocking(func)
    }

    /// [`tokio::runtime::LocalRuntime::block_on`](real::LocalRuntime::block_on). In reports the future is a task, for which
    /// the calling thread waits.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let site = Site::here();
        let future = blocked_on(future, site);
        let _before = Driving(LOCAL.replace(true));
        let _drives = self.inner.runtime().drive(future.task().id(), site);
        self.inner.0.block_on(future)
    }

    /// [`tokio::runtime::LocalRuntime::enter`](real::LocalRuntime::enter)
    #[track_caller]
    pub fn enter(&self) -> EnterGuard<'_> {
        self.inner.0.enter()
    }

    /// [`tokio::runtime::LocalRuntime::shutdown_timeout`](real::LocalRuntime::shutdown_timeout)
    #[track_caller]
    pub fn shutdown_timeout(self, duration: Duration) {
        self.inner.end_in_time(Site::here(), |(inner, _known)| inner.shutdown_timeout(duration));
    }

    /// [`tokio::runtime::LocalRuntime::shutdown_background`](real::LocalRuntime::shutdown_background)
    pub fn shutdown_background(self) {
        self.inner.end_at_once(|(inner, _known)| inner.shutdown_background());
    }

    /// [`tokio::runtime::LocalRuntime::metrics`](real::LocalRuntime::metrics)
    pub fn metrics(&self) -> RuntimeMetrics {
        self.inner.0.metrics()
    }
}

impl fmt::Debug for LocalRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.0.fmt(f)
    }
}

impl Deref for LocalRuntime {
    type Target = real::LocalRuntime;

    fn deref(&self) -> &real::LocalRuntime {
        &self.inner.0
    }
}
