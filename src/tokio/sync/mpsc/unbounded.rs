//! Both ends of channels without a bound.

use super::{
    error::{SendError, TryRecvError},
    real,
};
use crate::{
    record::{
        Handle, Site,
        on::{
            Weak,
            task::{Goal, Leaf},
        },
    },
    task::Waiting,
    tokio::sync::{
        blocking::refuse_in_a_runtime,
        transfer::{self, Lasting},
    },
};
use std::{
    fmt,
    future::Future,
    task::{Context, Poll},
};

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
        Waiting::new(self.inner.closed(), Site::here(), Goal::Closing(&self.handle))
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

/// The receiving end of a channel without a bound: [`tokio::sync::mpsc::UnboundedReceiver`](real::UnboundedReceiver),
/// watched.
pub struct UnboundedReceiver<T> {
    handle: Handle,
    inner: real::UnboundedReceiver<T>,
    // Dropped when nobody has its waker any more.
    leaf: Leaf,
}

impl<T> UnboundedReceiver<T> {
    pub(super) fn new(handle: Handle, inner: real::UnboundedReceiver<T>) -> UnboundedReceiver<T> {
        UnboundedReceiver { handle, inner, leaf: Leaf::new() }
    }

    pub(crate) fn handle_mut(&mut self) -> &mut Handle {
        &mut self.handle
    }

    /// [`tokio::sync::mpsc::UnboundedReceiver::recv`](real::UnboundedReceiver::recv). A wait that nobody alive can end is reported.
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Option<T>> {
        Lasting::new(self.inner.recv(), &mut self.leaf, &self.handle, Site::here())
    }

    /// [`tokio::sync::mpsc::UnboundedReceiver::recv_many`](real::UnboundedReceiver::recv_many). A wait that nobody alive can end is
    /// reported. What is received at once is one operation in reports and traces.
    #[track_caller]
    pub fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> impl Future<Output = usize> {
        Lasting::new(self.inner.recv_many(buffer, limit), &mut self.leaf, &self.handle, Site::here())
    }

    /// [`tokio::sync::mpsc::UnboundedReceiver::try_recv`](real::UnboundedReceiver::try_recv)
    ///
    /// # Errors
    ///
    /// No message is there, or none is left, and no sender.
    #[track_caller]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.handle.pass(Site::here(), || self.inner.try_recv())
    }

    /// [`tokio::sync::mpsc::UnboundedReceiver::blocking_recv`](real::UnboundedReceiver::blocking_recv). In reports it is the thread that
    /// waits.
    ///
    /// # Panics
    ///
    /// In a thread that drives tasks.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        refuse_in_a_runtime();
        let blocked = |inner: &mut real::UnboundedReceiver<T>| inner.blocking_recv().ok_or(());
        let received = self.handle.transfer(
            Site::here(),
            false,
            &mut self.inner,
            |inner| match inner.try_recv() {
                Ok(message) => Ok(Ok(message)),
                Err(TryRecvError::Disconnected) => Ok(Err(())),
                Err(TryRecvError::Empty) => Err(inner),
            },
            blocked,
        );
        received.ok()
    }

    /// [`tokio::sync::mpsc::UnboundedReceiver::blocking_recv_many`](real::UnboundedReceiver::blocking_recv_many). In reports it is the
    /// thread that waits.
    ///
    /// # Panics
    ///
    /// In a thread that drives tasks.
    #[track_caller]
    pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        refuse_in_a_runtime();
        let receive = |(inner, buffer): (&mut real::UnboundedReceiver<T>, &mut Vec<T>)| match inner
            .blocking_recv_many(buffer, limit)
        {
            0 => Err(()),
            many => Ok(many),
        };
        let received = self.handle.transfer(
            Site::here(),
            false,
            (&mut self.inner, buffer),
            // Only who has the receiver takes messages out: what is there does not have to be waited for.
            |offer| if limit == 0 || !offer.0.is_empty() { Ok(receive(offer)) } else { Err(offer) },
            receive,
        );
        received.unwrap_or(0)
    }

    /// [`tokio::sync::mpsc::UnboundedReceiver::close`](real::UnboundedReceiver::close)
    pub fn close(&mut self) {
        self.inner.close();
    }

    /// [`tokio::sync::mpsc::UnboundedReceiver::is_closed`](real::UnboundedReceiver::is_closed)
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// [`tokio::sync::mpsc::UnboundedReceiver::is_empty`](real::UnboundedReceiver::is_empty)
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// [`tokio::sync::mpsc::UnboundedReceiver::len`](real::UnboundedReceiver::len)
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// [`tokio::sync::mpsc::UnboundedReceiver::poll_recv`](real::UnboundedReceiver::poll_recv). A wait that nobody alive can end is
    /// reported.
    #[track_caller]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let UnboundedReceiver { handle, inner, leaf } = self;
        transfer::receive(handle, leaf, Site::here(), cx, |cx| inner.poll_recv(cx))
    }

    /// [`tokio::sync::mpsc::UnboundedReceiver::poll_recv_many`](real::UnboundedReceiver::poll_recv_many). A wait that nobody alive can end
    /// is reported.
    #[track_caller]
    pub fn poll_recv_many(&mut self, cx: &mut Context<'_>, buffer: &mut Vec<T>, limit: usize) -> Poll<usize> {
        let UnboundedReceiver { handle, inner, leaf } = self;
        transfer::receive(handle, leaf, Site::here(), cx, |cx| inner.poll_recv_many(cx, buffer, limit))
    }

    /// [`tokio::sync::mpsc::UnboundedReceiver::sender_strong_count`](real::UnboundedReceiver::sender_strong_count)
    pub fn sender_strong_count(&self) -> usize {
        self.inner.sender_strong_count()
    }

    /// [`tokio::sync::mpsc::UnboundedReceiver::sender_weak_count`](real::UnboundedReceiver::sender_weak_count)
    pub fn sender_weak_count(&self) -> usize {
        self.inner.sender_weak_count()
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
