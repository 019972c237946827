//! Not watching: the same names, nothing behind them.

use crate::{
    report::{Report, Tasks},
    settings::{Builder, Level},
};
use std::fmt;

/// The session guard; nothing while not watching.
#[derive(Debug)]
pub struct Session(());

impl Drop for Session {
    /// Does nothing in this build; here so that dropping the guard means the same in both.
    fn drop(&mut self) {}
}

pub(crate) fn start(_: Builder) -> Session {
    Session(())
}

/// The level in force: always [`Level::Off`] in this build.
pub fn level() -> Level {
    Level::Off
}

/// Does nothing in this build.
pub fn set_level(_: Level) {}

/// Nothing is recorded, so nothing is lost.
#[doc(hidden)]
pub fn losses() -> [u64; 2] {
    [0; 2]
}

/// None: this build knows of no tasks.
pub fn tasks() -> Tasks {
    Tasks::default()
}

impl Tasks {
    /// An empty list, in the form of the other build.
    pub fn to_json(&self) -> String {
        r#"{"version":1,"at_ns":0,"lost_wakes":0,"tasks":[]}"#.to_owned()
    }
}

impl fmt::Display for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "no tasks: this build does not watch")
    }
}

/// Nobody looks.
#[doc(hidden)]
pub fn last_sweep() -> Option<std::time::Duration> {
    None
}

impl Report {
    /// Does nothing in this build, which makes no reports.
    pub fn resolve(&mut self) {}
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "gordian: {}", self.title)?;
        self.story.iter().try_for_each(|words| writeln!(f, "  {words}"))
    }
}
