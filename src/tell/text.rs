//! A report as a person reads it.

use super::names::{amount, is_risky, past, past_exactly, shown, some_of, use_of};
use crate::{
    model::{Mode, Rule},
    report::{Frame, HoldReport, OperationReport, Report, ThreadReport, WaitReport},
};
use std::fmt;

/// More threads than this are not told one by one.
const MOST_THREADS: usize = 16;
/// More frames than this are not printed.
const MOST_FRAMES: usize = 40;
/// So many of a thread's last operations tell how it came here.
const LAST_OPERATIONS: usize = 8;
/// What a thread's lines are indented by, label included.
const LABEL: usize = 14;

/// How a report is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// With SGR escape codes, for a terminal.
    pub color: bool,
    /// Sentences are broken before this column.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Style {
        Style { color: false, width: 100 }
    }
}

/// The report as text, ending in a newline.
pub fn render(report: &Report, style: Style) -> String {
    let mut page = Page { text: String::new(), style };
    page.title(report);
    if is_warning(report) {
        page.warning(report)
    } else {
        page.deadlock(report)
    }
    page.text
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&render(self, Style::default()))
    }
}

/// The variable that says from when on it is told.
fn threshold(rule: Rule) -> Option<&'static str> {
    match rule {
        Rule::LongHold => Some("GORDIAN_LONG_HOLD"),
        Rule::LongWait => Some("GORDIAN_LONG_WAIT"),
        Rule::LongPoll => Some("GORDIAN_LONG_POLL"),
        _ => None,
    }
}

fn is_warning(report: &Report) -> bool {
    report.rule.is_warning()
}

#[derive(Clone, Copy)]
enum Ink {
    Alarm,
    Warning,
    Name,
    Label,
    Faint,
    Heading,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Ink::Alarm => "1;31",
            Ink::Warning => "1;33",
            Ink::Name => "1",
            Ink::Label => "36",
            Ink::Faint => "2",
            Ink::Heading => "1;32",
        }
    }
}

struct Page {
    text: String,
    style: Style,
}

impl Page {
    fn title(&mut self, report: &Report) {
        let ink = if is_warning(report) { Ink::Warning } else { Ink::Alarm };
        let title = self.inked(ink, &format!("gordian: {}", report.title));
        self.line(&title);
    }

    /// One paragraph: nothing is wrong yet.
    fn warning(&mut self, report: &Report) {
        let (told, rest) = report.story.split_at(report.story.len().min(MOST_THREADS));
        told.iter().for_each(|words| self.paragraph(2, 2, words));
        self.and_more(rest.len());
        report.advice.iter().for_each(|words| self.paragraph(2, 2, words));
        if let Some(variable) = threshold(report.rule) {
            let foot = self.inked(Ink::Faint, &format!("({variable} sets the threshold, `off` is none.)"));
            self.line(&format!("  {foot}"));
        }
        // In a long poll, of the thread that polls: the task is what that thread is at.
        let in_poll = matches!(report.rule, Rule::LongPoll | Rule::BlockingInTask);
        if let Some(thread) = report.threads.last().filter(|_| in_poll) {
            self.entries("in spans", (!thread.spans.is_empty()).then(|| span_words(&thread.spans)).into_iter());
        }
        let shown = if report.rule == Rule::LongPoll { report.threads.last() } else { report.threads.first() };
        shown.into_iter().for_each(|thread| self.stack(&thread.stack));
    }

    fn deadlock(&mut self, report: &Report) {
        self.gap();
        let (told, rest) = report.story.split_at(report.story.len().min(MOST_THREADS));
        told.iter().for_each(|words| self.paragraph(2, 2, words));
        self.and_more(rest.len());
        self.drawing(&report.drawing);
        let (told, rest) = report.threads.split_at(report.threads.len().min(MOST_THREADS));
        told.iter().for_each(|thread| self.thread(thread));
        self.and_more(rest.len());
        self.victims(&report.victims);
        self.advice(&report.advice);
        if let Some(doubt) = &report.doubt {
            self.gap();
            self.paragraph(2, 2, doubt);
        }
        self.gap();
        let foot = format!(
            "Finding {} of this process, after {}; fingerprint {}.",
            report.number,
            amount(report.at),
            report.fingerprint
        );
        let foot = self.inked(Ink::Faint, &foot);
        self.line(&format!("  {foot}"));
    }

    fn and_more(&mut self, count: usize) {
        if count > 0 {
            self.line(&format!("  ... and {count} more (all of them stand in the JSON form of this report)"));
        }
    }

    fn drawing(&mut self, drawing: &[String]) {
        if drawing.is_empty() {
            return;
        }
        self.gap();
        for line in drawing {
            let line = self.names_inked(line);
            self.line(&format!("      {line}"));
        }
    }

    fn thread(&mut self, thread: &ThreadReport) {
        self.gap();
        // An unnamed thread's label says where it was spawned: here that comes after.
        let label = if thread.name.is_some() { &thread.label } else { thread.label.split(" (").next().unwrap_or("") };
        let label = self.inked(Ink::Name, &super::names::sentence(label));
        let mut notes: Vec<String> = Vec::new();
        notes.extend(thread.ended.then(|| "ended".into()));
        notes.extend(thread.daemon.then(|| "daemon".into()));
        notes.extend(thread.os_id.map(|id| format!("OS id {id}")));
        notes.extend(thread.spawned.as_ref().map(|at| format!("spawned at {}", shown(at))));
        let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
        let notes = self.inked(Ink::Faint, &notes);
        self.line(&format!("  {label}{notes}"));
        let (given, taken): (Vec<&HoldReport>, Vec<&HoldReport>) = thread.holds.iter().partition(|hold| hold.granted);
        self.entries(if thread.ended { "leaked" } else { "holds" }, taken.into_iter().map(hold_words));
        self.entries("was given", given.into_iter().map(given_words));
        let also = thread.also.iter().map(|wait| words!("or ", wait_words(wait)));
        self.entries("waits", thread.waits.iter().map(wait_words).chain(also));
        self.entries("in spans", (!thread.spans.is_empty()).then(|| span_words(&thread.spans)).into_iter());
        self.recent(thread);
        self.stack(&thread.stack);
        self.hold_stacks(&thread.holds, thread.stack.is_empty());
    }

    fn entries(&mut self, label: &str, entries: impl Iterator<Item = String>) {
        let mut label = label;
        for entry in entries {
            self.entry(label, &entry);
            label = "";
        }
    }

    /// A labelled line, broken under itself.
    fn entry(&mut self, label: &str, words: &str) {
        let padding = " ".repeat((LABEL - 4).saturating_sub(label.len()));
        let label = self.inked(Ink::Label, label);
        self.text.push_str(&format!("    {label}{padding}"));
        self.broken(LABEL, LABEL, words);
    }

    fn recent(&mut self, thread: &ThreadReport) {
        // The last of them; the report itself has them all.
        let recent = &thread.recent[thread.recent.len().saturating_sub(LAST_OPERATIONS)..];
        let width = |words: fn(&OperationReport) -> String| {
            recent.iter().map(|op| words(op).chars().count()).max().unwrap_or(0)
        };
        let (ago, what) = (width(|op| past_exactly(op.ago)), width(|op| op.what.clone()));
        let lines: Vec<String> = recent
            .iter()
            .map(|op| {
                let place = op.place.as_ref().map_or(String::new(), shown);
                format!("{:>ago$}  {:<what$}  {place}", past_exactly(op.ago), op.what).trim_end().to_string()
            })
            .collect();
        let mut label = "did last";
        for line in lines {
            self.raw_entry(label, &line);
            label = "";
        }
        if thread.lost > 0 {
            self.raw_entry(label, &format!("({} more operations were lost)", thread.lost));
        }
    }

    /// A labelled line that is not broken.
    fn raw_entry(&mut self, label: &str, words: &str) {
        let padding = " ".repeat((LABEL - 4).saturating_sub(label.len()));
        let (label, words) = (self.inked(Ink::Label, label), self.names_inked(words));
        self.line(&format!("    {label}{padding}{words}"));
    }

    fn stack(&mut self, stack: &[Frame]) {
        self.labelled_stack("stack", stack);
    }

    fn labelled_stack(&mut self, label: &str, stack: &[Frame]) {
        let mut label = label;
        for frame in stack.iter().take(MOST_FRAMES) {
            self.raw_entry(label, &frame_words(frame));
            label = "";
        }
        if stack.len() > MOST_FRAMES {
            self.raw_entry("", &format!("... and {} more frames", stack.len() - MOST_FRAMES));
        }
    }

    /// `first`: no other stack stands before them.
    fn hold_stacks(&mut self, holds: &[HoldReport], first: bool) {
        let mut label = if first { "stack" } else { "" };
        for hold in holds.iter().filter(|hold| !hold.stack.is_empty()) {
            let how = if hold.granted { "was given to a future that began to wait for it in" } else { "was taken in" };
            self.entry(label, &format!("{} {how}:", hold.object.label));
            label = "";
            self.labelled_stack("", &hold.stack);
        }
    }

    fn victims(&mut self, victims: &[String]) {
        if victims.is_empty() {
            return;
        }
        self.gap();
        let (told, rest) = victims.split_at(victims.len().min(MOST_THREADS));
        let mut told = told.to_vec();
        if !rest.is_empty() {
            told.push(format!("{} more", rest.len()));
        }
        self.paragraph(2, 2, &format!("Stuck because of it: {}.", super::names::listed(&told)));
    }

    fn advice(&mut self, advice: &[String]) {
        if advice.is_empty() {
            return;
        }
        self.gap();
        let heading = self.inked(Ink::Heading, "What to change:");
        self.line(&format!("  {heading}"));
        advice.iter().for_each(|words| self.paragraph(2, 4, &format!("- {words}")));
    }

    fn paragraph(&mut self, first: usize, indent: usize, words: &str) {
        self.text.push_str(&" ".repeat(first));
        self.broken(first, indent, words);
    }

    /// Breaks between words before the width; the first line has begun already, up to column `at`.
    fn broken(&mut self, at: usize, indent: usize, words: &str) {
        let mut column = at;
        let mut fresh = true;
        for word in words_of(words) {
            let width = word.chars().count();
            if !fresh && column + 1 + width > self.style.width {
                self.text.push('\n');
                self.text.push_str(&" ".repeat(indent));
                (column, fresh) = (indent, true);
            }
            if !fresh {
                self.text.push(' ');
                column += 1;
            }
            let word = self.names_inked(word);
            self.text.push_str(&word);
            column += width;
            fresh = false;
        }
        self.text.push('\n');
    }

    fn gap(&mut self) {
        self.text.push('\n');
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn inked(&self, ink: Ink, words: &str) -> String {
        if !self.style.color || words.is_empty() {
            return words.into();
        }
        format!("\x1b[{}m{words}\x1b[0m", ink.code())
    }

    /// What stands in backquotes is a name.
    fn names_inked(&self, words: &str) -> String {
        if !self.style.color {
            return words.into();
        }
        let mut inked = String::new();
        for (index, part) in words.split('`').enumerate() {
            if index > 0 {
                inked.push('`');
            }
            inked.push_str(&if index % 2 == 1 { self.inked(Ink::Name, part) } else { part.into() });
        }
        inked
    }
}

/// Words to break between: what stands in backquotes stays together, and so do a number and its unit.
fn words_of(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (index, char) in text.char_indices() {
        match char {
            '`' => quoted = !quoted,
            ' ' if !quoted && !is_amount(text, index) => {
                words.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the space at `index` is the one in `1.1 s`.
fn is_amount(text: &str, index: usize) -> bool {
    let (number, unit) =
        (text[..index].chars().next_back(), text[index + 1..].split(|char: char| !char.is_alphabetic()).next());
    number.is_some_and(|char| char.is_ascii_digit()) && matches!(unit, Some("s" | "ms" | "min" | "h"))
}

fn hold_words(hold: &HoldReport) -> String {
    let place = hold.place.as_ref().map_or(String::new(), |place| format!(" at {}", shown(place)));
    let (how, verb) = match hold.mode {
        Mode::Init => (", whose initialiser it runs", "begun"),
        mode => (use_of(hold.object.kind, mode), "taken"),
    };
    format!("{}{}{how}, {verb} {}{place}", some_of(hold.object.kind), hold.object.label, past(hold.since))
}

/// Of what nobody has a guard of yet.
pub(super) fn given_words(hold: &HoldReport) -> String {
    let place = hold.place.as_ref().map_or(String::new(), |place| words!(" at ", shown(place)));
    let (object, since) = (&hold.object, past(hold.since));
    let what = words!(object.label, use_of(object.kind, hold.mode));
    words!(what, ", waited for since ", since, place, ", in a future that has not been polled since")
}

fn wait_words(wait: &WaitReport) -> String {
    let place = wait.place.as_ref().map_or(String::new(), |place| format!(" at {}", shown(place)));
    format!("{}, begun {}{place}", wait.label, past(wait.since))
}

/// Spans come from the user's fields: nothing a terminal would obey.
fn span_words(spans: &[String]) -> String {
    let clean = |span: &String| {
        span.chars().flat_map(|c| if is_risky(c) { c.escape_default().collect() } else { vec![c] }).collect::<String>()
    };
    spans.iter().map(clean).collect::<Vec<_>>().join(" > ")
}

fn frame_words(frame: &Frame) -> String {
    match (&frame.function, &frame.place) {
        (Some(function), Some(place)) => format!("{function} at {}", shown(place)),
        (Some(function), None) => function.clone(),
        (None, Some(place)) => format!("at {}", shown(place)),
        (None, None) => format!("{:#x}", frame.address),
    }
}

/// One line that is not a report.
pub(super) fn plain_line(words: &str) -> String {
    format!("gordian: {}\n", words.lines().map(printable_line).collect::<Vec<_>>().join(" "))
}

fn printable_line(line: &str) -> String {
    line.chars().flat_map(|c| if is_risky(c) { c.escape_default().collect() } else { vec![c] }).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::names::printable, *};

    #[test]
    fn a_name_is_never_broken() {
        assert_eq!(words_of("for 1.1 s, in 20 steps"), ["for", "1.1 s,", "in", "20", "steps"]);
        assert_eq!(words_of("takes `a b c` first"), ["takes", "`a b c`", "first"]);
    }

    #[test]
    fn a_name_cannot_command_the_terminal() {
        assert_eq!(printable("a\x1b[31mb\nc"), "a\\u{1b}[31mb\\nc");
        assert_eq!(printable(&"x".repeat(500)).len(), 83);
    }
}
