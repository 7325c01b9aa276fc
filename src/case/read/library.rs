//! The contracts that case files name, each looked for once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::contract::Contract;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Document};
use crate::source::Spanned;

/// How contracts are found: by the name a case file gives (a path below `schemas/`). Faults of the contract itself go to the
/// diagnostics; `None` where there is none.
pub type FindContract<'f> = dyn FnMut(&str, &mut Diagnostics) -> Option<Arc<Contract>> + 'f;

/// Contracts by name, each asked for once.
pub(super) struct Library<'l, 'f> {
    find: &'l mut FindContract<'f>,
    found: BTreeMap<String, Option<Arc<Contract>>>,
}

/// The contracts of some names.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    pub(super) contracts: Vec<Arc<Contract>>,
    /// Whether one of them could not be read.
    pub(super) incomplete: bool,
}

impl<'l, 'f> Library<'l, 'f> {
    pub(super) fn new(find: &'l mut FindContract<'f>) -> Self {
        Library {
            find,
            found: BTreeMap::new(),
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
