//! gordian keeps std's contract, in both builds: one set of tests runs on std, which shows that it asks for what std
//! promises, and on gordian.

#[path = "../common/mod.rs"]
mod common;
mod ext;
mod on_gordian;
mod on_std;
mod types;
