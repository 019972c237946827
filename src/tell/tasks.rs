//! The tasks of the program, as a list.

use super::{
    compose::{hold_report, wait_report},
    names::{Scene, amount, counted, past, shown, some_of, use_of},
    text::given_words,
};
use crate::{
    model::{Actor, ActorId, Certainty, Finding, Hold, Mode, ObjectId, On, Rule, Snapshot, TaskFigures, Wait, World},
    report::{HoldReport, TaskReport, TaskState, Tasks, WaitReport},
};
use rustc_hash::FxHashMap;
use std::{fmt, time::Duration};

/// Puts all tasks of a snapshot into words. `figures`: what is counted of one.
pub(crate) fn compose_tasks(
    snapshot: &Snapshot,
    world: &dyn World,
    figures: impl Fn(ActorId) -> Option<TaskFigures>,
) -> Tasks {
    let nothing = Finding {
        rule: Rule::Standstill,
        certainty: Certainty::Possible,
        steps: Vec::new(),
        victims: Vec::new(),
        strangers: None,
    };
    let scene = Scene::new(&nothing, snapshot, world);
    let holders = holders(snapshot);
    let tasks = snapshot.actors.iter().filter(|actor| actor.id.is_task());
    let tasks = tasks.filter_map(|task| Some(task_report(&scene, &holders, task, &figures(task.id)?)));
    Tasks { at: Duration::from_nanos(snapshot.at), tasks: tasks.collect(), lost_wakes: 0 }
}

type Holders = FxHashMap<ObjectId, Vec<ActorId>>;

/// Who holds what. (Asked of every wait: there may be very many.)
fn holders(snapshot: &Snapshot) -> Holders {
    let mut holders = Holders::default();
    for actor in &snapshot.actors {
        for hold in &actor.held {
            holders.entry(hold.object).or_default().push(actor.id);
        }
    }
    holders
}

fn task_report(scene: &Scene<'_>, holders: &Holders, task: &Actor, figures: &TaskFigures) -> TaskReport {
    let info = scene.actor_info(task.id);
    let waits =
        task.wait.iter().chain(&task.also).filter(|wait| {
            !matches!(wait.on, On::Poller { .. } | On::Nothing { .. } | On::Nested { .. } | On::Awaiter(_))
        });
    let idle = figures.age.saturating_sub(figures.busy).saturating_sub(figures.scheduled);
    TaskReport {
        label: scene.thread_in_full(task.id),
        name: info.name,
        id: id(task.id),
        spawned: info.spawned,
        parent: info.parent.map(|parent| scene.thread_in_full(parent)),
        awaited_by: figures.awaited_by.map(id),
        state: state(task, figures),
        polled_by: task.poller().map(|thread| scene.thread_in_full(thread)),
        waits: waits.map(|wait| wait_of(scene, holders, wait)).collect(),
        holds: task.held.iter().map(|hold: &Hold| hold_report(scene, hold, Vec::new())).collect(),
        age: Duration::from_nanos(figures.age),
        polls: figures.polls,
        last_poll: figures.last_poll.map(Duration::from_nanos),
        busy: Duration::from_nanos(figures.busy),
        scheduled: Duration::from_nanos(figures.scheduled),
        idle: Duration::from_nanos(idle),
        longest_poll: Duration::from_nanos(figures.longest),
        wakes: figures.wakes,
        own_wakes: figures.own_wakes,
        needless_wakes: figures.needless_wakes,
        idle_polls: figures.idle_polls,
    }
}

fn id(task: ActorId) -> u64 {
    u64::from(task.generation) << 32 | u64::from(task.index)
}

fn state(task: &Actor, figures: &TaskFigures) -> TaskState {
    match task.wait.map(|wait| wait.on) {
        Some(On::Poller { .. }) => TaskState::Running,
        Some(On::Nothing { .. }) => TaskState::Dead,
        Some(On::Awaiter(_)) if figures.finished => TaskState::Finished,
        Some(On::Awaiter(_)) if figures.is_due => TaskState::PassedOver,
        Some(On::Awaiter(_)) => TaskState::Unwoken,
        Some(_) if !task.stirs => TaskState::Waiting,
        None if figures.finished => TaskState::Finished,
        None if figures.passed_over => TaskState::PassedOver,
        None if figures.is_due || !task.stirs => TaskState::Scheduled,
        None if figures.unwoken => TaskState::Unwoken,
        _ => TaskState::Unknown,
    }
}

/// What it waits for, and who has that.
fn wait_of(scene: &Scene<'_>, holders: &Holders, wait: &Wait) -> WaitReport {
    let mut report = wait_report(scene, wait);
    let wanted = match wait.on {
        On::Object { object, .. } | On::Permits { semaphore: object } => holders.get(&object),
        _ => None,
    };
    if let Some((first, others)) = wanted.and_then(|holders| holders.split_first()) {
        report.label = words!(report.label, ", which ", scene.thread(*first));
        report.label.push_str(match others.len() {
            0 => " holds",
            1 => " and another one hold",
            _ => " and others hold",
        });
    }
    report
}

impl fmt::Display for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost = match self.lost_wakes {
            0 => String::new(),
            1 => "; 1 wake came when its task had ended".into(),
            lost => words!("; ", lost.to_string(), " wakes came when their tasks had ended"),
        };
        writeln!(f, "{}, {} after the start{lost}", counted(self.tasks.len(), "task"), amount(self.at))?;
        let forest = Forest::of(&self.tasks);
        let mut next: Vec<(usize, usize)> = forest.roots.iter().rev().map(|&root| (root, 0)).collect();
        while let Some((index, depth)) = next.pop() {
            let task = &self.tasks[index];
            f.write_str(&lines(task, forest.awaiter(task).map(|awaiter| &*self.tasks[awaiter].label), depth))?;
            next.extend(forest.awaited[index].iter().rev().map(|&awaited| (awaited, depth + 1)));
        }
        Ok(())
    }
}

/// Who awaits whom.
struct Forest {
    by_id: FxHashMap<u64, usize>,
    roots: Vec<usize>,
    /// Of each task.
    awaited: Vec<Vec<usize>>,
}

impl Forest {
    /// The tasks were read one after another, and futures may go from one to another meanwhile: whoever stands in no tree
    /// because of that is a root.
    fn of(tasks: &[TaskReport]) -> Forest {
        let by_id = tasks.iter().enumerate().map(|(index, task)| (task.id, index)).collect();
        let mut forest = Forest { by_id, roots: Vec::new(), awaited: vec![Vec::new(); tasks.len()] };
        for (index, task) in tasks.iter().enumerate() {
            let above = std::iter::successors(forest.awaiter(task), |&above| forest.awaiter(&tasks[above]));
            let in_circle = above.take(tasks.len()).any(|above| above == index);
            match forest.awaiter(task).filter(|_| !in_circle) {
                Some(awaiter) => forest.awaited[awaiter].push(index),
                None => forest.roots.push(index),
            }
        }
        forest
    }

    /// Where it stands in the list who awaits this one.
    fn awaiter(&self, task: &TaskReport) -> Option<usize> {
        self.by_id.get(&task.awaited_by?).copied()
    }
}

/// All that there is to say of one task, line by line.
fn lines(task: &TaskReport, awaiter: Option<&str>, depth: usize) -> String {
    let mut lines = vec![words!(task.label, spawned(task, awaiter))];
    lines.extend(match task.state {
        TaskState::Scheduled if task.polls == 0 => Some("has not been polled yet".to_owned()),
        TaskState::Scheduled => {
            Some(words!("has been woken, and waits for ", awaiter.unwrap_or("a thread"), " to poll it"))
        }
        TaskState::PassedOver => {
            let awaiter = awaiter.unwrap_or("its task");
            Some(words!("has been woken; ", awaiter, " has been polled since, and has not polled it"))
        }
        TaskState::Finished => Some("has given its value".to_owned()),
        TaskState::Unwoken => {
            let who = awaiter.unwrap_or("its executor");
            Some(words!("nobody is known to have its waker; ", who, " may poll it unasked"))
        }
        TaskState::Dead => Some("nobody has its waker: it is never polled again".to_owned()),
        TaskState::Unknown => Some("somebody has its waker of whom nothing is known".to_owned()),
        TaskState::Running | TaskState::Waiting => None,
    });
    lines.extend(task.polled_by.as_ref().map(|thread| words!("is polled by ", thread)));
    let waits = task.waits.iter().enumerate();
    lines.extend(waits.map(|(index, wait)| words!(if index == 0 { "waits " } else { "or " }, waiting(wait))));
    lines.extend(task.holds.iter().map(held));
    lines.push(figures(task));
    let (first, margin) = match depth {
        0 => ("  ".to_owned(), "    ".to_owned()),
        depth => (words!(" ".repeat(4 * depth), "+-> "), " ".repeat(4 * depth + 6)),
    };
    let heads = std::iter::once(first.as_str()).chain(std::iter::repeat(margin.as_str()));
    heads.zip(lines).map(|(head, line)| words!(head, line, "\n")).collect()
}

/// Who has spawned it, and where; or, where it is awaited, who has polled it.
fn spawned(task: &TaskReport, awaiter: Option<&str>) -> String {
    let place = task.spawned.as_ref().filter(|_| task.name.is_some());
    let place = place.map(|place| words!(" at ", shown(place))).unwrap_or_default();
    // Whoever has made it stands above it, most of the time.
    let parent = task.parent.as_deref().filter(|&parent| awaiter != Some(parent));
    let verb = if awaiter.is_some() { ", made" } else { ", spawned" };
    let spawned = match (parent, place.is_empty()) {
        (Some(parent), true) => words!(", of ", parent),
        (Some(parent), false) => words!(verb, place, " by ", parent),
        (None, true) => String::new(),
        (None, false) => words!(verb, place),
    };
    match (awaiter, task.last_poll) {
        (Some(_), Some(ago)) if task.state != TaskState::Running => words!(spawned, ", last polled by it ", past(ago)),
        _ => spawned,
    }
}

fn waiting(wait: &WaitReport) -> String {
    let place = wait.place.as_ref().map(|place| words!(", at ", shown(place))).unwrap_or_default();
    words!(wait.label, ", for ", amount(wait.since), place)
}

fn held(hold: &HoldReport) -> String {
    if hold.granted {
        return words!("was given ", given_words(hold));
    }
    let place = hold.place.as_ref().map(|place| words!(" at ", shown(place))).unwrap_or_default();
    let verb = if hold.mode == Mode::Init { ", begun " } else { ", taken " };
    words!(
        "holds ",
        some_of(hold.object.kind),
        hold.object.label,
        use_of(hold.object.kind, hold.mode),
        verb,
        past(hold.since),
        place
    )
}

/// `polled 12 times, 3 of them to no effect: 1.2 s busy (longest 40 ms), less than 10 ms scheduled, 3.0 s idle; woken 11
/// times, 2 of them by itself, 1 of them when it had been woken already`
fn figures(task: &TaskReport) -> String {
    let times = |count: u64| if count == 1 { "once".into() } else { words!(count.to_string(), " times") };
    let of_them = |count: u64, what: &str| match count {
        0 => String::new(),
        count => words!(", ", count.to_string(), " of them ", what),
    };
    words!(
        "polled ",
        times(task.polls),
        of_them(task.idle_polls, "to no effect"),
        ": ",
        amount(task.busy),
        " busy (longest ",
        amount(task.longest_poll),
        "), ",
        amount(task.scheduled),
        " scheduled, ",
        amount(task.idle),
        " idle; woken ",
        times(task.wakes),
        of_them(task.own_wakes, "by itself"),
        of_them(task.needless_wakes, "when it had been woken already")
    )
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::report::Place;

    /// A task of which there is everything to say.
    pub(in crate::tell) fn one(waits: Vec<WaitReport>, holds: Vec<HoldReport>) -> TaskReport {
        TaskReport {
            label: "task `asks`".into(),
            name: Some("asks".into()),
            id: 1 << 32 | 7,
            spawned: Some(Place { file: "src/main.rs".into(), line: 3, column: 5 }),
            parent: Some("thread `main`".into()),
            awaited_by: None,
            state: TaskState::Waiting,
            polled_by: None,
            waits,
            holds,
            age: Duration::from_secs(4),
            polls: 12,
            last_poll: Some(Duration::from_secs(2)),
            busy: Duration::from_millis(1200),
            scheduled: Duration::ZERO,
            idle: Duration::from_millis(2800),
            longest_poll: Duration::from_millis(40),
            wakes: 11,
            own_wakes: 2,
            needless_wakes: 1,
            idle_polls: 3,
        }
    }

    #[test]
    fn a_task_is_told_line_by_line() {
        let place = Some(Place { file: "src/main.rs".into(), line: 9, column: 1 });
        let wait = |label: &str| WaitReport {
            label: label.into(),
            object: None,
            mode: None,
            since: Duration::from_secs(2),
            place: place.clone(),
        };
        let waits = vec![wait("for Mutex `a`, which task `b` holds"), wait("for the end of its sleep")];
        let tasks = Tasks { at: Duration::from_secs(5), tasks: vec![one(waits, Vec::new())], lost_wakes: 4 };
        assert_eq!(
            tasks.to_string(),
            "1 task, 5.0 s after the start; 4 wakes came when their tasks had ended\n  \
             task `asks`, spawned at src/main.rs:3:5 by thread `main`\n    \
             waits for Mutex `a`, which task `b` holds, for 2.0 s, at src/main.rs:9:1\n    \
             or for the end of its sleep, for 2.0 s, at src/main.rs:9:1\n    \
             polled 12 times, 3 of them to no effect: 1.2 s busy (longest 40 ms), less than 10 ms scheduled, \
             2.8 s idle; woken 11 times, 2 of them by itself, 1 of them when it had been woken already\n"
        );
    }

    /// One that was polled in another, or in none.
    fn inner(id: u64, awaited_by: Option<u64>, state: TaskState) -> TaskReport {
        let label = words!("task `", id.to_string(), "`");
        TaskReport { id, label, awaited_by, state, ..one(Vec::new(), Vec::new()) }
    }

    #[test]
    fn what_is_awaited_stands_beneath_who_awaits_it() {
        let tasks = vec![
            inner(5, Some(4), TaskState::PassedOver),
            inner(1, None, TaskState::Waiting),
            inner(4, Some(1), TaskState::Waiting),
            inner(2, None, TaskState::Unknown),
            inner(3, Some(1), TaskState::Scheduled),
            TaskReport { parent: Some("task `4`".into()), ..inner(6, Some(4), TaskState::Running) },
            inner(7, Some(99), TaskState::Waiting),
        ];
        let text = Tasks { at: Duration::from_secs(5), tasks, lost_wakes: 1 }.to_string();
        insta::assert_snapshot!(text.replace(&figures(&one(Vec::new(), Vec::new())), "(figures)"));
    }

    /// Futures that went from one task to another while those were read.
    #[test]
    fn whoever_seems_to_await_itself_is_told_all_the_same() {
        let waiting = |id, awaited_by| inner(id, Some(awaited_by), TaskState::Waiting);
        let tasks = Tasks {
            at: Duration::ZERO,
            tasks: vec![waiting(1, 2), waiting(2, 1), waiting(3, 1), waiting(4, 4)],
            ..Tasks::default()
        };
        let text = tasks.to_string();
        for label in ["task `1`,", "task `2`,", "task `3`,", "task `4`,"] {
            assert_eq!(text.matches(label).count(), 1, "{text}");
        }
    }
}
