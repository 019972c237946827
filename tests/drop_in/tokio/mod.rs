//! The same for `tokio`: one set of tests, asked of the real crate and of gordian's.

use {::tokio as real, gordian::tokio as ours};

mod channels;
mod expansion;
mod ext;
mod on_gordian;
mod on_real;
mod polled;
mod tasks;
mod texts;
mod types;
