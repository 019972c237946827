//! `use` declarations: those that name both what stays and what is swapped are taken apart where they stand.
//!
//! `use std::{fmt, sync::Mutex};` becomes `use {std::fmt, gordian::sync::Mutex};`: the same declaration with the same
//! attributes, visibility and lines; what stood before the brace stands before each name.

use super::{Edit, Kind, Rule, Token};
use std::ops::Range;

/// `std::sync::{Arc, Mutex as M}`.
#[derive(Debug)]
pub(super) struct UseTree {
    /// All of it, in the list of tokens.
    pub(super) tokens: Range<usize>,
    /// It begins with `::`.
    leading: bool,
    segments: Vec<String>,
    /// Where the first segment stands, in the list of tokens.
    first: usize,
    ending: Ending,
}

#[derive(Debug)]
enum Ending {
    Name { alias: Option<String> },
    Glob,
    Group { open: usize, children: Vec<UseTree> },
}

/// The `use` declaration whose tree begins at `at`, with its semicolon; none if it is not one.
pub(super) fn parse(tokens: &[Token], at: usize) -> Option<UseTree> {
    let tree = parse_tree(tokens, at)?;
    tokens.get(tree.tokens.end)?.is_punct(';').then_some(tree)
}

fn parse_tree(tokens: &[Token], at: usize) -> Option<UseTree> {
    let kind = |at: usize| tokens.get(at).map(|token| &token.kind);
    let leading = kind(at) == Some(&Kind::PathSep);
    let first = at + usize::from(leading);
    let mut next = first;
    let mut segments = Vec::new();
    loop {
        match kind(next)? {
            Kind::Word(word) => {
                segments.push(word.clone());
                next += 1;
            }
            // `$crate`
            Kind::Punct('$') => {
                segments.push(format!("${}", tokens.get(next + 1)?.word()?));
                next += 2;
            }
            Kind::Punct('*') => {
                return Some(UseTree { tokens: at..next + 1, leading, segments, first, ending: Ending::Glob });
            }
            Kind::Open('{') => {
                let (children, end) = parse_group(tokens, next + 1)?;
                let ending = Ending::Group { open: next, children };
                return Some(UseTree { tokens: at..end, leading, segments, first, ending });
            }
            _ => return None,
        }
        if kind(next) != Some(&Kind::PathSep) {
            break;
        }
        next += 1;
    }
    let mut alias = None;
    if tokens.get(next)?.is_word("as") {
        alias = Some(tokens.get(next + 1)?.word()?.to_owned());
        next += 2;
    }
    Some(UseTree { tokens: at..next, leading, segments, first, ending: Ending::Name { alias } })
}

/// The trees up to the closing brace, and the token after that.
fn parse_group(tokens: &[Token], at: usize) -> Option<(Vec<UseTree>, usize)> {
    let mut children = Vec::new();
    let mut next = at;
    while tokens.get(next)?.kind != Kind::Close {
        let child = parse_tree(tokens, next)?;
        next = child.tokens.end;
        if tokens.get(next)?.is_punct(',') {
            next += 1;
        }
        children.push(child);
    }
    Some((children, next + 1))
}

impl UseTree {
    /// `(std, s)` of `use std as s`, `use std::{self as s}` and `use {std as s}`.
    pub(super) fn renames(&self) -> Vec<(String, String)> {
        self.renames_in(&[])
    }

    fn renames_in(&self, outer: &[String]) -> Vec<(String, String)> {
        let path = self.path(outer);
        match &self.ending {
            Ending::Name { alias: Some(alias) } if path.len() == 1 => vec![(path[0].clone(), alias.clone())],
            Ending::Group { children, .. } => children.iter().flat_map(|child| child.renames_in(&path)).collect(),
            _ => Vec::new(),
        }
    }

    fn path(&self, outer: &[String]) -> Vec<String> {
        let mut path = outer.to_vec();
        path.extend(self.segments.iter().cloned());
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        path
    }
}

/// What the rules say of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Stays,
    /// All of it, to this root.
    Goes(String),
    Mixed,
}

fn verdict(tree: &UseTree, outer: &[String], rules: &[Rule]) -> Verdict {
    let path = tree.path(outer);
    if let Some(rule) = rules.iter().find(|rule| rule.covers(&path)) {
        return Verdict::Goes(rule.root.clone());
    }
    let reached = path.is_empty() || rules.iter().any(|rule| rule.reaches_into(&path));
    match &tree.ending {
        Ending::Glob if reached && !path.is_empty() => Verdict::Mixed,
        Ending::Group { children, .. } if reached => {
            let mut verdicts = children.iter().map(|child| verdict(child, &path, rules));
            let Some(first) = verdicts.next() else { return Verdict::Stays };
            if verdicts.all(|other| other == first) { first } else { Verdict::Mixed }
        }
        _ => Verdict::Stays,
    }
}

/// The edits for a whole declaration.
pub(super) fn edit(tree: &UseTree, tokens: &[Token], rules: &[Rule], edits: &mut Vec<Edit>) {
    match &tree.ending {
        // `use {std::fmt, std::sync};`: each has a root of its own.
        Ending::Group { children, .. } if tree.segments.is_empty() => {
            for child in children {
                edit(child, tokens, rules, edits);
            }
        }
        ending => match verdict(tree, &[], rules) {
            Verdict::Stays => {}
            Verdict::Goes(root) => edits.push(Edit { range: tokens[tree.first].range.clone(), with: root }),
            Verdict::Mixed if matches!(ending, Ending::Glob) => {
                let end = tokens[tree.tokens.end - 1].range.end;
                let start = tokens[tree.tokens.start].range.start;
                edits.push(Edit { range: start..start, with: "{".to_owned() });
                let names = names_in_a_glob(&tree.path(&[]), tree.leading, rules);
                edits.push(Edit { range: end..end, with: format!("{names}}}") });
            }
            Verdict::Mixed => take_apart(tree, &Outer::default(), tokens, rules, edits),
        },
    }
}

/// What stood before a group that has been taken apart.
#[derive(Default)]
struct Outer {
    leading: bool,
    path: Vec<String>,
}

impl Outer {
    fn written(&self, root: Option<&str>) -> String {
        let mut path = self.path.clone();
        if let Some(root) = root {
            path[0] = root.to_owned();
        }
        format!("{}{}", if self.leading { "::" } else { "" }, path.join("::"))
    }
}

/// Takes away what stands before the brace, and puts it before each name inside.
fn take_apart(tree: &UseTree, outer: &Outer, tokens: &[Token], rules: &[Rule], edits: &mut Vec<Edit>) {
    let Ending::Group { open, children } = &tree.ending else { return };
    for token in &tokens[tree.tokens.start..*open] {
        edits.push(Edit { range: token.range.clone(), with: String::new() });
    }
    let inner = Outer { leading: outer.leading || tree.leading, path: tree.path(&outer.path) };
    for child in children {
        let start = tokens[child.tokens.start].range.start;
        match (verdict(child, &inner.path, rules), &child.ending) {
            (Verdict::Mixed, Ending::Group { .. }) => take_apart(child, &inner, tokens, rules, edits),
            (Verdict::Mixed, _) => {
                let end = tokens[child.tokens.end - 1].range.end;
                edits.push(Edit { range: start..start, with: format!("{}::", inner.written(None)) });
                let names = names_in_a_glob(&child.path(&inner.path), inner.leading, rules);
                edits.push(Edit { range: end..end, with: names });
            }
            (verdict, _) => {
                let root = if let Verdict::Goes(root) = &verdict { Some(root.as_str()) } else { None };
                let before = inner.written(root);
                if child.segments.first().is_some_and(|first| first == "self") {
                    edits.push(Edit { range: tokens[child.first].range.clone(), with: before });
                } else {
                    edits.push(Edit { range: start..start, with: format!("{before}::") });
                }
            }
        }
    }
}

/// `use std::*` also names `sync` and `thread`; what is named shadows what a glob brings.
fn names_in_a_glob(path: &[String], leading: bool, rules: &[Rule]) -> String {
    let mut names = Vec::new();
    for rule in rules.iter().filter(|rule| rule.reaches_into(path) && rule.from.len() == path.len() + 1) {
        let mut named = rule.from.clone();
        named[0].clone_from(&rule.root);
        names.push(format!(", {}{}", if leading { "::" } else { "" }, named.join("::")));
    }
    names.concat()
}
