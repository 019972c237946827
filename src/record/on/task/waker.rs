//! The waker that a task's poll is given. Everybody who keeps one is counted: a task that is pending, and whose waker
//! nobody has, is never polled again.
//!
//! A waker is the address of its task's record, which is never freed; so it can outlive the task. Then it wakes nobody,
//! and keeps the record from being given to another task.
#![allow(unsafe_code)]

use super::record::Record;
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

/// The task that this waker wakes, if it is one of ours.
pub(super) fn task(waker: &Waker) -> Option<&'static Record> {
    // SAFETY: whoever has this table has the address of a record (`lend`, `clone`).
    (std::ptr::eq(waker.vtable(), &VTABLE)).then(|| unsafe { of(waker.data()) })
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
    let task = unsafe { of(data) };
    task.wake_by_its_own();
    task.waker_dropped();
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: called by way of the table.
    unsafe { of(data) }.wake_by_its_own();
}

unsafe fn forget(data: *const ()) {
    // SAFETY: called by way of the table.
    unsafe { of(data) }.waker_dropped();
}
