//! `tokio::sync::watch`, watched: a wait for a change that nobody is left to make is reported.
//!
//! Reports name the senders and receivers that are alive: where each was made, and who has used it. A function of another
//! crate that takes the real types does not take these. The lock that a [`Ref`] holds is not watched.

pub use ::tokio::sync::watch::{Ref, error};

use super::transfer::Transfer;
use crate::{
    record::{self, Handle, Site, on::task::Goal},
    task::Waiting,
};
use ::tokio::sync::watch as real;
use error::{RecvError, SendError};
use std::{fmt, future::Future};

/// [`tokio::sync::watch::channel`](real::channel). Reports tell the place of the call of a channel without a name.
#[track_caller]
pub fn channel<T>(init: T) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = real::channel(init);
    let (sends, receives) = record::channel(Site::here());
    (Sender { handle: sends, inner: sender }, Receiver { handle: receives, inner: receiver })
}

/// The end that changes the value: [`tokio::sync::watch::Sender`](real::Sender), watched.
pub struct Sender<T> {
    handle: Handle,
    inner: real::Sender<T>,
}

impl<T> Sender<T> {
    /// [`tokio::sync::watch::Sender::new`](real::Sender::new). Reports tell the place of the call of a channel without a
    /// name.
    #[track_caller]
    pub fn new(init: T) -> Sender<T> {
        let (handle, _) = record::channel(Site::here());
        Sender { handle, inner: real::Sender::new(init) }
    }

    pub(crate) fn handle_mut(&mut self) -> &mut Handle {
        &mut self.handle
    }

    /// [`tokio::sync::watch::Sender::send`](real::Sender::send)
    ///
    /// # Errors
    ///
    /// There is no receiver: the error holds the value.
    #[track_caller]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.handle.pass(Site::here(), || self.inner.send(value))
    }

    /// [`tokio::sync::watch::Sender::send_modify`](real::Sender::send_modify)
    #[track_caller]
    pub fn send_modify<F>(&self, modify: F)
    where
        F: FnOnce(&mut T),
    {
        self.handle.pass_where(Site::here(), |()| true, || self.inner.send_modify(modify));
    }

    /// [`tokio::sync::watch::Sender::send_if_modified`](real::Sender::send_if_modified)
    #[track_caller]
    pub fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        self.handle.pass_where(Site::here(), |modified| *modified, || self.inner.send_if_modified(modify))
    }

    /// [`tokio::sync::watch::Sender::send_replace`](real::Sender::send_replace)
    #[track_caller]
    pub fn send_replace(&self, value: T) -> T {
        self.handle.pass_where(Site::here(), |_| true, || self.inner.send_replace(value))
    }

    /// [`tokio::sync::watch::Sender::borrow`](real::Sender::borrow)
    pub fn borrow(&self) -> Ref<'_, T> {
        self.inner.borrow()
    }

    /// [`tokio::sync::watch::Sender::is_closed`](real::Sender::is_closed)
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// [`tokio::sync::watch::Sender::closed`](real::Sender::closed). A wait that nobody alive can
    /// end is reported.
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        Waiting::new(self.inner.closed(), Site::here(), Goal::Closing(&self.handle))
    }

    /// [`tokio::sync::watch::Sender::subscribe`](real::Sender::subscribe). Reports tell the place of the call.
    #[track_caller]
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver { handle: self.handle.opposite(Site::here()), inner: self.inner.subscribe() }
    }

    /// [`tokio::sync::watch::Sender::receiver_count`](real::Sender::receiver_count)
    pub fn receiver_count(&self) -> usize {
        self.inner.receiver_count()
    }

    /// [`tokio::sync::watch::Sender::sender_count`](real::Sender::sender_count)
    pub fn sender_count(&self) -> usize {
        self.inner.sender_count()
    }

    /// [`tokio::sync::watch::Sender::same_channel`](real::Sender::same_channel)
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }
}

/// One more sender. Reports tell the place of the call.
impl<T> Clone for Sender<T> {
    #[track_caller]
    fn clone(&self) -> Sender<T> {
        Sender { handle: self.handle.another(Site::here()), inner: self.inner.clone() }
    }
}

impl<T: Default> Default for Sender<T> {
    #[track_caller]
    fn default() -> Sender<T> {
        Sender::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// The end that sees the value change: [`tokio::sync::watch::Receiver`](real::Receiver), watched.
pub struct Receiver<T> {
    handle: Handle,
    inner: real::Receiver<T>,
}

impl<T> Receiver<T> {
    pub(crate) fn handle_mut(&mut self) -> &mut Handle {
        &mut self.handle
    }

    /// [`tokio::sync::watch::Receiver::borrow`](real::Receiver::borrow)
    pub fn borrow(&self) -> Ref<'_, T> {
        self.inner.borrow()
    }

    /// [`tokio::sync::watch::Receiver::borrow_and_update`](real::Receiver::borrow_and_update)
    #[track_caller]
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        self.handle.pass_where(Site::here(), Ref::has_changed, || self.inner.borrow_and_update())
    }

    /// [`tokio::sync::watch::Receiver::has_changed`](real::Receiver::has_changed)
    ///
    /// # Errors
    ///
    /// There is no sender.
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        self.inner.has_changed()
    }

    /// [`tokio::sync::watch::Receiver::is_closed`](real::Receiver::is_closed)
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// [`tokio::sync::watch::Receiver::mark_changed`](real::Receiver::mark_changed)
    pub fn mark_changed(&mut self) {
        self.inner.mark_changed();
    }

    /// [`tokio::sync::watch::Receiver::mark_unchanged`](real::Receiver::mark_unchanged)
    pub fn mark_unchanged(&mut self) {
        self.inner.mark_unchanged();
    }

    /// [`tokio::sync::watch::Receiver::changed`](real::Receiver::changed). A wait that nobody alive can end is reported.
    ///
    /// # Errors
    ///
    /// There is no sender, and no change that has not been seen.
    #[track_caller]
    pub fn changed(&mut self) -> impl Future<Output = Result<(), RecvError>> {
        Transfer::new(self.inner.changed(), &self.handle, Site::here())
    }

    /// [`tokio::sync::watch::Receiver::wait_for`](real::Receiver::wait_for). A wait that nobody alive can end is reported.
    ///
    /// # Errors
    ///
    /// There is no sender, and the last value is not what is waited for.
    #[track_caller]
    pub fn wait_for(&mut self, f: impl FnMut(&T) -> bool) -> impl Future<Output = Result<Ref<'_, T>, RecvError>> {
        Transfer::new(self.inner.wait_for(f), &self.handle, Site::here())
    }

    /// [`tokio::sync::watch::Receiver::same_channel`](real::Receiver::same_channel)
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }
}

/// One more receiver. Reports tell the place of the call.
impl<T> Clone for Receiver<T> {
    #[track_caller]
    fn clone(&self) -> Receiver<T> {
        Receiver { handle: self.handle.another(Site::here()), inner: self.inner.clone() }
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
