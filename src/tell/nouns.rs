//! Words that go by whether tasks have part in it: a program of threads alone is told of threads.

use super::names::{Scene, counted, listed};
use crate::model::{ActorId, Finding, Snapshot, Step};

impl Scene<'_> {
    /// What comes before "could send one": `no thread is left that`
    pub(super) fn nobody_left(&self) -> &'static str {
        if self.has_tasks() { "nobody is left who" } else { "no thread is left that" }
    }

    /// `no other thread is left that`
    pub(super) fn nobody_else_left(&self) -> &'static str {
        if self.has_tasks() { "nobody else is left who" } else { "no other thread is left that" }
    }

    /// Who has used something together with others.
    pub(super) fn several(&self) -> &'static str {
        if self.has_tasks() { "several" } else { "several threads" }
    }

    /// One of those that wait: `one of these threads`
    pub(super) fn one_of_these(&self) -> String {
        words!("one of these ", self.nouns())
    }
}

/// There are tasks in the program, so that what might help need not be a thread.
pub(super) fn has_tasks(finding: &Finding, snapshot: &Snapshot) -> bool {
    let told = || finding.steps.iter().map(|step| step.actor).chain(finding.victims.iter().copied());
    snapshot.unseen_tasks || told().any(ActorId::is_task) || snapshot.actors.iter().any(|actor| actor.id.is_task())
}

/// `thread` or `task`
pub(super) fn noun(actor: ActorId) -> &'static str {
    if actor.is_task() { "task" } else { "thread" }
}

/// `threads`, `tasks`, or `threads and tasks`
pub(super) fn nouns(steps: &[Step]) -> &'static str {
    let tasks = steps.iter().filter(|step| step.actor.is_task()).count();
    match tasks {
        0 => "threads",
        _ if tasks == steps.len() => "tasks",
        _ => "threads and tasks",
    }
}

/// Those of the steps, each counted once: `2 threads`, `1 thread and 2 tasks`
pub(super) fn crowd(steps: &[Step]) -> String {
    crowd_with(steps, "")
}

/// `2 more threads`, `1 more thread and 2 more tasks`
pub(super) fn more(steps: &[Step]) -> String {
    crowd_with(steps, "more ")
}

fn crowd_with(steps: &[Step], more: &str) -> String {
    let mut actors: Vec<ActorId> = steps.iter().map(|step| step.actor).collect();
    actors.sort_unstable();
    actors.dedup();
    let tasks = actors.iter().filter(|actor| actor.is_task()).count();
    let kinds = [(actors.len() - tasks, "thread"), (tasks, "task")];
    let words = |(count, noun): (usize, &str)| counted(count, &words!(more, noun));
    listed(&kinds.into_iter().filter(|(count, _)| *count != 0).map(words).collect::<Vec<_>>())
}
