//! What std lacks.

/// Extras.
pub trait Ext: Sized {}
