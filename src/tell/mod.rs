//! Findings to words.
//!
//! [`compose()`] turns a finding (identities) into a [`Report`](crate::Report) (names, places, sentences): all the
//! thinking is there. [`render`], the JSON form and [`Sinks`] only lay out what a report says.

/// Texts in a row, as one. A report is composed while somebody waits for it, so it is worth not to go by way of a
/// formatter for what is text already: half the instructions, and a third of the code that has to be in the cache.
macro_rules! words {
    ($($text:expr),+ $(,)?) => {
        [$(::std::convert::AsRef::<str>::as_ref(&$text)),+].concat()
    };
}

mod advice;
mod channel;
mod compose;
mod drawing;
mod futurelock;
mod in_poll;
mod json;
mod names;
mod nouns;
mod origin;
mod resolve;
mod shutdown;
mod sinks;
mod story;
mod tasks;
mod text;

#[cfg(test)]
mod tests;

pub use compose::{Details, compose};
pub use json::json_line;
pub(crate) use json::tasks_json;
pub(crate) use names::amount;
pub use sinks::Sinks;
pub(crate) use sinks::can_write;
pub(crate) use tasks::compose_tasks;
pub use text::{Style, render};
