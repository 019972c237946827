//! What the operating system says of the process's threads, and how ours are started.
//!
//! Linux: `/proc/self`. Elsewhere nothing is known, and a standstill stays `Possible`.

use crate::{
    model::{Handlers, Sleep, Strangers},
    record::on::apart,
};
use std::{
    fs, io,
    sync::Mutex,
    thread::{self, Thread},
};

/// Our own threads.
static OWN: Mutex<Vec<u64>> = Mutex::new(Vec::new());

/// Starts one of our own threads: nothing that it does is recorded, and no signal of the program's ever comes to it.
pub(super) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<Thread> {
    let own = move || {
        apart();
        super::lock(&OWN).push(crate::record::on::own_os_id());
        work();
    };
    let started = without_signals(|| thread::Builder::new().name(name.to_owned()).spawn(own));
    started.map(|handle| handle.thread().clone())
}

/// Does `work` in one of our own threads, which ends with it: on a stack that is large enough. Where there can be no other
/// thread, that is told as an error.
pub(super) fn elsewhere<R: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> io::Result<R> + Send + 'static,
) -> io::Result<R> {
    let (give, given) = std::sync::mpsc::channel();
    spawn(name, move || _ = give.send(work()))?;
    given.recv().unwrap_or_else(|_| Err(io::Error::other("the thread that should do it has panicked")))
}

/// Runs `work` while the calling thread takes no signals: a thread that is started by it begins in that state, before
/// its first instruction. A signal that `work` itself brings about by writing to a file is taken away: the write fails,
/// and that is told.
#[cfg(unix)]
pub(super) fn without_signals<R>(work: impl FnOnce() -> R) -> R {
    let _masked = Masked::new();
    work()
}

#[cfg(not(unix))]
pub(super) fn without_signals<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// The signals that the calling thread did not take before; as long as it lives, it takes none but those that tell
/// a thread of its own fault.
#[cfg(unix)]
struct Masked {
    before: libc::sigset_t,
}

#[cfg(unix)]
#[allow(unsafe_code)]
impl Masked {
    fn new() -> Masked {
        use libc::{SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};
        // SAFETY: a set of signals is plain numbers, of which zero is a value; each call gets sets that live as long as
        // it does. Where the last fails, the mask is what it was, and `before` is empty or the same.
        unsafe {
            let (mut all, mut before) = (std::mem::zeroed(), std::mem::zeroed());
            libc::sigfillset(&mut all);
            for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS] {
                libc::sigdelset(&mut all, fault);
            }
            libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
            Masked { before }
        }
    }
}

#[cfg(unix)]
#[allow(unsafe_code)]
impl Drop for Masked {
    fn drop(&mut self) {
        #[cfg(target_os = "linux")]
        // SAFETY: as in `new`; no time at all is waited for a signal.
        unsafe {
            let mut ours = std::mem::zeroed();
            libc::sigemptyset(&mut ours);
            for signal in [libc::SIGXFSZ, libc::SIGPIPE] {
                if libc::sigismember(&self.before, signal) == 0 {
                    libc::sigaddset(&mut ours, signal);
                }
            }
            let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            libc::sigtimedwait(&ours, std::ptr::null_mut(), &at_once);
        }
        // SAFETY: the set lives as long as the call.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, std::ptr::null_mut());
        }
    }
}

/// The calling thread works when the program's threads leave it time: writing a trace can keep a core busy, and what is
/// not written in time is lost and counted, while what the program loses is lost for good.
#[allow(unsafe_code)]
pub(super) fn yield_precedence() {
    #[cfg(target_os = "linux")]
    // SAFETY: takes numbers only; 0 is the calling thread on Linux. Failing, it changes nothing.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 10);
    }
}

/// Whether a thread sleeps, and how often it has been switched out so far.
pub(super) fn sleep(os_id: u64) -> Sleep {
    if os_id == 0 {
        return Sleep::Unknown;
    }
    match fs::read_to_string(format!("/proc/self/task/{os_id}/status")) {
        Ok(status) => parse(&status),
        Err(_) => Sleep::Unknown,
    }
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

fn parse(status: &str) -> Sleep {
    let field = |name| field(status, name);
    let count = |name| field(name).and_then(|count: &str| count.parse::<u64>().ok());
    match (field("State:"), count("voluntary_ctxt_switches:"), count("nonvoluntary_ctxt_switches:")) {
        (Some(state), Some(voluntary), Some(forced)) if state.starts_with('S') => {
            Sleep::Asleep { switches: voluntary + forced }
        }
        (Some(state), ..) if !state.starts_with('S') => Sleep::Awake,
        _ => Sleep::Unknown,
    }
}

/// Whether the thread with this number is gone for certain.
pub(super) fn is_gone(os_id: u64) -> bool {
    cfg!(target_os = "linux")
        && os_id != 0
        && fs::metadata(format!("/proc/self/task/{os_id}"))
            .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        && counts_alike()
}

/// Whether the directory is there, and numbers threads as we do: in a changed root it may be missing, and it may be
/// that of another namespace of processes.
fn counts_alike() -> bool {
    fs::metadata(format!("/proc/self/task/{}", crate::record::on::own_os_id())).is_ok()
}

/// How many threads the process has: as cheap as can be, and 0 where it is not to be had.
#[cfg(target_os = "linux")]
pub(super) fn threads() -> u64 {
    use std::os::linux::fs::MetadataExt;
    // The directory has one for each, beside itself and its parent.
    fs::metadata("/proc/self/task").map_or(0, |tasks| tasks.st_nlink().saturating_sub(2))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn threads() -> u64 {
    0
}

/// Threads of the process that are neither ours nor among `known`.
pub(super) fn strangers(known: &[u64]) -> Strangers {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return Strangers::Unknown };
    let own = super::lock(&OWN).clone();
    let unknown = tasks
        .flatten()
        .filter_map(|task| task.file_name().to_str()?.parse::<u64>().ok())
        .filter(|id| !known.contains(id) && !own.contains(id))
        .count();
    if unknown == 0 { Strangers::None } else { Strangers::Some(unknown as u32) }
}

/// Whether the program has a signal handler of its own.
pub(super) fn handlers() -> Handlers {
    match fs::read_to_string("/proc/self/status") {
        Ok(status) => caught(&status),
        Err(_) => Handlers::Unknown,
    }
}

fn caught(status: &str) -> Handlers {
    let mask = field(status, "SigCgt:").and_then(|mask| u64::from_str_radix(mask, 16).ok());
    match mask.map(|mask| mask & !harmless() & !super::peek::signals()) {
        None => Handlers::Unknown,
        Some(0) => Handlers::None,
        Some(_) => Handlers::Some,
    }
}

/// Signals whose handlers wake nobody out of nothing: those that a running thread brings upon itself (std catches two of
/// them, to tell of a stack overflow), and those that the C library keeps for itself.
#[cfg(target_os = "linux")]
fn harmless() -> u64 {
    let own = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT];
    // Real-time signals are counted from 32; programs begin at `SIGRTMIN`.
    own.into_iter().chain(32..libc::SIGRTMIN()).fold(0, |mask, signal| mask | 1 << (signal - 1))
}

#[cfg(not(target_os = "linux"))]
fn harmless() -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_understood() {
        let status = "Name:\tx\nState:\tS (sleeping)\nvoluntary_ctxt_switches:\t7\nnonvoluntary_ctxt_switches:\t2\n";
        assert_eq!(parse(status), Sleep::Asleep { switches: 9 });
        assert_eq!(parse(&status.replace("S (sleeping)", "R (running)")), Sleep::Awake);
        assert_eq!(parse("State:\tS (sleeping)\n"), Sleep::Unknown);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn handlers_of_the_programs_own_are_told_from_others() {
        let mask = |signals: &[i32]| signals.iter().fold(0u64, |mask, signal| mask | 1 << (signal - 1));
        let of = |signals: &[i32]| caught(&format!("SigIgn:\t0000000000001000\nSigCgt:\t{:016x}\n", mask(signals)));
        assert_eq!(of(&[]), Handlers::None);
        assert_eq!(of(&[libc::SIGSEGV, libc::SIGBUS, 32, 33]), Handlers::None);
        for signal in [libc::SIGHUP, libc::SIGALRM, libc::SIGTERM, libc::SIGRTMIN(), 64] {
            assert_eq!(of(&[libc::SIGSEGV, signal]), Handlers::Some, "signal {signal}");
        }
        assert_eq!(caught("Name:\tx\n"), Handlers::Unknown);
        assert_ne!(handlers(), Handlers::Unknown);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_thread_more_is_counted() {
        // Other tests' threads come and go meanwhile: more of them than that would have to go.
        let (stay, leave) = (std::sync::Barrier::new(101), std::sync::Barrier::new(101));
        let before = threads();
        std::thread::scope(|scope| {
            for _ in 0..100 {
                scope.spawn(|| (stay.wait(), leave.wait()));
            }
            stay.wait();
            let during = threads();
            leave.wait();
            assert!(before != 0 && during > before, "{before} {during}");
        });
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_thread_is_awake_and_not_gone() {
        let own = crate::record::on::own_os_id();
        assert_eq!(sleep(own), Sleep::Awake);
        assert!(!is_gone(own));
        assert!(is_gone(u32::MAX as u64));
        assert_ne!(strangers(&[]), Strangers::None);
    }
}
