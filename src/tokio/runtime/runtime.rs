//! `tokio::runtime::Runtime`, watched.

use super::{Builder, EnterGuard, Handle, RuntimeFlavor, RuntimeMetrics, handle::blocked_on, known::Known};
use crate::{
    record::{
        Site,
        on::task::{self, Made},
    },
    tokio::task::JoinHandle,
};
use ::tokio::runtime as real;
use std::{fmt, future::Future, io, ops::Deref, time::Duration};

/// [`tokio::runtime::Runtime`](real::Runtime), watched.
///
/// Unlike that, it can be given by reference to who asks for the real one.
pub struct Runtime {
    made: Counted,
    handle: Handle,
    inner: real::Runtime,
}

impl Runtime {
    pub(super) fn around(inner: real::Runtime, runtime: task::Runtime, blocking_threads: usize) -> Runtime {
        let handle = Handle::new(inner.handle().clone());
        Runtime { made: counted(&handle, runtime, blocking_threads), handle, inner }
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
        let _drives = drives.then(|| self.made.runtime().drive(task, site));
        let _waits = (!drives).then(|| task::block_on(task, site));
        self.inner.block_on(future)
    }

    /// [`tokio::runtime::Runtime::enter`](real::Runtime::enter)
    #[track_caller]
    pub fn enter(&self) -> EnterGuard<'_> {
        self.inner.enter()
    }

    /// [`tokio::runtime::Runtime::shutdown_timeout`](real::Runtime::shutdown_timeout)
    pub fn shutdown_timeout(self, duration: Duration) {
        let Runtime { made, handle, inner } = self;
        drop((made, handle));
        inner.shutdown_timeout(duration);
    }

    /// [`tokio::runtime::Runtime::shutdown_background`](real::Runtime::shutdown_background)
    pub fn shutdown_background(self) {
        let Runtime { made, handle, inner } = self;
        drop((made, handle));
        inner.shutdown_background();
    }

    /// [`tokio::runtime::Runtime::metrics`](real::Runtime::metrics)
    pub fn metrics(&self) -> RuntimeMetrics {
        self.inner.metrics()
    }
}

/// The runtime is there, and says how many tasks it has.
pub(super) fn counted(handle: &Handle, runtime: task::Runtime, blocking_threads: usize) -> Counted {
    let metrics = handle.metrics();
    let made = runtime.made(blocking_threads, move || metrics.num_alive_tasks());
    Counted { made, _known: Known::new(handle, runtime) }
}

/// A runtime whose tasks are counted, and which is found by its handles.
pub(super) struct Counted {
    made: Made,
    _known: Known,
}

impl Counted {
    pub(super) fn runtime(&self) -> task::Runtime {
        self.made.runtime()
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Deref for Runtime {
    type Target = real::Runtime;

    fn deref(&self) -> &real::Runtime {
        &self.inner
    }
}
