//! The tokens of an XPath (XPath 1.0, section 3.7). Main function: [`tokens`].

use super::XPathFault;

/// A token, and the byte at which it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Literal(String),
    Number(f64),
    /// A name with its prefix.
    Name(Option<String>, String),
    /// `prefix:*`
    AnyOf(String),
    /// `*` as a name test.
    Any,
    /// Operators, also those that are words, and punctuation.
    Sign(&'static str),
}

/// The signs, longer ones first.
const SIGNS: [&str; 21] = [
    "::", "//", "..", "!=", "<=", ">=", "(", ")", "[", "]", ".", "@", ",", "/", "|", "+", "-", "=",
    "<", ">", "$",
];
/// The operators that are words.
const WORDS: [&str; 4] = ["and", "or", "mod", "div"];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, XPathFault> {
    let mut found: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let rest = &text[at..];
        let (kind, length) = token(rest, follows_operand(&found)).ok_or_else(|| XPathFault {
            message: match c {
                '"' | '\'' => format!("the text that begins with {c} has no end"),
                _ => format!("unexpected `{c}`"),
            },
            at,
            advice: None,
        })?;
        found.push(Token { kind, at });
        at += length;
    }
    Ok(found)
}

/// Whether what is before a token is an operand, so that `*` and words are operators.
fn follows_operand(before: &[Token]) -> bool {
    match before.last().map(|token| &token.kind) {
        None => false,
        Some(TokenKind::Sign(sign)) => [")", "]", ".", ".."].contains(sign),
        Some(_) => true,
    }
}

fn token(rest: &str, after_operand: bool) -> Option<(TokenKind, usize)> {
    let first = rest.chars().next()?;
    if first == '"' || first == '\'' {
        let text = rest[1..].split_once(first)?.0;
        return Some((TokenKind::Literal(text.to_owned()), text.len() + 2));
    }
    let second_is_digit = rest[first.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
    if first.is_ascii_digit() || first == '.' && second_is_digit {
        return number(rest);
    }
    if first == '*' {
        return Some(match after_operand {
            true => (TokenKind::Sign("*"), 1),
            false => (TokenKind::Any, 1),
        });
    }
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return Some((TokenKind::Sign(sign), sign.len()));
    }
    let word = ncname(rest)?;
    if after_operand {
        let operator = WORDS.iter().find(|operator| **operator == word)?;
        return Some((TokenKind::Sign(operator), word.len()));
    }
    let after = &rest[word.len()..];
    if let Some(local) = after
        .strip_prefix(':')
        .filter(|rest| !rest.starts_with(':'))
    {
        if local.starts_with('*') {
            return Some((TokenKind::AnyOf(word.to_owned()), word.len() + 2));
        }
        if let Some(local) = ncname(local) {
            let length = word.len() + 1 + local.len();
            let name = TokenKind::Name(Some(word.to_owned()), local.to_owned());
            return Some((name, length));
        }
    }
    Some((TokenKind::Name(None, word.to_owned()), word.len()))
}

fn number(rest: &str) -> Option<(TokenKind, usize)> {
    let digits = |text: &str| {
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len())
    };
    let mut length = digits(rest);
    if rest[length..].starts_with('.') {
        length += 1 + digits(&rest[length + 1..]);
    }
    let number = rest[..length].parse().ok()?;
    Some((TokenKind::Number(number), length))
}

/// A name without a colon at the beginning of a text (Namespaces in XML, section 3).
fn ncname(text: &str) -> Option<&str> {
    let is_name = |c: char| c.is_alphanumeric() || "_-.\u{b7}".contains(c) || c > '\u{2ff}';
    let first = text.chars().next()?;
    if !(first.is_alphabetic() || first == '_') {
        return None;
    }
    let end = text.find(|c: char| !is_name(c)).unwrap_or(text.len());
    Some(&text[..end])
}
