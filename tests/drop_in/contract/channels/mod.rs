//! Channels of every kind.

use super::{
    panic_of,
    sync::mpsc::{
        self, Receiver, RecvError, RecvTimeoutError, SendError, Sender, SyncSender, TryRecvError, TrySendError,
    },
    thread,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

mod bounded;
mod ends;
mod receiving;
mod values;

const NEVER: Duration = Duration::from_secs(600);

/// Bounds of the kinds that std implements apart: none, some, one, and none at all (a rendezvous).
const BOUNDS: [Option<usize>; 4] = [None, Some(64), Some(1), Some(0)];

/// A sender of either type.
enum AnySender<T> {
    Unbounded(Sender<T>),
    Bounded(SyncSender<T>),
}

impl<T> Clone for AnySender<T> {
    fn clone(&self) -> AnySender<T> {
        match self {
            AnySender::Unbounded(sender) => AnySender::Unbounded(sender.clone()),
            AnySender::Bounded(sender) => AnySender::Bounded(sender.clone()),
        }
    }
}

impl<T> AnySender<T> {
    fn send(&self, value: T) -> Result<(), SendError<T>> {
        match self {
            AnySender::Unbounded(sender) => sender.send(value),
            AnySender::Bounded(sender) => sender.send(value),
        }
    }
}

fn channel<T>(bound: Option<usize>) -> (AnySender<T>, Receiver<T>) {
    match bound {
        None => {
            let (sender, receiver) = mpsc::channel();
            (AnySender::Unbounded(sender), receiver)
        }
        Some(bound) => {
            let (sender, receiver) = mpsc::sync_channel(bound);
            (AnySender::Bounded(sender), receiver)
        }
    }
}

/// How many of `values` fit into a channel that nobody receives from.
fn room(bound: Option<usize>, values: usize) -> usize {
    bound.unwrap_or(values).min(values)
}

/// Counts how often it is dropped.
struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}
