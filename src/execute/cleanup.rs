//! Removes what a case created.

use http::StatusCode;

use super::case::{CaseExecution, StopReason};
use super::compose;
use super::transcript::ExecutedStep;
use crate::case::{Scope, Step};
use crate::event::StepRole;
use crate::finding::{ErrorKind, RunError};

impl<'p> CaseExecution<'p, '_> {
    /// Runs the cleanup steps, latest first. Their responses are not judged. A failure is a separate error that does not change
    /// the verdict.
    pub(super) async fn clean_up(&mut self) {
        self.cleaning = true;
        while let Some((steps, scope)) = self.cleanups.pop() {
            for step in steps {
                let before = self.transcript.steps.len();
                let cleaned = self.clean(step, &scope).await;
                // The steps of a login for this cleanup belong to its failure, not to the verdict.
                self.transcript.steps.truncate(before);
                let error = match cleaned {
                    Cleaned::Done(None) => continue,
                    Cleaned::Done(Some(done)) => {
                        self.transcript.steps.push(*done);
                        continue;
                    }
                    Cleaned::Left(reason) => RunError::new(
                        ErrorKind::CleanupFailed,
                        format!(
                            "{} may be left behind on the target: {reason}",
                            step.label()
                        ),
                    ),
                };
                self.transcript.steps.push(ExecutedStep::without_exchange(
                    step,
                    StepRole::Cleanup,
                    error,
                ));
            }
        }
    }

    async fn clean(&mut self, step: &'p Step, scope: &Scope) -> Cleaned<'p> {
        let caller = &step.caller.value;
        // Missing variables belong to something that was never created: no credentials and no login are needed then.
        let composed = match self.compose(step, scope) {
            Err(error) if error.kind == ErrorKind::NotSent => return Cleaned::Left(error.message),
            composed => composed,
        };
        if composed.is_err() && step.credentials().is_empty() {
            return Cleaned::Done(None);
        }
        if let Some(profile) = self.session.suite.profiles.get(caller)
            && !profile.credentials.is_empty()
            && !self.session.target.auth.contains_key(caller)
        {
            return Cleaned::Left(format!(
                "the target has no credentials for auth profile `{caller}`"
            ));
        }
        let Ok(composed) = composed else {
            return Cleaned::Done(None);
        };
        let Ok(authentication) = self.authenticate(step, scope).await else {
            return Cleaned::Left(format!("auth profile `{caller}` could not be used"));
        };
        let Ok(request) = composed.signed(&authentication.credential, step) else {
            return Cleaned::Done(None);
        };
        let operation = self.operation(step, &request);
        match self.send(request, step.timeout).await {
            Ok(Ok(exchange)) => match exchange.response.status {
                status if status.is_success() || status == StatusCode::NOT_FOUND => {
                    Cleaned::Done(Some(Box::new(ExecutedStep {
                        step,
                        role: StepRole::Cleanup,
                        operation,
                        caller: authentication.caller,
                        signed: authentication.credential.places(),
                        expectation: None,
                        exchange: Some(exchange),
                        error: None,
                    })))
                }
                status => Cleaned::Left(format!("the response was {status}")),
            },
            Ok(Err(error)) | Err(StopReason::Unreachable(error)) => Cleaned::Left(error.message),
            Err(StopReason::Ended | StopReason::Interrupted) => Cleaned::Done(None),
        }
    }

    /// The unsigned request of a step. Its templates may use the credentials of its auth profile.
    pub(super) fn compose(
        &self,
        step: &Step,
        scope: &Scope,
    ) -> Result<compose::Composed, RunError> {
        let with_credentials = self.scope_with_credentials(&step.caller.value, scope);
        let scope = with_credentials.as_ref().unwrap_or(scope);
        compose::request(step, scope, &self.session.suite, &self.session.target)
    }
}

/// The result of a cleanup step.
enum Cleaned<'p> {
    /// Removed, or there was nothing to remove (`None`).
    Done(Option<Box<ExecutedStep<'p>>>),
    /// Not removed, for this reason.
    Left(String),
}
