//! The schemas that apply to one element, as far as they say something about its form. Main type: [`SchemaView`].

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::GroupKey;
use crate::contract::{ContractPlace, Keywords, NodeId, Schema, Shape};
use crate::document::split_pointer;

/// How many schemas may apply to one element.
const MAX_PARTS: usize = 256;

/// The schemas of a contract, by number.
#[derive(Clone, Copy)]
pub(super) struct SchemaView<'s> {
    pub(super) schema: &'s Schema,
    pub(super) shape: &'s Shape,
}

/// A schema that applies to a value.
pub(super) struct Part<'s> {
    pub(super) id: NodeId,
    pub(super) keywords: &'s Keywords,
    pub(super) written: &'s Map<String, Value>,
    /// Whether a `$ref` leads to it.
    pub(super) referred: bool,
}

/// Which schemas count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those that apply to every value: references, `allOf`, and alternatives beside which there is only null.
    Certain,
    /// All alternatives as well.
    Possible,
}

impl Part<'_> {
    pub(super) fn describes_list(&self) -> bool {
        self.keywords.items.is_some()
            || !self.keywords.prefix.is_empty()
            || type_names(self.written).any(|name| name == "array")
    }

    /// A field of its `xml`.
    pub(super) fn hint(&self, name: &str) -> Option<&Value> {
        self.written.get("xml")?.get(name)
    }
}

impl<'s> SchemaView<'s> {
    /// The schemas, and those that apply where they do.
    pub(super) fn parts(&self, ids: &[NodeId], reach: Reach) -> Vec<Part<'s>> {
        let mut found: Vec<Part<'s>> = Vec::with_capacity(4);
        let mut waiting: VecDeque<(NodeId, bool)> = ids.iter().map(|&id| (id, false)).collect();
        while let Some((id, referred)) = waiting.pop_front() {
            if found.len() >= MAX_PARTS || found.iter().any(|part| part.id == id) {
                continue;
            }
            let Some((keywords, written)) = self.object(id) else {
                continue;
            };
            let has_reference = written.contains_key("$ref");
            for (i, &next) in keywords.always.iter().enumerate() {
                waiting.push_back((next, referred || has_reference && i == 0));
            }
            if let Some(condition) = &keywords.condition {
                let branches = match self.is_null_only(condition.when) {
                    true => [None, condition.otherwise],
                    false if reach == Reach::Possible => [condition.then, condition.otherwise],
                    false => [None, None],
                };
                waiting.extend(branches.into_iter().flatten().map(|id| (id, referred)));
            }
            for branches in self.branches(keywords) {
                if reach == Reach::Possible || branches.len() == 1 {
                    waiting.extend(branches.into_iter().map(|id| (id, referred)));
                }
            }
            found.push(Part {
                id,
                keywords,
                written,
                referred,
            });
        }
        found
    }

    /// The groups of alternatives that apply, without null.
    pub(super) fn groups(&self, ids: &[NodeId]) -> Vec<(GroupKey, Vec<NodeId>)> {
        let parts = self.parts(ids, Reach::Certain);
        let groups = parts.iter().flat_map(|part| {
            let branches = self.branches(part.keywords).into_iter().enumerate();
            branches.map(|(i, branches)| ((part.id, i), branches))
        });
        groups.filter(|(_, branches)| branches.len() > 1).collect()
    }

    /// Whether one of some alternatives is among other schemas, or only refers to one of them.
    pub(super) fn leads_to_one_of(&self, branches: &[NodeId], ids: &[NodeId]) -> bool {
        branches.iter().any(|branch| {
            let always = self.object(*branch).map(|(keywords, _)| &keywords.always);
            let mut targets = always.into_iter().flatten().chain([branch]);
            targets.any(|target| ids.contains(target))
        })
    }

    /// Whether all schemas accept a value.
    pub(super) fn accept(&self, ids: &[NodeId], value: &Value) -> bool {
        let mut ids = ids.iter();
        ids.all(|&id| self.schema.part_accepts(self.shape.node(id), value))
    }

    /// Whether a schema that applies requires a property.
    pub(super) fn requires(parts: &[Part<'_>], name: &str) -> bool {
        parts.iter().any(|part| {
            let required = part.written.get("required").and_then(Value::as_array);
            required.is_some_and(|names| names.iter().any(|known| known == name))
        })
    }

    /// Where the `xml` of a schema is written, or the schema where it has none.
    pub(super) fn place_of_hints(&self, id: NodeId) -> ContractPlace {
        let has_hints = self
            .object(id)
            .is_some_and(|(_, written)| written.contains_key("xml"));
        let keyword = if has_hints { "xml" } else { "" };
        self.schema.place_in(self.shape.node(id), keyword)
    }

    /// The name of a schema in the components of its document.
    pub(super) fn component(&self, id: NodeId) -> Option<String> {
        let pointer = self.schema.place_in(self.shape.node(id), "").pointer;
        let mut tokens = split_pointer(&pointer)?;
        let name = tokens.pop()?;
        let outer: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let is_component = [&["components", "schemas"][..], &["definitions"]].contains(&&outer[..]);
        is_component.then_some(name)
    }

    pub(super) fn object(&self, id: NodeId) -> Option<(&'s Keywords, &'s Map<String, Value>)> {
        let node = self.shape.node(id);
        let written = self.schema.part(node)?.as_object()?;
        Some((node.object.as_ref()?, written))
    }

    /// The alternatives of each group, without those that only accept null.
    fn branches(&self, keywords: &Keywords) -> Vec<Vec<NodeId>> {
        let groups = keywords.alternatives.iter().map(|branches| {
            let branches = branches.iter().copied();
            branches.filter(|&id| !self.is_null_only(id)).collect()
        });
        groups.collect()
    }

    fn is_null_only(&self, id: NodeId) -> bool {
        self.object(id).is_some_and(|(_, written)| {
            let mut names = type_names(written).peekable();
            names.peek().is_some() && names.all(|name| name == "null")
        })
    }
}

/// The names in `type`.
fn type_names(written: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let (one, several) = match written.get("type") {
        Some(Value::String(name)) => (Some(name.as_str()), None),
        Some(Value::Array(names)) => (None, Some(names)),
        _ => (None, None),
    };
    let several = several.into_iter().flatten().filter_map(Value::as_str);
    one.into_iter().chain(several)
}

/// The types that all schemas allow; `None` where none of them names any.
pub(super) fn types<'p>(parts: &[Part<'p>]) -> Option<Vec<&'p str>> {
    let mut allowed: Option<Vec<&str>> = None;
    for part in parts {
        let names: Vec<&str> = type_names(part.written).collect();
        if names.is_empty() {
            continue;
        }
        let Some(before) = &allowed else {
            allowed = Some(names);
            continue;
        };
        let has = |names: &[&str], name: &str| {
            names.contains(&name) || name == "integer" && names.contains(&"number")
        };
        let narrowed = before.iter().filter(|name| has(&names, name));
        let mut both: Vec<&str> = narrowed.copied().collect();
        both.extend(names.iter().filter(|name| has(before, name)));
        both.sort_unstable();
        both.dedup();
        if !both.is_empty() {
            allowed = Some(both);
        }
    }
    allowed
}
