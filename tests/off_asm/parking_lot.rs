//! The same of `parking_lot`, which has dependencies: cargo builds them.

use super::{differences, exported_by, listing::Listing};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

const SUBJECT: &str = include_str!("parking_lot_subject.rs");

/// As `super::SHORTER`. The loop is ours: it asks once less whether the time is over, of which there is none; and the
/// mutex is looked up before the clock is.
const SHORTER: [&str; 2] = ["condvar_wait_for", "condvar_wait_while"];

/// What is compiled, and its assembly on the real crate and on gordian built off.
struct Version {
    subject: &'static str,
    listings: (String, String),
}

impl Version {
    fn of(krate: &str, subject: &'static str) -> Self {
        let on = |path: &str| {
            let swapped = subject.replacen("use parking_lot::*;", &format!("use {path}::*;"), 1);
            assert!(swapped.contains(path), "the subject's imports can be swapped");
            swapped
        };
        let name = |of: &str| format!("{krate}_{of}");
        let (real, ours) = (on(krate), on(&format!("gordian::{krate}")));
        Self { subject, listings: (assembly(&name("real"), &real), assembly(&name("gordian"), &ours)) }
    }
}

static OLD: LazyLock<Version> = LazyLock::new(|| Version::of("parking_lot", SUBJECT));

static NEW: LazyLock<Version> = LazyLock::new(|| {
    let (both, _) = SUBJECT.split_once("// ---- only 0.12").expect("the subject has that line");
    Version::of("parking_lot_0_13", both)
});

/// Of a package with this source.
fn assembly(name: &str, source: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("off_asm_lots");
    let package = dir.join(name);
    fs::create_dir_all(&package).expect("the target directory can be written");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n[dependencies]\n\
         gordian = {{ path = {root:?}, default-features = false, features = [\"parking_lot\", \"parking_lot_0_13\"] }}\n\
         parking_lot = \"0.12.3\"\nparking_lot_0_13 = {{ package = \"parking_lot\", version = \"0.13\" }}\n"
    );
    fs::write(package.join("Cargo.toml"), manifest).expect("the target directory can be written");
    fs::write(package.join("lib.rs"), source).expect("the target directory can be written");
    // The versions that everything else here is built with.
    let lock = root.join("Cargo.lock");
    if lock.exists() {
        fs::copy(lock, package.join("Cargo.lock")).expect("the target directory can be written");
    }
    let output = dir.join(name).with_extension("s");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(&package)
        .args(["rustc", "--quiet", "--lib", "--release", "--target-dir"])
        .arg(dir.join("target"));
    cargo.args(["--", "-Ccodegen-units=1", "--cap-lints=allow"]).arg(format!("--emit=asm={}", output.display()));
    // What cargo has set for this test is not for that build.
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(name);
    }
    let built = cargo.output().expect("cargo starts");
    assert!(built.status.success(), "{cargo:?}\n{}", String::from_utf8_lossy(&built.stderr));
    fs::read_to_string(output).expect("rustc has written the assembly")
}

fn check(version: &'static Version) {
    let differences = differences(exported_by(version.subject), &SHORTER, &version.listings);
    assert!(differences.is_empty(), "gordian adds instructions:\n{differences}");
}

#[test]
fn built_off_gordian_adds_no_instruction_to_parking_lot() {
    check(&OLD);
}

#[test]
fn built_off_gordian_adds_no_instruction_to_parking_lot_0_13() {
    check(&NEW);
}

#[test]
fn the_subject_of_parking_lot_has_code_to_compare() {
    for version in [&*OLD, &*NEW] {
        let real = Listing::parse(&version.listings.0);
        assert!(exported_by(version.subject).count() > 30);
        for function in exported_by(version.subject) {
            assert!(real.reached_from(function).lines().count() > 1, "{function} has no instruction");
        }
    }
}
