//! `discriminator`: a property of the value says which schema it is an instance of.
//!
//! Main types: [`Dispatch`], [`Discriminators`]. A discriminator never changes whether a value is valid (OpenAPI 3.0.4 and 3.1.1,
//! "Discriminator Object"). It is kept as an annotation, `DISPATCH`, by which the walk finds
//! the schema that a value claims to satisfy. Two shapes are in use:
//!
//! - beside `oneOf`/`anyOf` (3.x): the value names one of the alternatives;
//! - in a base that others extend by `allOf` (2.0 and 3.x, "Composition and Inheritance"): the value of the base names a child.
//!
//! Names are those of `mapping`, the names of the components, and the base's own name. A base without children and without a mapping is
//! a plain schema.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::{Value as Json, json};

use crate::contract::dialect::Dialect;
use crate::contract::documents::{DocumentPointer, Documents, may_be_reference, reference_of};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Node, split_pointer, wrong_type};
use crate::source::Place;

/// Which schema each name of a discriminator leads to.
#[derive(Debug, Clone)]
pub(super) struct Dispatch {
    property: String,
    branches: Vec<(String, DocumentPointer)>,
    /// A name that means the schema itself.
    own: Option<String>,
}

/// Which components extend a component by `allOf`, in the order of the document.
#[derive(Debug)]
struct Children(HashMap<DocumentPointer, Vec<(String, DocumentPointer)>>);

/// How many descendants of one base are followed; no realistic contract has more.
const MAX_DESCENDANTS: usize = 1000;

impl Children {
    fn of(documents: &Documents, dialect: Dialect) -> Self {
        let container = DocumentPointer::new(0, dialect.schemas_pointer());
        let components = documents.node(&container).and_then(Node::as_mapping);
        let mut children: HashMap<DocumentPointer, Vec<(String, DocumentPointer)>> = HashMap::new();
        for (name, entry) in components.into_iter().flatten() {
            let location = container.child(name);
            let items = entry.value.get("allOf").and_then(Node::as_sequence);
            let bases = items
                .into_iter()
                .flatten()
                .filter_map(|item| documents.resolve(&location, reference_of(item)?).ok());
            for base in bases {
                let known = children.entry(base).or_default();
                known.push((name.clone(), location.clone()));
            }
        }
        Children(children)
    }

    /// All components that extend a component, over any number of generations, the nearest first.
    fn descendants(&self, base: &DocumentPointer) -> Vec<(String, DocumentPointer)> {
        let mut found: Vec<(String, DocumentPointer)> = Vec::new();
        let mut visited = HashSet::from([base]);
        let mut open = VecDeque::from([base]);
        while let Some(location) = open.pop_front() {
            for (name, child) in self.0.get(location).into_iter().flatten() {
                if found.len() < MAX_DESCENDANTS && visited.insert(child) {
                    found.push((name.clone(), child.clone()));
                    open.push_back(child);
                }
            }
        }
        found
    }
}

impl Dispatch {
    /// The schemas that values may name, in the order of their names.
    pub(super) fn targets(&self) -> impl Iterator<Item = &DocumentPointer> {
        self.branches.iter().map(|(_, target)| target)
    }

    /// The annotation; `targets` are the URIs of the [targets](Dispatch::targets).
    pub(super) fn annotation(&self, targets: &[String]) -> Json {
        let Dispatch {
            property,
            branches,
            own,
        } = self;
        let names = branches.iter().map(|(name, _)| name);
        let schemas: Vec<_> = names.zip(targets).collect();
        json!({ "property": property, "schemas": schemas, "own": own })
    }
}

/// The discriminators of a contract's schemas.
pub(super) struct Discriminators<'d> {
    documents: &'d Documents,
    dialect: Dialect,
    children: Children,
}

impl<'d> Discriminators<'d> {
    pub(super) fn new(documents: &'d Documents, dialect: Dialect) -> Self {
        Discriminators {
            documents,
            dialect,
            children: Children::of(documents, dialect),
        }
    }

    /// The schema's discriminator, if it has one that leads somewhere.
    pub(super) fn dispatch(
        &self,
        node: &'d Node,
        location: &DocumentPointer,
        diagnostics: &mut Diagnostics,
    ) -> Option<Dispatch> {
        let documents = self.documents;
        let source = documents.source(location.file);
        let value = node.get("discriminator")?;
        if value.get("defaultMapping").is_some() {
            // A value without the property, or of an unknown name, is not wrong by that (OpenAPI 3.2, "Discriminator Object").
            return None;
        }
        let property = match self.dialect {
            Dialect::Swagger2 => value,
            _ => value.get("propertyName").unwrap_or(value),
        };
        let Some(property) = property
            .as_str()
            .filter(|_| self.dialect == Dialect::Swagger2 || value.as_mapping().is_some())
        else {
            let expected = match self.dialect {
                Dialect::Swagger2 => "the name of a property",
                _ => "a mapping with `propertyName`",
            };
            diagnostics.push(wrong_type("`discriminator`", expected, value, source));
            return None;
        };
        let listed = ["oneOf", "anyOf"]
            .iter()
            .find_map(|keyword| Some((*keyword, node.get(keyword)?.as_sequence()?)));
        let mut branches = self.mapped(value, location, diagnostics);
        let mut own = None;
        match listed {
            Some((keyword, items)) => {
                for (i, item) in items.iter().enumerate() {
                    let at = location.child(keyword).child(&i.to_string());
                    let target =
                        reference_of(item).and_then(|text| documents.resolve(&at, text).ok())?;
                    if let Some(name) = name_of(&target) {
                        add(&mut branches, name, target);
                    }
                }
            }
            None => {
                for (name, child) in self.children.descendants(location) {
                    add(&mut branches, name, child);
                }
                own = name_of(location);
            }
        }
        // A mapping back to the schema itself adds nothing.
        branches.retain(|(name, target)| {
            let itself = target == location;
            if itself {
                own = Some(name.clone());
            }
            !itself
        });
        (!branches.is_empty()).then(|| Dispatch {
            property: property.to_owned(),
            branches,
            own,
        })
    }

    /// The entries of `mapping`: names of components or references (OpenAPI 3.0.3, "Discriminator Object").
    fn mapped(
        &self,
        discriminator: &'d Node,
        location: &DocumentPointer,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(String, DocumentPointer)> {
        let documents = self.documents;
        let mut branches = Vec::new();
        let mapping = discriminator.get("mapping").and_then(Node::as_mapping);
        for (name, entry) in mapping.into_iter().flatten() {
            let source = documents.source(location.file);
            let Some(text) = entry.value.as_str() else {
                diagnostics.push(wrong_type(
                    "a `mapping` entry",
                    "the name of a schema or a reference",
                    &entry.value,
                    source,
                ));
                continue;
            };
            let component = DocumentPointer::new(0, self.dialect.schemas_pointer()).child(text);
            if documents.node(&component).is_some() {
                branches.push((name.clone(), component));
                continue;
            }
            if !may_be_reference(text) {
                let place = source.place(entry.value.span);
                diagnostics.push(self.unknown_name(text, place));
                continue;
            }
            match documents.resolve(location, text) {
                Ok(target) => branches.push((name.clone(), target)),
                Err(fault) => {
                    let place = source.place(entry.value.span);
                    let diagnostic = Diagnostic::error(fault.code, fault.message, place);
                    diagnostics.push(diagnostic.with_optional_advice(fault.advice));
                }
            }
        }
        branches
    }
}

impl Discriminators<'_> {
    fn unknown_name(&self, name: &str, place: Place) -> Diagnostic {
        let schemas = DocumentPointer::new(0, self.dialect.schemas_pointer());
        let schemas = self.documents.node(&schemas).and_then(Node::as_mapping);
        let known = schemas.into_iter().flatten().map(|(name, _)| name.as_str());
        Diagnostic::error(
            "unresolved-ref",
            format!("no schema is called `{name}`"),
            place,
        )
        .with_nearest(name, known)
    }
}

fn add(branches: &mut Vec<(String, DocumentPointer)>, name: String, target: DocumentPointer) {
    if branches.iter().all(|(known, _)| *known != name) {
        branches.push((name, target));
    }
}

/// The name of a schema: the last part of its pointer.
fn name_of(location: &DocumentPointer) -> Option<String> {
    split_pointer(&location.pointer)?.pop()
}
