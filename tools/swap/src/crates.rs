//! `gordian-swap crate`: the tests of crates from the registry, with gordian in the place of std and of parking_lot.

mod copy;
mod doctests;
mod manifest;
mod registry;
mod table;
mod trial;

use clap::Args;
use std::{fs, num::NonZero, path::PathBuf, thread, time::Duration};
use trial::{Trial, Verdict};

#[derive(Args, Debug)]
pub(crate) struct CrateOptions {
    /// Crates of the registry; without a version, the newest.
    #[arg(required = true, value_name = "NAME[@VERSION]")]
    crates: Vec<String>,
    /// Features of theirs to build with, beside their default ones.
    #[arg(long, value_name = "FEATURE", value_delimiter = ',')]
    features: Vec<String>,
    /// Files and folders of theirs that are left as they are, because they hand std's types to crates that want those.
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    leave: Vec<PathBuf>,
    /// Runs the examples in their documentation, too.
    #[arg(long)]
    docs: bool,
    /// Prints the results as a table in Markdown, too.
    #[arg(long)]
    markdown: bool,
    /// A folder for the findings: a file of JSON lines for each crate.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// How long a single test may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = clap::value_parser!(u64).range(1..))]
    deadline: u64,
    /// How many tests run at a time; without it, as many as there are processors.
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<NonZero<usize>>,
}

/// Tries each of them; whether all is well.
pub(crate) fn run(options: &CrateOptions) -> Result<bool, String> {
    if let Some(folder) = &options.keep {
        fs::create_dir_all(folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    }
    let mut verdicts = Vec::new();
    let mut untried = Vec::new();
    for asked in &options.crates {
        match registry::fetch(asked).and_then(|published| options.trial(published)?.run()) {
            Ok(verdict) => {
                keep(options, &verdict)?;
                println!("{}", verdict.line());
                verdicts.push(verdict);
            }
            Err(why) => untried.push(why),
        }
    }
    if options.markdown {
        print!("{}", table::markdown(&verdicts));
    }
    if untried.is_empty() { Ok(verdicts.iter().all(Verdict::is_well)) } else { Err(untried.join("\ngordian-swap: ")) }
}

impl CrateOptions {
    fn trial(&self, published: registry::Published) -> Result<Trial, String> {
        Ok(Trial {
            published,
            features: self.features.clone(),
            leave: self.leave.clone(),
            docs: self.docs,
            deadline: Duration::from_secs(self.deadline),
            jobs: self.jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZero::get),
        })
    }
}

fn keep(options: &CrateOptions, verdict: &Verdict) -> Result<(), String> {
    let Some(folder) = &options.keep else { return Ok(()) };
    let file = folder.join(format!("{}-{}.jsonl", verdict.name, verdict.version));
    fs::write(&file, verdict.json_lines()).map_err(|error| format!("cannot write {}: {error}", file.display()))
}
