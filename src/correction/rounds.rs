//! Proposing until nothing is left to propose. Main type: [`Rounds`].

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::action::ProposedAction;
use super::cause::{DocumentFault, Evidence, FaultKind};
use super::collect::{FaultCollection, Uncorrected};
use super::overlay::overlay_text;
use super::response;
use super::schema::{self, Attempt};
use crate::contract::Contract;
use crate::diagnostic::Diagnostics;
use crate::judge::{BodyCounts, ObservedExchange, ResponseKey};

/// One correction may uncover what the deviation before it hid; more rounds than these hardly happen.
const MOST: usize = 12;

/// More properties that a schema does not describe are data and not names.
const MOST_PROPERTIES: usize = 40;

/// The result of all rounds.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    /// By the name of their document.
    pub(super) actions: BTreeMap<String, Vec<ProposedAction>>,
    /// Findings that remain, those without a place in a contract not included.
    pub(super) remaining: BTreeMap<Uncorrected, usize>,
    /// Faults that remain although an action was proposed for them.
    pub(super) unsolved: usize,
}

impl Rounds {
    /// Proposes actions for what the exchanges show, applies them, and checks the exchanges again.
    pub(super) fn run(
        exchanges: &[ObservedExchange],
        bodies: &BTreeMap<ResponseKey, BodyCounts>,
    ) -> Rounds {
        let mut rounds = Rounds::default();
        let mut originals: BTreeMap<&str, &Arc<Contract>> = BTreeMap::new();
        for observed in exchanges {
            originals.insert(observed.contract.name.as_str(), &observed.contract);
        }
        for round in 0..=MOST {
            let overlays = rounds.overlays();
            let contracts: BTreeMap<&str, Arc<Contract>> = originals
                .iter()
                .map(|(name, contract)| (*name, corrected(contract, &overlays)))
                .collect();
            let mut collected = FaultCollection::default();
            for observed in exchanges {
                if let Some(contract) = contracts.get(observed.contract.name.as_str()) {
                    collected.add(observed, contract, bodies);
                }
            }
            rounds.remaining = std::mem::take(&mut collected.others);
            rounds.unsolved = 0;
            let faults = combined(collected.faults);
            let mut has_new = false;
            for (fault, (contract, evidence)) in faults {
                let new = match round < MOST {
                    true => rounds.new_actions(&contract, &fault, &evidence),
                    false => Vec::new(),
                };
                if new.is_empty() {
                    rounds.unsolved += evidence.findings;
                }
                has_new |= !new.is_empty();
                for action in new {
                    let of_document = rounds.actions.entry(action.at.document.clone());
                    of_document.or_default().push(action);
                }
            }
            for actions in rounds.actions.values_mut() {
                // Stable: what a later round proposes for a place comes last.
                actions.sort_by_key(ProposedAction::order);
            }
            if !has_new {
                break;
            }
        }
        rounds
    }

    /// The text of an overlay for each document.
    fn overlays(&self) -> BTreeMap<String, String> {
        let actions = self.actions.iter();
        actions
            .map(|(document, actions)| {
                let text = overlay_text("proposed", "0", None, actions);
                (document.clone(), text)
            })
            .collect()
    }

    /// Actions for a fault that were not proposed before; the second choice where the first did not help.
    fn new_actions(
        &self,
        contract: &Contract,
        fault: &DocumentFault,
        evidence: &Evidence,
    ) -> Vec<ProposedAction> {
        let known = self.actions.get(&fault.at.document);
        let known = known.map_or(&[][..], Vec::as_slice);
        let choices = [
            response::actions(contract, fault, evidence),
            schema::actions(contract, fault, evidence, Attempt::First),
            schema::actions(contract, fault, evidence, Attempt::Last),
        ];
        let mut choices = choices.into_iter().flatten();
        let is_new = |actions: &Vec<ProposedAction>| {
            let mut actions = actions.iter();
            actions.any(|action| !known.iter().any(|known| known.repeats(action)))
        };
        choices.find(is_new).unwrap_or_default()
    }
}

/// The contract with the overlays. They are applied without faults as long as their targets exist.
fn corrected(contract: &Contract, overlays: &BTreeMap<String, String>) -> Arc<Contract> {
    contract.with_overlays(overlays, &mut Diagnostics::new())
}

type Faults = BTreeMap<DocumentFault, (Arc<Contract>, Evidence)>;

/// The faults, with those combined that are corrected together: a list of required properties of which none is always present, and
/// properties that are too many to have been named by a person.
fn combined(mut faults: Faults) -> Faults {
    let mut properties: BTreeMap<_, Vec<DocumentFault>> = BTreeMap::new();
    let mut required: BTreeMap<_, Vec<DocumentFault>> = BTreeMap::new();
    for fault in faults.keys() {
        let group = match fault.kind {
            FaultKind::PropertyUndescribed(_) => properties.entry(fault.at.clone()),
            FaultKind::PropertyRequired(_) => required.entry(fault.at.clone()),
            _ => continue,
        };
        group.or_default().push(fault.clone());
    }
    for (at, group) in properties {
        if group.len() > MOST_PROPERTIES {
            let kind = FaultKind::KeysUndescribed;
            merge(&mut faults, group, DocumentFault { at, kind });
        }
    }
    for (at, group) in required {
        let listed = group
            .first()
            .and_then(|first| faults.get(first))
            .and_then(|(contract, _)| contract.written(&at)?.get("required").cloned());
        let listed = listed
            .as_ref()
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        if group.len() > 1 && group.len() >= listed {
            let kind = FaultKind::Keyword("required".to_owned());
            merge(&mut faults, group, DocumentFault { at, kind });
        }
    }
    faults
}

fn merge(faults: &mut Faults, group: Vec<DocumentFault>, into: DocumentFault) {
    let mut merged = faults.remove(&into);
    for fault in group {
        let Some((contract, evidence)) = faults.remove(&fault) else {
            continue;
        };
        match &mut merged {
            Some((_, all)) => all.absorb(evidence),
            None => merged = Some((contract, evidence)),
        }
    }
    if let Some(merged) = merged {
        faults.insert(into, merged);
    }
}
