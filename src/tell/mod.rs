//! Findings to words.
//!
//! [`compose()`] turns a finding (identities) into a [`Report`](crate::Report) (names, places, sentences): all the
//! thinking is there. [`render`], the JSON form and [`Sinks`] only lay out what a report says.

mod advice;
mod compose;
mod drawing;
mod json;
mod names;
mod origin;
mod resolve;
mod sinks;
mod story;
mod text;

#[cfg(test)]
mod tests;

pub use compose::{Details, compose};
pub use json::json_line;
pub(crate) use names::amount;
pub use sinks::Sinks;
pub use text::{Style, render};
