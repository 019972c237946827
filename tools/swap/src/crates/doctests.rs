//! The examples in a crate's documentation, run by rustdoc.

use crate::suite::{
    deadline,
    findings::{self, Finding},
    libtest::Outcome,
};
use std::{collections::BTreeMap, fs, path::Path, process::Command, time::Duration};

/// All of them are compiled, and most of them one by one.
const DEADLINE: Duration = Duration::from_secs(540);

/// Runs `cargo test --doc` for the package in that folder: what came of each example, and what gordian told meanwhile.
pub(crate) fn run(command: &mut Command, folder: &Path) -> Result<(BTreeMap<String, Outcome>, Vec<Finding>), String> {
    let file = folder.with_extension("documentation.jsonl");
    // One of an earlier run.
    let _ = fs::remove_file(&file);
    let ended = deadline::run(command.env("GORDIAN_JSON", &file), DEADLINE)?;
    if ended.status.is_none() {
        return Err(format!("the examples in the documentation were not done after {} s", DEADLINE.as_secs()));
    }
    Ok((outcomes(&ended.output), findings::read(&file)))
}

/// From lines like `test src/lib.rs - Pool::new (line 12) - compile ... ok`.
fn outcomes(output: &str) -> BTreeMap<String, Outcome> {
    let results = output.lines().filter_map(|line| line.strip_prefix("test ")?.rsplit_once(" ... "));
    results
        .filter(|(_, result)| !result.starts_with("ignored"))
        .map(|(name, result)| {
            let said = || Outcome::Failed(section(output, name));
            (name.to_owned(), if result.trim() == "ok" { Outcome::Passed } else { said() })
        })
        .collect()
}

/// What the harness printed of one that failed.
fn section(output: &str, name: &str) -> String {
    // It is named there without what was to be done with it.
    let name = name.find(") - ").map_or(name, |at| &name[..=at]);
    let rest = output.split_once(&format!("---- {name}")).map_or("", |(_, rest)| rest);
    let end = rest.find("\n---- ").or_else(|| rest.find("\nfailures:\n")).unwrap_or(rest.len());
    rest[..end].trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Outcome, outcomes};

    #[test]
    fn lines_of_the_harness() {
        let output = "running 3 tests\ntest src/a.rs - a (line 1) ... ok\ntest src/a.rs - b (line 2) - compile ... FAILED\n\
                      test src/a.rs - c (line 3) ... ignored\n\nfailures:\n\n---- src/a.rs - b (line 2) stdout ----\nerror: no\n\n\nfailures:\n    src/a.rs - b (line 2)\n";
        let outcomes = outcomes(output);
        assert_eq!(outcomes.len(), 2);
        assert_eq!(outcomes["src/a.rs - a (line 1)"], Outcome::Passed);
        let Outcome::Failed(said) = &outcomes["src/a.rs - b (line 2) - compile"] else { panic!("it failed") };
        assert!(said.contains("error: no") && !said.contains("failures"), "{said}");
    }
}
