//! Recorded events to files that other people's viewers open: one format a file.

pub mod chrome;

/// Resolves the numbers of `tracing` spans.
///
/// `()` knows none.
pub trait Spans {
    /// What is known of the span; `None` when it was forgotten.
    fn span(&self, id: u64) -> Option<SpanInfo>;
}

impl Spans for () {
    fn span(&self, _: u64) -> Option<SpanInfo> {
        None
    }
}

/// What is known of a `tracing` span.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpanInfo {
    /// Its name.
    pub name: String,
    /// Its fields with their values, in the order of their declaration.
    pub fields: Vec<(String, String)>,
}
