//! Whether the values that a case gives are ones that the contract allows in a request, and how the fields of a form are written.

use serde_json::{Map, Value};

use super::encoding::{FieldFormat, PropertyEncoding, essence};
use super::model::{DocumentedMediaType, Operation, Parameter};
use super::schema::Schema;
use super::security::SecurityScheme;
use super::shape::NodeId;
use super::style::{ParameterFormat, ParameterLocation};
use super::violation::Violation;
use super::walk::{Applying, ValuePath, Visitor};
use crate::document::{escape_pointer, is_at_or_below};

impl Operation {
    /// Whether the operation declares a query name: itself, as a member of a parameter that is written with brackets, as a credential, or,
    /// where a mapping is spread or the query is one text, as any name.
    pub fn knows_query_name(&self, name: &str) -> bool {
        let base = name.split('[').next().unwrap_or(name);
        let mut parameters = self.parameters.iter();
        let mut schemes = self.security_alternatives.iter().flatten();
        self.has_flat_names(name)
            || schemes.any(|scheme| match scheme {
                SecurityScheme::Query(key) => key == name,
                // RFC 6750, section 2.3.
                SecurityScheme::AccessToken => name == "access_token",
                SecurityScheme::Unknown => true,
                _ => false,
            })
            || parameters.any(|parameter| match parameter.location {
                ParameterLocation::QueryString => true,
                ParameterLocation::Query => {
                    first_items(&parameter.name) == first_items(name)
                        || (base != name && parameter.name == base)
                        || parameter.may_spread()
                }
                _ => false,
            })
    }
}

/// A name with all indices in brackets 0: where a contract declares `filters[0][field]`, `filters[1][field]` is the same of another item.
fn first_items(name: &str) -> String {
    let parts = name.split('[').map(|part| match part.split_once(']') {
        Some((index, rest)) if !index.is_empty() && index.bytes().all(|c| c.is_ascii_digit()) => {
            format!("0]{rest}")
        }
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("[")
}

impl Parameter {
    /// Whether the entries of its values may be parameters of any name.
    pub fn may_spread(&self) -> bool {
        let schema = self.schema.as_ref();
        self.format.spreads_mappings() && schema.is_some_and(Schema::describes_objects)
    }

    /// Why the contract does not allow this value; `None` where it does. A text is what it can be read as: `5` is a number and a string.
    pub fn violation(&self, value: &Value) -> Option<Violation> {
        let schema = self.schema.as_ref()?;
        let is_empty = match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(entries) => entries.is_empty(),
            Value::Bool(_) | Value::Number(_) => false,
        };
        if is_empty && self.allow_empty {
            return None;
        }
        let mut first = None;
        for reading in self.readings(value, schema) {
            let mut violations = schema.violations(&reading).into_iter();
            match violations.next() {
                None => return None,
                Some(violation) => {
                    first.get_or_insert(violation);
                }
            }
        }
        first
    }

    /// What a server may read from the value once it is written.
    fn readings(&self, value: &Value, schema: &Schema) -> Vec<Value> {
        if self.format.is_json() {
            return vec![value.clone()];
        }
        let mut readings = vec![
            value.clone(),
            leaves(value, &as_text),
            leaves(value, &as_scalar),
        ];
        if let ParameterFormat::Styled { explode, .. } = self.format
            && !matches!(value, Value::Array(_) | Value::Object(_))
        {
            let text = as_text(value);
            let text = text.as_str().unwrap_or_default();
            if schema.describes_objects() {
                // The pairs of a mapping, written by hand.
                return Vec::new();
            }
            let items: Vec<Value> = match explode {
                true => vec![Value::from(text)],
                false => text.split([',', ' ', '|', '\t']).map(Value::from).collect(),
            };
            readings.push(Value::Array(items.clone()));
            readings.push(items.iter().map(as_scalar).collect());
        }
        readings
    }
}

impl DocumentedMediaType {
    /// The `encoding` of a property.
    pub fn encoding(&self, property: &str) -> Option<&PropertyEncoding> {
        let mut encodings = self.encodings.iter();
        encodings.find(|encoding| encoding.property == property)
    }

    /// The media type without its parameters, in lower case.
    pub fn essence(&self) -> String {
        essence(&self.media_type)
    }
}

impl Operation {
    /// What the contract documents for request bodies with this `Content-Type`.
    pub fn request_media(&self, content_type: &str) -> Option<&DocumentedMediaType> {
        let content = self.request_body.iter().flat_map(|body| &body.content);
        let essence = essence(content_type);
        content.into_iter().find(|media| media.essence() == essence)
    }

    /// How a field of a form with this `Content-Type` is written.
    pub fn field_format(&self, content_type: &str, name: &str) -> FieldFormat {
        if let Some(parameter) = self.parameter(ParameterLocation::Form, name) {
            return match &parameter.format {
                // Swagger 2.0 with the default, or `collectionFormat: multi`.
                format if *format == ParameterFormat::of(ParameterLocation::Form) => {
                    FieldFormat::Declared
                }
                format => FieldFormat::Stated(format.clone()),
            };
        }
        let Some(media) = self.request_media(content_type) else {
            return FieldFormat::Unknown;
        };
        if let Some(encoding) = media.encoding(name) {
            if let Some(format) = &encoding.format {
                return FieldFormat::Stated(format.clone());
            }
            if let Some(&media_type) = encoding.media_types().first() {
                return FieldFormat::Stated(ParameterFormat::Content(media_type.to_owned()));
            }
        }
        let schema = media.schema.as_ref();
        match schema.is_some_and(|schema| schema.has_property(name)) {
            true => FieldFormat::Declared,
            false => FieldFormat::Unknown,
        }
    }
}

impl Schema {
    /// The violations of a request's body. A property that is `readOnly` is not required (OpenAPI 3.0.4, "Schema Object"); where an object
    /// has one, it is not known which alternative of `oneOf` or `anyOf` it satisfies.
    pub fn violations_in_request(&self, value: &Value) -> Vec<Violation> {
        let mut violations = self.violations(value);
        if violations.is_empty() {
            return violations;
        }
        let read_only = self.read_only_properties(value);
        violations.retain(|violation| {
            let instance = violation.instance.as_str();
            let depends = match (&violation.missing, violation.keyword.as_str()) {
                (Some(name), _) => read_only
                    .iter()
                    .any(|(object, known)| object == instance && known == name),
                (None, "oneOf" | "anyOf") => read_only
                    .iter()
                    .any(|(object, _)| is_at_or_below(object, instance)),
                _ => false,
            };
            !depends
        });
        violations
    }

    /// The violations of a form's fields. Texts are what they can be read as, as in parameters, and one value may be a list of one.
    pub fn violations_in_form(&self, fields: &Map<String, Value>) -> Vec<Violation> {
        let mut form = fields.clone();
        let mut violations = self.violations_in_request(&Value::Object(form.clone()));
        for (name, value) in fields {
            let pointer = format!("/{}", escape_pointer(name));
            let of_field = |violations: &[Violation]| {
                let of_field = violations
                    .iter()
                    .filter(|violation| is_at_or_below(&violation.instance, &pointer));
                of_field.count()
            };
            if of_field(&violations) == 0 {
                continue;
            }
            let (text, scalar) = (leaves(value, &as_text), leaves(value, &as_scalar));
            let lists = [&text, &scalar].map(|item| Value::Array(vec![item.clone()]));
            for reading in [scalar, text].into_iter().chain(lists) {
                form.insert(name.clone(), reading);
                let found = self.violations_in_request(&Value::Object(form.clone()));
                if of_field(&found) == 0 {
                    violations = found;
                    break;
                }
                form.insert(name.clone(), value.clone());
            }
        }
        violations
    }

    /// The `readOnly` properties that the objects in `value` may have: the pointer of the object, and the name.
    fn read_only_properties(&self, value: &Value) -> Vec<(String, String)> {
        let mut finder = PropertyFinder::default();
        self.follow(value, &mut finder);
        let read_only = self.with_shape(|shape, _| {
            let is_read_only = |id: NodeId| {
                let mut schemas = shape.of_same_value(id).into_iter();
                schemas.any(|id| {
                    let keywords = shape.node(id).object.as_ref();
                    keywords.is_some_and(|keywords| keywords.read_only)
                })
            };
            let found = finder.found.into_iter();
            found
                .filter(|(_, _, id)| is_read_only(*id))
                .map(|(object, name, _)| (object, name))
                .collect()
        });
        read_only.unwrap_or_default()
    }
}

/// Finds the properties that the objects of a value may have: the pointer of the object, the name and the schema.
#[derive(Default)]
struct PropertyFinder {
    found: Vec<(String, String, NodeId)>,
}

impl Visitor for PropertyFinder {
    fn value(&mut self, value: &Value, at: &ValuePath<'_>, applying: &[Applying<'_>]) {
        if !value.is_object() {
            return;
        }
        let properties = applying.iter().flat_map(|entry| &entry.schema.properties);
        let properties = properties.map(|(name, id)| (at.pointer(), name.clone(), *id));
        self.found.extend(properties);
    }

    fn undocumented(&mut self, _: &ValuePath<'_>) {}
}

/// The value with each scalar replaced.
fn leaves(value: &Value, scalar: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| leaves(item, scalar)).collect(),
        Value::Object(entries) => entries
            .iter()
            .map(|(key, item)| (key.clone(), leaves(item, scalar)))
            .collect(),
        other => scalar(other),
    }
}

fn as_text(value: &Value) -> Value {
    match value {
        Value::String(_) => value.clone(),
        Value::Null => Value::from(""),
        other => Value::from(other.to_string()),
    }
}

/// A text as the number or boolean that it may mean.
fn as_scalar(value: &Value) -> Value {
    let Value::String(text) = value else {
        return value.clone();
    };
    let parsed = serde_json::from_str::<Value>(text.trim_start_matches('+'));
    match parsed {
        Ok(parsed @ (Value::Number(_) | Value::Bool(_))) => parsed,
        _ => match text.to_ascii_lowercase().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => value.clone(),
        },
    }
}
