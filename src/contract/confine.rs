//! Which operations a fault of the documents touches: a fault blocks these operations, and the others can be tested.
//!
//! A fault touches an operation if it is written in the operation, in what applies to all operations of its path or of the document, or
//! in anything that these lead to by `$ref`.
//!
//! Main function: [`confine()`].

use std::collections::{HashMap, HashSet};
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
    let references = References::of(documents);
    for (diagnostic, location) in diagnostics.iter_mut().zip(locations) {
        let Some(location) = location else {
            continue;
        };
        diagnostic.confined = true;
        let touched = references.touched_by(location);
        let for_all = FOR_ALL_OPERATIONS
            .iter()
            .any(|pointer| touched.contains(&DocumentPointer::new(0, *pointer)));
        let mut fault = None;
        for operation in &mut *operations {
            if for_all || touches(operation, &touched) {
                let fault = fault.get_or_insert_with(|| Arc::new(diagnostic.clone()));
                // Nobody else has a contract that is still being read.
                if let Some(operation) = Arc::get_mut(operation) {
                    operation.faults.push(Arc::clone(fault));
                }
            }
        }
    }
}

fn touches(operation: &Operation, touched: &HashSet<DocumentPointer>) -> bool {
    let path = &operation.path_location;
    let reference = operation.path_entry.child("$ref");
    touched.contains(&operation.location)
        || touched.contains(&reference)
        || FOR_ALL_METHODS
            .iter()
            .any(|field| touched.contains(&path.child(field)))
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

/// All references of the documents, by what they refer to.
struct References(HashMap<DocumentPointer, Vec<DocumentPointer>>);

impl References {
    fn of(documents: &Documents) -> Self {
        let mut references = References(HashMap::new());
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
            self.0.entry(target).or_default().push(from);
        }
    }

    /// Everything that contains a location, or leads to something that contains it.
    fn touched_by(&self, location: DocumentPointer) -> HashSet<DocumentPointer> {
        let mut touched = HashSet::new();
        let mut pending = vec![location];
        while let Some(location) = pending.pop() {
            let DocumentPointer { file, mut pointer } = location;
            loop {
                let location = DocumentPointer::new(file, &*pointer);
                if touched.contains(&location) {
                    break;
                }
                pending.extend(self.0.get(&location).into_iter().flatten().cloned());
                touched.insert(location);
                match pointer.rfind('/') {
                    Some(slash) => pointer.truncate(slash),
                    None => break,
                }
            }
        }
        touched
    }
}
