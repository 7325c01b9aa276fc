//! The exchanges of a run that deviate from their contract, kept as they were received. Main type: [`Observations`].
//!
//! They are not masked: they stay in memory, and what is made of them masks with [`ObservedExchange::redactor`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::case::{CaseJudge, JudgedStep};
use crate::case::{AppliedRules, Expectation};
use crate::contract::{Contract, Operation};
use crate::event::{LocationRecord, Subject};
use crate::exchange::{Caller, CredentialPlace, Exchange};
use crate::execute::Transcript;
use crate::finding::{Code, Finding};
use crate::target::Severities;
use crate::text::Redactor;
use crate::version::Version;
use crate::waiver::Decision;

/// How many bytes of bodies are kept; exchanges beyond are only counted.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// What the cases of a run received where their contracts say something else. Judges of several targets may share one.
#[derive(Debug, Default)]
pub struct Observations(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    exchanges: Vec<ObservedExchange>,
    bodies: BTreeMap<ResponseKey, BodyCounts>,
    others: BTreeMap<Code, usize>,
    bytes: usize,
    left_out: usize,
}

/// An exchange with at least one finding that refers to its contract.
#[derive(Debug, Clone)]
pub struct ObservedExchange {
    pub subject: Subject,
    /// The position of its step among those of the subject.
    pub step: usize,
    /// As the run read it.
    pub contract: Arc<Contract>,
    pub operation: Arc<Operation>,
    /// The version that the target states.
    pub version: Option<Version>,
    pub exchange: Exchange,
    pub caller: Caller,
    pub signed: Vec<CredentialPlace>,
    /// What the case expects of the response.
    pub expectation: Expectation<Value>,
    pub depth: usize,
    pub severities: Severities,
    /// Whether the case expected the status.
    pub is_expected: bool,
    /// The findings that a waiver accepts, by code and place without indices.
    pub waived: BTreeSet<(Code, LocationRecord)>,
    /// Knows the secrets of the case.
    pub redactor: Arc<Redactor>,
}

/// An operation of a contract, by their names, and a status.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResponseKey {
    pub contract: Arc<str>,
    pub operation: Arc<str>,
    pub status: u16,
}

/// How many responses were received, deviating ones and others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BodyCounts {
    pub with_body: usize,
    pub without_body: usize,
}

impl BodyCounts {
    /// Of any kind.
    pub fn all(self) -> usize {
        self.with_body + self.without_body
    }
}

impl Observations {
    /// The exchanges, by subject and step: in an order that does not depend on which worker was faster.
    pub fn exchanges(&self) -> Vec<ObservedExchange> {
        let mut exchanges = self.kept().exchanges.clone();
        exchanges
            .sort_by(|left, right| (&left.subject, left.step).cmp(&(&right.subject, right.step)));
        exchanges
    }

    /// The responses that were checked against a contract.
    pub fn bodies(&self) -> BTreeMap<ResponseKey, BodyCounts> {
        self.kept().bodies.clone()
    }

    /// The number of findings that do not refer to a contract.
    pub fn others(&self) -> BTreeMap<Code, usize> {
        self.kept().others.clone()
    }

    /// The number of exchanges that were not kept because there were too many.
    pub fn left_out(&self) -> usize {
        self.kept().left_out
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CaseJudge<'_> {
    /// Adds what the case received to the observations.
    pub(super) fn observe(
        &self,
        transcript: &Transcript<'_>,
        steps: &[JudgedStep<'_>],
        observations: &Observations,
    ) {
        let mut redactor = None;
        for (number, step) in steps.iter().enumerate() {
            let executed = step.executed;
            let (Some(operation), Some(exchange), Some(expectation)) = (
                &executed.operation,
                &executed.exchange,
                &executed.expectation,
            ) else {
                continue;
            };
            if expectation.rules == AppliedRules::ContractAndGeneral {
                observations.count(operation, exchange);
            }
            let findings = || step.findings.iter().map(|judged| &judged.finding);
            for other in findings().filter(|finding| !is_about_contract(finding)) {
                *observations.kept().others.entry(other.code).or_default() += 1;
            }
            let contract = self.judge.suite.contracts();
            let contract = contract
                .into_iter()
                .find(|contract| *contract.name == **operation.contract());
            let Some(contract) = contract.filter(|_| findings().any(is_about_contract)) else {
                continue;
            };
            let redactor =
                redactor.get_or_insert_with(|| Arc::new(self.redactor(transcript, steps)));
            let target = &self.judge.target;
            observations.keep(ObservedExchange {
                subject: self.planned.subject.clone(),
                step: number,
                contract: Arc::clone(contract),
                operation: Arc::clone(operation),
                version: target.version.clone(),
                exchange: exchange.clone(),
                caller: executed.caller,
                signed: executed.signed.clone(),
                expectation: expectation.clone(),
                depth: target.limits.depth,
                severities: target.severities.clone(),
                is_expected: !findings().any(|finding| finding.code == Code::StatusUnexpected),
                waived: waived(step, redactor),
                redactor: Arc::clone(redactor),
            });
        }
    }
}

impl Observations {
    fn count(&self, operation: &Operation, exchange: &Exchange) {
        let mut kept = self.kept();
        let counts = kept.bodies.entry(ResponseKey {
            contract: Arc::clone(operation.contract()),
            operation: Arc::clone(operation.name()),
            status: exchange.response.status.as_u16(),
        });
        let counts = counts.or_default();
        match exchange.response.body.is_empty() {
            true => counts.without_body += 1,
            false => counts.with_body += 1,
        }
    }

    fn keep(&self, observed: ObservedExchange) {
        let mut kept = self.kept();
        let bytes = observed.exchange.response.body.len();
        if kept.bytes + bytes > MOST_BYTES {
            kept.left_out += 1;
            return;
        }
        kept.bytes += bytes;
        kept.exchanges.push(observed);
    }
}

fn is_about_contract(finding: &Finding) -> bool {
    finding.contract.is_some()
}

fn waived(step: &JudgedStep<'_>, redactor: &Redactor) -> BTreeSet<(Code, LocationRecord)> {
    let waived = step.findings.iter();
    waived
        .filter(|judged| matches!(judged.decision, Decision::Waived(_)))
        .map(|judged| {
            let at = LocationRecord::of(&judged.finding.subject(), redactor);
            (judged.finding.code, at.without_indices())
        })
        .collect()
}
