//! What the case expects of a body as bytes. Code: `expect-body`, and `expect-header` for its media type.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::excerpt::short_text;
use super::matching::mismatches;
use crate::case::{BinaryExpectation, Matcher};
use crate::contract::essence;
use crate::exchange::Response;
use crate::finding::{Code, Finding, Location};
use crate::hash::sha256;
use crate::source::Place;

/// The findings about a response whose body was received as a whole.
pub(super) fn binary(response: &Response, expected: &BinaryExpectation<Value>) -> Vec<Finding> {
    let BinaryExpectation {
        size,
        media_type,
        sha256: hash,
        file,
        place,
    } = expected;
    let body = &response.body;
    let mut findings = Vec::new();
    if let Some(matcher) = media_type {
        findings.extend(self::media_type(response, matcher));
    }
    if let Some(matcher) = size {
        let found = mismatches(matcher, &Value::from(body.len()));
        findings.extend(found.into_iter().map(|mismatch| {
            let message = format!("the size of the body in bytes {}", mismatch.message);
            at_body(
                message,
                mismatch.place.as_ref(),
                mismatch.expected,
                mismatch.actual,
            )
        }));
    }
    if let Some(expected) = hash.as_ref().and_then(Value::as_str) {
        let actual = sha256(body);
        if !expected.trim().eq_ignore_ascii_case(&actual) {
            let message = format!("the SHA-256 of the body is {actual}, expected {expected}");
            findings.push(at_body(
                message,
                place.as_ref(),
                expected.to_owned(),
                actual,
            ));
        }
    }
    if let Some(file) = file
        && file.bytes != *body
    {
        let message = format!(
            "the body is not the file `{}`: {}",
            file.path,
            difference(&file.bytes, body)
        );
        let summary = |bytes: &Bytes| format!("{} bytes, SHA-256 {}", bytes.len(), sha256(bytes));
        findings.push(at_body(
            message,
            place.as_ref(),
            summary(&file.bytes),
            summary(body),
        ));
    }
    findings
}

fn at_body(message: String, place: Option<&Place>, expected: String, actual: String) -> Finding {
    Finding::new(Code::ExpectBody, Location::Body(String::new()), message)
        .with_case(place.cloned())
        .with_expected(expected)
        .with_actual(actual)
}

fn media_type(response: &Response, matcher: &Matcher<Value>) -> Vec<Finding> {
    let declared = response.headers.get(CONTENT_TYPE);
    let declared = declared.map(|value| essence(&String::from_utf8_lossy(value.as_bytes())));
    let actual = declared.map_or(Value::Null, Value::from);
    let at = Location::Header(CONTENT_TYPE.as_str().to_owned());
    let found = mismatches(matcher, &actual).into_iter();
    found
        .map(|mismatch| {
            let message = format!("the media type of the body {}", mismatch.message);
            Finding::new(Code::ExpectHeader, at.clone(), message)
                .with_case(mismatch.place)
                .with_expected(mismatch.expected)
                .with_actual(mismatch.actual)
        })
        .collect()
}

/// Where two different bodies differ first.
fn difference(expected: &[u8], actual: &[u8]) -> String {
    let same = expected
        .iter()
        .zip(actual)
        .take_while(|(a, b)| a == b)
        .count();
    match (expected.get(same), actual.get(same)) {
        (Some(expected), Some(actual)) => {
            format!("byte {same} is 0x{actual:02x}, expected 0x{expected:02x}")
        }
        (Some(_), None) => format!("it ends after {same} bytes"),
        _ => {
            let rest = short_text(&String::from_utf8_lossy(
                actual.get(same..).unwrap_or_default(),
            ));
            format!("after its {same} bytes follows {rest}")
        }
    }
}
