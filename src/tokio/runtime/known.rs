//! Which of our runtimes a handle of tokio's leads to.

use super::Id;
use crate::record::on::task;
use ::tokio::runtime as real;
use std::sync::{PoisonError, RwLock};

/// Those that are there.
static ALL: RwLock<Vec<(Id, task::Runtime)>> = RwLock::new(Vec::new());

/// A runtime, for as long as it is known.
pub(super) struct Known(Id);

impl Known {
    pub(super) fn new(handle: &real::Handle, runtime: task::Runtime) -> Known {
        let id = handle.id();
        ALL.write().unwrap_or_else(PoisonError::into_inner).push((id, runtime));
        Known(id)
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        ALL.write().unwrap_or_else(PoisonError::into_inner).retain(|(id, _)| *id != self.0);
    }
}

/// The one that this handle leads to, if it was made through `gordian`.
pub(in super::super) fn of(handle: &real::Handle) -> Option<task::Runtime> {
    let id = handle.id();
    let all = ALL.read().unwrap_or_else(PoisonError::into_inner);
    all.iter().find(|(known, _)| *known == id).map(|(_, runtime)| *runtime)
}

/// The one that the calling thread is in.
pub(in super::super) fn here() -> Option<task::Runtime> {
    of(&real::Handle::try_current().ok()?)
}
