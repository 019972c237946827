//! Not watching: the same names, nothing behind them.

use crate::model::{Kind, Mode};
use std::time::Duration;

/// A place in the source.
#[derive(Clone, Copy)]
pub struct Site;

impl Site {
    /// Where this is called.
    #[inline(always)]
    pub const fn here() -> Site {
        Site
    }
}

/// Sits in a primitive.
pub struct Probe;

impl Probe {
    /// Of what is made where this is called.
    #[inline(always)]
    pub const fn new(_: Kind) -> Probe {
        Probe
    }

    /// Of what is made in a constant, whose place says nothing.
    #[inline(always)]
    pub const fn unplaced(_: Kind) -> Probe {
        Probe
    }

    #[inline(always)]
    pub(crate) fn named(&self, _: &str) {}

    /// Acquires what the probe sits in: `attempt` tries without blocking, `block` blocks.
    #[inline(always)]
    pub(crate) fn acquire<R>(
        &self,
        _: Site,
        _: Mode,
        _attempt: impl Fn() -> Option<R>,
        block: impl FnOnce() -> R,
    ) -> (Held, R) {
        (Held, block())
    }

    /// Acquires without blocking; `None` is passed on.
    #[inline(always)]
    pub(crate) fn try_acquire<R>(&self, _: Site, _: Mode, attempt: impl FnOnce() -> Option<R>) -> Option<(Held, R)> {
        Some((Held, attempt()?))
    }

    /// While the result lives, the caller either runs the user's initialiser (through it) or waits until somebody
    /// else's has ended.
    #[inline(always)]
    pub fn initialise(&self, _: Site) -> Initialising {
        Initialising
    }

    /// The same where the initialiser cannot be wrapped.
    #[inline(always)]
    pub(crate) fn force<R>(&self, _: Site, run: impl FnOnce() -> R) -> R {
        run()
    }

    /// Waits until somebody else's initialiser has ended, without ever running one.
    #[inline(always)]
    pub(crate) fn wait_initialised<R>(&self, _: Site, wait: impl FnOnce() -> R) -> R {
        wait()
    }

    /// Arrives at the barrier the probe sits in, and waits for the others.
    #[inline(always)]
    pub(crate) fn arrive<R>(&self, _: Quorum, _: Site, wait: impl FnOnce() -> R) -> R {
        wait()
    }

    /// Notifies waiters of the condvar the probe sits in.
    #[inline(always)]
    pub fn notify<R>(&self, _: Site, _all: bool, notify: impl FnOnce() -> R) -> R {
        notify()
    }
}

/// How the guards of a kind of locks are.
#[derive(Clone, Copy)]
pub struct Guards;

impl Guards {
    /// `free`: they can be sent to other threads.
    pub const fn new(_free: bool) -> Guards {
        Guards
    }
}

/// Operations of a lock whose guards are not ours. Each call of one that acquires is to be followed by one of
/// [`Probe::unlock`], by whomever.
impl Probe {
    /// Acquires what the probe sits in: `attempt` tries without blocking, `block` blocks.
    #[inline(always)]
    pub fn lock<R>(
        &self,
        _: Site,
        _: Guards,
        _: Mode,
        _attempt: impl Fn() -> Option<R>,
        block: impl FnOnce() -> R,
    ) -> R {
        block()
    }

    /// Acquires without blocking.
    #[inline(always)]
    pub fn try_lock<R>(&self, _: Site, _: Guards, _: Mode, attempt: impl FnOnce() -> Option<R>) -> Option<R> {
        attempt()
    }

    /// Acquires, or gives up after a time: never part of a deadlock, and makes no lock order.
    #[inline(always)]
    pub fn lock_timed<R>(
        &self,
        _: Site,
        _: Guards,
        _: Mode,
        _attempt: impl Fn() -> Option<R>,
        block: impl FnOnce() -> Option<R>,
    ) -> Option<R> {
        block()
    }

    /// To be called before the lock really opens.
    #[inline(always)]
    pub fn unlock(&self, _: Guards, _: Mode) {}

    /// The caller's newest hold, if it has one, may be ended by any thread.
    #[inline(always)]
    pub fn give_to_anybody(&self, _: Mode) {}

    /// Gives it to whoever waits, and takes it again: `bump` does both, or neither where nobody waits.
    #[inline(always)]
    pub fn bump(&self, _: Site, _: Guards, _: Mode, bump: impl FnOnce()) {
        bump();
    }

    /// An upgradable read becomes writing, once the other readers have gone: `attempt` tries without blocking, `block`
    /// blocks with what that gave back. Where it panics instead, with a report, `give_up` gets that.
    #[inline(always)]
    pub fn upgrade<U, X>(
        &self,
        _: Site,
        _: Guards,
        upgradable: U,
        _attempt: impl FnOnce(U) -> Result<X, U>,
        block: impl FnOnce(U) -> X,
        _give_up: impl FnOnce(U),
    ) -> X {
        block(upgradable)
    }

    /// The same where it may not succeed: `attempt` never blocks.
    #[inline(always)]
    pub fn try_upgrade<U, X>(&self, _: Site, _: Guards, attempt: impl FnOnce() -> Result<X, U>) -> Result<X, U> {
        attempt()
    }

    /// The same where it may take its time, which is limited.
    #[inline(always)]
    pub fn upgrade_timed<U, X>(
        &self,
        _: Site,
        _: Guards,
        upgradable: U,
        _attempt: impl FnOnce(U) -> Result<X, U>,
        block: impl FnOnce(U) -> Result<X, U>,
    ) -> Result<X, U> {
        block(upgradable)
    }

    /// Held in a lesser mode from here on: to be called before the real lock lets others in.
    #[inline(always)]
    pub fn downgrade(&self, _: Site, _: Guards, _from: Mode, _to: Mode) {}

    /// The mutex is free while `wait` waits for a notification of `condvar`; after `limit`, if there is one, it is
    /// needed without one. `timed_out` says of the result whether that was so.
    #[inline(always)]
    pub fn wait<R>(
        &self,
        _condvar: &Probe,
        _: Guards,
        _limit: impl FnOnce() -> Option<Duration>,
        _: Site,
        wait: impl FnOnce() -> R,
        _timed_out: impl FnOnce(&R) -> bool,
    ) -> R {
        wait()
    }
}

/// What `look` finds. Off, it is not even asked: the real primitive looks for itself.
#[inline(always)]
pub fn already<R>(_look: impl FnOnce() -> Option<R>) -> Option<R> {
    None
}

/// Handed to the caller's side of an initialisation, which says when the initialiser really runs.
pub struct Initialising;

impl Initialising {
    /// Whether the caller is taken for a waiting one: then it must not panic.
    #[inline(always)]
    pub fn is_published(&self) -> bool {
        false
    }

    /// Runs the user's initialiser, which the caller holds the cell for.
    #[inline(always)]
    pub fn run<R>(&self, init: impl FnOnce() -> R) -> R {
        init()
    }
}

pub(crate) struct Held;

impl Held {
    /// The hold ends for as long as its owner waits for a notification of `condvar`.
    #[inline(always)]
    pub(crate) fn suspend(self, _condvar: &Probe, _: Site, _: Option<Duration>) -> Waiting {
        Waiting
    }

    /// A write lock becomes a read lock.
    #[inline(always)]
    pub(crate) fn downgrade(self) -> Held {
        self
    }
}

pub(crate) struct Waiting;

impl Waiting {
    /// The wait is over, and the mutex is held again.
    #[inline(always)]
    pub(crate) fn resume(self, _timed_out: bool) -> Held {
        Held
    }
}

/// How many arrivals open a barrier.
#[derive(Clone, Copy)]
pub(crate) struct Quorum;

impl Quorum {
    #[inline(always)]
    pub(crate) const fn new(_arrivals: usize) -> Quorum {
        Quorum
    }
}

/// One end of a channel.
pub(crate) struct Handle;

/// A new channel: its first sender, and its receiver.
#[inline(always)]
pub(crate) fn channel(_: Site) -> (Handle, Handle) {
    (Handle, Handle)
}

impl Handle {
    /// One more sender.
    #[inline(always)]
    pub(crate) fn another(&self, _: Site) -> Handle {
        Handle
    }

    #[inline(always)]
    pub(crate) fn named(&mut self, _: &str) {}

    /// Sends or receives where that does not block.
    #[inline(always)]
    pub(crate) fn pass<T, E>(&self, _: Site, pass: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        pass()
    }

    /// Sends or receives where that may block: `attempt` tries without, and gives back what it could not send.
    #[inline(always)]
    pub(crate) fn transfer<O, T, E>(
        &self,
        _: Site,
        _timed: bool,
        offer: O,
        _attempt: impl Fn(O) -> Result<Result<T, E>, O>,
        block: impl FnOnce(O) -> Result<T, E>,
    ) -> Result<T, E> {
        block(offer)
    }
}

/// A timed wait for a condition that somebody else repeats: holding and waiting take turns.
pub(crate) struct Turns;

impl Turns {
    #[inline(always)]
    pub(crate) fn new(_: Held, _condvar: &Probe, _: Duration, _: Site) -> Turns {
        Turns
    }

    /// Holds while `condition` runs; when that says so, the next wait begins.
    #[inline(always)]
    pub(crate) fn check(&mut self, condition: impl FnOnce() -> bool) -> bool {
        condition()
    }

    /// The mutex is held again, for good.
    #[inline(always)]
    pub(crate) fn end(self, _timed_out: bool) -> Held {
        Held
    }
}

/// Whether a thread is one that never keeps the program alive.
#[derive(Clone, Copy)]
pub(crate) struct Daemon;

impl Daemon {
    #[inline(always)]
    pub(crate) const fn new(_yes: bool) -> Daemon {
        Daemon
    }
}

/// Marks a scope, so that its end can wait for its threads.
#[derive(Clone, Copy)]
pub(crate) struct ScopeTag;

impl ScopeTag {
    /// `scope` is anything that lives, unmoved, as long as the scope.
    #[inline(always)]
    pub(crate) fn of<T>(_scope: &T) -> ScopeTag {
        ScopeTag
    }
}

pub(crate) struct Birth;

/// A thread is about to be started.
#[inline(always)]
pub(crate) fn spawned(_: Site, _: Daemon, _scope: Option<ScopeTag>) -> Birth {
    Birth
}

impl Birth {
    /// For the one who starts it.
    #[inline(always)]
    pub(crate) fn peer(&self) -> Peer {
        Peer
    }

    /// To be called first thing in the new thread.
    #[inline(always)]
    pub(crate) fn begin(self) -> Work {
        Work
    }
}

/// Its drop says that the work the thread was started for is done.
pub(crate) struct Work;

impl Work {
    /// It has returned; its result is still there.
    #[inline(always)]
    pub(crate) fn done(self) -> Work {
        self
    }
}

pub(crate) struct Peer;

impl Peer {
    /// Waits for the end of that thread.
    #[inline(always)]
    pub(crate) fn join<R>(&self, _: Site, join: impl FnOnce() -> R) -> R {
        join()
    }
}

/// Held from the end of a scope's closure until the scope's threads have ended: its drop is the end of the wait.
pub(crate) struct ScopeEnd;

/// The closure of a scope has ended (or unwinds): its caller waits for the scope's threads.
#[inline(always)]
pub(crate) fn scope_end(_: Site, _: ScopeTag) -> ScopeEnd {
    ScopeEnd
}

/// Parks, for ever or for a time.
#[inline(always)]
pub(crate) fn park<R>(_: Site, _timed: bool, park: impl FnOnce() -> R) -> R {
    park()
}

/// Sleeps.
#[inline(always)]
pub(crate) fn sleep<R>(_: Site, _: Duration, sleep: impl FnOnce() -> R) -> R {
    sleep()
}
