//! A thread that blocks for what tasks wait for, too.

use super::Goal;
use crate::record::on::{
    Site, attach,
    clock::{Pulse, extra},
    wait,
};

/// Blocks the calling thread in `block`, published as waiting for `goal`. A wait that can never end is reported.
#[track_caller]
pub(crate) fn block<R>(site: Site, goal: Goal<'_>, block: impl FnOnce() -> R) -> R {
    let Some(slot) = attach::attached().filter(|_| !Pulse::now().has(extra::OFF)) else { return block() };
    match goal.words(slot, site) {
        Some([what, operand, second]) => wait::blocked(slot, (what, operand, second), site, block),
        None => block(),
    }
}
