//! A body with its wrong places marked, cut to the relevant lines. Main function: [`view`].

use serde::Serialize;

use super::limits::MESSAGE;
use crate::event::BodyRecord;
use crate::report::layout::{BodyMark, JsonPosition, lay_out};
use crate::text::{head, line as escaped, short};

/// A body as the page shows it.
#[derive(Debug, Serialize)]
pub(super) struct BodyView {
    bytes: usize,
    chunks: Vec<Chunk>,
    /// A note on what is not shown, and where to find it.
    note: Option<String>,
}

/// Some lines of a body.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Chunk {
    /// Lines without marks.
    Text { text: String },
    /// A line with a marked place.
    Mark {
        before: String,
        wrong: String,
        after: String,
        labels: Vec<String>,
    },
    /// Number of lines left out.
    Gap { lines: usize },
}

/// Number of lines kept before and after a mark of a body that is too long.
const AROUND: usize = 6;
/// Maximum number of characters of a line.
const LINE: usize = 300;

/// The body, laid out with one value per line if it is JSON. For a body of more than `limit` characters: the lines around the marks, or
/// its beginning if there are no marks.
pub(super) fn view(body: &BodyRecord, wrong: &[BodyMark<'_>], limit: usize) -> BodyView {
    let pointers: Vec<&str> = wrong.iter().map(|mark| mark.pointer.unescaped()).collect();
    let body_text = body.text.unescaped();
    let (lines, spots) = match lay_out(body_text, &pointers) {
        Some(layout) => (layout.lines, layout.spots),
        None => {
            let lines = body_text.split('\n').take(limit);
            (lines.map(str::to_owned).collect(), Vec::new())
        }
    };
    let mut marks: Vec<(JsonPosition, &str)> = spots
        .iter()
        .zip(wrong)
        .filter_map(|(spot, mark)| Some(((*spot)?, mark.label.as_str())))
        .collect();
    marks.sort_by_key(|(spot, _)| (spot.line, spot.column));
    let (mut chunks, cut) = chunks(&lines, &marks, limit);
    if let Some(Chunk::Text { text }) = chunks.last_mut() {
        let trimmed = text.trim_end_matches('\n').len();
        text.truncate(trimmed);
    }
    let bytes = body.bytes;
    let note = if body.cut {
        Some(format!(
            "the body has {bytes} bytes; only its beginning was recorded"
        ))
    } else {
        cut.then(|| format!("cut: the body has {bytes} bytes; the JSON report has it in full"))
    };
    BodyView {
        bytes,
        chunks,
        note,
    }
}

/// The lines to be shown, and whether any was left out or cut.
fn chunks(lines: &[String], marks: &[(JsonPosition, &str)], limit: usize) -> (Vec<Chunk>, bool) {
    let whole = lines.iter().map(String::len).sum::<usize>() <= limit;
    let near = |number: usize| {
        let mut marks = marks.iter();
        marks.any(|(spot, _)| number + AROUND >= spot.line && number <= spot.line + AROUND)
    };
    let mut chunks = Vec::new();
    let mut cut = false;
    let mut left = limit;
    let mut marks_left = marks;
    for (number, line) in lines.iter().enumerate() {
        let here = marks_left.partition_point(|(spot, _)| spot.line <= number);
        let (here, later) = marks_left.split_at(here);
        marks_left = later;
        if left == 0 || !(whole || marks.is_empty() || near(number)) {
            cut = true;
            match chunks.last_mut() {
                Some(Chunk::Gap { lines }) => *lines += 1,
                _ => chunks.push(Chunk::Gap { lines: 1 }),
            }
            continue;
        }
        let (chunk, long) = match here.first() {
            None => plain(line),
            Some((spot, _)) => marked(line, *spot, here),
        };
        cut |= long;
        left = left.saturating_sub(line.len().min(LINE) + 1);
        match (chunks.last_mut(), chunk) {
            (Some(Chunk::Text { text }), Chunk::Text { text: more }) => text.push_str(&more),
            (_, chunk) => chunks.push(chunk),
        }
    }
    (chunks, cut)
}

fn plain(line: &str) -> (Chunk, bool) {
    let mut text = short(line, LINE);
    text.push('\n');
    (Chunk::Text { text }, head(line, LINE).1)
}

/// Number of characters of a long line shown before its mark.
const BEFORE: usize = 80;

fn marked(line: &str, spot: JsonPosition, marks: &[(JsonPosition, &str)]) -> (Chunk, bool) {
    let at = |characters: usize| {
        line.char_indices()
            .nth(characters)
            .map_or(line.len(), |(at, _)| at)
    };
    let (start, end) = (at(spot.column), at(spot.column + spot.length));
    let from = at(spot.column.saturating_sub(BEFORE));
    let mut before = escaped(&line[from..start]).into_owned();
    if from > 0 {
        before.insert(0, '…');
    }
    let (wrong, after) = (&line[start..end], &line[end..]);
    let long = from > 0 || head(wrong, LINE).1 || head(after, BEFORE).1;
    let labels = marks.iter().map(|(_, label)| short(label, MESSAGE));
    let chunk = Chunk::Mark {
        before,
        wrong: short(wrong, LINE),
        after: short(after, BEFORE),
        labels: labels.collect(),
    };
    (chunk, long)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::masked;

    fn viewed(text: &str, pointer: &str, limit: usize) -> (Vec<Chunk>, bool) {
        let body = BodyRecord {
            text: masked(text),
            bytes: text.len(),
            cut: false,
        };
        let wrong = BodyMark {
            pointer: &masked(pointer),
            label: "1 wrong".to_owned(),
        };
        let view = view(&body, &[wrong], limit);
        (view.chunks, view.note.is_some())
    }

    #[test]
    fn the_wrong_value_is_marked() {
        let (chunks, note) = viewed(r#"{"a":1,"b":["<x>"]}"#, "/b/0", 1000);
        let [
            Chunk::Text { .. },
            Chunk::Mark { wrong, labels, .. },
            Chunk::Text { text },
        ] = &chunks[..]
        else {
            panic!("{chunks:?}");
        };
        assert_eq!((wrong.as_str(), text.as_str()), ("\"<x>\"", "  ]\n}"));
        assert_eq!(labels, &["1 wrong"]);
        assert!(!note);
    }

    #[test]
    fn the_lines_around_the_mark_of_a_long_body_are_kept() {
        let items: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
        let (chunks, note) = viewed(&format!("[{}]", items.join(",")), "/500", 1000);
        let [
            Chunk::Gap { lines: before },
            Chunk::Text { .. },
            Chunk::Mark { wrong, .. },
            Chunk::Text { .. },
            Chunk::Gap { lines: after },
        ] = &chunks[..]
        else {
            panic!("{chunks:?}");
        };
        assert_eq!(wrong, "500");
        assert_eq!(before + after + 2 * AROUND + 1, 1002);
        assert!(note);
    }

    #[test]
    fn a_very_long_line_is_cut_with_a_note() {
        let (chunks, note) = viewed(&format!("\"{}\"", "x".repeat(100_000)), "/none", 1000);
        let size: usize = format!("{chunks:?}").len();
        assert!(note && size < 1000, "{size}");
    }
}
