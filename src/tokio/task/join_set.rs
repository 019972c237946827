//! `tokio::task::JoinSet`, of watched tasks.

use super::{AbortHandle, Id, JoinError, LocalSet, by, local, observed};
use crate::{
    record::{
        Site,
        on::task::{Executor, Goal, Leaf, Set, Task},
    },
    task::Waiting,
    tokio::runtime::{Handle, known},
};
use ::tokio::task as real;
use std::{
    fmt,
    future::Future,
    task::{Context, Poll},
};

/// Tasks that are awaited in the order in which they end: [`tokio::task::JoinSet`](real::JoinSet), of watched tasks. A wait
/// for one of them while none can end is reported.
pub struct JoinSet<T> {
    /// From the first task on. Dropped before they are: then it is known that their end is to come.
    set: Option<Set>,
    inner: real::JoinSet<T>,
    /// Of those who poll by hand.
    leaf: Leaf,
}

impl<T> JoinSet<T> {
    /// [`tokio::task::JoinSet::new`](real::JoinSet::new)
    pub fn new() -> Self {
        JoinSet { inner: real::JoinSet::new(), set: None, leaf: Leaf::new() }
    }

    /// [`tokio::task::JoinSet::len`](real::JoinSet::len)
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// [`tokio::task::JoinSet::is_empty`](real::JoinSet::is_empty)
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }
}

/// What is awaited of the set.
fn goal(set: &Option<Set>) -> Goal<'_> {
    set.as_ref().map_or(Goal::Time, Goal::OneOf)
}

impl<T: 'static> JoinSet<T> {
    /// A task of the set.
    fn task(&mut self, executor: Executor, site: Site) -> Task {
        self.set.get_or_insert_with(Set::new).add(Task::new(site, executor))
    }

    /// [`tokio::task::JoinSet::spawn`](real::JoinSet::spawn)
    #[track_caller]
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T>,
        F: Send + 'static,
        T: Send,
    {
        let site = Site::here();
        let (task, spawned) = by(task, self.task(Executor::Counts, site));
        spawned.abort_handle(self.inner.spawn(task))
    }

    /// [`tokio::task::JoinSet::spawn_on`](real::JoinSet::spawn_on)
    #[track_caller]
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T>,
        F: Send + 'static,
        T: Send,
    {
        let site = Site::here();
        let (task, spawned) = by(task, self.task(Executor::Counts, site));
        spawned.abort_handle(self.inner.spawn_on(task, handle))
    }

    /// [`tokio::task::JoinSet::spawn_local`](real::JoinSet::spawn_local)
    #[track_caller]
    pub fn spawn_local<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T>,
        F: 'static,
    {
        let site = Site::here();
        let (task, spawned) = by(task, self.task(local::executor(), site));
        spawned.abort_handle(self.inner.spawn_local(task))
    }

    /// [`tokio::task::JoinSet::spawn_local_on`](real::JoinSet::spawn_local_on)
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, task: F, local_set: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T>,
        F: 'static,
    {
        let site = Site::here();
        let (task, spawned) = by(task, self.task(Executor::PollsTheWoken, site));
        spawned.abort_handle(self.inner.spawn_local_on(task, local_set.inner()))
    }

    /// [`tokio::task::JoinSet::spawn_blocking`](real::JoinSet::spawn_blocking)
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T,
        F: Send + 'static,
        T: Send,
    {
        let (f, spawned) = observed(f, Some(self.set.get_or_insert_with(Set::new)), known::here(), Site::here());
        spawned.abort_handle(self.inner.spawn_blocking(f))
    }

    /// [`tokio::task::JoinSet::spawn_blocking_on`](real::JoinSet::spawn_blocking_on)
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, f: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T,
        F: Send + 'static,
        T: Send,
    {
        let (f, spawned) = observed(f, Some(self.set.get_or_insert_with(Set::new)), known::of(handle), Site::here());
        spawned.abort_handle(self.inner.spawn_blocking_on(f, handle))
    }

    /// [`tokio::task::JoinSet::join_next`](real::JoinSet::join_next)
    #[track_caller]
    pub fn join_next(&mut self) -> impl Future<Output = Option<Result<T, JoinError>>> {
        let site = Site::here();
        async move { Waiting::new(self.inner.join_next(), site, goal(&self.set)).await }
    }

    /// [`tokio::task::JoinSet::join_next_with_id`](real::JoinSet::join_next_with_id)
    #[track_caller]
    pub fn join_next_with_id(&mut self) -> impl Future<Output = Option<Result<(Id, T), JoinError>>> {
        let site = Site::here();
        async move { Waiting::new(self.inner.join_next_with_id(), site, goal(&self.set)).await }
    }

    /// [`tokio::task::JoinSet::try_join_next`](real::JoinSet::try_join_next)
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.inner.try_join_next()
    }

    /// [`tokio::task::JoinSet::try_join_next_with_id`](real::JoinSet::try_join_next_with_id)
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        self.inner.try_join_next_with_id()
    }

    /// [`tokio::task::JoinSet::shutdown`](real::JoinSet::shutdown)
    #[track_caller]
    pub fn shutdown(&mut self) -> impl Future<Output = ()> {
        let site = Site::here();
        async move {
            self.set.iter_mut().for_each(Set::abort);
            Waiting::new(self.inner.shutdown(), site, goal(&self.set)).await
        }
    }

    /// [`tokio::task::JoinSet::join_all`](real::JoinSet::join_all)
    #[track_caller]
    pub fn join_all(self) -> impl Future<Output = Vec<T>> {
        let site = Site::here();
        let JoinSet { inner, set, .. } = self;
        async move { Waiting::new(inner.join_all(), site, goal(&set)).await }
    }

    /// [`tokio::task::JoinSet::abort_all`](real::JoinSet::abort_all)
    pub fn abort_all(&mut self) {
        self.set.iter_mut().for_each(Set::abort);
        self.inner.abort_all();
    }

    /// [`tokio::task::JoinSet::detach_all`](real::JoinSet::detach_all)
    pub fn detach_all(&mut self) {
        self.inner.detach_all();
        self.set.take().into_iter().for_each(Set::detach);
    }

    /// [`tokio::task::JoinSet::poll_join_next`](real::JoinSet::poll_join_next)
    #[track_caller]
    pub fn poll_join_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        let inner = &mut self.inner;
        self.leaf.poll(context, Site::here(), goal(&self.set), |context| inner.poll_join_next(context))
    }

    /// [`tokio::task::JoinSet::poll_join_next_with_id`](real::JoinSet::poll_join_next_with_id)
    #[track_caller]
    pub fn poll_join_next_with_id(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<(Id, T), JoinError>>> {
        let inner = &mut self.inner;
        self.leaf.poll(context, Site::here(), goal(&self.set), |context| inner.poll_join_next_with_id(context))
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Collects futures, and spawns each.
impl<T, F> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T>,
    F: Send + 'static,
    T: Send + 'static,
{
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
        let mut set = Self::new();
        set.extend(futures);
        set
    }
}

/// Spawns each of the futures.
impl<T, F> Extend<F> for JoinSet<T>
where
    F: Future<Output = T>,
    F: Send + 'static,
    T: Send + 'static,
{
    #[track_caller]
    fn extend<I: IntoIterator<Item = F>>(&mut self, futures: I) {
        for future in futures {
            self.spawn(future);
        }
    }
}
