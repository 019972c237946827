//! gordian's `tokio`: built off, or built on and at one of its levels.

use super::gordian::start;
use crate::tasks::tasks;
use ::gordian::tokio::{runtime, spawn, sync, time};
use std::time::Duration;

tasks!(GordianTokio, look: look);

/// What the watchdog says of its last look.
fn look() -> Option<Duration> {
    ::gordian::last_sweep()
}
