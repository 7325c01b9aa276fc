//! Layout of JSON text with one value per line, token by token, with the positions of JSON pointers. Main function: [`lay_out`].
//!
//! The text is not parsed into values: duplicate keys, the spelling of numbers, and truncated bodies all stay as the server sent them. One
//! pass without recursion handles any text.

use std::iter::Peekable;
use std::str::CharIndices;

use crate::document::escape_pointer;
use crate::text::MaskedText;

/// JSON text, one value per line.
#[derive(Debug)]
pub(super) struct JsonLayout {
    pub(super) lines: Vec<String>,
    /// For each requested pointer: the position of its value, or of the nearest value around it.
    pub(super) spots: Vec<Option<JsonPosition>>,
}

/// The position of a value in a [`JsonLayout`]; for an object or array, of its opening bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JsonPosition {
    /// From 0.
    pub(super) line: usize,
    /// From 0, in characters.
    pub(super) column: usize,
    /// In characters.
    pub(super) length: usize,
}

/// A mark at a JSON pointer of a body.
pub(super) struct BodyMark<'a> {
    pub(super) pointer: &'a MaskedText,
    pub(super) label: String,
}

/// Prevents hostile nesting from becoming hostile indentation.
const MOST_LINES: usize = 50_000;

/// Lays out the text; `None` if it does not begin like a JSON object, array or string. If the text is not valid JSON, its brackets and
/// strings still determine the layout.
pub(super) fn lay_out(text: &str, pointers: &[&str]) -> Option<JsonLayout> {
    if !text.trim_start().starts_with(['{', '[', '"']) {
        return None;
    }
    let mut setter = Setter {
        text,
        rest: text.char_indices().peekable(),
        lines: Vec::new(),
        line: String::new(),
        column: 0,
        open: Vec::new(),
        path: String::new(),
        pointers,
        found: vec![None; pointers.len()],
    };
    setter.set();
    Some(JsonLayout {
        lines: setter.lines,
        spots: setter
            .found
            .into_iter()
            .map(|found| found.map(|(_, spot)| spot))
            .collect(),
    })
}

struct Setter<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
    lines: Vec<String>,
    line: String,
    /// Characters in `line`.
    column: usize,
    open: Vec<Container>,
    /// JSON pointer of the current value.
    path: String,
    pointers: &'a [&'a str],
    /// For each pointer the longest matching path so far, and its position.
    found: Vec<Option<(usize, JsonPosition)>>,
}

/// An open object or array.
struct Container {
    /// Length of its own path.
    path: usize,
    place: Inside,
}

enum Inside {
    Key,
    Value,
    Item(usize),
}

impl Setter<'_> {
    fn set(&mut self) {
        while let Some((at, c)) = self.rest.next() {
            if self.lines.len() >= MOST_LINES {
                self.push("…");
                break;
            }
            match c {
                ' ' | '\t' | '\n' | '\r' => {}
                '{' => self.open('{', '}', Inside::Key),
                '[' => self.open('[', ']', Inside::Item(0)),
                '}' | ']' => {
                    self.open.pop();
                    self.break_line();
                    self.push(c.encode_utf8(&mut [0; 4]));
                }
                ',' => {
                    self.push(",");
                    match self.open.last_mut().map(|top| &mut top.place) {
                        Some(Inside::Item(index)) => *index += 1,
                        Some(place) => *place = Inside::Key,
                        None => {}
                    }
                    self.break_line();
                }
                ':' => self.push(": "),
                '"' => self.string(at),
                _ => {
                    let end = self.scan(|c| {
                        matches!(c, ',' | ']' | '}' | ':' | '"') || c.is_ascii_whitespace()
                    });
                    self.value(&self.text[at..end]);
                }
            }
        }
        let last = std::mem::take(&mut self.line);
        self.lines.push(last);
    }

    fn open(&mut self, opening: char, closing: char, place: Inside) {
        self.value(opening.encode_utf8(&mut [0; 4]));
        while self
            .rest
            .next_if(|(_, c)| c.is_ascii_whitespace())
            .is_some()
        {}
        if self.rest.next_if(|&(_, c)| c == closing).is_some() {
            self.push(closing.encode_utf8(&mut [0; 4]));
            return;
        }
        self.open.push(Container {
            path: self.path.len(),
            place,
        });
        self.break_line();
    }

    /// A string that begins at `start`: a key if a key is expected, else a value.
    fn string(&mut self, start: usize) {
        let mut escaped = false;
        let mut end = self.text.len();
        for (at, c) in self.rest.by_ref() {
            match c {
                '"' if !escaped => {
                    end = at + 1;
                    break;
                }
                '\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        let token = &self.text[start..end];
        let is_key = match self.open.last_mut() {
            Some(top) if matches!(top.place, Inside::Key) => {
                top.place = Inside::Value;
                self.path.truncate(top.path);
                true
            }
            _ => false,
        };
        if is_key {
            let key: String = serde_json::from_str(token).unwrap_or_else(|_| token.to_owned());
            self.path.push('/');
            self.path.push_str(&escape_pointer(&key));
            self.push(token);
        } else {
            self.value(token);
        }
    }

    /// The offset of the first character that ends a token; it is not consumed.
    fn scan(&mut self, ends: impl Fn(char) -> bool) -> usize {
        while self.rest.next_if(|&(_, c)| !ends(c)).is_some() {}
        self.rest.peek().map_or(self.text.len(), |&(at, _)| at)
    }

    /// Writes a value (or its opening bracket), and stores its position for the pointers that lead to it or into it.
    fn value(&mut self, token: &str) {
        if let Some(Container {
            place: Inside::Item(index),
            path,
            ..
        }) = self.open.last()
        {
            self.path.truncate(*path);
            self.path.push_str(&format!("/{index}"));
        }
        let spot = JsonPosition {
            line: self.lines.len(),
            column: self.column,
            length: token.chars().count(),
        };
        for (pointer, found) in self.pointers.iter().zip(&mut self.found) {
            let leads_there = pointer
                .strip_prefix(self.path.as_str())
                .is_some_and(|below| below.is_empty() || below.starts_with('/'));
            // Equal counts too: of a duplicate key, readers keep the last value.
            if leads_there && found.is_none_or(|(length, _)| self.path.len() >= length) {
                *found = Some((self.path.len(), spot));
            }
        }
        self.push(token);
    }

    fn push(&mut self, text: &str) {
        self.line.push_str(text);
        self.column += text.chars().count();
    }

    fn break_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.lines.push(line);
        // A deeper indentation would leave no room for the text.
        self.column = 2 * self.open.len().min(20);
        self.line.push_str(&" ".repeat(self.column));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str, pointer: &str) -> (Vec<String>, Option<JsonPosition>) {
        let layout = lay_out(text, &[pointer]).expect("begins like JSON");
        (layout.lines, layout.spots[0])
    }

    fn spot(line: usize, column: usize, length: usize) -> Option<JsonPosition> {
        Some(JsonPosition {
            line,
            column,
            length,
        })
    }

    #[test]
    fn one_value_per_line_and_the_pointer_is_found() {
        let (lines, at) = set(r#"{"a":[1,{"b":"x"}],"c":{},"d":[ ]}"#, "/a/1/b");
        let expected = [
            "{",
            "  \"a\": [",
            "    1,",
            "    {",
            "      \"b\": \"x\"",
            "    }",
            "  ],",
            "  \"c\": {},",
            "  \"d\": []",
            "}",
        ];
        assert_eq!(lines, expected);
        assert_eq!(at, spot(4, 11, 3));
    }

    #[test]
    fn pointers_are_unescaped_and_stop_at_whole_tokens() {
        let text = r#"{"a/b":{"~":1},"id":2,"id2":3,"\u0041":4}"#;
        assert_eq!(set(text, "/a~1b/~0").1, spot(2, 9, 1));
        assert_eq!(set(text, "/id").1, spot(4, 8, 1));
        assert_eq!(set(text, "/A").1, spot(6, 12, 1));
        assert_eq!(set(r#"{"id":2}"#, "/id2").1, spot(0, 0, 1));
    }

    #[test]
    fn a_missing_value_marks_the_value_around_it() {
        assert_eq!(set(r#"{"a":{"b":1}}"#, "/a/missing/deep").1, spot(1, 7, 1));
        assert_eq!(set(r#"{"a":1}"#, "/missing").1, spot(0, 0, 1));
        assert_eq!(set(r#"{"a":1}"#, "").1, spot(0, 0, 1));
        assert_eq!(set(r#""token""#, "").1, spot(0, 0, 7));
    }

    #[test]
    fn duplicate_keys_and_spellings_of_numbers_are_kept() {
        let (lines, at) = set(r#"{"a":1.0e0,"a":2}"#, "/a");
        assert_eq!(lines, ["{", "  \"a\": 1.0e0,", "  \"a\": 2", "}"]);
        assert_eq!(at, spot(2, 7, 1));
    }

    #[test]
    fn a_truncated_body_is_laid_out_to_its_end() {
        let (lines, at) = set(r#"{"a":1,"b":"unfini"#, "/b");
        assert_eq!(lines, ["{", "  \"a\": 1,", "  \"b\": \"unfini"]);
        assert_eq!(at, spot(2, 7, 7));
    }

    #[test]
    fn a_body_that_is_not_json_is_not_changed() {
        for text in ["", "<html>", "oops"] {
            assert!(lay_out(text, &[]).is_none(), "{text}");
        }
    }

    #[test]
    fn any_text_that_begins_like_json_ends() {
        let deep = "[".repeat(200_000);
        assert!(
            lay_out(&deep, &["/0/0"])
                .expect("begins like JSON")
                .lines
                .len()
                <= MOST_LINES + 1
        );
        for text in [
            "{]}[",
            "{\"\\",
            "[,,:::}}}",
            "{\"a\" \"b\" {",
            "[\u{1b}é]",
            "\"\\\"",
            "{{{{:\"x\":1}",
        ] {
            let layout = lay_out(text, &["/a", ""]).expect("begins like JSON");
            let letters =
                |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).collect() };
            assert_eq!(
                letters(&layout.lines.concat()),
                letters(text),
                "nothing is lost of {text}"
            );
        }
    }
}
