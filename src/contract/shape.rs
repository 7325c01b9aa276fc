//! A schema with all it leads to, laid out for following values: references resolved, subschemas by number.
//!
//! Main type: [`Shape`]. Made once for a schema, on first use; following a value then looks nothing up by pointer.

use std::collections::HashMap;

use indexmap::IndexMap;
use regex::Regex;
use serde_json::{Map, Value};

use super::documents::DocumentPointer;
use super::library::{GENERATED, SchemaLibrary};
use super::template;
use super::uri::target_of;

/// Index of a schema in its [`Shape`].
pub(crate) type NodeId = usize;

/// All schemas that one schema leads to; that one itself is [`Shape::ROOT`].
#[derive(Debug)]
pub(crate) struct Shape {
    nodes: Vec<ShapeNode>,
}

/// One schema.
#[derive(Debug)]
pub(crate) struct ShapeNode {
    pub(in crate::contract) spot: DocumentPointer,
    /// `None`: it is `true` or `false`, and says nothing of parts.
    pub(crate) object: Option<Keywords>,
}

/// What a schema object says of the value's parts, and which schemas apply beside it.
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
    /// `None`: beyond the plain engine.
    pub(crate) patterns: Vec<(Option<Regex>, NodeId)>,
    /// `additionalProperties` and `unevaluatedProperties`.
    pub(crate) further: Vec<NodeId>,
    pub(crate) prefix: Vec<NodeId>,
    pub(crate) items: Option<NodeId>,
    pub(crate) write_only: bool,
    pub(crate) read_only: bool,
    /// The value of the message template extension.
    pub(crate) template: Option<Value>,
    /// Whether we made it: its `properties` then describe nothing.
    pub(crate) generated: bool,
}

/// `if`, and what it leads to.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) when: NodeId,
    pub(crate) then: Option<NodeId>,
    pub(crate) otherwise: Option<NodeId>,
}

impl Shape {
    pub(crate) const ROOT: NodeId = 0;

    /// The shape of the schema at `spot`; `None` where there is none.
    pub(in crate::contract) fn of(
        library: &SchemaLibrary,
        spot: &DocumentPointer,
    ) -> Option<Shape> {
        library.schema(spot)?;
        let mut outline = Outline::default();
        outline.number(spot.clone());
        let mut nodes = Vec::new();
        // Not by recursion: how deep schemas lead is the document's choice.
        while let Some(spot) = outline.spots.get(nodes.len()).cloned() {
            let schema = library.schema(&spot).and_then(Value::as_object);
            let object = schema.map(|schema| outline.keywords(library, &spot, schema));
            nodes.push(ShapeNode { spot, object });
        }
        Some(Shape { nodes })
    }

    /// How many schemas there are; their numbers are below.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn node(&self, id: NodeId) -> &ShapeNode {
        &self.nodes[id]
    }
}

/// The schemas met so far.
#[derive(Default)]
struct Outline {
    numbers: HashMap<DocumentPointer, NodeId>,
    spots: Vec<DocumentPointer>,
}

impl Outline {
    fn number(&mut self, spot: DocumentPointer) -> NodeId {
        let next = self.spots.len();
        let number = *self.numbers.entry(spot.clone()).or_insert(next);
        if number == next {
            self.spots.push(spot);
        }
        number
    }

    fn keywords(
        &mut self,
        library: &SchemaLibrary,
        spot: &DocumentPointer,
        schema: &Map<String, Value>,
    ) -> Keywords {
        let reference = schema.get("$ref").and_then(Value::as_str);
        let target = reference
            .and_then(|reference| target_of(reference, spot))
            .filter(|target| library.schema(target).is_some());
        let mut always: Vec<NodeId> = target.map(|spot| self.number(spot)).into_iter().collect();
        always.extend(self.listed(spot, schema, "allOf"));
        let alternatives = ["oneOf", "anyOf"]
            .map(|keyword| self.listed(spot, schema, keyword))
            .into_iter()
            .filter(|alternatives| !alternatives.is_empty())
            .collect();
        let condition = self.under(spot, schema, "if").map(|when| Condition {
            when,
            then: self.under(spot, schema, "then"),
            otherwise: self.under(spot, schema, "else"),
        });
        let patterns = self
            .named(spot, schema, "patternProperties")
            .into_iter()
            .map(|(pattern, node)| (Regex::new(&pattern).ok(), node))
            .collect();
        Keywords {
            always,
            alternatives,
            condition,
            dependent: self.named(spot, schema, "dependentSchemas"),
            properties: self.named(spot, schema, "properties").into_iter().collect(),
            patterns,
            further: ["additionalProperties", "unevaluatedProperties"]
                .into_iter()
                .filter_map(|keyword| self.under(spot, schema, keyword))
                .collect(),
            prefix: self.listed(spot, schema, "prefixItems"),
            items: self.under(spot, schema, "items"),
            write_only: schema.get("writeOnly") == Some(&Value::Bool(true)),
            read_only: schema.get("readOnly") == Some(&Value::Bool(true)),
            template: schema.get(template::KEY).cloned(),
            generated: schema.contains_key(GENERATED),
        }
    }

    /// The schema under a keyword.
    fn under(
        &mut self,
        spot: &DocumentPointer,
        schema: &Map<String, Value>,
        keyword: &str,
    ) -> Option<NodeId> {
        schema.get(keyword)?;
        Some(self.number(spot.child(keyword)))
    }

    /// The schemas of a keyword that holds a list of them.
    fn listed(
        &mut self,
        spot: &DocumentPointer,
        schema: &Map<String, Value>,
        keyword: &str,
    ) -> Vec<NodeId> {
        let items = schema.get(keyword).and_then(Value::as_array);
        let outer = spot.child(keyword);
        (0..items.map_or(0, Vec::len))
            .map(|i| self.number(outer.child(&i.to_string())))
            .collect()
    }

    /// The schemas of a keyword that holds several by name.
    fn named(
        &mut self,
        spot: &DocumentPointer,
        schema: &Map<String, Value>,
        keyword: &str,
    ) -> Vec<(String, NodeId)> {
        let entries = schema.get(keyword).and_then(Value::as_object);
        let outer = spot.child(keyword);
        entries
            .into_iter()
            .flat_map(Map::keys)
            .map(|name| (name.clone(), self.number(outer.child(name))))
            .collect()
    }
}
