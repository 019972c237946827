//! Runs a suite with what it is for, and with gordian in its place in both builds, and says where gordian falls short.

use super::{
    again::{self, AGAIN},
    cut,
    exclusions::Exclusions,
    findings::{self, Finding},
    libtest::{Outcome, Ran, Runner, Test},
    refusals::{self, Refusal},
    scratch::{Program, Refused, Scratch, Setting, Side},
};
use crate::rewrite::{Rule, rewrite};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

/// A suite, and how to run it.
pub(crate) struct Suite {
    /// `std's own tests`
    pub(crate) title: String,
    /// Where it is built.
    pub(crate) folder: PathBuf,
    pub(crate) programs: Vec<Program>,
    /// What must not compile.
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) setting: Setting,
    pub(crate) rules: Vec<Rule>,
    pub(crate) exclusions: Exclusions,
    /// How the names of those tests begin whose threads deadlock on purpose.
    pub(crate) deadlocks: Option<&'static str>,
    /// The name of that list's file.
    pub(crate) listed_in: &'static str,
    /// Whether that list has the tests, too, that this platform or these features do not have.
    pub(crate) lists_all: bool,
    /// Whether the list was made for this source and this compiler: its gaps are faults then.
    pub(crate) list_fits: bool,
    pub(crate) deadline: Duration,
    pub(crate) jobs: usize,
    /// Says why each test is left out.
    pub(crate) reasons: bool,
}

impl Suite {
    /// Where what gordian tells of the tests of that side is put.
    fn findings(&self, name: &str, side: Side) -> PathBuf {
        self.folder.join(format!("{name}-{}", self.setting.title(side).replace(' ', "-")))
    }

    fn deadlocks_in(&self, test: &str) -> bool {
        self.deadlocks.is_some_and(|beginning| test.starts_with(beginning))
    }
}

/// What fell short, one sentence each.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, fault: String) {
        println!("  FAULT: {}", fault.replace('\n', "\n    "));
        self.0.push(fault);
    }
}

/// What came of one side.
struct Played {
    /// Where they ran.
    place: PathBuf,
    /// By name; without those that did not compile.
    ran: BTreeMap<String, Ran>,
    refused: Vec<Refused>,
    programs: Vec<Program>,
}

impl Played {
    fn passes(&self, name: &str) -> bool {
        self.ran.get(name).is_some_and(|ran| ran.outcome.passed())
    }

    fn findings(&self) -> impl Iterator<Item = (&String, &Finding)> {
        self.ran.iter().flat_map(|(name, ran)| ran.findings.iter().map(move |finding| (name, finding)))
    }
}

/// Runs it; whether all is well.
pub(crate) fn prove(suite: &Suite) -> Result<bool, String> {
    let mut faults = Faults::default();
    let control = play(suite, Side::Real, suite.programs.clone(), &suite.refusals)?;
    let refusals: Vec<Refusal> =
        suite.refusals.iter().filter(|refusal| control.passes(&refusal.name)).cloned().collect();
    let sides = [Side::Watching, Side::Off].map(|side| {
        let played =
            swapped(&control.programs, &suite.rules).and_then(|programs| play(suite, side, programs, &refusals))?;
        Ok::<_, String>((side, played))
    });
    let sides: Vec<(Side, Played)> = sides.into_iter().collect::<Result<_, _>>()?;
    tell_elsewhere(suite, &control, &mut faults)?;
    let left_out = left_out(suite, &control, &sides, &mut faults);
    let wanted: Vec<&String> =
        control.ran.keys().filter(|name| control.passes(name) && !left_out.contains(*name)).collect();
    let mut passed = Vec::new();
    for (side, played) in &sides {
        passed.push((*side, compare(suite, *side, &control, played, &wanted, &mut faults)?));
    }
    for (side, played) in &sides {
        tell_findings(suite, *side, played, &mut faults);
    }
    if suite.programs.len() > 1 {
        for program in &suite.programs {
            let beginning = format!("{}::", program.name);
            println!("  {}: {}", program.name, counts(suite, &wanted, &passed, &beginning));
        }
    }
    println!(
        "{}: {}; left out: {} (listed in {})",
        suite.title,
        counts(suite, &wanted, &passed, ""),
        left_out.len(),
        suite.listed_in
    );
    Ok(faults.0.is_empty() && !wanted.is_empty())
}

/// `318 compile and pass with std; gordian watching: 318 of 318; …`, of the tests whose names begin like this.
fn counts(suite: &Suite, wanted: &[&String], passed: &[(Side, Vec<&String>)], beginning: &str) -> String {
    let count = |names: &[&String]| names.iter().filter(|name| name.starts_with(beginning)).count();
    let all = count(wanted);
    let of_a_side =
        |(side, names): &(Side, Vec<&String>)| format!("; {}: {} of {all}", suite.setting.title(*side), count(names));
    let sides: String = passed.iter().map(of_a_side).collect();
    format!("{all} compile and pass with {}{sides}", suite.setting.real)
}

fn play(suite: &Suite, side: Side, programs: Vec<Program>, refusals: &[Refusal]) -> Result<Played, String> {
    let begin = std::time::Instant::now();
    let mut scratch = Scratch::new(&suite.folder, side, &suite.setting, programs)?;
    let (tests, mut refused) = scratch.build()?;
    let (ran_refusals, unstable) = refusals::ask(suite, refusals, side)?;
    refused.extend(unstable);
    let built = begin.elapsed();
    let findings = suite.findings("findings", side);
    let runner = Runner { folder: &findings, deadline: suite.deadline, jobs: suite.jobs };
    let tests = tests.into_iter().filter(|test| !test.ignored).collect();
    let ran = runner.run_in(scratch.folder(), tests)?.into_iter().chain(ran_refusals);
    let mut ran: BTreeMap<String, Ran> = ran.map(|ran| (ran.test.full_name(), ran)).collect();
    run_again(suite, side, &runner, scratch.folder(), &mut ran)?;
    let passed = ran.values().filter(|ran| ran.outcome.passed()).count();
    println!(
        "  {}: {passed} of {} tests pass (built in {:.0} s, run in {:.0} s)",
        suite.setting.title(side),
        ran.len(),
        built.as_secs_f64(),
        (begin.elapsed() - built).as_secs_f64()
    );
    if let Some((name, slowest)) = ran.iter().max_by_key(|(_, ran)| ran.took) {
        println!("    {name} took longest: {:.1} s", slowest.took.as_secs_f64());
    }
    Ok(Played { place: scratch.folder().to_path_buf(), ran, refused, programs: scratch.programs().to_vec() })
}

/// A test that makes a deadlock gives its threads a moment to come to it. Beside other tests that may not be enough: one
/// that has failed is run again on its own, on each side. So is, with what is real, each that should pass there.
fn run_again(
    suite: &Suite,
    side: Side,
    runner: &Runner<'_>,
    place: &Path,
    ran: &mut BTreeMap<String, Ran>,
) -> Result<(), String> {
    let may_pass = |name: &str| {
        let is_listed = suite.exclusions.reason(name).is_some();
        suite.deadlocks_in(name) || (side == Side::Real && !is_listed)
    };
    for _ in 0..AGAIN {
        let failed = ran.iter().filter(|(name, ran)| !ran.outcome.passed() && ran.test.is_program() && may_pass(name));
        let failed: Vec<Test> = failed.map(|(_, ran)| ran.test.clone()).collect();
        if failed.len() > MOST_FLAKY {
            break;
        }
        for test in failed {
            println!("    {} is run again", test.full_name());
            ran.extend(runner.run_in(place, vec![test])?.into_iter().map(|again| (again.test.full_name(), again)));
        }
    }
    Ok(())
}

/// The same with gordian in the place of what is real.
fn swapped(programs: &[Program], rules: &[Rule]) -> Result<Vec<Program>, String> {
    let mut programs = programs.to_vec();
    for program in &mut programs {
        program.root = rewrite(&program.root, rules)?;
        for module in program.modules.iter_mut().chain(&mut program.inner) {
            module.text = rewrite(&module.text, rules).map_err(|error| format!("{}: {error}", module.name))?;
        }
    }
    Ok(programs)
}

/// Tests that this platform or this set of features does not have: neither run nor refused.
fn tell_elsewhere(suite: &Suite, control: &Played, faults: &mut Faults) -> Result<(), String> {
    let refused: BTreeSet<&String> = control.refused.iter().map(|refused| &refused.name).collect();
    for program in &suite.programs {
        for module in &program.modules {
            for test in cut::tests(&module.text).map_err(|error| format!("{}: {error}", module.name))? {
                let name = format!("{}::{}::{test}", program.name, module.name);
                // One that is listed may be there with other features.
                let is_here = control.ran.contains_key(&name) || refused.contains(&name);
                if is_here || suite.exclusions.reason(&name).is_some() {
                    continue;
                }
                if suite.lists_all && suite.list_fits {
                    faults
                        .add(format!("{name} is not for this platform or these features, or ignored, and not listed"));
                } else {
                    println!("  not for this platform or these features, or ignored: {name}");
                }
            }
        }
    }
    Ok(())
}

/// The tests that are left out: those that do not compile, or do not pass, with what is real, and those that are listed.
fn left_out(suite: &Suite, control: &Played, sides: &[(Side, Played)], faults: &mut Faults) -> BTreeSet<String> {
    let list = &suite.exclusions;
    let real = suite.setting.real;
    let mut left_out = BTreeSet::new();
    let mut gaps = Vec::new();
    let refused = control.refused.iter().filter(|refused| refused.is_test);
    let refused = refused.map(|refused| (&refused.name, format!("does not compile with {real}: {}", refused.error)));
    let failed = control.ran.iter().filter_map(|(name, ran)| Some((name, why_not(&ran.outcome)?)));
    for (name, why) in refused.chain(failed.map(|(name, why)| (name, format!("does not pass with {real}: {why}")))) {
        if suite.reasons {
            println!("  {name}: {why}");
        }
        if list.reason(name).is_none() {
            gaps.push(format!("{name} is not in the list, and {why}"));
        }
        left_out.insert(name.clone());
    }
    for name in control.ran.keys().filter(|name| control.passes(name)) {
        let Some(reason) = list.reason(name) else { continue };
        left_out.insert(name.clone());
        if sides.iter().all(|(_, played)| played.passes(name)) {
            gaps.push(format!("{name} is in the list ({reason}), and compiles and passes"));
        } else {
            println!("  left out, though it passes with {real}: {name}: {reason}");
        }
    }
    gaps.extend(list.unused().into_iter().map(|name| format!("{name} is in the list, and there is no such test")));
    for gap in gaps {
        if suite.list_fits {
            faults.add(gap);
        } else {
            println!("  note: {gap}");
        }
    }
    left_out
}

/// Those of them that pass on that side.
fn compare<'a>(
    suite: &Suite,
    side: Side,
    control: &Played,
    played: &Played,
    wanted: &[&'a String],
    faults: &mut Faults,
) -> Result<Vec<&'a String>, String> {
    let title = suite.setting.title(side);
    for refused in &played.refused {
        faults.add(format!("{title}, {}: does not compile: {}", refused.name, refused.error));
    }
    let failed = |name: &&&String| played.ran.get(**name).is_some_and(|ran| !ran.outcome.passed());
    let may_be_flaky = wanted.iter().filter(failed).count() <= MOST_FLAKY;
    let mut passed = Vec::new();
    for name in wanted {
        // Else it did not compile, which is told above.
        let Some(ran) = played.ran.get(*name) else { continue };
        let why = match why_not(&ran.outcome) {
            Some(why) if !(may_be_flaky && is_flaky(suite, name, control, (side, played))?) => why,
            _ => {
                passed.push(*name);
                continue;
            }
        };
        faults.add(format!("{title}, {name}: {why}"));
    }
    Ok(passed)
}

/// If more fail than that, it is no accident.
const MOST_FLAKY: usize = 20;

/// Whether a test that failed with gordian is one that fails now and then: tried again with both.
fn is_flaky(suite: &Suite, name: &str, control: &Played, (side, played): (Side, &Played)) -> Result<bool, String> {
    let passes = |side: Side, played: &Played| {
        let findings = suite.findings("again", side);
        let runner = Runner { folder: &findings, deadline: suite.deadline, jobs: 1 };
        again::passes(&runner, &played.place, &played.ran[name].test)
    };
    if !played.ran[name].test.is_program() {
        return Ok(false);
    }
    let (gordian, real) = (passes(side, played)?, passes(Side::Real, control)?);
    let flaky = again::is_flaky(real, gordian);
    if flaky {
        println!(
            "  flaky: {name} failed once with {}; tried {AGAIN} times more alone it passes {gordian} times, with {} {real} times",
            suite.setting.title(side),
            suite.setting.real
        );
    }
    Ok(flaky)
}

fn why_not(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Passed => None,
        Outcome::Failed(output) => Some(format!("failed:\n{output}")),
        Outcome::Hung(output) => Some(format!("did not end in time:\n{output}")),
    }
}

fn tell_findings(suite: &Suite, side: Side, played: &Played, faults: &mut Faults) {
    let title = suite.setting.title(side);
    println!("  findings, {title}: {}", findings::counted(played.findings().map(|(_, finding)| finding)));
    for (name, finding) in played.findings() {
        let told = format!("{name}: {} ({})\n{}", finding.title, finding.certainty, finding.story.join("\n"));
        let is_deadlock = ["happened", "possible"].contains(&finding.certainty.as_str()) && finding.is_deadlock();
        if is_deadlock && !suite.deadlocks_in(name) {
            faults.add(format!("{title}, told of a test that is healthy: {told}"));
        } else {
            println!("  {title}: {}", told.replace('\n', "\n    "));
        }
    }
    if side == Side::Watching {
        let untold = played.ran.iter().filter(|(name, ran)| suite.deadlocks_in(name) && ran.findings.is_empty());
        for (name, _) in untold {
            faults.add(format!("{title}, {name}: it deadlocks, and that was not told"));
        }
    }
}
