//! Faults of contracts: which operations cannot be judged because of them. A waiver can accept a fault.

use std::sync::Arc;

use super::Judge;
use super::waiving::at_scene;
use crate::contract::Operation;
use crate::diagnostic::Diagnostic;
use crate::event::Subject;
use crate::finding::{ErrorKind, RunError};

/// The error of an operation with faults that no waiver accepts.
pub(super) fn fault_of(
    judge: &Judge,
    subject: &Subject,
    operation: &Operation,
) -> Option<RunError> {
    if operation.faults.is_empty() {
        return None;
    }
    let mut accepted = vec![false; operation.faults.len()];
    at_scene(judge, subject, Some(operation.name()), |scene| {
        for (accepted, fault) in accepted.iter_mut().zip(&operation.faults) {
            *accepted = judge.ledger.accepts_fault(fault.code, scene);
        }
    });
    let faults: Vec<&Arc<Diagnostic>> = operation
        .faults
        .iter()
        .zip(accepted)
        .filter_map(|(fault, accepted)| (!accepted).then_some(fault))
        .collect();
    let first = faults.first()?;
    let place = first.place.as_ref();
    let place = place.map_or_else(String::new, |place| format!(" ({place})"));
    let more = match faults.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let message = format!(
        "the contract has a fault in `{}`: {}: {}{place}{more}",
        operation.name(),
        first.code,
        first.message
    );
    let advice = format!(
        "correct the contract (`counterpart lint` lists its faults), or accept the fault with a waiver: `code: {}`, `at: contract {}`",
        ErrorKind::ContractFault,
        first.code
    );
    Some(RunError::new(ErrorKind::ContractFault, message).with_advice(advice))
}
