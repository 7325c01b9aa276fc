//! Compares texts: opaque values by their form, words as whole words, pages by their title.

use regex::Captures;

use super::bindings::{is_opaque, opaque_pattern};
use crate::text::cut;

/// A text with every opaque value replaced by its form.
pub(super) fn masked(text: &str) -> String {
    let form = |found: &Captures<'_>| match is_opaque(&found[0]) {
        true => found[0].replace(|c: char| c.is_ascii_hexdigit(), "\u{0}"),
        false => found[0].to_owned(),
    };
    opaque_pattern().replace_all(text, form).into_owned()
}

pub(super) fn contains_word(text: &str, word: &str) -> bool {
    replace_words(text, word, "\u{0}") != text
}

/// Replaces whole words, not parts of a longer word or number.
pub(super) fn replace_words(text: &str, word: &str, by: &str) -> String {
    if word.is_empty() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (at, _) in text.match_indices(word) {
        let end = at + word.len();
        let joined = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if at < done || joined(text[..at].chars().next_back()) || joined(text[end..].chars().next())
        {
            continue;
        }
        out.push_str(&text[done..at]);
        out.push_str(by);
        done = end;
    }
    out.push_str(&text[done..]);
    out
}

/// A description of a page by its title; `""` for an empty page.
pub(super) fn title(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let inner = lower.find("<title>").map(|at| at + "<title>".len());
    let found = inner.and_then(|start| {
        Some(
            page[start..]
                .get(..lower[start..].find("</title>")?)?
                .trim(),
        )
    });
    match found {
        Some(title) => format!("page titled \"{title}\""),
        None if page.trim().is_empty() => String::new(),
        None => "page without a title".to_owned(),
    }
}

/// The beginning of a text, for messages.
pub(super) fn excerpt(text: &str) -> String {
    cut(text, 200)
}
