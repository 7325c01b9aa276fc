//! Converted values that a service reads. Main types: [`Arguments`], [`Object`].

use serde_json::Value;

/// A value after conversion.
#[derive(Debug, Clone)]
pub enum InputValue {
    Null,
    Int(i64),
    Text(String),
    Flag(bool),
    /// Accepted and not used by any service (custom attributes, mixed values).
    Unused,
    Texts(Vec<String>),
    Ints(Vec<i64>),
    Object(Object),
    Objects(Vec<Object>),
}

/// A data object as sent: only the fields that were sent, null or not. Field names are in snake case.
#[derive(Debug, Clone, Default)]
pub struct Object {
    fields: Vec<(&'static str, InputValue)>,
}

impl Object {
    pub(super) fn set(&mut self, field: &'static str, value: InputValue) {
        match self.fields.iter_mut().find(|(name, _)| *name == field) {
            Some(entry) => entry.1 = value,
            None => self.fields.push((field, value)),
        }
    }

    fn get(&self, field: &str) -> Option<&InputValue> {
        self.fields
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, value)| value)
    }

    /// Whether the field was sent, even as null.
    pub fn has(&self, field: &str) -> bool {
        self.get(field).is_some()
    }

    /// A text; like for the other types, `None` if the field is absent or null.
    pub fn text(&self, field: &str) -> Option<&str> {
        match self.get(field)? {
            InputValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// An integer.
    pub fn int(&self, field: &str) -> Option<i64> {
        match self.get(field)? {
            InputValue::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// A boolean.
    pub fn flag(&self, field: &str) -> Option<bool> {
        match self.get(field)? {
            InputValue::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A list of texts.
    pub fn texts(&self, field: &str) -> Option<&[String]> {
        match self.get(field)? {
            InputValue::Texts(texts) => Some(texts),
            _ => None,
        }
    }

    /// A list of integers.
    pub fn ints(&self, field: &str) -> Option<&[i64]> {
        match self.get(field)? {
            InputValue::Ints(numbers) => Some(numbers),
            _ => None,
        }
    }

    /// A data object inside this one.
    pub fn object(&self, field: &str) -> Option<&Object> {
        match self.get(field)? {
            InputValue::Object(object) => Some(object),
            _ => None,
        }
    }

    /// `None` if the field is absent, null, or a scalar.
    pub fn objects(&self, field: &str) -> Option<&[Object]> {
        match self.get(field)? {
            InputValue::Objects(objects) => Some(objects),
            _ => None,
        }
    }

    /// The text, or null, for use in messages.
    pub fn text_or_null(&self, field: &str) -> Value {
        self.text(field).map_or(Value::Null, Value::from)
    }
}

/// The arguments of a call. An optional argument that was not sent, or was sent as null, is absent.
#[derive(Debug, Clone, Default)]
pub struct Arguments(pub(super) Object);

impl Arguments {
    /// A text argument.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.text(name)
    }

    /// An integer argument.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.0.int(name)
    }

    /// An object argument; empty if it is optional and absent.
    pub fn object(&self, name: &str) -> Object {
        self.0.object(name).cloned().unwrap_or_default()
    }
}
