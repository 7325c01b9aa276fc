//! The response body with the wrong places marked: one value per line, cut to the lines around the marks. Main function: [`lines`].

use super::Look;
use super::mark::{Marked, fit, mark};
use super::paint::Ink;
use crate::event::BodyRecord;
use crate::report::layout::{BodyMark, JsonPosition, lay_out};

/// A body of up to this number of lines is shown in full.
const WHOLE: usize = 12;
/// Number of lines kept before and after a mark.
const AROUND: usize = 2;
/// Maximum number of lines of a body without marks.
const HEAD: usize = 6;

/// The body around the wrong places, each with `^^^^` under it and its label. If the body does not have the pointer, the nearest value
/// around it is marked. A body that is not JSON is shown from its beginning, without marks.
pub(super) fn lines(body: &BodyRecord, wrong: &[BodyMark<'_>], look: Look) -> Vec<String> {
    let pointers: Vec<&str> = wrong.iter().map(|mark| mark.pointer.unescaped()).collect();
    let body_text = body.text.unescaped();
    let (text, spots) = match lay_out(body_text, &pointers) {
        Some(layout) => (layout.lines, layout.spots),
        None => {
            let head = body_text.split('\n').take(WHOLE + 1);
            (head.map(str::to_owned).collect(), Vec::new())
        }
    };
    let mut marks: Vec<(JsonPosition, &str)> = spots
        .iter()
        .zip(wrong)
        .filter_map(|(spot, mark)| Some(((*spot)?, mark.label.as_str())))
        .collect();
    marks.sort_by_key(|(spot, _)| (spot.line, spot.column));

    let paint = look.paint();
    let bar = paint.text(Ink::Dim, "|");
    let room = look.room(2);
    let mut out = Vec::new();
    let mut left_out = false;
    for (number, line) in text.iter().enumerate() {
        if !is_shown(number, text.len(), &marks) {
            left_out = true;
            continue;
        }
        if std::mem::take(&mut left_out) {
            out.push(paint.text(Ink::Dim, "..."));
        }
        let here: Vec<_> = marks
            .iter()
            .filter(|(spot, _)| spot.line == number)
            .collect();
        let Some((first, _)) = here.first() else {
            out.push(format!("{bar} {}", fit(line, room)));
            continue;
        };
        let Marked { text, .. } = mark(line, first.column, first.length, room);
        out.push(format!("{bar} {text}"));
        for (spot, label) in here {
            // All marks of a line use the window of its first mark, because a line has only one value.
            let Marked { indent, carets, .. } = mark(line, spot.column, spot.length, room);
            let label = super::mark::label(label, room.saturating_sub(indent + carets + 1));
            let mark = paint.text(Ink::Mark, &format!("{} {label}", "^".repeat(carets)));
            out.push(format!("{bar} {:indent$}{mark}", ""));
        }
    }
    if left_out {
        out.push(paint.text(Ink::Dim, "..."));
    }
    if body.cut {
        out.push(format!(
            "(the body has {} bytes; only its beginning was recorded)",
            body.bytes
        ));
    }
    out
}

fn is_shown(number: usize, total: usize, marks: &[(JsonPosition, &str)]) -> bool {
    if total <= WHOLE {
        true
    } else if marks.is_empty() {
        number < HEAD
    } else {
        marks
            .iter()
            .any(|(spot, _)| number + AROUND >= spot.line && number <= spot.line + AROUND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::masked;
    use crate::text::MaskedText;

    fn shown(text: &str, pointers: &[&str]) -> Vec<String> {
        let body = BodyRecord {
            text: masked(text),
            bytes: text.len(),
            cut: false,
        };
        let pointers: Vec<MaskedText> = pointers.iter().map(|pointer| masked(pointer)).collect();
        let wrong: Vec<BodyMark<'_>> = pointers
            .iter()
            .enumerate()
            .map(|(index, pointer)| BodyMark {
                pointer,
                label: format!("{} wrong", index + 1),
            })
            .collect();
        lines(&body, &wrong, Look::default())
    }

    #[test]
    fn a_short_body_is_shown_in_full() {
        let expected = [
            "| {",
            "|   \"a\": 1,",
            "|   \"b\": [",
            "|     2",
            "|     ^ 1 wrong",
            "|   ]",
            "| }",
        ];
        assert_eq!(shown(r#"{"a":1,"b":[2]}"#, &["/b/0"]), expected);
    }

    #[test]
    fn a_long_body_is_shown_around_its_marks() {
        let items: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        let long = format!("[{}]", items.join(","));
        let expected = [
            "...",
            "|   48,",
            "|   49,",
            "|   50,",
            "|   ^^ 1 wrong",
            "|   51,",
            "|   52,",
            "...",
        ];
        assert_eq!(shown(&long, &["/50"]), expected);
    }

    #[test]
    fn two_findings_at_one_value_are_placed_below_each_other() {
        let expected = [
            "| {",
            "|   \"a\": 1",
            "|        ^ 1 wrong",
            "|        ^ 2 wrong",
            "| }",
        ];
        assert_eq!(shown(r#"{"a":1}"#, &["/a", "/a"]), expected);
    }

    #[test]
    fn a_page_of_html_is_shown_from_its_beginning() {
        let out = shown(&"<html>\n".repeat(50), &["/id"]);
        assert_eq!(out.len(), HEAD + 1);
        assert_eq!((out[0].as_str(), out[HEAD].as_str()), ("| <html>", "..."));
    }

    #[test]
    fn a_cut_body_has_a_note() {
        let body = BodyRecord {
            text: r#"{"a":"#.into(),
            bytes: 5_000_000,
            cut: true,
        };
        let out = lines(&body, &[], Look::default());
        assert_eq!(
            out.last().map(String::as_str),
            Some("(the body has 5000000 bytes; only its beginning was recorded)")
        );
    }
}
