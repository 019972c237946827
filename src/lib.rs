//! Swap `std::sync` and `std::thread` for this crate during development: deadlocks are told, completely and at once.
//!
//! ```
//! use gordian::{sync, thread}; // was: use std::{sync, thread};
//!
//! let total = sync::Mutex::new(0);
//! thread::scope(|scope| {
//!     scope.spawn(|| *total.lock().unwrap() += 1);
//! });
//! assert_eq!(total.into_inner().unwrap(), 1);
//! ```
//!
//! Nothing else has to be called. Each thread notes what it holds and what it waits for; a watchdog thread reads these notes
//! and, when threads can never move again, tells a [`Report`] at once: who holds what, since when and taken where, who
//! waits for what, stacks, last operations, and what to change. [`sync`] and [`thread`] have std's types and signatures;
//! the real locking is std's.
//!
//! # Builds
//!
//! | feature | watches in |
//! |---|---|
//! | `watch-in-debug` (default) | builds with debug assertions: `cargo run`, `cargo test` |
//! | `watch` | every build, release included |
//! | none of them | no build; no dependency is compiled |
//! | `parking_lot`, `parking_lot_0_13` | (beside one of the above) `gordian::parking_lot`, `gordian::parking_lot_0_13`: those crates' types |
//! | `tokio` | the same for `gordian::tokio`: tasks, and what they wait for (on other executors: [`task::watch`]) |
//!
//! A build that does not watch is std: types have std's size and functions compile to std's instructions. Watching needs a
//! target with 64-bit pointers.
//!
//! # More than std
//!
//! * [`Ext`] gives names to primitives and makes threads daemons; it works on std's types, too, so the swap can be undone.
//! * [`watch`] returns a [`Session`] guard, which waits at the end of `main` for the threads that are not daemons.
//! * [`builder`] sets what is recorded, where reports go and what happens then; so do environment variables: the table is at
//!   [`Builder`]. In tests, `GORDIAN_REACTION=panic` makes a deadlock a failure.
//! * [`set_level`] switches while the program runs between [`Level::Off`], [`Level::Watch`] (the default: a few stores for
//!   each operation) and [`Level::Trace`] (also two readings of a precise clock, and a file for <https://ui.perfetto.dev>).
//! * `layer`, a `tracing` layer (unless built without features), lets reports and traces show the program's spans.
//!
//! # How sure a report is
//!
//! [`Certainty::Happened`](report::Certainty::Happened) is told only after a second reading in which nothing had changed: it is so
//! now. What cannot be proven, for example because the process has threads that never used a watched primitive, is
//! [`Possible`](report::Certainty::Possible), and says why. Waits with a time-out are never a deadlock.
//!
//! Not seen are waits through anything but [`sync`], [`thread`] and what the features bring: other channels, other executors' tasks,
//! input and output. The README has the whole list.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod ext;
#[cfg(feature = "parking_lot")]
#[path = "ext/parking_lot.rs"]
mod ext_parking_lot;
#[cfg(feature = "parking_lot_0_13")]
#[path = "ext/parking_lot_0_13.rs"]
mod ext_parking_lot_0_13;
#[cfg(feature = "tokio")]
#[path = "ext/tokio.rs"]
mod ext_tokio;
#[cfg(feature = "tokio")]
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
#[path = "ext/tokio_watched.rs"]
mod ext_tokio_watched;
pub mod model;
#[cfg(feature = "parking_lot")]
pub mod parking_lot;
#[cfg(feature = "parking_lot_0_13")]
pub mod parking_lot_0_13;
// Of what only some of them need.
#[cfg_attr(
    not(all(feature = "parking_lot", feature = "parking_lot_0_13", feature = "tokio")),
    allow(dead_code, unused_imports)
)]
mod record;
pub mod report;
mod settings;
pub mod sync;
pub mod thread;

#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
pub mod analyze;
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
pub mod export;
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
mod file;
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
mod monitor;
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
mod primitive;
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
mod spans;
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
#[cfg_attr(not(feature = "tokio"), allow(dead_code))]
pub mod task;
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
pub mod tell;
#[cfg(feature = "tokio")]
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
pub mod tokio;

#[cfg(not(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions))))]
#[path = "monitor/off.rs"]
mod monitor;
#[cfg(not(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions))))]
#[path = "task_off.rs"]
pub mod task;
#[cfg(feature = "tokio")]
#[cfg(not(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions))))]
pub use ::tokio;

#[cfg(all(feature = "watch-in-debug", not(any(feature = "watch", debug_assertions))))]
#[path = "spans_off.rs"]
mod spans;

/// What sits in a primitive, for `tools/parking_lot`. Not for programs: it may be another in the next version.
#[doc(hidden)]
pub mod seam {
    pub use crate::record::{Guards, Initialising, Probe, Site, already};
}

pub use ext::Ext;
pub use monitor::{Session, level, set_level, tasks};
#[doc(hidden)]
pub use monitor::{last_sweep, losses};
pub use report::Report;
pub use settings::{Builder, Level, Reaction, Stacks, builder, watch};
#[doc(hidden)]
pub use settings::{DEFAULT_TRACE, Settings, settings_table};
#[cfg(feature = "watch-in-debug")]
pub use spans::{Layer, layer};
pub use std::thread_local;

/// The code in README.md is compiled and run.
#[cfg(doctest)]
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
#[doc = include_str!("../README.md")]
mod readme {}
