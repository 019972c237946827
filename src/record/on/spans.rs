//! The `tracing` spans a thread is in.

use super::{attach, probe};
use crate::model::Op;
use std::sync::Arc;

/// Deeper nesting is not kept.
pub(super) const DEEPEST: usize = 64;

/// The calling thread enters a span.
pub(crate) fn enter(number: u64, text: &Arc<str>) {
    let Some(slot) = attach::attached() else { return };
    if let Ok(mut spans) = slot.spans.lock()
        && spans.len() < DEEPEST
    {
        spans.push((number, text.clone()));
    }
    probe::note_traced(slot, Op::Enter, number);
}

/// The calling thread leaves a span.
pub(crate) fn exit(number: u64) {
    let Some(slot) = attach::current() else { return };
    if let Ok(mut spans) = slot.spans.lock()
        && let Some(index) = spans.iter().rposition(|span| span.0 == number)
    {
        spans.remove(index);
    }
    probe::note_traced(slot, Op::Exit, number);
}
