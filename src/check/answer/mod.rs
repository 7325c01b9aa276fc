//! An answer as all rule families see it, worked out once: which promise is in force, what the status says, what the body is.
//!
//! Main type: [`CheckedResponse`].

mod body;
mod content;
mod status;

use std::borrow::Cow;

use serde_json::Value;

use self::body::may_have_body;
pub(super) use self::body::{ResponseBody, around};
pub(super) use self::content::Declared;
pub(crate) use self::content::{documented_for, may_be_json};
pub(super) use self::status::{StatusOutcome, documented_successes, status_line};
use super::{CheckContext, MAX_DEPTH};
use crate::case::{AppliedRules, Expectation};
use crate::contract::{DocumentedMediaType, DocumentedResponse, Operation};
use crate::exchange::{Exchange, Response};
use crate::finding::{Code, ErrorKind, Finding, Location, RunError, ValueClass};
use crate::target::Severities;

/// One answer with all that several families need to know of it.
#[derive(Debug)]
pub(super) struct CheckedResponse<'a> {
    pub(super) exchange: &'a Exchange,
    pub(super) asked: &'a CheckContext<'a>,
    severities: &'a Severities,
    /// How the status stands to what the case expects.
    pub(super) outcome: StatusOutcome,
    /// What the contract promises for this status, where its promises are in force.
    pub(super) promise: Option<&'a DocumentedResponse>,
    pub(super) declared: Declared,
    /// The promised media type that the declared one is of.
    pub(super) media: Option<&'a DocumentedMediaType>,
    pub(super) body: ResponseBody,
}

impl<'a> CheckedResponse<'a> {
    /// Reads an exchange; the body is parsed here and nowhere else.
    pub(super) fn read(
        exchange: &'a Exchange,
        asked: &'a CheckContext<'a>,
        severities: &'a Severities,
    ) -> Self {
        let response = &exchange.response;
        let operation = contract_in_force(asked);
        let outcome = StatusOutcome::of(response, asked.expectation, operation);
        let promise = match outcome {
            StatusOutcome::ServerError | StatusOutcome::Redirect => None,
            StatusOutcome::AsExpected | StatusOutcome::Unexpected => {
                operation.and_then(|operation| operation.response(response.status))
            }
        };
        let declared = Declared::of(&response.headers);
        let media = promise.and_then(|promise| declared.among(&promise.content));
        let depth = asked.depth.min(MAX_DEPTH);
        let body = ResponseBody::read(exchange, &declared, depth);
        CheckedResponse {
            exchange,
            asked,
            severities,
            outcome,
            promise,
            declared,
            media,
            body,
        }
    }

    pub(super) fn response(&self) -> &'a Response {
        &self.exchange.response
    }

    /// The operation, unless the case says that this answer is not documented.
    pub(super) fn operation(&self) -> Option<&'a Operation> {
        contract_in_force(self.asked)
    }

    /// The case's expectations beyond the status. They speak of the expected status, so they hold only where it came.
    pub(super) fn expectation(&self) -> Option<&'a Expectation<Value>> {
        match self.outcome {
            StatusOutcome::AsExpected => self.asked.expectation,
            _ => None,
        }
    }

    /// Whether a finding of `cause` makes one of `consequence` superfluous: only while it weighs at least as much.
    pub(super) fn stands_for(&self, cause: Code, consequence: Code) -> bool {
        self.severities.of(cause) >= self.severities.of(consequence)
    }

    /// Whether this answer may have a body at all (RFC 9110, 6.4.1, 9.3.2, 15.3.5, 15.3.6, 15.4.5).
    pub(super) fn may_have_body(&self) -> bool {
        may_have_body(&self.exchange.request.method, self.response().status)
    }

    /// Whether a body that reads as JSON is meant as JSON: it says so, says nothing, or is promised by a range of media types
    /// (then a text is still a text, though it may begin with a bracket).
    pub(super) fn is_meant_as_json(&self) -> bool {
        let range = self
            .media
            .is_some_and(|media| media.media_type.contains("/*"));
        self.declared.is_json()
            || matches!(self.declared, Declared::Missing)
            || (range && !self.declared.is_text())
    }

    /// The body as text: UTF-8, or ISO 8859-1 where the Content-Type says so; what is neither is replaced.
    pub(super) fn text(&self) -> Cow<'a, str> {
        let bytes = &self.exchange.response.body;
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) if self.declared.is_latin1() => bytes.iter().copied().map(char::from).collect(),
            Err(_) => String::from_utf8_lossy(bytes),
        }
    }

    pub(super) fn error(&self) -> Option<RunError> {
        match &self.body {
            ResponseBody::TooDeep { limit } => Some(
                RunError::new(
                    ErrorKind::ResponseTooDeep,
                    format!("the JSON body is nested deeper than {limit} levels"),
                )
                .with_advice(
                    "raise `depth` under [limits], or find out why the server nests so deep",
                ),
            ),
            _ => None,
        }
    }

    /// What kind of value is where a finding says that something is wrong.
    pub(super) fn class_found(&self, finding: &Finding) -> Option<ValueClass> {
        let response = self.response();
        match finding.subject() {
            Location::Status => Some(ValueClass::Status(response.status.as_u16())),
            Location::Header(name) => Some(match response.headers.contains_key(name.as_str()) {
                true => ValueClass::String,
                false => ValueClass::Missing,
            }),
            Location::Body(pointer) => Some(match &self.body {
                ResponseBody::Json { value, .. } => value
                    .pointer(&pointer)
                    .map_or(ValueClass::Missing, ValueClass::of),
                _ if response.body.is_empty() || !pointer.is_empty() => ValueClass::Missing,
                _ => ValueClass::String,
            }),
            Location::Time => None,
        }
    }

    pub(super) fn into_json(self) -> Option<Value> {
        match self.body {
            ResponseBody::Json { value, .. } => Some(value),
            _ => None,
        }
    }
}

/// The body where it is read as JSON.
pub(super) fn json_body(exchange: &Exchange, depth: usize) -> Option<Value> {
    let declared = Declared::of(&exchange.response.headers);
    match ResponseBody::read(exchange, &declared, depth) {
        ResponseBody::Json { value, .. } => Some(value),
        _ => None,
    }
}

fn contract_in_force<'a>(asked: &CheckContext<'a>) -> Option<&'a Operation> {
    let general_only = asked
        .expectation
        .is_some_and(|expectation| expectation.rules == AppliedRules::GeneralOnly);
    asked.operation.filter(|_| !general_only)
}
