//! gordian's `parking_lot` under the real one's name: with one line in its `Cargo.toml` a program watches the locks of all
//! its dependencies.
//!
//! ```toml
//! [patch.crates-io]
//! parking_lot = { path = "../gordian/tools/parking_lot" }
//! ```
//!
//! The source is gordian's own, built once more: gordian itself depends on the published parking_lot for it, which cargo
//! does not allow where that is patched (see `../../parking_lot_real/build.rs`).

use gordian::{model, seam as record};

#[path = "../../../src/parking_lot/mod.rs"]
#[allow(dead_code, reason = "names are gordian's to give")]
mod watched;

pub use watched::*;
