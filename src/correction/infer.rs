//! Schemas inferred from values. Main type: [`ValueShape`].
//!
//! A schema says what all values have in common: their types, the properties that all objects have as `required`, and a format only where
//! every text has it and no other kind of text would by chance. It never holds a value.

use std::sync::LazyLock;

use indexmap::IndexMap;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::contract::SchemaNotation;
use crate::text::Redactor;

/// The formats that a text has hardly by chance.
const FORMATS: [&str; 3] = ["date-time", "date", "uuid"];

/// An object with more different keys is a map.
const MOST_PROPERTIES: usize = 100;

/// How deep values are described; below, anything is allowed.
const DEEPEST: usize = 40;

/// What some values have in common.
#[derive(Debug, Clone, Default)]
pub(super) struct ValueShape {
    nulls: usize,
    booleans: usize,
    integers: usize,
    /// With a fraction.
    numbers: usize,
    texts: usize,
    /// The number of texts in each of [`FORMATS`].
    formats: [usize; FORMATS.len()],
    arrays: usize,
    items: Option<Box<ValueShape>>,
    objects: usize,
    properties: IndexMap<String, ValueShape>,
    /// The values under keys that are data and not names.
    under_keys: Option<Box<ValueShape>>,
}

impl ValueShape {
    /// Adds a value. Keys that the redactor masks are not kept.
    pub(super) fn add(&mut self, value: &Value, redactor: &Redactor) {
        self.add_at(value, redactor, 0);
    }

    fn add_at(&mut self, value: &Value, redactor: &Redactor, depth: usize) {
        match value {
            Value::Null => self.nulls += 1,
            Value::Bool(_) => self.booleans += 1,
            Value::Number(number) => match number.as_f64().is_some_and(|n| n.fract() == 0.0) {
                true => self.integers += 1,
                false => self.numbers += 1,
            },
            Value::String(text) => self.add_text(text),
            Value::Array(items) => {
                self.arrays += 1;
                if depth < DEEPEST {
                    let shape = self.items.get_or_insert_default();
                    for item in items {
                        shape.add_at(item, redactor, depth + 1);
                    }
                }
            }
            Value::Object(entries) => {
                self.objects += 1;
                if depth < DEEPEST {
                    for (name, value) in entries {
                        let shape = match is_data(name, redactor) {
                            true => self.under_keys.get_or_insert_default(),
                            false => self.properties.entry(name.clone()).or_default(),
                        };
                        shape.add_at(value, redactor, depth + 1);
                    }
                }
            }
        }
    }

    fn add_text(&mut self, text: &str) {
        self.texts += 1;
        let value = Value::from(text);
        for (count, validator) in self.formats.iter_mut().zip(FORMAT_VALIDATORS.iter()) {
            *count += usize::from(validator.as_ref().is_some_and(|all| all.is_valid(&value)));
        }
    }

    /// The number of values.
    pub(super) fn total(&self) -> usize {
        self.nulls
            + self.booleans
            + self.integers
            + self.numbers
            + self.texts
            + self.arrays
            + self.objects
    }

    /// Whether null is among the values.
    pub(super) fn has_null(&self) -> bool {
        self.nulls > 0
    }

    /// The JSON types of the values except null, as schemas name them: `number` where any number has a fraction.
    pub(super) fn types(&self) -> Vec<&'static str> {
        let all = [
            ("boolean", self.booleans),
            ("integer", if self.numbers > 0 { 0 } else { self.integers }),
            ("number", self.numbers),
            ("string", self.texts),
            ("array", self.arrays),
            ("object", self.objects),
        ];
        let found = all.into_iter().filter(|(_, count)| *count > 0);
        found.map(|(name, _)| name).collect()
    }

    /// The numbers of values by type: `12 string, 3 null`.
    pub(super) fn counts(&self) -> String {
        let all = [
            ("null", self.nulls),
            ("boolean", self.booleans),
            ("integer", self.integers),
            ("number", self.numbers),
            ("string", self.texts),
            ("array", self.arrays),
            ("object", self.objects),
        ];
        let found = all.into_iter().filter(|(_, count)| *count > 0);
        let parts: Vec<String> = found
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        parts.join(", ")
    }

    /// The schema of all the values; `{}` accepts anything.
    pub(super) fn schema(&self, notation: SchemaNotation) -> Value {
        let alternatives = self.by_type(notation);
        match notation {
            SchemaNotation::JsonSchema => self.with_list_of_types(alternatives),
            SchemaNotation::OpenApi30 => self.with_nullable(alternatives),
            SchemaNotation::Swagger2 { null_keyword } => match alternatives.as_slice() {
                [Value::Object(only)] if !self.has_null() => Value::Object(only.clone()),
                [Value::Object(only)] => match null_keyword {
                    Some(keyword) => {
                        let mut schema = only.clone();
                        schema.insert(keyword.to_owned(), json!(true));
                        Value::Object(schema)
                    }
                    None => json!({}),
                },
                // Swagger 2.0 has no word for several types.
                _ => json!({}),
            },
        }
    }

    /// A schema for each type that occurs, except null.
    pub(super) fn by_type(&self, notation: SchemaNotation) -> Vec<Value> {
        let types = self.types().into_iter();
        types
            .map(|name| match name {
                "string" => self.of_texts(),
                "array" => {
                    let items = self.items.as_ref().filter(|items| items.total() > 0);
                    let items = items.map_or_else(|| json!({}), |items| items.schema(notation));
                    json!({ "type": "array", "items": items })
                }
                "object" => self.of_objects(notation),
                name => json!({ "type": name }),
            })
            .collect()
    }

    fn of_texts(&self) -> Value {
        let common = FORMATS.iter().zip(self.formats);
        let mut common = common.filter(|(_, count)| *count == self.texts);
        match common.next() {
            Some((format, _)) => json!({ "type": "string", "format": format }),
            None => json!({ "type": "string" }),
        }
    }

    fn of_objects(&self, notation: SchemaNotation) -> Value {
        let mut schema = Map::new();
        schema.insert("type".to_owned(), json!("object"));
        if self.properties.len() > MOST_PROPERTIES {
            schema.insert("additionalProperties".to_owned(), json!(true));
            return Value::Object(schema);
        }
        let always = self.properties.iter();
        let always = always.filter(|(_, shape)| shape.total() == self.objects);
        let required: Vec<&String> = always.map(|(name, _)| name).collect();
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        if !self.properties.is_empty() {
            let properties = self.properties.iter();
            let properties = properties.map(|(name, shape)| (name.clone(), shape.schema(notation)));
            schema.insert("properties".to_owned(), Value::Object(properties.collect()));
        }
        if let Some(values) = &self.under_keys {
            schema.insert("additionalProperties".to_owned(), values.schema(notation));
        }
        Value::Object(schema)
    }

    /// The schemas of all types in one: no keyword belongs to two types.
    fn with_list_of_types(&self, alternatives: Vec<Value>) -> Value {
        let mut names: Vec<&str> = self.types();
        if self.has_null() {
            names.push("null");
        }
        let mut schema = Map::new();
        match names.as_slice() {
            [] => return json!({}),
            [only] => schema.insert("type".to_owned(), json!(only)),
            several => schema.insert("type".to_owned(), json!(several)),
        };
        for alternative in alternatives {
            if let Value::Object(keywords) = alternative {
                let keywords = keywords.into_iter().filter(|(name, _)| name != "type");
                schema.extend(keywords);
            }
        }
        Value::Object(schema)
    }

    fn with_nullable(&self, mut alternatives: Vec<Value>) -> Value {
        // Without a type, null is accepted as anything else is (OpenAPI 3.0.4, "Schema Object").
        let Some(Value::Object(first)) = alternatives.first_mut() else {
            return json!({});
        };
        if self.has_null() {
            first.insert("nullable".to_owned(), json!(true));
        }
        match alternatives.len() {
            1 => alternatives.remove(0),
            _ => json!({ "anyOf": alternatives }),
        }
    }
}

/// In the order of [`FORMATS`].
static FORMAT_VALIDATORS: LazyLock<Vec<Option<Validator>>> = LazyLock::new(|| {
    let validator = |format: &&str| {
        let options = jsonschema::options().should_validate_formats(true);
        options.build(&json!({ "format": format })).ok()
    };
    FORMATS.iter().map(validator).collect()
});

/// Whether a key is data, such as an id, and no name that a document could list; or nothing that may be shown.
pub(super) fn is_data(name: &str, redactor: &Redactor) -> bool {
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    let is_long_hex = name.len() >= 16
        && name
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_number || is_long_hex || name.len() > 80 || !redactor.shows(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENAPI_20: SchemaNotation = SchemaNotation::Swagger2 {
        null_keyword: Some("x-nullable"),
    };

    fn shape(values: &[Value]) -> ValueShape {
        let mut shape = ValueShape::default();
        for value in values {
            shape.add(value, Redactor::standard());
        }
        shape
    }

    #[test]
    fn samples_are_merged_and_only_what_is_always_present_is_required() {
        let shape = shape(&[
            json!({ "id": 1, "at": "2026-11-28T04:00:00Z", "note": null, "price": 1 }),
            json!({ "id": 2, "at": "2026-11-28T05:00:00+01:00", "price": 1.5, "tags": [] }),
        ]);
        let id = json!({ "type": "integer" });
        let at = json!({ "type": "string", "format": "date-time" });
        let price = json!({ "type": "number" });
        let required = json!(["id", "at", "price"]);
        for (notation, note) in [
            (OPENAPI_20, json!({})),
            (SchemaNotation::OpenApi30, json!({})),
            (SchemaNotation::JsonSchema, json!({ "type": "null" })),
        ] {
            let tags = json!({ "type": "array", "items": {} });
            let expected = json!({
                "type": "object",
                "required": required,
                "properties": { "id": id, "at": at, "note": note, "price": price, "tags": tags },
            });
            assert_eq!(shape.schema(notation), expected, "{notation:?}");
        }
    }

    #[test]
    fn several_types_are_written_as_the_notation_allows() {
        let shape = shape(&[json!("a"), json!(null), json!(1)]);
        assert_eq!(shape.schema(OPENAPI_20), json!({}));
        assert_eq!(
            shape.schema(SchemaNotation::OpenApi30),
            json!({ "anyOf": [{ "type": "integer", "nullable": true }, { "type": "string" }] })
        );
        assert_eq!(
            shape.schema(SchemaNotation::JsonSchema),
            json!({ "type": ["integer", "string", "null"] })
        );
        let nullable = self::shape(&[json!(true), json!(null)]);
        assert_eq!(
            nullable.schema(OPENAPI_20),
            json!({ "type": "boolean", "x-nullable": true })
        );
    }

    #[test]
    fn a_format_is_stated_only_where_every_text_has_it() {
        let uuid = "0b5c8f4e-7a3d-4f6e-9c1b-2d8a6e4f0c3b";
        let of = |texts: &[&str]| {
            let values: Vec<Value> = texts.iter().map(|text| json!(text)).collect();
            shape(&values).schema(SchemaNotation::JsonSchema)
        };
        assert_eq!(of(&[uuid]), json!({ "type": "string", "format": "uuid" }));
        assert_eq!(of(&[uuid, "none"]), json!({ "type": "string" }));
        assert_eq!(
            of(&["2026-11-28"]),
            json!({ "type": "string", "format": "date" })
        );
        // A version, a mail address and a number are texts like any other.
        assert_eq!(of(&["1.2.3"]), json!({ "type": "string" }));
        assert_eq!(of(&["ada@example.com"]), json!({ "type": "string" }));
    }

    #[test]
    fn keys_that_are_data_are_not_properties() {
        let shape = shape(&[json!({ "17": { "sku": "a" }, "18": { "sku": "b" } })]);
        assert_eq!(
            shape.schema(SchemaNotation::JsonSchema),
            json!({ "type": "object", "additionalProperties": {
                "type": "object", "required": ["sku"], "properties": { "sku": { "type": "string" } },
            }})
        );
    }
}
