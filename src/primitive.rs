//! `std` or `loom`, for our own insides.
//!
//! What other threads read while it is written goes through small types that know their protocol and nothing else
//! (`record::on`: `seqlock`, `ledger`, `ring`, `free_list`, `identity`, and the coarse clock). They take their
//! atomics from here. In their models these are loom's, which tries every interleaving and every value that a load
//! may see by the memory model, also where today's processor would not show it:
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test --release --features watch --target-dir target/loom --lib loom
//! ```
//!
//! One thing to know when writing a model: loom remembers one last access of each atomic, so an owner's load before its
//! own store hides the race between that store and another thread's earlier load. Let the owner be the thread that
//! runs first (the model's own), and the readers be spawned: who comes later may still see every older value. And
//! break what the model is for, once, to see it fail.
//!
//! Only our own unit tests ever see loom (`cfg(all(test, loom))`): a program that sets `--cfg loom` for tests of its
//! own, and uses us in them, gets `std`. In that build nothing but the models may be run: the rest of the recorder
//! compiles, but its memory is made of zeroes, which are no loom atomics.

#[cfg(not(all(test, loom)))]
mod chosen {
    pub(crate) use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, fence};

    /// How often a reader tries to catch a writer between two of its changes.
    pub(crate) const PATIENCE: usize = 64;

    /// A `static` of something with atomics in it.
    macro_rules! shared {
        ($(#[$attribute:meta])* static $name:ident: $type:ty = $value:expr;) => {
            $(#[$attribute])* static $name: $type = $value;
        };
    }
    pub(crate) use shared;
}

#[cfg(all(test, loom))]
mod chosen {
    pub(crate) use loom::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, fence};

    /// One: what any try may accept is accepted in some interleaving; more multiply them and show nothing new.
    pub(crate) const PATIENCE: usize = 1;

    /// loom's atomics are made while a model runs.
    macro_rules! shared {
        ($(#[$attribute:meta])* static $name:ident: $type:ty = $value:expr;) => {
            loom::lazy_static! { $(#[$attribute])* static ref $name: $type = $value; }
        };
    }
    pub(crate) use shared;
}

pub(crate) use chosen::*;
