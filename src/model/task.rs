//! What a task's record counts.

use super::{ActorId, Nanos};

/// A wait for a lock in the middle of a poll that has lasted so long is none for a short section.
pub const LONG_LOCK_IN_POLL: Nanos = 100_000_000;

/// What is counted of one task; times in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TaskFigures {
    /// Since it was made.
    pub age: Nanos,
    /// How often it has been polled.
    pub polls: u64,
    /// How long ago its last poll ended; 0: it is being polled.
    pub last_poll: Option<Nanos>,
    /// How long its polls took, in all.
    pub busy: Nanos,
    /// How long it had been woken and was not polled yet, in all.
    pub scheduled: Nanos,
    /// Its longest poll.
    pub longest: Nanos,
    /// How often it was woken; its spawn does not count.
    pub wakes: u64,
    /// How often in its own poll.
    pub own_wakes: u64,
    /// How often when it had been woken already, and not been polled since.
    pub needless_wakes: u64,
    /// How many polls have left it pending and changed nothing of what is watched.
    pub idle_polls: u64,
    /// It has been woken since its last poll began.
    pub is_due: bool,
    /// Nobody is known to have a waker of it.
    pub unwoken: bool,
    /// Its last poll has given its value.
    pub finished: bool,
    /// The task in whose poll its last one began; where it was spawned, or that has ended, none.
    pub awaited_by: Option<ActorId>,
    /// It has been woken, and that task has been polled since without polling it.
    pub passed_over: bool,
}
