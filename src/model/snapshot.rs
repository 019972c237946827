//! The state of all actors at one moment: who holds what, who waits for what.

use super::{ActorId, Channel, Mode, Nanos, ObjectId, PlaceId, RuntimeId, ScopeId};

/// All actors, as they were read one after another.
///
/// What is told as certain is read twice: an actor whose [`Actor::sequence`] is the same in both readings, and
/// which waited in the first, has waited all the time in between.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// When it was taken.
    pub at: Nanos,
    /// The threads and tasks of the program that the recorder has seen and that have not ended.
    pub actors: Vec<Actor>,
    /// How many more tasks there are that are in nobody's way, hold nothing, and go on by themselves: they are about to be
    /// polled, or sleep for a time, or wait for something of which nothing is known. Of many tasks most are like that.
    pub others: u64,
    /// Guards that were still recorded as held when their thread ended.
    pub orphans: Vec<Orphan>,
    /// Whether the process has threads the recorder has never seen.
    pub strangers: Strangers,
    /// Whether the program handles signals.
    pub handlers: Handlers,
    /// How many calls of the program's own callback have not returned: each runs in a thread that is no actor, and can
    /// wake or notify whom it likes.
    pub callbacks: u32,
    /// Whether an executor has tasks that the recorder has never seen: they can wake or notify whom they like.
    pub unseen_tasks: bool,
    /// The channels that somebody waits at, where what is known of their ends may matter.
    pub channels: Vec<Channel>,
    /// Somebody has waited to write with a time-out, ever: whom a writer keeps out, it may let in without having written.
    pub impatient_writers: bool,
    /// Somebody has waited to read a lock of `parking_lot`, ever. When that is given back it is open to all before it wakes
    /// those whom it has kept out: who reads, and who waits to write, may have come after them.
    pub loose_queues: bool,
}

impl Snapshot {
    /// The actor with this identity, while it is alive.
    pub fn actor(&self, id: ActorId) -> Option<&Actor> {
        self.actors.iter().find(|actor| actor.id == id)
    }

    /// What is known of this channel's ends.
    pub fn channel(&self, id: ObjectId) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.object == id)
    }
}

/// Threads in the process that never came through a watched operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Strangers {
    /// The operating system counts as many threads as we know.
    None,
    /// There are this many others: they can wake or notify whom they like.
    Some(u32),
    /// The operating system does not say (or was not asked).
    #[default]
    Unknown,
}

/// Functions of the program's that run when a signal arrives, in whichever thread: also in one that sleeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Handlers {
    /// Only for what a running thread does to itself, such as an access to memory that is not there.
    None,
    /// At least one: it can wake or notify whom it likes.
    Some,
    /// The operating system does not say (or was not asked).
    #[default]
    Unknown,
}

/// One thread, or one task.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Which.
    pub id: ActorId,
    /// Changes whenever the actor starts or stops waiting. Unchanged between two readings of a waiting actor: it
    /// waited all the time.
    pub sequence: u64,
    /// The `thread::scope` it was spawned in, or the set of tasks that it is of.
    pub scope: Option<ScopeId>,
    /// A thread of this runtime is busy with it, in the middle of a poll or of a closure: who drops the runtime waits for that.
    pub occupies: Option<RuntimeId>,
    /// Never keeps the program alive.
    pub daemon: bool,
    /// Not started by us (`main`, or a thread of somebody else's): the end of the program does not wait for it either.
    pub foreign: bool,
    /// What it holds, oldest first.
    pub held: Vec<Hold>,
    /// What it waits for; `None` while it runs (or does what we do not see).
    pub wait: Option<Wait>,
    /// What else a task waits for: any of them will do.
    pub also: Vec<Wait>,
    /// A task that something may wake of which nothing is known: a timer, a socket, its executor.
    pub stirs: bool,
    /// A task that others may end whatever it waits for: who has its handle can abort it, and who has its runtime drop it.
    pub abortable: bool,
    /// Whether the operating system says that it sleeps.
    pub sleep: Sleep,
}

/// Whether the operating system says that a thread sleeps, and how often it has been put to sleep so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sleep {
    /// Not asked, or not to be had on this system.
    #[default]
    Unknown,
    /// Running, or ready to run.
    Awake,
    /// Asleep; equal numbers in two readings: asleep all the time in between.
    Asleep {
        /// Context switches so far.
        switches: u64,
    },
}

/// One thing an actor holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hold {
    /// What.
    pub object: ObjectId,
    /// How.
    pub mode: Mode,
    /// Where it was acquired.
    pub place: PlaceId,
    /// When it was acquired, by the coarse clock.
    pub since: Nanos,
    /// Whoever has the guard releases it, and that may be another actor by now: a guard that can be sent
    /// (`parking_lot`'s `send_guard`), or a lock that has been used without one.
    pub moves: bool,
    /// It was granted to a future that waited for it, and has not been polled since. The place and the time are those of the
    /// wait.
    pub granted: bool,
}

impl Actor {
    /// Of a task that is being polled, or run: the thread that does so.
    #[must_use]
    pub fn poller(&self) -> Option<ActorId> {
        match self.wait?.on {
            On::Poller { thread, .. } => Some(thread),
            _ => None,
        }
    }
}

/// One actor's wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wait {
    /// For what.
    pub on: On,
    /// Where.
    pub place: PlaceId,
    /// Since when.
    pub since: Nanos,
    /// It ends by itself after a time: never part of a deadlock.
    pub timed: bool,
}

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum On {
    /// A mutex or read-write lock, or somebody else's run of an initialiser (`Mode::Init`). All conflicting
    /// holders must let go.
    Object {
        /// What.
        object: ObjectId,
        /// How it is wanted.
        mode: Mode,
    },
    /// A lazy value is being made: by another actor (then this one waits for it) or by this one itself, which
    /// cannot be seen from outside until it does something watched. While nobody holds the object in
    /// `Mode::Init`, the actor must be taken for a running one.
    Lazy {
        /// What.
        object: ObjectId,
    },
    /// A notification of a condvar, and then the mutex again. Any running actor might notify.
    Notify {
        /// The condvar.
        condvar: ObjectId,
        /// The mutex that was released for the wait, and is needed to return from it.
        mutex: Option<ObjectId>,
    },
    /// Permits of a semaphore. Any running actor might add some, or give one back.
    Permits {
        /// The semaphore.
        semaphore: ObjectId,
    },
    /// A message. Any running actor might have a sender, and send it (or drop the last one).
    Message {
        /// The channel.
        channel: ObjectId,
    },
    /// Room in a full channel, or the receiver at a rendezvous. Any running actor might have the receiver.
    Room {
        /// The channel.
        channel: ObjectId,
    },
    /// The end of all receivers of a channel, or that one closes it. Any running actor might have one.
    Closing {
        /// The channel.
        channel: ObjectId,
    },
    /// Enough arrivals at a barrier. Any running actor might arrive.
    Arrivals {
        /// The barrier.
        barrier: ObjectId,
        /// How many it takes in all.
        quorum: u32,
    },
    /// The end of a thread.
    Actor(ActorId),
    /// The end of all threads of a scope, or of all tasks of a set of tasks.
    Scope(ScopeId),
    /// The end of all that a runtime's threads are busy with: the runtime is being dropped. They may be busy with what nobody
    /// knows, too.
    Runtime(RuntimeId),
    /// The end of all threads that are not daemons (the session guard, at the end of `main`).
    NonDaemons,
    /// An unpark. Any running actor might do it.
    Unpark,
    /// Time (`thread::sleep`): not a wait for anybody.
    Time,
    /// A task to poll (a thread of an executor, which is idle). Any running actor might wake one.
    Work,
    /// The thread that polls this task: it has to come back from the poll.
    Poller {
        /// The thread.
        thread: ActorId,
        /// It is meant to block there, if it likes: `spawn_blocking`, `block_in_place`.
        may_block: bool,
    },
    /// A watched future that this task polls: whoever wakes that one wakes this one. Any of them will do.
    Nested {
        /// Which.
        task: ActorId,
        /// It was polled in this task's last poll. Else it was left where it is, and may be woken all the same.
        polled: bool,
    },
    /// The next poll of the task that polls this one: nobody can wake that one by way of this one. Any running actor might
    /// come to have this one, and poll it.
    Awaiter(ActorId),
    /// A thread of a blocking pool: all that it may have run closures. This is one of them, and any will do.
    Pool(ActorId),
    /// To be polled, as a task of a set of local tasks that nobody drives. Any running actor might begin to.
    Driver,
    /// To be woken, by nobody: no waker of this task exists any more.
    Nothing {
        /// Somebody had one until after its last poll, and has dropped it without waking it; and nobody can abort it, or
        /// awaits it by a handle. So it is not meant to be pending for ever.
        forsaken: bool,
    },
}

/// A guard that outlived its thread: it was leaked (`mem::forget`), and nobody can ever release it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Orphan {
    /// What is held for ever.
    pub hold: Hold,
    /// The thread that has ended.
    pub owner: ActorId,
    /// The operating system confirms that the thread is gone. Until then a destructor might still release it.
    pub gone: bool,
}
