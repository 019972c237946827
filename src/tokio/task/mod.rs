//! `tokio::task`, watched. What does not wait is the real crate's own.

mod abort_handle;
mod blocking;
mod join_handle;
mod join_set;
mod local;

pub use ::tokio::task::{Id, JoinError, LocalEnterGuard, LocalKey, coop, futures, id, try_id, yield_now};
// Where they stood before.
#[doc(hidden)]
pub use ::tokio::task::coop::{Unconstrained, consume_budget, unconstrained};
pub use abort_handle::AbortHandle;
pub(super) use blocking::observed;
pub use blocking::{block_in_place, spawn_blocking};
pub use join_handle::JoinHandle;
pub use join_set::JoinSet;
pub use local::{LocalSet, spawn_local};

use crate::{
    record::{
        Site,
        on::task::{Executor, Task},
    },
    task::Watched,
};
use std::future::Future;

/// [`spawn`](::tokio::spawn) of the real crate. Reports tell the place of the call of a task without a name.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (future, spawned) = spawned(future, Executor::Counts, Site::here());
    spawned.handle(::tokio::task::spawn(future))
}

/// A future that is about to be spawned, watched.
pub(super) fn spawned<F: Future>(future: F, executor: Executor, site: Site) -> (Watched<F>, Spawned) {
    by(future, Task::new(site, executor))
}

/// The same with its task.
pub(super) fn by<F: Future>(future: F, task: Task) -> (Watched<F>, Spawned) {
    let spawned = Spawned { task: task.id() };
    (Watched::by(future, task), spawned)
}

/// What is known of a task by whoever has spawned it.
pub(super) struct Spawned {
    task: Option<crate::model::ActorId>,
}

impl Spawned {
    pub(super) fn handle<T>(self, inner: ::tokio::task::JoinHandle<T>) -> JoinHandle<T> {
        JoinHandle::new(inner, self.task)
    }

    pub(super) fn abort_handle(self, inner: ::tokio::task::AbortHandle) -> AbortHandle {
        AbortHandle::new(inner, self.task)
    }
}
