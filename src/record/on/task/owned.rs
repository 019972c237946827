//! Wakers for executors, and for combinators, of which nothing is known: each one that is kept has a clone of theirs.
//!
//! So what theirs keeps alive is kept alive for exactly as long as without us (an executor may own a task by its wakers, and
//! nothing else), and nobody waits while one is cloned or dropped, which may be the program's own code.
#![allow(unsafe_code)]

use std::{
    mem::ManuallyDrop,
    sync::{Arc, OnceLock},
    task::{RawWaker, RawWakerVTable, Waker},
};

/// Whom such a waker wakes, which hears of it.
pub(super) trait Target: Copy + Send + Sync + 'static {
    /// There is one more.
    fn cloned(self);
    /// One is gone. Whatever it has woken is seen before that.
    fn dropped(self);
    /// It is about to be woken.
    fn woken(self);
    /// What [`owned_table`] makes.
    fn owned_table() -> &'static RawWakerVTable;
    /// What [`lent_table`] makes.
    fn lent_table() -> &'static RawWakerVTable;
}

/// One that somebody keeps.
struct Owned<T> {
    target: T,
    waker: Waker,
}

/// One that is lent: on the stack, for as long as a poll.
struct Lending<'a, T> {
    target: T,
    waker: &'a Waker,
    /// What those have who have cloned it, so that they see that it is the same.
    kept: OnceLock<Arc<Owned<T>>>,
}

/// The functions of wakers that are kept. To be a `static`'s, which has one address.
pub(super) const fn owned_table<T: Target>() -> RawWakerVTable {
    RawWakerVTable::new(kept::clone::<T>, kept::wake::<T>, kept::wake_by_ref::<T>, kept::forget::<T>)
}

/// Of those that are lent.
pub(super) const fn lent_table<T: Target>() -> RawWakerVTable {
    RawWakerVTable::new(lent::clone::<T>, lent::wake::<T>, lent::wake::<T>, lent::forget)
}

/// Calls `with` with a waker that wakes the target by this one. It is not counted, and is gone when that returns.
pub(super) fn lend<T: Target, R>(target: T, waker: &Waker, with: impl FnOnce(&Waker) -> R) -> R {
    let lending = Lending { target, waker, kept: OnceLock::new() };
    // SAFETY: the functions of the table meet `RawWaker`'s contract for the address of a `Lending`, which is there until this
    // returns. No waker with it outlives that: a clone is an owned one.
    let waker = unsafe { Waker::new(std::ptr::from_ref(&lending).cast(), T::lent_table()) };
    with(&ManuallyDrop::new(waker))
}

/// One for the target, to be kept.
pub(super) fn owned<T: Target>(target: T, waker: &Waker) -> RawWaker {
    count(Arc::new(Owned { target, waker: waker.clone() }))
}

/// There is one more.
fn count<T: Target>(owned: Arc<Owned<T>>) -> RawWaker {
    owned.target.cloned();
    RawWaker::new(Arc::into_raw(owned).cast(), T::owned_table())
}

mod kept {
    use super::*;

    /// # Safety
    ///
    /// It comes from [`super::owned`], by way of the table, and its owner keeps it meanwhile.
    unsafe fn of<'a, T>(data: *const ()) -> &'a Owned<T> {
        // SAFETY: the caller's promise.
        unsafe { &*data.cast::<Owned<T>>() }
    }

    pub(super) unsafe fn clone<T: Target>(data: *const ()) -> RawWaker {
        // SAFETY: called by way of the table.
        unsafe {
            of::<T>(data).target.cloned();
            Arc::increment_strong_count(data.cast::<Owned<T>>());
        }
        RawWaker::new(data, T::owned_table())
    }

    pub(super) unsafe fn wake<T: Target>(data: *const ()) {
        // SAFETY: called by way of the table, which gives it up. It is dropped also where the wake unwinds.
        let owned = Gone(unsafe { Arc::from_raw(data.cast::<Owned<T>>()) });
        owned.0.target.woken();
        owned.0.waker.wake_by_ref();
    }

    pub(super) unsafe fn wake_by_ref<T: Target>(data: *const ()) {
        // SAFETY: called by way of the table.
        let owned = unsafe { of::<T>(data) };
        owned.target.woken();
        owned.waker.wake_by_ref();
    }

    pub(super) unsafe fn forget<T: Target>(data: *const ()) {
        // SAFETY: called by way of the table, which gives it up.
        drop(Gone(unsafe { Arc::from_raw(data.cast::<Owned<T>>()) }));
    }

    /// Counted out before theirs is dropped, which may be the last that keeps a task.
    struct Gone<T: Target>(Arc<Owned<T>>);

    impl<T: Target> Drop for Gone<T> {
        fn drop(&mut self) {
            self.0.target.dropped();
        }
    }
}

mod lent {
    use super::*;

    /// # Safety
    ///
    /// It comes from [`lend`], by way of its table, and before that returns.
    unsafe fn of<'a, T>(data: *const ()) -> &'a Lending<'a, T> {
        // SAFETY: the caller's promise.
        unsafe { &*data.cast::<Lending<'a, T>>() }
    }

    pub(super) unsafe fn clone<T: Target>(data: *const ()) -> RawWaker {
        // SAFETY: called by way of the table.
        let lending = unsafe { of::<T>(data) };
        let kept = lending.kept.get().cloned().unwrap_or_else(|| {
            // Made before anybody has to wait for it: their clone may be the program's own code.
            let fresh = Arc::new(Owned { target: lending.target, waker: lending.waker.clone() });
            lending.kept.get_or_init(|| fresh).clone()
        });
        count(kept)
    }

    /// Nobody owns one: a borrowed waker wakes by reference.
    pub(super) unsafe fn wake<T: Target>(data: *const ()) {
        // SAFETY: called by way of the table.
        let lending = unsafe { of::<T>(data) };
        lending.target.woken();
        lending.waker.wake_by_ref();
    }

    pub(super) unsafe fn forget(_: *const ()) {}
}

/// What theirs is, and whom it wakes, where this is one of these.
pub(super) fn of<T: Target>(waker: &Waker) -> Option<(T, &Waker)> {
    // SAFETY: whoever has one of these tables has what belongs to it, and keeps it for as long as the waker is borrowed.
    unsafe {
        if std::ptr::eq(waker.vtable(), T::owned_table()) {
            let owned = &*waker.data().cast::<Owned<T>>();
            return Some((owned.target, &owned.waker));
        }
        if std::ptr::eq(waker.vtable(), T::lent_table()) {
            let lending = &*waker.data().cast::<Lending<'_, T>>();
            return Some((lending.target, lending.waker));
        }
    }
    None
}
