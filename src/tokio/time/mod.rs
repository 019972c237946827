//! `tokio::time`, watched: a wait for a timer is known to be one. What does not wait is the real crate's own; so is what
//! is there with its feature `test-util` only.

mod interval;
mod sleep;
mod timeout;

pub use ::tokio::time::*;
pub use interval::{Interval, interval, interval_at};
pub use sleep::{Sleep, sleep, sleep_until};
pub use timeout::{Timeout, timeout, timeout_at};
