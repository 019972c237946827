//! A copy of a published crate, with its paths rewritten where it is tried with gordian.

use super::{manifest::Manifest, registry::Published};
use crate::{
    rewrite::{Kind, Rule, rewrite, rewrite_docs, tokens},
    suite::{
        cargo,
        scratch::{Side, repository},
    },
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What cargo and rustup would take for orders, and what they left behind.
const NOT_COPIED: [&str; 8] =
    ["target", ".cargo", ".git", ".cargo-ok", "rust-toolchain", "rust-toolchain.toml", "Cargo.lock", "Cargo.toml"];

/// Copies it into a folder, in the place of what an earlier run has left there. What could not be rewritten is said.
pub(crate) fn copy(
    published: &Published,
    manifest: &Manifest,
    side: Side,
    leave: &[PathBuf],
    folder: &Path,
) -> Result<Vec<String>, String> {
    let _ = fs::remove_dir_all(folder);
    let mut copy = Copy {
        from: &published.folder,
        to: folder,
        rules: rules(manifest, side),
        leave: leave.to_vec(),
        notes: Vec::new(),
    };
    copy.leave.push(PathBuf::from(manifest.build_script()));
    copy.folder(Path::new(""))?;
    write(&folder.join("Cargo.toml"), &manifest.text(side)?)?;
    if side != Side::Real && manifest.is_of_2015() {
        for root in roots(folder)? {
            let text = fs::read_to_string(&root).map_err(|error| format!("cannot read {}: {error}", root.display()))?;
            write(&root, &with_extern_crate(&text)?)?;
        }
    }
    // The versions that gordian itself is tested with.
    if let Ok(lock) = fs::read_to_string(repository().join("Cargo.lock")) {
        write(&folder.join("Cargo.lock"), &lock)?;
    }
    Ok(copy.notes)
}

fn rules(manifest: &Manifest, side: Side) -> Vec<Rule> {
    if side == Side::Real {
        return Vec::new();
    }
    let mut rules = crate::rewrite::std_to_gordian();
    rules.extend(manifest.parking_lot.map(|module| Rule::new("parking_lot", &format!("gordian::{module}"))));
    rules
}

struct Copy<'a> {
    from: &'a Path,
    to: &'a Path,
    rules: Vec<Rule>,
    leave: Vec<PathBuf>,
    notes: Vec<String>,
}

impl Copy<'_> {
    fn folder(&mut self, inner: &Path) -> Result<(), String> {
        let (from, to) = (self.from.join(inner), self.to.join(inner));
        let cannot = |error: std::io::Error| format!("cannot copy {}: {error}", from.display());
        fs::create_dir_all(&to).map_err(cannot)?;
        let mut entries: Vec<_> = fs::read_dir(&from).map_err(cannot)?.flatten().collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = inner.join(entry.file_name());
            let is_top = inner.as_os_str().is_empty();
            if is_top && NOT_COPIED.iter().any(|name| Path::new(name) == path) {
                continue;
            }
            if entry.path().is_dir() {
                self.folder(&path)?;
            } else {
                self.file(&path)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, inner: &Path) -> Result<(), String> {
        let (from, to) = (self.from.join(inner), self.to.join(inner));
        let left = self.rules.is_empty() || self.leave.iter().any(|leave| inner.starts_with(leave));
        if !left && inner.extension().is_some_and(|extension| extension == "rs") {
            match fs::read_to_string(&from).map_err(|error| error.to_string()).and_then(|text| self.rewritten(&text)) {
                Ok(text) => return write(&to, &text),
                Err(why) => self.notes.push(format!("{} is left as it is: {why}", inner.display())),
            }
        }
        fs::copy(&from, &to).map(|_| ()).map_err(|error| format!("cannot copy {}: {error}", from.display()))
    }

    fn rewritten(&self, text: &str) -> Result<String, String> {
        Ok(rewrite_docs(&rewrite(text, &self.rules)?, &self.rules))
    }
}

/// The main files of all its programs, and of its library.
fn roots(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let output = cargo::command(folder, folder, &["metadata", "--no-deps", "--format-version=1"]).output();
    let output = output.map_err(|error| format!("cargo cannot be run: {error}"))?;
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("cargo does not take the manifest: {}", String::from_utf8_lossy(&output.stderr).trim()))?;
    let targets = metadata["packages"][0]["targets"].as_array().into_iter().flatten();
    let targets = targets.filter(|target| target["kind"][0] != "custom-build");
    Ok(targets.filter_map(|target| target["src_path"].as_str()).map(PathBuf::from).collect())
}

/// The source text of a root that names gordian before anything else, in the line of what it begins with.
fn with_extern_crate(text: &str) -> Result<String, String> {
    let tokens = tokens(text)?;
    let mut at = 0;
    while tokens.get(at).is_some_and(|token| token.is_punct('#'))
        && tokens.get(at + 1).is_some_and(|token| token.is_punct('!'))
    {
        let mut depth = 0;
        at += 2;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token.kind {
                Kind::Open(_) => depth += 1,
                Kind::Close => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    // A text without an item may end in a comment.
    let Some(first) = tokens.get(at) else { return Ok(format!("{text}\nextern crate gordian;\n")) };
    let place = first.range.start;
    Ok(format!("{}extern crate gordian; {}", &text[..place], &text[place..]))
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::with_extern_crate;

    #[test]
    fn a_root_of_2015_names_the_crate() {
        let becomes = |before: &str, after: &str| assert_eq!(with_extern_crate(before).as_deref(), Ok(after));
        becomes("fn main() {}", "extern crate gordian; fn main() {}");
        becomes(
            "//! A [crate].\n#![allow(unused(a))]\n// It\n/// has\n#[macro_use] extern crate b;\n",
            "//! A [crate].\n#![allow(unused(a))]\n// It\nextern crate gordian; /// has\n#[macro_use] extern crate b;\n",
        );
        becomes("#![no_std] // it has", "#![no_std] // it has\nextern crate gordian;\n");
    }
}
