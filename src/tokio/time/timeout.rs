//! `tokio::time::Timeout`, watched.

use super::{Duration, Instant, error::Elapsed};
use crate::record::{
    Site,
    on::task::{Goal, Leaf},
};
use ::tokio::time as real;
use pin_project_lite::pin_project;
use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    task::{Context, Poll},
};

/// [`tokio::time::timeout`](real::timeout)
#[track_caller]
pub fn timeout<F>(duration: Duration, future: F) -> Timeout<F::IntoFuture>
where
    F: IntoFuture,
{
    Timeout { inner: real::timeout(duration, future), leaf: Leaf::new(), site: Site::here() }
}

/// [`tokio::time::timeout_at`](real::timeout_at)
#[track_caller]
pub fn timeout_at<F>(deadline: Instant, future: F) -> Timeout<F::IntoFuture>
where
    F: IntoFuture,
{
    Timeout { inner: real::timeout_at(deadline, future), leaf: Leaf::new(), site: Site::here() }
}

pin_project! {
    /// [`tokio::time::Timeout`](real::Timeout), watched. Never part of a deadlock, whatever the future in it waits for.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Timeout<T> {
        #[pin]
        inner: real::Timeout<T>,
        leaf: Leaf,
        site: Site,
    }
}

impl<T> Timeout<T> {
    /// [`tokio::time::Timeout::get_ref`](real::Timeout::get_ref)
    pub fn get_ref(&self) -> &T {
        self.inner.get_ref()
    }

    /// [`tokio::time::Timeout::get_mut`](real::Timeout::get_mut)
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.get_mut()
    }

    /// [`tokio::time::Timeout::into_inner`](real::Timeout::into_inner)
    pub fn into_inner(self) -> T {
        self.inner.into_inner()
    }
}

impl<T: Future> Future for Timeout<T> {
    type Output = Result<T::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let inner = this.inner;
        this.leaf.poll(context, *this.site, Goal::Time, |context| inner.poll(context))
    }
}

impl<T: fmt::Debug> fmt::Debug for Timeout<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
