//! Reads what a step sends as its body.

use super::context::Context;
use super::parameters::{self, ParameterReader};
use crate::case::base64_text::decoded_base64;
use crate::case::body::{BodyKind, URL_ENCODED};
use crate::case::{Body, PartContent, PartData, PartValue, SentFile, Template};
use crate::contract::FieldFormat;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Fields, MappingEntry, Node, Value};

/// The keys of a step that are bodies.
pub(super) const KEYS: [&str; 7] = [
    "body",
    "text",
    "form",
    "multipart",
    "file",
    "base64",
    "ndjson",
];

/// The keys with which a mapping in `multipart` is one part as it is.
const PART_KEYS: [&str; 3] = ["$file", "$base64", "$text"];

/// The body of a step, if it has one. `headers` are those of the step.
pub(super) fn read(
    fields: &mut Fields<'_>,
    headers: &[(String, Option<Template>)],
    parameters: &ParameterReader<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Body> {
    let source = context.source;
    let given: Vec<(&str, &MappingEntry)> = KEYS
        .into_iter()
        .filter_map(|key| fields.entry(key).map(|entry| (key, entry)))
        .collect();
    if let [(first, first_entry), (second, second_entry), ..] = given[..] {
        diagnostics.push(
            Diagnostic::error(
                "two-bodies",
                format!("`{second}` beside `{first}`: a request has one body"),
                source.place(second_entry.key_span),
            )
            .with_related(source.place(first_entry.key_span), "the other body")
            .with_advice("keep one of them"),
        );
    }
    let named = content_type(fields, &given, headers, context, diagnostics);
    let (key, entry) = *given.first()?;
    let reader = BodyReader {
        parameters,
        context,
        named,
    };
    reader.read(key, &entry.value, fields, diagnostics)
}

/// `content_type`; `Some(None)`: no Content-Type at all.
fn content_type(
    fields: &mut Fields<'_>,
    given: &[(&str, &MappingEntry)],
    headers: &[(String, Option<Template>)],
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Option<String>> {
    let source = context.source;
    let entry = fields.entry("content_type");
    let named = entry.and_then(|entry| {
        if entry.value.is_null() {
            return Some(None);
        }
        fixed_media_type("content_type", &entry.value, context, diagnostics).map(Some)
    });
    if let (Some(entry), true) = (entry, given.is_empty()) {
        let keys = KEYS.map(|key| format!("`{key}`"));
        let (last, others) = keys.split_last().unzip();
        let keys = format!(
            "{} or {}",
            others.unwrap_or_default().join(", "),
            last.map_or("", String::as_str)
        );
        diagnostics.push(
            Diagnostic::error(
                "content-type",
                "`content_type` without a body",
                source.place(entry.key_span),
            )
            .with_advice(format!(
                "add {keys}; for the header alone write `headers: {{ Content-Type: … }}`"
            )),
        );
    }
    if !given.is_empty()
        && headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        && let Some(node) = fields.get("headers")
    {
        diagnostics.push(
            Diagnostic::error(
                "content-type",
                "the Content-Type of a body is set by `content_type`",
                source.place(node.span),
            )
            .with_advice(
                "write `content_type: …` beside the body (`null`: none) and remove the header",
            ),
        );
    }
    named
}

/// A media type, which cannot be a template.
fn fixed_media_type(
    field: &'static str,
    node: &Node,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let source = context.source;
    let name = document::expect_string(field, node, source, diagnostics)?;
    if name.value.contains("{{") {
        diagnostics.push(
            Diagnostic::error(
                "template-syntax",
                "`content_type` cannot be a template",
                name.place,
            )
            .with_advice("write one case for each content type"),
        );
        return None;
    }
    parameters::check_header_value(&name.value, node, source, diagnostics);
    Some(name.value)
}

/// Reads the body of one step.
struct BodyReader<'r> {
    parameters: &'r ParameterReader<'r>,
    context: Context<'r>,
    /// The step's `content_type`.
    named: Option<Option<String>>,
}

impl BodyReader<'_> {
    fn read(
        &self,
        key: &str,
        node: &Node,
        fields: &mut Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Body> {
        let source = self.context.source;
        Some(match key {
            "body" => Body::Json {
                value: Template::parse(node, source, diagnostics),
                content_type: self.media_type(BodyKind::Json),
            },
            "text" => Body::Text {
                text: self.text("text", node, diagnostics)?,
                content_type: self.media_type(BodyKind::Text),
            },
            "form" => Body::Form {
                fields: self.form(fields, diagnostics),
                content_type: self.media_type(BodyKind::Form),
            },
            "multipart" => {
                let content_type = self.multipart_type(node, diagnostics);
                let parts = self.parts(node, content_type.as_deref(), diagnostics);
                Body::Multipart {
                    parts,
                    content_type,
                }
            }
            "file" => {
                let file = self.file("file", node, diagnostics)?;
                let content_type = self.media_type(BodyKind::File(&file));
                Body::File { file, content_type }
            }
            "base64" => Body::Base64 {
                text: self.base64("base64", node, diagnostics)?,
                content_type: self.media_type(BodyKind::Base64),
            },
            _ => Body::JsonLines {
                items: self.items(node, diagnostics)?,
                content_type: self.media_type(BodyKind::JsonLines),
            },
        })
    }

    fn media_type(&self, kind: BodyKind<'_>) -> Option<String> {
        let default = || Some(kind.default_content_type(self.parameters.operation));
        self.named.clone().unwrap_or_else(default)
    }

    fn multipart_type(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<String> {
        let content_type = self.media_type(BodyKind::Multipart);
        if let Some(name) = &content_type
            && !name.to_ascii_lowercase().starts_with("multipart/")
        {
            diagnostics.push(
                Diagnostic::error(
                    "content-type",
                    format!("`multipart` cannot be sent as `{name}`"),
                    self.context.source.place(node.span),
                )
                .with_advice(
                    "remove `content_type`, or write one of the kind `multipart/…`; the boundary is added",
                ),
            );
        }
        content_type
    }

    fn form(
        &self,
        fields: &mut Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(String, Template)> {
        let content_type = self.media_type(BodyKind::Form);
        let content_type = content_type.unwrap_or_else(|| URL_ENCODED.to_owned());
        let is_json = |name: &str, node: &Node| match self.format(&content_type, name) {
            FieldFormat::Declared => holds_mapping(node),
            format => format.is_json(),
        };
        self.parameters
            .fields(fields, "form", &is_json, diagnostics)
    }

    fn format(&self, content_type: &str, name: &str) -> FieldFormat {
        match self.parameters.operation {
            Some(operation) => operation.field_format(content_type, name),
            None => FieldFormat::Unknown,
        }
    }

    fn text(
        &self,
        field: &'static str,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<Template> {
        let text = document::expect_string(field, node, self.context.source, diagnostics)?;
        Some(Template::parse_text(&text.value, &text.place, diagnostics))
    }

    fn file(
        &self,
        field: &'static str,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<SentFile> {
        let path = document::expect_string(field, node, self.context.source, diagnostics)?;
        self.context.attachments.find(path, diagnostics)
    }

    fn base64(
        &self,
        field: &'static str,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<Template> {
        let text = self.text(field, node, diagnostics)?;
        if let Template::Literal(serde_json::Value::String(written)) = &text
            && let Err(reason) = decoded_base64(written)
        {
            let place = self.context.source.place(node.span);
            diagnostics.push(
                Diagnostic::error("bad-base64", format!("`{field}` is {reason}"), place)
                    .with_advice(
                        "write bytes as `base64 FILE` prints them, or name the file: `file: …`",
                    ),
            );
        }
        Some(text)
    }

    fn items(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<Template> {
        let source = self.context.source;
        if !node.as_str().is_some_and(|text| text.contains("{{")) {
            document::expect_sequence("ndjson", node, source, diagnostics)?;
        }
        Some(Template::parse(node, source, diagnostics))
    }

    fn parts(
        &self,
        node: &Node,
        content_type: Option<&str>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(String, PartValue)> {
        let source = self.context.source;
        let entries = document::expect_mapping("multipart", node, source, diagnostics);
        let mut parts = Vec::new();
        for (name, entry) in entries.into_iter().flatten() {
            self.parameters
                .refuse_template(name, entry.key_span, diagnostics);
            let format = self.format(content_type.unwrap_or("multipart/form-data"), name);
            let part = self.part(&entry.value, &format, diagnostics);
            parts.extend(part.map(|part| (name.clone(), part)));
        }
        parts
    }

    fn part(
        &self,
        node: &Node,
        format: &FieldFormat,
        diagnostics: &mut Diagnostics,
    ) -> Option<PartValue> {
        let source = self.context.source;
        match &node.value {
            Value::Mapping(_) if is_content(node) => {
                self.content(node, diagnostics).map(PartValue::Content)
            }
            Value::Sequence(items) if items.iter().any(is_content) => {
                let parts = items
                    .iter()
                    .filter_map(|item| self.part(item, format, diagnostics));
                Some(PartValue::List(parts.collect()))
            }
            _ => Some(PartValue::Value(
                match format.is_json() || holds_mapping(node) {
                    true => Template::parse(node, source, diagnostics),
                    false => Template::parse_written(node, source, diagnostics),
                },
            )),
        }
    }

    fn content(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<PartContent> {
        let source = self.context.source;
        let mut fields = Fields::of("a part", node, source, diagnostics)?;
        let given: Vec<(&'static str, &MappingEntry)> = PART_KEYS
            .into_iter()
            .filter_map(|key| fields.entry(key).map(|entry| (key, entry)))
            .collect();
        if let [_, (second, entry), ..] = given[..] {
            diagnostics.push(
                Diagnostic::error(
                    "two-bodies",
                    format!("`{second}` beside `{}`: a part has one content", given[0].0),
                    source.place(entry.key_span),
                )
                .with_advice("keep one of them"),
            );
        }
        let data = given.first().and_then(|(key, entry)| {
            Some(match *key {
                "$file" => PartData::File(self.file(key, &entry.value, diagnostics)?),
                "$base64" => PartData::Base64(self.base64(key, &entry.value, diagnostics)?),
                _ => PartData::Text(self.text(key, &entry.value, diagnostics)?),
            })
        });
        let filename = match fields.get("filename") {
            Some(node) if node.is_null() => Some(None),
            Some(node) => self.text("filename", node, diagnostics).map(Some),
            None => None,
        };
        let content_type = fields
            .get("content_type")
            .and_then(|node| fixed_media_type("content_type", node, self.context, diagnostics));
        let headers = match fields.get("headers") {
            Some(node) => self.parameters.part_headers(node, diagnostics),
            None => Vec::new(),
        };
        fields.finish(diagnostics);
        let data = data?;
        let default = match &data {
            PartData::File(file) => Some(Template::literal(file.name())),
            PartData::Base64(_) | PartData::Text(_) => None,
        };
        Some(PartContent {
            filename: filename.unwrap_or(default),
            data,
            content_type,
            headers,
        })
    }
}

fn is_content(node: &Node) -> bool {
    let keys = node.as_mapping().map(|entries| entries.keys());
    keys.is_some_and(|mut keys| keys.any(|key| key.starts_with('$')))
}

/// Whether a value has a mapping in it, which is then JSON.
fn holds_mapping(node: &Node) -> bool {
    match &node.value {
        Value::Mapping(_) => true,
        Value::Sequence(items) => items.iter().any(holds_mapping),
        _ => false,
    }
}
