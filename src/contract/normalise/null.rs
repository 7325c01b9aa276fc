//! Null in schemas that say `nullable` (OpenAPI 3.0) or `x-nullable` (Swagger 2.0), and where schemas are that were wrapped for it.

use serde_json::{Value as Json, json};

use crate::contract::annotation::BESIDE_REFERENCE;
use crate::contract::dialect::Dialect;
use crate::contract::documents::{DocumentPointer, Documents, reference_of};
use crate::contract::nullability::Nullability;
use crate::document::{Node, Value, split_pointer};

/// How the schemas of a contract say that they accept null.
#[derive(Debug, Clone, Copy)]
pub(super) struct NullRule {
    pub(super) dialect: Dialect,
    pub(super) nullability: Nullability,
}

impl NullRule {
    /// The keyword that means null in this dialect.
    pub(super) fn keyword(self) -> Option<&'static str> {
        match (self.dialect, self.nullability) {
            (Dialect::Swagger2, Nullability::AsMeant) => Some("x-nullable"),
            (Dialect::OpenApi30, _) => Some("nullable"),
            _ => None,
        }
    }

    /// Whether the schema says it.
    fn says_null(self, node: &Node) -> bool {
        let keyword = self.keyword();
        keyword.and_then(|keyword| node.get(keyword)?.as_bool()) == Some(true)
    }

    /// The rewritten schema of `node` with null, where `node` says so.
    pub(super) fn with_null(self, node: &Node, schema: Json) -> Json {
        match self.says_null(node) {
            false => schema,
            // By the letter, only `type` is changed (OpenAPI 3.0.4, "Schema Object").
            true if self.nullability == Nullability::AsWritten => match reference_of(node) {
                Some(_) => schema,
                None => null_among_types(schema),
            },
            true if self.wraps(node) => json!({ "if": { "type": "null" }, "else": schema }),
            true => null_among_values(null_among_types(schema)),
        }
    }

    /// Whether null needs a schema around the whole: its `type` alone does not decide about null.
    fn wraps(self, node: &Node) -> bool {
        self.says_null(node)
            && self.nullability == Nullability::AsMeant
            && (node.get("type").is_none()
                || ["$ref", "allOf", "anyOf", "oneOf", "not", "const", "if"]
                    .iter()
                    .any(|keyword| node.get(keyword).is_some()))
    }

    /// The pointer of the rewritten schema of `location`: `else` is inserted where a schema above it was wrapped, and
    /// [`BESIDE_REFERENCE`] where a `$ref` replaces what is beside it.
    pub(super) fn place_of(self, documents: &Documents, location: &DocumentPointer) -> String {
        if self.dialect.is_json_schema() {
            return location.pointer.clone();
        }
        let mut node = Some(&documents.document(location.file).root);
        let mut place = String::with_capacity(location.pointer.len());
        let mut names = false;
        for token in location.pointer.split('/').skip(1) {
            if let Some(node) = node.filter(|_| !names) {
                if self.wraps(node) {
                    place.push_str("/else");
                }
                if reference_of(node).is_some() {
                    place.push('/');
                    place.push_str(BESIDE_REFERENCE);
                }
            }
            // The children of these are names, not keywords.
            names = !names
                && matches!(
                    token,
                    "properties"
                        | "patternProperties"
                        | "$defs"
                        | "definitions"
                        | "dependentSchemas"
                        | "schemas"
                );
            place.push('/');
            place.push_str(token);
            let token = split_pointer(&format!("/{token}")).and_then(|mut tokens| tokens.pop());
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
}

fn null_among_types(mut schema: Json) -> Json {
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
    schema
}

fn null_among_values(mut schema: Json) -> Json {
    if let Some(Json::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Json::Null)
    {
        values.push(Json::Null);
    }
    schema
}
