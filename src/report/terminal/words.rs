//! Sentences of a text report: how long they may be, how they count, how they are wrapped.

use unicode_width::UnicodeWidthStr;

use super::Look;
use super::mark::wrap;

/// Characters of a message at most.
pub(super) const WORDS: usize = 600;

/// `1 case`, `2 cases`
pub(super) fn counted(number: usize, what: &str) -> String {
    if number == 1 {
        format!("1 {what}")
    } else {
        format!("{number} {what}s")
    }
}

/// Wrapped text whose further lines stand below its first word.
pub(super) fn hanging(start: &str, text: &str, look: Look) -> Vec<String> {
    let indent = start.width();
    let lines = wrap(text, look.room(indent)).into_iter().enumerate();
    lines
        .map(|(index, line)| {
            let before = if index == 0 { start } else { "" };
            format!("{before:<indent$}{line}")
        })
        .collect()
}
