//! The body: is it present, is it complete, is it what its Content-Type says?
//! Codes: `body-missing`, `body-undocumented`, `body-unparsable`, `body-truncated`, `body-duplicate-key`.

use super::Check;
use super::excerpt::short_text;
use super::response::{CheckedResponse, ResponseBody, around};
use crate::contract::ContractPlace;
use crate::document::{Duplicate, escape_pointer};
use crate::exchange::Transfer;
use crate::finding::{Code, Finding, Location};

pub(super) const CHECK: Check = Check {
    codes: &[
        Code::BodyMissing,
        Code::BodyUndocumented,
        Code::BodyUnparsable,
        Code::BodyTruncated,
        Code::BodyDuplicateKey,
    ],
    judge,
};

/// Whether a documented body is missing. An empty text counts as a body where `text/…` is documented and declared.
pub(super) fn is_missing(response: &CheckedResponse<'_>) -> bool {
    let is_documented = response
        .documented
        .is_some_and(|documented| !documented.content.is_empty());
    let declared = &response.declared;
    let empty_text = declared.is_text() && !declared.is_json() && response.media.is_some();
    // A stream of which nothing came in time is no missing body.
    let is_whole = response.raw().transfer != Transfer::Stopped;
    is_documented
        && is_whole
        && !empty_text
        && matches!(response.body, ResponseBody::Empty)
        && response.may_have_body()
}

fn judge(response: &CheckedResponse<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if is_missing(response) {
        findings.push(missing(response));
    }
    findings.extend(undocumented(response));
    match &response.body {
        ResponseBody::Broken(fault) => findings.push(
            Finding::new(fault.code, whole(), &fault.message)
                .with_expected(fault.expected)
                .with_actual(&fault.actual),
        ),
        ResponseBody::Json { duplicates, .. } if response.is_meant_as_json() => {
            findings.extend(duplicates.iter().map(duplicate));
        }
        ResponseBody::Json { .. }
        | ResponseBody::Xml(_)
        | ResponseBody::Empty
        | ResponseBody::Other
        | ResponseBody::TooDeep { .. } => {}
    }
    findings
}

fn missing(response: &CheckedResponse<'_>) -> Finding {
    let documented = response.documented;
    let media = documented.and_then(|documented| documented.content.first());
    let expected = match media {
        Some(media) if media.is_named => media.media_type.as_str(),
        _ => "a body",
    };
    let status = response.raw().status.as_u16();
    let message =
        format!("the body is empty, but the contract documents {expected} for status {status}");
    Finding::new(Code::BodyMissing, whole(), message)
        .with_contract(documented.map(content_place))
        .with_expected(expected)
        .with_actual("no body")
}

fn undocumented(response: &CheckedResponse<'_>) -> Option<Finding> {
    let bytes = &response.raw().body;
    if bytes.is_empty() {
        return None;
    }
    let size = bytes.len();
    let (message, place) = if !response.may_have_body() {
        let request = &response.exchange.request.method;
        let status = response.raw().status.as_u16();
        let message = format!(
            "the response has a body of {size} bytes, but HTTP allows none in a response to {request} with status {status}"
        );
        (message, None)
    } else {
        let documented = response
            .documented
            .filter(|documented| documented.content.is_empty())?;
        let status = response.raw().status.as_u16();
        let message = format!(
            "the response has a body of {size} bytes, but the contract documents none for status {status}"
        );
        let place = ContractPlace {
            place: documented.place.clone(),
            pointer: documented.pointer.clone(),
        };
        (message, Some(place))
    };
    let finding = Finding::new(Code::BodyUndocumented, whole(), message)
        .with_contract(place)
        .with_expected("no body")
        .with_actual(around(bytes, 0));
    Some(finding)
}

fn duplicate(duplicate: &Duplicate) -> Finding {
    let key = short_text(&duplicate.key);
    let object = match duplicate.mapping.as_str() {
        "" => "the body".to_owned(),
        pointer => format!("the object at `{pointer}`"),
    };
    let pointer = format!("{}/{}", duplicate.mapping, escape_pointer(&duplicate.key));
    let message =
        format!("{object} has the key {key} twice; parsers disagree about which value counts");
    Finding::new(Code::BodyDuplicateKey, Location::Body(pointer), message)
        .with_expected(format!("{key} once"))
        .with_actual(format!("{key} twice"))
}

fn content_place(documented: &crate::contract::DocumentedResponse) -> ContractPlace {
    ContractPlace {
        place: documented.place.clone(),
        pointer: format!("{}/content", documented.pointer),
    }
}

fn whole() -> Location {
    Location::Body(String::new())
}
