//! Events as lines of JSON text.

use crate::model::Nanos;
use std::sync::Arc;

/// The inside of a JSON string: escaped, without its quotes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Text(Arc<str>);

impl Text {
    pub(super) fn new(text: &str) -> Text {
        // The quotes, and at most `\u0000` for each byte: there is room, so it cannot fail.
        let mut quoted = vec![0; 2 + 6 * text.len()];
        let length = serde_json_core::to_slice(text, &mut quoted).unwrap_or(2);
        Text(String::from_utf8_lossy(&quoted[1..length - 1]).into())
    }

    /// Of what has been escaped.
    pub(super) fn escaped(text: String) -> Text {
        Text(text.into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text that has not been written yet: whole events, one a line.
pub(super) struct Lines {
    out: Vec<u8>,
    /// `,"pid":1234,"tid":`
    process: String,
    first: bool,
}

impl Lines {
    pub(super) fn new(pid: u64) -> Lines {
        Lines { out: Vec::new(), process: format!(",\"pid\":{pid},\"tid\":"), first: true }
    }

    pub(super) fn pending(&self) -> &[u8] {
        &self.out
    }

    pub(super) fn clear(&mut self) {
        self.out.clear();
    }

    /// Closes the array.
    pub(super) fn close(&mut self) {
        self.out.extend_from_slice(if self.first { b"[]\n" } else { b"\n]\n" });
    }

    /// Begins an event of this phase (`ph`) on a track at a time.
    pub(super) fn event(&mut self, phase: &'static str, tid: u64, at: Nanos) -> Line<'_> {
        self.out.extend_from_slice(if self.first { b"[\n{\"ph\":\"" } else { b",\n{\"ph\":\"" });
        self.first = false;
        self.out.extend_from_slice(phase.as_bytes());
        self.out.push(b'"');
        self.out.extend_from_slice(self.process.as_bytes());
        number(&mut self.out, tid);
        self.out.extend_from_slice(b",\"ts\":");
        micros(&mut self.out, at);
        Line { out: &mut self.out, arguments: false }
    }
}

/// An event that is being written: first its fields, then its arguments, then [`Line::end`].
#[must_use = "an event needs its `end`"]
pub(super) struct Line<'a> {
    out: &'a mut Vec<u8>,
    arguments: bool,
}

impl Line<'_> {
    /// The name, put together from escaped parts.
    pub(super) fn name(self, parts: &[&str]) -> Self {
        self.out.extend_from_slice(b",\"name\":\"");
        for part in parts {
            self.out.extend_from_slice(part.as_bytes());
        }
        self.out.push(b'"');
        self
    }

    pub(super) fn category(self, category: &'static str) -> Self {
        self.out.extend_from_slice(b",\"cat\":\"");
        self.out.extend_from_slice(category.as_bytes());
        self.out.push(b'"');
        self
    }

    /// Any other field, as JSON text with its comma in front.
    pub(super) fn raw(self, json: &'static str) -> Self {
        self.out.extend_from_slice(json.as_bytes());
        self
    }

    /// The identity that joins the two ends of an arrow.
    pub(super) fn id(self, id: u64) -> Self {
        self.out.extend_from_slice(b",\"id\":");
        number(self.out, id);
        self
    }

    /// The identity that joins begin and end of a hold.
    pub(super) fn local_id(self, id: u64) -> Self {
        self.out.extend_from_slice(b",\"id2\":{\"local\":\"");
        number(self.out, id);
        self.out.extend_from_slice(b"\"}");
        self
    }

    fn key(&mut self, key: &str) {
        self.out.extend_from_slice(if self.arguments { b",\"" } else { b",\"args\":{\"" });
        self.arguments = true;
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    /// An argument: an escaped key and an escaped text.
    pub(super) fn text(mut self, key: &str, escaped: &str) -> Self {
        self.key(key);
        self.out.push(b'"');
        self.out.extend_from_slice(escaped.as_bytes());
        self.out.push(b'"');
        self
    }

    /// The same where there may be none.
    pub(super) fn text_if(self, key: &str, escaped: Option<&Text>) -> Self {
        match escaped {
            Some(escaped) => self.text(key, escaped.as_str()),
            None => self,
        }
    }

    pub(super) fn number(mut self, key: &str, value: u64) -> Self {
        self.key(key);
        number(self.out, value);
        self
    }

    /// An argument of several lines. An array, since viewers show the escapes of a text with line ends.
    pub(super) fn lines<'t>(mut self, key: &str, lines: impl Iterator<Item = &'t str>) -> Self {
        self.key(key);
        self.out.push(b'[');
        for (index, line) in lines.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.push(b'"');
            self.out.extend_from_slice(Text::new(line).as_str().as_bytes());
            self.out.push(b'"');
        }
        self.out.push(b']');
        self
    }

    pub(super) fn end(self) {
        self.out.extend_from_slice(if self.arguments { b"}}" } else { b"}" });
    }
}

/// Microseconds with three decimals: what viewers expect, without the rounding of a float.
fn micros(out: &mut Vec<u8>, at: Nanos) {
    number(out, at / 1000);
    let rest = (at % 1000) as u32;
    out.extend_from_slice(&[b'.', digit(rest / 100), digit(rest / 10), digit(rest)]);
}

fn digit(value: u32) -> u8 {
    b'0' + (value % 10) as u8
}

fn number(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_are_written_in_full() {
        for value in [0, 9, 10, 12_345, u64::MAX] {
            assert_eq!(written(|out| number(out, value)), value.to_string());
        }
    }

    #[test]
    fn times_are_microseconds_to_the_nanosecond() {
        assert_eq!(written(|out| micros(out, 0)), "0.000");
        assert_eq!(written(|out| micros(out, 1_042)), "1.042");
        assert_eq!(written(|out| micros(out, 2_592_000_000_000_001)), "2592000000000.001");
    }

    #[test]
    fn texts_are_escaped() {
        assert_eq!(Text::new("a \"b\" \\ \n\u{1}é").as_str(), "a \\\"b\\\" \\\\ \\n\\u0001é");
    }
}
