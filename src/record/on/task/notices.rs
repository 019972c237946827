//! What a thread sees itself do in a poll, and others could not see: told once for each place.
//!
//! A notice is put down by whoever polls, and taken by the watchdog's side. There is room for a few: more are left out
//! until those have been taken, and come again when the place does.

use crate::{
    model::{ActorId, Event, Hold, PlaceId, Wait},
    record::on::spans::Copied,
};
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering::*},
};

/// One that is told once.
pub(crate) struct Notice {
    /// Who was polled.
    pub(crate) task: ActorId,
    /// Its sequence then.
    pub(crate) sequence: u64,
    /// Who polled it.
    pub(crate) thread: ActorId,
    pub(crate) what: What,
    /// The spans the thread was in where it blocks: it may have left them before it is told.
    pub(crate) spans: Copied,
}

/// What was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    /// The thread blocks in the middle of the poll.
    Blocks(Wait),
    /// The poll has ended with the task pending, and the guard that was taken in it is still there.
    Keeps(Hold),
}

/// Notices that have not been taken yet.
const MOST: usize = 32;
/// Places that are remembered: a power of two.
const PLACES: usize = 1 << 10;

static PENDING: Mutex<([Option<Notice>; MOST], usize)> = Mutex::new(([const { None }; MOST], 0));
static ANY: AtomicBool = AtomicBool::new(false);
static SEEN: [AtomicU64; PLACES] = [const { AtomicU64::new(0) }; PLACES];

/// Holds whose tasks are remembered: a power of two.
const HOLDS: usize = 1 << 8;

/// Which task was pending with a guard that its thread had taken in its poll: the hold, and the task with the hold's bits, so
/// that halves of two entries are nobody.
static KEEPERS: [[AtomicU64; 2]; HOLDS] = [const { [const { AtomicU64::new(0) }; 2] }; HOLDS];

fn keepers(hold: &Hold) -> (u64, &'static [AtomicU64; 2]) {
    let key = hold.object.0 ^ hold.place.0.rotate_left(17) ^ hold.since.rotate_left(32);
    (key, &KEEPERS[key.wrapping_mul(0x9e37_79b9_7f4a_7c15) as usize >> 56 & (HOLDS - 1)])
}

/// This task is pending with it. (Of tasks that are polled in each other the innermost, which is the first to say so.)
pub(super) fn keeps(task: ActorId, hold: &Hold) {
    let (key, [held, keeper]) = keepers(hold);
    if held.load(Relaxed) != key {
        keeper.store(Event::operand(task) ^ key, Relaxed);
        held.store(key, Relaxed);
    }
}

/// The task that is pending with it, as far as that is remembered, and it lives.
pub(crate) fn keeper(hold: &Hold) -> Option<ActorId> {
    let (key, [held, keeper]) = keepers(hold);
    let task = Event::actor_operand(keeper.load(Relaxed) ^ key).filter(|_| held.load(Relaxed) == key)?;
    (task.is_task() && super::find(task).is_some()).then_some(task)
}

/// Of two places that share one entry each comes again after the other: rare, and no harm.
fn entry(place: u64) -> &'static AtomicU64 {
    &SEEN[(place >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15) as usize >> 54 & (PLACES - 1)]
}

/// Puts it down, the first time at this place.
#[cold]
pub(super) fn put(place: u64, notice: impl FnOnce() -> Notice) {
    let entry = entry(place);
    if entry.load(Relaxed) == place {
        return;
    }
    let notice = notice();
    let mut pending = PENDING.lock().unwrap_or_else(PoisonError::into_inner);
    let (notices, len) = &mut *pending;
    if *len < MOST {
        notices[*len] = Some(notice);
        *len += 1;
        entry.store(place, Relaxed);
        ANY.store(true, Release);
    }
}

/// Whether something has been put down there, or told of otherwise.
pub(super) fn is_known(place: u64) -> bool {
    entry(place).load(Relaxed) == place
}

/// The same, and from here on it is.
pub(crate) fn know(place: PlaceId) -> bool {
    entry(place.0).swap(place.0, Relaxed) == place.0
}

/// Takes it back, if that place has just put it down and nobody has taken it: it was nothing.
pub(super) fn take_back(place: u64) {
    let entry = entry(place);
    if entry.load(Relaxed) != place {
        return;
    }
    let mut pending = PENDING.lock().unwrap_or_else(PoisonError::into_inner);
    let (notices, len) = &mut *pending;
    let is_it = |notice: &Option<Notice>| matches!(notice, Some(Notice { what: What::Blocks(wait), .. }) if wait.place.0 == place);
    if let Some(at) = notices[..*len].iter().rposition(is_it) {
        *len -= 1;
        notices.swap(at, *len);
        notices[*len] = None;
        entry.store(0, Relaxed);
    }
}

/// Whether there is one to be taken.
pub(crate) fn any() -> bool {
    ANY.load(Acquire)
}

/// Takes all there are.
pub(crate) fn take() -> Vec<Notice> {
    if !any() {
        return Vec::new();
    }
    let mut taken = Vec::with_capacity(MOST);
    let mut pending = PENDING.lock().unwrap_or_else(PoisonError::into_inner);
    let (notices, len) = &mut *pending;
    taken.extend(notices[..*len].iter_mut().filter_map(Option::take));
    *len = 0;
    ANY.store(false, Release);
    taken
}
