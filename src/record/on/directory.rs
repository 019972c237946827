//! All slots: found by number, given away, taken back.

use super::{
    free_list::FreeList,
    slot::{Slot, life},
};
use crate::primitive::{self, shared};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering::*};

/// How many threads can be watched at once. More run unwatched.
const SLOTS: usize = 1 << 16;

static TABLE: [AtomicPtr<Slot>; SLOTS] = [const { AtomicPtr::new(std::ptr::null_mut()) }; SLOTS];
/// Slots that were ever made.
static MADE: AtomicU32 = AtomicU32::new(0);

shared! {
    static FREE: FreeList = FreeList::around(primitive::AtomicU64::new(0));
}

/// The slot with this number, once it has been made.
#[allow(unsafe_code)]
pub(crate) fn slot(index: u32) -> Option<&'static Slot> {
    let slot = TABLE.get(index as usize)?.load(Acquire);
    // SAFETY: null, or a leaked, initialised slot (stored in `make`), of which nobody makes a `&mut`.
    unsafe { slot.as_ref() }
}

/// All slots that were ever made.
pub(crate) fn all() -> impl Iterator<Item = &'static Slot> {
    (0..MADE.load(Acquire).min(SLOTS as u32)).filter_map(slot)
}

/// All slots that belong to a thread now.
pub(crate) fn living() -> impl Iterator<Item = &'static Slot> {
    all().filter(|slot| slot.life() != life::FREE)
}

/// A slot nobody uses. Never blocks, and never allocates from the program's allocator.
pub(super) fn take() -> Option<&'static Slot> {
    let slot = pop().or_else(make)?;
    slot.next_generation();
    Some(slot)
}

/// The owner has ended; nothing of it is left in the slot.
pub(super) fn give_back(slot: &'static Slot) {
    slot.set_life(life::FREE);
    FREE.push(slot.index, &slot.next_free);
}

fn pop() -> Option<&'static Slot> {
    FREE.pop(|index| Some(&slot(index)?.next_free)).and_then(slot)
}

fn make() -> Option<&'static Slot> {
    let index = MADE.fetch_add(1, AcqRel);
    if index as usize >= SLOTS {
        MADE.store(SLOTS as u32, Release);
        return None;
    }
    let slot = Slot::leak(index)?;
    TABLE[index as usize].store(std::ptr::from_ref(slot).cast_mut(), Release);
    Some(slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_that_was_given_back_is_another_actor() {
        let first = take().expect("a slot");
        let id = first.id();
        give_back(first);
        let found = std::iter::repeat_with(|| take().expect("a slot")).take(100).find(|slot| slot.index == id.index);
        let again = found.expect("slots are used again");
        assert_ne!(again.id(), id);
    }
}
