//! A subject's program, running.

use crate::subjects::{Programs, Subject};
use std::{
    env,
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

/// One line of its numbers.
pub(crate) struct Answer {
    pub(crate) numbers: Vec<f64>,
    /// A limit of time has cut it short otherwise.
    pub(crate) finished: bool,
}

/// A process that is ended with this.
pub(crate) struct Running {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    folder: PathBuf,
}

impl Running {
    /// Starts it and waits until it is ready.
    pub(crate) fn start(
        programs: &Programs,
        subject: &Subject,
        work: &str,
        arguments: &[String],
    ) -> Result<Running, String> {
        let folder = new_folder()?;
        let mut command = Command::new(&programs[subject.name]);
        command.arg(subject.family).arg(work).args(arguments);
        command.arg(format!("measure={}", subject.measure));
        if let Some(level) = subject.level {
            command.arg(format!("level={level}"));
            if level == "trace" {
                command.arg(format!("trace={}", folder.join("trace.json").display()));
            }
        }
        bare_environment(&mut command);
        let errors = File::create(folder.join("stderr")).map_err(|error| format!("cannot write there: {error}"))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
        let mut child = command.spawn().map_err(|error| format!("cannot start it: {error}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("it has no pipes".into());
        };
        let (send, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Some subjects print something of their own.
                let Some(said) = line.strip_prefix("bench: ") else { continue };
                if send.send(said.to_owned()).is_err() {
                    break;
                }
            }
        });
        let running = Running { child, input, lines, folder };
        running.line(Duration::from_secs(60))?;
        Ok(running)
    }

    /// Asks without waiting.
    pub(crate) fn ask(&mut self) -> Result<(), String> {
        self.input
            .write_all(b"go\n")
            .and_then(|()| self.input.flush())
            .map_err(|_| format!("it has ended{}", self.last_words()))
    }

    /// Waits for what was asked.
    pub(crate) fn answer(&mut self, patience: Duration) -> Result<Answer, String> {
        let line = self.line(patience)?;
        let finished = !line.ends_with("unfinished");
        let words = line.split_whitespace().filter(|word| *word != "unfinished");
        let numbers: Result<Vec<f64>, _> = words.map(str::parse).collect();
        Ok(Answer { numbers: numbers.map_err(|_| format!("it said `{line}`"))?, finished })
    }

    fn line(&self, patience: Duration) -> Result<String, String> {
        self.lines.recv_timeout(patience).map_err(|error| match error {
            RecvTimeoutError::Timeout => format!("no answer within {} s", patience.as_secs()),
            RecvTimeoutError::Disconnected => format!("it has ended{}", self.last_words()),
        })
    }

    fn last_words(&self) -> String {
        let errors = fs::read(self.folder.join("stderr")).unwrap_or_default();
        let errors = String::from_utf8_lossy(&errors);
        errors.lines().rfind(|line| !line.trim().is_empty()).map_or(String::new(), |line| format!(": {line}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may hang or have ended; both are no news here.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What the user's shell sets for gordian and for stacks is not part of the measurement.
fn bare_environment(command: &mut Command) {
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in names.filter(|name| name.starts_with("GORDIAN") || name.starts_with("RUST_")) {
        command.env_remove(name);
    }
}

fn new_folder() -> Result<PathBuf, String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = env::temp_dir().join(format!("gordian-bench-{}-{number}", std::process::id()));
    make(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    Ok(folder)
}

fn make(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}
