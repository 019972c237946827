//! Measures gordian and its peers against std, in one run, and prints tables of the ratios as markdown.
//!
//! ```text
//! cargo run --release -p gordian-bench -- [OPTIONS]
//!
//! --quick             fewer and shorter samples: for a look, not for the README
//! --only WORK,...     only these works
//! --subjects NAME,... only these subjects
//! --no-peers          std and gordian only
//! --list              names the works and the subjects
//! ```
//!
//! # How it measures
//!
//! Every subject is built in a program of its own (`gordian-bench-subject` with one feature), because cargo would
//! unify what they share: parking_lot with and without its deadlock detection, gordian built on and off. That program
//! contains std too. It takes samples of std, the subject and std again, a few milliseconds each, each after a
//! warm-up; a ratio is one subject's sample over the mean of the two of std beside it, in the same process and the
//! same few milliseconds. The programs take turns, sample by sample, so that a noisy second of the machine strikes
//! all subjects alike. A table says the median and the quartiles of those ratios.
//!
//! Where a lock lies in its cache line is luck that a process keeps for its life, so every subject runs in several
//! processes, with heap and stack moved a little in each; loops and functions are aligned for the same reason. Within a
//! sample it is the median of short chunks that counts, so that a processor taken away for a while does not. The two
//! rows that can have neither are the first passes over many locks, and what two threads do to one lock: measure those
//! while the machine does nothing else.
//!
//! A record that finds no room is lost and costs next to nothing, so none may be: where operations are recorded one by
//! one (level trace), a chunk is so short that all of its records fit, and between the chunks, out of the time, the
//! background writes them away. A process that lost one all the same answers no more, and its row is marked. What a
//! program pays that never pauses is less; what it loses is much. std is measured in the same chunks.
//!
//! The subject `std-control` is std measured as if it were another library: as far as its ratio is off 1.00, so far
//! no other ratio can be trusted.
//!
//! Works that need a fresh process (a million pairs of locks, memory, deadlocks) get one for each sample.

mod child;
mod options;
mod plan;
mod run;
mod stats;
mod subjects;
mod table;

use options::Options;
use std::{env, process::ExitCode};

fn main() -> ExitCode {
    let options = match Options::parse(env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("gordian-bench: {message}");
            return ExitCode::from(2);
        }
    };
    if options.list {
        list();
        return ExitCode::SUCCESS;
    }
    match measure(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("gordian-bench: {message}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<(), String> {
    let programs = subjects::build(&options.subjects)?;
    let measured = run::run(options, &programs);
    table::print(options, &measured);
    Ok(())
}

fn list() {
    println!("works:");
    for work in plan::WORKS {
        println!("  {:14}{}", work.name, work.rows[0].title);
    }
    println!("subjects:");
    for subject in subjects::SUBJECTS {
        println!("  {:22}{}", subject.name, subject.heading);
    }
}
