//! What can be set, and where it comes from: the builder in code, then environment variables, then defaults.

use crate::{monitor::Session, report::Report};
use std::{path::PathBuf, sync::Arc, time::Duration};

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

/// Everything that can be set; `None`: not set here.
#[derive(Clone, Default)]
#[must_use = "nothing is set until `start`"]
pub struct Builder {
    pub(crate) level: Option<Level>,
    pub(crate) reaction: Option<Reaction>,
    pub(crate) stacks: Option<Stacks>,
    pub(crate) trace: Option<PathBuf>,
    pub(crate) json: Option<PathBuf>,
    pub(crate) long_hold: Option<Duration>,
    pub(crate) long_wait: Option<Duration>,
    pub(crate) exit_wait: Option<Duration>,
    pub(crate) stderr: Option<bool>,
    pub(crate) on_report: Option<OnReport>,
}

/// Starts watching with the settings of the environment. See [`Session`] for what the guard does at its end.
#[must_use = "the guard waits for the program's threads where it is dropped: `let _gordian = gordian::watch();`"]
pub fn watch() -> Session {
    builder().start()
}

/// Settings in code.
pub fn builder() -> Builder {
    Builder::default()
}

impl Builder {
    /// Starts watching.
    pub fn start(self) -> Session {
        crate::monitor::start(self)
    }
}
