//! Tasks: a track for each, with what it does, and its polls on the tracks of the threads that poll it.

use super::{
    arrows::Mark,
    lines::Text,
    names,
    scene::{DEPTH, Hold, Slice, Source, Stage, Thread, UNSEEN, is_object, nameless},
};
use crate::model::{ActorId, Event, Nanos, Op, PlaceId};
use rustc_hash::{FxHashMap, FxHashSet};

/// Tasks that live at once.
const TASKS: usize = 1 << 16;
/// A task is named right after its first poll has begun, by the same thread; so far ahead that is looked for. (Others may do very
/// much while the thread is kept from its core.)
const AHEAD: usize = 1 << 14;
/// The category of arrows to polls.
const WAKES: &str = "task.wake";
/// Of what a task awaits at once, so much is named.
const AWAITED: usize = 3;

/// All tasks that live.
#[derive(Default)]
pub(super) struct Tasks {
    live: FxHashMap<ActorId, Task>,
    /// Holds that were taken in polls, by object: their guards may go anywhere.
    pub(super) holds: FxHashMap<u64, Vec<u64>>,
}

struct Task {
    /// Its track and what it is called; `None` until it is polled, when it has its name.
    drawn: Option<(u64, Text)>,
    made: Nanos,
    spawned: Option<Text>,
    /// The slice that is open within its own.
    phase: Option<Text>,
    /// By whom it was spawned, or has been woken since its last poll began.
    woken: Option<(Mark, Cause)>,
    /// What its last poll has left it to wait for.
    awaits: Vec<Text>,
}

/// Why a poll comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    Spawn,
    Wake,
}

impl Tasks {
    /// How many live.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.live.len()
    }

    /// How many of these events can be drawn: not those from a task's first poll on after which its thread has done nothing yet. What
    /// it does next is to name the task, perhaps; and all that is drawn of the task is called by that.
    pub(super) fn decided(&self, events: &[Event]) -> usize {
        let (mut later, mut decided) = (FxHashSet::default(), events.len());
        for (index, event) in events.iter().enumerate().rev() {
            if later.insert(event.actor) && event.op == Op::Poll {
                let task = Event::actor_operand(event.object).and_then(|id| self.live.get(&id));
                if task.is_none_or(|task| task.drawn.is_none()) {
                    decided = index;
                }
            }
        }
        decided
    }

    /// What the task is called, once that is known.
    pub(super) fn label(&self, task: ActorId) -> Option<&Text> {
        self.live.get(&task)?.drawn.as_ref().map(|(_, label)| label)
    }

    /// A hold has ended.
    pub(super) fn hold_ended(&mut self, hold: u64, ended: &Hold) {
        if ended.task.is_some()
            && let Some(holds) = self.holds.get_mut(&ended.object)
        {
            holds.retain(|&other| other != hold);
            if holds.is_empty() {
                self.holds.remove(&ended.object);
            }
        }
    }
}

impl Thread {
    /// The task that it polls: the innermost.
    pub(super) fn polled_task(&self) -> Option<ActorId> {
        self.slices.iter().rev().find_map(|slice| match slice {
            Slice::Poll(task) => Some(*task),
            _ => None,
        })
    }

    /// Whether it polls this task.
    pub(super) fn polls(&self, task: ActorId) -> bool {
        self.slices.iter().any(|slice| matches!(slice, Slice::Poll(polled) if *polled == task))
    }

    /// A poll begins; `next` are the events that follow.
    pub(super) fn poll(&mut self, event: &Event, next: &[Event], stage: &mut Stage, source: Source<'_>) {
        let Event { at, place, .. } = *event;
        let Some(id) = Event::actor_operand(event.object) else { return };
        if self.slices.len() >= DEPTH || !stage.knows(id, place, at, source) {
            stage.totals.omitted += 1;
            return;
        }
        stage.draw_task(id, || name(event, next, source).or_else(|| source.world.actor(id)?.name));
        stage.end_phase(id, at);
        let Some(task) = stage.tasks.live.get_mut(&id) else { return };
        let (woken, label) = (task.woken.take(), task.label());
        task.awaits.clear();
        let line = stage.lines.event("B", self.tid, at).name(&[label.as_str()]).category("task.poll");
        line.text_if("spawned", task.spawned.as_ref()).end();
        self.slices.push(Slice::Poll(id));
        if let Some((mark, cause)) = woken {
            stage.woken_poll(mark, cause, &label, Mark { tid: self.tid, at });
        }
        stage.begin_phase(id, Text::escaped("running".into()), Some(("thread", &self.label)), at);
    }

    /// A poll is over.
    pub(super) fn polled(&mut self, event: &Event, stage: &mut Stage, source: Source<'_>) {
        let Event { at, object, op, .. } = *event;
        let Some(id) = Event::actor_operand(object) else { return };
        let is_its = |slice: &Slice| matches!(slice, Slice::Poll(polled) if *polled == id);
        let Some(index) = self.slices.iter().rposition(is_its) else { return };
        let done = op == Op::Done;
        self.end_slice(index, if done { "done" } else { "pending" }, at, stage, source);
        stage.end_phase(id, at);
        if done {
            stage.end_task(id, "done", at);
        } else {
            stage.rests(id, at);
        }
    }

    /// Operations of the thread were lost: whether the polls are over that go on in it is not known any more.
    pub(super) fn polls_are_unseen(&mut self, at: Nanos, stage: &mut Stage, source: Source<'_>) {
        while let Some(index) = self.slices.iter().rposition(|slice| matches!(slice, Slice::Poll(_))) {
            if let Some(Slice::Poll(id)) = self.end_slice(index, UNSEEN, at, stage, source) {
                stage.end_phase(id, at);
            }
        }
    }

    /// The task that it polls awaits something.
    pub(super) fn awaits(&mut self, event: &Event, stage: &mut Stage, source: Source<'_>) {
        let Some(id) = self.polled_task() else { return };
        let what = stage.awaited(event.object, source);
        if let Some(task) = stage.tasks.live.get_mut(&id)
            && !task.awaits.contains(&what)
        {
            task.awaits.push(what);
        }
    }

    /// It wakes a task.
    pub(super) fn wakes(&mut self, event: &Event, stage: &mut Stage) {
        let Event { at, object, .. } = *event;
        let Some(id) = Event::actor_operand(object) else { return };
        let by = self.polled_task().and_then(|task| stage.tasks.label(task)).unwrap_or(&self.label).clone();
        let Some(task) = stage.tasks.live.get_mut(&id).filter(|task| task.woken.is_none()) else { return };
        task.woken = Some((Mark { tid: self.tid, at }, Cause::Wake));
        // In the middle of its poll, it goes on running.
        if task.phase.as_ref().is_some_and(|phase| phase.as_str() != "running") {
            stage.end_phase(id, at);
            stage.begin_phase(id, Text::escaped("scheduled".into()), Some(("by", &by)), at);
        }
    }
}

impl Task {
    fn label(&self) -> Text {
        self.drawn.as_ref().map_or_else(|| Text::escaped("task".into()), |(_, label)| label.clone())
    }
}

/// The name that the task gets in the poll that begins here.
fn name(poll: &Event, next: &[Event], source: Source<'_>) -> Option<String> {
    let next = next.iter().take(AHEAD).find(|next| next.actor == poll.actor)?;
    if next.op == Op::Named { source.world.class(next.object) } else { None }
}

impl Stage {
    /// A task was made.
    pub(super) fn made(&mut self, tid: u64, id: ActorId, place: PlaceId, at: Nanos, source: Source<'_>) {
        let woken = Some((Mark { tid, at }, Cause::Spawn));
        if !self.add(id, woken, place, at, source) {
            self.totals.omitted += 1;
        }
    }

    /// Whether the task is among those that are drawn; from here on, if its making was not recorded.
    fn knows(&mut self, id: ActorId, place: PlaceId, at: Nanos, source: Source<'_>) -> bool {
        self.tasks.live.contains_key(&id) || self.add(id, None, place, at, source)
    }

    fn add(
        &mut self,
        id: ActorId,
        woken: Option<(Mark, Cause)>,
        place: PlaceId,
        made: Nanos,
        source: Source<'_>,
    ) -> bool {
        if self.tasks.live.len() >= TASKS {
            return false;
        }
        let spawned = self.names.place(place, source.world);
        let task = Task { drawn: None, made, spawned, phase: None, woken, awaits: Vec::new() };
        self.tasks.live.insert(id, task);
        true
    }

    /// Draws the task's own slice, from its making on, if that has not been done.
    fn draw_task(&mut self, id: ActorId, name: impl FnOnce() -> Option<String>) {
        let Some(task) = self.tasks.live.get(&id).filter(|task| task.drawn.is_none()) else { return };
        let (made, spawned) = (task.made, task.spawned.clone());
        let label = names::task(name().as_deref(), spawned.as_ref(), id.number());
        let (track, pid) = (self.new_track(), self.pid());
        let line = self.lines.event("b", pid, made).name(&[label.as_str()]).category("task").local_id(track);
        line.text_if("spawned", spawned.as_ref()).end();
        if let Some(task) = self.tasks.live.get_mut(&id) {
            task.drawn = Some((track, label.clone()));
        }
        self.begin_phase(id, Text::escaped("scheduled".into()), None, made);
    }

    fn begin_phase(&mut self, id: ActorId, phase: Text, argument: Option<(&str, &Text)>, at: Nanos) {
        let pid = self.pid();
        let Some(task) = self.tasks.live.get_mut(&id) else { return };
        let Some((track, _)) = task.drawn else { return };
        let line = self.lines.event("b", pid, at).name(&[phase.as_str()]).category("task").local_id(track);
        match argument {
            Some((key, value)) => line.text(key, value.as_str()).end(),
            None => line.end(),
        }
        task.phase = Some(phase);
    }

    fn end_phase(&mut self, id: ActorId, at: Nanos) {
        let pid = self.pid();
        let Some(task) = self.tasks.live.get_mut(&id) else { return };
        let (Some((track, _)), Some(phase)) = (&task.drawn, task.phase.take()) else { return };
        self.lines.event("e", pid, at).name(&[phase.as_str()]).category("task").local_id(*track).end();
    }

    /// After a poll that was pending: it awaits something, or is due again.
    fn rests(&mut self, id: ActorId, at: Nanos) {
        let Some(task) = self.tasks.live.get(&id) else { return };
        if task.woken.is_some() {
            let (by, phase) = (task.label(), Text::escaped("scheduled".into()));
            return self.begin_phase(id, phase, Some(("by", &by)), at);
        }
        let phase = match task.awaits.as_slice() {
            [] => "pending".into(),
            [one] => format!("awaits {}", one.as_str()),
            all => {
                let named: Vec<&str> = all.iter().take(AWAITED).map(Text::as_str).collect();
                let more = all.len().saturating_sub(AWAITED);
                let rest = if more == 0 { String::new() } else { format!(" or {more} more") };
                format!("awaits {}{rest}", named.join(" or "))
            }
        };
        self.begin_phase(id, Text::escaped(phase), None, at);
    }

    fn end_task(&mut self, id: ActorId, outcome: &str, at: Nanos) {
        self.end_phase(id, at);
        let pid = self.pid();
        let Some(Task { drawn: Some((track, label)), .. }) = self.tasks.live.remove(&id) else { return };
        let line = self.lines.event("e", pid, at).name(&[label.as_str()]).category("task").local_id(track);
        line.text("outcome", outcome).end();
    }

    /// A task's future was dropped before it was done; perhaps before it was polled.
    pub(super) fn dropped(&mut self, event: &Event, source: Source<'_>) {
        if let Some(id) = Event::actor_operand(event.object) {
            self.draw_task(id, || source.world.actor(id)?.name);
            self.end_task(id, "dropped", event.at);
        }
    }

    /// Those that were never polled, at the end.
    pub(super) fn draw_unpolled(&mut self) {
        let undrawn = self.tasks.live.iter().filter(|(_, task)| task.drawn.is_none());
        let mut unpolled: Vec<(Nanos, ActorId)> = undrawn.map(|(&id, task)| (task.made, id)).collect();
        unpolled.sort_unstable();
        unpolled.into_iter().for_each(|(_, id)| self.draw_task(id, || None));
    }

    /// An arrow to the poll that begins here.
    fn woken_poll(&mut self, from: Mark, cause: Cause, label: &Text, to: Mark) {
        let (name, tail) = match cause {
            Cause::Spawn => ("spawn", format!("spawns {}", label.as_str())),
            Cause::Wake => ("wake", format!("wakes {}", label.as_str())),
        };
        let arrow = self.tail(WAKES, name, &tail, None, from);
        self.head(WAKES, name, arrow, to);
    }

    /// What is awaited, in words.
    fn awaited(&mut self, on: u64, source: Source<'_>) -> Text {
        if is_object(on) {
            return self.object(on, source).label.clone();
        }
        match Event::actor_operand(on) {
            Some(actor) => self.end_of(actor, source),
            None => Text::new(nameless(on)),
        }
    }

    /// Somebody's end, as something to wait for.
    pub(super) fn end_of(&self, actor: ActorId, source: Source<'_>) -> Text {
        match self.tasks.label(actor) {
            Some(label) => Text::escaped(format!("the end of {}", label.as_str())),
            None => names::end_of(actor, source.world),
        }
    }

    /// The open hold of this object that the task has taken, at this place if that is known.
    pub(super) fn hold_of(&self, task: ActorId, object: u64, place: PlaceId) -> Option<u64> {
        self.taken(object, |hold| hold.task == Some(task) && (place == PlaceId::UNKNOWN || hold.place == place))
    }

    /// One that any task has taken there; or anywhere, if that is not known.
    pub(super) fn hold_of_a_task(&self, object: u64, place: PlaceId) -> Option<u64> {
        self.taken(object, |hold| place == PlaceId::UNKNOWN || hold.place == place)
    }

    fn taken(&self, object: u64, by: impl Fn(&Hold) -> bool) -> Option<u64> {
        let holds = self.tasks.holds.get(&object)?;
        holds.iter().find(|hold| self.holds.get(hold).is_some_and(&by)).copied()
    }
}
