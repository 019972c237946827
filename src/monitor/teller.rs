//! The teller: a daemon that brings reports to everybody but the callback, and reacts.
//!
//! Symbols are resolved, subscribers and files are written to: all of that may take long, and the watchdog should be
//! back at its post by then, since one deadlock seldom comes alone. The thread starts with the first report.

use super::{Monitor, collector, dates, live, lock, os, requests::answer, say, session};
use crate::{
    model::{ActorId, Certainty, Finding, Rule, Snapshot},
    record::on::apart,
    report::Report,
    settings::{Reaction, Settings},
    tell,
};
use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, OnceLock},
    thread,
};

/// Reports that wait to be told; more are lost, and counted.
const MOST: usize = 1000;

static QUEUE: (Mutex<Queue>, Condvar) = (Mutex::new(Queue::EMPTY), Condvar::new());

struct Queue {
    tellings: VecDeque<Arc<Telling>>,
    lost: u64,
    /// There is a teller,
    started: bool,
    /// and it is telling something.
    busy: bool,
}

impl Queue {
    const EMPTY: Queue = Queue { tellings: VecDeque::new(), lost: 0, started: false, busy: false };
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
        Telling { settings, number, finding, snapshot, partial, closer, report: OnceLock::new() }
    }

    /// As it was found; composed when it is first asked for.
    pub(super) fn report(&self) -> &Report {
        self.report.get_or_init(|| self.compose(&self.finding, &self.snapshot))
    }

    fn compose(&self, finding: &Finding, snapshot: &Snapshot) -> Report {
        let (finding, snapshot) = dates::dated(finding, snapshot);
        tell::compose(self.number, &finding, &snapshot, &live::Live, &live::Live)
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
        if let Some(actor) = self.who_panics() {
            lock(&monitor.sinks).record(&report);
            answer(actor, Some(report.to_string()));
            return;
        }
        lock(&monitor.sinks).tell(&report);
        if is_deadlock(&self.finding) {
            react(self.settings.reaction);
        }
    }

    /// The same finding among everybody.
    fn with_victims(&self) -> Option<Report> {
        if !self.partial {
            return None;
        }
        let everybody = live::snapshot();
        let findings = crate::analyze::wait_cycles(&everybody);
        let same = findings.iter().find(|other| other.steps == self.finding.steps)?;
        Some(self.compose(same, &everybody))
    }
}

/// Hands a report over to the teller. Where no thread can be had for it, it is told here and now.
pub(super) fn tell(telling: Arc<Telling>) {
    let mut queue = lock(&QUEUE.0);
    if !queue.started {
        match thread::Builder::new().name("gordian-teller".to_owned()).spawn(run) {
            Ok(_) => queue.started = true,
            Err(_) => {
                drop(queue);
                return telling.finish();
            }
        }
    }
    if queue.tellings.len() < MOST {
        queue.tellings.push_back(telling);
        QUEUE.1.notify_one();
        return;
    }
    queue.lost += 1;
    drop(queue);
    // It listens.
    telling.who_panics().into_iter().for_each(|actor| answer(actor, None));
}

/// Everything has been told.
pub(super) fn is_idle() -> bool {
    let queue = lock(&QUEUE.0);
    queue.tellings.is_empty() && !queue.busy
}

fn run() {
    apart();
    os::register_own();
    let mut queue = lock(&QUEUE.0);
    loop {
        queue.busy = false;
        let Some(telling) = queue.tellings.pop_front() else {
            queue = QUEUE.1.wait(queue).unwrap_or_else(std::sync::PoisonError::into_inner);
            continue;
        };
        queue.busy = true;
        let lost = std::mem::take(&mut queue.lost);
        drop(queue);
        if lost != 0 {
            say(&format!("{lost} reports came faster than they could be told, and are lost."));
        }
        telling.finish();
        // With it may go the settings, and with them the program's callback: its drop may use us.
        drop(telling);
        queue = lock(&QUEUE.0);
    }
}

fn is_deadlock(finding: &Finding) -> bool {
    matches!(finding.rule, Rule::WaitCycle | Rule::Standstill) && finding.certainty == Certainty::Happened
}

/// To a deadlock that no thread panics with.
fn react(reaction: Reaction) {
    match reaction {
        Reaction::Report => {}
        Reaction::Panic => {
            say("no thread can be made to panic (all of them sleep): the process exits with code 101.");
            exit(101);
        }
        Reaction::Abort => {
            collector::flush(true);
            std::process::abort();
        }
        Reaction::Exit(code) => exit(code),
    }
}

/// Exits without running the program's own exit handlers: they could need what is stuck.
fn exit(code: i32) -> ! {
    collector::flush(true);
    session::exit_now(code)
}
