//! OpenAPI 3.0, 3.1 and 3.2: media types carry the schemas, components are shared by reference.
//!
//! Not read: `links`, `callbacks`, `webhooks`, and components that no operation refers to (schemas excepted: all of them are read).

use std::sync::Arc;

use super::operation::Parts;
use super::{DialectReader, LocatedNode, format};
use crate::contract::dialect::Dialect;
use crate::contract::encoding::{PropertyEncoding, essence};
use crate::contract::model::{
    DocumentedHeader, DocumentedMediaType, DocumentedResponse, HeaderFormat, Operation, Parameter,
    RequestBody, StatusKey, UNREACHABLE,
};
use crate::contract::schema::Schema;
use crate::contract::server::ServerAddress;
use crate::contract::style::ParameterLocation;
use crate::diagnostic::Diagnostic;
use crate::document::Node;
use crate::source::Place;

/// The last is one since OpenAPI 3.2.
const LOCATIONS: [(&str, ParameterLocation); 5] = [
    ("path", ParameterLocation::Path),
    ("query", ParameterLocation::Query),
    ("header", ParameterLocation::Header),
    ("cookie", ParameterLocation::Cookie),
    ("querystring", ParameterLocation::QueryString),
];

/// The dialect in which schemas of OpenAPI 3.1 documents are read.
const JSON_SCHEMA: &str = "https://json-schema.org/draft/2020-12/schema";

/// The dialects of OpenAPI 3.1 and 3.2 themselves: 2020-12 and a few annotations (OpenAPI 3.1, "Schema Object").
const OAS_DIALECTS: [&str; 4] = [
    "https://spec.openapis.org/oas/3.1/dialect/base",
    "https://spec.openapis.org/oas/3.1/dialect/2024-10-25",
    "https://spec.openapis.org/oas/3.1/dialect/2024-11-10",
    "https://spec.openapis.org/oas/3.2/dialect/2025-09-17",
];

/// A diagnostic when the document's schemas are in a dialect that is not supported.
pub(in crate::contract) fn check_schema_dialect(reader: &mut DialectReader<'_, '_>) {
    if !reader.dialect.is_json_schema() {
        return;
    }
    let root = reader.root();
    let default = reader.child(&root, "jsonSchemaDialect");
    let mut stated: Vec<LocatedNode<'_>> = default.into_iter().collect();
    let schemas = reader.dialect.schemas_pointer();
    for name in reader.names_at(schemas) {
        let location = crate::contract::documents::DocumentPointer::new(0, schemas).child(name);
        if let Some(node) = reader.documents.node(&location) {
            let schema = LocatedNode {
                location,
                node,
                key: None,
            };
            stated.extend(reader.child(&schema, "$schema"));
        }
    }
    for at in stated {
        let Some(dialect) = at.node.as_str() else {
            continue;
        };
        let known = dialect.trim_end_matches('#');
        if known != JSON_SCHEMA && !OAS_DIALECTS.contains(&known) {
            let place = reader.place(&at);
            reader.error(
                "unknown-dialect",
                format!("the schema dialect {dialect} is not supported"),
                place,
                format!("use {JSON_SCHEMA} or {}", OAS_DIALECTS[0]),
            );
        }
    }
}

/// The path of the first server, its variables filled with their defaults, without a trailing slash (`""` when there is none).
pub(in crate::contract) fn base_path(reader: &mut DialectReader<'_, '_>) -> String {
    let root = reader.root();
    let Some(servers) = reader.child(&root, "servers") else {
        return String::new();
    };
    let servers = reader.items("`servers`", &servers);
    let Some(server) = servers.first() else {
        return String::new();
    };
    if !reader.is_mapping("a server", server) {
        return String::new();
    }
    let Some(mut url) = reader.required_text("a server", server, "url") else {
        return String::new();
    };
    if let Some(variables) = reader.child(server, "variables") {
        for (name, variable) in reader.entries("`variables`", &variables) {
            if reader.is_mapping("a server variable", &variable)
                && let Some(default) =
                    reader.required_text("a server variable", &variable, "default")
            {
                url = url.replace(&format!("{{{name}}}"), &default);
            }
        }
    }
    ServerAddress::of(&url).path
}

/// All operations of the document.
pub(in crate::contract) fn operations(reader: &mut DialectReader<'_, '_>) -> Vec<Arc<Operation>> {
    let schemes = reader.security_schemes("/components/securitySchemes");
    reader.operations(&schemes, &mut |reader, operation, parameters| {
        let parameters = parameters
            .iter()
            .filter_map(|at| parameter(reader, at))
            .collect();
        let request_body = reader
            .child(operation, "requestBody")
            .and_then(|at| reader.follow(at))
            .and_then(|at| request_body(reader, &at));
        let responses = reader.responses(operation, response);
        Parts {
            parameters,
            request_body,
            responses,
        }
    })
}

fn parameter<'n>(reader: &mut DialectReader<'n, '_>, at: &LocatedNode<'n>) -> Option<Parameter> {
    let locations = match reader.dialect {
        Dialect::OpenApi32 => &LOCATIONS[..],
        _ => &LOCATIONS[..4],
    };
    let (name, location, required) = reader.parameter_head(at, locations)?;
    Some(Parameter {
        name,
        unreachable: reader.text(at, UNREACHABLE),
        location,
        required,
        schema: match reader.child(at, "schema") {
            Some(schema) => Some(reader.parameter_schema(&schema)),
            None => schema_or_content(reader, at),
        },
        format: format::openapi3(reader, at, location),
        allow_empty: format::allows_empty(reader, at, location),
        examples: match parameter_media_type(reader, at) {
            Some(media_type) => reader.examples(&media_type),
            None => reader.examples(at),
        },
        place: reader.place(at),
    })
}

/// The one media type of a parameter without `schema`.
fn parameter_media_type<'n>(
    reader: &DialectReader<'n, '_>,
    at: &LocatedNode<'n>,
) -> Option<LocatedNode<'n>> {
    if reader.child(at, "schema").is_some() {
        return None;
    }
    let content = reader.child(at, "content")?;
    let media_type = content.node.as_mapping()?.keys().next()?;
    reader.child(&content, media_type)
}

fn request_body<'n>(
    reader: &mut DialectReader<'n, '_>,
    at: &LocatedNode<'n>,
) -> Option<RequestBody> {
    if !reader.is_mapping("a request body", at) {
        return None;
    }
    if reader.child(at, "content").is_none() {
        reader.missing("a request body", "content", at);
    }
    Some(RequestBody {
        required: reader.flag(at, "required"),
        content: content(reader, at),
        place: reader.place(at),
    })
}

fn response<'n>(
    reader: &mut DialectReader<'n, '_>,
    at: &LocatedNode<'n>,
    status: StatusKey,
    place: Place,
) -> DocumentedResponse {
    let headers = match reader.child(at, "headers") {
        Some(headers) => reader.entries("`headers`", &headers),
        None => Vec::new(),
    };
    let headers = headers
        .into_iter()
        // "If a response header is defined with the name Content-Type, it SHALL be ignored" (OpenAPI 3.1, "Response Object").
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"))
        .filter_map(|(name, written)| {
            let place = reader.key_place(&written);
            let header = reader.follow(written)?;
            reader
                .is_mapping("a header", &header)
                .then(|| DocumentedHeader {
                    name: name.to_owned(),
                    required: reader.flag(&header, "required"),
                    schema: schema_or_content(reader, &header),
                    format: header_format(reader, &header),
                    place,
                    pointer: header.location.pointer.clone(),
                })
        })
        .collect();
    DocumentedResponse {
        status,
        unreachable: reader.text(at, UNREACHABLE),
        description: reader.description(at),
        headers,
        content: content(reader, at),
        place,
        pointer: at.location.pointer.clone(),
    }
}

/// How the text of a header represents a value. Headers have no other style than `simple`.
fn header_format<'n>(reader: &mut DialectReader<'n, '_>, header: &LocatedNode<'n>) -> HeaderFormat {
    let content = header
        .node
        .get("content")
        .and_then(|node| node.as_mapping());
    let media_type = content.and_then(|content| content.keys().next());
    match media_type {
        Some(media_type) if header.node.get("schema").is_none() => {
            HeaderFormat::Content(media_type.clone())
        }
        _ => HeaderFormat::Simple {
            explode: reader.flag(header, "explode"),
        },
    }
}

/// The entries of `content`.
fn content<'n>(
    reader: &mut DialectReader<'n, '_>,
    at: &LocatedNode<'n>,
) -> Vec<DocumentedMediaType> {
    let Some(content) = reader.child(at, "content") else {
        return Vec::new();
    };
    let mut media = Vec::new();
    for (media_type, at) in reader.entries("`content`", &content) {
        if !media_type.contains('/') {
            let diagnostic = Diagnostic::error(
                "invalid-media-type",
                format!("`{media_type}` is not a media type"),
                reader.key_place(&at),
            );
            reader
                .diagnostics
                .push(diagnostic.with_advice("write a media type such as `application/json`"));
            continue;
        }
        let place = reader.key_place(&at);
        // A media type may be a reference to one of `components/mediaTypes` since OpenAPI 3.2.
        let at = match reader.dialect {
            Dialect::OpenApi32 => match reader.follow(at) {
                Some(at) => at,
                None => continue,
            },
            _ => at,
        };
        if !reader.is_mapping("a media type", &at) {
            continue;
        }
        let schema = reader.child(&at, "schema");
        let item_schema = reader
            .child(&at, "itemSchema")
            .filter(|_| reader.dialect == Dialect::OpenApi32);
        media.push(DocumentedMediaType {
            media_type: media_type.to_owned(),
            is_named: true,
            schema: schema.map(|schema| reader.schema(&schema)),
            item_schema: item_schema.map(|schema| reader.schema(&schema)),
            encodings: encodings(reader, &at, media_type),
            examples: reader.examples(&at),
            place,
            pointer: at.location.pointer.clone(),
        });
    }
    media
}

/// The entries of `encoding`. In OpenAPI 3.0 styles are only for URL-encoded forms ("Encoding Object").
fn encodings<'n>(
    reader: &mut DialectReader<'n, '_>,
    media: &LocatedNode<'n>,
    media_type: &str,
) -> Vec<PropertyEncoding> {
    let stated = reader.child(media, "encoding");
    let Some(stated) = stated.filter(|at| at.node.as_mapping().is_some()) else {
        return Vec::new();
    };
    let has_styles = match reader.dialect {
        Dialect::OpenApi30 => essence(media_type) == "application/x-www-form-urlencoded",
        _ => true,
    };
    let mut encodings = Vec::new();
    for (property, at) in reader.entries("`encoding`", &stated) {
        let states = |key: &str| at.node.get(key).is_some();
        let is_styled = has_styles
            && ["style", "explode", "allowReserved"]
                .into_iter()
                .any(states);
        let content_type = at.node.get("contentType").and_then(Node::as_str);
        encodings.push(PropertyEncoding {
            property: property.to_owned(),
            content_type: content_type.map(str::to_owned),
            format: is_styled.then(|| format::openapi3(reader, &at, ParameterLocation::Query)),
            headers: part_headers(reader, &at),
            place: reader.key_place(&at),
        });
    }
    encodings
}

/// "`Content-Type` is described separately and SHALL be ignored in this section" (OpenAPI 3.1.1, "Encoding Object").
fn part_headers<'n>(
    reader: &mut DialectReader<'n, '_>,
    encoding: &LocatedNode<'n>,
) -> Vec<(String, bool)> {
    let stated = reader.child(encoding, "headers");
    let Some(stated) = stated.filter(|at| at.node.as_mapping().is_some()) else {
        return Vec::new();
    };
    let mut headers = Vec::new();
    for (name, at) in reader.entries("`headers`", &stated) {
        if let Some(header) = reader.follow(at)
            && !name.eq_ignore_ascii_case("content-type")
        {
            let required = header.node.get("required").and_then(Node::as_bool);
            headers.push((name.to_owned(), required == Some(true)));
        }
    }
    headers
}

/// The schema of a parameter or header: its own, else that of its one media type.
fn schema_or_content<'n>(
    reader: &mut DialectReader<'n, '_>,
    at: &LocatedNode<'n>,
) -> Option<Schema> {
    if let Some(schema) = reader.child(at, "schema") {
        return Some(reader.schema(&schema));
    }
    content(reader, at)
        .into_iter()
        .next()
        .and_then(|media| media.schema)
}
