//! The contract, asked of gordian's.

use super::ours as asked;

#[path = "../parking_lot/behaviour.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod behaviour;
#[path = "contract.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod contract;
