//! The sending ends of channels with a bound.

use super::{OwnedPermit, Permit, PermitIterator, error, real};
use crate::{
    record::{
        Handle, Site,
        on::{Weak, task::Goal},
    },
    task::Waiting,
    tokio::sync::{blocking::refuse_in_a_runtime, transfer::Transfer},
};
use error::{SendError, SendTimeoutError, TrySendError};
use std::{fmt, future::Future, time::Duration};

/// The sending end of a channel with a bound: [`tokio::sync::mpsc::Sender`](real::Sender), watched.
pub struct Sender<T> {
    handle: Handle,
    inner: real::Sender<T>,
}

impl<T> Sender<T> {
    pub(super) fn new(handle: Handle, inner: real::Sender<T>) -> Sender<T> {
        Sender { handle, inner }
    }

    pub(super) fn real(&self) -> &real::Sender<T> {
        &self.inner
    }

    pub(crate) fn handle_mut(&mut self) -> &mut Handle {
        &mut self.handle
    }

    /// [`tokio::sync::mpsc::Sender::send`](real::Sender::send). A wait for room that nobody alive can end is reported.
    ///
    /// # Errors
    ///
    /// The receiver is closed or gone: the error holds the message.
    #[track_caller]
    pub fn send(&self, value: T) -> impl Future<Output = Result<(), SendError<T>>> {
        Transfer::new(self.inner.send(value), &self.handle, Site::here())
    }

    /// [`tokio::sync::mpsc::Sender::closed`](real::Sender::closed). A wait that nobody alive can
    /// end is reported.
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        Waiting::new(self.inner.closed(), Site::here(), Goal::Closing(&self.handle))
    }

    /// [`tokio::sync::mpsc::Sender::try_send`](real::Sender::try_send)
    ///
    /// # Errors
    ///
    /// The channel is full, or the receiver is closed or gone: the error holds the message.
    #[track_caller]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.handle.pass(Site::here(), || self.inner.try_send(message))
    }

    /// [`tokio::sync::mpsc::Sender::send_timeout`](real::Sender::send_timeout). Never part of a deadlock.
    ///
    /// # Errors
    ///
    /// There was no room in time, or the receiver is closed or gone: the error holds the message.
    #[track_caller]
    pub fn send_timeout(&self, value: T, timeout: Duration) -> impl Future<Output = Result<(), SendTimeoutError<T>>> {
        Transfer::in_time(self.inner.send_timeout(value, timeout), &self.handle, Site::here())
    }

    /// [`tokio::sync::mpsc::Sender::blocking_send`](real::Sender::blocking_send). In reports it is the thread that waits.
    ///
    /// # Errors
    ///
    /// The receiver is closed or gone: the error holds the message.
    ///
    /// # Panics
    ///
    /// In a thread that drives tasks.
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        refuse_in_a_runtime();
        let attempt = |value| match self.inner.try_send(value) {
            Ok(()) => Ok(Ok(())),
            Err(TrySendError::Closed(value)) => Ok(Err(SendError(value))),
            Err(TrySendError::Full(value)) => Err(value),
        };
        self.handle.transfer(Site::here(), false, value, attempt, |value| self.inner.blocking_send(value))
    }

    /// [`tokio::sync::mpsc::Sender::is_closed`](real::Sender::is_closed)
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// [`tokio::sync::mpsc::Sender::reserve`](real::Sender::reserve). A wait for room that nobody alive can end is
    /// reported.
    ///
    /// # Errors
    ///
    /// The receiver is closed or gone.
    #[track_caller]
    pub fn reserve(&self) -> impl Future<Output = Result<Permit<'_, T>, SendError<()>>> {
        let site = Site::here();
        async move {
            let inner = Waiting::new(self.inner.reserve(), site, Goal::Channel(&self.handle)).await?;
            Ok(Permit::new(inner, &self.handle))
        }
    }

    /// [`tokio::sync::mpsc::Sender::reserve_many`](real::Sender::reserve_many). A wait for room that nobody alive can end
    /// is reported.
    ///
    /// # Errors
    ///
    /// The receiver is closed or gone, or the channel is too small.
    #[track_caller]
    pub fn reserve_many(&self, n: usize) -> impl Future<Output = Result<PermitIterator<'_, T>, SendError<()>>> {
        let site = Site::here();
        async move {
            let inner = Waiting::new(self.inner.reserve_many(n), site, Goal::Channel(&self.handle)).await?;
            Ok(PermitIterator::new(inner, &self.handle))
        }
    }

    /// [`tokio::sync::mpsc::Sender::reserve_owned`](real::Sender::reserve_owned). A wait for room that nobody alive can
    /// end is reported.
    ///
    /// # Errors
    ///
    /// The receiver is closed or gone.
    #[track_caller]
    pub fn reserve_owned(self) -> impl Future<Output = Result<OwnedPermit<T>, SendError<()>>> {
        let site = Site::here();
        async move {
            let Sender { handle, inner } = self;
            let inner = Waiting::new(inner.reserve_owned(), site, Goal::Channel(&handle)).await?;
            Ok(OwnedPermit::new(handle, inner))
        }
    }

    /// [`tokio::sync::mpsc::Sender::try_reserve`](real::Sender::try_reserve)
    ///
    /// # Errors
    ///
    /// The channel is full, or the receiver is closed or gone.
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        Ok(Permit::new(self.inner.try_reserve()?, &self.handle))
    }

    /// [`tokio::sync::mpsc::Sender::try_reserve_many`](real::Sender::try_reserve_many)
    ///
    /// # Errors
    ///
    /// The channel has not so much room, or the receiver is closed or gone.
    pub fn try_reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        Ok(PermitIterator::new(self.inner.try_reserve_many(n)?, &self.handle))
    }

    /// [`tokio::sync::mpsc::Sender::try_reserve_owned`](real::Sender::try_reserve_owned)
    ///
    /// # Errors
    ///
    /// The channel is full, or the receiver is closed or gone: the error holds the sender.
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        let Sender { handle, inner } = self;
        match inner.try_reserve_owned() {
            Ok(inner) => Ok(OwnedPermit::new(handle, inner)),
            Err(TrySendError::Full(inner)) => Err(TrySendError::Full(Sender { handle, inner })),
            Err(TrySendError::Closed(inner)) => Err(TrySendError::Closed(Sender { handle, inner })),
        }
    }

    /// [`tokio::sync::mpsc::Sender::same_channel`](real::Sender::same_channel)
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// [`tokio::sync::mpsc::Sender::capacity`](real::Sender::capacity)
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// [`tokio::sync::mpsc::Sender::downgrade`](real::Sender::downgrade)
    #[must_use = "Downgrade creates a WeakSender without destroying the original non-weak sender."]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { weak: self.handle.weak(), inner: self.inner.downgrade() }
    }

    /// [`tokio::sync::mpsc::Sender::max_capacity`](real::Sender::max_capacity)
    pub fn max_capacity(&self) -> usize {
        self.inner.max_capacity()
    }

    /// [`tokio::sync::mpsc::Sender::strong_count`](real::Sender::strong_count)
    pub fn strong_count(&self) -> usize {
        self.inner.strong_count()
    }

    /// [`tokio::sync::mpsc::Sender::weak_count`](real::Sender::weak_count)
    pub fn weak_count(&self) -> usize {
        self.inner.weak_count()
    }
}

/// One more sender. Reports tell the place of the call.
impl<T> Clone for Sender<T> {
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

/// Becomes a sender where there still is one: [`tokio::sync::mpsc::WeakSender`](real::WeakSender), of a watched channel.
pub struct WeakSender<T> {
    weak: Weak,
    inner: real::WeakSender<T>,
}

impl<T> WeakSender<T> {
    /// [`tokio::sync::mpsc::WeakSender::upgrade`](real::WeakSender::upgrade). Reports tell the place of the call.
    #[track_caller]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        let inner = self.inner.upgrade()?;
        Some(Sender { handle: self.weak.sender(Site::here()), inner })
    }

    /// [`tokio::sync::mpsc::WeakSender::strong_count`](real::WeakSender::strong_count)
    pub fn strong_count(&self) -> usize {
        self.inner.strong_count()
    }

    /// [`tokio::sync::mpsc::WeakSender::weak_count`](real::WeakSender::weak_count)
    pub fn weak_count(&self) -> usize {
        self.inner.weak_count()
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> WeakSender<T> {
        WeakSender { weak: self.weak.another(), inner: self.inner.clone() }
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
