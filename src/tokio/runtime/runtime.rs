//! `tokio::runtime::Runtime`, watched.

use super::{Builder, EnterGuard, Handle, RuntimeFlavor, RuntimeMetrics, handle::blocked_on, known::Known};
use crate::{
    record::{
        Site,
        on::task::{self, Owned},
    },
    tokio::task::JoinHandle,
};
use ::tokio::runtime as real;
use std::{fmt, future::Future, io, ops::Deref, time::Duration};

/// [`tokio::runtime::Runtime`](real::Runtime), watched.
///
/// Unlike that, it can be given by reference to who asks for the real one.
pub struct Runtime {
    handle: Handle,
    inner: Owned<(real::Runtime, Known)>,
}

impl Runtime {
    pub(super) fn around(inner: real::Runtime, runtime: task::Runtime, blocking_threads: usize) -> Runtime {
        let handle = Handle::new(inner.handle().clone());
        let inner = counted(inner, &handle, runtime, blocking_threads);
        Runtime { handle, inner }
    }

    /// [`tokio::runtime::Runtime::new`](real::Runtime::new)
    ///
    /// # Errors
    ///
    /// The operating system refuses what the runtime needs.
    pub fn new() -> io::Result<Runtime> {
        Builder::new_multi_thread().enable_all().build()
    }

    /// [`tokio::runtime::Runtime::handle`](real::Runtime::handle)
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// [`tokio::runtime::Runtime::spawn`](real::Runtime::spawn)
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle.spawn(future)
    }

    /// [`tokio::runtime::Runtime::spawn_blocking`](real::Runtime::spawn_blocking)
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, func: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.handle.spawn_blocking(func)
    }

    /// [`tokio::runtime::Runtime::block_on`](real::Runtime::block_on). In reports the future is a task, for which the
    /// calling thread waits.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let site = Site::here();
        let future = blocked_on(future, site);
        let task = future.task().id();
        // Then the calling thread polls the others, too.
        let drives = self.handle.runtime_flavor() == RuntimeFlavor::CurrentThread;
        let _drives = drives.then(|| self.inner.runtime().drive(task, site));
        let _waits = (!drives).then(|| task::block_on(task, site));
        self.inner.0.block_on(future)
    }

    /// [`tokio::runtime::Runtime::enter`](real::Runtime::enter)
    #[track_caller]
    pub fn enter(&self) -> EnterGuard<'_> {
        self.inner.0.enter()
    }

    /// [`tokio::runtime::Runtime::shutdown_timeout`](real::Runtime::shutdown_timeout)
    #[track_caller]
    pub fn shutdown_timeout(self, duration: Duration) {
        self.inner.end_in_time(Site::here(), |(inner, _known)| inner.shutdown_timeout(duration));
    }

    /// [`tokio::runtime::Runtime::shutdown_background`](real::Runtime::shutdown_background)
    pub fn shutdown_background(self) {
        self.inner.end_at_once(|(inner, _known)| inner.shutdown_background());
    }

    /// [`tokio::runtime::Runtime::metrics`](real::Runtime::metrics)
    pub fn metrics(&self) -> RuntimeMetrics {
        self.inner.0.metrics()
    }
}

/// This runtime is there, and says how many tasks it has; and it is found by its handles.
pub(super) fn counted<T>(
    inner: T,
    handle: &Handle,
    runtime: task::Runtime,
    blocking_threads: usize,
) -> Owned<(T, Known)> {
    let (metrics, known) = (handle.metrics(), Known::new(handle, runtime));
    let lacks_threads = handle.runtime_flavor() == RuntimeFlavor::CurrentThread;
    runtime.made((inner, known), blocking_threads, lacks_threads, move || metrics.num_alive_tasks())
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.0.fmt(f)
    }
}

impl Deref for Runtime {
    type Target = real::Runtime;

    fn deref(&self) -> &real::Runtime {
        &self.inner.0
    }
}
