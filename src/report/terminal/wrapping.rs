//! Length limit and wrapping for messages of the text report.

use unicode_width::UnicodeWidthStr;

use super::Look;
use super::mark::wrap;

/// Maximum number of characters of a message.
pub(super) const MESSAGE: usize = 600;

/// Wrapped text with a hanging indent: further lines begin below the first word.
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

/// The lines, each with a line feed.
pub(super) fn ended(lines: Vec<String>) -> String {
    lines.into_iter().map(|line| line + "\n").collect()
}
