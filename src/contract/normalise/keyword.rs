//! The keywords of schema objects in all dialects, and what their values must be.
//!
//! Main type: [`Rule`].

use crate::contract::{UNREACHABLE, template};

/// What a keyword's value must be.
pub(super) enum Rule {
    Schema,
    SchemaMap,
    SchemaList,
    Type,
    Required,
    List,
    Any,
    Count,
    Number,
    Exclusive,
    Bool,
    Pattern,
    Text,
    DependentRequired,
    MessageTemplate,
    /// Says nothing about values, or is handled beside the others.
    Silent,
}

/// The rule of a keyword; `None` for words that JSON Schema and OpenAPI do not know.
pub(super) fn rule(keyword: &str) -> Option<Rule> {
    Some(match keyword {
        "additionalProperties"
        | "items"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contains"
        | "propertyNames"
        | "unevaluatedProperties"
        | "unevaluatedItems" => Rule::Schema,
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
            Rule::SchemaMap
        }
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Rule::SchemaList,
        "type" => Rule::Type,
        "required" => Rule::Required,
        "enum" => Rule::List,
        "const" => Rule::Any,
        "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties" | "minProperties"
        | "maxContains" | "minContains" => Rule::Count,
        "maximum" | "minimum" | "multipleOf" => Rule::Number,
        "exclusiveMaximum" | "exclusiveMinimum" => Rule::Exclusive,
        "uniqueItems" | "readOnly" | "writeOnly" | "nullable" => Rule::Bool,
        "pattern" => Rule::Pattern,
        "format" | UNREACHABLE => Rule::Text,
        "dependentRequired" => Rule::DependentRequired,
        template::KEY => Rule::MessageTemplate,
        "title" | "description" | "default" | "example" | "examples" | "deprecated" | "xml"
        | "externalDocs" | "discriminator" | "contentEncoding" | "contentMediaType"
        | "contentSchema" | "$ref" | "$dynamicRef" | "$id" | "$anchor" | "$dynamicAnchor"
        | "$schema" | "$comment" | "$vocabulary" => Rule::Silent,
        _ => return None,
    })
}

/// The keywords a slip of the pen is compared with.
pub(super) const SPELLINGS: [&str; 22] = [
    "additionalProperties",
    "items",
    "properties",
    "patternProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "required",
    "enum",
    "maxLength",
    "minLength",
    "maxItems",
    "minItems",
    "maximum",
    "minimum",
    "multipleOf",
    "pattern",
    "format",
    "nullable",
    "readOnly",
    "writeOnly",
    "discriminator",
];

/// The types of JSON Schema 2020-12 (validation, section 6.1.1).
pub(super) const TYPES: [&str; 7] = [
    "array", "boolean", "integer", "null", "number", "object", "string",
];
