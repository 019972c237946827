//! Tasks: futures that are polled by an executor, whichever it is. [`watch`] makes any future a watched one.

use crate::record::{
    Site,
    on::task::{Executor, Goal, Leaf, Task, current_is_daemon, name_current},
};
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// Makes a task of this future, for reports: who waits for what it holds waits for it, and it waits for what it awaits.
/// Built off, it is the future itself.
///
/// To be called on what an executor is given: `executor.spawn(watch(future))`. What `gordian::tokio` spawns is a task
/// already.
#[track_caller]
pub fn watch<F: Future>(future: F) -> Watched<F> {
    Watched::of(future, Site::here(), Executor::Foreign)
}

/// Gives the task that polls this future a name, with its first poll. Built off, it is the future itself.
pub fn named<F: Future>(name: impl Into<String>, future: F) -> Named<F> {
    Named { future, name: Some(name.into()) }
}

pin_project! {
    /// A watched future: see [`watch`].
    #[must_use = "futures do nothing unless they are polled"]
    pub struct Watched<F> {
        // Dropped before its task ends.
        #[pin]
        future: F,
        task: Task,
    }
}

impl<F> Watched<F> {
    pub(crate) fn of(future: F, site: Site, executor: Executor) -> Watched<F> {
        Watched::by(future, Task::new(site, executor))
    }

    pub(crate) fn by(future: F, task: Task) -> Watched<F> {
        Watched { future, task }
    }

    pub(crate) fn task(&self) -> &Task {
        &self.task
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let future = this.future;
        this.task.poll(context, |context| future.poll(context))
    }
}

/// Says that the task that polls this future may end with the program, as a daemon thread may: it is not told of when its runtime
/// is dropped before it has ended. Counts from its first poll on. Built off, it is the future itself.
///
/// ```
/// # use gordian::task::daemon;
/// # async fn tick() {}
/// let ticker = daemon(async { tick().await }); // to be spawned
/// # drop(ticker);
/// ```
pub fn daemon<F: Future>(future: F) -> Daemon<F> {
    Daemon { future, marked: false }
}

pin_project! {
    /// A future whose task may end with the program: see [`daemon`].
    #[must_use = "futures do nothing unless they are polled"]
    pub struct Daemon<F> {
        #[pin]
        future: F,
        marked: bool,
    }
}

impl<F: Future> Future for Daemon<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if !std::mem::replace(this.marked, true) {
            current_is_daemon();
        }
        this.future.poll(context)
    }
}

pin_project! {
    /// A future that names its task: see [`named`].
    #[must_use = "futures do nothing unless they are polled"]
    pub struct Named<F> {
        #[pin]
        future: F,
        name: Option<String>,
    }
}

impl<F: Future> Future for Named<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if let Some(name) = this.name.take() {
            name_current(&name);
        }
        this.future.poll(context)
    }
}

pin_project! {
    /// A future that waits for something which is watched.
    #[must_use = "futures do nothing unless they are polled"]
    pub(crate) struct Waiting<'a, F> {
        // Dropped before the leaf: nobody keeps its waker then.
        #[pin]
        future: F,
        leaf: Leaf,
        site: Site,
        goal: Goal<'a>,
    }
}

impl<'a, F: Future> Waiting<'a, F> {
    pub(crate) fn new(future: F, site: Site, goal: Goal<'a>) -> Waiting<'a, F> {
        Waiting { future, leaf: Leaf::new(), site, goal }
    }
}

impl<F: Future> Future for Waiting<'_, F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let future = this.future;
        this.leaf.poll(context, *this.site, *this.goal, |context| future.poll(context))
    }
}

pin_project! {
    /// The same, which makes something of what the future gives.
    #[must_use = "futures do nothing unless they are polled"]
    pub(crate) struct Then<'a, F, M> {
        #[pin]
        waiting: Waiting<'a, F>,
        make: M,
    }
}

impl<'a, F: Future> Waiting<'a, F> {
    /// And makes that of what the future gives. (No `async` block: that would move the future once more, which costs as much
    /// as all that is recorded.)
    pub(crate) fn then<R, M: Fn(F::Output) -> R>(self, make: M) -> Then<'a, F, M> {
        Then { waiting: self, make }
    }
}

impl<F: Future, R, M: Fn(F::Output) -> R> Future for Then<'_, F, M> {
    type Output = R;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<R> {
        let this = self.project();
        this.waiting.poll(context).map(&*this.make)
    }
}
