//! Swap `std::sync` and `std::thread` for this crate during development: deadlocks are told, completely and at once.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod ext;
pub mod model;
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
mod monitor;
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
mod primitive;
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
mod spans;
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
pub mod tell;

#[cfg(not(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions))))]
#[path = "monitor/off.rs"]
mod monitor;

#[cfg(all(feature = "watch-in-debug", not(any(feature = "watch", debug_assertions))))]
#[path = "spans_off.rs"]
mod spans;

pub use ext::Ext;
pub use monitor::{Session, level, set_level};
pub use report::Report;
pub use settings::{Builder, Level, Reaction, Stacks, builder, watch};
#[doc(hidden)]
pub use settings::{DEFAULT_TRACE, Settings, settings_table};
#[cfg(feature = "watch-in-debug")]
pub use spans::{Layer, layer};
pub use std::thread_local;
