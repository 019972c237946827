//! `tokio::sync::oneshot`, watched: a wait for a message that nobody is left to send is reported.
//!
//! Reports name the sender, if it is alive: where it was made, and who has used it. A function of another crate that takes
//! the real types does not take these.

pub use ::tokio::sync::oneshot::error;

use super::{
    blocking::refuse_in_a_runtime,
    transfer::{self, Lasting},
};
use crate::record::{
    self, Handle, Site,
    on::task::{Goal, Leaf},
};
use ::tokio::sync::oneshot as real;
use error::{RecvError, TryRecvError};
use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// [`tokio::sync::oneshot::channel`](real::channel). Reports tell the place of the call of a channel without a name.
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = real::channel();
    let site = Site::here();
    let (sends, receives) = record::channel(site);
    (
        Sender { handle: sends, inner: sender, leaf: Leaf::new() },
        Receiver { handle: receives, inner: receiver, leaf: Leaf::new() },
    )
}

/// The sending end of a channel for one message: [`tokio::sync::oneshot::Sender`](real::Sender), watched.
pub struct Sender<T> {
    handle: Handle,
    inner: real::Sender<T>,
    leaf: Leaf,
}

impl<T> Sender<T> {
    pub(crate) fn handle_mut(&mut self) -> &mut Handle {
        &mut self.handle
    }

    /// [`tokio::sync::oneshot::Sender::send`](real::Sender::send)
    ///
    /// # Errors
    ///
    /// The receiver is closed or gone: the error is the message.
    #[track_caller]
    pub fn send(self, t: T) -> Result<(), T> {
        let Sender { handle, inner, leaf: _leaf } = self;
        handle.pass(Site::here(), || inner.send(t))
    }

    /// [`tokio::sync::oneshot::Sender::closed`](real::Sender::closed). A wait that nobody alive can
    /// end is reported.
    #[track_caller]
    pub fn closed(&mut self) -> impl Future<Output = ()> {
        Lasting::closing(self.inner.closed(), &mut self.leaf, &self.handle, Site::here())
    }

    /// [`tokio::sync::oneshot::Sender::is_closed`](real::Sender::is_closed)
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// [`tokio::sync::oneshot::Sender::poll_closed`](real::Sender::poll_closed).
    #[track_caller]
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Sender { handle, inner, leaf } = self;
        leaf.poll(cx, Site::here(), Goal::Closing(handle), |cx| inner.poll_closed(cx))
    }
}

impl<T: fmt::Debug> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// The receiving end of a channel for one message: [`tokio::sync::oneshot::Receiver`](real::Receiver), watched. A wait that
/// nobody alive can end is reported. Where another future polls it, that one's source is the place that reports tell.
pub struct Receiver<T> {
    handle: Handle,
    inner: real::Receiver<T>,
    leaf: Leaf,
}

impl<T> Receiver<T> {
    pub(crate) fn handle_mut(&mut self) -> &mut Handle {
        &mut self.handle
    }

    /// [`tokio::sync::oneshot::Receiver::close`](real::Receiver::close)
    pub fn close(&mut self) {
        self.inner.close();
    }

    /// [`tokio::sync::oneshot::Receiver::is_terminated`](real::Receiver::is_terminated)
    pub fn is_terminated(&self) -> bool {
        self.inner.is_terminated()
    }

    /// [`tokio::sync::oneshot::Receiver::is_empty`](real::Receiver::is_empty)
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// [`tokio::sync::oneshot::Receiver::try_recv`](real::Receiver::try_recv)
    ///
    /// # Errors
    ///
    /// No message is there, or none will come.
    #[track_caller]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.handle.pass(Site::here(), || self.inner.try_recv())
    }

    /// [`tokio::sync::oneshot::Receiver::blocking_recv`](real::Receiver::blocking_recv). In reports it is the thread that
    /// waits.
    ///
    /// # Errors
    ///
    /// The sender is gone, or the receiver closed, and there is no message.
    ///
    /// # Panics
    ///
    /// In a thread that drives tasks.
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        refuse_in_a_runtime();
        let Receiver { handle, inner, leaf: _leaf } = self;
        // A message that is there stays there: nobody else takes it.
        let attempt = |inner: real::Receiver<T>| {
            if inner.is_empty() && !inner.is_terminated() { Err(inner) } else { Ok(inner.blocking_recv()) }
        };
        handle.transfer(Site::here(), false, inner, attempt, real::Receiver::blocking_recv)
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, RecvError>> {
        let Receiver { handle, inner, leaf } = self.get_mut();
        transfer::receive(handle, leaf, Site::here(), cx, |cx| Pin::new(inner).poll(cx))
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
