//! Every code is triggered and nearly triggered; one cause gives one finding; no response makes the check fail.

mod auth;
mod every_code;
mod headers;
mod hostile;
mod interplay;
mod media_types;
mod variants;
mod xml;

use std::sync::{Arc, OnceLock};

use http::Method;
use serde_json::{Value, json};

use super::sample::{exchange, expectation};
use super::{Caller, CheckContext, Checked, CredentialPlace, check};
use crate::contract::{Contract, load_source};
use crate::diagnostic::Diagnostics;
use crate::exchange::Exchange;
use crate::finding::{Code, Finding, Location, Severity};
use crate::source::Source;
use crate::target::Severities;

const JSON: &str = "Content-Type: application/json\nX-Request-Id: 7";
const THING: &str = r#"{"id":7,"name":"Ada"}"#;
const REFUSED: &str = r#"{"message":"no such thing"}"#;

fn contract() -> &'static Contract {
    static CONTRACT: OnceLock<Arc<Contract>> = OnceLock::new();
    CONTRACT.get_or_init(|| loaded(include_str!("contract.yaml")))
}

/// The contract in a text without errors.
fn loaded(text: &str) -> Arc<Contract> {
    let mut diagnostics = Diagnostics::new();
    let contract = load_source(Source::new("contract.yaml", text), &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}\n{text}");
    contract.unwrap()
}

/// An exchange and what it is checked against.
struct ExchangeSettings {
    path: &'static str,
    caller: Caller,
    /// `None`: without a case.
    expect: Option<Value>,
    severities: Severities,
    exchange: Exchange,
}

/// `GET` of a path in the sample contract by an authenticated client, with a case that expects nothing in particular.
fn settings(
    path: &'static str,
    status: u16,
    headers: &str,
    body: impl Into<bytes::Bytes>,
) -> ExchangeSettings {
    ExchangeSettings {
        path,
        caller: Caller::Authenticated,
        expect: Some(json!({})),
        severities: Severities::default(),
        exchange: exchange(status, headers, body),
    }
}

impl ExchangeSettings {
    fn expect(mut self, expect: Value) -> Self {
        self.expect = Some(expect);
        self
    }

    fn without_case(mut self) -> Self {
        self.expect = None;
        self
    }

    fn by(mut self, caller: Caller) -> Self {
        self.caller = caller;
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Exchange)) -> Self {
        change(&mut self.exchange);
        self
    }

    fn weighing(mut self, code: Code, severity: Severity) -> Self {
        self.severities.overrides.insert(code, severity);
        self
    }

    fn checked(&self) -> Checked {
        let expectation = self.expect.as_ref().map(expectation);
        let operation = contract().operation(&Method::GET, self.path);
        let context = CheckContext {
            operation: operation.map(Arc::as_ref),
            expectation: expectation.as_ref(),
            caller: self.caller,
            signed: &[CredentialPlace::Header(http::header::AUTHORIZATION)],
            has_certificates: false,
            depth: 20,
        };
        check(&self.exchange, &context, &self.severities)
    }

    /// `code place: message` for each finding.
    fn found(&self) -> Vec<String> {
        self.checked().findings.iter().map(summary).collect()
    }

    fn codes(&self) -> Vec<&'static str> {
        let findings = self.checked().findings;
        findings
            .iter()
            .map(|finding| finding.code.as_str())
            .collect()
    }
}

fn summary(finding: &Finding) -> String {
    let at = match &finding.at {
        Location::Status => "status".to_owned(),
        Location::Header(name) => format!("header {name}"),
        Location::Body(pointer) => format!("body {pointer}").trim_end().to_owned(),
        Location::Time => "time".to_owned(),
    };
    format!("{} {at}: {}", finding.code, finding.message)
}
