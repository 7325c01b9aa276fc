//! Schemas that are nested deeper in the rewritten tree than in the document: `nullable` puts one under `else`, a discriminator under
//! `discriminator/base`. Decides which schemas are wrapped, and where they are then.

use serde_json::{Value as Json, json};

use super::discriminator::Discriminators;
use crate::contract::dialect::Dialect;
use crate::contract::documents::{DocumentPointer, reference_of};
use crate::diagnostic::Diagnostics;
use crate::document::{Node, Value, split_pointer};

/// Whether 3.0's `nullable` applies to the schema.
pub(super) fn is_nullable(node: &Node, dialect: Dialect) -> bool {
    dialect == Dialect::OpenApi30
        && reference_of(node).is_none()
        && node.get("nullable").and_then(Node::as_bool) == Some(true)
}

/// The pointer of the rewritten schema of `location`: `else` and `discriminator/base` are inserted where a schema above it was
/// wrapped. `open_null`: also enter the wrapping that `nullable` gave the schema itself.
pub(super) fn place_of(
    location: &DocumentPointer,
    open_null: bool,
    discriminators: &mut Discriminators<'_>,
    diagnostics: &mut Diagnostics,
) -> String {
    let documents = discriminators.documents;
    let tokens: Vec<&str> = location.pointer.split('/').skip(1).collect();
    let mut parent = DocumentPointer::new(location.file, "");
    let mut node = Some(&documents.document(location.file).root);
    let mut place = String::new();
    let mut names = false;
    for i in 0..=tokens.len() {
        let last = i == tokens.len();
        if let Some(node) = node
            && !names
            && node.get("nullable").is_some() | node.get("discriminator").is_some()
            && reference_of(node).is_none()
        {
            let dispatch = discriminators
                .dispatch(node, &parent, diagnostics)
                .is_some();
            let wrapped = is_nullable(node, discriminators.dialect) && wraps_null(node, dispatch);
            if wrapped && (!last || open_null) {
                place.push_str("/else");
            }
            if dispatch && !last {
                place.push_str("/discriminator/base");
            }
        }
        if last {
            break;
        }
        // The children of these are names, not keywords.
        names = !names
            && matches!(
                tokens[i],
                "properties"
                    | "patternProperties"
                    | "$defs"
                    | "definitions"
                    | "dependentSchemas"
                    | "schemas"
            );
        place.push('/');
        place.push_str(tokens[i]);
        let token = split_pointer(&format!("/{}", tokens[i])).and_then(|mut tokens| tokens.pop());
        parent.pointer.push('/');
        parent.pointer.push_str(tokens[i]);
        node = match (node.map(|node| &node.value), token) {
            (Some(Value::Mapping(entries)), Some(token)) => {
                entries.get(&token).map(|entry| &entry.value)
            }
            (Some(Value::Sequence(items)), Some(token)) => {
                token.parse().ok().and_then(|i: usize| items.get(i))
            }
            _ => None,
        };
    }
    place
}

/// Whether `nullable` needs a schema around the whole: its `type` alone does not decide about null.
pub(super) fn wraps_null(node: &Node, dispatch: bool) -> bool {
    dispatch
        || node.get("type").is_none()
        || ["allOf", "anyOf", "oneOf", "not", "const", "if"]
            .iter()
            .any(|keyword| node.get(keyword).is_some())
}

/// The schema with null among its types, and among its `enum`.
pub(super) fn or_null(mut schema: Json) -> Json {
    if let Some(name) = schema.get_mut("type") {
        *name = match name.take() {
            Json::Array(mut names) => {
                if !names.contains(&Json::from("null")) {
                    names.push(Json::from("null"));
                }
                Json::Array(names)
            }
            single => json!([single, "null"]),
        };
    }
    if let Some(Json::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Json::Null)
    {
        values.push(Json::Null);
    }
    schema
}
