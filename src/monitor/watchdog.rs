//! The watchdog: a daemon that looks for what can never move again, tells it, and reacts.
//!
//! It is woken by a thread whose wait seems to close a cycle, or by the collector. Whatever it finds is held against a
//! second reading before it is told. Telling happens after all reading, with no lock of the program's or ours held that
//! the program could need. The callback, which is the program's own code and may use watched locks itself, runs here,
//! since it is to be told at once; all others are told by the teller.

use super::{
    Monitor, dates,
    live::{self, Closeness},
    lock, os,
    peek::{self, Peek},
    requests::{self, Asked, Suspect},
    say,
    teller::{self, Telling},
};
use crate::{
    analyze::{self, Readings, Thresholds},
    model::{ActorId, Because, Certainty, Finding, Nanos, Rule, Snapshot},
    record::on::{
        clock, directory, is_ending, stack,
        task::{
            self,
            notices::{Notice, What},
        },
    },
    settings::{OnReport, Reaction, Settings},
};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::{
    hash::{Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::*},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// How long the program's callback may take before another watchdog takes over.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the end of the program waits, at the most, for what is being resolved.
const LONGEST: Duration = Duration::from_secs(10);
/// How often another takes over.
const SUCCESSORS: u32 = 3;

static THREAD: Mutex<Option<Thread>> = Mutex::new(None);
static SWEEP: AtomicBool = AtomicBool::new(false);
static BUSY: AtomicBool = AtomicBool::new(false);
static UNSETTLED: AtomicBool = AtomicBool::new(false);
static COST: AtomicU64 = AtomicU64::new(0);
/// Which of the watchdogs, one after another, is on duty.
static ON_DUTY: AtomicU32 = AtomicU32::new(0);
/// Since when the program's own code (the callback) runs on the watchdog, and what it is told.
static OUTSIDE: Mutex<Option<(Instant, Arc<Telling>)>> = Mutex::new(None);
/// Calls of the callback that have not returned, also those that nobody waits for any more.
static CALLS: AtomicU32 = AtomicU32::new(0);
/// A standstill that could not be proven was left for later, with these who might end it.
static PENDING: Mutex<Option<Helpers>> = Mutex::new(None);
static NUMBERS: AtomicU64 = AtomicU64::new(1);
/// What has been told, by the parties and their waits.
static TOLD: Mutex<Option<FxHashSet<u64>>> = Mutex::new(None);

/// How many threads the process has, and how many calls of its callback have not returned: who might end a standstill
/// is among them.
type Helpers = (u64, u32);

fn helpers() -> Helpers {
    (os::threads(), callbacks())
}

pub(super) fn start() {
    let duty = ON_DUTY.load(Acquire);
    let watch = move || Watchdog { duty, deferred: FxHashMap::default() }.run();
    match os::spawn("gordian-watchdog", watch) {
        Ok(thread) => *lock(&THREAD) = Some(thread),
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

/// A standstill could not be proven at the last sweep, because of somebody who has gone since, perhaps.
pub(super) fn helpers_changed() -> bool {
    let pending = *lock(&PENDING);
    pending.is_some_and(|before| before != helpers())
}

/// Remembers who is there after a sweep that left a standstill for later, or did not. Whether somebody may have come or
/// gone during the sweep.
fn pend(premature: bool) -> bool {
    let now = premature.then(helpers);
    std::mem::replace(&mut *lock(&PENDING), now) != now && premature
}

/// What was found elsewhere, and is to be told from here.
static HANDED_OVER: Mutex<Vec<Arc<Telling>>> = Mutex::new(Vec::new());

/// Tells what another thread has found, in the words of this very moment.
pub(super) fn hand_over(settings: &Arc<Settings>, finding: Finding, snapshot: Snapshot) {
    let number = NUMBERS.fetch_add(1, Relaxed);
    let telling = Arc::new(Telling::new(settings, number, finding, (Arc::new(snapshot), false), None));
    telling.report();
    lock(&HANDED_OVER).push(telling);
    sweep();
}

/// How long the last sweep took.
pub(super) fn sweep_cost() -> Duration {
    Duration::from_nanos(COST.load(Relaxed))
}

/// Looks at everybody once more, and says how long that took.
pub(super) fn swept() -> Duration {
    sweep();
    settle();
    sweep_cost()
}

/// How many calls of the program's callback have not returned.
pub(super) fn callbacks() -> u32 {
    CALLS.load(Acquire)
}

/// When something that was found too early to be told will have lasted long enough.
static DUE: AtomicU64 = AtomicU64::new(Nanos::MAX);

/// Whether anything may have been held, or waited for, for long.
pub(super) fn may_be_long() -> bool {
    let Some(settings) = Monitor::get().map(Monitor::settings) else { return false };
    let now = clock::coarse();
    if DUE.fetch_update(AcqRel, Acquire, |due| (due <= now).then_some(Nanos::MAX)).is_ok() {
        return true;
    }
    let passed = |since: Nanos, limit: Option<Duration>| {
        limit.is_some_and(|limit| now.saturating_sub(since) >= limit.as_nanos() as Nanos)
    };
    task::waits_since().any(|since| passed(since, settings.long_wait))
        || directory::living().any(|slot| {
            let waits = slot.waiting().1.filter(|_| !task::lacks_work(slot));
            waits.is_some_and(|wait| passed(wait.since, settings.long_wait))
                || slot.polls_since().is_some_and(|since| passed(since, settings.long_poll))
                || slot.holds().is_some_and(|holds| holds.iter().any(|hold| passed(hold.since, settings.long_hold)))
        })
}

/// The calling thread's wait seems to close a cycle. `brief`: it will not last, so it has to be looked at before.
/// Where the thread may panic and shall, it gets the message to do it with.
pub(super) fn suspect(actor: ActorId, brief: bool, may_panic: bool) -> Option<Asked> {
    let panics = Monitor::get().is_some_and(|monitor| monitor.settings().reaction == Reaction::Panic);
    let may_panic = may_panic && panics;
    let listens = (may_panic || brief) && lock(&THREAD).is_some();
    let asked = requests::ask(Suspect { actor, listens, may_panic: may_panic && listens });
    wake();
    asked
}

/// Waits until everything that was asked for has been told, though not for ever, and in vain only once.
pub(super) fn settle() {
    static IN_VAIN: AtomicBool = AtomicBool::new(false);
    let began = Instant::now();
    let idle = || {
        !BUSY.load(Acquire) && !SWEEP.load(Acquire) && requests::none() && teller::is_idle() || lock(&THREAD).is_none()
    };
    while !idle() && !is_watchdog() && !IN_VAIN.load(Relaxed) {
        thread::sleep(Duration::from_millis(1));
        // To resolve symbols takes its time; who reads what is told then may take for ever.
        let patience = if teller::is_in_time() { LONGEST } else { PATIENCE };
        IN_VAIN.fetch_or(began.elapsed() >= patience, Relaxed);
    }
}

fn is_watchdog() -> bool {
    lock(&THREAD).as_ref().is_some_and(|watchdog| watchdog.id() == thread::current().id())
}

/// The program's callback may hang, on a lock that the stuck threads hold, say: then what it was told is told to
/// everybody else, and another watchdog goes on.
pub(super) fn check_health() {
    if ON_DUTY.load(Acquire) >= SUCCESSORS {
        return;
    }
    let Some((_, telling)) = lock(&OUTSIDE).take_if(|(since, _)| since.elapsed() > PATIENCE) else { return };
    ON_DUTY.fetch_add(1, AcqRel);
    say("the callback for reports has not returned for 2 s. Watching goes on without waiting for it.");
    teller::tell(telling);
    start();
    sweep();
}

struct Watchdog {
    duty: u32,
    /// Findings that some thread is about to ask about, and since when.
    deferred: FxHashMap<u64, Instant>,
}

impl Watchdog {
    fn run(mut self) {
        let mut suspects = requests::room();
        loop {
            BUSY.store(true, Release);
            requests::take(&mut suspects);
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
            if !self.on_duty() {
                return;
            }
        }
    }

    fn examine(&mut self, suspects: &[Suspect], swept: bool) {
        let Some(settings) = Monitor::get().map(Monitor::settings) else { return };
        if !suspects.is_empty() {
            let actors: Vec<ActorId> = suspects.iter().map(|suspect| suspect.actor).collect();
            let read = |_| live::around(&actors);
            let find = |snapshot: &Snapshot| analyze::wait_cycles_of(&actors, snapshot);
            let open = self.judge(&Round { settings: &settings, suspects, read: &read, find: &find, partial: true }).1;
            // What could not be settled by looking at few of them is settled by looking at all.
            UNSETTLED.fetch_or(open, Relaxed);
        }
        if swept && self.on_duty() {
            let thresholds = Thresholds::new(settings.long_hold, settings.long_wait).with_poll(settings.long_poll);
            let find = |snapshot: &Snapshot| analyze::analyze(snapshot, &thresholds);
            let round =
                Round { settings: &settings, suspects: &[], read: &live::snapshot, find: &find, partial: false };
            let (first, open) = self.judge(&round);
            self.tell_notices(&round);
            let handed_over = std::mem::take(&mut *lock(&HANDED_OVER));
            handed_over.into_iter().for_each(|telling| self.tell(telling));
            UNSETTLED.store(open || live::is_moving(&first), Relaxed);
        }
    }

    /// Finds, confirms, tells, reacts. Returns what was read, and whether something is still open.
    fn judge(&mut self, round: &Round<'_>) -> (Snapshot, bool) {
        let first = (round.read)(Closeness::AsNeeded);
        let mut findings = (round.find)(&first);
        findings.retain(|finding| !is_told(finding));
        let (mut open, mut premature) = (false, false);
        let mut answered: Vec<ActorId> = Vec::new();
        if !findings.is_empty() {
            let closeness = if analyze::need_sleep(&findings) { Closeness::WithSleep } else { Closeness::AsNeeded };
            let second = Arc::new((round.read)(closeness));
            let readings = Readings::new(&first, &second);
            for finding in findings {
                let Some(finding) = analyze::confirm(&finding, &readings) else {
                    open |= matches!(finding.rule, Rule::WaitCycle | Rule::Standstill)
                        || finding.certainty == Certainty::Happened;
                    continue;
                };
                if let Some(due) = is_premature(round.settings, &finding, second.at) {
                    premature |= finding.rule == Rule::Standstill;
                    DUE.fetch_min(due, AcqRel);
                    continue;
                }
                let closer = round.closer(&finding);
                if closer.is_none() && self.somebody_will_ask(round.settings, &finding) {
                    open = true;
                    continue;
                }
                if is_told(&finding) || is_told_elsewhere(&finding) {
                    continue;
                }
                remember(&finding);
                let telling = round.telling(finding, &second, closer);
                answered.extend(telling.who_panics());
                self.tell(Arc::new(telling));
                if !self.on_duty() {
                    break;
                }
            }
        }
        if !round.partial {
            open |= pend(premature);
        }
        for suspect in round.suspects.iter().filter(|suspect| suspect.listens && !answered.contains(&suspect.actor)) {
            requests::answer(suspect.actor, None);
        }
        (first, open)
    }

    /// What threads have seen themselves do, once for each place.
    fn tell_notices(&self, round: &Round<'_>) {
        let notices = task::notices::take();
        if notices.is_empty() {
            return;
        }
        let snapshot = Arc::new(live::everybody());
        for Notice { task, sequence, thread, what, spans } in notices {
            let finding = match what {
                What::Blocks(wait) => analyze::in_poll::blocking(task, sequence, thread, wait),
                What::Keeps(hold) => {
                    let waits = snapshot.actor(task).filter(|now| now.sequence == sequence).and_then(|now| now.wait);
                    analyze::in_poll::kept(task, sequence, thread, hold, waits)
                }
            };
            let telling = round.telling(finding, &snapshot, None);
            self.tell(Arc::new(telling.seen_in(&spans.names())));
        }
    }

    fn on_duty(&self) -> bool {
        ON_DUTY.load(Acquire) == self.duty
    }

    /// The callback first, since it is the fastest; then everybody else.
    fn tell(&self, telling: Arc<Telling>) {
        // One that has hung so often is not called any more.
        if let Some(callback) = telling.settings.on_report.as_ref().filter(|_| self.duty < SUCCESSORS) {
            call(callback, &telling);
        } else {
            teller::tell(telling);
        }
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
    settings: &'a Arc<Settings>,
    /// Those who asked.
    suspects: &'a [Suspect],
    read: &'a dyn Fn(Closeness) -> Snapshot,
    find: &'a dyn Fn(&Snapshot) -> Vec<Finding>,
    /// Not everybody is read: victims are missing.
    partial: bool,
}

impl Round<'_> {
    /// The one who asked about this finding; rather one that can be made to panic.
    fn closer(&self, finding: &Finding) -> Option<Suspect> {
        let asked = |suspect: &&Suspect| finding.steps.iter().any(|step| step.actor == suspect.actor);
        self.suspects.iter().filter(asked).max_by_key(|suspect| suspect.may_panic).copied()
    }

    fn telling(&self, finding: Finding, snapshot: &Arc<Snapshot>, closer: Option<Suspect>) -> Telling {
        let number = NUMBERS.fetch_add(1, Relaxed);
        let closer = closer.map(|closer| (closer.actor, closer.may_panic));
        let peek = peek_at_poller(&finding);
        let mut telling = Telling::new(self.settings, number, finding, (snapshot.clone(), self.partial), closer);
        telling.peek = peek;
        if !self.partial {
            // Those who are not stuck go on, and so does what there is to say about them.
            telling.report();
        }
        telling
    }
}

/// A thread that polls a task and does not come back is no thread that waits, and has shown no stack. `None` also where it
/// has come back meanwhile.
fn peek_at_poller(finding: &Finding) -> Option<Peek> {
    let step = finding.steps.first().filter(|_| finding.rule == Rule::LongPoll && stack::of_waits())?;
    let Because::PolledBy { actor } = step.because else { return None };
    let peek = peek::at(live::slot(actor)?.os_id());
    task::find(step.actor).filter(|task| task.sequence() == step.sequence).map(|_| peek)
}

/// Runs the program's own code.
fn call(callback: &OnReport, telling: &Arc<Telling>) {
    let report = telling.report();
    *lock(&OUTSIDE) = Some((Instant::now(), telling.clone()));
    CALLS.fetch_add(1, AcqRel);
    let result = catch_unwind(AssertUnwindSafe(|| callback(report)));
    CALLS.fetch_sub(1, AcqRel);
    // Where it has taken too long, all others have been told, and somebody else may be outside by now.
    let in_time = lock(&OUTSIDE).take_if(|(_, outside)| Arc::ptr_eq(outside, telling)).is_some();
    if let Err(payload) = result {
        // Its drop is the program's own code, and could panic again.
        std::mem::forget(payload);
        say("the callback for reports panicked. Watching goes on.");
    }
    if in_time {
        teller::tell(telling.clone());
    }
}

/// A standstill that cannot be proven may be an idle program, with threads of its own that we do not see, and a circle over
/// guards that may be elsewhere may be none: they are told when they last; but not at the end of the program, when whoever
/// waits is left behind. And a hold may be younger than its stamp. When it will have lasted long enough, where it has not.
fn is_premature(settings: &Settings, finding: &Finding, now: Nanos) -> Option<Nanos> {
    let due = |since: Nanos, limit: Option<Duration>| {
        let due = limit.map_or(Nanos::MAX, |limit| since.saturating_add(limit.as_nanos() as Nanos));
        (due > now).then_some(due)
    };
    match finding.rule {
        Rule::Standstill | Rule::WaitCycle | Rule::DeadTask if finding.certainty != Certainty::Happened => {
            let newest = finding.steps.iter().filter_map(|step| step.wait).map(|wait| wait.since).max().unwrap_or(now);
            if is_ending() { Some(Nanos::MAX) } else { due(newest, settings.long_wait) }
        }
        Rule::LongHold => finding.steps.iter().find_map(|step| match step.because {
            Because::HeldBy { hold, .. } => due(dates::of_stamp(hold.since), settings.long_hold),
            _ => None,
        }),
        _ => None,
    }
}

/// It blocks at a place of which that has been told. From here on it has.
fn is_told_elsewhere(finding: &Finding) -> bool {
    let wait = finding.steps.iter().find_map(|step| step.wait).filter(|_| finding.rule == Rule::BlockingInTask);
    wait.is_some_and(|wait| task::notices::know(wait.place))
}

/// The identity of a finding: its parties, and their very waits.
fn key(finding: &Finding) -> u64 {
    let mut parties: Vec<(ActorId, u64)> = finding.steps.iter().map(|step| (step.actor, step.sequence)).collect();
    parties.sort_unstable();
    let mut hasher = FxHasher::default();
    // Of a poll one of them is told.
    let rule = if finding.rule == Rule::BlockingInTask { Rule::LongPoll } else { finding.rule };
    rule.hash(&mut hasher);
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
