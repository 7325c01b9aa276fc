//! The schemas of a contract prepared for following values: references resolved, subschemas by number.
//!
//! Main type: [`Shape`]. A schema and all schemas that it leads to are added on first use; following a value then needs no lookup by
//! pointer. Schemas that others lead to as well are there once.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::annotation::DISPATCH;
use super::documents::DocumentPointer;
use super::pattern::SchemaPattern;
use super::template;
use super::uri::target_of;

/// Index of a schema in its [`Shape`].
pub(crate) type NodeId = usize;

/// Some schemas, with all schemas that they lead to.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    nodes: Vec<ShapeNode>,
    numbers: HashMap<DocumentPointer, NodeId>,
    /// Schemas that have a number and are not in `nodes` yet.
    waiting: VecDeque<DocumentPointer>,
}

/// One schema.
#[derive(Debug)]
pub(crate) struct ShapeNode {
    pub(in crate::contract) location: DocumentPointer,
    /// `None`: it is `true` or `false`, and describes no parts.
    pub(crate) object: Option<Keywords>,
}

/// What a schema object says about the value's parts, and which other schemas apply to the value.
#[derive(Debug, Default)]
pub(crate) struct Keywords {
    /// `$ref`, where it leads somewhere, and the items of `allOf`.
    pub(crate) always: Vec<NodeId>,
    /// The alternatives of `oneOf` and of `anyOf`.
    pub(crate) alternatives: Vec<Vec<NodeId>>,
    pub(crate) condition: Option<Condition>,
    pub(crate) dependent: Vec<(String, NodeId)>,
    /// In the order of the document.
    pub(crate) properties: IndexMap<String, NodeId>,
    /// `None`: the pattern does not compile.
    pub(crate) patterns: Vec<(Option<SchemaPattern>, NodeId)>,
    /// `additionalProperties` and `unevaluatedProperties`.
    pub(crate) further: Vec<NodeId>,
    pub(crate) prefix: Vec<NodeId>,
    pub(crate) items: Option<NodeId>,
    pub(crate) write_only: bool,
    pub(crate) read_only: bool,
    /// The value of the message template extension.
    pub(crate) template: Option<Value>,
    pub(crate) dispatch: Option<ShapeDispatch>,
}

/// `discriminator`: which schema a value names.
#[derive(Debug)]
pub(crate) struct ShapeDispatch {
    pub(crate) property: String,
    pub(crate) schemas: Vec<(String, NodeId)>,
    /// The name of the schema itself.
    pub(crate) own: Option<String>,
}

impl ShapeDispatch {
    /// The schema that a name leads to.
    pub(crate) fn named(&self, name: &str) -> Option<NodeId> {
        let found = self.schemas.iter().find(|(known, _)| known == name);
        found.map(|(_, node)| *node)
    }
}

impl Keywords {
    /// Whether `patternProperties` has a schema for a name.
    pub(crate) fn has_pattern_for(&self, name: &str) -> bool {
        self.patterns
            .iter()
            .any(|(pattern, _)| covers(pattern, name))
    }

    /// The schemas that `patternProperties` has for a name.
    pub(crate) fn patterned<'k>(&'k self, name: &'k str) -> impl Iterator<Item = NodeId> + 'k {
        let all = self.patterns.iter();
        all.filter(move |(pattern, _)| covers(pattern, name))
            .map(|(_, node)| *node)
    }
}

/// A pattern that cannot be matched is assumed to match: that causes no false finding.
fn covers(pattern: &Option<SchemaPattern>, name: &str) -> bool {
    let matches = pattern.as_ref().map(|pattern| pattern.is_match(name));
    matches.flatten().unwrap_or(true)
}

/// `if`, with its `then` and `else`.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) when: NodeId,
    pub(crate) then: Option<NodeId>,
    pub(crate) otherwise: Option<NodeId>,
}

impl Shape {
    /// The number of the schema at `location` in the trees of its contract, which is added if it is missing; `None` where there is no
    /// schema.
    pub(in crate::contract) fn add(
        &mut self,
        trees: &[Arc<Value>],
        location: &DocumentPointer,
    ) -> Option<NodeId> {
        schema_at(trees, location)?;
        let root = self.number(location.clone());
        // Not recursive: the document decides how deep schemas lead.
        while let Some(location) = self.waiting.pop_front() {
            let schema = schema_at(trees, &location).and_then(Value::as_object);
            let object = schema.map(|schema| self.keywords(trees, &location, schema));
            self.nodes.push(ShapeNode { location, object });
        }
        Some(root)
    }

    /// The number of schemas; all numbers are below it.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn node(&self, id: NodeId) -> &ShapeNode {
        &self.nodes[id]
    }

    /// The schema itself and those that apply to the same value: references, `allOf`, alternatives.
    pub(crate) fn of_same_value(&self, root: NodeId) -> Vec<NodeId> {
        let mut found = vec![root];
        let mut next = 0;
        while let Some(&id) = found.get(next) {
            next += 1;
            let Some(keywords) = &self.node(id).object else {
                continue;
            };
            let alternatives = keywords.alternatives.iter().flatten();
            for &other in keywords.always.iter().chain(alternatives) {
                if !found.contains(&other) {
                    found.push(other);
                }
            }
        }
        found
    }

    /// The schemas that apply to a property of an object to which these schemas apply.
    pub(crate) fn of_property(&self, applying: &[NodeId], name: &str) -> Vec<NodeId> {
        let mut found = Vec::new();
        for &id in applying {
            let Some(keywords) = &self.node(id).object else {
                continue;
            };
            let before = found.len();
            found.extend(keywords.properties.get(name));
            found.extend(keywords.patterned(name));
            if found.len() == before {
                found.extend(&keywords.further);
            }
        }
        found
    }

    /// The schemas that apply to an item of a list to which these schemas apply.
    pub(crate) fn of_item(&self, applying: &[NodeId], index: usize) -> Vec<NodeId> {
        let keywords = applying
            .iter()
            .filter_map(|&id| self.node(id).object.as_ref());
        keywords
            .filter_map(|keywords| keywords.prefix.get(index).copied().or(keywords.items))
            .collect()
    }

    fn number(&mut self, location: DocumentPointer) -> NodeId {
        let next = self.numbers.len();
        let number = *self.numbers.entry(location.clone()).or_insert(next);
        if number == next {
            self.waiting.push_back(location);
        }
        number
    }

    fn keywords(
        &mut self,
        trees: &[Arc<Value>],
        location: &DocumentPointer,
        schema: &Map<String, Value>,
    ) -> Keywords {
        let reference = schema.get("$ref").and_then(Value::as_str);
        let target = reference
            .and_then(|reference| target_of(reference, location))
            .filter(|target| schema_at(trees, target).is_some());
        let mut always: Vec<NodeId> = target
            .map(|location| self.number(location))
            .into_iter()
            .collect();
        always.extend(self.listed(location, schema, "allOf"));
        let alternatives = ["oneOf", "anyOf"]
            .map(|keyword| self.listed(location, schema, keyword))
            .into_iter()
            .filter(|alternatives| !alternatives.is_empty())
            .collect();
        let condition = self.under(location, schema, "if").map(|when| Condition {
            when,
            then: self.under(location, schema, "then"),
            otherwise: self.under(location, schema, "else"),
        });
        let patterns = self
            .named(location, schema, "patternProperties")
            .into_iter()
            .map(|(pattern, node)| (SchemaPattern::of_names(&pattern), node))
            .collect();
        Keywords {
            always,
            alternatives,
            condition,
            dependent: self.named(location, schema, "dependentSchemas"),
            properties: self
                .named(location, schema, "properties")
                .into_iter()
                .collect(),
            patterns,
            further: ["additionalProperties", "unevaluatedProperties"]
                .into_iter()
                .filter_map(|keyword| self.under(location, schema, keyword))
                .collect(),
            prefix: self.listed(location, schema, "prefixItems"),
            items: self.under(location, schema, "items"),
            write_only: schema.get("writeOnly") == Some(&Value::Bool(true)),
            read_only: schema.get("readOnly") == Some(&Value::Bool(true)),
            template: schema.get(template::KEY).cloned(),
            dispatch: schema
                .get(DISPATCH)
                .and_then(|dispatch| self.dispatch(trees, location, dispatch)),
        }
    }

    fn dispatch(
        &mut self,
        trees: &[Arc<Value>],
        location: &DocumentPointer,
        annotation: &Value,
    ) -> Option<ShapeDispatch> {
        let mut schemas = Vec::new();
        for pair in annotation.get("schemas")?.as_array()? {
            let name = pair.get(0)?.as_str()?;
            let target = target_of(pair.get(1)?.as_str()?, location)?;
            if schema_at(trees, &target).is_some() {
                schemas.push((name.to_owned(), self.number(target)));
            }
        }
        let own = annotation.get("own").and_then(Value::as_str);
        Some(ShapeDispatch {
            property: annotation.get("property")?.as_str()?.to_owned(),
            schemas,
            own: own.map(str::to_owned),
        })
    }

    /// The schema under a keyword.
    fn under(
        &mut self,
        location: &DocumentPointer,
        schema: &Map<String, Value>,
        keyword: &str,
    ) -> Option<NodeId> {
        schema.get(keyword)?;
        Some(self.number(location.child(keyword)))
    }

    /// The schemas of a keyword that holds a list of them.
    fn listed(
        &mut self,
        location: &DocumentPointer,
        schema: &Map<String, Value>,
        keyword: &str,
    ) -> Vec<NodeId> {
        let items = schema.get(keyword).and_then(Value::as_array);
        let outer = location.child(keyword);
        (0..items.map_or(0, Vec::len))
            .map(|i| self.number(outer.child(&i.to_string())))
            .collect()
    }

    /// The schemas of a keyword that maps names to schemas.
    fn named(
        &mut self,
        location: &DocumentPointer,
        schema: &Map<String, Value>,
        keyword: &str,
    ) -> Vec<(String, NodeId)> {
        let entries = schema.get(keyword).and_then(Value::as_object);
        let outer = location.child(keyword);
        entries
            .into_iter()
            .flat_map(Map::keys)
            .map(|name| (name.clone(), self.number(outer.child(name))))
            .collect()
    }
}

/// The rewritten schema at a location in some trees.
pub(super) fn schema_at<'t>(
    trees: &'t [Arc<Value>],
    location: &DocumentPointer,
) -> Option<&'t Value> {
    trees.get(location.file)?.pointer(&location.pointer)
}
