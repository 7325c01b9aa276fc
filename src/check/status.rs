//! The status: what the case expects, what the contract documents, failures of the server and redirects.
//! Codes: `status-unexpected`, `status-undocumented`, `server-error`, `redirect-unexpected`.

use http::header::LOCATION;
use serde_json::Value;

use super::excerpt::{short_json, short_text};
use super::response::{
    CheckedResponse, ResponseBody, StatusOutcome, documented_successes, status_line,
};
use super::{Check, auth};
use crate::case::Expectation;
use crate::contract::{ContractPlace, StatusKey};
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

fn judge(response: &CheckedResponse<'_>) -> Vec<Finding> {
    let unexpected = || {
        response
            .context
            .expectation
            .map(|case| unexpected(response, case))
    };
    let mut findings = Vec::new();
    match response.outcome {
        StatusOutcome::AsExpected => findings.extend(undocumented(response)),
        StatusOutcome::Unexpected => {
            let is_reported = auth::is_ignored(response)
                && response.supersedes(Code::AuthIgnored, Code::StatusUnexpected);
            if !is_reported {
                findings.extend(unexpected());
            }
            findings.extend(undocumented(response));
        }
        StatusOutcome::ServerError | StatusOutcome::Redirect => {
            let first = match response.outcome {
                StatusOutcome::ServerError => server_error(response),
                _ => redirect(response),
            };
            if !response.supersedes(first.code, Code::StatusUnexpected) {
                findings.extend(unexpected());
            }
            if !response.supersedes(first.code, Code::StatusUndocumented) {
                findings.extend(undocumented(response));
            }
            findings.push(first);
        }
    }
    findings
}

fn unexpected(response: &CheckedResponse<'_>, expectation: &Expectation<Value>) -> Finding {
    let expected = expected_statuses(response);
    let message = format!(
        "expected status {expected}, got {}{}",
        response.raw().status.as_u16(),
        server_message(response)
    );
    Finding::new(Code::StatusUnexpected, Location::Status, message)
        .with_case(status_place(expectation))
        .with_expected(expected)
        .with_actual(status_line(response.raw().status))
}

fn undocumented(response: &CheckedResponse<'_>) -> Option<Finding> {
    let operation = response.operation()?;
    let status = response.raw().status;
    if operation.response(status).is_some() {
        return None;
    }
    let keys: Vec<String> = operation
        .responses
        .iter()
        .map(|response| key_text(response.status))
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
        server_message(response)
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

fn server_error(response: &CheckedResponse<'_>) -> Finding {
    let status = status_line(response.raw().status);
    let (expected, detail) = (expected_statuses(response), server_message(response));
    let message = match response.context.expectation {
        Some(_) => {
            format!("the server failed with status {status}, expected status {expected}{detail}")
        }
        None => format!("the server failed with status {status}{detail}"),
    };
    at_status(response, Code::ServerError, message)
        .with_expected(expected)
        .with_actual(status)
}

fn redirect(response: &CheckedResponse<'_>) -> Finding {
    let raw = response.raw();
    let status = status_line(raw.status);
    let to = raw
        .headers
        .get(LOCATION)
        .map(|value| short_text(&String::from_utf8_lossy(value.as_bytes())))
        .unwrap_or_default();
    let expected = expected_statuses(response);
    let message = match response.context.expectation {
        Some(_) => {
            format!("the server redirects to {to} with status {status}, expected status {expected}")
        }
        None => format!(
            "the server redirects to {to} with status {status}, which the contract does not document"
        ),
    };
    at_status(response, Code::RedirectUnexpected, message)
        .with_expected(expected)
        .with_actual(format!("{status} to {to}"))
}

fn at_status(response: &CheckedResponse<'_>, code: Code, message: String) -> Finding {
    let finding = Finding::new(code, Location::Status, message);
    match response.context.expectation {
        Some(expectation) => finding.with_case(status_place(expectation)),
        None => finding,
    }
}

/// `200`, `400 or 404`, `2XX`: what the case states, else what it expects by default; without a case, what the contract
/// documents.
fn expected_statuses(response: &CheckedResponse<'_>) -> String {
    let statuses: Vec<String> = match response.context.expectation {
        Some(case) if !case.status.is_empty() => {
            let patterns = case.status.iter();
            patterns.map(|pattern| pattern.value.to_string()).collect()
        }
        Some(_) => {
            let successes = response.operation().map(documented_successes);
            let keys = successes.unwrap_or_default();
            keys.into_iter().map(key_text).collect()
        }
        None => {
            let responses = response
                .operation()
                .map(|operation| operation.responses.iter());
            let keys = responses.into_iter().flatten();
            keys.map(|response| response.status)
                .filter(|key| !matches!(key, StatusKey::Exact(500..=599) | StatusKey::Range(5)))
                .map(key_text)
                .collect()
        }
    };
    match (statuses.is_empty(), response.context.expectation) {
        (false, _) => statuses.join(" or "),
        (true, Some(_)) => "2XX".to_owned(),
        (true, None) => "a status below 500".to_owned(),
    }
}

fn key_text(key: StatusKey) -> String {
    match key {
        StatusKey::Exact(code) => code.to_string(),
        StatusKey::Range(digit) => format!("{digit}XX"),
        StatusKey::Default => "default".to_owned(),
    }
}

/// The place of the patterns of `status:`, else of the whole expectation; `None` if they are not written in a file.
fn status_place(expectation: &Expectation<Value>) -> Option<Place> {
    match (expectation.status.first(), expectation.status.last()) {
        (Some(first), Some(last)) => {
            let (first, last) = (first.place.as_ref()?, last.place.as_ref()?);
            let span = Span::new(first.span.start, last.span.end);
            Some(first.source.place(span))
        }
        _ => expectation.place.clone(),
    }
}

/// The server's own error message, to be appended to ours: `: "No such entity."`; empty if there is none. It is looked up under
/// the names that error bodies use: `message`, then `detail` and `title` (RFC 9457), then `error_description` and `error` (RFC
/// 6749, 5.2).
fn server_message(response: &CheckedResponse<'_>) -> String {
    let ResponseBody::Json { value, .. } = &response.body else {
        return String::new();
    };
    ["message", "detail", "title", "error_description", "error"]
        .iter()
        .filter_map(|name| value.get(name))
        .find(|value| value.is_string())
        .map(|value| format!(": {}", short_json(value)))
        .unwrap_or_default()
}
