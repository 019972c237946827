//! Tasks: who waits for what may be a coroutine, on whatever executor.

mod aborts;
mod channels;
mod dead;
mod drops;
mod executors;
mod futures;
mod joins;
mod list;
mod locks;
mod nested;
mod polls;
mod real;
mod runtimes;
mod shutdown;
mod sync;
pub(crate) mod table;

use crate::run::Case;
use std::future::Future;

pub(crate) fn cases() -> impl Iterator<Item = &'static Case> {
    let all = [
        aborts::CASES,
        channels::CASES,
        dead::CASES,
        drops::CASES,
        executors::CASES,
        futures::CASES,
        joins::CASES,
        list::CASES,
        locks::CASES,
        nested::CASES,
        polls::CASES,
        real::CASES,
        runtimes::CASES,
        shutdown::CASES,
        sync::CASES,
    ];
    all.into_iter().flatten()
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

/// Has to be told once, and the program ends.
macro_rules! warned {
    ($situation:ident, $rule:literal, [$($thread:literal),* $(,)?]) => {
        crate::run::Case {
            told: &[crate::run::Told { rule: $rule, certainty: "happened", threads: &[$($thread),*], victims: &[] }],
            ..crate::run::quiet!($situation)
        }
    };
}
use warned;

/// One thread, which polls all tasks.
fn on_one_thread<F: Future>(future: F) -> F::Output {
    gordian::tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}
