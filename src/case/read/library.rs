//! The contracts that case files name, each loaded once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::contract::Contract;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Document};
use crate::source::Spanned;

/// Loads a contract by the name in a case file (a path below `schemas/`). Faults of the contract itself go to the diagnostics; `None`
/// where there is no such contract.
pub type FindContract<'f> = dyn Fn(&str, &mut Diagnostics) -> Option<Arc<Contract>> + Sync + 'f;

/// Contracts by name, each loaded once.
pub(super) struct ContractLibrary<'l, 'f> {
    find: &'l FindContract<'f>,
    found: BTreeMap<String, Option<Arc<Contract>>>,
    /// Diagnostics of contracts that were loaded early; reported when the first file names them.
    reported: BTreeMap<String, Diagnostics>,
}

/// Loads contracts while files are still being opened: the first thread to see a name loads it, and no other waits for it.
pub(super) struct ContractSearch<'l, 'f> {
    find: &'l FindContract<'f>,
    started: Mutex<BTreeSet<String>>,
    found: Mutex<Vec<LibraryEntry>>,
}

/// A name, its contract, and the diagnostics of loading it.
type LibraryEntry = (String, Option<Arc<Contract>>, Diagnostics);

/// The contracts of some names.
#[derive(Debug, Clone, Default)]
pub(super) struct FoundContracts {
    pub(super) contracts: Vec<Arc<Contract>>,
    /// Whether one of them could not be read.
    pub(super) incomplete: bool,
}

impl<'l, 'f> ContractLibrary<'l, 'f> {
    pub(super) fn new(find: &'l FindContract<'f>) -> Self {
        ContractLibrary {
            find,
            found: BTreeMap::new(),
            reported: BTreeMap::new(),
        }
    }

    /// Keeps the contracts that were loaded early.
    pub(super) fn keep(&mut self, search: ContractSearch<'_, '_>) {
        let found = search.found.into_inner();
        for (name, contract, reported) in found.unwrap_or_else(PoisonError::into_inner) {
            self.found.insert(name.clone(), contract);
            self.reported.insert(name, reported);
        }
    }

    /// A search for contracts that can run beside other work.
    pub(super) fn search(&self) -> ContractSearch<'l, 'f> {
        ContractSearch {
            find: self.find,
            started: Mutex::default(),
            found: Mutex::default(),
        }
    }

    /// The contracts of these names; a name without a contract is a diagnostic.
    pub(super) fn get_all(
        &mut self,
        names: &[Spanned<String>],
        diagnostics: &mut Diagnostics,
    ) -> FoundContracts {
        let mut all = FoundContracts::default();
        for name in names {
            diagnostics.extend(self.reported.remove(&name.value).unwrap_or_default());
            let found = match self.found.get(&name.value) {
                Some(found) => found.clone(),
                None => {
                    let found = (self.find)(&name.value, diagnostics);
                    self.found.insert(name.value.clone(), found.clone());
                    found
                }
            };
            match found {
                Some(contract) => all.add(&contract),
                None => {
                    all.incomplete = true;
                    diagnostics.push(
                        Diagnostic::error("unknown-contract", format!("no usable contract `{}`", name.value), name.place.clone())
                            .with_advice("name an OpenAPI document by its path below `schemas/`: `magento/customers.yaml`"),
                    );
                }
            }
        }
        all
    }
}

impl ContractSearch<'_, '_> {
    /// Loads the contracts that a file names, except those already being loaded.
    pub(super) fn look_for(&self, document: &Document) {
        // Faults in the names are reported when the contracts are needed.
        let mut ignored = Diagnostics::new();
        for name in contract_names(document, &mut ignored) {
            let is_new = {
                let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
                started.insert(name.value.clone())
            };
            if is_new {
                let mut reported = Diagnostics::new();
                let contract = (self.find)(&name.value, &mut reported);
                let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
                found.push((name.value, contract, reported));
            }
        }
    }
}

impl FoundContracts {
    fn add(&mut self, contract: &Arc<Contract>) {
        if !self
            .contracts
            .iter()
            .any(|known| Arc::ptr_eq(known, contract))
        {
            self.contracts.push(contract.clone());
        }
    }

    /// These, and then those of `other` that are not among them.
    pub(super) fn and(mut self, other: &FoundContracts) -> FoundContracts {
        other
            .contracts
            .iter()
            .for_each(|contract| self.add(contract));
        self.incomplete |= other.incomplete;
        self
    }
}

/// The `contract:` of a file: one name or a list.
pub(super) fn contract_names(
    document: &Document,
    diagnostics: &mut Diagnostics,
) -> Vec<Spanned<String>> {
    let Some(node) = document.root.get("contract") else {
        return Vec::new();
    };
    let items = match node.as_sequence() {
        Some(items) => items,
        None => std::slice::from_ref(node),
    };
    items
        .iter()
        .filter_map(|item| document::expect_string("contract", item, &document.source, diagnostics))
        .collect()
}
