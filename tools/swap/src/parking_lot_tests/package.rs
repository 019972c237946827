//! Packages as they were published, from cargo's own store of sources.

use crate::suite::{cargo, deadline, scratch::repository};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Packages that have to be downloaded may take this long.
const DEADLINE: Duration = Duration::from_secs(300);

/// The source of one package.
pub(crate) struct Package {
    pub(crate) version: String,
    pub(crate) edition: String,
    pub(crate) default_features: Vec<String>,
    folder: PathBuf,
    /// By name, what its tests need: the value of a line in a manifest.
    dev_dependencies: BTreeMap<String, String>,
}

/// All packages that gordian is built with; cargo downloads those that it does not have yet.
pub(crate) struct Packages(Value);

impl Packages {
    pub(crate) fn find() -> Result<Packages, String> {
        let arguments = ["metadata", "--format-version=1", "--all-features", "--quiet"];
        let mut command = cargo::command(&repository(), &repository().join("target"), &arguments);
        let ended = deadline::run(&mut command, DEADLINE)?;
        let json = ended.output.lines().find(|line| line.starts_with('{')).unwrap_or_default();
        match serde_json::from_str(json) {
            Ok(metadata) if ended.succeeded() => Ok(Packages(metadata)),
            _ => Err(format!("cargo does not tell the packages: {}", ended.output.trim())),
        }
    }

    /// The published package of that name whose version begins like this (`0.12.`), if gordian is built with one.
    pub(crate) fn package(&self, name: &str, version: &str) -> Result<Option<Package>, String> {
        let packages = self.0["packages"].as_array().into_iter().flatten();
        let is_wanted = |package: &&Value| {
            package["name"] == name
                && package["source"].is_string()
                && package["version"].as_str().is_some_and(|its| its.starts_with(version))
        };
        packages.filter(is_wanted).max_by_key(|package| numbers(&package["version"])).map(Package::read).transpose()
    }
}

fn numbers(version: &Value) -> Vec<u64> {
    let numbers = version.as_str().unwrap_or_default().split(['.', '-', '+']);
    numbers.map(|number| number.parse().unwrap_or(0)).collect()
}

impl Package {
    fn read(package: &Value) -> Result<Package, String> {
        let text = |field: &str| {
            package[field].as_str().map(str::to_owned).ok_or_else(|| format!("cargo tells no {field} of a package"))
        };
        let manifest = PathBuf::from(text("manifest_path")?);
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        let dev_dependencies = dependencies.filter(|dependency| dependency["kind"] == "dev").filter_map(line);
        Ok(Package {
            version: text("version")?,
            edition: text("edition")?,
            default_features: package["features"]["default"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(name)
                .collect(),
            folder: manifest.parent().unwrap_or(&manifest).to_path_buf(),
            dev_dependencies: dev_dependencies.collect(),
        })
    }

    /// The files of Rust in one of its folders, and what each is called without `.rs`; none where there is no such folder.
    pub(crate) fn files(&self, folder: &str) -> Result<Vec<(String, String)>, String> {
        let Ok(entries) = fs::read_dir(self.folder.join(folder)) else { return Ok(Vec::new()) };
        let paths = entries.flatten().map(|entry| entry.path());
        let mut files: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|its| its == "rs")).collect();
        files.sort();
        files.iter().map(|file| Ok((stem(file), read(file)?))).collect()
    }
}

fn name(feature: &Value) -> Option<String> {
    feature.as_str().map(str::to_owned)
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))
}

fn line(dependency: &Value) -> Option<(String, String)> {
    let mut line = format!(
        "{{ version = {}, default-features = {}, features = {}",
        dependency["req"], dependency["uses_default_features"], dependency["features"]
    );
    let name = match dependency["rename"].as_str() {
        Some(name) => {
            line.push_str(&format!(", package = {}", dependency["name"]));
            name
        }
        None => dependency["name"].as_str()?,
    };
    Some((name.to_owned(), line + " }"))
}

/// What the tests of these packages need: lines of a manifest.
pub(crate) fn dev_dependencies(packages: &[&Package]) -> String {
    let all: BTreeMap<&String, &String> = packages.iter().flat_map(|package| &package.dev_dependencies).collect();
    all.iter().map(|(name, line)| format!("{name} = {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Packages, dev_dependencies};
    use serde_json::json;

    #[test]
    fn a_package_is_found_with_what_its_tests_need() {
        let package = |version: &str, source: Option<&str>| {
            json!({
                "name": "a", "version": version, "source": source, "edition": "2021", "manifest_path": "/b/Cargo.toml",
                "features": { "default": ["g"], "g": [] },
                "dependencies": [
                    { "name": "c", "kind": null, "req": "^1", "features": [], "uses_default_features": true },
                    { "name": "d", "rename": "e", "kind": "dev", "req": "^2", "features": ["f"], "uses_default_features": false },
                ],
            })
        };
        let packages = [package("1.2.9", Some("x")), package("1.2.10", Some("x")), package("1.2.99", None)];
        let packages = Packages(json!({ "packages": packages }));
        let found = packages.package("a", "1.2.").ok().flatten().expect("there are two");
        assert_eq!((found.version.as_str(), found.edition.as_str()), ("1.2.10", "2021"));
        assert_eq!(found.default_features, ["g"]);
        let needed = "e = { version = \"^2\", default-features = false, features = [\"f\"], package = \"d\" }\n";
        assert_eq!(dev_dependencies(&[&found]), needed);
        assert!(packages.package("a", "1.3.").is_ok_and(|found| found.is_none()));
    }
}
