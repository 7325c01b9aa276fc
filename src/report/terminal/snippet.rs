//! Lines of our own files with marks, rendered from the event, because the file may be missing or changed. Main function: [`lines`].

use super::Look;
use super::mark::{Marked, mark};
use super::paint::Ink;
use crate::event::PlaceRecord;

/// The position of the first place, then all places of the same file in the order of their lines, each marked and labelled. Several
/// marks of a line are placed below each other. Places of other files are not shown.
pub(super) fn lines(places: &[(&PlaceRecord, String)], look: Look) -> Vec<String> {
    let Some((first, _)) = places.first() else {
        return Vec::new();
    };
    let mut here: Vec<&(&PlaceRecord, String)> = places
        .iter()
        .filter(|(place, _)| place.file == first.file)
        .collect();
    here.sort_by_key(|(place, _)| (place.line, place.column));
    let widest = here.last().map_or(0, |(place, _)| place.line);
    let gutter = widest.to_string().len().max(2);
    let paint = look.paint();
    let bar = |number: &str| paint.text(Ink::Dim, &format!("{number:>gutter$} |"));
    let room = look.room(gutter + 3);

    let arrow = paint.text(Ink::Dim, &format!("{:>gutter$}-->", ""));
    let mut out = vec![format!("{arrow} {first}"), bar("")];
    let mut before: Option<(usize, String)> = None;
    for (place, label) in here {
        let Marked {
            text,
            indent,
            carets,
        } = mark(
            place.text.unescaped(),
            place.text_column.saturating_sub(1),
            place.width,
            room,
        );
        // For a long line, each place may have a different excerpt.
        if before.as_ref() != Some(&(place.line, text.clone())) {
            if before.is_some_and(|(line, _)| line + 1 < place.line) {
                out.push(paint.text(Ink::Dim, "..."));
            }
            out.push(format!("{} {text}", bar(&place.line.to_string())));
        }
        before = Some((place.line, text));
        let label = super::mark::label(label, room.saturating_sub(indent + carets + 1));
        let mark = format!("{} {label}", "^".repeat(carets));
        let mark = paint.text(Ink::Mark, mark.trim_end());
        out.push(format!("{} {:indent$}{mark}", bar(""), ""));
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Style;

    use super::*;

    fn place(column: usize, text: &str, text_column: usize) -> PlaceRecord {
        PlaceRecord {
            file: "api.json".to_owned(),
            line: 1,
            column,
            text: crate::report::fixture::masked(text),
            text_column,
            width: 3,
        }
    }

    fn shown(places: &[PlaceRecord]) -> Vec<String> {
        let look = Look {
            style: Style::Plain,
            width: 60,
        };
        let places: Vec<_> = places
            .iter()
            .map(|place| (place, "here".to_owned()))
            .collect();
        lines(&places, look)
    }

    #[test]
    fn the_mark_of_an_excerpt_is_under_its_text() {
        assert_eq!(
            shown(&[place(9000, "…\"k\":bad,…", 6)]),
            [
                "  --> api.json:1:9000",
                "   |",
                " 1 | …\"k\":bad,…",
                "   |      ^^^ here"
            ]
        );
    }

    #[test]
    fn places_of_one_line_share_its_text_where_it_is_the_same() {
        let whole = "\"a\":bad,\"b\":bad";
        assert_eq!(
            shown(&[place(5, whole, 5), place(13, whole, 13)])[2..],
            [
                " 1 | \"a\":bad,\"b\":bad",
                "   |     ^^^ here",
                "   |             ^^^ here"
            ]
        );
        assert_eq!(
            shown(&[place(9000, "…bad…", 2), place(9500, "…:bad…", 3)])[2..],
            [
                " 1 | …bad…",
                "   |  ^^^ here",
                " 1 | …:bad…",
                "   |   ^^^ here"
            ]
        );
    }
}
