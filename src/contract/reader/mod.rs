//! Documents of each dialect read as operations, and what the readers share.
//!
//! Main types: [`DialectReader`], [`LocatedNode`].

mod example;
mod format;
mod lint;
mod method;
pub(super) mod openapi3;
mod operation;
mod security;
pub(super) mod server;
pub(super) mod swagger2;

use std::collections::HashSet;
use std::sync::Arc;

use super::dialect::Dialect;
use super::documents::{DocumentPointer, Documents, FileId, reference_of};
use super::library::SchemaLibrary;
use super::model::Operation;
use super::schema::Schema;
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, DiagnosticText, Diagnostics};
use crate::document::{
    Mapping, MappingEntry, Node, expect_bool, expect_mapping, expect_sequence, expect_string,
    wrong_type,
};
use crate::source::{Place, Span};

/// A value of the document, with its location.
#[derive(Debug, Clone)]
pub(super) struct LocatedNode<'n> {
    pub(super) location: DocumentPointer,
    pub(super) node: &'n Node,
    /// Where its key is written, for an entry of a mapping.
    pub(super) key: Option<Span>,
}

/// What reading a contract needs.
pub(super) struct DialectReader<'n, 'd> {
    pub(super) documents: &'n Documents,
    pub(super) dialect: Dialect,
    pub(super) diagnostics: &'d mut Diagnostics,
    library: Arc<SchemaLibrary>,
    /// The schemas found so far.
    pub(super) roots: Vec<DocumentPointer>,
    /// Those of them that describe parameters: they apply to requests, never to responses.
    pub(super) of_parameters: HashSet<DocumentPointer>,
    used: HashSet<FileId>,
    /// Values that were looked at by `lint`.
    linted: HashSet<DocumentPointer>,
    /// Operations of which nothing could be read.
    pub(super) unreadable: Vec<Arc<Operation>>,
}

impl<'n, 'd> DialectReader<'n, 'd> {
    pub(super) fn new(
        documents: &'n Documents,
        dialect: Dialect,
        library: Arc<SchemaLibrary>,
        diagnostics: &'d mut Diagnostics,
    ) -> Self {
        DialectReader {
            documents,
            dialect,
            diagnostics,
            library,
            roots: Vec::new(),
            of_parameters: HashSet::new(),
            used: HashSet::from([0]),
            linted: HashSet::new(),
            unreadable: Vec::new(),
        }
    }

    /// The contract's own document.
    pub(super) fn root(&self) -> LocatedNode<'n> {
        LocatedNode {
            location: DocumentPointer::new(0, ""),
            node: &self.documents.document(0).root,
            key: None,
        }
    }

    /// The value under `key`, if `at` is a mapping that has it.
    pub(super) fn child(&self, at: &LocatedNode<'n>, key: &str) -> Option<LocatedNode<'n>> {
        let entry = at.node.entry(key)?;
        Some(LocatedNode {
            location: at.location.child(key),
            node: &entry.value,
            key: Some(entry.key_span),
        })
    }

    /// All entries of a mapping; a diagnostic and none when it is something else.
    pub(super) fn entries(
        &mut self,
        what: &str,
        at: &LocatedNode<'n>,
    ) -> Vec<(&'n str, LocatedNode<'n>)> {
        let Some(at) = self.collection(what, at) else {
            return Vec::new();
        };
        let source = self.documents.source(at.location.file);
        let entries: Option<&'n Mapping> = expect_mapping(what, at.node, source, self.diagnostics);
        let make = |(key, entry): (&'n String, &'n MappingEntry)| {
            let child = LocatedNode {
                location: at.location.child(key),
                node: &entry.value,
                key: Some(entry.key_span),
            };
            (key.as_str(), child)
        };
        entries.into_iter().flatten().map(make).collect()
    }

    /// All items of a list; a diagnostic and none when it is something else.
    pub(super) fn items(&mut self, what: &str, at: &LocatedNode<'n>) -> Vec<LocatedNode<'n>> {
        let Some(at) = self.collection(what, at) else {
            return Vec::new();
        };
        let source = self.documents.source(at.location.file);
        let items = expect_sequence(what, at.node, source, self.diagnostics).unwrap_or_default();
        let items = items.iter().enumerate();
        items
            .map(|(i, node)| LocatedNode {
                location: at.location.child(&i.to_string()),
                node,
                key: None,
            })
            .collect()
    }

    /// A mapping or list of objects. `None` and a warning where nothing is written (`parameters:` alone, which is null in YAML). A `$ref` in
    /// its place is followed, with a warning: OpenAPI allows it only for single objects (OpenAPI 3.1, "Reference Object").
    fn collection(&mut self, what: &str, at: &LocatedNode<'n>) -> Option<LocatedNode<'n>> {
        if at.node.is_null() {
            let place = self.key_place(at);
            let message = format!("{what} is empty");
            self.warning(
                "empty-field",
                message,
                place,
                "it is read as if it were not there: remove it",
            );
            return None;
        }
        if let Some(reference) = self
            .child(at, "$ref")
            .filter(|at| at.node.as_str().is_some())
        {
            let place = self.key_place(&reference);
            let message =
                format!("{what} holds a `$ref`, which is allowed only in place of a single object");
            self.warning(
                "misplaced-ref",
                message,
                place,
                "it is followed all the same; write the entries here",
            );
            return self.follow(at.clone());
        }
        Some(at.clone())
    }

    /// A text for people under `key`, if present. A warning when it is something else: nothing depends on it.
    pub(super) fn label(&mut self, at: &LocatedNode<'n>, key: &str) -> Option<String> {
        let child = self.child(at, key)?;
        self.as_label(&format!("`{key}`"), &child)
    }

    /// The texts for people in a list under `key`, otherwise as [`label`](Self::label).
    pub(super) fn labels(&mut self, at: &LocatedNode<'n>, key: &str) -> Vec<String> {
        let Some(list) = self.child(at, key) else {
            return Vec::new();
        };
        let items = match list.node.as_sequence() {
            Some(_) => self.items(key, &list),
            None => vec![list],
        };
        let what = format!("an item of `{key}`");
        items
            .iter()
            .filter_map(|item| self.as_label(&what, item))
            .collect()
    }

    fn as_label(&mut self, what: &str, at: &LocatedNode<'n>) -> Option<String> {
        if let Some(text) = at.node.as_str() {
            return Some(text.to_owned());
        }
        if !at.node.is_null() {
            let source = self.documents.source(at.location.file);
            self.diagnostics.push(Diagnostic {
                severity: DiagnosticSeverity::Warning,
                ..wrong_type(what, "a string", at.node, source)
            });
        }
        None
    }

    /// The texts of a list under `key`; a diagnostic for each item that is not a text.
    pub(super) fn texts(&mut self, at: &LocatedNode<'n>, key: &str) -> Option<Vec<String>> {
        let list = self.child(at, key)?;
        let what = format!("`{key}`");
        let items = self.items(&what, &list);
        let what = format!("an item of `{key}`");
        let texts = items.iter().filter_map(|item| {
            let source = self.documents.source(item.location.file);
            expect_string(&what, item.node, source, self.diagnostics).map(|text| text.value)
        });
        Some(texts.collect())
    }

    /// The text under `key`, if present; a diagnostic when it is something else.
    pub(super) fn text(&mut self, at: &LocatedNode<'n>, key: &str) -> Option<String> {
        let child = self.child(at, key)?;
        let source = self.documents.source(at.location.file);
        let what = format!("`{key}`");
        expect_string(&what, child.node, source, self.diagnostics).map(|text| text.value)
    }

    /// The text under `key`; a diagnostic when it is missing or something else.
    pub(super) fn required_text(
        &mut self,
        what: &str,
        at: &LocatedNode<'n>,
        key: &str,
    ) -> Option<String> {
        if self.child(at, key).is_none() {
            self.missing(what, key, at);
        }
        self.text(at, key)
    }

    /// The boolean under `key`, false when absent; a diagnostic when it is something else.
    pub(super) fn flag(&mut self, at: &LocatedNode<'n>, key: &str) -> bool {
        let Some(child) = self.child(at, key) else {
            return false;
        };
        let source = self.documents.source(at.location.file);
        let what = format!("`{key}`");
        expect_bool(&what, child.node, source, self.diagnostics).unwrap_or(false)
    }

    /// Whether `at` is a mapping; a diagnostic when not.
    pub(super) fn is_mapping(&mut self, what: &str, at: &LocatedNode<'n>) -> bool {
        let mapping = at.node.as_mapping().is_some();
        if !mapping {
            let source = self.documents.source(at.location.file);
            self.diagnostics
                .push(wrong_type(what, "a mapping", at.node, source));
        }
        mapping
    }

    /// The value itself, or what its `$ref` leads to over any number of steps; a diagnostic and `None` when it leads nowhere.
    pub(super) fn follow(&mut self, at: LocatedNode<'n>) -> Option<LocatedNode<'n>> {
        let mut at = at;
        let mut visited = HashSet::new();
        while let Some(text) = reference_of(at.node) {
            let written = self.child(&at, "$ref").unwrap_or_else(|| at.clone());
            if !visited.insert(at.location.clone()) {
                self.diagnostics.push(
                    Diagnostic::error(
                        "cyclic-ref",
                        "this reference leads back to itself without anything in between",
                        self.place(&written),
                    )
                    .with_advice("replace one reference of the cycle by what is meant"),
                );
                return None;
            }
            match self.documents.resolve(&at.location, text) {
                Ok(location) => {
                    self.report_syntax(location.file);
                    let node = self.documents.node(&location)?;
                    at = LocatedNode {
                        key: None,
                        location,
                        node,
                    };
                }
                Err(fault) => {
                    let diagnostic =
                        Diagnostic::error(fault.code, fault.message, self.place(&written));
                    self.diagnostics
                        .push(diagnostic.with_optional_advice(fault.advice));
                    return None;
                }
            }
        }
        Some(at)
    }

    /// The schema written at `at`; its faults are reported when all schemas are rewritten.
    pub(super) fn schema(&mut self, at: &LocatedNode<'n>) -> Schema {
        self.roots.push(at.location.clone());
        Schema::new(Arc::clone(&self.library), at.location.clone())
    }

    /// The schema at `at`, which describes a parameter.
    pub(super) fn parameter_schema(&mut self, at: &LocatedNode<'n>) -> Schema {
        self.of_parameters.insert(at.location.clone());
        self.schema(at)
    }

    /// Where a value is written.
    pub(super) fn place(&self, at: &LocatedNode<'n>) -> Place {
        self.documents.source(at.location.file).place(at.node.span)
    }

    /// Where a value's key is written; the value when it has none.
    pub(super) fn key_place(&self, at: &LocatedNode<'n>) -> Place {
        let span = at.key.unwrap_or(at.node.span);
        self.documents.source(at.location.file).place(span)
    }

    pub(super) fn error(
        &mut self,
        code: &'static str,
        message: String,
        place: Place,
        advice: impl DiagnosticText,
    ) {
        self.diagnostics
            .push(Diagnostic::error(code, message, place).with_advice(advice));
    }

    pub(super) fn warning(
        &mut self,
        code: &'static str,
        message: String,
        place: Place,
        advice: impl DiagnosticText,
    ) {
        self.diagnostics
            .push(Diagnostic::warning(code, message, place).with_advice(advice));
    }

    /// The diagnostic of a missing required field.
    pub(super) fn missing(&mut self, what: &str, key: &str, at: &LocatedNode<'n>) {
        let place = self.key_place(at);
        self.error(
            "missing-field",
            format!("{what} needs `{key}`"),
            place,
            format!("add `{key}`"),
        );
    }

    /// Reports the syntax errors of a file that turned out to be in use.
    fn report_syntax(&mut self, file: FileId) {
        if self.used.insert(file) {
            self.diagnostics.extend(self.documents.syntax(file).clone());
        }
    }
}
