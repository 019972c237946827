//! A future that a test polls by hand, as a task of its own.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

/// Counts how often it is woken.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// A future, polled by hand.
#[must_use]
pub(super) struct Polled<'a, T> {
    future: Pin<Box<dyn Future<Output = T> + 'a>>,
    wakes: Arc<Wakes>,
}

/// A task of this future; gordian watches it where it watches anything.
pub(super) fn polled<'a, T>(future: impl Future<Output = T> + 'a) -> Polled<'a, T> {
    Polled { future: Box::pin(gordian::task::watch(future)), wakes: Arc::default() }
}

/// The same where gordian knows of no task.
pub(super) fn unwatched<'a, T>(future: impl Future<Output = T> + 'a) -> Polled<'a, T> {
    Polled { future: Box::pin(future), wakes: Arc::default() }
}

impl<T> Polled<'_, T> {
    pub(super) fn poll(&mut self) -> Poll<T> {
        let waker = Waker::from(self.wakes.clone());
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// Polls it: it has to wait.
    #[track_caller]
    pub(super) fn pends(&mut self) {
        assert!(self.poll().is_pending(), "it has to wait");
    }

    /// Polls it: it is ready.
    #[track_caller]
    pub(super) fn ready(&mut self) -> T {
        match self.poll() {
            Poll::Ready(result) => result,
            Poll::Pending => panic!("it is ready"),
        }
    }

    /// How often it was woken since this was asked last.
    pub(super) fn wakes(&self) -> usize {
        self.wakes.0.swap(0, SeqCst)
    }

    /// Who has its waker, or a clone of one that leads to it.
    pub(super) fn wakers(&self) -> usize {
        Arc::strong_count(&self.wakes) - 1
    }
}

/// The result of a future that does not have to wait.
#[track_caller]
pub(super) fn at_once<T>(future: impl Future<Output = T>) -> T {
    polled(future).ready()
}
