//! The `tracing` spans a thread is in.

use super::{attach, probe, slot::Slot};
use crate::model::Op;
use std::sync::Arc;

/// Deeper nesting is not kept.
pub(super) const DEEPEST: usize = 64;

/// Spans of a thread as they were at one moment, outermost first; of very many the innermost. Made without allocating.
pub(crate) struct Copied([Option<Arc<str>>; COPIED]);

/// More are not copied.
const COPIED: usize = 16;

impl Copied {
    /// Those that the thread of this slot is in: the calling one.
    pub(super) fn of(slot: &Slot) -> Copied {
        let mut copied = Copied::NONE;
        if let Ok(spans) = slot.spans.try_lock() {
            let inmost = &spans[spans.len().saturating_sub(COPIED)..];
            copied.0.iter_mut().zip(inmost).for_each(|(copy, (_, text))| *copy = Some(text.clone()));
        }
        copied
    }

    /// None, of a thread that goes on.
    pub(super) const NONE: Copied = Copied([const { None }; COPIED]);

    pub(crate) fn names(&self) -> Vec<String> {
        self.0.iter().flatten().map(|text| text.to_string()).collect()
    }
}

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
