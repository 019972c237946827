//! What every test binary may need.

/// Whether this build watches: the one place where the tests ask.
pub(crate) const WATCHING: bool = cfg!(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)));
