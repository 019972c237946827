//! Reads what `rustc --emit=asm` writes, as far as it takes to compare two such files.

use std::collections::{BTreeMap, VecDeque};

/// The blocks of an assembly file, by the symbol that each starts with.
pub(crate) struct Listing<'a> {
    blocks: BTreeMap<&'a str, Block<'a>>,
    /// Other names of symbols: equal functions may share one block.
    aliases: BTreeMap<&'a str, &'a str>,
}

#[derive(Default)]
struct Block<'a> {
    /// Instructions and inner labels, or what data points to.
    lines: Vec<&'a str>,
    is_code: bool,
}

impl<'a> Listing<'a> {
    pub(crate) fn parse(assembly: &'a str) -> Listing<'a> {
        let mut blocks = BTreeMap::<&str, Block<'_>>::new();
        let mut aliases = BTreeMap::new();
        let mut symbol = None;
        let mut inside = false;
        for line in assembly.lines() {
            if let Some((alias, of)) = alias(line) {
                aliases.insert(alias, of);
            } else if line.trim() == ".cfi_startproc" {
                inside = true;
                blocks.entry(symbol.expect("a function starts with its label")).or_default().is_code = true;
            } else if line.trim() == ".cfi_endproc" {
                (inside, symbol) = (false, None);
            } else if let Some(label) = label(line).filter(|_| !inside) {
                symbol = Some(label);
                blocks.entry(label).or_default();
            } else if let Some(symbol) = symbol
                && (!is_directive(line) || points(line))
            {
                blocks.entry(symbol).or_default().lines.push(line.trim());
            }
        }
        Listing { blocks, aliases }
    }

    /// The block of `symbol` and all it reaches, with names that do not depend on the file.
    pub(crate) fn reached_from(&self, symbol: &'a str) -> String {
        let mut walk = Walk { listing: self, numbers: BTreeMap::new(), queue: VecDeque::new() };
        walk.number(self.find(symbol));
        let mut text = String::new();
        while let Some(symbol) = walk.queue.pop_front() {
            walk.write(symbol, &mut text);
        }
        text
    }

    /// Every function reached.
    pub(crate) fn symbols_reached_from(&self, symbols: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
        let mut walk = Walk { listing: self, numbers: BTreeMap::new(), queue: VecDeque::new() };
        for symbol in symbols {
            walk.number(self.find(symbol));
        }
        while let Some(symbol) = walk.queue.pop_front() {
            walk.write(symbol, &mut String::new());
        }
        walk.numbers.into_keys().filter(|symbol| self.blocks[symbol].is_code).collect()
    }

    /// Whether this is data that leads to no code: texts, and places in the source.
    fn is_constant(&self, symbol: &str) -> bool {
        let leads_to_constants =
            |line: &&str| words(line).skip(1).filter(|word| is_name(word)).all(|word| self.is_constant(word));
        self.blocks.get(symbol).is_some_and(|block| !block.is_code && block.lines.iter().all(leads_to_constants))
    }

    /// Some platforms put an underscore in front of every symbol.
    fn find(&self, symbol: &str) -> &'a str {
        let found = self.blocks.keys().find(|known| **known == symbol || known.strip_prefix('_') == Some(symbol));
        found.unwrap_or_else(|| panic!("{symbol} is in the assembly"))
    }
}

/// How many instructions [`Listing::reached_from`] has written.
pub(crate) fn instructions(text: &str) -> usize {
    let is_instruction = |line: &&str| line.starts_with(' ') && !line.ends_with(':') && !is_directive(line);
    text.lines().filter(is_instruction).count()
}

/// What it calls, in no order. Functions of the same file have numbers there, which the order gives: they count as one.
pub(crate) fn calls(text: &str) -> Vec<&str> {
    let is_call = |name: &str| name.starts_with("call") || matches!(name, "bl" | "blr");
    let instructions = text.lines().filter_map(|line| line.trim().split_once(char::is_whitespace));
    let targets = instructions.filter(|(name, _)| is_call(name)).map(|(_, target)| target.trim());
    let mut calls: Vec<&str> = targets.map(|target| if target.starts_with('<') { "<>" } else { target }).collect();
    calls.sort_unstable();
    calls
}

struct Walk<'a, 'b> {
    listing: &'b Listing<'a>,
    numbers: BTreeMap<&'a str, usize>,
    queue: VecDeque<&'a str>,
}

impl<'a> Walk<'a, '_> {
    /// Blocks are numbered in the order in which they are reached.
    fn number(&mut self, symbol: &'a str) -> usize {
        let next = self.numbers.len();
        let queue = &mut self.queue;
        *self.numbers.entry(symbol).or_insert_with(|| {
            queue.push_back(symbol);
            next
        })
    }

    fn write(&mut self, symbol: &'a str, text: &mut String) {
        let mut labels = BTreeMap::new();
        *text += &format!("<{}>\n", self.numbers[symbol]);
        let listing = self.listing;
        for line in &listing.blocks[symbol].lines {
            *text += "    ";
            for word in words(line) {
                let word = listing.aliases.get(word).copied().unwrap_or(word);
                if listing.is_constant(word) {
                    *text += "<constant>";
                } else if let Some(known) = listing.blocks.get_key_value(word) {
                    *text += &format!("<{}>", self.number(known.0));
                } else if is_local(word) {
                    let next = labels.len();
                    *text += &format!("label{}", labels.entry(word).or_insert(next));
                } else {
                    *text += word;
                }
            }
            *text += "\n";
        }
    }
}

/// The symbol that a line defines. A function that can unwind has a second one, for its tables.
fn label(line: &str) -> Option<&str> {
    let label = line.strip_suffix(':')?;
    (!label.starts_with(char::is_whitespace) && !label.contains("Lfunc_begin")).then_some(label)
}

/// `one = other`, or the same as a directive.
fn alias(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let pair = line.strip_prefix(".set").map_or_else(|| line.split_once(" = "), |set| set.split_once(','));
    pair.map(|(alias, of)| (alias.trim(), of.trim()))
}

fn is_directive(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        || line.starts_with('#')
        || line.starts_with("//")
        || (line.starts_with('.') && !line.ends_with(':'))
}

/// Data that holds an address, such as a vtable's entry. Other data is sizes, texts and places in the source.
fn points(line: &str) -> bool {
    let mut words = line.split_whitespace();
    matches!(words.next(), Some(".quad" | ".xword" | ".long" | ".word"))
        && words.next().is_some_and(|value| !value.starts_with(|c: char| c.is_ascii_digit() || c == '-'))
}

fn is_local(word: &str) -> bool {
    word.starts_with(".L") || word.starts_with("LBB") || word.starts_with("Ltmp")
}

fn is_name(word: &str) -> bool {
    !word.starts_with(|c: char| c.is_ascii_digit()) && word.contains(char::is_alphanumeric)
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    let in_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$');
    let mut rest = line;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|c| in_word(c) != in_word(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}
