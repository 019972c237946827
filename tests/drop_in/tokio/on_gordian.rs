//! The contract, asked of gordian's.

use super::ours as asked;

#[path = "runtime.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod runtime;
#[path = "task.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod task;
#[path = "time.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod time;
