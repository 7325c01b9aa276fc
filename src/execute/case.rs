//! Executes one case from its first fixture to its last cleanup. Main type: [`CaseExecution`].
//!
//! The order is: fixtures as listed, each once; the case's own variables; its steps; then, in any case, the cleanup of the case
//! and of the fixtures, latest first. A case ends at the first step after which the rest would only fail for the same cause: no
//! response, a response at which judging stops the case, or a value that could not be captured.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::StatusCode;
use serde_json::Value;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::address;
use super::compose;
use super::login::authentication::SignedSending;
use super::login::case_session::CaseSession;
use super::login::store::TokenStore;
use super::rounds::Occasion;
use super::session::Session;
use super::transcript::{
    CaseEnding, ContinuePredicate, ExecutedStep, Flow, StepSource, Transcript,
};
use crate::case::{
    Call, Expectation, Fixture, Given, RenderError, Scope, Step, StepEntry, Template, requests_in,
};
use crate::contract::{Contract, Operation};
use crate::event::StepRole;
use crate::exchange::{Exchange, Request, Resend, StreamLimit};
use crate::finding::RunError;
use crate::plan::PlannedCase;

/// A case that is being executed.
pub(super) struct CaseExecution<'p, 'g> {
    pub(super) session: &'p Session,
    pub(super) planned: &'p PlannedCase,
    pub(super) cancel: &'p CancellationToken,
    pub(super) gate: &'g mut ContinuePredicate<'g>,
    started: Instant,
    /// The value of `now` in all its templates.
    now: OffsetDateTime,
    pub(super) transcript: Transcript<'p>,
    /// Tokens of accounts that this case created.
    pub(super) tokens: TokenStore,
    /// Sessions in cookies, by auth profile.
    pub(super) sessions: HashMap<String, CaseSession>,
    /// Cleanup steps in the order of their registration, with the variables of the case or fixture.
    pub(super) cleanups: Vec<(&'p [Step], Scope)>,
    /// Whether the cleanup has begun; it continues after a cancellation.
    pub(super) cleaning: bool,
    /// Whether the steps are those of the file's setup.
    pub(super) in_setup: bool,
}

/// Why a case does not continue.
pub(super) enum StopReason {
    /// The last step in the transcript gives the reason.
    Ended,
    Interrupted,
    Unreachable(RunError),
}

impl Session {
    /// Executes one case: creates its fixtures, runs its steps as long as `gate` allows it, and cleans up, also after a failure
    /// or cancellation. Must be called within a Tokio runtime.
    pub async fn execute<'p>(
        &'p self,
        planned: &'p PlannedCase,
        cancel: &'p CancellationToken,
        gate: &mut ContinuePredicate<'_>,
    ) -> Transcript<'p> {
        CaseExecution::new(self, planned, cancel, gate).run().await
    }
}

impl<'p, 'g> CaseExecution<'p, 'g> {
    pub(super) fn new(
        session: &'p Session,
        planned: &'p PlannedCase,
        cancel: &'p CancellationToken,
        gate: &'g mut ContinuePredicate<'g>,
    ) -> Self {
        CaseExecution {
            session,
            planned,
            cancel,
            gate,
            started: Instant::now(),
            now: OffsetDateTime::now_utc(),
            transcript: Transcript {
                steps: Vec::new(),
                values: Vec::new(),
                credentials: Vec::new(),
                requests: 0,
                elapsed: Duration::ZERO,
                ending: CaseEnding::Completed,
            },
            tokens: TokenStore::default(),
            sessions: HashMap::new(),
            cleanups: Vec::new(),
            cleaning: false,
            in_setup: false,
        }
    }

    pub(super) async fn run(mut self) -> Transcript<'p> {
        let ended = self.steps().await;
        self.clean_up().await;
        if let Some(setup) = &self.planned.setup {
            self.leave_setup(setup).await;
        }
        let mut transcript = self.transcript;
        transcript.elapsed = self.started.elapsed();
        transcript.ending = match ended {
            Ok(()) => CaseEnding::Completed,
            Err(StopReason::Ended) => CaseEnding::Stopped,
            Err(StopReason::Interrupted) => CaseEnding::Interrupted,
            Err(StopReason::Unreachable(error)) => CaseEnding::Unreachable(error),
        };
        transcript
    }

    async fn steps(&mut self) -> Result<(), StopReason> {
        let case = &self.planned.case;
        let mut scope = self.session.built_in.of_case(self.planned, self.now);
        if let Some(setup) = &self.planned.setup {
            let values = self.set_up(setup).await?;
            export(values, setup.alias.as_deref(), &mut scope);
        }
        let mut values_by_fixture = BTreeMap::new();
        for given in &case.given {
            let values = Box::pin(self.make(given, "", &mut values_by_fixture)).await?;
            export(values, given.alias.as_deref(), &mut scope);
        }
        self.set_variables(&case.vars, &mut scope, &case.steps)?;
        let cleanup = self.register_cleanup(&case.cleanup, &scope);
        for entry in &case.steps {
            let result = self.entry(entry, &mut scope, StepRole::Step).await;
            self.update_cleanup(cleanup, &scope);
            result?;
        }
        Ok(())
    }

    /// Creates a fixture, unless the case already has it, and returns its values. An alias makes it a separate instance,
    /// including the fixtures that it needs itself.
    pub(super) async fn make(
        &mut self,
        given: &'p Given,
        outer: &str,
        values_by_fixture: &mut BTreeMap<String, BTreeMap<String, Value>>,
    ) -> Result<BTreeMap<String, Value>, StopReason> {
        let fixture: &'p Fixture = &given.fixture;
        let instance = match &given.alias {
            Some(alias) => format!("{outer}{alias}."),
            None => outer.to_owned(),
        };
        let key = format!("{instance}{}", fixture.name);
        if let Some(values) = values_by_fixture.get(&key) {
            return Ok(values.clone());
        }
        let mut scope = self
            .session
            .built_in
            .of_fixture(self.planned, &key, self.now);
        let builtin: Vec<String> = scope.variables.keys().cloned().collect();
        for needed in &fixture.given {
            let values = Box::pin(self.make(needed, &instance, values_by_fixture)).await?;
            export(values, needed.alias.as_deref(), &mut scope);
        }
        self.set_variables(&fixture.vars, &mut scope, &fixture.steps)?;
        let cleanup = self.register_cleanup(&fixture.cleanup, &scope);
        for entry in &fixture.steps {
            let role = match self.in_setup {
                true => StepRole::Setup,
                false => StepRole::Fixture(fixture.name.clone()),
            };
            let result = self.entry(entry, &mut scope, role).await;
            self.update_cleanup(cleanup, &scope);
            result?;
        }
        let mut values = scope.variables;
        for name in builtin {
            values.remove(&name);
        }
        values_by_fixture.insert(key, values.clone());
        Ok(values)
    }

    /// Registers `steps` for the cleanup of the case. Returns their number, if there are any.
    fn register_cleanup(&mut self, steps: &'p [Step], scope: &Scope) -> Option<usize> {
        if steps.is_empty() {
            return None;
        }
        self.cleanups.push((steps, scope.clone()));
        Some(self.cleanups.len() - 1)
    }

    /// Sets the variables of the cleanup with this number.
    fn update_cleanup(&mut self, cleanup: Option<usize>, scope: &Scope) {
        if let Some((_, cleanup_scope)) = cleanup.and_then(|number| self.cleanups.get_mut(number)) {
            *cleanup_scope = scope.clone();
        }
    }

    /// Evaluates `vars` in order. A value that cannot be rendered ends the case at its first step.
    fn set_variables(
        &mut self,
        vars: &[(String, Template)],
        scope: &mut Scope,
        steps: &'p [StepEntry],
    ) -> Result<(), StopReason> {
        for (name, template) in vars {
            match template.render(scope) {
                Ok(value) => self.set(scope, name, value),
                Err(error) => {
                    let Some(step) = requests_in(steps).next() else {
                        return Ok(());
                    };
                    return Err(self.value_missing(step, StepRole::Step, &error));
                }
            }
        }
        Ok(())
    }

    pub(super) fn set(&mut self, scope: &mut Scope, name: &str, value: Value) {
        self.transcript
            .values
            .push((name.to_owned(), value.clone()));
        scope.variables.insert(name.to_owned(), value);
    }

    /// Sends the request of a step, again while its `until` does not hold, and captures values from the last response.
    pub(super) async fn step(
        &mut self,
        step: &'p Step,
        scope: &mut Scope,
        occasion: &Occasion,
    ) -> Result<(), StopReason> {
        let Occasion { role, round } = occasion.clone();
        let with_credentials = self.scope_with_credentials(&step.caller.value, scope);
        let scope_for_request = with_credentials.as_ref().unwrap_or(scope);
        let session = self.session;
        let composed = compose::request(step, scope_for_request, &session.suite, &session.target);
        let until = step.sending.until.as_ref();
        let rendered = |expectation: &Expectation<Template>| expectation.render(scope_for_request);
        let expectation = rendered(&step.expect);
        let condition = until.map(|until| rendered(&until.expect)).transpose();
        let expectations = expectation.and_then(|expectation| Ok((expectation, condition?)));
        let expectations = expectations.map_err(|error| compose::value_missing(&error));
        let (composed, (expectation, condition)) = match (composed, expectations) {
            (Ok(composed), Ok(expectations)) => (composed, expectations),
            (Err(error), _) | (_, Err(error)) => return Err(self.not_composed(step, role, error)),
        };
        let mut all_expected = condition.iter().chain(std::iter::once(&expectation));
        let sending = SignedSending {
            step,
            role: &role,
            scope,
            composed: &composed,
            expected: match until {
                Some(until) => &until.expect.status,
                None => &step.expect.status,
            },
            may_renew: !all_expected.any(|expected| expected.expects(StatusCode::UNAUTHORIZED)),
        };
        let mut executed = ExecutedStep {
            round,
            operation: self.operation(step, composed.request()),
            expectation: Some(expectation),
            ..ExecutedStep::of(step, role.clone())
        };
        match until.zip(condition) {
            Some((until, condition)) => {
                executed = self.poll(sending, until, condition, executed).await?;
            }
            None => match self.send_signed(sending, &mut executed).await? {
                Ok(exchange) => executed.exchange = Some(exchange),
                Err(error) => executed.error = Some(error),
            },
        }
        let mut flow = Flow::Stop;
        if let Some(exchange) = &executed.exchange {
            flow = (self.gate)(&executed);
            if flow == Flow::Continue
                && let Err(error) = self.capture(step, exchange, scope)
            {
                executed.error = Some(error);
                flow = Flow::Stop;
            } else if flow == Flow::Stop {
                // For the cleanup, as far as they match: the response itself is already reported.
                let _ = self.capture(step, exchange, scope);
            }
        }
        self.keep_unexpected(&executed, scope);
        self.transcript.steps.push(executed);
        match flow {
            Flow::Continue => Ok(()),
            Flow::Stop => Err(StopReason::Ended),
        }
    }

    /// The documented operation that a step calls or that matches a raw request, as the target's version documents it.
    pub(super) fn operation(&self, step: &Step, request: &Request) -> Option<Arc<Operation>> {
        let target = &self.session.target;
        let of_target = |contract: &Arc<Contract>| match &target.version {
            Some(version) => contract.at_version(version),
            None => Arc::clone(contract),
        };
        match &step.call {
            Call::Operation {
                contract,
                operation,
            } => Some(contract.operation_at(operation, target.version.as_ref())),
            Call::Raw { contracts, .. } => contracts.iter().find_map(|contract| {
                let contract = of_target(contract);
                let operation = address::operation_at(target, &contract, request)?;
                let version = target.version.as_ref();
                let exists = version.is_none_or(|version| operation.versions.contain(version));
                exists.then_some(operation)
            }),
        }
    }

    /// Sends a request of an auth profile, unless the run is cancelled meanwhile. `resend`: whether it may be sent a second time.
    pub(super) async fn send_as(
        &mut self,
        profile: &str,
        request: Request,
        timeout: Option<Duration>,
        resend: Resend,
        stream: Option<StreamLimit>,
    ) -> Result<Result<Exchange, RunError>, StopReason> {
        self.transcript.requests += 1;
        let sent = tokio::select! {
            biased;
            () = self.cancel.cancelled(), if !self.cleaning => return Err(StopReason::Interrupted),
            sent = self.session.client_of(profile).send(request, timeout, resend, stream) => sent,
        };
        match sent {
            Err(error) if error.is_unreachable() => Err(StopReason::Unreachable(error)),
            other => Ok(other),
        }
    }

    /// Records a template that could not be rendered; it ends the case at the step that needs it.
    pub(super) fn value_missing(
        &mut self,
        step: impl Into<StepSource<'p>>,
        role: StepRole,
        error: &RenderError,
    ) -> StopReason {
        self.not_composed(step, role, compose::value_missing(error))
    }

    /// Records why the request of a step could not be composed; it ends the case.
    pub(super) fn not_composed(
        &mut self,
        step: impl Into<StepSource<'p>>,
        role: StepRole,
        error: RunError,
    ) -> StopReason {
        self.transcript
            .steps
            .push(ExecutedStep::without_exchange(step, role, error));
        StopReason::Ended
    }
}

/// Adds a fixture's values to a scope: directly, or under the alias.
fn export(values: BTreeMap<String, Value>, alias: Option<&str>, scope: &mut Scope) {
    match alias {
        None => scope.variables.extend(values),
        Some(alias) => {
            scope
                .variables
                .insert(alias.to_owned(), values.into_iter().collect());
        }
    }
}
