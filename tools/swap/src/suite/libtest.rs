//! Programs of tests: which tests they have, and each of them run in a process of its own.

use super::{
    cargo::TestProgram,
    deadline,
    findings::{self, Finding},
};
use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    thread,
    time::Duration,
};

/// One test of a program.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) target: String,
    pub(crate) executable: PathBuf,
    /// As the program calls it; empty: all of the program, which has a harness of its own.
    pub(crate) name: String,
    pub(crate) ignored: bool,
}

impl Test {
    /// Whether it can be run: what the compiler must refuse cannot.
    pub(crate) fn is_program(&self) -> bool {
        !self.executable.as_os_str().is_empty()
    }

    /// With the program that it is in.
    pub(crate) fn full_name(&self) -> String {
        format!("{}::{}", self.target, self.name)
    }
}

/// What came of a test.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) test: Test,
    pub(crate) outcome: Outcome,
    pub(crate) findings: Vec<Finding>,
    pub(crate) took: Duration,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// With what it printed.
    Failed(String),
    /// It was still running at the deadline.
    Hung(String),
}

impl Outcome {
    pub(crate) fn passed(&self) -> bool {
        *self == Outcome::Passed
    }
}

/// How tests are run.
pub(crate) struct Runner<'a> {
    /// Where the findings of each are put.
    pub(crate) folder: &'a Path,
    pub(crate) deadline: Duration,
    pub(crate) jobs: usize,
}

/// All tests of a program.
pub(crate) fn list(program: &TestProgram) -> Result<Vec<Test>, String> {
    let names = |arguments: &[&str]| -> Result<Vec<String>, String> {
        let mut command = command(&program.executable);
        let ended = deadline::run(command.args(arguments), Duration::from_secs(60))?;
        if !ended.succeeded() {
            return Err(format!("the tests of {} cannot be listed: {}", program.target, ended.output.trim()));
        }
        let lines = ended.output.lines().filter_map(|line| line.strip_suffix(": test"));
        Ok(lines.map(str::to_owned).collect())
    };
    let ignored = names(&["--list", "--format=terse", "--ignored"])?;
    let all = names(&["--list", "--format=terse"])?;
    Ok(all
        .into_iter()
        .map(|name| Test {
            target: program.target.clone(),
            executable: program.executable.clone(),
            ignored: ignored.contains(&name),
            name,
        })
        .collect())
}

/// A program in an environment that says nothing of gordian.
fn command(executable: &Path) -> Command {
    let mut command = Command::new(executable);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GORDIAN_")) {
        command.env_remove(name);
    }
    command.env("RUST_BACKTRACE", "0");
    command
}

impl Runner<'_> {
    /// Runs each of them in a process of its own in that folder, some at a time. What came of them is in their order.
    pub(crate) fn run_in(&self, place: &Path, tests: Vec<Test>) -> Result<Vec<Ran>, String> {
        fs::create_dir_all(self.folder)
            .map_err(|error| format!("cannot make the folder {}: {error}", self.folder.display()))?;
        let count = tests.len();
        let waiting: Mutex<VecDeque<(usize, Test)>> = Mutex::new(tests.into_iter().enumerate().collect());
        let done = Mutex::new(Vec::with_capacity(count));
        thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                scope.spawn(|| {
                    while let Some((number, test)) = take(&waiting) {
                        let ran = self.run_one(test, number, place);
                        done.lock().unwrap_or_else(|poison| poison.into_inner()).push((number, ran));
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap_or_else(|poison| poison.into_inner());
        done.sort_by_key(|(number, _)| *number);
        done.into_iter().map(|(_, ran)| ran).collect()
    }

    fn run_one(&self, test: Test, number: usize, place: &Path) -> Result<Ran, String> {
        let file = self.folder.join(format!("{number}.jsonl"));
        // One of an earlier run.
        let _ = fs::remove_file(&file);
        let mut command = command(&test.executable);
        let is_whole = test.name.is_empty();
        if !is_whole {
            command.args([&test.name, "--exact", "--nocapture"]);
        }
        // As cargo has it.
        command.env("GORDIAN_JSON", &file).env("CARGO_MANIFEST_DIR", place).current_dir(place);
        let ended = deadline::run(&mut command, self.deadline)?;
        // What libtest says at the end may have words of the test's own threads in it, and its exit status says the same.
        let ran_it = is_whole || ended.output.contains("running 1 test\n") && !ended.output.contains(" ... ignored");
        let outcome = match ended.status {
            None => Outcome::Hung(ended.output),
            Some(status) if status.success() && ran_it => Outcome::Passed,
            Some(status) => Outcome::Failed(format!("{}\n({status})", ended.output.trim_end())),
        };
        Ok(Ran { test, outcome, findings: findings::read(&file), took: ended.took })
    }
}

fn take(waiting: &Mutex<VecDeque<(usize, Test)>>) -> Option<(usize, Test)> {
    waiting.lock().unwrap_or_else(|poison| poison.into_inner()).pop_front()
}
