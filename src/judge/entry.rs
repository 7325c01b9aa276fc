//! Judges one entry of a recording. Main type: [`JudgedEntry`].

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

/// A recorded request that was sent again, with its findings.
#[derive(Debug)]
pub struct JudgedEntry<'e> {
    pub subject: &'e Subject,
    /// Its URL in the recording.
    pub place: &'e Place,
    /// `GET /V1/customers/7`
    pub label: String,
    pub operation: Option<&'e Operation>,
    /// The exchange, if there was a response.
    pub exchange: Option<&'e Exchange>,
    pub findings: Vec<Finding>,
    /// Why there was no response.
    pub error: Option<&'e RunError>,
    /// Why the entry is not judged.
    pub skipped: Option<&'static str>,
}

impl Judge {
    /// The verdict on an entry. `redactor` must know the secrets of the recording and of the responses so far.
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
        let milliseconds = exchange.map_or(0.0, |exchange| exchange.elapsed.as_secs_f64() * 1000.0);
        let operation = operation.map(|operation| Arc::clone(operation.name()));
        let call = operation.clone().zip(exchange);
        let step = (!findings.is_empty() || error.is_some()).then(|| StepRecord {
            label: redactor.text(&label),
            role: StepRole::Step,
            operation: operation.clone(),
            caller: String::new(),
            place: Some(place.clone()),
            request: exchange.map(|exchange| record::request(&exchange.request, redactor)),
            response: exchange.map(|exchange| record::response(&exchange.response, redactor)),
            milliseconds,
            findings: findings
                .iter()
                .map(|judged| record::finding(&judged.finding, &judged.decision, redactor))
                .collect(),
            error: error.map(|error| error.masked(redactor)),
            notes: Vec::new(),
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

/// A record that shows only the entry's URL, not its whole line: the rest of the line may be secret.
fn place_record(place: &Place, redactor: &Redactor) -> PlaceRecord {
    let position = place.position();
    let text = redactor.text(place.text());
    PlaceRecord {
        file: place.source.name().to_owned(),
        line: position.line,
        column: position.column,
        // The text begins with the place.
        text_column: 1,
        width: text.unescaped().chars().count().max(1),
        text,
    }
}
