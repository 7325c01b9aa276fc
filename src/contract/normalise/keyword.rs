//! The keywords of schema objects in all dialects, and what their values must be.
//!
//! Main type: [`KeywordRule`].

use crate::contract::{UNREACHABLE, template};

/// What a keyword's value must be.
pub(super) enum KeywordRule {
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
    Xml,
    /// Says nothing about values, or is handled together with other keywords.
    Silent,
}

/// The rule of a keyword; `None` for words that neither JSON Schema nor OpenAPI defines.
pub(super) fn rule(keyword: &str) -> Option<KeywordRule> {
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
        | "unevaluatedItems" => KeywordRule::Schema,
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
            KeywordRule::SchemaMap
        }
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => KeywordRule::SchemaList,
        "type" => KeywordRule::Type,
        "required" => KeywordRule::Required,
        "enum" => KeywordRule::List,
        "const" => KeywordRule::Any,
        "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties" | "minProperties"
        | "maxContains" | "minContains" => KeywordRule::Count,
        "maximum" | "minimum" | "multipleOf" => KeywordRule::Number,
        "exclusiveMaximum" | "exclusiveMinimum" => KeywordRule::Exclusive,
        "uniqueItems" | "readOnly" | "writeOnly" | "nullable" => KeywordRule::Bool,
        "pattern" => KeywordRule::Pattern,
        "format" | UNREACHABLE => KeywordRule::Text,
        "dependentRequired" => KeywordRule::DependentRequired,
        template::KEY => KeywordRule::MessageTemplate,
        "xml" => KeywordRule::Xml,
        "title" | "description" | "default" | "example" | "examples" | "deprecated"
        | "externalDocs" | "discriminator" | "contentEncoding" | "contentMediaType"
        | "contentSchema" | "dependencies" | "$ref" | "$dynamicRef" | "$id" | "$anchor"
        | "$dynamicAnchor" | "$schema" | "$comment" | "$vocabulary" => KeywordRule::Silent,
        _ => return None,
    })
}

/// The keywords that a misspelt one is compared with.
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
