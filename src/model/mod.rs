//! The nouns: what is recorded, and what is found in it.
//!
//! Plain data, no logic that needs a running program: a detector reads these whether they come from the live
//! recorder or from a file. Places and objects are opaque numbers here; a [`World`] says what they mean.

mod channel;
mod event;
mod finding;
mod id;
mod kind;
mod snapshot;
mod task;
mod world;

pub use channel::{Channel, End, Handle, User};
pub use event::{Event, Op};
pub use finding::{Because, Certainty, Finding, Rule, Step};
pub use id::{ActorId, Nanos, ObjectId, PlaceId, RuntimeId, ScopeId};
pub use kind::{Kind, Mode};
pub use snapshot::{Actor, Handlers, Hold, On, Orphan, Sleep, Snapshot, Strangers, Wait};
pub use task::{LONG_LOCK_IN_POLL, TaskFigures};
pub use world::{ActorInfo, ObjectInfo, Place, World};
