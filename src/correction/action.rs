//! The actions of a proposed overlay. Main type: [`ProposedAction`].

use serde_json::Value;

use crate::contract::{Contract, PlaceInDocument, quoted_name};
use crate::document::split_pointer;

/// An action, for one document.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ProposedAction {
    /// What it is about: actions are sorted by this place, and those of one place stay in their order.
    pub(super) at: PlaceInDocument,
    /// JSONPath.
    pub(super) target: String,
    pub(super) change: ProposedChange,
    pub(super) description: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum ProposedChange {
    Update(Value),
    Remove,
}

impl ProposedAction {
    /// Merges `update` into the value at a place; `None` where nothing is written there.
    pub(super) fn update(
        contract: &Contract,
        at: &PlaceInDocument,
        update: Value,
        description: &str,
    ) -> Option<ProposedAction> {
        Some(ProposedAction {
            at: at.clone(),
            target: contract.json_path(at)?,
            change: ProposedChange::Update(update),
            description: description.to_owned(),
        })
    }

    /// Removes what is written under `key` at a place.
    pub(super) fn remove(
        contract: &Contract,
        at: &PlaceInDocument,
        key: &str,
        description: &str,
    ) -> Option<ProposedAction> {
        let child = PlaceInDocument {
            document: at.document.clone(),
            pointer: format!("{}/{}", at.pointer, crate::document::escape_pointer(key)),
        };
        Some(ProposedAction {
            at: at.clone(),
            target: contract.json_path(&child)?,
            change: ProposedChange::Remove,
            description: description.to_owned(),
        })
    }

    /// Removes a text from the list under `key` at a place. The overlay joins lists, so only this makes one shorter.
    pub(super) fn remove_item(
        contract: &Contract,
        at: &PlaceInDocument,
        key: &str,
        item: &str,
        description: &str,
    ) -> Option<ProposedAction> {
        let list = ProposedAction::remove(contract, at, key, description)?;
        Some(ProposedAction {
            target: format!("{}[?@ == {}]", list.target, quoted_name(item)),
            ..list
        })
    }

    /// The key by which actions are sorted.
    pub(super) fn order(&self) -> Vec<String> {
        split_pointer(&self.at.pointer).unwrap_or_default()
    }

    /// Whether both change the same in the same way, for whatever reason.
    pub(super) fn repeats(&self, other: &ProposedAction) -> bool {
        self.at.document == other.at.document
            && self.target == other.target
            && self.change == other.change
    }
}
