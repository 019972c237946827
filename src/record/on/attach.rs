//! From a thread to its slot.

use super::{
    Site, clock, departed, directory, order, orphans,
    slot::{Slot, life},
    tape,
};
use crate::model::{ActorId, Event, Op};
use std::{
    cell::Cell,
    sync::atomic::{AtomicBool, AtomicU32, Ordering::*},
};

thread_local! {
    // Neither has a destructor: both can be read in other thread-locals' destructors, whatever has run already.
    static CURRENT: Cell<Option<&'static Slot>> = const { Cell::new(None) };
    static STAGE: Cell<Stage> = const { Cell::new(Stage::New) };
    /// Its destructor is the end of the thread. Made first, it is destroyed last.
    static LEASH: Leash = const { Leash };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    /// Being attached: what the attaching itself does is not recorded.
    Busy,
    Attached,
    /// Ended, or one of our own threads: nothing is recorded.
    Apart,
}

struct Leash;

impl Drop for Leash {
    fn drop(&mut self) {
        detach();
    }
}

/// The slot of this thread, if it has one.
#[inline(always)]
pub(crate) fn current() -> Option<&'static Slot> {
    CURRENT.with(Cell::get)
}

/// The slot of this thread, given to it now if need be. `None` where nothing can be recorded (any more).
///
/// May allocate and start threads, so it is called before a lock is taken, never after.
#[inline(always)]
pub(super) fn attached() -> Option<&'static Slot> {
    match current() {
        Some(slot) => Some(slot),
        None => attach(),
    }
}

#[cold]
#[inline(never)]
fn attach() -> Option<&'static Slot> {
    if STAGE.get() != Stage::New || forked() {
        return None;
    }
    let _errno = Errno::keep();
    STAGE.set(Stage::Busy);
    let slot = directory::take().filter(|slot| {
        clean(slot);
        occupy(slot, std_knows)
    });
    // Whoever comes first starts the watchdog; what that does is still `Busy`.
    crate::monitor::ensure_started();
    STAGE.set(if slot.is_some() { Stage::Attached } else { Stage::Apart });
    CURRENT.set(slot);
    slot
}

/// What the last system call of the program's has left, which it may still ask for: what we call leaves something else.
struct Errno(i32);

impl Errno {
    fn keep() -> Errno {
        Errno(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
    }
}

impl Drop for Errno {
    fn drop(&mut self) {
        #[cfg(target_os = "linux")]
        #[allow(unsafe_code)]
        // SAFETY: the address of the calling thread's own number, which lives as long as the thread.
        unsafe {
            *libc::__errno_location() = self.0;
        }
    }
}

/// The calling thread's record is closed, or never was one.
pub(super) fn is_over() -> bool {
    STAGE.get() == Stage::Apart
}

/// Makes a slot a blank page.
fn clean(slot: &Slot) {
    slot.scope.store(0, Relaxed);
    slot.daemon.store(false, Relaxed);
    slot.serves.store(0, Relaxed);
    slot.work_done.store(false, Relaxed);
    slot.awaited.store(false, Relaxed);
    slot.returned.store(false, Relaxed);
    slot.spawned_at.store(0, Relaxed);
    slot.parent.store(0, Relaxed);
    slot.os_id.store(0, Relaxed);
    slot.poll_ends(0);
    slot.returns.len.store(0, Relaxed);
    slot.ledger.forget();
    order::forget(slot);
    tape::forget(slot);
}

/// The calling thread moves into the slot. `false`: it is in its very last moments, and stays unrecorded. `std_knows`
/// says whether [`std::thread::current`] may be asked.
fn occupy(slot: &'static Slot, std_knows: fn() -> bool) -> bool {
    // While the thread-locals are being destroyed there is no making another, so nothing would tell us of the end.
    if LEASH.try_with(|_| ()).is_err() {
        directory::give_back(slot);
        return false;
    }
    slot.os_id.store(os_id(), Relaxed);
    let handle = std_knows().then(std::thread::current);
    if let Ok(mut thread) = slot.thread.lock() {
        *thread = handle;
    }
    slot.set_life(life::ALIVE);
    if clock::extra_is(clock::extra::TRACE) {
        tape::write(slot, Op::Start, 0, slot.spawned_at.load(Relaxed));
    }
    true
}

/// The thread ends.
fn detach() {
    let Some(slot) = CURRENT.take() else { return };
    STAGE.set(Stage::Apart);
    if is_main() {
        ENDING.store(true, Relaxed);
    }
    if clock::extra_is(clock::extra::TRACE) {
        tape::write(slot, Op::End, 0, 0);
    }
    let daemon = slot.is_daemon();
    vacate(slot);
    // Whoever is woken by it looks for the slot, and must not find it any more.
    crate::monitor::ended(daemon);
}

/// The calling thread moves out of the slot, and nothing of it stays.
fn vacate(slot: &'static Slot) {
    orphans::leave(slot);
    let spans = slot.spans.lock().map(|mut spans| std::mem::take(&mut *spans));
    let thread = slot.thread.lock().ok().and_then(|mut thread| thread.take());
    let thread = if clock::extra_is(clock::extra::TRACE) { departed::keep(slot, thread) } else { thread };
    directory::give_back(slot);
    // What they free is freed by the program's allocator: with no lock of ours held.
    drop((spans, thread));
}

static ENDING: AtomicBool = AtomicBool::new(false);

/// The main thread is over, and with it the program, as a rule: whoever still waits is left behind.
pub(crate) fn is_ending() -> bool {
    ENDING.load(Relaxed)
}

static FORKED: AtomicBool = AtomicBool::new(false);

/// This process is the child of a fork: it has one thread, and neither collector nor watchdog; whatever locks of ours
/// others held then are held for ever. Nothing is recorded any more.
pub(crate) fn after_fork() {
    FORKED.store(true, Relaxed);
    CURRENT.set(None);
    STAGE.set(Stage::Apart);
}

/// Whether this process is the child of a fork of one that was watched.
pub(crate) fn forked() -> bool {
    FORKED.load(Relaxed)
}

/// The same where it matters more than the time it takes: a fork that went by the C library (a system call of the
/// program's own) has called nobody.
pub(crate) fn forked_somehow() -> bool {
    /// The process that is watched.
    static PROCESS: AtomicU32 = AtomicU32::new(0);
    let own = std::process::id();
    if PROCESS.compare_exchange(0, own, Relaxed, Relaxed).is_err_and(|watched| watched != own) {
        after_fork();
    }
    forked()
}

/// Runs one of our own threads: nothing that it does is recorded.
pub(crate) fn apart() {
    STAGE.set(Stage::Apart);
}

/// Whether std has given the calling thread its handle. It does so before a thread does anything else, and aborts where
/// one is there: asking for the handle makes one. So before that nobody can come here but a signal's handler, which
/// as a rule runs with its signal blocked.
fn std_knows() -> bool {
    #[cfg(unix)]
    #[allow(unsafe_code)]
    // SAFETY: a set of signals is plain numbers, of which zero is a value, and lives as long as the calls; nothing is
    // changed. Words beyond those that the system writes stay zero.
    let quiet = unsafe {
        let mut blocked: libc::sigset_t = std::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &mut blocked) == 0
            && (1..=SIGNALS).all(|signal| libc::sigismember(&blocked, signal) != 1)
    };
    #[cfg(not(unix))]
    let quiet = true;
    quiet && !is_main()
}

/// The last signal that is asked for.
#[cfg(unix)]
const SIGNALS: i32 = 64;

/// On Linux. Its handle may be made by std later than a constructor uses a lock.
fn is_main() -> bool {
    os_id() == u64::from(std::process::id())
}

/// What the system calls the thread with this number, where that is a name of its own: std tells it the first 15
/// bytes. A thread without one is called like the program.
pub(super) fn name_for_the_system(os_id: u64) -> Option<String> {
    if os_id == 0 {
        return None;
    }
    let main = u64::from(std::process::id());
    if os_id == main {
        return Some("main".to_owned());
    }
    let name = |id| std::fs::read_to_string(format!("/proc/self/task/{id}/comm"));
    let own = name(os_id).ok()?;
    (name(main).ok()? != own).then(|| own.trim_end().to_owned())
}

fn os_id() -> u64 {
    #[cfg(target_os = "linux")]
    #[allow(unsafe_code)]
    // SAFETY: `gettid` has no preconditions and always succeeds.
    let id = unsafe { libc::gettid() } as u64;
    #[cfg(not(target_os = "linux"))]
    let id = 0;
    id
}

/// The operating system's number of the calling thread, 0 where it is not known.
pub(crate) fn own_os_id() -> u64 {
    os_id()
}

/// Whether a thread is one that never keeps the program alive.
#[derive(Clone, Copy)]
pub(crate) struct Daemon(bool);

impl Daemon {
    pub(crate) const fn new(yes: bool) -> Daemon {
        Daemon(yes)
    }
}

/// Marks a scope, so that its end can wait for its threads: the address of something that lives as long.
#[derive(Clone, Copy)]
pub(crate) struct ScopeTag(pub(super) u64);

impl ScopeTag {
    pub(crate) fn of<T>(scope: &T) -> ScopeTag {
        ScopeTag(std::ptr::from_ref(scope).addr() as u64)
    }
}

/// A thread that is about to be started. Dropped without having begun, it never will.
pub(crate) struct Birth(Option<&'static Slot>);

pub(crate) fn spawned(site: Site, Daemon(daemon): Daemon, scope: Option<ScopeTag>) -> Birth {
    let Some(parent) = attached() else { return Birth(None) };
    let Some(slot) = directory::take() else { return Birth(None) };
    clean(slot);
    slot.scope.store(scope.map_or(0, |scope| scope.0), Relaxed);
    slot.awaited.store(scope.is_some(), Relaxed);
    slot.daemon.store(daemon, Relaxed);
    slot.spawned_at.store(site.word(), Relaxed);
    slot.parent.store(Event::operand(parent.id()), Relaxed);
    slot.set_life(life::STARTING);
    super::probe::note(parent, Op::Spawn, Event::operand(slot.id()), site.word());
    Birth(Some(slot))
}

impl Birth {
    pub(crate) fn peer(&self) -> Peer {
        Peer(self.0.map(|slot| (slot, slot.id())))
    }

    /// The new thread runs. What is returned stands for its work: once that is done, a scope no longer waits for it.
    pub(crate) fn begin(mut self) -> Work {
        let Some(slot) = self.0.take() else { return Work(None) };
        STAGE.set(Stage::Busy);
        // The program's allocator may have used a lock before its thread began here, under a slot of its own.
        if let Some(before) = CURRENT.take() {
            vacate(before);
        }
        let begun = occupy(slot, || true);
        CURRENT.set(begun.then_some(slot));
        STAGE.set(if begun { Stage::Attached } else { Stage::Apart });
        Work(begun.then(|| (slot, slot.id())))
    }
}

/// What a thread was started for, until its result is gone or taken: the destructors of its thread-locals come after
/// that. Where it outlives the thread, in a handle that nobody joins, it means nobody any more.
pub(crate) struct Work(Option<(&'static Slot, ActorId)>);

impl Work {
    /// What the thread was started for has returned: what remains runs where a panic would abort the program.
    pub(crate) fn done(self) -> Work {
        if let Some((slot, _)) = self.0 {
            slot.work_done.store(true, Relaxed);
        }
        self
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some((slot, id)) = self.0
            && slot.is_still(id)
        {
            slot.scope.store(0, Release);
            // Also where it has panicked.
            slot.work_done.store(true, Relaxed);
        }
    }
}

impl Drop for Birth {
    fn drop(&mut self) {
        if let Some(slot) = self.0.take() {
            let daemon = slot.is_daemon();
            directory::give_back(slot);
            crate::monitor::ended(daemon);
        }
    }
}

/// Somebody else's thread, to be waited for.
pub(crate) struct Peer(Option<(&'static Slot, ActorId)>);

impl Peer {
    #[track_caller]
    pub(crate) fn join<R>(&self, site: Site, join: impl FnOnce() -> R) -> R {
        match self.0 {
            Some((slot, id)) if slot.id() == id && slot.life() != life::FREE => {
                super::wait::for_actor(slot, id, site, join)
            }
            _ => join(),
        }
    }
}
