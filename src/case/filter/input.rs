//! What filters are given, and how they refuse it.

use minijinja::{Error, ErrorKind};
use serde_json::Value;

/// A value as text: a string as it is, `null` as empty text, anything else as JSON.
pub(in crate::case) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The value that a filter is given.
pub(super) fn plain(value: &minijinja::Value) -> Result<Value, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    serde_json::to_value(value)
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
}

/// The value as text.
pub(super) fn string(value: &minijinja::Value) -> Result<String, Error> {
    Ok(text_of(&plain(value)?))
}

/// The error of a filter that refuses its input.
pub(super) fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}
