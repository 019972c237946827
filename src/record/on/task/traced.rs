//! What the trace is told of tasks: their making, polls, waits, wakes and ends, with precise times (level `trace`).
//!
//! At any other level each of these is one load and a branch.

use super::record::Record;
use crate::{
    model::Op,
    record::on::{
        Site, attach,
        clock::{Pulse, extra},
        slot::Slot,
        tape,
    },
};

#[inline(always)]
fn is_on() -> bool {
    Pulse::now().has(extra::TRACE)
}

/// A task was made by the calling thread.
#[inline(always)]
pub(super) fn made(record: &Record, site: Site) {
    if is_on() {
        by_anybody(record, Op::Spawn, site.word());
    }
}

/// A poll begins, by the slot's thread.
#[inline(always)]
pub(super) fn poll_begins(record: &Record, slot: &Slot) {
    if is_on() {
        write(slot, Op::Poll, record, record.spawned_at().0);
    }
}

/// It is over: [`Op::Pending`], or [`Op::Done`].
#[inline(always)]
pub(super) fn poll_ends(record: &Record, slot: &Slot, how: Op) {
    if is_on() {
        write(slot, how, record, 0);
    }
}

/// The task that the calling thread polls has got a name.
pub(super) fn named(class: u32) {
    if is_on()
        && let Some(slot) = attach::current()
    {
        tape::write(slot, Op::Named, u64::from(class), 0);
    }
}

/// The task that the slot's thread polls awaits that.
#[inline(always)]
pub(super) fn awaits(slot: &Slot, operand: u64, place: u64) {
    if is_on() {
        await_(slot, operand, place);
    }
}

/// The calling thread is about to wake the task.
#[inline(always)]
pub(super) fn woken(record: &Record) {
    if is_on() {
        by_anybody(record, Op::Wake, 0);
    }
}

/// Its future is gone. (Of one that was done that is known already.)
#[inline(always)]
pub(super) fn dropped(record: &Record) {
    if is_on() {
        by_anybody(record, Op::Dropped, 0);
    }
}

#[cold]
#[inline(never)]
fn await_(slot: &Slot, operand: u64, place: u64) {
    tape::write(slot, Op::Await, operand, place);
}

#[cold]
#[inline(never)]
fn write(slot: &Slot, op: Op, record: &Record, place: u64) {
    tape::write(slot, op, record.operand(), place);
}

/// A thread of which nothing is recorded does it unseen.
#[cold]
#[inline(never)]
fn by_anybody(record: &Record, op: Op, place: u64) {
    if let Some(slot) = attach::current() {
        write(slot, op, record, place);
    }
}
