//! Conditions on which a step is sent again. Code: `until-not-reached`.

use std::time::Duration;

use serde_json::Value;

use super::excerpt::MESSAGE;
use super::response::{CheckedResponse, status_line};
use super::{CheckContext, expectation};
use crate::case::{AppliedRules, Expectation, StatusPattern};
use crate::exchange::{Caller, Exchange};
use crate::finding::{Code, Finding, Location};
use crate::source::Place;
use crate::target::Severities;
use crate::text::{counted, cut};

/// Maximum number of mismatches that a message lists.
const LISTED: usize = 3;

/// What a response lacks of a condition; empty: it holds. A condition without a status allows any. The contract is not used.
pub fn unmet(exchange: &Exchange, condition: &Expectation<Value>, depth: usize) -> Vec<Finding> {
    let status = exchange.response.status;
    let named = &condition.status;
    if !named.is_empty() && !named.iter().any(|pattern| pattern.value.matches(status)) {
        let patterns: Vec<String> = named
            .iter()
            .map(|pattern| pattern.value.to_string())
            .collect();
        let expected = patterns.join(" or ");
        let message = format!("the status is {}, expected {expected}", status.as_u16());
        let finding = Finding::new(Code::StatusUnexpected, Location::Status, message)
            .with_case(named.first().and_then(|pattern| pattern.place.clone()))
            .with_expected(expected)
            .with_actual(status_line(status));
        return vec![finding];
    }
    let any_status = Expectation {
        status: (1..=5)
            .map(|digit| StatusPattern::Range(digit).into())
            .collect(),
        within: None,
        rules: AppliedRules::GeneralOnly,
        ..condition.clone()
    };
    let context = CheckContext {
        operation: None,
        expectation: Some(&any_status),
        caller: Caller::Authenticated,
        signed: &[],
        has_certificates: false,
        depth,
    };
    expectation::judge(&CheckedResponse::read(
        exchange,
        &context,
        &Severities::default(),
    ))
}

/// How often and how long a step was sent.
#[derive(Debug, Clone, Copy)]
pub struct PollTimes<'a> {
    /// Requests sent.
    pub polls: usize,
    pub elapsed: Duration,
    pub within: Duration,
    /// The pause that the last response requires, where it ends after the limit.
    pub retry_after: Option<Duration>,
    /// The condition, where it is written in a file.
    pub place: Option<&'a Place>,
}

/// The finding for a condition that did not hold within its limit. `exchange` is the last one.
pub fn until_not_reached(
    exchange: &Exchange,
    condition: &Expectation<Value>,
    times: PollTimes<'_>,
    depth: usize,
) -> Finding {
    let PollTimes {
        polls,
        elapsed,
        within,
        retry_after,
        place,
    } = times;
    let unmet = unmet(exchange, condition, depth);
    let requests = counted(polls, "request");
    let mut message =
        format!("the condition did not hold within {within:?} ({requests} in {elapsed:.1?})");
    if let Some(pause) = retry_after {
        message += &format!("; the server requires a pause of {pause:?} by Retry-After");
    }
    let mismatches: Vec<String> = unmet
        .iter()
        .take(LISTED)
        .map(|finding| finding.message.clone())
        .collect();
    if !mismatches.is_empty() {
        message += &format!("; in the last response {}", mismatches.join("; "));
    }
    if unmet.len() > LISTED {
        message += &format!("; and {} more", unmet.len() - LISTED);
    }
    let first = unmet.into_iter().next();
    let at = first
        .as_ref()
        .map_or(Location::Status, |first| first.at.clone());
    let mut finding = Finding::new(Code::UntilNotReached, at, cut(&message, MESSAGE));
    if let Some(first) = first {
        finding.expected = first.expected;
        finding.actual = first.actual;
        finding.missing = first.missing;
        finding.diff = first.diff;
        finding.case = first.case;
    }
    finding.case = finding.case.or_else(|| place.cloned());
    finding
}
