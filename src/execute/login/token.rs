//! Tokens that a login returns: obtained by its request, and kept as long as they are good.

use serde_json::Value;

use super::store::{AccessToken, Login};
use crate::case::{Capture, Profile, Scope, Step};
use crate::check;
use crate::event::StepRole;
use crate::exchange::Credential;
use crate::execute::capture::captured;
use crate::execute::case::{CaseExecution, StopReason};
use crate::execute::compose::{self, Composed};
use crate::execute::transcript::ExecutedStep;
use crate::finding::{ErrorKind, RunError};

impl<'p> CaseExecution<'p, '_> {
    /// A token from the response of a login: a known one that is still good, else that of a new login.
    pub(super) async fn log_in(
        &mut self,
        profile: &'p Profile,
        step: &'p Step,
        token: &Capture,
        scope: &Scope,
    ) -> Result<String, StopReason> {
        let session = self.session;
        let role = StepRole::Login(profile.name.clone());
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
        token: &Capture,
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
                let body = check::json_body(&exchange, self.session.target.limits.depth);
                let found = captured(token, &exchange, body.as_ref());
                let login = match found.map(|value| token_text(&value)) {
                    Ok(Some(text)) if status.is_success() => Login::Token(AccessToken::new(text)),
                    found => {
                        let reason = match found {
                            _ if !status.is_success() => String::new(),
                            Err(reason) => format!(": {reason}"),
                            Ok(_) => ": what is there is not a text".to_owned(),
                        };
                        Login::Refused(login_failed(
                            step,
                            format!(
                                "{} got {status}, and no token was found{reason}",
                                step.label()
                            ),
                        ))
                    }
                };
                (Some(exchange), login)
            }
        };
        self.transcript.steps.push(ExecutedStep {
            operation,
            exchange,
            error: match &login {
                Login::Token(_) => None,
                Login::Refused(error) => Some(error.clone()),
            },
            ..ExecutedStep::of(step, role)
        });
        Ok(login)
    }
}

/// A text that is not empty.
fn token_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// The error of a login without credentials in its response.
fn login_failed(step: &Step, message: String) -> RunError {
    RunError::new(ErrorKind::LoginFailed, message).with_advice(match &step.place {
        Some(place) => {
            format!("check the credentials of the auth profile and its login at {place}")
        }
        None => "check the credentials of the auth profile".to_owned(),
    })
}
