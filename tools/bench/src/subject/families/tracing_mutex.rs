//! tracing-mutex, which panics before it blocks. Its aliases are plain std in release builds: the types by name.

use crate::family::{Setup, family};
use ::tracing_mutex::stdsync::tracing::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;

family!(TracingMutex, result: [unwrap]);

fn start(setup: &Setup<'_>) {
    super::told_by_panic(setup);
}
