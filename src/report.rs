//! What a person is told: plain data with resolved names. Rendering it (text, JSON) adds nothing.

pub use crate::model::{Certainty, Kind, Mode, Place, Rule};
use std::time::Duration;

/// One finding, with everything a person needs to act on it.
///
/// The callback gets it before the stacks are resolved, so that it hears of a deadlock within microseconds; call
/// [`Report::resolve`] for function names and lines (milliseconds the first time).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// Counts the findings of the process, from 1.
    pub number: u64,
    /// Which detector found it.
    pub rule: Rule,
    /// How sure it is.
    pub certainty: Certainty,
    /// Equal for the same situation at the same places, in this run and the next.
    pub fingerprint: String,
    /// How long the program had been watched.
    pub at: Duration,
    /// The finding in one line.
    pub title: String,
    /// The finding in sentences, one for each step.
    pub story: Vec<String>,
    /// The cycle, or the chain, drawn in text: one string a line.
    pub drawing: Vec<String>,
    /// The threads and tasks of the finding, in the order of the drawing.
    pub threads: Vec<ThreadReport>,
    /// Threads and tasks that are stuck because of it without being part of it, by label. The callback, which hears of a
    /// deadlock at once, may get none; they are looked for afterwards.
    pub victims: Vec<String>,
    /// Why the certainty is no higher, where it could be.
    pub doubt: Option<String>,
    /// What to change.
    pub advice: Vec<String>,
}

/// One thread of a finding, or one task.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ThreadReport {
    /// How sentences call it: its name in backquotes, or a number and where it was spawned.
    pub label: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// It is a task, and no thread.
    pub is_task: bool,
    /// The recorder's number of it.
    pub id: u64,
    /// Its number in the operating system, where known.
    pub os_id: Option<u64>,
    /// Whether it is a daemon.
    pub daemon: bool,
    /// It has ended: only what it left behind is here.
    pub ended: bool,
    /// Where it was spawned, if by us.
    pub spawned: Option<Place>,
    /// What it holds, oldest first.
    pub holds: Vec<HoldReport>,
    /// What it waits for.
    pub waits: Option<WaitReport>,
    /// What else it waits for, of a task: any of these will do (`select!`), or all are needed (`join!`).
    pub also: Vec<WaitReport>,
    /// The `tracing` spans it is in, outermost first, with their fields.
    pub spans: Vec<String>,
    /// Its last operations on watched primitives, oldest first.
    pub recent: Vec<OperationReport>,
    /// How many operations should stand in `recent`, but were lost.
    pub lost: u64,
    /// Its stack when it began to wait, innermost first; the recorder's own frames and the runtime's are left out
    /// by [`Report::resolve`]. Of a thread whose poll takes long: its stack while it does.
    pub stack: Vec<Frame>,
}

/// The tasks of the program at one moment: what [`tasks`](crate::tasks()) gives.
///
/// Displayed it is a list that a person reads. Built off there is none.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Tasks {
    /// How long the program had been watched.
    pub at: Duration,
    /// The tasks that had not ended, in no order that means anything.
    pub tasks: Vec<TaskReport>,
    /// How often somebody has woken a task that had ended: whoever kept its waker did so for longer than there was a use for
    /// it. Counted as long as the program runs, over all tasks.
    pub lost_wakes: u64,
}

/// One task: a future that an executor polls, or a closure of a blocking pool.
///
/// Times are sums over polls to the precision of the coarse clock (10 ms): a poll that is shorter counts as nothing or as a
/// tick, in such proportion that a sum over many is right.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskReport {
    /// How sentences call it: its name in backquotes, or a number and where it was spawned.
    pub label: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The recorder's number of the task.
    pub id: u64,
    /// Where it was spawned.
    pub spawned: Option<Place>,
    /// The label of the task or thread that has spawned it: which has made it, where it is a future that is watched inside
    /// another task.
    pub parent: Option<String>,
    /// The number of the task in whose poll it was last polled, where it is a future that is watched inside another: that
    /// one awaits it, as far as can be known. None while it has not been polled, and once that task has ended.
    pub awaited_by: Option<u64>,
    /// What it is at.
    pub state: TaskState,
    /// The label of the thread that polls it, or runs its closure.
    pub polled_by: Option<String>,
    /// What it waits for: any of these will do.
    pub waits: Vec<WaitReport>,
    /// What it holds.
    pub holds: Vec<HoldReport>,
    /// How long ago it was made.
    pub age: Duration,
    /// How often it has been polled.
    pub polls: u64,
    /// How long ago its last poll ended: no time while it is being polled, and none before its first poll.
    pub last_poll: Option<Duration>,
    /// How long its polls took, in all.
    pub busy: Duration,
    /// How long it had been woken (or spawned) and was not polled yet, in all.
    pub scheduled: Duration,
    /// The rest of its age: it waited.
    pub idle: Duration,
    /// Its longest poll.
    pub longest_poll: Duration,
    /// How many of its polls have left it pending, and changed nothing that is watched: no wait of it or of what it polls
    /// began or ended, and no lock was taken, nothing sent or received through a channel, nobody notified and no task made
    /// in them. `select!` and `join!` poll each of their branches whichever was woken, so a future that is watched
    /// in one has many; a loop around `Notify` or `watch` that finds its condition still false has some.
    ///
    /// What such a poll computed is not known. A poll of a task counts only where whatever might have woken it is watched:
    /// never one in a task whose waker somebody has, before or after it, of whom nothing is known
    /// ([`TaskState::Unknown`]), nor its first, nor one in which it is woken again.
    pub idle_polls: u64,
    /// How often it has been woken, by whomever; an abort counts, its spawn does not.
    pub wakes: u64,
    /// How often it has woken itself in the middle of its own poll, as a busy loop of polls does.
    pub own_wakes: u64,
    /// How many wakes came when it had been woken already and not been polled since: those wake nobody. (A wake in the
    /// middle of a poll asks for another poll; it is the second one that is needless.)
    pub needless_wakes: u64,
}

/// What a task is at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum TaskState {
    /// A thread polls it: see [`TaskReport::polled_by`].
    Running,
    /// It has been woken, or has not been polled yet, and waits for a thread to poll it.
    Scheduled,
    /// It has been woken, and the task that awaited it ([`TaskReport::awaited_by`]) has been polled since without polling it:
    /// a future that lives and is polled no longer, or not in every poll. What it holds, or was granted, others wait for.
    PassedOver,
    /// It has given its value, and is still there.
    Finished,
    /// It waits for something that is watched, and for nothing else.
    Waiting,
    /// Somebody has its waker of whom nothing is known: a socket, a timer of tokio's own, a combinator. (And it may wait for
    /// what is watched, too.)
    Unknown,
    /// Nobody is known to have its waker. Its executor, or the task that awaits it, may poll it unasked: of a future that was not
    /// spawned through `gordian::tokio` this cannot be known.
    Unwoken,
    /// Nobody has its waker: it is never polled again.
    Dead,
}

impl TaskState {
    /// As it stands in JSON.
    pub fn word(self) -> &'static str {
        match self {
            TaskState::Running => "running",
            TaskState::Scheduled => "scheduled",
            TaskState::PassedOver => "passed_over",
            TaskState::Finished => "finished",
            TaskState::Waiting => "waiting",
            TaskState::Unknown => "unknown",
            TaskState::Unwoken => "unwoken",
            TaskState::Dead => "dead",
        }
    }
}

/// One watched primitive.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct ObjectReport {
    /// How sentences call it: ``Mutex `accounts` ``, or `Mutex #12 (made at src/main.rs:7:20)`.
    pub label: String,
    /// Its kind.
    pub kind: Kind,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// The recorder's number, unique in the process.
    pub id: u64,
    /// Where it was made, if known.
    pub created: Option<Place>,
    /// Where it was first used, if known: of one whose place of creation cannot be (a lock of `parking_lot`).
    pub first_used: Option<Place>,
}

/// One thing that is held.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HoldReport {
    /// What.
    pub object: ObjectReport,
    /// How.
    pub mode: Mode,
    /// It was given to a future that waited for it, and that has not been polled since: nobody has a guard of it yet. `since` and
    /// `place` are those of the wait.
    pub granted: bool,
    /// For how long (to the precision of the coarse clock, about 10 ms; precisely at level `trace`).
    pub since: Duration,
    /// Where it was acquired.
    pub place: Option<Place>,
    /// The stack of the acquisition, where those were asked for.
    pub stack: Vec<Frame>,
}

/// What a thread waits for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WaitReport {
    /// What, as it stands after "waits": ``for Mutex `accounts` ``, ``for the end of thread `worker-1` ``, …
    pub label: String,
    /// The primitive, where it is one.
    pub object: Option<ObjectReport>,
    /// How it is wanted, where that says something.
    pub mode: Option<Mode>,
    /// For how long.
    pub since: Duration,
    /// Where.
    pub place: Option<Place>,
}

/// One operation of the flight recorder.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OperationReport {
    /// How long ago (to the precision of the coarse clock, about 10 ms).
    pub ago: Duration,
    /// What, as a few words: ``locked Mutex `accounts` ``.
    pub what: String,
    /// Where, if known.
    pub place: Option<Place>,
}

/// One frame of a stack.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Frame {
    /// The instruction's address.
    pub address: u64,
    /// The function, once resolved and if known.
    pub function: Option<String>,
    /// The place, once resolved and if known; its column is 0 where only the line is known.
    pub place: Option<Place>,
}
