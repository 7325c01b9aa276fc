//! Differences between expected and actual text: the changed lines only. Main function: [`lines`].

use unicode_width::UnicodeWidthStr;

use super::Look;
use super::mark::fit;
use super::paint::{Ink, Paint};
use crate::event::DiffRecord;
use crate::report::diff::{DiffLine, compare};

/// Maximum number of lines shown.
const SHOWN: usize = 24;
/// Number of unchanged lines shown around a change.
const AROUND: usize = 3;

/// The changed lines with three lines around them, `-` for expected and `+` for actual. With colours, the differing parts are emphasised.
/// At most 24 lines; the rest is counted.
pub(crate) fn lines(diff: &DiffRecord, look: Look) -> Vec<String> {
    let compared = compare(diff);
    let mut rows: Vec<(Side, DiffLine)> = Vec::new();
    for block in compared.blocks {
        let side = match block.is_equal {
            true => Side::Both,
            false => Side::Expected,
        };
        rows.extend(block.expected.into_iter().map(|line| (side, line)));
        rows.extend(block.actual.into_iter().map(|line| (Side::Actual, line)));
    }
    let changes: Vec<usize> = (0..rows.len())
        .filter(|&index| rows[index].0 != Side::Both)
        .collect();
    let is_near = |index: usize| {
        let after = changes.partition_point(|&change| change + AROUND < index);
        changes
            .get(after)
            .is_some_and(|&change| change <= index + AROUND)
    };
    let paint = look.paint();
    let mut out = Vec::new();
    let mut is_left_out = false;
    for (index, (side, line)) in rows.iter().enumerate() {
        if !is_near(index) {
            is_left_out = true;
            continue;
        }
        if std::mem::take(&mut is_left_out) && !out.is_empty() {
            out.push(paint.text(Ink::Dim, "  ..."));
        }
        out.push(self::line(*side, line, look.room(2), paint));
    }
    if out.len() > SHOWN {
        let more = out.len() - SHOWN + 1;
        out.truncate(SHOWN - 1);
        out.push(format!(
            "… and {more} more lines of diff (see the JSON report)"
        ));
    }
    out.extend(compared.note);
    out
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Both,
    Expected,
    Actual,
}

fn line(side: Side, parts: &DiffLine, room: usize, paint: Paint) -> String {
    let (sign, whole, part) = match side {
        Side::Both => (" ", Ink::Dim, Ink::Dim),
        Side::Expected => ("-", Ink::Removed, Ink::RemovedPart),
        Side::Actual => ("+", Ink::Added, Ink::AddedPart),
    };
    let mut line = paint.text(whole, &format!("{sign} "));
    let mut left = room;
    for piece in parts {
        if left < 12 {
            line.push('…');
            break;
        }
        let shown = fit(&piece.text, left);
        let ink = if piece.is_different { part } else { whole };
        line.push_str(&paint.text(ink, &shown));
        left = left.saturating_sub(shown.width());
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Style;
    use crate::report::fixture::masked;

    fn shown(expected: &str, actual: &str, style: Style) -> Vec<String> {
        let diff = DiffRecord {
            expected: masked(expected),
            actual: masked(actual),
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
    fn the_order_of_keys_is_not_a_difference() {
        assert_eq!(
            shown(
                r#"{"a":1,"b":{"c":2,"d":3}}"#,
                r#"{"b":{"d":4,"c":2},"a":1}"#,
                Style::Plain
            ),
            [
                "    \"a\": 1,",
                "    \"b\": {",
                "      \"c\": 2,",
                "-     \"d\": 3",
                "+     \"d\": 4",
                "    }",
                "  }",
            ]
        );
    }

    #[test]
    fn a_missing_final_line_feed_is_not_a_difference_but_a_carriage_return_is() {
        assert_eq!(
            shown("a\n", "a", Style::Plain),
            ["the texts differ only in white space or the order of keys"]
        );
        assert_eq!(shown("a", "a\r\n", Style::Plain), ["- a", "+ a\\r"]);
    }

    #[test]
    fn a_difference_beyond_the_compared_part_is_noted() {
        let far = |end: &str| "x".repeat(1000) + end;
        assert_eq!(
            shown(&far("a"), &far("b"), Style::Plain),
            [
                "no difference in the first 1000 lines of 400 characters; the JSON report has both texts in full"
            ]
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
