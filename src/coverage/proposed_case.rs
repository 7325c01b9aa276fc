//! A case that would cover a point, as YAML of a case file. Main function: [`proposed_case`].

use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::event::{Direction, PointKind, PointRecord};

/// What the reader must fill in.
const OPEN: &str = "…";

/// An item of `cases:`; `None` for a point that no case can cover. Values are JSON, which YAML reads; `…` marks what the reader must
/// fill in.
pub fn proposed_case(point: &PointRecord) -> Option<String> {
    if point.excluded.is_some() {
        return None;
    }
    let operation = &point.operation;
    let name = Value::from(format!("{}: {}", operation.name, about(point)));
    let mut text = format!("- name: {name}\n  call: {}\n", operation.name);
    let mut line = |key: &str, value: &Value| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {key}: {value}");
    };
    if !operation.path.is_empty() {
        let path = operation.path.iter();
        line(
            "path",
            &path.map(|name| (name.to_string(), json!(OPEN))).collect(),
        );
    }
    let mut expect = Map::new();
    let mut status = |status: Option<u16>| {
        if let Some(status) = status {
            expect.insert("status".to_owned(), json!(status));
        }
    };
    match &point.kind {
        PointKind::Operation => {}
        PointKind::Status(key) => status(status_of(key)),
        PointKind::Role(role) => line("as", &json!(role)),
        PointKind::Parameter { location, name } => match &**location {
            "query" => line("query", &json!({ &**name: OPEN })),
            "header" => line("headers", &json!({ &**name: OPEN })),
            "cookie" => line("cookies", &json!({ &**name: OPEN })),
            "form" => line("form", &json!({ &**name: OPEN })),
            _ => {}
        },
        PointKind::Property {
            direction,
            property: way,
            status: documented,
        } => {
            status(*documented);
            let body = nested(way, json!(OPEN));
            match direction {
                Direction::Request => line("body", &body),
                Direction::Response => drop(expect.insert("body".to_owned(), body)),
            }
        }
        PointKind::Limit {
            direction,
            property: way,
            sample,
            status: documented,
            ..
        } => {
            status(*documented);
            let body = nested(way, sample.clone().unwrap_or_else(|| json!(OPEN)));
            match direction {
                Direction::Request => line("body", &body),
                Direction::Response => drop(expect.insert("body".to_owned(), body)),
            }
        }
    }
    if !expect.is_empty() {
        line("expect", &Value::Object(expect));
    }
    Some(text)
}

/// What the case is about, as part of its name.
fn about(point: &PointRecord) -> String {
    let what = point.what();
    match &point.kind {
        PointKind::Operation => "is called".to_owned(),
        PointKind::Status(_) => format!("returns {what}"),
        PointKind::Parameter { location, name } => {
            format!("with the {location} parameter {name}")
        }
        PointKind::Property { .. } => format!("{what} is present"),
        PointKind::Role(_) | PointKind::Limit { .. } => what,
    }
}

/// `404` itself; of a range its first status.
fn status_of(key: &str) -> Option<u16> {
    match key.strip_suffix("XX") {
        Some(digit) => digit.parse::<u16>().ok().map(|digit| digit * 100),
        None => key.parse().ok(),
    }
}

/// The value inside the objects and lists that lead to it.
fn nested(path: &[Arc<str>], value: Value) -> Value {
    path.iter()
        .rev()
        .fold(value, |inner, token| match &**token {
            "*" => json!([inner]),
            name => json!({ name: inner }),
        })
}
