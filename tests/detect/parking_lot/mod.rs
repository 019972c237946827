//! The locks of `parking_lot`.

mod condvars;
mod guards;
mod mutexes;
mod raw;
mod rwlocks;
#[cfg(feature = "send_guard")]
mod sent;
mod stress;

use crate::run::{Case, named};
use std::sync::{Arc, Barrier};

/// Where guards can be sent, little is certain: then only what is right, and what is about that.
pub(crate) fn cases() -> impl Iterator<Item = &'static Case> {
    let all = [condvars::CASES, guards::CASES, mutexes::CASES, raw::CASES, rwlocks::CASES, stress::CASES];
    let all = all.into_iter().flatten();
    let all = all.filter(|case| !cfg!(feature = "send_guard") || case.told.is_empty());
    #[cfg(feature = "send_guard")]
    let all = all.chain(sent::CASES);
    all
}

/// Two threads, which meet once.
fn alice_and_bob<T: Send + Sync + 'static>(
    both: T,
    alice: impl FnOnce(&T, &Barrier) + Send + 'static,
    bob: impl FnOnce(&T, &Barrier) + Send + 'static,
) {
    let shared = Arc::new((both, Barrier::new(2)));
    let threads = {
        let (for_alice, for_bob) = (shared.clone(), shared);
        [named("alice", move || alice(&for_alice.0, &for_alice.1)), named("bob", move || bob(&for_bob.0, &for_bob.1))]
    };
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
