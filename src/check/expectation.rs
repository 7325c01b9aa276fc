//! What the case expects besides the status.
//! Codes: `expect-header`, `expect-body`, `expect-schema`, `expect-absent`, `expect-time`.

use serde_json::Value;

use super::answer::{CheckedResponse, Declared, ResponseBody};
use super::body;
use super::excerpt::{SHORT, short_json, short_text};
use super::headers::{lines, scalar};
use super::matching::{Mismatch, admits_absence, corrected, describe, mismatches};
use super::order::place_order;
use super::schema::violation_message;
use super::{Check, template};
use crate::case::{Expectation, HeaderExpectation, JsonType, Matcher, Rule};
use crate::finding::{Code, Finding, Location};
use crate::source::Place;
use crate::text::cut;

pub(super) const CHECK: Check = Check {
    codes: &[
        Code::ExpectHeader,
        Code::ExpectBody,
        Code::ExpectSchema,
        Code::ExpectAbsent,
        Code::ExpectTime,
    ],
    judge,
};

/// A body's pretty JSON is compared line by line only up to this size; a greater one would cost more than it tells.
const MAX_DIFF: usize = 256 * 1024;

fn judge(answer: &CheckedResponse<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(case) = answer.expectation() {
        let headers = case.headers.iter();
        findings.extend(headers.filter_map(|expected| header(answer, expected)));
        findings.extend(bodies(answer, case));
        findings.extend(case.text.iter().flat_map(|matcher| text(answer, matcher)));
        findings.extend(absent(answer, case));
    }
    findings.extend(time(answer));
    findings
}

/// `None` where the header is as expected. Of several lines one has to match; a `$not` must hold for each.
fn header(answer: &CheckedResponse<'_>, expected: &HeaderExpectation<Value>) -> Option<Finding> {
    let matcher = &expected.value;
    let lines = lines(answer, &expected.name);
    let at = Location::Header(expected.name.to_ascii_lowercase());
    let report = |message: String, wanted: String, actual: String| {
        let message = format!("the header {} {message}", expected.name);
        Finding::new(Code::ExpectHeader, at.clone(), message)
            .with_case(matcher.place.clone())
            .with_expected(wanted)
            .with_actual(actual)
    };
    if lines.is_empty() {
        if admits_absence(&matcher.rule) {
            return None;
        }
        let wanted = describe(matcher);
        let message = format!("is missing, expected {wanted}");
        return Some(report(message, wanted, "nothing".to_owned()));
    }
    let judged: Vec<Vec<Mismatch>> = lines
        .iter()
        .map(|line| mismatches(matcher, &header_value(line, &matcher.rule)))
        .collect();
    let holds = |found: &Vec<Mismatch>| found.is_empty();
    let kept = match matcher.rule {
        Rule::Not(_) => judged.iter().all(holds),
        _ => judged.iter().any(holds),
    };
    if kept {
        return None;
    }
    let first = judged.into_iter().flatten().next()?;
    if lines.len() > 1 {
        let wanted = describe(matcher);
        let actual = short_text(&lines.join(", "));
        let message = format!("came {} times, as {actual}, expected {wanted}", lines.len());
        return Some(report(message, wanted, actual));
    }
    Some(report(first.message, first.expected, first.actual))
}

/// A header's value is text; where the rule speaks of numbers or booleans, it is read as one if it can be.
fn header_value(line: &str, rule: &Rule<Value>) -> Value {
    let text = || Value::from(line);
    if speaks_of_scalars(rule) {
        scalar(line).unwrap_or_else(text)
    } else {
        text()
    }
}

fn speaks_of_scalars(rule: &Rule<Value>) -> bool {
    match rule {
        Rule::Value(value) | Rule::Equals(value) | Rule::Compare(_, value) => {
            value.is_number() || value.is_boolean()
        }
        Rule::Type(types) => !types.contains(&JsonType::String),
        Rule::Not(inner) => speaks_of_scalars(&inner.rule),
        Rule::OneOf(choices) => choices.iter().any(|choice| speaks_of_scalars(&choice.rule)),
        _ => false,
    }
}

/// `body`, `message` and `schema`, which need a JSON body.
fn bodies(answer: &CheckedResponse<'_>, case: &Expectation<Value>) -> Vec<Finding> {
    let value = match &answer.body {
        ResponseBody::Json { value, .. } => value,
        ResponseBody::TooDeep { .. } => return Vec::new(),
        _ => return unreadable(answer, case),
    };
    let mut findings = Vec::new();
    if let Some(matcher) = &case.body {
        findings.extend(mismatched(matcher, value));
    }
    if let Some(matcher) = &case.message {
        findings.extend(message(answer, matcher, value));
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

/// The error message, its placeholders filled in.
fn message(answer: &CheckedResponse<'_>, matcher: &Matcher<Value>, body: &Value) -> Vec<Finding> {
    let Some(message) = template::rendered(answer.media, body) else {
        let wanted = describe(matcher);
        let words = format!("the body has no message, expected {wanted}");
        let finding = Finding::new(Code::ExpectBody, Location::Body(String::new()), words)
            .with_case(matcher.place.clone())
            .with_expected(wanted)
            .with_actual(short_json(body));
        return vec![finding];
    };
    let found = mismatches(matcher, &Value::String(message.text));
    found
        .into_iter()
        .map(|mismatch| {
            let words = format!("the message, filled in, {}", mismatch.message);
            let at = Location::Body(message.pointer.clone());
            Finding::new(Code::ExpectBody, at, words)
                .with_case(mismatch.place)
                .with_expected(mismatch.expected)
                .with_actual(mismatch.actual)
        })
        .collect()
}

/// A body that cannot be read as JSON breaks `body`, `message` and `schema`, unless a finding already says why it cannot.
fn unreadable(answer: &CheckedResponse<'_>, case: &Expectation<Value>) -> Vec<Finding> {
    let cause = match &answer.body {
        ResponseBody::Broken(fault) => Some(fault.code),
        ResponseBody::Empty if body::is_missing(answer) => Some(Code::BodyMissing),
        ResponseBody::Other
            if answer
                .promise
                .is_some_and(|promise| !promise.content.is_empty()) =>
        {
            match (&answer.declared, answer.media) {
                (Declared::Missing, _) => Some(Code::ContentTypeMissing),
                (_, None) => Some(Code::ContentTypeUndocumented),
                _ => None,
            }
        }
        _ => None,
    };
    let actual = match &answer.body {
        ResponseBody::Empty => "no body".to_owned(),
        _ => short_text(&answer.text()),
    };
    let report = |code: Code, place: Option<&Place>, wanted: String| {
        if cause.is_some_and(|cause| answer.stands_for(cause, code)) {
            return None;
        }
        let message = match &answer.body {
            ResponseBody::Empty => format!("the body is empty, expected {wanted}"),
            _ => format!("the body is not JSON, expected {wanted}"),
        };
        let finding = Finding::new(code, Location::Body(String::new()), message)
            .with_case(place.cloned())
            .with_expected(wanted)
            .with_actual(actual.clone());
        Some(finding)
    };
    // `$absent` and the like are content with no body at all.
    let is_empty = matches!(answer.body, ResponseBody::Empty);
    let body = case
        .body
        .as_ref()
        .filter(|body| !(is_empty && admits_absence(&body.rule)));
    let body = body.and_then(|body| report(Code::ExpectBody, body.place.as_ref(), describe(body)));
    let message = case.message.as_ref();
    let message =
        message.and_then(|one| report(Code::ExpectBody, one.place.as_ref(), describe(one)));
    let schema = case.schema.as_ref();
    let schema = schema.and_then(|schema| {
        let wanted = "JSON that keeps the schema in the case".to_owned();
        report(Code::ExpectSchema, schema.place.as_ref(), wanted)
    });
    body.into_iter().chain(message).chain(schema).collect()
}

/// One finding for each wrong path; the first carries a diff, where there is more to see than two short values. The diff's
/// expected side is the actual body with the expected values put in, so that it shows only what is wrong.
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
    // The first to be shown, not the first in the case file.
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

/// The raw text. A transfer that was cut short says why the text is another.
fn text(answer: &CheckedResponse<'_>, matcher: &Matcher<Value>) -> Vec<Finding> {
    if let ResponseBody::Broken(fault) = &answer.body
        && fault.code == Code::BodyTruncated
        && answer.stands_for(fault.code, Code::ExpectBody)
    {
        return Vec::new();
    }
    let actual = Value::String(answer.text().into_owned());
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

/// Pointers that must lead nowhere. Where there is no JSON, nothing is there.
fn absent(answer: &CheckedResponse<'_>, case: &Expectation<Value>) -> Vec<Finding> {
    let ResponseBody::Json { value, .. } = &answer.body else {
        return Vec::new();
    };
    case.absent
        .iter()
        .filter_map(|pointer| {
            let actual = short_json(value.pointer(&pointer.value)?);
            let message = format!("`{}` is there, expected nothing", pointer.value);
            let at = Location::Body(pointer.value.clone());
            let finding = Finding::new(Code::ExpectAbsent, at, message)
                .with_case(pointer.place.clone())
                .with_expected("nothing")
                .with_actual(actual);
            Some(finding)
        })
        .collect()
}

/// The time is held whatever the status: it is the exchange's, not the answer's.
fn time(answer: &CheckedResponse<'_>) -> Option<Finding> {
    let within = answer.asked.expectation?.within.as_ref()?;
    let elapsed = answer.exchange.elapsed;
    if elapsed <= within.value {
        return None;
    }
    let message = format!(
        "the answer took {elapsed:.2?}, expected at most {:?}",
        within.value
    );
    let finding = Finding::new(Code::ExpectTime, Location::Time, message)
        .with_case(within.place.clone())
        .with_expected(format!("at most {:?}", within.value))
        .with_actual(format!("{elapsed:.2?}"));
    Some(finding)
}
