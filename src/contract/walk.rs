//! A value walked together with the schemas that apply to its parts: finds what is undocumented, and what should not be sent.
//!
//! Main type: [`Walked`]. The walk does not use the engine's annotations: those vanish as soon as one keyword anywhere above fails,
//! and a body can be invalid and undocumented at once.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::annotation::DISPATCH;
use super::documents::DocumentPointer;
use super::library::SchemaLibrary;
use super::place::ContractPlace;
use super::shape::{Keywords, NodeId, Shape};
use super::template::{self, MessageTemplate};
use super::violation;
use crate::document::escape_pointer;

/// What a walk found, in the order of the value.
#[derive(Debug, Default)]
pub struct Walked {
    /// JSON pointers of object properties that no applicable schema describes.
    pub undocumented: Vec<String>,
    /// JSON pointers of values that an applicable schema calls `writeOnly`, and where it does.
    pub write_only: Vec<(String, ContractPlace)>,
    /// Error messages that an applicable schema marks as templates with placeholders.
    pub templates: Vec<MessageTemplate>,
    /// Values that do not satisfy the schema that their discriminator names.
    pub mismatches: Vec<NamedSchemaMismatch>,
}

/// A value that is not what its discriminator says.
#[derive(Debug)]
pub struct NamedSchemaMismatch {
    /// JSON pointer of the object.
    pub instance: String,
    /// The property that names a schema, and the name.
    pub property: String,
    pub name: String,
    /// Where the `discriminator` is written.
    pub place: ContractPlace,
    /// The first violation of the schema, as a fragment; `None`: the name leads to no schema.
    pub violation: Option<String>,
    /// The names that lead to schemas.
    pub known: Vec<String>,
}

/// How deep a value is followed; no contract describes more.
const MAX_DEPTH: usize = 200;
/// How many schemas may apply to one value: alternatives within alternatives multiply.
const MAX_APPLYING: usize = 256;

/// Walks `value` with the schema `root` of `shape`.
pub(super) fn walk(
    library: &Arc<SchemaLibrary>,
    shape: &Shape,
    root: NodeId,
    value: &Value,
) -> Walked {
    let mut finder = Finder {
        library,
        shape,
        walked: Walked::default(),
    };
    follow(library, shape, root, value, &mut finder);
    finder.walked
}

/// Receives a value's parts while the value is followed.
pub(crate) trait Visitor {
    /// A value, and all schema objects that apply to it.
    fn value(&mut self, value: &Value, at: &ValuePath<'_>, applying: &[Applying<'_>]);

    /// A property of an object that no applicable schema describes, though one of them is meant to describe them all.
    fn undocumented(&mut self, at: &ValuePath<'_>);
}

/// Follows `value` with the schema `root` of `shape`.
pub(super) fn follow(
    library: &SchemaLibrary,
    shape: &Shape,
    root: NodeId,
    value: &Value,
    visitor: &mut impl Visitor,
) {
    let mut walker = Walker {
        library,
        shape,
        visitor,
    };
    walker.value(value, &ValuePath::Root, &[root], 0);
}

/// Records what a walk finds.
struct Finder<'l> {
    library: &'l Arc<SchemaLibrary>,
    shape: &'l Shape,
    walked: Walked,
}

impl Finder<'_> {
    /// Whether a value claims to satisfy a schema that it does not satisfy.
    fn mismatch(
        &self,
        value: &Value,
        at: &ValuePath<'_>,
        entry: &Applying<'_>,
    ) -> Option<NamedSchemaMismatch> {
        let dispatch = entry.schema.dispatch.as_ref()?;
        let name = value.get(&dispatch.property)?.as_str()?;
        let violation = match dispatch.named(name) {
            None if dispatch.own.as_deref() == Some(name) => return None,
            None => None,
            Some(named) => {
                let location = &self.shape.node(named).location;
                Some(self.first_violation(location, value)?)
            }
        };
        let names = dispatch.schemas.iter().map(|(name, _)| name.clone());
        Some(NamedSchemaMismatch {
            instance: at.pointer(),
            property: dispatch.property.clone(),
            name: name.to_owned(),
            place: self.place(entry.id, DISPATCH),
            violation,
            known: dispatch.own.iter().cloned().chain(names).collect(),
        })
    }

    fn place(&self, id: NodeId, keyword: &str) -> ContractPlace {
        self.library
            .place(&self.shape.node(id).location.child(keyword))
    }

    /// What is wrong with a value first, as a fragment with its place; `None` where the schema accepts it or cannot be used.
    fn first_violation(&self, location: &DocumentPointer, value: &Value) -> Option<String> {
        let schema = self.library.compiled(location).ok()?;
        let library = Arc::clone(self.library);
        let violations = schema.apply(value, move |validator, value| {
            match validator.is_valid(value) {
                true => Vec::new(),
                false => violation::collect(validator, value, &library),
            }
        });
        let first = violations?.into_iter().next()?;
        Some(match first.instance.as_str() {
            "" => first.message,
            pointer => format!("`{pointer}`: {}", first.message),
        })
    }
}

impl Visitor for Finder<'_> {
    fn value(&mut self, value: &Value, at: &ValuePath<'_>, applying: &[Applying<'_>]) {
        if let Some(entry) = applying.iter().find(|entry| entry.schema.write_only) {
            let place = self.place(entry.id, "writeOnly");
            self.walked.write_only.push((at.pointer(), place));
        }
        if value.is_object() {
            // Several schemas may mark one object, by `allOf`; the first is enough.
            let template = applying.iter().find_map(|entry| {
                let extension = entry.schema.template.as_ref()?;
                let place = self.place(entry.id, template::KEY);
                MessageTemplate::of(extension, &at.pointer(), place)
            });
            self.walked.templates.extend(template);
        }
        for entry in applying {
            if let Some(mismatch) = self.mismatch(value, at, entry) {
                // A base that is reached by two paths says everything twice.
                let known = &mut self.walked.mismatches;
                let same = |other: &NamedSchemaMismatch| {
                    other.instance == mismatch.instance && other.property == mismatch.property
                };
                if !known.iter().any(same) {
                    known.push(mismatch);
                }
            }
        }
    }

    fn undocumented(&mut self, at: &ValuePath<'_>) {
        self.walked.undocumented.push(at.pointer());
    }
}

struct Walker<'l, 'w, V> {
    library: &'l SchemaLibrary,
    shape: &'l Shape,
    visitor: &'w mut V,
}

/// The path of a value in the body; rendered as a pointer only when it is reported.
pub(crate) enum ValuePath<'a> {
    Root,
    Key(&'a ValuePath<'a>, &'a str),
    Index(&'a ValuePath<'a>, usize),
}

impl ValuePath<'_> {
    pub(crate) fn pointer(&self) -> String {
        match self {
            ValuePath::Root => String::new(),
            ValuePath::Key(outer, key) => format!("{}/{}", outer.pointer(), escape_pointer(key)),
            ValuePath::Index(outer, index) => format!("{}/{index}", outer.pointer()),
        }
    }
}

/// A schema object that applies to a value.
pub(crate) struct Applying<'l> {
    pub(crate) id: NodeId,
    pub(crate) schema: &'l Keywords,
    /// Whether its `properties` are meant to be complete; those of a condition (`if`) are not.
    closing: bool,
}

impl<'l, V: Visitor> Walker<'l, '_, V> {
    fn value(&mut self, value: &Value, at: &ValuePath<'_>, schemas: &[NodeId], depth: usize) {
        if depth > MAX_DEPTH || schemas.is_empty() {
            return;
        }
        let mut applying = Vec::with_capacity(2);
        let mut visited = Vec::with_capacity(2);
        for &schema in schemas {
            self.apply(schema, value, &mut visited, &mut applying);
        }
        self.visitor.value(value, at, &applying);
        match value {
            Value::Object(entries) => self.object(entries, at, &applying, depth),
            Value::Array(items) => {
                let mut schemas = Vec::with_capacity(applying.len());
                for (i, item) in items.iter().enumerate() {
                    schemas.clear();
                    schemas.extend(applying.iter().filter_map(|entry| {
                        // By position, else for all.
                        entry.schema.prefix.get(i).copied().or(entry.schema.items)
                    }));
                    self.value(item, &ValuePath::Index(at, i), &schemas, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn object(
        &mut self,
        entries: &Map<String, Value>,
        at: &ValuePath<'_>,
        applying: &[Applying<'l>],
        depth: usize,
    ) {
        let closed = applying
            .iter()
            .any(|entry| entry.closing && !entry.schema.properties.is_empty());
        let mut schemas = Vec::with_capacity(applying.len());
        for (name, value) in entries {
            let mut described = false;
            schemas.clear();
            for entry in applying {
                if let Some(&known) = entry.schema.properties.get(name) {
                    described = true;
                    schemas.push(known);
                    continue;
                }
                let before = schemas.len();
                schemas.extend(entry.schema.patterned(name));
                if schemas.len() == before {
                    // `false` is a violation of its own, reported by the validation.
                    schemas.extend(&entry.schema.further);
                }
                described |= schemas.len() > before;
            }
            let at = ValuePath::Key(at, name);
            if described {
                self.value(value, &at, &schemas, depth + 1);
            } else if closed {
                self.visitor.undocumented(&at);
            }
        }
    }

    /// Adds all schema objects that apply where this one does.
    fn apply(
        &self,
        id: NodeId,
        value: &Value,
        visited: &mut Vec<NodeId>,
        applying: &mut Vec<Applying<'l>>,
    ) {
        if applying.len() >= MAX_APPLYING || visited.contains(&id) {
            return;
        }
        visited.push(id);
        let Some(schema) = &self.shape.node(id).object else {
            return;
        };
        applying.push(Applying {
            id,
            schema,
            closing: true,
        });
        for &id in &schema.always {
            self.apply(id, value, visited, applying);
        }
        let named = schema.dispatch.as_ref().and_then(|dispatch| {
            let name = value.get(&dispatch.property)?.as_str()?;
            dispatch.named(name)
        });
        if let Some(named) = named {
            self.apply(named, value, visited, applying);
        }
        let satisfied = named.filter(|named| self.accepts(*named, value));
        for all in &schema.alternatives {
            // The value is meant as that one, whatever else it satisfies.
            if satisfied.is_some_and(|named| self.leads_to(all, named)) {
                continue;
            }
            let mut any = named.is_some_and(|named| self.leads_to(all, named));
            for &id in all.iter().filter(|&&id| self.accepts(id, value)) {
                any = true;
                self.apply(id, value, visited, applying);
            }
            if !any {
                for &id in all {
                    self.apply(id, value, visited, applying);
                }
            }
        }
        if let Some(condition) = &schema.condition {
            let branch = if self.accepts(condition.when, value) {
                let before = applying.len();
                self.apply(condition.when, value, visited, applying);
                for id in &mut applying[before..] {
                    id.closing = false;
                }
                condition.then
            } else {
                condition.otherwise
            };
            if let Some(branch) = branch {
                self.apply(branch, value, visited, applying);
            }
        }
        for (name, dependent) in &schema.dependent {
            if value.get(name).is_some() {
                self.apply(*dependent, value, visited, applying);
            }
        }
    }

    /// Whether one of some schemas is another one, or only refers to it.
    fn leads_to(&self, all: &[NodeId], target: NodeId) -> bool {
        all.iter().any(|&id| {
            let keywords = self.shape.node(id).object.as_ref();
            id == target || keywords.is_some_and(|keywords| keywords.always.contains(&target))
        })
    }

    fn accepts(&self, id: NodeId, value: &Value) -> bool {
        let compiled = self.library.compiled(&self.shape.node(id).location);
        compiled
            .ok()
            .and_then(|schema| schema.is_valid(value))
            .unwrap_or(true)
    }
}
