//! Groups of subjects with the same cause, for the terminal and the HTML page: one subject is shown in full. Main function: [`group`].

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::cause::{Key, Occurrence, failing_steps};
use crate::event::{Subject, SubjectFinished};

/// A subject to be shown in full, and the subjects that have no other causes.
#[derive(Debug)]
pub(super) struct CauseGroup<'a> {
    pub(super) shown: &'a SubjectFinished,
    pub(super) also: Vec<&'a SubjectFinished>,
    /// The first cause of the shown subject that no earlier subject had; `None` if no cause was recorded.
    pub(super) cause: Option<Occurrence<'a>>,
}

/// A cause that occurs only after another cause in the same subject, so it may be a consequence.
#[derive(Debug)]
pub(super) struct Consequence<'a> {
    /// As it occurred in the first subject.
    pub(super) cause: Occurrence<'a>,
    pub(super) subjects: usize,
    pub(super) first: &'a Subject,
}

/// Groups the subjects. If the first failing step of a subject has only known causes, the subject joins the group of the first of them; any
/// other subject starts a group. The order of the subjects is kept. Causes that occur only in later steps are returned separately.
pub(super) fn group<'a>(
    subjects: &[&'a SubjectFinished],
) -> (Vec<CauseGroup<'a>>, Vec<Consequence<'a>>) {
    let mut groups: Vec<CauseGroup<'a>> = Vec::new();
    let mut seen: HashMap<Key, usize> = HashMap::new();
    for &subject in subjects {
        let causes = failing_steps(subject).next().unwrap_or_default();
        let first = causes.first().and_then(|cause| seen.get(&cause.key));
        match first.copied() {
            Some(index) if causes.iter().all(|cause| seen.contains_key(&cause.key)) => {
                groups[index].also.push(subject);
            }
            _ => {
                let mut new = None;
                for cause in causes {
                    if let Entry::Vacant(free) = seen.entry(cause.key.clone()) {
                        free.insert(groups.len());
                        new = new.or(Some(cause));
                    }
                }
                groups.push(CauseGroup {
                    shown: subject,
                    also: Vec::new(),
                    cause: new,
                });
            }
        }
    }
    (groups, consequences(subjects, &seen))
}

fn consequences<'a>(
    subjects: &[&'a SubjectFinished],
    seen: &HashMap<Key, usize>,
) -> Vec<Consequence<'a>> {
    let mut list: Vec<Consequence<'a>> = Vec::new();
    let mut known: HashMap<Key, usize> = HashMap::new();
    for &subject in subjects {
        let mut counted = HashSet::new();
        for cause in failing_steps(subject).skip(1).flatten() {
            if seen.contains_key(&cause.key) {
                continue;
            }
            let key = cause.key.without_detail();
            if !counted.insert(key.clone()) {
                continue;
            }
            match known.entry(key) {
                Entry::Occupied(index) => list[*index.get()].subjects += 1,
                Entry::Vacant(free) => {
                    free.insert(list.len());
                    list.push(Consequence {
                        cause,
                        subjects: 1,
                        first: &subject.subject,
                    });
                }
            }
        }
    }
    list
}

/// The causes seen so far in a run, so that each is shown only once during the run.
#[derive(Debug, Default)]
pub struct SeenCauses(HashSet<Key>);

impl SeenCauses {
    /// Whether the subject's first failing step has a cause that no earlier subject had. A subject without a recorded cause is always new.
    pub fn are_new(&mut self, subject: &SubjectFinished) -> bool {
        let Some(causes) = failing_steps(subject).next() else {
            return true;
        };
        let mut new = false;
        for cause in causes {
            new |= self.0.insert(cause.key);
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::report::fixture;

    /// The codes of the groups' causes.
    fn codes(groups: &[CauseGroup<'_>]) -> Vec<String> {
        let causes = groups.iter().filter_map(|group| group.cause.as_ref());
        causes.map(|cause| cause.code().to_string()).collect()
    }

    fn groups(cases: &[SubjectFinished]) -> Vec<usize> {
        let cases: Vec<&SubjectFinished> = cases.iter().collect();
        group(&cases)
            .0
            .iter()
            .map(|group| group.also.len())
            .collect()
    }

    #[test]
    fn the_same_cause_is_shown_once() {
        let cases = [
            fixture::failed_by_status(),
            fixture::failed(),
            fixture::failed_by_status(),
        ];
        let groups = groups(&cases);
        assert_eq!(groups, [1, 0]);
    }

    #[test]
    fn another_status_is_another_cause() {
        let mut other = fixture::failed_by_status();
        other.steps[0].findings[0].actual = Some("500 Internal Server Error".into());
        assert_eq!(groups(&[fixture::failed_by_status(), other]).len(), 2);
    }

    #[test]
    fn other_values_against_the_same_keyword_are_one_cause() {
        let mut other = fixture::failed();
        other.steps[1].findings.truncate(2);
        other.steps[1].findings[0].actual = Some("true".into());
        other.steps[1].findings[1].at = fixture::at("body /addresses/7/country_id");
        assert_eq!(groups(&[fixture::failed(), other]).len(), 1);
    }

    #[test]
    fn another_keyword_at_the_same_place_is_another_cause() {
        let mut first = fixture::failed();
        first.steps[1].findings.truncate(1);
        let mut other = first.clone();
        if let Some(contract) = &mut other.steps[1].findings[0].contract {
            contract.pointer = contract.pointer.replace("/type", "/minimum");
        }
        assert_eq!(groups(&[first, other]).len(), 2);
    }

    #[test]
    fn an_expectation_that_the_contract_implies_is_not_a_second_cause() {
        let mut first = fixture::failed();
        first.steps.truncate(2);
        let by_contract = &mut first.steps[1].findings;
        by_contract.truncate(1);
        by_contract[0].at = fixture::at("body");
        by_contract[0].missing = Some("email".into());
        assert!(by_contract[0].contract.is_some());
        let mut other = first.clone();
        let by_case = fixture::finding("expect-body", "/email", "`/email` is missing");
        other.steps[1].findings.push(by_case);
        assert_eq!(groups(&[first.clone(), other.clone()]).len(), 1);
        // At another property it is a new cause.
        other.steps[1].findings[1].at = fixture::at("body /lastname");
        assert_eq!(groups(&[first, other]).len(), 2);
    }

    #[test]
    fn a_warning_of_the_contract_does_not_hide_an_expectation() {
        let mut case = fixture::failed();
        case.steps.truncate(2);
        let findings = &mut case.steps[1].findings;
        findings.truncate(1);
        findings[0].at = fixture::at("body /debug");
        findings[0].severity = Severity::Warning.into();
        assert!(findings[0].contract.is_some());
        findings.push(fixture::finding(
            "expect-body",
            "/debug",
            "`/debug` is there",
        ));
        let (groups, _) = group(&[&case, &case]);
        assert_eq!(groups.len(), 1);
        assert_eq!(codes(&groups), ["expect-body"]);
    }

    #[test]
    fn one_new_cause_among_known_ones_is_shown_and_named() {
        let known = fixture::failed_by_status();
        let mut other = known.clone();
        other.steps[0]
            .findings
            .push(fixture::finding("body-schema", "/new", "new"));
        let (groups, _) = group(&[&known, &other]);
        assert_eq!(codes(&groups), ["status-unexpected", "body-schema"]);
    }

    #[test]
    fn a_case_without_any_cause_is_never_hidden() {
        let mut bare = fixture::timed_out();
        bare.steps.clear();
        assert_eq!(groups(&[bare.clone(), bare]).len(), 2);
    }

    #[test]
    fn causes_after_a_known_cause_are_reported_in_short() {
        let mut both = fixture::failed_by_status();
        let mut later = both.steps[0].clone();
        later.findings = vec![fixture::finding("body-schema", "/new", "new")];
        both.steps.push(later);
        let cases = [fixture::failed_by_status(), both.clone(), both];
        let cases: Vec<&SubjectFinished> = cases.iter().collect();
        let (groups, consequences) = group(&cases);
        assert_eq!(groups.len(), 1);
        assert_eq!(consequences.len(), 1);
        assert_eq!(consequences[0].subjects, 2);
        assert_eq!(
            consequences[0].cause.to_string(),
            "body-schema at body /new, GET /V1/customers/me: new"
        );
    }

    #[test]
    fn a_line_while_running_is_for_the_first_of_a_cause() {
        let mut causes = SeenCauses::default();
        assert!(causes.are_new(&fixture::failed_by_status()));
        assert!(!causes.are_new(&fixture::failed_by_status()));
        assert!(causes.are_new(&fixture::failed()));
    }
}
