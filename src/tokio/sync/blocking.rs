//! What blocks a thread, where tokio lets it.

use ::tokio::sync as real;

/// Panics as tokio does in a thread that drives tasks. To be called before anything is tried: tokio refuses there also
/// what would not block.
#[inline]
#[track_caller]
pub(super) fn refuse_in_a_runtime() {
    drop(real::Mutex::const_new(()).blocking_lock());
}
