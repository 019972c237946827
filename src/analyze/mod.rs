//! Finds what can never move again, and what takes long: pure functions of recorded data.
//!
//! One detector a file, one line each in `all`. A detector reads the wait-for graph, built once from a
//! [`Snapshot`], and says what it finds. Nothing here reads a clock, prints or waits: the same detectors run on a live program
//! and on a file.
//!
//! A snapshot is read actor by actor while the program runs, so what is found in one reading is a suspicion; it
//! is told once [`confirm`] has held it against a second reading.

mod chain;
mod components;
mod dead_task;
mod graph;
pub mod in_poll;
mod long;
pub mod shutdown;
mod standstill;
mod steady;
#[cfg(test)]
mod tests;
mod wait_cycle;

pub use long::Thresholds;
pub use steady::Readings;

use crate::model::{ActorId, Because, Finding, Rule, Snapshot};
use graph::{Graph, Trust};

/// How something is found, and how it is held against a second reading.
struct Detector {
    /// The rules whose findings it makes.
    rules: &'static [Rule],
    find: fn(&Graph<'_>, &Thresholds) -> Vec<Finding>,
    confirm: fn(&Finding, &Readings<'_>) -> Option<Finding>,
}

/// Every detector.
const fn all() -> &'static [Detector] {
    &[wait_cycle::DETECTOR, dead_task::DETECTOR, standstill::DETECTOR, long::DETECTOR, in_poll::DETECTOR]
}

/// What all detectors find in one reading: suspicions, to be confirmed by a second one.
///
/// Costs time and memory linear in the number of actors and of what they hold, and more only where there is a
/// deadlock to describe.
pub fn analyze(snapshot: &Snapshot, thresholds: &Thresholds) -> Vec<Finding> {
    let graph = Graph::new(snapshot, Trust::Nobody);
    all().iter().flat_map(|detector| (detector.find)(&graph, thresholds)).collect()
}

/// Only what [`analyze()`] finds of [`Rule::WaitCycle`]: all that a reading of some of the actors can show.
pub fn wait_cycles(snapshot: &Snapshot) -> Vec<Finding> {
    (wait_cycle::DETECTOR.find)(&Graph::new(snapshot, Trust::Nobody), &Thresholds::default())
}

/// The wait cycles that these are in, as [`wait_cycles()`] finds them, but sooner: where that can be seen at once, the
/// victims are left out.
pub fn wait_cycles_of(suspects: &[ActorId], snapshot: &Snapshot) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::with_capacity(suspects.len());
    for &suspect in suspects {
        let Some(finding) = chain::chain(snapshot, suspect) else { return wait_cycles(snapshot) };
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    findings
}

/// Whether the second reading has to say who sleeps, for one of these to be confirmed: who has just been given what it
/// waited for still waits, and is awake.
pub fn need_sleep(findings: &[Finding]) -> bool {
    findings.iter().flat_map(|finding| &finding.steps).any(|step| step.because == Because::NotYet)
}

/// What is left of a finding of the first reading after a second, later one: `None` if it does not hold.
///
/// The steps hold in both readings, and so at every instant between the end of the first and the start of the
/// second. Victims that the second reading does not show to be still stuck are left out.
///
/// For all but a standstill the second reading may be limited to the actors of the finding's steps (and the
/// orphans); victims that are not in it are left out as well.
pub fn confirm(finding: &Finding, readings: &Readings<'_>) -> Option<Finding> {
    let detector = all().iter().find(|detector| detector.rules.contains(&finding.rule))?;
    (detector.confirm)(finding, readings)
}
