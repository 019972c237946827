//! [`std::sync`], watched. What does not block is std's own.

mod mutex;

pub use mutex::{Mutex, MutexGuard};
pub use std::sync::{
    Arc, BarrierWaitResult, LockResult, OnceState, PoisonError, TryLockError, TryLockResult, WaitTimeoutResult, Weak,
    atomic, mpsc,
};
