//! Looks for the published source where cargo keeps it, and lays it out for `src/lib.rs`.
//!
//! A dependency would be the way, were it not for `[patch]`: where a program patches `parking_lot`, cargo lets nobody in it
//! depend on the published one. So cargo is asked for it in a project of its own.

use serde_json::Value;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let source = published(&out.join("asks")).join("src");
    for entry in fs::read_dir(&source).expect("the package has a source folder").flatten() {
        let text = fs::read_to_string(entry.path()).expect("it is text");
        // Tests come last, and need more crates.
        let code = text.split("\n#[cfg(test)]\n").next().unwrap_or_default();
        let code = if entry.file_name() == "lib.rs" { included(code) } else { code.to_owned() };
        fs::write(out.join(entry.file_name()), code).expect("the build folder can be written");
    }
}

/// The folder of the published package; cargo fetches it if need be.
fn published(asks: &Path) -> PathBuf {
    let version = env!("CARGO_PKG_VERSION");
    let manifest = format!(
        "[package]\nname = \"asks\"\nedition = \"2021\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n\
         [dependencies]\nparking_lot = \"={version}\"\n"
    );
    fs::create_dir_all(asks).expect("the build folder can be written");
    fs::write(asks.join("Cargo.toml"), manifest).expect("the build folder can be written");
    fs::write(asks.join("lib.rs"), "").expect("the build folder can be written");
    // What is here already does without the network.
    let answer = ask(asks, &["--offline"]).or_else(|_| ask(asks, &[])).unwrap_or_else(|error| panic!("{error}"));
    let metadata: Value = serde_json::from_slice(&answer).expect("cargo speaks JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    let package = packages.iter().find(|package| package["name"] == "parking_lot").expect("it is among them");
    let manifest = Path::new(package["manifest_path"].as_str().expect("it has a manifest"));
    manifest.parent().expect("it is in a folder").to_owned()
}

fn ask(asks: &Path, more: &[&str]) -> Result<Vec<u8>, String> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let output = cargo.args(["metadata", "--format-version", "1"]).args(more).current_dir(asks).output();
    match output.map_err(|error| format!("cargo does not run: {error}"))? {
        output if output.status.success() => Ok(output.stdout),
        output => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// What is included may not have attributes of its own, nor a page of its own.
fn included(lib: &str) -> String {
    let inner = |line: &&str| line.starts_with("#![") || line.starts_with("//!");
    lib.lines().filter(|line| !inner(line)).map(|line| format!("{line}\n")).collect()
}
