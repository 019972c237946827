//! Waiting for the end of threads.

use super::builder::Outcome;
use crate::record::{Peer, Site};
use std::{
    fmt,
    thread::{Result, Thread},
};

/// The right to join a thread: [`std::thread::JoinHandle`], watched.
pub struct JoinHandle<T> {
    peer: Peer,
    inner: std::thread::JoinHandle<T>,
}

impl<T> JoinHandle<T> {
    #[inline]
    pub(super) fn new(peer: Peer, inner: std::thread::JoinHandle<T>) -> JoinHandle<T> {
        JoinHandle { peer, inner }
    }

    /// [`std::thread::JoinHandle::thread`].
    #[must_use]
    #[inline]
    pub fn thread(&self) -> &Thread {
        self.inner.thread()
    }

    /// [`std::thread::JoinHandle::join`]. A wait that can never end is reported.
    ///
    /// # Errors
    ///
    /// The thread has panicked: the error is the panic's payload.
    #[inline]
    #[track_caller]
    pub fn join(self) -> Result<T> {
        self.peer.join(Site::here(), || self.inner.join())
    }

    /// [`std::thread::JoinHandle::is_finished`].
    #[inline]
    pub fn is_finished(&self) -> bool {
        self.inner.is_finished()
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[cfg(unix)]
impl<T> std::os::unix::thread::JoinHandleExt for JoinHandle<T> {
    fn as_pthread_t(&self) -> std::os::unix::thread::RawPthread {
        self.inner.as_pthread_t()
    }

    fn into_pthread_t(self) -> std::os::unix::thread::RawPthread {
        self.inner.into_pthread_t()
    }
}

#[cfg(windows)]
mod handle {
    use super::JoinHandle;
    use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, IntoRawHandle, OwnedHandle, RawHandle};

    impl<T> AsHandle for JoinHandle<T> {
        fn as_handle(&self) -> BorrowedHandle<'_> {
            self.inner.as_handle()
        }
    }

    impl<T> AsRawHandle for JoinHandle<T> {
        fn as_raw_handle(&self) -> RawHandle {
            self.inner.as_raw_handle()
        }
    }

    impl<T> IntoRawHandle for JoinHandle<T> {
        fn into_raw_handle(self) -> RawHandle {
            self.inner.into_raw_handle()
        }
    }

    impl<T> From<JoinHandle<T>> for OwnedHandle {
        fn from(handle: JoinHandle<T>) -> OwnedHandle {
            handle.inner.into()
        }
    }
}

/// The right to join a scoped thread: [`std::thread::ScopedJoinHandle`], watched.
pub struct ScopedJoinHandle<'scope, T> {
    peer: Peer,
    inner: std::thread::ScopedJoinHandle<'scope, Outcome<T>>,
}

impl<'scope, T> ScopedJoinHandle<'scope, T> {
    #[inline]
    pub(super) fn new(
        peer: Peer,
        inner: std::thread::ScopedJoinHandle<'scope, Outcome<T>>,
    ) -> ScopedJoinHandle<'scope, T> {
        ScopedJoinHandle { peer, inner }
    }

    /// [`std::thread::ScopedJoinHandle::thread`].
    #[must_use]
    #[inline]
    pub fn thread(&self) -> &Thread {
        self.inner.thread()
    }

    /// [`std::thread::ScopedJoinHandle::join`]. A wait that can never end is reported.
    ///
    /// # Errors
    ///
    /// The thread has panicked: the error is the panic's payload.
    #[inline]
    #[track_caller]
    pub fn join(self) -> Result<T> {
        self.peer.join(Site::here(), || self.inner.join()).map(Outcome::into_value)
    }

    /// [`std::thread::ScopedJoinHandle::is_finished`].
    #[inline]
    pub fn is_finished(&self) -> bool {
        self.inner.is_finished()
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
