//! A value walked together with the schemas that apply to its parts: what nobody describes, and what should not have been sent.
//!
//! Main type: [`Walked`]. The walk goes by our own steps, not by the engine's annotations: those vanish as soon as one keyword
//! anywhere above fails, and a body can be wrong and undocumented at once.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::documents::Spot;
use super::library::{GENERATED, Library};
use super::place::ContractPlace;
use super::template::{self, MessageTemplate};
use super::uri::target_of;
use crate::document::escape_pointer;

/// What a walk found, in the order of the value.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) undocumented: Vec<String>,
    pub(super) write_only: Vec<(String, ContractPlace)>,
    pub(super) templates: Vec<MessageTemplate>,
}

/// How deep a value is followed; no contract describes more.
const MAX_DEPTH: usize = 200;
/// How many schemas may apply to one value: alternatives within alternatives multiply.
const MAX_APPLYING: usize = 256;

/// Walks `value` with the schema at `spot`.
pub(super) fn walk(library: &Library, spot: &Spot, value: &Value) -> Walked {
    let mut walked = Walked::default();
    let mut walker = Walker {
        library,
        walked: &mut walked,
    };
    walker.value(value, "", vec![spot.clone()], 0);
    walked
}

struct Walker<'l, 'w> {
    library: &'l Library,
    walked: &'w mut Walked,
}

/// A schema object that applies to a value.
struct Applying<'l> {
    spot: Spot,
    schema: &'l Map<String, Value>,
    /// Whether its `properties` mean to be all there are: a mere condition (`if`) says nothing of the kind.
    closing: bool,
}

impl<'l> Walker<'l, '_> {
    fn value(&mut self, value: &Value, pointer: &str, spots: Vec<Spot>, depth: usize) {
        if depth > MAX_DEPTH || spots.is_empty() {
            return;
        }
        let mut applying = Vec::new();
        let mut visited = HashSet::new();
        for spot in spots {
            self.apply(&spot, value, &mut visited, &mut applying);
        }
        let forbidden = applying
            .iter()
            .find(|one| one.schema.get("writeOnly") == Some(&Value::Bool(true)));
        if let Some(one) = forbidden {
            let place = self.library.place(&one.spot.child("writeOnly"));
            self.walked.write_only.push((pointer.to_owned(), place));
        }
        // Several schemas may say it of one object, by way of `allOf`; the first is enough.
        let template = applying.iter().find_map(|one| {
            let extension = one
                .schema
                .get(template::KEY)
                .filter(|_| value.is_object())?;
            let place = self.library.place(&one.spot.child(template::KEY));
            MessageTemplate::of(extension, pointer, place)
        });
        self.walked.templates.extend(template);
        match value {
            Value::Object(entries) => self.object(entries, pointer, &applying, depth),
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    let spots = applying
                        .iter()
                        .filter_map(|one| item_schema(one, i))
                        .collect();
                    self.value(item, &format!("{pointer}/{i}"), spots, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn object(
        &mut self,
        entries: &Map<String, Value>,
        pointer: &str,
        applying: &[Applying<'l>],
        depth: usize,
    ) {
        let closed = applying.iter().filter(|one| one.closing).any(|one| {
            let properties = one.schema.get("properties").and_then(Value::as_object);
            properties.is_some_and(|properties| !properties.is_empty())
        });
        for (name, value) in entries {
            let mut described = false;
            let mut spots = Vec::new();
            for one in applying {
                let known = one.schema.get("properties").and_then(|all| all.get(name));
                if known.is_some() {
                    described = true;
                    spots.push(one.spot.child("properties").child(name));
                    continue;
                }
                let patterns = one
                    .schema
                    .get("patternProperties")
                    .and_then(Value::as_object);
                let mut matched = false;
                for pattern in patterns.into_iter().flat_map(Map::keys) {
                    if matches(pattern, name) {
                        matched = true;
                        spots.push(one.spot.child("patternProperties").child(pattern));
                    }
                }
                if matched {
                    described = true;
                    continue;
                }
                for keyword in ["additionalProperties", "unevaluatedProperties"] {
                    // `false` is a violation of its own, told by the validation.
                    if one.schema.contains_key(keyword) {
                        described = true;
                        spots.push(one.spot.child(keyword));
                    }
                }
            }
            let pointer = format!("{pointer}/{}", escape_pointer(name));
            if described {
                self.value(value, &pointer, spots, depth + 1);
            } else if closed {
                self.walked.undocumented.push(pointer);
            }
        }
    }

    /// All schema objects that apply where the one at `spot` does.
    fn apply(
        &self,
        spot: &Spot,
        value: &Value,
        visited: &mut HashSet<Spot>,
        applying: &mut Vec<Applying<'l>>,
    ) {
        if applying.len() >= MAX_APPLYING || !visited.insert(spot.clone()) {
            return;
        }
        let Some(schema) = self.library.schema(spot).and_then(Value::as_object) else {
            return;
        };
        applying.push(Applying {
            spot: spot.clone(),
            schema,
            closing: !schema.contains_key(GENERATED),
        });
        let reference = schema.get("$ref").and_then(Value::as_str);
        if let Some(target) = reference.and_then(|text| target_of(text, spot)) {
            self.apply(&target, value, visited, applying);
        }
        let items = |keyword: &str| {
            let list = spot.child(keyword);
            let count = schema
                .get(keyword)
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            (0..count).map(move |i| list.child(&i.to_string()))
        };
        for item in items("allOf") {
            self.apply(&item, value, visited, applying);
        }
        for keyword in ["oneOf", "anyOf"] {
            let all: Vec<Spot> = items(keyword).collect();
            let accepting: Vec<Spot> = all
                .iter()
                .filter(|item| self.accepts(item, value))
                .cloned()
                .collect();
            let chosen = if accepting.is_empty() { all } else { accepting };
            for item in chosen {
                self.apply(&item, value, visited, applying);
            }
        }
        if schema.contains_key("if") {
            let condition = spot.child("if");
            let branch = if self.accepts(&condition, value) {
                let before = applying.len();
                self.apply(&condition, value, visited, applying);
                for one in &mut applying[before..] {
                    one.closing = false;
                }
                "then"
            } else {
                "else"
            };
            self.apply(&spot.child(branch), value, visited, applying);
        }
        let dependent = schema.get("dependentSchemas").and_then(Value::as_object);
        for name in dependent.into_iter().flat_map(Map::keys) {
            if value.get(name).is_some() {
                let spot = spot.child("dependentSchemas").child(name);
                self.apply(&spot, value, visited, applying);
            }
        }
    }

    fn accepts(&self, spot: &Spot, value: &Value) -> bool {
        match &*self.library.validator(spot) {
            Ok(validator) => validator.is_valid(value),
            Err(_) => true,
        }
    }
}

/// The schema of an item: by position, else for all.
fn item_schema(one: &Applying<'_>, i: usize) -> Option<Spot> {
    let positions = one.schema.get("prefixItems").and_then(Value::as_array);
    if positions.is_some_and(|positions| i < positions.len()) {
        return Some(one.spot.child("prefixItems").child(&i.to_string()));
    }
    one.schema.get("items").map(|_| one.spot.child("items"))
}

/// Whether a property's name matches; a pattern beyond the plain engine is taken to match, for describing too much alarms nobody.
fn matches(pattern: &str, name: &str) -> bool {
    regex::Regex::new(pattern).map_or(true, |pattern| pattern.is_match(name))
}
