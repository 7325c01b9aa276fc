//! Places in our own files ([`PlaceRecord`]) and in responses ([`LocationRecord`]).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::finding::Location;
use crate::source::Place;
use crate::text::{MaskedText, Redactor};

/// A place in one of our files, with the line it marks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceRecord {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The line. For a line of more than 200 characters the part around the place, with `…` for what is left out.
    pub text: MaskedText,
    /// From 1, in characters: where the place begins in `text`.
    pub text_column: usize,
    /// Number of characters that are marked, from `column` on.
    pub width: usize,
}

/// How many characters of a source line are kept.
const LONGEST_LINE: usize = 200;

impl PlaceRecord {
    /// The record of a place, with secrets in its line masked.
    pub fn of(place: &Place, redactor: &Redactor) -> Self {
        let position = place.position();
        let excerpt = place.excerpt(LONGEST_LINE);
        PlaceRecord {
            file: place.source.name().to_owned(),
            line: position.line,
            column: position.column,
            text: redactor.text(&excerpt.text),
            text_column: excerpt.column,
            width: excerpt.width,
        }
    }
}

/// `file:line:column`
impl fmt::Display for PlaceRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PlaceRecord {
            file, line, column, ..
        } = self;
        write!(f, "{}:{line}:{column}", crate::text::line(file))
    }
}

/// Where in a response a finding is (see [`Location`]). Serialised as its text: `status`, `header content-type`,
/// `body /customer/id`, `time`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "MaskedText", into = "MaskedText")]
pub enum LocationRecord {
    Status,
    /// By name.
    Header(MaskedText),
    /// By JSON pointer; empty for the whole body.
    Body(MaskedText),
    Time,
    Unknown(MaskedText),
}

impl LocationRecord {
    pub fn of(location: &Location, redactor: &Redactor) -> Self {
        redactor.text(&location.to_string()).into()
    }

    /// The JSON pointer, where it is in the body.
    pub fn pointer(&self) -> Option<&MaskedText> {
        match self {
            LocationRecord::Body(pointer) => Some(pointer),
            _ => None,
        }
    }

    /// The same for all items of an array: `*` in place of each index. `body /items/3/sku` and `body /items/4/sku` have one cause.
    pub fn without_indices(&self) -> LocationRecord {
        let LocationRecord::Body(pointer) = self else {
            return self.clone();
        };
        let tokens = pointer.unescaped().split('/').map(|token| {
            let is_index = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
            if is_index { "*" } else { token }
        });
        LocationRecord::Body(pointer.with_text(tokens.collect::<Vec<_>>().join("/")))
    }
}

impl From<MaskedText> for LocationRecord {
    fn from(text: MaskedText) -> Self {
        let of = |rest: &str| text.with_text(rest.to_owned());
        match text.unescaped() {
            "status" => LocationRecord::Status,
            "time" => LocationRecord::Time,
            "body" => LocationRecord::Body(of("")),
            other => match (other.strip_prefix("header "), other.strip_prefix("body ")) {
                (Some(name), _) => LocationRecord::Header(of(name)),
                (None, Some(pointer)) => LocationRecord::Body(of(pointer)),
                (None, None) => LocationRecord::Unknown(text),
            },
        }
    }
}

impl From<LocationRecord> for MaskedText {
    fn from(location: LocationRecord) -> Self {
        match location {
            LocationRecord::Status => "status".into(),
            LocationRecord::Time => "time".into(),
            LocationRecord::Body(pointer) if pointer.is_empty() => "body".into(),
            LocationRecord::Body(pointer) => {
                pointer.with_text(format!("body {}", pointer.unescaped()))
            }
            LocationRecord::Header(name) => name.with_text(format!("header {}", name.unescaped())),
            LocationRecord::Unknown(text) => text,
        }
    }
}

impl fmt::Display for LocationRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LocationRecord::Status => f.write_str("status"),
            LocationRecord::Time => f.write_str("time"),
            LocationRecord::Header(name) => write!(f, "header {name}"),
            LocationRecord::Body(pointer) if pointer.is_empty() => f.write_str("body"),
            LocationRecord::Body(pointer) => write!(f, "body {pointer}"),
            LocationRecord::Unknown(text) => text.fmt(f),
        }
    }
}
