//! The contract, asked of gordian.

use gordian::{sync, thread, thread_local};

#[path = "../contract/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod contract;
