//! A crate as it was published: fetched by cargo, which checks it and unpacks it.

use crate::suite::{cargo, scratch::scratch_folder};
use serde_json::Value;
use std::{fs, path::PathBuf};

/// A crate, unpacked where cargo keeps it.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) folder: PathBuf,
}

/// From `NAME` or `NAME@VERSION`.
pub(crate) fn fetch(asked: &str) -> Result<Published, String> {
    let (name, version) = asked.split_once('@').unwrap_or((asked, ""));
    let is_word = |text: &str, beside: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || beside.contains(c));
    if name.is_empty() || !is_word(name, "-_") || !is_word(version, ".-+") {
        return Err(format!("`{asked}` is not a crate: NAME or NAME@VERSION is wanted, as in threadpool@1.8.1"));
    }
    let requirement = if version.is_empty() { "*".to_owned() } else { format!("={version}") };
    let folder = scratch_folder().join("crates/fetch").join(asked.replace('@', "-"));
    let manifest = format!(
        "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\n{name} = \"{requirement}\"\n"
    );
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src"))
        .and_then(|()| fs::write(folder.join("src/lib.rs"), ""))
        .and_then(|()| fs::write(folder.join("Cargo.toml"), manifest))
        .map_err(|error| format!("cannot write {}: {error}", folder.display()))?;
    let output = cargo::command(&folder, &folder.join("target"), &["metadata", "--format-version=1"])
        .output()
        .map_err(|error| format!("cargo cannot be run: {error}"))?;
    if !output.status.success() {
        return Err(complaint(name, version, &String::from_utf8_lossy(&output.stderr)));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    published(&metadata).ok_or_else(|| format!("cargo metadata does not say where {asked} is"))
}

/// The only dependency of the package that cargo was asked about.
fn published(metadata: &Value) -> Option<Published> {
    let resolve = &metadata["resolve"];
    let nodes = resolve["nodes"].as_array()?;
    let root = nodes.iter().find(|node| node["id"] == resolve["root"])?;
    let id = &root["deps"].as_array()?.first()?["pkg"];
    let package = metadata["packages"].as_array()?.iter().find(|package| package["id"] == *id)?;
    Some(Published {
        name: package["name"].as_str()?.to_owned(),
        version: package["version"].as_str()?.to_owned(),
        folder: PathBuf::from(package["manifest_path"].as_str()?).parent()?.to_path_buf(),
    })
}

/// In one sentence, why cargo has no such crate.
fn complaint(name: &str, version: &str, said: &str) -> String {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&["no matching package named", "not found in registry", "no matching package found"]) {
        format!("the registry has no crate `{name}`")
    } else if has(&["failed to parse the version requirement"]) {
        format!("`{version}` is not a version, such as 1.8.1")
    } else if has(&["failed to select a version", "candidate versions found which didn't match"]) {
        format!("the registry has no version `{version}` of `{name}` that can be built here: {}", first_error(said))
    } else if has(&["download", "network", "resolve host", "timed out", "connect"]) {
        format!("the registry cannot be reached: {}", first_error(said))
    } else {
        format!("cargo cannot fetch {name}: {}", first_error(said))
    }
}

fn first_error(said: &str) -> String {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let first = lines.iter().position(|line| line.starts_with("error:")).unwrap_or(0);
    let lines = lines[first.min(lines.len())..].iter().take_while(|line| !line.starts_with("location searched"));
    lines.take(3).copied().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{complaint, fetch};

    #[test]
    fn what_is_no_name_is_said_before_cargo_is_asked() {
        for wrong in ["", "a b", "../x", "@1.0", "a@1 0", "a@\"\n"] {
            let said = fetch(wrong).expect_err(wrong);
            assert!(said.contains("NAME@VERSION is wanted"), "{said}");
        }
    }

    #[test]
    fn complaints_are_one_sentence() {
        let missing =
            "    Updating crates.io index\nerror: no matching package named `nono` found\nlocation searched: x\n";
        assert_eq!(complaint("nono", "", missing), "the registry has no crate `nono`");
        let old = "error: failed to select a version for the requirement `a = \"=9.0.0\"`\ncandidate versions found which didn't match: 1.0\n";
        assert!(complaint("a", "9.0.0", old).starts_with("the registry has no version `9.0.0` of `a`"));
        let offline = "warning: spurious network error\nerror: failed to download `a`\n\nCaused by:\n  [6] Could not resolve host\n";
        let said = complaint("a", "", offline);
        assert!(said.starts_with("the registry cannot be reached: error: failed to download"), "{said}");
        assert!(!said.contains('\n'));
    }
}
