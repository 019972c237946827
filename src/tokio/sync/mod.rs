//! `tokio::sync`, watched.

mod mutex;

pub use ::tokio::sync::*;
pub use mutex::{Mutex, MutexGuard};
