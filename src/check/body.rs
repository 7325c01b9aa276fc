//! The body: is there one, is it whole, is it what it says it is?
//! Codes: `body-missing`, `body-undocumented`, `body-unparsable`, `body-truncated`, `body-duplicate-key`.

use super::Check;
use super::answer::{CheckedResponse, ResponseBody, around};
use super::excerpt::short_text;
use crate::contract::ContractPlace;
use crate::document::{Duplicate, escape_pointer};
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

/// Whether a promised body did not come. An empty text is a body too, where `text/…` is promised and declared.
pub(super) fn is_missing(answer: &CheckedResponse<'_>) -> bool {
    let promised = answer
        .promise
        .is_some_and(|promise| !promise.content.is_empty());
    let empty_text = answer.declared.is_text() && answer.media.is_some();
    promised && !empty_text && matches!(answer.body, ResponseBody::Empty) && answer.may_have_body()
}

fn judge(answer: &CheckedResponse<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if is_missing(answer) {
        findings.push(missing(answer));
    }
    findings.extend(undocumented(answer));
    match &answer.body {
        ResponseBody::Broken(fault) => findings.push(
            Finding::new(fault.code, whole(), &fault.message)
                .with_expected(fault.expected)
                .with_actual(&fault.actual),
        ),
        ResponseBody::Json { duplicates, .. } if answer.is_meant_as_json() => {
            findings.extend(duplicates.iter().map(duplicate));
        }
        ResponseBody::Json { .. }
        | ResponseBody::Empty
        | ResponseBody::Other
        | ResponseBody::TooDeep { .. } => {}
    }
    findings
}

fn missing(answer: &CheckedResponse<'_>) -> Finding {
    let promise = answer.promise;
    let media = promise.and_then(|promise| promise.content.first());
    let expected = media.map_or("a body", |media| media.media_type.as_str());
    let status = answer.response().status.as_u16();
    let message =
        format!("the body is empty, but for status {status} the contract promises {expected}");
    Finding::new(Code::BodyMissing, whole(), message)
        .with_contract(promise.map(content_place))
        .with_expected(expected)
        .with_actual("no body")
}

fn undocumented(answer: &CheckedResponse<'_>) -> Option<Finding> {
    let bytes = &answer.response().body;
    if bytes.is_empty() {
        return None;
    }
    let size = bytes.len();
    let (message, place) = if !answer.may_have_body() {
        let request = &answer.exchange.request.method;
        let status = answer.response().status.as_u16();
        let message = format!(
            "a body of {size} bytes came, but HTTP allows none in an answer to {request} with status {status}"
        );
        (message, None)
    } else {
        let promise = answer
            .promise
            .filter(|promise| promise.content.is_empty())?;
        let status = answer.response().status.as_u16();
        let message = format!(
            "a body of {size} bytes came, but for status {status} the contract promises none"
        );
        let place = ContractPlace {
            place: promise.place.clone(),
            pointer: promise.pointer.clone(),
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
    let message = format!("{object} has the key {key} twice; readers disagree about which counts");
    Finding::new(Code::BodyDuplicateKey, Location::Body(pointer), message)
        .with_expected(format!("{key} once"))
        .with_actual(format!("{key} twice"))
}

fn content_place(promise: &crate::contract::DocumentedResponse) -> ContractPlace {
    ContractPlace {
        place: promise.place.clone(),
        pointer: format!("{}/content", promise.pointer),
    }
}

fn whole() -> Location {
    Location::Body(String::new())
}
