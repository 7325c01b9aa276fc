//! `$ref` and `$dynamicRef` of schemas, rewritten to where their targets stand; circles of mere references.

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};

use super::Normaliser;
use crate::contract::documents::{Spot, reference_of};
use crate::contract::uri::uri;
use crate::diagnostic::Diagnostic;
use crate::document::{Node, wrong_type};

impl<'d> Normaliser<'d> {
    /// The rewritten `$ref`; `true` (accept all) in the place of one that leads nowhere.
    pub(super) fn reference(&mut self, text: &str, node: &Node, spot: &Spot, fresh: bool) -> Json {
        let place = || {
            let span = node.get("$ref").map_or(node.span, |value| value.span);
            self.documents.source(spot.file).place(span)
        };
        let target = match self.documents.resolve(spot, text) {
            Ok(target) => target,
            Err(fault) => {
                let mut diagnostic = Diagnostic::error(fault.code, fault.message, place());
                diagnostic.advice = fault.advice;
                self.tell(fresh, diagnostic);
                return Json::Bool(true);
            }
        };
        if self.is_cycle(&target, spot) {
            let diagnostic = Diagnostic::error(
                "cyclic-ref",
                "this reference leads back to itself without a schema in between",
                place(),
            )
            .with_advice("replace one reference of the circle by the schema that is meant");
            let told = self.cycles.contains(spot) || self.cycles.contains(&target);
            self.cycles.insert(spot.clone());
            self.cycles.insert(target);
            self.tell(fresh && !told, diagnostic);
            return Json::Bool(true);
        }
        self.enqueue(target.clone());
        Json::from(uri(target.file, &self.place_of(&target, false)))
    }

    /// Whether following nothing but references from `target` comes back.
    fn is_cycle(&mut self, target: &Spot, from: &Spot) -> bool {
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

    /// `$dynamicRef` (JSON Schema 2020-12, section 8.2.3.2) read as a static reference to the anchor of that name.
    pub(super) fn merge_dynamic_reference(
        &mut self,
        node: &'d Node,
        spot: &Spot,
        fresh: bool,
        schema: &mut Map<String, Json>,
    ) {
        if !self.dialect.is_json_schema() {
            return;
        }
        let Some(value) = node.get("$dynamicRef") else {
            return;
        };
        let Some(text) = value.as_str() else {
            let source = self.documents.source(spot.file);
            self.tell(
                fresh,
                wrong_type("`$dynamicRef`", "a string", value, source),
            );
            return;
        };
        match self.documents.resolve(spot, text) {
            Ok(target) => {
                self.enqueue(target.clone());
                let reference = json!({ "$ref": uri(target.file, &self.place_of(&target, false)) });
                match schema.get_mut("allOf").and_then(Json::as_array_mut) {
                    Some(items) => items.push(reference),
                    None => {
                        schema.insert("allOf".to_owned(), json!([reference]));
                    }
                }
            }
            Err(fault) => {
                let place = self.documents.source(spot.file).place(value.span);
                let mut diagnostic = Diagnostic::error(fault.code, fault.message, place);
                diagnostic.advice = fault.advice;
                self.tell(fresh, diagnostic);
            }
        }
    }
}
