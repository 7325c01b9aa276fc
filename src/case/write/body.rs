//! What a step sends as its body.

use super::value::{
    Entries, Inexpressible, entry, names, one_line_mapping, string, template, text,
};
use crate::case::{Body, PartContent, PartData, PartValue, Template};
use crate::contract::Operation;
use crate::document::{YamlLayout, YamlValue};

/// The body, and its media type unless it is the one that the reader assumes.
pub(super) fn fields(body: &Body, operation: Option<&Operation>) -> Result<Entries, Inexpressible> {
    let written = match body {
        Body::Json { value, .. } => entry("body", template(value)?),
        Body::Text { text, .. } => entry("text", string(text)?),
        Body::Form { fields, .. } => entry("form", one_line_mapping(names(fields, template)?)),
        Body::Multipart { parts, .. } => entry("multipart", one_line_mapping(names(parts, part)?)),
        Body::File { file, .. } => entry("file", text(&file.path)),
        Body::Base64 { text, .. } => entry("base64", string(text)?),
        Body::JsonLines { items, .. } => entry("ndjson", template(items)?),
    };
    let default = body.kind().default_content_type(operation);
    Ok(match body.content_type() {
        Some(given) if given == default => vec![written],
        Some(given) => vec![entry("content_type", text(given)), written],
        None => vec![entry("content_type", YamlValue::Null), written],
    })
}

fn part(part: &PartValue) -> Result<YamlValue, Inexpressible> {
    match part {
        PartValue::Value(value) => template(value),
        PartValue::Content(content) => self::content(content),
        PartValue::List(parts) => {
            let parts = parts.iter().map(self::part);
            let parts = parts.collect::<Result<_, _>>()?;
            Ok(YamlValue::Sequence(YamlLayout::OneLine, parts))
        }
    }
}

fn content(content: &PartContent) -> Result<YamlValue, Inexpressible> {
    let PartContent {
        data,
        filename,
        content_type,
        headers,
    } = content;
    let (data, default) = match data {
        PartData::File(file) => (
            entry("$file", text(&file.path)),
            Some(Template::literal(file.name())),
        ),
        PartData::Base64(text) => (entry("$base64", string(text)?), None),
        PartData::Text(text) => (entry("$text", string(text)?), None),
    };
    let mut entries = vec![data];
    match filename {
        same if *same == default => {}
        Some(name) => entries.push(entry("filename", string(name)?)),
        None => entries.push(entry("filename", YamlValue::Null)),
    }
    if let Some(content_type) = content_type {
        entries.push(entry("content_type", text(content_type)));
    }
    if !headers.is_empty() {
        let headers = one_line_mapping(names(headers, template)?);
        entries.push(entry("headers", headers));
    }
    Ok(one_line_mapping(entries))
}
