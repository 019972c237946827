//! What the opaque numbers mean.

use super::{ActorId, Hold, Kind, ObjectId, PlaceId};

/// Resolves identities to names: the live recorder, or a file.
pub trait World {
    /// The source place, if it is known.
    fn place(&self, id: PlaceId) -> Option<Place>;
    /// What an object is, and what it is called. Works for dead objects too.
    fn object(&self, id: ObjectId) -> ObjectInfo;
    /// Who an actor is. `None` when the record has been given to another thread since.
    fn actor(&self, id: ActorId) -> Option<ActorInfo>;
    /// The name that a class stands for: see [`Op::Named`](super::Op::Named).
    fn class(&self, _class: u64) -> Option<String> {
        None
    }
    /// The task that has kept the guard of this across an `.await`, where its thread took it in the task's poll.
    fn keeper(&self, _hold: &Hold) -> Option<ActorId> {
        None
    }
    /// Where `inner` was first acquired while `outer` was held, and where that had been: `(outer, inner)`. `None`: it
    /// never was, as far as is known.
    fn order(&self, _outer: ObjectId, _inner: ObjectId) -> Option<(PlaceId, PlaceId)> {
        None
    }
    /// How many orders are missing from [`World::order`].
    fn orders_missing(&self) -> u64 {
        0
    }
}

/// A place in the source.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The file, as the compiler was given it.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// What is known of an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectInfo {
    /// Its kind.
    pub kind: Kind,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Where it was created.
    pub created: Option<Place>,
    /// Where it was first acquired: of one whose place of creation cannot be known (`parking_lot`'s locks).
    pub first_used: Option<Place>,
}

/// What is known of an actor.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ActorInfo {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Where it was spawned, if by us.
    pub spawned: Option<Place>,
    /// Who spawned it.
    pub parent: Option<ActorId>,
    /// A daemon never keeps the program alive.
    pub daemon: bool,
    /// Its number in the operating system, where that is known.
    pub os_id: Option<u64>,
}
