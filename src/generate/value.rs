//! The smallest value that a schema accepts. Main function: [`value_for`].

use serde_json::{Map, Value};

use super::{number, text};
use crate::contract::{NodeId, Schema, Shape, ShapeNode};

/// Levels of objects and lists in a value.
const MAX_DEPTH: usize = 24;

/// Combinations of alternatives that are tried for one value.
const MAX_COMBINATIONS: usize = 32;

/// Attempts for a whole value: schemas that refuse everything must come to an end.
const MAX_ATTEMPTS: usize = 5_000;

/// Most items and properties that are made because a schema demands a number of them.
const MOST_MEMBERS: u64 = 1_000;

/// Which properties a value has (OpenAPI 3.0.4, "Schema Object": `readOnly`, `writeOnly`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A body that is sent.
    Request,
    /// A parameter: an empty list would not be sent at all.
    Parameter,
    /// A body that is received.
    Response,
}

/// A value that the schema accepts: an example it gives, else one with as little in it as possible. The same schema always gives the same
/// value. `None` where none was found.
pub fn value_for(schema: &Schema, purpose: Purpose) -> Option<Value> {
    let value = schema.with_shape(|shape, root| {
        let mut generator = Generator {
            schema,
            shape,
            purpose,
            attempts: 0,
            left_out: false,
        };
        generator.value(&[root], 0)
    })??;
    let is_valid = match purpose {
        Purpose::Request | Purpose::Parameter => schema.violations_in_request(&value).is_empty(),
        Purpose::Response => schema.violations(&value).is_empty(),
    };
    is_valid.then_some(value)
}

/// How much there is in an object or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fullness {
    /// What is required.
    Least,
    /// Every property of an object, an item in a list: where the least would satisfy several alternatives of which only one may apply.
    All,
}

struct Generator<'s> {
    schema: &'s Schema,
    shape: &'s Shape,
    purpose: Purpose,
    attempts: usize,
    /// Whether a required property was left out because of the purpose: parts can then be refused where the whole is valid.
    left_out: bool,
}

impl<'s> Generator<'s> {
    /// A value that all these schemas accept.
    fn value(&mut self, roots: &[NodeId], depth: usize) -> Option<Value> {
        self.attempts += 1;
        if depth > MAX_DEPTH || self.attempts > MAX_ATTEMPTS {
            return None;
        }
        let combinations = self.combinations(roots);
        for fullness in [Fullness::Least, Fullness::All] {
            for applying in &combinations {
                let found = self
                    .candidates(applying, depth, fullness)
                    .into_iter()
                    .find(|value| self.accepts(roots, value));
                if found.is_some() || self.attempts > MAX_ATTEMPTS {
                    return found;
                }
            }
        }
        None
    }

    /// Whether all these schemas accept a value, as far as this can be said of a part.
    fn accepts(&mut self, roots: &[NodeId], value: &Value) -> bool {
        self.attempts += 1;
        let shape = self.shape;
        self.attempts <= MAX_ATTEMPTS
            && (self.left_out && (value.is_object() || value.is_array())
                || roots
                    .iter()
                    .all(|&root| self.schema.part_accepts(shape.node(root), value)))
    }

    /// The schemas that apply to a value, once for each choice of alternatives.
    fn combinations(&self, roots: &[NodeId]) -> Vec<Vec<NodeId>> {
        let mut complete = Vec::new();
        let mut open: Vec<(Vec<NodeId>, usize)> = vec![(roots.to_vec(), 0)];
        while let Some((mut applying, mut next)) = open.pop() {
            let mut groups: Vec<Vec<Option<NodeId>>> = Vec::new();
            while let Some(&id) = applying.get(next) {
                next += 1;
                let Some(keywords) = &self.shape.node(id).object else {
                    continue;
                };
                for &always in &keywords.always {
                    if !applying.contains(&always) {
                        applying.push(always);
                    }
                }
                for alternatives in &keywords.alternatives {
                    if !alternatives.iter().any(|id| applying.contains(id)) {
                        groups.push(alternatives.iter().copied().map(Some).collect());
                    }
                }
                if let Some(condition) = &keywords.condition {
                    let branches = [None, condition.then, condition.otherwise];
                    let mut branches = branches.to_vec();
                    branches.dedup();
                    groups.push(branches);
                }
            }
            if groups.is_empty() {
                complete.push(applying);
            } else if complete.len() + open.len() < MAX_COMBINATIONS * 4 {
                // The last to be added is the first to be completed.
                for chosen in choices(&groups).into_iter().rev() {
                    let mut applying = applying.clone();
                    applying.extend(chosen);
                    open.push((applying, next));
                }
            }
            if complete.len() >= MAX_COMBINATIONS {
                break;
            }
        }
        complete
    }

    /// Values to try: what the schemas list or give as an example, then one of each type they allow.
    fn candidates(&mut self, applying: &[NodeId], depth: usize, fullness: Fullness) -> Vec<Value> {
        let shape = self.shape;
        let nodes: Vec<&ShapeNode> = applying.iter().map(|&id| shape.node(id)).collect();
        let schema = self.schema;
        let parts: Vec<&Map<String, Value>> = nodes
            .iter()
            .filter_map(|node| schema.part(node)?.as_object())
            .collect();
        let mut values: Vec<Value> = nodes
            .iter()
            .flat_map(|node| schema.examples_of(node))
            .collect();
        for part in &parts {
            values.extend(part.get("const").cloned());
            let listed = part.get("enum").and_then(Value::as_array);
            values.extend(listed.into_iter().flatten().cloned());
        }
        for kind in kinds(&parts) {
            match kind {
                "object" => values.extend(self.object(applying, &parts, depth, fullness)),
                "array" => values.extend(self.array(applying, &parts, depth, fullness)),
                _ if fullness == Fullness::All => {}
                "string" => values.extend(text::candidates(&parts)),
                "integer" => values.extend(number::candidates(&parts, true)),
                "number" => values.extend(number::candidates(&parts, false)),
                "boolean" => values.extend([Value::Bool(true), Value::Bool(false)]),
                _ => values.push(Value::Null),
            }
        }
        values
    }

    /// An object with the required properties, and more where their number is too small.
    fn object(
        &mut self,
        applying: &[NodeId],
        parts: &[&Map<String, Value>],
        depth: usize,
        fullness: Fullness,
    ) -> Option<Value> {
        let mut names: Vec<&str> = Vec::new();
        for part in parts {
            let required = part.get("required").and_then(Value::as_array);
            for name in required.into_iter().flatten().filter_map(Value::as_str) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        if self.purpose != Purpose::Response {
            let (schema, shape) = (self.schema, self.shape);
            let nodes = applying.iter().map(|&id| shape.node(id));
            for name in nodes.flat_map(|node| schema.required_of(node)) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let required = names.len();
        let least = least(parts, "minProperties");
        if least > MOST_MEMBERS {
            return None;
        }
        let shape = self.shape;
        let known = applying
            .iter()
            .filter_map(|&id| shape.node(id).object.as_ref())
            .flat_map(|keywords| keywords.properties.keys());
        for name in known {
            let wanted = fullness == Fullness::All || (names.len() as u64) < least;
            if wanted && !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let mut object = Map::new();
        for (index, name) in names.into_iter().enumerate() {
            let schemas = self.shape.of_property(applying, name);
            if self.is_left_out(&schemas) {
                self.left_out |= self.purpose != Purpose::Response;
                continue;
            }
            let named = self.discriminating(applying, name);
            let value = match named {
                Some(name) => Value::from(name),
                None if schemas.is_empty() => Value::from("text"),
                None => match self.value(&schemas, depth + 1) {
                    Some(value) => value,
                    None if index >= required => continue,
                    None => return None,
                },
            };
            object.insert(name.to_owned(), value);
        }
        let mut number = 0;
        while (object.len() as u64) < least {
            number += 1;
            let name = format!("key{number}");
            let schemas = self.shape.of_property(applying, &name);
            let value = match schemas.is_empty() {
                true => Value::from("text"),
                false => self.value(&schemas, depth + 1)?,
            };
            object.insert(name, value);
        }
        Some(Value::Object(object))
    }

    /// Whether a property is not part of what is sent in this direction.
    fn is_left_out(&self, schemas: &[NodeId]) -> bool {
        schemas.iter().any(|&id| {
            let applying = self.shape.of_same_value(id);
            applying.into_iter().any(|id| {
                let keywords = self.shape.node(id).object.as_ref();
                keywords.is_some_and(|keywords| match self.purpose {
                    Purpose::Request | Purpose::Parameter => keywords.read_only,
                    Purpose::Response => keywords.write_only,
                })
            })
        })
    }

    /// The name that leads to one of the applying schemas, where the property is their discriminator.
    fn discriminating(&self, applying: &[NodeId], property: &str) -> Option<String> {
        let dispatches = applying
            .iter()
            .filter_map(|&id| self.shape.node(id).object.as_ref()?.dispatch.as_ref());
        for dispatch in dispatches.filter(|dispatch| dispatch.property == property) {
            let leads = |node: NodeId| applying.contains(&node);
            let named = dispatch.schemas.iter().find(|(_, node)| leads(*node));
            if let Some((name, _)) = named {
                return Some(name.clone());
            }
        }
        None
    }

    /// A list with as few items as its schemas allow; items that must differ are made different.
    fn array(
        &mut self,
        applying: &[NodeId],
        parts: &[&Map<String, Value>],
        depth: usize,
        fullness: Fullness,
    ) -> Option<Value> {
        let has_item = fullness == Fullness::All || self.purpose == Purpose::Parameter;
        let count = least(parts, "minItems").max(u64::from(has_item));
        if count > MOST_MEMBERS {
            return None;
        }
        let is_set = parts
            .iter()
            .any(|part| part.get("uniqueItems") == Some(&Value::Bool(true)));
        let mut items: Vec<Value> = Vec::new();
        for index in 0..count as usize {
            let schemas = self.shape.of_item(applying, index);
            let first = match schemas.is_empty() {
                true => Value::from("text"),
                false => self.value(&schemas, depth + 1)?,
            };
            let item = match is_set && items.contains(&first) {
                false => first,
                true => self.other_than(&items, &schemas)?,
            };
            items.push(item);
        }
        Some(Value::Array(items))
    }

    /// Another value of these schemas: one that they list, a number, or a text with a number.
    fn other_than(&mut self, items: &[Value], schemas: &[NodeId]) -> Option<Value> {
        let applying = self.combinations(schemas);
        let shape = self.shape;
        let schema = self.schema;
        let listed = applying.iter().flatten().filter_map(|&id| {
            let listed = schema.part(shape.node(id))?.get("enum")?;
            Some(listed.as_array()?.clone())
        });
        let mut values: Vec<Value> = listed.flatten().collect();
        for number in 0..=items.len() {
            values.push(Value::from(number));
            values.push(Value::from(format!("text{number}")));
            // A number within a text of a certain form: the last characters are replaced.
            if let Some(Value::String(text)) = items.first() {
                let digits = number.to_string();
                let kept = text.chars().count().saturating_sub(digits.len());
                let mut other: String = text.chars().take(kept).collect();
                other.push_str(&digits);
                values.push(Value::from(other));
            }
        }
        values.extend([Value::Bool(true), Value::Bool(false), Value::Null]);
        values
            .into_iter()
            .find(|value| !items.contains(value) && self.accepts(schemas, value))
    }
}

/// One alternative of each group, in order, the first group varying slowest.
fn choices(groups: &[Vec<Option<NodeId>>]) -> Vec<Vec<NodeId>> {
    let mut chosen: Vec<Vec<NodeId>> = vec![Vec::new()];
    for group in groups {
        chosen = chosen
            .iter()
            .flat_map(|before| {
                group.iter().map(|alternative| {
                    let mut combination = before.clone();
                    combination.extend(alternative);
                    combination
                })
            })
            .take(MAX_COMBINATIONS)
            .collect();
    }
    chosen
}

/// The types that all schemas allow, those that say most first. Without `type` the other keywords decide.
fn kinds(parts: &[&Map<String, Value>]) -> Vec<&'static str> {
    const ORDER: [&str; 7] = [
        "object", "array", "string", "integer", "number", "boolean", "null",
    ];
    let allows = |part: &Map<String, Value>, kind: &str| match part.get("type") {
        Some(Value::String(name)) => is_type(name, kind),
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .any(|name| is_type(name, kind)),
        _ => true,
    };
    let has = |keywords: &[&str]| {
        let mut keywords = keywords.iter();
        keywords.any(|keyword| parts.iter().any(|part| part.contains_key(*keyword)))
    };
    let mut kinds: Vec<&'static str> = ORDER
        .into_iter()
        .filter(|kind| parts.iter().all(|part| allows(part, kind)))
        .collect();
    if !has(&["type"]) {
        let meant = if has(&["properties", "required", "additionalProperties"]) {
            Some("object")
        } else if has(&["items", "prefixItems", "minItems"]) {
            Some("array")
        } else if has(&["pattern", "format", "minLength", "maxLength"]) {
            Some("string")
        } else if has(&["minimum", "maximum", "multipleOf"]) {
            Some("integer")
        } else {
            None
        };
        // Otherwise anything is allowed; the other types remain as a last resort.
        if let Some(meant) = meant {
            kinds.sort_by_key(|kind| *kind != meant);
        }
    }
    kinds
}

fn is_type(name: &str, kind: &str) -> bool {
    name == kind || (name == "number" && kind == "integer")
}

fn least(parts: &[&Map<String, Value>], keyword: &str) -> u64 {
    let counts = parts.iter().filter_map(|part| part.get(keyword)?.as_f64());
    counts.fold(0.0, f64::max) as u64
}
