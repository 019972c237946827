//! The only place that wires: settings, the collector, the watchdog, the reaction.
//!
//! Three threads of our own, all daemons, all invisible to the recorder:
//!
//! * the **collector** ticks the coarse clock, empties outboxes and tapes, and notices that somebody has begun to wait;
//! * the **watchdog** looks for what can never move again, and calls the program's callback;
//! * the **teller** tells everybody else, and reacts.
//!
//! The first two start with the first watched operation of the program, the teller with the first thing to say.

mod collector;
mod dates;
mod live;
mod orders;
mod os;
mod peek;
mod requests;
mod session;
mod shutdown;
mod tasks;
mod teller;
mod watchdog;

pub use session::Session;
pub(crate) use shutdown::left_pending;
pub use tasks::tasks;

use crate::{
    model::ActorId,
    record::on::{clock, forked, stack},
    settings::{Builder, Level, Settings, Stacks},
    tell::Sinks,
};
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
    atomic::{AtomicBool, Ordering::*},
};

/// What both threads share.
struct Monitor {
    settings: RwLock<Arc<Settings>>,
    /// The outer lock is held for a moment only: who writes may have to wait for a reader.
    sinks: Mutex<Arc<Mutex<Sinks>>>,
}

static MONITOR: OnceLock<Monitor> = OnceLock::new();
static STARTED: AtomicBool = AtomicBool::new(false);

/// Our own locks guard plain data: a panic while one is held leaves nothing half done that matters.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Monitor {
    fn get() -> Option<&'static Monitor> {
        MONITOR.get()
    }

    fn settings(&self) -> Arc<Settings> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// To be locked by who tells, and by nobody else: see [`teller`].
    fn sinks(&self) -> Arc<Mutex<Sinks>> {
        lock(&self.sinks).clone()
    }
}

/// One sentence about gordian itself, on standard error. Nobody waits for it: the teller writes it.
fn say(words: &str) {
    if Monitor::get().is_some() && !forked() {
        teller::say(words.to_owned());
    }
}

/// The first watched operation of the program starts both threads. Called by whoever attaches a thread, before it takes
/// a lock.
pub(crate) fn ensure_started() {
    if !STARTED.load(Acquire) {
        // Who comes second goes on at once, and is not to record what nobody wants.
        if std::env::var("GORDIAN_LEVEL").is_ok_and(|level| level.trim().eq_ignore_ascii_case("off")) {
            apply(Level::Off);
        }
        if !STARTED.swap(true, AcqRel) {
            launch(Builder::default(), false);
        }
    }
}

/// The session guard's way in: settings from code.
#[track_caller]
pub(crate) fn start(builder: Builder) -> Session {
    STARTED.store(true, Release);
    if !forked() {
        launch(builder, true);
    }
    Session::begin()
}

/// Puts settings in force, and starts the threads if nobody has. Without `replace`, somebody else's settings stay:
/// those of the session guard may arrive at the same time.
fn launch(builder: Builder, replace: bool) {
    let (settings, complaints) = builder.resolve();
    let settings = Arc::new(settings);
    let (sinks, lament) = Sinks::new(&settings, crate::spans::only_feeds_the_trace);
    let sinks = Arc::new(Mutex::new(sinks));
    let mut fresh = false;
    let monitor = MONITOR.get_or_init(|| {
        fresh = true;
        Monitor { settings: RwLock::new(settings.clone()), sinks: Mutex::new(sinks.clone()) }
    });
    if !fresh {
        if !replace {
            return;
        }
        let old_sinks = std::mem::replace(&mut *lock(&monitor.sinks), sinks);
        let mut current = monitor.settings.write().unwrap_or_else(PoisonError::into_inner);
        let old_settings = std::mem::replace(&mut *current, settings.clone());
        drop(current);
        // With the old settings goes the program's callback: its drop may use watched locks, and us.
        drop((old_sinks, old_settings));
    }
    for complaint in lament.into_iter().chain(complaints) {
        say(&complaint);
    }
    stack::set_waits(settings.stacks != Stacks::None);
    stack::set_holds(settings.stacks == Stacks::All);
    clock::tick();
    collector::set_trace(settings.trace.as_deref());
    apply(settings.level);
    if fresh {
        session::at_exit();
        collector::start();
        watchdog::start();
    }
}

/// The level in force.
pub fn level() -> Level {
    if clock::extra_is(clock::extra::OFF) {
        Level::Off
    } else if clock::extra_is(clock::extra::TRACE) {
        Level::Trace
    } else {
        Level::Watch
    }
}

/// Switches the level while the program runs. What is held across the switch from [`Level::Off`] is not known as held
/// until it is acquired anew: a deadlock over it may be missed, and is never invented.
///
/// Level trace writes to the trace file; where none was named, to `gordian-trace.json`.
pub fn set_level(level: Level) {
    // Else the first watched operation would, with the level of the environment.
    ensure_started();
    apply(level);
}

/// For `tools/bench`: waits until what was recorded so far has been taken in (and, at level trace, written), and says
/// how much of all that was recorded could not be: operations, and lock orders. Neither name nor numbers are promised.
#[doc(hidden)]
pub fn losses() -> [u64; 2] {
    collector::flush(false);
    collector::losses()
}

/// For `tools/bench`: looks at everybody once more, and says how long that took. Neither name nor result is promised.
#[doc(hidden)]
pub fn last_sweep() -> Option<std::time::Duration> {
    (level() != Level::Off).then(watchdog::swept)
}

fn apply(level: Level) {
    use clock::extra::{OFF, TRACE};
    if forked() {
        return;
    }
    match level {
        Level::Off => clock::set_extra(OFF, TRACE),
        Level::Watch => clock::set_extra(0, OFF | TRACE),
        Level::Trace => {
            collector::need_trace();
            clock::set_extra(TRACE, OFF);
        }
    }
}

/// Something fills up: the collector should come before its next tick.
pub(crate) fn hurry() {
    collector::wake();
}

/// A thread has ended: the session guard may be waiting for it.
pub(crate) fn ended(daemon: bool) {
    if !daemon && !forked() {
        session::thread_ended();
    }
}

/// This actor's wait seems to close a cycle. Wakes the watchdog; what is returned is to be handed to [`listen`].
/// `brief`: the wait will end by itself at once, and the thread stays here until it has been looked at. `may_panic`: it
/// is not panicking already.
pub(crate) fn suspect(actor: ActorId, brief: bool, may_panic: bool) -> Option<requests::Asked> {
    if forked() { None } else { watchdog::suspect(actor, brief, may_panic) }
}

/// Waits for the verdict. Returns the message to panic with, if that is the reaction and this the thread.
pub(crate) fn listen(asked: requests::Asked) -> Option<String> {
    requests::listen(asked)
}
