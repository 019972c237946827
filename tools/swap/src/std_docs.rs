//! `gordian-swap std-docs`: the examples in std's documentation of its primitives and threads, with gordian in its place.

mod expand;
mod items;

use crate::{
    options::StdOptions,
    rewrite::{Fence, Rule, fences, std_to_gordian},
    std_source::StdSource,
    std_suite::{std_setting, std_suite},
    suite::{
        prove::{self, Suite},
        refusals::Refusal,
        scratch::{Module, Program},
    },
};
use std::collections::HashMap;

/// A program of examples, and the files and folders that they come from.
const PARTS: [(&str, &str); 4] =
    [("sync", "std/src/sync"), ("thread", "std/src/thread"), ("core", "core/src/sync"), ("arc", "alloc/src/sync.rs")];

/// In the root of each program.
pub(crate) const ROOT: &str = "
pub(crate) fn succeed(example: impl std::process::Termination) {
    assert_eq!(format!(\"{:?}\", example.report()), format!(\"{:?}\", std::process::ExitCode::SUCCESS));
}
";

const LIST: &str = "tools/swap/std-docs.txt";

/// Runs them; whether all is well.
pub(crate) fn run(options: &StdOptions) -> Result<bool, String> {
    let (source, list_fits, exclusions, folder) = std_suite(options, LIST, "std-docs")?;
    let mut programs = Vec::new();
    let mut refusals = Vec::new();
    let mut ignored = 0;
    for (name, path) in PARTS {
        let examples = examples(&source, name, path)?;
        ignored += examples.iter().filter(|example| example.fence.has("ignore")).count();
        refusals.extend(examples.iter().filter(|example| example.fence.has("compile_fail")).map(Example::refusal));
        programs.push(Program {
            name: name.to_owned(),
            root: ROOT.to_owned(),
            modules: modules(&examples),
            inner: Vec::new(),
        });
    }
    println!("  {ignored} more are marked `ignore` in the documentation");
    let mut rules = std_to_gordian();
    // The same types.
    rules.push(Rule::new("alloc::sync", "gordian"));
    prove::prove(&Suite {
        title: "std's examples".to_owned(),
        folder,
        programs,
        refusals,
        setting: std_setting(),
        rules,
        exclusions,
        deadlocks: None,
        listed_in: LIST,
        lists_all: false,
        list_fits,
        deadline: options.suite.deadline(),
        jobs: options.suite.jobs(),
        reasons: options.suite.reasons,
    })
}

/// One block of code.
pub(crate) struct Example {
    program: &'static str,
    module: String,
    /// `Mutex_lock_2`: the second of this item.
    name: String,
    fence: Fence,
}

fn examples(source: &StdSource, program: &'static str, path: &str) -> Result<Vec<Example>, String> {
    let files = if path.ends_with(".rs") { vec![path.to_owned()] } else { source.files(path)? };
    let mut all = Vec::new();
    // Tests have none.
    for file in files.iter().filter(|file| !file.ends_with("/tests.rs")) {
        let module = module_name(path, file);
        all.extend(examples_in(&source.read(file)?, program, &module).map_err(|error| format!("{file}: {error}"))?);
    }
    Ok(all)
}

/// Those in the documentation of a source text.
pub(crate) fn examples_in(text: &str, program: &'static str, module: &str) -> Result<Vec<Example>, String> {
    let mut all = Vec::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for item in items::documented(text)? {
        for fence in fences(item.lines.iter().map(String::as_str)).into_iter().filter(Fence::is_rust) {
            let number = numbers.entry(item.name.clone()).or_default();
            *number += 1;
            let name = format!("{}_{number}", item.name);
            all.push(Example { program, module: module.to_owned(), name, fence });
        }
    }
    Ok(all)
}

/// `std/src/sync/poison/mutex.rs` of `std/src/sync` is `poison_mutex`.
fn module_name(folder: &str, file: &str) -> String {
    let inner = file.strip_prefix(folder).unwrap_or(file).trim_start_matches('/').trim_end_matches(".rs");
    if inner.is_empty() || inner == "mod" {
        "items".to_owned()
    } else {
        inner.trim_end_matches("/mod").replace('/', "_")
    }
}

/// The examples that are run, as tests.
pub(crate) fn modules(examples: &[Example]) -> Vec<Module> {
    let mut modules: Vec<Module> = Vec::new();
    for example in examples.iter().filter(|example| !example.fence.has("ignore") && !example.fence.has("compile_fail"))
    {
        let test = example.test();
        match modules.iter_mut().find(|module| module.name == example.module) {
            Some(module) => module.text.push_str(&test),
            None => modules.push(Module { name: example.module.clone(), text: test }),
        }
    }
    modules
}

impl Example {
    /// A test that does what rustdoc would do with it.
    fn test(&self) -> String {
        let should_panic = if self.fence.has("should_panic") { "#[should_panic]\n" } else { "" };
        let run = if self.fence.has("no_run") { "let _ = example;" } else { "crate::succeed(example());" };
        format!("#[test]\n{should_panic}fn {}() {{\n{}{run}\n}}\n\n", self.name, self.function())
    }

    /// It as a function `example`, on lines of its own.
    fn function(&self) -> String {
        let code = self.fence.code();
        if code.contains("fn main(") {
            // Its own `main` says whether it has gone well.
            format!("fn example() -> impl std::process::Termination {{\n{code}main()\n}}\n")
        } else if code.trim_end().ends_with("(())") {
            format!("fn example() -> Result<(), impl std::fmt::Debug> {{\n{code}}}\n")
        } else {
            format!("fn example() {{\n{code}}}\n")
        }
    }

    fn refusal(&self) -> Refusal {
        Refusal {
            name: format!("{}::{}::{}", self.program, self.module, self.name),
            text: format!("{}fn main() {{ let _ = example; }}\n", self.function()),
            codes: self.fence.error_codes().into_iter().map(str::to_owned).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::module_name;

    #[test]
    fn modules() {
        assert_eq!(module_name("std/src/sync", "std/src/sync/poison/mutex.rs"), "poison_mutex");
        assert_eq!(module_name("std/src/sync", "std/src/sync/mod.rs"), "items");
        assert_eq!(module_name("std/src/sync", "std/src/sync/mpmc/mod.rs"), "mpmc");
        assert_eq!(module_name("alloc/src/sync.rs", "alloc/src/sync.rs"), "items");
    }
}
