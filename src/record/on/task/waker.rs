//! The waker that a task's poll is given. Everybody who keeps one is counted: a task that is pending, and whose waker
//! nobody has, is never polled again.
//!
//! A waker is the address of its task's record, which is never freed; so it can outlive the task. Then it wakes nobody,
//! and keeps the record from being given to another task.
#![allow(unsafe_code)]

use super::{
    owned::{self, Target},
    record::Record,
};
use std::{
    mem::ManuallyDrop,
    task::{RawWaker, RawWakerVTable, Waker},
};

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, forget);

/// Calls `with` with a waker of this task that is not counted: it is gone when that returns.
#[inline]
pub(super) fn lend<R>(record: &'static Record, with: impl FnOnce(&Waker) -> R) -> R {
    // SAFETY: the functions of the table meet `RawWaker`'s contract for the address of a record: each may be called
    // by any thread, and a clone wakes the same task.
    let waker = unsafe { Waker::new(std::ptr::from_ref(record).cast(), &VTABLE) };
    with(&ManuallyDrop::new(waker))
}

/// The same for a task whose wakers are owned ones, by way of this one. Where that is the own waker of the task in whose
/// poll it is polled, what is kept of it is counted as such.
pub(super) fn lend_owned<R>(
    record: &'static Record,
    outer: Option<&'static Record>,
    waker: &Waker,
    with: impl FnOnce(&Waker) -> R,
) -> R {
    match outer {
        Some(outer) if is_its(waker, outer) => {
            owned::lend(OfTask(record), &ManuallyDrop::new(nested::borrowed(outer)), with)
        }
        Some(outer) if let Some(executors) = executors(waker, outer) => {
            owned::lend(Nesting(outer), executors, |waker| owned::lend(OfTask(record), waker, with))
        }
        _ => owned::lend(OfTask(record), waker, with),
    }
}

/// Whether this waker is the task's own, and is no owned one.
#[inline]
pub(super) fn is_its(waker: &Waker, task: &'static Record) -> bool {
    std::ptr::eq(waker.vtable(), &VTABLE) && std::ptr::eq(waker.data(), std::ptr::from_ref(task).cast())
}

/// What the executor of this task gave, where this is one of its owned ones.
pub(super) fn executors<'a>(waker: &'a Waker, task: &'static Record) -> Option<&'a Waker> {
    owned::of::<OfTask>(waker).filter(|(target, _)| std::ptr::eq(target.0, task)).map(|(_, waker)| waker)
}

/// A task that is woken by owned wakers.
#[derive(Clone, Copy)]
struct OfTask(&'static Record);

static OWNED: RawWakerVTable = owned::owned_table::<OfTask>();
static LENT: RawWakerVTable = owned::lent_table::<OfTask>();

impl Target for OfTask {
    fn cloned(self) {
        self.0.waker_cloned();
    }

    fn dropped(self) {
        self.0.waker_dropped();
    }

    fn woken(self) {
        self.0.is_woken();
    }

    fn owned_table() -> &'static RawWakerVTable {
        &OWNED
    }

    fn lent_table() -> &'static RawWakerVTable {
        &LENT
    }
}

/// A task that is woken by owned wakers, on behalf of one that it polls.
#[derive(Clone, Copy)]
struct Nesting(&'static Record);

static NESTING_OWNED: RawWakerVTable = owned::owned_table::<Nesting>();
static NESTING_LENT: RawWakerVTable = owned::lent_table::<Nesting>();

impl Target for Nesting {
    fn cloned(self) {
        self.0.nested_cloned();
    }

    fn dropped(self) {
        self.0.nested_dropped();
    }

    fn woken(self) {
        self.0.is_woken();
    }

    fn owned_table() -> &'static RawWakerVTable {
        &NESTING_OWNED
    }

    fn lent_table() -> &'static RawWakerVTable {
        &NESTING_LENT
    }
}

/// The waker of a task, on behalf of one that it polls: it wakes the same, and is counted apart.
mod nested {
    use super::*;

    static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, forget);

    /// One that is not counted, to be forgotten.
    pub(super) fn borrowed(record: &'static Record) -> Waker {
        // SAFETY: the functions of the table meet `RawWaker`'s contract for the address of a record: each may be called
        // by any thread, and a clone wakes the same task.
        unsafe { Waker::new(std::ptr::from_ref(record).cast(), &VTABLE) }
    }

    /// One is gone, also where what it does unwinds.
    struct Gone(&'static Record);

    impl Drop for Gone {
        fn drop(&mut self) {
            self.0.nested_dropped();
        }
    }

    unsafe fn clone(data: *const ()) -> RawWaker {
        // SAFETY: called by way of the table.
        unsafe { of(data) }.nested_cloned();
        RawWaker::new(data, &VTABLE)
    }

    unsafe fn wake(data: *const ()) {
        // SAFETY: called by way of the table.
        let gone = Gone(unsafe { of(data) });
        gone.0.wake_by_its_own();
    }

    unsafe fn wake_by_ref(data: *const ()) {
        // SAFETY: called by way of the table.
        unsafe { of(data) }.wake_by_its_own();
    }

    unsafe fn forget(data: *const ()) {
        // SAFETY: called by way of the table.
        unsafe { of(data) }.nested_dropped();
    }
}

/// One is gone, also where what it does unwinds.
struct Gone(&'static Record);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.waker_dropped();
    }
}

/// # Safety
///
/// It comes from [`lend`], by way of the table.
#[inline]
unsafe fn of(data: *const ()) -> &'static Record {
    // SAFETY: the address of a record (the caller's promise), and those are never freed.
    unsafe { &*data.cast::<Record>() }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: called by way of the table.
    unsafe { of(data) }.waker_cloned();
    RawWaker::new(data, &VTABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: called by way of the table.
    let gone = Gone(unsafe { of(data) });
    gone.0.wake_by_its_own();
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: called by way of the table.
    unsafe { of(data) }.wake_by_its_own();
}

unsafe fn forget(data: *const ()) {
    // SAFETY: called by way of the table.
    unsafe { of(data) }.waker_dropped();
}
