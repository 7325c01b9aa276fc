//! A value walked together with the schemas that apply to its parts: what nobody describes, and what should not have been sent.
//!
//! Main type: [`Walked`]. The walk goes by our own steps, not by the engine's annotations: those vanish as soon as one keyword
//! anywhere above fails, and a body can be wrong and undocumented at once.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::documents::Spot;
use super::library::{GENERATED, Library};
use super::place::ContractPlace;
use super::template::{self, MessageTemplate};
use super::uri::target_of;
use crate::document::escape_pointer;

/// What a walk found, in the order of the value.
#[derive(Debug, Default)]
pub struct Walked {
    /// JSON pointers of object properties that no schema which applies describes.
    pub undocumented: Vec<String>,
    /// JSON pointers of values that a schema which applies calls `writeOnly`, and where it does.
    pub write_only: Vec<(String, ContractPlace)>,
    /// Error messages that a schema which applies says to hold placeholders.
    pub templates: Vec<MessageTemplate>,
}

/// How deep a value is followed; no contract describes more.
const MAX_DEPTH: usize = 200;
/// How many schemas may apply to one value: alternatives within alternatives multiply.
const MAX_APPLYING: usize = 256;

/// Walks `value` with the schema at `spot`.
pub(super) fn walk(library: &Library, spot: &Spot, value: &Value) -> Walked {
    let mut walked = Walked::default();
    let Some(schema) = library.schema(spot) else {
        return walked;
    };
    let mut walker = Walker {
        library,
        walked: &mut walked,
    };
    let standing = Standing {
        schema,
        trail: Rc::new(Trail::Spot(spot.clone())),
    };
    walker.value(value, &At::Root, vec![standing], 0);
    walked
}

struct Walker<'l, 'w> {
    library: &'l Library,
    walked: &'w mut Walked,
}

/// A schema and how it was reached.
#[derive(Clone)]
struct Standing<'l> {
    schema: &'l Value,
    trail: Rc<Trail<'l>>,
}

/// Where a schema stands. Put together as a [`Spot`] only where somebody asks, for most of them are looked at and left.
enum Trail<'l> {
    Spot(Spot),
    Key(Rc<Trail<'l>>, &'l str),
    Index(Rc<Trail<'l>>, usize),
}

impl Trail<'_> {
    fn spot(&self) -> Spot {
        match self {
            Trail::Spot(spot) => spot.clone(),
            Trail::Key(outer, key) => outer.spot().child(key),
            Trail::Index(outer, index) => outer.spot().child(&index.to_string()),
        }
    }
}

impl<'l> Standing<'l> {
    /// The schema under a keyword of this one.
    fn keyword(&self, keyword: &'static str) -> Option<Standing<'l>> {
        let schema = self.schema.get(keyword)?;
        let trail = Rc::new(Trail::Key(Rc::clone(&self.trail), keyword));
        Some(Standing { schema, trail })
    }

    /// The schema under a name of a keyword that holds several by name.
    fn named(&self, keyword: &'static str, name: &str) -> Option<Standing<'l>> {
        let (name, schema) = self.schema.get(keyword)?.as_object()?.get_key_value(name)?;
        let outer = Rc::new(Trail::Key(Rc::clone(&self.trail), keyword));
        let trail = Rc::new(Trail::Key(outer, name));
        Some(Standing { schema, trail })
    }

    /// The schemas of a keyword that holds a list of them.
    fn listed(&self, keyword: &'static str) -> Vec<Standing<'l>> {
        let Some(items) = self.schema.get(keyword).and_then(Value::as_array) else {
            return Vec::new();
        };
        let outer = Rc::new(Trail::Key(Rc::clone(&self.trail), keyword));
        let standing = |(i, schema)| Standing {
            schema,
            trail: Rc::new(Trail::Index(Rc::clone(&outer), i)),
        };
        items.iter().enumerate().map(standing).collect()
    }
}

/// Where a value stands in the body; a pointer only where it is told.
enum At<'a> {
    Root,
    Key(&'a At<'a>, &'a str),
    Index(&'a At<'a>, usize),
}

impl At<'_> {
    fn pointer(&self) -> String {
        match self {
            At::Root => String::new(),
            At::Key(outer, key) => format!("{}/{}", outer.pointer(), escape_pointer(key)),
            At::Index(outer, index) => format!("{}/{index}", outer.pointer()),
        }
    }
}

/// A schema object that applies to a value.
struct Applying<'l> {
    standing: Standing<'l>,
    schema: &'l Map<String, Value>,
    /// Whether its `properties` mean to be all there are: a mere condition (`if`) says nothing of the kind.
    closing: bool,
}

impl<'l> Walker<'l, '_> {
    fn value(&mut self, value: &Value, at: &At<'_>, schemas: Vec<Standing<'l>>, depth: usize) {
        if depth > MAX_DEPTH || schemas.is_empty() {
            return;
        }
        let mut applying = Vec::with_capacity(2);
        let mut visited = Vec::with_capacity(2);
        for standing in schemas {
            self.apply(standing, value, &mut visited, &mut applying);
        }
        let forbidden = applying
            .iter()
            .find(|one| one.schema.get("writeOnly") == Some(&Value::Bool(true)));
        if let Some(one) = forbidden {
            let place = self
                .library
                .place(&one.standing.trail.spot().child("writeOnly"));
            self.walked.write_only.push((at.pointer(), place));
        }
        // Several schemas may say it of one object, by way of `allOf`; the first is enough.
        let template = applying.iter().find_map(|one| {
            let extension = one
                .schema
                .get(template::KEY)
                .filter(|_| value.is_object())?;
            let place = self
                .library
                .place(&one.standing.trail.spot().child(template::KEY));
            MessageTemplate::of(extension, &at.pointer(), place)
        });
        self.walked.templates.extend(template);
        match value {
            Value::Object(entries) => self.object(entries, at, &applying, depth),
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    let schemas = applying
                        .iter()
                        .filter_map(|one| item_schema(one, i))
                        .collect();
                    self.value(item, &At::Index(at, i), schemas, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn object(
        &mut self,
        entries: &Map<String, Value>,
        at: &At<'_>,
        applying: &[Applying<'l>],
        depth: usize,
    ) {
        let closed = applying.iter().filter(|one| one.closing).any(|one| {
            let properties = one.schema.get("properties").and_then(Value::as_object);
            properties.is_some_and(|properties| !properties.is_empty())
        });
        for (name, value) in entries {
            let mut described = false;
            let mut schemas = Vec::new();
            for one in applying {
                if let Some(known) = one.standing.named("properties", name) {
                    described = true;
                    schemas.push(known);
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
                        schemas.extend(one.standing.named("patternProperties", pattern));
                    }
                }
                if matched {
                    described = true;
                    continue;
                }
                for keyword in ["additionalProperties", "unevaluatedProperties"] {
                    // `false` is a violation of its own, told by the validation.
                    if let Some(known) = one.standing.keyword(keyword) {
                        described = true;
                        schemas.push(known);
                    }
                }
            }
            let at = At::Key(at, name);
            if described {
                self.value(value, &at, schemas, depth + 1);
            } else if closed {
                self.walked.undocumented.push(at.pointer());
            }
        }
    }

    /// All schema objects that apply where this one does.
    fn apply(
        &self,
        standing: Standing<'l>,
        value: &Value,
        visited: &mut Vec<*const Value>,
        applying: &mut Vec<Applying<'l>>,
    ) {
        // The trees do not move while they are walked, so a schema is known by its address.
        let address = std::ptr::from_ref(standing.schema);
        if applying.len() >= MAX_APPLYING || visited.contains(&address) {
            return;
        }
        visited.push(address);
        let Some(schema) = standing.schema.as_object() else {
            return;
        };
        applying.push(Applying {
            standing: standing.clone(),
            schema,
            closing: !schema.contains_key(GENERATED),
        });
        if let Some(target) = self.referred(&standing) {
            self.apply(target, value, visited, applying);
        }
        for item in standing.listed("allOf") {
            self.apply(item, value, visited, applying);
        }
        for keyword in ["oneOf", "anyOf"] {
            let all = standing.listed(keyword);
            let accepting: Vec<Standing<'l>> = all
                .iter()
                .filter(|item| self.accepts(item, value))
                .cloned()
                .collect();
            let chosen = if accepting.is_empty() { all } else { accepting };
            for item in chosen {
                self.apply(item, value, visited, applying);
            }
        }
        if let Some(condition) = standing.keyword("if") {
            let branch = if self.accepts(&condition, value) {
                let before = applying.len();
                self.apply(condition, value, visited, applying);
                for one in &mut applying[before..] {
                    one.closing = false;
                }
                "then"
            } else {
                "else"
            };
            if let Some(branch) = standing.keyword(branch) {
                self.apply(branch, value, visited, applying);
            }
        }
        let dependent = schema.get("dependentSchemas").and_then(Value::as_object);
        for name in dependent.into_iter().flat_map(Map::keys) {
            if value.get(name).is_some()
                && let Some(dependent) = standing.named("dependentSchemas", name)
            {
                self.apply(dependent, value, visited, applying);
            }
        }
    }

    /// The schema that a `$ref` beside the other keywords names.
    fn referred(&self, standing: &Standing<'l>) -> Option<Standing<'l>> {
        let reference = standing.schema.get("$ref")?.as_str()?;
        let spot = target_of(reference, &standing.trail.spot())?;
        let schema = self.library.schema(&spot)?;
        let trail = Rc::new(Trail::Spot(spot));
        Some(Standing { schema, trail })
    }

    fn accepts(&self, standing: &Standing<'l>, value: &Value) -> bool {
        match &*self.library.validator(&standing.trail.spot()) {
            Ok(validator) => validator.is_valid(value),
            Err(_) => true,
        }
    }
}

/// The schema of an item: by position, else for all.
fn item_schema<'l>(one: &Applying<'l>, i: usize) -> Option<Standing<'l>> {
    let positions = one.schema.get("prefixItems").and_then(Value::as_array);
    if positions.is_some_and(|positions| i < positions.len()) {
        return one.standing.listed("prefixItems").into_iter().nth(i);
    }
    one.standing.keyword("items")
}

/// Whether a property's name matches; a pattern beyond the plain engine is taken to match, for describing too much alarms nobody.
fn matches(pattern: &str, name: &str) -> bool {
    regex::Regex::new(pattern).map_or(true, |pattern| pattern.is_match(name))
}
