//! The contract, asked of gordian's.

use super::{ours as asked, polled};

#[path = "runtime.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod runtime;
#[path = "task.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod task;
#[path = "time.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod time;

#[path = "barrier.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod barrier;
#[path = "cells.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod cells;
#[path = "mutex.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod mutex;
#[path = "notify.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod notify;
#[path = "rwlock.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod rwlock;
#[path = "semaphore.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod semaphore;
#[path = "signatures.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod signatures;
