//! One case from its first fixture to its last cleanup.
//!
//! The order is: fixtures as listed, each once; the case's own variables; its steps; then, whatever happened, the cleanup of the
//! case and of the fixtures, latest first. A case ends at the first step after which the rest would only report the same cause
//! again: no answer, an unexpected status, a value that could not be taken.

mod capture;
mod cleanup;
mod identify;
mod taken;
mod verdict;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use self::taken::Taken;
use super::client::SendError;
use super::redact::Redactor;
use super::session::Session;
use super::token::Token as HeldToken;
use super::{compose, judged, record};
use crate::case::{Call, Fixture, Given, RenderError, Scope, Step, Template};
use crate::check::{self, Asked, Caller};
use crate::contract::{Contract, Operation};
use crate::event::{CaseFinished, ErrorRecord, Role};
use crate::exchange::{Exchange, Request};
use crate::finding::{Code, ErrorKind, Finding, Severity};
use crate::plan::PlannedCase;

/// How asking a case ended.
#[derive(Debug)]
pub enum Outcome {
    /// It has a verdict.
    Finished(Box<CaseFinished>),
    /// The run was cancelled; what the case had made is cleaned up.
    Interrupted,
    /// There was no connection to the target.
    Unreachable(ErrorRecord),
}

impl Session {
    /// Runs one case: makes its fixtures, takes its steps, judges every answer, cleans up, also after a failure or cancellation.
    /// Must be called within a Tokio runtime.
    pub async fn run(&self, planned: &PlannedCase, cancel: &CancellationToken) -> Outcome {
        CaseRun::new(self, planned, cancel).run().await
    }
}

struct CaseRun<'s> {
    session: &'s Session,
    planned: &'s PlannedCase,
    cancel: &'s CancellationToken,
    started: Instant,
    redactor: Redactor,
    taken: Vec<Taken<'s>>,
    requests: usize,
    /// Tokens of this case's own accounts, by login request.
    tokens: HashMap<String, HeldToken>,
    /// What is to be removed, in the order it was made, with the variables of its maker.
    cleanups: Vec<(&'s [Step], Scope)>,
    /// Cleaning up goes on after a cancellation.
    cleaning: bool,
    /// Whether it ended before all its steps were taken, or at the last one.
    ended: bool,
    /// Points of coverage that its exchanges met; some may be there twice.
    covered: Vec<u32>,
}

/// Why a case does not go on.
enum Stop {
    /// What ended it stands in the last step taken.
    Told,
    Interrupted,
    Unreachable(SendError),
}

impl<'s> CaseRun<'s> {
    fn new(session: &'s Session, planned: &'s PlannedCase, cancel: &'s CancellationToken) -> Self {
        CaseRun {
            session,
            planned,
            cancel,
            started: Instant::now(),
            redactor: session.redactor.clone(),
            taken: Vec::new(),
            requests: 0,
            tokens: HashMap::new(),
            cleanups: Vec::new(),
            cleaning: false,
            ended: false,
            covered: Vec::new(),
        }
    }

    async fn run(mut self) -> Outcome {
        let ended = self.steps().await;
        self.ended = matches!(ended, Err(Stop::Told));
        self.clean_up().await;
        match ended {
            Err(Stop::Interrupted) => Outcome::Interrupted,
            Err(Stop::Unreachable(error)) => {
                Outcome::Unreachable(record::error(&error, &self.redactor))
            }
            Ok(()) | Err(Stop::Told) => Outcome::Finished(Box::new(self.finish())),
        }
    }

    async fn steps(&mut self) -> Result<(), Stop> {
        let case = &self.planned.case;
        let mut scope = self.session.built_in.of_case(self.planned);
        let mut made = BTreeMap::new();
        for given in &case.given {
            let values = Box::pin(self.make(given, "", &mut made)).await?;
            export(values, given.alias.as_deref(), &mut scope);
        }
        self.set_variables(&case.vars, &mut scope, &case.steps)?;
        let cleanup = self.cleaned_by(&case.cleanup, &scope);
        for step in &case.steps {
            let result = self.step(step, &mut scope, Role::Step).await;
            self.will_see(cleanup, &scope);
            result?;
        }
        Ok(())
    }

    /// Makes a fixture, unless the case has it already, and returns its values. Under an alias it is another one, down to the
    /// fixtures it needs itself.
    async fn make(
        &mut self,
        given: &'s Given,
        outer: &str,
        made: &mut BTreeMap<String, BTreeMap<String, Value>>,
    ) -> Result<BTreeMap<String, Value>, Stop> {
        let fixture: &'s Fixture = &given.fixture;
        let instance = match &given.alias {
            Some(alias) => format!("{outer}{alias}."),
            None => outer.to_owned(),
        };
        let key = format!("{instance}{}", fixture.name);
        if let Some(values) = made.get(&key) {
            return Ok(values.clone());
        }
        let mut scope = self.session.built_in.of_fixture(self.planned, &key);
        let builtin: Vec<String> = scope.variables.keys().cloned().collect();
        for needed in &fixture.given {
            let values = Box::pin(self.make(needed, &instance, made)).await?;
            export(values, needed.alias.as_deref(), &mut scope);
        }
        self.set_variables(&fixture.vars, &mut scope, &fixture.steps)?;
        let cleanup = self.cleaned_by(&fixture.cleanup, &scope);
        for step in &fixture.steps {
            let result = self
                .step(step, &mut scope, Role::Fixture(fixture.name.clone()))
                .await;
            self.will_see(cleanup, &scope);
            result?;
        }
        let mut values = scope.variables;
        for name in builtin {
            values.remove(&name);
        }
        made.insert(key, values.clone());
        Ok(values)
    }

    /// From now on `steps` are taken when the case cleans up. Returns their number, where there are any.
    fn cleaned_by(&mut self, steps: &'s [Step], scope: &Scope) -> Option<usize> {
        if steps.is_empty() {
            return None;
        }
        self.cleanups.push((steps, scope.clone()));
        Some(self.cleanups.len() - 1)
    }

    /// The cleanup with this number will see these variables.
    fn will_see(&mut self, cleanup: Option<usize>, scope: &Scope) {
        if let Some((_, seen)) = cleanup.and_then(|number| self.cleanups.get_mut(number)) {
            *seen = scope.clone();
        }
    }

    /// Evaluates `vars` in order. A value that cannot be had ends the case at its first step.
    fn set_variables(
        &mut self,
        vars: &[(String, Template)],
        scope: &mut Scope,
        steps: &'s [Step],
    ) -> Result<(), Stop> {
        for (name, template) in vars {
            match template.render(scope) {
                Ok(value) => self.set(scope, name, value),
                Err(error) => {
                    let Some(step) = steps.first() else {
                        return Ok(());
                    };
                    return Err(self.value_missing(step, Role::Step, &error));
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, scope: &mut Scope, name: &str, value: Value) {
        if let Value::String(text) = &value
            && self.redactor.is_secret_property(name)
        {
            self.redactor.learn(text);
        }
        scope.variables.insert(name.to_owned(), value);
    }

    /// One request, its judgement, and what is taken from its answer.
    async fn step(&mut self, step: &'s Step, scope: &mut Scope, role: Role) -> Result<(), Stop> {
        let (caller, authorization) = self.identify(step, scope).await?;
        let with_credentials = self.scope_with_credentials(step, scope);
        let scope_for_request = with_credentials.as_ref().unwrap_or(scope);
        let composed = compose::request(
            step,
            scope_for_request,
            &self.session.suite,
            &self.session.target,
            authorization.as_deref(),
        );
        let expectation = step.expect.render(scope_for_request);
        let (request, expectation) = match (composed, expectation) {
            (Ok(request), Ok(expectation)) => (request, expectation),
            (Err(error), _) | (_, Err(error)) => return Err(self.value_missing(step, role, &error)),
        };
        if caller != Caller::Refused {
            self.redactor.learn_from_request(&request);
        }
        let operation = self.operation(step, &request);
        let exchange = match self.send(request, step.timeout).await? {
            Ok(exchange) => exchange,
            Err(error) => {
                self.taken.push(Taken {
                    step,
                    role,
                    operation,
                    exchange: None,
                    findings: Vec::new(),
                    error: Some(error),
                });
                return Err(Stop::Told);
            }
        };
        let asked = Asked {
            operation: operation.as_deref(),
            expectation: Some(&expectation),
            caller,
            depth: self.session.target.limits.depth,
        };
        self.redactor.learn_from_headers(&exchange.response.headers);
        let checked = check::check(&exchange, &asked, &self.session.target.severities);
        if let Some(body) = &checked.body {
            self.redactor.learn_from(body);
        }
        self.note_coverage(step, operation.as_ref(), &exchange, checked.body.as_ref());
        let ends = checked.findings.iter().any(ends_case);
        let failed = checked
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        let mut error = checked.obstacle.map(|obstacle| SendError {
            kind: obstacle.kind,
            message: obstacle.message,
            advice: Some(obstacle.advice),
        });
        if error.is_none() && !ends {
            let captured = self.capture(step, &exchange, checked.body.as_ref(), scope);
            // A broken promise has been told; that its value is missing too would only say it again.
            error = captured.err().filter(|_| !failed);
        }
        let stops = ends || error.is_some() || (failed && self.misses_capture(step, scope));
        // Waived or not, a finding ends a case and stands for its consequences: the later steps would only meet the same cause.
        let findings = judged::judge(
            self.session,
            self.planned,
            checked.findings,
            &checked.unlisted,
            operation.as_deref(),
        );
        self.taken.push(Taken {
            step,
            role,
            operation,
            exchange: Some(exchange),
            findings,
            error,
        });
        if stops { Err(Stop::Told) } else { Ok(()) }
    }

    /// Notes what an answered exchange covers of the contracts.
    fn note_coverage(
        &mut self,
        step: &Step,
        operation: Option<&Arc<Operation>>,
        exchange: &Exchange,
        body: Option<&Value>,
    ) {
        if let (Some(recorder), Some(operation)) = (&self.session.coverage, operation) {
            let caller = &step.caller.value;
            recorder.observe(operation, exchange, body, caller, &mut self.covered);
        }
    }

    /// Whether a value that later steps rely on was not taken.
    fn misses_capture(&self, step: &Step, scope: &Scope) -> bool {
        step.capture
            .iter()
            .any(|capture| !scope.variables.contains_key(&capture.name.value))
    }

    /// The documented operation that a step calls or a raw request happens to meet, as the target's version promises it.
    fn operation(&self, step: &Step, request: &Request) -> Option<Arc<Operation>> {
        let target = &self.session.target;
        let of_target = |contract: &Arc<Contract>| match &target.version {
            Some(version) => contract.at_version(version),
            None => Arc::clone(contract),
        };
        match &step.call {
            Call::Operation {
                contract,
                operation,
            } => {
                let contract = of_target(contract);
                let known = contract.operation(&operation.method, &operation.path);
                Some(Arc::clone(known.unwrap_or(operation)))
            }
            Call::Raw { contracts, .. } => contracts.iter().find_map(|contract| {
                let path = compose::contract_path(request, &contract.base_path, target)?;
                let contract = of_target(contract);
                let met = contract.matching(&request.method, path)?;
                let version = target.version.as_ref();
                let is_there = version.is_none_or(|version| met.versions.contain(version));
                is_there.then(|| Arc::clone(met))
            }),
        }
    }

    /// Sends unless the run is cancelled meanwhile.
    async fn send(
        &mut self,
        request: Request,
        timeout: Option<std::time::Duration>,
    ) -> Result<Result<Exchange, SendError>, Stop> {
        self.requests += 1;
        let sent = tokio::select! {
            biased;
            () = self.cancel.cancelled(), if !self.cleaning => return Err(Stop::Interrupted),
            sent = self.session.client.send(request, timeout) => sent,
        };
        match sent {
            Err(error) if error.is_unreachable() => Err(Stop::Unreachable(error)),
            other => Ok(other),
        }
    }

    /// A template that could not be rendered ends the case at the step that needed it.
    fn value_missing(&mut self, step: &'s Step, role: Role, error: &RenderError) -> Stop {
        let error = SendError {
            kind: ErrorKind::ValueMissing,
            message: error.message.clone(),
            advice: error.place.as_ref().map(|place| format!("see {place}")),
        };
        self.taken.push(Taken::unanswered(step, role, error));
        Stop::Told
    }
}

/// Whether the steps after a finding would only report the same cause again.
fn ends_case(finding: &Finding) -> bool {
    let ends = matches!(
        finding.code,
        Code::StatusUnexpected | Code::ServerError | Code::RedirectUnexpected
    );
    ends && finding.severity == Severity::Error
}

/// Puts a fixture's values into reach: as they are, or under the alias.
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
