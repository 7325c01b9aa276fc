//! What the response of a login shows: a token, or why there is none.

use serde_json::Value;

use super::store::Login;
use crate::case::{Capture, Step};
use crate::exchange::Exchange;
use crate::execute::captured::captured;
use crate::finding::{ErrorKind, RunError};

/// A broken connection may be temporary, so it is not remembered: the next case tries again. Every other result is.
pub(super) fn is_temporary(login: &Login) -> bool {
    matches!(login, Login::Refused(error) if error.kind == ErrorKind::ConnectionBroken)
}

/// The token at its place in the response of a login: a text that is not empty.
pub(super) fn token_text(
    token: &Capture,
    exchange: &Exchange,
    body: Option<&Value>,
    step: &Step,
) -> Result<String, RunError> {
    let status = exchange.response.status;
    let label = step.label();
    if !status.is_success() && !status.is_redirection() {
        return Err(login_failed(step, format!("{label} got {status}")));
    }
    let reason = match captured(token, exchange, body) {
        Ok(Value::String(text)) if !text.is_empty() => return Ok(text),
        Ok(_) => "what is there is not a text".to_owned(),
        Err(reason) => reason,
    };
    let message = format!("{label} got {status}, and no token was found: {reason}");
    Err(login_failed(step, message))
}

/// The error of a login without credentials in its response.
pub(super) fn login_failed(step: &Step, message: String) -> RunError {
    RunError::new(ErrorKind::LoginFailed, message).with_advice(match &step.place {
        Some(place) => {
            format!("check the credentials of the auth profile and its login at {place}")
        }
        None => "check the credentials of the auth profile".to_owned(),
    })
}
