//! Sentences of a text report: how long they may be, how they are wrapped.

use unicode_width::UnicodeWidthStr;

use super::Look;
use super::mark::wrap;

/// Characters of a message at most.
pub(super) const WORDS: usize = 600;

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

/// Each line ended.
pub(super) fn ended(lines: Vec<String>) -> String {
    lines.into_iter().map(|line| line + "\n").collect()
}
