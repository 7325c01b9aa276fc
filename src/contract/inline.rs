//! A JSON Schema inside a case file, compiled when the case is read.
//!
//! Main function: [`Schema::inline`].

use std::sync::Arc;

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{Draft, ReferencingError, ValidationError};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::format::{NUMBER_FORMAT, is_number_format};
use super::library::{Contents, SchemaLibrary, SchemaOrigin, SchemaTrees, engine};
use super::schema::Schema;
use crate::document::escape_pointer;
use crate::source::Place;

/// Why a value cannot be used as a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFault {
    /// A fragment that fits after "not a JSON Schema:".
    pub message: String,
    /// JSON pointer of the faulty part in the schema.
    pub pointer: String,
}

impl Schema {
    /// Compiles a schema written in a case file at `place`: JSON Schema 2020-12, or the draft that its `$schema` names (4, 6, 7,
    /// 2019-09). Fails when the schema breaks the rules of its draft, and where a `$ref` leads neither into the schema itself nor to a
    /// published metaschema: nothing is fetched.
    pub fn inline(mut value: Value, place: Option<Place>) -> Result<Schema, SchemaFault> {
        let draft = Draft::default().detect(&value);
        if draft == Draft::Unknown {
            let dialect = value.get("$schema").and_then(Value::as_str);
            return Err(SchemaFault {
                message: format!("unknown dialect {}", dialect.unwrap_or_default()),
                pointer: "/$schema".to_owned(),
            });
        }
        // The engine checks it too, but its message names no keyword where several types are allowed.
        if let Err(error) = jsonschema::meta::validate(&value) {
            return Err(SchemaFault {
                message: not_allowed(&error),
                pointer: error.instance_path().as_str().to_owned(),
            });
        }
        rewrite_number_formats(&mut value, KeyMeaning::Keywords);
        let validator = engine(draft)
            .with_registry(&referencing::SPECIFICATIONS)
            .offline()
            .build(&value)
            .map_err(|error| refused(&error, &value))?;
        let library = Arc::new(SchemaLibrary::default());
        library.fill(Contents {
            origin: SchemaOrigin::Inline { place, draft },
            schemas: SchemaTrees {
                trees: vec![Arc::new(value)],
                ..SchemaTrees::default()
            },
        });
        Ok(Schema::compiled(library, validator))
    }
}

/// The message for a keyword with a value that is not allowed. Where several types are allowed (`type`: a name or a list of names),
/// the engine says only that none of them matches.
fn not_allowed(error: &ValidationError<'_>) -> String {
    let path = error.instance_path().as_str();
    match (error.kind(), path.rsplit('/').next()) {
        (Kind::AnyOf { .. }, Some(keyword)) => {
            format!("`{keyword}` cannot be {}", error.instance())
        }
        _ => error.to_string(),
    }
}

/// Why the engine does not compile a schema that follows the rules of its draft.
fn refused(error: &ValidationError<'_>, schema: &Value) -> SchemaFault {
    let Kind::Referencing(reason) = error.kind() else {
        return SchemaFault {
            message: error.to_string().replace('\n', " "),
            pointer: error.instance_path().as_str().to_owned(),
        };
    };
    let found = references(schema)
        .into_iter()
        .find(|(_, text)| is_refused(text, reason));
    match found {
        Some((pointer, text)) => {
            let where_to = match reason {
                ReferencingError::Unretrievable { .. } => "outside the schema",
                _ => "nowhere",
            };
            SchemaFault {
                message: format!("the reference to {text} leads {where_to}"),
                pointer,
            }
        }
        None => SchemaFault {
            message: reason.to_string(),
            pointer: String::new(),
        },
    }
}

/// Whether `text` may be the reference that could not be resolved.
fn is_refused(text: &str, reason: &ReferencingError) -> bool {
    let (document, fragment) = text.split_once('#').unwrap_or((text, ""));
    let fragment = percent_decode_str(fragment).decode_utf8_lossy();
    match reason {
        ReferencingError::Unretrievable { uri, .. } => {
            let relative = document.trim_start_matches(['.', '/']);
            !relative.is_empty()
                && uri
                    .split('#')
                    .next()
                    .is_some_and(|uri| uri.ends_with(relative))
        }
        ReferencingError::PointerToNowhere { pointer }
        | ReferencingError::InvalidPercentEncoding { pointer, .. }
        | ReferencingError::InvalidArrayIndex { pointer, .. } => *pointer == fragment,
        ReferencingError::NoSuchAnchor { anchor } | ReferencingError::InvalidAnchor { anchor } => {
            *anchor == fragment
        }
        _ => false,
    }
}

/// What the keys of a mapping in a schema are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyMeaning {
    Keywords,
    /// Names of properties and definitions: the schemas are below them.
    Names,
}

impl KeyMeaning {
    /// What the keys below a key are; `None`: data, which is not a schema.
    fn below(self, key: &str) -> Option<KeyMeaning> {
        if self == KeyMeaning::Names {
            return Some(KeyMeaning::Keywords);
        }
        match key {
            "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas"
            | "dependencies" => Some(KeyMeaning::Names),
            "const" | "enum" | "default" | "examples" => None,
            _ => Some(KeyMeaning::Keywords),
        }
    }
}

/// All references of a schema, each with the pointer of its keyword. Recursion is bounded by the depth limit of case files.
fn references(schema: &Value) -> Vec<(String, String)> {
    fn collect(
        value: &Value,
        entries: KeyMeaning,
        pointer: &str,
        found: &mut Vec<(String, String)>,
    ) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    let Some(below) = entries.below(key) else {
                        continue;
                    };
                    let pointer = format!("{pointer}/{}", escape_pointer(key));
                    match value {
                        Value::String(text)
                            if entries == KeyMeaning::Keywords
                                && ["$ref", "$dynamicRef", "$recursiveRef"]
                                    .contains(&key.as_str()) =>
                        {
                            found.push((pointer, text.clone()));
                        }
                        value => collect(value, below, &pointer, found),
                    }
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    collect(item, entries, &format!("{pointer}/{i}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(schema, KeyMeaning::Keywords, "", &mut found);
    found
}

/// `format: int32` and similar, anywhere in the schema, rewritten as the keyword that the engine applies to numbers.
fn rewrite_number_formats(value: &mut Value, entries: KeyMeaning) {
    match value {
        Value::Object(object) => {
            if entries == KeyMeaning::Keywords
                && let Some(Value::String(format)) = object.get("format")
                && is_number_format(format)
            {
                let format = Value::String(format.clone());
                object.insert(NUMBER_FORMAT.to_owned(), format);
                object.shift_remove("format");
            }
            for (key, value) in object.iter_mut() {
                if let Some(below) = entries.below(key) {
                    rewrite_number_formats(value, below);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                rewrite_number_formats(item, entries);
            }
        }
        _ => {}
    }
}
