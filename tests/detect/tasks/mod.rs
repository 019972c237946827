//! Tasks: who waits for what may be a coroutine, on whatever executor.

mod dead;
mod locks;
mod polls;
mod runtimes;

use crate::run::Case;
use std::future::Future;

pub(crate) fn cases() -> impl Iterator<Item = &'static Case> {
    [dead::CASES, locks::CASES, polls::CASES, runtimes::CASES].into_iter().flatten()
}

/// Has to be told once, as possible, and the program stays stuck. What is not proven is told when it lasts.
macro_rules! possible {
    ($situation:ident, $rule:literal, [$($thread:literal),* $(,)?], [$($victim:literal),*]) => {
        crate::run::Case {
            name: concat!(module_path!(), "::", stringify!($situation)),
            situation: $situation,
            source: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", file!())),
            told: &[crate::run::Told {
                rule: $rule,
                certainty: "possible",
                threads: &[$($thread),*],
                victims: &[$($victim),*],
            }],
            settings: &[("GORDIAN_LONG_WAIT", "300ms")],
            shows: &[],
            ends: false,
        }
    };
}
use possible;

/// One thread, which polls all tasks.
fn on_one_thread<F: Future>(future: F) -> F::Output {
    gordian::tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}
