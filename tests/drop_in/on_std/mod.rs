//! The contract, asked of std.

use std::{sync, thread};

#[path = "../contract/mod.rs"]
mod contract;
