//! The code in doc comments, rewritten like other code.

use super::{
    Rule,
    fences::{Fence, fences, split_hidden},
    rewrite,
};

/// The source text with the fenced code of its `///` and `//!` comments rewritten. Code that is none is left as it is.
pub(crate) fn rewrite_docs(text: &str, rules: &[Rule]) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let mut at = 0;
    while at < lines.len() {
        let Some(marker) = marker(&lines[at]) else {
            at += 1;
            continue;
        };
        let end = (at..lines.len()).find(|&end| self::marker(&lines[end]) != Some(marker)).unwrap_or(lines.len());
        let contents: Vec<&str> = lines[at..end].iter().map(|line| content(line)).collect();
        for fence in fences(contents.iter().copied()).iter().filter(|fence| fence.is_rust()) {
            rewrite_fence(fence, &mut lines[at + fence.first..], rules);
        }
        at = end;
    }
    lines.concat()
}

/// `///` or `//!`; `////` is no documentation.
fn marker(line: &str) -> Option<&'static str> {
    let line = line.trim_start();
    let is = |marker: &str| line.starts_with(marker);
    (is("///") && !is("////")).then_some("///").or_else(|| is("//!").then_some("//!"))
}

fn content(line: &str) -> &str {
    let line = line.trim_start();
    line.get(3..).unwrap_or("").trim_end_matches(['\n', '\r'])
}

fn rewrite_fence(fence: &Fence, lines: &mut [String], rules: &[Rule]) {
    let Ok(code) = rewrite(&fence.code(), rules) else { return };
    let rewritten: Vec<&str> = code.lines().collect();
    if rewritten.len() != fence.lines.len() {
        return;
    }
    for ((line, before), after) in lines.iter_mut().zip(&fence.lines).zip(rewritten) {
        let (hidden, rest) = split_hidden(before);
        let old = if hidden.is_empty() { before } else { rest };
        if old != after
            && let Some(at) = line.rfind(old)
        {
            line.replace_range(at..at + old.len(), after);
        }
    }
}
