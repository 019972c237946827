//! std again, as a subject: whatever its ratio is off 1, the others' are too.

use crate::family::{Setup, family};
use std::{
    sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard},
    thread,
};

family!(Control, result: [unwrap]);

fn start(_: &Setup<'_>) {}
