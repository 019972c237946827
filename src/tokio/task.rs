//! `tokio::task`, watched.

use crate::{
    record::{
        Site,
        on::task::{Executor, Goal, Leaf},
    },
    task::Watched,
};
use pin_project_lite::pin_project;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

pub use ::tokio::task::*;

/// Spawns a task: [`tokio::spawn`](::tokio::spawn), watched.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let site = Site::here();
    let future = Watched::of(future, site, Executor::PollsTheWoken);
    let task = future.task().id();
    JoinHandle { inner: ::tokio::task::spawn(future), task, leaf: Leaf::new(), site }
}

pin_project! {
    /// [`tokio::task::JoinHandle`](::tokio::task::JoinHandle), of a watched task.
    pub struct JoinHandle<T> {
        #[pin]
        inner: ::tokio::task::JoinHandle<T>,
        task: Option<crate::model::ActorId>,
        leaf: Leaf,
        site: Site,
    }
}

impl<T> JoinHandle<T> {
    /// [`tokio::task::JoinHandle::abort`](::tokio::task::JoinHandle::abort)
    pub fn abort(&self) {
        self.inner.abort();
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let inner = this.inner;
        this.leaf.poll(context, *this.site, Goal::Task(*this.task), |context| inner.poll(context))
    }
}

impl<T: fmt::Debug> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
