//! gordian keeps std's contract, in both builds: one set of tests runs on std, which shows that it asks for what std
//! promises, and on gordian.

#[path = "../common/mod.rs"]
mod common;
mod complete;
mod ext;
#[cfg(any(feature = "parking_lot", feature = "tokio"))]
mod has;
mod inference;
mod names;
mod on_gordian;
mod on_std;
mod own;
#[cfg(feature = "parking_lot")]
mod parking_lot;
#[cfg(feature = "parking_lot_0_13")]
mod parking_lot_0_13;
mod texts;
#[cfg(feature = "tokio")]
mod tokio;
mod traits;
mod types;
