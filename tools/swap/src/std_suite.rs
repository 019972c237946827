//! What std's tests and its examples have in common: where they come from, and the list of what is left out.

use crate::{
    options::StdOptions,
    std_source::StdSource,
    suite::{
        exclusions::Exclusions,
        scratch::{Setting, repository, scratch_folder},
    },
};
use std::{fs, path::PathBuf, process::Command};

/// What std's tests need beside std.
const DEPENDENCIES: &str =
    "libc = \"0.2\"\nrand = { version = \"0.9\", default-features = false, features = [\"small_rng\"] }\n";

/// The same for std's tests and its examples, so that gordian is built once for both.
pub(crate) fn std_setting() -> Setting {
    Setting {
        real: "std",
        version: None,
        gordian_feature: None,
        has_drop_in: false,
        features: Vec::new(),
        own_features: Vec::new(),
        homepage: None,
        edition: "2024".to_owned(),
        dependencies: DEPENDENCIES.to_owned(),
    }
}

/// The source, whether the list was made for it and for this compiler, the list, and the folder to build in.
pub(crate) fn std_suite(
    options: &StdOptions,
    list: &str,
    name: &str,
) -> Result<(StdSource, bool, Exclusions, PathBuf), String> {
    let scratch = scratch_folder();
    let source = StdSource::find(options.source.as_deref(), &scratch.join("source"))?;
    let (fits, exclusions) = read_list(list, "std", &source.version)?;
    Ok((source, fits, exclusions, scratch.join(name)))
}

/// A list of what is left out, and whether it was made for that version of the tests and for this compiler.
pub(crate) fn read_list(list: &str, real: &str, version: &str) -> Result<(bool, Exclusions), String> {
    let text = fs::read_to_string(repository().join(list)).map_err(|error| format!("cannot read {list}: {error}"))?;
    let exclusions = Exclusions::parse(&text).map_err(|error| format!("{list}, {error}"))?;
    let rustc = rustc_version()?;
    let fits = version == exclusions.source && rustc == exclusions.rustc;
    println!("The tests of {real} {version}, with the compiler and the std of Rust {rustc}");
    if !fits {
        println!(
            "  note: {list} was made for those of {real} {} with Rust {}; its gaps are told, and are no faults",
            exclusions.source, exclusions.rustc
        );
    }
    Ok((fits, exclusions))
}

fn rustc_version() -> Result<String, String> {
    let asked = Command::new("rustc").arg("--version").output();
    let said = asked.map_err(|error| format!("rustc cannot be run: {error}"))?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    Ok(said.split_whitespace().nth(1).unwrap_or("unknown").to_owned())
}
