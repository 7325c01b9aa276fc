//! What is wrong, each cause once however many cases saw it: what CI servers show beside the code. Main type: [`Cause`].

use std::collections::HashMap;

use crate::document::escape_pointer;
use crate::event::{CaseFinished, CaseId, ContractRecord, FindingRecord, PlaceRecord, StepRecord};

use super::Report;
use super::warning::{fails, without_indices};

/// One cause of failures or errors.
#[derive(Debug)]
pub(super) struct Cause<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) system: &'a str,
    /// The code of the finding or the kind of the error.
    pub(super) code: &'a str,
    /// What was called; the step's label where no contract documents it.
    pub(super) operation: &'a str,
    /// Where in the response, with `*` for array indices; empty for an error.
    pub(super) at: String,
    /// The words of the first one.
    pub(super) message: &'a str,
    /// The line of a case file that was not met, else the call; of the first one.
    pub(super) place: &'a PlaceRecord,
    /// Number of cases that saw it.
    pub(super) cases: usize,
    /// The first [`NAMED`] of these, each with the place where it is written.
    pub(super) first: Vec<(&'a CaseId, &'a PlaceRecord)>,
}

/// Whether the API broke a promise, or we could not find out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind<'a> {
    /// The first finding of the cause.
    Finding(&'a FindingRecord),
    Error,
}

impl<'a> Cause<'a> {
    /// The promise that was broken, where a contract makes it.
    pub(super) fn contract(&self) -> Option<&'a ContractRecord> {
        match self.kind {
            Kind::Finding(finding) => finding.contract.as_ref(),
            Kind::Error => None,
        }
    }

    /// `1 case`, `7 cases`
    pub(super) fn counted(&self) -> String {
        match self.cases {
            1 => "1 case".to_owned(),
            cases => format!("{cases} cases"),
        }
    }
}

/// Cases named with a cause.
pub(super) const NAMED: usize = 5;

/// The kind of error that changes no verdict.
const CLEANUP_FAILED: &str = "cleanup-failed";

/// What a finding says to have found where nothing is ([`crate::finding::ValueClass::Missing`]).
const NOTHING: &str = "missing";

/// All causes that made a case fail or end in error: those of most cases first, equal ones in the order of the report.
pub(super) fn causes(report: &Report) -> Vec<Cause<'_>> {
    let mut list: Vec<Cause<'_>> = Vec::new();
    let mut known: HashMap<Vec<String>, usize> = HashMap::new();
    for case in report.failed().into_iter().chain(report.errors()) {
        let mut met: Vec<usize> = Vec::new();
        for step in &case.steps {
            let findings = step.findings.iter().filter(|one| fails(one));
            for finding in findings {
                let operation = operation(step);
                let key = key(&case.case.system, operation, finding);
                let index = *known.entry(key).or_insert_with(|| {
                    list.push(Cause {
                        kind: Kind::Finding(finding),
                        system: &case.case.system,
                        code: &finding.code,
                        operation,
                        at: without_indices(finding.at.trim_end()),
                        message: &finding.message,
                        place: finding.case.as_ref().unwrap_or(&step.place),
                        cases: 0,
                        first: Vec::new(),
                    });
                    list.len() - 1
                });
                count(&mut list, index, case, &mut met);
            }
            if let Some(error) = step.error.as_ref().filter(|one| one.kind != CLEANUP_FAILED) {
                let key = vec![
                    case.case.system.to_string(),
                    error.kind.clone(),
                    error.message.clone(),
                ];
                let index = *known.entry(key).or_insert_with(|| {
                    list.push(Cause {
                        kind: Kind::Error,
                        system: &case.case.system,
                        code: &error.kind,
                        operation: operation(step),
                        at: String::new(),
                        message: &error.message,
                        place: &step.place,
                        cases: 0,
                        first: Vec::new(),
                    });
                    list.len() - 1
                });
                count(&mut list, index, case, &mut met);
            }
        }
    }
    list.sort_by_key(|cause| std::cmp::Reverse(cause.cases));
    list
}

fn count<'a>(list: &mut [Cause<'a>], index: usize, case: &'a CaseFinished, met: &mut Vec<usize>) {
    if met.contains(&index) {
        return;
    }
    met.push(index);
    let cause = &mut list[index];
    cause.cases += 1;
    if cause.first.len() < NAMED {
        cause.first.push((&case.case, &case.place));
    }
}

fn operation(step: &StepRecord) -> &str {
    step.operation.as_ref().unwrap_or(&step.label)
}

/// `body /customer/email`: where exactly something is wrong, which is the finding's place, but for a missing property the place it
/// should have.
pub(super) fn subject(finding: &FindingRecord) -> String {
    match &finding.missing {
        Some(name) => {
            let name = escape_pointer(name);
            // `body` alone where the object is the whole body.
            format!("{}/{name}", finding.at).replacen("body/", "body /", 1)
        }
        None => finding.at.clone(),
    }
}

/// What two findings of one cause have in common: system, code, operation, place in the response (array indices apart) and place in
/// the contract; where no contract is concerned, that nothing was there at all, or the place in the case file, and for a status what was
/// expected and what came. The first four are always there, in this order.
pub(super) fn key(system: &str, operation: &str, finding: &FindingRecord) -> Vec<String> {
    let mut key = vec![
        system.to_owned(),
        finding.code.clone(),
        operation.to_owned(),
        without_indices(&finding.at),
    ];
    match &finding.contract {
        Some(contract) => {
            key.push(contract.place.file.clone());
            key.push(contract.pointer.clone());
        }
        // Whatever each case expected there.
        None if finding.found.as_deref() == Some(NOTHING) => key.push(NOTHING.to_owned()),
        None => match &finding.case {
            Some(place) if finding.pointer.is_some() => {
                key.push(format!("{}:{}", place.file, place.line));
            }
            _ => {
                key.extend(finding.expected.clone());
                key.extend(finding.actual.clone());
            }
        },
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn causes_of_most_cases_come_first_and_each_once() {
        let report = Report::from_events(&fixture::run());
        let causes = causes(&report);
        let told: Vec<(&str, &str, usize)> = causes
            .iter()
            .map(|cause| (cause.code, &*cause.at, cause.cases))
            .collect();
        assert_eq!(told[0], ("status-unexpected", "status", 3));
        assert_eq!(told[1], ("body-schema", "body /id", 1));
        assert_eq!(told[2], ("body-schema", "body /addresses/*/country_id", 1));
        assert_eq!(told.last(), Some(&("timeout", "", 1)));
        assert_eq!(causes[0].first.len(), 3);
        // What was not met: the line of the case that asks for the status.
        assert_eq!(causes[0].place.line, 31);
    }

    #[test]
    fn what_is_missing_is_one_cause_whatever_each_case_expected_there() {
        let mut first = fixture::finding("expect-body", "/email", "expected \"a@example.com\"");
        first.expected = Some("\"a@example.com\"".to_owned());
        first.case = Some(fixture::place("cases/a.yaml", 9, "email: a", "a"));
        first.found = Some("missing".to_owned());
        let mut other = fixture::finding("expect-body", "/email", "expected \"b@example.com\"");
        other.expected = Some("\"b@example.com\"".to_owned());
        other.case = Some(fixture::place("cases/a.yaml", 20, "email: b", "b"));
        other.found = Some("missing".to_owned());
        let of = |one: &FindingRecord| key("magento", "GET /V1/customers/me", one);
        assert_eq!(of(&first), of(&other));
        // Where something came, each line is a promise of its own.
        first.found = Some("string".to_owned());
        other.found = Some("string".to_owned());
        assert_ne!(of(&first), of(&other));
    }

    #[test]
    fn a_cause_met_in_two_items_of_a_list_is_one_case() {
        let mut case = fixture::failed();
        let mut second = case.steps[1].findings[1].clone();
        second.at = "body /addresses/1/country_id".to_owned();
        case.steps[1].findings = vec![case.steps[1].findings[1].clone(), second];
        let report = Report::from_events(&[crate::event::Event::CaseFinished(case)]);
        let causes = causes(&report);
        assert_eq!((causes.len(), causes[0].cases), (1, 1));
    }

    #[test]
    fn what_is_waived_or_only_a_warning_is_no_cause() {
        let report = Report::from_events(&[
            crate::event::Event::CaseFinished(fixture::waived()),
            crate::event::Event::CaseFinished(fixture::passed_with_warnings()),
        ]);
        assert!(causes(&report).is_empty());
    }
}
