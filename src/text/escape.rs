//! Text from outside (bodies, headers, messages, names) made harmless: whatever could move a cursor, colour a terminal, reorder a
//! line or break an XML file is shown as a visible escape such as `\u{1b}`.
//!
//! Main function: [`line()`].

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text on one line: line breaks and tabs become `\n`, `\r`, `\t`, other hidden characters `\u{…}`.
pub fn line(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_hidden) {
        let mut shown = String::with_capacity(text.len() + 16);
        for c in text.chars() {
            push_escaped(&mut shown, c);
        }
        Cow::Owned(shown)
    } else {
        Cow::Borrowed(text)
    }
}

/// Appends one character as [`line()`] shows it.
pub(crate) fn push_escaped(shown: &mut String, c: char) {
    match c {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        c if is_hidden(c) => {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        }
        c => shown.push(c),
    }
}

/// Control characters (C0, DEL, C1), the marks that reorder bidirectional text (Trojan Source), invisible spaces, line separators,
/// tag characters, and what XML 1.0 section 2.2 forbids beyond these (U+FFFE, U+FFFF).
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_control_characters_are_shown_as_escapes() {
        assert_eq!(line("\u{1b}[2Jgone\u{7}"), "\\u{1b}[2Jgone\\u{7}");
        assert_eq!(line("\u{9b}31m"), "\\u{9b}31m");
        assert_eq!(line("a\r\nb\tc"), "a\\r\\nb\\tc");
        assert_eq!(line("user\u{202e}gnp.exe"), "user\\u{202e}gnp.exe");
        assert_eq!(line("\u{ffff}\u{0}"), "\\u{ffff}\\u{0}");
    }

    #[test]
    fn ordinary_text_of_any_script_stays() {
        for text in ["plain", "Grüße", "שלום", "顧客", "👩‍👩‍👧", "a b"] {
            assert_eq!(line(text), text);
        }
    }
}
