//! Who may write to the one buffer: a thread is asked, and takes the buffer or comes too late.
//!
//! ```text
//! FREE --ask--> ASKED --take--> TAKEN --give--> GIVEN --clear--> FREE
//!                 \--withdraw--> FREE
//! ```
//!
//! Who asks and clears is one at a time; who takes is the thread that was asked. The buffer is the taker's in `TAKEN`, and
//! the asker's otherwise. A taker that never gives keeps it, and nobody is asked any more.

use std::sync::atomic::{AtomicU64, Ordering::*};

const FREE: u64 = 0;
const ASKED: u64 = 1;
const TAKEN: u64 = 2;
const GIVEN: u64 = 3;

/// The state in the low bits, above it who was asked.
pub(super) struct Desk(AtomicU64);

impl Desk {
    pub(super) const fn new() -> Desk {
        Desk(AtomicU64::new(FREE))
    }

    fn state(&self) -> u64 {
        self.0.load(Acquire) & 3
    }

    /// Asks this thread. `false`: the buffer is still somebody's.
    pub(super) fn ask(&self, who: u64) -> bool {
        // `GIVEN`: an answer that came after its asker had gone.
        let free = matches!(self.state(), FREE | GIVEN);
        if free {
            self.0.store(who << 2 | ASKED, Release);
        }
        free
    }

    /// By whoever may have been asked: `true`, it was, and the buffer is its own until it gives.
    pub(super) fn take(&self, who: u64) -> bool {
        self.0.compare_exchange(who << 2 | ASKED, TAKEN, AcqRel, Relaxed).is_ok()
    }

    /// By the taker.
    pub(super) fn give(&self) {
        self.0.store(GIVEN, Release);
    }

    /// Whether there is an answer.
    pub(super) fn is_given(&self) -> bool {
        self.state() == GIVEN
    }

    /// By the asker, who waits no longer: `true`, nobody will take it now.
    pub(super) fn withdraw(&self) -> bool {
        let state = self.0.load(Relaxed);
        state & 3 == ASKED && self.0.compare_exchange(state, FREE, AcqRel, Relaxed).is_ok()
    }

    /// By the asker, when it has read the answer.
    pub(super) fn clear(&self) {
        self.0.store(FREE, Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn an_answer_comes_once_and_from_whom_was_asked() {
        let desk = Desk::new();
        assert!(!desk.take(1), "nobody was asked");
        assert!(desk.ask(1));
        assert!(!desk.ask(2) && !desk.take(2) && !desk.is_given());
        assert!(desk.take(1) && !desk.take(1) && !desk.withdraw());
        assert!(!desk.ask(2), "it is being written");
        desk.give();
        assert!(desk.is_given());
        desk.clear();
        assert!(desk.ask(2) && desk.withdraw() && !desk.take(2), "too late");
        assert!(desk.ask(2) && desk.take(2));
        desk.give();
        assert!(desk.ask(3), "an answer that nobody has waited for is in nobody's way");
    }

    /// The buffer is never two threads', however withdrawing and taking meet.
    #[test]
    fn the_buffer_is_one_threads_at_a_time() {
        let (desk, busy, ends) = (Desk::new(), AtomicBool::new(false), AtomicBool::new(false));
        let (mut given, mut withdrawn) = (0, 0);
        std::thread::scope(|scope| {
            for who in 1..=2 {
                let (desk, busy, ends) = (&desk, &busy, &ends);
                scope.spawn(move || {
                    while !ends.load(Relaxed) {
                        if desk.take(who) {
                            assert!(!busy.swap(true, AcqRel));
                            busy.store(false, Release);
                            desk.give();
                        }
                        std::thread::yield_now();
                    }
                });
            }
            for round in 0..20_000 {
                assert!(desk.ask(round % 2 + 1));
                let patience = round % 50;
                let in_time = (0..patience).any(|_| {
                    std::thread::yield_now();
                    desk.is_given()
                });
                if !in_time && desk.withdraw() {
                    withdrawn += 1;
                    continue;
                }
                while !desk.is_given() {
                    std::thread::yield_now();
                }
                assert!(!busy.swap(true, AcqRel));
                busy.store(false, Release);
                given += 1;
                desk.clear();
            }
            ends.store(true, Relaxed);
        });
        assert!(given > 0 && withdrawn > 0, "{given} {withdrawn}");
    }
}
