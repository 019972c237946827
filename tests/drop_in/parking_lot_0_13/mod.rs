//! The same for `parking_lot` 0.13, which does what 0.12 does, and says it with other signatures.

use {::parking_lot_0_13 as real, gordian::parking_lot_0_13 as ours};

#[path = "../parking_lot/ext.rs"]
#[allow(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod ext;
mod on_gordian;
mod on_real;
#[path = "../parking_lot/types.rs"]
#[allow(clippy::duplicate_mod, reason = "the same tests, of another crate")]
mod types;
