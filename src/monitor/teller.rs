//! The teller: a daemon that brings reports to everybody but the callback, says what there is to say about gordian
//! itself, and reacts.
//!
//! Symbols are resolved, subscribers and files are written to: all of that may take long, and the watchdog should be
//! back at its post by then, since one deadlock seldom comes alone. And standard error may be a pipe that nobody reads:
//! then this thread waits for ever, and no other. It starts with the first thing to say.

use super::{
    Monitor, collector, dates, live, lock, os,
    peek::Peek,
    requests::{self, answer},
    session,
};
use crate::{
    model::{ActorId, Certainty, Finding, Snapshot},
    report::Report,
    settings::{Reaction, Settings},
    tell,
};
use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock},
    time::{Duration, Instant},
};

/// What may wait to be told; more is lost, and counted.
const MOST: usize = 1000;
/// How long writing may take before a reaction comes without it.
const WRITING: Duration = Duration::from_secs(2);
/// The same for what comes before: symbols of a large program are resolved.
const COMPOSING: Duration = Duration::from_secs(20);

static QUEUE: (Mutex<Queue>, Condvar) = (Mutex::new(Queue::EMPTY), Condvar::new());

struct Queue {
    items: VecDeque<Item>,
    lost: u64,
    /// There is a teller,
    started: bool,
    /// and it is telling something: until when it should have done so.
    due: Option<Instant>,
    /// The report that is being told.
    current: Option<Arc<Telling>>,
}

impl Queue {
    const EMPTY: Queue = Queue { items: VecDeque::new(), lost: 0, started: false, due: None, current: None };
}

/// What there is to tell.
enum Item {
    Report(Arc<Telling>),
    /// A sentence about gordian itself.
    Words(String),
}

impl Item {
    fn telling(&self) -> Option<&Arc<Telling>> {
        match self {
            Item::Report(telling) => Some(telling),
            Item::Words(_) => None,
        }
    }

    fn tell(self) {
        match self {
            Item::Report(telling) => telling.finish(),
            Item::Words(words) => say_now(&words),
        }
    }
}

/// A finding on its way to everybody who is told.
pub(super) struct Telling {
    pub(super) settings: Arc<Settings>,
    pub(super) number: u64,
    pub(super) finding: Finding,
    /// The reading it was found in.
    pub(super) snapshot: Arc<Snapshot>,
    /// Only those who are part of it were read: victims are missing.
    pub(super) partial: bool,
    /// Who closed it, and whether that one can be made to panic.
    pub(super) closer: Option<(ActorId, bool)>,
    /// What was seen of a thread that does not come back.
    pub(super) peek: Option<Peek>,
    report: OnceLock<Report>,
}

impl Telling {
    pub(super) fn new(
        settings: &Arc<Settings>,
        number: u64,
        finding: Finding,
        (snapshot, partial): (Arc<Snapshot>, bool),
        closer: Option<(ActorId, bool)>,
    ) -> Telling {
        let settings = settings.clone();
        Telling { settings, number, finding, snapshot, partial, closer, peek: None, report: OnceLock::new() }
    }

    /// As it was found; composed when it is first asked for.
    pub(super) fn report(&self) -> &Report {
        self.report.get_or_init(|| self.compose(&self.finding, &self.snapshot))
    }

    /// The thread was in these spans when it was seen: those it is in by now are no matter of the finding.
    pub(super) fn seen_in(mut self, spans: &[String]) -> Telling {
        self.report();
        let threads = self.report.get_mut().into_iter().flat_map(|report| &mut report.threads);
        threads.filter(|thread| !thread.is_task).for_each(|thread| thread.spans = spans.to_vec());
        self
    }

    fn compose(&self, finding: &Finding, snapshot: &Snapshot) -> Report {
        let (finding, snapshot) = dates::dated(finding, snapshot);
        let mut report = tell::compose(self.number, &finding, &snapshot, &live::Live, &live::Live);
        self.peek.iter().for_each(|peek| peek.add_to(&mut report));
        report
    }

    /// A thread that panics says it all by itself.
    pub(super) fn who_panics(&self) -> Option<ActorId> {
        let panics = is_deadlock(&self.finding) && self.settings.reaction == Reaction::Panic;
        self.closer.filter(|(_, may_panic)| panics && *may_panic).map(|(actor, _)| actor)
    }

    /// Tells everybody but the callback, and reacts.
    fn finish(&self) {
        let Some(monitor) = Monitor::get() else { return };
        live::await_stacks(&self.finding);
        let mut report = self.with_victims().unwrap_or_else(|| self.report().clone());
        collector::draw_report(&report, self.snapshot.at, self.closer.map(|(actor, _)| actor));
        report.resolve();
        due_in(WRITING);
        // Who has not listened so long sleeps by now, and cannot panic any more: then it is told as to all others.
        if let Some(actor) = self.who_panics().filter(|&actor| requests::listens(actor)) {
            lock(&monitor.sinks()).record(&report);
            if answer(actor, Some(report.to_string())) {
                return;
            }
        }
        lock(&monitor.sinks()).tell(&report);
        if let Some(reaction) = self.last_resort() {
            self.take_leave(reaction);
            react(reaction);
        }
    }

    /// What is to be done about it, where no thread panics with it.
    fn reaction(&self) -> Option<Reaction> {
        self.last_resort().filter(|_| self.who_panics().is_none())
    }

    /// The same where no thread does panic with it.
    fn last_resort(&self) -> Option<Reaction> {
        let reaction = self.settings.reaction;
        (is_deadlock(&self.finding) && reaction != Reaction::Report).then_some(reaction)
    }

    /// Who is to panic gets the report as it is, without symbols.
    fn answer_untold(&self) {
        if let Some(actor) = self.who_panics() {
            answer(actor, Some(self.report().to_string()));
        }
    }

    /// Before the process ends: the trace is ended, and what has not been said is said.
    fn take_leave(&self, reaction: Reaction) {
        if reaction == Reaction::Panic {
            say_now(
                "no thread can be made to panic (only one that has not begun to wait can, and none at the end of a scope \
                 or in a thread-local's destructor): the process exits with code 101.",
            );
        }
        collector::flush(true);
        let items = std::mem::take(&mut lock(&QUEUE.0).items);
        items.into_iter().filter(|item| item.telling().is_none()).for_each(Item::tell);
    }

    /// The same finding among everybody.
    fn with_victims(&self) -> Option<Report> {
        if !self.partial {
            return None;
        }
        let everybody = live::snapshot(live::Closeness::AsNeeded);
        let findings = crate::analyze::wait_cycles(&everybody);
        let same = findings.iter().find(|other| other.steps == self.finding.steps)?;
        Some(self.compose(same, &everybody))
    }
}

/// Hands a report over to the teller.
pub(super) fn tell(telling: Arc<Telling>) {
    // It listens, and may be lost.
    let panics = telling.who_panics();
    if !push(Item::Report(telling))
        && let Some(actor) = panics
    {
        answer(actor, None);
    }
}

/// Hands a sentence about gordian itself over to the teller.
pub(super) fn say(words: String) {
    push(Item::Words(words));
}

/// Says it here and now: for the teller itself.
fn say_now(words: &str) {
    if let Some(monitor) = Monitor::get() {
        lock(&monitor.sinks()).say(words);
    }
}

/// `false`: it is lost. Where no thread can be had, it is told here and now.
fn push(item: Item) -> bool {
    let mut queue = with_room();
    if queue.items.len() >= MOST {
        queue.lost += 1;
        return false;
    }
    queue.items.push_back(item);
    QUEUE.1.notify_one();
    let started = std::mem::replace(&mut queue.started, true);
    drop(queue);
    if !started && os::spawn("gordian-teller", run).is_err() {
        lock(&QUEUE.0).started = false;
        tell_without_a_teller();
    }
    true
}

/// The queue, with room for all that may be in it. That is asked for while nobody holds it: the program's allocator may
/// need a lock whose holder waits for the queue.
fn with_room() -> MutexGuard<'static, Queue> {
    let queue = lock(&QUEUE.0);
    if queue.items.capacity() >= MOST {
        return queue;
    }
    drop(queue);
    let mut room = VecDeque::with_capacity(MOST);
    let mut queue = lock(&QUEUE.0);
    if queue.items.capacity() < MOST {
        room.append(&mut queue.items);
        std::mem::swap(&mut queue.items, &mut room);
    }
    queue
}

/// By whoever has something to tell: where it would have to wait for a reader, it only reacts.
fn tell_without_a_teller() {
    while let Some(item) = { lock(&QUEUE.0).items.pop_front() } {
        if crate::tell::can_write() {
            item.tell();
        } else if let Some(telling) = item.telling() {
            telling.answer_untold();
            telling.reaction().into_iter().for_each(react);
        }
    }
}

/// Everything has been told.
pub(super) fn is_idle() -> bool {
    let queue = lock(&QUEUE.0);
    queue.items.is_empty() && queue.due.is_none()
}

/// Something is being told, and has been for no longer than it may take.
pub(super) fn is_in_time() -> bool {
    lock(&QUEUE.0).due.is_some_and(|due| Instant::now() < due)
}

/// What is being told should have been by then.
fn due_in(time: Duration) {
    if let Some(due) = &mut lock(&QUEUE.0).due {
        *due = Instant::now() + time;
    }
}

/// The teller hangs, and there is a reaction behind it: it has to come without the report. Who was to panic with one is
/// told what is known.
pub(super) fn overdue() -> Option<Reaction> {
    let mut queue = lock(&QUEUE.0);
    if queue.due.is_none_or(|due| Instant::now() < due) {
        return None;
    }
    let reaction =
        queue.current.iter().chain(queue.items.iter().filter_map(Item::telling)).find_map(|it| it.reaction());
    let panics = |item: &mut Item| item.telling().is_some_and(|telling| telling.who_panics().is_some());
    let at = queue.items.iter_mut().position(panics);
    let panics = at.and_then(|at| queue.items.remove(at));
    drop(queue);
    panics.as_ref().and_then(Item::telling).into_iter().for_each(|telling| telling.answer_untold());
    reaction
}

fn run() {
    let mut queue = lock(&QUEUE.0);
    loop {
        let told = queue.current.take();
        queue.due = None;
        let Some(item) = queue.items.pop_front() else {
            // With it may go the settings, and with them the program's callback: its drop may use us.
            if told.is_some() {
                drop(queue);
                drop(told);
                queue = lock(&QUEUE.0);
                continue;
            }
            queue = QUEUE.1.wait(queue).unwrap_or_else(std::sync::PoisonError::into_inner);
            continue;
        };
        queue.current = item.telling().cloned();
        queue.due = Some(Instant::now() + if queue.current.is_some() { COMPOSING } else { WRITING });
        let lost = std::mem::take(&mut queue.lost);
        drop(queue);
        drop(told);
        if lost != 0 {
            say_now(&format!("{lost} reports came faster than they could be told, and are lost."));
        }
        item.tell();
        queue = lock(&QUEUE.0);
    }
}

fn is_deadlock(finding: &Finding) -> bool {
    !finding.rule.is_warning() && finding.certainty == Certainty::Happened
}

/// To a deadlock that no thread panics with. The program's own exit handlers do not run: they could need what is stuck.
pub(super) fn react(reaction: Reaction) {
    match reaction {
        Reaction::Report => {}
        Reaction::Panic => session::exit_now(101),
        Reaction::Abort => std::process::abort(),
        Reaction::Exit(code) => session::exit_now(code),
    }
}
