//! The watchdog: a daemon that looks for what can never move again, tells it, and reacts.
//!
//! It is woken by a thread whose wait seems to close a cycle, or by the collector. Whatever it finds is held against a
//! second reading before it is told. Telling happens after all reading, with no lock of the program's or ours held that
//! the program could need: the callback, the subscriber and the file may use watched locks themselves.

use super::{Monitor, collector, live, lock, os, say};
use crate::{
    analyze::{self, Thresholds},
    model::{ActorId, Because, Certainty, Finding, Nanos, Rule, Snapshot},
    record::on::{apart, clock, directory},
    report::Report,
    settings::{Reaction, Settings},
    tell,
};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::{
    hash::{Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Condvar, Mutex,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::*},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// Requests that are kept; more are found by the sweep.
const REQUESTS: usize = 64;
/// How long a thread that asked waits for its verdict.
const VERDICT: Duration = Duration::from_secs(10);
/// How long the program's callback may take before another watchdog takes over.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often another takes over.
const SUCCESSORS: u32 = 3;

/// For one who asked: the message to panic with, or none.
type Verdict = (ActorId, Option<String>);

static THREAD: Mutex<Option<Thread>> = Mutex::new(None);
static SUSPECTS: Mutex<Vec<ActorId>> = Mutex::new(Vec::new());
static VERDICTS: (Mutex<Vec<Verdict>>, Condvar) = (Mutex::new(Vec::new()), Condvar::new());
/// How many of those wait for their message.
static LISTENERS: AtomicU32 = AtomicU32::new(0);
static SWEEP: AtomicBool = AtomicBool::new(false);
static BUSY: AtomicBool = AtomicBool::new(false);
static UNSETTLED: AtomicBool = AtomicBool::new(false);
static COST: AtomicU64 = AtomicU64::new(0);
/// Which of the watchdogs, one after another, is on duty.
static ON_DUTY: AtomicU32 = AtomicU32::new(0);
/// Since when the program's own code (the callback) runs on the watchdog; 0: it does not.
static OUTSIDE: AtomicU64 = AtomicU64::new(0);
static NUMBERS: AtomicU64 = AtomicU64::new(1);
/// What has been told, by the parties and their waits.
static TOLD: Mutex<Option<FxHashSet<u64>>> = Mutex::new(None);

pub(super) fn start() {
    lock(&SUSPECTS).reserve(REQUESTS);
    let duty = ON_DUTY.load(Acquire);
    let started = thread::Builder::new().name("gordian-watchdog".to_owned()).spawn(move || {
        apart();
        os::register_own();
        Watchdog { duty, deferred: FxHashMap::default() }.run();
    });
    match started {
        Ok(handle) => *lock(&THREAD) = Some(handle.thread().clone()),
        Err(error) => say(&format!("cannot start the watchdog: {error}. Nothing is watched.")),
    }
}

fn wake() {
    if let Some(thread) = lock(&THREAD).as_ref() {
        thread.unpark();
    }
}

/// Looks at everybody.
pub(super) fn sweep() {
    SWEEP.store(true, Release);
    wake();
}

/// The last sweep left something open: it should look again, even if nothing changes.
pub(super) fn is_unsettled() -> bool {
    UNSETTLED.load(Relaxed)
}

/// How long the last sweep took.
pub(super) fn sweep_cost() -> Duration {
    Duration::from_nanos(COST.load(Relaxed))
}

/// Whether anything may have been held, or waited for, for long.
pub(super) fn may_be_long() -> bool {
    let Some(settings) = Monitor::get().map(Monitor::settings) else { return false };
    let now = clock::coarse();
    let passed = |since: Nanos, limit: Option<Duration>| {
        limit.is_some_and(|limit| now.saturating_sub(since) >= limit.as_nanos() as Nanos)
    };
    directory::living().any(|slot| {
        slot.waiting().1.is_some_and(|wait| passed(wait.since, settings.long_wait))
            || slot.holds().is_some_and(|holds| holds.iter().any(|hold| passed(hold.since, settings.long_hold)))
    })
}

/// The calling thread's wait seems to close a cycle. `brief`: it will not last, so it has to be looked at before.
pub(super) fn suspect(actor: ActorId, brief: bool) -> Option<String> {
    let panics = Monitor::get().is_some_and(|monitor| monitor.settings().reaction == Reaction::Panic);
    let listens = panics || brief;
    LISTENERS.fetch_add(u32::from(listens), AcqRel);
    if listens {
        // Of an earlier wait, to which it did not listen.
        lock(&VERDICTS.0).retain(|verdict| verdict.0 != actor);
    }
    {
        let mut suspects = lock(&SUSPECTS);
        if suspects.len() < REQUESTS {
            suspects.push(actor);
        }
    }
    wake();
    if !listens {
        return None;
    }
    let verdict = listen(actor);
    LISTENERS.fetch_sub(1, AcqRel);
    verdict
}

fn listen(actor: ActorId) -> Option<String> {
    let verdicts = lock(&VERDICTS.0);
    let undecided = |verdicts: &mut Vec<Verdict>| verdicts.iter().all(|verdict| verdict.0 != actor);
    let (mut verdicts, _) = VERDICTS.1.wait_timeout_while(verdicts, VERDICT, undecided).ok()?;
    let index = verdicts.iter().position(|verdict| verdict.0 == actor)?;
    verdicts.swap_remove(index).1
}

/// Waits until everything that was asked for has been told, though not for ever.
pub(super) fn settle() {
    let until = Instant::now() + Duration::from_secs(2);
    let idle = || !BUSY.load(Acquire) && !SWEEP.load(Acquire) && lock(&SUSPECTS).is_empty();
    while !idle() && Instant::now() < until && !is_watchdog() {
        thread::sleep(Duration::from_millis(1));
    }
}

fn is_watchdog() -> bool {
    lock(&THREAD).as_ref().is_some_and(|watchdog| watchdog.id() == thread::current().id())
}

/// The program's callback may hang, on a lock that the stuck threads hold, say: then another watchdog goes on.
pub(super) fn check_health() {
    let since = OUTSIDE.load(Acquire);
    if since != 0
        && clock::now().saturating_sub(since) > PATIENCE.as_nanos() as Nanos
        && ON_DUTY.load(Acquire) < SUCCESSORS
    {
        OUTSIDE.store(0, Release);
        ON_DUTY.fetch_add(1, AcqRel);
        say("the callback for reports has not returned for 2 s. Watching goes on without waiting for it.");
        start();
        sweep();
    }
}

struct Watchdog {
    duty: u32,
    /// Findings that some thread is about to ask about, and since when.
    deferred: FxHashMap<u64, Instant>,
}

impl Watchdog {
    fn run(mut self) {
        loop {
            BUSY.store(true, Release);
            let suspects = std::mem::replace(&mut *lock(&SUSPECTS), Vec::with_capacity(REQUESTS));
            let swept = SWEEP.swap(false, AcqRel);
            if suspects.is_empty() && !swept {
                BUSY.store(false, Release);
                thread::park();
                continue;
            }
            let began = Instant::now();
            self.examine(&suspects, swept);
            if swept {
                COST.store(began.elapsed().as_nanos() as u64, Relaxed);
            }
            if ON_DUTY.load(Acquire) != self.duty {
                return;
            }
        }
    }

    fn examine(&mut self, suspects: &[ActorId], swept: bool) {
        let Some(settings) = Monitor::get().map(Monitor::settings) else { return };
        if !suspects.is_empty() {
            let thresholds = Thresholds::default();
            let round = Round { settings: &settings, suspects, read: &|| live::around(suspects), partial: true };
            let open = self.judge(&round, &thresholds).1;
            // What could not be settled by looking at few of them is settled by looking at all.
            UNSETTLED.fetch_or(open, Relaxed);
        }
        if swept {
            let thresholds = Thresholds::new(settings.long_hold, settings.long_wait);
            let round = Round { settings: &settings, suspects: &[], read: &live::snapshot, partial: false };
            let (first, open) = self.judge(&round, &thresholds);
            UNSETTLED.store(open || live::is_moving(&first), Relaxed);
        }
    }

    /// Finds, confirms, tells, reacts. Returns what was read, and whether something is still open.
    fn judge(&mut self, round: &Round<'_>, thresholds: &Thresholds) -> (Snapshot, bool) {
        let first = (round.read)();
        let mut findings = analyze::analyze(&first, thresholds);
        findings.retain(|finding| !is_told(finding) && (!round.partial || finding.rule == Rule::WaitCycle));
        let mut open = false;
        let mut answered: Vec<ActorId> = Vec::new();
        if !findings.is_empty() {
            let second = (round.read)();
            for finding in findings {
                let confirmed = analyze::confirm(&finding, &first, &second);
                let Some(finding) = confirmed.filter(|finding| !is_premature(round.settings, finding, second.at))
                else {
                    open |= finding.rule == Rule::WaitCycle || finding.certainty == Certainty::Happened;
                    continue;
                };
                let closer = round.closer(&finding);
                if closer.is_none() && self.somebody_will_ask(round.settings, &finding) {
                    open = true;
                    continue;
                }
                remember(&finding);
                let message = tell(round, &finding, &second, closer);
                react(round.settings, &finding, closer, message.as_deref());
                if let Some(closer) = closer {
                    answer(closer, message);
                    answered.push(closer);
                }
            }
        }
        for suspect in round.suspects.iter().filter(|suspect| !answered.contains(suspect)) {
            answer(*suspect, None);
        }
        (first, open)
    }

    /// With reaction `Panic`, the thread that closes a cycle has published its wait an instant before it asks: it gets
    /// that instant, for else nobody is left to panic.
    fn somebody_will_ask(&mut self, settings: &Settings, finding: &Finding) -> bool {
        if settings.reaction != Reaction::Panic || finding.rule != Rule::WaitCycle {
            return false;
        }
        let since = *self.deferred.entry(key(finding)).or_insert_with(Instant::now);
        since.elapsed() < Duration::from_millis(50)
    }
}

/// One look at the program.
struct Round<'a> {
    settings: &'a Settings,
    /// Those who asked.
    suspects: &'a [ActorId],
    read: &'a dyn Fn() -> Snapshot,
    /// Not everybody is read: victims are missing.
    partial: bool,
}

impl Round<'_> {
    /// The one who asked about this finding.
    fn closer(&self, finding: &Finding) -> Option<ActorId> {
        self.suspects.iter().copied().find(|suspect| finding.steps.iter().any(|step| step.actor == *suspect))
    }
}

/// A standstill that cannot be proven may be an idle program, with threads of its own that we do not see: it is told
/// when it lasts.
fn is_premature(settings: &Settings, finding: &Finding, now: Nanos) -> bool {
    let newest = finding.steps.iter().filter_map(|step| step.wait).map(|wait| wait.since).max().unwrap_or(now);
    finding.rule == Rule::Standstill
        && finding.certainty != Certainty::Happened
        && settings.long_wait.is_none_or(|limit| now.saturating_sub(newest) < limit.as_nanos() as Nanos)
}

/// The identity of a finding: its parties, and their very waits.
fn key(finding: &Finding) -> u64 {
    let mut parties: Vec<(ActorId, u64)> = finding.steps.iter().map(|step| (step.actor, step.sequence)).collect();
    parties.sort_unstable();
    let mut hasher = FxHasher::default();
    finding.rule.hash(&mut hasher);
    if finding.rule == Rule::LongHold {
        // The holder runs, and its sequence changes: it is the hold that is told once.
        for step in &finding.steps {
            if let Because::HeldBy { actor, hold } = step.because {
                (actor, hold.object, hold.since).hash(&mut hasher);
            }
        }
    } else {
        parties.hash(&mut hasher);
    }
    hasher.finish()
}

fn is_told(finding: &Finding) -> bool {
    lock(&TOLD).as_ref().is_some_and(|told| told.contains(&key(finding)))
}

fn remember(finding: &Finding) {
    let mut told = lock(&TOLD);
    let told = told.get_or_insert_default();
    if told.len() > 100_000 {
        told.clear();
    }
    told.insert(key(finding));
}

/// Tells a finding everywhere. Returns its text where a thread is to panic with it.
fn tell(round: &Round<'_>, finding: &Finding, snapshot: &Snapshot, closer: Option<ActorId>) -> Option<String> {
    let monitor = Monitor::get()?;
    let settings = round.settings;
    let number = NUMBERS.fetch_add(1, Relaxed);
    let mut report = tell::compose(number, finding, snapshot, &live::Live, &live::Live);
    call_back(settings, &report);
    if round.partial {
        report = with_victims(number, finding).unwrap_or(report);
    }
    collector::draw_report(&report, snapshot.at, closer);
    report.resolve();
    // A thread that panics says it all by itself.
    let panics = closer.is_some() && settings.reaction == Reaction::Panic && is_deadlock(finding);
    if panics {
        lock(&monitor.sinks).record(&report);
        return Some(report.to_string());
    }
    lock(&monitor.sinks).tell(&report);
    None
}

/// The same finding among everybody.
fn with_victims(number: u64, finding: &Finding) -> Option<Report> {
    let everybody = live::snapshot();
    let findings = analyze::analyze(&everybody, &Thresholds::default());
    let same = findings.iter().find(|other| key(other) == key(finding))?;
    Some(tell::compose(number, same, &everybody, &live::Live, &live::Live))
}

/// The program's own code: it may do anything.
fn call_back(settings: &Settings, report: &Report) {
    let Some(callback) = &settings.on_report else { return };
    OUTSIDE.store(clock::now().max(1), Release);
    let result = catch_unwind(AssertUnwindSafe(|| callback(report)));
    OUTSIDE.store(0, Release);
    if result.is_err() {
        say("the callback for reports panicked. Watching goes on.");
    }
}

fn is_deadlock(finding: &Finding) -> bool {
    matches!(finding.rule, Rule::WaitCycle | Rule::Standstill) && finding.certainty == Certainty::Happened
}

fn react(settings: &Settings, finding: &Finding, closer: Option<ActorId>, message: Option<&str>) {
    if !is_deadlock(finding) {
        return;
    }
    match settings.reaction {
        Reaction::Report => {}
        Reaction::Panic if closer.is_some() && message.is_some() => {}
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
    super::session::exit_now(code)
}

fn answer(actor: ActorId, message: Option<String>) {
    if LISTENERS.load(Acquire) != 0 {
        let mut verdicts = lock(&VERDICTS.0);
        if verdicts.len() > REQUESTS {
            verdicts.clear();
        }
        verdicts.push((actor, message));
        VERDICTS.1.notify_all();
    }
}
