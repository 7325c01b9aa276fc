//! Steps, exchanges and findings as the plain records that events carry, every secret masked.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;

use super::body::shown;
use super::case::JudgedStep;
use crate::event::{
    BodyRecord, ContractRecord, DiffRecord, FindingRecord, LocationRecord, OutdatedRecord,
    PlaceRecord, RequestRecord, ResponseRecord, StepRecord, WaiverRecord,
};
use crate::exchange::{Request, Response, curl_line};
use crate::execute::Intermediate;
use crate::finding::{Finding, Location};
use crate::text::{MASK, MaskedText, Redactor};
use crate::waiver::{Decision, Outdated, Waiver};

/// Maximum number of bytes of a body in an event.
const LONGEST_BODY: usize = 64 * 1024;

pub(super) fn step(judged: &JudgedStep<'_>, redactor: &Redactor) -> StepRecord {
    let executed = judged.executed;
    let exchange = executed.exchange.as_ref();
    let source = executed.step;
    let request_step = source.request();
    let mut label = match (exchange, &executed.operation, request_step) {
        // The label of a raw request is its path, which is known once it was sent.
        (Some(exchange), _, Some(step)) if step.name.is_none() && step.is_raw() => {
            let Request { method, url, .. } = &exchange.request;
            format!("{method} {}", url.path())
        }
        _ => source.label(),
    };
    if let Some(round) = &executed.round {
        let _ = write!(label, " [{round}]");
    }
    match executed.intermediate {
        Some(Intermediate::Poll(number)) => {
            let _ = write!(label, " (request {number})");
        }
        Some(Intermediate::Refused) => label.push_str(" (refused)"),
        None => {}
    }
    StepRecord {
        label: redactor.text(&label),
        role: executed.role.clone(),
        operation: executed
            .operation
            .as_ref()
            .map(|operation| Arc::clone(operation.name())),
        caller: source.caller().to_owned(),
        place: source.place().map(|place| PlaceRecord::of(place, redactor)),
        request: exchange.map(|exchange| request(&exchange.request, redactor)),
        response: exchange.map(|exchange| response(&exchange.response, redactor)),
        milliseconds: exchange.map_or(0.0, |exchange| exchange.elapsed.as_secs_f64() * 1000.0),
        findings: judged
            .findings
            .iter()
            .map(|judged| finding(&judged.finding, &judged.decision, redactor))
            .collect(),
        error: judged.error.as_ref().map(|error| error.masked(redactor)),
        notes: executed
            .notes
            .iter()
            .map(|note| note.masked(redactor))
            .collect(),
    }
}

/// The record of a step of which only the notes are worth showing.
pub(super) fn notes_of(judged: &JudgedStep<'_>, redactor: &Redactor) -> StepRecord {
    StepRecord {
        request: None,
        response: None,
        ..step(judged, redactor)
    }
}

pub(crate) fn request(request: &Request, redactor: &Redactor) -> RequestRecord {
    RequestRecord {
        method: request.method.to_string(),
        url: redactor.text(request.url.as_str()),
        headers: headers(&request.headers, redactor),
        body: body(&request.headers, &request.body, redactor),
        curl: curl_line(request, redactor),
    }
}

pub(crate) fn response(response: &Response, redactor: &Redactor) -> ResponseRecord {
    ResponseRecord {
        status: response.status.as_u16(),
        headers: headers(&response.headers, redactor),
        body: body(&response.headers, &response.body, redactor),
    }
}

fn headers(headers: &http::HeaderMap, redactor: &Redactor) -> Vec<(String, MaskedText)> {
    let text = |name: &http::HeaderName, value: &http::HeaderValue| {
        redactor.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))
    };
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(name, value)))
        .collect()
}

/// Masks before cutting, so that no part of a secret remains.
fn body(headers: &http::HeaderMap, body: &Bytes, redactor: &Redactor) -> Option<BodyRecord> {
    if body.is_empty() {
        return None;
    }
    let content_type = headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    let text = redactor.text(&shown(content_type, body));
    Some(BodyRecord {
        cut: text.len() > LONGEST_BODY,
        text: text.truncated(LONGEST_BODY),
        bytes: body.len(),
    })
}

pub(crate) fn finding(
    finding: &Finding,
    decision: &Decision,
    redactor: &Redactor,
) -> FindingRecord {
    let keyword = finding.keyword().map(str::to_owned);
    let Finding {
        code,
        severity,
        message,
        at,
        contract,
        case,
        expected,
        actual,
        found,
        missing,
        diff,
    } = finding;
    let (waived, outdated) = match decision {
        Decision::Counts => (None, None),
        Decision::Waived(matched) => (Some(waiver(matched)), None),
        Decision::Outdated(matched, outdated) => (
            None,
            Some(OutdatedRecord {
                waiver: waiver(matched),
                why: redactor.text(&outdated_reason(matched, finding, *outdated)),
            }),
        ),
    };
    let text = |text: &Option<String>| text.as_deref().map(|text| redactor.text(text));
    let names_secret = |pointer: &str| {
        let name = pointer.rsplit('/').next();
        name.is_some_and(|name| redactor.is_secret_property(name))
    };
    let secret = match at {
        Location::Header(name) => redactor.is_secret_header(name),
        Location::Body(pointer) => names_secret(pointer),
        Location::Status | Location::Time => false,
    };
    // A value that is secret by its place is masked however short it is, in the message too. That there is no value is shown.
    let hidden = actual
        .as_deref()
        .filter(|actual| secret && !matches!(*actual, "" | "nothing" | "null" | "true" | "false"));
    let message = match hidden {
        Some(actual) => message.replace(actual, MASK),
        None => message.clone(),
    };
    let actual = match hidden {
        Some(_) => Some(MASK.into()),
        None => text(actual),
    };
    FindingRecord {
        code: (*code).into(),
        severity: (*severity).into(),
        message: redactor.text(&message),
        at: LocationRecord::of(at, redactor),
        contract: contract
            .as_ref()
            .map(|contract| ContractRecord::of(contract, redactor)),
        case: case.as_ref().map(|place| PlaceRecord::of(place, redactor)),
        expected: text(expected),
        actual,
        diff: diff.as_ref().map(|diff| DiffRecord {
            expected: redactor.text(&diff.expected),
            actual: redactor.text(&diff.actual),
        }),
        found: *found,
        keyword,
        missing: missing.as_deref().map(|name| redactor.text(name)),
        waived,
        outdated,
    }
}

pub(crate) fn waiver(waiver: &Waiver) -> WaiverRecord {
    WaiverRecord {
        place: PlaceRecord::of(&waiver.place, Redactor::standard()),
        code: waiver.code.to_string(),
        operation: waiver.operation.to_string(),
        at: waiver.at.to_string(),
        reason: waiver.reason.clone(),
        ticket: waiver.ticket.clone(),
        owner: waiver.owner.clone(),
        until: waiver.until.to_string(),
    }
}

/// Why the waiver does not cover the finding, to follow "the waiver at …".
fn outdated_reason(waiver: &Waiver, finding: &Finding, outdated: Outdated) -> String {
    match outdated {
        Outdated::Expired => format!(
            "expired on {}: fix the server, or renew the waiver",
            waiver.until
        ),
        Outdated::Changed(found) => {
            let covered = waiver
                .actual
                .map_or_else(String::new, |class| class.to_string());
            let found = found.map_or_else(|| "no value".to_owned(), |class| class.to_string());
            format!("covers `{covered}`, but this is `{found}`: something else is wrong now")
        }
        Outdated::TooWide => format!(
            "names the object; name the missing property instead: `at: {}`",
            finding.subject()
        ),
    }
}
