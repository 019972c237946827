//! Executors whose threads are known: what those do between two polls, and whether all of their tasks are ours.
//!
//! A thread of such an executor says so while it is parked: it waits for a task to be woken, or, where it parks on behalf
//! of one task (`block_on`), for that one. Between two parks and outside the polls of our tasks nothing is said: it may
//! poll a task that is not ours.

use super::record;
use crate::{
    model::{ActorId, Event, Nanos, ScopeId},
    record::on::{
        Site, attach, clock,
        slot::{RawWait, Slot},
        wait::{Blocked, tag},
    },
};
use rustc_hash::FxHashMap;
use std::{
    cell::Cell,
    ops::Deref,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering::*},
    },
};

/// How many tasks live on an executor.
type Count = Box<dyn Fn() -> usize + Send + Sync>;

/// What is known of an executor.
struct Known {
    number: u32,
    alive: Count,
    /// Its tasks are dropped by whoever drops it, and not by threads of its own.
    lacks_threads: bool,
    /// How many threads it may have for closures that block; 0: not known.
    blocking_threads: usize,
}

/// Those that are there. Plain `std` lock: nobody blocks while holding it, nor runs the program's code.
static ALL: Mutex<Vec<Known>> = Mutex::new(Vec::new());
static NEXT: AtomicU32 = AtomicU32::new(1);

thread_local! {
    /// The executor that the thread works for; 0: none.
    static SERVES: Cell<u32> = const { Cell::new(0) };
    /// The task on whose behalf it drives that executor.
    static DRIVES: Cell<Option<RawWait>> = const { Cell::new(None) };
    /// It has said that it is parked.
    static PARKED: Cell<bool> = const { Cell::new(false) };
}

/// An executor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Runtime(u32);

impl Runtime {
    /// One that is about to be made.
    pub(crate) fn new() -> Runtime {
        Runtime(NEXT.fetch_add(1, Relaxed))
    }

    /// It is there: `alive` says how many tasks it has that [`Executor::Counts`](super::Executor::Counts) is for; closures
    /// that block have no more than so many threads; and tasks have threads of its own, or not.
    pub(crate) fn made<T>(
        self,
        executor: T,
        blocking_threads: usize,
        lacks_threads: bool,
        alive: impl Fn() -> usize + Send + Sync + 'static,
    ) -> Owned<T> {
        let known = Known { number: self.0, alive: Box::new(alive), lacks_threads, blocking_threads };
        ALL.lock().unwrap_or_else(PoisonError::into_inner).push(known);
        Owned { executor: Some(executor), made: Made(self) }
    }

    pub(super) fn number(self) -> u32 {
        self.0
    }

    /// The calling thread was started for it, and never keeps the program alive.
    pub(crate) fn begin_thread(self) {
        SERVES.set(self.0);
        if let Some(slot) = attach::attached() {
            slot.daemon.store(true, Relaxed);
            slot.serves.store(self.0, Relaxed);
        }
    }

    /// Until this is dropped, the thread polls the task, and what else there is to poll, and parks in between. (No closure:
    /// where that panics, the place is the caller's.)
    pub(crate) fn drive(self, task: Option<ActorId>, site: Site) -> Driving {
        let drives = task.filter(|_| attach::attached().is_some()).map(|task| for_task(task, site));
        Driving { serves: SERVES.replace(self.0), drives: DRIVES.replace(drives) }
    }
}

/// An executor, and what is known of it for as long as it is there. Its drop is a wait for what its threads are busy with.
pub(crate) struct Owned<T> {
    /// `None`: it is being dropped.
    executor: Option<T>,
    made: Made,
}

impl<T> Owned<T> {
    pub(crate) fn runtime(&self) -> Runtime {
        self.made.0
    }

    /// Ends it in a way that waits for a time.
    pub(crate) fn end_in_time(mut self, site: Site, end: impl FnOnce(T)) {
        let Some(executor) = self.executor.take() else { return };
        self.made.tell_what_is_pending();
        let _waits = self.made.waits(true, site.word());
        end(executor);
    }

    /// Ends it in a way that does not wait.
    pub(crate) fn end_at_once(mut self, end: impl FnOnce(T)) {
        let Some(executor) = self.executor.take() else { return };
        self.made.tell_what_is_pending();
        end(executor);
    }
}

impl<T> Deref for Owned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.executor {
            Some(executor) => executor,
            None => unreachable!("nobody has it any more who could ask"),
        }
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        let Some(executor) = self.executor.take() else { return };
        self.made.tell_what_is_pending();
        let _waits = self.made.waits(false, 0);
        drop(executor);
    }
}

/// An executor, for as long as it is known.
struct Made(Runtime);

impl Made {
    /// Its tasks are still there. (Where the thread panics, there is something else to say.)
    fn tell_what_is_pending(&self) {
        if std::thread::panicking() || clock::extra_is(clock::extra::OFF) {
            return;
        }
        let alone = ALL.lock().unwrap_or_else(PoisonError::into_inner).len() == 1;
        let pending = record::pending(self.0.0, alone);
        if !pending.is_empty() {
            crate::monitor::left_pending(&pending);
        }
    }

    /// Until this is dropped, the calling thread waits for all that the executor's threads are busy with.
    ///
    /// Where it has to drop the tasks itself, it runs until it has dropped all. Where not all of them are ours that cannot be seen,
    /// and nothing is said.
    fn waits(&self, timed: bool, place: u64) -> Option<Blocked> {
        let slot = attach::attached().filter(|_| !clock::extra_is(clock::extra::OFF))?;
        let alive = {
            let all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
            let known = all.iter().find(|known| known.number == self.0.0)?;
            known.lacks_threads.then(|| (known.alive)())
        };
        // Nobody polls them any more.
        if alive.is_some_and(|alive| alive > record::polled_by(self.0.0)) {
            return None;
        }
        let what = tag::RUNTIME | if timed { tag::TIMED } else { 0 };
        let (operand, second) = (self.0.0.into(), u64::from(alive.is_some()));
        let wait = RawWait { what, operand, second, place, since: clock::now(), until: 0 };
        let blocked = Blocked::publish(slot, wait);
        // A panic here would leave the threads behind.
        blocked.tell();
        Some(blocked)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(|known| known.number == self.0.0);
        let gone = at.map(|at| all.swap_remove(at));
        drop(all);
        drop(gone);
    }
}

/// What the thread did before it began to drive an executor; also where that ends by unwinding.
#[must_use]
pub(crate) struct Driving {
    serves: u32,
    drives: Option<RawWait>,
}

impl Drop for Driving {
    fn drop(&mut self) {
        SERVES.set(self.serves);
        DRIVES.set(self.drives);
    }
}

/// The executor that the calling thread works for; 0: none.
#[inline]
pub(super) fn served() -> u32 {
    SERVES.get()
}

/// The calling thread, one of an executor's, is going to park.
pub(crate) fn park() {
    let Some(slot) = attach::current().filter(|_| !clock::extra_is(clock::extra::OFF)) else { return };
    if slot.waiting().1.is_some() {
        return;
    }
    let idle = || RawWait { what: tag::WORK, since: clock::coarse(), ..RawWait::default() };
    slot.begin_wait(DRIVES.get().unwrap_or_else(idle));
    PARKED.set(true);
}

/// It goes on.
pub(crate) fn unpark() {
    if PARKED.replace(false)
        && let Some(slot) = attach::current()
    {
        slot.end_wait();
    }
}

/// Until this is dropped, the thread polls the task, and nothing else.
pub(crate) fn block_on(task: Option<ActorId>, site: Site) -> BlockedOn {
    let slot = attach::attached().filter(|_| !clock::extra_is(clock::extra::OFF));
    BlockedOn { _wait: slot.zip(task).map(|(slot, task)| Blocked::publish(slot, for_task(task, site))) }
}

/// The thread waits for a task that it polls itself.
#[must_use]
pub(crate) struct BlockedOn {
    _wait: Option<Blocked>,
}

fn for_task(task: ActorId, site: Site) -> RawWait {
    let since: Nanos = clock::now();
    RawWait { what: tag::ACTOR, operand: Event::operand(task), place: site.word(), since, ..RawWait::default() }
}

/// What a thread says of itself that does nothing but wait to poll: its stack would say nothing more.
pub(in super::super) fn is_idle(wait: &RawWait) -> bool {
    match wait.what & tag::MASK {
        tag::WORK => true,
        tag::ACTOR => Event::actor_operand(wait.operand).is_some_and(ActorId::is_task),
        _ => false,
    }
}

/// The thread has nothing to poll.
pub(crate) fn lacks_work(slot: &Slot) -> bool {
    slot.waiting().1.is_some_and(|wait| wait.what & tag::MASK == tag::WORK)
}

/// An executor is at work that does not say how many tasks it has: any of them may be one that we have never seen.
struct Uncounted(());

static UNCOUNTED: AtomicU32 = AtomicU32::new(0);

impl Uncounted {
    /// From here on, until this is dropped.
    fn begin() -> Uncounted {
        UNCOUNTED.fetch_add(1, SeqCst);
        Uncounted(())
    }
}

impl Drop for Uncounted {
    fn drop(&mut self) {
        UNCOUNTED.fetch_sub(1, SeqCst);
    }
}

/// Whether an executor has, or may have, tasks that we have never seen: those can wake anything.
///
/// One that has not been polled yet counts as one of those.
pub(crate) fn unseen() -> bool {
    if UNCOUNTED.load(SeqCst) != 0 {
        return true;
    }
    let mut ours: FxHashMap<u32, usize> = FxHashMap::default();
    record::counted().for_each(|runtime| *ours.entry(runtime).or_default() += 1);
    // Nothing of an executor is kept beyond that: it is to be gone when the program lets it go.
    let all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    all.iter().any(|known| (known.alive)() > ours.get(&known.number).copied().unwrap_or(0))
}

/// How many threads this executor may have for closures that block; 0: not known. `None`: it is gone.
pub(super) fn blocking_threads(runtime: u32) -> Option<usize> {
    let all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    all.iter().find(|known| known.number == runtime).map(|known| known.blocking_threads)
}

/// The sets of local tasks that somebody drives. Plain `std` lock: nobody blocks while holding it, nor runs the program's
/// code.
static DRIVEN: Mutex<Vec<u64>> = Mutex::new(Vec::new());

/// Somebody drives a set of local tasks, until this is dropped.
pub(crate) struct Driven {
    set: u64,
    /// What else is spawned on it nobody knows.
    _uncounted: Uncounted,
}

impl Driven {
    pub(super) fn begin(set: ScopeId) -> Driven {
        let _uncounted = Uncounted::begin();
        DRIVEN.lock().unwrap_or_else(PoisonError::into_inner).push(set.0);
        Driven { set: set.0, _uncounted }
    }

    /// Those that somebody drives now.
    pub(super) fn all() -> Vec<u64> {
        DRIVEN.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        let mut driven = DRIVEN.lock().unwrap_or_else(PoisonError::into_inner);
        let at = driven.iter().position(|&set| set == self.set);
        at.into_iter().for_each(|at| _ = driven.swap_remove(at));
    }
}
