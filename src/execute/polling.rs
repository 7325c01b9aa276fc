//! Sends a request again until a condition holds: `until`.

use std::time::Instant;

use serde_json::Value;

use super::case::{CaseExecution, StopReason};
use super::login::authentication::SignedSending;
use super::pause::milliseconds;
use super::retry_after;
use super::transcript::{ExecutedStep, Flow, Intermediate, Unreached};
use crate::case::{Expectation, StatusPattern, Until};
use crate::check;
use crate::event::{AttemptRecord, StepNote};
use crate::exchange::Exchange;

impl<'p> CaseExecution<'p, '_> {
    /// Sends a request, signed each time, until `condition` holds or the limit of `until` is over. Returns the step with the last response. A response
    /// before it is checked against the contract only; the case ends where it must not continue after one of them.
    ///
    /// The last request is sent when the limit is over, unless the server's `Retry-After` ends later.
    pub(super) async fn poll(
        &mut self,
        sending: SignedSending<'_, 'p>,
        until: &Until,
        condition: Expectation<Value>,
        mut result: ExecutedStep<'p>,
    ) -> Result<ExecutedStep<'p>, StopReason> {
        let depth = self.session.target.limits.depth;
        let started = Instant::now();
        let mut attempts: Vec<AttemptRecord> = Vec::new();
        let any_response = any_response(result.expectation.as_ref(), &condition);
        loop {
            let exchange = match self.send_signed(sending, &mut result).await? {
                Ok(exchange) => exchange,
                Err(error) => {
                    result.error = Some(error);
                    break;
                }
            };
            attempts.push(attempt(&exchange));
            if check::unmet(&exchange, &condition, depth).is_empty() {
                result.exchange = Some(exchange);
                break;
            }
            let elapsed = started.elapsed();
            let left = until.within.saturating_sub(elapsed);
            let required = retry_after::of(&exchange.response);
            let retry_after = required.filter(|pause| *pause > left);
            let polls = attempts.len();
            if left.is_zero() || retry_after.is_some() || polls >= Until::MAX_POLLS as usize {
                result.expectation = Some(any_response);
                result.exchange = Some(exchange);
                result.unreached = Some(Unreached {
                    condition,
                    within: until.within,
                    polls,
                    elapsed,
                    retry_after,
                });
                break;
            }
            let is_known = self.transcript.steps.last().is_some_and(|last| {
                let is_poll = matches!(last.intermediate, Some(Intermediate::Poll(_)));
                is_poll
                    && last
                        .exchange
                        .as_ref()
                        .is_some_and(|last| is_same(last, &exchange))
            });
            if !is_known {
                let mut poll = ExecutedStep {
                    round: result.round.clone(),
                    intermediate: Some(Intermediate::Poll(polls)),
                    operation: result.operation.clone(),
                    caller: result.caller,
                    signed: result.signed.clone(),
                    expectation: Some(any_response.clone()),
                    exchange: Some(exchange),
                    ..ExecutedStep::of(result.step, result.role.clone())
                };
                let flow = (self.gate)(&poll);
                if flow == Flow::Stop {
                    poll.notes.push(polled(attempts, started));
                    self.transcript.steps.push(poll);
                    return Err(StopReason::Ended);
                }
                self.transcript.steps.push(poll);
            }
            let pause = until.every.max(required.unwrap_or_default());
            self.pause(pause.min(left)).await?;
        }
        if attempts.len() > 1 {
            result.notes.push(polled(attempts, started));
        }
        Ok(result)
    }
}

/// What a response is checked against while the condition does not hold yet: the contract, and that the server does not fail.
fn any_response(
    expectation: Option<&Expectation<Value>>,
    condition: &Expectation<Value>,
) -> Expectation<Value> {
    Expectation {
        status: [2, 3, 4]
            .map(|digit| StatusPattern::Range(digit).into())
            .into(),
        rules: expectation.map_or(condition.rules, |expectation| expectation.rules),
        place: condition.place.clone(),
        ..Expectation::default()
    }
}

/// Whether a response repeats another one: it would be judged the same.
fn is_same(one: &Exchange, other: &Exchange) -> bool {
    let content_type = http::header::CONTENT_TYPE;
    let (one, other) = (&one.response, &other.response);
    one.status == other.status
        && one.body == other.body
        && one.transfer == other.transfer
        && one.headers.get(&content_type) == other.headers.get(&content_type)
}

pub(super) fn attempt(exchange: &Exchange) -> AttemptRecord {
    AttemptRecord {
        status: exchange.response.status.as_u16(),
        milliseconds: milliseconds(exchange.elapsed),
    }
}

fn polled(attempts: Vec<AttemptRecord>, started: Instant) -> StepNote<String> {
    StepNote::Polled {
        attempts,
        milliseconds: milliseconds(started.elapsed()),
    }
}
