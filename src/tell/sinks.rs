//! Where a report goes: standard error or the program's own log, and a file of JSON lines.
//!
//! A sink that fails is told of once, in one sentence, and nothing else happens: an instrument may lose data and say
//! so, it may not stop the program.

use super::{
    json::json_line,
    text::{Style, plain_line, render},
};
use crate::{
    file::{self, OwnFile},
    report::Report,
    settings::Settings,
};
use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::mpsc,
    time::Duration,
};
use tracing::{Dispatch, dispatcher, subscriber::NoSubscriber};

/// How long a subscriber may take for a report before the report goes to standard error as well: it may need a lock
/// that the stuck program holds.
const PATIENCE: Duration = Duration::from_secs(1);

/// The sinks of one session.
pub struct Sinks {
    stderr: bool,
    json: Option<(PathBuf, OwnFile)>,
    deaf: fn(&Dispatch) -> bool,
    /// The subscriber did not take a report in time: it is not asked again.
    stuck: bool,
}

impl Sinks {
    /// Opens what the settings ask for. `deaf` says of a subscriber that it may only feed our own trace, and show
    /// reports to nobody. Comes with what there is to say about it.
    pub fn new(settings: &Settings, deaf: fn(&Dispatch) -> bool) -> (Sinks, Option<String>) {
        let mut sinks = Sinks { stderr: settings.stderr, json: None, deaf, stuck: false };
        let Some(path) = &settings.json else { return (sinks, None) };
        match file::open(File::options().append(true), path) {
            Ok(file) => sinks.json = Some((path.clone(), file)),
            Err(error) => return (sinks, Some(lament(path, &error))),
        }
        (sinks, None)
    }

    /// Tells a report everywhere it is to be told.
    pub fn tell(&mut self, report: &Report) {
        self.append(report);
        if !self.log(report) && (self.stderr || self.stuck) {
            let text = render(report, Style { color: is_colored(), ..Style::default() });
            write(&text);
        }
    }

    /// Keeps a report that somebody else tells: a thread that panics with it.
    pub fn record(&mut self, report: &Report) {
        self.append(report);
    }

    /// One sentence about gordian itself, on standard error whatever the settings say.
    pub fn say(&self, words: &str) {
        write(&plain_line(words));
    }

    fn append(&mut self, report: &Report) {
        let Some((path, mut file)) = self.json.take() else { return };
        match file.write_all(json_line(report).as_bytes()) {
            Ok(()) => self.json = Some((path, file)),
            Err(error) => self.say(&lament(&path, &error)),
        }
    }

    /// Through the program's subscriber, if it has one that takes it.
    fn log(&mut self, report: &Report) -> bool {
        self.log_within(PATIENCE, report)
    }

    fn log_within(&mut self, patience: Duration, report: &Report) -> bool {
        let dispatch = dispatcher::get_default(Dispatch::clone);
        if self.stuck || dispatch.is::<NoSubscriber>() {
            return false;
        }
        // Told to one that may show it to nobody, and then elsewhere as well.
        let deaf = (self.deaf)(&dispatch);
        let taken = log_within(patience, dispatch, report.clone());
        if taken.is_none() {
            self.stuck = true;
            self.say(
                "the `tracing` subscriber has not taken a report in time (does the stuck program hold its lock?). \
                 Reports go to standard error from now on.",
            );
        }
        taken.unwrap_or(false) && !deaf
    }
}

fn lament(path: &Path, error: &io::Error) -> String {
    format!(
        "cannot write reports to `{}`: {error}. They are not written there, and the program goes on.",
        path.display()
    )
}

/// Failing to write to standard error is the one failure that cannot be told.
fn write(text: &str) {
    _ = file::StandardError.write_all(text.as_bytes());
}

/// Whether standard error takes something now; else whoever writes there waits for a reader.
pub(crate) fn can_write() -> bool {
    file::StandardError.is_ready()
}

/// In a thread of its own, so that a subscriber that hangs, even in saying whether it is interested, takes nothing
/// down with it. Whether it took the report; `None`: not in time.
fn log_within(patience: Duration, dispatch: Dispatch, report: Report) -> Option<bool> {
    let (done, wait) = mpsc::sync_channel(1);
    let work = move || {
        let taken = dispatcher::with_default(&dispatch, || {
            let listens = listens(&report);
            if listens {
                emit(&report);
            }
            listens
        });
        // Nobody may be waiting any more.
        _ = done.send(taken);
    };
    // Started by one of our own threads, it takes the program's signals as little as they do.
    std::thread::Builder::new().name("gordian-log".into()).spawn(work).ok()?;
    wait.recv_timeout(patience).ok()
}

fn listens(report: &Report) -> bool {
    // Not inside `get_default`: there no subscriber is interested in anything.
    match report.rule.is_warning() {
        true => tracing::enabled!(target: "gordian", tracing::Level::WARN),
        false => tracing::enabled!(target: "gordian", tracing::Level::ERROR),
    }
}

fn emit(report: &Report) {
    let text = render(report, Style::default());
    let (rule, certainty) = (report.rule.word(), report.certainty.word());
    let fingerprint = report.fingerprint.as_str();
    match report.rule.is_warning() {
        true => tracing::warn!(target: "gordian", rule, certainty, fingerprint, "{text}"),
        false => tracing::error!(target: "gordian", rule, certainty, fingerprint, "{text}"),
    }
}

/// Only for a terminal, and not against the user's wish (<https://no-color.org>).
fn is_colored() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{settings::builder, tell::tests::ab_ba};
    use std::sync::{Arc, Mutex};

    fn hears(_: &Dispatch) -> bool {
        false
    }

    fn settings(json: Option<PathBuf>) -> Settings {
        let mut settings = builder().resolve_env(|_| None, std::iter::empty()).0;
        (settings.json, settings.stderr) = (json, false);
        settings
    }

    fn scratch(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("gordian-{}-{name}", std::process::id()))
    }

    #[test]
    fn every_report_is_one_line_of_the_json_file() {
        let path = scratch("two-reports.json");
        let (mut sinks, _) = Sinks::new(&settings(Some(path.clone())), hears);
        sinks.tell(&ab_ba());
        sinks.tell(&ab_ba());
        let text = std::fs::read_to_string(&path).expect("the file");
        std::fs::remove_file(&path).expect("removable");
        assert_eq!(text, json_line(&ab_ba()).repeat(2));
    }

    #[test]
    fn an_unwritable_file_is_given_up() {
        let (sinks, lament) = Sinks::new(&settings(Some("/nonexistent/reports.json".into())), hears);
        assert!(sinks.json.is_none());
        assert!(lament.is_some_and(|words| words.contains("/nonexistent/reports.json")));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_given_up_after_the_first_failure() {
        let (mut sinks, _) = Sinks::new(&settings(Some("/dev/full".into())), hears);
        assert!(sinks.json.is_some());
        sinks.tell(&ab_ba());
        assert!(sinks.json.is_none());
        sinks.tell(&ab_ba());
    }

    #[cfg(unix)]
    #[test]
    fn a_thread_that_holds_stds_stderr_for_ever_stops_nobody() {
        let (done, wait) = mpsc::channel();
        let lock = io::stderr().lock();
        let work = move || {
            Sinks::new(&settings(None), hears).0.say("(a test) this is said while somebody holds standard error.");
            done.send(()).expect("the test waits");
        };
        let speaker = std::thread::spawn(work);
        let said = wait.recv_timeout(Duration::from_secs(20));
        drop(lock);
        speaker.join().expect("no panic");
        said.expect("said while the lock was held");
    }

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("not poisoned").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn subscriber(log: &Log, filter: tracing::Level) -> Dispatch {
        let log = log.clone();
        let builder = tracing_subscriber::fmt().without_time().with_ansi(false).with_max_level(filter);
        Dispatch::new(builder.with_writer(move || log.clone()).finish())
    }

    #[test]
    fn a_subscriber_gets_one_event_with_the_whole_text() {
        let log = Log::default();
        let (mut sinks, _) = Sinks::new(&settings(None), hears);
        let taken = dispatcher::with_default(&subscriber(&log, tracing::Level::INFO), || sinks.log(&ab_ba()));
        let text = String::from_utf8(log.0.lock().expect("not poisoned").clone()).expect("text");
        assert!(taken);
        assert!(text.starts_with("ERROR gordian: gordian: deadlock (happened): "), "{text}");
        assert!(text.contains("rule=\"wait_cycle\" certainty=\"happened\" fingerprint=\""), "{text}");
    }

    #[test]
    fn a_program_without_a_listener_is_told_plainly() {
        let (mut sinks, _) = Sinks::new(&settings(None), hears);
        assert!(!dispatcher::with_default(&Dispatch::none(), || sinks.log(&ab_ba())));
        let (mut deaf, _) = Sinks::new(&settings(None), |_| true);
        assert!(!dispatcher::with_default(&subscriber(&Log::default(), tracing::Level::INFO), || deaf.log(&ab_ba())));
    }

    #[test]
    fn a_subscriber_that_hangs_takes_nothing_down() {
        let log = Log::default();
        let stuck = log.0.lock().expect("not poisoned");
        let dispatch = subscriber(&log, tracing::Level::INFO);
        let (mut sinks, _) = Sinks::new(&settings(None), hears);
        dispatcher::with_default(&dispatch, || {
            assert!(!sinks.log_within(Duration::from_millis(1), &ab_ba()));
            assert!(sinks.stuck, "it is not asked again");
            assert!(!sinks.log_within(Duration::from_secs(1000), &ab_ba()));
        });
        drop(stuck);
    }
}
