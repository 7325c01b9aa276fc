//! An overlay's actions applied to a tree, one after the other (Overlay 1.0, "Overlay Object" and "Action Object").

use serde_json::Value as Json;

use super::target::{find, stale};
use super::{Action, Overlay, OverlayChange};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Mapping, MappingEntry, Node, Value, split_pointer};
use crate::source::{Source, Span};

/// The document with all actions applied. Values from the overlay keep their places in it.
pub(super) fn apply(
    document: Document,
    overlay: Overlay,
    diagnostics: &mut Diagnostics,
) -> Document {
    let (source, offset) = document.source.with_layer(&overlay.source);
    let mut work = OverlayWork {
        // A copy as plain JSON, which JSONPath needs; kept in step with the tree.
        json: document.root.to_json(),
        root: document.root,
        source,
        diagnostics,
    };
    for mut action in overlay.actions {
        if let OverlayChange::Update(update) = &mut action.change {
            update.shift(offset);
        }
        work.act(&action);
    }
    Document {
        source: work.source,
        root: work.root,
    }
}

struct OverlayWork<'d> {
    json: Json,
    root: Node,
    source: Source,
    diagnostics: &'d mut Diagnostics,
}

impl OverlayWork<'_> {
    fn act(&mut self, action: &Action) {
        let pointers = find(&action.target, &self.json);
        if pointers.is_empty() {
            self.diagnostics.push(stale(&action.target, &self.json));
            return;
        }
        match &action.change {
            OverlayChange::Remove => self.remove(action, &pointers),
            OverlayChange::Update(update) => {
                let mut changed = false;
                for pointer in &pointers {
                    changed |= self.update(action, pointer, update);
                }
                if !changed {
                    self.diagnostics.push(
                        Diagnostic::warning(
                            "idle-correction",
                            "this correction changes nothing: the document already says this",
                            action.target.place.clone(),
                        )
                        .with_advice("remove the action"),
                    );
                }
            }
        }
    }

    /// From the last to the first: removing an item moves those behind it.
    fn remove(&mut self, action: &Action, pointers: &[String]) {
        for pointer in pointers.iter().rev() {
            let Some((parent, token)) = pointer
                .rsplit_once('/')
                .and_then(|(parent, _)| Some((parent, split_pointer(pointer)?.pop()?)))
            else {
                self.diagnostics.push(
                    Diagnostic::error(
                        "cannot-remove",
                        "the document as a whole cannot be removed",
                        action.target.place.clone(),
                    )
                    .with_advice("target the part of it that is wrong"),
                );
                return;
            };
            match self.root.at_mut(parent).map(|node| &mut node.value) {
                Some(Value::Mapping(entries)) => drop(entries.shift_remove(&token)),
                Some(Value::Sequence(items)) => {
                    if let Some(index) = index_in(items.len(), &token) {
                        items.remove(index);
                    }
                }
                _ => {}
            }
            match self.json.pointer_mut(parent) {
                Some(Json::Object(entries)) => drop(entries.shift_remove(&token)),
                Some(Json::Array(items)) => {
                    if let Some(index) = index_in(items.len(), &token) {
                        items.remove(index);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether the action changed the value at the pointer; what cannot be merged is reported.
    fn update(&mut self, action: &Action, pointer: &str, update: &Node) -> bool {
        let Some(node) = self.root.at_mut(pointer) else {
            return false;
        };
        let mut merge = Merge {
            source: &self.source,
            diagnostics: self.diagnostics,
            refused: false,
        };
        match (&mut node.value, &update.value) {
            (Value::Mapping(entries), Value::Mapping(updates)) => merge.mapping(entries, updates),
            (Value::Sequence(items), value) if !matches!(value, Value::Sequence(_)) => {
                items.push(update.clone());
            }
            (Value::Sequence(_), _) => merge.refuse(
                "a list cannot be added as an entry of the target list".to_owned(),
                update.span,
                node.span,
                "write one action for each entry, or target the mapping that holds the list: lists under one name are joined",
            ),
            (Value::Mapping(_), _) => merge.refuse(
                format!("the target is a mapping, and {} cannot be merged into it", update.kind()),
                update.span,
                node.span,
                "write the properties to be merged as a mapping",
            ),
            _ => merge.refuse(
                format!("the target is {}, which cannot be updated", node.kind()),
                span_of_target(action, &self.source),
                node.span,
                "target the mapping that holds it, and name it in `update`",
            ),
        }
        let refused = merge.refused;
        let new = node.to_json();
        let Some(old) = self.json.pointer_mut(pointer) else {
            return true;
        };
        let changed = refused || *old != new;
        *old = new;
        changed
    }
}

/// The span of the action's target among those of the corrected document.
fn span_of_target(action: &Action, source: &Source) -> Span {
    let span = action.target.place.span;
    source
        .offset_of(&action.target.place.source)
        .map_or(span, |offset| span.shifted(offset))
}

/// Merges mappings; reports what cannot be merged.
struct Merge<'a> {
    source: &'a Source,
    diagnostics: &'a mut Diagnostics,
    refused: bool,
}

impl Merge<'_> {
    /// Recursion is bounded by the parser's depth limit.
    fn mapping(&mut self, entries: &mut Mapping, updates: &Mapping) {
        for (name, update) in updates {
            let Some(entry) = entries.get_mut(name) else {
                entries.insert(name.clone(), update.clone());
                continue;
            };
            let kinds = (entry.value.kind(), update.value.kind());
            let written = entry.key_span;
            match (&mut entry.value.value, &update.value.value) {
                (Value::Mapping(entries), Value::Mapping(updates)) => {
                    self.mapping(entries, updates);
                }
                (Value::Sequence(items), Value::Sequence(more)) => {
                    items.extend(more.iter().cloned());
                }
                (Value::Mapping(_) | Value::Sequence(_), _) => {
                    self.misfit(name, kinds, update, written);
                }
                (Value::Null, _) => *entry = update.clone(),
                (_, Value::Mapping(_)) => self.misfit(name, kinds, update, written),
                _ => *entry = update.clone(),
            }
        }
    }

    fn misfit(&mut self, name: &str, kinds: (&str, &str), update: &MappingEntry, written: Span) {
        let (old, new) = kinds;
        self.refuse(
            format!("`{name}` is {old} in the document, and {new} cannot be merged into it"),
            update.key_span,
            written,
            "remove it with one action, and add the new value with the next",
        );
    }

    fn refuse(&mut self, message: String, at: Span, document: Span, advice: &'static str) {
        self.refused = true;
        self.diagnostics.push(
            Diagnostic::error("update-mismatch", message, self.source.place(at))
                .with_related(self.source.place(document), "the document says")
                .with_advice(advice),
        );
    }
}

fn index_in(length: usize, token: &str) -> Option<usize> {
    token.parse().ok().filter(|index| *index < length)
}
