//! The limits a schema sets, and what counts as a value near one. Main function: [`probes`].
//!
//! "Near" is within 1 of the limit (of numbers also within 1 % of it). A `minLength: 8` that was tested only with passwords of twenty
//! letters is not covered: no case would notice if the server required seven or nine.
//!
//! | keyword | kept, in requests and responses | broken, in requests |
//! |---|---|---|
//! | `minLength`, `minItems`, `minProperties` n | n or n + 1 | n - 1 |
//! | `maxLength`, `maxItems`, `maxProperties` n | n - 1 or n | n + 1 |
//! | `minimum` m, `exclusiveMinimum` | from the limit up, within 1 | below it, within 1 |
//! | `maximum` m, `exclusiveMaximum` | from the limit down, within 1 | above it, within 1 |
//! | `enum`, `const` | each value | another value |
//! | `type` | each of several types | another type |
//! | `discriminator` | each name | |
//! | `pattern`, `format`, `multipleOf` | a value that keeps it | one that does not |
//! | `required` | (the property's own point) | the object without it, each name |
//! | `additionalProperties: false` | | a property too many |
//! | `uniqueItems: true` | two items or more, all different | a repeated item |
//!
//! A response that breaks a limit is a finding, so there is no point for it. There is also no point for what no value can break or
//! come near: an unknown format, a pattern that matches everything, `minLength: 0`, `maxLength` beside `type: integer`, sizes beyond a
//! million.

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::contract::{NUMBER_FORMAT, Schema, ShapeNode};
use crate::event::Direction;

/// A point of the level keywords, before it has a number.
pub(super) struct Probe {
    /// The keyword as written in the contract.
    pub(super) keyword: &'static str,
    /// What covers it: `minLength 8: shorter`.
    pub(super) label: String,
    pub(super) test: ValueTest,
    /// An example of a value that covers it, where there is an obvious one.
    pub(super) sample: Option<Value>,
    /// Whether a value that covers it breaks the schema.
    pub(super) broken: bool,
}

/// What a value must be to cover a point.
#[derive(Debug)]
pub(super) enum ValueTest {
    OneOfTypes(Vec<String>),
    OtherType(Vec<String>),
    Equal(Value),
    NoneOf(Vec<Value>),
    Size {
        of: Measure,
        from: u64,
        to: u64,
    },
    Within(Range),
    Keeps(Validator, ProbeKind),
    Breaks(Validator, ProbeKind),
    Lacks(String),
    Unforeseen,
    /// The property has this value.
    Named {
        property: String,
        name: String,
    },
    AllDifferent,
    Repeated,
}

/// The values that a keyword applies to; all others satisfy it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProbeKind {
    Text,
    Number,
}

impl ProbeKind {
    fn types(self) -> &'static [&'static str] {
        match self {
            ProbeKind::Text => &["string"],
            ProbeKind::Number => &["number", "integer"],
        }
    }

    fn is_of(self, value: &Value) -> bool {
        match self {
            ProbeKind::Text => value.is_string(),
            ProbeKind::Number => value.is_number(),
        }
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Characters,
    Items,
    Properties,
}

/// A range of numbers, each end included or not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    from: f64,
    to: f64,
    from_counts: bool,
    to_counts: bool,
}

impl ValueTest {
    /// Whether `value` is of that kind. `documents` returns whether the schema describes a property.
    pub(super) fn is_met(&self, value: &Value, documents: impl Fn(&str) -> bool) -> bool {
        match self {
            ValueTest::OneOfTypes(types) => types.iter().any(|candidate| is_type(value, candidate)),
            ValueTest::OtherType(types) => !types.iter().any(|candidate| is_type(value, candidate)),
            ValueTest::Equal(expected) => is_equal(value, expected),
            ValueTest::NoneOf(known) => !known.iter().any(|candidate| is_equal(value, candidate)),
            ValueTest::Size { of, from, to } => of
                .size(value)
                .is_some_and(|size| (*from..=*to).contains(&size)),
            ValueTest::Within(range) => value.as_f64().is_some_and(|number| range.has(number)),
            ValueTest::Keeps(validator, kind) => kind.is_of(value) && validator.is_valid(value),
            ValueTest::Breaks(validator, kind) => kind.is_of(value) && !validator.is_valid(value),
            ValueTest::Lacks(name) => value
                .as_object()
                .is_some_and(|object| !object.contains_key(name)),
            ValueTest::Unforeseen => value
                .as_object()
                .is_some_and(|object| object.keys().any(|name| !documents(name))),
            ValueTest::Named { property, name } => {
                value.get(property).and_then(Value::as_str) == Some(name)
            }
            ValueTest::AllDifferent => value
                .as_array()
                .is_some_and(|items| items.len() > 1 && !has_twice(items)),
            ValueTest::Repeated => value.as_array().is_some_and(|items| has_twice(items)),
        }
    }
}

impl Measure {
    fn types(self) -> &'static [&'static str] {
        match self {
            Measure::Characters => &["string"],
            Measure::Items => &["array"],
            Measure::Properties => &["object"],
        }
    }

    fn size(self, value: &Value) -> Option<u64> {
        let size = match (self, value) {
            (Measure::Characters, Value::String(text)) => text.chars().count(),
            (Measure::Items, Value::Array(items)) => items.len(),
            (Measure::Properties, Value::Object(entries)) => entries.len(),
            _ => return None,
        };
        Some(size as u64)
    }

    fn sample(self, size: u64) -> Option<Value> {
        match self {
            Measure::Characters if size <= 300 => Some(Value::from("x".repeat(size as usize))),
            Measure::Items if size == 0 => Some(json!([])),
            _ => None,
        }
    }
}

impl Range {
    fn has(self, number: f64) -> bool {
        let above = if self.from_counts {
            number >= self.from
        } else {
            number > self.from
        };
        let below = if self.to_counts {
            number <= self.to
        } else {
            number < self.to
        };
        above && below
    }
}

/// Whether two items are equal; of long lists only the first hundred are compared.
fn has_twice(items: &[Value]) -> bool {
    let items = &items[..items.len().min(100)];
    items
        .iter()
        .enumerate()
        .any(|(i, item)| items[..i].iter().any(|earlier| is_equal(earlier, item)))
}

/// Equality as in JSON Schema: 1.0 is 1 (JSON Schema 2020-12, section 4.2.2).
fn is_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || (a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same = |(name, a): (&String, &Value)| b.get(name).is_some_and(|b| is_equal(a, b));
            a.len() == b.len() && a.iter().all(same)
        }
        (left, right) => left == right,
    }
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        // 1.0 is an integer too (JSON Schema 2020-12, section 4.2.3).
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|it| it.fract() == 0.0)
        }
        _ => false,
    }
}

/// No one sends or returns more letters, items or properties.
const LARGEST: u64 = 1_000_000;

/// The points of a schema's own limits. `misplaced` returns which properties do not belong in a body of this direction.
pub(super) fn probes(
    whole: &Schema,
    node: &ShapeNode,
    schema: &Map<String, Value>,
    direction: Direction,
    misplaced: impl Fn(&str) -> bool,
) -> Vec<Probe> {
    let mut list = ProbeList {
        direction,
        probes: Vec::new(),
    };
    let size = |keyword: &str, of: Measure| {
        let limit = schema.get(keyword).and_then(Value::as_u64);
        limit.filter(|&limit| limit <= LARGEST && permits(schema, of.types()))
    };
    list.types(schema);
    list.values(schema);
    for (keyword, of) in [
        ("minLength", Measure::Characters),
        ("minItems", Measure::Items),
        ("minProperties", Measure::Properties),
    ] {
        // No value has fewer than none.
        if let Some(limit) = size(keyword, of).filter(|&limit| limit > 0) {
            list.size(keyword, limit, of, (limit, limit + 1));
            list.size_broken(keyword, limit, "smaller", of, limit - 1);
        }
    }
    for (keyword, of) in [
        ("maxLength", Measure::Characters),
        ("maxItems", Measure::Items),
        ("maxProperties", Measure::Properties),
    ] {
        if let Some(limit) = size(keyword, of) {
            list.size(keyword, limit, of, (limit.saturating_sub(1), limit));
            list.size_broken(keyword, limit, "larger", of, limit + 1);
        }
    }
    for keyword in ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] {
        let limit = schema.get(keyword).and_then(Value::as_f64);
        if let Some(limit) = limit.filter(|_| permits(schema, ProbeKind::Number.types())) {
            list.number(keyword, limit);
        }
    }
    for keyword in ["pattern", "format", NUMBER_FORMAT, "multipleOf"] {
        list.rule(whole, node, schema, keyword);
    }
    list.objects(schema, misplaced);
    list.probes
}

/// Whether a schema accepts values of one of these types: otherwise its other keywords apply to no value.
fn permits(schema: &Map<String, Value>, types: &[&str]) -> bool {
    let named = |name: &Value| name.as_str().is_some_and(|name| types.contains(&name));
    match schema.get("type") {
        Some(Value::Array(names)) => names.iter().any(named),
        Some(name) => named(name),
        None => true,
    }
}

struct ProbeList {
    direction: Direction,
    probes: Vec<Probe>,
}

impl ProbeList {
    fn kept(
        &mut self,
        keyword: &'static str,
        label: String,
        test: ValueTest,
        sample: Option<Value>,
    ) {
        self.probes.push(Probe {
            keyword,
            label,
            test,
            sample,
            broken: false,
        });
    }

    fn broken(
        &mut self,
        keyword: &'static str,
        label: String,
        test: ValueTest,
        sample: Option<Value>,
    ) {
        if self.direction == Direction::Request {
            self.probes.push(Probe {
                keyword,
                label,
                test,
                sample,
                broken: true,
            });
        }
    }

    fn types(&mut self, schema: &Map<String, Value>) {
        let names: Vec<String> = match schema.get("type") {
            Some(Value::String(name)) => vec![name.clone()],
            Some(Value::Array(names)) => names
                .iter()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect(),
            _ => return,
        };
        if names.len() > 1 {
            for name in &names {
                let sample = (name == "null").then_some(Value::Null);
                let test = ValueTest::OneOfTypes(vec![name.clone()]);
                self.kept("type", format!("type {name}"), test, sample);
            }
        }
        let all = [
            json!([]),
            json!("x"),
            json!(true),
            json!(0.5),
            json!({}),
            Value::Null,
        ];
        let other = all
            .into_iter()
            .find(|other| !names.iter().any(|name| is_type(other, name)));
        // Where all types are named, no value is of another type.
        if let Some(other) = other {
            let label = format!("type {}: another", names.join(" or "));
            self.broken("type", label, ValueTest::OtherType(names), Some(other));
        }
    }

    fn values(&mut self, schema: &Map<String, Value>) {
        let (keyword, values) = match (schema.get("enum"), schema.get("const")) {
            (Some(Value::Array(values)), _) => ("enum", values.clone()),
            (_, Some(value)) => ("const", vec![value.clone()]),
            _ => return,
        };
        for value in &values {
            let label = format!("{keyword} {}", short(value));
            self.kept(
                keyword,
                label,
                ValueTest::Equal(value.clone()),
                Some(value.clone()),
            );
        }
        let label = format!("{keyword}: another value");
        let sample = Some(json!("another"));
        self.broken(keyword, label, ValueTest::NoneOf(values), sample);
    }

    fn size(&mut self, keyword: &'static str, limit: u64, of: Measure, (from, to): (u64, u64)) {
        let label = format!("{keyword} {limit}");
        self.kept(
            keyword,
            label,
            ValueTest::Size { of, from, to },
            of.sample(limit),
        );
    }

    fn size_broken(
        &mut self,
        keyword: &'static str,
        limit: u64,
        word: &str,
        of: Measure,
        size: u64,
    ) {
        let word = match (of, word) {
            (Measure::Characters, "smaller") => "shorter",
            (Measure::Characters, _) => "longer",
            (_, word) => word,
        };
        let test = ValueTest::Size {
            of,
            from: size,
            to: size,
        };
        self.broken(
            keyword,
            format!("{keyword} {limit}: {word}"),
            test,
            of.sample(size),
        );
    }

    fn number(&mut self, keyword: &'static str, limit: f64) {
        let near = (limit.abs() / 100.0).max(1.0);
        let lower = keyword.ends_with("inimum");
        // Whether the limit itself keeps the keyword.
        let counts = !keyword.starts_with("exclusive");
        let (below, above) = (
            Range {
                from: limit - near,
                to: limit,
                from_counts: true,
                to_counts: counts != lower,
            },
            Range {
                from: limit,
                to: limit + near,
                from_counts: counts == lower,
                to_counts: true,
            },
        );
        let (kept, broken) = if lower {
            (above, below)
        } else {
            (below, above)
        };
        let at = |counted: bool, step: f64| number(if counted { limit } else { limit + step });
        let inward = if lower { 1.0 } else { -1.0 };
        let word = if lower { "less" } else { "more" };
        self.kept(
            keyword,
            format!("{keyword} {limit}"),
            ValueTest::Within(kept),
            at(counts, inward),
        );
        let label = format!("{keyword} {limit}: {word}");
        self.broken(
            keyword,
            label,
            ValueTest::Within(broken),
            at(!counts, -inward),
        );
    }

    /// A keyword that only the validation engine can check.
    fn rule(
        &mut self,
        whole: &Schema,
        node: &ShapeNode,
        schema: &Map<String, Value>,
        keyword: &'static str,
    ) {
        let Some(value) = schema.get(keyword) else {
            return;
        };
        let shown = if keyword == NUMBER_FORMAT {
            "format"
        } else {
            keyword
        };
        let kind = match keyword {
            "pattern" | "format" => ProbeKind::Text,
            _ => ProbeKind::Number,
        };
        let validator = || whole.keyword_validator(node, keyword);
        let (true, Some(keeps), Some(breaks)) =
            (permits(schema, kind.types()), validator(), validator())
        else {
            return;
        };
        // Every text satisfies an unknown format or `.*`: what no text can break is not a limit.
        let long = "x".repeat(5000);
        let texts = ["\u{0} ~", "", "\n", "a", "Z9", &long].map(Value::from);
        let numbers = [1e300, 0.123_456, 1.0, -1.0].map(Value::from);
        if !texts
            .iter()
            .chain(&numbers)
            .any(|odd| !breaks.is_valid(odd))
        {
            return;
        }
        let label = format!("{shown} {}", short(value));
        self.kept(shown, label.clone(), ValueTest::Keeps(keeps, kind), None);
        let sample = (kind == ProbeKind::Text).then(|| json!("~"));
        let test = ValueTest::Breaks(breaks, kind);
        self.broken(shown, format!("{label}: broken"), test, sample);
    }

    fn objects(&mut self, schema: &Map<String, Value>, misplaced: impl Fn(&str) -> bool) {
        let required = schema.get("required").and_then(Value::as_array);
        let names = required.into_iter().flatten().filter_map(Value::as_str);
        // A `readOnly` property is required in responses only (OpenAPI 3.0.3, "Schema Object"): a request may lack it.
        for name in names.filter(|name| !misplaced(name)) {
            let test = ValueTest::Lacks(name.to_owned());
            self.broken("required", format!("required {name}: absent"), test, None);
        }
        if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
            let label = "additionalProperties: one too many".to_owned();
            self.broken("additionalProperties", label, ValueTest::Unforeseen, None);
        }
        if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
            self.kept(
                "uniqueItems",
                "uniqueItems".to_owned(),
                ValueTest::AllDifferent,
                None,
            );
            self.broken(
                "uniqueItems",
                "uniqueItems: an item twice".to_owned(),
                ValueTest::Repeated,
                None,
            );
        }
    }
}

fn number(value: f64) -> Option<Value> {
    let whole = value.fract() == 0.0 && value.abs() < 9e15;
    Some(if whole {
        json!(value as i64)
    } else {
        json!(value)
    })
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    crate::text::cut(&text, 40)
}
