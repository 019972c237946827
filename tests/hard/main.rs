//! Bad input and hard places: wherever std's primitives work, these do, with the same result.
//!
//! Each situation is a program of its own: this binary again, with a deadline.

#[path = "../common/mod.rs"]
mod common;

mod allocator;
mod callback;
mod channels;
mod files;
mod guards;
#[cfg(feature = "watch-in-debug")]
mod layer;
mod levels;
mod life;
mod many;
mod output;
mod panics;
mod program;
mod signals;
mod since;
mod stacks;
#[path = "../common/stacks.rs"]
mod stacks_of;
