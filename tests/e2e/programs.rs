//! The examples as child processes, with a deadline.

use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Far beyond what any of them takes on a loaded machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// An example that is about to run, in an empty directory of its own.
pub(crate) struct Program {
    command: Command,
    scratch: Scratch,
}

/// What has become of it.
pub(crate) struct Outcome {
    /// `None`: it was still running when it was killed.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    scratch: Scratch,
}

pub(crate) fn example(name: &str) -> Program {
    let scratch = Scratch::new(name);
    let mut command = Command::new(examples().join(name));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GORDIAN_")) {
        command.env_remove(name);
    }
    command.current_dir(&scratch.0).env_remove("RUST_BACKTRACE").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    Program { command, scratch }
}

impl Program {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Program {
        self.command.env(name, value);
        self
    }

    pub(crate) fn arg(mut self, arg: &str) -> Program {
        self.command.arg(arg);
        self
    }

    /// A file in its directory, before it runs.
    pub(crate) fn file(self, name: &str, text: &str) -> Program {
        fs::write(self.scratch.0.join(name), text).expect("a file");
        self
    }

    /// Until it ends by itself.
    #[track_caller]
    pub(crate) fn run(self) -> Outcome {
        let outcome = self.run_until("\0 never");
        assert!(outcome.status.is_some(), "it does not end.\n{}\n{}", outcome.stdout, outcome.stderr);
        outcome
    }

    /// Until a line of standard error begins like this, or it ends by itself.
    pub(crate) fn run_until(mut self, start: &str) -> Outcome {
        let mut child = self.command.spawn().expect("the example starts");
        let stdout = child.stdout.take().map(read_all).expect("piped");
        let (send, lines) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        let (mut text, end) = (String::new(), Instant::now() + DEADLINE);
        let status = loop {
            match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    text += &format!("{line}\n");
                    if line.starts_with(start) {
                        break stop(&mut child);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break Some(child.wait().expect("its status")),
                Err(RecvTimeoutError::Timeout) => break stop(&mut child),
            }
        };
        Outcome { status, stdout: stdout.join().expect("its output"), stderr: text, scratch: self.scratch }
    }
}

fn read_all(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        stream.read_to_end(&mut text).expect("readable");
        String::from_utf8_lossy(&text).into_owned()
    })
}

/// Its status, if it had ended before.
fn stop(child: &mut Child) -> Option<ExitStatus> {
    let status = child.try_wait().expect("its status");
    _ = child.kill();
    _ = child.wait();
    status
}

impl Outcome {
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    /// The path of a file it should have written.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.scratch.0.join(name)
    }

    /// The text of such a file.
    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}\n{}", self.stderr))
    }

    /// The reports in its file of reports.
    #[track_caller]
    pub(crate) fn reports(&self, name: &str) -> Vec<Value> {
        self.text(name).lines().map(|line| serde_json::from_str(line).expect("each line is an object")).collect()
    }
}

/// A directory that is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("gordian-e2e-{}-{number}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a directory");
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

/// Where the examples are. `cargo test --test e2e` does not build them, so they are built here, in the way this test was.
fn examples() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        let own = std::env::current_exe().expect("this test's path");
        // target/PROFILE/deps/e2e-HASH
        let profile = own.ancestors().nth(2).expect("a profile's directory");
        let mut build = Command::new(env!("CARGO"));
        build
            .args(["build", "--quiet", "--examples", "--manifest-path"])
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        build.arg("--target-dir").arg(profile.parent().expect("the target directory")).args(flags());
        assert!(build.status().expect("cargo runs").success(), "the examples do not build");
        profile.join("examples")
    })
}

fn flags() -> impl Iterator<Item = &'static str> {
    let release = (!cfg!(debug_assertions)).then_some("--release");
    let without = (!cfg!(feature = "watch-in-debug")).then_some("--no-default-features");
    let watch = cfg!(feature = "watch").then_some("--features=watch");
    [release, without, watch].into_iter().flatten()
}
