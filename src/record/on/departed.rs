//! Threads that have ended while their tapes still speak of them: the trace names them when it gets there.

use super::{site, slot::Slot};
use crate::model::{ActorId, ActorInfo, PlaceId};
use std::{sync::Mutex, thread::Thread};

/// More stay without a name.
const MOST: usize = 4096;

/// In the order in which they ended. Never grows while somebody holds it.
static DEPARTED: Mutex<Vec<Departed>> = Mutex::new(Vec::new());

struct Departed {
    id: ActorId,
    thread: Option<Thread>,
    spawned: PlaceId,
    parent: Option<ActorId>,
    daemon: bool,
    os_id: u64,
}

/// Keeps the name of the one that is about to give its slot back; returns it where there is no room.
pub(super) fn keep(slot: &Slot, thread: Option<Thread>) -> Option<Thread> {
    match DEPARTED.lock() {
        Ok(mut departed) if departed.len() < departed.capacity() => {
            let (spawned, parent, daemon) = (slot.spawned_at(), slot.parent(), slot.is_daemon());
            departed.push(Departed { id: slot.id(), thread, spawned, parent, daemon, os_id: slot.os_id() });
            None
        }
        _ => thread,
    }
}

/// How many there are, with room for more from now on.
pub(crate) fn count() -> usize {
    let Ok(departed) = DEPARTED.lock() else { return 0 };
    if departed.capacity() >= MOST {
        return departed.len();
    }
    drop(departed);
    let mut room = Vec::with_capacity(MOST);
    DEPARTED.lock().map_or(0, |mut departed| {
        room.append(&mut departed);
        std::mem::swap(&mut *departed, &mut room);
        departed.len()
    })
}

/// The first of them are not needed any more.
pub(crate) fn forget(count: usize) {
    let mut gone = Vec::with_capacity(count);
    if let Ok(mut departed) = DEPARTED.lock() {
        let count = count.min(departed.len());
        gone.extend(departed.drain(..count));
    }
    // What it frees is freed while nobody holds the list: the program's allocator may need a lock.
    drop(gone);
}

/// What was known of the thread.
pub(crate) fn find(id: ActorId) -> Option<ActorInfo> {
    let departed = DEPARTED.lock().ok()?;
    let found = departed.iter().find(|departed| departed.id == id)?;
    let (thread, spawned, os_id) = (found.thread.clone(), found.spawned, found.os_id);
    let (parent, daemon) = (found.parent, found.daemon);
    drop(departed);
    Some(ActorInfo {
        name: thread.and_then(|thread| thread.name().map(str::to_owned)),
        spawned: site::resolve(spawned),
        parent,
        daemon,
        os_id: Some(os_id).filter(|&id| id != 0),
    })
}
