//! The sending ends of channels.

use crate::record::{Handle, Site};
use std::{
    fmt,
    sync::mpsc::{SendError, TrySendError},
};

/// The sending end of a channel without a bound: [`std::sync::mpsc::Sender`], watched.
pub struct Sender<T> {
    handle: Handle,
    inner: std::sync::mpsc::Sender<T>,
}

impl<T> Sender<T> {
    #[inline]
    pub(super) fn new(handle: Handle, inner: std::sync::mpsc::Sender<T>) -> Sender<T> {
        Sender { handle, inner }
    }

    /// [`std::sync::mpsc::Sender::send`]. Never blocks.
    ///
    /// # Errors
    ///
    /// The receiver is gone: the error holds the message.
    #[inline]
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        self.handle.pass(Site::here(), || self.inner.send(t))
    }

    #[inline]
    pub(crate) fn handle_mut(&mut self) -> &mut Handle {
        &mut self.handle
    }
}

/// One more sender. Reports tell the place of the call.
impl<T> Clone for Sender<T> {
    #[inline]
    #[track_caller]
    fn clone(&self) -> Sender<T> {
        Sender { handle: self.handle.another(Site::here()), inner: self.inner.clone() }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// The sending end of a channel with a bound: [`std::sync::mpsc::SyncSender`], watched.
pub struct SyncSender<T> {
    handle: Handle,
    inner: std::sync::mpsc::SyncSender<T>,
}

impl<T> SyncSender<T> {
    #[inline]
    pub(super) fn new(handle: Handle, inner: std::sync::mpsc::SyncSender<T>) -> SyncSender<T> {
        SyncSender { handle, inner }
    }

    /// [`std::sync::mpsc::SyncSender::send`]. A wait for room that nobody alive can end is reported.
    ///
    /// # Errors
    ///
    /// The receiver is gone: the error holds the message.
    #[inline]
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        let attempt = |t| match self.inner.try_send(t) {
            Ok(()) => Ok(Ok(())),
            Err(TrySendError::Disconnected(t)) => Ok(Err(SendError(t))),
            Err(TrySendError::Full(t)) => Err(t),
        };
        self.handle.transfer(Site::here(), false, t, attempt, |t| self.inner.send(t))
    }

    /// [`std::sync::mpsc::SyncSender::try_send`].
    ///
    /// # Errors
    ///
    /// The channel is full, or the receiver is gone: the error holds the message.
    #[inline]
    #[track_caller]
    pub fn try_send(&self, t: T) -> Result<(), TrySendError<T>> {
        self.handle.pass(Site::here(), || self.inner.try_send(t))
    }

    #[inline]
    pub(crate) fn handle_mut(&mut self) -> &mut Handle {
        &mut self.handle
    }
}

/// One more sender. Reports tell the place of the call.
impl<T> Clone for SyncSender<T> {
    #[inline]
    #[track_caller]
    fn clone(&self) -> SyncSender<T> {
        SyncSender { handle: self.handle.another(Site::here()), inner: self.inner.clone() }
    }
}

impl<T> fmt::Debug for SyncSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
