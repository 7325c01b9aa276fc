//! A contract with further overlays applied, and where in its documents something is written: proposed corrections are tried out before
//! a person reads them. Main type: [`PlaceInDocument`].

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use http::StatusCode;
use serde_json::Value as Json;

use super::dialect::Dialect;
use super::documents::{DocumentPointer, reference_of};
use super::load::contract_of;
use super::model::{Contract, Operation, StatusKey};
use super::nullability::Nullability;
use super::place::ContractPlace;
use crate::diagnostic::Diagnostics;
use crate::document::{Node, split_pointer};

/// A value in one of a contract's documents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PlaceInDocument {
    /// The document's file, as shown to the user.
    pub(crate) document: String,
    /// JSON pointer.
    pub(crate) pointer: String,
}

impl PlaceInDocument {
    /// The place of the mapping or list that holds it, and the last token of its pointer.
    pub(crate) fn split(&self) -> Option<(PlaceInDocument, String)> {
        let (outer, _) = self.pointer.rsplit_once('/')?;
        let outer = PlaceInDocument {
            document: self.document.clone(),
            pointer: outer.to_owned(),
        };
        Some((outer, split_pointer(&self.pointer)?.pop()?))
    }
}

/// How the schemas of a contract are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SchemaNotation {
    /// One type, no alternatives; `null_keyword` means null.
    Swagger2 { null_keyword: Option<&'static str> },
    /// One type, `nullable`, alternatives.
    OpenApi30,
    /// JSON Schema: lists of types.
    JsonSchema,
}

impl Contract {
    /// How its schemas are written.
    pub(crate) fn notation(&self) -> SchemaNotation {
        match self.basis.rules {
            (Dialect::Swagger2, Nullability::AsMeant) => SchemaNotation::Swagger2 {
                null_keyword: Some("x-nullable"),
            },
            (Dialect::Swagger2, Nullability::AsWritten) => {
                SchemaNotation::Swagger2 { null_keyword: None }
            }
            (Dialect::OpenApi30, _) => SchemaNotation::OpenApi30,
            (Dialect::OpenApi31 | Dialect::OpenApi32, _) => SchemaNotation::JsonSchema,
        }
    }

    /// The contract with an overlay applied to each of some documents, by the document's name; the overlays that were applied before stay.
    /// Every fault of an overlay is a diagnostic.
    pub(crate) fn with_overlays(
        &self,
        overlays: &BTreeMap<String, String>,
        diagnostics: &mut Diagnostics,
    ) -> Arc<Contract> {
        let mut documents = (*self.basis.documents).clone();
        documents.correct_with(overlays, diagnostics);
        documents.identify();
        // The faults of the documents themselves were reported when they were read.
        let mut known = Diagnostics::new();
        let rules = self.basis.rules;
        Arc::new(contract_of(
            Arc::new(documents),
            rules,
            self.reading,
            &mut known,
        ))
    }

    /// In which document a pointer is that a violation names.
    pub(crate) fn in_document(&self, place: &ContractPlace) -> Option<PlaceInDocument> {
        let documents = &self.basis.documents;
        let file = documents.with_text_named(place.place.source.name())?;
        Some(self.shown(&DocumentPointer::new(file, place.pointer.clone())))
    }

    /// Where an operation is written.
    pub(crate) fn place_of_operation(&self, operation: &Operation) -> PlaceInDocument {
        self.shown(&operation.location)
    }

    /// Where the response for a status is written, references followed, and under which key of the operation; `None`: it has none.
    pub(crate) fn place_of_response(
        &self,
        operation: &Operation,
        status: StatusCode,
    ) -> Option<(PlaceInDocument, String)> {
        let (location, key) = self.response(operation, status)?;
        Some((self.shown(&location), key))
    }

    /// Where a response header is written, references followed.
    pub(crate) fn place_of_header(
        &self,
        operation: &Operation,
        status: StatusCode,
        name: &str,
    ) -> Option<PlaceInDocument> {
        let (response, _) = self.response(operation, status)?;
        let headers = response.child("headers");
        let known = self.basis.documents.node(&headers)?.as_mapping()?;
        let key = known.keys().find(|key| key.eq_ignore_ascii_case(name))?;
        let header = self.followed(headers.child(key))?;
        Some(self.shown(&header))
    }

    fn response(
        &self,
        operation: &Operation,
        status: StatusCode,
    ) -> Option<(DocumentPointer, String)> {
        let documented = operation.response(status)?;
        let responses = operation.location.child("responses");
        let known = self.basis.documents.node(&responses)?.as_mapping()?;
        let key = known.keys().find(|key| is_key(key, documented.status))?;
        let location = self.followed(responses.child(key))?;
        Some((location, key.clone()))
    }

    /// Where a chain of references ends.
    fn followed(&self, location: DocumentPointer) -> Option<DocumentPointer> {
        let documents = &self.basis.documents;
        let mut location = location;
        let mut visited = HashSet::new();
        while let Some(reference) = reference_of(documents.node(&location)?) {
            if !visited.insert(location.clone()) {
                return None;
            }
            location = documents.resolve(&location, reference).ok()?;
        }
        Some(location)
    }

    fn shown(&self, location: &DocumentPointer) -> PlaceInDocument {
        PlaceInDocument {
            document: self.basis.documents.source(location.file).name().to_owned(),
            pointer: location.pointer.clone(),
        }
    }

    /// What is written at a place.
    pub(crate) fn written(&self, place: &PlaceInDocument) -> Option<Json> {
        let file = self.basis.documents.with_text_named(&place.document)?;
        let node = self.basis.documents.document(file).at(&place.pointer)?;
        Some(node.to_json())
    }

    /// The overlay that was applied to a document when it was read, by its file.
    pub(crate) fn overlay_of(&self, document: &str) -> Option<&str> {
        let file = self.basis.documents.with_text_named(document)?;
        let overlay = self.basis.documents.overlay_of(file)?;
        Some(overlay.name.as_str())
    }

    /// The JSONPath (RFC 9535) that matches only the value at a place; `None` where there is none.
    pub(crate) fn json_path(&self, place: &PlaceInDocument) -> Option<String> {
        let file = self.basis.documents.with_text_named(&place.document)?;
        let mut node: &Node = &self.basis.documents.document(file).root;
        let mut path = "$".to_owned();
        for token in split_pointer(&place.pointer)? {
            match node.as_sequence() {
                Some(items) => {
                    node = items.get(token.parse::<usize>().ok()?)?;
                    path.push_str(&format!("[{token}]"));
                }
                None => {
                    node = node.get(&token)?;
                    path.push_str(&name_segment(&token));
                }
            }
        }
        Some(path)
    }
}

/// Whether a key of `responses` is that of a documented response.
fn is_key(key: &str, status: StatusKey) -> bool {
    match status {
        StatusKey::Exact(code) => key == code.to_string(),
        StatusKey::Range(digit) => key.eq_ignore_ascii_case(&format!("{digit}XX")),
        StatusKey::Default => key == "default",
    }
}

/// A name as a segment of a JSONPath: `.get`, `['/orders']`.
fn name_segment(name: &str) -> String {
    let is_letter = |character: char| character.is_ascii_alphabetic() || character == '_';
    let is_plain = name.starts_with(is_letter)
        && name
            .chars()
            .all(|character| is_letter(character) || character.is_ascii_digit());
    match is_plain {
        true => format!(".{name}"),
        false => format!("[{}]", quoted_name(name)),
    }
}

/// A name as a string literal of a JSONPath, in single quotes (RFC 9535, 2.3.1.1).
pub(crate) fn quoted_name(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push('\'');
    for character in name.chars() {
        match character {
            '\'' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            control if control < ' ' => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}
