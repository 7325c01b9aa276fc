//! Checks an exchange against what the contract documents and the case expects. Pure: no I/O, no async. An exchange from a proxy
//! or a recording is checked like one that was sent here.
//!
//! Main function: [`check`]. The table of all rule families: [`CHECKS`].
//!
//! # One cause, one finding
//!
//! A rule reports nothing where another already reports the cause:
//!
//! | received | reported as | not reported |
//! |---|---|---|
//! | 5xx that the case did not expect | `server-error` | other status rules, the contract's rules for the response, the case's expectations |
//! | 3xx with `Location` that neither case nor contract names | `redirect-unexpected` | the same |
//! | another status than expected | `status-unexpected` | the case's expectations (they apply to the expected status); the contract's rules for the received status are still checked |
//! | a success a protected operation should have refused | `auth-ignored` | `status-unexpected`, the case's expectations |
//! | an undocumented status | `status-undocumented` | content, schema and header rules of the contract |
//! | a wrong media type | `content-type-undocumented` | schema; expectations on a body that cannot be read as JSON |
//! | a body that is cut short, not JSON or XML as declared, or missing | `body-truncated`, `body-unparsable`, `body-missing` | schema, the case's expectations on the body |
//! | a property that `additionalProperties: false` forbids | `body-schema` | `body-undocumented-property` |
//!
//! A rule replaces another only if its severity is at least as high: if the configuration makes `server-error` a warning,
//! `status-unexpected` is reported as well. The time limit of a case is always checked.
//!
//! # What is not checked
//!
//! Bodies of JSON media types (`application/json`, `text/json`, `…+json`) are validated against the schema, and so are those of a
//! range such as `*/*` if they parse as JSON. The items of JSON Lines, JSON text sequences and event streams are validated against
//! `itemSchema` (OpenAPI 3.2). Swagger 2.0 without `produces` names no media type: every Content-Type is allowed, and only JSON is
//! validated. For `text/*` bodies only schemas of type string are checked. XML (`application/xml`, `text/xml`, `…+xml`) is validated
//! where the contract documents an XML type, as the value that `xml` of the schema makes of it; parts that it does not determine are
//! not. Other formats are not read.

mod auth;
mod binary;
mod body;
mod content;
mod credentials;
mod events;
mod excerpt;
mod expectation;
mod header_values;
mod headers;
mod matching;
mod order;
mod outcomes;
mod response;
mod schema;
mod sent;
mod status;
mod template;
mod until;
mod xml;
mod xpath;

use serde_json::Value;

use crate::case::Expectation;
use crate::contract::Operation;
use crate::exchange::{Caller, CredentialPlace, Exchange};
use crate::finding::{Code, Finding, Location, RunError, Severity};
use crate::target::Severities;
use crate::text::cut;
use crate::xml::XPath;

#[cfg(feature = "server")]
pub(crate) use auth::missing_credentials;
pub use matching::{MAX_MISMATCHES, Mismatch, mismatches};
use order::place_order;
pub use outcomes::unexpected_outcomes;
use response::CheckedResponse;
pub(crate) use response::{documented_for, may_be_json};
pub(crate) use sent::{is_ours, is_sent};
pub use until::{PollTimes, unmet, until_not_reached};

/// What an exchange is checked against.
#[derive(Debug, Clone, Copy)]
pub struct CheckContext<'a> {
    /// The operation that was called; `None`: the contract documents none, only expectations and general rules apply.
    pub operation: Option<&'a Operation>,
    /// What the case expects, its templates filled in; `None`: no case, only contract and general rules apply.
    pub expectation: Option<&'a Expectation<Value>>,
    pub caller: Caller,
    /// The places of the request that the credentials of the caller's auth profile are carried in.
    pub signed: &'a [CredentialPlace],
    /// Whether the target has client certificates: a connection without one is then known to have none.
    pub has_certificates: bool,
    /// Maximum nesting depth of a JSON body; at most [`MAX_DEPTH`]. A deeper body is not read.
    pub depth: usize,
}

/// The maximum nesting depth, whatever the configuration says: the stack is limited.
pub const MAX_DEPTH: usize = 500;

/// Maximum number of findings of one code that are listed for one exchange. One further finding counts the rest.
pub const MAX_FINDINGS_PER_CODE: usize = 100;

/// The result of checking an exchange.
#[derive(Debug, Clone)]
pub struct Checked {
    /// In the order of [`Code::ALL`], then by place in the response. None has [`Severity::Off`].
    pub findings: Vec<Finding>,
    /// The findings that [`MAX_FINDINGS_PER_CODE`] left out of `findings`, in the same order. The last finding of their code in
    /// `findings` counts them.
    pub unlisted: Vec<Finding>,
    /// The body, where it was read as JSON: for captures.
    pub body: Option<Value>,
    /// Why the exchange could not be checked completely. The verdict is then an error, unless there are findings.
    pub error: Option<RunError>,
}

/// A family of rules, in its own file.
#[derive(Debug)]
pub struct Check {
    /// The codes it reports.
    pub codes: &'static [Code],
    judge: fn(&CheckedResponse<'_>) -> Vec<Finding>,
}

/// All rule families, in the order in which a response is checked.
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
    /// Only the contract and the general rules: for traffic without a case. Any documented status is then accepted except 5xx,
    /// which is always a `server-error`.
    pub fn of_contract(operation: Option<&'a Operation>, caller: Caller, depth: usize) -> Self {
        CheckContext {
            operation,
            expectation: None,
            caller,
            signed: &[],
            has_certificates: false,
            depth,
        }
    }
}

/// Checks an exchange against contract and expectation. Never fails: what cannot be checked is the result's `error`. An
/// expectation without a `status` expects a 2xx, and one of the documented 2xx statuses if there are any.
///
/// ```
/// use bytes::Bytes;
/// use counterpart::check::{CheckContext, check};
/// use counterpart::contract;
/// use counterpart::diagnostic::Diagnostics;
/// use counterpart::exchange::{Caller, Exchange, Request, Response, Transfer};
/// use counterpart::finding::Code;
/// use counterpart::source::Folder;
/// use counterpart::target::Severities;
/// use http::{HeaderMap, Method, StatusCode, Version};
///
/// let schemas = Folder::new("examples/notes/schemas");
/// let contract = contract::load(&schemas, "notes/notes.yaml", &mut Diagnostics::new()).unwrap();
/// let operation = contract.operation(&Method::GET, "/notes").unwrap();
/// let request = Request {
///     method: Method::GET,
///     url: "http://localhost/notes".parse().unwrap(),
///     headers: HeaderMap::new(),
///     body: Bytes::new(),
/// };
/// let response = Response {
///     status: StatusCode::IM_A_TEAPOT,
///     version: Version::HTTP_11,
///     headers: HeaderMap::new(),
///     body: Bytes::new(),
///     transfer: Transfer::Complete,
/// };
/// let exchange = Exchange { request, response, elapsed: std::time::Duration::ZERO };
/// let context = CheckContext::of_contract(Some(&operation), Caller::Authenticated, 100);
/// let checked = check(&exchange, &context, &Severities::default());
/// assert_eq!(checked.findings[0].code, Code::StatusUndocumented);
/// ```
pub fn check(exchange: &Exchange, context: &CheckContext<'_>, severities: &Severities) -> Checked {
    let response = CheckedResponse::read(exchange, context, severities);
    let mut findings: Vec<Finding> = CHECKS
        .iter()
        .flat_map(|check| (check.judge)(&response))
        .map(|mut finding| {
            finding.severity = severities.of(finding.code);
            finding.message = cut(&finding.message, excerpt::MESSAGE);
            finding.found = response.class_found(&finding);
            finding
        })
        .filter(|finding| finding.severity != Severity::Off)
        .collect();
    findings.sort_by_cached_key(|finding| (finding.code, place_order(&finding.at)));
    let (findings, unlisted) = limited(&findings);
    let error = response.error();
    Checked {
        findings,
        unlisted,
        body: response.into_json(),
        error,
    }
}

/// The JSON body of a response as checking reads it; `None` if it is not JSON, is broken, or is nested deeper than `depth`.
pub fn json_body(exchange: &Exchange, depth: usize) -> Option<Value> {
    response::json_body(exchange, depth.min(MAX_DEPTH))
}

/// What an XPath finds in the XML body of a response, which must be one value; why not, as a fragment.
pub(crate) fn xpath_value(exchange: &Exchange, path: &XPath) -> Result<Value, String> {
    let document = response::xml_document(exchange, MAX_DEPTH);
    let document = document.ok_or("the response has no XML body")?;
    match path.evaluate(&document) {
        Err(reason) => Err(format!("`{path}` cannot be evaluated: {reason}")),
        Ok(found) => match found.into_json() {
            None => Err(format!("`{path}` finds nothing in the response")),
            Some(Value::Array(texts)) => Err(format!(
                "`{path}` finds {} nodes in the response; begin with `string(…)` for the first, or name one",
                texts.len()
            )),
            Some(value) => Ok(value),
        },
    }
}

/// The events or items of a response that is a stream, as cases compare them ([`events::list`]).
pub(crate) fn stream_events(exchange: &Exchange) -> Option<Value> {
    events::list(exchange).map(Value::Array)
}

/// Limits the findings of each code to [`MAX_FINDINGS_PER_CODE`] and adds one that counts the rest. Returns the listed findings
/// and the others.
fn limited(findings: &[Finding]) -> (Vec<Finding>, Vec<Finding>) {
    let mut listed: Vec<Finding> = Vec::with_capacity(findings.len().min(64));
    let mut unlisted = Vec::new();
    for run in findings.chunk_by(|left, right| left.code == right.code) {
        let (shown, left) = run.split_at(run.len().min(MAX_FINDINGS_PER_CODE));
        listed.extend_from_slice(shown);
        if let Some(first) = left.first() {
            let message = format!(
                "{} more findings of `{}` are not listed",
                left.len(),
                first.code
            );
            let mut rest = Finding::new(first.code, Location::Body(String::new()), message);
            rest.severity = first.severity;
            listed.push(rest);
            unlisted.extend_from_slice(left);
        }
    }
    (listed, unlisted)
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
