//! Cases that cannot be judged because of a fault in a contract: nothing of them is sent.

use super::case::CaseJudge;
use super::fault::fault_of;
use super::waiving::fixtures_of;
use crate::case::{Call, Step, requests_in};
use crate::event::StepRole;
use crate::execute::{ExecutedStep, Transcript};

impl<'j> CaseJudge<'j> {
    /// If the case calls an operation that a fault of its contract blocks, the transcript of a case of which nothing was sent, with the
    /// error at the first such step. Cleanup is not judged, so its operations may have faults.
    pub fn blocked(&self) -> Option<Transcript<'j>> {
        let planned = self.planned;
        let of_fixtures = fixtures_of(planned).into_iter().flat_map(|fixture| {
            let role = StepRole::Fixture(fixture.name.clone());
            requests_in(&fixture.steps).map(move |step| (step, role.clone()))
        });
        let own = planned.case.requests().map(|step| (step, StepRole::Step));
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
