//! Exchanges and findings as the plain, redacted records that events carry.

use crate::case::Step;
use crate::event::{
    BodyRecord, ContractRecord, DiffRecord, ErrorRecord, FindingRecord, OutdatedRecord,
    PlaceRecord, RequestRecord, ResponseRecord, WaiverRecord,
};
use crate::exchange::{Exchange, Request, Response};
use crate::finding::{Finding, Location};
use crate::waiver::{Decision, Outdated, Waiver};

use super::client::SendError;
use super::curl;
use super::redact::{MASK, Redactor};

/// How many bytes of a body an event keeps.
const LONGEST_BODY: usize = 64 * 1024;

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
        text.truncate(text.floor_char_boundary(LONGEST_BODY));
    }
    Some(BodyRecord {
        text,
        bytes: body.len(),
        cut,
    })
}

pub(super) fn finding(
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
    let pointer = match at {
        Location::Body(pointer) => Some(pointer.clone()),
        Location::Status | Location::Header(_) | Location::Time => None,
    };
    let (waived, outdated) = match decision {
        Decision::Counts => (None, None),
        Decision::Waived(by) => (Some(waiver(by)), None),
        Decision::Outdated(by, why) => (
            None,
            Some(OutdatedRecord {
                waiver: waiver(by),
                why: words(by, finding, *why),
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
    // A value that is secret by its place is masked however short it is, and in the words about it too; that there is none is told.
    let hidden = actual
        .as_deref()
        .filter(|actual| secret && !matches!(*actual, "" | "nothing" | "null" | "true" | "false"));
    let message = match hidden {
        Some(actual) => message.replace(actual, MASK),
        None => message.clone(),
    };
    let actual = match hidden {
        Some(_) => Some(MASK.to_owned()),
        None => text(actual),
    };
    FindingRecord {
        code: code.as_str().to_owned(),
        severity: severity.as_str().to_owned(),
        message: redactor.text(&message),
        at: at.to_string(),
        pointer,
        contract: contract.as_ref().map(ContractRecord::from),
        case: case.as_ref().map(PlaceRecord::from),
        expected: text(expected),
        actual,
        diff: diff.as_ref().map(|diff| DiffRecord {
            expected: redactor.text(&diff.expected),
            actual: redactor.text(&diff.actual),
        }),
        found: found.map(|class| class.to_string()),
        keyword,
        missing: missing.clone(),
        waived,
        outdated,
    }
}

pub(super) fn waiver(waiver: &Waiver) -> WaiverRecord {
    WaiverRecord {
        place: PlaceRecord::from(&waiver.place),
        code: waiver.code.to_string(),
        operation: waiver.operation.to_string(),
        at: waiver.at.to_string(),
        reason: waiver.reason.clone(),
        ticket: waiver.ticket.clone(),
        owner: waiver.owner.clone(),
        until: waiver.until.to_string(),
    }
}

/// Why the waiver does not cover the finding, after "the waiver at …".
fn words(waiver: &Waiver, finding: &Finding, why: Outdated) -> String {
    match why {
        Outdated::Expired => format!(
            "expired on {}: mend the server, or decide anew",
            waiver.until
        ),
        Outdated::Changed(found) => {
            let covered = waiver
                .actual
                .map_or_else(String::new, |class| class.to_string());
            let found = found.map_or_else(|| "no value".to_owned(), |class| class.to_string());
            format!("covers `{covered}`, and this is `{found}`: something else is wrong now")
        }
        Outdated::TooWide => format!(
            "names the object; name what is missing in it: `at: {}`",
            finding.subject()
        ),
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
        (None, crate::case::Call::Operation { operation, .. }, _) => operation.name().to_string(),
        (None, crate::case::Call::Raw { method, .. }, Some(exchange)) => {
            format!("{method} {}", exchange.request.url.path())
        }
        (None, crate::case::Call::Raw { method, .. }, None) => method.to_string(),
    }
}
