//! What the operating system says of the process's threads.
//!
//! Linux: `/proc/self/task`. Elsewhere nothing is known, and a standstill stays `Possible`.

use crate::model::{Sleep, Strangers};
use std::{fs, sync::Mutex};

/// Our own threads.
static OWN: Mutex<Vec<u64>> = Mutex::new(Vec::new());

/// The calling thread is one of ours.
pub(super) fn register_own() {
    super::lock(&OWN).push(crate::record::on::own_os_id());
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
