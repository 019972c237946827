//! The receiving ends of channels, with a bound and without.

use super::{error::TryRecvError, real};
use crate::{
    record::{Handle, Site, on::task::Leaf},
    tokio::sync::{
        blocking::refuse_in_a_runtime,
        transfer::{self, Lasting},
    },
};
use std::{
    fmt,
    future::Future,
    task::{Context, Poll},
};

/// What the method of the real receiver is, as documentation links it.
macro_rules! link {
    ($name:ident, $method:ident) => {
        concat!(
            "[`tokio::sync::mpsc::",
            stringify!($name),
            "::",
            stringify!($method),
            "`](real::",
            stringify!($name),
            "::",
            stringify!($method),
            ")."
        )
    };
}

/// One kind of receiver, under its name here and in tokio.
macro_rules! receiver {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name<T> {
            handle: Handle,
            inner: real::$name<T>,
            // Dropped when nobody has its waker any more.
            leaf: Leaf,
        }

        impl<T> $name<T> {
            pub(super) fn new(handle: Handle, inner: real::$name<T>) -> $name<T> {
                $name { handle, inner, leaf: Leaf::new() }
            }

            pub(crate) fn handle_mut(&mut self) -> &mut Handle {
                &mut self.handle
            }

            #[doc = link!($name, recv)]
            /// A wait that nobody alive can end is reported.
            #[track_caller]
            pub fn recv(&mut self) -> impl Future<Output = Option<T>> {
                Lasting::new(self.inner.recv(), &mut self.leaf, &self.handle, Site::here())
            }

            #[doc = link!($name, recv_many)]
            /// A wait that nobody alive can end is reported. What is received at once is one operation in reports and traces.
            #[track_caller]
            pub fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> impl Future<Output = usize> {
                Lasting::new(self.inner.recv_many(buffer, limit), &mut self.leaf, &self.handle, Site::here())
            }

            #[doc = link!($name, try_recv)]
            ///
            /// # Errors
            ///
            /// No message is there, or none is left, and no sender.
            #[track_caller]
            pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
                self.handle.pass(Site::here(), || self.inner.try_recv())
            }

            #[doc = link!($name, blocking_recv)]
            /// In reports it is the thread that waits.
            ///
            /// # Panics
            ///
            /// In a thread that drives tasks.
            #[track_caller]
            pub fn blocking_recv(&mut self) -> Option<T> {
                refuse_in_a_runtime();
                let blocked = |inner: &mut real::$name<T>| inner.blocking_recv().ok_or(());
                let received = self.handle.transfer(
                    Site::here(),
                    false,
                    &mut self.inner,
                    |inner| match inner.try_recv() {
                        Ok(message) => Ok(Ok(message)),
                        Err(TryRecvError::Disconnected) => Ok(Err(())),
                        Err(TryRecvError::Empty) => Err(inner),
                    },
                    blocked,
                );
                received.ok()
            }

            #[doc = link!($name, blocking_recv_many)]
            /// In reports it is the thread that waits.
            ///
            /// # Panics
            ///
            /// In a thread that drives tasks.
            #[track_caller]
            pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
                refuse_in_a_runtime();
                let receive = |(inner, buffer): (&mut real::$name<T>, &mut Vec<T>)| match inner
                    .blocking_recv_many(buffer, limit)
                {
                    0 => Err(()),
                    many => Ok(many),
                };
                let received = self.handle.transfer(
                    Site::here(),
                    false,
                    (&mut self.inner, buffer),
                    // Only who has the receiver takes messages out: what is there does not have to be waited for.
                    |offer| if limit == 0 || !offer.0.is_empty() { Ok(receive(offer)) } else { Err(offer) },
                    receive,
                );
                received.unwrap_or(0)
            }

            #[doc = link!($name, close)]
            pub fn close(&mut self) {
                self.inner.close();
            }

            #[doc = link!($name, is_closed)]
            pub fn is_closed(&self) -> bool {
                self.inner.is_closed()
            }

            #[doc = link!($name, is_empty)]
            pub fn is_empty(&self) -> bool {
                self.inner.is_empty()
            }

            #[doc = link!($name, len)]
            pub fn len(&self) -> usize {
                self.inner.len()
            }

            #[doc = link!($name, poll_recv)]
            /// A wait that nobody alive can end is reported.
            #[track_caller]
            pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
                let $name { handle, inner, leaf } = self;
                transfer::receive(handle, leaf, Site::here(), cx, |cx| inner.poll_recv(cx))
            }

            #[doc = link!($name, poll_recv_many)]
            /// A wait that nobody alive can end is reported.
            #[track_caller]
            pub fn poll_recv_many(&mut self, cx: &mut Context<'_>, buffer: &mut Vec<T>, limit: usize) -> Poll<usize> {
                let $name { handle, inner, leaf } = self;
                transfer::receive(handle, leaf, Site::here(), cx, |cx| inner.poll_recv_many(cx, buffer, limit))
            }

            #[doc = link!($name, sender_strong_count)]
            pub fn sender_strong_count(&self) -> usize {
                self.inner.sender_strong_count()
            }

            #[doc = link!($name, sender_weak_count)]
            pub fn sender_weak_count(&self) -> usize {
                self.inner.sender_weak_count()
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

receiver!(
    /// The receiving end of a channel with a bound: [`tokio::sync::mpsc::Receiver`](real::Receiver), watched.
    Receiver
);
receiver!(
    /// The receiving end of a channel without a bound:
    /// [`tokio::sync::mpsc::UnboundedReceiver`](real::UnboundedReceiver), watched.
    UnboundedReceiver
);

impl<T> Receiver<T> {
    /// [`tokio::sync::mpsc::Receiver::capacity`](real::Receiver::capacity)
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// [`tokio::sync::mpsc::Receiver::max_capacity`](real::Receiver::max_capacity)
    pub fn max_capacity(&self) -> usize {
        self.inner.max_capacity()
    }
}
