//! What a case came to, once nothing more is asked.

use std::sync::Arc;

use super::{CaseRun, Taken};
use crate::event::{CaseFinished, Role, Verdict};
use crate::run::judged::{self, Judged};

impl CaseRun<'_> {
    /// The case's verdict, and the steps that explain it; a step without finding or error is told only where the case did not pass.
    pub(super) fn finish(self) -> CaseFinished {
        let judged = || {
            self.taken
                .iter()
                .filter(|taken| taken.role != Role::Cleanup)
        };
        let error = judged().find_map(|taken| taken.error.as_ref());
        let failed = judged().any(|taken| taken.findings.iter().any(Judged::fails));
        let (verdict, reason) = match error {
            _ if failed => (Verdict::Failed, None),
            Some(error) => (Verdict::Error, Some(self.redactor.text(&error.message))),
            None if self.ended => self.ended_by_waived(),
            None => (Verdict::Passed, None),
        };
        if verdict == Verdict::Error || self.ended {
            let taken = judged().filter(|taken| taken.role == Role::Step).count();
            let untaken = self.planned.case.steps.get(taken..).unwrap_or_default();
            judged::not_taken(self.session, self.planned, untaken);
        }
        let mut operations: Vec<Arc<str>> = Vec::new();
        for taken in self.taken.iter().filter(|taken| taken.role == Role::Step) {
            if let Some(name) = taken.operation.as_ref().map(|operation| operation.name())
                && !operations.contains(name)
            {
                operations.push(Arc::clone(name));
            }
        }
        let told = |taken: &&Taken<'_>| {
            verdict != Verdict::Passed || !taken.findings.is_empty() || taken.error.is_some()
        };
        CaseFinished {
            case: self.planned.id.clone(),
            verdict,
            reason,
            place: Arc::clone(&self.planned.place),
            tags: Arc::clone(&self.planned.tags),
            operations,
            milliseconds: self.started.elapsed().as_secs_f64() * 1000.0,
            requests: self.requests,
            calls: self.taken.iter().filter_map(Taken::call).collect(),
            covered: match &self.session.coverage {
                Some(recorder) => recorder.claim(self.covered),
                None => Vec::new(),
            },
            steps: self
                .taken
                .iter()
                .filter(told)
                .map(|taken| taken.record(&self.planned.place, &self.redactor))
                .collect(),
        }
    }

    /// A case that nothing but waived findings ended: it passes, unless it ended before its own first step, for then it found out
    /// nothing at all.
    fn ended_by_waived(&self) -> (Verdict, Option<String>) {
        let last = self.taken.iter().rfind(|taken| taken.role != Role::Cleanup);
        let code = last.and_then(|last| last.findings.first());
        let code = code.map_or("finding", |judged| judged.finding.code.as_str());
        if let Some(Role::Fixture(name)) = last.map(|last| &last.role) {
            let reason = format!("its fixture `{name}` ended at a waived {code}");
            return (Verdict::Skipped, Some(reason));
        }
        let steps = self.planned.case.steps.len();
        let own = self.taken.iter().filter(|taken| taken.role == Role::Step);
        let taken = own.count();
        let reason = (taken < steps).then(|| {
            format!(
                "ended at a waived {code} in step {taken} of {steps}; the later ones were not taken"
            )
        });
        (Verdict::Passed, reason)
    }
}
