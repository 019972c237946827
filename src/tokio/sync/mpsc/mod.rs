//! `tokio::sync::mpsc`, watched: a wait for a message, or for room, that nobody is left to end is reported.
//!
//! Reports name the senders and receivers that are alive: where each was made, and who has used it. A function of another
//! crate that takes the real types (a stream around a receiver, say) does not take these.

mod permit;
mod receiver;
mod sender;
mod unbounded;

pub use ::tokio::sync::mpsc::error;
pub use permit::{OwnedPermit, Permit, PermitIterator};
pub use receiver::{Receiver, UnboundedReceiver};
pub use sender::{Sender, WeakSender};
pub use unbounded::{UnboundedSender, WeakUnboundedSender};

use crate::record::{self, Site};
use ::tokio::sync::mpsc as real;

/// [`tokio::sync::mpsc::channel`](real::channel). Reports tell the place of the call of a channel without a name. `buffer`
/// is in messages.
///
/// # Panics
///
/// If `buffer` is 0, or more than a semaphore can count.
#[track_caller]
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = real::channel(buffer);
    let (sends, receives) = record::channel(Site::here());
    (Sender::new(sends, sender), Receiver::new(receives, receiver))
}

/// [`tokio::sync::mpsc::unbounded_channel`](real::unbounded_channel). Reports tell the place of the call of a channel
/// without a name.
#[track_caller]
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let (sender, receiver) = real::unbounded_channel();
    let (sends, receives) = record::channel(Site::here());
    (UnboundedSender::new(sends, sender), UnboundedReceiver::new(receives, receiver))
}
