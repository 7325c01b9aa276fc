//! An entry of a recording under judgement. Main type: [`JudgedEntry`].

use std::sync::Arc;

use super::waiving::JudgedFinding;
use super::{Judge, record, waiving};
use crate::contract::Operation;
use crate::event::{
    CallRecord, PlaceRecord, StepRecord, StepRole, Subject, SubjectFinished, Verdict,
};
use crate::exchange::Exchange;
use crate::finding::{Finding, RunError};
use crate::source::Place;
use crate::text::{MaskedText, Redactor};

/// A recorded request that was sent again, and what was found.
#[derive(Debug)]
pub struct JudgedEntry<'e> {
    pub subject: &'e Subject,
    /// Its URL in the recording.
    pub place: &'e Place,
    /// `GET /V1/customers/7`
    pub label: String,
    pub operation: Option<&'e Operation>,
    /// What went over the wire, where there was a response.
    pub exchange: Option<&'e Exchange>,
    pub findings: Vec<Finding>,
    /// Why there was no response.
    pub error: Option<&'e RunError>,
    /// Why it is not judged.
    pub skipped: Option<&'static str>,
}

impl Judge {
    /// The verdict on an entry. `redactor` knows the secrets of the recording and of the responses so far.
    pub fn entry(&self, entry: JudgedEntry<'_>, redactor: &Redactor) -> SubjectFinished {
        let JudgedEntry {
            subject,
            place,
            label,
            operation,
            exchange,
            findings,
            error,
            skipped,
        } = entry;
        let place = place_record(place, redactor);
        let findings = match skipped {
            Some(_) => Vec::new(),
            None => waiving::decide(self, subject, findings, &[], operation),
        };
        let (verdict, reason) = match (skipped, error) {
            (Some(reason), _) => (Verdict::Skipped, Some(MaskedText::from(reason))),
            (None, _) if findings.iter().any(JudgedFinding::fails) => (Verdict::Failed, None),
            (None, Some(error)) => (Verdict::Error, Some(redactor.text(&error.message))),
            (None, None) => (Verdict::Passed, None),
        };
        let milliseconds = exchange.map_or(0.0, |one| one.elapsed.as_secs_f64() * 1000.0);
        let operation = operation.map(|operation| Arc::clone(operation.name()));
        let call = operation.clone().zip(exchange);
        let step = (!findings.is_empty() || error.is_some()).then(|| StepRecord {
            label: redactor.text(&label),
            role: StepRole::Step,
            operation: operation.clone(),
            caller: String::new(),
            place: Some(place.clone()),
            request: exchange.map(|one| record::request(&one.request, redactor)),
            response: exchange.map(|one| record::response(&one.response, redactor)),
            milliseconds,
            findings: findings
                .iter()
                .map(|one| record::finding(&one.finding, &one.decision, redactor))
                .collect(),
            error: error.map(|error| error.masked(redactor)),
        });
        SubjectFinished {
            subject: subject.clone(),
            verdict,
            reason,
            place: Some(Arc::new(place)),
            origin: None,
            tags: Arc::new([]),
            operations: operation.into_iter().collect(),
            milliseconds,
            requests: usize::from(exchange.is_some()),
            calls: call
                .map(|(operation, exchange)| CallRecord {
                    operation,
                    status: exchange.response.status.as_u16(),
                    milliseconds,
                })
                .into_iter()
                .collect(),
            covered: Vec::new(),
            steps: step.into_iter().collect(),
        }
    }
}

/// The entry's URL as all there is to see of its line: what stands around it in the file may be secret.
fn place_record(place: &Place, redactor: &Redactor) -> PlaceRecord {
    let position = place.position();
    let text = redactor.text(place.text());
    PlaceRecord {
        file: place.source.name().to_owned(),
        line: position.line,
        column: position.column,
        // Its text begins with it.
        text_column: 1,
        width: text.unescaped().chars().count().max(1),
        text,
    }
}
