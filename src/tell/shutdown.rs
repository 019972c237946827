//! The words for tasks that had not ended when their runtime was dropped.

use super::{
    names::{Scene, listed},
    story::Teller,
};
use crate::model::Step;

impl Scene<'_> {
    pub(super) fn shutdown_title(&self, steps: &[Step]) -> String {
        let whose = match steps {
            [step] => words!(self.thread(step.actor), " had"),
            steps => words!(steps.len().to_string(), " tasks had"),
        };
        words!("pending at shutdown (possible): ", whose, " not ended when ", its(steps), " runtime was dropped")
    }

    pub(super) fn shutdown_advice(&self) -> Vec<String> {
        vec![
            "Await what has to be finished before the runtime is dropped (its `JoinHandle`, a `JoinSet`), or tell it to end, and \
             await that. `gordian::task::daemon(future)` marks what may end with the program."
                .into(),
        ]
    }

    pub(super) fn shutdown_doubt(&self) -> String {
        words!("Whether ", its(&self.finding.steps), " work was done cannot be known.")
    }
}

fn its(steps: &[Step]) -> &'static str {
    if steps.len() == 1 { "its" } else { "their" }
}

impl Teller<'_> {
    pub(super) fn left_pending(&mut self, step: &Step) -> String {
        let task = self.thread(step.actor);
        if step.sequence == 0 {
            return words!(task, " had not been polled once.");
        }
        let held = self.scene().held(step.actor).to_vec();
        let mut clauses = self.holding(&held);
        if let Some(wait) = &step.wait {
            let goal = self.goal(wait);
            clauses.push(words!("waits ", goal, " (", self.scene().waiting(wait), ")"));
        } else {
            clauses.push("waits for something that is not watched".into());
        }
        words!(task, " ", listed(&clauses), ".")
    }
}
