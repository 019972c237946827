//! `tokio::sync`, watched.

mod blocking;
pub mod mpsc;
mod mutex;
mod transfer;

pub use ::tokio::sync::*;
pub use mutex::{Mutex, MutexGuard};
