//! The source of the standard library, with its tests: from Debian's package `rust-web-src` or `rust-src`, unpacked, not
//! installed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Debian's packages, the one that is kept newest first.
const PACKAGES: [&str; 2] = ["rust-web-src", "rust-src"];

/// An unpacked source.
pub(crate) struct StdSource {
    /// It has `std`, `core`, …
    library: PathBuf,
    /// `1.96.0`
    pub(crate) version: String,
}

impl StdSource {
    /// From a folder that contains `library`, or, without one, from Debian's newest package, which is unpacked into `scratch`.
    pub(crate) fn find(given: Option<&Path>, scratch: &Path) -> Result<StdSource, String> {
        let root = match given {
            Some(folder) => folder.to_path_buf(),
            None => unpacked(scratch)?,
        };
        let library = if root.ends_with("library") { root } else { root.join("library") };
        if !library.join("std/src/lib.rs").is_file() {
            return Err(format!(
                "{} is not a source of the standard library: it has no std/src/lib.rs",
                library.display()
            ));
        }
        Ok(StdSource { version: version(&library), library })
    }

    /// A file, named as in `library`.
    pub(crate) fn read(&self, path: &str) -> Result<String, String> {
        let path = self.library.join(path);
        fs::read_to_string(&path).map_err(|error| format!("the source lacks {}: {error}", path.display()))
    }

    /// The files of Rust in a folder, without those of its folders, and those of its folders.
    pub(crate) fn files(&self, folder: &str) -> Result<Vec<String>, String> {
        let path = self.library.join(folder);
        let entries = fs::read_dir(&path).map_err(|error| format!("the source lacks {}: {error}", path.display()))?;
        let mut files = Vec::new();
        for name in entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
            let inner = format!("{folder}/{name}");
            if self.library.join(&inner).is_dir() {
                files.extend(self.files(&inner)?);
            } else if name.ends_with(".rs") {
                files.push(inner);
            }
        }
        files.sort();
        Ok(files)
    }
}

/// Of the release that it is the source of: Debian's folders are called `rustc-1.96.0`.
fn version(library: &Path) -> String {
    let named = library.ancestors().filter_map(Path::file_name).filter_map(|name| name.to_str());
    let version = named.filter_map(|name| name.strip_prefix("rustc-")).next().map(str::to_owned);
    let in_file = || fs::read_to_string(library.parent()?.join("version")).ok();
    version.or_else(in_file).unwrap_or_else(|| "unknown".to_owned()).trim().to_owned()
}

fn unpacked(scratch: &Path) -> Result<PathBuf, String> {
    let (package, version) = newest()?;
    let folder = scratch.join(format!("{package}_{}", version.replace([':', '/'], "_")));
    if !folder.is_dir() {
        let partial = folder.with_extension("partial");
        let _ = fs::remove_dir_all(&partial);
        fs::create_dir_all(&partial).map_err(|error| format!("cannot make {}: {error}", partial.display()))?;
        run(Command::new("apt-get").args(["download", &format!("{package}={version}")]).current_dir(&partial))?;
        // The library alone: the rest is several times as much.
        let unpack = "dpkg-deb --fsys-tarfile ./*.deb | tar -x --wildcards './usr/src/*/library/*' && rm ./*.deb";
        run(Command::new("sh").args(["-c", unpack]).current_dir(&partial))?;
        fs::rename(&partial, &folder).map_err(|error| format!("cannot rename {}: {error}", partial.display()))?;
    }
    let sources = folder.join("usr/src");
    let entries = fs::read_dir(&sources).map_err(|error| format!("{package} has no usr/src: {error}"))?;
    let roots = entries.flatten().map(|entry| entry.path());
    roots.filter(|root| root.join("library").is_dir()).max().ok_or_else(|| format!("{package} has no library"))
}

/// The package with the newest source, and its version.
fn newest() -> Result<(&'static str, String), String> {
    let asked = Command::new("apt-cache").arg("policy").args(PACKAGES).env("LC_ALL", "C").output();
    let said = asked.map_err(|error| {
        format!(
            "apt-cache cannot be run ({error}): name a folder with the source of the standard library with --source"
        )
    })?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    PACKAGES
        .into_iter()
        .filter_map(|package| {
            let entry = said.split_once(&format!("{package}:\n"))?.1;
            let candidate = entry.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
            (candidate != "(none)").then(|| (package, candidate.to_owned()))
        })
        .max_by_key(|(_, version)| numbers(version))
        .ok_or_else(|| "apt knows neither rust-web-src nor rust-src: run `apt-get update` first".to_owned())
}

fn numbers(version: &str) -> Vec<u64> {
    let upstream = version.split(['+', '~', '-']).next().unwrap_or_default();
    upstream.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("cannot run {name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{numbers, version};
    use std::path::Path;

    #[test]
    fn versions() {
        assert!(numbers("1.96.0+dfsg1-1~deb12u2") > numbers("1.63.0+dfsg1-2"));
        assert_eq!(version(Path::new("/x/usr/src/rustc-1.96.0/library")), "1.96.0");
    }
}
