//! `tokio::task::JoinHandle`, of a watched task.

use super::{AbortHandle, Id, JoinError};
use crate::{
    model::ActorId,
    record::{
        Site,
        on::task::{self, Goal, Joinable, Leaf},
    },
};
use ::tokio::task as real;
use pin_project_lite::pin_project;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

pin_project! {
    /// The right to await a task's end: [`tokio::task::JoinHandle`](real::JoinHandle), of a watched task. A wait that can
    /// never end is reported.
    pub struct JoinHandle<T> {
        #[pin]
        inner: real::JoinHandle<T>,
        leaf: Leaf,
        // The place of the spawn is the task's to know.
        task: Joinable,
    }
}

impl<T> JoinHandle<T> {
    pub(super) fn new(inner: real::JoinHandle<T>, task: Option<ActorId>) -> JoinHandle<T> {
        JoinHandle { inner, leaf: Leaf::new(), task: Joinable::new(task) }
    }

    /// [`tokio::task::JoinHandle::abort`](real::JoinHandle::abort)
    pub fn abort(&self) {
        task::aborted(self.task.task());
        self.inner.abort();
    }

    /// [`tokio::task::JoinHandle::is_finished`](real::JoinHandle::is_finished)
    pub fn is_finished(&self) -> bool {
        self.inner.is_finished()
    }

    /// [`tokio::task::JoinHandle::abort_handle`](real::JoinHandle::abort_handle)
    #[must_use = "abort handles do nothing unless `.abort` is called"]
    pub fn abort_handle(&self) -> AbortHandle {
        self.task.share();
        AbortHandle::new(self.inner.abort_handle(), self.task.task())
    }

    /// [`tokio::task::JoinHandle::id`](real::JoinHandle::id)
    pub fn id(&self) -> Id {
        self.inner.id()
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let inner = this.inner;
        let polled =
            this.leaf.poll(context, Site::here(), Goal::Joined(this.task.task()), |context| inner.poll(context));
        if polled.is_ready() {
            this.task.done();
        }
        polled
    }
}

impl<T: fmt::Debug> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> From<JoinHandle<T>> for real::JoinHandle<T> {
    fn from(handle: JoinHandle<T>) -> real::JoinHandle<T> {
        // Whoever has the real one can abort it.
        handle.task.share();
        handle.inner
    }
}
