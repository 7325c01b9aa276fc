//! The contracts that case files name, each looked for once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::side_by_side::side_by_side;
use crate::contract::Contract;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Document};
use crate::source::Spanned;

/// How contracts are found: by the name a case file gives (a path below `schemas/`). Faults of the contract itself go to the
/// diagnostics; `None` where there is none.
pub type FindContract<'f> = dyn Fn(&str, &mut Diagnostics) -> Option<Arc<Contract>> + Sync + 'f;

/// Contracts by name, each asked for once.
pub(super) struct Library<'l, 'f> {
    find: &'l FindContract<'f>,
    found: BTreeMap<String, Option<Arc<Contract>>>,
    /// What was said of those that were found ahead, told when the first file names them.
    said: BTreeMap<String, Diagnostics>,
}

/// The contracts of some names.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    pub(super) contracts: Vec<Arc<Contract>>,
    /// Whether one of them could not be read.
    pub(super) incomplete: bool,
}

impl<'l, 'f> Library<'l, 'f> {
    pub(super) fn new(find: &'l FindContract<'f>) -> Self {
        Library {
            find,
            found: BTreeMap::new(),
            said: BTreeMap::new(),
        }
    }

    /// Looks for all contracts that these files name, several at a time.
    pub(super) fn find_all<'d>(&mut self, documents: impl Iterator<Item = &'d Document>) {
        // What is wrong with the names is told when they are asked for.
        let mut aside = Diagnostics::new();
        let names: BTreeSet<String> = documents
            .flat_map(|document| contract_names(document, &mut aside))
            .map(|name| name.value)
            .filter(|name| !self.found.contains_key(name))
            .collect();
        let names: Vec<String> = names.into_iter().collect();
        let find = self.find;
        let found = side_by_side(&names, |name| {
            let mut diagnostics = Diagnostics::new();
            let contract = find(name, &mut diagnostics);
            (contract, diagnostics)
        });
        for (name, (contract, diagnostics)) in names.into_iter().zip(found) {
            self.found.insert(name.clone(), contract);
            self.said.insert(name, diagnostics);
        }
    }

    /// The contracts of these names; a name without contract is a diagnostic.
    pub(super) fn get_all(
        &mut self,
        names: &[Spanned<String>],
        diagnostics: &mut Diagnostics,
    ) -> Found {
        let mut all = Found::default();
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

impl Found {
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
    pub(super) fn and(mut self, other: &Found) -> Found {
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
