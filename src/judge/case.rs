//! One case under judgement. Main type: [`CaseJudge`].

use std::collections::VecDeque;

use serde_json::Value;

use super::Judge;
use super::waiving::{self, JudgedFinding};
use crate::check::{self, CheckContext, Checked};
use crate::event::{StepRole, SubjectFinished};
use crate::execute::{ExecutedStep, Flow, Transcript};
use crate::finding::{Code, ErrorKind, Finding, RunError, Severity};
use crate::plan::PlannedCase;
use crate::text::Redactor;

/// Judges a case: each response as it comes ([`CaseJudge::response`], execution's gate), and the whole when it has ended
/// ([`CaseJudge::finish`]).
#[derive(Debug)]
pub struct CaseJudge<'j> {
    pub(super) judge: &'j Judge,
    pub(super) planned: &'j PlannedCase,
    /// Of the responses so far, in order.
    checked: VecDeque<Checked>,
}

/// A step with its judgement.
pub(super) struct JudgedStep<'t> {
    pub(super) executed: &'t ExecutedStep<'t>,
    pub(super) findings: Vec<JudgedFinding>,
    pub(super) error: Option<RunError>,
    /// The response's body, where it is JSON.
    body: Option<Value>,
}

impl<'j> CaseJudge<'j> {
    pub(super) fn new(judge: &'j Judge, planned: &'j PlannedCase) -> Self {
        CaseJudge {
            judge,
            planned,
            checked: VecDeque::new(),
        }
    }

    /// Checks a response. Whether the case may go on: not after an unexpected status, for the later steps would only meet the same
    /// cause, nor after a body that cannot be read.
    pub fn response(&mut self, executed: &ExecutedStep<'_>) -> Flow {
        let Some(checked) = self.check(executed) else {
            return Flow::Continue;
        };
        let stops = checked.error.is_some() || checked.findings.iter().any(ends_case);
        self.checked.push_back(checked);
        match stops {
            true => Flow::Stop,
            false => Flow::Continue,
        }
    }

    /// The verdict on the whole case. Responses that were not checked before are checked now.
    pub fn finish(mut self, transcript: &Transcript<'_>) -> SubjectFinished {
        let mut covered = Vec::new();
        let steps: Vec<JudgedStep<'_>> = transcript
            .steps
            .iter()
            .map(|executed| {
                let step = self.judged(executed);
                self.note_coverage(&step, &mut covered);
                step
            })
            .collect();
        self.verdict(transcript, &steps, covered)
    }

    fn check(&self, executed: &ExecutedStep<'_>) -> Option<Checked> {
        let target = &self.judge.target;
        let asked = CheckContext {
            operation: executed.operation.as_deref(),
            expectation: Some(executed.expectation.as_ref()?),
            caller: executed.caller,
            depth: target.limits.depth,
        };
        let exchange = executed.exchange.as_ref()?;
        Some(check::check(exchange, &asked, &target.severities))
    }

    fn judged<'t>(&mut self, executed: &'t ExecutedStep<'t>) -> JudgedStep<'t> {
        let checked = match executed.is_judged() {
            true => self.checked.pop_front().or_else(|| self.check(executed)),
            false => None,
        };
        let Some(checked) = checked else {
            return JudgedStep {
                executed,
                findings: Vec::new(),
                error: executed.error.clone(),
                body: None,
            };
        };
        let failed = checked
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        // A deviation has been found; that its value cannot be captured either would only say it again.
        let own = executed.error.as_ref();
        let own = own.filter(|error| !(failed && error.kind == ErrorKind::CaptureFailed));
        JudgedStep {
            executed,
            findings: waiving::decide(
                self.judge,
                &self.planned.subject,
                checked.findings,
                &checked.unlisted,
                executed.operation.as_deref(),
            ),
            error: checked.error.or_else(|| own.cloned()),
            body: checked.body,
        }
    }

    fn note_coverage(&self, step: &JudgedStep<'_>, covered: &mut Vec<u32>) {
        let ExecutedStep {
            operation,
            exchange,
            ..
        } = step.executed;
        if let (Some(recorder), Some(operation), Some(exchange), true) = (
            &self.judge.coverage,
            operation,
            exchange,
            step.executed.is_judged(),
        ) {
            let caller = &step.executed.step.caller.value;
            recorder.observe(operation, exchange, step.body.as_ref(), caller, covered);
        }
    }

    /// Knows all secrets of the case: what it sent, received and was signed with.
    pub(super) fn redactor(
        &self,
        transcript: &Transcript<'_>,
        steps: &[JudgedStep<'_>],
    ) -> Redactor {
        let mut redactor = self.judge.redactor.clone();
        for (name, value) in &transcript.values {
            if let Value::String(text) = value
                && redactor.is_secret_property(name)
            {
                redactor.learn(text);
            }
        }
        for credential in &transcript.credentials {
            redactor.learn(credential);
        }
        for step in steps {
            let Some(exchange) = &step.executed.exchange else {
                continue;
            };
            // What a server must refuse is no secret.
            if step.executed.caller != crate::exchange::Caller::Refused {
                exchange.request.teach(&mut redactor);
            }
            redactor.learn_from_headers(&exchange.response.headers);
            match (&step.body, &step.executed.role) {
                (Some(body), _) => redactor.learn_from(body),
                // Not judged, so nobody has read it yet; a token that was obtained is among the credentials.
                (None, StepRole::Login(_) | StepRole::Cleanup) => {
                    if let Some(body) = check::json_body(exchange, self.judge.target.limits.depth) {
                        redactor.learn_from(&body);
                    }
                }
                (None, _) => {}
            }
        }
        redactor
    }
}

/// Whether the steps after a finding would only meet the same cause again.
fn ends_case(finding: &Finding) -> bool {
    let ends = matches!(
        finding.code,
        Code::StatusUnexpected | Code::ServerError | Code::RedirectUnexpected
    );
    ends && finding.severity == Severity::Error
}
