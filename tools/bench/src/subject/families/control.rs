//! std again, as a subject: whatever its ratio is off 1, the others' are too.

use crate::family::{Setup, family};
use std::{
    sync::{self, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard},
    thread,
};

family!(Control, result: [unwrap], all_of: sync);

fn start(_: &Setup<'_>) {}
