//! The case one would write to cover a point, as YAML of a case file. Main function: [`step`].

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::keyword::Direction;
use crate::contract::{Operation, ParameterLocation};

/// What of a request matters for a point; the rest is for the reader to fill in.
#[derive(Debug, Default)]
pub(super) struct Matters<'m> {
    /// In which words the case says what it is about.
    pub(super) about: &'m str,
    pub(super) caller: Option<&'m str>,
    pub(super) query: Option<(&'m str, Value)>,
    pub(super) header: Option<&'m str>,
    /// Whose body `body` is.
    pub(super) direction: Direction,
    /// Tokens of the place in the body, `*` for an item, and the value that must be there; `None`: any.
    pub(super) body: Option<(&'m [String], Option<Value>)>,
    pub(super) status: Option<u16>,
}

/// An item of `cases:`. Values are JSON, which YAML reads; `…` stands for what the reader must fill in.
pub(super) fn step(operation: &Operation, matters: &Matters<'_>) -> String {
    let name = Value::from(format!("{}: {}", operation.name(), matters.about));
    let mut text = format!("- name: {name}\n  call: {}\n", operation.name());
    let mut path = Map::new();
    for parameter in &operation.parameters {
        if parameter.location == ParameterLocation::Path {
            path.insert(parameter.name.clone(), json!("…"));
        }
    }
    let mut line = |key: &str, value: &Value| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {key}: {value}");
    };
    if !path.is_empty() {
        line("path", &Value::Object(path));
    }
    if let Some(caller) = matters.caller {
        line("as", &json!(caller));
    }
    if let Some((name, value)) = &matters.query {
        line("query", &json!({ *name: value }));
    }
    if let Some(name) = matters.header {
        line("headers", &json!({ name: "…" }));
    }
    let mut expect = Map::new();
    if let Some(status) = matters.status {
        expect.insert("status".to_owned(), json!(status));
    }
    if let Some((tokens, value)) = &matters.body {
        let value = value.clone().unwrap_or_else(|| json!("…"));
        let body = nested(tokens, value);
        match matters.direction {
            Direction::Request => line("body", &body),
            Direction::Response => {
                expect.insert("body".to_owned(), body);
            }
        }
    }
    if !expect.is_empty() {
        line("expect", &Value::Object(expect));
    }
    text
}

/// The value within the objects and lists that lead to it.
fn nested(tokens: &[String], value: Value) -> Value {
    tokens
        .iter()
        .rev()
        .fold(value, |inner, token| match token.as_str() {
            "*" => json!([inner]),
            name => json!({ name: inner }),
        })
}
