//! The part of a line that is shown with a place in it. Main type: [`Excerpt`].

use super::Place;

/// The line that a place begins in; of a long line the part around the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// `…` marks what is left out at either end.
    pub text: String,
    /// From 1, in characters: where the place begins in `text`.
    pub column: usize,
    /// The number of characters from the place's beginning to its end, or to the end of the line: at least 1, and more than `text` has
    /// from `column` on where its end is left out.
    pub width: usize,
}

/// The share of an excerpt that precedes the place, where there is enough text on both sides.
const BEFORE: usize = 3;

impl Place {
    /// The line that the place begins in, its secrets blanked out, cut to `longest` characters around the place.
    pub fn excerpt(&self, longest: usize) -> Excerpt {
        let source = &self.source;
        let number = self.position().line;
        let line = source.shown_line(number);
        let line_start = source.lines().starts[number - 1];
        let start = self.span.start.saturating_sub(line_start);
        let start = line.floor_char_boundary(start);
        let end = self.span.end.saturating_sub(line_start);
        let end = line.floor_char_boundary(end).max(start);
        let characters = |offset: usize| source.characters_before(line_start + offset);
        let width = (characters(end) - characters(start)).max(1);
        // Only the part that is shown: the line may have megabytes.
        if line.chars().nth(longest).is_none() {
            return Excerpt {
                text: line.to_owned(),
                column: line[..start].chars().count() + 1,
                width,
            };
        }
        let room = longest.saturating_sub(2).max(1);
        let after = line[start..].chars().take(room).count();
        let before = line[..start].chars().rev().take(room);
        let before = before.count().min(room - after.min(room - room / BEFORE));
        let after = after.min(room - before);
        let from = offset_of_last(&line[..start], before);
        let to = start + offset_of(&line[start..], after);
        let mut text = String::new();
        if from > 0 {
            text.push('…');
        }
        let column = text.chars().count() + before + 1;
        text.push_str(&line[from..to]);
        if to < line.len() {
            text.push('…');
        }
        Excerpt {
            text,
            column,
            width,
        }
    }
}

/// Where the last `count` characters of a text begin.
fn offset_of_last(text: &str, count: usize) -> usize {
    match count {
        0 => text.len(),
        count => text
            .char_indices()
            .rev()
            .nth(count - 1)
            .map_or(0, |(at, _)| at),
    }
}

/// Where the first `count` characters of a text end.
fn offset_of(text: &str, count: usize) -> usize {
    text.char_indices()
        .nth(count)
        .map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::super::{Source, Span};
    use super::*;

    /// The excerpt of 20 characters with the mark under it.
    fn shown(line: &str, place: &str) -> String {
        let source = Source::new("x.json", format!("before\n{line}\r\nafter"));
        let start = source.text().find(place).unwrap();
        let place = source.place(Span::new(start, start + place.len()));
        let Excerpt {
            text,
            column,
            width,
        } = place.excerpt(20);
        assert!(text.chars().count() <= 20, "{text}");
        format!("{text}\n{}{}", " ".repeat(column - 1), "^".repeat(width))
    }

    #[test]
    fn a_line_that_fits_is_shown_whole() {
        assert_eq!(shown("{\"a\":1}", "\"a\""), "{\"a\":1}\n ^^^");
        let longest = "abcdefghijklmnopqr90";
        assert_eq!(
            shown(longest, "90"),
            format!("{longest}\n{}^^", " ".repeat(18))
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let line = "abcdefghijklmnopqrstuvwxyz0123456789";
        assert_eq!(shown(line, "ab"), "abcdefghijklmnopqr…\n^^");
        assert_eq!(shown(line, "cd"), "abcdefghijklmnopqr…\n  ^^");
        assert_eq!(shown(line, "op"), "…ijklmnopqrstuvwxyz…\n       ^^");
        assert_eq!(
            shown(line, "89"),
            "…stuvwxyz0123456789\n                 ^^"
        );
        assert_eq!(shown(line, "9"), "…stuvwxyz0123456789\n                  ^");
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        let line = "äöü€顧客😀".repeat(5) + "bad" + &"😀顧".repeat(20);
        assert_eq!(
            shown(&line, "bad"),
            "…öü€顧客😀bad😀顧😀顧😀顧😀顧😀…\n       ^^^"
        );
        let line = "客".repeat(50) + "é";
        assert_eq!(
            shown(&line, "é"),
            format!("…{}é\n{}^", "客".repeat(17), " ".repeat(18))
        );
    }

    #[test]
    fn a_place_that_is_longer_than_the_excerpt_keeps_its_width() {
        let line = format!("{}{{{}}}", "a".repeat(100), "b".repeat(100));
        let source = Source::new("x.json", format!("{line}\n}}"));
        let excerpt = source.place(Span::new(100, line.len() + 2)).excerpt(20);
        assert_eq!(excerpt.text, "…aaaaaa{bbbbbbbbbbb…");
        assert_eq!((excerpt.column, excerpt.width), (8, 102));
    }

    #[test]
    fn places_at_the_end_and_beyond_it_have_an_excerpt() {
        let source = Source::new("x.json", "a".repeat(30));
        for start in [30, 40] {
            let excerpt = source.place(Span::new(start, start + 5)).excerpt(20);
            assert_eq!(excerpt.text, format!("…{}", "a".repeat(18)));
            assert_eq!((excerpt.column, excerpt.width), (20, 1));
        }
        let empty = Source::new("x.json", "").place(Span::default()).excerpt(20);
        assert_eq!((empty.text.as_str(), empty.column, empty.width), ("", 1, 1));
    }
}
