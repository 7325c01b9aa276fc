//! The contracts that case files name, each looked for once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::contract::Contract;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Document};
use crate::source::Spanned;

/// How contracts are found: by the name a case file gives (a path below `schemas/`). Faults of the contract itself go to the
/// diagnostics; `None` where there is none.
pub type FindContract<'f> = dyn Fn(&str, &mut Diagnostics) -> Option<Arc<Contract>> + Sync + 'f;

/// Contracts by name, each asked for once.
pub(super) struct ContractLibrary<'l, 'f> {
    find: &'l FindContract<'f>,
    found: BTreeMap<String, Option<Arc<Contract>>>,
    /// What was said of those that were found ahead, told when the first file names them.
    said: BTreeMap<String, Diagnostics>,
}

/// The search for contracts while files are still being opened: whoever is first to see a name looks for it, and nobody waits for that.
pub(super) struct ContractSearch<'l, 'f> {
    find: &'l FindContract<'f>,
    begun: Mutex<BTreeSet<String>>,
    answers: Mutex<Vec<LibraryEntry>>,
}

/// A name, its contract, and what was said of it.
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
            said: BTreeMap::new(),
        }
    }

    /// Keeps what was found ahead.
    pub(super) fn keep(&mut self, search: ContractSearch<'_, '_>) {
        let answers = search.answers.into_inner();
        for (name, contract, said) in answers.unwrap_or_else(PoisonError::into_inner) {
            self.found.insert(name.clone(), contract);
            self.said.insert(name, said);
        }
    }

    /// A search for contracts that can go on beside other work.
    pub(super) fn search(&self) -> ContractSearch<'l, 'f> {
        ContractSearch {
            find: self.find,
            begun: Mutex::default(),
            answers: Mutex::default(),
        }
    }

    /// The contracts of these names; a name without contract is a diagnostic.
    pub(super) fn get_all(
        &mut self,
        names: &[Spanned<String>],
        diagnostics: &mut Diagnostics,
    ) -> FoundContracts {
        let mut all = FoundContracts::default();
        for name in names {
            diagnostics.extend(self.said.remove(&name.value).unwrap_or_default());
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
                        Diagnostic::error("unknown-contract", format!("there is no usable contract `{}`", name.value), name.place.clone())
                            .with_advice("name an OpenAPI document by its path below `schemas/`: `magento/customers.yaml`"),
                    );
                }
            }
        }
        all
    }
}

impl ContractSearch<'_, '_> {
    /// Looks for the contracts that a file names, but for those that are looked for already.
    pub(super) fn look_for(&self, document: &Document) {
        // What is wrong with the names is told when they are asked for.
        let mut aside = Diagnostics::new();
        for name in contract_names(document, &mut aside) {
            let is_new = {
                let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
                begun.insert(name.value.clone())
            };
            if is_new {
                let mut said = Diagnostics::new();
                let contract = (self.find)(&name.value, &mut said);
                let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
                answers.push((name.value, contract, said));
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
