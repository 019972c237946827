//! Tasks, where nothing watches: the futures themselves.

use std::future::Future;

/// A watched future, where anything watches.
pub type Watched<F> = F;

/// A future that names its task, where anything watches.
pub type Named<F> = F;

/// A future whose task may end with the program, where anything watches.
pub type Daemon<F> = F;

/// The future itself: nothing watches.
pub fn daemon<F: Future>(future: F) -> Daemon<F> {
    future
}

/// The future itself: nothing watches.
pub fn watch<F: Future>(future: F) -> Watched<F> {
    future
}

/// The future itself: nothing watches.
pub fn named<F: Future>(_: impl Into<String>, future: F) -> Named<F> {
    future
}
