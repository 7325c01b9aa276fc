//! Contracts: published documents, broken ones with their exact diagnostics, every rule for rewriting schemas with a value that passes
//! and one that does not, corrections by overlays, and the contracts of single versions.

mod broken;
mod confined;
mod drafts;
mod dynamic;
mod exact;
mod inline;
mod json_schema_suite;
mod limits;
mod lints;
mod openapi32;
mod overlays;
mod petstore;
pub mod published;
mod real;
mod references;
mod responses;
mod rules;
mod versions;
mod walks;

use std::sync::Arc;

use counterpart::contract::{Contract, Schema, load_source};
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::Source;
use serde_json::Value;

/// A contract from a text, with its rendered diagnostics.
fn read(text: &str) -> (Option<Arc<Contract>>, String) {
    let mut diagnostics = Diagnostics::new();
    let contract = load_source(Source::new("api.yaml", text), &mut diagnostics);
    if let Some(contract) = &contract {
        contract.compile(&mut diagnostics);
    }
    diagnostics.sort();
    (contract, diagnostics.render(Style::Plain))
}

/// A contract from a text without diagnostics.
fn sound(text: &str) -> Arc<Contract> {
    let (contract, rendered) = read(text);
    assert_eq!(rendered, "");
    contract.expect("a contract")
}

/// The named schema of a contract.
fn schema<'c>(contract: &'c Contract, name: &str) -> &'c Schema {
    let found = contract.definitions.iter().find(|(known, _)| known == name);
    &found.expect("a schema of that name").1
}

/// All violations, as `instance keyword contract-pointer: message`.
fn violations(schema: &Schema, value: &Value) -> Vec<String> {
    let found = schema.violations(value);
    let line = |violation: &counterpart::contract::Violation| {
        format!(
            "{} {} {}: {}",
            violation.instance, violation.keyword, violation.place.pointer, violation.message
        )
    };
    found.iter().map(line).collect()
}
