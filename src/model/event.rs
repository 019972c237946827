//! One operation, as the rings carry it.

use super::{ActorId, Nanos, PlaceId};

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Op {
    /// Acquired, exclusively. `object` is the lock.
    Lock = 1,
    /// Acquired for reading. `object` is the lock.
    Read = 2,
    /// Released. `object` is the lock.
    Unlock = 3,
    /// An initialiser begins to run. `object` is the once cell; its end is an `Unlock`.
    Init = 4,
    /// A wait began. `object` is what is waited for: an object, or an actor (see [`Event::actor_operand`]).
    Wait = 5,
    /// The wait ended, and with what was waited for.
    WaitEnd = 6,
    /// The wait ended without: a time-out.
    TimedOut = 7,
    /// Notified one waiter of a condvar. `object` is the condvar.
    NotifyOne = 8,
    /// Notified all waiters of a condvar. `object` is the condvar.
    NotifyAll = 9,
    /// Started a thread, or made a task. `object` is the new actor.
    Spawn = 10,
    /// The actor itself begins.
    Start = 11,
    /// The actor itself ends.
    End = 12,
    /// Entered a `tracing` span. `object` is the recorder's number of the span.
    Enter = 13,
    /// Left a `tracing` span. `object` is the recorder's number of the span.
    Exit = 14,
    /// A write lock, or an upgradable read lock, became a read lock. `object` is the lock.
    Downgrade = 15,
    /// Sent a message. `object` is the channel.
    Send = 16,
    /// Received a message. `object` is the channel.
    Receive = 17,
    /// Acquired for reading, so that it can be upgraded. `object` is the lock.
    ReadUpgradable = 18,
    /// An upgradable read lock became a write lock. `object` is the lock.
    Upgrade = 19,
    /// A write lock became an upgradable read lock. `object` is the lock.
    DowngradeToUpgradable = 20,
    /// A poll begins. `object` is the task, and the place is where it was spawned.
    Poll = 21,
    /// The poll of this task is over: it is pending. `object` is the task.
    Pending = 22,
    /// The poll of this task is over: it is done. `object` is the task.
    Done = 23,
    /// The task that is being polled has got a name. `object` is the class of that name.
    Named = 24,
    /// The task that is being polled awaits something. `object` is what, as for a `Wait`.
    Await = 25,
    /// Woke a task, the first time since its last poll began. `object` is the task.
    Wake = 26,
    /// A task is gone before it was done: its future was dropped. `object` is the task.
    Dropped = 27,
}

impl Op {
    /// The operation with this number.
    pub const fn from_bits(bits: u8) -> Option<Op> {
        Some(match bits {
            1 => Op::Lock,
            2 => Op::Read,
            3 => Op::Unlock,
            4 => Op::Init,
            5 => Op::Wait,
            6 => Op::WaitEnd,
            7 => Op::TimedOut,
            8 => Op::NotifyOne,
            9 => Op::NotifyAll,
            10 => Op::Spawn,
            11 => Op::Start,
            12 => Op::End,
            13 => Op::Enter,
            14 => Op::Exit,
            15 => Op::Downgrade,
            16 => Op::Send,
            17 => Op::Receive,
            18 => Op::ReadUpgradable,
            19 => Op::Upgrade,
            20 => Op::DowngradeToUpgradable,
            21 => Op::Poll,
            22 => Op::Pending,
            23 => Op::Done,
            24 => Op::Named,
            25 => Op::Await,
            26 => Op::Wake,
            27 => Op::Dropped,
            _ => return None,
        })
    }
}

/// One recorded operation of one actor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event {
    /// When: precise at level `trace`, coarse in the flight recorder.
    pub at: Nanos,
    /// Who.
    pub actor: ActorId,
    /// What.
    pub op: Op,
    /// On what: an [`ObjectId`](super::ObjectId)'s number, an actor's (highest bit clear, see
    /// [`Event::actor_operand`]), a span's, one of [`Event::TIME`] and its like, or 0 where it is not known.
    pub object: u64,
    /// Where in the source; unknown for a release, which a guard's drop does (of a guard that may go anywhere: where it was
    /// acquired).
    pub place: PlaceId,
}

impl Event {
    /// Above all actors, below all objects.
    const SPECIAL: u64 = 1 << 61;
    /// In [`Event::object`]: a sleep.
    pub const TIME: u64 = Self::SPECIAL;
    /// In [`Event::object`]: a park.
    pub const UNPARK: u64 = Self::SPECIAL + 1;
    /// In [`Event::object`]: the end of the threads of a scope.
    pub const SCOPE: u64 = Self::SPECIAL + 2;
    /// In [`Event::object`]: the end of all threads that are not daemons.
    pub const THREADS: u64 = Self::SPECIAL + 3;
    /// In [`Event::object`]: the end of one of a set of tasks, or of all.
    pub const TASKS: u64 = Self::SPECIAL + 4;
    /// In [`Event::object`]: the end of what the threads of a runtime are busy with.
    pub const RUNTIME: u64 = Self::SPECIAL + 5;

    /// How an actor is written in [`Event::object`]. Never 0, and never an object's number.
    #[inline]
    pub const fn operand(actor: ActorId) -> u64 {
        (((actor.index as u64) << 31) | (actor.generation as u64 & 0x7fff_ffff)) + 1
    }

    /// The actor that is meant, where [`Event::object`] is one.
    pub const fn actor_operand(object: u64) -> Option<ActorId> {
        if object == 0 || object >= Self::SPECIAL {
            return None;
        }
        let bits = object - 1;
        Some(ActorId { index: (bits >> 31) as u32, generation: (bits & 0x7fff_ffff) as u32 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_survives_being_an_operand() {
        let actor = ActorId { index: 3_000_000, generation: 41 };
        assert_eq!(Event::actor_operand(Event::operand(actor)), Some(actor));
        assert_eq!(Event::actor_operand(0), None);
        assert_eq!(Event::actor_operand(1 << 63), None);
        assert_eq!(Event::actor_operand(Event::TIME), None);
    }
}
