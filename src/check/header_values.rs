//! The text of a header as values of its schema. Main functions: [`readings`], [`scalar`].
//!
//! A header has no types. What its text represents follows from the schema: a `"7"` is a string where the schema describes strings, and
//! a number where it describes numbers. Where it describes both, the text has several readings, and where it describes nothing, all such
//! texts are numbers where they can be, or all are strings. A header is valid if one of its readings is.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use crate::case::{JsonType, Rule};
use crate::contract::{HeaderFormat, NUMBER_FORMAT, NodeId, Schema, Shape};

/// Readings of one text that are tried. More are possible only for long lists whose items may be of several types.
const MOST_READINGS: usize = 64;

/// Every value that a header's lines can represent, the most likely first; never empty. Text in the format of a media type is not read
/// here.
pub(super) fn readings(schema: &Schema, format: &HeaderFormat, lines: &[String]) -> Vec<Value> {
    let separators = match format {
        HeaderFormat::Simple { .. } => &[','][..],
        HeaderFormat::Separated(separators) => separators,
        HeaderFormat::Content(_) => &[],
    };
    // Lines of one name are one list (RFC 9110, 5.3).
    let text = match separators.first() {
        None | Some(',') => lines.join(", "),
        Some(separator) => lines.join(&separator.to_string()),
    };
    let read = |shape: &Shape, root: NodeId| {
        let mut readings: Vec<Value> = Vec::new();
        for undescribed in [Undescribed::Typed, Undescribed::Text] {
            let reader = TextReader {
                explode: matches!(format, HeaderFormat::Simple { explode: true }),
                ..TextReader::new(schema, shape, undescribed)
            };
            let values = reader.values(&reader.applying(&[root]), &text, separators);
            if values != readings {
                readings.extend(values);
            }
        }
        readings
    };
    let readings = schema.with_shape(read);
    readings.unwrap_or_else(|| vec![Value::from(text)])
}

/// Whether a schema describes lists, perhaps among other values.
pub(super) fn describes_lists(schema: &Schema) -> bool {
    let describes = schema.with_shape(|shape, root| {
        let reader = TextReader::new(schema, shape, Undescribed::Text);
        let kinds = reader.kinds(&reader.applying(&[root]));
        kinds.contains(&ValueKind::Array)
    });
    describes.unwrap_or(false)
}

/// Whether a rule compares numbers or booleans.
pub(super) fn refers_to_scalars(rule: &Rule<Value>) -> bool {
    match rule {
        Rule::Value(value) | Rule::Equals(value) | Rule::Compare(_, value) => {
            value.is_number() || value.is_boolean()
        }
        // A time has letters or hyphens in it.
        Rule::Near { .. } => true,
        Rule::Type(types) => !types.contains(&JsonType::String),
        Rule::Not(inner) => refers_to_scalars(&inner.rule),
        Rule::OneOf(choices) => choices.iter().any(|choice| refers_to_scalars(&choice.rule)),
        _ => false,
    }
}

/// A number or boolean, if the text is one. Leading zeros are allowed, as in HTTP's own numbers.
pub(super) fn scalar(text: &str) -> Option<Value> {
    match text {
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    let is_whole = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let digits = match text.trim_start_matches('0') {
        "" if is_whole => "0",
        digits if is_whole => digits,
        _ => text,
    };
    serde_json::from_str::<Number>(digits)
        .ok()
        .map(Value::Number)
}

/// What a text represents that no schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Undescribed {
    /// A number or boolean, where it is one.
    Typed,
    Text,
}

/// Reads texts by the schemas that apply to them.
struct TextReader<'s> {
    schema: &'s Schema,
    shape: &'s Shape,
    undescribed: Undescribed,
    explode: bool,
}

impl<'s> TextReader<'s> {
    fn new(schema: &'s Schema, shape: &'s Shape, undescribed: Undescribed) -> Self {
        TextReader {
            schema,
            shape,
            undescribed,
            explode: false,
        }
    }

    /// The readings of a text to which these schemas apply. `separators`: of its items, then of the items of each item.
    fn values(&self, described: &[NodeId], text: &str, separators: &[char]) -> Vec<Value> {
        let kinds = self.kinds(described);
        let may_be = |kind: ValueKind| kinds.is_empty() || kinds.contains(&kind);
        let typed = match text {
            "" | "null" if kinds.contains(&ValueKind::Null) => Some(Value::Null),
            text => scalar(text),
        };
        let typed = typed.filter(|value| may_be(ValueKind::of(value)));
        let mut values = match (self.undescribed, typed) {
            (Undescribed::Typed, Some(typed)) if kinds.is_empty() => vec![typed],
            _ if kinds.is_empty() => vec![Value::from(text)],
            // A text that is to be a number is no string, even if a string would be valid, as for `minimum` without `type`.
            (_, typed) => {
                let string = may_be(ValueKind::String).then(|| Value::from(text));
                string.into_iter().chain(typed).collect()
            }
        };
        if let Some((separator, inner)) = separators.split_first() {
            let parts: Vec<&str> = match text {
                "" => Vec::new(),
                text => text.split(*separator).map(str::trim).collect(),
            };
            if may_be(ValueKind::Array) {
                values.extend(self.arrays(described, &parts, inner));
            }
            if may_be(ValueKind::Object) {
                values.extend(self.objects(described, &parts));
            }
        }
        if values.is_empty() {
            values.push(Value::from(text));
        }
        values.truncate(MOST_READINGS);
        values
    }

    fn arrays(&self, described: &[NodeId], parts: &[&str], separators: &[char]) -> Vec<Value> {
        let items = parts.iter().enumerate().map(|(index, part)| {
            self.choices(&self.shape.of_item(described, index), part, separators)
        });
        let arrays = combinations(items.collect());
        arrays.into_iter().map(Value::Array).collect()
    }

    /// `R=100,G=200` where the object is exploded, else `R,100,G,200` (OpenAPI 3.1, "Style Examples": `simple`). None for a text that is
    /// neither.
    fn objects(&self, described: &[NodeId], parts: &[&str]) -> Vec<Value> {
        let pairs: Option<Vec<(&str, &str)>> = match self.explode {
            true => parts.iter().map(|part| part.split_once('=')).collect(),
            false if parts.len() % 2 == 1 => None,
            false => Some(
                parts
                    .chunks_exact(2)
                    .map(|pair| (pair[0], pair[1]))
                    .collect(),
            ),
        };
        let Some(pairs) = pairs else {
            return Vec::new();
        };
        let values = pairs.iter().map(|(name, value)| {
            self.choices(&self.shape.of_property(described, name), value, &[])
        });
        let objects = combinations(values.collect()).into_iter().map(|values| {
            let names = pairs.iter().map(|(name, _)| (*name).to_owned());
            Value::Object(names.zip(values).collect::<Map<_, _>>())
        });
        objects.collect()
    }

    /// The readings of a part that these schemas describe: those that one of them accepts, if there are any.
    fn choices(&self, schemas: &[NodeId], text: &str, separators: &[char]) -> Vec<Value> {
        let values = self.values(&self.applying(schemas), text, separators);
        if values.len() == 1 || schemas.is_empty() {
            return values;
        }
        let is_accepted = |value: &&Value| {
            let mut nodes = schemas.iter().map(|&schema| self.shape.node(schema));
            nodes.any(|node| self.schema.part_accepts(node, value))
        };
        let accepted: Vec<Value> = values.iter().filter(is_accepted).cloned().collect();
        match accepted.is_empty() {
            true => values,
            false => accepted,
        }
    }

    /// These schemas and all that apply to the same value with them: references, and the alternatives and conditions of each.
    fn applying(&self, schemas: &[NodeId]) -> Vec<NodeId> {
        let mut found: Vec<NodeId> = Vec::new();
        let mut open = schemas.to_vec();
        while let Some(node) = open.pop() {
            if found.contains(&node) {
                continue;
            }
            found.push(node);
            let Some(keywords) = &self.shape.node(node).object else {
                continue;
            };
            open.extend(&keywords.always);
            open.extend(keywords.alternatives.iter().flatten());
            open.extend(keywords.dependent.iter().map(|(_, node)| node));
            if let Some(condition) = &keywords.condition {
                open.push(condition.when);
                open.extend(condition.then.iter().chain(&condition.otherwise));
            }
        }
        found
    }

    /// The kinds of values that schemas describe; empty where they say nothing of it.
    fn kinds(&self, described: &[NodeId]) -> BTreeSet<ValueKind> {
        let parts = described
            .iter()
            .filter_map(|&node| self.schema.part(self.shape.node(node))?.as_object());
        parts.flat_map(kinds_of).collect()
    }
}

/// What kind of value a text may represent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ValueKind {
    String,
    Number,
    Boolean,
    Null,
    Array,
    Object,
}

/// The keywords that apply to values of one kind only (JSON Schema 2020-12, Validation, section 6, and Core, section 10.3).
const KEYWORDS: [(&str, ValueKind); 28] = [
    ("minLength", ValueKind::String),
    ("maxLength", ValueKind::String),
    ("pattern", ValueKind::String),
    ("format", ValueKind::String),
    ("contentEncoding", ValueKind::String),
    ("contentMediaType", ValueKind::String),
    (NUMBER_FORMAT, ValueKind::Number),
    ("minimum", ValueKind::Number),
    ("maximum", ValueKind::Number),
    ("exclusiveMinimum", ValueKind::Number),
    ("exclusiveMaximum", ValueKind::Number),
    ("multipleOf", ValueKind::Number),
    ("items", ValueKind::Array),
    ("prefixItems", ValueKind::Array),
    ("contains", ValueKind::Array),
    ("minItems", ValueKind::Array),
    ("maxItems", ValueKind::Array),
    ("uniqueItems", ValueKind::Array),
    ("unevaluatedItems", ValueKind::Array),
    ("properties", ValueKind::Object),
    ("patternProperties", ValueKind::Object),
    ("additionalProperties", ValueKind::Object),
    ("unevaluatedProperties", ValueKind::Object),
    ("propertyNames", ValueKind::Object),
    ("required", ValueKind::Object),
    ("minProperties", ValueKind::Object),
    ("maxProperties", ValueKind::Object),
    ("dependentRequired", ValueKind::Object),
];

impl ValueKind {
    fn of(value: &Value) -> ValueKind {
        match value {
            Value::String(_) => ValueKind::String,
            Value::Number(_) => ValueKind::Number,
            Value::Bool(_) => ValueKind::Boolean,
            Value::Null => ValueKind::Null,
            Value::Array(_) => ValueKind::Array,
            Value::Object(_) => ValueKind::Object,
        }
    }

    fn named(name: &str) -> Option<ValueKind> {
        Some(match name {
            "string" => ValueKind::String,
            "number" | "integer" => ValueKind::Number,
            "boolean" => ValueKind::Boolean,
            "null" => ValueKind::Null,
            "array" => ValueKind::Array,
            "object" => ValueKind::Object,
            _ => return None,
        })
    }
}

/// The kinds that one schema names by `type`; without it, those of its values in `enum` and `const`, and those that its other keywords
/// apply to.
fn kinds_of(schema: &Map<String, Value>) -> BTreeSet<ValueKind> {
    match schema.get("type") {
        Some(Value::String(name)) => return ValueKind::named(name).into_iter().collect(),
        Some(Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str);
            return names.filter_map(ValueKind::named).collect();
        }
        _ => {}
    }
    let values = schema.get("enum").and_then(Value::as_array);
    let values = values.into_iter().flatten().chain(schema.get("const"));
    let mut kinds: BTreeSet<ValueKind> = values.map(ValueKind::of).collect();
    let keywords = KEYWORDS.iter();
    kinds.extend(
        keywords
            .filter(|(keyword, _)| schema.contains_key(*keyword))
            .map(|(_, kind)| *kind),
    );
    if let Some(excluded) = schema.get("not").and_then(Value::as_object) {
        kinds.extend(kinds_of(excluded));
    }
    kinds
}

/// One choice for each place, in all combinations; where these would be more than [`MOST_READINGS`], the first choice.
fn combinations(choices: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    let mut combinations: Vec<Vec<Value>> = vec![Vec::with_capacity(choices.len())];
    for mut choice in choices {
        if choice.len() * combinations.len() > MOST_READINGS {
            choice.truncate(1);
        }
        let before = combinations.len();
        for _ in 1..choice.len() {
            combinations.extend_from_within(..before);
        }
        for (index, combination) in combinations.iter_mut().enumerate() {
            combination.extend(choice.get(index / before).cloned());
        }
    }
    combinations
}
