//! Programs that the compiler must refuse, such as the examples marked `compile_fail`.

use super::{
    cargo::{self, CompileError},
    libtest::{Outcome, Ran, Test},
    prove::Suite,
    scratch::{Package, Refused, Side},
};
use crate::rewrite::rewrite;
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

/// Such a program.
#[derive(Clone)]
pub(crate) struct Refusal {
    /// `sync::once_lock::OnceLock_1`
    pub(crate) name: String,
    pub(crate) text: String,
    /// The errors that it must be refused with; none: any.
    pub(crate) codes: Vec<String>,
}

/// What only a nightly compiler takes.
const UNSTABLE: [&str; 2] = ["E0554", "E0658"];

/// Asks the compiler. A program that is refused because it needs a nightly compiler says nothing about what is meant: the
/// second list.
pub(crate) fn ask(suite: &Suite, refusals: &[Refusal], side: Side) -> Result<(Vec<Ran>, Vec<Refused>), String> {
    if refusals.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let package = Package::new(&suite.folder.join("refusals"), side, &suite.setting)?;
    for (number, refusal) in refusals.iter().enumerate() {
        let text = if side == Side::Real { refusal.text.clone() } else { rewrite(&refusal.text, &suite.rules)? };
        package.write(&format!("src/bin/refusal{number}.rs"), &format!("#![allow(warnings)]\n{text}"))?;
    }
    let build = cargo::build(&package.folder, &package.target_folder, &["check", "--bins"])?;
    let mut errors: BTreeMap<&str, Vec<&CompileError>> = BTreeMap::new();
    for error in &build.errors {
        errors.entry(&error.target).or_default().push(error);
    }
    if errors.is_empty() && !build.succeeded {
        return Err(build.complaints());
    }
    let (mut ran, mut unstable) = (Vec::new(), Vec::new());
    for (number, refusal) in refusals.iter().enumerate() {
        let errors = errors.get(format!("refusal{number}").as_str()).map_or(&[][..], Vec::as_slice);
        match errors.iter().find(|error| UNSTABLE.contains(&error.code.as_str())) {
            Some(error) => {
                unstable.push(Refused { name: refusal.name.clone(), is_test: true, error: error.line() });
            }
            None => ran.push(refusal.ran(errors)),
        }
    }
    Ok((ran, unstable))
}

impl Refusal {
    fn ran(&self, errors: &[&CompileError]) -> Ran {
        let (target, name) = self.name.split_once("::").unwrap_or(("", &self.name));
        let test =
            Test { target: target.to_owned(), executable: PathBuf::new(), name: name.to_owned(), ignored: false };
        Ran { test, outcome: self.outcome(errors), findings: Vec::new(), took: Duration::ZERO }
    }

    fn outcome(&self, errors: &[&CompileError]) -> Outcome {
        let missing = self.codes.iter().find(|code| errors.iter().all(|error| error.code != **code));
        if errors.is_empty() {
            Outcome::Failed("it compiles, and must not".to_owned())
        } else if let Some(code) = missing {
            let lines: Vec<String> = errors.iter().map(|error| error.line()).collect();
            Outcome::Failed(format!("the compiler refuses it, but not with {code}:\n{}", lines.join("\n")))
        } else {
            Outcome::Passed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CompileError, Outcome, Refusal};

    #[test]
    fn the_right_error_is_asked_for() {
        let error = |code: &str| CompileError {
            message: "no".to_owned(),
            code: code.to_owned(),
            target: String::new(),
            places: Vec::new(),
        };
        let refusal = |codes: &[&str]| Refusal {
            name: "a::b".to_owned(),
            text: String::new(),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        };
        assert_eq!(refusal(&[]).outcome(&[&error("E0001")]), Outcome::Passed);
        assert_eq!(refusal(&["E0002"]).outcome(&[&error("E0001"), &error("E0002")]), Outcome::Passed);
        assert!(!refusal(&["E0002"]).outcome(&[&error("E0001")]).passed());
        assert!(!refusal(&[]).outcome(&[]).passed());
    }
}
