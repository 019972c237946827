//! What std's tests and its examples have in common: where they come from, and the list of what is left out.

use crate::{
    options::SuiteOptions,
    std_source::StdSource,
    suite::{
        exclusions::Exclusions,
        scratch::{repository, scratch_folder},
    },
};
use std::{fs, path::PathBuf, process::Command};

/// What std's tests need beside std. The same for its examples, so that gordian is built once for both.
pub(crate) const DEPENDENCIES: &str =
    "libc = \"0.2\"\nrand = { version = \"0.9\", default-features = false, features = [\"small_rng\"] }\n";

/// The source, whether the list was made for it and for this compiler, the list, and the folder to build in.
pub(crate) fn std_suite(
    options: &SuiteOptions,
    list: &str,
    name: &str,
) -> Result<(StdSource, bool, Exclusions, PathBuf), String> {
    let scratch = scratch_folder();
    let source = StdSource::find(options.source.as_deref(), &scratch.join("source"))?;
    let text = fs::read_to_string(repository().join(list)).map_err(|error| format!("cannot read {list}: {error}"))?;
    let exclusions = Exclusions::parse(&text).map_err(|error| format!("{list}, {error}"))?;
    let rustc = rustc_version()?;
    let fits = source.version == exclusions.source && rustc == exclusions.rustc;
    println!("The tests of std {}, with the compiler and the std of Rust {rustc}", source.version);
    if !fits {
        println!(
            "  note: {list} was made for those of std {} with Rust {}; its gaps are told, and are no faults",
            exclusions.source, exclusions.rustc
        );
    }
    Ok((source, fits, exclusions, scratch.join(name)))
}

fn rustc_version() -> Result<String, String> {
    let asked = Command::new("rustc").arg("--version").output();
    let said = asked.map_err(|error| format!("rustc cannot be run: {error}"))?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    Ok(said.split_whitespace().nth(1).unwrap_or("unknown").to_owned())
}
