//! Threads that may borrow, since they end before their scope does.

use super::{Builder, ScopedJoinHandle};
use crate::record::{self, ScopeEnd, ScopeTag, Site};
use std::{fmt, ptr};

/// [`std::thread::scope`]. A wait for its threads that can never end is reported.
///
/// # Panics
///
/// When `f` does, and when a thread that was not joined by hand has.
#[track_caller]
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let site = Site::here();
    // Lives out here, so that the wait ends where std's does: after the closure, whether it returns or unwinds.
    let mut waits = None;
    std::thread::scope(|inner| {
        let scope = Scope::of(inner);
        let _closing = Closing { site, tag: scope.tag(), waits: &mut waits };
        f(scope)
    })
}

/// At the end of a scope's closure the wait for its threads begins.
struct Closing<'a> {
    site: Site,
    tag: ScopeTag,
    waits: &'a mut Option<ScopeEnd>,
}

impl Drop for Closing<'_> {
    #[inline]
    fn drop(&mut self) {
        *self.waits = Some(record::scope_end(self.site, self.tag));
    }
}

/// Where scoped threads are started: [`std::thread::Scope`], watched.
#[repr(transparent)]
pub struct Scope<'scope, 'env: 'scope> {
    inner: std::thread::Scope<'scope, 'env>,
}

impl<'scope, 'env> Scope<'scope, 'env> {
    #[allow(unsafe_code)]
    #[inline]
    fn of(inner: &'scope std::thread::Scope<'scope, 'env>) -> &'scope Scope<'scope, 'env> {
        // SAFETY: `Scope` is `repr(transparent)` over std's scope, so the pointer is aligned and points to a valid
        // `Scope`; it comes from a shared reference, is turned into one, and that for the same lifetime.
        unsafe { &*ptr::from_ref(inner).cast::<Scope<'scope, 'env>>() }
    }

    #[inline]
    pub(super) fn inner(&'scope self) -> &'scope std::thread::Scope<'scope, 'env> {
        &self.inner
    }

    #[inline]
    pub(super) fn tag(&self) -> ScopeTag {
        ScopeTag::of(&self.inner)
    }

    /// [`std::thread::Scope::spawn`].
    ///
    /// # Panics
    ///
    /// When the operating system refuses the thread: [`Builder::spawn_scoped`] returns that as an error.
    #[inline]
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        Builder::new().spawn_scoped(self, f).expect("failed to spawn thread")
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
