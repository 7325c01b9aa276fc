//! Swagger 2.0: bodies are parameters, media types come from `consumes` and `produces`.
//!
//! Where the body of a request has a schema and `consumes` names no media type, `application/json` is assumed: the specification leaves it
//! open, and such documents mean JSON. Without `produces` a response may have any media type. `formData` parameters become parameters in [`ParameterLocation::Form`].

use std::sync::Arc;

use super::operation::Parts;
use super::{DialectReader, LocatedNode, format};
use crate::contract::model::{
    DocumentedHeader, DocumentedMediaType, DocumentedResponse, HeaderFormat, Operation, Parameter,
    RequestBody, StatusKey, UNREACHABLE,
};
use crate::contract::style::ParameterLocation;
use crate::document::Node;
use crate::source::Place;

const LOCATIONS: [(&str, ParameterLocation); 4] = [
    ("path", ParameterLocation::Path),
    ("query", ParameterLocation::Query),
    ("header", ParameterLocation::Header),
    ("formData", ParameterLocation::Form),
];

/// `basePath` without a trailing slash.
pub(in crate::contract) fn base_path(reader: &mut DialectReader<'_, '_>) -> String {
    let root = reader.root();
    let path = reader.text(&root, "basePath").unwrap_or_default();
    let path = path.trim_end_matches('/');
    if !path.is_empty() && !path.starts_with('/') {
        let at = reader.child(&root, "basePath").unwrap_or(root);
        let place = reader.place(&at);
        reader.error(
            "invalid-path",
            format!("the base path `{path}` does not begin with a slash"),
            place,
            "write `/` before it",
        );
        return format!("/{path}");
    }
    path.to_owned()
}

/// All operations of the document.
pub(in crate::contract) fn operations(reader: &mut DialectReader<'_, '_>) -> Vec<Arc<Operation>> {
    let root = reader.root();
    let consumes = reader.texts(&root, "consumes");
    let produces = reader.texts(&root, "produces");
    let schemes = reader.security_schemes("/securityDefinitions");
    reader.operations(&schemes, &mut |reader, operation, parameters| {
        let consumes = reader
            .texts(operation, "consumes")
            .or_else(|| consumes.clone());
        let produces = reader
            .texts(operation, "produces")
            .or_else(|| produces.clone());
        let mut read = Vec::new();
        let mut request_body = None;
        for at in parameters {
            let location = at.node.get("in").and_then(|node| node.as_str());
            if location == Some("body") {
                body(reader, at, consumes.as_deref(), &mut request_body);
            } else if let Some(parameter) = parameter(reader, at) {
                read.push(parameter);
            }
        }
        let responses = reader.responses(operation, |reader, at, status, place| {
            response(reader, at, status, place, produces.as_deref())
        });
        Parts {
            parameters: read,
            request_body,
            responses,
        }
    })
}

fn parameter<'n>(reader: &mut DialectReader<'n, '_>, at: &LocatedNode<'n>) -> Option<Parameter> {
    let (name, location, required) = reader.parameter_head(at, &LOCATIONS)?;
    if reader.child(at, "type").is_none() {
        let place = reader.place(at);
        reader.warning(
            "missing-field",
            format!("the parameter `{name}` has no `type`"),
            place,
            "add `type`; until then any value is accepted",
        );
    }
    Some(Parameter {
        name,
        unreachable: reader.text(at, UNREACHABLE),
        location,
        required,
        // The parameter is its own schema; the schema rules read its `required` only where it is a list.
        schema: Some(reader.parameter_schema(at)),
        format: format::swagger2(reader, at, location),
        allow_empty: format::allows_empty(reader, at, location),
        examples: Vec::new(),
        place: reader.place(at),
    })
}

fn body<'n>(
    reader: &mut DialectReader<'n, '_>,
    at: &LocatedNode<'n>,
    consumes: Option<&[String]>,
    found: &mut Option<RequestBody>,
) {
    reader.required_text("a parameter", at, "name");
    if found.is_some() {
        let place = reader.place(at);
        let message = "an operation has only one body, and this is the second".to_owned();
        reader.error(
            "duplicate-parameter",
            message,
            place,
            "combine the two in one schema",
        );
        return;
    }
    let Some(schema) = reader.child(at, "schema") else {
        reader.missing("a body parameter", "schema", at);
        return;
    };
    *found = Some(RequestBody {
        required: reader.flag(at, "required"),
        content: media(reader, &schema, consumes, &UNSTATED_REQUEST),
        place: reader.place(at),
    });
}

fn response<'n>(
    reader: &mut DialectReader<'n, '_>,
    at: &LocatedNode<'n>,
    status: StatusKey,
    place: Place,
    produces: Option<&[String]>,
) -> DocumentedResponse {
    let mut content = match reader.child(at, "schema") {
        Some(schema) => media(reader, &schema, produces, &UNSTATED_RESPONSE),
        None => Vec::new(),
    };
    for media_type in &mut content {
        let example = reader.example_of_media_type(at, &media_type.media_type);
        media_type.examples.extend(example);
    }
    let headers = match reader.child(at, "headers") {
        Some(headers) => reader.entries("`headers`", &headers),
        None => Vec::new(),
    };
    let headers = headers
        .into_iter()
        .filter(|(name, header)| !name.starts_with("x-") || header.node.get("type").is_some())
        .map(|(name, header)| DocumentedHeader {
            name: name.to_owned(),
            required: false,
            schema: Some(reader.schema(&header)),
            format: HeaderFormat::Separated(separators(header.node)),
            place: reader.key_place(&header),
            pointer: header.location.pointer.clone(),
        })
        .collect();
    DocumentedResponse {
        status,
        unreachable: reader.text(at, UNREACHABLE),
        description: reader.description(at),
        headers,
        content,
        place,
        pointer: at.location.pointer.clone(),
    }
}

/// The separators of a header's lists, from the outer list to the innermost. `csv` is the default, and replaces what is not a
/// format of headers.
fn separators(header: &Node) -> Vec<char> {
    let lists = std::iter::successors(Some(header), |list| list.get("items"));
    lists
        .take_while(|list| list.get("type").and_then(Node::as_str) == Some("array"))
        .map(
            |list| match list.get("collectionFormat").and_then(Node::as_str) {
                Some("ssv") => ' ',
                Some("tsv") => '\t',
                Some("pipes") => '|',
                _ => ',',
            },
        )
        .collect()
}

/// The media type in place of those that are not named.
struct UnstatedMediaType {
    media_type: &'static str,
    is_named: bool,
}

const UNSTATED_REQUEST: UnstatedMediaType = UnstatedMediaType {
    media_type: "application/json",
    is_named: true,
};

const UNSTATED_RESPONSE: UnstatedMediaType = UnstatedMediaType {
    media_type: "*/*",
    is_named: false,
};

/// One schema under each media type. An empty list names none: it removes those of the document (Swagger 2.0, "Operation Object").
fn media<'n>(
    reader: &mut DialectReader<'n, '_>,
    schema: &LocatedNode<'n>,
    named: Option<&[String]>,
    unstated: &UnstatedMediaType,
) -> Vec<DocumentedMediaType> {
    let named = named.unwrap_or_default().iter();
    let mut media_types: Vec<(&str, bool)> = named.map(|name| (name.as_str(), true)).collect();
    if media_types.is_empty() {
        media_types.push((unstated.media_type, unstated.is_named));
    }
    let compiled = reader.schema(schema);
    media_types
        .into_iter()
        .map(|(media_type, is_named)| DocumentedMediaType {
            media_type: media_type.to_owned(),
            is_named,
            schema: Some(compiled.clone()),
            item_schema: None,
            encodings: Vec::new(),
            examples: Vec::new(),
            place: reader.key_place(schema),
            pointer: schema.location.pointer.clone(),
        })
        .collect()
}
