//! Removes what a case created.

use http::StatusCode;

use super::case::{CaseExecution, StopReason};
use super::compose;
use super::login::authentication::SignedSending;
use super::rounds;
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
            for (step, scope) in rounds_of(steps, &scope) {
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
        let mut executed = ExecutedStep {
            operation: self.operation(step, composed.request()),
            ..ExecutedStep::of(step, StepRole::Cleanup)
        };
        let sending = SignedSending {
            step,
            role: &StepRole::Cleanup,
            scope,
            composed: &composed,
            expected: &[],
            may_renew: true,
        };
        let before = self.transcript.steps.len();
        match self.send_signed(sending, &mut executed).await {
            Ok(Ok(exchange)) => match exchange.response.status {
                status if status.is_success() || status == StatusCode::NOT_FOUND => {
                    executed.exchange = Some(exchange);
                    Cleaned::Done(Some(Box::new(executed)))
                }
                status => Cleaned::Left(format!("the response was {status}")),
            },
            Ok(Err(error)) | Err(StopReason::Unreachable(error)) => Cleaned::Left(error.message),
            Err(StopReason::Interrupted) => Cleaned::Done(None),
            // What it ended at is in the transcript: a login, or a value of the request itself.
            Err(StopReason::Ended) => {
                let mut new = self.transcript.steps[before..].iter();
                match new.any(|step| matches!(step.role, StepRole::Login(_))) {
                    true => Cleaned::Left(format!("auth profile `{caller}` could not be used")),
                    false => Cleaned::Done(None),
                }
            }
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

/// The cleanup steps with their variables: once for each item of `repeat`, and none whose `when` does not hold. What such an expression
/// reads may have no value, because it was never created: then nothing is sent.
fn rounds_of<'p>(steps: &'p [Step], scope: &Scope) -> Vec<(&'p Step, Scope)> {
    let mut rounds = Vec::with_capacity(steps.len());
    for step in steps {
        let scopes = match &step.sending.repeat {
            None => vec![scope.clone()],
            Some(repeat) => match rounds::of(repeat, scope) {
                Ok(rounds) => rounds.into_iter().map(|round| round.scope).collect(),
                Err(_) => Vec::new(),
            },
        };
        let is_taken = |scope: &Scope| rounds::is_taken(step.sending.when.as_ref(), scope);
        let taken = scopes
            .into_iter()
            .filter(|scope| matches!(is_taken(scope), Ok(true)));
        rounds.extend(taken.map(|scope| (step, scope)));
    }
    rounds
}

/// The result of a cleanup step.
enum Cleaned<'p> {
    /// Removed, or there was nothing to remove (`None`).
    Done(Option<Box<ExecutedStep<'p>>>),
    /// Not removed, for this reason.
    Left(String),
}
