//! How a status relates to what the case expects and the contract documents. Main type: [`StatusOutcome`].

use http::StatusCode;
use http::header::LOCATION;
use serde_json::Value;

use crate::case::Expectation;
use crate::contract::{Operation, StatusKey};
use crate::exchange::Response;

/// How a status relates to what is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check) enum StatusOutcome {
    /// The case names it, or there is no expectation.
    AsExpected,
    Unexpected,
    /// 5xx, and the case does not name it.
    ServerError,
    /// 3xx with `Location`, and neither case nor contract names it.
    Redirect,
}

impl StatusOutcome {
    /// `operation`: the operation whose documentation applies.
    pub(in crate::check) fn of(
        response: &Response,
        expectation: Option<&Expectation<Value>>,
        operation: Option<&Operation>,
    ) -> Self {
        let status = response.status;
        if expectation.is_some_and(|expectation| names(expectation, status)) {
            return StatusOutcome::AsExpected;
        }
        if status.is_server_error() {
            return StatusOutcome::ServerError;
        }
        let documented = operation.is_some_and(|operation| documents(operation, status));
        if status.is_redirection() && response.headers.contains_key(LOCATION) && !documented {
            return StatusOutcome::Redirect;
        }
        match expectation {
            Some(expectation) if !satisfies(expectation, operation, status) => {
                StatusOutcome::Unexpected
            }
            _ => StatusOutcome::AsExpected,
        }
    }
}

/// Whether the case names this status.
fn names(expectation: &Expectation<Value>, status: StatusCode) -> bool {
    expectation
        .status
        .iter()
        .any(|pattern| pattern.matches(status))
}

/// Whether the contract documents this status or its range; `default` does not name a status.
fn documents(operation: &Operation, status: StatusCode) -> bool {
    operation
        .responses
        .iter()
        .any(|response| match response.status {
            StatusKey::Exact(code) => code == status.as_u16(),
            StatusKey::Range(digit) => u16::from(digit) == status.as_u16() / 100,
            StatusKey::Default => false,
        })
}

/// Whether the status satisfies the case. A case without `status` expects a 2xx, and one of the documented 2xx statuses if there
/// are any. An undocumented status is left to `status-undocumented`.
fn satisfies(
    expectation: &Expectation<Value>,
    operation: Option<&Operation>,
    status: StatusCode,
) -> bool {
    if !expectation.status.is_empty() {
        return names(expectation, status);
    }
    let Some(operation) = operation else {
        return status.is_success();
    };
    status.is_success()
        && (documented_successes(operation).is_empty()
            || documents(operation, status)
            || operation.response(status).is_none())
}

pub(in crate::check) fn documented_successes(operation: &Operation) -> Vec<StatusKey> {
    let keys = operation.responses.iter().map(|response| response.status);
    keys.filter(|key| matches!(key, StatusKey::Exact(200..=299) | StatusKey::Range(2)))
        .collect()
}

/// `404 Not Found`; only the number where it has no registered reason.
pub(in crate::check) fn status_line(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}
