//! Captures values of a response for later steps.

use super::captured::captured;
use super::case::CaseExecution;
use super::transcript::ExecutedStep;
use crate::case::{Scope, Step, UNEXPECTED};
use crate::check;
use crate::exchange::Exchange;
use crate::finding::{ErrorKind, RunError};

impl CaseExecution<'_, '_> {
    /// Evaluates a step's captures on its response, in order, up to the first that fails.
    pub(super) fn capture(
        &mut self,
        step: &Step,
        exchange: &Exchange,
        scope: &mut Scope,
    ) -> Result<(), RunError> {
        if step.capture.is_empty() {
            return Ok(());
        }
        let body = check::json_body(exchange, self.session.target.limits.depth);
        for capture in &step.capture {
            match captured(capture, exchange, body.as_ref()) {
                Ok(value) => self.set(scope, &capture.name.value, value),
                Err(reason) => {
                    let name = &capture.name.value;
                    let message = format!("`{name}` cannot be captured: {reason}");
                    return Err(RunError::new(ErrorKind::CaptureFailed, message)
                        .at(capture.name.place.as_ref()));
                }
            }
        }
        Ok(())
    }

    /// Sets the variable [`UNEXPECTED`] after a success that the step does not expect. So a cleanup also removes what should not have been
    /// created.
    pub(super) fn keep_unexpected(&self, executed: &ExecutedStep<'_>, scope: &mut Scope) {
        let (Some(exchange), Some(expectation)) = (&executed.exchange, &executed.expectation)
        else {
            return;
        };
        let (status, expected) = (exchange.response.status, &expectation.status);
        let is_expected =
            expected.is_empty() || expected.iter().any(|one| one.value.matches(status));
        if status.is_success()
            && !is_expected
            && let Some(body) = check::json_body(exchange, self.session.target.limits.depth)
        {
            scope.variables.insert(UNEXPECTED.to_owned(), body);
        }
    }
}
