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

/// The functions of wakers: of those that anybody may have, and of those that are with futures which the task polls itself
/// ([`Record::nested_cloned`]).
static TABLES: [RawWakerVTable; 2] = [table::<false>(), table::<true>()];

const fn table<const NESTED: bool>() -> RawWakerVTable {
    RawWakerVTable::new(clone::<NESTED>, wake::<NESTED>, wake_by_ref, forget::<NESTED>)
}

/// Calls `with` with a waker of this task that is not counted: it is gone when that returns.
#[inline]
pub(super) fn lend<R>(record: &'static Record, with: impl FnOnce(&Waker) -> R) -> R {
    with(&borrowed::<false>(record))
}

/// One that is not counted, and is not dropped.
#[inline]
fn borrowed<const NESTED: bool>(record: &'static Record) -> ManuallyDrop<Waker> {
    let table = &TABLES[usize::from(NESTED)];
    // SAFETY: the functions of the table meet `RawWaker`'s contract for the address of a record: each may be called
    // by any thread, and a clone wakes the same task.
    ManuallyDrop::new(unsafe { Waker::new(std::ptr::from_ref(record).cast(), table) })
}

/// The same for a task whose wakers are owned ones, by way of this one. Where that is the own waker of the task in whose
/// poll it is polled, what is kept of it is counted as such.
pub(super) fn lend_owned<R>(
    record: &'static Record,
    outer: Option<&'static Record>,
    waker: &Waker,
    with: impl FnOnce(&Waker) -> R,
) -> R {
    let lend = |waker: &Waker| owned::lend(OfTask::<false>(record), waker, with);
    match outer {
        Some(outer) if is_its(waker, outer) => lend(&borrowed::<true>(outer)),
        Some(outer) if let Some(executors) = executors(waker, outer) => {
            owned::lend(OfTask::<true>(outer), executors, lend)
        }
        _ => lend(waker),
    }
}

/// Whether this waker is the task's own, and is no owned one.
#[inline]
pub(super) fn is_its(waker: &Waker, task: &'static Record) -> bool {
    std::ptr::eq(waker.vtable(), &TABLES[0]) && std::ptr::eq(waker.data(), std::ptr::from_ref(task).cast())
}

/// What the executor of this task gave, where this is one of its owned ones.
pub(super) fn executors<'a>(waker: &'a Waker, task: &'static Record) -> Option<&'a Waker> {
    owned::of::<OfTask<false>>(waker).filter(|(target, _)| std::ptr::eq(target.0, task)).map(|(_, waker)| waker)
}

/// A task that is woken by owned wakers. `NESTED`: on behalf of a future that it polls.
#[derive(Clone, Copy)]
struct OfTask<const NESTED: bool>(&'static Record);

static OWNED: [RawWakerVTable; 2] = [owned::owned_table::<OfTask<false>>(), owned::owned_table::<OfTask<true>>()];
static LENT: [RawWakerVTable; 2] = [owned::lent_table::<OfTask<false>>(), owned::lent_table::<OfTask<true>>()];

impl<const NESTED: bool> Target for OfTask<NESTED> {
    fn cloned(self) {
        if NESTED { self.0.nested_cloned() } else { self.0.waker_cloned() }
    }

    fn dropped(self) {
        if NESTED { self.0.nested_dropped() } else { self.0.waker_dropped() }
    }

    fn woken(self) {
        self.0.is_woken();
    }

    fn owned_table() -> &'static RawWakerVTable {
        &OWNED[usize::from(NESTED)]
    }

    fn lent_table() -> &'static RawWakerVTable {
        &LENT[usize::from(NESTED)]
    }
}

/// One is gone, also where what it does unwinds.
struct Gone<const NESTED: bool>(&'static Record);

impl<const NESTED: bool> Drop for Gone<NESTED> {
    fn drop(&mut self) {
        OfTask::<NESTED>(self.0).dropped();
    }
}

/// # Safety
///
/// It comes from [`borrowed`], by way of the table.
#[inline]
unsafe fn of(data: *const ()) -> &'static Record {
    // SAFETY: the address of a record (the caller's promise), and those are never freed.
    unsafe { &*data.cast::<Record>() }
}

unsafe fn clone<const NESTED: bool>(data: *const ()) -> RawWaker {
    // SAFETY: called by way of the table.
    OfTask::<NESTED>(unsafe { of(data) }).cloned();
    RawWaker::new(data, &TABLES[usize::from(NESTED)])
}

unsafe fn wake<const NESTED: bool>(data: *const ()) {
    // SAFETY: called by way of the table.
    let gone = Gone::<NESTED>(unsafe { of(data) });
    gone.0.wake_by_its_own();
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: called by way of the table.
    unsafe { of(data) }.wake_by_its_own();
}

unsafe fn forget<const NESTED: bool>(data: *const ()) {
    // SAFETY: called by way of the table.
    OfTask::<NESTED>(unsafe { of(data) }).dropped();
}
