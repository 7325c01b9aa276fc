//! The credential of a step's auth profile: configured for the target, rendered, or obtained by a login request.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json_path::JsonPath;

use super::case::{CaseExecution, StopReason};
use super::compose::{self, Composed};
use super::token::{AccessToken, Login};
use super::transcript::ExecutedStep;
use crate::case::{Profile, Scope, Step, TokenSource};
use crate::event::StepRole;
use crate::exchange::{Caller, Credential};
use crate::finding::{ErrorKind, RunError};

impl<'p> CaseExecution<'p, '_> {
    /// The kind of caller of a step, and the credential that signs its request.
    pub(super) async fn log_in_as(
        &mut self,
        step: &'p Step,
        scope: &Scope,
    ) -> Result<(Caller, Credential), StopReason> {
        let session = self.session;
        let Some(profile) = session.suite.profiles.get(&step.caller.value) else {
            return Ok((Caller::Unauthenticated, Credential::None));
        };
        let given = session.target.auth.get(&profile.name);
        let configured = given.and_then(|credentials| credentials.values.get("bearer"));
        let token = match (&profile.token, configured) {
            (TokenSource::None, _) => return Ok((Caller::Unauthenticated, Credential::None)),
            (_, Some(bearer)) => bearer.clone(),
            (TokenSource::Bearer(template), None) => {
                let with_credentials = self.scope_with_credentials(&profile.name, scope);
                match template.render_text(with_credentials.as_ref().unwrap_or(scope)) {
                    Ok(text) => text,
                    Err(error) => return Err(self.value_missing(step, StepRole::Step, &error)),
                }
            }
            (TokenSource::Login { step, token }, None) => {
                self.log_in(profile, step, token, scope).await?
            }
        };
        let caller = match profile.refused {
            true => Caller::Refused,
            false => {
                self.transcript.credentials.push(token.clone());
                Caller::Authenticated
            }
        };
        let scheme = profile.scheme.clone();
        Ok((caller, Credential::Token { scheme, token }))
    }

    async fn log_in(
        &mut self,
        profile: &'p Profile,
        step: &'p Step,
        token: &JsonPath,
        scope: &Scope,
    ) -> Result<String, StopReason> {
        let session = self.session;
        let role = StepRole::Login(profile.name.clone());
        let with_credentials = self.scope_with_credentials(&profile.name, scope);
        let scope = with_credentials.as_ref().unwrap_or(scope);
        let composed = compose::request(step, scope, &session.suite, &session.target);
        let composed = match composed {
            Ok(composed) => composed,
            Err(error) => return Err(self.not_composed(step, role, error)),
        };
        let key = format!("{} {}", profile.name, composed.key());
        // An account of the target logs in once for all cases, an account that the case created only for this case.
        if profile.credentials.is_empty() {
            if let Some(held) = self.tokens.get(&key).filter(|held| held.is_good()) {
                return Ok(held.text.clone());
            }
            return match self.obtain(step, composed, token, role).await? {
                Login::Token(held) => {
                    let text = held.text.clone();
                    self.tokens.insert(key, held);
                    Ok(text)
                }
                Login::Refused(_) => Err(StopReason::Ended),
            };
        }
        let entry = session.tokens.entry(&key).await;
        let mut entry = entry.lock().await;
        match entry.as_ref() {
            Some(Login::Token(held)) if held.is_good() => return Ok(held.text.clone()),
            Some(Login::Refused(error)) => {
                let error = error.clone();
                self.transcript
                    .steps
                    .push(ExecutedStep::without_exchange(step, role, error));
                return Err(StopReason::Ended);
            }
            _ => {}
        }
        let login = self.obtain(step, composed, token, role).await?;
        let result = match &login {
            Login::Token(held) => Ok(held.text.clone()),
            Login::Refused(_) => Err(StopReason::Ended),
        };
        // A broken connection may be temporary, so it is not remembered: the next case tries again. Every other result is.
        let is_temporary =
            matches!(&login, Login::Refused(error) if error.kind == ErrorKind::ConnectionBroken);
        if !is_temporary {
            *entry = Some(login);
        }
        result
    }

    /// Sends a login request and reads the token from its response.
    async fn obtain(
        &mut self,
        step: &'p Step,
        composed: Composed,
        token: &JsonPath,
        role: StepRole,
    ) -> Result<Login, StopReason> {
        let request = match composed.signed(&Credential::None, step) {
            Ok(request) => request,
            Err(error) => return Err(self.not_composed(step, role, error)),
        };
        let operation = self.operation(step, &request);
        let (exchange, login) = match self.send(request, step.timeout).await? {
            Err(error) => (None, Login::Refused(error)),
            Ok(exchange) => {
                let status = exchange.response.status;
                let body: Option<Value> = serde_json::from_slice(&exchange.response.body).ok();
                let found = body
                    .as_ref()
                    .and_then(|body| token.query(body).exactly_one().ok())
                    .and_then(Value::as_str)
                    .filter(|token| !token.is_empty() && status.is_success());
                let login = match found {
                    Some(text) => Login::Token(AccessToken::new(text.to_owned())),
                    None => Login::Refused(
                        RunError::new(
                            ErrorKind::LoginFailed,
                            format!(
                                "{} got {status}, and no token was found at `{token}`",
                                step.label()
                            ),
                        )
                        .with_advice(match &step.place {
                            Some(place) => format!(
                                "check the credentials of the auth profile and its login at {place}"
                            ),
                            None => "check the credentials of the auth profile".to_owned(),
                        }),
                    ),
                };
                (Some(exchange), login)
            }
        };
        self.transcript.steps.push(ExecutedStep {
            step,
            role,
            operation,
            caller: Caller::Unauthenticated,
            expectation: None,
            exchange,
            error: match &login {
                Login::Token(_) => None,
                Login::Refused(error) => Some(error.clone()),
            },
        });
        Ok(login)
    }

    /// The variables with `credentials` added, if the target has any for the auth profile.
    pub(super) fn scope_with_credentials(&self, profile: &str, scope: &Scope) -> Option<Scope> {
        let credentials = self.session.target.auth.get(profile)?;
        let mut scope = scope.clone();
        let value = credentials_value(&credentials.values);
        scope.variables.insert("credentials".to_owned(), value);
        Some(scope)
    }
}

fn credentials_value(values: &BTreeMap<String, String>) -> Value {
    values
        .iter()
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect()
}
