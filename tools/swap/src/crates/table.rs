//! What came of the crates, for a person: a line, and a table in Markdown.

use super::trial::Verdict;
use crate::suite::{findings, scratch::Side};

impl Verdict {
    /// `threadpool 1.8.1: 17 tests pass with std; gordian watching: 17 of 17; …`
    pub(crate) fn line(&self) -> String {
        let after =
            self.after.iter().map(|(side, passed)| format!("; {}: {passed} of {}", side.title("std"), self.before));
        let ratios = self.ratios.iter().map(|(side, ratio)| format!("{ratio:.2} ({})", side.title("std")));
        format!(
            "{} {}: {} tests pass with std{}; findings: {}; time: {}",
            self.name,
            self.version,
            self.before,
            after.collect::<String>(),
            self.counted(),
            ratios.collect::<Vec<_>>().join(", ")
        )
    }

    fn counted(&self) -> String {
        findings::counted(self.findings.iter().map(|(_, finding)| finding))
    }

    fn row(&self) -> String {
        let passed = |side: Side| self.after.iter().find(|(of, _)| *of == side).map_or(0, |(_, passed)| *passed);
        let ratio = |side: Side| self.ratios.iter().find(|(of, _)| *of == side).map_or(f64::NAN, |(_, ratio)| *ratio);
        format!(
            "| {} | {} | {} | {} | {} | {} | {:.2} | {:.2} |\n",
            self.name,
            self.version,
            self.before,
            passed(Side::Watching),
            passed(Side::Off),
            self.counted(),
            ratio(Side::Watching),
            ratio(Side::Off)
        )
    }
}

/// A row for each.
pub(crate) fn markdown(verdicts: &[Verdict]) -> String {
    let head = "| crate | version | tests that pass with std | of these, watching | of these, off | findings | time, watching | time, off |\n\
                |---|---|--:|--:|--:|---|--:|--:|\n";
    head.to_owned() + &verdicts.iter().map(Verdict::row).collect::<String>()
}
