//! The contract, asked of the real crate.

use super::real as asked;

#[path = "behaviour.rs"]
mod behaviour;
#[path = "contract.rs"]
mod contract;
