//! What was odd and made no case fail, grouped: one [`Warning`] for each cause, however many cases saw it.

use std::collections::{BTreeMap, HashSet};

use super::order::Order;
use crate::event::{CaseFinished, CaseId, FindingRecord, StepRecord};

/// One cause of warnings and how often it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub system: String,
    /// The code of a finding, or the kind of an error that did not change the verdict (`cleanup-failed`).
    pub code: String,
    /// What was called, `GET /V1/customers/me`; the step's label where no contract documents it.
    pub operation: String,
    /// Where in the response, with `*` for array indices; empty for an error.
    pub at: String,
    /// The words of the first one.
    pub message: String,
    /// Number of cases that saw it.
    pub cases: usize,
    /// The first five of these.
    pub first: Vec<CaseId>,
}

/// The warnings of a run. Holds at most [`Warnings::KINDS`] causes, the first by their words; others are only counted.
#[derive(Debug, Clone, Default)]
pub(super) struct Warnings {
    kinds: BTreeMap<Cause, Kind>,
    beyond: usize,
}

/// A cause's cases: the first of them in the order of reports, whichever came first.
#[derive(Debug, Clone)]
struct Kind {
    warning: Warning,
    /// Of those named in the warning.
    first: Vec<Order>,
}

impl Warnings {
    const KINDS: usize = 500;
    const NAMED: usize = 5;

    /// By system, code, operation, place.
    pub(super) fn list(&self) -> impl Iterator<Item = &Warning> {
        self.kinds.values().map(|kind| &kind.warning)
    }

    /// Number of warnings that belong to none of the causes listed.
    pub(super) fn beyond(&self) -> usize {
        self.beyond
    }

    /// Takes what a case has to warn of: findings of severity warning, and errors of steps that did not decide its verdict. A cause that
    /// the case meets twice (in two items of a list) counts once.
    pub(super) fn take(&mut self, case: &CaseFinished) {
        let mut met = HashSet::new();
        for step in &case.steps {
            for finding in step.findings.iter().filter(|one| is_warning(one)) {
                let at = without_indices(&finding.at);
                let cause = Cause::of(case, step, &finding.code, at);
                self.add(case, cause, &finding.message, &mut met);
            }
            if let Some(error) = &step.error
                && error.kind == "cleanup-failed"
            {
                let cause = Cause::of(case, step, &error.kind, String::new());
                self.add(case, cause, &error.message, &mut met);
            }
        }
    }

    fn add(&mut self, case: &CaseFinished, cause: Cause, message: &str, met: &mut HashSet<Cause>) {
        if !met.insert(cause.clone()) {
            return;
        }
        let kind = self.kinds.entry(cause).or_insert_with_key(Kind::of);
        kind.add(case, message);
        // The last one by its words goes, so that what is kept does not depend on what came first.
        if self.kinds.len() > Self::KINDS
            && let Some((_, kind)) = self.kinds.pop_last()
        {
            self.beyond += kind.warning.cases;
        }
    }
}

impl Kind {
    fn of(cause: &Cause) -> Self {
        let Cause {
            system,
            code,
            operation,
            at,
        } = cause.clone();
        Kind {
            warning: Warning {
                system,
                code,
                operation,
                at,
                message: String::new(),
                cases: 0,
                first: Vec::new(),
            },
            first: Vec::new(),
        }
    }

    fn add(&mut self, case: &CaseFinished, message: &str) {
        self.warning.cases += 1;
        let order = Order::of(case);
        let at = self.first.partition_point(|known| *known <= order);
        if at == 0 {
            message.clone_into(&mut self.warning.message);
        }
        if at < Warnings::NAMED {
            self.first.insert(at, order);
            self.first.truncate(Warnings::NAMED);
            self.warning.first.insert(at, case.case.clone());
            self.warning.first.truncate(Warnings::NAMED);
        }
    }
}

/// What makes two warnings the same one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Cause {
    system: String,
    code: String,
    operation: String,
    at: String,
}

impl Cause {
    fn of(case: &CaseFinished, step: &StepRecord, code: &str, at: String) -> Self {
        Cause {
            system: case.case.system.to_string(),
            code: code.to_owned(),
            operation: step.operation.as_ref().unwrap_or(&step.label).clone(),
            at,
        }
    }
}

/// Whether a finding is shown without failing its case, and nobody waived it.
pub(super) fn is_warning(finding: &FindingRecord) -> bool {
    finding.severity == "warning" && finding.waived.is_none()
}

/// Whether a finding fails its case: neither a warning nor waived.
pub(super) fn fails(finding: &FindingRecord) -> bool {
    finding.severity != "warning" && finding.waived.is_none()
}

/// A place in a response with array indices replaced: `body /items/3/sku` and `body /items/4/sku` have one cause.
pub(super) fn without_indices(at: &str) -> String {
    let tokens = at.split('/').map(|token| {
        let index = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
        if index { "*" } else { token }
    });
    tokens.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn one_cause_in_many_cases_is_one_warning() {
        let mut warnings = Warnings::default();
        for number in 0..7 {
            let mut case = fixture::passed_with_warnings();
            case.case.name = format!("case {number}").into();
            warnings.take(&case);
        }
        let list: Vec<&Warning> = warnings.list().collect();
        let [property, cleanup] = list[..] else {
            panic!("{list:#?}");
        };
        assert_eq!(property.code, "body-undocumented-property");
        assert_eq!(property.at, "body /addresses/*/vat_id");
        assert_eq!(property.cases, 7);
        assert_eq!(property.first.len(), Warnings::NAMED);
        assert_eq!(cleanup.code, "cleanup-failed");
        assert_eq!(warnings.beyond(), 0);
    }

    #[test]
    fn a_cause_met_twice_in_one_case_counts_once() {
        let mut warnings = Warnings::default();
        let mut case = fixture::passed_with_warnings();
        let mut second = case.steps[0].findings[0].clone();
        second.at = "body /addresses/1/vat_id".to_owned();
        case.steps[0].findings.push(second);
        for number in 0..9 {
            case.case.name = format!("case {number}").into();
            warnings.take(&case);
        }
        assert_eq!(warnings.list().next().map(|one| one.cases), Some(9));
    }

    #[test]
    fn beyond_the_kinds_kept_warnings_are_only_counted() {
        let mut warnings = Warnings::default();
        let mut case = fixture::passed_with_warnings();
        case.steps.truncate(1);
        for number in 0..Warnings::KINDS + 3 {
            case.steps[0].findings[0].at = format!("header x-{number}");
            warnings.take(&case);
        }
        assert_eq!(
            (warnings.list().count(), warnings.beyond()),
            (Warnings::KINDS, 3)
        );
    }

    #[test]
    fn what_is_kept_does_not_depend_on_which_case_came_first() {
        let mut cases = Vec::new();
        for number in 0..Warnings::KINDS + 20 {
            let mut case = fixture::passed_with_warnings();
            case.case.name = format!("case {number}").into();
            case.steps[0].findings[0].message = format!("words of case {number}");
            cases.push(case.clone());
            case.steps[0].findings[0].at = format!("header x-{number}");
            cases.push(case);
        }
        let told = |cases: &mut dyn Iterator<Item = &CaseFinished>| {
            let mut warnings = Warnings::default();
            cases.for_each(|case| warnings.take(case));
            let list: Vec<Warning> = warnings.list().cloned().collect();
            (list, warnings.beyond())
        };
        let (one, other) = (told(&mut cases.iter()), told(&mut cases.iter().rev()));
        assert_eq!(one, other);
        // Kept: the property and 499 headers; counted: 21 headers in a case each, and the cleanup in both cases of each number.
        assert_eq!((one.0.len(), one.1), (500, 21 + 2 * 520));
        let property = one
            .0
            .iter()
            .find(|one| one.cases == 520)
            .expect("one of all cases");
        assert_eq!(property.message, "words of case 0");
        assert_eq!(&*property.first[1].name, "case 1");
    }

    #[test]
    fn findings_that_fail_a_case_are_no_warnings() {
        let mut warnings = Warnings::default();
        warnings.take(&fixture::failed_by_status());
        assert_eq!(warnings.list().count(), 0);
    }
}
