//! Lines of our own files with marks, made from what the event carries: the file itself may be gone or changed. Main function:
//! [`lines`].

use super::Look;
use super::mark::{Marked, mark};
use super::paint::Ink;
use crate::event::PlaceRecord;

/// The position of the first place, then all places of the same file in the order of their lines, each marked and labelled. Several
/// marks of one line stand below each other. Places of other files are not shown.
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
    let mut before = None;
    for (place, label) in here {
        let Marked {
            text,
            indent,
            carets,
        } = mark(
            place.text.unescaped(),
            place.column.saturating_sub(1),
            place.width,
            room,
        );
        if before != Some(place.line) {
            if before.is_some_and(|line| line + 1 < place.line) {
                out.push(paint.text(Ink::Dim, "..."));
            }
            out.push(format!("{} {text}", bar(&place.line.to_string())));
        }
        before = Some(place.line);
        let words = super::mark::label(label, room.saturating_sub(indent + carets + 1));
        let mark = format!("{} {words}", "^".repeat(carets));
        let mark = paint.text(Ink::Mark, mark.trim_end());
        out.push(format!("{} {:indent$}{mark}", bar(""), ""));
    }
    out
}
