//! Tasks that had not ended when their runtime was dropped.

use super::{Monitor, live, lock, session, watchdog};
use crate::{
    analyze,
    model::{ActorId, PlaceId, Step},
    record::on::{forked, task},
};
use std::{collections::BTreeSet, sync::Mutex};

/// Where the tasks were spawned that have been told: each place once.
static TOLD: Mutex<BTreeSet<PlaceId>> = Mutex::new(BTreeSet::new());

/// A runtime is about to be dropped, and these tasks with it. By the thread that drops it, while they are all there.
///
/// Most programs end with tasks that wait for the next request, or tick, and that is well. So without a session guard only those
/// are told that were plainly in the middle of something. Who has one says that daemons are marked as such: then all others are.
#[cold]
pub(crate) fn left_pending(tasks: &[ActorId]) {
    let Some(monitor) = Monitor::get().filter(|_| !forked()) else { return };
    let snapshot = live::everybody();
    let Some(mut finding) = analyze::shutdown::pending(&snapshot, tasks, session::has_begun()) else { return };
    let told = lock(&TOLD).clone();
    let spawned_at = |step: &Step| task::find(step.actor).map(|task| task.spawned_at());
    finding.steps.retain(|step| spawned_at(step).is_none_or(|place| !told.contains(&place)));
    lock(&TOLD).extend(finding.steps.iter().filter_map(spawned_at));
    if !finding.steps.is_empty() {
        watchdog::hand_over(&monitor.settings(), finding, snapshot);
    }
}
