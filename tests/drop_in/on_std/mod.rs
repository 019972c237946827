//! The contract, asked of std.

use std::{sync, thread, thread_local};

#[path = "../contract/mod.rs"]
mod contract;
