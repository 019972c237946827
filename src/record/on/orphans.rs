//! Guards that outlive their thread.
//!
//! Nearly always they were leaked (`mem::forget`): nobody can release them any more, and whoever waits for them
//! waits for ever. But a thread-local destructor that runs after ours may still drop one; only when the operating
//! system confirms that the thread is gone is a leak certain.

use super::slot::Slot;
use crate::model::{ActorId, Hold};
use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering::Relaxed},
};

/// More are forgotten: an instrument may lose data, not memory.
const MOST: usize = 10_000;

#[derive(Clone, Debug)]
pub(crate) struct Left {
    pub(crate) hold: Hold,
    pub(crate) owner: ActorId,
    pub(crate) name: Option<String>,
    pub(crate) os_id: u64,
}

/// Nothing was ever left behind, in nearly every program: nobody should pay for looking.
static ANY: AtomicBool = AtomicBool::new(false);
static LEFT: Mutex<Vec<Left>> = Mutex::new(Vec::new());

/// The owner of this slot ends: what it still holds stays behind.
pub(super) fn leave(slot: &Slot) {
    if slot.ledger.len() == 0 {
        return;
    }
    let holds = slot.holds().unwrap_or_default();
    slot.ledger.let_go();
    let name = slot.name();
    let os_id = slot.os_id.load(Relaxed);
    let Ok(mut left) = LEFT.lock() else { return };
    ANY.store(true, Relaxed);
    let room = MOST.saturating_sub(left.len());
    left.extend(holds.into_iter().take(room).map(|hold| Left { hold, owner: slot.id(), name: name.clone(), os_id }));
}

/// A guard is dropped after its thread's slot was given back: it was no orphan.
pub(super) fn released(object: u64) {
    let Ok(mut left) = LEFT.lock() else { return };
    if let Some(index) = left.iter().rposition(|left| left.hold.object.0 == object) {
        left.remove(index);
    }
}

/// An object has been dropped: nobody can wait for it any more.
#[inline]
pub(super) fn forget(object: u64) {
    if ANY.load(Relaxed) {
        forget_cold(object);
    }
}

#[cold]
fn forget_cold(object: u64) {
    if let Ok(mut left) = LEFT.lock() {
        left.retain(|left| left.hold.object.0 != object);
    }
}

pub(crate) fn all() -> Vec<Left> {
    LEFT.lock().map(|left| left.clone()).unwrap_or_default()
}
