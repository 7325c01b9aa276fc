//! Judges one case. Main type: [`CaseJudge`].

use std::collections::VecDeque;

use serde_json::Value;

use super::Judge;
use super::fault::fault_of;
use super::waiving::{self, JudgedFinding};
use crate::check::{self, CheckContext, Checked, PollTimes};
use crate::event::{StepRole, SubjectFinished};
use crate::exchange::Exchange;
use crate::execute::{ExecutedStep, Flow, Transcript, Unreached};
use crate::finding::{Code, ErrorKind, Finding, RunError, Severity};
use crate::plan::PlannedCase;
use crate::text::Redactor;

/// Judges a case: each response when it is received ([`CaseJudge::response`], which execution calls to know whether to continue),
/// and the whole case at its end ([`CaseJudge::finish`]).
#[derive(Debug)]
pub struct CaseJudge<'j> {
    pub(super) judge: &'j Judge,
    pub(super) planned: &'j PlannedCase,
    /// The checks of the responses so far, in order.
    checked: VecDeque<Checked>,
}

/// A step and the result of judging it.
pub(super) struct JudgedStep<'t> {
    pub(super) executed: &'t ExecutedStep<'t>,
    pub(super) findings: Vec<JudgedFinding>,
    pub(super) error: Option<RunError>,
    /// The response's body, where it is JSON.
    body: Option<Value>,
}

impl JudgedStep<'_> {
    /// Makes what is wrong with a step of a setup the one error of all cases of the file: about what they test, nothing is known.
    fn fail_setup(&mut self) {
        let failing = self.findings.iter().find(|judged| judged.fails());
        let reason = match (failing, &self.error) {
            (Some(JudgedFinding { finding, .. }), _) => {
                format!("{} at {}: {}", finding.code, finding.at, finding.message)
            }
            (None, Some(error)) => error.to_string(),
            (None, None) => return,
        };
        let label = self.executed.step.label();
        let message = format!("the setup of the file failed at {label}: {reason}");
        let error = RunError::new(ErrorKind::SetupFailed, message);
        self.error = Some(error.at(self.executed.step.place()));
        self.findings.retain(|judged| !judged.fails());
    }
}

impl<'j> CaseJudge<'j> {
    pub(super) fn new(judge: &'j Judge, planned: &'j PlannedCase) -> Self {
        CaseJudge {
            judge,
            planned,
            checked: VecDeque::new(),
        }
    }

    /// Checks a response and returns whether the case may continue. It stops after an unexpected status, because later steps
    /// would only fail for the same cause, and after a body that cannot be read.
    pub fn response(&mut self, executed: &ExecutedStep<'_>) -> Flow {
        let Some(checked) = self.check(executed) else {
            return Flow::Continue;
        };
        // Cases do not run on a setup that is not as expected.
        let fails_setup = executed.role == StepRole::Setup && self.fails(executed, &checked);
        let stops =
            fails_setup || checked.error.is_some() || checked.findings.iter().any(ends_case);
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
        if let Some(observations) = &self.judge.observations {
            self.observe(transcript, &steps, observations);
        }
        self.verdict(transcript, &steps, covered)
    }

    fn check(&self, executed: &ExecutedStep<'_>) -> Option<Checked> {
        let target = &self.judge.target;
        if let Some(outcomes) = &executed.outcomes {
            let mut findings = check::unexpected_outcomes(&outcomes.expected, &outcomes.statuses);
            for finding in &mut findings {
                finding.severity = target.severities.of(finding.code);
            }
            findings.retain(|finding| finding.severity != Severity::Off);
            return Some(Checked {
                findings,
                unlisted: Vec::new(),
                body: None,
                error: None,
            });
        }
        let context = CheckContext {
            operation: executed.operation.as_deref(),
            expectation: Some(executed.expectation.as_ref()?),
            caller: executed.caller,
            signed: &executed.signed,
            has_certificates: target
                .auth
                .values()
                .any(|credentials| credentials.identity.is_some()),
            depth: target.limits.depth,
        };
        let exchange = executed.exchange.as_ref()?;
        let fault = context
            .operation
            .and_then(|operation| fault_of(self.judge, &self.planned.subject, operation));
        if let Some(fault) = fault {
            return Some(Checked {
                findings: Vec::new(),
                unlisted: Vec::new(),
                body: check::json_body(exchange, target.limits.depth),
                error: Some(fault),
            });
        }
        let mut checked = check::check(exchange, &context, &target.severities);
        if let Some(unreached) = &executed.unreached {
            self.add_unreached(unreached, exchange, &mut checked);
        }
        Some(checked)
    }

    fn add_unreached(&self, unreached: &Unreached, exchange: &Exchange, checked: &mut Checked) {
        let target = &self.judge.target;
        let times = PollTimes {
            polls: unreached.polls,
            elapsed: unreached.elapsed,
            within: unreached.within,
            retry_after: unreached.retry_after,
            place: unreached.condition.place.as_ref(),
        };
        let depth = target.limits.depth;
        let mut finding = check::until_not_reached(exchange, &unreached.condition, times, depth);
        finding.severity = target.severities.of(finding.code);
        if finding.severity != Severity::Off {
            checked.findings.insert(0, finding);
        }
    }

    fn judged<'t>(&mut self, executed: &'t ExecutedStep<'t>) -> JudgedStep<'t> {
        let checked = match executed.is_judged() {
            true => self.checked.pop_front().or_else(|| self.check(executed)),
            false => None,
        };
        let Some(checked) = checked else {
            let mut judged = JudgedStep {
                executed,
                findings: Vec::new(),
                error: executed.error.clone(),
                body: None,
            };
            if executed.role == StepRole::Setup {
                judged.fail_setup();
            }
            return judged;
        };
        let failed = checked
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        // A deviation was already found. A failed capture would only report the same cause again.
        let error = executed.error.as_ref();
        let error = error.filter(|error| !(failed && error.kind == ErrorKind::CaptureFailed));
        let error = checked.error.clone().or_else(|| error.cloned());
        let mut judged = JudgedStep {
            executed,
            findings: self.decide(executed, &checked),
            error,
            body: checked.body,
        };
        if executed.role == StepRole::Setup {
            judged.fail_setup();
        }
        judged
    }

    fn decide(&self, executed: &ExecutedStep<'_>, checked: &Checked) -> Vec<JudgedFinding> {
        waiving::decide(
            self.judge,
            &self.planned.subject,
            checked.findings.clone(),
            &checked.unlisted,
            executed.operation.as_deref(),
        )
    }

    fn fails(&self, executed: &ExecutedStep<'_>, checked: &Checked) -> bool {
        let findings = self.decide(executed, checked);
        findings.iter().any(JudgedFinding::fails)
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
            let caller = step.executed.step.caller();
            recorder.observe(operation, exchange, step.body.as_ref(), caller, covered);
        }
    }

    /// A redactor that knows all secrets of the case: those sent, received and used for signing.
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
            // Credentials that a server must refuse are not secret.
            if step.executed.caller != crate::exchange::Caller::Refused {
                exchange.request.teach(&mut redactor);
            }
            redactor.learn_from_headers(&exchange.response.headers);
            match (&step.body, &step.executed.role) {
                (Some(body), _) => redactor.learn_from(body),
                // These bodies are not judged and so were not read before. A token that was obtained is among the credentials.
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

/// Whether the steps after a finding would only fail for the same cause.
fn ends_case(finding: &Finding) -> bool {
    let ends = matches!(
        finding.code,
        Code::StatusUnexpected
            | Code::ServerError
            | Code::RedirectUnexpected
            | Code::UntilNotReached
            | Code::OutcomesUnexpected
    );
    ends && finding.severity == Severity::Error
}
