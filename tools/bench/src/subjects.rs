//! Who is measured, and how each one's program is built.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// One column of the tables.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// As the table calls it.
    pub(crate) heading: &'static str,
    /// The feature of the subject's program.
    feature: &'static str,
    /// What its build needs of the compiler.
    flags: &'static str,
    /// What that program calls it.
    pub(crate) family: &'static str,
    /// What that program calls whom it is measured against.
    pub(crate) measure: &'static str,
    /// gordian's level.
    pub(crate) level: Option<&'static str>,
    pub(crate) peer: bool,
    /// Says by itself that there is a cycle of locks.
    pub(crate) tells_cycles: bool,
    /// Says that the program stands still where there is no cycle of locks.
    pub(crate) tells_standstills: bool,
}

const NOBODY: Subject = Subject {
    name: "",
    heading: "",
    feature: "",
    flags: "",
    family: "",
    measure: "std",
    level: None,
    peer: false,
    tells_cycles: false,
    tells_standstills: false,
};

const GORDIAN: Subject = Subject { feature: "gordian-on", family: "gordian", ..NOBODY };

/// Beside the plain parking_lot, in one process with it.
const GORDIAN_PARKING_LOT: Subject =
    Subject { feature: "gordian-parking-lot-on", family: "gordian-parking-lot", measure: "parking-lot", ..NOBODY };

/// Beside tokio, in one process with it.
const GORDIAN_TOKIO: Subject =
    Subject { feature: "gordian-tokio-on", family: "gordian-tokio", measure: "tokio", ..NOBODY };

/// In the place of tokio: what it needs changes tokio itself, so that plain tokio is measured in other processes.
const TASKS_PEER: Subject = Subject { measure: "tokio", ..PEER };

const PEER: Subject = Subject { peer: true, ..NOBODY };

/// Everybody, in the order of the columns.
pub(crate) const SUBJECTS: &[Subject] = &[
    Subject { name: "std-control", heading: "std again (control)", family: "std", ..NOBODY },
    Subject { name: "gordian-built-off", heading: "built off", feature: "gordian-off", ..GORDIAN },
    Subject { name: "gordian-off", heading: "level off", level: Some("off"), ..GORDIAN },
    Subject {
        name: "gordian-watch",
        heading: "watch",
        level: Some("watch"),
        tells_cycles: true,
        tells_standstills: true,
        ..GORDIAN
    },
    Subject {
        name: "gordian-trace",
        heading: "trace",
        level: Some("trace"),
        tells_cycles: true,
        tells_standstills: true,
        ..GORDIAN
    },
    Subject {
        name: "gordian-parking_lot-built-off",
        heading: "built off",
        feature: "gordian-parking-lot-off",
        ..GORDIAN_PARKING_LOT
    },
    Subject { name: "gordian-parking_lot-watch", heading: "watch", level: Some("watch"), ..GORDIAN_PARKING_LOT },
    Subject { name: "gordian-parking_lot-trace", heading: "trace", level: Some("trace"), ..GORDIAN_PARKING_LOT },
    Subject { name: "parking_lot", heading: "parking_lot 0.12", feature: "parking-lot", family: "parking-lot", ..PEER },
    Subject {
        name: "parking_lot-dd",
        heading: "parking_lot, deadlock_detection",
        feature: "parking-lot-dd",
        family: "parking-lot",
        ..PEER
    },
    Subject {
        name: "deloxide",
        heading: "deloxide",
        feature: "deloxide",
        family: "deloxide",
        tells_cycles: true,
        ..PEER
    },
    Subject {
        name: "deloxide-order",
        heading: "deloxide, lock-order-graph",
        feature: "deloxide-order",
        family: "deloxide",
        tells_cycles: true,
        ..PEER
    },
    Subject {
        name: "tracing-mutex",
        heading: "tracing-mutex",
        feature: "tracing-mutex",
        family: "tracing-mutex",
        tells_cycles: true,
        ..PEER
    },
    Subject {
        name: "keepcalm",
        heading: "keepcalm, deadlock_detection",
        feature: "keepcalm",
        family: "keepcalm",
        tells_cycles: true,
        ..PEER
    },
    Subject {
        name: "no_deadlocks",
        heading: "no_deadlocks",
        feature: "no-deadlocks",
        family: "no-deadlocks",
        tells_cycles: true,
        ..PEER
    },
    Subject {
        name: "tokio-control",
        heading: "tokio again (control)",
        feature: "tokio",
        family: "tokio",
        ..GORDIAN_TOKIO
    },
    Subject { name: "gordian-tokio-built-off", heading: "built off", feature: "gordian-tokio-off", ..GORDIAN_TOKIO },
    Subject { name: "gordian-tokio-off", heading: "level off", level: Some("off"), ..GORDIAN_TOKIO },
    Subject { name: "gordian-tokio-watch", heading: "watch", level: Some("watch"), ..GORDIAN_TOKIO },
    Subject {
        name: "console-subscriber",
        heading: "tokio with console-subscriber",
        feature: "console-subscriber",
        flags: "--cfg tokio_unstable",
        family: "console-subscriber",
        ..TASKS_PEER
    },
    Subject {
        name: "gridlock",
        heading: "gridlock, its observers on",
        feature: "gridlock",
        // Else it does nothing.
        flags: "--cfg tokio_unstable -Cdebug-assertions=on",
        family: "gridlock",
        ..TASKS_PEER
    },
];

/// The subjects' programs, by the name of the subject.
pub(crate) type Programs = BTreeMap<&'static str, PathBuf>;

/// Builds what is needed: once for every feature.
pub(crate) fn build(subjects: &[&'static Subject]) -> Result<Programs, String> {
    let target = target_folder()?;
    let mut by_feature: BTreeMap<&str, PathBuf> = BTreeMap::new();
    let mut programs = Programs::new();
    for subject in subjects {
        let program = match by_feature.get(subject.feature) {
            Some(program) => program.clone(),
            None => build_one(&target, subject)?,
        };
        by_feature.insert(subject.feature, program.clone());
        programs.insert(subject.name, program);
    }
    Ok(programs)
}

/// Beside the folder this program was built in.
fn target_folder() -> Result<PathBuf, String> {
    let exe = env::current_exe().map_err(|error| format!("cannot tell where this program is: {error}"))?;
    let target = exe.parent().and_then(Path::parent).ok_or("this program is in no target folder")?;
    Ok(target.join("bench-subjects"))
}

fn build_one(target: &Path, &Subject { feature, flags, .. }: &Subject) -> Result<PathBuf, String> {
    const PROGRAM: &str = "gordian-bench-subject";
    eprintln!("building the subject `{}`", if feature.is_empty() { "std" } else { feature });
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--release", "--quiet", "--package", "gordian-bench", "--bin", PROGRAM, "--features", feature])
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .arg("--target-dir")
        .arg(target);
    cargo.env("RUSTFLAGS", aligned(&format!("{} {flags}", env::var("RUSTFLAGS").unwrap_or_default())));
    let status = cargo.status().map_err(|error| format!("cannot start cargo: {error}"))?;
    if !status.success() {
        return Err(format!("cargo could not build the subject `{feature}` ({status})"));
    }
    // The next build overwrites it.
    let built = target.join("release").join(PROGRAM);
    let kept = target.join(format!("{PROGRAM}-{}", if feature.is_empty() { "std" } else { feature }));
    fs::copy(&built, &kept)
        .map_err(|error| format!("cannot copy {} to {}: {error}", built.display(), kept.display()))?;
    Ok(kept)
}

/// The user's own and the subject's, and loops and functions on cache lines of their own: where a loop happens to lie makes a twentieth
/// of its time, which says nothing about a library.
fn aligned(own: &str) -> String {
    format!("{own} -Cllvm-args=-align-loops=64 -Cllvm-args=-align-all-functions=6").trim_start().to_owned()
}
