//! Schemas that are written in an older draft of JSON Schema, which OpenAPI allows since 3.1: rewritten in the documents as 2020-12, before
//! anything else reads them.
//!
//! The draft is that of the schema's `$schema`, else the `jsonSchemaDialect` of its document, else that of the schema that refers to it
//! (OpenAPI 3.1, "Schema Object"). A keyword that the draft does not know is removed: it has no effect there. Values keep their places.
//!
//! Not read: `$id` as an anchor (`$id: "#name"`), `id` of draft 4, and the dynamic scope of `$recursiveRef`.
//!
//! Main function: [`modernise`].

use std::collections::{HashSet, VecDeque};

use super::documents::{DocumentPointer, Documents, reference_of};
use crate::document::{Document, Mapping, Node, Value};

/// The drafts before 2020-12, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum OldDraft {
    Draft4,
    Draft6,
    Draft7,
    Draft201909,
}

/// Keywords that constrain values, and the first draft that knows them; none of these: only 2020-12 does.
const SINCE: [(&str, Option<OldDraft>); 15] = [
    ("const", Some(OldDraft::Draft6)),
    ("contains", Some(OldDraft::Draft6)),
    ("propertyNames", Some(OldDraft::Draft6)),
    ("if", Some(OldDraft::Draft7)),
    ("then", Some(OldDraft::Draft7)),
    ("else", Some(OldDraft::Draft7)),
    ("dependentRequired", Some(OldDraft::Draft201909)),
    ("dependentSchemas", Some(OldDraft::Draft201909)),
    ("unevaluatedItems", Some(OldDraft::Draft201909)),
    ("unevaluatedProperties", Some(OldDraft::Draft201909)),
    ("maxContains", Some(OldDraft::Draft201909)),
    ("minContains", Some(OldDraft::Draft201909)),
    ("prefixItems", None),
    ("$dynamicRef", None),
    ("$dynamicAnchor", None),
];

impl OldDraft {
    /// The draft that a `$schema` or `jsonSchemaDialect` names; `None` for newer and unknown ones.
    fn of(uri: &str) -> Option<OldDraft> {
        let uri = uri.trim_end_matches('#');
        let rest = uri
            .strip_prefix("http://")
            .or_else(|| uri.strip_prefix("https://"))?;
        match rest.strip_prefix("json-schema.org/draft")? {
            "-04/schema" => Some(OldDraft::Draft4),
            "-06/schema" => Some(OldDraft::Draft6),
            "-07/schema" => Some(OldDraft::Draft7),
            "/2019-09/schema" => Some(OldDraft::Draft201909),
            _ => None,
        }
    }

    fn knows(self, keyword: &str) -> bool {
        let known = SINCE.iter().find(|(name, _)| *name == keyword);
        known.is_none_or(|(_, since)| since.is_some_and(|since| since <= self))
    }
}

/// Rewrites all schemas in older drafts, and removes the statements of their drafts.
pub(super) fn modernise(documents: &mut Documents) {
    let stated = |keyword: &str| {
        documents
            .all()
            .any(|document| document.source.mentions(keyword))
    };
    if !stated("jsonSchemaDialect") && !stated("$schema") {
        return;
    }
    let mut found = OldDraftSearch::of(documents).found;
    // From the innermost: a schema's own pointer is right until one around it is rewritten.
    found.sort_by_key(|(location, _)| std::cmp::Reverse(location.pointer.len()));
    for (file, root) in documents.roots_mut().enumerate() {
        for (location, draft) in found.iter().filter(|(location, _)| location.file == file) {
            if let Some(Value::Mapping(schema)) =
                root.at_mut(&location.pointer).map(|node| &mut node.value)
            {
                rewrite(schema, *draft);
            }
        }
        if let Value::Mapping(entries) = &mut root.value
            && dialect_in(entries).is_some()
        {
            entries.shift_remove("jsonSchemaDialect");
        }
    }
}

/// Rewrites lists of `items` in documents of Swagger 2.0: their JSON Schema allows them, with the meaning of draft 4.
pub(super) fn rewrite_tuples(documents: &mut Documents) {
    let has_one = |document: &Document| has_tuple(&document.root, SwaggerKeys::Fields);
    if documents.all().any(has_one) {
        for root in documents.roots_mut() {
            rewrite_tuples_below(root, SwaggerKeys::Fields);
        }
    }
}

/// What the keys of a mapping in a Swagger 2.0 document are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SwaggerKeys {
    Fields,
    /// Names that the author chose: a property may be called `example`, and a response `default`.
    Names,
}

impl SwaggerKeys {
    /// What the keys of the value under a key are; `None`: it is data, not a part of the description.
    fn below(self, key: &str) -> Option<SwaggerKeys> {
        match (self, key) {
            (SwaggerKeys::Names, _) => Some(SwaggerKeys::Fields),
            (_, "example" | "examples" | "default" | "enum") => None,
            (_, key) if key.starts_with("x-") => None,
            (_, "properties" | "definitions" | "responses" | "parameters" | "paths") => {
                Some(SwaggerKeys::Names)
            }
            _ => Some(SwaggerKeys::Fields),
        }
    }
}

fn has_tuple(node: &Node, keys: SwaggerKeys) -> bool {
    match &node.value {
        Value::Mapping(entries) => entries.iter().any(|(key, entry)| {
            let is_keyword = keys == SwaggerKeys::Fields && key == "items";
            let below = keys.below(key);
            (is_keyword && entry.value.as_sequence().is_some())
                || below.is_some_and(|below| has_tuple(&entry.value, below))
        }),
        // Items of a list, such as parameters, have no names of their own.
        Value::Sequence(items) => items
            .iter()
            .any(|item| has_tuple(item, SwaggerKeys::Fields)),
        _ => false,
    }
}

/// Recursion is bounded by the parser's depth limit.
fn rewrite_tuples_below(node: &mut Node, keys: SwaggerKeys) {
    match &mut node.value {
        Value::Mapping(entries) => {
            for (key, entry) in entries.iter_mut() {
                if let Some(below) = keys.below(key) {
                    rewrite_tuples_below(&mut entry.value, below);
                }
            }
            let listed = entries.get("items");
            if keys == SwaggerKeys::Fields
                && listed.is_some_and(|entry| entry.value.as_sequence().is_some())
            {
                items(entries);
            }
        }
        Value::Sequence(items) => {
            for item in items {
                rewrite_tuples_below(item, SwaggerKeys::Fields);
            }
        }
        _ => {}
    }
}

fn dialect_in(entries: &Mapping) -> Option<OldDraft> {
    OldDraft::of(entries.get("jsonSchemaDialect")?.value.as_str()?)
}

/// Looks for schemas in older drafts.
struct OldDraftSearch<'d> {
    documents: &'d Documents,
    seen: HashSet<DocumentPointer>,
    /// Schemas that others refer to, with the drafts of the latter.
    pending: VecDeque<(DocumentPointer, Option<OldDraft>)>,
    found: Vec<(DocumentPointer, OldDraft)>,
}

impl<'d> OldDraftSearch<'d> {
    fn of(documents: &'d Documents) -> Self {
        let mut search = OldDraftSearch {
            documents,
            seen: HashSet::new(),
            pending: VecDeque::new(),
            found: Vec::new(),
        };
        let of_contract = search.of_document(0).flatten();
        for (file, document) in documents.all().enumerate() {
            let root = DocumentPointer::new(file, "");
            let draft = search.of_document(file).unwrap_or(of_contract);
            search.outside(&document.root, &root, draft);
        }
        while let Some((location, draft)) = search.pending.pop_front() {
            if let Some(node) = documents.node(&location) {
                let draft = search.of_document(location.file).unwrap_or(draft);
                search.schema(node, &location, draft);
            }
        }
        search
    }

    /// The draft of the schemas in a document; `None` where that is for those to say that refer to it.
    fn of_document(&self, file: usize) -> Option<Option<OldDraft>> {
        let entries = self.documents.document(file).root.as_mapping()?;
        entries.get("openapi")?;
        Some(dialect_in(entries))
    }

    /// What is around schemas. Recursion is bounded by the parser's depth limit.
    fn outside(&mut self, node: &'d Node, at: &DocumentPointer, draft: Option<OldDraft>) {
        match &node.value {
            Value::Mapping(entries) => {
                for (key, entry) in entries {
                    let below = at.child(key);
                    match key.as_str() {
                        "schema" | "itemSchema" => self.schema(&entry.value, &below, draft),
                        "schemas" if at.pointer == "/components" => {
                            for (name, entry) in entry.value.as_mapping().into_iter().flatten() {
                                self.schema(&entry.value, &below.child(name), draft);
                            }
                        }
                        // `default` is a response here.
                        "example" | "examples" => {}
                        _ => self.outside(&entry.value, &below, draft),
                    }
                }
            }
            Value::Sequence(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.outside(item, &at.child(&i.to_string()), draft);
                }
            }
            _ => {}
        }
    }

    fn schema(&mut self, node: &'d Node, at: &DocumentPointer, draft: Option<OldDraft>) {
        let Some(entries) = node.as_mapping() else {
            return;
        };
        if !self.seen.insert(at.clone()) {
            return;
        }
        let draft = match entries
            .get("$schema")
            .and_then(|entry| entry.value.as_str())
        {
            Some(uri) => OldDraft::of(uri),
            None => draft,
        };
        if let Some(draft) = draft {
            self.found.push((at.clone(), draft));
        }
        if let Some(target) =
            reference_of(node).and_then(|text| self.documents.resolve(at, text).ok())
        {
            self.pending.push_back((target, draft));
        }
        for (keyword, entry) in entries {
            let below = at.child(keyword);
            match (keyword.as_str(), &entry.value.value) {
                (
                    "properties" | "patternProperties" | "$defs" | "definitions"
                    | "dependentSchemas" | "dependencies",
                    Value::Mapping(schemas),
                ) => {
                    for (name, entry) in schemas {
                        self.schema(&entry.value, &below.child(name), draft);
                    }
                }
                ("allOf" | "anyOf" | "oneOf" | "prefixItems" | "items", Value::Sequence(items)) => {
                    for (i, item) in items.iter().enumerate() {
                        self.schema(item, &below.child(&i.to_string()), draft);
                    }
                }
                (
                    "items"
                    | "additionalItems"
                    | "additionalProperties"
                    | "not"
                    | "if"
                    | "then"
                    | "else"
                    | "contains"
                    | "propertyNames"
                    | "unevaluatedItems"
                    | "unevaluatedProperties",
                    _,
                ) => self.schema(&entry.value, &below, draft),
                _ => {}
            }
        }
    }
}

/// The schema object in 2020-12; the schemas below it have been rewritten.
fn rewrite(schema: &mut Mapping, draft: OldDraft) {
    schema.shift_remove("$schema");
    let is_reference = schema
        .get("$ref")
        .is_some_and(|entry| entry.value.as_str().is_some());
    if is_reference && draft <= OldDraft::Draft7 {
        // "All other properties in a "$ref" object MUST be ignored" (draft 7, section 8.3); others may refer to its definitions.
        schema.retain(|keyword, _| {
            matches!(keyword.as_str(), "$ref" | "definitions" | "$defs")
                || keyword.starts_with("x-")
        });
        return;
    }
    schema.retain(|keyword, _| draft.knows(keyword));
    if draft == OldDraft::Draft4 {
        exclusive_bounds(schema);
    }
    if draft == OldDraft::Draft201909 {
        rename(schema, "$recursiveRef", "$ref");
    } else {
        dependencies(schema);
    }
    items(schema);
}

/// `minimum: 5, exclusiveMinimum: true` as `exclusiveMinimum: 5`.
fn exclusive_bounds(schema: &mut Mapping) {
    for (inclusive, exclusive) in [
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ] {
        let is_exclusive = match schema.get(exclusive).map(|entry| &entry.value.value) {
            Some(Value::Bool(is_exclusive)) => *is_exclusive,
            _ => continue,
        };
        schema.shift_remove(exclusive);
        if is_exclusive {
            rename(schema, inclusive, exclusive);
        }
    }
}

/// `dependencies` with lists as `dependentRequired`, with schemas as `dependentSchemas`.
fn dependencies(schema: &mut Mapping) {
    let Some(entry) = schema.shift_remove("dependencies") else {
        return;
    };
    let key_span = entry.key_span;
    let span = entry.value.span;
    let Value::Mapping(all) = entry.value.value else {
        return;
    };
    let (lists, schemas): (Mapping, Mapping) = all
        .into_iter()
        .partition(|(_, entry)| entry.value.as_sequence().is_some());
    for (keyword, part) in [("dependentRequired", lists), ("dependentSchemas", schemas)] {
        if !part.is_empty() {
            let value = Node::new(span, Value::Mapping(part));
            schema.insert(
                keyword.to_owned(),
                crate::document::MappingEntry { key_span, value },
            );
        }
    }
}

/// A list of `items` as `prefixItems`, and `additionalItems` as `items`.
fn items(schema: &mut Mapping) {
    let listed = schema
        .get("items")
        .and_then(|entry| entry.value.as_sequence());
    match listed.map(<[Node]>::is_empty) {
        None => drop(schema.shift_remove("additionalItems")),
        Some(empty) => {
            rename(schema, "items", "prefixItems");
            if empty {
                schema.shift_remove("prefixItems");
            }
            rename(schema, "additionalItems", "items");
        }
    }
}

fn rename(schema: &mut Mapping, from: &str, to: &str) {
    if let Some(entry) = schema.shift_remove(from) {
        schema.insert(to.to_owned(), entry);
    }
}
