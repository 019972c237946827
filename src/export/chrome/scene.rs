//! What is open at a moment of the recording, and which event ends or allows which.
//!
//! Every event may be missing: recording can begin late, and operations get lost. So nothing is ended that was not
//! begun, and what must have ended without our seeing it is closed as soon as that shows. What is kept is bounded,
//! whatever the program does; where a bound is hit, something is left out and counted.

use super::{
    arrows::{Birth, Mark, Note, Release},
    lines::{Lines, Text},
    names::{self, Names},
    recent::Recent,
    tasks::Tasks,
};
use crate::{
    export::Spans,
    model::{ActorId, Event, Kind, Mode, Nanos, ObjectId, Op, PlaceId, World},
};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Objects that are known by name, with their last release.
const OBJECTS: usize = 1 << 14;
/// Holds that are open at once.
const HOLDS: usize = 1 << 16;
/// Slices that are open at once on one thread; viewers draw no more than 512.
pub(super) const DEPTH: usize = 256;
const ENDED: &str = "acquired";
const TIMED_OUT: &str = "timed out";
pub(super) const UNSEEN: &str = "unknown: its end was not recorded";

/// Where names come from while events are drawn.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) world: &'a dyn World,
    pub(super) spans: &'a dyn Spans,
}

pub(super) struct Object {
    pub(super) label: Text,
    pub(super) release: Option<Release>,
    /// The open hold that shuts out all others.
    exclusive: Option<u64>,
    pub(super) notes: VecDeque<Note>,
}

pub(super) struct Hold {
    tid: u64,
    label: Text,
    pub(super) object: u64,
    pub(super) place: PlaceId,
    /// The task that has taken it, in one of its polls.
    pub(super) task: Option<ActorId>,
}

/// A slice that is open on a thread's track.
pub(super) enum Slice {
    Wait { on: u64, since: Nanos, counted: Option<Text>, doubtful: bool },
    Span(u64),
    Poll(ActorId),
}

pub(super) struct Thread {
    id: ActorId,
    pub(super) tid: u64,
    pub(super) label: Text,
    last: Nanos,
    pub(super) slices: Vec<Slice>,
    /// `(object, hold)`, oldest first.
    holds: Vec<(u64, u64)>,
    /// What it waited for until its last event, and since when.
    waited: Option<(u64, Nanos)>,
    /// Some of its operations were lost.
    lossy: bool,
}

/// A thread that has ended.
pub(super) struct Parted {
    pub(super) mark: Mark,
    label: Text,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Totals {
    pub(super) events: u64,
    pub(super) lost: u64,
    pub(super) reports: u64,
    /// Waits, holds and spans that were left out, since too many were open.
    pub(super) omitted: u64,
}

/// All that is open.
pub(super) struct Scene {
    threads: FxHashMap<u32, Thread>,
    stage: Stage,
}

/// What does not belong to one thread.
pub(super) struct Stage {
    pub(super) lines: Lines,
    pub(super) totals: Totals,
    pub(super) last: Nanos,
    pub(super) names: Names,
    pid: u64,
    main: bool,
    tids: u64,
    objects: FxHashMap<u64, Object>,
    pub(super) holds: FxHashMap<u64, Hold>,
    /// Tracks of holds, and of tasks.
    pub(super) tracks: u64,
    pub(super) tasks: Tasks,
    /// Waiters by label.
    queues: FxHashMap<Text, u64>,
    pub(super) births: Recent<ActorId, Birth>,
    pub(super) parted: Recent<ActorId, Parted>,
    pub(super) arrows: u64,
    /// Until then, any release may have been lost.
    pub(super) gap: Nanos,
}

impl Scene {
    pub(super) fn new(pid: u64) -> Scene {
        Scene {
            threads: FxHashMap::default(),
            stage: Stage {
                lines: Lines::new(pid),
                totals: Totals::default(),
                last: 0,
                names: Names::default(),
                pid,
                main: false,
                tids: 0,
                objects: FxHashMap::default(),
                holds: FxHashMap::default(),
                tracks: 0,
                tasks: Tasks::default(),
                queues: FxHashMap::default(),
                births: Recent::new(),
                parted: Recent::new(),
                arrows: 0,
                gap: 0,
            },
        }
    }

    pub(super) fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    /// Draws one event; `next` are those that follow.
    pub(super) fn event(&mut self, event: &Event, next: &[Event], source: Source<'_>) {
        let Event { at, actor, op, object, place } = *event;
        let stage = &mut self.stage;
        stage.totals.events += 1;
        stage.last = stage.last.max(at);
        let thread = arrived(&mut self.threads, stage, actor, source);
        thread.last = at;
        let waited = thread.waited.take();
        thread.runs(op, object, at, stage, source);
        match op {
            Op::Lock => thread.acquired(event, Mode::Exclusive, waited, stage, source),
            Op::Read => thread.acquired(event, Mode::Shared, waited, stage, source),
            Op::Init => thread.acquired(event, Mode::Init, waited, stage, source),
            Op::ReadUpgradable => thread.acquired(event, Mode::Upgradable, waited, stage, source),
            Op::Unlock => drop(thread.released(event, ("released", "unlock"), stage, source)),
            Op::Downgrade => thread.goes_on(event, Mode::Shared, ("downgraded", "downgrade"), stage, source),
            Op::DowngradeToUpgradable => {
                thread.goes_on(event, Mode::Upgradable, ("downgraded", "downgrade"), stage, source);
            }
            Op::Upgrade => thread.goes_on(event, Mode::Exclusive, ("upgraded", "upgrade"), stage, source),
            Op::Wait => thread.wait(object, place, at, stage, source),
            Op::WaitEnd => thread.wait_ended(object, ENDED, at, stage, source),
            Op::TimedOut => thread.wait_ended(object, TIMED_OUT, at, stage, source),
            Op::NotifyOne | Op::NotifyAll => stage.signalled(thread.tid, event, source),
            Op::Send | Op::Receive => thread.passed(event, waited, stage, source),
            Op::Spawn => stage.spawned(thread.tid, object, place, at, source),
            Op::Start => stage.started(thread.tid, actor, at),
            Op::End => {
                if let Some(thread) = self.threads.remove(&actor.index) {
                    thread.ended(at, "end", stage, source);
                }
            }
            Op::Enter => thread.enter(object, at, stage, source),
            Op::Exit => thread.exit(object, at, stage, source),
            Op::Poll => thread.poll(event, next, stage, source),
            Op::Pending | Op::Done => thread.polled(event, stage, source),
            Op::Await => thread.awaits(event, stage, source),
            Op::Wake => thread.wakes(event, stage),
            Op::Dropped => stage.dropped(event, source),
            // Found with the poll: see `Thread::poll`.
            Op::Named => {}
        }
    }

    /// How much is kept: threads, objects, holds, queues, tasks.
    #[cfg(test)]
    pub(super) fn kept(&self) -> [usize; 5] {
        let Stage { objects, holds, queues, tasks, .. } = &self.stage;
        [self.threads.len(), objects.len(), holds.len(), queues.len(), tasks.len()]
    }

    /// The track on which this actor does things: of a task, that of the thread that polls it, if one does.
    pub(super) fn tid(&mut self, actor: ActorId, source: Source<'_>) -> Option<u64> {
        if actor.is_task() {
            return self.threads.values().find(|thread| thread.polls(actor)).map(|thread| thread.tid);
        }
        Some(arrived(&mut self.threads, &mut self.stage, actor, source).tid)
    }

    /// Operations of the actor are missing. What is open may have ended: its next operation will show.
    pub(super) fn lost(&mut self, actor: ActorId, count: u64, since: Nanos, until: Nanos, source: Source<'_>) {
        let stage = &mut self.stage;
        let thread = arrived(&mut self.threads, stage, actor, source);
        thread.lossy = true;
        thread.last = thread.last.max(until);
        for slice in &mut thread.slices {
            if let Slice::Wait { doubtful, .. } = slice {
                *doubtful = true;
            }
        }
        thread.polls_are_unseen(until, stage, source);
        stage.totals.lost = stage.totals.lost.saturating_add(count);
        stage.gap = stage.gap.max(until);
        stage.last = stage.last.max(until);
        let plural = if count == 1 { "" } else { "s" };
        let line = stage.lines.event("i", thread.tid, until).name(&["lost ", &count.to_string(), " operation", plural]);
        let line = line.category("loss").raw(",\"s\":\"t\"").number("count", count);
        line.number("after_ns", since).number("before_ns", until).end();
    }
}

/// The actor's thread; one that had its slot before must have ended.
fn arrived<'t>(
    threads: &'t mut FxHashMap<u32, Thread>,
    stage: &mut Stage,
    actor: ActorId,
    source: Source<'_>,
) -> &'t mut Thread {
    if threads.get(&actor.index).is_some_and(|thread| thread.id != actor)
        && let Some(former) = threads.remove(&actor.index)
    {
        let at = former.last;
        former.ended(at, "end not recorded", stage, source);
    }
    threads.entry(actor.index).or_insert_with(|| stage.thread(actor, source))
}

impl Thread {
    fn acquired(
        &mut self,
        event: &Event,
        mode: Mode,
        waited: Option<(u64, Nanos)>,
        stage: &mut Stage,
        source: Source<'_>,
    ) {
        let Event { at, object, .. } = *event;
        if let Some((on, since)) = waited
            && on == object
        {
            stage.let_in(self.tid, object, since, at, "acquired", source);
        }
        if let Some(stale) = stage.object(object, source).exclusive.take() {
            stage.end_hold(stale, UNSEEN, at);
        }
        self.hold(event, mode, stage, source);
    }

    fn hold(&mut self, event: &Event, mode: Mode, stage: &mut Stage, source: Source<'_>) {
        let Event { at, object, place, .. } = *event;
        if stage.holds.len() >= HOLDS {
            stage.totals.omitted += 1;
            return;
        }
        let (hold, task) = (stage.new_track(), self.polled_task());
        let here = stage.names.place(place, source.world);
        let known = stage.object(object, source);
        if !mode.reads() {
            known.exclusive = Some(hold);
        }
        let label = known.label.clone();
        let line = stage.lines.event("b", self.tid, at).name(&[label.as_str()]).category("lock.hold").local_id(hold);
        let line = line.text("thread", self.label.as_str());
        let line = line.text_if("task", task.and_then(|task| stage.tasks.label(task)));
        let line = line.text("mode", mode.word()).text_if("place", here.as_ref());
        line.number("object", ObjectId(object).serial()).end();
        stage.holds.insert(hold, Hold { tid: self.tid, label, object, place, task });
        if task.is_some() {
            stage.tasks.holds.entry(object).or_default().push(hold);
            return;
        }
        if self.holds.len() == self.holds.capacity() {
            // Those that were closed for the thread.
            self.holds.retain(|(_, hold)| stage.holds.contains_key(hold));
        }
        self.holds.push((object, hold));
    }

    fn released(
        &mut self,
        event: &Event,
        (outcome, what): (&'static str, &'static str),
        stage: &mut Stage,
        source: Source<'_>,
    ) -> Option<Hold> {
        let Event { at, object, place, .. } = *event;
        let hold = self.polled_task().and_then(|task| stage.hold_of(task, object, place));
        let own = |holds: &mut Vec<(u64, u64)>| {
            let index = holds.iter().rposition(|held| held.0 == object)?;
            Some(holds.remove(index).1)
        };
        let hold = hold.or_else(|| own(&mut self.holds)).or_else(|| stage.hold_of_a_task(object, place));
        let mark = Mark { tid: self.tid, at };
        let known = stage.object(object, source);
        known.release = Some(Release { mark, what, arrow: None });
        // Not its own: then the guard was sent to this thread by the one that holds it.
        let hold = hold.or(known.exclusive);
        known.exclusive = known.exclusive.filter(|&exclusive| Some(exclusive) != hold);
        stage.end_hold(hold?, outcome, at)
    }

    /// A hold in another mode comes in place of this one.
    fn goes_on(
        &mut self,
        event: &Event,
        mode: Mode,
        outcome: (&'static str, &'static str),
        stage: &mut Stage,
        source: Source<'_>,
    ) {
        let place = self.released(event, outcome, stage, source).map(|hold| hold.place);
        self.hold(&Event { place: place.unwrap_or_default(), ..*event }, mode, stage, source);
    }

    fn wait(&mut self, on: u64, place: PlaceId, at: Nanos, stage: &mut Stage, source: Source<'_>) {
        if self.slices.len() >= DEPTH {
            stage.totals.omitted += 1;
            return;
        }
        let place = stage.names.place(place, source.world);
        let counted = is_object(on).then(|| stage.object(on, source).label.clone());
        let (what, label) = match (&counted, Event::actor_operand(on)) {
            (Some(label), _) => (argument(on), Some(label.clone())),
            (None, Some(actor)) => ("for", Some(stage.end_of(actor, source))),
            (None, None) => ("for", Some(Text::new(nameless(on)))),
        };
        let name = label.as_ref().map_or("", Text::as_str);
        let between = if counted.is_some() { "wait " } else { "wait for " };
        let line = stage.lines.event("B", self.tid, at).name(&[between, name]).category("lock.wait");
        line.text(what, name).text_if("place", place.as_ref()).end();
        if let Some(label) = &counted {
            stage.queue(label, at, |waiters| waiters + 1);
        }
        self.slices.push(Slice::Wait { on, since: at, counted, doubtful: false });
    }

    fn wait_ended(&mut self, on: u64, outcome: &'static str, at: Nanos, stage: &mut Stage, source: Source<'_>) {
        let open = |slice: &Slice| matches!(slice, Slice::Wait { on: other, .. } if *other == on);
        let Some(index) = self.slices.iter().rposition(open) else { return };
        let Some(Slice::Wait { since, .. }) = self.end_slice(index, outcome_of(on, outcome), at, stage, source) else {
            return;
        };
        if outcome == TIMED_OUT {
            return;
        }
        self.waited = Some((on, since));
        if let Some(actor) = Event::actor_operand(on) {
            stage.joined(self.tid, actor, at);
        } else if is_object(on) {
            match ObjectId(on).kind() {
                Kind::Condvar => stage.woken(self.tid, on, [Op::NotifyOne, Op::NotifyAll], since, at, source),
                Kind::Once | Kind::OnceLock | Kind::LazyLock => {
                    stage.let_in(self.tid, on, since, at, "initialised", source);
                }
                // What it waited for shows with what it does next.
                Kind::Mutex | Kind::RwLock | Kind::Channel | Kind::Barrier => {}
                Kind::Semaphore | Kind::Notify | Kind::OnceCell | Kind::SetOnce => {}
            }
        }
    }

    /// A message has passed: where that was waited for, there is an arrow from what the other end did.
    fn passed(&mut self, event: &Event, waited: Option<(u64, Nanos)>, stage: &mut Stage, source: Source<'_>) {
        if let Some((on, since)) = waited
            && on == event.object
        {
            let by = if event.op == Op::Receive { Op::Send } else { Op::Receive };
            stage.woken(self.tid, on, [by, by], since, event.at, source);
        }
        stage.signalled(self.tid, event, source);
    }

    fn enter(&mut self, span: u64, at: Nanos, stage: &mut Stage, source: Source<'_>) {
        if self.slices.len() >= DEPTH {
            stage.totals.omitted += 1;
            return;
        }
        stage.begin_span(self.tid, span, at, source);
        self.slices.push(Slice::Span(span));
    }

    fn exit(&mut self, span: u64, at: Nanos, stage: &mut Stage, source: Source<'_>) {
        let open = |slice: &Slice| matches!(slice, Slice::Span(other) if *other == span);
        if let Some(index) = self.slices.iter().rposition(open) {
            self.end_slice(index, "", at, stage, source);
        }
    }

    /// Ends one slice. On a track they must nest, so waits inside end with it, and spans that were entered later and
    /// are still open (`tracing` allows that) go on as new slices.
    pub(super) fn end_slice(
        &mut self,
        index: usize,
        outcome: &str,
        at: Nanos,
        stage: &mut Stage,
        source: Source<'_>,
    ) -> Option<Slice> {
        let later = self.slices.split_off(index + 1);
        for slice in later.iter().rev() {
            stage.end_slice(self.tid, slice, UNSEEN, at);
        }
        let ended = self.slices.pop()?;
        stage.end_slice(self.tid, &ended, outcome, at);
        for slice in later {
            if let Slice::Span(span) = slice {
                stage.begin_span(self.tid, span, at, source);
                self.slices.push(slice);
            }
        }
        Some(ended)
    }

    /// The thread does something, so waits in which it could not are over, unless this is their end: the end was lost,
    /// or was a panic.
    fn runs(&mut self, op: Op, object: u64, at: Nanos, stage: &mut Stage, source: Source<'_>) {
        let is_over = |slice: &Slice| match *slice {
            Slice::Wait { on, .. } if on == object && matches!(op, Op::WaitEnd | Op::TimedOut) => false,
            Slice::Wait { on, doubtful, .. } => doubtful || stands_still(on),
            Slice::Span(_) | Slice::Poll(_) => false,
        };
        while let Some(index) = self.slices.iter().rposition(is_over) {
            self.end_slice(index, UNSEEN, at, stage, source);
        }
    }

    fn ended(mut self, at: Nanos, what: &'static str, stage: &mut Stage, source: Source<'_>) {
        if !self.slices.is_empty() {
            for slice in std::mem::take(&mut self.slices).iter().rev() {
                stage.end_slice(self.tid, slice, UNSEEN, at);
            }
        }
        for &(object, hold) in &self.holds {
            if self.lossy {
                stage.end_hold(hold, UNSEEN, at);
            } else {
                // Leaked: it stays open, and nobody can ever end it.
                stage.holds.remove(&hold);
            }
            let known = stage.object(object, source);
            known.exclusive = known.exclusive.filter(|&exclusive| exclusive != hold);
        }
        stage.instant(self.tid, what, at);
        let Thread { id, tid, label, .. } = self;
        stage.parted.insert(id, Parted { mark: Mark { tid, at }, label });
    }
}

impl Stage {
    pub(super) fn pid(&self) -> u64 {
        self.pid
    }

    /// The last events, and the end of the array.
    pub(super) fn finish(&mut self) {
        self.draw_unpolled();
        let Totals { events, lost, reports, omitted } = self.totals;
        if lost > 0 || omitted > 0 {
            let line = self.lines.event("i", self.pid, self.last).name(&["this trace has gaps"]).category("loss");
            line.raw(",\"s\":\"p\"").number("lost_operations", lost).number("omitted_slices", omitted).end();
        }
        let line = self.lines.event("M", self.pid, 0).name(&["gordian_end"]).number("events", events);
        line.number("lost_operations", lost).number("omitted_slices", omitted).number("reports", reports).end();
        self.lines.close();
    }

    /// A thread that is seen for the first time, or again after its end (in a destructor of a thread-local).
    fn thread(&mut self, id: ActorId, source: Source<'_>) -> Thread {
        let new = |tid, label| Thread {
            id,
            tid,
            label,
            last: 0,
            slices: Vec::new(),
            holds: Vec::new(),
            waited: None,
            lossy: false,
        };
        if let Some(parted) = self.parted.get(&id) {
            return new(parted.mark.tid, parted.label.clone());
        }
        let info = source.world.actor(id);
        let label = names::thread(info.as_ref());
        let is_main = !self.main
            && info.is_some_and(|info| {
                info.name.as_deref() == Some("main") && info.parent.is_none() && info.spawned.is_none()
            });
        // Viewers sort by number, put the thread that has the process's first, and mark it.
        let tid = if is_main { self.pid } else { self.next_tid() };
        self.main |= is_main;
        let rank = if is_main { 0 } else { tid };
        self.lines.event("M", tid, 0).name(&["thread_name"]).text("name", label.as_str()).end();
        self.lines.event("M", tid, 0).name(&["thread_sort_index"]).number("sort_index", rank).end();
        new(tid, label)
    }

    fn next_tid(&mut self) -> u64 {
        self.tids += 1;
        if self.tids == self.pid {
            self.tids += 1;
        }
        self.tids
    }

    /// The number of another track of slices that belong to no thread.
    pub(super) fn new_track(&mut self) -> u64 {
        self.tracks += 1;
        self.tracks
    }

    pub(super) fn object(&mut self, id: u64, source: Source<'_>) -> &mut Object {
        if self.objects.len() >= OBJECTS && !self.objects.contains_key(&id) {
            // Those that are gone cannot be told from those that rest. Holds keep what they need to end.
            self.objects.clear();
        }
        self.objects.entry(id).or_insert_with(|| Object {
            label: self.names.object(ObjectId(id), source.world),
            release: None,
            exclusive: None,
            notes: VecDeque::new(),
        })
    }

    fn end_hold(&mut self, hold: u64, outcome: &'static str, at: Nanos) -> Option<Hold> {
        let ended = self.holds.remove(&hold)?;
        self.tasks.hold_ended(hold, &ended);
        let line = self.lines.event("e", ended.tid, at).name(&[ended.label.as_str()]).category("lock.hold");
        line.local_id(hold).text("outcome", outcome).end();
        Some(ended)
    }

    fn begin_span(&mut self, tid: u64, span: u64, at: Nanos, source: Source<'_>) {
        let info = source.spans.span(span).unwrap_or_default();
        let name = Text::new(if info.name.is_empty() { "span" } else { &info.name });
        let mut line = self.lines.event("B", tid, at).name(&[name.as_str()]).category("span");
        for (key, value) in &info.fields {
            line = line.text(Text::new(key).as_str(), Text::new(value).as_str());
        }
        line.end();
    }

    fn end_slice(&mut self, tid: u64, slice: &Slice, outcome: &str, at: Nanos) {
        let line = self.lines.event("E", tid, at);
        match slice {
            Slice::Span(_) => line.end(),
            Slice::Poll(_) => line.text("outcome", outcome).end(),
            Slice::Wait { counted, .. } => {
                line.text("outcome", outcome).end();
                if let Some(label) = counted {
                    self.queue(label, at, |waiters| waiters.saturating_sub(1));
                }
            }
        }
    }

    /// The number of waiters changes.
    fn queue(&mut self, label: &Text, at: Nanos, change: impl FnOnce(u64) -> u64) {
        let waiters = change(self.queues.get(label).copied().unwrap_or(0));
        if waiters == 0 {
            self.queues.remove(label);
        } else {
            self.queues.insert(label.clone(), waiters);
        }
        let line = self.lines.event("C", self.pid, at).name(&[label.as_str()]).category("lock.waiters");
        line.number("waiters", waiters).end();
    }
}

/// Objects and actors are told apart by the highest bit.
pub(super) fn is_object(operand: u64) -> bool {
    operand >> 63 != 0
}

fn argument(object: u64) -> &'static str {
    match ObjectId(object).kind() {
        Kind::Mutex | Kind::RwLock => "lock",
        _ => "object",
    }
}

/// Whether who waits for this does nothing else meanwhile. A lazy value is made, and what a join returned is dropped,
/// within the wait.
fn stands_still(on: u64) -> bool {
    is_object(on)
        && matches!(ObjectId(on).kind(), Kind::Mutex | Kind::RwLock | Kind::Condvar | Kind::Barrier | Kind::Channel)
}

/// "acquired" where there is something to acquire.
fn outcome_of(on: u64, outcome: &'static str) -> &'static str {
    if outcome != ENDED || !is_object(on) {
        return if outcome == ENDED { "over" } else { outcome };
    }
    match ObjectId(on).kind() {
        Kind::Mutex | Kind::RwLock => ENDED,
        Kind::Condvar => "notified",
        Kind::Barrier => "opened",
        Kind::Channel | Kind::Semaphore | Kind::Notify | Kind::OnceCell | Kind::SetOnce => "over",
        Kind::Once | Kind::OnceLock | Kind::LazyLock => "initialised",
    }
}

/// A wait for what has no name.
pub(super) fn nameless(on: u64) -> &'static str {
    match on {
        Event::TIME => "time (sleep)",
        Event::UNPARK => "an unpark",
        Event::SCOPE => "the end of a scope's threads",
        Event::THREADS => "the end of all threads",
        Event::TASKS => "the end of tasks",
        Event::RUNTIME => "the end of a runtime's threads",
        _ => "what has no name yet",
    }
}
