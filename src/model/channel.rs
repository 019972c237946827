//! Channels: who can be seen to have their ends.

use super::{ActorId, ObjectId, PlaceId};

/// A channel, and its living ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Channel {
    /// Which.
    pub object: ObjectId,
    /// The senders and the receiver that have not been dropped, in no order.
    pub handles: Vec<Handle>,
}

impl Channel {
    /// The living handles of one end.
    pub fn at(&self, end: End) -> impl Iterator<Item = &Handle> {
        self.handles.iter().filter(move |handle| handle.end == end)
    }
}

/// Which end of a channel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum End {
    /// A `Sender` or a `SyncSender`.
    Sender,
    /// The `Receiver`.
    Receiver,
}

impl End {
    /// The type's name, as sentences use it.
    pub const fn noun(self) -> &'static str {
        match self {
            End::Sender => "sender",
            End::Receiver => "receiver",
        }
    }
}

/// One sender, or the receiver.
///
/// Who *has* it cannot be seen: a value moves without a trace, into a closure or a message, say. Who uses it can.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handle {
    /// Of which end.
    pub end: End,
    /// Where it was made, or cloned.
    pub made: PlaceId,
    /// Who did that.
    pub maker: ActorId,
    /// Who has sent or received through it so far.
    pub user: User,
}

/// Who has used a handle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum User {
    /// Nobody yet.
    Nobody,
    /// This actor alone.
    One(ActorId),
    /// More than one, or somebody who is not recorded.
    Several,
}
