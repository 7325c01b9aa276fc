//! Requests at the same time: `parallel`.

use std::sync::Arc;

use futures_util::future::join_all;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Barrier;

use super::case::{CaseExecution, StopReason};
use super::compose;
use super::login::authentication::Authentication;
use super::polling::attempt;
use super::rounds::Occasion;
use super::transcript::{ExecutedStep, Flow, Outcomes};
use crate::case::{
    Expectation, Located, Matcher, Parallel, RenderError, Scope, StatusPattern, Step,
};
use crate::event::{StepNote, StepRole};
use crate::exchange::{Request, Resend};

/// The statuses of a group, with how many responses have them.
type ExpectedCounts = Vec<(Located<StatusPattern>, Matcher<Value>)>;

impl<'p> CaseExecution<'p, '_> {
    /// Sends all requests of a group at the same time, each over a connection of its own and only once. All are composed before the first
    /// is sent. The case ends after the group if it must not continue after one of the responses, or if their statuses are not those
    /// expected.
    pub(super) async fn parallel(
        &mut self,
        parallel: &'p Parallel,
        scope: &mut Scope,
        role: StepRole,
    ) -> Result<(), StopReason> {
        let captures = || parallel.steps.iter().flat_map(|step| &step.capture);
        let mut occasion = Occasion { role, round: None };
        if !self.is_taken(parallel.when.as_ref(), parallel, scope, &occasion)? {
            let names = captures().map(|capture| capture.name.value.clone());
            scope.unset.extend(names);
            return Ok(());
        }
        for capture in captures() {
            scope.set(capture.name.value.as_str(), Value::Array(Vec::new()));
        }
        let outcomes = match outcomes(parallel, scope) {
            Ok(outcomes) => outcomes,
            Err(error) => return Err(self.value_missing(parallel, occasion.role, &error)),
        };
        let count = parallel.times.unwrap_or(parallel.steps.len());
        let mut composed = Vec::with_capacity(count);
        for (index, step) in parallel.steps.iter().cycle().take(count).enumerate() {
            let mut of_copy = scope.clone();
            if parallel.times.is_some() {
                of_copy.set(
                    "repeat",
                    json!({ "index": index, "number": index + 1, "count": count }),
                );
            }
            occasion.round = Some(format!("{}/{count}", index + 1));
            composed.push(self.composed(step, &of_copy, &occasion).await?);
        }
        let operation = composed
            .first()
            .and_then(|(_, _, first)| first.operation.clone());
        let barrier = Arc::new(Barrier::new(count));
        let session = self.session;
        let sending = composed.iter().map(|(step, request, _)| {
            let barrier = Arc::clone(&barrier);
            let client = session.client_of(&step.caller.value);
            async move {
                barrier.wait().await;
                client
                    .send(
                        request.clone(),
                        step.timeout,
                        Resend::Never,
                        step.expect.stream_limit(),
                    )
                    .await
            }
        });
        self.transcript.requests += count;
        let responses = tokio::select! {
            biased;
            () = self.cancel.cancelled() => return Err(StopReason::Interrupted),
            responses = join_all(sending) => responses,
        };
        let mut flow = Flow::Continue;
        let mut statuses = Vec::with_capacity(count);
        let mut attempts = Vec::with_capacity(count);
        for ((step, _, mut executed), response) in composed.into_iter().zip(responses) {
            match response {
                Ok(exchange) => {
                    statuses.push(exchange.response.status);
                    attempts.push(attempt(&exchange));
                    self.receive(step, &exchange);
                    executed.exchange = Some(exchange);
                }
                Err(error) if error.is_unreachable() => return Err(StopReason::Unreachable(error)),
                Err(error) => executed.error = Some(error),
            }
            flow = match self.received(step, executed, &outcomes, scope) {
                Flow::Stop => Flow::Stop,
                Flow::Continue => flow,
            };
        }
        let mut group = ExecutedStep {
            operation,
            notes: vec![StepNote::Parallel { attempts }],
            ..ExecutedStep::of(parallel, occasion.role)
        };
        if !outcomes.is_empty() {
            group.outcomes = Some(Outcomes {
                expected: outcomes,
                statuses,
            });
            if (self.gate)(&group) == Flow::Stop {
                flow = Flow::Stop;
            }
        }
        self.transcript.steps.push(group);
        match flow {
            Flow::Continue => Ok(()),
            Flow::Stop => Err(StopReason::Ended),
        }
    }

    /// The request of one of the steps, and the step without a response.
    async fn composed(
        &mut self,
        step: &'p Step,
        scope: &Scope,
        occasion: &Occasion,
    ) -> Result<(&'p Step, Request, ExecutedStep<'p>), StopReason> {
        let Occasion { role, round } = occasion.clone();
        let with_credentials = self.scope_with_credentials(&step.caller.value, scope);
        let scope_for_request = with_credentials.as_ref().unwrap_or(scope);
        let session = self.session;
        let composed = compose::request(step, scope_for_request, &session.suite, &session.target);
        let composed = match composed {
            Ok(composed) => composed,
            Err(error) => return Err(self.not_composed(step, role, error)),
        };
        let unsigned = composed.request();
        let Authentication {
            caller, credential, ..
        } = self.authenticate(step, scope, unsigned).await?;
        let request = composed.signed(&credential, step);
        let expectation = step.expect.render(scope_for_request);
        let expectation = expectation.map_err(|error| compose::value_missing(&error));
        match (request, expectation) {
            (Ok(request), Ok(expectation)) => {
                let executed = ExecutedStep {
                    round,
                    operation: self.operation(step, &request),
                    caller,
                    signed: credential.places(),
                    expectation: Some(expectation),
                    ..ExecutedStep::of(step, role)
                };
                Ok((step, request, executed))
            }
            (Err(error), _) | (_, Err(error)) => Err(self.not_composed(step, role, error)),
        }
    }

    /// Judges one of the responses and captures its values.
    fn received(
        &mut self,
        step: &'p Step,
        mut executed: ExecutedStep<'p>,
        outcomes: &ExpectedCounts,
        scope: &mut Scope,
    ) -> Flow {
        let mut flow = Flow::Stop;
        if let Some(exchange) = &executed.exchange {
            let status = exchange.response.status;
            if !outcomes.is_empty() {
                let expectation = executed.expectation.take();
                executed.expectation = expectation.map(|own| for_outcome(own, status, outcomes));
            }
            flow = (self.gate)(&executed);
            if status.is_success() {
                let mut captured = Scope::default();
                if let Err(error) = self.capture(step, exchange, &mut captured)
                    && flow == Flow::Continue
                {
                    executed.error = Some(error);
                    flow = Flow::Stop;
                }
                for (name, value) in captured.variables {
                    if let Some(Value::Array(list)) = scope.variables.get_mut(&name) {
                        list.push(value);
                    }
                }
            }
        }
        self.keep_unexpected(&executed, scope);
        self.transcript.steps.push(executed);
        flow
    }
}

fn outcomes(parallel: &Parallel, scope: &Scope) -> Result<ExpectedCounts, RenderError> {
    let outcomes = parallel.outcomes.iter();
    outcomes
        .map(|outcome| Ok((outcome.status.clone(), outcome.count.render(scope)?)))
        .collect()
}

/// What is expected of a response where the outcomes of the group decide about its status: the step's own expectation if it is about
/// this status, else only the contract.
fn for_outcome(
    own: Expectation<Value>,
    status: StatusCode,
    outcomes: &ExpectedCounts,
) -> Expectation<Value> {
    let is_own = match own.status.is_empty() {
        true => status.is_success(),
        false => own
            .status
            .iter()
            .any(|pattern| pattern.value.matches(status)),
    };
    let statuses = outcomes.iter().map(|(pattern, _)| pattern.clone());
    match is_own {
        true => Expectation {
            status: statuses.collect(),
            ..own
        },
        false => Expectation {
            status: statuses.collect(),
            rules: own.rules,
            place: own.place,
            ..Expectation::default()
        },
    }
}
