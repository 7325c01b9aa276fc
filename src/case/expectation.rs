//! What a case expects of a response, in addition to the contract.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use serde_json::Value;

use super::{BinaryExpectation, Located, Matcher, RenderError, Scope, Template};
use crate::contract::{Schema, SchemaFault};
use crate::exchange::StreamLimit;
use crate::source::Place;
use crate::xml::XPath;

/// All expectations of a step. `V` is [`super::Template`] as written, a JSON value once rendered.
#[derive(Debug, Clone)]
pub struct Expectation<V> {
    /// Any of them; empty: a 2xx status (a documented one, where the contract documents any).
    pub status: Vec<Located<StatusPattern>>,
    pub headers: Vec<HeaderExpectation<V>>,
    pub body: Option<Matcher<V>>,
    /// A JSON Schema for the body.
    pub schema: Option<Located<Arc<BodySchema>>>,
    /// JSON pointers that must be absent.
    pub absent: Vec<Located<String>>,
    /// The error message as shown to the user of the API, its placeholders filled in.
    pub message: Option<Matcher<V>>,
    /// The raw body text.
    pub text: Option<Matcher<V>>,
    /// The body as bytes.
    pub binary: Option<BinaryExpectation<V>>,
    /// What XPaths find in an XML body.
    pub xml: Vec<XPathExpectation<V>>,
    /// How much of a stream is read: the step's `stream`.
    pub stream: Option<Located<StreamLimit>>,
    /// The list of the events or items of a stream.
    pub events: Option<Matcher<V>>,
    pub within: Option<Located<Duration>>,
    /// Whether the response is checked against the contract.
    pub rules: AppliedRules,
    /// The `expect:` mapping, or the step where there is none; `None` where it is not in a file.
    pub place: Option<Place>,
}

impl<V> Expectation<V> {
    /// How much of a stream is read.
    pub fn stream_limit(&self) -> Option<StreamLimit> {
        self.stream.as_ref().map(|stream| stream.value)
    }

    /// All templates and values to compare, in the order headers, body, message, text, events, binary, XML.
    pub(super) fn collect_values<'e>(&'e self, found: &mut Vec<&'e V>) {
        for header in &self.headers {
            header.value.collect_values(found);
        }
        let single = [&self.body, &self.message, &self.text, &self.events];
        for matcher in single.into_iter().flatten() {
            matcher.collect_values(found);
        }
        if let Some(binary) = &self.binary {
            binary.collect_values(found);
        }
        for expectation in &self.xml {
            expectation.value.collect_values(found);
        }
    }
}

impl<V> Expectation<V> {
    /// Whether it names this status.
    pub fn expects(&self, status: StatusCode) -> bool {
        self.status
            .iter()
            .any(|pattern| pattern.value.matches(status))
    }
}

impl Expectation<Template> {
    /// The expectation with its templates rendered. Fails where one of them cannot be rendered.
    pub fn render(&self, scope: &Scope) -> Result<Expectation<Value>, RenderError> {
        let Expectation {
            status,
            headers,
            body,
            schema,
            absent,
            message,
            text,
            binary,
            xml,
            stream,
            events,
            within,
            rules,
            place,
        } = self;
        Ok(Expectation {
            status: status.clone(),
            headers: headers
                .iter()
                .map(|header| {
                    Ok(HeaderExpectation {
                        name: header.name.clone(),
                        value: header.value.render(scope)?,
                    })
                })
                .collect::<Result<_, RenderError>>()?,
            body: body
                .as_ref()
                .map(|matcher| matcher.render(scope))
                .transpose()?,
            schema: schema.clone(),
            absent: absent.clone(),
            message: message
                .as_ref()
                .map(|matcher| matcher.render(scope))
                .transpose()?,
            text: text
                .as_ref()
                .map(|matcher| matcher.render(scope))
                .transpose()?,
            binary: binary
                .as_ref()
                .map(|binary| binary.render(scope))
                .transpose()?,
            xml: xml
                .iter()
                .map(|expectation| {
                    Ok(XPathExpectation {
                        path: expectation.path.clone(),
                        value: expectation.value.render(scope)?,
                    })
                })
                .collect::<Result<_, RenderError>>()?,
            stream: stream.clone(),
            events: events
                .as_ref()
                .map(|matcher| matcher.render(scope))
                .transpose()?,
            within: within.clone(),
            rules: *rules,
            place: place.clone(),
        })
    }
}

/// What an XPath must find: the text of one node, a list of the texts of several, a number, a boolean; nothing is absent.
#[derive(Debug, Clone)]
pub struct XPathExpectation<V> {
    pub path: Located<XPath>,
    pub value: Matcher<V>,
}

/// A JSON Schema inside a case, compiled when the case was read.
#[derive(Debug)]
pub struct BodySchema {
    written: Value,
    compiled: Schema,
}

impl BodySchema {
    /// Compiles a schema of JSON Schema 2020-12, or of the draft that its `$schema` names. `place`: where it is written, if it is in a
    /// file.
    ///
    /// Fails where the value is not a schema, or refers to anything outside it that is not a metaschema.
    pub fn compile(written: Value, place: Option<Place>) -> Result<Self, SchemaFault> {
        let compiled = Schema::inline(written.clone(), place)?;
        Ok(BodySchema { written, compiled })
    }

    pub fn written(&self) -> &Value {
        &self.written
    }

    pub fn compiled(&self) -> &Schema {
        &self.compiled
    }
}

/// Whether a response is checked against the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppliedRules {
    ContractAndGeneral,
    /// `undocumented: true`: the case provokes a response that the contract does not document.
    GeneralOnly,
}

/// `200`, or `4XX` as its first digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusPattern {
    Exact(u16),
    Range(u8),
}

impl StatusPattern {
    pub fn matches(self, status: StatusCode) -> bool {
        match self {
            StatusPattern::Exact(code) => status.as_u16() == code,
            StatusPattern::Range(digit) => status.as_u16() / 100 == u16::from(digit),
        }
    }
}

impl std::fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StatusPattern::Exact(code) => write!(f, "{code}"),
            StatusPattern::Range(digit) => write!(f, "{digit}XX"),
        }
    }
}

/// What one header must be; names compare case-insensitively. A repeated header matches when one of its values does.
#[derive(Debug, Clone)]
pub struct HeaderExpectation<V> {
    pub name: String,
    pub value: Matcher<V>,
}
