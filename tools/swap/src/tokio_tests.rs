//! `gordian-swap tokio-tests`: tokio's own tests, with gordian in its place.
//!
//! They keep the name `tokio`, which means a drop-in: a crate that is nothing but tokio, or gordian's, under another name. So
//! macros that write paths to `tokio` are swapped, too, and the crates that the tests use beside keep the real one.

use crate::{
    options::TokioOptions,
    rewrite::{Rule, rewrite, std_to_gordian},
    std_suite::read_list,
    suite::{
        package::{Package, Packages, dev_dependencies},
        prove::{self, Suite},
        scratch::{Module, Program, Setting, scratch_folder},
    },
};

/// Programs of tests, and how the names of their files begin; the first that fits has it.
const PROGRAMS: [(&str, &[&str]); 7] = [
    ("sync", &["sync_"]),
    ("task", &["task_", "join_handle_"]),
    ("rt", &["rt_", "no_rt"]),
    ("time", &["time_", "test_clock"]),
    ("macros", &["macros_"]),
    ("traits", &["async_send_sync", "coop_budget", "unwindsafe", "_require_full"]),
    // All others, which are run only where all are.
    (REST, &[""]),
];

const REST: &str = "rest";

/// A test that passes for everybody but root.
const NOT_FOR_ROOT: &str = "rest::fs_try_exists::try_exists";

/// Features of tokio that its tests need.
const FEATURES: [&str; 2] = ["full", "test-util"];

/// What tokio is made of, and its tests use, too.
const SHARED: [&str; 2] = ["bytes", "pin-project-lite"];

const LIST: &str = "tools/swap/tokio-tests.txt";

/// Runs them; whether all is well.
pub(crate) fn run(options: &TokioOptions) -> Result<bool, String> {
    let tokio = Packages::find()?.package("tokio", "1.")?.ok_or("gordian is not built with tokio 1")?;
    let (list_fits, mut exclusions) = read_list(LIST, "tokio", &tokio.version)?;
    if !rustix::process::geteuid().is_root() {
        exclusions.forget(NOT_FOR_ROOT);
    }
    let mut programs = programs(&tokio)?;
    if !options.all {
        programs.retain(|program| program.name != REST);
        exclusions.forget(&format!("{REST}::"));
    }
    let with_std = if options.with_std { ", with std's paths rewritten, too" } else { "" };
    prove::prove(&Suite {
        title: format!("tokio {}'s own tests{with_std}", tokio.version),
        folder: scratch_folder().join("tokio-tests"),
        programs,
        refusals: Vec::new(),
        setting: Setting {
            real: "tokio",
            version: Some(tokio.version.clone()),
            gordian_feature: Some("tokio"),
            has_drop_in: true,
            features: FEATURES.to_vec(),
            own_features: tokio.feature("full"),
            homepage: tokio.homepage.clone(),
            edition: tokio.edition.clone(),
            dependencies: tokio.dependencies(&SHARED) + &dev_dependencies(&[&tokio]),
        },
        rules: if options.with_std { std_to_gordian() } else { Vec::new() },
        exclusions,
        deadlocks: None,
        listed_in: LIST,
        lists_all: true,
        list_fits,
        deadline: options.suite.deadline(),
        jobs: options.suite.jobs(),
        reasons: options.suite.reasons,
    })
}

fn programs(tokio: &Package) -> Result<Vec<Program>, String> {
    let support = tokio.files("tests/support")?;
    let mut programs = PROGRAMS.map(|(name, _)| Program {
        name: name.to_owned(),
        root: String::new(),
        modules: Vec::new(),
        inner: Vec::new(),
    });
    for (name, text) in tokio.files("tests")? {
        let fits = |(_, beginnings): &(&str, &[&str])| beginnings.iter().any(|beginning| name.starts_with(beginning));
        let Some(at) = PROGRAMS.iter().position(fits) else { continue };
        if text.contains("mod support {") {
            let inner = support
                .iter()
                .map(|(file, text)| Module { name: format!("{name}/support/{file}"), text: text.clone() });
            programs[at].inner.extend(inner);
        }
        // It was a program of its own.
        let text = rewrite(&text, &[Rule::new("crate", &format!("crate::{name}"))]);
        let text = text.map_err(|error| format!("{name}: {error}"))?;
        programs[at].modules.push(Module { name, text });
    }
    Ok(programs.into())
}
