//! The words for what goes wrong in the polls of tasks.

use super::{
    names::{Scene, amount},
    story::Teller,
};
use crate::model::{Because, On, Rule, Step};

impl Scene<'_> {
    pub(super) fn poll_title(&self, step: &Step) -> String {
        let task = self.thread(step.actor);
        match self.finding.rule {
            Rule::GuardAcrossAwait => {
                let object = held(step).map_or("a lock".into(), |hold| self.object(hold.object));
                words!("guard across `.await`: ", task, " is pending, and holds ", object)
            }
            Rule::BlockingInTask => words!("blocking in a task: ", task, " blocks the thread that polls it"),
            _ => {
                let since = step.wait.map_or(String::new(), |wait| amount(self.ago(wait.since)));
                words!("long poll: ", task, " has not come back from its poll for ", since)
            }
        }
    }

    pub(super) fn poll_advice(&self) -> Vec<String> {
        let Some(step) = self.finding.steps.first() else { return Vec::new() };
        match self.finding.rule {
            Rule::GuardAcrossAwait => vec![
                "Drop the guard before the `.await` (a block of its own does it), or let an async lock protect what has to \
                 stay locked: other tasks of this thread may want the lock meanwhile, and would block the thread that \
                 could give it back."
                    .into(),
            ],
            Rule::BlockingInTask => vec![self.instead(step)],
            _ => vec![
                "While a poll lasts, its thread polls no other task. Give long computations and blocking calls to \
                 `spawn_blocking`, or come back now and then (`yield_now().await`)."
                    .into(),
            ],
        }
    }

    /// What does the same without blocking.
    fn instead(&self, step: &Step) -> String {
        let instead = match step.wait.map(|wait| wait.on) {
            Some(On::Object { .. } | On::Lazy { .. }) => {
                "hold such a lock for a moment only (work without it, and lock to put the result there), or wait for an async one \
                 (`tokio::sync::Mutex`)"
            }
            Some(On::Time) => "`tokio::time::sleep(...).await` lets it poll others",
            Some(On::Message { .. } | On::Room { .. }) => "an async channel (`tokio::sync::mpsc`) lets it poll others",
            Some(On::Actor(_) | On::Scope(_)) => "`spawn_blocking(...).await` waits for the same without blocking",
            Some(On::Arrivals { .. }) => "an async barrier (`tokio::sync::Barrier`) lets it poll others",
            Some(On::Notify { .. } | On::Unpark) => "an async `Notify` lets it poll others",
            _ => "an async counterpart lets it poll others",
        };
        words!("While it blocks, this thread polls no other task: ", instead, ".")
    }
}

impl Teller<'_> {
    pub(super) fn in_poll(&mut self, step: &Step) -> String {
        let task = self.with_origin(step.actor);
        match (self.scene().finding.rule, step.because, step.wait) {
            (Rule::GuardAcrossAwait, Because::HeldBy { actor, hold }, wait) => {
                let (thread, object) = (self.thread(actor), self.object(hold.object));
                let taken = self.scene().taken(&hold);
                let waits = wait.map_or(String::new(), |wait| {
                    words!(" It waits ", self.goal(&wait), " (", self.scene().waiting(&wait), ").")
                });
                words!(
                    task,
                    ", polled by ",
                    thread,
                    ", is pending with the guard of ",
                    object,
                    " (",
                    taken,
                    ").",
                    waits
                )
            }
            (Rule::BlockingInTask, Because::PolledBy { actor }, Some(wait)) => {
                let (goal, waiting) = (self.goal(&wait), self.scene().waiting(&wait));
                let polls = words!(self.thread(actor), ", while it polls ", task, ", waits ", goal, " (", waiting, ")");
                words!(polls, self.holders(&wait), ".")
            }
            (_, Because::PolledBy { actor }, Some(wait)) => {
                let lasts = amount(self.scene().ago(wait.since));
                let meanwhile = self.meanwhile("The thread", actor);
                words!(self.thread(actor), " has polled ", task, " for ", lasts, ". ", meanwhile)
            }
            _ => words!(task, " is polled."),
        }
    }
}

fn held(step: &Step) -> Option<crate::model::Hold> {
    match step.because {
        Because::HeldBy { hold, .. } => Some(hold),
        _ => None,
    }
}
