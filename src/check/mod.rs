//! Judges an exchange: what the contract promised and the case expected against what came. Pure: no I/O, no async; an exchange
//! from a proxy or a recording is judged like one of our own.
//!
//! Main function: [`check`]. The table of all rule families: [`CHECKS`].
//!
//! # One cause, one finding
//!
//! A rule is silent where another already says what is wrong:
//!
//! | what came | said by | silent |
//! |---|---|---|
//! | 5xx the case did not expect | `server-error` | other status rules, the contract's promises for the answer, the case's expectations |
//! | 3xx with `Location` that neither case nor contract names | `redirect-unexpected` | the same |
//! | another status than expected | `status-unexpected` | the case's expectations (they speak of the expected status); the contract's promises for the status that came are still held |
//! | a success a protected operation should have refused | `auth-ignored` | `status-unexpected`, the case's expectations |
//! | a status without promise | `status-undocumented` | content, schema and header rules of the contract |
//! | a wrong media type | `content-type-undocumented` | schema; expectations on a body that cannot be read as JSON |
//! | a body cut short, no JSON, or none | `body-truncated`, `body-unparsable`, `body-missing` | schema, the case's expectations on the body |
//! | a property that `additionalProperties: false` forbids | `body-schema` | `body-undocumented-property` |
//!
//! A rule stands for another only while it weighs at least as much: where the configuration makes `server-error` a warning,
//! `status-unexpected` is reported again. The time limit of a case is always held.
//!
//! # What is not checked
//!
//! Bodies of JSON media types (`application/json`, `text/json`, `…+json`) are held to the schema, and those of a range such as
//! `*/*` when they read as JSON. Of `text/*` bodies only schemas of type string are checked. XML and others are not read.

mod answer;
mod auth;
mod body;
mod content;
mod excerpt;
mod expectation;
mod headers;
mod matching;
mod order;
mod schema;
mod status;
mod template;

use serde_json::Value;

use crate::case::Expectation;
use crate::contract::Operation;
use crate::exchange::{Caller, Exchange};
use crate::finding::{Code, Finding, Location, RunError, Severity};
use crate::target::Severities;
use crate::text::cut;

use answer::CheckedResponse;
pub(crate) use answer::{documented_for, may_be_json};
pub use matching::{MAX_MISMATCHES, Mismatch, mismatches};
use order::place_order;

/// What an exchange is held to.
#[derive(Debug, Clone, Copy)]
pub struct CheckContext<'a> {
    /// The operation that was called; `None`: the contract documents none, only expectations and general rules apply.
    pub operation: Option<&'a Operation>,
    /// What the case expects, its templates filled in; `None`: nobody asked, only contract and general rules apply.
    pub expectation: Option<&'a Expectation<Value>>,
    pub caller: Caller,
    /// Nesting depth of a JSON body beyond which it is not read; at most [`MAX_DEPTH`].
    pub depth: usize,
}

/// The greatest nesting depth that can be asked for, whatever the configuration says: the stack has an end.
pub const MAX_DEPTH: usize = 500;

/// At most so many findings of one code are listed for one exchange; a last one counts the others.
pub const MAX_FINDINGS_PER_CODE: usize = 100;

/// What came of checking an exchange.
#[derive(Debug, Clone)]
pub struct Checked {
    /// In the order of [`Code::ALL`], then by place in the response. None has [`Severity::Off`].
    pub findings: Vec<Finding>,
    /// Those that [`MAX_FINDINGS_PER_CODE`] left out of `findings`, in the same order; the last one of their code there counts them.
    pub unlisted: Vec<Finding>,
    /// The body, where it was read as JSON: for captures.
    pub body: Option<Value>,
    /// Why the exchange could not be judged as a whole; the verdict is then an error unless there are findings.
    pub error: Option<RunError>,
}

/// A family of rules, each in a file of its own.
#[derive(Debug)]
pub struct Check {
    /// The codes it reports.
    pub codes: &'static [Code],
    judge: fn(&CheckedResponse<'_>) -> Vec<Finding>,
}

/// All rule families, in the order in which an answer is looked at.
pub const CHECKS: &[Check] = &[
    status::CHECK,
    content::CHECK,
    body::CHECK,
    schema::CHECK,
    template::CHECK,
    headers::CHECK,
    auth::CHECK,
    expectation::CHECK,
];

impl<'a> CheckContext<'a> {
    /// Only the contract and the general rules: for traffic that nobody's case asked for. Any documented status is then fine but
    /// for 5xx, which is always a `server-error`.
    pub fn of_contract(operation: Option<&'a Operation>, caller: Caller, depth: usize) -> Self {
        CheckContext {
            operation,
            expectation: None,
            caller,
            depth,
        }
    }
}

/// Holds an exchange to all that was promised and expected. Never fails: what cannot be judged is the result's `error`.
/// Without a `status` in the expectation a 2xx is expected, and where the operation documents 2xx statuses, one of these.
pub fn check(exchange: &Exchange, asked: &CheckContext<'_>, severities: &Severities) -> Checked {
    let answer = CheckedResponse::read(exchange, asked, severities);
    let mut findings: Vec<Finding> = CHECKS
        .iter()
        .flat_map(|check| (check.judge)(&answer))
        .map(|mut finding| {
            finding.severity = severities.of(finding.code);
            finding.message = cut(&finding.message, excerpt::MESSAGE);
            finding.found = answer.class_found(&finding);
            finding
        })
        .filter(|finding| finding.severity != Severity::Off)
        .collect();
    findings.sort_by_cached_key(|finding| (finding.code, place_order(&finding.at)));
    let (findings, unlisted) = limited(&findings);
    let error = answer.error();
    Checked {
        findings,
        unlisted,
        body: answer.into_json(),
        error,
    }
}

/// The body of a response as checking reads it: `None` where it is not JSON, is broken, or nested deeper than `depth`.
pub fn json_body(exchange: &Exchange, depth: usize) -> Option<Value> {
    answer::json_body(exchange, depth.min(MAX_DEPTH))
}

/// Cuts each code's run at [`MAX_FINDINGS_PER_CODE`], counting what is left out; returns what is listed and what is not.
fn limited(findings: &[Finding]) -> (Vec<Finding>, Vec<Finding>) {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len().min(64));
    let mut unlisted = Vec::new();
    for run in findings.chunk_by(|left, right| left.code == right.code) {
        let (shown, left) = run.split_at(run.len().min(MAX_FINDINGS_PER_CODE));
        kept.extend_from_slice(shown);
        if let Some(first) = left.first() {
            let message = format!(
                "{} more findings of `{}` are not listed",
                left.len(),
                first.code
            );
            let mut rest = Finding::new(first.code, Location::Body(String::new()), message);
            rest.severity = first.severity;
            kept.push(rest);
            unlisted.extend_from_slice(left);
        }
    }
    (kept, unlisted)
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
