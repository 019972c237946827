//! The contract, asked of gordian's.

use gordian::parking_lot as asked;

#[path = "contract.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod contract;
