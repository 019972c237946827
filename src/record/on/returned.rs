//! Holds that were ended by another thread than their owner: guards can be sent to another thread (`send_guard`), and
//! a lock that is used without guards may be unlocked anywhere.
//!
//! Only the owner of a ledger writes to it. So whoever ends somebody else's hold says so here, before the lock opens;
//! readers take what stands here off what they read, and the owner does so for good the next time it comes to a slow
//! path. Of several holds that are alike (readers of one lock) it cannot be known which one was meant. So once this has
//! happened, no hold of such a lock proves whom it is up to (see [`Hold::moves`]).

use super::{how::How, orphans, slot::Slot};
use crate::model::{ActorId, Hold, Mode, ObjectId};
use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering::*},
};

/// More are lost, and counted as such: an owner that comes to a slow path so rarely holds one stale lock forever.
const MOST: usize = 256;

/// Nobody ever did this, in nearly every program.
static EVER: AtomicBool = AtomicBool::new(false);
static RETURNED: Mutex<Returned> = Mutex::new(Returned { entries: [Entry::NONE; MOST], len: 0 });

/// In place: it must not grow, because growing asks the program's allocator, which may wait for one of these locks.
struct Returned {
    entries: [Entry; MOST],
    len: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry {
    owner: ActorId,
    object: u64,
    mode: Mode,
}

impl Entry {
    const NONE: Entry = Entry { owner: ActorId { index: 0, generation: 0 }, object: 0, mode: Mode::Exclusive };
}

impl Returned {
    fn entries(&self) -> &[Entry] {
        &self.entries[..self.len]
    }

    fn push(&mut self, entry: Entry) -> bool {
        let Some(room) = self.entries.get_mut(self.len) else { return false };
        *room = entry;
        self.len += 1;
        true
    }

    fn take(&mut self, owner: ActorId) -> Option<Entry> {
        let at = self.entries().iter().position(|entry| entry.owner == owner)?;
        self.len -= 1;
        self.entries.swap(at, self.len);
        Some(self.entries[self.len])
    }

    fn count(&self, entry: Entry) -> usize {
        self.entries().iter().filter(|&&other| other == entry).count()
    }
}

fn returned() -> Option<MutexGuard<'static, Returned>> {
    RETURNED.lock().ok()
}

/// Whether a hold has ever been ended by somebody else.
pub(super) fn ever() -> bool {
    EVER.load(Acquire)
}

/// Whose hold it may be that somebody ends without having one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Anybody's.
    Anybodys,
    /// Its own, which was not recorded; or one that anybody may end.
    Unrecorded,
}

/// Somebody ends a hold that is not its own. `false`: nobody is known to have one like this.
#[cold]
pub(super) fn end(object: u64, mode: Mode, whose: Whose) -> bool {
    let Some(mut returned) = returned() else { return false };
    let may_be_it = |how: How| how.mode() == mode && (whose == Whose::Anybodys || how.is_free());
    for slot in super::directory::living() {
        let entry = Entry { owner: slot.id(), object, mode };
        let mut holds = 0;
        slot.ledger.glance_how(|held, how| holds += usize::from(held == object && may_be_it(how)));
        if holds > returned.count(entry) && slot.is_still(entry.owner) {
            // Before anybody can miss the hold.
            EVER.store(true, Release);
            if !returned.push(entry) {
                slot.ledger.count_lost();
            }
            slot.returned.store(true, Release);
            return true;
        }
    }
    drop(returned);
    let ended = whose == Whose::Anybodys && orphans::end(object, mode);
    if ended {
        EVER.store(true, Release);
    }
    ended
}

/// The owner of this slot takes off its ledger what others have ended.
#[cold]
pub(super) fn settle(slot: &Slot) {
    let Some(mut returned) = returned() else { return };
    slot.returned.store(false, Relaxed);
    while let Some(entry) = returned.take(slot.id()) {
        if let Some(index) = slot.ledger.find_as(entry.object, entry.mode) {
            slot.remove(index);
            slot.ledger.skip();
        }
    }
}

/// The owner has ended, and left behind what it held: so that is where it is taken off.
pub(super) fn settle_left(owner: ActorId) {
    while let Some(entry) = returned().and_then(|mut returned| returned.take(owner)) {
        orphans::end(entry.object, entry.mode);
    }
}

/// Takes what others have ended off the holds that were read of this actor.
pub(crate) fn take_off(owner: ActorId, holds: &mut Vec<Hold>) {
    if !ever() {
        return;
    }
    let Some(returned) = returned() else { return };
    for entry in returned.entries().iter().filter(|entry| entry.owner == owner) {
        let this = |hold: &Hold| hold.object == ObjectId(entry.object) && hold.mode == entry.mode;
        if let Some(index) = holds.iter().rposition(this) {
            holds.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{directory, slot::life},
        *,
    };
    use crate::model::Kind;

    /// One at a time: they fill the same list.
    static ALONE: Mutex<()> = Mutex::new(());

    fn thread() -> &'static Slot {
        let slot = directory::take().expect("a slot");
        slot.set_life(life::ALIVE);
        slot
    }

    fn object(serial: u64) -> u64 {
        ObjectId::new(Kind::RwLock, 99, 1 << 30 | serial).0
    }

    fn takes(slot: &Slot, object: u64, mode: Mode) {
        let len = slot.ledger.len();
        slot.ledger.room(len).expect("room").write(object, 0, How::bare(mode, true).bits().into());
        slot.ledger.set_len(len + 1);
        slot.ledger.skip();
    }

    /// As the watchdog reads it.
    fn read(slot: &Slot) -> Vec<(u64, Mode)> {
        let mut holds = slot.holds().expect("it stands still");
        take_off(slot.id(), &mut holds);
        holds.iter().map(|hold| (hold.object.0, hold.mode)).collect()
    }

    fn gone(slot: &'static Slot) {
        slot.ledger.let_go();
        settle_left(slot.id());
        directory::give_back(slot);
    }

    #[test]
    fn what_another_ends_is_taken_off_at_once_and_by_its_owner_for_good() {
        let _alone = ALONE.lock();
        let (one, two) = (object(1), object(2));
        let owner = thread();
        [one, two, one].into_iter().for_each(|object| takes(owner, object, Mode::Shared));
        assert!(!end(one, Mode::Exclusive, Whose::Anybodys), "nobody holds it like that");
        assert!(end(one, Mode::Shared, Whose::Anybodys) && ever());
        assert_eq!(read(owner), [(one, Mode::Shared), (two, Mode::Shared)], "the newer of the two");
        assert!(owner.returned.load(Relaxed) && owner.ledger.len() == 3);
        settle(owner);
        assert!(!owner.returned.load(Relaxed) && owner.ledger.len() == 2);
        assert_eq!(read(owner), [(one, Mode::Shared), (two, Mode::Shared)]);
        assert!(end(one, Mode::Shared, Whose::Anybodys) && !end(one, Mode::Shared, Whose::Anybodys), "it has ended");
        gone(owner);
    }

    /// Readers that are alike: as many are left as there are.
    #[test]
    fn of_several_alike_as_many_end_as_are_ended() {
        let _alone = ALONE.lock();
        let lock = object(3);
        let owners = [thread(), thread()];
        owners.into_iter().for_each(|owner| takes(owner, lock, Mode::Shared));
        let left = || owners.into_iter().flat_map(read).count();
        assert_eq!(left(), 2);
        assert!(end(lock, Mode::Shared, Whose::Anybodys));
        assert_eq!(left(), 1);
        assert!(end(lock, Mode::Shared, Whose::Anybodys));
        assert_eq!(left(), 0);
        assert!(!end(lock, Mode::Shared, Whose::Anybodys));
        owners.into_iter().for_each(gone);
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let _alone = ALONE.lock();
        let owner = thread();
        (0..MOST as u64 + 2).for_each(|serial| takes(owner, object(100 + serial), Mode::Exclusive));
        (0..MOST as u64 + 2).for_each(|serial| assert!(end(object(100 + serial), Mode::Exclusive, Whose::Anybodys)));
        assert_eq!((owner.overflowed(), read(owner).len()), (2, 2));
        settle(owner);
        assert_eq!(owner.ledger.len(), 2);
        gone(owner);
    }

    /// Who takes the slot next has nothing to do with it.
    #[test]
    fn an_owner_that_has_ended_leaves_nothing() {
        let _alone = ALONE.lock();
        let (lock, owner) = (object(4), thread());
        takes(owner, lock, Mode::Upgradable);
        assert!(end(lock, Mode::Upgradable, Whose::Anybodys));
        gone(owner);
        assert!(returned().is_some_and(|returned| returned.entries().iter().all(|entry| entry.object != lock)));
    }
}
