//! `tokio::sync::OnceCell`, watched.
//!
//! The real `get_or_init` waits for its turn and then runs the program's future, all in one. The first is a wait of ours,
//! with a waker of ours; the second is not, and gets the waker that the task's executor gave: what keeps that may be
//! anything. So the future that the real one is given only says, when it is polled first, that its turn has come. Then the
//! real one is polled again, now with the other waker.

use crate::{
    model::{Kind, Mode},
    record::{
        Probe, Site,
        on::task::{Goal, Grasp, Leaf},
    },
};
use ::tokio::sync::{self as real, SetError};
use pin_project_lite::pin_project;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering::*},
    task::{Context, Poll},
};

/// [`tokio::sync::OnceCell`](real::OnceCell), watched. A wait for an initialiser that never ends is reported.
pub struct OnceCell<T> {
    probe: Probe,
    inner: real::OnceCell<T>,
}

impl<T> OnceCell<T> {
    /// [`tokio::sync::OnceCell::new`](real::OnceCell::new). Reports tell the place of the call of a cell without a name.
    #[track_caller]
    pub fn new() -> OnceCell<T> {
        OnceCell::wrap(real::OnceCell::new())
    }

    /// [`tokio::sync::OnceCell::const_new`](real::OnceCell::const_new). Reports tell the place of the call.
    #[track_caller]
    pub const fn const_new() -> OnceCell<T> {
        OnceCell::wrap(real::OnceCell::const_new())
    }

    /// [`tokio::sync::OnceCell::new_with`](real::OnceCell::new_with). Reports tell the place of the call of a cell without
    /// a name.
    #[track_caller]
    pub fn new_with(value: Option<T>) -> OnceCell<T> {
        OnceCell::wrap(real::OnceCell::new_with(value))
    }

    /// [`tokio::sync::OnceCell::const_new_with`](real::OnceCell::const_new_with). Reports tell the place of the call.
    #[track_caller]
    pub const fn const_new_with(value: T) -> OnceCell<T> {
        OnceCell::wrap(real::OnceCell::const_new_with(value))
    }

    #[track_caller]
    const fn wrap(inner: real::OnceCell<T>) -> OnceCell<T> {
        OnceCell { probe: Probe::new(Kind::OnceCell), inner }
    }

    /// [`tokio::sync::OnceCell::initialized`](real::OnceCell::initialized)
    pub fn initialized(&self) -> bool {
        self.inner.initialized()
    }

    /// [`tokio::sync::OnceCell::get`](real::OnceCell::get)
    pub fn get(&self) -> Option<&T> {
        self.inner.get()
    }

    /// [`tokio::sync::OnceCell::get_mut`](real::OnceCell::get_mut)
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.inner.get_mut()
    }

    /// [`tokio::sync::OnceCell::set`](real::OnceCell::set)
    ///
    /// # Errors
    ///
    /// The cell has a value, or is about to get one: the error has `value`.
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        self.inner.set(value)
    }

    /// [`tokio::sync::OnceCell::get_or_init`](real::OnceCell::get_or_init). The place of the call is the one that reports
    /// tell.
    #[track_caller]
    pub fn get_or_init<F, Fut>(&self, f: F) -> impl Future<Output = &T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        let site = Site::here();
        async move {
            let entered = AtomicBool::new(false);
            let inner = self.inner.get_or_init(|| self.initialise(site, &entered, f));
            Turn { inner, leaf: Leaf::new(), site, probe: &self.probe, entered: &entered }.await
        }
    }

    /// [`tokio::sync::OnceCell::get_or_try_init`](real::OnceCell::get_or_try_init). The place of the call is the one that
    /// reports tell.
    ///
    /// # Errors
    ///
    /// Those of `f`.
    #[track_caller]
    pub fn get_or_try_init<E, F, Fut>(&self, f: F) -> impl Future<Output = Result<&T, E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let site = Site::here();
        async move {
            let entered = AtomicBool::new(false);
            let inner = self.inner.get_or_try_init(|| self.initialise(site, &entered, f));
            Turn { inner, leaf: Leaf::new(), site, probe: &self.probe, entered: &entered }.await
        }
    }

    /// It is the caller's turn.
    fn initialise<Fut>(&self, site: Site, entered: &AtomicBool, f: impl FnOnce() -> Fut) -> Initialiser<Fut> {
        entered.store(true, Relaxed);
        // Where `f` panics, the hold ends before the cell is anybody else's.
        let held = self.probe.grasp(site, Mode::Init);
        Initialiser { held, future: f(), is_polled: false }
    }

    /// [`tokio::sync::OnceCell::into_inner`](real::OnceCell::into_inner)
    pub fn into_inner(self) -> Option<T> {
        self.inner.into_inner()
    }

    /// [`tokio::sync::OnceCell::take`](real::OnceCell::take)
    pub fn take(&mut self) -> Option<T> {
        self.inner.take()
    }

    pub(crate) fn probe_mut(&mut self) -> &mut Probe {
        &mut self.probe
    }
}

pin_project! {
    /// The real `get_or_init`: a wait, until it is this one's turn to initialise the cell.
    struct Turn<'a, F> {
        // Dropped before the leaf: nobody keeps its waker then.
        #[pin]
        inner: F,
        leaf: Leaf,
        site: Site,
        probe: &'a Probe,
        entered: &'a AtomicBool,
    }
}

impl<F: Future> Future for Turn<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut inner = this.inner;
        let has_entered = || this.entered.load(Relaxed);
        if !has_entered() {
            let goal = Goal::Object(this.probe, Mode::Init);
            let waited = this.leaf.poll(context, *this.site, goal, |context| match inner.as_mut().poll(context) {
                Poll::Pending if has_entered() => Poll::Ready(None),
                result => result.map(Some),
            });
            match waited {
                Poll::Ready(Some(result)) => return Poll::Ready(result),
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => {}
            }
        }
        inner.poll(context)
    }
}

pin_project! {
    /// The program's future, which makes the value.
    struct Initialiser<F> {
        held: Grasp,
        #[pin]
        future: F,
        // By [`Turn`], which then polls it again.
        is_polled: bool,
    }
}

impl<F: Future> Future for Initialiser<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if std::mem::replace(this.is_polled, true) { this.future.poll(context) } else { Poll::Pending }
    }
}

impl<T> Default for OnceCell<T> {
    #[track_caller]
    fn default() -> OnceCell<T> {
        OnceCell::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: Clone> Clone for OnceCell<T> {
    #[track_caller]
    fn clone(&self) -> OnceCell<T> {
        OnceCell::wrap(self.inner.clone())
    }
}

impl<T: PartialEq> PartialEq for OnceCell<T> {
    fn eq(&self, other: &OnceCell<T>) -> bool {
        self.inner == other.inner
    }
}

impl<T: Eq> Eq for OnceCell<T> {}

impl<T> From<T> for OnceCell<T> {
    #[track_caller]
    fn from(value: T) -> OnceCell<T> {
        OnceCell::wrap(real::OnceCell::from(value))
    }
}
