//! Cases that fell for the same reason told once, on the terminal and in a page. Main type: [`Group`].

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};

use crate::event::{CaseFinished, CaseId, FindingRecord, StepRecord};
use crate::report::cause;
use crate::report::warning::fails;

/// A case to be shown in full, and those that show nothing new beside it.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) shown: &'a CaseFinished,
    pub(super) also: Vec<&'a CaseFinished>,
    /// The first cause of the case shown that no case before it had, for which it is shown; `None` where it tells none.
    pub(super) cause: Option<Told<'a>>,
}

/// A cause in its words.
#[derive(Debug, Clone)]
pub(super) struct Told<'a> {
    /// Of a finding, or the kind of an error.
    pub(super) code: &'a str,
    /// What was called; the step's label where no contract documents it.
    pub(super) operation: &'a str,
    /// Where in the response; empty for an error.
    pub(super) at: &'a str,
    pub(super) message: &'a str,
    /// What makes two of them the same.
    identity: Vec<String>,
}

impl Told<'_> {
    /// `expect-body at body /lastname, GET /V1/customers/me: message`
    fn text(&self) -> String {
        let Told {
            code,
            operation,
            message,
            ..
        } = self;
        match self.at {
            "" => format!("{code}, {operation}: {message}"),
            at => format!("{code} at {at}, {operation}: {message}"),
        }
    }
}

/// A cause that was only ever met after another one in the same case, so perhaps only a consequence.
#[derive(Debug)]
pub(super) struct Consequence<'a> {
    /// `expect-body at body /lastname, GET /V1/customers/me: message`
    pub(super) text: String,
    pub(super) cases: usize,
    pub(super) first: &'a CaseId,
}

/// Puts each case whose first broken step shows only causes that have been seen behind the case that showed the first of them; any
/// other case is shown itself. The order of the cases is kept. Causes met in later steps only are given back beside.
///
/// Two findings have one cause when system, code, operation, place in the response (array indices apart) and place in the contract
/// are the same; where no contract is concerned and something did come, the place in the case file must be, too, and for a status what
/// was expected and what came. Two errors have one cause when system, kind and message are the same.
pub(super) fn group<'a>(cases: &[&'a CaseFinished]) -> (Vec<Group<'a>>, Vec<Consequence<'a>>) {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut seen: HashMap<Vec<String>, usize> = HashMap::new();
    for &case in cases {
        let causes = broken(case).next();
        let causes = causes.map(|step| causes_of(case, step)).unwrap_or_default();
        let first = causes.first().and_then(|one| seen.get(&one.identity));
        match first.copied() {
            Some(index) if causes.iter().all(|one| seen.contains_key(&one.identity)) => {
                groups[index].also.push(case);
            }
            _ => {
                let mut new = None;
                for cause in causes {
                    if let Slot::Vacant(free) = seen.entry(cause.identity.clone()) {
                        free.insert(groups.len());
                        new = new.or(Some(cause));
                    }
                }
                groups.push(Group {
                    shown: case,
                    also: Vec::new(),
                    cause: new,
                });
            }
        }
    }
    (groups, consequences(cases, &seen))
}

fn consequences<'a>(
    cases: &[&'a CaseFinished],
    seen: &HashMap<Vec<String>, usize>,
) -> Vec<Consequence<'a>> {
    let mut list: Vec<Consequence<'a>> = Vec::new();
    let mut known: HashMap<Vec<String>, usize> = HashMap::new();
    for &case in cases {
        let mut met = HashSet::new();
        for step in broken(case).skip(1) {
            for cause in causes_of(case, step) {
                if seen.contains_key(&cause.identity) {
                    continue;
                }
                // System, code, operation and place: the rest tells apart what has the same cause, as the case file's line.
                let text = cause.text();
                let kind: Vec<String> = cause.identity.into_iter().take(4).collect();
                if !met.insert(kind.clone()) {
                    continue;
                }
                match known.get(&kind) {
                    Some(&index) => list[index].cases += 1,
                    None => {
                        known.insert(kind, list.len());
                        list.push(Consequence {
                            text,
                            cases: 1,
                            first: &case.case,
                        });
                    }
                }
            }
        }
    }
    list
}

/// The causes met so far in a run, for telling each only once while it goes on.
#[derive(Debug, Default)]
pub struct Causes(HashSet<Vec<String>>);

impl Causes {
    /// Whether the case's first broken step shows a cause that no case before it did. A case that tells no cause is always new.
    pub fn are_new(&mut self, case: &CaseFinished) -> bool {
        let Some(step) = broken(case).next() else {
            return true;
        };
        let mut new = false;
        for cause in causes_of(case, step) {
            new |= self.0.insert(cause.identity);
        }
        new
    }
}

/// The steps that tell why a case did not pass.
fn broken(case: &CaseFinished) -> impl Iterator<Item = &StepRecord> {
    case.steps.iter().filter(|step| {
        let error = step
            .error
            .as_ref()
            .is_some_and(|error| error.kind != CLEANUP_FAILED);
        error || step.findings.iter().any(fails)
    })
}

/// The kind of error that changes no verdict.
const CLEANUP_FAILED: &str = "cleanup-failed";

/// The causes that a step tells.
fn causes_of<'a>(case: &CaseFinished, step: &'a StepRecord) -> Vec<Told<'a>> {
    let system = &case.case.system;
    let operation = step.operation.as_ref().unwrap_or(&step.label);
    // What the contract already calls wrong needs no second cause because the case expected something there, too.
    let known = |one: &FindingRecord| {
        let mut others = step
            .findings
            .iter()
            .filter(|other| other.contract.is_some() && fails(other));
        let subject = cause::subject(one);
        one.contract.is_none()
            && one.at != "status"
            && others.any(|other| cause::subject(other) == subject)
    };
    let findings = step.findings.iter();
    let findings = findings.filter(|one| fails(one) && !known(one));
    let mut causes: Vec<Told<'a>> = findings
        .map(|finding| Told {
            code: &finding.code,
            operation,
            at: &finding.at,
            message: &finding.message,
            identity: cause::key(system, operation, finding),
        })
        .collect();
    let error = step.error.as_ref();
    if let Some(error) = error.filter(|error| error.kind != CLEANUP_FAILED) {
        causes.push(Told {
            code: &error.kind,
            operation,
            at: "",
            message: &error.message,
            identity: vec![
                system.to_string(),
                error.kind.clone(),
                error.message.clone(),
            ],
        });
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn groups(cases: &[CaseFinished]) -> Vec<usize> {
        let cases: Vec<&CaseFinished> = cases.iter().collect();
        group(&cases).0.iter().map(|one| one.also.len()).collect()
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
        other.steps[0].findings[0].actual = Some("500 Internal Server Error".to_owned());
        assert_eq!(groups(&[fixture::failed_by_status(), other]).len(), 2);
    }

    #[test]
    fn other_values_against_the_same_keyword_are_one_cause() {
        let mut other = fixture::failed();
        other.steps[1].findings.truncate(2);
        other.steps[1].findings[0].actual = Some("true".to_owned());
        other.steps[1].findings[1].at = "body /addresses/7/country_id".to_owned();
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
    fn what_the_contract_misses_is_no_second_cause_where_the_case_expects_it() {
        let mut first = fixture::failed();
        first.steps.truncate(2);
        let by_contract = &mut first.steps[1].findings;
        by_contract.truncate(1);
        by_contract[0].at = "body".to_owned();
        by_contract[0].pointer = Some(String::new());
        by_contract[0].missing = Some("email".to_owned());
        assert!(by_contract[0].contract.is_some());
        let mut other = first.clone();
        let by_case = fixture::finding("expect-body", "/email", "`/email` is missing");
        other.steps[1].findings.push(by_case);
        assert_eq!(groups(&[first.clone(), other.clone()]).len(), 1);
        // At another property it is one.
        other.steps[1].findings[1].at = "body /lastname".to_owned();
        assert_eq!(groups(&[first, other]).len(), 2);
    }

    #[test]
    fn what_the_contract_only_warns_of_hides_no_expectation() {
        let mut case = fixture::failed();
        case.steps.truncate(2);
        let findings = &mut case.steps[1].findings;
        findings.truncate(1);
        findings[0].at = "body /debug".to_owned();
        findings[0].severity = "warning".to_owned();
        assert!(findings[0].contract.is_some());
        findings.push(fixture::finding(
            "expect-body",
            "/debug",
            "`/debug` is there",
        ));
        let (groups, _) = group(&[&case, &case]);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].cause.as_ref().unwrap().code, "expect-body");
    }

    #[test]
    fn one_new_cause_among_known_ones_is_shown_and_named() {
        let known = fixture::failed_by_status();
        let mut other = known.clone();
        other.steps[0]
            .findings
            .push(fixture::finding("body-schema", "/new", "new"));
        let (groups, _) = group(&[&known, &other]);
        let codes: Vec<_> = groups
            .iter()
            .map(|one| one.cause.as_ref().unwrap().code)
            .collect();
        assert_eq!(codes, ["status-unexpected", "body-schema"]);
    }

    #[test]
    fn a_case_without_any_cause_is_never_hidden() {
        let mut bare = fixture::timed_out();
        bare.steps.clear();
        assert_eq!(groups(&[bare.clone(), bare]).len(), 2);
    }

    #[test]
    fn what_comes_after_a_known_cause_is_told_in_short() {
        let mut both = fixture::failed_by_status();
        let mut later = both.steps[0].clone();
        later.findings = vec![fixture::finding("body-schema", "/new", "new")];
        both.steps.push(later);
        let cases = [fixture::failed_by_status(), both.clone(), both];
        let cases: Vec<&CaseFinished> = cases.iter().collect();
        let (groups, consequences) = group(&cases);
        assert_eq!(groups.len(), 1);
        assert_eq!(consequences.len(), 1);
        assert_eq!(consequences[0].cases, 2);
        assert!(
            consequences[0]
                .text
                .starts_with("body-schema at body /new, "),
            "{}",
            consequences[0].text
        );
    }

    #[test]
    fn a_line_while_running_is_for_the_first_of_a_cause() {
        let mut causes = Causes::default();
        assert!(causes.are_new(&fixture::failed_by_status()));
        assert!(!causes.are_new(&fixture::failed_by_status()));
        assert!(causes.are_new(&fixture::failed()));
    }
}
