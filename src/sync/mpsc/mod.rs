//! [`std::sync::mpsc`], watched: a wait for a message, or for room, that nobody is left to end is reported.
//!
//! Reports name the senders that are alive: where each was made, and who has used it.

mod iter;
mod receiver;
mod sender;

pub use iter::{IntoIter, Iter, TryIter};
pub use receiver::Receiver;
pub use sender::{Sender, SyncSender};
pub use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};

use crate::record::{self, Site};

/// [`std::sync::mpsc::channel`]. Reports tell the place of the call of a channel without a name.
#[must_use]
#[inline]
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = std::sync::mpsc::channel();
    let (sends, receives) = record::channel(Site::here());
    (Sender::new(sends, sender), Receiver::new(receives, receiver))
}

/// [`std::sync::mpsc::sync_channel`]. Reports tell the place of the call of a channel without a name. `bound` is in
/// messages.
#[must_use]
#[inline]
#[track_caller]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let (sender, receiver) = std::sync::mpsc::sync_channel(bound);
    let (sends, receives) = record::channel(Site::here());
    (SyncSender::new(sends, sender), Receiver::new(receives, receiver))
}
