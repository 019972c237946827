//! What can be set, and where it comes from: the builder in code, then environment variables, then defaults.

use crate::{monitor::Session, report::Report};
use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

/// How much is recorded. Can be switched while the program runs: [`crate::set_level`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
#[non_exhaustive]
pub enum Level {
    /// Nothing.
    Off,
    /// Holders, waiters, order of acquisition, coarse times, the last operations of each thread.
    #[default]
    Watch,
    /// And every operation, with its precise time, into the trace file.
    Trace,
}

/// What happens after a deadlock has been reported.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Reaction {
    /// The program goes on (the stuck threads stay stuck).
    #[default]
    Report,
    /// The thread that closed the cycle panics with the report as its message, so that the others can move. Where
    /// no thread can be made to panic (all sleep in the operating system), the process exits with code 101.
    Panic,
    /// The process aborts.
    Abort,
    /// The process exits with this code.
    Exit(i32),
}

/// Whose stacks are captured.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Stacks {
    /// Nobody's.
    None,
    /// Each thread captures its own before it waits longer than a moment.
    #[default]
    Waits,
    /// And at every acquisition, by frame pointers, as far as the build keeps them.
    All,
}

/// The callback.
pub(crate) type OnReport = Arc<dyn Fn(&Report) + Send + Sync>;

/// The trace file of level [`Level::Trace`] where none was named.
pub const DEFAULT_TRACE: &str = "gordian-trace.json";

/// Settings in code. What is not set here comes from the environment, and then from the defaults:
///
/// | method | environment variable | values | default | meaning |
/// |---|---|---|---|---|
/// | `level` | `GORDIAN_LEVEL` | `off`, `watch`, `trace` | `watch`; `trace` where a trace file is named | How much is recorded. |
/// | `reaction` | `GORDIAN_REACTION` | `report`, `panic`, `abort`, `exit:N` (N from 0 to 255) | `report` | What happens after a deadlock has been reported. |
/// | `stacks` | `GORDIAN_STACKS` | `none`, `waits`, `all` | `waits` | Whose stacks are captured: nobody's, of threads and tasks that wait, of every acquisition as well. |
/// | `trace` | `GORDIAN_TRACE` | a path | `gordian-trace.json` at level `trace` | The trace file; compressed where the name ends in `.gz`. |
/// | `json` | `GORDIAN_JSON` | a path | no file | Reports are appended to this file, as one JSON object a line. |
/// | `long_hold` | `GORDIAN_LONG_HOLD` | a duration (`500ms`, `2s`, `1.5m`, `1h`), `off` | `10s` | A lock that is held for longer is warned of. |
/// | `long_wait` | `GORDIAN_LONG_WAIT` | a duration (`500ms`, `2s`, `1.5m`, `1h`), `off` | `10s` | A wait for a lock, an initialiser or a barrier that takes longer is warned of. |
/// | `long_poll` | `GORDIAN_LONG_POLL` | a duration (`500ms`, `2s`, `1.5m`, `1h`), `off` | `1s` | A poll of a task that takes longer is warned of. |
/// | `exit_wait` | `GORDIAN_EXIT_WAIT` | a duration (`500ms`, `2s`, `1.5m`, `1h`), `0s`, `forever` | `forever` | How long the session guard waits for threads that are not daemons, at the end of `main`. |
/// | `stderr` | `GORDIAN_STDERR` | `on`, `off` | `on` | Reports are printed on standard error, unless a `tracing` subscriber takes them. |
///
/// A wrong value is told in one sentence, and what comes next counts instead. The thresholds are warnings about
/// programs that may be all right: ten seconds is far beyond what a lock is commonly held for, and a program that means
/// it says so once.
#[derive(Clone, Default)]
#[must_use = "nothing is set until `start`"]
pub struct Builder {
    level: Option<Level>,
    reaction: Option<Reaction>,
    stacks: Option<Stacks>,
    trace: Option<PathBuf>,
    json: Option<PathBuf>,
    long_hold: Option<Limit>,
    long_wait: Option<Limit>,
    long_poll: Option<Limit>,
    exit_wait: Option<Limit>,
    stderr: Option<bool>,
    on_report: Option<OnReport>,
}

/// A duration, or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Limit(Option<Duration>);

/// What holds after code, environment and defaults have been put together.
#[doc(hidden)]
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// How much is recorded.
    pub level: Level,
    /// What happens after a deadlock has been reported.
    pub reaction: Reaction,
    /// Whose stacks are captured.
    pub stacks: Stacks,
    /// The trace file, where one is named or level `trace` needs one.
    pub trace: Option<PathBuf>,
    /// The file of reports.
    pub json: Option<PathBuf>,
    /// From when on a hold is warned of, if ever.
    pub long_hold: Option<Duration>,
    /// From when on a wait is warned of, if ever.
    pub long_wait: Option<Duration>,
    /// From when on a poll is warned of, if ever.
    pub long_poll: Option<Duration>,
    /// How long the end of `main` waits for other threads; `None`: for ever.
    pub exit_wait: Option<Duration>,
    /// Whether reports are printed on standard error.
    pub stderr: bool,
    /// The callback.
    pub on_report: Option<OnReport>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("level", &self.level)
            .field("reaction", &self.reaction)
            .field("stacks", &self.stacks)
            .field("trace", &self.trace)
            .field("json", &self.json)
            .field("long_hold", &self.long_hold)
            .field("long_wait", &self.long_wait)
            .field("long_poll", &self.long_poll)
            .field("exit_wait", &self.exit_wait)
            .field("stderr", &self.stderr)
            .field("on_report", &self.on_report.is_some())
            .finish()
    }
}

/// One row of the table that makes the parsing, the documentation and the messages.
struct Setting {
    method: &'static str,
    variable: &'static str,
    values: &'static str,
    default: &'static str,
    meaning: &'static str,
    /// Sets what is not set yet. `None`: not a value.
    fill: fn(&mut Builder, &str) -> Option<()>,
}

const DURATIONS: &str = "a duration (`500ms`, `2s`, `1.5m`, `1h`)";

const TABLE: [Setting; 10] = [
    Setting {
        method: "level",
        variable: "GORDIAN_LEVEL",
        values: "`off`, `watch`, `trace`",
        default: "`watch`; `trace` where a trace file is named",
        meaning: "How much is recorded.",
        fill: |builder, text| fill(&mut builder.level, level(text)),
    },
    Setting {
        method: "reaction",
        variable: "GORDIAN_REACTION",
        values: "`report`, `panic`, `abort`, `exit:N` (N from 0 to 255)",
        default: "`report`",
        meaning: "What happens after a deadlock has been reported.",
        fill: |builder, text| fill(&mut builder.reaction, reaction(text)),
    },
    Setting {
        method: "stacks",
        variable: "GORDIAN_STACKS",
        values: "`none`, `waits`, `all`",
        default: "`waits`",
        meaning: "Whose stacks are captured: nobody's, of threads and tasks that wait, of every acquisition as well.",
        fill: |builder, text| fill(&mut builder.stacks, stacks(text)),
    },
    Setting {
        method: "trace",
        variable: "GORDIAN_TRACE",
        values: "a path",
        default: "`gordian-trace.json` at level `trace`",
        meaning: "The trace file; compressed where the name ends in `.gz`.",
        fill: |builder, text| fill(&mut builder.trace, Some(PathBuf::from(text))),
    },
    Setting {
        method: "json",
        variable: "GORDIAN_JSON",
        values: "a path",
        default: "no file",
        meaning: "Reports are appended to this file, as one JSON object a line.",
        fill: |builder, text| fill(&mut builder.json, Some(PathBuf::from(text))),
    },
    Setting {
        method: "long_hold",
        variable: "GORDIAN_LONG_HOLD",
        values: "DURATION, `off`",
        default: "`10s`",
        meaning: "A lock that is held for longer is warned of.",
        fill: |builder, text| fill(&mut builder.long_hold, threshold(text)),
    },
    Setting {
        method: "long_wait",
        variable: "GORDIAN_LONG_WAIT",
        values: "DURATION, `off`",
        default: "`10s`",
        meaning: "A wait for a lock, an initialiser or a barrier that takes longer is warned of.",
        fill: |builder, text| fill(&mut builder.long_wait, threshold(text)),
    },
    Setting {
        method: "long_poll",
        variable: "GORDIAN_LONG_POLL",
        values: "DURATION, `off`",
        default: "`1s`",
        meaning: "A poll of a task that takes longer is warned of.",
        fill: |builder, text| fill(&mut builder.long_poll, threshold(text)),
    },
    Setting {
        method: "exit_wait",
        variable: "GORDIAN_EXIT_WAIT",
        values: "DURATION, `0s`, `forever`",
        default: "`forever`",
        meaning: "How long the session guard waits for threads that are not daemons, at the end of `main`.",
        fill: |builder, text| fill(&mut builder.exit_wait, patience(text)),
    },
    Setting {
        method: "stderr",
        variable: "GORDIAN_STDERR",
        values: "`on`, `off`",
        default: "`on`",
        meaning: "Reports are printed on standard error, unless a `tracing` subscriber takes them.",
        fill: |builder, text| fill(&mut builder.stderr, switch(text)),
    },
];

const DEFAULT_THRESHOLD: Limit = Limit(Some(Duration::from_secs(10)));

impl Setting {
    fn values(&self) -> String {
        self.values.replace("DURATION", DURATIONS)
    }
}

/// All settings as a table in Markdown: the one of [`Builder`]'s documentation.
#[doc(hidden)]
pub fn settings_table() -> String {
    let mut table =
        "| method | environment variable | values | default | meaning |\n|---|---|---|---|---|\n".to_string();
    for setting in &TABLE {
        let Setting { method, variable, default, meaning, .. } = setting;
        table += &format!("| `{method}` | `{variable}` | {} | {default} | {meaning} |\n", setting.values());
    }
    table
}

/// Starts watching with the settings of the environment. See [`Session`] for what the guard does at its end.
#[must_use = "the guard waits for the program's threads where it is dropped: `let _gordian = gordian::watch();`"]
#[track_caller]
pub fn watch() -> Session {
    builder().start()
}

/// Settings in code.
pub fn builder() -> Builder {
    Builder::default()
}

impl Builder {
    /// How much is recorded.
    pub fn level(mut self, level: Level) -> Builder {
        self.level = Some(level);
        self
    }

    /// What happens after a deadlock has been reported. Warnings (a long hold, a long wait) never cause it.
    pub fn reaction(mut self, reaction: Reaction) -> Builder {
        self.reaction = Some(reaction);
        self
    }

    /// Whose stacks are captured.
    pub fn stacks(mut self, stacks: Stacks) -> Builder {
        self.stacks = Some(stacks);
        self
    }

    /// The trace file, in Chrome's Trace Event format; compressed where the name ends in `.gz`. Where no level is set,
    /// naming a file sets [`Level::Trace`].
    ///
    /// A file that cannot be written is told in one sentence, and the program goes on without.
    pub fn trace(mut self, path: impl Into<PathBuf>) -> Builder {
        self.trace = Some(path.into());
        self
    }

    /// Appends every report to this file, as one JSON object a line.
    ///
    /// A file that cannot be written is told in one sentence, and the program goes on without.
    pub fn json(mut self, path: impl Into<PathBuf>) -> Builder {
        self.json = Some(path.into());
        self
    }

    /// Warns of a lock that is held for longer than this; `None`: never.
    pub fn long_hold(mut self, limit: impl Into<Option<Duration>>) -> Builder {
        self.long_hold = Some(Limit(limit.into()));
        self
    }

    /// Warns of a wait that takes longer than this; `None`: never.
    pub fn long_wait(mut self, limit: impl Into<Option<Duration>>) -> Builder {
        self.long_wait = Some(Limit(limit.into()));
        self
    }

    /// Warns of a poll of a task that takes longer than this; `None`: never.
    pub fn long_poll(mut self, limit: impl Into<Option<Duration>>) -> Builder {
        self.long_poll = Some(Limit(limit.into()));
        self
    }

    /// How long the [`Session`] guard waits, where it is dropped, for threads that are not daemons; `None`: until they
    /// have ended.
    pub fn exit_wait(mut self, limit: impl Into<Option<Duration>>) -> Builder {
        self.exit_wait = Some(Limit(limit.into()));
        self
    }

    /// Whether reports are printed on standard error where no `tracing` subscriber takes them.
    pub fn stderr(mut self, on: bool) -> Builder {
        self.stderr = Some(on);
        self
    }

    /// Is called with every report, on the watchdog's thread, before the report is printed. Its stacks are not resolved
    /// by then, and of a wait cycle that was told at once the [`victims`](Report::victims) are not known yet. It may use
    /// watched locks. A panic in it is caught; where it does not return for two seconds, watching goes on without it.
    /// That thread blocks the program's signals, and so does a thread that is started there.
    pub fn on_report(mut self, callback: impl Fn(&Report) + Send + Sync + 'static) -> Builder {
        self.on_report = Some(Arc::new(callback));
        self
    }

    /// Starts watching. Where a session has begun before, these settings replace its own. Does nothing in a build that
    /// does not watch.
    #[track_caller]
    pub fn start(self) -> Session {
        crate::monitor::start(self)
    }

    /// Puts code, environment and defaults together. `lookup` gives the value of an environment variable, `names` the
    /// names of all that are set. The strings are complaints: complete sentences.
    #[doc(hidden)]
    pub fn resolve_env(
        mut self,
        lookup: impl Fn(&str) -> Option<String>,
        names: impl Iterator<Item = String>,
    ) -> (Settings, Vec<String>) {
        let mut complaints: Vec<String> = names.filter_map(|name| unknown(&name)).collect();
        for setting in &TABLE {
            let Some(value) = lookup(setting.variable) else { continue };
            let text = value.trim();
            // An empty variable is the shell's way to unset one.
            if !text.is_empty() && (setting.fill)(&mut self, text).is_none() {
                complaints.push(wrong(setting, setting.variable, text));
            }
        }
        complaints.extend(self.take_back());
        let mut settings = self.settle();
        // Two writers would write over each other.
        if let Some(json) = settings.json.take_if(|json| settings.trace.as_ref() == Some(json)) {
            let path = json.display();
            complaints.push(format!("the trace and the reports name one file, `{path}`: the trace is written there."));
        }
        (settings, complaints)
    }

    /// What only code can set, and means nothing.
    fn take_back(&mut self) -> Vec<String> {
        let no_code =
            |reaction: &mut Reaction| matches!(reaction, Reaction::Exit(code) if u8::try_from(*code).is_err());
        let nothing = |limit: &mut Limit| limit.0 == Some(Duration::ZERO);
        let reaction = self.reaction.take_if(no_code).map(|reaction| format!("{reaction:?}"));
        let long_hold = self.long_hold.take_if(nothing).map(|_| "0s".to_owned());
        let long_wait = self.long_wait.take_if(nothing).map(|_| "0s".to_owned());
        let long_poll = self.long_poll.take_if(nothing).map(|_| "0s".to_owned());
        let taken =
            [("reaction", reaction), ("long_hold", long_hold), ("long_wait", long_wait), ("long_poll", long_poll)];
        let complaint = |(method, value): (&str, Option<String>)| {
            let setting = TABLE.iter().find(|setting| setting.method == method)?;
            Some(wrong(setting, &format!("`{method}` in code"), &value?))
        };
        taken.into_iter().filter_map(complaint).collect()
    }

    /// The same with the environment of this process.
    #[doc(hidden)]
    pub fn resolve(self) -> (Settings, Vec<String>) {
        let lookup = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
        self.resolve_env(lookup, names)
    }

    fn settle(self) -> Settings {
        let level = self.level.unwrap_or(if self.trace.is_some() { Level::Trace } else { Level::default() });
        let trace = self.trace.or_else(|| (level == Level::Trace).then(|| PathBuf::from(DEFAULT_TRACE)));
        Settings {
            level,
            reaction: self.reaction.unwrap_or_default(),
            stacks: self.stacks.unwrap_or_default(),
            trace,
            json: self.json,
            long_hold: self.long_hold.unwrap_or(DEFAULT_THRESHOLD).0,
            long_wait: self.long_wait.unwrap_or(DEFAULT_THRESHOLD).0,
            long_poll: self.long_poll.unwrap_or(Limit(Some(Duration::from_secs(1)))).0,
            exit_wait: self.exit_wait.unwrap_or(Limit(None)).0,
            stderr: self.stderr.unwrap_or(true),
            on_report: self.on_report,
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").finish_non_exhaustive()
    }
}

/// What code has set stays.
fn fill<T>(slot: &mut Option<T>, value: Option<T>) -> Option<()> {
    let value = value?;
    slot.get_or_insert(value);
    Some(())
}

fn wrong(setting: &Setting, name: &str, value: &str) -> String {
    let (values, default) = (setting.values(), setting.default);
    format!("{name} is {value:?}, which is none of its values: {values}. Without it the default counts ({default}).")
}

fn unknown(name: &str) -> Option<String> {
    if !name.starts_with("GORDIAN_") || TABLE.iter().any(|setting| setting.variable == name) {
        return None;
    }
    let nearest = TABLE.iter().map(|setting| (distance(name, setting.variable), setting.variable)).min()?;
    Some(match nearest {
        (0..=3, variable) => format!("{name} is not a setting and changes nothing. Did you mean {variable}?"),
        _ => {
            let variables: Vec<&str> = TABLE.iter().map(|setting| setting.variable).collect();
            format!("{name} is not a setting and changes nothing. The settings are {}.", variables.join(", "))
        }
    })
}

/// How many letters have to be put in, left out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, other) in b.iter().enumerate() {
            let least = (diagonal + usize::from(letter != *other)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], least);
        }
    }
    row.last().copied().unwrap_or(0)
}

fn level(text: &str) -> Option<Level> {
    pick(text, &[("off", Level::Off), ("watch", Level::Watch), ("trace", Level::Trace)])
}

fn reaction(text: &str) -> Option<Reaction> {
    let named = [("report", Reaction::Report), ("panic", Reaction::Panic), ("abort", Reaction::Abort)];
    let code = || text.to_ascii_lowercase().strip_prefix("exit:")?.trim().parse::<u8>().ok();
    pick(text, &named).or_else(|| code().map(|code| Reaction::Exit(code.into())))
}

fn stacks(text: &str) -> Option<Stacks> {
    pick(text, &[("none", Stacks::None), ("waits", Stacks::Waits), ("all", Stacks::All)])
}

fn switch(text: &str) -> Option<bool> {
    pick(text, &[("on", true), ("off", false)])
}

fn pick<T: Copy>(text: &str, values: &[(&str, T)]) -> Option<T> {
    values.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
}

/// A threshold of nothing would warn of everything.
fn threshold(text: &str) -> Option<Limit> {
    let limited = || duration(text).filter(|limit| !limit.is_zero()).map(|limit| Limit(Some(limit)));
    pick(text, &[("off", Limit(None))]).or_else(limited)
}

fn patience(text: &str) -> Option<Limit> {
    pick(text, &[("forever", Limit(None))]).or_else(|| duration(text).map(|limit| Limit(Some(limit))))
}

/// A number and its unit.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|char: char| !char.is_ascii_digit() && char != '.')?;
    let (number, unit) = text.split_at(digits);
    let unit = pick(unit.trim(), &[("ms", 0.001), ("s", 1.0), ("m", 60.0), ("min", 60.0), ("h", 3600.0)])?;
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * unit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn resolved(builder: Builder, env: &[(&str, &str)]) -> (Settings, Vec<String>) {
        let lookup = |name: &str| env.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string());
        builder.resolve_env(lookup, env.iter().map(|(name, _)| name.to_string()))
    }

    fn with(name: &str, value: &str) -> Settings {
        let (settings, complaints) = resolved(builder(), &[(name, value)]);
        assert_eq!(complaints, Vec::<String>::new());
        settings
    }

    fn complaint(name: &str, value: &str) -> String {
        let (settings, complaints) = resolved(builder(), &[(name, value)]);
        assert_eq!(format!("{settings:?}"), format!("{:?}", resolved(builder(), &[]).0), "the default counts");
        assert_eq!(complaints.len(), 1);
        complaints.concat()
    }

    #[test]
    fn two_writers_never_have_one_file() {
        let lookup = |name: &str| matches!(name, "GORDIAN_TRACE" | "GORDIAN_JSON").then(|| "out.json".to_owned());
        let (settings, complaints) = builder().resolve_env(lookup, std::iter::empty());
        assert_eq!((settings.trace, settings.json), (Some(PathBuf::from("out.json")), None));
        assert_eq!(complaints, ["the trace and the reports name one file, `out.json`: the trace is written there."]);
    }

    #[test]
    fn the_documentation_shows_the_table() {
        let rows = include_str!("settings.rs").lines().filter_map(|line| line.strip_prefix("/// |"));
        let documented: String = rows.map(|row| format!("|{row}\n")).collect();
        assert_eq!(documented, settings_table());
    }

    #[test]
    fn the_documented_defaults_are_the_defaults() {
        let defaults = format!("{:?}", resolved(builder(), &[]).0);
        for setting in TABLE.iter().filter(|setting| setting.default.starts_with('`') && setting.method != "trace") {
            let value = setting.default.split('`').nth(1).expect("a value");
            assert_eq!(format!("{:?}", with(setting.variable, value)), defaults, "{}", setting.variable);
        }
        assert_eq!(with("GORDIAN_LEVEL", "trace").trace.as_deref(), Some(Path::new(DEFAULT_TRACE)));
        assert!(TABLE.iter().any(|setting| setting.method == "trace" && setting.default.contains(DEFAULT_TRACE)));
    }

    #[test]
    fn what_means_nothing_in_code_is_taken_back() {
        let odd = builder().reaction(Reaction::Exit(300)).long_hold(Duration::ZERO).long_wait(Duration::ZERO);
        let (settings, complaints) = resolved(odd, &[]);
        assert_eq!(format!("{settings:?}"), format!("{:?}", resolved(builder(), &[]).0), "the defaults count");
        assert_eq!(complaints.len(), 3);
        assert_eq!(
            complaints[0],
            "`reaction` in code is \"Exit(300)\", which is none of its values: `report`, `panic`, `abort`, `exit:N` (N from \
             0 to 255). Without it the default counts (`report`)."
        );
        let plain = builder().reaction(Reaction::Exit(255)).long_hold(Duration::from_nanos(1)).long_wait(None);
        assert_eq!(resolved(plain, &[]).1, Vec::<String>::new());
    }

    #[test]
    fn every_value_is_understood() {
        assert_eq!(with("GORDIAN_LEVEL", "off").level, Level::Off);
        assert_eq!(with("GORDIAN_LEVEL", " Watch ").level, Level::Watch);
        assert_eq!(with("GORDIAN_LEVEL", "trace").level, Level::Trace);
        assert_eq!(with("GORDIAN_LEVEL", "").level, Level::Watch);
        assert_eq!(with("GORDIAN_REACTION", "report").reaction, Reaction::Report);
        assert_eq!(with("GORDIAN_REACTION", "panic").reaction, Reaction::Panic);
        assert_eq!(with("GORDIAN_REACTION", "abort").reaction, Reaction::Abort);
        assert_eq!(with("GORDIAN_REACTION", "exit:3").reaction, Reaction::Exit(3));
        assert_eq!(with("GORDIAN_STACKS", "none").stacks, Stacks::None);
        assert_eq!(with("GORDIAN_STACKS", "waits").stacks, Stacks::Waits);
        assert_eq!(with("GORDIAN_STACKS", "all").stacks, Stacks::All);
        assert_eq!(with("GORDIAN_JSON", "a b.json").json.as_deref(), Some(Path::new("a b.json")));
        assert!(with("GORDIAN_STDERR", "on").stderr);
        assert!(!with("GORDIAN_STDERR", "off").stderr);
    }

    #[test]
    fn durations_have_units() {
        let hold = |value| with("GORDIAN_LONG_HOLD", value).long_hold;
        assert_eq!(hold("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(hold("2s"), Some(Duration::from_secs(2)));
        assert_eq!(hold("1.5m"), Some(Duration::from_secs(90)));
        assert_eq!(hold("1 h"), Some(Duration::from_secs(3600)));
        assert_eq!(hold("off"), None);
        assert_eq!(with("GORDIAN_LONG_WAIT", "1m").long_wait, Some(Duration::from_secs(60)));
        assert_eq!(with("GORDIAN_LONG_WAIT", "off").long_wait, None);
        assert_eq!(with("GORDIAN_EXIT_WAIT", "0s").exit_wait, Some(Duration::ZERO));
        assert_eq!(with("GORDIAN_EXIT_WAIT", "forever").exit_wait, None);
    }

    #[test]
    fn a_trace_file_asks_for_a_trace() {
        let settings = with("GORDIAN_TRACE", "t.json.gz");
        assert_eq!((settings.level, settings.trace.as_deref()), (Level::Trace, Some(Path::new("t.json.gz"))));
        let both = resolved(builder(), &[("GORDIAN_TRACE", "t.json"), ("GORDIAN_LEVEL", "watch")]).0;
        assert_eq!((both.level, both.trace.as_deref()), (Level::Watch, Some(Path::new("t.json"))));
        assert_eq!(resolved(builder().trace("t.json"), &[]).0.level, Level::Trace);
        assert_eq!(resolved(builder(), &[]).0.trace, None);
    }

    #[test]
    fn code_comes_before_the_environment() {
        let env = [
            ("GORDIAN_LEVEL", "off"),
            ("GORDIAN_REACTION", "abort"),
            ("GORDIAN_STACKS", "none"),
            ("GORDIAN_TRACE", "env.json"),
            ("GORDIAN_JSON", "env.json"),
            ("GORDIAN_LONG_HOLD", "1s"),
            ("GORDIAN_LONG_WAIT", "1s"),
            ("GORDIAN_LONG_POLL", "1s"),
            ("GORDIAN_EXIT_WAIT", "1s"),
            ("GORDIAN_STDERR", "on"),
        ];
        assert_eq!(env.map(|(name, _)| name), TABLE.map(|setting| setting.variable));
        let code = builder()
            .level(Level::Watch)
            .reaction(Reaction::Panic)
            .stacks(Stacks::All)
            .trace("code.json")
            .json("code.json")
            .long_hold(None)
            .long_wait(Duration::from_secs(2))
            .exit_wait(None)
            .stderr(false);
        assert_eq!(format!("{:?}", resolved(code.clone(), &env).0), format!("{:?}", resolved(code, &[]).0));
    }

    #[test]
    fn a_wrong_value_is_told_with_the_right_ones() {
        assert_eq!(
            complaint("GORDIAN_LEVEL", "loud"),
            "GORDIAN_LEVEL is \"loud\", which is none of its values: `off`, `watch`, `trace`. Without it the default \
             counts (`watch`; `trace` where a trace file is named)."
        );
        assert_eq!(
            complaint("GORDIAN_LONG_HOLD", "5"),
            "GORDIAN_LONG_HOLD is \"5\", which is none of its values: a duration (`500ms`, `2s`, `1.5m`, `1h`), `off`. \
             Without it the default counts (`10s`)."
        );
        for (name, value) in [
            ("GORDIAN_REACTION", "exit:256"),
            ("GORDIAN_REACTION", "exit:"),
            ("GORDIAN_REACTION", "exit"),
            ("GORDIAN_STACKS", "some"),
            ("GORDIAN_LONG_HOLD", "0s"),
            ("GORDIAN_LONG_HOLD", "s"),
            ("GORDIAN_LONG_HOLD", "1..5s"),
            ("GORDIAN_LONG_HOLD", "-1s"),
            ("GORDIAN_LONG_WAIT", "999999999999999999999h"),
            ("GORDIAN_LONG_WAIT", "5 parsecs"),
            ("GORDIAN_EXIT_WAIT", "never"),
            ("GORDIAN_STDERR", "2"),
        ] {
            assert!(complaint(name, value).starts_with(&format!("{name} is {value:?}, which is none of its values: ")));
        }
    }

    #[test]
    fn an_unknown_variable_is_told() {
        assert_eq!(
            complaint("GORDIAN_LEVLE", "off"),
            "GORDIAN_LEVLE is not a setting and changes nothing. Did you mean GORDIAN_LEVEL?"
        );
        assert_eq!(
            complaint("GORDIAN_COLOUR", "red"),
            "GORDIAN_COLOUR is not a setting and changes nothing. The settings are GORDIAN_LEVEL, GORDIAN_REACTION, \
             GORDIAN_STACKS, GORDIAN_TRACE, GORDIAN_JSON, GORDIAN_LONG_HOLD, GORDIAN_LONG_WAIT, GORDIAN_LONG_POLL, GORDIAN_EXIT_WAIT, \
             GORDIAN_STDERR."
        );
        assert_eq!(resolved(builder(), &[("HOME", "/")]).1, Vec::<String>::new());
    }
}
