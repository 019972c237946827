//! The list of the tasks that live.

use super::{
    ensure_started,
    live::{self, Live},
};
use crate::{
    record::on::task,
    report::Tasks,
    tell::{compose_tasks, tasks_json},
};

/// All tasks that have not ended: what each waits for and since when, what it holds, and how it has spent its time.
///
/// For a look into a program that runs, or hangs: print it, or write [`Tasks::to_json`] somewhere. The tasks are read one
/// after another, while the program goes on. Costs a look at every task (some microseconds each, names included), and
/// nothing in between. Where nothing was watched yet, or at level `off`, tasks that were made meanwhile are missing.
pub fn tasks() -> Tasks {
    ensure_started();
    let snapshot = live::everybody();
    let figures = |id| task::find(id).map(|task| task.figures(snapshot.at));
    Tasks { lost_wakes: task::lost_wakes(), ..compose_tasks(&snapshot, &Live, figures) }
}

impl Tasks {
    /// The list as one JSON object on one line. The field names are stable; they stand in `src/tell/json.rs`.
    pub fn to_json(&self) -> String {
        tasks_json(self)
    }
}
