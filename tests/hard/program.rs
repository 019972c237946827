//! A test's program: the same binary, with one test, in another process.

use std::{
    env,
    ffi::OsStr,
    os::unix::process::ExitStatusExt,
    process::{Command, ExitStatus, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// How long a program may take, on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);
const VARIABLE: &str = "HARD_PROGRAM";
const SURVIVED: &str = "the program's own last words";

/// What a program has said.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// It came to its end, with the right result.
    #[track_caller]
    pub(crate) fn survived(&self) -> &Ended {
        assert!(self.status.success(), "{}", self.text());
        assert!(self.out.contains(SURVIVED), "{}", self.text());
        self
    }

    /// Nothing was said about it.
    #[track_caller]
    pub(crate) fn silently(&self) -> &Ended {
        assert!(!self.err.contains("gordian"), "{}", self.text());
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Ended {
        assert!(self.err.contains(words), "no `{words}` in\n{}", self.text());
        self
    }

    #[track_caller]
    pub(crate) fn says_not(&self, words: &str) -> &Ended {
        assert!(!self.err.contains(words), "`{words}` in\n{}", self.text());
        self
    }

    #[track_caller]
    pub(crate) fn ended_with(&self, code: i32) -> &Ended {
        assert_eq!(self.status.code(), Some(code), "{}", self.text());
        self
    }

    #[track_caller]
    pub(crate) fn died_of(&self, signal: i32) -> &Ended {
        assert_eq!(self.status.signal(), Some(signal), "{}", self.text());
        self
    }

    fn text(&self) -> String {
        format!("{}\n--- out\n{}\n--- err\n{}", self.status, self.out, self.err)
    }
}

/// The program has done what it was to do.
pub(crate) fn survived() {
    println!("{SURVIVED}");
}

/// Runs `body` in a process of its own, which calls [`survived`] at its end.
///
/// `test` is the path of the calling test in this binary. There it returns what the process did; in the process
/// itself it runs `body`, and returns `None`.
#[track_caller]
pub(crate) fn program(test: &str, settings: &[(&str, &str)], body: impl FnOnce()) -> Option<Ended> {
    let settings: Vec<_> = settings.iter().map(|&(name, value)| (name, OsStr::new(value))).collect();
    program_with(test, &settings, body)
}

/// [`program`], with settings that need not be text.
#[track_caller]
pub(crate) fn program_with(test: &str, settings: &[(&str, &OsStr)], body: impl FnOnce()) -> Option<Ended> {
    if env::var_os(VARIABLE).is_some_and(|name| name == test) {
        body();
        return None;
    }
    let mut command = Command::new(env::current_exe().expect("this binary"));
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GORDIAN_")).for_each(|(name, _)| {
        command.env_remove(name);
    });
    command.env(VARIABLE, test).envs(settings.iter().copied()).stdin(Stdio::null());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process");
    let number = child.id();
    let (done, wait) = mpsc::channel();
    thread::spawn(move || done.send(child.wait_with_output()));
    let in_time = wait.recv_timeout(DEADLINE);
    let output = in_time.unwrap_or_else(|_| {
        kill(number);
        wait.recv().expect("its end")
    });
    let Output { status, stdout, stderr } = output.expect("its output");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Some(Ended { status, out: text(stdout), err: text(stderr) })
}

#[allow(unsafe_code)]
fn kill(number: u32) {
    // SAFETY: a signal to a child that has not been waited for.
    unsafe { libc::kill(number as i32, libc::SIGKILL) };
}

/// The trace that a program has left, which is taken away.
pub(crate) fn left_trace(path: &std::path::Path) -> serde_json::Value {
    let text = std::fs::read_to_string(path).expect("a trace");
    std::fs::remove_file(path).expect("removable");
    serde_json::from_str(&text).expect("whole, and closed")
}

/// Resident memory, in KiB.
pub(crate) fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
