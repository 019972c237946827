//! Tests that fail now and then: one that has failed is tried again, alone.

use super::libtest::{Outcome, Runner, Test};
use std::path::Path;

/// How often.
pub(crate) const AGAIN: usize = 5;

/// How often a test passes of that many times. One that hangs once more is not waited for again.
pub(crate) fn passes(runner: &Runner<'_>, place: &Path, test: &Test) -> Result<usize, String> {
    let mut passed = 0;
    for _ in 0..AGAIN {
        for ran in runner.run_in(place, vec![test.clone()])? {
            match ran.outcome {
                Outcome::Passed => passed += 1,
                Outcome::Failed(_) => {}
                Outcome::Hung(_) => return Ok(passed),
            }
        }
    }
    Ok(passed)
}

/// Whether a test that failed with gordian is one that fails now and then with what is real, too, by how often it passes with
/// each. It is where it now passes every time, or fails with what is real as well.
pub(crate) fn is_flaky(real: usize, gordian: usize) -> bool {
    gordian == AGAIN || real == 0 || (real < AGAIN && gordian > 0)
}

#[cfg(test)]
mod tests {
    use super::{AGAIN, is_flaky};

    #[test]
    fn what_fails_with_gordian_alone_is_not_flaky() {
        assert!(is_flaky(AGAIN, AGAIN) && is_flaky(0, 0) && is_flaky(1, 1));
        assert!(!is_flaky(AGAIN, AGAIN - 1) && !is_flaky(AGAIN, 0) && !is_flaky(1, 0));
    }
}
