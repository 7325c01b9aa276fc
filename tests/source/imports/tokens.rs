//! Paths in the tokens of macros and attributes, which are not parsed.

use proc_macro2::{TokenStream, TokenTree};

/// Names with `::` between them, or a single name.
pub struct TokenPath {
    pub names: Vec<String>,
    pub line: usize,
}

/// All paths, those in brackets included.
pub fn paths(tokens: &TokenStream) -> Vec<TokenPath> {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    let mut paths_found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) => paths_found.extend(paths(&group.stream())),
            TokenTree::Ident(first) => {
                let names = path_at(&tokens, at);
                // A name, and two colons before each further name.
                let length = 1 + 3 * (names.len() - 1);
                if !is_part_of_other(&tokens, at, &names) {
                    let line = first.span().start().line;
                    paths_found.push(TokenPath { names, line });
                }
                at += length - 1;
            }
            TokenTree::Literal(_) | TokenTree::Punct(_) => {}
        }
        at += 1;
    }
    paths_found
}

/// The names of the path that begins at a token: `a::b::c`.
fn path_at(tokens: &[TokenTree], start: usize) -> Vec<String> {
    let mut path = vec![tokens[start].to_string()];
    let mut rest = &tokens[start + 1..];
    while let [first, second, TokenTree::Ident(name), after @ ..] = rest
        && is_punct(first, ':')
        && is_punct(second, ':')
    {
        path.push(name.to_string());
        rest = after;
    }
    path
}

/// Whether the path belongs to something else: a field or method, a lifetime, a longer path, or a field's name in `name: value`.
fn is_part_of_other(tokens: &[TokenTree], start: usize, path: &[String]) -> bool {
    let follows = start.checked_sub(1).is_some_and(|before| {
        let is = |mark| is_punct(&tokens[before], mark);
        let is_path_separator = is(':') && !is_single_colon(tokens, before);
        let is_macro_variable = is('$') && path[0] != "crate";
        is('.') || is('\'') || is_path_separator || is_macro_variable
    });
    follows || (path.len() == 1 && is_single_colon(tokens, start + 1))
}

fn is_single_colon(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |at: usize| tokens.get(at).is_some_and(|token| is_punct(token, ':'));
    is_colon(at) && !is_colon(at + 1) && !at.checked_sub(1).is_some_and(is_colon)
}

fn is_punct(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}
