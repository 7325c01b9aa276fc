//! Reads the parameters of a request: the values of `path`, `query`, `headers`, `cookies` and `form`, and headers of parts. Main type: [`ParameterReader`].

use http::HeaderValue;

use super::{call, expectation};
use crate::case::{Call, Template};
use crate::contract::{Operation, ParameterLocation};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Fields, MappingEntry, Node};
use crate::source::{Place, Source, Span};

/// The parameters of one step, or the headers of a system.
pub(super) struct ParameterReader<'r> {
    /// What the step calls, which says how values are written.
    pub(super) operation: Option<&'r Operation>,
    pub(super) source: &'r Source,
}

impl ParameterReader<'_> {
    /// The values under `field`: scalars, lists and mappings.
    pub(super) fn named(
        &self,
        fields: &mut Fields<'_>,
        field: &'static str,
        location: ParameterLocation,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(String, Template)> {
        let is_json = |name: &str, _: &Node| self.is_json(location, name);
        self.fields(fields, field, &is_json, diagnostics)
    }

    /// The values under `field`, each read as JSON where `is_json` says so for its name and value; else numbers keep their notation.
    pub(super) fn fields(
        &self,
        fields: &mut Fields<'_>,
        field: &'static str,
        is_json: &dyn Fn(&str, &Node) -> bool,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(String, Template)> {
        let Some(node) = fields.get(field) else {
            return Vec::new();
        };
        let entries = document::expect_mapping(field, node, self.source, diagnostics);
        let mut values = Vec::new();
        for (name, entry) in entries.into_iter().flatten() {
            self.refuse_template(name, entry.key_span, diagnostics);
            let is_json = is_json(name, &entry.value);
            values.push((name.clone(), self.value(is_json, &entry.value, diagnostics)));
        }
        values
    }

    /// The values of the names in braces. They must be those of the operation's path.
    pub(super) fn path(
        &self,
        fields: &mut Fields<'_>,
        call: Option<&Call>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(String, Template)> {
        let entry = fields.entry("path");
        let values = self.named(fields, "path", ParameterLocation::Path, diagnostics);
        match (call, entry) {
            (Some(Call::Raw { .. }), Some(entry)) => diagnostics.push(
                Diagnostic::error("path-value", "`path` belongs to `call`", self.source.place(entry.key_span))
                    .with_advice("with `send` write the values into the path itself: `send: GET /V1/customers/{{ id }}`"),
            ),
            (Some(Call::Operation { operation, .. }), _) => {
                let missing = match entry {
                    Some(entry) => self.source.place(entry.key_span),
                    None => self
                        .source
                        .place(fields.get("call").map_or(Span::default(), |call| call.span)),
                };
                self.check_path(operation, entry, &missing, diagnostics);
            }
            _ => {}
        }
        values
    }

    /// Headers to send; `null` removes one that would be sent by default.
    pub(super) fn headers(
        &self,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(String, Option<Template>)> {
        let entries = document::expect_mapping("headers", node, self.source, diagnostics);
        let mut headers: Vec<(String, Option<Template>)> = Vec::new();
        for (name, entry) in entries.into_iter().flatten() {
            let place = self.source.place(entry.key_span);
            expectation::check_header_name(name, place.clone(), diagnostics);
            if headers
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
            {
                diagnostics.push(
                    Diagnostic::error(
                        "bad-header",
                        format!("the header `{name}` is given twice"),
                        place,
                    )
                    .with_label("header names are case-insensitive")
                    .with_advice("keep one of the two"),
                );
            }
            if entry.value.is_null() {
                headers.push((name.clone(), None));
                continue;
            }
            let is_json = self.is_json(ParameterLocation::Header, name);
            let value = self.value(is_json, &entry.value, diagnostics);
            if let Template::Literal(serde_json::Value::String(text)) = &value {
                check_header_value(text, &entry.value, self.source, diagnostics);
            }
            headers.push((name.clone(), Some(value)));
        }
        headers
    }

    /// Headers of a part of a multipart body.
    pub(super) fn part_headers(
        &self,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(String, Template)> {
        let entries = document::expect_mapping("headers", node, self.source, diagnostics);
        let mut headers = Vec::new();
        for (name, entry) in entries.into_iter().flatten() {
            let place = self.source.place(entry.key_span);
            expectation::check_header_name(name, place.clone(), diagnostics);
            let own = ["content-type", "content-disposition"];
            if own.iter().any(|own| name.eq_ignore_ascii_case(own)) {
                diagnostics.push(
                    Diagnostic::error(
                        "bad-header",
                        format!("`{name}` of a part is written by the harness"),
                        place,
                    )
                    .with_advice("use `content_type` and `filename` beside `headers`"),
                );
            }
            let value = self.value(false, &entry.value, diagnostics);
            if let Template::Literal(serde_json::Value::String(text)) = &value {
                check_header_value(text, &entry.value, self.source, diagnostics);
            }
            headers.push((name.clone(), value));
        }
        headers
    }

    /// Whether the contract has a value sent as JSON.
    fn is_json(&self, location: ParameterLocation, name: &str) -> bool {
        let declared = self.operation.and_then(|operation| match location {
            ParameterLocation::Query => operation.query_parameter(name),
            location => operation.parameter(location, name),
        });
        declared.is_some_and(|parameter| parameter.format.is_json())
    }

    /// A value; where it is not sent as JSON, numbers keep their notation.
    fn value(&self, is_json: bool, node: &Node, diagnostics: &mut Diagnostics) -> Template {
        match is_json {
            true => Template::parse(node, self.source, diagnostics),
            false => Template::parse_written(node, self.source, diagnostics),
        }
    }

    fn check_path(
        &self,
        operation: &Operation,
        entry: Option<&MappingEntry>,
        missing: &Place,
        diagnostics: &mut Diagnostics,
    ) {
        let given = entry.and_then(|entry| entry.value.as_mapping());
        let path_names = call::path_names(&operation.path);
        for (name, value) in given.into_iter().flatten() {
            if path_names.contains(&name.as_str()) {
                continue;
            }
            let diagnostic = Diagnostic::error(
                "path-value",
                format!("the path has no `{{{name}}}`"),
                self.source.place(value.key_span),
            )
            .with_label(operation.path.clone());
            diagnostics.push(match path_names.is_empty() {
                true => diagnostic.with_advice("remove it"),
                false => diagnostic.with_nearest(name, path_names.iter().copied()),
            });
        }
        for name in path_names {
            if !given.is_some_and(|given| given.contains_key(name)) {
                diagnostics.push(
                    Diagnostic::error(
                        "path-value",
                        format!("`{{{name}}}` of the path has no value"),
                        missing.clone(),
                    )
                    .with_advice(format!("add `path: {{ {name}: … }}`")),
                );
            }
        }
    }

    /// A diagnostic where a key contains a template.
    pub(super) fn refuse_template(&self, key: &str, span: Span, diagnostics: &mut Diagnostics) {
        if key.contains("{{") {
            diagnostics.push(
                Diagnostic::error(
                    "template-syntax",
                    "a key cannot be a template",
                    self.source.place(span),
                )
                .with_advice("write the key out"),
            );
        }
    }
}

/// A diagnostic where a text cannot be the value of a header.
pub(super) fn check_header_value(
    text: &str,
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) {
    if HeaderValue::from_str(text).is_err() {
        diagnostics.push(
            Diagnostic::error(
                "bad-header",
                "this value cannot be sent in a header",
                source.place(node.span),
            )
            .with_advice("header values are one line without control characters"),
        );
    }
}
