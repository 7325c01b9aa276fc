//! Names from a table that grows from version to version. Main type: [`Named`].

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::contract::Reading;
use crate::text::{MaskedText, Redactor};

/// A table of names.
pub trait NameTable: Copy + Eq + 'static {
    fn name(self) -> &'static str;

    /// The entry with this name.
    fn from_name(name: &str) -> Option<Self>;
}

/// An entry of a table, or a name that this version does not know: recorded events may be from a later version.
///
/// Serialized as the name alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named<T> {
    Known(T),
    Unknown(MaskedText),
}

impl<T: NameTable> Named<T> {
    /// The entry with this name, or the unknown name.
    pub fn of(name: &str) -> Self {
        match T::from_name(name) {
            Some(known) => Named::Known(known),
            None => Named::Unknown(Redactor::standard().text(name)),
        }
    }

    pub fn known(&self) -> Option<T> {
        match self {
            Named::Known(known) => Some(*known),
            Named::Unknown(_) => None,
        }
    }

    /// The unescaped name, for comparing and sorting.
    pub fn as_str(&self) -> &str {
        match self {
            Named::Known(known) => known.name(),
            Named::Unknown(name) => name.unescaped(),
        }
    }
}

impl NameTable for Reading {
    fn name(self) -> &'static str {
        self.as_str()
    }

    fn from_name(name: &str) -> Option<Self> {
        Reading::parse(name).ok()
    }
}

impl<T> From<T> for Named<T> {
    fn from(known: T) -> Self {
        Named::Known(known)
    }
}

impl<T: PartialEq> PartialEq<T> for Named<T> {
    fn eq(&self, other: &T) -> bool {
        matches!(self, Named::Known(known) if known == other)
    }
}

impl<T: NameTable> PartialOrd for Named<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// By name.
impl<T: NameTable> Ord for Named<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl<T: NameTable> std::hash::Hash for Named<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// The name, escaped.
impl<T: NameTable> fmt::Display for Named<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Named::Known(known) => f.pad(known.name()),
            Named::Unknown(name) => name.fmt(f),
        }
    }
}

impl<T: NameTable> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, T: NameTable> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Named::of(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    #[test]
    fn a_name_of_a_later_version_is_kept() {
        for (text, known) in [("\"warning\"", true), ("\"fatal\\u001b\"", false)] {
            let read: Named<Severity> = serde_json::from_str(text).unwrap();
            assert_eq!(read == Severity::Warning, known);
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
        let unknown: Named<Severity> = Named::of("fatal\u{1b}");
        assert_eq!(unknown.to_string(), "fatal\\u{1b}");
    }
}
