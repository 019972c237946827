//! The contract, asked of the real crate.

use super::real as asked;

#[path = "broadcast.rs"]
mod broadcast;
#[path = "mpsc.rs"]
mod mpsc;
#[path = "oneshot.rs"]
mod oneshot;
#[path = "run.rs"]
mod run;
#[path = "signatures.rs"]
mod signatures;
#[path = "watch.rs"]
mod watch;
