//! What the case expects besides the status.
//! Codes: `expect-header`, `expect-body`, `expect-schema`, `expect-absent`, `expect-events`,
//! `expect-time`.

use std::borrow::Cow;

use serde_json::Value;

use super::binary::binary;
use super::body;
use super::excerpt::{SHORT, short_json, short_text};
use super::header_values::{refers_to_scalars, scalar};
use super::headers::lines;
use super::matching::{Mismatch, admits_absence, corrected, describe, mismatches};
use super::order::place_order;
use super::response::{CheckedResponse, Declared, ResponseBody};
use super::schema::violation_message;
use super::{Check, events, template, xpath};
use crate::case::{Expectation, HeaderExpectation, Matcher, Rule};
use crate::finding::{Code, Finding, Location};
use crate::source::Place;
use crate::text::cut;

pub(super) const CHECK: Check = Check {
    codes: &[
        Code::ExpectHeader,
        Code::ExpectBody,
        Code::ExpectSchema,
        Code::ExpectAbsent,
        Code::ExpectEvents,
        Code::ExpectTime,
    ],
    judge,
};

/// A body's pretty JSON is compared line by line only up to this size. A diff of a larger body costs too much and helps little.
const MAX_DIFF: usize = 256 * 1024;

/// The findings about everything that the case expects besides the status.
pub(super) fn judge(response: &CheckedResponse<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(case) = response.expectation() {
        let headers = case.headers.iter();
        findings.extend(headers.filter_map(|expected| header(response, expected)));
        findings.extend(bodies(response, case));
        findings.extend(case.text.iter().flat_map(|matcher| text(response, matcher)));
        let bytes = case.binary.iter().filter(|_| !is_cut_short(response));
        findings.extend(bytes.flat_map(|expected| binary(response.raw(), expected)));
        findings.extend(events::findings(response, case));
        findings.extend(xpath::findings(response, case));
        findings.extend(absent(response, case));
    }
    findings.extend(time(response));
    findings
}

/// `None` if the header is as expected. If the header has several lines, one of them must match; a `$not` must hold for each.
fn header(response: &CheckedResponse<'_>, header: &HeaderExpectation<Value>) -> Option<Finding> {
    let matcher = &header.value;
    let lines = lines(response, &header.name);
    let at = Location::Header(header.name.to_ascii_lowercase());
    let report = |message: String, expected: String, actual: String| {
        let message = format!("the header {} {message}", header.name);
        Finding::new(Code::ExpectHeader, at.clone(), message)
            .with_case(matcher.place.clone())
            .with_expected(expected)
            .with_actual(actual)
    };
    if lines.is_empty() {
        if admits_absence(&matcher.rule) {
            return None;
        }
        let expected = describe(matcher);
        let message = format!("is missing, expected {expected}");
        return Some(report(message, expected, "nothing".to_owned()));
    }
    let judged: Vec<Vec<Mismatch>> = lines
        .iter()
        .map(|line| {
            let matcher = numeric(matcher, line);
            mismatches(&matcher, &header_value(line, &matcher.rule))
        })
        .collect();
    let is_match = |found: &Vec<Mismatch>| found.is_empty();
    let matches = match matcher.rule {
        Rule::Not(_) => judged.iter().all(is_match),
        _ => judged.iter().any(is_match),
    };
    if matches {
        return None;
    }
    let first = judged.into_iter().flatten().next()?;
    if lines.len() > 1 {
        let expected = describe(matcher);
        let actual = short_text(&lines.join(", "));
        let message = format!(
            "appears {} times, as {actual}, expected {expected}",
            lines.len()
        );
        return Some(report(message, expected, actual));
    }
    Some(report(first.message, first.expected, first.actual))
}

/// A header's value is text. If the rule compares numbers or booleans, the value is parsed as one where possible.
fn header_value(line: &str, rule: &Rule<Value>) -> Value {
    let text = || Value::from(line);
    if refers_to_scalars(rule) {
        scalar(line).unwrap_or_else(text)
    } else {
        text()
    }
}

/// A comparison with a text that is a number, such as a captured header, compares numbers where the header is one too.
fn numeric<'m>(matcher: &'m Matcher<Value>, line: &str) -> Cow<'m, Matcher<Value>> {
    let rule = match &matcher.rule {
        Rule::Compare(comparison, Value::String(bound)) => {
            let number = |text: &str| scalar(text).filter(Value::is_number);
            match (number(bound), number(line)) {
                (Some(bound), Some(_)) => Rule::Compare(*comparison, bound),
                _ => return Cow::Borrowed(matcher),
            }
        }
        Rule::Not(inner) => match numeric(inner, line) {
            Cow::Owned(inner) => Rule::Not(Box::new(inner)),
            Cow::Borrowed(_) => return Cow::Borrowed(matcher),
        },
        _ => return Cow::Borrowed(matcher),
    };
    Cow::Owned(Matcher {
        place: matcher.place.clone(),
        rule,
    })
}

/// Checks `body`, `message` and `schema`, which need a JSON body.
fn bodies(response: &CheckedResponse<'_>, case: &Expectation<Value>) -> Vec<Finding> {
    let value = match &response.body {
        ResponseBody::Json { value, .. } => value,
        ResponseBody::TooDeep { .. } => return Vec::new(),
        _ => return unreadable(response, case),
    };
    let mut findings = Vec::new();
    if let Some(matcher) = &case.body {
        findings.extend(mismatched(matcher, value));
    }
    if let Some(matcher) = &case.message {
        findings.extend(message(response, matcher, value));
    }
    if let Some(schema) = &case.schema {
        let violations = schema.value.compiled().violations(value).into_iter();
        findings.extend(violations.map(|violation| {
            let message = violation_message(&violation);
            let at = Location::Body(violation.instance);
            Finding::new(Code::ExpectSchema, at, message)
                .with_case(schema.place.as_ref().map(|_| violation.place.place))
                .with_expected(cut(&violation.expected, SHORT))
                .with_actual(cut(&violation.actual, SHORT))
                .with_missing(violation.missing)
        }));
    }
    findings
}

/// Checks the error message with its parameters filled in.
fn message(response: &CheckedResponse<'_>, matcher: &Matcher<Value>, body: &Value) -> Vec<Finding> {
    let Some(message) = template::rendered(response.media, body) else {
        let expected = describe(matcher);
        let text = format!("the body has no message, expected {expected}");
        let finding = Finding::new(Code::ExpectBody, Location::Body(String::new()), text)
            .with_case(matcher.place.clone())
            .with_expected(expected)
            .with_actual(short_json(body));
        return vec![finding];
    };
    let found = mismatches(matcher, &Value::String(message.text));
    found
        .into_iter()
        .map(|mismatch| {
            let text = format!(
                "the message with its parameters filled in {}",
                mismatch.message
            );
            let at = Location::Body(message.pointer.clone());
            Finding::new(Code::ExpectBody, at, text)
                .with_case(mismatch.place)
                .with_expected(mismatch.expected)
                .with_actual(mismatch.actual)
        })
        .collect()
}

/// A body that is not JSON violates `body`, `message` and `schema`, unless another finding already gives the reason.
fn unreadable(response: &CheckedResponse<'_>, case: &Expectation<Value>) -> Vec<Finding> {
    let cause = match &response.body {
        ResponseBody::Broken(fault) => Some(fault.code),
        ResponseBody::Empty if body::is_missing(response) => Some(Code::BodyMissing),
        ResponseBody::Other
            if response
                .documented
                .is_some_and(|documented| !documented.content.is_empty()) =>
        {
            match (&response.declared, response.media) {
                (Declared::Missing, _) => Some(Code::ContentTypeMissing),
                (_, None) => Some(Code::ContentTypeUndocumented),
                _ => None,
            }
        }
        _ => None,
    };
    let actual = match &response.body {
        ResponseBody::Empty => "no body".to_owned(),
        _ => short_text(&response.text()),
    };
    let report = |code: Code, place: Option<&Place>, expected: String| {
        if cause.is_some_and(|cause| response.supersedes(cause, code)) {
            return None;
        }
        let message = match &response.body {
            ResponseBody::Empty => format!("the body is empty, expected {expected}"),
            ResponseBody::Xml(_) => {
                format!("the body is XML, which `expect.xml` compares, expected {expected}")
            }
            _ => format!(
                "the body is not JSON, expected {expected}; for other bodies write `text`, `xml` or `binary` in `expect`"
            ),
        };
        let finding = Finding::new(code, Location::Body(String::new()), message)
            .with_case(place.cloned())
            .with_expected(expected)
            .with_actual(actual.clone());
        Some(finding)
    };
    // `$absent` and similar rules accept a missing body.
    let is_empty = matches!(response.body, ResponseBody::Empty);
    let body = case
        .body
        .as_ref()
        .filter(|body| !(is_empty && admits_absence(&body.rule)));
    let body = body.and_then(|body| report(Code::ExpectBody, body.place.as_ref(), describe(body)));
    let message = case.message.as_ref();
    let message = message
        .and_then(|message| report(Code::ExpectBody, message.place.as_ref(), describe(message)));
    let schema = case.schema.as_ref();
    let schema = schema.and_then(|schema| {
        let expected = "JSON that matches the schema in the case".to_owned();
        report(Code::ExpectSchema, schema.place.as_ref(), expected)
    });
    body.into_iter().chain(message).chain(schema).collect()
}

/// One finding for each wrong path. The first has a diff if the difference is more than two short values. The diff's expected
/// side is the actual body with the expected values inserted, so that the diff shows only what is wrong.
fn mismatched(matcher: &Matcher<Value>, body: &Value) -> Vec<Finding> {
    let found = mismatches(matcher, body);
    let containers = found.iter().any(|mismatch| {
        let value = body.pointer(&mismatch.pointer);
        value.is_some_and(|value| value.is_object() || value.is_array())
    });
    let whole = if found.len() > 1 || containers {
        corrected(matcher, Some(body)).and_then(|corrected| {
            let (expected, actual) = (pretty(&corrected)?, pretty(body)?);
            (expected != actual).then_some((expected, actual))
        })
    } else {
        None
    };
    let texts = found.iter().find_map(|mismatch| mismatch.texts.clone());
    let diff = whole.or(texts);
    let mut findings: Vec<Finding> = found.into_iter().map(at_pointer).collect();
    // The order of the report, not of the case file.
    findings.sort_by_cached_key(|finding| place_order(&finding.at));
    if let (Some(first), Some((expected, actual))) = (findings.first_mut(), diff) {
        *first = first.clone().with_diff(expected, actual);
    }
    findings
}

fn at_pointer(mismatch: Mismatch) -> Finding {
    let subject = match mismatch.pointer.as_str() {
        "" => "the body".to_owned(),
        pointer => format!("`{pointer}`"),
    };
    let message = format!("{subject} {}", mismatch.message);
    Finding::new(Code::ExpectBody, Location::Body(mismatch.pointer), message)
        .with_case(mismatch.place)
        .with_expected(mismatch.expected)
        .with_actual(mismatch.actual)
}

fn pretty(value: &Value) -> Option<String> {
    let text = serde_json::to_string_pretty(value).ok()?;
    (text.len() <= MAX_DIFF).then_some(text)
}

/// Whether another finding says that the transfer broke off.
fn is_cut_short(response: &CheckedResponse<'_>) -> bool {
    matches!(
        &response.body,
        ResponseBody::Broken(fault) if fault.code == Code::BodyTruncated
            && response.supersedes(fault.code, Code::ExpectBody)
    )
}

/// Checks the raw text, unless the transfer was cut short: that finding already explains the difference.
fn text(response: &CheckedResponse<'_>, matcher: &Matcher<Value>) -> Vec<Finding> {
    if is_cut_short(response) {
        return Vec::new();
    }
    let actual = Value::String(response.text().into_owned());
    let found = mismatches(matcher, &actual);
    found
        .into_iter()
        .map(|mismatch| {
            let message = format!("the body's text {}", mismatch.message);
            let finding = Finding::new(Code::ExpectBody, Location::Body(String::new()), message)
                .with_case(mismatch.place)
                .with_expected(mismatch.expected)
                .with_actual(mismatch.actual);
            match mismatch.texts {
                Some((expected, actual)) if expected.len() + actual.len() <= MAX_DIFF => {
                    finding.with_diff(expected, actual)
                }
                _ => finding,
            }
        })
        .collect()
}

/// Checks the pointers that must not exist. In a body that is not JSON none of them exists.
fn absent(response: &CheckedResponse<'_>, case: &Expectation<Value>) -> Vec<Finding> {
    let ResponseBody::Json { value, .. } = &response.body else {
        return Vec::new();
    };
    case.absent
        .iter()
        .filter_map(|pointer| {
            let actual = short_json(value.pointer(&pointer.value)?);
            let message = format!("`{}` is present, expected nothing", pointer.value);
            let at = Location::Body(pointer.value.clone());
            let finding = Finding::new(Code::ExpectAbsent, at, message)
                .with_case(pointer.place.clone())
                .with_expected("nothing")
                .with_actual(actual);
            Some(finding)
        })
        .collect()
}

/// Checks the time, whatever the status is.
fn time(response: &CheckedResponse<'_>) -> Option<Finding> {
    let within = response.context.expectation?.within.as_ref()?;
    let elapsed = response.exchange.elapsed;
    if elapsed <= within.value {
        return None;
    }
    let message = format!(
        "the response took {elapsed:.2?}, expected at most {:?}",
        within.value
    );
    let finding = Finding::new(Code::ExpectTime, Location::Time, message)
        .with_case(within.place.clone())
        .with_expected(format!("at most {:?}", within.value))
        .with_actual(format!("{elapsed:.2?}"));
    Some(finding)
}
