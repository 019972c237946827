//! Built off, gordian is std: `subject.rs` compiles to the same instructions with either.
//!
//! What is compared is every exported function with everything that it reaches inside its object file: the functions
//! that the compiler did not inline, drop glue, closures behind vtables. Names of labels and of such functions are not
//! compared, since they differ by hash and number; names of functions elsewhere are, since those are std's.

mod listing;
#[cfg(feature = "parking_lot")]
mod parking_lot;

use listing::Listing;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

const SUBJECT: &str = include_str!("subject.rs");

/// What its exported functions are.
fn exported_by(subject: &'static str) -> impl Iterator<Item = &'static str> {
    subject.lines().filter_map(|line| line.strip_prefix("pub fn ")?.split(['(', '<']).next())
}

/// Compared by what they call and by how much they do. Where a lock is made or consumed it moves as one value, padding
/// included, and of two nested locks the compiler may lay out the paths in another order. It then saves an instruction
/// or two: it may never need one more, nor another call. All others are compared word by word.
const SHORTER: [&str; 4] = ["mutex_new", "mutex_into_inner", "mutex_nested", "lazy_lock_static"];

/// The subject on std, and on gordian built off.
static LISTINGS: LazyLock<(String, String)> = LazyLock::new(|| {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("off_asm");
    fs::create_dir_all(&dir).expect("the target directory can be written");
    let gordian = build_gordian(&dir);
    let swapped = SUBJECT.replacen("use std::{sync, thread};", "use gordian::{sync, thread};", 1);
    assert_ne!(SUBJECT, swapped, "the subject's imports can be swapped");
    (assembly(&dir, "on_std", SUBJECT, &gordian), assembly(&dir, "on_gordian", &swapped, &gordian))
});

fn rustc() -> Command {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition=2024", "--crate-type=rlib", "--cap-lints=allow", "-Copt-level=3", "-Ccodegen-units=1"]);
    rustc
}

/// Without features the crate watches nothing, and needs no other crate.
fn build_gordian(dir: &Path) -> PathBuf {
    let library = dir.join("libgordian.rlib");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    run(rustc().arg("--crate-name=gordian").arg(source).arg("-o").arg(&library));
    library
}

fn assembly(dir: &Path, name: &str, source: &str, gordian: &Path) -> String {
    let (input, output) = (dir.join(name).with_extension("rs"), dir.join(name).with_extension("s"));
    fs::write(&input, source).expect("the target directory can be written");
    let mut dependency = std::ffi::OsString::from("gordian=");
    dependency.push(gordian);
    run(rustc()
        .args(["--crate-name=subject", "--emit=asm"])
        .arg("--extern")
        .arg(dependency)
        .arg(input)
        .arg("-o")
        .arg(&output));
    fs::read_to_string(output).expect("rustc has written the assembly")
}

fn run(command: &mut Command) {
    let output = command.output().expect("rustc starts");
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

fn exported() -> impl Iterator<Item = &'static str> {
    exported_by(SUBJECT)
}

#[test]
fn built_off_gordian_adds_no_instruction() {
    let differences = differences(exported(), &SHORTER, &LISTINGS);
    assert!(differences.is_empty(), "gordian adds instructions:\n{differences}");
}

/// Of these functions, on the real crate and on gordian. Those that may be `shorter` are compared as [`SHORTER`] says.
fn differences<'a>(
    exported: impl Iterator<Item = &'a str>,
    shorter: &[&str],
    (real, gordian): &'a (String, String),
) -> String {
    let (real, gordian) = (Listing::parse(real), Listing::parse(gordian));
    let mut differences = String::new();
    for function in exported {
        let (real, gordian) = (real.reached_from(function), gordian.reached_from(function));
        let fits = match shorter.contains(&function) {
            true => {
                listing::calls(&gordian) == listing::calls(&real)
                    && listing::instructions(&gordian) <= listing::instructions(&real)
            }
            false => gordian == real,
        };
        if !fits {
            differences += &format!("--- {function} on the real one\n{real}--- {function} on gordian\n{gordian}");
        }
    }
    differences
}

#[test]
fn the_subject_has_code_to_compare() {
    let std = Listing::parse(&LISTINGS.0);
    assert!(exported().count() > 30);
    for function in exported() {
        assert!(std.reached_from(function).lines().count() > 1, "{function} has no instruction");
    }
}

#[test]
fn one_more_instruction_is_seen_wherever_it_is() {
    let plain = &LISTINGS.1;
    let listing = Listing::parse(plain);
    let before: Vec<_> = exported().map(|function| listing.reached_from(function)).collect();
    let reached = listing.symbols_reached_from(exported());
    assert!(reached.len() > exported().count(), "some functions are not inlined, and are followed");
    for symbol in reached {
        let more = plain.replacen(&format!("\n{symbol}:\n"), &format!("\n{symbol}:\n\tnop\n"), 1);
        assert_ne!(*plain, more, "{symbol} starts with its label");
        let listing = Listing::parse(&more);
        let seen = exported().zip(&before).any(|(function, before)| listing.reached_from(function) != *before);
        assert!(seen, "an instruction more in {symbol} is not seen");
    }
}
