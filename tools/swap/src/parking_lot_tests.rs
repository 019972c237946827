//! `gordian-swap parking-lot-tests`: parking_lot's own tests and examples, and those of lock_api, with gordian in its place.

use crate::{
    options::SuiteOptions,
    rewrite::{Rule, rewrite, std_to_gordian},
    std_docs::{ROOT, examples_in, modules},
    std_suite::read_list,
    suite::{
        cut::cut_all_but_tests,
        package::{Package, Packages, dev_dependencies},
        prove::{self, Suite},
        scratch::{Module, Program, Setting, scratch_folder},
    },
};

/// A version of parking_lot that gordian has.
struct Version {
    /// The beginnings of its version, and of that of its lock_api.
    parking_lot: &'static str,
    lock_api: &'static str,
    /// The feature of gordian that brings it.
    feature: &'static str,
    /// Where it is there.
    root: &'static str,
    list: &'static str,
}

const VERSIONS: [Version; 2] = [
    Version {
        parking_lot: "0.12.",
        lock_api: "0.4.",
        feature: "parking_lot",
        root: "gordian::parking_lot",
        list: "tools/swap/parking-lot-0.12-tests.txt",
    },
    Version {
        parking_lot: "0.13.",
        lock_api: "0.5.",
        feature: "parking_lot_0_13",
        root: "gordian::parking_lot_0_13",
        list: "tools/swap/parking-lot-0.13-tests.txt",
    },
];

/// Features that its tests are run with.
struct Set {
    name: &'static str,
    features: &'static [&'static str],
    /// Whether the tests' threads and channels are gordian's, too; else it sees nothing but locks.
    swaps_std: bool,
}

const SETS: [Set; 3] = [
    Set { name: "with threads that are watched", features: &["arc_lock", "serde"], swaps_std: true },
    Set {
        name: "with send_guard, and threads that are not watched",
        features: &["arc_lock", "serde", "send_guard"],
        swaps_std: false,
    },
    Set { name: "with deadlock_detection", features: &["arc_lock", "serde", "deadlock_detection"], swaps_std: true },
];

/// Runs them; whether all is well.
pub(crate) fn run(options: &SuiteOptions) -> Result<bool, String> {
    let packages = Packages::find()?;
    let mut all_is_well = true;
    for version in VERSIONS {
        let find = |name: &str, wanted: &str| {
            let found = packages.package(name, wanted)?;
            found.ok_or_else(|| format!("gordian is not built with {name} {wanted}x"))
        };
        let (parking_lot, lock_api) = (find("parking_lot", version.parking_lot)?, find("lock_api", version.lock_api)?);
        for set in &SETS {
            all_is_well &= prove::prove(&version.suite(&parking_lot, &lock_api, set, options)?)?;
        }
    }
    Ok(all_is_well)
}

impl Version {
    fn suite(
        &self,
        parking_lot: &Package,
        lock_api: &Package,
        set: &Set,
        options: &SuiteOptions,
    ) -> Result<Suite, String> {
        let (list_fits, exclusions) = read_list(self.list, "parking_lot", &parking_lot.version)?;
        let mut rules = vec![Rule::new("parking_lot", self.root)];
        if set.swaps_std {
            rules.extend(std_to_gordian());
        }
        Ok(Suite {
            title: format!("parking_lot {}'s own tests, {}", parking_lot.version, set.name),
            folder: scratch_folder().join("parking-lot-tests"),
            programs: programs(parking_lot, lock_api)?,
            refusals: Vec::new(),
            setting: Setting {
                real: "parking_lot",
                version: Some(parking_lot.version.clone()),
                gordian_feature: Some(self.feature),
                has_drop_in: false,
                features: set.features.to_vec(),
                // Its tests stand beside those of parking_lot here.
                own_features: lock_api.feature("default"),
                homepage: parking_lot.homepage.clone(),
                edition: parking_lot.edition.clone(),
                dependencies: dev_dependencies(&[parking_lot, lock_api]),
            },
            rules,
            exclusions,
            deadlocks: Some("unit::deadlock::tests::"),
            listed_in: self.list,
            lists_all: false,
            list_fits,
            deadline: options.deadline(),
            jobs: options.jobs(),
            reasons: options.reasons,
        })
    }
}

fn programs(parking_lot: &Package, lock_api: &Package) -> Result<Vec<Program>, String> {
    let mut unit = Vec::new();
    for (name, mut text) in parking_lot.files("src")? {
        if cut_all_but_tests(&mut text)? {
            // For a test that stands in no module.
            text.push_str("use crate::*;\n");
            unit.push(Module { name, text });
        }
    }
    let module = |(name, text)| Module { name, text };
    let mut programs = vec![
        Program { name: "unit".to_owned(), root: String::new(), modules: unit, inner: Vec::new() },
        Program {
            name: "integration".to_owned(),
            root: String::new(),
            modules: parking_lot.files("tests")?.into_iter().map(module).collect(),
            inner: Vec::new(),
        },
        Program {
            name: "lock_api".to_owned(),
            root: String::new(),
            modules: lock_api.files("tests")?.into_iter().map(module).collect(),
            inner: Vec::new(),
        },
    ];
    programs.retain(|program| !program.modules.is_empty());
    for module in programs.iter_mut().flat_map(|program| &mut program.modules) {
        module.text = outside(&module.text)?;
    }
    programs.push(examples(parking_lot, lock_api)?);
    Ok(programs)
}

/// What it is called from outside: parking_lot shows lock_api, and of parking_lot_core the detection of deadlocks.
fn outside(text: &str) -> Result<String, String> {
    let rules = [
        Rule::new("crate", "parking_lot"),
        Rule::new("lock_api", "parking_lot::lock_api"),
        Rule::new("parking_lot_core::deadlock", "parking_lot"),
    ];
    rewrite(text, &rules)
}

fn examples(parking_lot: &Package, lock_api: &Package) -> Result<Program, String> {
    const PROGRAM: &str = "examples";
    let mut all = Vec::new();
    for (package, before) in [(parking_lot, ""), (lock_api, "lock_api_")] {
        for (name, text) in package.files("src")? {
            all.extend(examples_in(&text, PROGRAM, &format!("{before}{name}"))?);
        }
    }
    let mut modules = modules(&all);
    for module in &mut modules {
        // In an example, `crate` is the example itself: it is left alone.
        module.text = rewrite(&module.text, &[Rule::new("lock_api", "parking_lot::lock_api")])?;
    }
    Ok(Program { name: PROGRAM.to_owned(), root: ROOT.to_owned(), modules, inner: Vec::new() })
}
