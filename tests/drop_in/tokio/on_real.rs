//! The contract, asked of the real crate.

use super::real as asked;

#[path = "runtime.rs"]
mod runtime;
#[path = "task.rs"]
mod task;
#[path = "time.rs"]
mod time;
