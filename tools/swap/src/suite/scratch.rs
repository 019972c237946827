//! A package of tests, written to a folder of its own and built against one library.

use super::{
    cargo::{self, Build, CompileError},
    cut::{self, Cut},
    libtest::{self, Test},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What a suite is built against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// What gordian stands in for.
    Real,
    Watching,
    Off,
}

impl Side {
    /// As a person is told, who calls what gordian stands in for `real`.
    pub(crate) fn title(self, real: &'static str) -> &'static str {
        match self {
            Side::Real => real,
            Side::Watching => "gordian watching",
            Side::Off => "gordian off",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Side::Real => "real",
            Side::Watching => "watching",
            Side::Off => "off",
        }
    }
}

/// What the packages of a suite have in common.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// What gordian stands in for: `std`, `parking_lot`, `tokio`.
    pub(crate) real: &'static str,
    /// Its version, where it is a package of its own.
    pub(crate) version: Option<String>,
    /// The feature of gordian that brings its stand-in.
    pub(crate) gordian_feature: Option<&'static str>,
    /// The tests keep its name, and a drop-in has it: a crate that is nothing but what the side stands for, under another name.
    pub(crate) has_drop_in: bool,
    /// Features of that package, which gordian has under the same names (a drop-in asks for them itself); the tests ask for
    /// them as their own.
    pub(crate) features: Vec<&'static str>,
    /// Features that the tests ask for, and nobody else has.
    pub(crate) own_features: Vec<String>,
    /// Of the package that the tests are from, which some of them read in its manifest.
    pub(crate) homepage: Option<String>,
    /// Of Rust.
    pub(crate) edition: String,
    /// What the tests need beside: lines of a manifest.
    pub(crate) dependencies: String,
}

impl Setting {
    pub(crate) fn title(&self, side: Side) -> &'static str {
        side.title(self.real)
    }

    fn manifest(&self, side: Side) -> String {
        let all: Vec<&str> =
            self.features.iter().copied().chain(self.own_features.iter().map(String::as_str)).collect();
        let features: String = all.iter().map(|feature| format!("{feature} = []\n")).collect();
        let homepage = self.homepage.as_ref().map_or_else(String::new, |page| format!("homepage = {page:?}\n"));
        format!(
            "[package]\nname = \"swapped\"\nversion = \"0.0.0\"\nedition = {:?}\npublish = false\n{homepage}\n[workspace]\n\n\
             [features]\ndefault = {:?}\n{features}\n[dependencies]\n{}{}\n[profile.dev]\ndebug = 0\nopt-level = 1\n",
            self.edition,
            all,
            self.dependency(side),
            self.dependencies
        )
    }

    fn dependency(&self, side: Side) -> String {
        let drop_in = format!("{} = {{ package = \"drop-in\", path = \"drop-in\" }}\n", self.real);
        match (side, self.has_drop_in) {
            (Side::Real, true) => drop_in,
            (Side::Real, false) => self.real_one(),
            // Where std's paths are rewritten.
            (_, true) => drop_in + &gordian(side, self.gordian_feature),
            (_, false) => gordian(side, self.gordian_feature.into_iter().chain(self.features.iter().copied())),
        }
    }

    /// Nothing where it is no package.
    fn real_one(&self) -> String {
        let version = self.version.as_ref();
        version.map_or_else(String::new, |version| {
            format!("{} = {{ version = \"={version}\", features = {:?} }}\n", self.real, self.features)
        })
    }

    /// The manifest and the source of the drop-in. It asks what is real for its features, whether it shows it or gordian's.
    fn drop_in(&self, side: Side) -> (String, String) {
        let real = self.real;
        let (gordian, shown) = match side {
            Side::Real => (String::new(), format!("::{real}")),
            _ => (gordian(side, self.gordian_feature), format!("::gordian::{real}")),
        };
        let manifest = format!(
            "[package]\nname = \"drop-in\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n{}{gordian}",
            self.real_one()
        );
        (manifest, format!("pub use {shown}::*;\n"))
    }
}

/// The line that asks for it, with these features.
fn gordian(side: Side, features: impl IntoIterator<Item = &'static str>) -> String {
    let path = repository();
    let watch = (side == Side::Watching).then_some("watch");
    let features: Vec<&str> = watch.into_iter().chain(features).collect();
    format!("gordian = {{ path = {path:?}, default-features = false, features = {features:?} }}\n")
}

/// The folder of gordian itself.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).to_path_buf()
}

/// Where sources are unpacked and packages are built; one folder for all builds, so that gordian is built once.
pub(crate) fn scratch_folder() -> PathBuf {
    repository().join("target/swap")
}

/// One program of tests: a file that is ours, and modules that are not.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) name: String,
    /// What its main file has beside its modules.
    pub(crate) root: String,
    pub(crate) modules: Vec<Module>,
    /// Modules of these modules, named by the paths of their files.
    pub(crate) inner: Vec<Module>,
}

#[derive(Clone, Debug)]
pub(crate) struct Module {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A test, or another item, that did not compile.
#[derive(Debug)]
pub(crate) struct Refused {
    /// `sync::mutex::smoke`; of another item, its module.
    pub(crate) name: String,
    pub(crate) is_test: bool,
    pub(crate) error: String,
}

/// A package that depends on what its side stands for.
pub(crate) struct Package {
    pub(crate) folder: PathBuf,
    pub(crate) target_folder: PathBuf,
}

impl Package {
    /// An empty one in a folder of that side, in the place of what an earlier run has left there.
    pub(crate) fn new(folder: &Path, side: Side, setting: &Setting) -> Result<Package, String> {
        let folder = folder.join(side.folder());
        let _ = fs::remove_dir_all(&folder);
        let package = Package { folder, target_folder: scratch_folder().join("build") };
        package.write("Cargo.toml", &setting.manifest(side))?;
        package.write("src/lib.rs", "")?;
        if setting.has_drop_in {
            let (manifest, source) = setting.drop_in(side);
            package.write("drop-in/Cargo.toml", &manifest)?;
            package.write("drop-in/src/lib.rs", &source)?;
        }
        // The versions that gordian itself is tested with.
        if let Ok(lock) = fs::read_to_string(repository().join("Cargo.lock")) {
            package.write("Cargo.lock", &lock)?;
        }
        Ok(package)
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> Result<(), String> {
        let path = self.folder.join(path);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))
    }
}

/// A package with programs of tests.
pub(crate) struct Scratch {
    package: Package,
    programs: Vec<Program>,
}

/// More rounds than any error needs that hides behind another.
const ROUNDS: usize = 40;

impl Scratch {
    pub(crate) fn new(folder: &Path, side: Side, setting: &Setting, programs: Vec<Program>) -> Result<Scratch, String> {
        let package = Package::new(folder, side, setting)?;
        for program in &programs {
            let modules: Vec<String> = program.modules.iter().map(|module| format!("mod {};\n", module.name)).collect();
            let main = format!("#![allow(warnings)]\n{}{}", program.root, modules.concat());
            package.write(&format!("tests/{}/main.rs", program.name), &main)?;
            for module in &program.inner {
                package.write(&format!("tests/{}/{}.rs", program.name, module.name), &module.text)?;
            }
        }
        Ok(Scratch { package, programs })
    }

    /// Where its package is: cargo runs tests there.
    pub(crate) fn folder(&self) -> &Path {
        &self.package.folder
    }

    /// Its programs as they are now, without what did not compile.
    pub(crate) fn programs(&self) -> &[Program] {
        &self.programs
    }

    /// Builds it, cuts out what does not compile, and builds it again, until all of it does.
    pub(crate) fn build(&mut self) -> Result<(Vec<Test>, Vec<Refused>), String> {
        let mut refused = Vec::new();
        for _ in 0..ROUNDS {
            for program in &self.programs {
                for module in &program.modules {
                    self.package.write(&format!("tests/{}/{}.rs", program.name, module.name), &module.text)?;
                }
            }
            let build = cargo::build(&self.package.folder, &self.package.target_folder, &["build", "--tests"])?;
            if build.succeeded {
                return Ok((self.list(&build)?, refused));
            }
            let cut = self.cut(&build.errors)?;
            if cut.is_empty() {
                return Err(format!("no test is to blame for what the compiler says:\n{}", build.complaints()));
            }
            refused.extend(cut);
        }
        Err(format!("after {ROUNDS} rounds there is still something that does not compile"))
    }

    fn list(&self, build: &Build) -> Result<Vec<Test>, String> {
        let programs = build.programs.iter().filter(|built| self.programs.iter().any(|own| own.name == built.target));
        Ok(programs.map(libtest::list).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    fn cut(&mut self, errors: &[CompileError]) -> Result<Vec<Refused>, String> {
        let mut refused = Vec::new();
        for (error, (file, byte)) in
            errors.iter().flat_map(|error| error.places.iter().map(move |place| (error, place)))
        {
            let Some((program, module)) = self.module(file) else { continue };
            let cut = cut::cut_at(&mut module.text, *byte).map_err(|error| format!("{}: {error}", file.display()))?;
            let module = format!("{program}::{}", module.name);
            let (name, is_test) = match cut {
                Some(Cut::Test(test)) => (format!("{module}::{test}"), true),
                Some(Cut::Other(_)) => (module, false),
                // Cut for an earlier error.
                None => continue,
            };
            refused.push(Refused { name, is_test, error: error.line() });
        }
        Ok(refused)
    }

    fn module(&mut self, file: &Path) -> Option<(&str, &mut Module)> {
        self.programs.iter_mut().find_map(|program| {
            let folder = Path::new("tests").join(&program.name);
            let name = file.strip_prefix(&folder).ok()?.file_stem()?.to_str()?;
            let module = program.modules.iter_mut().find(|module| module.name == name)?;
            Some((program.name.as_str(), module))
        })
    }
}
