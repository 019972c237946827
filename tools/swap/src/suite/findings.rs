//! What gordian told, from the lines of JSON that it wrote.

use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// `happened`, `possible`, …
    pub(crate) certainty: String,
    /// `wait_cycle`, `standstill`, …
    pub(crate) rule: String,
    pub(crate) title: String,
    pub(crate) story: Vec<String>,
    /// The whole line.
    pub(crate) line: String,
}

/// The rules of warnings begin like this: what they tell of may be as it was meant, and ends.
const WARNINGS: [&str; 4] = ["long_", "blocking_in_task", "guard_across_await", "pending_at_shutdown"];

impl Finding {
    /// Whether somebody is said to be stuck for good.
    pub(crate) fn is_deadlock(&self) -> bool {
        !WARNINGS.iter().any(|beginning| self.rule.starts_with(beginning))
    }
}

/// Those of a file; none where there is no file.
pub(crate) fn read(file: &Path) -> Vec<Finding> {
    fs::read_to_string(file).unwrap_or_default().lines().filter_map(parse).collect()
}

fn parse(line: &str) -> Option<Finding> {
    let report: Value = serde_json::from_str(line).ok()?;
    let text = |field: &str| report[field].as_str().unwrap_or_default().to_owned();
    let story = report["story"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    Some(Finding {
        certainty: text("certainty"),
        rule: text("rule"),
        title: text("title"),
        story,
        line: line.to_owned(),
    })
}

/// `2 possible standstill, 1 happened wait_cycle`; `none`.
pub(crate) fn counted<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> String {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry((&finding.certainty, &finding.rule)).or_default() += 1;
    }
    if counts.is_empty() {
        return "none".to_owned();
    }
    let counts = counts.iter().map(|((certainty, rule), count)| format!("{count} {certainty} {rule}"));
    counts.collect::<Vec<_>>().join(", ")
}
