//! [`std::thread`], watched. What does not block is std's own.

mod builder;
mod join;
mod park;
mod scope;

pub use builder::{Builder, spawn};
pub use join::{JoinHandle, ScopedJoinHandle};
pub use park::{park, park_timeout, sleep};
#[expect(deprecated, reason = "std still has them")]
pub use park::{park_timeout_ms, sleep_ms};
pub use scope::{Scope, scope};
pub use std::thread::{
    AccessError, LocalKey, Result, Thread, ThreadId, available_parallelism, current, panicking, yield_now,
};
