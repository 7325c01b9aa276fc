//! Reads the members of a JSON object and collects all errors.

use regex::Regex;
use serde_json::{Map, Value};

use super::reply::{FieldError, Problem};

/// A value, or every error in it with its pointer.
pub type Read<T> = Result<T, Vec<FieldError>>;

/// The members of an object that have been read and what is wrong with them.
#[derive(Debug)]
pub struct Fields<'a> {
    members: &'a Map<String, Value>,
    known: Vec<&'static str>,
    errors: Vec<FieldError>,
    unknown: Unknown,
}

/// What is done with members that were not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    Rejected,
    Accepted,
}

impl<'a> Fields<'a> {
    /// The members of this value, which must be an object.
    pub fn of(value: &'a Value) -> Read<Fields<'a>> {
        match value {
            Value::Object(members) => Ok(Fields {
                members,
                known: Vec::new(),
                errors: Vec::new(),
                unknown: Unknown::Rejected,
            }),
            _ => Err(wrong("must be an object")),
        }
    }

    /// A member that must be present; nothing when it is invalid.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Read<T>,
    ) -> Option<T> {
        if !self.members.contains_key(name) {
            self.known.push(name);
            self.error(name, "is required");
        }
        self.optional(name, read)
    }

    /// A member that may be left out; nothing when it is absent or invalid.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Read<T>,
    ) -> Option<T> {
        self.known.push(name);
        match read(self.members.get(name)?) {
            Ok(value) => Some(value),
            Err(errors) => {
                self.errors.extend(errors.into_iter().map(|error| {
                    let pointer = format!("/{name}{}", error.pointer);
                    FieldError { pointer, ..error }
                }));
                None
            }
        }
    }

    /// Adds an error of this member.
    pub fn error(&mut self, name: &str, detail: &str) {
        self.errors.push(FieldError {
            pointer: format!("/{name}"),
            detail: detail.to_owned(),
        });
    }

    /// Says what is done with members that were not read; they are rejected by default.
    pub fn unknown(&mut self, unknown: Unknown) {
        self.unknown = unknown;
    }

    /// The value, when every member was valid and none is unknown.
    pub fn finish<T>(mut self, value: Option<T>) -> Read<T> {
        for name in self.members.keys() {
            if self.unknown == Unknown::Rejected && !self.known.contains(&name.as_str()) {
                self.errors.push(FieldError {
                    pointer: format!("/{}", name.replace('~', "~0").replace('/', "~1")),
                    detail: "is not a known member".to_owned(),
                });
            }
        }
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self.errors),
        }
    }
}

/// The value, or a problem that lists the errors.
pub fn checked<T>(read: Read<T>) -> Result<T, Problem> {
    read.map_err(Problem::invalid)
}

/// One error of the value itself.
pub fn wrong(detail: impl Into<String>) -> Vec<FieldError> {
    vec![FieldError {
        pointer: String::new(),
        detail: detail.into(),
    }]
}

/// Text of this many characters.
pub fn text(least: usize, most: usize) -> impl Fn(&Value) -> Read<String> {
    move |value| match value.as_str() {
        Some(text) if (least..=most).contains(&text.chars().count()) => Ok(text.to_owned()),
        _ => Err(wrong(format!(
            "must be text of {least} to {most} characters"
        ))),
    }
}

/// Text that matches a pattern.
pub fn pattern(regex: &Regex) -> impl Fn(&Value) -> Read<String> {
    move |value| match value.as_str() {
        Some(text) if regex.is_match(text) => Ok(text.to_owned()),
        _ => Err(wrong(format!("must match {}", regex.as_str()))),
    }
}

/// One of these words.
pub fn word(words: &'static [&'static str]) -> impl Fn(&Value) -> Read<&'static str> {
    move |value| {
        let text = value.as_str().unwrap_or_default();
        let found = words.iter().copied().find(|word| *word == text);
        found.ok_or_else(|| wrong(format!("must be one of {}", words.join(", "))))
    }
}

/// An integer within these bounds; `5.0` is one, as in JSON Schema.
pub fn integer(least: i64, most: i64) -> impl Fn(&Value) -> Read<i64> {
    move |value| {
        let whole = value.as_i64().or_else(|| {
            let number = value.as_f64()?;
            (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64)
        });
        match whole {
            Some(whole) if (least..=most).contains(&whole) => Ok(whole),
            _ => Err(wrong(format!("must be an integer from {least} to {most}"))),
        }
    }
}

/// True or false.
pub fn boolean(value: &Value) -> Read<bool> {
    value
        .as_bool()
        .ok_or_else(|| wrong("must be true or false"))
}

/// Null, or what `read` reads.
pub fn nullable<T>(read: impl Fn(&Value) -> Read<T>) -> impl Fn(&Value) -> Read<Option<T>> {
    move |value| match value {
        Value::Null => Ok(None),
        value => read(value).map(Some),
    }
}
