//! The status: what the case expects, what the contract documents, failures of the server and redirects.
//! Codes: `status-unexpected`, `status-undocumented`, `server-error`, `redirect-unexpected`.

use http::header::LOCATION;
use serde_json::Value;

use super::answer::{
    CheckedResponse, ResponseBody, StatusOutcome, documented_successes, status_line,
};
use super::excerpt::{short_json, short_text};
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

fn judge(answer: &CheckedResponse<'_>) -> Vec<Finding> {
    let unexpected = || {
        answer
            .asked
            .expectation
            .map(|case| unexpected(answer, case))
    };
    let mut findings = Vec::new();
    match answer.outcome {
        StatusOutcome::AsExpected => findings.extend(undocumented(answer)),
        StatusOutcome::Unexpected => {
            let said = auth::is_ignored(answer)
                && answer.stands_for(Code::AuthIgnored, Code::StatusUnexpected);
            if !said {
                findings.extend(unexpected());
            }
            findings.extend(undocumented(answer));
        }
        StatusOutcome::ServerError | StatusOutcome::Redirect => {
            let first = match answer.outcome {
                StatusOutcome::ServerError => server_error(answer),
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

fn unexpected(answer: &CheckedResponse<'_>, expectation: &Expectation<Value>) -> Finding {
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

fn undocumented(answer: &CheckedResponse<'_>) -> Option<Finding> {
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

fn server_error(answer: &CheckedResponse<'_>) -> Finding {
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

fn redirect(answer: &CheckedResponse<'_>) -> Finding {
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

fn at_status(answer: &CheckedResponse<'_>, code: Code, message: String) -> Finding {
    let finding = Finding::new(code, Location::Status, message);
    match answer.asked.expectation {
        Some(expectation) => finding.with_case(status_place(expectation)),
        None => finding,
    }
}

/// `200`, `400 or 404`, `2XX`: what the case writes, else what it expects by default; without a case what the contract documents.
fn expected_words(answer: &CheckedResponse<'_>) -> String {
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

/// The patterns of `status:`, else the whole expectation; `None` where they are not written.
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

/// What the server itself says about it, to follow a message: `: "No such entity."`; empty where it says nothing. Looked for
/// under the names that error bodies use: `message`, then `detail` and `title` (RFC 9457), then `error_description` and `error`
/// (RFC 6749, 5.2).
fn told(answer: &CheckedResponse<'_>) -> String {
    let ResponseBody::Json { value, .. } = &answer.body else {
        return String::new();
    };
    ["message", "detail", "title", "error_description", "error"]
        .iter()
        .filter_map(|name| value.get(name))
        .find(|value| value.is_string())
        .map(|value| format!(": {}", short_json(value)))
        .unwrap_or_default()
}
