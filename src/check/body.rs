//! The body: is there one, is it whole, is it what it says it is?
//! Codes: `body-missing`, `body-undocumented`, `body-unparsable`, `body-truncated`, `body-duplicate-key`.

use serde_json::Value;

use super::Check;
use super::answer::{Answer, may_have_body};
use super::content::Declared;
use super::excerpt::short_text;
use crate::contract::ContractPlace;
use crate::document::{Duplicate, JsonFaultKind, escape_pointer, parse_json, parse_plain_json};
use crate::exchange::{Exchange, Transfer};
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

/// What the bytes of a body are.
#[derive(Debug)]
pub(super) enum Body {
    /// No bytes.
    Empty,
    /// JSON, whether or not it says so.
    Json {
        value: Value,
        duplicates: Vec<Duplicate>,
    },
    /// Not JSON, and does not say that it is.
    Other,
    /// Cut short, or not what it says it is.
    Broken(Fault),
    /// JSON that was not read further than this depth.
    TooDeep { limit: usize },
}

/// Why a body is broken: [`Code::BodyTruncated`] or [`Code::BodyUnparsable`].
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: Code,
    message: String,
    expected: &'static str,
    actual: String,
}

impl Body {
    /// A body is read as JSON when it says so, says nothing, or begins like an object or array.
    pub(super) fn read(exchange: &Exchange, declared: &Declared, depth: usize) -> Self {
        let response = &exchange.response;
        let bytes = response.body.as_ref();
        if let Transfer::CutShort(how) = &response.transfer {
            return Body::Broken(Fault {
                code: Code::BodyTruncated,
                message: format!("the body was cut short after {} bytes: {how}", bytes.len()),
                expected: "the whole body",
                actual: around(bytes, bytes.len()),
            });
        }
        if bytes.is_empty() {
            return Body::Empty;
        }
        // What HTTP does not allow to be there has no media type to be held to.
        if !may_have_body(&exchange.request.method, response.status) {
            return Body::Other;
        }
        let says_json = declared.is_json();
        let looks_like_json = matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
        if !says_json && !looks_like_json && !matches!(declared, Declared::Missing) {
            return as_text(bytes, declared);
        }
        if let Some(value) = parse_plain_json(bytes, depth) {
            return Body::Json {
                value,
                duplicates: Vec::new(),
            };
        }
        match parse_json(bytes, depth) {
            Ok((node, duplicates)) => Body::Json {
                value: node.into_json(),
                duplicates,
            },
            Err(fault)
                if fault.kind == JsonFaultKind::TooDeep
                    && (says_json || matches!(declared, Declared::Missing)) =>
            {
                Body::TooDeep { limit: depth }
            }
            Err(_) if !says_json => as_text(bytes, declared),
            Err(fault) if fault.kind == JsonFaultKind::Truncated => Body::Broken(Fault {
                code: Code::BodyTruncated,
                message: format!(
                    "the JSON body ends in the middle, after {} bytes: {}",
                    bytes.len(),
                    fault.message
                ),
                expected: "a complete JSON text",
                actual: around(bytes, fault.at),
            }),
            Err(fault) => {
                let reason = if bytes.starts_with(b"\xef\xbb\xbf") {
                    "it begins with a byte order mark"
                } else {
                    &fault.message
                };
                Body::Broken(Fault {
                    code: Code::BodyUnparsable,
                    message: format!("the body is not valid JSON: {reason} (byte {})", fault.at),
                    expected: "JSON in UTF-8",
                    actual: around(bytes, fault.at),
                })
            }
        }
    }
}

/// Text that says it is UTF-8 must be; everything else is taken as it comes.
fn as_text(bytes: &[u8], declared: &Declared) -> Body {
    let says_utf8 = declared.is_text() && declared.charset().as_deref() == Some("utf-8");
    match std::str::from_utf8(bytes) {
        Err(error) if says_utf8 => Body::Broken(Fault {
            code: Code::BodyUnparsable,
            message: format!(
                "the body is not the UTF-8 its Content-Type says (byte {})",
                error.valid_up_to()
            ),
            expected: "UTF-8",
            actual: around(bytes, error.valid_up_to()),
        }),
        _ => Body::Other,
    }
}

/// The text about a byte, some 40 bytes to either side.
fn around(bytes: &[u8], at: usize) -> String {
    let at = at.min(bytes.len());
    let start = at.saturating_sub(40);
    let end = bytes.len().min(at + 40);
    let before = if start > 0 { "…" } else { "" };
    let after = if end < bytes.len() { "…" } else { "" };
    let text = String::from_utf8_lossy(&bytes[start..end]);
    short_text(&format!("{before}{text}{after}"))
}

/// Whether a promised body did not come. An empty text is a body too, where `text/…` is promised and declared.
pub(super) fn is_missing(answer: &Answer<'_>) -> bool {
    let promised = answer
        .promise
        .is_some_and(|promise| !promise.content.is_empty());
    let empty_text = answer.declared.is_text() && answer.media.is_some();
    promised && !empty_text && matches!(answer.body, Body::Empty) && answer.may_have_body()
}

fn judge(answer: &Answer<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if is_missing(answer) {
        findings.push(missing(answer));
    }
    findings.extend(undocumented(answer));
    match &answer.body {
        Body::Broken(fault) => findings.push(
            Finding::new(fault.code, whole(), &fault.message)
                .with_expected(fault.expected)
                .with_actual(&fault.actual),
        ),
        Body::Json { duplicates, .. } if answer.is_meant_as_json() => {
            findings.extend(duplicates.iter().map(duplicate));
        }
        Body::Json { .. } | Body::Empty | Body::Other | Body::TooDeep { .. } => {}
    }
    findings
}

fn missing(answer: &Answer<'_>) -> Finding {
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

fn undocumented(answer: &Answer<'_>) -> Option<Finding> {
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

fn content_place(promise: &crate::contract::ResponsePromise) -> ContractPlace {
    ContractPlace {
        place: promise.place.clone(),
        pointer: format!("{}/content", promise.pointer),
    }
}

fn whole() -> Location {
    Location::Body(String::new())
}
