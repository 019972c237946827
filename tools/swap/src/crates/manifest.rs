//! The manifest of a published crate, made that of a package of its own.

use crate::suite::scratch::{Side, repository};
use std::path::Path;
use toml::{Table, Value};

pub(crate) struct Manifest {
    table: Table,
    /// What was left out, one sentence each.
    pub(crate) notes: Vec<String>,
    /// gordian's module for the parking_lot that it uses; also the feature that has it.
    pub(crate) parking_lot: Option<&'static str>,
}

const TARGETS: [(&str, &str); 4] =
    [("test", "tests"), ("bench", "benches"), ("example", "examples"), ("bin", "src/bin")];
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

impl Manifest {
    /// Of the package in that folder.
    pub(crate) fn read(folder: &Path) -> Result<Manifest, String> {
        let file = folder.join("Cargo.toml");
        let text =
            std::fs::read_to_string(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let table = text.parse::<Table>().map_err(|error| format!("{}: {error}", file.display()))?;
        let mut manifest = Manifest { table, notes: Vec::new(), parking_lot: None };
        manifest.make_own();
        manifest.leave_out_targets(folder);
        manifest.leave_out_paths();
        manifest.look_for_parking_lot();
        Ok(manifest)
    }

    /// With gordian, as that side has it.
    pub(crate) fn text(&self, side: Side) -> Result<String, String> {
        let mut table = self.table.clone();
        if side != Side::Real {
            let mut gordian = Table::new();
            gordian.insert("path".to_owned(), Value::String(repository().display().to_string()));
            let mut features = Vec::new();
            if side == Side::Watching {
                features.push(Value::String("watch".to_owned()));
            }
            features.extend(self.parking_lot.map(|feature| Value::String(feature.to_owned())));
            gordian.insert("features".to_owned(), Value::Array(features));
            gordian.insert("default-features".to_owned(), Value::Boolean(false));
            let dependencies = table.entry("dependencies").or_insert_with(|| Value::Table(Table::new()));
            let dependencies = dependencies.as_table_mut().ok_or("its `dependencies` are no table")?;
            dependencies.insert("gordian".to_owned(), Value::Table(gordian));
        }
        toml::to_string(&table).map_err(|error| format!("the manifest cannot be written: {error}"))
    }

    /// Whether it is of the edition in which a crate is named in its root before it can be used.
    pub(crate) fn is_of_2015(&self) -> bool {
        let edition = self.table.get("package").and_then(|package| package.get("edition")?.as_str());
        edition.is_none_or(|edition| edition == "2015")
    }

    /// The file of its build script, which runs before there is a gordian.
    pub(crate) fn build_script(&self) -> &str {
        self.table.get("package").and_then(|package| package.get("build")?.as_str()).unwrap_or("build.rs")
    }

    /// Whether that program of tests has a harness of its own; its kind is one of cargo's.
    pub(crate) fn has_own_harness(&self, kind: &str, name: &str) -> bool {
        let named = |target: &&Value| target.get("name").and_then(Value::as_str) == Some(name);
        let listed = self.table.get(kind).and_then(Value::as_array).into_iter().flatten().find(named);
        let target = if kind == "lib" { self.table.get("lib") } else { listed };
        target.and_then(|target| target.get("harness")?.as_bool()) == Some(false)
    }

    fn make_own(&mut self) {
        for key in ["workspace", "profile", "patch", "replace", "lints"] {
            self.table.remove(key);
        }
        self.table.insert("workspace".to_owned(), Value::Table(Table::new()));
        if let Some(package) = self.table.get_mut("package").and_then(Value::as_table_mut) {
            package.remove("workspace");
        }
        // Like std's tests: fast enough, and with the assertions of a debug build.
        let mut dev = Table::new();
        dev.insert("debug".to_owned(), Value::Integer(0));
        dev.insert("opt-level".to_owned(), Value::Integer(1));
        let mut profile = Table::new();
        profile.insert("dev".to_owned(), Value::Table(dev));
        self.table.insert("profile".to_owned(), Value::Table(profile));
    }

    /// Programs that the manifest names and the package does not have.
    fn leave_out_targets(&mut self, folder: &Path) {
        for (kind, default) in TARGETS {
            let Some(targets) = self.table.get_mut(kind).and_then(Value::as_array_mut) else { continue };
            targets.retain(|target| {
                let name = target.get("name").and_then(Value::as_str).unwrap_or_default();
                let given = target.get("path").and_then(Value::as_str).map(str::to_owned);
                let usual = || vec![format!("{default}/{name}.rs"), format!("{default}/{name}/main.rs")];
                let mut files = given.map_or_else(usual, |path| vec![path]);
                if kind == "bin" {
                    files.push("src/main.rs".to_owned());
                }
                let published = files.iter().any(|file| folder.join(file).is_file());
                if !published {
                    self.notes.push(format!("the {kind} `{name}` was not published"));
                }
                published
            });
        }
    }

    /// What lay beside the package is not there.
    fn leave_out_paths(&mut self) {
        let mut notes = Vec::new();
        for dependencies in dependencies_mut(&mut self.table) {
            dependencies.retain(|name, dependency| {
                let Some(dependency) = dependency.as_table_mut() else { return true };
                let published = dependency.remove("path").is_none() || dependency.contains_key("version");
                if !published {
                    notes.push(format!("the dependency `{name}` was not published"));
                }
                published
            });
        }
        self.notes.append(&mut notes);
    }

    /// A version that gordian does not have is asked for as 0.12, on all sides alike.
    fn look_for_parking_lot(&mut self) {
        let mut others = Vec::new();
        for dependencies in dependencies_mut(&mut self.table) {
            let Some(version) = dependencies.get_mut("parking_lot").and_then(requirement) else { continue };
            let number = version.trim_start_matches(['^', '=', '~', '>', ' ']);
            let module = if number.starts_with("0.13") { "parking_lot_0_13" } else { "parking_lot" };
            if !number.starts_with("0.12") && !number.starts_with("0.13") {
                others.push(std::mem::replace(version, "0.12".to_owned()));
            }
            self.parking_lot = Some(module);
        }
        let said = |other| format!("parking_lot {other} is replaced by 0.12, whose types gordian has, on all sides");
        self.notes.extend(others.into_iter().map(said));
    }
}

/// The version that is asked for.
fn requirement(dependency: &mut Value) -> Option<&mut String> {
    let version = if dependency.is_table() { dependency.get_mut("version")? } else { dependency };
    if let Value::String(version) = version { Some(version) } else { None }
}

/// All tables of dependencies, those of some targets included.
fn dependencies_mut(table: &mut Table) -> Vec<&mut Table> {
    let mut found = Vec::new();
    for (key, value) in table.iter_mut() {
        let Some(value) = value.as_table_mut() else { continue };
        if DEPENDENCIES.contains(&key.as_str()) {
            found.push(value);
        } else if key == "target" {
            found.extend(value.iter_mut().filter_map(|(_, of)| of.as_table_mut()).flat_map(dependencies_mut));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Manifest;
    use crate::suite::scratch::Side;
    use std::fs;

    fn manifest(text: &str) -> Manifest {
        let folder = tempfile::tempdir().expect("there is room");
        fs::create_dir(folder.path().join("tests")).expect("there is room");
        fs::write(folder.path().join("tests/here.rs"), "").expect("there is room");
        fs::write(folder.path().join("Cargo.toml"), text).expect("there is room");
        Manifest::read(folder.path()).expect("it is a manifest")
    }

    #[test]
    fn a_package_of_its_own() {
        let read = manifest(
            "[package]\nname = 'a'\nworkspace = '..'\nbuild = 'build.rs'\n[profile.release]\nlto = true\n\
             [[test]]\nname = 'here'\nharness = false\n[[test]]\nname = 'gone'\n\
             [dependencies.b]\nversion = '1'\npath = '../b'\n[dev-dependencies]\nc = { path = '../c' }\n",
        );
        assert_eq!(read.notes, ["the test `gone` was not published", "the dependency `c` was not published"]);
        assert_eq!(read.build_script(), "build.rs");
        assert!(read.has_own_harness("test", "here"));
        assert!(!read.has_own_harness("lib", "a") && !read.has_own_harness("test", "other"));
        let written = read.text(Side::Real).expect("it can be written");
        assert!(written.contains("[workspace]\n") && written.contains("opt-level = 1"), "{written}");
        assert!(!written.contains("lto") && !written.contains("..") && !written.contains("gone"), "{written}");
        assert!(!written.contains("gordian"));
    }

    #[test]
    fn gordian_comes_with_what_is_needed() {
        let plain = manifest("[package]\nname = 'a'\n");
        assert_eq!(plain.parking_lot, None);
        assert!(plain.text(Side::Watching).expect("can be written").contains("features = [\"watch\"]"));
        let of_a_target =
            manifest("[package]\nname = 'a'\n[target.'cfg(unix)'.dependencies]\nparking_lot = '0.12.1'\n");
        assert_eq!(of_a_target.parking_lot, Some("parking_lot"));
        assert!(of_a_target.text(Side::Off).expect("can be written").contains("features = [\"parking_lot\"]"));
        let old = manifest("[package]\nname = 'a'\n[dependencies]\nparking_lot = { version = '0.11' }\n");
        assert_eq!(old.parking_lot, Some("parking_lot"));
        let new = manifest("[package]\nname = 'a'\n[dependencies]\nparking_lot = { version = '0.13' }\n");
        assert_eq!((new.parking_lot, new.notes.len()), (Some("parking_lot_0_13"), 0));
        assert!(old.notes[0].starts_with("parking_lot 0.11 is replaced by 0.12"), "{:?}", old.notes);
        assert!(old.text(Side::Real).expect("can be written").contains("version = \"0.12\""));
    }
}
