//! What can be asked for on the command line.

use crate::crates::CrateOptions;
use clap::{Args, Parser, Subcommand};
use std::{num::NonZero, path::PathBuf, thread, time::Duration};

/// Swaps gordian in for std, parking_lot and tokio in code that others wrote, and runs their tests through it.
///
/// Only paths are changed: `std::sync` and `std::thread` become `gordian::sync` and `gordian::thread`, `tokio` becomes
/// `gordian::tokio`, and in crates `parking_lot` becomes `gordian::parking_lot`. Each suite is run with what is real first; what
/// passes there has to pass with gordian,
/// watching and built off.
///
/// Exit code: 0 all is well, 1 gordian (or a list) falls short, 2 it could not be tried.
#[derive(Debug, Parser)]
#[command(name = "gordian-swap")]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Runs std's own tests of its primitives and threads.
    StdTests(StdOptions),
    /// Runs the examples in std's documentation of its primitives and threads.
    StdDocs(StdOptions),
    /// Runs parking_lot's own tests, and the examples in its documentation and in lock_api's.
    ParkingLotTests(SuiteOptions),
    /// Runs tokio's own tests of what gordian has of it.
    TokioTests(TokioOptions),
    /// Runs the tests of crates from the registry, with gordian in the place of std and of parking_lot.
    Crate(CrateOptions),
    /// Prints a source text with its paths into std rewritten.
    Rewrite(RewriteOptions),
}

#[derive(Args, Debug)]
pub(crate) struct StdOptions {
    /// A folder with the source of the standard library; without it, Debian's package rust-web-src is fetched into `target`.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) source: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) suite: SuiteOptions,
}

#[derive(Args, Debug)]
pub(crate) struct SuiteOptions {
    /// How long a single test may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = clap::value_parser!(u64).range(1..))]
    deadline: u64,
    /// How many tests run at a time; without it, as many as there are processors.
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<NonZero<usize>>,
    /// Says of each test that is left out why it does not compile or pass with what is real.
    #[arg(long)]
    pub(crate) reasons: bool,
}

#[derive(Args, Debug)]
pub(crate) struct TokioOptions {
    /// Runs all of its tests: those of input and output, processes and signals, too.
    #[arg(long)]
    pub(crate) all: bool,
    /// Swaps std's threads and primitives in the tests, too.
    #[arg(long)]
    pub(crate) with_std: bool,
    #[command(flatten)]
    pub(crate) suite: SuiteOptions,
}

impl SuiteOptions {
    pub(crate) fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline)
    }

    pub(crate) fn jobs(&self) -> usize {
        self.jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZero::get)
    }
}

#[derive(Args, Debug)]
pub(crate) struct RewriteOptions {
    /// A file of Rust.
    pub(crate) file: PathBuf,
    /// Rewrites the code in doc comments, too.
    #[arg(long)]
    pub(crate) docs: bool,
}
