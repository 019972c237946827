//! `tokio::task::AbortHandle`, of a watched task.

use super::Id;
use crate::{model::ActorId, record::on::task};
use ::tokio::task as real;
use std::fmt;

/// The right to abort a task: [`tokio::task::AbortHandle`](real::AbortHandle), of a watched one.
#[derive(Clone)]
pub struct AbortHandle {
    inner: real::AbortHandle,
    task: Option<ActorId>,
}

impl AbortHandle {
    pub(super) fn new(inner: real::AbortHandle, task: Option<ActorId>) -> AbortHandle {
        AbortHandle { inner, task }
    }

    /// [`tokio::task::AbortHandle::abort`](real::AbortHandle::abort)
    pub fn abort(&self) {
        task::aborted(self.task);
        self.inner.abort();
    }

    /// [`tokio::task::AbortHandle::is_finished`](real::AbortHandle::is_finished)
    pub fn is_finished(&self) -> bool {
        self.inner.is_finished()
    }

    /// [`tokio::task::AbortHandle::id`](real::AbortHandle::id)
    pub fn id(&self) -> Id {
        self.inner.id()
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl From<AbortHandle> for real::AbortHandle {
    fn from(handle: AbortHandle) -> real::AbortHandle {
        handle.inner
    }
}
