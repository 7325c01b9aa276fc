//! What a document says that is understood, but is not allowed or not what was meant: each fault is a warning.
//!
//! Called by the readers while they read; every value is looked at once, however many operations refer to it.

mod operation;
mod security;
mod server;

use super::{DialectReader, LocatedNode};
use crate::contract::documents::reference_of;
use crate::document::Value;

impl<'n> DialectReader<'n, '_> {
    /// Checks what belongs to the document as a whole: its servers and its security schemes.
    pub(super) fn lint_document(&mut self) {
        self.lint_security_schemes();
        self.lint_servers(&self.root());
    }

    /// Whether a value is looked at for the first time.
    fn is_new(&mut self, at: &LocatedNode<'n>) -> bool {
        self.linted.insert(at.location.clone())
    }

    /// The value itself, or what its references lead to; `None`, unreported, where that is nothing.
    fn followed(&self, at: &LocatedNode<'n>) -> Option<LocatedNode<'n>> {
        let mut at = at.clone();
        for _ in 0..16 {
            let Some(text) = reference_of(at.node) else {
                return Some(at);
            };
            let location = self.documents.resolve(&at.location, text).ok()?;
            let node = self.documents.node(&location)?;
            at = LocatedNode {
                location,
                node,
                key: None,
            };
        }
        None
    }

    /// The entries of the mapping under `key`; none, unreported, where there is no mapping.
    fn entries_of(&self, at: &LocatedNode<'n>, key: &str) -> Vec<(&'n str, LocatedNode<'n>)> {
        let Some(child) = self.child(at, key) else {
            return Vec::new();
        };
        let entries = child.node.as_mapping().into_iter().flatten();
        entries
            .map(|(name, entry)| {
                let at = LocatedNode {
                    location: child.location.child(name),
                    node: &entry.value,
                    key: Some(entry.key_span),
                };
                (name.as_str(), at)
            })
            .collect()
    }

    /// The items of the list under `key`; none, unreported, where there is no list.
    fn items_of(&self, at: &LocatedNode<'n>, key: &str) -> Vec<LocatedNode<'n>> {
        let Some(child) = self.child(at, key) else {
            return Vec::new();
        };
        let Value::Sequence(items) = &child.node.value else {
            return Vec::new();
        };
        let items = items.iter().enumerate();
        items
            .map(|(i, node)| LocatedNode {
                location: child.location.child(&i.to_string()),
                node,
                key: None,
            })
            .collect()
    }
}
