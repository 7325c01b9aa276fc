//! What names a schema besides its pointer: `$id`, `$anchor` and `$dynamicAnchor` (JSON Schema 2020-12, section 8.2).
//!
//! Main type: [`Identifiers`]. A schema with an `$id` begins a schema resource; anchors are names within a resource, and the document is
//! the resource of what no `$id` encloses. Only keywords of schemas identify: the same words in an `enum`, an example or under an unknown
//! keyword are data.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use url::Url;

use super::pointer::{DocumentPointer, FileId};
use crate::document::{Mapping, Node, Value, escape_pointer};

/// The identifiers of a contract's documents.
#[derive(Debug, Clone, Default)]
pub(super) struct Identifiers {
    /// The roots of resources with an `$id`, by their URI.
    resources: HashMap<String, DocumentPointer>,
    /// The URI that references in a resource are relative to, by its root.
    bases: HashMap<DocumentPointer, String>,
    /// By the root of the resource, then by name.
    anchors: HashMap<DocumentPointer, BTreeMap<String, Anchor>>,
    /// The names that a `$dynamicRef` looks for.
    sought: BTreeSet<String>,
}

/// What an anchor names.
#[derive(Debug, Clone)]
pub(super) struct Anchor {
    pub(super) location: DocumentPointer,
    /// Whether it is a `$dynamicAnchor`.
    pub(super) dynamic: bool,
}

impl Identifiers {
    /// Adds the identifiers of a document, which lies at `path`.
    pub(super) fn add(&mut self, file: FileId, path: &str, root: &Node) {
        let base = Url::parse("file:///").and_then(|base| base.join(path));
        let base = base.map_or_else(|_| path.to_owned(), String::from);
        let document = DocumentPointer::new(file, "");
        // The URI under which a document of OpenAPI 3.2 is published.
        let own = root
            .get("openapi")
            .and_then(|_| root.get("$self")?.as_str());
        let own = own.map(|own| joined(Some(&base), own));
        if let Some(own) = &own {
            let resources = &mut self.resources;
            resources
                .entry(own.clone())
                .or_insert_with(|| document.clone());
        }
        let base = own.unwrap_or(base);
        self.bases.insert(document.clone(), base);
        let region = match root.get("openapi") {
            Some(_) => DocumentRegion::Structure,
            None => DocumentRegion::Fragment,
        };
        let mut collector = Collector {
            identifiers: self,
            file,
            pointer: String::new(),
        };
        collector.visit(root, region, &document);
    }

    /// The root of the resource that contains a location.
    pub(super) fn resource(&self, location: &DocumentPointer) -> DocumentPointer {
        if self.bases.is_empty() {
            return DocumentPointer::new(location.file, "");
        }
        let mut root = location.clone();
        while !root.pointer.is_empty() {
            if self.bases.contains_key(&root) {
                return root;
            }
            let end = root.pointer.rfind('/').unwrap_or_default();
            root.pointer.truncate(end);
        }
        root
    }

    /// The resource that a reference without its fragment names, seen from the resource at `from`.
    pub(super) fn named(
        &self,
        from: &DocumentPointer,
        reference: &str,
    ) -> Option<&DocumentPointer> {
        let base = self.bases.get(from).map(String::as_str);
        self.resources.get(&joined(base, reference))
    }

    /// The anchor of that name in a resource.
    pub(super) fn anchor(&self, resource: &DocumentPointer, name: &str) -> Option<&Anchor> {
        self.anchors.get(resource)?.get(name)
    }

    /// The names of all anchors in a resource.
    pub(super) fn anchors(&self, resource: &DocumentPointer) -> impl Iterator<Item = &str> {
        let anchors = self.anchors.get(resource);
        anchors.into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// The dynamic anchors of a resource that some `$dynamicRef` looks for.
    pub(super) fn dynamic_anchors(
        &self,
        resource: &DocumentPointer,
    ) -> impl Iterator<Item = (&String, &DocumentPointer)> {
        let anchors = self.anchors.get(resource).into_iter().flatten();
        anchors
            .filter(|(name, anchor)| anchor.dynamic && self.sought.contains(*name))
            .map(|(name, anchor)| (name, &anchor.location))
    }
}

/// What a value in a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DocumentRegion {
    /// An object of OpenAPI.
    Structure,
    /// A mapping from names to objects of OpenAPI.
    Entries,
    /// Part of a file that is not an OpenAPI document: a schema, if it looks like one.
    Fragment,
    Schema,
    /// A mapping from names to schemas, or a list of schemas.
    Schemas,
    Data,
}

impl DocumentRegion {
    /// What the value under a key is.
    #[expect(clippy::match_same_arms, reason = "the first arm that matches counts")]
    fn under(self, key: &str) -> DocumentRegion {
        match (self, key) {
            (DocumentRegion::Entries, _) => DocumentRegion::Structure,
            (DocumentRegion::Schemas, _)
            | (
                DocumentRegion::Schema,
                "additionalProperties"
                | "items"
                | "not"
                | "if"
                | "then"
                | "else"
                | "contains"
                | "propertyNames"
                | "unevaluatedProperties"
                | "unevaluatedItems"
                | "contentSchema",
            ) => DocumentRegion::Schema,
            (
                DocumentRegion::Schema,
                "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas"
                | "dependencies" | "allOf" | "anyOf" | "oneOf" | "prefixItems",
            ) => DocumentRegion::Schemas,
            (DocumentRegion::Schema | DocumentRegion::Data, _) => DocumentRegion::Data,
            (_, "schema" | "itemSchema") => DocumentRegion::Schema,
            (_, "schemas" | "definitions" | "$defs") => DocumentRegion::Schemas,
            (
                _,
                "paths" | "webhooks" | "responses" | "parameters" | "headers" | "content"
                | "callbacks" | "requestBodies" | "pathItems" | "links" | "securitySchemes"
                | "encoding" | "mediaTypes",
            ) => DocumentRegion::Entries,
            (_, "example" | "examples" | "default" | "enum" | "const") => DocumentRegion::Data,
            (_, key) if key.starts_with("x-") => DocumentRegion::Data,
            (region, _) => region,
        }
    }
}

/// Words that only schemas have.
const OF_SCHEMAS: [&str; 12] = [
    "$id",
    "$schema",
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "type",
    "properties",
    "items",
    "allOf",
    "anyOf",
    "oneOf",
    "additionalProperties",
];

struct Collector<'i> {
    identifiers: &'i mut Identifiers,
    file: FileId,
    pointer: String,
}

impl Collector<'_> {
    /// Adds what is below `node`, which belongs to `resource`. Recursion is bounded by the parser's depth limit.
    fn visit(&mut self, node: &Node, region: DocumentRegion, resource: &DocumentPointer) {
        match &node.value {
            Value::Mapping(entries) => {
                let looks_like_schema = || OF_SCHEMAS.iter().any(|key| entries.contains_key(*key));
                let region = match region {
                    DocumentRegion::Fragment if looks_like_schema() => DocumentRegion::Schema,
                    region => region,
                };
                let own = match region {
                    DocumentRegion::Schema => self.schema(entries, resource),
                    _ => None,
                };
                let resource = own.as_ref().unwrap_or(resource);
                for (key, entry) in entries {
                    self.child(key, &entry.value, region.under(key), resource);
                }
            }
            Value::Sequence(items) => {
                let region = match region {
                    DocumentRegion::Schemas => DocumentRegion::Schema,
                    DocumentRegion::Entries => DocumentRegion::Structure,
                    region => region,
                };
                for (i, item) in items.iter().enumerate() {
                    self.child(&i.to_string(), item, region, resource);
                }
            }
            _ => {}
        }
    }

    fn child(
        &mut self,
        key: &str,
        node: &Node,
        region: DocumentRegion,
        resource: &DocumentPointer,
    ) {
        let nested = matches!(node.value, Value::Mapping(_) | Value::Sequence(_));
        if !nested || region == DocumentRegion::Data {
            return;
        }
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&escape_pointer(key));
        self.visit(node, region, resource);
        self.pointer.truncate(length);
    }

    /// Adds the identifiers of one schema. Returns the resource that it begins, if it does.
    fn schema(&mut self, entries: &Mapping, resource: &DocumentPointer) -> Option<DocumentPointer> {
        let text = |key: &str| entries.get(key).and_then(|entry| entry.value.as_str());
        let here = DocumentPointer::new(self.file, self.pointer.as_str());
        let identifiers = &mut *self.identifiers;
        let id = text("$id").map(|id| id.trim_end_matches('#'));
        let own = id
            .filter(|id| !id.is_empty() && !id.starts_with('#'))
            .map(|id| {
                let base = identifiers.bases.get(resource).map(String::as_str);
                let uri = joined(base, id);
                let resources = &mut identifiers.resources;
                resources.entry(uri.clone()).or_insert_with(|| here.clone());
                identifiers.bases.insert(here.clone(), uri);
                here.clone()
            });
        let resource = own.as_ref().unwrap_or(resource);
        for (keyword, dynamic) in [("$anchor", false), ("$dynamicAnchor", true)] {
            if let Some(name) = text(keyword) {
                let anchors = identifiers.anchors.entry(resource.clone()).or_default();
                let anchor = Anchor {
                    location: here.clone(),
                    dynamic,
                };
                anchors.entry(name.to_owned()).or_insert(anchor);
            }
        }
        let reference = text("$dynamicRef").and_then(|text| text.split_once('#'));
        if let Some((_, name)) = reference {
            identifiers.sought.insert(name.to_owned());
        }
        own
    }
}

/// A reference resolved against a base; unchanged when that cannot serve as one.
fn joined(base: Option<&str>, reference: &str) -> String {
    base.and_then(|base| Url::parse(base).ok())
        .and_then(|base| base.join(reference).ok())
        .map_or_else(|| reference.to_owned(), String::from)
}
