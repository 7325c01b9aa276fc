//! One case from its first fixture to its last cleanup.
//!
//! The order is: fixtures as listed, each once; the case's own variables; its steps; then, whatever happened, the cleanup of the
//! case and of the fixtures, latest first. A case ends at the first step after which the rest would only report the same cause
//! again: no answer, an unexpected status, a value that could not be taken.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use http::StatusCode;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::client::SendError;
use super::redact::Redactor;
use super::session::{Outcome, Session};
use super::token::{Login, Token as HeldToken};
use super::{compose, record, variables};
use crate::case::{Call, CaptureSource, Fixture, Given, Profile, RenderError, Scope, Step, Token};
use crate::check::{self, Asked, Caller};
use crate::contract::{Contract, Operation};
use crate::event::{CaseFinished, Role, StepRecord, Verdict};
use crate::exchange::{Exchange, Request};
use crate::finding::{Code, ErrorKind, Finding, Severity};
use crate::plan::PlannedCase;

pub(super) struct CaseRun<'s> {
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
}

/// A step that was taken.
struct Taken<'s> {
    step: &'s Step,
    role: Role,
    operation: Option<Arc<Operation>>,
    exchange: Option<Exchange>,
    findings: Vec<Finding>,
    error: Option<SendError>,
}

/// Why a case does not go on.
enum Stop {
    /// What ended it stands in the last step taken.
    Told,
    Interrupted,
    Unreachable(SendError),
}

impl<'s> CaseRun<'s> {
    pub(super) fn new(
        session: &'s Session,
        planned: &'s PlannedCase,
        cancel: &'s CancellationToken,
    ) -> Self {
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
        }
    }

    pub(super) async fn run(mut self) -> Outcome {
        let ended = self.steps().await;
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
        let mut scope = variables::of_case(self.session, self.planned);
        let mut made = BTreeMap::new();
        for given in &case.given {
            let values = Box::pin(self.make(given, "", &mut made)).await?;
            export(values, given.alias.as_deref(), &mut scope);
        }
        self.set_variables(&case.vars, &mut scope, &case.steps)?;
        let cleanup = self.cleanups.len();
        self.cleanups.push((&case.cleanup, scope.clone()));
        for step in &case.steps {
            let result = self.step(step, &mut scope, Role::Step).await;
            self.cleanups[cleanup].1 = scope.clone();
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
        let mut scope = variables::of_fixture(self.session, self.planned, &key);
        let builtin: Vec<String> = scope.variables.keys().cloned().collect();
        for needed in &fixture.given {
            let values = Box::pin(self.make(needed, &instance, made)).await?;
            export(values, needed.alias.as_deref(), &mut scope);
        }
        self.set_variables(&fixture.vars, &mut scope, &fixture.steps)?;
        let cleanup = self.cleanups.len();
        self.cleanups.push((&fixture.cleanup, scope.clone()));
        for step in &fixture.steps {
            let result = self
                .step(step, &mut scope, Role::Fixture(fixture.name.clone()))
                .await;
            self.cleanups[cleanup].1 = scope.clone();
            result?;
        }
        let mut values = scope.variables;
        for name in builtin {
            values.remove(&name);
        }
        made.insert(key, values.clone());
        Ok(values)
    }

    /// Evaluates `vars` in order. A value that cannot be had ends the case at its first step.
    fn set_variables(
        &mut self,
        vars: &[(String, crate::case::Template)],
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
        if let Ok(body) = serde_json::from_slice(&request.body) {
            self.redactor.learn_from(&body);
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
        let checked = check::check(&exchange, &asked, &self.session.target.severities);
        if let Some(body) = &checked.body {
            self.redactor.learn_from(body);
        }
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
        self.taken.push(Taken {
            step,
            role,
            operation,
            exchange: Some(exchange),
            findings: checked.findings,
            error,
        });
        if stops { Err(Stop::Told) } else { Ok(()) }
    }

    /// Whether a value that later steps rely on was not taken.
    fn misses_capture(&self, step: &Step, scope: &Scope) -> bool {
        step.capture
            .iter()
            .any(|capture| !scope.variables.contains_key(&capture.name.value))
    }

    fn capture(
        &mut self,
        step: &Step,
        exchange: &Exchange,
        body: Option<&Value>,
        scope: &mut Scope,
    ) -> Result<(), SendError> {
        for capture in &step.capture {
            let value = match &capture.from {
                CaptureSource::Header(name) => exchange
                    .response
                    .headers
                    .get(name.as_str())
                    .map(|value| {
                        Value::String(String::from_utf8_lossy(value.as_bytes()).into_owned())
                    })
                    .ok_or_else(|| format!("the answer has no header `{name}`")),
                CaptureSource::Body(path) => match body {
                    None => Err("the answer has no JSON body".to_owned()),
                    Some(body) => path.query(body).exactly_one().cloned().map_err(|error| {
                        let found = if error.is_empty() {
                            "nothing"
                        } else {
                            "more than one value"
                        };
                        format!("`{path}` finds {found} in the answer")
                    }),
                },
            };
            match value {
                Ok(value) => self.set(scope, &capture.name.value, value),
                Err(why) => {
                    return Err(SendError {
                        kind: ErrorKind::CaptureFailed,
                        message: format!("`{}` cannot be taken: {why}", capture.name.value),
                        advice: Some(format!("see {}", capture.name.place)),
                    });
                }
            }
        }
        Ok(())
    }

    /// Who asks, and the `Authorization` he sends.
    async fn identify(
        &mut self,
        step: &'s Step,
        scope: &Scope,
    ) -> Result<(Caller, Option<String>), Stop> {
        let session = self.session;
        let Some(profile) = session.suite.profiles.get(&step.caller.value) else {
            return Ok((Caller::Guest, None));
        };
        let caller = if profile.refused {
            Caller::Refused
        } else {
            Caller::Identified
        };
        let given = session.target.auth.get(&profile.name);
        let configured = given.and_then(|credentials| credentials.values.get("bearer"));
        let text = match (&profile.token, configured) {
            (Token::None, _) => return Ok((Caller::Guest, None)),
            (_, Some(bearer)) => bearer.clone(),
            (Token::Bearer(template), None) => {
                let scope = self.scope_with(profile, scope);
                match template.render_text(&scope) {
                    Ok(text) => text,
                    Err(error) => return Err(self.value_missing(step, Role::Step, &error)),
                }
            }
            (Token::Login { step, token }, None) => {
                self.log_in(profile, step, token, scope).await?
            }
        };
        if !profile.refused {
            self.redactor.learn(&text);
        }
        Ok((caller, Some(format!("{} {text}", profile.scheme))))
    }

    async fn log_in(
        &mut self,
        profile: &'s Profile,
        step: &'s Step,
        token: &serde_json_path::JsonPath,
        scope: &Scope,
    ) -> Result<String, Stop> {
        let session = self.session;
        let role = Role::Login(profile.name.clone());
        let scope = self.scope_with(profile, scope);
        let request = match compose::request(step, &scope, &session.suite, &session.target, None) {
            Ok(request) => request,
            Err(error) => return Err(self.value_missing(step, role, &error)),
        };
        let key = format!(
            "{} {} {}",
            profile.name,
            request.url,
            String::from_utf8_lossy(&request.body)
        );
        if let Ok(body) = serde_json::from_slice(&request.body) {
            self.redactor.learn_from(&body);
        }
        // An account of the target is signed in once for all cases, one the case made for itself only here.
        if profile.credentials.is_empty() {
            if let Some(held) = self.tokens.get(&key).filter(|held| held.is_good()) {
                return Ok(held.text.clone());
            }
            return match self.obtain(step, request, token, role).await? {
                Login::Token(held) => {
                    let text = held.text.clone();
                    self.tokens.insert(key, held);
                    Ok(text)
                }
                Login::Refused(_) => Err(Stop::Told),
            };
        }
        let entry = session.tokens.entry(&key).await;
        let mut entry = entry.lock().await;
        match entry.as_ref() {
            Some(Login::Token(held)) if held.is_good() => return Ok(held.text.clone()),
            Some(Login::Refused(error)) => {
                let error = error.clone();
                self.taken.push(Taken {
                    step,
                    role,
                    operation: None,
                    exchange: None,
                    findings: Vec::new(),
                    error: Some(error),
                });
                return Err(Stop::Told);
            }
            _ => {}
        }
        let login = self.obtain(step, request, token, role).await?;
        let result = match &login {
            Login::Token(held) => Ok(held.text.clone()),
            Login::Refused(_) => Err(Stop::Told),
        };
        *entry = Some(login);
        result
    }

    /// Sends a login request and takes the token from its answer.
    async fn obtain(
        &mut self,
        step: &'s Step,
        request: Request,
        token: &serde_json_path::JsonPath,
        role: Role,
    ) -> Result<Login, Stop> {
        let operation = self.operation(step, &request);
        let (exchange, error) = match self.send(request, step.timeout).await? {
            Err(error) => (None, error),
            Ok(exchange) => {
                let body: Option<Value> = serde_json::from_slice(&exchange.response.body).ok();
                let found = body
                    .as_ref()
                    .and_then(|body| token.query(body).exactly_one().ok())
                    .and_then(Value::as_str);
                match found.filter(|_| exchange.response.status.is_success()) {
                    Some(text) => return Ok(Login::Token(HeldToken::new(text.to_owned()))),
                    None => {
                        let status = exchange.response.status;
                        let error = SendError {
                            kind: ErrorKind::LoginFailed,
                            message: format!(
                                "{} answered {status}, and no token was found at `{token}`",
                                record::label(step, None)
                            ),
                            advice: Some(format!(
                                "check the credentials of the auth profile and its login at {}",
                                step.place
                            )),
                        };
                        (Some(exchange), error)
                    }
                }
            }
        };
        self.taken.push(Taken {
            step,
            role,
            operation,
            exchange,
            findings: Vec::new(),
            error: Some(error.clone()),
        });
        Ok(Login::Refused(error))
    }

    /// The variables of the case and, where the target gives any to the step's caller, `credentials`.
    fn scope_with_credentials(&self, step: &Step, scope: &Scope) -> Option<Scope> {
        let credentials = self.session.target.auth.get(&step.caller.value)?;
        let mut scope = scope.clone();
        scope.variables.insert(
            "credentials".to_owned(),
            credentials_value(&credentials.values),
        );
        Some(scope)
    }

    fn scope_with(&self, profile: &Profile, scope: &Scope) -> Scope {
        let mut scope = scope.clone();
        if let Some(credentials) = self.session.target.auth.get(&profile.name) {
            scope.variables.insert(
                "credentials".to_owned(),
                credentials_value(&credentials.values),
            );
        }
        scope
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

    /// Removes what was made, latest first. Its answers are not judged; what could not be removed is told as an error of its own
    /// that does not change the verdict.
    async fn clean_up(&mut self) {
        self.cleaning = true;
        while let Some((steps, scope)) = self.cleanups.pop() {
            for step in steps {
                let told = self.taken.len();
                let outcome = self.clean(step, &scope).await;
                // What identifying the caller told belongs to this failure, not to the verdict.
                self.taken.truncate(told);
                if let Err(error) = outcome {
                    self.taken.push(Taken {
                        step,
                        role: Role::Cleanup,
                        operation: None,
                        exchange: None,
                        findings: Vec::new(),
                        error: Some(error),
                    });
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

    fn finish(self) -> CaseFinished {
        let judged = || {
            self.taken
                .iter()
                .filter(|taken| taken.role != Role::Cleanup)
        };
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        let error = judged().find_map(|taken| taken.error.as_ref());
        let verdict = if judged().any(|taken| taken.findings.iter().any(is_error)) {
            Verdict::Failed
        } else if error.is_some() {
            Verdict::Error
        } else {
            Verdict::Passed
        };
        let reason = error
            .filter(|_| verdict == Verdict::Error)
            .map(|error| self.redactor.text(&error.message));
        let mut operations: Vec<String> = Vec::new();
        for taken in self.taken.iter().filter(|taken| taken.role == Role::Step) {
            if let Some(name) = taken.operation.as_ref().map(|operation| operation.name())
                && !operations.contains(&name)
            {
                operations.push(name);
            }
        }
        let told = |taken: &&Taken<'_>| {
            verdict != Verdict::Passed || !taken.findings.is_empty() || taken.error.is_some()
        };
        CaseFinished {
            case: self.planned.id.clone(),
            verdict,
            reason,
            place: record::place(&self.planned.case.name.place),
            tags: self.planned.case.tags.clone(),
            operations,
            milliseconds: self.started.elapsed().as_secs_f64() * 1000.0,
            requests: self.requests,
            steps: self
                .taken
                .iter()
                .filter(told)
                .map(|taken| taken.record(&self.redactor))
                .collect(),
        }
    }

    fn value_missing(&mut self, step: &'s Step, role: Role, error: &RenderError) -> Stop {
        let error = SendError {
            kind: ErrorKind::ValueMissing,
            message: error.message.clone(),
            advice: Some(format!("see {}", error.place)),
        };
        self.taken.push(Taken {
            step,
            role,
            operation: None,
            exchange: None,
            findings: Vec::new(),
            error: Some(error),
        });
        Stop::Told
    }
}

impl Taken<'_> {
    fn record(&self, redactor: &Redactor) -> StepRecord {
        let exchange = self.exchange.as_ref();
        StepRecord {
            label: record::label(self.step, exchange),
            role: self.role.clone(),
            operation: self.operation.as_ref().map(|operation| operation.name()),
            caller: self.step.caller.value.clone(),
            place: record::place(&self.step.place),
            request: exchange.map(|exchange| record::request(&exchange.request, redactor)),
            response: exchange.map(|exchange| record::response(&exchange.response, redactor)),
            milliseconds: exchange.map_or(0.0, |exchange| exchange.elapsed.as_secs_f64() * 1000.0),
            findings: self
                .findings
                .iter()
                .map(|finding| record::finding(finding, redactor))
                .collect(),
            error: self
                .error
                .as_ref()
                .map(|error| record::error(error, redactor)),
        }
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

fn credentials_value(values: &BTreeMap<String, String>) -> Value {
    values
        .iter()
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect()
}
