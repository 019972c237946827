//! The contract, asked of gordian's.

use super::ours as asked;

#[path = "broadcast.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod broadcast;
#[path = "mpsc.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod mpsc;
#[path = "oneshot.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod oneshot;
#[path = "run.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod run;
#[path = "signatures.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod signatures;
#[path = "watch.rs"]
#[expect(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod watch;
