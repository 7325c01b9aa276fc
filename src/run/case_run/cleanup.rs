//! Removing what a case made.

use http::StatusCode;

use super::{CaseRun, Stop, Taken};
use crate::case::{RenderError, Scope, Step};
use crate::event::Role;
use crate::exchange::Request;
use crate::finding::ErrorKind;
use crate::run::client::SendError;
use crate::run::{compose, record};

impl<'s> CaseRun<'s> {
    /// Removes what was made, latest first. Its answers are not judged; what could not be removed is told as an error of its own
    /// that does not change the verdict.
    pub(super) async fn clean_up(&mut self) {
        self.cleaning = true;
        while let Some((steps, scope)) = self.cleanups.pop() {
            for step in steps {
                let told = self.taken.len();
                let outcome = self.clean(step, &scope).await;
                // What identifying the caller told belongs to this failure, not to the verdict.
                self.taken.truncate(told);
                if let Err(error) = outcome {
                    self.taken
                        .push(Taken::unanswered(step, Role::Cleanup, error));
                }
            }
        }
    }

    async fn clean(&mut self, step: &'s Step, scope: &Scope) -> Result<(), SendError> {
        let failed = |why: String| SendError {
            kind: ErrorKind::CleanupFailed,
            message: format!(
                "{} may be left behind on the target: {why}",
                record::label(step, None)
            ),
            advice: None,
        };
        let caller = &step.caller.value;
        if let Some(profile) = self.session.suite.profiles.get(caller)
            && !profile.credentials.is_empty()
            && !self.session.target.auth.contains_key(caller)
        {
            return Err(failed(format!(
                "the target gives no credentials for auth profile `{caller}`"
            )));
        }
        // Variables that are missing belong to something that was never made.
        let Ok(unidentified) = self.compose(step, scope, None) else {
            return Ok(());
        };
        drop(unidentified);
        let Ok((_, authorization)) = self.identify(step, scope).await else {
            return Err(failed(format!("auth profile `{caller}` could not be used")));
        };
        let Ok(request) = self.compose(step, scope, authorization.as_deref()) else {
            return Ok(());
        };
        match self.send(request, step.timeout).await {
            Ok(Ok(exchange)) => match exchange.response.status {
                status if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
                status => Err(failed(format!("the answer was {status}"))),
            },
            Ok(Err(error)) | Err(Stop::Unreachable(error)) => Err(failed(error.message)),
            Err(Stop::Told | Stop::Interrupted) => Ok(()),
        }
    }

    /// The request of a step, with the credentials of its caller in reach.
    fn compose(
        &self,
        step: &Step,
        scope: &Scope,
        authorization: Option<&str>,
    ) -> Result<Request, RenderError> {
        let with_credentials = self.scope_with_credentials(step, scope);
        let scope = with_credentials.as_ref().unwrap_or(scope);
        compose::request(
            step,
            scope,
            &self.session.suite,
            &self.session.target,
            authorization,
        )
    }
}
