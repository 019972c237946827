//! What the operating system says of the process's threads, and how ours are started.
//!
//! Linux: `/proc/self/task`. Elsewhere nothing is known, and a standstill stays `Possible`.

use crate::{
    model::{Sleep, Strangers},
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

fn parse(status: &str) -> Sleep {
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
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
    fn this_thread_is_awake_and_not_gone() {
        let own = crate::record::on::own_os_id();
        assert_eq!(sleep(own), Sleep::Awake);
        assert!(!is_gone(own));
        assert!(is_gone(u32::MAX as u64));
        assert_ne!(strangers(&[]), Strangers::None);
    }
}
