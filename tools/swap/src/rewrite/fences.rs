//! The fenced blocks of code in documentation, and what rustdoc would do with each.

/// A block of code between two fences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fence {
    /// Where its code begins, in lines of the documentation, from 0.
    pub(crate) first: usize,
    /// The code as it is written, with the `# ` of hidden lines.
    pub(crate) lines: Vec<String>,
    /// The words after the opening fence: `no_run`, `should_panic`, …
    pub(crate) words: Vec<String>,
}

/// Words that leave a block what it is: Rust.
const OF_RUST: [&str; 7] =
    ["rust", "ignore", "no_run", "should_panic", "compile_fail", "test_harness", "standalone_crate"];

impl Fence {
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|other| other == word)
    }

    /// As rustdoc sees it: what is not marked as something else is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        let known = self.words.iter().all(|word| {
            OF_RUST.contains(&word.as_str())
                || word.starts_with("ignore-")
                || word.starts_with("edition")
                || is_error_code(word)
        });
        known || self.has("rust")
    }

    /// The errors of the compiler that it is to end with.
    pub(crate) fn error_codes(&self) -> Vec<&str> {
        self.words.iter().map(String::as_str).filter(|word| is_error_code(word)).collect()
    }

    /// The code as the compiler gets it: hidden lines without their mark.
    pub(crate) fn code(&self) -> String {
        let mut code = String::new();
        for line in &self.lines {
            let (hidden, rest) = split_hidden(line);
            code.push_str(if hidden.is_empty() { line } else { rest });
            code.push('\n');
        }
        code
    }
}

fn is_error_code(word: &str) -> bool {
    word.len() == 5 && word.starts_with('E') && word[1..].bytes().all(|byte| byte.is_ascii_digit())
}

/// The mark of a hidden line with the indentation before it, and the rest; no mark: the whole line is the rest.
/// `##` is a visible line that begins with `#`.
pub(crate) fn split_hidden(line: &str) -> (&str, &str) {
    let indent = line.len() - line.trim_start().len();
    let trimmed = &line[indent..];
    let mark = if trimmed.starts_with("# ") {
        2
    } else if trimmed == "#" || trimmed.starts_with("##") {
        1
    } else {
        return ("", line);
    };
    line.split_at(indent + mark)
}

/// The fenced blocks in lines of Markdown.
pub(crate) fn fences<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut open: Option<(char, usize, usize, Fence)> = None;
    for (number, line) in lines.into_iter().enumerate() {
        let trimmed = line.trim_start();
        let (mark, length) = fence_mark(trimmed);
        match &mut open {
            None if length >= 3 => {
                let words = words(&trimmed[length..]);
                let indent = line.len() - trimmed.len();
                open = Some((mark, length, indent, Fence { first: number + 1, lines: Vec::new(), words }));
            }
            None => {}
            Some((its_mark, its_length, ..))
                if mark == *its_mark && length >= *its_length && trimmed[length..].trim().is_empty() =>
            {
                found.extend(open.take().map(|(.., fence)| fence));
            }
            Some((.., indent, fence)) => {
                let blanks = line.len() - trimmed.len();
                fence.lines.push(line[blanks.min(*indent)..].to_owned());
            }
        }
    }
    found
}

fn fence_mark(trimmed: &str) -> (char, usize) {
    let mark = trimmed.chars().next().filter(|mark| matches!(mark, '`' | '~')).unwrap_or(' ');
    (mark, if mark == ' ' { 0 } else { trimmed.len() - trimmed.trim_start_matches(mark).len() })
}

fn words(info: &str) -> Vec<String> {
    // What is in parentheses is a comment.
    let info = info.split('(').next().unwrap_or_default();
    let words = info.split([',', ' ', '\t']).map(|word| word.trim_matches(['{', '}', '.']));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
