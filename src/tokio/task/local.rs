//! `tokio::task::{LocalSet, spawn_local}`, watched.

use super::{JoinHandle, LocalEnterGuard, by, spawned};
use crate::{
    record::{
        Site,
        on::task::{Driven, Executor, Goal, Leaf, Set, Task},
    },
    task::{Waiting, Watched},
    tokio::runtime::{Id, Runtime, is_local},
};
use ::tokio::task as real;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// [`tokio::task::spawn_local`](real::spawn_local). Reports tell the place of the call of a task without a name.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let (future, spawned) = spawned(future, executor(), Site::here());
    spawned.handle(real::spawn_local(future))
}

/// What polls a local task that is spawned here: a local runtime, or else a local set, which counts nothing.
pub(super) fn executor() -> Executor {
    if is_local() { Executor::Counts } else { Executor::PollsTheWoken }
}

/// Tasks that stay in one thread: [`tokio::task::LocalSet`](real::LocalSet), watched. While it is awaited, whoever does so
/// waits for the tasks that were spawned by way of it.
pub struct LocalSet {
    inner: real::LocalSet,
    leaf: Leaf,
    set: Set,
    /// From its first poll until it is empty: what else is spawned on it nobody knows.
    driven: Option<Driven>,
    site: Site,
}

impl LocalSet {
    /// [`tokio::task::LocalSet::new`](real::LocalSet::new). Reports tell the place of the call.
    #[track_caller]
    pub fn new() -> LocalSet {
        LocalSet {
            inner: real::LocalSet::new(),
            leaf: Leaf::new(),
            set: Set::local(),
            driven: None,
            site: Site::here(),
        }
    }

    pub(super) fn inner(&self) -> &real::LocalSet {
        &self.inner
    }

    /// [`tokio::task::LocalSet::enter`](real::LocalSet::enter)
    pub fn enter(&self) -> LocalEnterGuard {
        self.inner.enter()
    }

    /// [`tokio::task::LocalSet::spawn_local`](real::LocalSet::spawn_local)
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let site = Site::here();
        let (future, spawned) = by(future, Task::new(site, Executor::PollsTheWoken).of_set(&self.set));
        spawned.handle(self.inner.spawn_local(future))
    }

    /// [`tokio::task::LocalSet::block_on`](real::LocalSet::block_on)
    #[track_caller]
    pub fn block_on<F>(&self, rt: &Runtime, future: F) -> F::Output
    where
        F: Future,
    {
        rt.block_on(self.run_until(future))
    }

    /// [`tokio::task::LocalSet::run_until`](real::LocalSet::run_until). In reports the future is a task of its own: it is
    /// polled whenever one of the set is.
    #[track_caller]
    pub fn run_until<F>(&self, future: F) -> impl Future<Output = F::Output>
    where
        F: Future,
    {
        let site = Site::here();
        async move {
            let _driven = self.set.drive();
            let future = Watched::of(future, site, Executor::Unknown);
            let goal = Goal::Task(future.task().id());
            Waiting::new(self.inner.run_until(future), site, goal).await
        }
    }

    /// [`tokio::task::LocalSet::id`](real::LocalSet::id)
    pub fn id(&self) -> Id {
        self.inner.id()
    }
}

impl fmt::Debug for LocalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Future for LocalSet {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let LocalSet { inner, leaf, set, driven, site } = &mut *self;
        driven.get_or_insert_with(|| set.drive());
        let polled = leaf.poll(context, *site, Goal::AllOf(set), |context| Pin::new(inner).poll(context));
        if polled.is_ready() {
            *driven = None;
        }
        polled
    }
}

impl Default for LocalSet {
    #[track_caller]
    fn default() -> LocalSet {
        LocalSet::new()
    }
}
