//! Which keywords a schema resource does not have, by its `$schema`.
//!
//! Main function: [`lacking`]. A resource may follow a metaschema that declares only some vocabularies (JSON Schema 2020-12, section 8.1.2).
//! In it, the other keywords are unknown words. Schemas in older drafts were rewritten before, see [`crate::contract::draft`].

use crate::contract::documents::{DocumentPointer, Documents};
use crate::document::Node;

const PREFIX: &str = "https://json-schema.org/draft/2020-12/vocab/";

/// The keywords of each vocabulary that has effect on values.
const VOCABULARIES: [(&str, &[&str]); 4] = [
    (
        "applicator",
        &[
            "prefixItems",
            "items",
            "contains",
            "additionalProperties",
            "properties",
            "patternProperties",
            "dependentSchemas",
            "propertyNames",
            "if",
            "then",
            "else",
            "allOf",
            "anyOf",
            "oneOf",
            "not",
        ],
    ),
    (
        "unevaluated",
        &["unevaluatedItems", "unevaluatedProperties"],
    ),
    (
        "validation",
        &[
            "type",
            "const",
            "enum",
            "multipleOf",
            "maximum",
            "exclusiveMaximum",
            "minimum",
            "exclusiveMinimum",
            "maxLength",
            "minLength",
            "pattern",
            "maxItems",
            "minItems",
            "uniqueItems",
            "maxContains",
            "minContains",
            "maxProperties",
            "minProperties",
            "required",
            "dependentRequired",
        ],
    ),
    ("format-", &["format"]),
];

/// The keywords that the schemas of a resource do not have; none where its `$schema` is missing or unknown.
pub(super) fn lacking(documents: &Documents, resource: &DocumentPointer) -> Vec<&'static str> {
    let root = documents.node(resource);
    let dialect = root.and_then(|root| root.get("$schema")?.as_str());
    let Some(dialect) = dialect.map(|dialect| dialect.trim_end_matches('#')) else {
        return Vec::new();
    };
    let metaschema = documents.identifiers().named(resource, dialect);
    let metaschema = metaschema.and_then(|location| documents.node(location));
    let declared = metaschema.and_then(|metaschema| metaschema.get("$vocabulary")?.as_mapping());
    let Some(declared) = declared else {
        return Vec::new();
    };
    let has = |name: &str| {
        let declared = &mut declared.keys();
        declared.any(|uri| {
            uri.strip_prefix(PREFIX)
                .is_some_and(|rest| rest.starts_with(name))
        })
    };
    let absent = VOCABULARIES.iter().filter(|(name, _)| !has(name));
    absent
        .flat_map(|(_, keywords)| keywords.iter().copied())
        .collect()
}

/// Names of properties or schemas that must be there when another property is (`dependencies` of older drafts, which 2020-12 still
/// reserves).
pub(super) enum Dependency<'n> {
    Names(Vec<&'n str>),
    Schema,
}

/// What `dependencies` says for each property.
pub(super) fn dependencies(schema: &Node) -> impl Iterator<Item = (&String, Dependency<'_>)> {
    let entries = schema.get("dependencies").and_then(Node::as_mapping);
    entries.into_iter().flatten().map(|(name, entry)| {
        let dependency = match entry.value.as_sequence() {
            Some(names) => Dependency::Names(names.iter().filter_map(Node::as_str).collect()),
            None => Dependency::Schema,
        };
        (name, dependency)
    })
}
