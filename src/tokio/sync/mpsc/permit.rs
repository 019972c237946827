//! Room in a channel, reserved for a message.

use super::{Sender, real};
use crate::record::{Handle, Site};
use std::{fmt, iter::FusedIterator};

/// Room for one message: [`tokio::sync::mpsc::Permit`](real::Permit), of a watched channel.
pub struct Permit<'a, T> {
    inner: real::Permit<'a, T>,
    handle: &'a Handle,
}

impl<'a, T> Permit<'a, T> {
    pub(super) fn new(inner: real::Permit<'a, T>, handle: &'a Handle) -> Permit<'a, T> {
        Permit { inner, handle }
    }

    /// [`tokio::sync::mpsc::Permit::send`](real::Permit::send)
    #[track_caller]
    pub fn send(self, value: T) {
        self.handle.pass_where(Site::here(), |()| true, || self.inner.send(value));
    }
}

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// Room for many messages: [`tokio::sync::mpsc::PermitIterator`](real::PermitIterator), of a watched channel.
pub struct PermitIterator<'a, T> {
    inner: real::PermitIterator<'a, T>,
    handle: &'a Handle,
}

impl<'a, T> PermitIterator<'a, T> {
    pub(super) fn new(inner: real::PermitIterator<'a, T>, handle: &'a Handle) -> PermitIterator<'a, T> {
        PermitIterator { inner, handle }
    }
}

impl<'a, T> Iterator for PermitIterator<'a, T> {
    type Item = Permit<'a, T>;

    fn next(&mut self) -> Option<Permit<'a, T>> {
        self.inner.next().map(|inner| Permit { inner, handle: self.handle })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<T> ExactSizeIterator for PermitIterator<'_, T> {}
impl<T> FusedIterator for PermitIterator<'_, T> {}

impl<T> fmt::Debug for PermitIterator<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// Room for one message, and the sender: [`tokio::sync::mpsc::OwnedPermit`](real::OwnedPermit), of a watched channel.
pub struct OwnedPermit<T> {
    handle: Handle,
    inner: real::OwnedPermit<T>,
}

impl<T> OwnedPermit<T> {
    pub(super) fn new(handle: Handle, inner: real::OwnedPermit<T>) -> OwnedPermit<T> {
        OwnedPermit { handle, inner }
    }

    /// [`tokio::sync::mpsc::OwnedPermit::send`](real::OwnedPermit::send)
    #[track_caller]
    pub fn send(self, value: T) -> Sender<T> {
        let OwnedPermit { handle, inner } = self;
        let inner = handle.pass_where(Site::here(), |_| true, || inner.send(value));
        Sender::new(handle, inner)
    }

    /// [`tokio::sync::mpsc::OwnedPermit::release`](real::OwnedPermit::release)
    pub fn release(self) -> Sender<T> {
        Sender::new(self.handle, self.inner.release())
    }

    /// [`tokio::sync::mpsc::OwnedPermit::same_channel`](real::OwnedPermit::same_channel)
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// [`tokio::sync::mpsc::OwnedPermit::same_channel_as_sender`](real::OwnedPermit::same_channel_as_sender)
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        self.inner.same_channel_as_sender(sender.real())
    }
}

impl<T> fmt::Debug for OwnedPermit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
