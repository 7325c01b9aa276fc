//! A response as all rule families see it, evaluated once: what the contract documents for it, what the status means, what the
//! body is.
//!
//! Main type: [`CheckedResponse`].

mod body;
mod content;
mod status;

use std::borrow::Cow;

use serde_json::Value;

use self::body::may_have_body;
pub(super) use self::body::{ResponseBody, around};
pub(super) use self::content::{Declared, is_json_type, is_text_type, is_xml_type};
pub(crate) use self::content::{documented_for, may_be_json};
pub(super) use self::status::{StatusOutcome, documented_successes, status_line};
use super::xml::XmlTree;
use super::{CheckContext, MAX_DEPTH};
use crate::case::{AppliedRules, Expectation};
use crate::contract::{DocumentedMediaType, DocumentedResponse, Operation};
use crate::exchange::{Exchange, Response};
use crate::finding::{Code, ErrorKind, Finding, Location, RunError, ValueClass};
use crate::target::Severities;
use crate::xml::{self, XmlDocument};

/// One response with everything that several families need.
#[derive(Debug)]
pub(super) struct CheckedResponse<'a> {
    pub(super) exchange: &'a Exchange,
    pub(super) context: &'a CheckContext<'a>,
    severities: &'a Severities,
    /// How the status relates to what the case expects.
    pub(super) outcome: StatusOutcome,
    /// What the contract documents for this status; `None` where its rules do not apply.
    pub(super) documented: Option<&'a DocumentedResponse>,
    pub(super) declared: Declared,
    /// The documented media type that covers the declared one.
    pub(super) media: Option<&'a DocumentedMediaType>,
    pub(super) body: ResponseBody,
    /// An XML body as the value that its schema describes.
    pub(super) xml: Option<XmlTree>,
}

impl<'a> CheckedResponse<'a> {
    /// Reads an exchange. The body is parsed only here.
    pub(super) fn read(
        exchange: &'a Exchange,
        context: &'a CheckContext<'a>,
        severities: &'a Severities,
    ) -> Self {
        let raw = &exchange.response;
        let operation = contract_in_force(context);
        let outcome = StatusOutcome::of(raw, context.expectation, operation);
        let documented = match outcome {
            StatusOutcome::ServerError | StatusOutcome::Redirect => None,
            StatusOutcome::AsExpected | StatusOutcome::Unexpected => {
                operation.and_then(|operation| operation.response(raw.status))
            }
        };
        let declared = Declared::of(&raw.headers);
        let media = documented.and_then(|documented| declared.among(&documented.content));
        let depth = context.depth.min(MAX_DEPTH);
        let body = ResponseBody::read(exchange, &declared, depth);
        let xml = match &body {
            ResponseBody::Xml(document) => media
                .filter(|media| media.is_named && is_xml_type(&media.media_type))
                .and_then(|media| media.schema.as_ref())
                .filter(|schema| schema.refusal().is_none())
                .and_then(|schema| XmlTree::of(document, schema)),
            _ => None,
        };
        CheckedResponse {
            exchange,
            context,
            severities,
            outcome,
            documented,
            declared,
            media,
            body,
            xml,
        }
    }

    pub(super) fn raw(&self) -> &'a Response {
        &self.exchange.response
    }

    /// The operation, unless the case says that this response is undocumented.
    pub(super) fn operation(&self) -> Option<&'a Operation> {
        contract_in_force(self.context)
    }

    /// The case's expectations beyond the status. They apply only if the status is the expected one.
    pub(super) fn expectation(&self) -> Option<&'a Expectation<Value>> {
        match self.outcome {
            StatusOutcome::AsExpected => self.context.expectation,
            _ => None,
        }
    }

    /// Whether a finding of `cause` makes one of `consequence` redundant: only if its severity is at least as high.
    pub(super) fn supersedes(&self, cause: Code, consequence: Code) -> bool {
        self.severities.of(cause) >= self.severities.of(consequence)
    }

    /// Whether this response may have a body (RFC 9110, 6.4.1, 9.3.2, 15.3.5, 15.3.6, 15.4.5).
    pub(super) fn may_have_body(&self) -> bool {
        may_have_body(&self.exchange.request.method, self.raw().status)
    }

    /// Whether a body that parses as JSON is meant to be JSON: the Content-Type says so or is missing, or the contract names a
    /// range of media types (a text type remains text, even if it begins with a bracket).
    pub(super) fn is_meant_as_json(&self) -> bool {
        let range = self
            .media
            .is_some_and(|media| media.is_named && media.media_type.contains("/*"));
        self.declared.is_json()
            || matches!(self.declared, Declared::Missing)
            || (range && !self.declared.is_text())
    }

    /// The body as text: UTF-8, or ISO 8859-1 where the Content-Type says so. Invalid bytes are replaced.
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
            ResponseBody::TooDeep { format, limit } => Some(
                RunError::new(
                    ErrorKind::ResponseTooDeep,
                    format!("the {format} body is nested deeper than {limit} levels"),
                )
                .with_advice(
                    "raise `depth` under [limits], or find out why the server nests so deeply",
                ),
            ),
            ResponseBody::Json { .. } | ResponseBody::Xml(_) => self.refused_schema(),
            _ => None,
        }
    }

    /// The error for a schema that cannot be used: the body cannot be checked against it.
    fn refused_schema(&self) -> Option<RunError> {
        let schema = self.media?.schema.as_ref()?;
        let reason = schema.refusal()?;
        let place = schema.place().place;
        let message = format!("the contract's schema of this response cannot be used: {reason}");
        Some(RunError::new(ErrorKind::ContractFault, message).at(Some(&place)))
    }

    /// The kind of value at the place of a finding.
    pub(super) fn class_found(&self, finding: &Finding) -> Option<ValueClass> {
        let raw = self.raw();
        match finding.subject() {
            Location::Status => Some(ValueClass::Status(raw.status.as_u16())),
            Location::Header(name) => Some(match raw.headers.contains_key(name.as_str()) {
                true => ValueClass::String,
                false => ValueClass::Missing,
            }),
            Location::Body(pointer) => Some(match (&self.body, &self.xml) {
                (ResponseBody::Json { value, .. }, _) | (_, Some(XmlTree { value, .. })) => value
                    .pointer(&pointer)
                    .map_or(ValueClass::Missing, ValueClass::of),
                _ if raw.body.is_empty() || !pointer.is_empty() => ValueClass::Missing,
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

/// The body where it is XML, or a text that is well-formed XML, whatever its Content-Type says.
pub(super) fn xml_document(exchange: &Exchange, depth: usize) -> Option<XmlDocument> {
    let declared = Declared::of(&exchange.response.headers);
    match ResponseBody::read(exchange, &declared, depth) {
        ResponseBody::Xml(document) => Some(document),
        ResponseBody::Other => {
            let charset = declared.charset();
            let text = xml::decoded(&exchange.response.body, charset.as_deref()).ok()?;
            XmlDocument::parse(&text, depth).ok()
        }
        _ => None,
    }
}

fn contract_in_force<'a>(context: &CheckContext<'a>) -> Option<&'a Operation> {
    let general_only = context
        .expectation
        .is_some_and(|expectation| expectation.rules == AppliedRules::GeneralOnly);
    context.operation.filter(|_| !general_only)
}
