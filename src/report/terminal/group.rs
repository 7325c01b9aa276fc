//! Cases that fell for the same reason told once. Main type: [`Group`].

use std::collections::HashMap;

use crate::event::{CaseFinished, CaseId, FindingRecord};
use crate::report::warning::{fails, without_indices};

/// A case to be shown in full, and those that show nothing new beside it.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) shown: &'a CaseFinished,
    pub(super) also: Vec<&'a CaseId>,
}

/// Puts each case whose causes have all been seen behind the case that showed its first cause; any other case is shown itself. The order
/// of the cases is kept.
///
/// Two findings have one cause when system, code, operation, place in the response (array indices apart) and place in the contract are
/// the same; where no contract is concerned, expected and actual must be, too, as nothing else tells a 404 from a 500. Two errors have
/// one cause when system, kind and message are the same.
pub(super) fn group<'a>(cases: impl IntoIterator<Item = &'a CaseFinished>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut seen: HashMap<Vec<String>, usize> = HashMap::new();
    for case in cases {
        let causes = causes(case);
        let first = causes.first().and_then(|cause| seen.get(cause)).copied();
        match first {
            Some(index) if causes.iter().all(|cause| seen.contains_key(cause)) => {
                groups[index].also.push(&case.case);
            }
            _ => {
                for cause in causes {
                    seen.entry(cause).or_insert(groups.len());
                }
                groups.push(Group {
                    shown: case,
                    also: Vec::new(),
                });
            }
        }
    }
    groups
}

fn causes(case: &CaseFinished) -> Vec<Vec<String>> {
    let system = &case.case.system;
    let mut causes = Vec::new();
    for step in &case.steps {
        let operation = step.operation.as_ref().unwrap_or(&step.label);
        for finding in step.findings.iter().filter(|one| fails(one)) {
            causes.push(cause_of(system, operation, finding));
        }
        if let Some(error) = &step.error
            && error.kind != "cleanup-failed"
        {
            causes.push(vec![
                system.clone(),
                error.kind.clone(),
                error.message.clone(),
            ]);
        }
    }
    causes
}

fn cause_of(system: &str, operation: &str, finding: &FindingRecord) -> Vec<String> {
    let mut cause = vec![
        system.to_owned(),
        finding.code.clone(),
        operation.to_owned(),
        without_indices(&finding.at),
    ];
    match &finding.contract {
        Some(contract) => {
            cause.push(contract.place.file.clone());
            cause.push(contract.pointer.clone());
        }
        None => {
            cause.extend(finding.expected.clone());
            cause.extend(finding.actual.clone());
        }
    }
    cause
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_same_cause_is_shown_once() {
        let cases = [
            fixture::failed_by_status(),
            fixture::failed(),
            fixture::failed_by_status(),
        ];
        let groups = group(&cases);
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].also, [&cases[2].case]);
        assert!(groups[1].also.is_empty());
    }

    #[test]
    fn another_status_is_another_cause() {
        let mut other = fixture::failed_by_status();
        other.steps[0].findings[0].actual = Some("500 Internal Server Error".to_owned());
        assert_eq!(group(&[fixture::failed_by_status(), other]).len(), 2);
    }

    #[test]
    fn other_values_against_the_same_keyword_are_one_cause() {
        let mut other = fixture::failed();
        other.steps[1].findings.truncate(2);
        other.steps[1].findings[0].actual = Some("true".to_owned());
        other.steps[1].findings[1].at = "body /addresses/7/country_id".to_owned();
        assert_eq!(group(&[fixture::failed(), other]).len(), 1);
    }

    #[test]
    fn another_keyword_at_the_same_place_is_another_cause() {
        let mut first = fixture::failed();
        first.steps[1].findings.truncate(1);
        let mut other = first.clone();
        if let Some(contract) = &mut other.steps[1].findings[0].contract {
            contract.pointer = contract.pointer.replace("/type", "/minimum");
        }
        assert_eq!(group(&[first, other]).len(), 2);
    }

    #[test]
    fn one_new_cause_among_known_ones_is_shown() {
        let mut other = fixture::failed_by_status();
        other.steps[0]
            .findings
            .push(fixture::finding("body-schema", "/new", "new"));
        assert_eq!(group(&[fixture::failed_by_status(), other]).len(), 2);
    }

    #[test]
    fn a_case_without_any_cause_is_never_hidden() {
        let mut bare = fixture::timed_out();
        bare.steps.clear();
        assert_eq!(group(&[bare.clone(), bare]).len(), 2);
    }
}
