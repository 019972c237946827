//! What a detector says: identities only, no words.

use super::{ActorId, Hold, Wait};

/// Which detector.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum Rule {
    /// Actors wait for each other in a circle, or for something that can never come.
    WaitCycle,
    /// Nobody is left who could wake anybody.
    Standstill,
    /// A task that is pending, and that nobody can wake.
    DeadTask,
    /// A lock has been held for longer than the threshold.
    LongHold,
    /// An actor has waited for longer than the threshold.
    LongWait,
    /// A poll of a task has gone on for longer than the threshold.
    LongPoll,
    /// A thread that polls a task waits in a blocking way.
    BlockingInTask,
    /// A task is pending, and a guard that its thread took in its poll is still there.
    GuardAcrossAwait,
    /// A task was pending when its runtime was dropped.
    PendingAtShutdown,
}

impl Rule {
    /// Its word in everything a machine reads: JSON, the fields of a `tracing` event, the trace.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Rule::WaitCycle => "wait_cycle",
            Rule::Standstill => "standstill",
            Rule::DeadTask => "dead_task",
            Rule::LongHold => "long_hold",
            Rule::LongWait => "long_wait",
            Rule::LongPoll => "long_poll",
            Rule::BlockingInTask => "blocking_in_task",
            Rule::GuardAcrossAwait => "guard_across_await",
            Rule::PendingAtShutdown => "pending_at_shutdown",
        }
    }

    /// Whether it is a warning: nothing is stuck for good.
    #[must_use]
    pub fn is_warning(self) -> bool {
        !matches!(self, Rule::WaitCycle | Rule::Standstill | Rule::DeadTask)
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum Certainty {
    /// A pattern that may go wrong, or a standstill that cannot be proven on this system.
    Possible,
    /// It did not happen in this run, but a schedule of the same events makes it happen.
    Proven,
    /// It is so now.
    Happened,
}

impl Certainty {
    /// Its word in sentences, and in everything a machine reads.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Certainty::Possible => "possible",
            Certainty::Proven => "proven",
            Certainty::Happened => "happened",
        }
    }
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Which detector found it.
    pub rule: Rule,
    /// How sure it is.
    pub certainty: Certainty,
    /// The steps of a cycle in order (each waits for the next, the last for the first), a chain that ends in
    /// something that can never come, or all the actors of a standstill.
    pub steps: Vec<Step>,
    /// Actors that are stuck because of it without being part of it.
    pub victims: Vec<ActorId>,
    /// Why the certainty is no higher: how many threads of the process we have never seen.
    pub strangers: Option<u32>,
}

/// One actor of a finding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// Who.
    pub actor: ActorId,
    /// The actor's [`Actor::sequence`](super::Actor::sequence) when it was read.
    pub sequence: u64,
    /// What it waits for. `None` in a `LongHold`: the actor runs.
    pub wait: Option<Wait>,
    /// Why it does not get it.
    pub because: Because,
}

/// Why a wait does not end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Because {
    /// This actor holds it (for a `LongHold`: the actor itself).
    HeldBy {
        /// The holder.
        actor: ActorId,
        /// What it holds, and since when and where.
        hold: Hold,
    },
    /// A reader waits behind a writer that is queued for the same lock.
    QueuedBehind {
        /// The waiting writer.
        actor: ActorId,
    },
    /// The actor waits for the end of this one.
    EndOf {
        /// The one that should end.
        actor: ActorId,
    },
    /// The guard was leaked by a thread that has ended.
    LeakedBy {
        /// The thread that has ended.
        actor: ActorId,
        /// What it held.
        hold: Hold,
    },
    /// The thread that polls it waits for something else.
    PolledBy {
        /// The thread.
        actor: ActorId,
    },
    /// Nobody has a waker of it.
    NoWaker,
    /// It needs a signal (notification, arrival, message, unpark), and nobody is left to give it.
    NobodyLeft,
    /// Unknown, or simply not yet: a `LongWait`.
    NotYet,
}
