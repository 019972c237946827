//! A program that has to end by itself in time, and is ended with all that it started when it does not.

use std::{
    io::{Read, Seek, SeekFrom},
    os::unix::process::CommandExt,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How a program ended, and what it printed: standard output and error, as they came.
pub(crate) struct Ended {
    /// None: it did not end in time.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) output: String,
    pub(crate) took: Duration,
}

impl Ended {
    pub(crate) fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// Runs it to its end, or to the deadline. Its output goes to a file without a name, so a pipe that is kept open by
/// something that it left behind holds nobody up.
pub(crate) fn run(command: &mut Command, deadline: Duration) -> Result<Ended, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let cannot = |error: std::io::Error| format!("cannot run {program}: {error}");
    let mut output = tempfile::tempfile().map_err(cannot)?;
    let (out, error) = (output.try_clone().map_err(cannot)?, output.try_clone().map_err(cannot)?);
    let begin = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(out).stderr(error).process_group(0).spawn().map_err(cannot)?;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(cannot)? {
            break Some(status);
        }
        let so_far = begin.elapsed();
        if so_far >= deadline {
            break None;
        }
        // A hundredth of what it took so far is no loss.
        thread::sleep((so_far / 100).clamp(Duration::from_millis(1), Duration::from_millis(50)));
    };
    let took = begin.elapsed();
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // The group is gone where nothing is left of it.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    if status.is_none() {
        child.wait().map_err(cannot)?;
    }
    let mut bytes = Vec::new();
    output.seek(SeekFrom::Start(0)).and_then(|_| output.read_to_end(&mut bytes)).map_err(cannot)?;
    Ok(Ended { status, output: String::from_utf8_lossy(&bytes).into_owned(), took })
}

#[cfg(test)]
mod tests {
    use super::{Duration, run};
    use std::process::Command;

    #[test]
    fn what_ends_is_told_with_its_output() {
        let ended = run(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]), Duration::from_secs(30));
        let ended = ended.expect("there is a shell");
        assert_eq!(ended.status.and_then(|status| status.code()), Some(3));
        assert_eq!(ended.output, "out\nerr\n");
    }

    #[test]
    fn what_does_not_end_is_ended_with_its_children() {
        let script = "sleep 1000 & echo $!; sleep 1000";
        let ended = run(Command::new("sh").args(["-c", script]), Duration::from_millis(300)).expect("there is a shell");
        assert!(ended.status.is_none());
        let child = ended.output.trim().to_owned();
        let begin = std::time::Instant::now();
        // It has been told to end, and does so within moments; what is left of it may be a zombie.
        while std::fs::read_to_string(format!("/proc/{child}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
            assert!(begin.elapsed() < Duration::from_secs(30), "its child {child} still runs");
            std::thread::yield_now();
        }
    }
}
