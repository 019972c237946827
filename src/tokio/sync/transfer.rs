//! Futures that wait at an end of a channel.

use crate::{
    record::{
        Handle, Site,
        on::task::{Goal, Leaf, Lent},
    },
    task::Waiting,
};
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// What comes out of a wait at a channel.
pub(super) trait Outcome {
    /// Whether a message has passed.
    fn is_message(&self) -> bool;
}

impl Outcome for () {
    fn is_message(&self) -> bool {
        false
    }
}

/// How many have passed.
impl Outcome for usize {
    fn is_message(&self) -> bool {
        *self != 0
    }
}

impl<T> Outcome for Option<T> {
    fn is_message(&self) -> bool {
        self.is_some()
    }
}

impl<T, E> Outcome for Result<T, E> {
    fn is_message(&self) -> bool {
        self.is_ok()
    }
}

impl<R: Outcome> Outcome for Poll<R> {
    fn is_message(&self) -> bool {
        matches!(self, Poll::Ready(outcome) if outcome.is_message())
    }
}

pin_project! {
    /// Sends or receives; whom the real future has given its waker is gone when that is dropped.
    #[must_use = "futures do nothing unless they are polled"]
    pub(super) struct Transfer<'a, F> {
        #[pin]
        waiting: Waiting<'a, F>,
        handle: &'a Handle,
        site: Site,
    }
}

impl<'a, F: Future> Transfer<'a, F> {
    pub(super) fn new(future: F, handle: &'a Handle, site: Site) -> Transfer<'a, F> {
        Transfer { waiting: Waiting::new(future, site, Goal::Channel(handle)), handle, site }
    }

    /// One that also ends by itself.
    pub(super) fn in_time(future: F, handle: &'a Handle, site: Site) -> Transfer<'a, F> {
        Transfer { waiting: Waiting::new(future, site, Goal::ChannelInTime(handle)), handle, site }
    }
}

impl<F: Future<Output: Outcome>> Future for Transfer<'_, F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let waiting = this.waiting;
        this.handle.pass_where(*this.site, Outcome::is_message, || waiting.poll(context))
    }
}

pin_project! {
    /// The same where the end of the channel keeps the waker, so that it is still there when the real future is dropped.
    #[must_use = "futures do nothing unless they are polled"]
    pub(super) struct Lasting<'a, F> {
        #[pin]
        future: F,
        leaf: Lent<'a>,
        handle: &'a Handle,
        goal: Goal<'a>,
        site: Site,
    }
}

impl<'a, F: Future> Lasting<'a, F> {
    pub(super) fn new(future: F, leaf: &'a mut Leaf, handle: &'a Handle, site: Site) -> Lasting<'a, F> {
        Lasting { future, leaf: leaf.lend(), handle, goal: Goal::Channel(handle), site }
    }

    /// A sender that waits for the end.
    pub(super) fn closing(future: F, leaf: &'a mut Leaf, handle: &'a Handle, site: Site) -> Lasting<'a, F> {
        Lasting { future, leaf: leaf.lend(), handle, goal: Goal::Closing(handle), site }
    }
}

impl<F: Future<Output: Outcome>> Future for Lasting<'_, F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let future = this.future;
        poll(this.handle, this.leaf, *this.site, *this.goal, context, |context| future.poll(context))
    }
}

/// Receives, where the real receiver keeps the waker.
#[inline]
pub(super) fn receive<R: Outcome>(
    handle: &Handle,
    leaf: &mut Leaf,
    site: Site,
    context: &mut Context<'_>,
    real: impl FnOnce(&mut Context<'_>) -> Poll<R>,
) -> Poll<R> {
    poll(handle, leaf, site, Goal::Channel(handle), context, real)
}

#[inline]
fn poll<R: Outcome>(
    handle: &Handle,
    leaf: &mut Leaf,
    site: Site,
    goal: Goal<'_>,
    context: &mut Context<'_>,
    real: impl FnOnce(&mut Context<'_>) -> Poll<R>,
) -> Poll<R> {
    handle.pass_where(site, Outcome::is_message, || leaf.poll(context, site, goal, real))
}
