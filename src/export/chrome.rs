//! Chrome's Trace Event format, as Perfetto's UI (and `chrome://tracing`) open it.
//!
//! The file is a bare JSON array, one event a line, and grows as the program runs. Viewers take it without its
//! closing bracket, so a program that is killed, or stuck, leaves a file that opens: everything up to the last
//! [`Writer::flush`] is there.
//!
//! | what | events |
//! |---|---|
//! | a thread | metadata `thread_name`; its track carries its waits, its `tracing` spans, and instants |
//! | a wait | `B` and `E` on the thread's track; a wait that never ended has no `E` |
//! | a hold | `b` and `e` of category `lock.hold`, named after the lock: one track for each lock |
//! | a poll | `B` and `E` of category `task.poll` on the thread's track, named after the task |
//! | a task | `b` and `e` of category `task`, named after it, from its spawn to its end: one track for each; in it, one after the other, `scheduled`, `running`, and what it awaits |
//! | who woke a task | `s` and `f` of category `task.wake`, from an instant `wakes` to the poll; likewise from `spawn` to the first poll |
//! | which release let whom in | `s` and `f` of category `lock.wake`, from an instant `unlock` (or `downgrade`) to an instant `acquired` (or `initialised`), one `s` with an `f` for each who got in; likewise from `wakes` (which stands where `notify_one` or `notify_all` does) to `notified`, from `spawn` to `start`, from `lets go` (at a thread's `end`) to `joined` |
//! | how many wait | `C`, named after what they wait for |
//! | a report | `i` of category `report`, with the sentences as arguments |
//! | a loss | `i` of category `loss` on the thread's track; the sum stands in the metadata `gordian_end` |
//!
//! The first event is the metadata `gordian`: `format`, its `version`, and the `gordian` that wrote it. Times are in
//! microseconds since the recorder's clock started. Threads are numbered in the order in which they appear; only the
//! main thread has the number of the process, by which viewers know it.

mod arrows;
mod lines;
mod names;
mod recent;
mod scene;
mod sink;
mod tasks;
#[cfg(test)]
mod tests;

use super::Spans;
use crate::{
    file,
    model::{ActorId, Event, Nanos, World},
    report::Report,
};
use lines::Text;
use scene::{Scene, Source};
use sink::{Sink, Target};
use std::{fs::File, io, path::Path};

/// The version of what the events mean; it changes when a reader has to know.
pub const VERSION: u64 = 1;

/// So much text is written at once, at most (and one event).
const CHUNK: usize = 256 << 10;

/// So many events are held back at most, and for so many batches. (Where more are, a task may be without its name.)
const HELD: usize = 1 << 16;
const BATCHES: u32 = 32;

/// What is traced.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Start {
    /// The program's name.
    pub program: String,
    /// The number of its process.
    pub pid: u32,
}

impl Start {
    /// This process.
    pub fn this_process() -> Start {
        let path = std::env::args_os().next().unwrap_or_default();
        let program = Path::new(&path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Start { program, pid: std::process::id() }
    }
}

/// Operations that were recorded nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Loss {
    /// Whose.
    pub actor: ActorId,
    /// How many.
    pub count: u64,
    /// The time of the last operation that is surely before all of them.
    pub since: Nanos,
    /// A time that is surely after all of them.
    pub until: Nanos,
}

/// Writes one file, from events that come sorted by time.
///
/// An event costs well under a microsecond, and is in the file after the next [`Writer::flush`] (a few batches
/// later, where a task may be about to get its name). Memory
/// is bounded: a few megabytes, whatever the program does.
///
/// # Errors
///
/// All methods return a write error (a full disk, say) once. From then on the writer does nothing, successfully; what
/// was written before is left in a state that opens, where the file can be shortened.
pub struct Writer {
    scene: Scene,
    sink: Sink,
    /// Held back until a task has its name, or is known to get none; since how many batches.
    held: Vec<Event>,
    batches: u32,
}

impl Writer {
    /// Creates the file, or empties it. A name that ends in `.gz` asks for gzip.
    pub fn create(path: impl AsRef<Path>, start: &Start) -> io::Result<Writer> {
        let path = path.as_ref();
        let gzip = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
        let mut writer =
            Writer::new(Box::new(file::open(File::options().write(true).truncate(true), path)?), gzip, start);
        writer.flush()?;
        Ok(writer)
    }

    fn new(target: Box<dyn Target>, gzip: bool, start: &Start) -> Writer {
        // Process 0 is the idle process to a viewer, which hides it.
        let pid = u64::from(start.pid.max(1));
        let mut scene = Scene::new(pid);
        let lines = &mut scene.stage().lines;
        let header = lines.event("M", pid, 0).name(&["gordian"]).text("format", "gordian-trace");
        header.number("version", VERSION).text("gordian", env!("CARGO_PKG_VERSION")).end();
        let program = Text::new(&start.program);
        lines.event("M", pid, 0).name(&["process_name"]).text("name", program.as_str()).end();
        Writer { scene, sink: Sink::new(target, gzip), held: Vec::new(), batches: 0 }
    }

    /// Draws events, which are sorted by time and not earlier than those of the batch before. Some may be drawn only with one of the
    /// next batches ([`Writer::holds_back`]): the world has to know them until then.
    pub fn batch(&mut self, events: &[Event], world: &dyn World, spans: &dyn Spans) -> io::Result<()> {
        if self.held.is_empty() {
            let decided = self.scene.stage().tasks.decided(events);
            self.held.extend_from_slice(&events[decided..]);
            self.batches = 0;
            return self.events(&events[..decided], world, spans);
        }
        self.held.extend_from_slice(events);
        self.batches += 1;
        let mut decided = self.scene.stage().tasks.decided(&self.held);
        if self.batches >= BATCHES || self.held.len() - decided > HELD {
            decided = self.held.len();
        }
        self.release(decided, world, spans)
    }

    /// Whether there are events that have not been drawn yet.
    pub fn holds_back(&self) -> bool {
        !self.held.is_empty()
    }

    /// Draws so many of those that are held back.
    fn release(&mut self, count: usize, world: &dyn World, spans: &dyn Spans) -> io::Result<()> {
        let mut held = std::mem::take(&mut self.held);
        let rest = held.split_off(count);
        if count != 0 {
            self.batches = 0;
        }
        let drawn = self.events(&held, world, spans);
        self.held = rest;
        drawn
    }

    fn events(&mut self, events: &[Event], world: &dyn World, spans: &dyn Spans) -> io::Result<()> {
        for index in 0..events.len() {
            if self.sink.is_broken() {
                return Ok(());
            }
            self.scene.event(&events[index], &events[index + 1..], Source { world, spans });
            if self.scene.stage().lines.pending().len() >= CHUNK {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Tells of a loss. Comes before the batch with the events after it.
    pub fn lost(&mut self, loss: &Loss, world: &dyn World, spans: &dyn Spans) -> io::Result<()> {
        self.release(self.held.len(), world, spans)?;
        let Loss { actor, count, since, until } = *loss;
        self.draw(|scene| scene.lost(actor, count, since, until, Source { world, spans: &() }))
    }

    /// Draws a report, at the time it was made, for the thread that closed the cycle if that is known.
    pub fn report(&mut self, report: &Report, at: Nanos, actor: Option<ActorId>, world: &dyn World) -> io::Result<()> {
        self.draw(|scene| {
            let tid = actor.and_then(|actor| scene.tid(actor, Source { world, spans: &() }));
            let stage = scene.stage();
            stage.totals.reports += 1;
            stage.last = stage.last.max(at);
            let tid = tid.unwrap_or(stage.pid());
            let line = stage.lines.event("i", tid, at).name(&[Text::new(&report.title).as_str()]).category("report");
            let line = line.raw(",\"s\":\"p\"").number("number", report.number).text("rule", report.rule.word());
            let line = line.text("certainty", report.certainty.word());
            let line = line.text("fingerprint", Text::new(&report.fingerprint).as_str());
            let line = line.lines("story", single(&report.story)).lines("drawing", single(&report.drawing));
            let line = line.lines("victims", single(&report.victims)).lines("advice", single(&report.advice));
            match &report.doubt {
                Some(doubt) => line.lines("doubt", doubt.lines()).end(),
                None => line.end(),
            }
        })
    }

    /// Writes everything that was drawn.
    pub fn flush(&mut self) -> io::Result<()> {
        let lines = &mut self.scene.stage().lines;
        let written = self.sink.write(lines.pending());
        lines.clear();
        written
    }

    /// Writes the totals, and ends the file.
    pub fn finish(mut self, world: &dyn World, spans: &dyn Spans) -> io::Result<()> {
        self.release(self.held.len(), world, spans)?;
        self.scene.stage().finish();
        self.flush()
    }

    fn draw(&mut self, draw: impl FnOnce(&mut Scene)) -> io::Result<()> {
        if self.sink.is_broken() {
            return Ok(());
        }
        draw(&mut self.scene);
        if self.scene.stage().lines.pending().len() >= CHUNK { self.flush() } else { Ok(()) }
    }
}

/// Single lines, however the strings are broken.
fn single(strings: &[String]) -> impl Iterator<Item = &str> {
    strings.iter().flat_map(|string| string.lines())
}
