//! The trees of rewritten schemas, and which one a reference leads to.
//!
//! Main type: [`Trees`]. A schema means something else in another dynamic scope (JSON Schema 2020-12, section 7.1):
//! `$dynamicRef` leads to the outermost resource that was entered and has a `$dynamicAnchor` of that name. So a schema resource has a tree
//! for each dynamic scope in which it is entered, and in a tree every reference leads to one place. Documents without `$id` and
//! `$dynamicRef` have one tree each.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::vocabulary::lacking;
use crate::contract::documents::{DocumentPointer, Documents};
use crate::contract::library::SchemaTrees;
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::document::split_pointer;

/// Index of a tree; the first ones are those of the documents, in their order.
pub(super) type TreeId = usize;

/// How many trees the resources of one contract may have: scopes multiply.
const MOST: usize = 10_000;

/// The dynamic anchors of the resources that were entered, each with the outermost schema of that name.
type DynamicScope = BTreeMap<String, DocumentPointer>;

/// Collects trees.
pub(super) struct Trees<'d> {
    documents: &'d Documents,
    trees: Vec<Tree>,
    numbers: HashMap<(DocumentPointer, DynamicScope), TreeId>,
    moved: HashMap<DocumentPointer, DocumentPointer>,
    full: bool,
}

struct Tree {
    /// The root of its resource.
    resource: DocumentPointer,
    /// Where the resource was entered from.
    outer: DynamicScope,
    /// Keywords that its dialect does not have.
    lacking: Vec<&'static str>,
    schemas: Json,
}

impl<'d> Trees<'d> {
    pub(super) fn new(documents: &'d Documents) -> Self {
        let mut trees = Trees {
            documents,
            trees: Vec::new(),
            numbers: HashMap::new(),
            moved: HashMap::new(),
            full: false,
        };
        for (file, _) in documents.all().enumerate() {
            trees.tree(DocumentPointer::new(file, ""), DynamicScope::new());
        }
        trees
    }

    /// The tree for a schema that is entered first; in the tree it is at `place`.
    pub(super) fn entered(&mut self, location: &DocumentPointer, place: &str) -> TreeId {
        let resource = self.documents.identifiers().resource(location);
        let tree = self.tree(resource, DynamicScope::new());
        if tree != location.file || place != location.pointer {
            let moved = DocumentPointer::new(tree, place);
            self.moved.insert(location.clone(), moved);
        }
        tree
    }

    /// The tree for a schema that a schema in the tree `from` leads to.
    pub(super) fn reached(&mut self, from: TreeId, location: &DocumentPointer) -> TreeId {
        let resource = self.documents.identifiers().resource(location);
        if self.trees[from].resource == resource {
            return from;
        }
        let scope = self.scope(from);
        self.tree(resource, scope)
    }

    /// Whether a schema begins another resource than that of the tree which contains it.
    pub(super) fn leaves(&self, tree: TreeId, location: &DocumentPointer) -> bool {
        self.documents.identifiers().resource(location) != self.trees[tree].resource
    }

    /// Where a `$dynamicRef` in a tree leads whose name is that of a dynamic anchor in the scope.
    pub(super) fn dynamic_target(&self, tree: TreeId, name: &str) -> Option<DocumentPointer> {
        self.scope(tree).remove(name)
    }

    /// Whether a keyword is an unknown word in a tree.
    pub(super) fn lacks(&self, tree: TreeId, keyword: &str) -> bool {
        self.trees[tree].lacking.contains(&keyword)
    }

    pub(super) fn insert(&mut self, tree: TreeId, pointer: &str, schema: Json) {
        insert(&mut self.trees[tree].schemas, pointer, schema);
    }

    /// All trees. A contract with too many is a diagnostic.
    pub(super) fn finish(self, diagnostics: &mut Diagnostics) -> SchemaTrees {
        if self.full {
            let message = format!("`$dynamicRef` is resolved in {MOST} dynamic scopes only");
            let diagnostic = Diagnostic {
                severity: DiagnosticSeverity::Warning,
                ..Diagnostic::without_place("dynamic-scopes", message)
            };
            diagnostics.push(
                diagnostic.with_advice("use fewer `$dynamicAnchor`s: the others are not resolved"),
            );
        }
        let files = self.trees.iter().map(|tree| tree.resource.file).collect();
        let trees = self.trees.into_iter();
        SchemaTrees {
            files,
            trees: trees.map(|tree| Arc::new(tree.schemas)).collect(),
            moved: self.moved,
        }
    }

    /// The dynamic scope within a tree.
    fn scope(&self, tree: TreeId) -> DynamicScope {
        let Tree {
            resource, outer, ..
        } = &self.trees[tree];
        let mut scope = outer.clone();
        for (name, location) in self.documents.identifiers().dynamic_anchors(resource) {
            // The outermost counts.
            scope
                .entry(name.clone())
                .or_insert_with(|| location.clone());
        }
        scope
    }

    fn tree(&mut self, resource: DocumentPointer, outer: DynamicScope) -> TreeId {
        let key = (resource, outer);
        if let Some(known) = self.numbers.get(&key) {
            return *known;
        }
        let (resource, outer) = match self.trees.len() < MOST {
            true => key,
            false => {
                self.full = true;
                (key.0, DynamicScope::new())
            }
        };
        let number = self.trees.len();
        let key = (resource, outer);
        if let Some(known) = self.numbers.get(&key) {
            return *known;
        }
        self.trees.push(Tree {
            lacking: lacking(self.documents, &key.0),
            resource: key.0.clone(),
            outer: key.1.clone(),
            schemas: Json::Object(Map::new()),
        });
        self.numbers.insert(key, number);
        number
    }
}

/// Inserts a schema at a pointer of a tree, creating its parents.
fn insert(tree: &mut Json, pointer: &str, schema: Json) {
    let mut at = tree;
    for token in split_pointer(pointer).unwrap_or_default() {
        at = match at {
            Json::Array(items) => {
                match token.parse::<usize>().ok().and_then(|i| items.get_mut(i)) {
                    Some(item) => item,
                    None => return,
                }
            }
            other => {
                if !other.is_object() {
                    *other = Json::Object(Map::new());
                }
                match other.as_object_mut() {
                    Some(entries) => entries.entry(token).or_insert(Json::Null),
                    None => return,
                }
            }
        };
    }
    let below = std::mem::replace(at, schema);
    keep(at, below);
}

/// Keeps what was inserted below a schema before the schema itself: a document may be used as a whole and in parts.
fn keep(schema: &mut Json, below: Json) {
    let below = match below {
        Json::Object(below) if !below.is_empty() => below,
        _ => return,
    };
    match schema {
        Json::Object(schema) => {
            for (token, value) in below {
                match schema.get_mut(&token) {
                    Some(known) => keep(known, value),
                    None => drop(schema.insert(token, value)),
                }
            }
        }
        Json::Array(items) => {
            for (token, value) in below {
                if let Some(item) = token.parse::<usize>().ok().and_then(|i| items.get_mut(i)) {
                    keep(item, value);
                }
            }
        }
        // Not a schema, which has been reported.
        other => *other = Json::Object(below),
    }
}
