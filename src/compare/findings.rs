//! Differences as findings, so that waivers, severities and reports apply to them. Main function: [`findings`].

use http::StatusCode;
use http::header::SET_COOKIE;

use super::{BodyDifference, Difference, HeaderDifference};
use crate::document::parse_json;
use crate::exchange::Response;
use crate::finding::{Code, Finding, Location, Severity, ValueClass};
use crate::target::Severities;

/// The findings of a difference, in the order status, headers, body. The first in the body has the diff of the bodies. None has
/// [`Severity::Off`].
pub fn findings(difference: &Difference, live: &Response, severities: &Severities) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(status) = difference.status {
        let message = format!("expected status {}, got {}", status.expected, status.actual);
        let mut finding = Finding::new(Code::DifferenceStatus, Location::Status, message)
            .with_expected(status_line(status.expected))
            .with_actual(status_line(status.actual));
        finding.found = Some(ValueClass::Status(status.actual));
        findings.push(finding);
    }
    findings.extend(difference.headers.iter().map(header));
    let body = parse_json(&live.body, super::DEPTH).ok();
    let body = body.map(|(node, _)| node.into_json());
    for (index, place) in difference.body.iter().enumerate() {
        let mut finding = of_body(place);
        finding.found = Some(match &body {
            Some(body) => body
                .pointer(&place.pointer)
                .map_or(ValueClass::Missing, ValueClass::of),
            None => ValueClass::String,
        });
        if let (0, Some((expected, actual))) = (index, &difference.diff) {
            finding = finding.with_diff(expected, actual);
        }
        findings.push(finding);
    }
    for finding in &mut findings {
        finding.severity = severities.of(finding.code);
    }
    findings.retain(|finding| finding.severity != Severity::Off);
    findings
}

fn header(difference: &HeaderDifference) -> Finding {
    let HeaderDifference {
        name,
        expected,
        actual,
    } = difference;
    let (code, subject) = match *name == SET_COOKIE {
        true => (Code::DifferenceCookie, "the cookies set".to_owned()),
        false => (Code::DifferenceHeader, format!("the header {name}")),
    };
    let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let (expected, actual_text) = (or_none(expected), or_none(actual));
    let message = format!("{subject}: expected {expected}, got {actual_text}");
    let mut finding = Finding::new(code, Location::Header(name.as_str().to_owned()), message)
        .with_expected(expected)
        .with_actual(actual_text);
    finding.found = Some(match actual {
        Some(_) => ValueClass::String,
        None => ValueClass::Missing,
    });
    finding
}

fn of_body(difference: &BodyDifference) -> Finding {
    let BodyDifference {
        kind,
        pointer,
        expected,
        actual,
    } = difference;
    let subject = match pointer.as_str() {
        "" => "the body".to_owned(),
        pointer => format!("`{pointer}`"),
    };
    let message = match (expected, actual) {
        (Some(expected), Some(actual)) => format!("{subject} is {actual}, expected {expected}"),
        (Some(expected), None) => format!("{subject} is missing, expected {expected}"),
        (None, Some(actual)) => format!("{subject} is {actual}, expected nothing"),
        (None, None) => format!("{subject} differs"),
    };
    let at = Location::Body(pointer.clone());
    Finding::new(kind.code(), at, message)
        .with_expected(expected.as_deref().unwrap_or("nothing"))
        .with_actual(actual.as_deref().unwrap_or("nothing"))
}

fn status_line(code: u16) -> String {
    let reason = StatusCode::from_u16(code)
        .ok()
        .and_then(|status| status.canonical_reason());
    match reason {
        Some(reason) => format!("{code} {reason}"),
        None => code.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::tests::exchange;
    use crate::compare::{DifferenceKind, StatusDifference};

    fn found(difference: &Difference, body: &str) -> Vec<String> {
        let live = exchange("http://live.example", "/x", 404, body).response;
        let findings = findings(difference, &live, &Severities::default());
        findings
            .iter()
            .map(|finding| {
                let found = finding
                    .found
                    .map(|class| class.to_string())
                    .unwrap_or_default();
                format!(
                    "{} at {}: {} [{found}]",
                    finding.code, finding.at, finding.message
                )
            })
            .collect()
    }

    #[test]
    fn each_place_is_a_finding_with_its_own_code() {
        let difference = Difference {
            status: Some(StatusDifference {
                expected: 200,
                actual: 404,
            }),
            headers: vec![HeaderDifference {
                name: SET_COOKIE,
                expected: Some("sid".to_owned()),
                actual: None,
            }],
            body: vec![
                BodyDifference {
                    kind: DifferenceKind::Value,
                    pointer: "/a".to_owned(),
                    expected: Some("1".to_owned()),
                    actual: Some("2".to_owned()),
                },
                BodyDifference {
                    kind: DifferenceKind::Missing,
                    pointer: "/b".to_owned(),
                    expected: Some("3".to_owned()),
                    actual: None,
                },
            ],
            diff: Some(("x".to_owned(), "y".to_owned())),
        };
        assert_eq!(
            found(&difference, r#"{"a":2}"#),
            [
                "difference-status at status: expected status 200, got 404 [status 404]",
                "difference-cookie at header set-cookie: the cookies set: expected sid, got none [missing]",
                "difference-value at body /a: `/a` is 2, expected 1 [integer]",
                "difference-missing at body /b: `/b` is missing, expected 3 [missing]",
            ]
        );
    }

    #[test]
    fn two_equal_responses_have_none() {
        assert!(found(&Difference::default(), "{}").is_empty());
    }
}
