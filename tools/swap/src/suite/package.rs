//! Packages as they were published, from cargo's own store of sources.

use super::{cargo, deadline, scratch::repository};
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
    pub(crate) homepage: Option<String>,
    folder: PathBuf,
    /// By name, what each of its features brings.
    features: Value,
    dependencies: Vec<Dependency>,
}

/// What it needs: a line in a manifest, which may be there for some targets only.
struct Dependency {
    /// For its tests alone.
    dev: bool,
    target: Option<String>,
    name: String,
    value: String,
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
        Ok(Package {
            version: text("version")?,
            edition: text("edition")?,
            homepage: text("homepage").ok(),
            folder: manifest.parent().unwrap_or(&manifest).to_path_buf(),
            features: package["features"].clone(),
            dependencies: dependencies.filter_map(Dependency::read).collect(),
        })
    }

    /// What this feature of its brings.
    pub(crate) fn feature(&self, name: &str) -> Vec<String> {
        self.features[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Those of its own dependencies that have these names, for tests that use them, too: lines of a manifest.
    pub(crate) fn dependencies(&self, names: &[&str]) -> String {
        let asked = |one: &&Dependency| !one.dev && one.target.is_none() && names.contains(&one.name.as_str());
        self.dependencies.iter().filter(asked).map(|one| format!("{} = {}\n", one.name, one.value)).collect()
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

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))
}

impl Dependency {
    fn read(dependency: &Value) -> Option<Dependency> {
        let mut value = format!(
            "{{ version = {}, default-features = {}, features = {}",
            dependency["req"], dependency["uses_default_features"], dependency["features"]
        );
        let name = match dependency["rename"].as_str() {
            Some(name) => {
                value.push_str(&format!(", package = {}", dependency["name"]));
                name
            }
            None => dependency["name"].as_str()?,
        };
        let target = dependency["target"].as_str().map(str::to_owned);
        Some(Dependency { dev: dependency["kind"] == "dev", target, name: name.to_owned(), value: value + " }" })
    }
}

/// What the tests of these packages need: lines of a manifest that continue its dependencies.
pub(crate) fn dev_dependencies(packages: &[&Package]) -> String {
    // Those for all targets come first, as they have no header of their own.
    let mut tables: BTreeMap<Option<&str>, BTreeMap<&str, &str>> = BTreeMap::new();
    for dependency in packages.iter().flat_map(|package| &package.dependencies).filter(|dependency| dependency.dev) {
        tables.entry(dependency.target.as_deref()).or_default().insert(&dependency.name, &dependency.value);
    }
    let mut lines = String::new();
    for (target, dependencies) in tables {
        lines.extend(target.map(|target| format!("\n[target.{target:?}.dependencies]\n")));
        lines.extend(dependencies.iter().map(|(name, value)| format!("{name} = {value}\n")));
    }
    lines
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
                    { "name": "h", "kind": "dev", "req": "^3", "features": [], "uses_default_features": true, "target": "cfg(a = \"b\")" },
                    { "name": "d", "rename": "e", "kind": "dev", "req": "^2", "features": ["f"], "uses_default_features": false },
                ],
            })
        };
        let packages = [package("1.2.9", Some("x")), package("1.2.10", Some("x")), package("1.2.99", None)];
        let packages = Packages(json!({ "packages": packages }));
        let found = packages.package("a", "1.2.").ok().flatten().expect("there are two");
        assert_eq!((found.version.as_str(), found.edition.as_str()), ("1.2.10", "2021"));
        assert_eq!(found.feature("default"), ["g"]);
        let needed = "e = { version = \"^2\", default-features = false, features = [\"f\"], package = \"d\" }\n\n\
                      [target.\"cfg(a = \\\"b\\\")\".dependencies]\n\
                      h = { version = \"^3\", default-features = true, features = [] }\n";
        assert_eq!(dev_dependencies(&[&found]), needed);
        assert_eq!(
            found.dependencies(&["c", "e"]),
            "c = { version = \"^1\", default-features = true, features = [] }\n"
        );
        assert!(packages.package("a", "1.3.").is_ok_and(|found| found.is_none()));
    }
}
