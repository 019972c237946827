//! std, the measure of all.

use crate::family::{Setup, family};
use std::{
    sync::{self, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard},
    thread,
};

family!(Std, result: [unwrap], all_of: sync);

fn start(_: &Setup<'_>) {}
