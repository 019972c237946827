//! The contract, asked of the real crate.

use super::{polled, real as asked};

#[path = "runtime.rs"]
mod runtime;
#[path = "task.rs"]
mod task;
#[path = "time.rs"]
mod time;

#[path = "barrier.rs"]
mod barrier;
#[path = "cells.rs"]
mod cells;
#[path = "mutex.rs"]
mod mutex;
#[path = "notify.rs"]
mod notify;
#[path = "rwlock.rs"]
mod rwlock;
#[path = "semaphore.rs"]
mod semaphore;
#[path = "signatures.rs"]
mod signatures;
