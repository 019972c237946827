//! Cargo, asked to build the tests of a package: what it made, and what the compiler said.

use super::deadline;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// A build of everything from nothing may take this long.
const DEADLINE: Duration = Duration::from_secs(540);

/// What came of a build.
pub(crate) struct Build {
    pub(crate) succeeded: bool,
    pub(crate) errors: Vec<CompileError>,
    pub(crate) programs: Vec<TestProgram>,
    /// Everything that cargo said beside.
    pub(crate) said: String,
}

/// An error of the compiler.
#[derive(Debug)]
pub(crate) struct CompileError {
    pub(crate) message: String,
    /// `E0658`
    pub(crate) code: String,
    /// The target it came up in.
    pub(crate) target: String,
    /// The files, relative to the package, and bytes in them that it is about.
    pub(crate) places: Vec<(PathBuf, usize)>,
}

/// A program of tests.
#[derive(Clone, Debug)]
pub(crate) struct TestProgram {
    pub(crate) target: String,
    /// `lib`, `test`, `bin`, …
    pub(crate) kind: String,
    pub(crate) executable: PathBuf,
}

/// `cargo ARGUMENTS` in that folder, in the environment of a plain build.
pub(crate) fn command(folder: &Path, target_folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder).args(arguments).env("CARGO_TARGET_DIR", target_folder);
    // Of the cargo that runs us, and of the user: none of them is to change what is tested.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let of_a_build = name.starts_with("CARGO_") && !["CARGO_HOME", "CARGO_TARGET_DIR"].contains(&name.as_str());
        if of_a_build
            || name.starts_with("GORDIAN_")
            || ["RUSTFLAGS", "RUSTDOCFLAGS", "LD_LIBRARY_PATH"].contains(&name.as_str())
        {
            command.env_remove(&name);
        }
    }
    command
}

/// Builds with these arguments (`build --tests`).
pub(crate) fn build(folder: &Path, target_folder: &Path, arguments: &[&str]) -> Result<Build, String> {
    let mut command = command(folder, target_folder, arguments);
    command.args(["--message-format=json", "--keep-going"]);
    let ended = deadline::run(&mut command, DEADLINE)?;
    if ended.status.is_none() {
        return Err(format!("cargo {} was not done after {} s", arguments.join(" "), DEADLINE.as_secs()));
    }
    let mut build =
        Build { succeeded: ended.succeeded(), errors: Vec::new(), programs: Vec::new(), said: String::new() };
    for line in ended.output.lines() {
        match serde_json::from_str::<Value>(line) {
            Ok(message) if message.is_object() => build.hear(&message),
            _ => {
                build.said.push_str(line);
                build.said.push('\n');
            }
        }
    }
    Ok(build)
}

impl Build {
    fn hear(&mut self, message: &Value) {
        let target = message["target"]["name"].as_str().unwrap_or_default().to_owned();
        if message["reason"] == "compiler-artifact" {
            if let Some(executable) = message["executable"].as_str()
                && message["profile"]["test"] == true
            {
                let kind = message["target"]["kind"][0].as_str().unwrap_or_default().to_owned();
                self.programs.push(TestProgram { target, kind, executable: executable.into() });
            }
        } else if message["reason"] == "compiler-message" && message["message"]["level"] == "error" {
            let error = &message["message"];
            let places: Vec<_> = error["spans"].as_array().into_iter().flatten().filter_map(place).collect();
            let text = error["message"].as_str().unwrap_or_default();
            // The last line of every failed build.
            if !(places.is_empty() && text.starts_with("aborting due to")) {
                self.errors.push(CompileError {
                    message: text.to_owned(),
                    code: error["code"]["code"].as_str().unwrap_or_default().to_owned(),
                    target,
                    places,
                });
            }
        }
    }

    /// The errors, one a line, for a person.
    pub(crate) fn complaints(&self) -> String {
        let mut lines: Vec<String> = self.errors.iter().map(CompileError::line).collect();
        if lines.is_empty() {
            let said: Vec<&str> = self.said.lines().collect();
            lines = said[said.len().saturating_sub(30)..].iter().map(|line| (*line).to_owned()).collect();
        }
        lines.join("\n")
    }
}

impl CompileError {
    pub(crate) fn line(&self) -> String {
        let code = if self.code.is_empty() { String::new() } else { format!(" [{}]", self.code) };
        let file = self.places.first().map(|(file, _)| format!("{}: ", file.display())).unwrap_or_default();
        format!("{file}{}{code}", self.message)
    }
}

/// Where a primary span stands; in a macro, where the outermost one was called.
fn place(span: &Value) -> Option<(PathBuf, usize)> {
    if span["is_primary"] != true {
        return None;
    }
    let mut span = span;
    while span["expansion"]["span"].is_object() {
        span = &span["expansion"]["span"];
    }
    let byte = span["byte_start"].as_u64().and_then(|byte| usize::try_from(byte).ok())?;
    Some((span["file_name"].as_str()?.into(), byte))
}
