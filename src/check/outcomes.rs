//! The statuses of requests that were sent at the same time. Code: `outcomes-unexpected`.

use http::StatusCode;
use serde_json::Value;

use super::matching::{describe, mismatches};
use crate::case::{Located, Matcher, StatusPattern};
use crate::finding::{Code, Finding, Location};

/// A finding for each status that was received more or less often than expected.
pub fn unexpected_outcomes(
    expected: &[(Located<StatusPattern>, Matcher<Value>)],
    statuses: &[StatusCode],
) -> Vec<Finding> {
    let all = statuses.len();
    let findings = expected.iter().filter_map(|(pattern, count)| {
        let matching = statuses
            .iter()
            .filter(|status| pattern.value.matches(**status));
        let actual = matching.count();
        if mismatches(count, &Value::from(actual)).is_empty() {
            return None;
        }
        let number = describe(count);
        let message = format!(
            "expected status {} from {number} of {all} responses, got {actual}: {}",
            pattern.value,
            counts(statuses)
        );
        let place = count.place.clone().or_else(|| pattern.place.clone());
        let finding = Finding::new(Code::OutcomesUnexpected, Location::Status, message)
            .with_case(place)
            .with_expected(format!("{} × {number}", pattern.value))
            .with_actual(counts(statuses));
        Some(finding)
    });
    findings.collect()
}

/// `3 × 201, 2 × 409`
fn counts(statuses: &[StatusCode]) -> String {
    let mut sorted: Vec<u16> = statuses.iter().map(|status| status.as_u16()).collect();
    sorted.sort_unstable();
    let runs = sorted.chunk_by(|left, right| left == right);
    let texts = runs.filter_map(|run| Some(format!("{} × {}", run.len(), run.first()?)));
    match sorted.is_empty() {
        true => "no response".to_owned(),
        false => texts.collect::<Vec<_>>().join(", "),
    }
}
