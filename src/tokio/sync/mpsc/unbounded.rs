//! The sending ends of channels without a bound.

use super::{error::SendError, real};
use crate::{
    record::{Handle, Site, on::Weak},
    tokio::sync::transfer::Transfer,
};
use std::{fmt, future::Future};

/// The sending end of a channel without a bound: [`tokio::sync::mpsc::UnboundedSender`](real::UnboundedSender), watched.
pub struct UnboundedSender<T> {
    handle: Handle,
    inner: real::UnboundedSender<T>,
}

impl<T> UnboundedSender<T> {
    pub(super) fn new(handle: Handle, inner: real::UnboundedSender<T>) -> UnboundedSender<T> {
        UnboundedSender { handle, inner }
    }

    pub(crate) fn handle_mut(&mut self) -> &mut Handle {
        &mut self.handle
    }

    /// [`tokio::sync::mpsc::UnboundedSender::send`](real::UnboundedSender::send). Never waits.
    ///
    /// # Errors
    ///
    /// The receiver is closed or gone: the error holds the message.
    #[track_caller]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        self.handle.pass(Site::here(), || self.inner.send(message))
    }

    /// [`tokio::sync::mpsc::UnboundedSender::closed`](real::UnboundedSender::closed). A wait that nobody alive can
    /// end is reported.
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        Transfer::closing(self.inner.closed(), &self.handle, Site::here())
    }

    /// [`tokio::sync::mpsc::UnboundedSender::is_closed`](real::UnboundedSender::is_closed)
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// [`tokio::sync::mpsc::UnboundedSender::same_channel`](real::UnboundedSender::same_channel)
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// [`tokio::sync::mpsc::UnboundedSender::downgrade`](real::UnboundedSender::downgrade)
    #[must_use = "Downgrade creates a WeakSender without destroying the original non-weak sender."]
    pub fn downgrade(&self) -> WeakUnboundedSender<T> {
        WeakUnboundedSender { weak: self.handle.weak(), inner: self.inner.downgrade() }
    }

    /// [`tokio::sync::mpsc::UnboundedSender::strong_count`](real::UnboundedSender::strong_count)
    pub fn strong_count(&self) -> usize {
        self.inner.strong_count()
    }

    /// [`tokio::sync::mpsc::UnboundedSender::weak_count`](real::UnboundedSender::weak_count)
    pub fn weak_count(&self) -> usize {
        self.inner.weak_count()
    }
}

/// One more sender. Reports tell the place of the call.
impl<T> Clone for UnboundedSender<T> {
    #[track_caller]
    fn clone(&self) -> UnboundedSender<T> {
        UnboundedSender { handle: self.handle.another(Site::here()), inner: self.inner.clone() }
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// Becomes a sender where there still is one: [`tokio::sync::mpsc::WeakUnboundedSender`](real::WeakUnboundedSender), of a
/// watched channel.
pub struct WeakUnboundedSender<T> {
    weak: Weak,
    inner: real::WeakUnboundedSender<T>,
}

impl<T> WeakUnboundedSender<T> {
    /// [`tokio::sync::mpsc::WeakUnboundedSender::upgrade`](real::WeakUnboundedSender::upgrade). Reports tell the place of
    /// the call.
    #[track_caller]
    pub fn upgrade(&self) -> Option<UnboundedSender<T>> {
        let inner = self.inner.upgrade()?;
        Some(UnboundedSender { handle: self.weak.sender(Site::here()), inner })
    }

    /// [`tokio::sync::mpsc::WeakUnboundedSender::strong_count`](real::WeakUnboundedSender::strong_count)
    pub fn strong_count(&self) -> usize {
        self.inner.strong_count()
    }

    /// [`tokio::sync::mpsc::WeakUnboundedSender::weak_count`](real::WeakUnboundedSender::weak_count)
    pub fn weak_count(&self) -> usize {
        self.inner.weak_count()
    }
}

impl<T> Clone for WeakUnboundedSender<T> {
    fn clone(&self) -> WeakUnboundedSender<T> {
        WeakUnboundedSender { weak: self.weak.another(), inner: self.inner.clone() }
    }
}

impl<T> fmt::Debug for WeakUnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
