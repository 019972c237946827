//! std, the measure of all.

use crate::family::{Setup, family};
use std::{
    sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard},
    thread,
};

family!(Std, result: [unwrap]);

fn start(_: &Setup<'_>) {}
