//! Guards that outlive their thread.
//!
//! Nearly always they were leaked (`mem::forget`): nobody can release them any more, and whoever waits for them
//! waits for ever. But a thread-local destructor that runs after ours may still drop one; only when the operating
//! system confirms that the thread is gone is a leak certain.

use super::{returned, slot::Slot};
use crate::model::{ActorId, Hold, Mode};
use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering::Relaxed},
};

/// More are forgotten: an instrument may lose data, not memory.
const MOST: usize = 10_000;

#[derive(Clone, Debug)]
pub(crate) struct Left {
    pub(crate) hold: Hold,
    pub(crate) owner: ActorId,
    pub(crate) name: Option<Arc<str>>,
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
    let name: Option<Arc<str>> = slot.name().map(Arc::from);
    let (owner, os_id) = (slot.id(), slot.os_id.load(Relaxed));
    ANY.store(true, Relaxed);
    if let Some(mut left) = with_room(holds.len()) {
        let room = MOST.saturating_sub(left.len());
        left.extend(holds.into_iter().take(room).map(|hold| Left { hold, owner, name: name.clone(), os_id }));
    }
    // Only now: whoever ends one of them in another thread finds it in the one place or in the other.
    slot.ledger.let_go();
    returned::settle_left(owner);
}

/// The list, with room for some more. It grows while nobody holds it: growing asks the program's allocator, which may
/// need a lock whose holder waits for the list.
fn with_room(more: usize) -> Option<MutexGuard<'static, Vec<Left>>> {
    loop {
        let left = LEFT.lock().ok()?;
        if left.capacity() - left.len() >= more {
            return Some(left);
        }
        let wanted = (left.len() + more).max(left.len() * 2);
        drop(left);
        let mut bigger = Vec::with_capacity(wanted);
        let mut left = LEFT.lock().ok()?;
        if left.len() <= wanted {
            bigger.append(&mut left);
            std::mem::swap(&mut *left, &mut bigger);
        }
        drop(left);
    }
}

/// A guard is dropped by its thread after that has given its slot back: it was no orphan.
pub(super) fn released(object: u64, os_id: u64) {
    remove(|left| left.hold.object.0 == object && left.os_id == os_id);
}

/// The same for a guard that has gone to another thread. `false`: nobody has left one like this.
pub(super) fn end(object: u64, mode: Mode) -> bool {
    ANY.load(Relaxed) && remove(|left| left.hold.object.0 == object && left.hold.mode == mode)
}

fn remove(this: impl FnMut(&Left) -> bool) -> bool {
    let Ok(mut left) = LEFT.lock() else { return false };
    let gone = left.iter().rposition(this).map(|index| left.remove(index));
    drop(left);
    // Its name is freed by the program's allocator: with no lock of ours held.
    gone.is_some()
}

/// Whether this object is among what was left behind.
pub(super) fn hold(object: u64) -> bool {
    ANY.load(Relaxed) && LEFT.lock().is_ok_and(|left| left.iter().any(|left| left.hold.object.0 == object))
}

pub(crate) fn all() -> Vec<Left> {
    if !ANY.load(Relaxed) {
        return Vec::new();
    }
    let mut copy = Vec::new();
    loop {
        let Ok(left) = LEFT.lock() else { return copy };
        if copy.capacity() >= left.len() {
            copy.extend_from_slice(&left);
            return copy;
        }
        let wanted = left.len();
        drop(left);
        copy.reserve(wanted);
    }
}
