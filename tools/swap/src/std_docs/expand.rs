//! Macros that make documented items, written out: only those of one rule without repetitions, such as `atomic_int!`.

use proc_macro2::{Group, TokenStream, TokenTree};
use std::collections::HashMap;

/// The tokens, and after them what each call of such a macro, wherever it stands, makes.
pub(super) fn written_out(stream: TokenStream) -> Result<TokenStream, String> {
    let mut macros = Vec::new();
    find_macros(&stream, &mut macros);
    let mut all = stream.clone();
    for rule in macros.iter().filter(|rule| has_documentation(&rule.body)) {
        let mut calls = Vec::new();
        find_calls(&stream, &rule.name, &mut calls);
        for call in calls {
            let bound = bind(&rule.pattern, &call)
                .ok_or_else(|| format!("{}! is called in a way that is not understood", rule.name))?;
            all.extend(substitute(&rule.body, &bound));
        }
    }
    Ok(all)
}

struct Rule {
    name: String,
    pattern: Vec<TokenTree>,
    body: TokenStream,
}

/// `macro_rules! NAME { (PATTERN) => { BODY } }`
fn find_macros(stream: &TokenStream, found: &mut Vec<Rule>) {
    let tokens: Vec<TokenTree> = stream.clone().into_iter().collect();
    for window in tokens.windows(4) {
        if let [TokenTree::Ident(word), _, TokenTree::Ident(name), TokenTree::Group(rules)] = window
            && word == "macro_rules"
        {
            found.extend(only_rule(name.to_string(), &rules.stream()));
        }
    }
    for token in &tokens {
        if let TokenTree::Group(group) = token {
            find_macros(&group.stream(), found);
        }
    }
}

fn only_rule(name: String, rules: &TokenStream) -> Option<Rule> {
    let tokens: Vec<TokenTree> = rules.clone().into_iter().collect();
    let [TokenTree::Group(pattern), _, _, TokenTree::Group(body), rest @ ..] = &tokens[..] else { return None };
    let pattern: Vec<TokenTree> = pattern.stream().into_iter().collect();
    let repeats = pattern.windows(2).any(|two| is_mark(&two[0], '$') && matches!(two[1], TokenTree::Group(_)));
    let only = rest.iter().all(|token| is_mark(token, ';'));
    (only && !repeats).then(|| Rule { name, pattern, body: body.stream() })
}

fn has_documentation(body: &TokenStream) -> bool {
    body.to_string().contains("```")
}

fn find_calls(stream: &TokenStream, name: &str, calls: &mut Vec<Vec<TokenTree>>) {
    let tokens: Vec<TokenTree> = stream.clone().into_iter().collect();
    for window in tokens.windows(3) {
        if let [TokenTree::Ident(called), bang, TokenTree::Group(arguments)] = window
            && called == name
            && is_mark(bang, '!')
        {
            calls.push(arguments.stream().into_iter().collect());
        }
    }
    for token in &tokens {
        if let TokenTree::Group(group) = token {
            find_calls(&group.stream(), name, calls);
        }
    }
}

type Bound = HashMap<String, Vec<TokenTree>>;

/// A variable takes all up to the mark that follows it in the pattern, or one token where another variable follows.
fn bind(pattern: &[TokenTree], call: &[TokenTree]) -> Option<Bound> {
    let mut bound = Bound::new();
    let (mut pattern, mut call) = (pattern, call);
    while let Some(first) = pattern.first() {
        if let [dollar, TokenTree::Ident(name), _, _, after @ ..] = pattern
            && is_mark(dollar, '$')
        {
            let length = match after.first() {
                Some(TokenTree::Punct(mark)) if mark.as_char() != '$' => {
                    call.iter().position(|token| is_mark(token, mark.as_char()))?
                }
                _ => 1,
            };
            bound.insert(name.to_string(), call.get(..length)?.to_vec());
            (pattern, call) = (after, &call[length..]);
        } else {
            let (token, rest) = call.split_first()?;
            if token.to_string() != first.to_string() {
                return None;
            }
            (pattern, call) = (&pattern[1..], rest);
        }
    }
    let trailing = call.iter().all(|token| is_mark(token, ','));
    trailing.then_some(bound)
}

fn substitute(body: &TokenStream, bound: &Bound) -> TokenStream {
    let tokens: Vec<TokenTree> = body.clone().into_iter().collect();
    let mut written = TokenStream::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match (token, tokens.get(at)) {
            (dollar, Some(TokenTree::Ident(name))) if is_mark(dollar, '$') && bound.contains_key(&name.to_string()) => {
                written.extend(bound[&name.to_string()].iter().cloned());
                at += 1;
            }
            (TokenTree::Group(group), _) => {
                let mut inner = Group::new(group.delimiter(), substitute(&group.stream(), bound));
                inner.set_span(group.span());
                written.extend([TokenTree::Group(inner)]);
            }
            (token, _) => written.extend([token.clone()]),
        }
    }
    written
}

fn is_mark(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(mark) if mark.as_char() == wanted)
}
