//! Sends requests with the credentials of an auth profile, and again after another login where they expired.

use http::StatusCode;

use super::authentication::{Authentication, SignedSending};
use crate::case::{AuthMethod, Step};
use crate::event::{AttemptRecord, StepNote};
use crate::exchange::{CredentialPlace, Exchange};
use crate::execute::case::{CaseExecution, StopReason};
use crate::execute::transcript::ExecutedStep;
use crate::finding::RunError;

impl<'p> CaseExecution<'p, '_> {
    /// Sends a request with the credentials of its profile. Logs in before where that is needed; and once again, with the request after it,
    /// where the response is 401 to credentials that may have expired (unless the step must not be sent twice). The first response is then
    /// not judged, but noted. In `executed` it sets the caller and the places of the credentials.
    pub(in crate::execute) async fn send_signed(
        &mut self,
        sending: SignedSending<'_, 'p>,
        executed: &mut ExecutedStep<'p>,
    ) -> Result<Result<Exchange, RunError>, StopReason> {
        let (authentication, result) = self.send_once(sending, executed).await?;
        let (Ok(exchange), Some(renewal)) = (&result, &authentication.renewal) else {
            return Ok(result);
        };
        if exchange.response.status != StatusCode::UNAUTHORIZED {
            renewal.standing.accepted();
            return Ok(result);
        }
        let may_renew = sending.may_renew && !sending.step.sending.once;
        if !may_renew || !renewal.standing.refused(renewal.is_new) {
            return Ok(result);
        }
        executed.notes.push(StepNote::LoginRenewed {
            attempt: AttemptRecord {
                status: exchange.response.status.as_u16(),
                milliseconds: exchange.elapsed.as_secs_f64() * 1000.0,
            },
        });
        // A token that expired is no longer used by any case; a session is the case's own.
        self.sessions.remove(&sending.step.caller.value);
        let (authentication, result) = self.send_once(sending, executed).await?;
        if let (Ok(exchange), Some(renewal)) = (&result, &authentication.renewal) {
            match exchange.response.status {
                StatusCode::UNAUTHORIZED => {
                    renewal.standing.refused(true);
                }
                _ => renewal.standing.accepted(),
            }
        }
        Ok(result)
    }

    async fn send_once(
        &mut self,
        sending: SignedSending<'_, 'p>,
        executed: &mut ExecutedStep<'p>,
    ) -> Result<(Authentication, Result<Exchange, RunError>), StopReason> {
        let SignedSending {
            step,
            role,
            scope,
            composed,
            expected,
            may_renew: _,
        } = sending;
        let unsigned = composed.request();
        let authentication = self.authenticate(step, scope, unsigned).await?;
        let signed = composed.clone().signed(&authentication.credential, step);
        let request = match signed {
            Ok(request) => request,
            Err(error) => return Err(self.not_composed(step, role.clone(), error)),
        };
        executed.caller = authentication.caller;
        executed.signed = authentication.credential.places();
        // Whatever else the profile sends: its connections show the certificate that the target has for it.
        let given = self.session.target.auth.get(&step.caller.value);
        let has_identity = given.is_some_and(|credentials| credentials.identity.is_some());
        if has_identity && !executed.signed.contains(&CredentialPlace::Connection) {
            executed.signed.push(CredentialPlace::Connection);
        }
        let profile = step.caller.value.as_str();
        let sent = self.send_patiently(profile, request, step, expected);
        let sent = sent.await?;
        let result = self.record_refused(sent, executed);
        if let Ok(exchange) = &result {
            self.receive(step, exchange);
        }
        Ok((authentication, result))
    }

    /// Keeps the cookies of a response in the session of the step's profile. Those of another origin are not the session's.
    pub(in crate::execute) fn receive(&mut self, step: &Step, exchange: &Exchange) {
        let Some(profile) = self.profile(step) else {
            return;
        };
        if let AuthMethod::Session(session) = &profile.method
            && let Some(held) = self.sessions.get_mut(&profile.name)
            && self.session.target.owns(&exchange.request.url)
        {
            held.receive(session, exchange);
        }
    }
}
