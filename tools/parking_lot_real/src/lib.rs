//! The published `parking_lot`, as it is, under a name that nobody patches (see `build.rs`).
#![allow(warnings, clippy::all, unsafe_code, reason = "it is not ours")]

include!(concat!(env!("OUT_DIR"), "/lib.rs"));
