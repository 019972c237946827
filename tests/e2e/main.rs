//! The examples run as a user runs them, and what they print, write and return is what is promised.

mod bank;
#[path = "../common/mod.rs"]
mod common;
mod daemons;
mod programs;
mod reactions;
mod settings;
#[path = "../common/stacks.rs"]
mod stacks_of;
mod stories;
#[cfg(feature = "tokio")]
mod tasks;
mod traces;
