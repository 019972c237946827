//! The list of tests that are left out, each with its reason.
//!
//! A line is `NAME: REASON`; in a name, `*` stands for anything. `#` begins a comment. Two lines say what the list was
//! made for: `source VERSION` (of the tests) and `rustc VERSION` (that compiled them).

use std::cell::Cell;

#[derive(Debug, Default)]
pub(crate) struct Exclusions {
    pub(crate) source: String,
    pub(crate) rustc: String,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    reason: String,
    used: Cell<bool>,
}

impl Exclusions {
    /// From the text of the file, or what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Exclusions, String> {
        let mut list = Exclusions::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
            } else if let Some((name, reason)) = line.split_once(": ") {
                list.rows.push(Row { name: name.to_owned(), reason: reason.trim().to_owned(), used: Cell::new(false) });
            } else if let Some(version) = line.strip_prefix("source ") {
                list.source = version.to_owned();
            } else if let Some(version) = line.strip_prefix("rustc ") {
                list.rustc = version.to_owned();
            } else {
                return Err(format!("line {}: neither `NAME: REASON` nor a version: {line}", number + 1));
            }
        }
        Ok(list)
    }

    /// Forgets the rows whose names begin like this, which do not count here.
    pub(crate) fn forget(&mut self, beginning: &str) {
        self.rows.retain(|row| !row.name.starts_with(beginning));
    }

    /// The reason for which this test is left out.
    pub(crate) fn reason(&self, test: &str) -> Option<&str> {
        let row = self.rows.iter().find(|row| matches(&row.name, test))?;
        row.used.set(true);
        Some(&row.reason)
    }

    /// Rows that no test has asked for.
    pub(crate) fn unused(&self) -> Vec<&str> {
        self.rows.iter().filter(|row| !row.used.get()).map(|row| row.name.as_str()).collect()
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    let Some(rest) = name.strip_prefix(head) else { return false };
    rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| matches(tail, &rest[at..]))
}

#[cfg(test)]
mod tests {
    use super::{Exclusions, matches};

    #[test]
    fn patterns() {
        assert!(matches("sync::mutex::smoke", "sync::mutex::smoke"));
        assert!(!matches("sync::mutex::smoke", "sync::mutex::smoke2"));
        assert!(!matches("sync::mutex::smoke", "sync::mutex"));
        assert!(matches("sync::*::nonpoison_*", "sync::mutex::nonpoison_smoke"));
        assert!(!matches("sync::*::nonpoison_*", "sync::mutex::poison_smoke"));
        assert!(matches("*_mapped", "a_mapped_mapped") && !matches("*_mapped", "a_mapped_x"));
        assert!(matches("*", "a") && matches("a*", "a"));
    }

    #[test]
    fn a_list() {
        let list =
            Exclusions::parse("# why\nsource 1.96.0\nrustc 1.95.0\n\na::b: no reason: none\nc*: x\n").expect("a list");
        assert_eq!((list.source.as_str(), list.rustc.as_str()), ("1.96.0", "1.95.0"));
        assert_eq!(list.reason("a::b"), Some("no reason: none"));
        assert_eq!(list.reason("b"), None);
        assert_eq!(list.unused(), ["c*"]);
        let mut list = list;
        list.forget("a::");
        assert_eq!((list.reason("a::b"), list.reason("c::d")), (None, Some("x")));
        assert!(Exclusions::parse("nonsense").is_err());
    }
}
