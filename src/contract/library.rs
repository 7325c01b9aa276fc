//! All schemas of one contract, rewritten, and their compiled forms.
//!
//! Main type: [`SchemaLibrary`].

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use jsonschema::{
    Draft, ReferencingError, Registry, RegistryBuilder, ValidationOptions, Validator,
};
use serde_json::{Map, Value, json};

use super::annotation::{BESIDE_REFERENCE, DISPATCH};
use super::decimal::may_be_inexact;
use super::depth::{Depth, Depths, LONGEST, Stack, compile_with_stack, on_deep_stack};
use super::documents::{DocumentPointer, Documents, FileId};
use super::format::{NUMBER_FORMAT, is_base64, number_format};
use super::pattern::name_pattern;
use super::place::ContractPlace;
use super::shape::{NodeId, Shape, schema_at};
use super::template;
use super::uri::{document_uri, target_of, uri};
use crate::document::{Node, escape_pointer, split_pointer};
use crate::source::Place;

/// The rewritten schemas of one contract, and their compiled forms.
#[derive(Default)]
pub(super) struct SchemaLibrary {
    /// Set once, when the contract has been read; schemas exist before.
    contents: OnceLock<Contents>,
    depths: OnceLock<Depths>,
    templates: OnceLock<bool>,
    inexact: OnceLock<bool>,
    registry: OnceLock<Result<Registry<'static>, String>>,
    /// By the location at which a chain of plain references ends, so that all references to one schema share its compiled form.
    compiled: Mutex<HashMap<DocumentPointer, Arc<OnceLock<Compiled>>>>,
    shape: RwLock<Shape>,
}

/// Why the engine refuses the schema, where it does.
pub(super) type Compiled = Result<Arc<CompiledSchema>, String>;

/// A schema in the engine's form.
pub(super) struct CompiledSchema {
    validator: Validator,
    depth: Depth,
}

pub(super) struct Contents {
    pub(super) origin: SchemaOrigin,
    pub(super) schemas: SchemaTrees,
}

/// The rewritten schemas of a contract. In the locations of schemas, the index of a document is that of a tree.
#[derive(Debug, Default)]
pub(super) struct SchemaTrees {
    /// Each holds schemas at their pointers in the document.
    pub(super) trees: Vec<Arc<Value>>,
    /// The document of each tree.
    pub(super) files: Vec<FileId>,
    /// Where the schemas are that a contract begins with, by their location in the documents, if it is another one.
    pub(super) moved: HashMap<DocumentPointer, DocumentPointer>,
}

pub(super) enum SchemaOrigin {
    Contract(Arc<Documents>),
    /// A schema of a case, with its place.
    Inline {
        place: Option<Place>,
        draft: Draft,
    },
}

impl SchemaLibrary {
    pub(super) fn fill(&self, contents: Contents) {
        // Called once, by the loader; a second call would change nothing.
        let _ = self.contents.set(contents);
    }

    /// The location in the trees of a schema at a location in the documents.
    pub(super) fn entry(&self, location: &DocumentPointer) -> DocumentPointer {
        let contents = self.contents.get();
        let moved = contents.and_then(|contents| contents.schemas.moved.get(location));
        moved.unwrap_or(location).clone()
    }

    /// The document that a tree was made from.
    fn file(&self, tree: FileId) -> FileId {
        let contents = self.contents.get();
        let file = contents.and_then(|contents| contents.schemas.files.get(tree));
        file.copied().unwrap_or(tree)
    }

    /// The rewritten schema at a location in the trees.
    pub(super) fn schema(&self, location: &DocumentPointer) -> Option<&Value> {
        schema_at(self.trees(), location)
    }

    /// The number of the schema at a location in the [shape](SchemaLibrary::shape); `None` where there is no schema.
    pub(super) fn numbered(&self, location: &DocumentPointer) -> Option<NodeId> {
        let mut shape = self.shape.write().unwrap_or_else(PoisonError::into_inner);
        shape.add(self.trees(), location)
    }

    /// The schemas that were numbered so far. Must not be held while another schema is numbered.
    pub(super) fn shape(&self) -> RwLockReadGuard<'_, Shape> {
        self.shape.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compiles the schemas at some locations together, which takes as long as one of them where they lead to the same schemas. Nothing
    /// is kept. Fails when the engine refuses one of them.
    pub(super) fn compile_together(&self, locations: &[DocumentPointer]) -> Result<(), String> {
        let mut references = Map::new();
        for (i, location) in locations.iter().enumerate() {
            let location = self.resolved(location);
            self.schema(&location)
                .ok_or_else(|| format!("no schema at {}", location.pointer))?;
            let reference = json!({ "$ref": uri(location.file, &location.pointer) });
            references.insert(i.to_string(), reference);
        }
        self.compile_schema(&json!({ "properties": references }))?;
        Ok(())
    }

    /// The compiled schema at a location.
    pub(super) fn compiled(&self, location: &DocumentPointer) -> Compiled {
        let location = self.resolved(location);
        let compiled = {
            let mut all = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(location.clone()).or_default())
        };
        compiled.get_or_init(|| self.build(&location)).clone()
    }

    /// The place in the document for a location in the trees: wrappings are removed, and a generated keyword gets the place of the
    /// keyword that it replaces.
    pub(super) fn place(&self, location: &DocumentPointer) -> ContractPlace {
        match self.contents.get().map(|contents| &contents.origin) {
            Some(SchemaOrigin::Contract(documents)) => {
                let file = self.file(location.file);
                let pointer = as_written(&documents.document(file).root, &location.pointer);
                documents.place(&DocumentPointer::new(file, pointer))
            }
            Some(SchemaOrigin::Inline { place, .. }) => ContractPlace {
                place: place.clone().unwrap_or_else(nowhere),
                pointer: location
                    .pointer
                    .replace(&format!("/{NUMBER_FORMAT}"), "/format"),
            },
            // Only a loader that fills its library hands out schemas.
            None => ContractPlace {
                place: nowhere(),
                pointer: location.pointer.clone(),
            },
        }
    }

    /// The text of the value at a location, in a contract.
    pub(super) fn written_at(&self, location: &DocumentPointer) -> Option<String> {
        let SchemaOrigin::Contract(documents) = &self.contents.get()?.origin else {
            return None;
        };
        let document = documents.document(self.file(location.file));
        let node = document.at(&as_written(&document.root, &location.pointer))?;
        Some(document.source.place(node.span).text().to_owned())
    }

    /// What is written in the document at a location.
    fn node_at(&self, location: &DocumentPointer) -> Option<&Node> {
        let SchemaOrigin::Contract(documents) = &self.contents.get()?.origin else {
            return None;
        };
        let document = documents.document(self.file(location.file));
        document.at(&as_written(&document.root, &location.pointer))
    }

    /// The names under `required` as written: in the trees those of `writeOnly` properties are missing.
    pub(super) fn required_at(&self, location: &DocumentPointer) -> Vec<&str> {
        let node = self.node_at(location);
        let names = node.and_then(|node| node.get("required")?.as_sequence());
        let names = names.into_iter().flatten();
        names.filter_map(Node::as_str).collect()
    }

    /// The values that the schema at a location gives as examples: `example`, the items of `examples`, `default`.
    pub(super) fn examples_at(&self, location: &DocumentPointer) -> Vec<Value> {
        let Some(node) = self.node_at(location) else {
            return Vec::new();
        };
        let listed = node.get("examples").and_then(Node::as_sequence);
        let examples = node.get("example").into_iter();
        let examples = examples.chain(listed.into_iter().flatten());
        let examples = examples.chain(node.get("default"));
        examples.map(Node::to_json).collect()
    }

    /// Whether a schema may have a number that is not read exactly.
    pub(super) fn may_be_inexact(&self) -> bool {
        let inexact = || self.trees().iter().any(|tree| has_long_float(tree));
        *self.inexact.get_or_init(inexact)
    }

    /// The document, and the pointer in the rewritten tree: several schemas of the tree may have one place in the document.
    pub(super) fn name_of(&self, location: &DocumentPointer) -> String {
        let name = match self.contents.get().map(|contents| &contents.origin) {
            Some(SchemaOrigin::Contract(documents)) => {
                documents.source(self.file(location.file)).name()
            }
            Some(SchemaOrigin::Inline { .. }) | None => "",
        };
        format!("{name}#{}", location.pointer)
    }

    /// The place of a list, or that of its item `value` where an overlay added the item. The pointer is that of the list.
    pub(super) fn place_of_item(&self, list: &DocumentPointer, value: &Value) -> ContractPlace {
        let place = self.place(list);
        let Some(SchemaOrigin::Contract(documents)) = self.contents.get().map(|all| &all.origin)
        else {
            return place;
        };
        let document = documents.document(self.file(list.file));
        let items = document.at(&place.pointer).and_then(Node::as_sequence);
        let mut items = items.into_iter().flatten();
        let item = items.find(|item| item.as_str() == value.as_str());
        match item.map(|item| document.source.place(item.span)) {
            Some(item) if item.source.name() != place.place.source.name() => ContractPlace {
                place: item,
                pointer: place.pointer,
            },
            _ => place,
        }
    }

    /// The document's own text at a place, for names of alternatives.
    pub(super) fn reference_at(&self, location: &DocumentPointer) -> Option<&str> {
        self.schema(location)?.get("$ref")?.as_str()
    }

    /// Where a chain of schemas that contain only references ends.
    fn resolved(&self, location: &DocumentPointer) -> DocumentPointer {
        let mut location = location.clone();
        for _ in 0..64 {
            let next = self
                .schema(&location)
                .and_then(Value::as_object)
                .filter(|schema| schema.len() == 1)
                .and_then(|schema| schema.get("$ref")?.as_str())
                .and_then(|reference| target_of(reference, &location));
            match next {
                Some(next) if next != location => location = next,
                _ => break,
            }
        }
        location
    }

    fn build(&self, location: &DocumentPointer) -> Compiled {
        if self.schema(location).is_none() {
            return Err(format!("no schema at {}", location.pointer));
        }
        let schema = json!({ "$ref": uri(location.file, &location.pointer) });
        let validator = self.compile_schema(&schema)?;
        Ok(Arc::new(self.with_depth(validator, location)))
    }

    fn compile_schema(&self, schema: &Value) -> Result<Validator, String> {
        let registry = self
            .registry
            .get_or_init(|| self.register())
            .as_ref()
            .map_err(Clone::clone)?;
        // Covers the whole chain, not only its first schema: each of the others takes as long to compile.
        if self.depths().deepest > LONGEST {
            return Err(format!(
                "schemas lead to each other over more than {LONGEST} steps"
            ));
        }
        let levels = self.depths().levels;
        compile_with_stack(levels, || compile(registry, self.draft(), schema))
            .unwrap_or_else(|| Err("it needs more stack than is available".to_owned()))
    }

    /// The schema at a location, compiled elsewhere.
    pub(super) fn with_depth(
        &self,
        validator: Validator,
        location: &DocumentPointer,
    ) -> CompiledSchema {
        CompiledSchema {
            validator,
            depth: self.depth(location),
        }
    }

    /// The engine's form of a schema that has only one keyword, without subschemas.
    pub(super) fn keyword_validator(&self, keyword: &str, value: &Value) -> Option<Validator> {
        engine(self.draft()).build(&json!({ keyword: value })).ok()
    }

    /// How deep validating with the schema at a location recurses.
    fn depth(&self, location: &DocumentPointer) -> Depth {
        self.depths().at(self.trees(), location)
    }

    fn depths(&self) -> &Depths {
        self.depths.get_or_init(|| Depths::of(self.trees()))
    }

    fn trees(&self) -> &[Arc<Value>] {
        let contents = self.contents.get();
        contents.map_or(&[], |contents| &contents.schemas.trees)
    }

    /// Whether any schema marks an object as a message template: most contracts need no search in every response.
    pub(super) fn has_templates(&self) -> bool {
        *self
            .templates
            .get_or_init(|| self.trees().iter().any(|tree| has_template(tree)))
    }

    /// The draft that the schemas are written in; contracts are rewritten into one.
    fn draft(&self) -> Draft {
        match self.contents.get().map(|contents| &contents.origin) {
            Some(SchemaOrigin::Inline { draft, .. }) => *draft,
            Some(SchemaOrigin::Contract(_)) | None => Draft::Draft202012,
        }
    }

    fn register(&self) -> Result<Registry<'static>, String> {
        let trees = self.trees().iter().enumerate();
        let documents = trees.map(|(file, tree)| (document_uri(file), Arc::clone(tree)));
        let builder: Result<RegistryBuilder<'static>, ReferencingError> =
            match self.contents.get().map(|contents| &contents.origin) {
                // A schema in a case may refer to metaschemas.
                Some(SchemaOrigin::Inline { .. }) => referencing::SPECIFICATIONS.extend(documents),
                Some(SchemaOrigin::Contract(_)) | None => Registry::new().extend(documents),
            };
        builder
            .and_then(|builder| builder.draft(self.draft()).prepare())
            .map_err(|error| error.to_string())
    }
}

impl CompiledSchema {
    /// Whether the schema accepts a value; `None` where no stack is large enough to find out.
    pub(super) fn is_valid(self: &Arc<Self>, value: &Value) -> Option<bool> {
        self.apply(value, |validator, value| validator.is_valid(value))
    }

    /// The result of `work` on a value, on a stack that is large enough for it; `None` where none is.
    pub(super) fn apply<T: Send + 'static>(
        self: &Arc<Self>,
        value: &Value,
        work: impl FnOnce(&Validator, &Value) -> T + Send + 'static,
    ) -> Option<T> {
        match self.depth.stack_for(value) {
            Stack::Caller => Some(work(&self.validator, value)),
            Stack::Deep => {
                let (schema, value) = (Arc::clone(self), value.clone());
                on_deep_stack(move || work(&schema.validator, &value))
            }
            Stack::Missing => None,
        }
    }
}

/// Recursion is bounded by the parser's depth limit.
fn has_template(tree: &Value) -> bool {
    match tree {
        Value::Object(entries) => {
            entries.contains_key(template::KEY) || entries.values().any(has_template)
        }
        Value::Array(items) => items.iter().any(has_template),
        _ => false,
    }
}

/// Whether any float has so many digits that others may be read as the same one. Recursion is bounded by the parser's depth limit.
fn has_long_float(tree: &Value) -> bool {
    match tree {
        Value::Number(number) if number.is_f64() => {
            let text = number.to_string();
            text.contains('e') || may_be_inexact(text.as_bytes())
        }
        Value::Object(entries) => entries.values().any(has_long_float),
        Value::Array(items) => items.iter().any(has_long_float),
        _ => false,
    }
}

/// The engine's form of a schema.
fn compile(
    registry: &Registry<'static>,
    draft: Draft,
    schema: &Value,
) -> Result<Validator, String> {
    engine(draft)
        .with_registry(registry)
        .offline()
        .build(schema)
        .map_err(|error| error.to_string().replace('\n', " "))
}

/// The engine's settings, for contracts and for schemas in cases.
pub(super) fn engine(draft: Draft) -> ValidationOptions<'static> {
    jsonschema::options()
        .with_draft(draft)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .with_format("byte", is_base64)
        .with_keyword(NUMBER_FORMAT, number_format)
        .with_keyword("pattern", super::pattern::keyword)
        .with_pattern_options(super::pattern::engine())
}

/// A place for what is not written anywhere; it is never shown.
fn nowhere() -> Place {
    crate::source::Source::new("", "").place(crate::source::Span::default())
}

impl fmt::Debug for SchemaLibrary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Library")
    }
}

/// The pointer in the document for a pointer in the trees.
fn as_written(root: &Node, pointer: &str) -> String {
    let mut node = root;
    let tokens = split_pointer(pointer).unwrap_or_default();
    let mut pointer = String::new();
    for token in &tokens {
        let token = match token.as_str() {
            NUMBER_FORMAT if node.get(token).is_none() => "format",
            DISPATCH if node.get(token).is_none() => "discriminator",
            token => written_name(node, &pointer, token).unwrap_or(token),
        };
        let next = match node.as_sequence() {
            Some(items) => token.parse::<usize>().ok().and_then(|i| items.get(i)),
            None => node.get(token),
        };
        match next {
            Some(next) => {
                node = next;
                pointer.push('/');
                pointer.push_str(&escape_pointer(token));
            }
            None if token == "else" || token == BESIDE_REFERENCE => {}
            None => break,
        }
    }
    pointer
}

/// The name in `patternProperties` that was rewritten as `token`.
fn written_name<'n>(names: &'n Node, pointer: &str, token: &str) -> Option<&'n str> {
    if !pointer.ends_with("/patternProperties") || names.get(token).is_some() {
        return None;
    }
    let rewritten = |name: &str| name_pattern(name).is_ok_and(|rewritten| rewritten == token);
    let mut names = names.as_mapping()?.keys();
    names.find(|name| rewritten(name)).map(String::as_str)
}
