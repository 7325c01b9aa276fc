//! Who asks: the token of a step's auth profile, given, rendered or obtained by a login call.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json_path::JsonPath;

use super::{CaseRun, Stop, Taken};
use crate::case::{Profile, Scope, Step, Token};
use crate::check::Caller;
use crate::event::Role;
use crate::exchange::Request;
use crate::finding::ErrorKind;
use crate::run::client::SendError;
use crate::run::token::{Login, Token as HeldToken};
use crate::run::{compose, record};

impl<'s> CaseRun<'s> {
    /// Who asks, and the `Authorization` he sends.
    pub(super) async fn identify(
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
        token: &JsonPath,
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
        self.redactor.learn_from_request(&request);
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
                self.taken.push(Taken::unanswered(step, role, error));
                return Err(Stop::Told);
            }
            _ => {}
        }
        let login = self.obtain(step, request, token, role).await?;
        let result = match &login {
            Login::Token(held) => Ok(held.text.clone()),
            Login::Refused(_) => Err(Stop::Told),
        };
        // Only an answer is remembered, and a silence that would cost its time again: a connection that broke off may have been
        // an accident.
        let accident =
            matches!(&login, Login::Refused(error) if error.kind == ErrorKind::ConnectionBroken);
        if !accident {
            *entry = Some(login);
        }
        result
    }

    /// Sends a login request and takes the token from its answer.
    async fn obtain(
        &mut self,
        step: &'s Step,
        request: Request,
        token: &JsonPath,
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
                    .and_then(Value::as_str)
                    .filter(|token| !token.is_empty());
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
                            advice: Some(match &step.place {
                                Some(place) => format!(
                                    "check the credentials of the auth profile and its login at {place}"
                                ),
                                None => "check the credentials of the auth profile and its login"
                                    .to_owned(),
                            }),
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
    pub(super) fn scope_with_credentials(&self, step: &Step, scope: &Scope) -> Option<Scope> {
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
}

fn credentials_value(values: &BTreeMap<String, String>) -> Value {
    values
        .iter()
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect()
}
