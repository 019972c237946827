//! Starting threads.

use super::{JoinHandle, Scope, ScopedJoinHandle};
use crate::record::{self, Daemon, Peer, ScopeTag, Site, Work};
use std::{fmt, io};

/// [`std::thread::spawn`]. Reports tell the place of the call of a thread without a name.
///
/// # Panics
///
/// When the operating system refuses the thread: [`Builder::spawn`] returns that as an error.
#[inline]
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T,
    F: Send + 'static,
    T: Send + 'static,
{
    Builder::new().spawn(f).expect("failed to spawn thread")
}

/// How to start a thread: [`std::thread::Builder`], watched. See [`Ext::daemon`](crate::Ext::daemon) for what it
/// adds.
#[must_use = "must eventually spawn the thread"]
pub struct Builder {
    inner: std::thread::Builder,
    daemon: Daemon,
}

impl Builder {
    /// [`std::thread::Builder::new`].
    #[expect(clippy::new_without_default, reason = "std has none")]
    #[inline]
    pub fn new() -> Builder {
        Builder { inner: std::thread::Builder::new(), daemon: Daemon::new(false) }
    }

    /// [`std::thread::Builder::name`]. The name stands in reports.
    #[inline]
    pub fn name(self, name: String) -> Builder {
        Builder { inner: self.inner.name(name), ..self }
    }

    /// [`std::thread::Builder::stack_size`]. `size` is in bytes.
    #[inline]
    pub fn stack_size(self, size: usize) -> Builder {
        Builder { inner: self.inner.stack_size(size), ..self }
    }

    #[inline]
    pub(crate) fn with_daemon(self, yes: bool) -> Builder {
        Builder { daemon: Daemon::new(yes), ..self }
    }

    /// [`std::thread::Builder::spawn`].
    ///
    /// # Errors
    ///
    /// The operating system refuses the thread.
    ///
    /// # Panics
    ///
    /// When the name has a NUL byte in it.
    #[inline]
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T,
        F: Send + 'static,
        T: Send + 'static,
    {
        let (peer, f) = observed(Site::here(), self.daemon, None, f);
        Ok(JoinHandle::new(peer, self.inner.spawn(|| f().into_value())?))
    }

    /// [`std::thread::Builder::spawn_unchecked`].
    ///
    /// # Safety
    ///
    /// The thread has to be joined before anything that `f` borrows, or that its result borrows, goes.
    ///
    /// # Errors
    ///
    /// The operating system refuses the thread.
    ///
    /// # Panics
    ///
    /// When the name has a NUL byte in it.
    #[allow(unsafe_code)]
    #[inline]
    #[track_caller]
    pub unsafe fn spawn_unchecked<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T,
        F: Send,
        T: Send,
    {
        let (peer, f) = observed(Site::here(), self.daemon, None, f);
        // SAFETY: our caller answers for what `f` and its result borrow; what we add to it borrows nothing.
        let inner = unsafe { self.inner.spawn_unchecked(|| f().into_value()) }?;
        Ok(JoinHandle::new(peer, inner))
    }

    /// [`std::thread::Builder::spawn_scoped`].
    ///
    /// # Errors
    ///
    /// The operating system refuses the thread.
    ///
    /// # Panics
    ///
    /// When the name has a NUL byte in it.
    #[inline]
    #[track_caller]
    pub fn spawn_scoped<'scope, 'env, F, T>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        f: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let (peer, f) = observed(Site::here(), self.daemon, Some(scope.tag()), f);
        Ok(ScopedJoinHandle::new(peer, self.inner.spawn_scoped(scope.inner(), f)?))
    }
}

/// `f`, with its thread's beginning recorded. Where the thread is refused `f` is dropped unrun, which is recorded too.
#[inline]
fn observed<F, T>(site: Site, daemon: Daemon, scope: Option<ScopeTag>, f: F) -> (Peer, impl FnOnce() -> Outcome<T>)
where
    F: FnOnce() -> T,
{
    let birth = record::spawned(site, daemon, scope);
    let peer = birth.peer();
    let f = move || {
        let work = birth.begin();
        let value = f();
        Outcome { value, _work: work.done() }
    };
    (peer, f)
}

/// What a thread leaves to whoever joins it. Where nobody does, the value is dropped while a scope still waits for the
/// thread, so the fields are in this order.
pub(super) struct Outcome<T> {
    value: T,
    _work: Work,
}

impl<T> Outcome<T> {
    #[inline]
    pub(super) fn into_value(self) -> T {
        self.value
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
