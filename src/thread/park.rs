//! Parking and sleeping.

use crate::record::{self, Site};
use std::time::Duration;

/// [`std::thread::park`]. A wait that nobody alive can end is reported.
#[inline]
#[track_caller]
pub fn park() {
    record::park(Site::here(), false, std::thread::park);
}

/// [`std::thread::park_timeout`]. Never part of a deadlock.
#[inline]
#[track_caller]
pub fn park_timeout(dur: Duration) {
    record::park(Site::here(), true, || std::thread::park_timeout(dur));
}

/// [`std::thread::park_timeout_ms`]. `ms` is in milliseconds.
#[deprecated(note = "replaced by `park_timeout`")]
#[inline]
#[track_caller]
pub fn park_timeout_ms(ms: u32) {
    park_timeout(Duration::from_millis(ms.into()));
}

/// [`std::thread::sleep`]. Never part of a deadlock.
#[inline]
#[track_caller]
pub fn sleep(dur: Duration) {
    record::sleep(Site::here(), dur, || std::thread::sleep(dur));
}

/// [`std::thread::sleep_ms`]. `ms` is in milliseconds.
#[deprecated(note = "replaced by `sleep`")]
#[inline]
#[track_caller]
pub fn sleep_ms(ms: u32) {
    sleep(Duration::from_millis(ms.into()));
}
