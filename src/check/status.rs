//! The status: what the case expects, what the contract documents, failures of the server and redirects.
//! Codes: `status-unexpected`, `status-undocumented`, `server-error`, `redirect-unexpected`.

use http::StatusCode;
use http::header::LOCATION;
use serde_json::Value;

use super::answer::Answer;
use super::body::Body;
use super::excerpt::{short_json, short_text};
use super::{Check, auth};
use crate::case::Expectation;
use crate::contract::{ContractPlace, Operation, StatusKey};
use crate::exchange::Response;
use crate::finding::{Code, Finding, Location};
use crate::source::{Place, Span};

pub(super) const CHECK: Check = Check {
    codes: &[
        Code::StatusUnexpected,
        Code::StatusUndocumented,
        Code::ServerError,
        Code::RedirectUnexpected,
    ],
    judge,
};

/// How a status stands to what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The case names it, or nobody expects anything.
    AsExpected,
    Unexpected,
    /// 5xx, and the case does not name it.
    ServerError,
    /// 3xx with `Location`, and neither case nor contract names it.
    Redirect,
}

impl Outcome {
    /// `operation` is the one whose promises are in force.
    pub(super) fn of(
        response: &Response,
        expectation: Option<&Expectation<Value>>,
        operation: Option<&Operation>,
    ) -> Self {
        let status = response.status;
        if expectation.is_some_and(|expectation| names(expectation, status)) {
            return Outcome::AsExpected;
        }
        if status.is_server_error() {
            return Outcome::ServerError;
        }
        let documented = operation.is_some_and(|operation| documents(operation, status));
        if status.is_redirection() && response.headers.contains_key(LOCATION) && !documented {
            return Outcome::Redirect;
        }
        match expectation {
            Some(expectation) if !satisfies(expectation, operation, status) => Outcome::Unexpected,
            _ => Outcome::AsExpected,
        }
    }
}

/// Whether the case itself writes this status.
fn names(expectation: &Expectation<Value>, status: StatusCode) -> bool {
    expectation
        .status
        .iter()
        .any(|pattern| pattern.matches(status))
}

/// Whether the contract writes this status or its range; `default` names no status.
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

/// Whether the status is what a case expects that writes none: 2xx, and where the operation documents 2xx statuses, one of these.
/// One that no promise covers is left to `status-undocumented`, which says the same.
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

fn documented_successes(operation: &Operation) -> Vec<StatusKey> {
    let keys = operation.responses.iter().map(|response| response.status);
    keys.filter(|key| matches!(key, StatusKey::Exact(200..=299) | StatusKey::Range(2)))
        .collect()
}

fn judge(answer: &Answer<'_>) -> Vec<Finding> {
    let unexpected = || {
        answer
            .asked
            .expectation
            .map(|case| unexpected(answer, case))
    };
    let mut findings = Vec::new();
    match answer.outcome {
        Outcome::AsExpected => findings.extend(undocumented(answer)),
        Outcome::Unexpected => {
            let said = auth::is_ignored(answer)
                && answer.stands_for(Code::AuthIgnored, Code::StatusUnexpected);
            if !said {
                findings.extend(unexpected());
            }
            findings.extend(undocumented(answer));
        }
        Outcome::ServerError | Outcome::Redirect => {
            let first = match answer.outcome {
                Outcome::ServerError => server_error(answer),
                _ => redirect(answer),
            };
            if !answer.stands_for(first.code, Code::StatusUnexpected) {
                findings.extend(unexpected());
            }
            if !answer.stands_for(first.code, Code::StatusUndocumented) {
                findings.extend(undocumented(answer));
            }
            findings.push(first);
        }
    }
    findings
}

fn unexpected(answer: &Answer<'_>, expectation: &Expectation<Value>) -> Finding {
    let expected = expected_words(answer);
    let message = format!(
        "expected status {expected}, got {}{}",
        answer.response().status.as_u16(),
        told(answer)
    );
    Finding::new(Code::StatusUnexpected, Location::Status, message)
        .with_case(status_place(expectation))
        .with_expected(expected)
        .with_actual(status_line(answer.response().status))
}

fn undocumented(answer: &Answer<'_>) -> Option<Finding> {
    let operation = answer.operation()?;
    let status = answer.response().status;
    if operation.response(status).is_some() {
        return None;
    }
    let keys: Vec<String> = operation
        .responses
        .iter()
        .map(|response| key_words(response.status))
        .collect();
    let documented = if keys.is_empty() {
        "no status".to_owned()
    } else {
        keys.join(", ")
    };
    let message = format!(
        "status {} is not documented for {}, which documents {documented}{}",
        status.as_u16(),
        operation.name(),
        told(answer)
    );
    let place = ContractPlace {
        place: operation.place.clone(),
        pointer: format!("{}/responses", operation.pointer),
    };
    let finding = Finding::new(Code::StatusUndocumented, Location::Status, message)
        .with_contract(Some(place))
        .with_expected(documented)
        .with_actual(status_line(status));
    Some(finding)
}

fn server_error(answer: &Answer<'_>) -> Finding {
    let status = status_line(answer.response().status);
    let (expected, told) = (expected_words(answer), told(answer));
    let message = match answer.asked.expectation {
        Some(_) => {
            format!("the server failed with status {status}, expected status {expected}{told}")
        }
        None => format!("the server failed with status {status}{told}"),
    };
    at_status(answer, Code::ServerError, message)
        .with_expected(expected)
        .with_actual(status)
}

fn redirect(answer: &Answer<'_>) -> Finding {
    let response = answer.response();
    let status = status_line(response.status);
    let to = response
        .headers
        .get(LOCATION)
        .map(|value| short_text(&String::from_utf8_lossy(value.as_bytes())))
        .unwrap_or_default();
    let expected = expected_words(answer);
    let message = match answer.asked.expectation {
        Some(_) => {
            format!("the server redirects to {to} with status {status}, expected status {expected}")
        }
        None => format!(
            "the server redirects to {to} with status {status}, which the contract does not name"
        ),
    };
    at_status(answer, Code::RedirectUnexpected, message)
        .with_expected(expected)
        .with_actual(format!("{status} to {to}"))
}

fn at_status(answer: &Answer<'_>, code: Code, message: String) -> Finding {
    let finding = Finding::new(code, Location::Status, message);
    match answer.asked.expectation {
        Some(expectation) => finding.with_case(status_place(expectation)),
        None => finding,
    }
}

/// `200`, `400 or 404`, `2XX`: what the case writes, else what it expects by default; without a case what the contract documents.
fn expected_words(answer: &Answer<'_>) -> String {
    let written: Vec<String> = match answer.asked.expectation {
        Some(case) if !case.status.is_empty() => {
            let patterns = case.status.iter();
            patterns.map(|pattern| pattern.value.to_string()).collect()
        }
        Some(_) => {
            let successes = answer.operation().map(documented_successes);
            let keys = successes.unwrap_or_default();
            keys.into_iter().map(key_words).collect()
        }
        None => {
            let responses = answer
                .operation()
                .map(|operation| operation.responses.iter());
            let keys = responses.into_iter().flatten();
            keys.map(|response| response.status)
                .filter(|key| !matches!(key, StatusKey::Exact(500..=599) | StatusKey::Range(5)))
                .map(key_words)
                .collect()
        }
    };
    match (written.is_empty(), answer.asked.expectation) {
        (false, _) => written.join(" or "),
        (true, Some(_)) => "2XX".to_owned(),
        (true, None) => "a status below 500".to_owned(),
    }
}

fn key_words(key: StatusKey) -> String {
    match key {
        StatusKey::Exact(code) => code.to_string(),
        StatusKey::Range(digit) => format!("{digit}XX"),
        StatusKey::Default => "default".to_owned(),
    }
}

/// `404 Not Found`; only the number where it has no registered reason.
pub(super) fn status_line(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// The patterns of `status:`, else the whole expectation.
fn status_place(expectation: &Expectation<Value>) -> Place {
    match (expectation.status.first(), expectation.status.last()) {
        (Some(first), Some(last)) => {
            let span = Span::new(first.place.span.start, last.place.span.end);
            first.place.source.place(span)
        }
        _ => expectation.place.clone(),
    }
}

/// What the server itself says about it, to follow a message: `: "No such entity."`; empty where it says nothing. Looked for
/// under the names that error bodies use: `message`, then `detail` and `title` (RFC 9457), then `error_description` and `error`
/// (RFC 6749, 5.2).
fn told(answer: &Answer<'_>) -> String {
    let Body::Json { value, .. } = &answer.body else {
        return String::new();
    };
    ["message", "detail", "title", "error_description", "error"]
        .iter()
        .filter_map(|name| value.get(name))
        .find(|value| value.is_string())
        .map(|value| format!(": {}", short_json(value)))
        .unwrap_or_default()
}
