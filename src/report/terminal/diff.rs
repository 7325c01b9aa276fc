//! Expected against actual, line by line. Main function: [`lines`].

use similar::{ChangeTag, TextDiff};
use unicode_width::UnicodeWidthStr;

use crate::event::DiffRecord;
use crate::report::untrusted;

use super::Look;
use super::mark::fit;
use super::paint::Ink;

/// What is compared of each side at most: beyond it a person reads the JSON report, not a terminal.
const LINES: usize = 1000;
const CHARACTERS: usize = 400;
/// What is shown at most.
const SHOWN: usize = 24;

/// The changed lines with three lines around them, `-` for expected and `+` for actual, the differing parts emphasised where there are
/// colours. At most 24 lines; the rest is counted.
pub(crate) fn lines(diff: &DiffRecord, look: Look) -> Vec<String> {
    let (expected, actual) = (comparable(&diff.expected), comparable(&diff.actual));
    if expected == actual {
        return vec![if diff.expected.trim_end() == diff.actual.trim_end() {
            "no difference but for space at the end".to_owned()
        } else {
            format!(
                "equal in the first {LINES} lines of {CHARACTERS} characters; see the JSON report"
            )
        }];
    }
    let paint = look.paint();
    let room = look.room(2);
    let compared = TextDiff::from_lines(expected.as_str(), actual.as_str());
    let mut out = Vec::new();
    for (index, group) in compared.grouped_ops(3).iter().enumerate() {
        if index > 0 {
            out.push(paint.text(Ink::Dim, "  ..."));
        }
        for operation in group {
            // No deadline: its default makes the emphasis depend on the speed of the machine. Lines and characters are bounded above.
            for change in compared.iter_inline_changes_deadline(operation, None) {
                let (sign, whole, part) = match change.tag() {
                    ChangeTag::Equal => (" ", Ink::Dim, Ink::Dim),
                    ChangeTag::Delete => ("-", Ink::Removed, Ink::RemovedPart),
                    ChangeTag::Insert => ("+", Ink::Added, Ink::AddedPart),
                };
                let mut line = paint.text(whole, &format!("{sign} "));
                let mut left = room;
                for (emphasised, text) in change.iter_strings_lossy() {
                    let text = text.trim_end_matches('\n');
                    if left < 12 && !text.is_empty() {
                        line.push('…');
                        break;
                    }
                    let shown = fit(text, left);
                    let ink = if emphasised { part } else { whole };
                    line.push_str(&paint.text(ink, &shown));
                    left = left.saturating_sub(shown.width());
                }
                out.push(line.trim_end().to_owned());
            }
        }
    }
    if out.len() > SHOWN {
        let more = out.len() - SHOWN + 1;
        out.truncate(SHOWN - 1);
        out.push(format!(
            "… and {more} more lines of diff (see the JSON report)"
        ));
    }
    out
}

/// The text cut to what is compared, each line ended, so that a missing last line feed is no difference.
fn comparable(text: &str) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let mut kept = String::new();
    for line in text.split('\n').take(LINES) {
        let (head, more) = untrusted::cut(line, CHARACTERS);
        kept.push_str(head);
        kept.push_str(if more { "…\n" } else { "\n" });
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Style;

    fn shown(expected: &str, actual: &str, style: Style) -> Vec<String> {
        let diff = DiffRecord {
            expected: expected.to_owned(),
            actual: actual.to_owned(),
        };
        lines(&diff, Look { style, width: 60 })
    }

    #[test]
    fn three_lines_around_each_change() {
        let text: Vec<String> = (1..=20).map(|number| number.to_string()).collect();
        let mut other = text.clone();
        other[4] = "five".to_owned();
        other[15] = "sixteen".to_owned();
        assert_eq!(
            shown(&text.join("\n"), &other.join("\n"), Style::Plain),
            [
                "  2",
                "  3",
                "  4",
                "- 5",
                "+ five",
                "  6",
                "  7",
                "  8",
                "  ...",
                "  13",
                "  14",
                "  15",
                "- 16",
                "+ sixteen",
                "  17",
                "  18",
                "  19",
            ]
        );
    }

    #[test]
    fn the_part_that_differs_is_emphasised() {
        let (expected, actual) = ("the name is Hopper today", "the name is Lovelace today");
        let coloured = shown(expected, actual, Style::Coloured);
        assert!(
            coloured[0].contains("\u{1b}[7;31mHopper\u{1b}[0m"),
            "{coloured:?}"
        );
        assert!(
            coloured[1].contains("\u{1b}[7;32mLovelace\u{1b}[0m"),
            "{coloured:?}"
        );
    }

    #[test]
    fn a_missing_last_line_feed_is_no_difference_but_a_return_is() {
        assert_eq!(
            shown("a\n", "a", Style::Plain),
            ["no difference but for space at the end"]
        );
        assert_eq!(shown("a", "a\r\n", Style::Plain), ["- a", "+ a\\r"]);
    }

    #[test]
    fn a_difference_beyond_what_is_compared_is_admitted() {
        let far = |end: &str| "x".repeat(1000) + end;
        assert_eq!(
            shown(&far("a"), &far("b"), Style::Plain),
            ["equal in the first 1000 lines of 400 characters; see the JSON report"]
        );
    }

    #[test]
    fn long_diffs_are_cut_with_a_count() {
        let long: Vec<String> = (0..500).map(|number| format!("line {number}")).collect();
        let out = shown("nothing of it", &long.join("\n"), Style::Plain);
        assert_eq!(out.len(), SHOWN);
        assert_eq!(
            out[SHOWN - 1],
            "… and 478 more lines of diff (see the JSON report)"
        );
    }
}
