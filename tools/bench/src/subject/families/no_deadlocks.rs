//! no_deadlocks, which panics a second after it has blocked.

use crate::family::{Setup, family};
use ::no_deadlocks::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;

family!(NoDeadlocks, result: [unwrap]);

fn start(setup: &Setup<'_>) {
    super::told_by_panic(setup);
}
