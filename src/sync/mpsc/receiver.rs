//! The receiving ends of channels.

use super::iter::{Iter, TryIter};
use crate::record::{Handle, Site};
use std::{
    fmt,
    sync::mpsc::{RecvError, RecvTimeoutError, TryRecvError},
    time::Duration,
};

/// The receiving end of a channel: [`std::sync::mpsc::Receiver`], watched.
pub struct Receiver<T> {
    handle: Handle,
    inner: std::sync::mpsc::Receiver<T>,
}

impl<T> Receiver<T> {
    #[inline]
    pub(super) fn new(handle: Handle, inner: std::sync::mpsc::Receiver<T>) -> Receiver<T> {
        Receiver { handle, inner }
    }

    /// [`std::sync::mpsc::Receiver::recv`]. A wait that nobody alive can end is reported.
    ///
    /// # Errors
    ///
    /// No message is left, and no sender.
    #[inline]
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        self.recv_at(Site::here())
    }

    #[inline]
    #[track_caller]
    pub(super) fn recv_at(&self, site: Site) -> Result<T, RecvError> {
        let attempt = |()| match self.inner.try_recv() {
            Ok(message) => Ok(Ok(message)),
            Err(TryRecvError::Disconnected) => Ok(Err(RecvError)),
            Err(TryRecvError::Empty) => Err(()),
        };
        self.handle.transfer(site, false, (), attempt, |()| self.inner.recv())
    }

    /// [`std::sync::mpsc::Receiver::recv_timeout`]. Never part of a deadlock.
    ///
    /// # Errors
    ///
    /// No message has come in time, or no message is left, and no sender.
    #[inline]
    #[track_caller]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        let attempt = |()| match self.inner.try_recv() {
            Ok(message) => Ok(Ok(message)),
            Err(TryRecvError::Disconnected) => Ok(Err(RecvTimeoutError::Disconnected)),
            Err(TryRecvError::Empty) => Err(()),
        };
        self.handle.transfer(Site::here(), true, (), attempt, |()| self.inner.recv_timeout(timeout))
    }

    /// [`std::sync::mpsc::Receiver::try_recv`].
    ///
    /// # Errors
    ///
    /// No message is there, or none is left, and no sender.
    #[inline]
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.try_recv_at(Site::here())
    }

    #[inline]
    pub(super) fn try_recv_at(&self, site: Site) -> Result<T, TryRecvError> {
        self.handle.pass(site, || self.inner.try_recv())
    }

    /// [`std::sync::mpsc::Receiver::iter`]. Each step is a [`Receiver::recv`], at the place of this call.
    #[inline]
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter::new(self, Site::here())
    }

    /// [`std::sync::mpsc::Receiver::try_iter`]. Each step is a [`Receiver::try_recv`], at the place of this call.
    #[inline]
    #[track_caller]
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter::new(self, Site::here())
    }

    #[inline]
    pub(crate) fn handle_mut(&mut self) -> &mut Handle {
        &mut self.handle
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
