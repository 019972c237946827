//! Code that blocks: `tokio::task::{spawn_blocking, block_in_place}`, watched.

use super::{JoinHandle, Spawned};
use crate::{
    record::{
        Site,
        on::task::{self, Executor, Runtime, Task},
    },
    tokio::runtime::known,
};
use ::tokio::task as real;

/// [`tokio::task::spawn_blocking`](real::spawn_blocking). In reports the closure is a task, which a thread polls once.
#[track_caller]
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let (f, spawned) = observed(f, None, known::here(), Site::here());
    spawned.handle(real::spawn_blocking(f))
}

/// A closure that is about to be spawned on this runtime, with its beginning and end recorded. Where it is dropped unrun that
/// is recorded, too.
pub(crate) fn observed<F, R>(
    f: F,
    set: Option<&mut task::Set>,
    on: Option<Runtime>,
    site: Site,
) -> (impl FnOnce() -> R + use<F, R>, Spawned)
where
    F: FnOnce() -> R,
{
    let task = Task::new(site, Executor::Blocks(on));
    let task = match set {
        Some(set) => set.add(task),
        None => task,
    };
    let spawned = Spawned { task: task.id() };
    (move || task.run(f), spawned)
}

/// [`tokio::task::block_in_place`](real::block_in_place). What `f` does it does outside the poll, where to block is meant.
#[track_caller]
pub fn block_in_place<F, R>(f: F) -> R
where
    F: FnOnce() -> R,
{
    real::block_in_place(|| task::outside(f))
}
