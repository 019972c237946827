//! The contract, asked of the real crate.

use super::real as asked;

#[path = "../parking_lot/behaviour.rs"]
#[allow(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod behaviour;
#[path = "contract.rs"]
mod contract;
