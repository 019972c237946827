//! A crate's own tests, run as they were published, then with gordian in both builds, and what came of it.

use super::{copy, doctests, manifest::Manifest, registry::Published};
use crate::suite::{
    again::{self, AGAIN},
    cargo::{self, Build, TestProgram},
    findings::Finding,
    libtest::{self, Outcome, Ran, Runner, Test},
    scratch::{Side, scratch_folder},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

/// A crate, and how to try it.
pub(crate) struct Trial {
    pub(crate) published: Published,
    pub(crate) features: Vec<String>,
    /// What is left as it is.
    pub(crate) leave: Vec<PathBuf>,
    pub(crate) docs: bool,
    pub(crate) deadline: Duration,
    pub(crate) jobs: usize,
}

/// What came of it.
pub(crate) struct Verdict {
    pub(crate) name: String,
    pub(crate) version: String,
    /// How many tests pass with std.
    pub(crate) before: usize,
    /// Of these, with gordian.
    pub(crate) after: Vec<(Side, usize)>,
    /// How much longer they took with gordian.
    pub(crate) ratios: Vec<(Side, f64)>,
    /// With the test that they are told of.
    pub(crate) findings: Vec<(String, Finding)>,
    faults: usize,
}

/// The compiler's opinion of code that others wrote, years ago, is not asked.
const NO_LINTS: [&str; 4] = [
    "--config",
    "build.rustflags=[\"--cap-lints\",\"allow\"]",
    "--config",
    "build.rustdocflags=[\"--cap-lints\",\"allow\"]",
];

/// A side, built.
struct Built {
    side: Side,
    folder: PathBuf,
    build: Build,
    /// By name; those that are not ignored.
    tests: BTreeMap<String, Test>,
    ignored: usize,
}

/// What came of a side.
struct Played {
    built: Built,
    ran: BTreeMap<String, Ran>,
    /// Whether each example in the documentation passes.
    docs: BTreeMap<String, Outcome>,
    /// Told while the examples ran.
    doc_findings: Vec<Finding>,
}

impl Played {
    fn outcome(&self, name: &str) -> Option<&Outcome> {
        self.ran.get(name).map(|ran| &ran.outcome).or_else(|| self.docs.get(name))
    }

    /// Of the side that is tried first: what fails there says nothing about gordian.
    fn tell_failures(&self) {
        let ran = self.ran.iter().map(|(name, ran)| (name, &ran.outcome));
        for (name, outcome) in ran.chain(&self.docs).filter(|(_, outcome)| !outcome.passed()) {
            let hung = matches!(outcome, Outcome::Hung(_));
            let how = if hung { "does not end in time" } else { "fails" };
            println!("  note: {name} {how} as it was published, and is left out");
        }
    }

    fn passed(&self) -> impl Iterator<Item = &String> {
        let ran = self.ran.iter().map(|(name, ran)| (name, &ran.outcome));
        ran.chain(&self.docs).filter(|(_, outcome)| outcome.passed()).map(|(name, _)| name)
    }
}

impl Trial {
    pub(crate) fn run(&self) -> Result<Verdict, String> {
        let (name, version) = (&self.published.name, &self.published.version);
        println!("{name} {version}");
        let manifest = Manifest::read(&self.published.folder)?;
        for note in &manifest.notes {
            println!("  note: {note}");
        }
        let before = self.play(&manifest, Side::Real)?;
        before.tell_failures();
        let wanted: Vec<&String> = before.passed().collect();
        if wanted.is_empty() {
            return Err(format!("{name} {version} has no tests in its published package that pass here"));
        }
        let mut verdict = Verdict {
            name: name.clone(),
            version: version.clone(),
            before: wanted.len(),
            after: Vec::new(),
            ratios: Vec::new(),
            findings: Vec::new(),
            faults: 0,
        };
        for side in [Side::Watching, Side::Off] {
            let after = self.play(&manifest, side)?;
            self.compare(&before, &after, &wanted, &mut verdict)?;
        }
        Ok(verdict)
    }

    fn folder(&self) -> PathBuf {
        scratch_folder().join("crates").join(format!("{}-{}", self.published.name, self.published.version))
    }

    fn play(&self, manifest: &Manifest, side: Side) -> Result<Played, String> {
        let built = self.build(manifest, side)?;
        let tests = built.tests.values().cloned().collect();
        // In the package's folder; what gordian tells goes to a folder beside it.
        let ran = self.runner(&built.folder.with_extension("findings"), self.jobs).run_in(&built.folder, tests)?;
        let ran: BTreeMap<String, Ran> = ran.into_iter().map(|ran| (full_name(&ran.test), ran)).collect();
        let (docs, doc_findings) = if self.docs {
            let mut command = cargo::command(&built.folder, &target_folder(), &["test", "--doc"]);
            doctests::run(command.args(self.arguments()), &built.folder)?
        } else {
            Default::default()
        };
        let played = Played { built, ran, docs, doc_findings };
        let took: Duration = played.ran.values().map(|ran| ran.took).sum();
        println!(
            "  {}: {} of {} tests pass, {} are ignored ({:.1} s in all)",
            side.title("std"),
            played.passed().count(),
            played.ran.len() + played.docs.len(),
            played.built.ignored,
            took.as_secs_f64()
        );
        Ok(played)
    }

    fn runner<'a>(&self, findings: &'a Path, jobs: usize) -> Runner<'a> {
        Runner { folder: findings, deadline: self.deadline, jobs }
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments: Vec<String> = NO_LINTS.map(str::to_owned).into();
        if !self.features.is_empty() {
            arguments.extend(["--features".to_owned(), self.features.join(",")]);
        }
        arguments
    }

    fn build(&self, manifest: &Manifest, side: Side) -> Result<Built, String> {
        let folder = self.folder().join(side.title("std").replace(' ', "-"));
        for note in copy::copy(&self.published, manifest, side, &self.leave, &folder)? {
            println!("  note: {note}");
        }
        let arguments = self.arguments();
        let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        arguments.splice(0..0, ["build", "--tests"]);
        let build = cargo::build(&folder, &target_folder(), &arguments)?;
        if build.programs.is_empty() && !build.succeeded && side == Side::Real {
            let Published { name, version, .. } = &self.published;
            return Err(format!("{name} {version} does not build here as it was published: {}", build.complaints()));
        }
        let (mut tests, mut ignored) = (BTreeMap::new(), 0);
        for program in &build.programs {
            let all = if manifest.has_own_harness(&program.kind, &program.target) {
                vec![whole(program)]
            } else {
                libtest::list(&TestProgram { target: label(program), ..program.clone() })?
            };
            ignored += all.iter().filter(|test| test.ignored).count();
            tests.extend(all.into_iter().filter(|test| !test.ignored).map(|test| (full_name(&test), test)));
        }
        if side == Side::Real && !build.succeeded {
            let targets: BTreeSet<&str> = build.errors.iter().map(|error| error.target.as_str()).collect();
            for target in targets {
                let first = build.errors.iter().find(|error| error.target == target);
                let why = first.map(cargo::CompileError::line).unwrap_or_default();
                println!("  note: `{target}` is left out, it does not compile as it was published: {why}");
            }
        }
        Ok(Built { side, folder, build, tests, ignored })
    }

    /// What passed before and does not pass after is a fault.
    fn compare(
        &self,
        before: &Played,
        after: &Played,
        wanted: &[&String],
        verdict: &mut Verdict,
    ) -> Result<(), String> {
        let side = after.built.side;
        if !after.built.build.succeeded && before.built.build.succeeded {
            verdict.fault(format!("{}: does not compile:\n{}", side.title("std"), after.built.build.complaints()));
        }
        let (mut passed, mut missing) = (0, Vec::new());
        for name in wanted {
            let why = match after.outcome(name) {
                Some(Outcome::Passed) => None,
                Some(Outcome::Failed(output)) => Some(format!("failed:\n{output}")),
                Some(Outcome::Hung(output)) => Some(format!("did not end in time:\n{output}")),
                // Of a program that did not compile.
                None => {
                    missing.push(name.as_str());
                    continue;
                }
            };
            let Some(why) = why else {
                passed += 1;
                continue;
            };
            if self.is_flaky(&before.built, &after.built, name)? {
                println!("    it {}", why.replace('\n', "\n    "));
                passed += 1;
            } else {
                verdict.fault(format!("{}: {name} {why}", side.title("std")));
            }
        }
        if let Some(first) = missing.first() {
            verdict.fault(format!("{}: {} tests are not there: {first}, …", side.title("std"), missing.len()));
        }
        verdict.after.push((side, passed));
        verdict.ratios.push((side, ratio(before, after)));
        let told =
            after.ran.iter().flat_map(|(name, ran)| ran.findings.iter().map(move |finding| (name.as_str(), finding)));
        let told = told.chain(after.doc_findings.iter().map(|finding| ("documentation", finding)));
        for (name, finding) in told {
            verdict.hear(name, finding);
        }
        Ok(())
    }

    /// Whether a test that failed after the swap is one that fails now and then, also before: tried again on both sides.
    fn is_flaky(&self, before: &Built, after: &Built, name: &str) -> Result<bool, String> {
        let (Some(first), Some(second)) = (before.tests.get(name), after.tests.get(name)) else { return Ok(false) };
        let passes = |built: &Built, test: &Test| -> Result<usize, String> {
            again::passes(&self.runner(&built.folder.with_extension("again"), 1), &built.folder, test)
        };
        let (first, second) = (passes(before, first)?, passes(after, second)?);
        let flaky = again::is_flaky(first, second);
        if flaky {
            println!(
                "  flaky: {name} failed once with {}; tried {AGAIN} times more alone it passes {second} times, with std {first} times",
                after.side.title("std")
            );
        }
        Ok(flaky)
    }
}

impl Verdict {
    fn fault(&mut self, fault: String) {
        println!("  FAULT: {}", fault.replace('\n', "\n    "));
        self.faults += 1;
    }

    /// These tests are healthy: that one of them is stuck for ever cannot be.
    fn hear(&mut self, name: &str, finding: &Finding) {
        let told = format!("{name}: {} ({}, {})", finding.title, finding.certainty, finding.rule);
        let told = format!("{told}\n{}", finding.story.join("\n"));
        if finding.certainty != "possible" && finding.is_deadlock() {
            self.fault(format!("told of a test that passes with std: {told}"));
        } else {
            println!("  finding: {}", told.replace('\n', "\n    "));
        }
        self.findings.push((name.to_owned(), finding.clone()));
    }

    pub(crate) fn is_well(&self) -> bool {
        self.faults == 0
    }

    /// The findings, one JSON object a line: gordian's own fields, and the `test`.
    pub(crate) fn json_lines(&self) -> String {
        let line = |(test, finding): &(String, Finding)| {
            let rest = finding.line.trim_start().strip_prefix('{').unwrap_or_default();
            format!("{{\"test\":{},{rest}\n", serde_json::Value::from(test.as_str()))
        };
        self.findings.iter().map(line).collect()
    }
}

/// How much longer the tests that pass on both sides took.
fn ratio(before: &Played, after: &Played) -> f64 {
    let both = before.ran.iter().filter_map(|(name, ran)| Some((ran, after.ran.get(name)?)));
    let both = both.filter(|(first, second)| first.outcome.passed() && second.outcome.passed());
    let (first, second) = both.fold((Duration::ZERO, Duration::ZERO), |(first, second), (one, other)| {
        (first + one.took, second + other.took)
    });
    second.as_secs_f64() / first.as_secs_f64()
}

fn target_folder() -> PathBuf {
    scratch_folder().join("build")
}

/// `lib`, `tests/mpsc`: where its tests stand.
fn label(program: &TestProgram) -> String {
    match program.kind.as_str() {
        "test" => format!("tests/{}", program.target),
        "example" => format!("examples/{}", program.target),
        "bench" => format!("benches/{}", program.target),
        "bin" => format!("bin/{}", program.target),
        _ => "lib".to_owned(),
    }
}

fn full_name(test: &Test) -> String {
    if test.name.is_empty() { test.target.clone() } else { format!("{}: {}", test.target, test.name) }
}

/// A program with a harness of its own counts as one test.
fn whole(program: &TestProgram) -> Test {
    Test { target: label(program), executable: program.executable.clone(), name: String::new(), ignored: false }
}
