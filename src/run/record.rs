//! Exchanges and findings as the plain, redacted records that events carry.

use crate::case::Step;
use crate::event::{
    BodyRecord, ContractRecord, DiffRecord, ErrorRecord, FindingRecord, PlaceRecord, RequestRecord,
    ResponseRecord,
};
use crate::exchange::{Exchange, Request, Response};
use crate::finding::{Finding, Location};
use crate::source::Place;

use super::client::SendError;
use super::curl;
use super::redact::{MASK, Redactor};

/// How many bytes of a body an event keeps.
const LONGEST_BODY: usize = 64 * 1024;
/// How many characters of a source line an event keeps.
const LONGEST_LINE: usize = 200;

pub(super) fn request(request: &Request, redactor: &Redactor) -> RequestRecord {
    RequestRecord {
        method: request.method.to_string(),
        url: redactor.text(request.url.as_str()),
        headers: headers(&request.headers, redactor),
        body: body(&request.body, redactor),
        curl: curl_line(request, redactor),
    }
}

/// The curl line of the request with every secret already replaced, so that quoting cannot hide one.
fn curl_line(request: &Request, redactor: &Redactor) -> String {
    let mut masked = request.clone();
    for (name, value) in &mut masked.headers {
        let text = redactor.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        if let Ok(text) = http::HeaderValue::from_bytes(text.as_bytes()) {
            *value = text;
        }
    }
    if let Ok(text) = std::str::from_utf8(&request.body) {
        masked.body = redactor.text(text).into_bytes().into();
    }
    redactor.text(&curl::command(&masked))
}

pub(super) fn response(response: &Response, redactor: &Redactor) -> ResponseRecord {
    ResponseRecord {
        status: response.status.as_u16(),
        headers: headers(&response.headers, redactor),
        body: body(&response.body, redactor),
    }
}

fn headers(headers: &http::HeaderMap, redactor: &Redactor) -> Vec<(String, String)> {
    let text = |name: &http::HeaderName, value: &http::HeaderValue| {
        redactor.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))
    };
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(name, value)))
        .collect()
}

/// Masked before it is cut: a secret must not survive as a half.
fn body(body: &[u8], redactor: &Redactor) -> Option<BodyRecord> {
    if body.is_empty() {
        return None;
    }
    let mut text = redactor.text(&String::from_utf8_lossy(body));
    let cut = text.len() > LONGEST_BODY;
    if cut {
        let end = (0..=LONGEST_BODY)
            .rev()
            .find(|&end| text.is_char_boundary(end))
            .unwrap_or(0);
        text.truncate(end);
    }
    Some(BodyRecord {
        text,
        bytes: body.len(),
        cut,
    })
}

pub(super) fn place(place: &Place) -> PlaceRecord {
    let position = place.position();
    let line = place
        .source
        .text()
        .lines()
        .nth(position.line - 1)
        .unwrap_or("");
    let marked = place.text().lines().next().unwrap_or("").chars().count();
    PlaceRecord {
        file: place.source.name().to_owned(),
        line: position.line,
        column: position.column,
        text: line.chars().take(LONGEST_LINE).collect(),
        width: marked.max(1),
    }
}

pub(super) fn finding(finding: &Finding, redactor: &Redactor) -> FindingRecord {
    let Finding {
        code,
        severity,
        message,
        at,
        contract,
        case,
        expected,
        actual,
        diff,
    } = finding;
    let (at, pointer) = match at {
        Location::Status => ("status".to_owned(), None),
        Location::Header(name) => (format!("header {name}"), None),
        Location::Body(pointer) if pointer.is_empty() => ("body".to_owned(), Some(String::new())),
        Location::Body(pointer) => (format!("body {pointer}"), Some(pointer.clone())),
        Location::Time => ("time".to_owned(), None),
    };
    let text = |text: &Option<String>| text.as_deref().map(|text| redactor.text(text));
    let secret = pointer
        .as_deref()
        .and_then(|pointer| pointer.rsplit('/').next())
        .is_some_and(|name| redactor.is_secret_property(name));
    let actual = if secret {
        actual.as_ref().map(|_| MASK.to_owned())
    } else {
        text(actual)
    };
    FindingRecord {
        code: code.as_str().to_owned(),
        severity: severity.as_str().to_owned(),
        message: redactor.text(message),
        at,
        pointer,
        contract: contract.as_ref().map(|contract| ContractRecord {
            pointer: contract.pointer.clone(),
            place: place(&contract.place),
            correction: contract.place.note().map(str::to_owned),
        }),
        case: case.as_ref().map(place),
        expected: text(expected),
        actual,
        diff: diff.as_ref().map(|diff| DiffRecord {
            expected: redactor.text(&diff.expected),
            actual: redactor.text(&diff.actual),
        }),
    }
}

pub(super) fn error(error: &SendError, redactor: &Redactor) -> ErrorRecord {
    ErrorRecord {
        kind: error.kind.as_str().to_owned(),
        message: redactor.text(&error.message),
        advice: error.advice.as_deref().map(|advice| redactor.text(advice)),
    }
}

/// How a report calls a step: its name, else what it calls.
pub(super) fn label(step: &Step, exchange: Option<&Exchange>) -> String {
    match (&step.name, &step.call, exchange) {
        (Some(name), ..) => name.clone(),
        (None, crate::case::Call::Operation { operation, .. }, _) => operation.name(),
        (None, crate::case::Call::Raw { method, .. }, Some(exchange)) => {
            format!("{method} {}", exchange.request.url.path())
        }
        (None, crate::case::Call::Raw { method, .. }, None) => method.to_string(),
    }
}
