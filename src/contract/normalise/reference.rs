//! `$ref` and `$dynamicRef` of schemas: where they lead; circles of mere references.
//!
//! Main type: [`References`].

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};

use crate::contract::documents::{DocumentPointer, Documents, reference_of};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Node, wrong_type};

/// The references of a contract's schemas.
pub(super) struct References<'d> {
    documents: &'d Documents,
    /// Spots from which following references comes to an end.
    ending: HashSet<DocumentPointer>,
    /// Spots on cycles that were found before.
    cycles: HashSet<DocumentPointer>,
}

impl<'d> References<'d> {
    pub(super) fn new(documents: &'d Documents) -> Self {
        References {
            documents,
            ending: HashSet::new(),
            cycles: HashSet::new(),
        }
    }

    /// Where the `$ref` with this text, of the schema at `spot`, leads; a diagnostic when that is nowhere, and for the first reference
    /// of a cycle.
    pub(super) fn target(
        &mut self,
        text: &str,
        node: &Node,
        spot: &DocumentPointer,
        diagnostics: &mut Diagnostics,
    ) -> Option<DocumentPointer> {
        let written = node.get("$ref").unwrap_or(node);
        let target = self.resolve(text, written, spot, diagnostics)?;
        if !self.is_cycle(&target, spot) {
            return Some(target);
        }
        if !self.cycles.contains(spot) && !self.cycles.contains(&target) {
            let place = self.documents.source(spot.file).place(written.span);
            diagnostics.push(
                Diagnostic::error(
                    "cyclic-ref",
                    "this reference leads back to itself without a schema in between",
                    place,
                )
                .with_advice("replace one reference of the circle by the schema that is meant"),
            );
        }
        self.cycles.extend([spot.clone(), target]);
        None
    }

    /// Whether following nothing but references from `target` comes back.
    fn is_cycle(&mut self, target: &DocumentPointer, from: &DocumentPointer) -> bool {
        let mut visited = HashSet::from([from.clone()]);
        let mut at = target.clone();
        loop {
            if self.ending.contains(&at) {
                break;
            }
            if !visited.insert(at.clone()) {
                return true;
            }
            let next = self
                .documents
                .node(&at)
                .and_then(reference_of)
                .and_then(|text| self.documents.resolve(&at, text).ok());
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        self.ending.extend(visited);
        false
    }

    /// Where the `$dynamicRef` of the schema at `spot` leads, read as a static reference to the anchor of that name (JSON Schema
    /// 2020-12, section 8.2.3.2); a diagnostic when that is nowhere.
    pub(super) fn dynamic_target(
        &self,
        node: &Node,
        spot: &DocumentPointer,
        diagnostics: &mut Diagnostics,
    ) -> Option<DocumentPointer> {
        let written = node.get("$dynamicRef")?;
        let source = self.documents.source(spot.file);
        let Some(text) = written.as_str() else {
            diagnostics.push(wrong_type("`$dynamicRef`", "a string", written, source));
            return None;
        };
        self.resolve(text, written, spot, diagnostics)
    }

    fn resolve(
        &self,
        text: &str,
        written: &Node,
        spot: &DocumentPointer,
        diagnostics: &mut Diagnostics,
    ) -> Option<DocumentPointer> {
        match self.documents.resolve(spot, text) {
            Ok(target) => Some(target),
            Err(fault) => {
                let place = self.documents.source(spot.file).place(written.span);
                let diagnostic = Diagnostic::error(fault.code, fault.message, place);
                diagnostics.push(diagnostic.with_optional_advice(fault.advice));
                None
            }
        }
    }
}

/// Lets a schema also require what stands at a URI.
pub(super) fn add_reference(schema: &mut Map<String, Json>, uri: &str) {
    let reference = json!({ "$ref": uri });
    match schema.get_mut("allOf").and_then(Json::as_array_mut) {
        Some(items) => items.push(reference),
        None => {
            schema.insert("allOf".to_owned(), json!([reference]));
        }
    }
}
