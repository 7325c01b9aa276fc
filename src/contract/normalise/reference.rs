//! `$ref` and `$dynamicRef` of schemas: where they lead; cycles of plain references.
//!
//! Main type: [`References`].

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};

use crate::contract::documents::{DocumentPointer, Documents, reference_of};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Node, wrong_type};

/// Where a `$dynamicRef` leads.
pub(super) struct DynamicTarget<'n> {
    pub(super) location: DocumentPointer,
    /// The name of the dynamic anchor there; without one, the reference is a plain one.
    pub(super) name: Option<&'n str>,
}

/// The references of a contract's schemas.
pub(super) struct References<'d> {
    documents: &'d Documents,
    /// Locations from which following references ends.
    ending: HashSet<DocumentPointer>,
    /// Locations on cycles that were found before.
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

    /// Where the `$ref` with this text, in the schema at `location`, leads; a diagnostic when it leads nowhere, and for the first
    /// reference of a cycle.
    pub(super) fn target(
        &mut self,
        text: &str,
        node: &Node,
        location: &DocumentPointer,
        diagnostics: &mut Diagnostics,
    ) -> Option<DocumentPointer> {
        let written = node.get("$ref").unwrap_or(node);
        let target = self.resolve(text, written, location, diagnostics)?;
        if !self.is_cycle(&target, location) {
            return Some(target);
        }
        if !self.cycles.contains(location) && !self.cycles.contains(&target) {
            let place = self.documents.source(location.file).place(written.span);
            diagnostics.push(
                Diagnostic::error(
                    "cyclic-ref",
                    "this reference leads back to itself without a schema in between",
                    place,
                )
                .with_advice("replace one reference of the cycle by the schema that is meant"),
            );
        }
        self.cycles.extend([location.clone(), target]);
        None
    }

    /// Whether following only references from `target` leads back.
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

    /// Where the `$dynamicRef` of the schema at `location` leads if no resource that was entered before decides otherwise (JSON Schema
    /// 2020-12, section 8.2.3.2); a diagnostic when it leads nowhere.
    pub(super) fn dynamic_target<'n>(
        &self,
        node: &'n Node,
        location: &DocumentPointer,
        diagnostics: &mut Diagnostics,
    ) -> Option<DynamicTarget<'n>> {
        let written = node.get("$dynamicRef")?;
        let source = self.documents.source(location.file);
        let Some(text) = written.as_str() else {
            diagnostics.push(wrong_type("`$dynamicRef`", "a string", written, source));
            return None;
        };
        let target = self.resolve(text, written, location, diagnostics)?;
        let identifiers = self.documents.identifiers();
        let resource = identifiers.resource(&target);
        let name = text.split_once('#').map(|(_, name)| name);
        let name = name.filter(|name| {
            let anchor = identifiers.anchor(&resource, name);
            anchor.is_some_and(|anchor| anchor.dynamic)
        });
        Some(DynamicTarget {
            location: target,
            name,
        })
    }

    fn resolve(
        &self,
        text: &str,
        written: &Node,
        location: &DocumentPointer,
        diagnostics: &mut Diagnostics,
    ) -> Option<DocumentPointer> {
        match self.documents.resolve(location, text) {
            Ok(target) => Some(target),
            Err(fault) => {
                let place = self.documents.source(location.file).place(written.span);
                let diagnostic = Diagnostic::error(fault.code, fault.message, place);
                diagnostics.push(diagnostic.with_optional_advice(fault.advice));
                None
            }
        }
    }
}

/// Makes a schema also require the schema at a URI.
pub(super) fn add_reference(schema: &mut Map<String, Json>, uri: &str) {
    let reference = json!({ "$ref": uri });
    match schema.get_mut("allOf").and_then(Json::as_array_mut) {
        Some(items) => items.push(reference),
        None => {
            schema.insert("allOf".to_owned(), json!([reference]));
        }
    }
}
