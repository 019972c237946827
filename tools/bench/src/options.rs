//! The command line.

use crate::{
    plan::{WORKS, Work},
    subjects::{SUBJECTS, Subject},
};

/// What to do.
pub(crate) struct Options {
    pub(crate) quick: bool,
    pub(crate) list: bool,
    pub(crate) works: Vec<&'static Work>,
    pub(crate) subjects: Vec<&'static Subject>,
    /// As it was given.
    pub(crate) line: String,
}

impl Options {
    pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut options = Options {
            quick: false,
            list: false,
            works: WORKS.iter().collect(),
            subjects: SUBJECTS.iter().collect(),
            line: String::new(),
        };
        let words: Vec<String> = words.collect();
        options.line = words.join(" ");
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
            match word.as_str() {
                "--quick" => options.quick = true,
                "--list" => options.list = true,
                "--no-peers" => options.subjects.retain(|subject| !subject.peer),
                "--only" => options.works = choose(&value()?, WORKS, |work| work.name)?,
                "--subjects" => options.subjects = choose(&value()?, SUBJECTS, |subject| subject.name)?,
                _ => return Err(format!("there is no option `{word}`: {USAGE}")),
            }
        }
        Ok(options)
    }
}

const USAGE: &str = "there are `--quick`, `--only WORK,...`, `--subjects NAME,...`, `--no-peers` and `--list`";

fn choose<T>(names: &str, from: &'static [T], name: fn(&T) -> &'static str) -> Result<Vec<&'static T>, String> {
    for wanted in names.split(',') {
        if !from.iter().any(|one| name(one) == wanted) {
            let known: Vec<&str> = from.iter().map(name).collect();
            return Err(format!("`{wanted}` is none of {}", known.join(", ")));
        }
    }
    Ok(from.iter().filter(|one| names.split(',').any(|wanted| wanted == name(one))).collect())
}
