//! `tokio::sync`, watched.

mod blocking;
pub mod broadcast;
pub mod mpsc;
mod mutex;
pub mod oneshot;
mod transfer;
pub mod watch;

pub use ::tokio::sync::*;
pub use mutex::{Mutex, MutexGuard};
