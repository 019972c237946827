//! `tokio::sync::Notify`, watched.
#![allow(unsafe_code)]

use super::owned::{Kept, Owned, Stored, words_of};
use crate::{
    model::Kind,
    record::{
        Probe, Site,
        on::task::{Goal, Leaf},
    },
};
use ::tokio::sync as real;
use pin_project_lite::pin_project;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// [`tokio::sync::Notify`](real::Notify), watched. A wait for a notification that nobody alive can give is reported.
pub struct Notify {
    probe: Probe,
    inner: real::Notify,
}

impl Notify {
    /// [`tokio::sync::Notify::new`](real::Notify::new). Reports tell the place of the call of one without a name.
    #[track_caller]
    pub fn new() -> Notify {
        Notify { probe: Probe::new(Kind::Notify), inner: real::Notify::new() }
    }

    /// [`tokio::sync::Notify::const_new`](real::Notify::const_new). Reports tell the place of the call.
    #[track_caller]
    pub const fn const_new() -> Notify {
        Notify { probe: Probe::new(Kind::Notify), inner: real::Notify::const_new() }
    }

    /// [`tokio::sync::Notify::notified`](real::Notify::notified). The place of the call is the one that reports tell.
    #[track_caller]
    pub fn notified(&self) -> Notified<'_> {
        Notified { inner: self.inner.notified(), leaf: Leaf::new(), site: Site::here(), notify: self }
    }

    /// [`tokio::sync::Notify::notified_owned`](real::Notify::notified_owned). The place of the call is the one that
    /// reports tell.
    #[track_caller]
    pub fn notified_owned(self: Arc<Self>) -> OwnedNotified {
        // SAFETY: it borrows from `self`, and is put beside it.
        let stored = unsafe { Stored::new(self.inner.notified()) };
        OwnedNotified { kept: stored.beside(self), leaf: Leaf::new(), site: Site::here() }
    }

    /// [`tokio::sync::Notify::notify_one`](real::Notify::notify_one)
    #[track_caller]
    pub fn notify_one(&self) {
        self.probe.notify(Site::here(), false, || self.inner.notify_one());
    }

    /// [`tokio::sync::Notify::notify_last`](real::Notify::notify_last)
    #[track_caller]
    pub fn notify_last(&self) {
        self.probe.notify(Site::here(), false, || self.inner.notify_last());
    }

    /// [`tokio::sync::Notify::notify_waiters`](real::Notify::notify_waiters)
    #[track_caller]
    pub fn notify_waiters(&self) {
        self.probe.notify(Site::here(), true, || self.inner.notify_waiters());
    }

    pub(crate) fn probe_mut(&mut self) -> &mut Probe {
        &mut self.probe
    }
}

impl Default for Notify {
    #[track_caller]
    fn default() -> Notify {
        Notify::new()
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

pin_project! {
    /// [`tokio::sync::futures::Notified`](real::futures::Notified), of a watched `Notify`.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Notified<'a> {
        // Dropped before the leaf: nobody keeps its waker then.
        #[pin]
        inner: real::futures::Notified<'a>,
        leaf: Leaf,
        site: Site,
        notify: &'a Notify,
    }
}

impl Notified<'_> {
    /// [`tokio::sync::futures::Notified::enable`](real::futures::Notified::enable). It is not known as a wait before it is
    /// polled.
    pub fn enable(self: Pin<&mut Self>) -> bool {
        self.project().inner.enable()
    }
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let inner = this.inner;
        this.leaf.poll(context, *this.site, Goal::Notification(&this.notify.probe), |context| inner.poll(context))
    }
}

impl fmt::Debug for Notified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Owned for real::futures::OwnedNotified {
    type Guard<'a> = real::futures::Notified<'a>;
}

type KeptNotified = Kept<real::futures::OwnedNotified, Notify, { words_of::<real::futures::Notified<'static>>() }>;

pin_project! {
    /// [`tokio::sync::futures::OwnedNotified`](real::futures::OwnedNotified), of a watched `Notify`.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct OwnedNotified {
        // Dropped before the leaf: nobody keeps its waker then.
        #[pin]
        kept: KeptNotified,
        leaf: Leaf,
        site: Site,
    }
}

impl OwnedNotified {
    /// [`tokio::sync::futures::OwnedNotified::enable`](real::futures::OwnedNotified::enable). It is not known as a wait
    /// before it is polled.
    pub fn enable(self: Pin<&mut Self>) -> bool {
        // SAFETY: it stays the same future.
        let (inner, _) = unsafe { self.project().kept.guard_pinned() };
        inner.enable()
    }
}

impl Future for OwnedNotified {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        // SAFETY: it stays the same future.
        let (inner, notify) = unsafe { this.kept.guard_pinned() };
        this.leaf.poll(context, *this.site, Goal::Notification(&notify.probe), |context| inner.poll(context))
    }
}

impl fmt::Debug for OwnedNotified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The same fields under another name.
        f.write_str("Owned")?;
        self.kept.guard().fmt(f)
    }
}
