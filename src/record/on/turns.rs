//! A wait whose loop is not ours.

use super::{Held, Probe, Site, Waiting};
use std::time::{Duration, Instant};

/// A timed wait for a condition that somebody else repeats: holding and waiting take turns.
pub(crate) struct Turns<'a> {
    turn: Turn,
    condvar: &'a Probe,
    limit: Duration,
    /// When the first wait began.
    began: Option<Instant>,
    site: Site,
}

enum Turn {
    Holding(Held),
    Waiting(Waiting),
    /// The condition runs, and the hold is with its caller.
    Checking,
}

impl Turn {
    fn hold(self, timed_out: bool) -> Held {
        match self {
            Turn::Holding(held) => held,
            Turn::Waiting(waiting) => waiting.resume(timed_out),
            Turn::Checking => unreachable!("a condition does not run inside itself"),
        }
    }
}

impl<'a> Turns<'a> {
    pub(crate) fn new(held: Held, condvar: &'a Probe, limit: Duration, site: Site) -> Turns<'a> {
        Turns { turn: Turn::Holding(held), condvar, limit, began: None, site }
    }

    /// Holds while `condition` runs; when that says so, the next wait begins.
    ///
    /// The hold is a local while `condition` runs: should it panic, the hold ends before the mutex opens.
    pub(crate) fn check(&mut self, condition: impl FnOnce() -> bool) -> bool {
        let held = std::mem::replace(&mut self.turn, Turn::Checking).hold(false);
        let again = condition();
        self.turn = if again {
            let left = self.limit.saturating_sub(self.began.get_or_insert_with(Instant::now).elapsed());
            Turn::Waiting(held.suspend(self.condvar, self.site, Some(left)))
        } else {
            Turn::Holding(held)
        };
        again
    }

    /// The mutex is held again, for good.
    pub(crate) fn end(self, timed_out: bool) -> Held {
        self.turn.hold(timed_out)
    }
}
