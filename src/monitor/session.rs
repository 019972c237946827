//! The session guard, and the end of the program.

use super::{Monitor, collector, lock, say, watchdog};
use crate::{
    model::World,
    record::{
        Site,
        on::{after_fork, current, directory, forked_somehow, non_daemons, slot::Slot},
    },
};
use std::{
    sync::{
        Condvar, Mutex,
        atomic::{AtomicBool, Ordering::*},
    },
    time::{Duration, Instant},
};

/// After which time the guard says for whom it is waiting.
const MOMENT: Duration = Duration::from_secs(1);

static ENDED: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());
static WAITING: AtomicBool = AtomicBool::new(false);
static BEGUN: AtomicBool = AtomicBool::new(false);

/// There is a session guard, or was.
pub(super) fn has_begun() -> bool {
    BEGUN.load(Relaxed)
}

/// The session guard: at the end of its scope, which should be the end of `main`, it waits for the program's threads.
///
/// As in Python, the program then ends when its last thread that is not a daemon has ended (daemons:
/// [`Ext::daemon`](crate::Ext::daemon)). It waits for those that were started by [`crate::thread`], says after a second
/// which one it still waits for, and can be given a limit ([`Builder::exit_wait`](crate::Builder::exit_wait)). It does
/// not wait while `main` panics. Built off, it does nothing: then the end of `main` ends the program, as it always
/// does in Rust.
#[derive(Debug)]
pub struct Session(Site);

impl Session {
    #[track_caller]
    pub(super) fn begin() -> Session {
        BEGUN.store(true, Relaxed);
        Session(Site::here())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if forked_somehow() {
            return;
        }
        if !std::thread::panicking() {
            let limit = Monitor::get().and_then(|monitor| monitor.settings().exit_wait);
            if others().next().is_some() {
                non_daemons(self.0, limit.is_some(), || wait_for_threads(limit));
            }
        }
        watchdog::settle();
        collector::flush(false);
    }
}

/// Threads that keep the program alive: started by us, no daemons, not this one, and not waiting in a guard themselves.
fn others() -> impl Iterator<Item = &'static Slot> {
    let own = current().map(|slot| slot.index);
    directory::living().filter(move |slot| {
        !slot.is_daemon() && !slot.is_foreign() && Some(slot.index) != own && !slot.waits_in_guard()
    })
}

fn wait_for_threads(limit: Option<Duration>) {
    let began = Instant::now();
    let mut said = false;
    WAITING.store(true, SeqCst);
    loop {
        let whom: Vec<_> = others().collect();
        if whom.is_empty() {
            return;
        }
        let passed = began.elapsed();
        if limit.is_some_and(|limit| passed >= limit) {
            say(&format!(
                "the end of `main` has waited {} for {}, and waits no longer.",
                crate::tell::amount(limit.unwrap_or(passed)),
                names(&whom)
            ));
            return;
        }
        if passed >= MOMENT && !said {
            said = true;
            say(&format!("the end of `main` waits for {}.", names(&whom)));
        }
        // Only now: whoever ends needs this lock, and saying something may take its time.
        let ended = lock(&ENDED.0);
        if others().next().is_none() {
            return;
        }
        let next = if said { Duration::from_secs(60) } else { MOMENT };
        let patience = limit.map_or(next, |limit| next.min(limit.saturating_sub(passed)));
        drop(ENDED.1.wait_timeout(ended, patience.max(Duration::from_millis(1))));
    }
}

fn names(whom: &[&'static Slot]) -> String {
    let names: Vec<String> = whom.iter().take(5).map(|slot| name(slot)).collect();
    let more = whom.len().saturating_sub(names.len());
    match (names.len(), more) {
        (_, 1..) => format!("threads {} and {more} more", names.join(", ")),
        (2.., _) => format!("threads {}", names.join(", ")),
        _ => format!("thread {}", names.join("")),
    }
}

fn name(slot: &'static Slot) -> String {
    let spawned = super::live::Live.place(slot.spawned_at());
    let place = spawned.map(|place| format!(" (spawned at {place})")).unwrap_or_default();
    match slot.name() {
        Some(name) => format!("`{name}`{place}"),
        None => format!("#{}{place}", slot.index),
    }
}

/// A thread that is not a daemon has ended.
pub(super) fn thread_ended() {
    if WAITING.load(SeqCst) {
        drop(lock(&ENDED.0));
        ENDED.1.notify_all();
    }
}

/// What was recorded until the very end is in the file, whether there is a guard or not.
#[cfg(unix)]
#[allow(unsafe_code)]
pub(super) fn at_exit() {
    // Who asks first is the one that is watched.
    forked_somehow();
    extern "C" fn last() {
        // Unwinding into the C library would abort: an exit must stay the exit it is.
        let _ = std::panic::catch_unwind(|| {
            if !forked_somehow() {
                watchdog::settle();
                collector::flush(true);
                // The last round may have had something to say.
                watchdog::settle();
            }
        });
    }
    extern "C" fn child() {
        after_fork();
    }
    // SAFETY: both are functions without arguments that live as long as the program and do not unwind; `child`
    // touches nothing but atomics and thread-locals without destructors.
    unsafe {
        libc::atexit(last);
        libc::pthread_atfork(None, None, Some(child));
    }
}

#[cfg(not(unix))]
pub(super) fn at_exit() {}

/// Ends the process without its exit handlers: they could need what is stuck.
#[cfg(unix)]
#[allow(unsafe_code)]
pub(super) fn exit_now(code: i32) -> ! {
    // SAFETY: `_exit` has no preconditions.
    unsafe { libc::_exit(code) }
}

#[cfg(not(unix))]
pub(super) fn exit_now(code: i32) -> ! {
    std::process::exit(code)
}
