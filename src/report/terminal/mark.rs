//! A line of external text cut to the available width, and the position of the mark under it. Main function: [`mark`].

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::text::{line, push_escaped};

/// A printable line, and the position of `^^^^` below it in terminal columns.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) text: String,
    pub(super) indent: usize,
    pub(super) carets: usize,
}

/// The line cut to `room` columns around the mark, which begins at character `start` (from 0) and is `length` characters long. `…` shows
/// what is left out. The mark has at least one caret, and does not exceed `room`.
pub(super) fn mark(line: &str, start: usize, length: usize, room: usize) -> Marked {
    let room = room.max(12);
    // Only the visible part is examined, so that a line of a megabyte is cheap.
    let fits = line.chars().nth(room).is_none() || start + length.min(room / 3) < room * 2 / 3;
    let skipped = if fits {
        0
    } else {
        start.saturating_sub(room / 3)
    };
    let mut text = String::new();
    let mut columns = 0;
    if skipped > 0 {
        text.push('…');
        columns = 1;
    }
    let (mut indent, mut carets) = (None, 0);
    for (index, c) in line.chars().enumerate().skip(skipped) {
        let mut piece = String::new();
        if c == '\t' {
            piece.push_str("    ");
        } else {
            push_escaped(&mut piece, c);
        }
        let wide = piece.width();
        if columns + wide >= room {
            text.push('…');
            break;
        }
        if index >= start {
            indent.get_or_insert(columns);
            if index < start + length {
                carets += wide;
            }
        }
        text.push_str(&piece);
        columns += wide;
    }
    Marked {
        indent: indent.unwrap_or(columns),
        // A longer mark adds nothing and would leave no room for its label.
        carets: carets.clamp(1, (room / 3).max(1)),
        text,
    }
}

/// The label beside a mark, cut to `room` columns. If there is hardly any room, only the first word (the finding's number).
pub(super) fn label(text: &str, room: usize) -> String {
    if room >= 20 {
        fit(text, room)
    } else {
        let first = text.split(' ').next().unwrap_or_default();
        fit(first, room)
    }
}

/// The line cut to `room` columns, without a mark.
pub(super) fn fit(line: &str, room: usize) -> String {
    mark(line, 0, 0, room).text
}

/// The text wrapped into lines of at most `room` columns, at spaces if possible. For messages, not for bodies.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(12);
    let shown = line(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in shown.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > room {
            lines.push(std::mem::take(&mut line));
        } else if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            if line.width() + c.width().unwrap_or(0) > room {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str, start: usize, length: usize, room: usize) -> String {
        let Marked {
            text,
            indent,
            carets,
        } = mark(line, start, length, room);
        format!("{text}\n{}{}", " ".repeat(indent), "^".repeat(carets))
    }

    #[test]
    fn the_mark_is_under_the_marked_text() {
        assert_eq!(shown("a: bad", 3, 3, 40), "a: bad\n   ^^^");
        assert_eq!(shown("\ta: bad", 4, 3, 40), "    a: bad\n       ^^^");
    }

    #[test]
    fn wide_and_escaped_characters_move_the_mark() {
        assert_eq!(shown("顧客: x", 4, 1, 40), "顧客: x\n      ^");
        assert_eq!(shown("\u{1b}: x", 3, 1, 40), "\\u{1b}: x\n        ^");
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let line = format!("{}bad{}", "k".repeat(500), "z".repeat(500));
        assert_eq!(
            shown(&line, 500, 3, 30),
            "…kkkkkkkkkkbadzzzzzzzzzzzzzzz…\n           ^^^"
        );
    }

    #[test]
    fn a_mark_beyond_the_end_is_placed_at_the_end() {
        assert_eq!(shown("ab", 9, 3, 40), "ab\n  ^");
        assert_eq!(shown("", 0, 0, 40), "\n^");
    }

    #[test]
    fn wrapping_breaks_at_spaces_and_inside_words_only_where_it_must() {
        assert_eq!(wrap("one two three", 13), ["one two three"]);
        assert_eq!(wrap("one two three four", 13), ["one two three", "four"]);
        assert_eq!(wrap(&"x".repeat(20), 13), ["x".repeat(13), "x".repeat(7)]);
    }
}
