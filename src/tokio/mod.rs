//! `tokio`, watched: tasks are actors, and what they wait for is known.
//!
//! What is not named here comes from the real crate, with whatever features the program has asked of it.

pub use ::tokio::*;

pub mod runtime;
pub mod sync;
pub mod task;
pub mod time;

pub use task::spawn;
