//! `tokio::time::Sleep`, watched.

use super::{Duration, Instant};
use crate::record::{
    Site,
    on::task::{Goal, Leaf},
};
use ::tokio::time as real;
use pin_project_lite::pin_project;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// [`tokio::time::sleep`](real::sleep)
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    Sleep { inner: real::sleep(duration), leaf: Leaf::new(), site: Site::here() }
}

/// [`tokio::time::sleep_until`](real::sleep_until)
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep { inner: real::sleep_until(deadline), leaf: Leaf::new(), site: Site::here() }
}

pin_project! {
    /// [`tokio::time::Sleep`](real::Sleep), watched. Never part of a deadlock.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Sleep {
        #[pin]
        inner: real::Sleep,
        leaf: Leaf,
        site: Site,
    }
}

impl Sleep {
    /// [`tokio::time::Sleep::deadline`](real::Sleep::deadline)
    pub fn deadline(&self) -> Instant {
        self.inner.deadline()
    }

    /// [`tokio::time::Sleep::is_elapsed`](real::Sleep::is_elapsed)
    pub fn is_elapsed(&self) -> bool {
        self.inner.is_elapsed()
    }

    /// [`tokio::time::Sleep::reset`](real::Sleep::reset)
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        self.project().inner.reset(deadline);
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let inner = this.inner;
        this.leaf.poll(context, *this.site, Goal::Time, |context| inner.poll(context))
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
