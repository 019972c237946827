//! The contract, asked of the real crate.

use parking_lot as asked;

#[path = "contract.rs"]
mod contract;
