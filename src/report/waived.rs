//! What was wrong and made no case fail, because somebody accepted it for a while: one [`Waived`] for each cause, however many cases saw it.

use std::collections::{BTreeMap, HashSet};

use crate::event::{CaseFinished, FindingRecord, Verdict, WaiverRecord};

use super::order::Order;
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
    /// The words of the first one.
    pub message: String,
    pub waiver: WaiverRecord,
    pub findings: usize,
    /// Number of cases that saw it.
    pub cases: usize,
    /// How many of these it ended before their last step.
    pub ended: usize,
}

/// The waived findings of a run. Holds at most [`WaivedFindings::KINDS`] causes, the first by their words; further ones are only counted.
#[derive(Debug, Clone, Default)]
pub(super) struct WaivedFindings {
    kinds: BTreeMap<Cause, (Waived, Order)>,
    findings: usize,
    cases: usize,
}

/// System, code, operation, place, and the waiver's place.
type Cause = (String, String, String, String, (String, usize, usize));

impl WaivedFindings {
    const KINDS: usize = 500;

    /// By system, code, operation, place, waiver.
    pub(super) fn list(&self) -> impl Iterator<Item = &Waived> {
        self.kinds.values().map(|(waived, _)| waived)
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
                let cause = cause(&case.case.system, operation, finding, waiver);
                let one = self.kind(&cause, case, finding, waiver);
                one.findings += 1;
                if !met.contains(&cause) {
                    one.cases += 1;
                    one.ended += usize::from(ended && step_index == last);
                    met.insert(cause);
                }
                // The last one by its words goes, so that what is kept does not depend on what came first.
                if self.kinds.len() > Self::KINDS {
                    self.kinds.pop_last();
                }
            }
        }
        self.cases += usize::from(!met.is_empty());
    }

    /// The entry of a cause, made where it is new.
    fn kind(
        &mut self,
        cause: &Cause,
        case: &CaseFinished,
        finding: &FindingRecord,
        waiver: &WaiverRecord,
    ) -> &mut Waived {
        let order = Order::of(case);
        let (waived, first) = self.kinds.entry(cause.clone()).or_insert_with(|| {
            let (system, code, operation, at, _) = cause.clone();
            let waived = Waived {
                system,
                code,
                operation,
                at,
                message: finding.message.clone(),
                waiver: waiver.clone(),
                findings: 0,
                cases: 0,
                ended: 0,
            };
            (waived, order.clone())
        });
        if order < *first {
            finding.message.clone_into(&mut waived.message);
            *first = order;
        }
        waived
    }
}

fn cause(system: &str, operation: &str, finding: &FindingRecord, waiver: &WaiverRecord) -> Cause {
    let place = &waiver.place;
    (
        system.to_owned(),
        finding.code.clone(),
        operation.to_owned(),
        without_indices(&finding.at),
        (place.file.clone(), place.line, place.column),
    )
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
        let list: Vec<&Waived> = waived.list().collect();
        let [one] = list[..] else {
            panic!("{list:#?}");
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
        assert_eq!(waived.list().count(), 2);
    }

    #[test]
    fn what_is_kept_does_not_depend_on_which_case_came_first() {
        let mut cases = Vec::new();
        for number in 0..WaivedFindings::KINDS + 20 {
            let mut case = fixture::waived();
            case.case.name = format!("case {number:03}").into();
            case.steps[0].findings[0].message = format!("words of case {number}");
            cases.push(case.clone());
            case.steps[0].findings[0].at = format!("header x-{number}");
            cases.push(case);
        }
        let told = |cases: &mut dyn Iterator<Item = &CaseFinished>| {
            let mut waived = WaivedFindings::default();
            cases.for_each(|case| waived.take(case));
            let list: Vec<Waived> = waived.list().cloned().collect();
            (list, waived.counts())
        };
        let (one, other) = (told(&mut cases.iter()), told(&mut cases.iter().rev()));
        assert_eq!(one, other);
        assert_eq!((one.0.len(), one.1), (WaivedFindings::KINDS, (1040, 1040)));
        let header = one.0.iter().find(|one| one.at == "header x-0");
        assert_eq!(header.map(|one| &*one.message), Some("words of case 0"));
    }
}
