//! Which operations a fault of the documents touches: a fault blocks these operations, and the others can be tested.
//!
//! A fault touches an operation if it is written in the operation, in what applies to all operations of its path or of the document, or
//! in anything that these lead to by `$ref`.
//!
//! Main function: [`confine()`].

use std::collections::HashMap;
use std::sync::Arc;

use super::documents::{DocumentPointer, Documents};
use super::model::Operation;
use crate::diagnostic::{DiagnosticSeverity, Diagnostics};
use crate::document::{Node, Value, escape_pointer};
use crate::source::{Place, Source, Span};

/// The fields of a document that apply to all its operations: where requests are sent, who may send them, and in which format.
const FOR_ALL_OPERATIONS: [&str; 8] = [
    "/servers",
    "/host",
    "/basePath",
    "/schemes",
    "/security",
    "/consumes",
    "/produces",
    "/jsonSchemaDialect",
];

/// The fields of a path item that apply to all its operations.
const FOR_ALL_METHODS: [&str; 2] = ["parameters", "servers"];

/// Marks the errors in `diagnostics` that block only some operations ([`Diagnostic::confined`]) and adds them to the
/// [`Operation::faults`] of these. An error without a place in the documents, or at the root of one, stays an error about all of it.
pub(super) fn confine(
    documents: &Documents,
    operations: &mut [Arc<Operation>],
    diagnostics: &mut Diagnostics,
) {
    if !diagnostics.has_errors() {
        return;
    }
    let locations = locate(documents, diagnostics);
    let mut references = ReferenceGraph::of(documents);
    let for_all =
        FOR_ALL_OPERATIONS.map(|pointer| references.number(DocumentPointer::new(0, pointer)));
    let places: Vec<OperationPlaces> = operations
        .iter()
        .map(|operation| OperationPlaces::of(operation, &mut references))
        .collect();
    for (diagnostic, location) in diagnostics.iter_mut().zip(locations) {
        let Some(location) = location.filter(|location| !is_about_all(location)) else {
            continue;
        };
        diagnostic.confined = true;
        let touched = references.touched_by(location);
        let touches_all = for_all.iter().any(|number| touched.contains(*number));
        let mut fault = None;
        for (operation, places) in operations.iter_mut().zip(&places) {
            if touches_all || touched.any_of(places) {
                let fault = fault.get_or_insert_with(|| Arc::new(diagnostic.clone()));
                // Nobody else has a contract that is still being read.
                if let Some(operation) = Arc::get_mut(operation) {
                    operation.faults.push(Arc::clone(fault));
                }
            }
        }
    }
}

/// Whether a fault there hides all operations: that a case calls an unknown one would only be its consequence.
fn is_about_all(location: &DocumentPointer) -> bool {
    location.file == 0 && matches!(&*location.pointer, "/paths" | "/paths/$ref")
}

/// Where each error is written; `None` for warnings, and for errors about a whole document or about nothing in it.
fn locate(documents: &Documents, diagnostics: &Diagnostics) -> Vec<Option<DocumentPointer>> {
    let mut found: Vec<Option<DocumentPointer>> = vec![None; diagnostics.iter().count()];
    for (file, document) in documents.all().enumerate() {
        let mut faults: Vec<(Span, usize)> = diagnostics
            .iter()
            .enumerate()
            .filter(|(_, diagnostic)| diagnostic.severity == DiagnosticSeverity::Error)
            .filter_map(|(index, diagnostic)| {
                let span = span_in(diagnostic.place.as_ref()?, &document.source)?;
                Some((span, index))
            })
            .collect();
        if faults.is_empty() {
            continue;
        }
        faults.sort_unstable_by_key(|(span, _)| span.start);
        let mut search = FaultSearch {
            file,
            faults: &faults,
            path: Vec::new(),
            found: &mut found,
        };
        search.below(&document.root);
    }
    found
}

/// The span of a place in a source, which may have the place's text as a layer.
fn span_in(place: &Place, source: &Source) -> Option<Span> {
    match place.source.name() == source.name() {
        true => Some(place.span),
        false => Some(place.span.shifted(source.offset_of(&place.source)?)),
    }
}

/// Looks for the deepest value that contains each fault.
struct FaultSearch<'s> {
    file: usize,
    /// Span and number of each fault, by the start of the span.
    faults: &'s [(Span, usize)],
    /// The keys from the root to the current value, escaped.
    path: Vec<String>,
    found: &'s mut [Option<DocumentPointer>],
}

impl FaultSearch<'_> {
    /// Recursion is bounded by the parser's depth limit.
    fn below(&mut self, node: &Node) {
        match &node.value {
            Value::Mapping(entries) => {
                for (key, entry) in entries {
                    self.path.push(escape_pointer(key).into());
                    let (key, value) = (entry.key_span, entry.value.span);
                    self.claim(key.start, key.end.max(value.end));
                    // It is elsewhere where an overlay replaced it.
                    self.claim(value.start, value.end);
                    self.below(&entry.value);
                    self.path.pop();
                }
            }
            Value::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.path.push(index.to_string());
                    self.claim(item.span.start, item.span.end);
                    self.below(item);
                    self.path.pop();
                }
            }
            _ => {}
        }
    }

    /// The faults from `start` to `end` are at the current path, or deeper.
    fn claim(&mut self, start: usize, end: usize) {
        let first = self.faults.partition_point(|(span, _)| span.start < start);
        let within = self.faults[first..]
            .iter()
            .take_while(|(span, _)| span.start <= end);
        for (_, index) in within.filter(|(span, _)| span.end <= end) {
            let pointer = format!("/{}", self.path.join("/"));
            self.found[*index] = Some(DocumentPointer::new(self.file, pointer));
        }
    }
}

/// The places of the documents that references connect, by number: those that contain a reference, those that one leads to, and
/// everything that contains them.
#[derive(Default)]
struct ReferenceGraph {
    numbers: HashMap<DocumentPointer, usize>,
    /// What contains a place; `None` for a document.
    parents: Vec<Option<usize>>,
    /// The references to a place.
    referrers: Vec<Vec<usize>>,
}

/// The places that a fault touches.
struct TouchedPlaces(Vec<bool>);

impl ReferenceGraph {
    fn of(documents: &Documents) -> Self {
        let mut references = ReferenceGraph::default();
        for (file, document) in documents.all().enumerate() {
            references.collect(documents, file, &document.root, String::new());
        }
        references
    }

    /// Recursion is bounded by the parser's depth limit.
    fn collect(&mut self, documents: &Documents, file: usize, node: &Node, pointer: String) {
        match &node.value {
            Value::Mapping(entries) => {
                for (key, entry) in entries {
                    match (key.as_str(), entry.value.as_str()) {
                        ("$ref" | "$dynamicRef", Some(text)) => {
                            self.add(documents, DocumentPointer::new(file, &*pointer), text);
                        }
                        ("mapping", None) => {
                            for (_, mapped) in entry.value.as_mapping().into_iter().flatten() {
                                if let Some(text) = mapped.value.as_str() {
                                    self.add(
                                        documents,
                                        DocumentPointer::new(file, &*pointer),
                                        text,
                                    );
                                }
                            }
                        }
                        _ => {}
                    }
                    let below = format!("{pointer}/{}", escape_pointer(key));
                    self.collect(documents, file, &entry.value, below);
                }
            }
            Value::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.collect(documents, file, item, format!("{pointer}/{index}"));
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, documents: &Documents, from: DocumentPointer, text: &str) {
        if let Ok(target) = documents.resolve(&from, text) {
            let from = self.number(from);
            let target = self.number(target);
            self.referrers[target].push(from);
        }
    }

    /// The number of a place, which is added with all that contains it.
    fn number(&mut self, location: DocumentPointer) -> usize {
        if let Some(known) = self.numbers.get(&location) {
            return *known;
        }
        let parent = location.pointer.rfind('/').map(|slash| {
            self.number(DocumentPointer::new(
                location.file,
                &location.pointer[..slash],
            ))
        });
        let number = self.parents.len();
        self.parents.push(parent);
        self.referrers.push(Vec::new());
        self.numbers.insert(location, number);
        number
    }

    /// Everything that contains a place, or leads to something that contains it.
    fn touched_by(&mut self, location: DocumentPointer) -> TouchedPlaces {
        let mut pending = vec![self.number(location)];
        let mut touched = vec![false; self.parents.len()];
        while let Some(start) = pending.pop() {
            let mut place = Some(start);
            while let Some(number) = place.filter(|number| !touched[*number]) {
                touched[number] = true;
                pending.extend(&self.referrers[number]);
                place = self.parents[number];
            }
        }
        TouchedPlaces(touched)
    }
}

/// The numbers of the places by which a fault touches an operation.
struct OperationPlaces(Vec<usize>);

impl OperationPlaces {
    fn of(operation: &Operation, references: &mut ReferenceGraph) -> Self {
        let applying = FOR_ALL_METHODS.map(|field| operation.path_location.child(field));
        let places = [
            operation.location.clone(),
            operation.path_entry.child("$ref"),
        ];
        let places = places.into_iter().chain(applying);
        OperationPlaces(places.map(|place| references.number(place)).collect())
    }
}

impl TouchedPlaces {
    /// Places that were added later are not touched.
    fn contains(&self, number: usize) -> bool {
        self.0.get(number).copied().unwrap_or_default()
    }

    fn any_of(&self, places: &OperationPlaces) -> bool {
        places.0.iter().any(|number| self.contains(*number))
    }
}
