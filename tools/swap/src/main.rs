//! Swaps gordian in for std, parking_lot and tokio in code that others wrote, and runs their tests through it: the proof that the swap is total.

mod crates;
mod options;
mod parking_lot_tests;
mod rewrite;
mod std_docs;
mod std_source;
mod std_suite;
mod std_tests;
mod suite;
mod tokio_tests;

use clap::Parser;
use options::{Options, RewriteOptions, Task};
use std::{fs, process::ExitCode};

fn main() -> ExitCode {
    let done = match Options::parse().command {
        Task::StdTests(options) => std_tests::run(&options),
        Task::StdDocs(options) => std_docs::run(&options),
        Task::ParkingLotTests(options) => parking_lot_tests::run(&options),
        Task::TokioTests(options) => tokio_tests::run(&options),
        Task::Crate(options) => crates::run(&options),
        Task::Rewrite(options) => print_rewritten(&options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("gordian-swap: {message}");
            ExitCode::from(2)
        }
    }
}

fn print_rewritten(options: &RewriteOptions) -> Result<bool, String> {
    let name = options.file.display();
    let text = fs::read_to_string(&options.file).map_err(|error| format!("cannot read {name}: {error}"))?;
    let rules = rewrite::std_to_gordian();
    let text = rewrite::rewrite(&text, &rules).map_err(|error| format!("{name} is not Rust: {error}"))?;
    print!("{}", if options.docs { rewrite::rewrite_docs(&text, &rules) } else { text });
    Ok(true)
}
