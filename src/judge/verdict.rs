//! The verdict of a case, after its last request.

use std::sync::Arc;

use super::case::{CaseJudge, JudgedStep};
use super::record;
use super::waiving::{self, JudgedFinding};
use crate::case::Step;
use crate::event::{CallRecord, StepRole, SubjectFinished, Verdict};
use crate::execute::{CaseEnding, Transcript};
use crate::text::MaskedText;

impl CaseJudge<'_> {
    /// The case's verdict and the steps that explain it. A step without finding or error is recorded only if the case did not
    /// pass.
    pub(super) fn verdict(
        self,
        transcript: &Transcript<'_>,
        steps: &[JudgedStep<'_>],
        covered: Vec<u32>,
    ) -> SubjectFinished {
        let judged = || {
            steps
                .iter()
                .filter(|step| step.executed.role != StepRole::Cleanup)
        };
        let error = judged().find_map(|step| step.error.as_ref());
        let failed = judged().any(|step| step.findings.iter().any(JudgedFinding::fails));
        let stopped = matches!(transcript.ending, CaseEnding::Stopped);
        let explains = |step: &&JudgedStep<'_>| {
            let is_own = matches!(step.executed.role, StepRole::Step | StepRole::Fixture(_));
            // A response after which a step was sent again is part of the step's notes.
            let is_result = step.executed.intermediate.is_none();
            let explains = (failed || error.is_some()) && is_own && is_result;
            has_something(step) || explains || !step.executed.notes.is_empty()
        };
        let explaining: Vec<&JudgedStep<'_>> = steps.iter().filter(explains).collect();
        // A case that passed without findings has nothing to mask.
        let redactor = (!explaining.is_empty()).then(|| self.redactor(transcript, steps));
        let redactor = redactor.as_ref().unwrap_or(self.judge.redactor());
        let (verdict, reason) = match error {
            _ if failed => (Verdict::Failed, None),
            Some(error) => (Verdict::Error, Some(redactor.text(&error.message))),
            None if stopped => self.stopped_by_waived(steps),
            None => (Verdict::Passed, None),
        };
        // A step that was not taken was not sent either.
        let sent = sent_steps(steps);
        let not_run = self.planned.case.requests();
        let not_run = not_run.filter(|step| !sent.iter().any(|sent| std::ptr::eq(*sent, *step)));
        waiving::steps_not_run(self.judge, self.planned, not_run);
        let mut operations: Vec<Arc<str>> = Vec::new();
        for step in own_steps(steps) {
            if let Some(operation) = &step.executed.operation
                && !operations.contains(operation.name())
            {
                operations.push(Arc::clone(operation.name()));
            }
        }
        SubjectFinished {
            subject: self.planned.subject.clone(),
            verdict,
            reason,
            place: self.planned.place.clone(),
            origin: self.planned.origin.clone(),
            tags: Arc::clone(&self.planned.tags),
            operations,
            milliseconds: transcript.elapsed.as_secs_f64() * 1000.0,
            requests: transcript.requests,
            calls: steps.iter().filter_map(call).collect(),
            covered: match &self.judge.coverage {
                Some(recorder) => recorder.claim(covered),
                None => Vec::new(),
            },
            steps: explaining
                .into_iter()
                .map(|step| {
                    let is_whole = failed || error.is_some() || has_something(step);
                    match is_whole {
                        true => record::step(step, redactor),
                        false => record::notes_of(step, redactor),
                    }
                })
                .collect(),
        }
    }

    /// The verdict of a case that was stopped only by waived findings: it passes, unless it stopped before its own first step,
    /// because then it tested nothing.
    fn stopped_by_waived(&self, steps: &[JudgedStep<'_>]) -> (Verdict, Option<MaskedText>) {
        let last = steps
            .iter()
            .rfind(|step| step.executed.role != StepRole::Cleanup);
        let code = last.and_then(|last| last.findings.first());
        let code = code.map_or("finding", |judged| judged.finding.code.as_str());
        let text = |reason: String| Some(self.judge.redactor().text(&reason));
        if let Some(StepRole::Fixture(name)) = last.map(|last| &last.executed.role) {
            let reason = format!("its fixture `{name}` ended at a waived {code}");
            return (Verdict::Skipped, text(reason));
        }
        if last.is_some_and(|last| last.executed.role == StepRole::Setup) {
            let reason = format!("the setup of the file ended at a waived {code}");
            return (Verdict::Skipped, text(reason));
        }
        let all = self.planned.case.requests().count();
        let executed_steps = sent_steps(steps).len();
        let reason = (executed_steps < all).then(|| {
            format!("ended at a waived {code} in step {executed_steps} of {all}; later steps were not run")
        });
        (Verdict::Passed, reason.and_then(text))
    }
}

/// The steps of the case itself.
fn own_steps<'s, 't>(
    steps: &'s [JudgedStep<'t>],
) -> impl Iterator<Item = &'s JudgedStep<'t>> + use<'s, 't> {
    steps
        .iter()
        .filter(|step| step.executed.role == StepRole::Step)
}

/// The steps of the case itself that were sent, each once.
fn sent_steps<'t>(steps: &[JudgedStep<'t>]) -> Vec<&'t Step> {
    let mut sent: Vec<&Step> = Vec::new();
    for step in own_steps(steps) {
        let executed = step.executed;
        let was_sent = executed.exchange.is_some() || executed.error.is_some();
        if let Some(step) = executed.step.request()
            && was_sent
            && !sent.iter().any(|known| std::ptr::eq(*known, step))
        {
            sent.push(step);
        }
    }
    sent
}

fn has_something(step: &JudgedStep<'_>) -> bool {
    !step.findings.is_empty() || step.error.is_some()
}

/// A short record of the request, if it got a response and is documented.
fn call(step: &JudgedStep<'_>) -> Option<CallRecord> {
    let executed = step.executed;
    let (operation, exchange) = (executed.operation.as_ref()?, executed.exchange.as_ref()?);
    let counts =
        matches!(executed.role, StepRole::Step | StepRole::Fixture(_)) || step.error.is_some();
    counts.then(|| CallRecord {
        operation: Arc::clone(operation.name()),
        status: exchange.response.status.as_u16(),
        milliseconds: exchange.elapsed.as_secs_f64() * 1000.0,
    })
}
