//! The collector: a daemon that ticks the clock, empties what threads have recorded, and sees who has begun to wait.

use super::{dates, live::Live, lock, orders::Orders, os, say, teller, watchdog};
use crate::{
    export::chrome::{Loss, Start, Writer},
    model::{ActorId, Event, Nanos, Op, PlaceId},
    record::on::{
        clock::{self, Calibration, DOZE, TICK},
        departed, directory,
        order::{self, Told},
        tape, task,
    },
    report::Report,
    spans,
};
use rustc_hash::FxHasher;
use std::{
    hash::{Hash, Hasher},
    io,
    path::{Path, PathBuf},
    sync::{
        Condvar, LazyLock, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering::*},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

static THREAD: OnceLock<Thread> = OnceLock::new();
static TRACE: Mutex<Trace> = Mutex::new(Trace { path: None, writer: None, failed: false });
pub(super) static ORDERS: LazyLock<Mutex<Orders>> = LazyLock::new(Mutex::default);

/// Rounds that were asked for, and that have been done: how a flush knows that it has been flushed.
static ASKED: AtomicU64 = AtomicU64::new(0);
static DONE: (Mutex<u64>, Condvar) = (Mutex::new(0), Condvar::new());
/// The program ends: the next round is the last.
static LAST: AtomicBool = AtomicBool::new(false);

/// After so many ticks without an operation the program is idle.
const IDLE: u32 = 20;

/// The file, if there is one.
struct Trace {
    path: Option<PathBuf>,
    writer: Option<Writer>,
    failed: bool,
}

impl Trace {
    fn open(&mut self, path: PathBuf) {
        let (start, to) = (Start::this_process(), path.clone());
        // For one of the program's threads, whose stack may be small; and a limit to the size of its files may be met here.
        match os::elsewhere("gordian-trace", move || Writer::create(&to, &start)) {
            Ok(writer) => *self = Trace { path: Some(path), writer: Some(writer), failed: false },
            Err(error) => self.fail(&path, &error),
        }
    }

    fn fail(&mut self, path: &Path, error: &io::Error) {
        say(&format!("cannot write the trace to `{}`: {error}. The program goes on without it.", path.display()));
        *self = Trace { path: None, writer: None, failed: true };
    }

    /// Writes with the writer, if there is one. Its error comes once.
    fn write(&mut self, write: impl FnOnce(&mut Writer) -> io::Result<()>) {
        if let Some(writer) = &mut self.writer
            && let Err(error) = write(writer)
        {
            let path = self.path.take().unwrap_or_default();
            self.fail(&path, &error);
        }
    }
}

pub(super) fn start() {
    match os::spawn("gordian-collector", || Collector::new().run()) {
        Ok(thread) => drop(THREAD.set(thread)),
        Err(error) => say(&format!("cannot start the collector: {error}. Nothing is watched.")),
    }
}

/// Comes before the next tick.
pub(super) fn wake() {
    if let Some(thread) = THREAD.get() {
        thread.unpark();
    }
}

/// The file that is asked for.
pub(super) fn set_trace(path: Option<&Path>) {
    let mut trace = lock(&TRACE);
    if let Some(path) = path.filter(|&path| trace.path.as_deref() != Some(path)) {
        trace.open(path.to_owned());
    }
}

/// Level trace needs a file, whatever was asked for.
pub(super) fn need_trace() {
    let mut trace = lock(&TRACE);
    if trace.writer.is_none() && !trace.failed {
        trace.open(PathBuf::from(crate::settings::DEFAULT_TRACE));
    }
}

/// A report goes into the trace.
pub(super) fn draw_report(report: &Report, at: Nanos, actor: Option<ActorId>) {
    lock(&TRACE).write(|writer| writer.report(report, at, actor, &Live));
}

/// Waits until all that was recorded before is in the file, though not for ever. `last`: and ends the file.
pub(super) fn flush(last: bool) {
    let Some(thread) = THREAD.get().filter(|collector| collector.id() != thread::current().id()) else { return };
    LAST.fetch_or(last, AcqRel);
    let asked = ASKED.fetch_add(1, AcqRel) + 1;
    thread.unpark();
    let done = lock(&DONE.0);
    drop(DONE.1.wait_timeout_while(done, Duration::from_secs(2), |done| *done < asked));
}

/// What found no room so far: operations, and lock orders.
pub(super) fn losses() -> [u64; 2] {
    [directory::all().map(tape::lost).sum(), lock(&ORDERS).untold]
}

struct Collector {
    calibration: Calibration,
    /// Up to here the tapes have been written: `(ticks, time)`.
    watermark: Nanos,
    /// Losses of each slot that have been told.
    lost: Vec<u64>,
    events: Vec<Event>,
    told: Vec<Told>,
    /// Spans that had been closed before the last round.
    closed: Vec<u64>,
    /// How many threads had ended by the last round, and are remembered still.
    departed: usize,
    /// How many operations there had been at the last tick, and for how many ticks there has been no other.
    operations: u64,
    idle: u32,
    /// Has given the program's threads precedence over itself.
    humble: bool,
    /// Everybody's wait sequences, as they were at the last tick, and at the last sweep.
    seen: u64,
    swept: u64,
    /// No sweep before that: sweeping may take a share of the time, not more.
    rest_until: Instant,
    long_check: Instant,
    /// Up to when waits for locks in polls have been looked at; one of them has lasted too long since.
    looked_at: Nanos,
    late: bool,
}

impl Collector {
    fn new() -> Collector {
        Collector {
            calibration: Calibration::start(),
            watermark: 0,
            lost: Vec::new(),
            events: Vec::new(),
            told: Vec::new(),
            closed: Vec::new(),
            departed: 0,
            operations: 0,
            idle: 0,
            humble: false,
            seen: 0,
            swept: 0,
            rest_until: Instant::now(),
            long_check: Instant::now(),
            looked_at: 0,
            late: false,
        }
    }

    fn run(mut self) {
        loop {
            let hurried = self.rest();
            let began = Instant::now();
            let asked = ASKED.load(Acquire);
            let last = LAST.load(Acquire);
            clock::tick();
            self.empty_outboxes();
            self.empty_tapes(last);
            self.look_for_waiters();
            watchdog::check_health();
            if let Some(reaction) = teller::overdue() {
                self.empty_tapes(true);
                teller::react(reaction);
            }
            *lock(&DONE.0) = asked;
            DONE.1.notify_all();
            // It may be hurried all the time: half of one core is the most it takes, and what finds no room is lost and
            // counted.
            if hurried && !last {
                thread::sleep(began.elapsed().min(TICK));
            }
        }
    }

    /// Until the next tick: soon while the program does something, later while it does not. Whether it was cut short.
    fn rest(&mut self) -> bool {
        let operations = directory::all().map(|slot| slot.operations()).fold(0, u64::wrapping_add);
        self.idle = if std::mem::replace(&mut self.operations, operations) == operations { self.idle + 1 } else { 0 };
        let dozes = self.idle > IDLE;
        if dozes {
            dates::begin_doze();
        }
        let (began, rest) = (Instant::now(), if dozes { DOZE } else { TICK });
        thread::park_timeout(rest);
        dates::end_doze();
        began.elapsed() < rest
    }

    fn empty_outboxes(&mut self) {
        let mut untold = 0;
        for slot in directory::all() {
            untold += order::drain(slot, |told| self.told.push(told));
        }
        if !self.told.is_empty() || untold != 0 {
            let mut orders = lock(&ORDERS);
            orders.untold = untold;
            orders.take(&self.told);
        }
        self.told.clear();
    }

    fn empty_tapes(&mut self, last: bool) {
        let mut trace = lock(&TRACE);
        if trace.writer.is_none() {
            return;
        }
        if !std::mem::replace(&mut self.humble, true) {
            os::yield_precedence();
        }
        let departed = departed::count();
        let ticks = self.calibration.advance();
        let until = self.calibration.nanos(ticks);
        for slot in directory::all() {
            let lost = tape::drain(slot, ticks, |taped| {
                let Some(op) = Op::from_bits(taped.op) else { return };
                self.events.push(Event {
                    // One that was stamped before the last round and written after it comes late.
                    at: self.calibration.nanos(taped.ticks).max(self.watermark),
                    actor: ActorId { index: slot.index, generation: taped.generation },
                    op,
                    object: taped.object,
                    place: PlaceId(taped.place),
                });
            });
            let index = slot.index as usize;
            if self.lost.len() <= index {
                self.lost.resize(index + 1, 0);
            }
            let count = lost - std::mem::replace(&mut self.lost[index], lost);
            if count != 0 {
                let loss = Loss { actor: slot.id(), count, since: self.watermark, until };
                trace.write(|writer| writer.lost(&loss, &Live, &spans::Named));
            }
        }
        self.events.sort_by_key(|event| event.at);
        trace.write(|writer| {
            writer.batch(&self.events, &Live, &spans::Named)?;
            writer.flush()
        });
        if last
            && let Some(writer) = trace.writer.take()
            && let (Err(error), Some(path)) = (writer.finish(&Live, &spans::Named), trace.path.take())
        {
            trace.fail(&path, &error);
        }
        self.events.clear();
        self.watermark = until;
        // They are to be known until they have been drawn.
        if trace.writer.as_ref().is_some_and(Writer::holds_back) {
            return;
        }
        // Who had ended before the last round has had its last operation written, and what others had to do with it.
        let newer = departed.saturating_sub(self.departed);
        departed::forget(std::mem::replace(&mut self.departed, newer));
        // What was closed before the tapes were read has had its last operation written.
        spans::forget(&std::mem::replace(&mut self.closed, spans::closed()));
    }

    /// The watchdog looks, and then not for a while.
    fn sweep(&mut self, began: Instant) {
        self.rest_until = began + watchdog::sweep_cost() * 20;
        watchdog::sweep();
    }

    /// Somebody has waited since the last tick, and somebody's wait has changed since the last sweep: the watchdog
    /// should look. A program in which nothing changes is left in peace.
    fn look_for_waiters(&mut self) {
        let mut hasher = FxHasher::default();
        let mut waiting = false;
        let looked_at = std::mem::replace(&mut self.looked_at, clock::coarse());
        let since_then = looked_at + 1..=self.looked_at;
        for slot in directory::living() {
            let (sequence, wait) = slot.waiting();
            let expired = wait.as_ref().is_some_and(|wait| wait.has_expired(clock::coarse()));
            (slot.id(), sequence, expired).hash(&mut hasher);
            waiting |= wait.is_some() && !task::lacks_work(slot);
            let late = wait.as_ref().and_then(|wait| task::lock_is_late(slot, wait));
            self.late |= late.is_some_and(|late| since_then.contains(&late));
        }
        let business = task::business();
        business.hash(&mut hasher);
        waiting |= business.leaves != 0 || business.tasks != 0;
        if task::notices::any() {
            watchdog::sweep();
        }
        task::clear_away();
        let now = hasher.finish();
        let before = std::mem::replace(&mut self.seen, now);
        let began = Instant::now();
        let unsettled = watchdog::is_unsettled() || watchdog::helpers_changed();
        let stands = waiting && (now != self.swept || unsettled) && (now == before || unsettled);
        if self.late && began >= self.rest_until {
            self.late = false;
            self.sweep(began);
        } else if stands && began >= self.rest_until {
            self.swept = now;
            self.sweep(began);
        } else if waiting && now != self.swept && began >= self.rest_until + TICK * 2 {
            // It never stands still; two of its threads may all the same.
            self.sweep(began);
        } else if began >= self.long_check {
            self.long_check = began + Duration::from_millis(250);
            if watchdog::may_be_long() {
                watchdog::sweep();
            }
        }
    }
}
