//! Programs that must be found, each beside its nearest correct twin, of which nothing may be told.
//!
//! Every situation is a process of its own: this binary, started again with the situation's name in a variable. What
//! was told is read from the file that `GORDIAN_JSON` names. In the situations threads meet by way of `std::sync`, which
//! is not watched; so whoever waits for a meeting counts as running.
//!
//! Words as in any test binary: `cargo test --test detect -- FILTER`.

mod channels;
#[path = "../common/mod.rs"]
mod common;
mod joins;
mod locks;
mod long;
mod once;
#[cfg(feature = "parking_lot")]
mod parking_lot;
#[cfg(feature = "parking_lot_0_13")]
mod parking_lot_0_13;
mod run;
mod signals;
mod stress;
#[cfg(feature = "tokio")]
mod tasks;
mod traps;

use run::Case;
use std::process::ExitCode;

fn cases() -> impl Iterator<Item = &'static Case> {
    let all = [
        locks::CASES,
        joins::CASES,
        signals::CASES,
        channels::CASES,
        once::CASES,
        long::CASES,
        traps::CASES,
        stress::CASES,
    ];
    let cases = all.into_iter().flatten();
    #[cfg(feature = "parking_lot")]
    let cases = cases.chain(parking_lot::cases());
    #[cfg(feature = "parking_lot_0_13")]
    let cases = cases.chain(parking_lot_0_13::cases());
    #[cfg(feature = "tokio")]
    let cases = cases.chain(tasks::cases());
    cases
}

fn main() -> ExitCode {
    match std::env::var(run::SITUATION) {
        Ok(name) => {
            let case = cases().find(|case| case.name == name).expect("a situation of this name");
            (case.situation)();
            ExitCode::SUCCESS
        }
        Err(_) => {
            #[cfg(feature = "tokio")]
            tasks::table::check();
            run::all(cases().collect())
        }
    }
}
