//! `tokio::sync::broadcast`, watched: a wait for a message that nobody is left to send is reported.
//!
//! Reports name the senders and receivers that are alive: where each was made, and who has used it. A function of another
//! crate that takes the real types (a stream around a receiver, say) does not take these.

pub use ::tokio::sync::broadcast::error;

use super::{blocking::refuse_in_a_runtime, transfer::Transfer};
use crate::{
    record::{
        self, Handle, Site,
        on::{Weak, task::Goal},
    },
    task::Waiting,
};
use ::tokio::sync::broadcast as real;
use error::{RecvError, SendError, TryRecvError};
use std::{fmt, future::Future};

/// [`tokio::sync::broadcast::channel`](real::channel). Reports tell the place of the call of a channel without a name.
/// `capacity` is in messages.
///
/// # Panics
///
/// If `capacity` is 0, or more than `usize::MAX / 2`.
#[track_caller]
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = real::channel(capacity);
    let (sends, receives) = record::channel(Site::here());
    (Sender { handle: sends, inner: sender }, Receiver { handle: receives, inner: receiver })
}

/// The sending end of a channel whose messages all receivers get: [`tokio::sync::broadcast::Sender`](real::Sender), watched.
pub struct Sender<T> {
    handle: Handle,
    inner: real::Sender<T>,
}

impl<T> Sender<T> {
    /// [`tokio::sync::broadcast::Sender::new`](real::Sender::new). Reports tell the place of the call of a channel without
    /// a name. `capacity` is in messages.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0, or more than `usize::MAX / 2`.
    #[track_caller]
    pub fn new(capacity: usize) -> Sender<T> {
        let inner = real::Sender::new(capacity);
        let (handle, _) = record::channel(Site::here());
        Sender { handle, inner }
    }

    pub(crate) fn handle_mut(&mut self) -> &mut Handle {
        &mut self.handle
    }

    /// [`tokio::sync::broadcast::Sender::send`](real::Sender::send). Never waits.
    ///
    /// # Errors
    ///
    /// There is no receiver: the error holds the message.
    #[track_caller]
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        self.handle.pass(Site::here(), || self.inner.send(value))
    }

    /// [`tokio::sync::broadcast::Sender::subscribe`](real::Sender::subscribe). Reports tell the place of the call.
    #[track_caller]
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver { handle: self.handle.opposite(Site::here()), inner: self.inner.subscribe() }
    }

    /// [`tokio::sync::broadcast::Sender::downgrade`](real::Sender::downgrade)
    #[must_use = "Downgrade creates a WeakSender without destroying the original non-weak sender."]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { weak: self.handle.weak(), inner: self.inner.downgrade() }
    }

    /// [`tokio::sync::broadcast::Sender::len`](real::Sender::len)
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// [`tokio::sync::broadcast::Sender::is_empty`](real::Sender::is_empty)
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// [`tokio::sync::broadcast::Sender::receiver_count`](real::Sender::receiver_count)
    pub fn receiver_count(&self) -> usize {
        self.inner.receiver_count()
    }

    /// [`tokio::sync::broadcast::Sender::same_channel`](real::Sender::same_channel)
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// [`tokio::sync::broadcast::Sender::closed`](real::Sender::closed). A wait that nobody alive can
    /// end is reported.
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        Waiting::new(self.inner.closed(), Site::here(), Goal::Closing(&self.handle))
    }

    /// [`tokio::sync::broadcast::Sender::strong_count`](real::Sender::strong_count)
    pub fn strong_count(&self) -> usize {
        self.inner.strong_count()
    }

    /// [`tokio::sync::broadcast::Sender::weak_count`](real::Sender::weak_count)
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

/// Becomes a sender where there still is one: [`tokio::sync::broadcast::WeakSender`](real::WeakSender), of a watched channel.
pub struct WeakSender<T> {
    weak: Weak,
    inner: real::WeakSender<T>,
}

impl<T> WeakSender<T> {
    /// [`tokio::sync::broadcast::WeakSender::upgrade`](real::WeakSender::upgrade). Reports tell the place of the call.
    #[must_use]
    #[track_caller]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        let inner = self.inner.upgrade()?;
        Some(Sender { handle: self.weak.sender(Site::here()), inner })
    }

    /// [`tokio::sync::broadcast::WeakSender::strong_count`](real::WeakSender::strong_count)
    pub fn strong_count(&self) -> usize {
        self.inner.strong_count()
    }

    /// [`tokio::sync::broadcast::WeakSender::weak_count`](real::WeakSender::weak_count)
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

/// The receiving end of a channel whose messages all receivers get: [`tokio::sync::broadcast::Receiver`](real::Receiver),
/// watched.
pub struct Receiver<T> {
    handle: Handle,
    inner: real::Receiver<T>,
}

impl<T> Receiver<T> {
    pub(crate) fn handle_mut(&mut self) -> &mut Handle {
        &mut self.handle
    }

    /// [`tokio::sync::broadcast::Receiver::len`](real::Receiver::len)
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// [`tokio::sync::broadcast::Receiver::is_empty`](real::Receiver::is_empty)
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// [`tokio::sync::broadcast::Receiver::same_channel`](real::Receiver::same_channel)
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// [`tokio::sync::broadcast::Receiver::sender_strong_count`](real::Receiver::sender_strong_count)
    pub fn sender_strong_count(&self) -> usize {
        self.inner.sender_strong_count()
    }

    /// [`tokio::sync::broadcast::Receiver::sender_weak_count`](real::Receiver::sender_weak_count)
    pub fn sender_weak_count(&self) -> usize {
        self.inner.sender_weak_count()
    }

    /// [`tokio::sync::broadcast::Receiver::is_closed`](real::Receiver::is_closed)
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }
}

impl<T: Clone> Receiver<T> {
    /// [`tokio::sync::broadcast::Receiver::resubscribe`](real::Receiver::resubscribe). Reports tell the place of the call.
    #[track_caller]
    pub fn resubscribe(&self) -> Receiver<T> {
        Receiver { handle: self.handle.another(Site::here()), inner: self.inner.resubscribe() }
    }

    /// [`tokio::sync::broadcast::Receiver::recv`](real::Receiver::recv). A wait that nobody alive can end is reported.
    ///
    /// # Errors
    ///
    /// No message is left, and no sender, or the receiver has been too slow for some.
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Result<T, RecvError>> {
        Transfer::new(self.inner.recv(), &self.handle, Site::here())
    }

    /// [`tokio::sync::broadcast::Receiver::try_recv`](real::Receiver::try_recv)
    ///
    /// # Errors
    ///
    /// No message is there, or none is left, and no sender, or the receiver has been too slow for some.
    #[track_caller]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.handle.pass(Site::here(), || self.inner.try_recv())
    }

    /// [`tokio::sync::broadcast::Receiver::blocking_recv`](real::Receiver::blocking_recv). In reports it is the thread that
    /// waits.
    ///
    /// # Errors
    ///
    /// No message is left, and no sender, or the receiver has been too slow for some.
    ///
    /// # Panics
    ///
    /// In a thread that drives tasks.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Result<T, RecvError> {
        refuse_in_a_runtime();
        self.handle.transfer(
            Site::here(),
            false,
            &mut self.inner,
            |inner| match inner.try_recv() {
                Ok(message) => Ok(Ok(message)),
                Err(TryRecvError::Closed) => Ok(Err(RecvError::Closed)),
                Err(TryRecvError::Lagged(missed)) => Ok(Err(RecvError::Lagged(missed))),
                Err(TryRecvError::Empty) => Err(inner),
            },
            real::Receiver::blocking_recv,
        )
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
