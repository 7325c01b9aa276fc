//! Reads `expect:` into an [`Expectation`].

use std::sync::Arc;

use http::HeaderName;

use super::attachment::Attachments;
use super::{binary, events, xml};
use crate::case::matcher::notation;
use crate::case::{
    AppliedRules, BodySchema, Expectation, HeaderExpectation, Located, Matcher, Rule,
    StatusPattern, Template,
};
use crate::contract::SchemaFault;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Fields, Node, split_pointer};
use crate::duration::parse_duration;
use crate::source::{Place, Source, Spanned};

/// Reads the mapping; `attachments`: the files that it may name. A fault becomes a diagnostic, and the field is left out.
pub(super) fn read(
    node: &Node,
    source: &Source,
    attachments: Attachments<'_>,
    diagnostics: &mut Diagnostics,
) -> Expectation<Template> {
    let mut expectation = Expectation {
        place: Some(source.place(node.span)),
        ..Expectation::default()
    };
    let Some(mut fields) = Fields::of("`expect`", node, source, diagnostics) else {
        return expectation;
    };
    read_response(
        &mut fields,
        &mut expectation,
        source,
        attachments,
        diagnostics,
    );
    read_limits(&mut fields, &mut expectation, source, diagnostics);
    fields.finish(diagnostics);
    expectation
}

/// Reads what a mapping with other fields too (`until`) expects of a response: all but a time limit and `undocumented`.
pub(super) fn read_condition(
    fields: &mut Fields<'_>,
    place: &Place,
    source: &Source,
    attachments: Attachments<'_>,
    diagnostics: &mut Diagnostics,
) -> Expectation<Template> {
    let mut expectation = Expectation {
        place: Some(place.clone()),
        ..Expectation::default()
    };
    read_response(fields, &mut expectation, source, attachments, diagnostics);
    expectation
}

/// Reads the status, headers and body.
fn read_response(
    fields: &mut Fields<'_>,
    expectation: &mut Expectation<Template>,
    source: &Source,
    attachments: Attachments<'_>,
    diagnostics: &mut Diagnostics,
) {
    if let Some(node) = fields.get("status") {
        expectation.status = statuses(node, source, diagnostics);
    }
    if let Some(node) = fields.get("headers") {
        expectation.headers = headers(node, source, diagnostics);
    }
    expectation.body = fields
        .get("body")
        .map(|node| notation::read(node, source, diagnostics));
    expectation.schema = fields
        .get("schema")
        .and_then(|node| schema(node, source, diagnostics));
    if let Some(node) = fields.get("absent") {
        expectation.absent = pointers(node, source, diagnostics);
    }
    expectation.message = fields
        .get("message")
        .and_then(|node| message(node, source, diagnostics));
    expectation.text = fields.get("text").and_then(|node| {
        let text = notation::read(node, source, diagnostics);
        match &text.rule {
            Rule::Value(Template::Literal(value)) if !value.is_string() => {
                diagnostics.push(document::wrong_type(
                    "text",
                    "a string or a matcher",
                    node,
                    source,
                ));
                None
            }
            Rule::Mapping(_) | Rule::Sequence(_) => {
                diagnostics.push(
                    document::wrong_type("text", "a string or a matcher", node, source)
                        .with_advice("`text` is the raw body; for JSON use `body`"),
                );
                None
            }
            _ => Some(text),
        }
    });
    expectation.binary = fields
        .get("binary")
        .and_then(|node| binary::read(node, source, attachments, diagnostics));
    expectation.events = events::read(fields, source, diagnostics);
    expectation.xml = xml::expectations(fields, source, diagnostics);
}

/// Reads the time limit, and whether the contract applies.
fn read_limits(
    fields: &mut Fields<'_>,
    expectation: &mut Expectation<Template>,
    source: &Source,
    diagnostics: &mut Diagnostics,
) {
    expectation.within = fields
        .get("within")
        .and_then(|node| read_duration("within", node, source, diagnostics))
        .map(Located::from);
    let undocumented = fields.entry("undocumented");
    if let Some(entry) = undocumented
        && document::expect_bool("undocumented", &entry.value, source, diagnostics) == Some(true)
    {
        expectation.rules = AppliedRules::GeneralOnly;
        if fields.get("status").is_none() {
            diagnostics.push(
                Diagnostic::error(
                    "missing-status",
                    "`undocumented: true` needs a `status`",
                    source.place(entry.key_span),
                )
                .with_advice("give the undocumented status of the server: `status: 409`"),
            );
        }
    }
}

/// The rendered message: a text, `$matches` or `$contains`.
fn message(
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Matcher<Template>> {
    let message = notation::read(node, source, diagnostics);
    let is_text = |rule: &Rule<Template>| match rule {
        Rule::Value(Template::Literal(value)) => value.is_string(),
        Rule::Value(_) => true,
        _ => false,
    };
    let fits = match &message.rule {
        Rule::Matches(_) => true,
        Rule::Contains(inner) => is_text(&inner.rule),
        // The placeholder of a faulty matcher, which was reported.
        Rule::Any => node.get("$any").is_none(),
        rule => is_text(rule),
    };
    if !fits {
        diagnostics.push(
            document::wrong_type("message", "a string, `$matches` or `$contains`", node, source)
                .with_advice(
                    "`message` is the error message with its placeholders filled in; for the template and its parameters use `body`",
                ),
        );
    }
    fits.then_some(message)
}

/// A duration such as `2s`.
pub(super) fn read_duration(
    what: &str,
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<std::time::Duration>> {
    let place = source.place(node.span);
    match node.as_str().and_then(|text| parse_duration(text).ok()) {
        Some(duration) => Some(Spanned::new(duration, place)),
        None => {
            diagnostics.push(
                Diagnostic::error(
                    "bad-duration",
                    format!("`{what}` must be a duration"),
                    place,
                )
                .with_advice("write a number with its unit: `500ms`, `2s`, `1m` (at most a day)"),
            );
            None
        }
    }
}

fn statuses(
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Vec<Located<StatusPattern>> {
    let items = match node.as_sequence() {
        Some(items) => items,
        None => std::slice::from_ref(node),
    };
    if items.is_empty() {
        diagnostics.push(
            Diagnostic::error(
                "bad-status",
                "an empty list of statuses matches nothing",
                source.place(node.span),
            )
            .with_advice("list at least one, or remove `status` to accept any documented 2xx"),
        );
    }
    items
        .iter()
        .filter_map(|item| {
            let pattern = status(item);
            if pattern.is_none() {
                diagnostics.push(
                    Diagnostic::error("bad-status", "not an HTTP status", source.place(item.span))
                        .with_advice("write a number from 100 to 599, or a range such as `4XX`, or a list of these"),
                );
            }
            pattern.map(|pattern| Spanned::new(pattern, source.place(item.span)).into())
        })
        .collect()
}

fn status(node: &Node) -> Option<StatusPattern> {
    match &node.value {
        document::Value::Number(number) => {
            let code = u16::try_from(number.as_u64()?).ok()?;
            (100..600)
                .contains(&code)
                .then_some(StatusPattern::Exact(code))
        }
        document::Value::String(text) => range(text),
        _ => None,
    }
}

fn range(text: &str) -> Option<StatusPattern> {
    match text.as_bytes() {
        [digit @ b'1'..=b'5', b'X', b'X'] => Some(StatusPattern::Range(digit - b'0')),
        _ => None,
    }
}

/// A status written as a key: `201`, `4XX`.
pub(super) fn status_of_text(text: &str) -> Option<StatusPattern> {
    let code = text.parse().ok().filter(|code| (100..600).contains(code));
    code.map(StatusPattern::Exact).or_else(|| range(text))
}

fn headers(
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Vec<HeaderExpectation<Template>> {
    let Some(entries) = document::expect_mapping("headers", node, source, diagnostics) else {
        return Vec::new();
    };
    let mut found = Vec::with_capacity(entries.len());
    for (name, entry) in entries {
        check_header_name(name, source.place(entry.key_span), diagnostics);
        let value = notation::read(&entry.value, source, diagnostics);
        match as_header(value) {
            Some(value) => found.push(HeaderExpectation {
                name: name.clone(),
                value,
            }),
            None => diagnostics.push(
                document::wrong_type(
                    &format!("the header `{name}`"),
                    "text or a matcher",
                    &entry.value,
                    source,
                )
                .with_advice("for a header that must be absent write `{ $absent: true }`"),
            ),
        }
    }
    found
}

/// Header values are text: `1` means the text `1`. `None` for what cannot be a header.
fn as_header(matcher: Matcher<Template>) -> Option<Matcher<Template>> {
    let rule = match matcher.rule {
        Rule::Value(Template::Literal(value)) => match value {
            serde_json::Value::Null => return None,
            serde_json::Value::String(_) => Rule::Value(Template::Literal(value)),
            other => Rule::Value(Template::literal(other.to_string())),
        },
        Rule::Mapping(_) | Rule::Sequence(_) => return None,
        other => other,
    };
    Some(Matcher { rule, ..matcher })
}

/// Reports a name that is not valid for a header (RFC 9110, section 5.1).
pub(super) fn check_header_name(name: &str, place: Place, diagnostics: &mut Diagnostics) {
    if HeaderName::from_bytes(name.as_bytes()).is_err() {
        diagnostics.push(
            Diagnostic::error(
                "bad-header",
                format!("`{name}` cannot be the name of a header"),
                place,
            )
            .with_advice("header names are letters, digits and `-`, without spaces or colons"),
        );
    }
}

fn pointers(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Vec<Located<String>> {
    let Some(items) = document::expect_sequence("absent", node, source, diagnostics) else {
        return Vec::new();
    };
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        let Some(pointer) = document::expect_string("a pointer", item, source, diagnostics) else {
            continue;
        };
        if pointer.value.is_empty() || split_pointer(&pointer.value).is_none() {
            diagnostics.push(
                Diagnostic::error("bad-pointer", format!("`{}` is not a JSON pointer to a property", pointer.value), pointer.place)
                    .with_advice("begin with `/` and separate keys and indexes by `/`: `/customer/addresses/0/id` (RFC 6901)"),
            );
            continue;
        }
        found.push(pointer.into());
    }
    found
}

/// A JSON Schema, compiled. A fault is a diagnostic at the faulty part.
fn schema(
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Located<Arc<BodySchema>>> {
    let written = node.to_json();
    if !(written.is_object() || written.is_boolean()) {
        diagnostics.push(document::wrong_type(
            "schema",
            "a JSON Schema (a mapping)",
            node,
            source,
        ));
        return None;
    }
    let place = source.place(node.span);
    match BodySchema::compile(written, Some(place.clone())) {
        Ok(schema) => Some(Spanned::new(Arc::new(schema), place).into()),
        Err(SchemaFault { message, pointer }) => {
            let at = node.at(&pointer).unwrap_or(node);
            diagnostics.push(
                Diagnostic::error(
                    "bad-schema",
                    format!("not a JSON Schema: {message}"),
                    source.place(at.span),
                )
                .with_advice(
                    "`schema` takes JSON Schema 2020-12, or the draft that `$schema` names; references must stay inside it, or lead to a metaschema",
                ),
            );
            None
        }
    }
}
