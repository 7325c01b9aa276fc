//! Sends a request again where the server requires that by `Retry-After`, within `limits.retry-after`.

use std::time::{Duration, Instant};

use http::StatusCode;

use super::case::{CaseExecution, StopReason};
use super::pause::milliseconds;
use super::polling::attempt;
use super::retry_after;
use super::transcript::{ExecutedStep, Intermediate};
use crate::case::{Expectation, Located, StatusPattern, Step};
use crate::event::{StepNote, StepRole};
use crate::exchange::{Exchange, Request, Resend};
use crate::finding::RunError;

/// Maximum number of times a request is sent again, however short the required pauses are.
const MAX_RETRIES: usize = 10;

/// The last response to a request, and those before it after which it was sent again.
pub(super) struct SendOutcome {
    pub(super) result: Result<Exchange, RunError>,
    refused: Vec<Exchange>,
    elapsed: Duration,
}

impl<'p> CaseExecution<'p, '_> {
    /// Sends a request, and again after the pause that a 429 or 503 requires by `Retry-After` (RFC 6585, section 4; RFC 9110, section
    /// 15.6.4), as long as all pauses together are within the limit of the target. `once` forbids it, and so does an expectation of
    /// the status.
    pub(super) async fn send_patiently(
        &mut self,
        profile: &str,
        request: Request,
        step: &Step,
        expected: &[Located<StatusPattern>],
    ) -> Result<SendOutcome, StopReason> {
        let once = step.sending.once;
        let stream = step.expect.stream_limit();
        let mut left = self.session.target.limits.retry_after;
        let started = Instant::now();
        let mut refused = Vec::new();
        let result = loop {
            let resend = Resend::of_once(once);
            let sent = self.send_as(profile, request.clone(), step.timeout, resend, stream);
            let exchange = match sent.await? {
                Ok(exchange) => exchange,
                Err(error) => break Err(error),
            };
            let status = exchange.response.status;
            let is_expected = expected.iter().any(|pattern| pattern.value.matches(status));
            let may_wait = !once && !is_expected && refused.len() < MAX_RETRIES;
            let pause = required_pause(&exchange)
                .filter(|pause| may_wait && *pause <= left && !left.is_zero());
            // After Ctrl-C the cleanup must not take long.
            let Some(pause) = pause.filter(|_| !self.cancel.is_cancelled()) else {
                break Ok(exchange);
            };
            refused.push(exchange);
            left -= pause;
            self.pause_for_retry(pause).await?;
        };
        Ok(SendOutcome {
            result,
            refused,
            elapsed: started.elapsed(),
        })
    }

    /// Sends the request of a step whose response is not judged: a login or a cleanup.
    pub(super) async fn send_unjudged(
        &mut self,
        request: Request,
        step: &'p Step,
        role: &StepRole,
    ) -> Result<Result<Exchange, RunError>, StopReason> {
        let profile = match role {
            StepRole::Login(profile) => profile.as_str(),
            _ => step.caller.value.as_str(),
        };
        let sent = self.send_patiently(profile, request, step, &[]);
        let sent = sent.await?;
        if !sent.refused.is_empty() {
            self.transcript.steps.push(ExecutedStep {
                notes: vec![sent.note()],
                ..ExecutedStep::of(step, role.clone())
            });
        }
        Ok(sent.result)
    }

    /// Records the responses after which a request was sent again. Those that the contract documents are checked against it.
    pub(super) fn record_refused(
        &mut self,
        sent: SendOutcome,
        result: &mut ExecutedStep<'p>,
    ) -> Result<Exchange, RunError> {
        if !sent.refused.is_empty() {
            result.notes.push(sent.note());
        }
        if result.expectation.is_none() {
            return sent.result;
        }
        for exchange in sent.refused {
            let status = exchange.response.status;
            let operation = result.operation.as_deref();
            if operation.is_none_or(|operation| operation.response(status).is_none()) {
                continue;
            }
            let expectation = Expectation {
                status: vec![StatusPattern::Exact(status.as_u16()).into()],
                ..Expectation::default()
            };
            let refused = ExecutedStep {
                round: result.round.clone(),
                intermediate: Some(Intermediate::Refused),
                operation: result.operation.clone(),
                caller: result.caller,
                signed: result.signed.clone(),
                expectation: Some(expectation),
                exchange: Some(exchange),
                ..ExecutedStep::of(result.step, result.role.clone())
            };
            // Whatever is wrong with it, the case may continue: there is a response after it.
            let _ = (self.gate)(&refused);
            self.transcript.steps.push(refused);
        }
        sent.result
    }

    async fn pause_for_retry(&mut self, pause: Duration) -> Result<(), StopReason> {
        match self.cleaning {
            true => {
                tokio::select! {
                    () = self.cancel.cancelled() => {}
                    () = tokio::time::sleep(pause) => {}
                }
                Ok(())
            }
            false => self.pause(pause).await,
        }
    }
}

impl SendOutcome {
    fn note(&self) -> StepNote<String> {
        StepNote::Retried {
            attempts: self.refused.iter().map(attempt).collect(),
            milliseconds: milliseconds(self.elapsed),
        }
    }
}

/// The pause after which the server expects the request again.
fn required_pause(exchange: &Exchange) -> Option<Duration> {
    let response = &exchange.response;
    let refuses = matches!(
        response.status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    );
    retry_after::of(response).filter(|_| refuses)
}
