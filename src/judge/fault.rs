//! Faults of contracts: which cases cannot be judged because of them. A waiver can accept a fault.

use std::sync::Arc;

use super::Judge;
use super::case::CaseJudge;
use super::waiving::{at_scene, fixtures_of};
use crate::case::{Call, Step};
use crate::contract::Operation;
use crate::diagnostic::Diagnostic;
use crate::event::{StepRole, Subject};
use crate::execute::{ExecutedStep, Transcript};
use crate::finding::{ErrorKind, RunError};

impl<'j> CaseJudge<'j> {
    /// If the case calls an operation that a fault of its contract blocks, the transcript of a case of which nothing was sent, with the
    /// error at the first such step. Cleanup is not judged, so its operations may have faults.
    pub fn blocked(&self) -> Option<Transcript<'j>> {
        let planned = self.planned;
        let of_fixtures = fixtures_of(&planned.case).into_iter().flat_map(|fixture| {
            let role = StepRole::Fixture(fixture.name.clone());
            fixture.steps.iter().map(move |step| (step, role.clone()))
        });
        let own = planned.case.steps.iter().map(|step| (step, StepRole::Step));
        let blocked = of_fixtures
            .chain(own)
            .find_map(|(step, role)| self.blocked_step(step, role))?;
        self.judge.not_run(planned);
        Some(Transcript::not_sent(blocked))
    }

    fn blocked_step(&self, step: &'j Step, role: StepRole) -> Option<ExecutedStep<'j>> {
        // The operation of a raw request is known only when it is sent.
        let Call::Operation {
            contract,
            operation,
        } = &step.call
        else {
            return None;
        };
        let version = self.judge.target.version.as_ref();
        let operation = contract.operation_at(operation, version);
        let error = fault_of(self.judge, &self.planned.subject, &operation)?;
        Some(ExecutedStep {
            operation: Some(operation),
            ..ExecutedStep::without_exchange(step, role, error)
        })
    }
}

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
