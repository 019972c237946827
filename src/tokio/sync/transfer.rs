//! Futures that wait at an end of a channel.

use crate::record::{
    Handle, Site,
    on::task::{Goal, Leaf, Lent},
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
    #[inline]
    fn is_message(&self) -> bool {
        false
    }
}

/// How many have passed.
impl Outcome for usize {
    #[inline]
    fn is_message(&self) -> bool {
        *self != 0
    }
}

impl<T> Outcome for Option<T> {
    #[inline]
    fn is_message(&self) -> bool {
        self.is_some()
    }
}

impl<T, E> Outcome for Result<T, E> {
    #[inline]
    fn is_message(&self) -> bool {
        self.is_ok()
    }
}

impl<R: Outcome> Outcome for Poll<R> {
    #[inline]
    fn is_message(&self) -> bool {
        matches!(self, Poll::Ready(outcome) if outcome.is_message())
    }
}

/// What a future is for. (One byte; what it is made into is made where there is a wait.)
#[derive(Clone, Copy)]
enum Purpose {
    /// That a message passes.
    Message,
    /// The same, or time.
    MessageInTime,
    /// The end of all receivers.
    Closing,
}

impl Purpose {
    #[inline]
    fn goal(self, handle: &Handle) -> Goal<'_> {
        match self {
            Purpose::Message => Goal::Channel(handle),
            Purpose::MessageInTime => Goal::ChannelInTime(handle),
            Purpose::Closing => Goal::Closing(handle),
        }
    }
}

pin_project! {
    /// Sends or receives; whoever has been given its waker is gone when the real future is dropped.
    #[must_use = "futures do nothing unless they are polled"]
    pub(super) struct Transfer<'a, F> {
        // Dropped before the leaf: nobody keeps its waker then.
        #[pin]
        future: F,
        leaf: Leaf,
        handle: &'a Handle,
        site: Site,
        purpose: Purpose,
    }
}

impl<'a, F: Future> Transfer<'a, F> {
    #[inline]
    pub(super) fn new(future: F, handle: &'a Handle, site: Site) -> Transfer<'a, F> {
        Transfer { future, leaf: Leaf::new(), handle, site, purpose: Purpose::Message }
    }

    /// One that also ends by itself.
    #[inline]
    pub(super) fn in_time(future: F, handle: &'a Handle, site: Site) -> Transfer<'a, F> {
        Transfer { future, leaf: Leaf::new(), handle, site, purpose: Purpose::MessageInTime }
    }

    /// A sender that waits for the end.
    #[inline]
    pub(super) fn closing(future: F, handle: &'a Handle, site: Site) -> Transfer<'a, F> {
        Transfer { future, leaf: Leaf::new(), handle, site, purpose: Purpose::Closing }
    }
}

impl<F: Future<Output: Outcome>> Future for Transfer<'_, F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let future = this.future;
        poll(this.handle, this.leaf, *this.site, *this.purpose, context, |context| future.poll(context))
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
        site: Site,
        purpose: Purpose,
    }
}

impl<'a, F: Future> Lasting<'a, F> {
    #[inline]
    pub(super) fn new(future: F, leaf: &'a mut Leaf, handle: &'a Handle, site: Site) -> Lasting<'a, F> {
        Lasting { future, leaf: leaf.lend(), handle, site, purpose: Purpose::Message }
    }

    /// A sender that waits for the end.
    #[inline]
    pub(super) fn closing(future: F, leaf: &'a mut Leaf, handle: &'a Handle, site: Site) -> Lasting<'a, F> {
        Lasting { future, leaf: leaf.lend(), handle, site, purpose: Purpose::Closing }
    }
}

impl<F: Future<Output: Outcome>> Future for Lasting<'_, F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let future = this.future;
        poll(this.handle, this.leaf, *this.site, *this.purpose, context, |context| future.poll(context))
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
    poll(handle, leaf, site, Purpose::Message, context, real)
}

#[inline(always)]
fn poll<R: Outcome>(
    handle: &Handle,
    leaf: &mut Leaf,
    site: Site,
    purpose: Purpose,
    context: &mut Context<'_>,
    real: impl FnOnce(&mut Context<'_>) -> Poll<R>,
) -> Poll<R> {
    handle.pass_where(site, Outcome::is_message, || leaf.poll(context, site, purpose.goal(handle), real))
}
