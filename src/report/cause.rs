//! What is wrong, each cause once even if many subjects have it: the model that all reports share. Main type: [`Cause`].
//!
//! [`occurrences`] lists the causes of a subject; [`Causes`] collects them over a run. Two findings have the same cause if system, code,
//! operation and place in the response are equal (array indices are ignored), and:
//!
//! - for a waived finding: the waiver is the same;
//! - for a finding with a place in the contract: that place is the same;
//! - for a status: the expected and the actual status are the same;
//! - for a time: nothing else is compared;
//! - else: the line of the case file is the same, or the value is missing in both.
//!
//! Two errors have the same cause if system, kind and message are equal; two failed cleanups, if the operation is the same.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::order::Order;
use crate::event::{
    ContractRecord, FindingRecord, LocationRecord, PlaceRecord, StepRecord, Subject,
    SubjectFinished, Verdict, WaiverRecord,
};
use crate::finding::{Code, ErrorKind, Named, RunError, ValueClass};
use crate::text::MaskedText;

/// The weight of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// The API deviates: subjects failed.
    Failure,
    /// We could not find out: subjects ended in error.
    Error,
    /// No subject fails for it.
    Warning,
    /// No subject fails for it, because a waiver accepts it for a limited time.
    Waived,
}

/// The code of a cause.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CauseCode {
    Finding(Named<Code>),
    Error(Named<ErrorKind>),
}

impl CauseCode {
    /// Whether `counterpart explain` has a page on it. Codes of later versions have no page.
    pub fn is_explained(&self) -> bool {
        match self {
            CauseCode::Finding(code) => code.known().is_some(),
            CauseCode::Error(kind) => kind.known().is_some(),
        }
    }
}

impl fmt::Display for CauseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CauseCode::Finding(code) => code.fmt(f),
            CauseCode::Error(kind) => kind.fmt(f),
        }
    }
}

/// The identity of a cause. If there are too many causes, the lowest keys are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    weight: Weight,
    system: Arc<str>,
    code: CauseCode,
    /// `None`: any operation.
    operation: Option<MaskedText>,
    /// `None` for an error.
    at: Option<LocationRecord>,
    detail: Detail,
}

/// The rest of a cause's identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Detail {
    Nothing,
    Contract {
        file: String,
        pointer: String,
    },
    CaseLine {
        file: String,
        line: usize,
    },
    Values {
        expected: Option<MaskedText>,
        actual: Option<MaskedText>,
    },
    /// The kind of the actual value.
    Found(Option<ValueClass>),
    Message(MaskedText),
    Waiver {
        file: String,
        line: usize,
        column: usize,
    },
}

impl Key {
    /// The same key without the line of the case file or the place in the contract.
    pub(super) fn without_detail(&self) -> Key {
        Key {
            detail: Detail::Nothing,
            ..self.clone()
        }
    }

    fn of_finding(system: &Arc<str>, step: &StepRecord, finding: &FindingRecord) -> Key {
        let weight = match &finding.waived {
            Some(_) => Weight::Waived,
            None if finding.is_warning() => Weight::Warning,
            None => Weight::Failure,
        };
        Key {
            weight,
            system: Arc::clone(system),
            code: CauseCode::Finding(finding.code.clone()),
            operation: Some(step.called()),
            at: Some(finding.subject().without_indices()),
            detail: Detail::of(finding),
        }
    }

    fn of_error(system: &Arc<str>, step: &StepRecord, error: &RunError<MaskedText>) -> Key {
        let is_cleanup = error.kind == ErrorKind::CleanupFailed;
        Key {
            weight: match is_cleanup {
                true => Weight::Warning,
                false => Weight::Error,
            },
            system: Arc::clone(system),
            code: CauseCode::Error(error.kind.clone()),
            operation: is_cleanup.then(|| step.called()),
            at: None,
            detail: match is_cleanup {
                true => Detail::Nothing,
                false => Detail::Message(error.message.clone()),
            },
        }
    }
}

impl Detail {
    fn of(finding: &FindingRecord) -> Detail {
        if let Some(WaiverRecord { place, .. }) = &finding.waived {
            return Detail::Waiver {
                file: place.file.clone(),
                line: place.line,
                column: place.column,
            };
        }
        if let Some(contract) = &finding.contract {
            return Detail::Contract {
                file: contract.place.file.clone(),
                pointer: contract.pointer.clone(),
            };
        }
        match (&finding.at, finding.found, &finding.case) {
            (LocationRecord::Time, _, _) => Detail::Nothing,
            (LocationRecord::Status, _, _) => Detail::Values {
                expected: finding.expected.clone(),
                actual: finding.actual.clone(),
            },
            // For a missing value it does not matter what each case expected.
            (_, found @ Some(ValueClass::Missing), _) | (_, found, None) => Detail::Found(found),
            (_, _, Some(place)) => Detail::CaseLine {
                file: place.file.clone(),
                line: place.line,
            },
        }
    }
}

/// A cause in one subject.
#[derive(Debug, Clone)]
pub(super) struct Occurrence<'a> {
    pub(super) key: Key,
    pub(super) step: &'a StepRecord,
    pub(super) what: What<'a>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum What<'a> {
    Finding(&'a FindingRecord),
    Error(&'a RunError<MaskedText>),
}

impl<'a> Occurrence<'a> {
    pub(super) fn weight(&self) -> Weight {
        self.key.weight
    }

    pub(super) fn code(&self) -> &CauseCode {
        &self.key.code
    }

    /// Where in the response, with `*` for array indices; `None` for an error.
    pub(super) fn at(&self) -> Option<&LocationRecord> {
        self.key.at.as_ref()
    }

    pub(super) fn message(&self) -> &'a MaskedText {
        match self.what {
            What::Finding(finding) => &finding.message,
            What::Error(error) => &error.message,
        }
    }

    /// The line of the case file whose expectation failed, else the call.
    fn place(&self) -> Option<&'a PlaceRecord> {
        let case = match self.what {
            What::Finding(finding) => finding.case.as_ref(),
            What::Error(_) => None,
        };
        case.or(self.step.place.as_ref())
    }

    /// Whether it makes the verdict failed or error.
    pub(super) fn decides(&self) -> bool {
        matches!(self.weight(), Weight::Failure | Weight::Error)
    }

    /// Whether a finding of the contract at the same place already implies it.
    fn is_implied(&self) -> bool {
        let What::Finding(finding) = self.what else {
            return false;
        };
        let place = finding.subject();
        let by_contract = |other: &FindingRecord| {
            other.contract.is_some() && other.fails() && other.subject() == place
        };
        finding.contract.is_none()
            && finding.at != LocationRecord::Status
            && self.step.findings.iter().any(by_contract)
    }
}

/// `expect-body at body /lastname, GET /V1/customers/me: message`
impl fmt::Display for Occurrence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.step.called();
        describe(f, self.code(), self.at(), &operation, self.message())
    }
}

fn describe(
    f: &mut fmt::Formatter<'_>,
    code: &CauseCode,
    at: Option<&LocationRecord>,
    operation: &MaskedText,
    message: &MaskedText,
) -> fmt::Result {
    match at {
        Some(at) => write!(f, "{code} at {at}, {operation}: {message}"),
        None => write!(f, "{code}, {operation}: {message}"),
    }
}

/// Everything that is wrong in a subject, in the order of its steps; findings before the error of a step.
pub(super) fn occurrences(subject: &SubjectFinished) -> impl Iterator<Item = Occurrence<'_>> {
    let steps = subject.steps.iter();
    steps.flat_map(|step| occurrences_in(subject, step))
}

/// Everything that is wrong in one step of a subject.
pub(super) fn occurrences_in<'a>(
    subject: &'a SubjectFinished,
    step: &'a StepRecord,
) -> impl Iterator<Item = Occurrence<'a>> {
    let system = &subject.subject.system;
    let findings = step.findings.iter().map(move |finding| Occurrence {
        key: Key::of_finding(system, step, finding),
        step,
        what: What::Finding(finding),
    });
    findings.chain(step.error.iter().map(move |error| Occurrence {
        key: Key::of_error(system, step, error),
        step,
        what: What::Error(error),
    }))
}

/// The steps for which a subject did not pass, each with its causes: failures and errors that no finding of the contract implies.
pub(super) fn failing_steps(
    subject: &SubjectFinished,
) -> impl Iterator<Item = Vec<Occurrence<'_>>> {
    let steps = subject.steps.iter().map(|step| {
        let causes = occurrences_in(subject, step);
        let causes = causes.filter(|occurrence| occurrence.decides() && !occurrence.is_implied());
        causes.collect::<Vec<_>>()
    });
    steps.filter(|causes| !causes.is_empty())
}

/// The cause that decided the verdict: the first failure of a failed subject, the first error of a subject that ended in error. `None` if
/// it passed or was skipped, or if no steps were recorded.
pub(super) fn decisive(subject: &SubjectFinished) -> Option<Occurrence<'_>> {
    let weight = match subject.verdict {
        Verdict::Passed | Verdict::Skipped => return None,
        Verdict::Failed => Weight::Failure,
        Verdict::Error | Verdict::Unknown => Weight::Error,
    };
    occurrences(subject)
        .find(|occurrence| occurrence.weight() == weight)
        .or_else(|| occurrences(subject).find(Occurrence::decides))
}

/// A cause and the subjects that have it. "The first subject" is the first one in the order of reports.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    pub weight: Weight,
    pub system: Arc<str>,
    pub code: CauseCode,
    /// The operation; the step's label if no contract documents it. Of the first subject.
    pub operation: MaskedText,
    /// Where in the response, with `*` for array indices; `None` for an error.
    pub at: Option<LocationRecord>,
    /// Of the first subject.
    pub message: MaskedText,
    /// Of the first subject.
    pub expected: Option<MaskedText>,
    /// Of the first subject.
    pub actual: Option<MaskedText>,
    /// The place in the contract; of the first subject.
    pub contract: Option<ContractRecord>,
    /// The line of the case file whose expectation failed, else the call; of the first subject.
    pub place: Option<PlaceRecord>,
    /// The waiver, if it is waived.
    pub waiver: Option<WaiverRecord>,
    /// Number of findings or errors.
    pub findings: usize,
    /// Number of subjects that have it.
    pub subjects: usize,
    /// If it is waived: number of subjects that passed although it ended them before their last step.
    pub ended: usize,
    /// The first [`Cause::NAMED`] subjects.
    pub first: Vec<CauseSubject>,
    /// Of `first`.
    orders: Vec<Order>,
    /// Its index among the first subject's causes.
    position: usize,
}

/// A subject that has a cause.
#[derive(Debug, Clone, PartialEq)]
pub struct CauseSubject {
    pub subject: Subject,
    /// Where it is written; `None` if it is not written in a file.
    pub place: Option<Arc<PlaceRecord>>,
    /// Its origin, if it is not written in a file.
    pub origin: Option<MaskedText>,
}

/// `body-schema at body /id, GET /V1/customers/me: message`
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(
            f,
            &self.code,
            self.at.as_ref(),
            &self.operation,
            &self.message,
        )
    }
}

impl Cause {
    /// Maximum number of subjects in [`Cause::first`].
    pub const NAMED: usize = 5;

    fn new(key: &Key) -> Self {
        let Key {
            weight,
            system,
            code,
            operation,
            at,
            detail: _,
        } = key.clone();
        Cause {
            weight,
            system,
            code,
            operation: operation.unwrap_or_default(),
            at,
            message: MaskedText::default(),
            expected: None,
            actual: None,
            contract: None,
            place: None,
            waiver: None,
            findings: 0,
            subjects: 0,
            ended: 0,
            first: Vec::new(),
            orders: Vec::new(),
            position: 0,
        }
    }

    /// Counts a subject; called once for each subject.
    fn add(&mut self, finished: &SubjectFinished, occurrence: &Occurrence<'_>, position: usize) {
        self.subjects += 1;
        let order = Order::of(finished);
        let index = self.orders.partition_point(|known| *known <= order);
        if index == 0 {
            self.copy_details(occurrence);
            self.position = position;
        }
        if index < Self::NAMED {
            self.orders.insert(index, order);
            self.orders.truncate(Self::NAMED);
            let named = CauseSubject {
                subject: finished.subject.clone(),
                place: finished.place.clone(),
                origin: finished.origin.clone(),
            };
            self.first.insert(index, named);
            self.first.truncate(Self::NAMED);
        }
    }

    fn copy_details(&mut self, occurrence: &Occurrence<'_>) {
        self.operation = occurrence.step.called();
        self.message = occurrence.message().clone();
        self.place = occurrence.place().cloned();
        if let What::Finding(finding) = occurrence.what {
            self.expected.clone_from(&finding.expected);
            self.actual.clone_from(&finding.actual);
            self.contract.clone_from(&finding.contract);
            self.waiver.clone_from(&finding.waived);
        }
    }

    /// For sorting within a system: the first subject, and the index among its causes.
    pub(super) fn place_in_report(&self) -> (Option<&Order>, usize) {
        (self.orders.first(), self.position)
    }
}

/// The causes of a run. They do not depend on the order in which the subjects finished.
#[derive(Debug, Clone, Default)]
pub(super) struct Causes {
    lists: BTreeMap<Weight, CauseList>,
    waived_subjects: usize,
}

/// Causes of one weight.
#[derive(Debug, Clone, Default)]
struct CauseList {
    causes: BTreeMap<Key, Cause>,
    /// Findings or errors of this weight, including those of causes that are not kept.
    findings: usize,
    /// Subjects of causes that are not kept.
    beyond: usize,
}

impl Causes {
    /// Maximum number of warnings and of waived causes that are kept. Failures and errors are all kept, as their subjects are.
    const MOST: usize = 500;

    /// Adds the causes of a subject. A cause that occurs twice (in two items of a list) counts once.
    pub(super) fn take(&mut self, finished: &SubjectFinished) {
        let mut counted = HashSet::new();
        let passed_early = finished.verdict == Verdict::Passed && finished.reason.is_some();
        let mut is_waived = false;
        for (position, occurrence) in occurrences(finished).enumerate() {
            let weight = occurrence.weight();
            let list = self.lists.entry(weight).or_default();
            list.findings += 1;
            let cause = list.causes.entry(occurrence.key.clone());
            let cause = cause.or_insert_with_key(Cause::new);
            cause.findings += 1;
            is_waived |= weight == Weight::Waived;
            if counted.insert(occurrence.key.clone()) {
                cause.add(finished, &occurrence, position);
                let is_last = finished
                    .steps
                    .last()
                    .is_some_and(|last| std::ptr::eq(last, occurrence.step));
                let has_ended = weight == Weight::Waived && passed_early && is_last;
                cause.ended += usize::from(has_ended);
            }
            // Drops the cause with the highest key, so that the kept causes do not depend on the order of the subjects.
            if matches!(weight, Weight::Warning | Weight::Waived)
                && list.causes.len() > Self::MOST
                && let Some((_, cause)) = list.causes.pop_last()
            {
                list.beyond += cause.subjects;
            }
        }
        self.waived_subjects += usize::from(is_waived);
    }

    /// The causes of a weight, ordered by system, code, operation and place.
    pub(super) fn of(&self, weight: Weight) -> impl Iterator<Item = &Cause> {
        let list = self.lists.get(&weight).into_iter();
        list.flat_map(|list| list.causes.values())
    }

    /// The sum of the numbers of subjects over all causes of a weight that are not kept.
    pub(super) fn beyond(&self, weight: Weight) -> usize {
        self.lists.get(&weight).map_or(0, |list| list.beyond)
    }

    /// Number of waived findings, and of subjects that have waived findings.
    pub(super) fn waived(&self) -> (usize, usize) {
        let list = self.lists.get(&Weight::Waived);
        (list.map_or(0, |list| list.findings), self.waived_subjects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::report::{Report, fixture};

    fn collected<'a>(subjects: impl IntoIterator<Item = &'a SubjectFinished>) -> Causes {
        let mut causes = Causes::default();
        subjects
            .into_iter()
            .for_each(|subject| causes.take(subject));
        causes
    }

    fn all(causes: &Causes, weight: Weight) -> Vec<Cause> {
        causes.of(weight).cloned().collect()
    }

    #[test]
    fn causes_of_most_subjects_come_first_and_each_once() {
        let report = Report::from_events(&fixture::run());
        let causes = report.causes();
        let shown: Vec<(String, usize)> = causes
            .iter()
            .map(|cause| {
                let text = cause.to_string();
                let (head, _) = text.split_once(", ").expect("has an operation");
                (head.to_owned(), cause.subjects)
            })
            .collect();
        assert_eq!(shown[0], ("status-unexpected at status".to_owned(), 3));
        assert_eq!(shown[1], ("body-schema at body /id".to_owned(), 1));
        assert_eq!(
            shown[2],
            ("body-schema at body /addresses/*/country_id".to_owned(), 1)
        );
        assert_eq!(shown.last(), Some(&("timeout".to_owned(), 1)));
        assert_eq!(causes[0].first.len(), 3);
        // The line of the case that expects the status.
        assert_eq!(causes[0].place.as_ref().map(|place| place.line), Some(31));
    }

    #[test]
    fn a_missing_value_is_one_cause_for_any_expectation() {
        let mut first = fixture::failed_by_status();
        let expect = |value: &str, line: usize, found| FindingRecord {
            expected: Some(fixture::masked(value)),
            case: Some(fixture::place("cases/a.yaml", line, "email: a", "a")),
            found: Some(found),
            ..fixture::finding("expect-body", "/email", "expected another value")
        };
        let mut number = |found| {
            let mut other = first.clone();
            first.steps[0].findings = vec![expect("\"a@example.com\"", 9, found)];
            other.steps[0].findings = vec![expect("\"b@example.com\"", 20, found)];
            all(&collected([&first, &other]), Weight::Failure).len()
        };
        assert_eq!(number(ValueClass::Missing), 1);
        // If there is a value, each line of the case file is an expectation of its own.
        assert_eq!(number(ValueClass::String), 2);
    }

    #[test]
    fn two_missing_properties_are_two_causes() {
        let mut case = fixture::failed();
        case.steps.truncate(2);
        case.steps[1].findings.truncate(1);
        let mut first = case.steps[1].findings[0].clone();
        first.at = fixture::at("body");
        first.missing = Some("email".into());
        let mut second = first.clone();
        second.missing = Some("id".into());
        case.steps[1].findings = vec![first, second];
        let causes = all(&collected([&case]), Weight::Failure);
        let places: Vec<String> = causes
            .iter()
            .filter_map(|cause| cause.at.as_ref().map(ToString::to_string))
            .collect();
        assert_eq!(places, ["body /email", "body /id"]);
    }

    #[test]
    fn two_slow_responses_have_one_cause() {
        let slow = |milliseconds: &str| {
            let mut case = fixture::failed_by_status();
            let finding = &mut case.steps[0].findings[0];
            finding.at = LocationRecord::Time;
            finding.actual = Some(fixture::masked(milliseconds));
            case
        };
        let causes = collected(&[slow("812 ms"), slow("790 ms")]);
        assert_eq!(all(&causes, Weight::Failure).len(), 1);
    }

    #[test]
    fn a_cause_met_in_two_items_of_a_list_is_one_subject() {
        let mut case = fixture::failed();
        let mut second = case.steps[1].findings[1].clone();
        second.at = fixture::at("body /addresses/1/country_id");
        case.steps[1].findings = vec![case.steps[1].findings[1].clone(), second];
        let causes = all(&collected([&case]), Weight::Failure);
        assert_eq!((causes.len(), causes[0].subjects), (1, 1));
        assert_eq!(causes[0].findings, 2);
    }

    #[test]
    fn each_weight_has_its_own_causes() {
        let subjects = [
            fixture::failed_by_status(),
            fixture::timed_out(),
            fixture::passed_with_warnings(),
            fixture::waived(),
        ];
        let causes = collected(&subjects);
        let codes = |weight| -> Vec<String> {
            let causes = causes.of(weight);
            causes.map(|cause| cause.code.to_string()).collect()
        };
        assert_eq!(codes(Weight::Failure), ["status-unexpected"]);
        assert_eq!(codes(Weight::Error), ["timeout"]);
        assert_eq!(
            codes(Weight::Warning),
            ["body-undocumented-property", "cleanup-failed"]
        );
        assert_eq!(codes(Weight::Waived), ["status-unexpected"]);
    }

    #[test]
    fn entries_without_a_place_have_causes_too() {
        let report = Report::from_events(&fixture::replay());
        let [cause] = report.causes()[..] else {
            panic!("one entry is different");
        };
        assert_eq!(
            cause.to_string(),
            "difference-value at body /firstname, GET /V1/customers/{customerId}: the value differs from the recorded value"
        );
        assert_eq!((&cause.place, &cause.first[0].place), (&None, &None));
    }

    #[test]
    fn the_deciding_cause_is_not_an_earlier_warning() {
        let mut case = fixture::failed_by_status();
        case.steps
            .insert(0, fixture::passed_with_warnings().steps.remove(0));
        let decisive = decisive(&case).expect("a finding");
        assert_eq!(decisive.code().to_string(), "status-unexpected");
        assert!(super::decisive(&fixture::passed_with_warnings()).is_none());
        let error = fixture::timed_out();
        let error = super::decisive(&error).expect("an error");
        assert_eq!(error.code().to_string(), "timeout");
    }

    #[test]
    fn one_cause_in_many_subjects_is_one_warning() {
        let cases = (0..7).map(|number| {
            let mut case = fixture::passed_with_warnings();
            case.subject.name = format!("case {number}").into();
            case
        });
        let causes = collected(&cases.collect::<Vec<_>>());
        let [property, cleanup] = &all(&causes, Weight::Warning)[..] else {
            panic!("{causes:#?}");
        };
        let at = property.at.as_ref().map(ToString::to_string);
        assert_eq!(at.as_deref(), Some("body /addresses/*/vat_id"));
        assert_eq!(property.subjects, 7);
        assert_eq!(property.first.len(), Cause::NAMED);
        assert_eq!(cleanup.at, None);
        assert_eq!(causes.beyond(Weight::Warning), 0);
    }

    #[test]
    fn one_waived_cause_in_many_subjects_is_reported_once() {
        let cases = [fixture::waived(), fixture::waived(), fixture::waived()];
        let causes = collected(cases.iter().chain([&fixture::failed_by_status()]));
        let [cause] = &all(&causes, Weight::Waived)[..] else {
            panic!("{causes:#?}");
        };
        assert_eq!((cause.findings, cause.subjects, cause.ended), (3, 3, 3));
        assert_eq!(causes.waived(), (3, 3));
    }

    #[test]
    fn another_waiver_is_another_cause() {
        let mut other = fixture::waived();
        if let Some(waiver) = &mut other.steps[0].findings[0].waived {
            waiver.place.line += 10;
        }
        let causes = collected(&[fixture::waived(), other]);
        assert_eq!(causes.of(Weight::Waived).count(), 2);
    }

    /// Two subjects for each of 520 numbers: one with a cause of its own, and one with the cause that all share.
    fn very_many(of: SubjectFinished) -> Vec<SubjectFinished> {
        let mut cases = Vec::new();
        for number in 0..Causes::MOST + 20 {
            let mut case = of.clone();
            case.subject.name = format!("case {number:03}").into();
            case.steps[0].findings[0].message =
                fixture::masked(&format!("message of case {number}"));
            cases.push(case.clone());
            case.steps[0].findings[0].at = fixture::at(&format!("body /x-{number}"));
            cases.push(case);
        }
        cases
    }

    #[test]
    fn kept_causes_do_not_depend_on_the_order_of_subjects() {
        // Kept: the shared cause and 499 others; counted: 21 others in a case each, and the cleanup in both cases of each number.
        for (of, weight, beyond) in [
            (
                fixture::passed_with_warnings(),
                Weight::Warning,
                21 + 2 * 520,
            ),
            (fixture::waived(), Weight::Waived, 21),
        ] {
            let cases = very_many(of);
            let (forward, backward) = (collected(&cases), collected(cases.iter().rev()));
            assert_eq!(all(&forward, weight), all(&backward, weight));
            assert_eq!(forward.beyond(weight), backward.beyond(weight));
            assert_eq!(forward.waived(), backward.waived());
            let kept = all(&forward, weight);
            assert_eq!((kept.len(), forward.beyond(weight)), (Causes::MOST, beyond));
            let shared = kept.iter().find(|cause| cause.subjects == 520);
            let shared = shared.expect("the shared cause");
            assert_eq!(shared.message, "message of case 0");
            assert_eq!(&*shared.first[1].subject.name, "case 001");
        }
    }

    #[test]
    fn failures_are_all_kept() {
        let cases = (0..Causes::MOST + 20).map(|number| {
            let mut case = fixture::failed_by_status();
            case.steps[0].findings[0].actual = Some(fixture::masked(&number.to_string()));
            Event::SubjectFinished(case)
        });
        let report = Report::from_events(&cases.collect::<Vec<_>>());
        assert_eq!(report.causes().len(), Causes::MOST + 20);
    }
}
