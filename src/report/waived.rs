//! What was wrong and made no case fail, because somebody accepted it for a while: one [`Waived`] for each cause, however many cases saw it.

use std::collections::{HashMap, HashSet};

use crate::event::{CaseFinished, FindingRecord, Verdict, WaiverRecord};

use super::warning::without_indices;

/// One cause of waived findings and how often it was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Waived {
    pub system: String,
    pub code: String,
    /// What was called; the step's label where no contract documents it.
    pub operation: String,
    /// Where in the response, with `*` for array indices.
    pub at: String,
    /// The words of the first one seen.
    pub message: String,
    pub waiver: WaiverRecord,
    pub findings: usize,
    /// Number of cases that saw it.
    pub cases: usize,
    /// How many of these it ended before their last step.
    pub ended: usize,
}

/// The waived findings of a run. Holds at most [`WaivedFindings::KINDS`] causes; further ones are only counted.
#[derive(Debug, Clone, Default)]
pub(super) struct WaivedFindings {
    list: Vec<Waived>,
    known: HashMap<Cause, usize>,
    findings: usize,
    cases: usize,
}

/// System, code, operation, place, and the waiver's place.
type Cause = (String, String, String, String, (String, usize, usize));

impl WaivedFindings {
    const KINDS: usize = 500;

    pub(super) fn list(&self) -> &[Waived] {
        &self.list
    }

    /// Findings, and cases with any.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.findings, self.cases)
    }

    pub(super) fn take(&mut self, case: &CaseFinished) {
        let mut met = HashSet::new();
        let ended = case.verdict == Verdict::Passed && case.reason.is_some();
        let last = case.steps.len().saturating_sub(1);
        for (step_index, step) in case.steps.iter().enumerate() {
            for finding in &step.findings {
                let Some(waiver) = &finding.waived else {
                    continue;
                };
                self.findings += 1;
                let operation = step.operation.as_ref().unwrap_or(&step.label);
                let index = self.index(&case.case.system, operation, finding, waiver);
                let Some(one) = index.and_then(|index| self.list.get_mut(index)) else {
                    continue;
                };
                one.findings += 1;
                if met.insert(index) {
                    one.cases += 1;
                    one.ended += usize::from(ended && step_index == last);
                }
            }
        }
        let any = case.steps.iter().flat_map(|step| &step.findings);
        self.cases += usize::from(any.clone().any(|finding| finding.waived.is_some()));
    }

    /// The entry of a cause, made where it is new; `None` beyond the kinds kept.
    fn index(
        &mut self,
        system: &str,
        operation: &str,
        finding: &FindingRecord,
        waiver: &WaiverRecord,
    ) -> Option<usize> {
        let at = without_indices(&finding.at);
        let place = &waiver.place;
        let cause = (
            system.to_owned(),
            finding.code.clone(),
            operation.to_owned(),
            at.clone(),
            (place.file.clone(), place.line, place.column),
        );
        if let Some(&index) = self.known.get(&cause) {
            return Some(index);
        }
        if self.list.len() >= Self::KINDS {
            return None;
        }
        self.list.push(Waived {
            system: system.to_owned(),
            code: finding.code.clone(),
            operation: operation.to_owned(),
            at,
            message: finding.message.clone(),
            waiver: waiver.clone(),
            findings: 0,
            cases: 0,
            ended: 0,
        });
        self.known.insert(cause, self.list.len() - 1);
        Some(self.list.len() - 1)
    }
}

/// The waived findings of one case, a line each: code, place, message, and who accepted it until when.
pub(super) fn lines(case: &CaseFinished) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let findings = case.steps.iter().flat_map(|step| &step.findings);
    for finding in findings {
        let Some(waiver) = &finding.waived else {
            continue;
        };
        let line = format!(
            "waived: {} at {}: {} ({})",
            finding.code,
            without_indices(&finding.at),
            finding.message,
            accepted(waiver)
        );
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// `until 2026-12-31: the import sends null [ABC-123]`
pub(super) fn accepted(waiver: &WaiverRecord) -> String {
    let who: Vec<&str> = [&waiver.ticket, &waiver.owner]
        .into_iter()
        .filter_map(|one| one.as_deref())
        .collect();
    format!(
        "until {}: {} [{}]",
        waiver.until,
        waiver.reason,
        who.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn one_cause_in_many_cases_is_told_once() {
        let mut waived = WaivedFindings::default();
        for _ in 0..3 {
            waived.take(&fixture::waived());
        }
        waived.take(&fixture::failed_by_status());
        let [one] = waived.list() else {
            panic!("{:#?}", waived.list());
        };
        assert_eq!((one.findings, one.cases, one.ended), (3, 3, 3));
        assert_eq!(waived.counts(), (3, 3));
    }

    #[test]
    fn another_waiver_is_another_cause() {
        let mut waived = WaivedFindings::default();
        waived.take(&fixture::waived());
        let mut other = fixture::waived();
        if let Some(waiver) = &mut other.steps[0].findings[0].waived {
            waiver.place.line += 10;
        }
        waived.take(&other);
        assert_eq!(waived.list().len(), 2);
    }
}
