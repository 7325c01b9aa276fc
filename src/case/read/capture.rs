//! Reads `capture:` into [`Capture`]s.

use http::HeaderName;

use super::{expectation, names, xml};
use crate::case::matcher::notation;
use crate::case::{BodyPath, Capture, CaptureSource, Pattern};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Fields, Node};
use crate::source::{Source, Spanned};

/// The fields that say where a value is, in the order of preference.
const SOURCES: [&str; 5] = ["header", "cookie", "body", "xpath", "events"];

/// The captures of a step, by name. What is wrong is a diagnostic, and left out.
pub(super) fn read(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Vec<Capture> {
    let Some(entries) = document::expect_mapping("capture", node, source, diagnostics) else {
        return Vec::new();
    };
    let mut found = Vec::with_capacity(entries.len());
    for (name, entry) in entries {
        let place = source.place(entry.key_span);
        names::check("a capture", name, place.clone(), diagnostics);
        let captured = value_source("a capture", &entry.value, source, diagnostics);
        if let Some((from, matches)) = captured {
            found.push(Capture {
                name: Spanned::new(name.clone(), place).into(),
                from,
                matches,
            });
        }
    }
    found
}

/// Where a value is in a response: a JSONPath, or a mapping with `header`, `cookie`, `body`, `xpath`, `events` or `matches`.
pub(super) fn value_source(
    what: &str,
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<(CaptureSource, Option<Pattern>)> {
    match &node.value {
        document::Value::String(_) => {
            let path = json_path(node, source, diagnostics)?;
            Some((CaptureSource::Body(path), None))
        }
        document::Value::Mapping(_) => from_fields(node, source, diagnostics),
        _ => {
            diagnostics.push(
                document::wrong_type(what, "a JSONPath or `{ header: NAME }`", node, source)
                    .with_advice("write where the value is in the response: `$.id`"),
            );
            None
        }
    }
}

/// A source, and the pattern that takes a part of its text.
fn from_fields(
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<(CaptureSource, Option<Pattern>)> {
    let mut fields = Fields::of("a capture", node, source, diagnostics)?;
    refuse_second_source(&mut fields, source, diagnostics);
    let pattern = fields.get("matches");
    let matches = pattern.map(|node| notation::pattern("matches", node, source, diagnostics));
    let attribute = fields.string("attribute", diagnostics);
    if let (Some(attribute), None) = (&attribute, fields.get("cookie")) {
        diagnostics.push(
            Diagnostic::error(
                "bad-capture",
                "`attribute` belongs to `cookie`",
                attribute.place.clone(),
            )
            .with_advice("name the cookie: `{ cookie: NAME, attribute: Path }`"),
        );
    }
    let attribute = attribute.map(|attribute| attribute.value);
    let from = if let Some(header) = fields.string("header", diagnostics) {
        let valid = HeaderName::from_bytes(header.value.as_bytes()).is_ok();
        expectation::check_header_name(&header.value, header.place, diagnostics);
        valid.then_some(CaptureSource::Header(header.value))
    } else if let Some(cookie) = fields.string("cookie", diagnostics) {
        let name = cookie.value;
        Some(CaptureSource::Cookie { name, attribute })
    } else if let Some(path) = fields.get("body") {
        json_path(path, source, diagnostics).map(CaptureSource::Body)
    } else if let Some(path) = fields.get("xpath") {
        xml::captured(path, &mut fields, source, diagnostics).map(CaptureSource::XPath)
    } else if let Some(path) = fields.get("events") {
        json_path(path, source, diagnostics).map(CaptureSource::Events)
    } else if matches.is_some() {
        Some(CaptureSource::Text)
    } else {
        None
    };
    let is_incomplete = matches.is_none() && SOURCES.iter().all(|&name| fields.get(name).is_none());
    if is_incomplete {
        diagnostics.push(
            Diagnostic::error(
                "missing-field",
                "a capture needs the field `header`, `cookie`, `body`, `xpath`, `events` or `matches`",
                source.place(fields.span()),
            )
            .with_advice("write where the value is: `{ header: Location }`, `{ cookie: sid }`"),
        );
    }
    fields.finish(diagnostics);
    match matches {
        Some(None) => None,
        Some(matches) => Some((from?, matches)),
        None => Some((from?, None)),
    }
}

/// Reports a second source beside the first.
fn refuse_second_source(fields: &mut Fields<'_>, source: &Source, diagnostics: &mut Diagnostics) {
    let given = SOURCES.map(|name| fields.entry(name).map(|entry| (name, entry)));
    let given: Vec<_> = given.into_iter().flatten().collect();
    if let [(first, first_entry), (second, second_entry), ..] = given[..] {
        diagnostics.push(
            Diagnostic::error(
                "bad-capture",
                format!("`{second}` beside `{first}`: a capture takes one value"),
                source.place(second_entry.key_span),
            )
            .with_related(source.place(first_entry.key_span), "the other source")
            .with_advice("write a capture for each of them"),
        );
    }
}

/// The parser's message, except that it failed.
fn reason(error: &serde_json_path::ParseError) -> String {
    match error.message() {
        "parser error" => String::new(),
        message => message.to_owned(),
    }
}

/// A JSONPath (RFC 9535).
fn json_path(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Option<BodyPath> {
    let text = document::expect_string("a JSONPath", node, source, diagnostics)?;
    match BodyPath::parse(&text.value) {
        Ok(path) => Some(path),
        Err(error) => {
            let begin = match text.value.starts_with('$') {
                true => "correct it; paths look like",
                false => "begin with `$`, as in",
            };
            let advice =
                format!("{begin} `$.customer.id`, `$.items[0]`, `$['odd-name']` (RFC 9535)");
            diagnostics.push(
                Diagnostic::error(
                    "bad-jsonpath",
                    format!("`{}` is not a JSONPath", text.value),
                    text.place,
                )
                .with_label(reason(&error))
                .with_advice(advice),
            );
            None
        }
    }
}
