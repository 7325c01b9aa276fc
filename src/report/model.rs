//! The fold: [`Report`] takes events in the order they happened and keeps what the reports need.

use std::collections::{BTreeSet, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use super::cause::{Cause, Causes, Weight};
use super::coverage::{Coverages, SystemCoverage};
use super::notes;
use super::order::Order;
use super::shortfall::Shortfall;
use super::times::{OperationTimes, Times};
use super::waived;
use crate::contract::Reading;
use crate::event::{
    ConnectionRecord, Event, PlaceRecord, RunFinished, RunStarted, Subject, SubjectFinished,
    SubjectKind, SystemStarted, TargetLost, Verdict, WaiverRecord,
};
use crate::text::MaskedText;

/// The result of a run. Subjects that failed or ended in error are kept in full, passed and skipped subjects only as [`SubjectSummary`].
#[derive(Debug, Clone, Default)]
pub struct Report {
    run: Option<RunStarted>,
    systems: Vec<SystemReport>,
    /// Passed and skipped.
    summaries: Vec<SubjectSummary>,
    /// All others.
    whole: Vec<SubjectFinished>,
    lost: Vec<TargetLost>,
    running: BTreeSet<Subject>,
    causes: Causes,
    coverages: Coverages,
    shortfalls: Vec<Shortfall>,
    times: Times,
    end: Option<RunFinished>,
    shared: SharedTexts,
}

/// A system of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct SystemReport {
    /// As announced at the start of the run. For a system that was not announced (a damaged recording), only the name is known.
    pub system: SystemStarted,
    /// Subjects that were not run because the target was lost count as errors.
    pub counts: Counts,
}

/// Subjects by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    /// Ended in error, or not run because the target was lost.
    pub errors: usize,
    pub skipped: usize,
}

impl Counts {
    /// All subjects that have a verdict.
    pub fn total(self) -> usize {
        self.passed + self.failed + self.errors + self.skipped
    }

    /// Counts one more.
    pub(super) fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Error | Verdict::Unknown => self.errors += 1,
            Verdict::Skipped => self.skipped += 1,
        }
    }
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Counts>>(all: I) -> Counts {
        all.fold(Counts::default(), |sum, counts| Counts {
            passed: sum.passed + counts.passed,
            failed: sum.failed + counts.failed,
            errors: sum.errors + counts.errors,
            skipped: sum.skipped + counts.skipped,
        })
    }
}

/// `2 passed, 5 failed, 42 errors, 3 skipped`
impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Counts {
            passed,
            failed,
            errors,
            skipped,
        } = self;
        write!(
            f,
            "{passed} passed, {failed} failed, {errors} errors, {skipped} skipped"
        )
    }
}

/// What is kept of a subject that passed or was skipped.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectSummary {
    pub subject: Subject,
    /// Passed or skipped.
    pub verdict: Verdict,
    pub milliseconds: f64,
    /// The texts are shared between subjects.
    pub tags: Vec<Arc<str>>,
    /// Operations its own steps called; the texts are shared between subjects.
    pub operations: Vec<Arc<str>>,
    /// `None` if it is not written in a file.
    pub place: Option<SummaryPlace>,
    /// Why it was skipped, or that a waived finding ended it early; `None` for any other passed subject.
    pub reason: Option<MaskedText>,
    /// An escaped line for each distinct waived finding; the texts are shared between subjects.
    pub waived: Vec<Arc<str>>,
    /// An escaped line for each note of its steps.
    pub notes: Vec<Arc<str>>,
}

/// Where a subject is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryPlace {
    pub file: Arc<str>,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
}

/// A subject with its verdict, in full if it failed or ended in error.
#[derive(Debug, Clone, Copy)]
pub enum Finished<'r> {
    Summary(&'r SubjectSummary),
    Whole(&'r SubjectFinished),
}

impl<'r> Finished<'r> {
    pub fn subject(self) -> &'r Subject {
        match self {
            Finished::Summary(summary) => &summary.subject,
            Finished::Whole(finished) => &finished.subject,
        }
    }

    pub fn verdict(self) -> Verdict {
        match self {
            Finished::Summary(summary) => summary.verdict,
            Finished::Whole(finished) => finished.verdict,
        }
    }

    pub fn milliseconds(self) -> f64 {
        match self {
            Finished::Summary(summary) => summary.milliseconds,
            Finished::Whole(finished) => finished.milliseconds,
        }
    }

    /// The file it is written in.
    pub fn file(self) -> Option<&'r str> {
        match self {
            Finished::Summary(summary) => summary.place.as_ref().map(|place| &*place.file),
            Finished::Whole(finished) => finished.place.as_ref().map(|place| place.file.as_str()),
        }
    }

    fn summary(self) -> Option<&'r SubjectSummary> {
        match self {
            Finished::Summary(summary) => Some(summary),
            Finished::Whole(_) => None,
        }
    }

    fn whole(self) -> Option<&'r SubjectFinished> {
        match self {
            Finished::Summary(_) => None,
            Finished::Whole(finished) => Some(finished),
        }
    }

    fn order(self) -> Order {
        match self {
            Finished::Summary(summary) => {
                let place = summary.place.as_ref();
                Order::new(
                    &summary.subject,
                    place.map(|place| (place.line, place.column)),
                )
            }
            Finished::Whole(finished) => Order::of(finished),
        }
    }
}

impl Report {
    pub fn new() -> Self {
        Report::default()
    }

    /// The report of a whole run.
    pub fn from_events<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut report = Report::new();
        for event in events {
            report.fold(event);
        }
        report
    }

    /// Takes the next event. Any order is accepted, so that a damaged recording can still be reported.
    pub fn fold(&mut self, event: &Event) {
        match event {
            Event::RunStarted(started) => self.start(started),
            Event::Coverable(coverable) => self.coverages.announce(coverable),
            // The finished subjects have the names already.
            Event::Planned(_) | Event::LeftOpen(_) | Event::Unknown => {}
            Event::SubjectStarted { subject } => {
                self.running.insert(subject.clone());
            }
            Event::SubjectFinished(finished) => self.take(finished),
            Event::TargetLost(lost) => {
                self.counts_of(&lost.system).errors += lost.not_run;
                let position = self.position(&lost.system);
                let before = |other: &TargetLost| self.position(&other.system) <= position;
                let at = self.lost.partition_point(before);
                self.lost.insert(at, lost.clone());
            }
            Event::RunFinished(end) => self.end = Some(end.clone()),
        }
    }

    fn start(&mut self, started: &RunStarted) {
        let mut met = std::mem::take(&mut self.systems);
        for system in &started.systems {
            let known = met
                .iter()
                .position(|known| known.system.system == system.system);
            let counts = known.map_or_else(Counts::default, |index| met.remove(index).counts);
            self.systems.push(SystemReport {
                system: system.clone(),
                counts,
            });
        }
        self.systems.append(&mut met);
        self.run = Some(started.clone());
    }

    fn take(&mut self, finished: &SubjectFinished) {
        self.running.remove(&finished.subject);
        self.counts_of(&finished.subject.system)
            .add(finished.verdict);
        self.coverages.take(finished);
        self.times.take(finished);
        self.causes.take(finished);
        match finished.verdict {
            Verdict::Passed | Verdict::Skipped => {
                self.summaries.push(self.shared.summary(finished));
            }
            Verdict::Failed | Verdict::Error | Verdict::Unknown => {
                self.whole.push(finished.clone());
            }
        }
    }

    fn counts_of(&mut self, name: &str) -> &mut Counts {
        let index = match self.position(name) {
            Some(index) => index,
            None => {
                self.systems.push(SystemReport {
                    system: SystemStarted {
                        system: name.to_owned(),
                        target: String::new(),
                        url: String::new(),
                        target_version: None,
                        contract: Reading::default().into(),
                        connection: ConnectionRecord::default(),
                        planned: 0,
                        contracts: Vec::new(),
                    },
                    counts: Counts::default(),
                });
                self.systems.len() - 1
            }
        };
        &mut self.systems[index].counts
    }

    /// The index of a system among the announced systems.
    fn position(&self, name: &str) -> Option<usize> {
        self.systems
            .iter()
            .position(|known| known.system.system == name)
    }

    /// The start of the run; `None` only for a recording without it.
    pub fn run(&self) -> Option<&RunStarted> {
        self.run.as_ref()
    }

    /// What the run's subjects are.
    pub fn subject_kind(&self) -> SubjectKind {
        self.run
            .as_ref()
            .map(|run| run.subjects)
            .unwrap_or_default()
    }

    /// The systems in the order in which they were announced.
    pub fn systems(&self) -> &[SystemReport] {
        &self.systems
    }

    /// A system by its name.
    pub fn system(&self, name: &str) -> Option<&SystemReport> {
        self.systems
            .iter()
            .find(|known| known.system.system == name)
    }

    /// Subjects by verdict, all systems together.
    pub fn counts(&self) -> Counts {
        self.systems.iter().map(|known| known.counts).sum()
    }

    /// Number of planned subjects without a verdict: more than 0 only if the run was cut short.
    pub fn without_verdict(&self) -> usize {
        let planned = self.run.as_ref().map_or(0, |run| run.planned);
        planned.saturating_sub(self.counts().total())
    }

    /// The subjects that started and have no verdict, by name: the running ones during a run, the interrupted ones of a killed run.
    pub fn running(&self) -> &BTreeSet<Subject> {
        &self.running
    }

    /// All subjects with a verdict, ordered by system as announced, file, place in the file, and name.
    pub fn finished(&self) -> Vec<Finished<'_>> {
        self.in_order(|_| true).collect()
    }

    /// Failed subjects in full, in the order of [`Report::finished`].
    pub fn failed(&self) -> Vec<&SubjectFinished> {
        let failed = self.in_order(|verdict| verdict == Verdict::Failed);
        failed.filter_map(Finished::whole).collect()
    }

    /// Subjects that ended in error, in full, in the same order.
    pub fn errors(&self) -> Vec<&SubjectFinished> {
        let errors = self.in_order(|verdict| matches!(verdict, Verdict::Error | Verdict::Unknown));
        errors.filter_map(Finished::whole).collect()
    }

    /// Passed subjects, in the same order.
    pub fn passed(&self) -> Vec<&SubjectSummary> {
        let passed = self.in_order(|verdict| verdict == Verdict::Passed);
        passed.filter_map(Finished::summary).collect()
    }

    /// Skipped subjects, in the same order.
    pub fn skipped(&self) -> Vec<&SubjectSummary> {
        let skipped = self.in_order(|verdict| verdict == Verdict::Skipped);
        skipped.filter_map(Finished::summary).collect()
    }

    /// Why subjects were skipped, with their number: the most frequent reason first, equally frequent reasons by their text.
    pub fn skip_reasons(&self) -> Vec<(MaskedText, usize)> {
        let mut reasons: Vec<(MaskedText, usize)> = Vec::new();
        for summary in self.skipped() {
            let reason = skip_reason(summary);
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, count)) => *count += 1,
                None => reasons.push((reason, 1)),
            }
        }
        reasons.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
        reasons
    }

    /// Targets that could not be reached, by system as announced.
    pub fn lost(&self) -> &[TargetLost] {
        &self.lost
    }

    /// Causes for which subjects failed or ended in error, causes of most subjects first. For equal numbers: failures first, then in the
    /// order of [`Report::finished`].
    pub fn causes(&self) -> Vec<&Cause> {
        let failures = self.causes.of(Weight::Failure);
        let mut causes: Vec<&Cause> = failures.chain(self.causes.of(Weight::Error)).collect();
        causes.sort_by_key(|cause| {
            (
                std::cmp::Reverse(cause.subjects),
                cause.weight,
                self.position(&cause.system),
                cause.place_in_report(),
            )
        });
        causes
    }

    /// Causes of warnings, ordered by system as announced, code, operation, place.
    pub fn warnings(&self) -> Vec<&Cause> {
        self.by_system(Weight::Warning)
    }

    /// Number of warnings beyond the causes that [`Report::warnings`] lists (there are at most 500).
    pub fn further_warnings(&self) -> usize {
        self.causes.beyond(Weight::Warning)
    }

    /// Causes of waived findings, in the order of [`Report::warnings`].
    pub fn waived(&self) -> Vec<&Cause> {
        self.by_system(Weight::Waived)
    }

    /// Number of waived findings, and of subjects that have waived findings.
    pub fn waived_counts(&self) -> (usize, usize) {
        self.causes.waived()
    }

    fn by_system(&self, weight: Weight) -> Vec<&Cause> {
        let mut causes: Vec<&Cause> = self.causes.of(weight).collect();
        // The sort is stable: within a system they are already in order.
        causes.sort_by_key(|cause| self.position(&cause.system));
        causes
    }

    /// Waivers that matched nothing although a request they apply to got a response.
    pub fn stale_waivers(&self) -> &[WaiverRecord] {
        self.end.as_ref().map_or(&[], |end| &end.stale_waivers)
    }

    /// Whether the run fails for its stale waivers.
    pub fn fails_for_stale_waivers(&self) -> bool {
        let end = self.end.as_ref();
        end.is_some_and(|end| end.strict_waivers && !end.stale_waivers.is_empty())
    }

    /// Coverage of each system's contracts, systems as announced; empty if coverage was not recorded.
    pub fn coverage(&self) -> Vec<&SystemCoverage> {
        let mut systems: Vec<&SystemCoverage> = self.coverages.announced().collect();
        systems.sort_by_key(|coverage| self.position(coverage.system()));
        systems
    }

    /// Durations of the calls of each operation, the slowest (by p95) first; equally slow operations by system as announced and name.
    pub fn operation_times(&self) -> Vec<&OperationTimes> {
        let mut times: Vec<&OperationTimes> = self.times.all().collect();
        times.sort_by(|left, right| {
            let place =
                |of: &OperationTimes| (self.position(of.system()), of.operation().to_owned());
            let slower = right.quantile(0.95).total_cmp(&left.quantile(0.95));
            slower.then_with(|| place(left).cmp(&place(right)))
        });
        times
    }

    /// The end of the run; `None` while it runs, and for a killed run.
    pub fn end(&self) -> Option<&RunFinished> {
        self.end.as_ref()
    }

    /// Adds shortfalls of coverage, which the caller computes because the requirement is not part of the events.
    pub fn require_coverage(&mut self, shortfalls: Vec<Shortfall>) {
        self.shortfalls = shortfalls;
    }

    /// Shortfalls of coverage; empty if no coverage was required.
    pub fn shortfalls(&self) -> &[Shortfall] {
        &self.shortfalls
    }

    /// The subjects whose verdict is selected.
    fn in_order(&self, is_selected: fn(Verdict) -> bool) -> impl Iterator<Item = Finished<'_>> {
        let summaries = self.summaries.iter().map(Finished::Summary);
        let all = summaries.chain(self.whole.iter().map(Finished::Whole));
        let mut sorted: Vec<Finished<'_>> = all
            .filter(|finished| is_selected(finished.verdict()))
            .collect();
        sorted.sort_by_cached_key(|finished| {
            (self.position(&finished.subject().system), finished.order())
        });
        sorted.into_iter()
    }
}

/// Why a subject was skipped.
pub(super) fn skip_reason(skipped: &SubjectSummary) -> MaskedText {
    let reason = skipped.reason.clone();
    reason.unwrap_or_else(|| "no reason given".into())
}

/// Texts that many subjects share, stored once.
#[derive(Debug, Clone, Default)]
struct SharedTexts {
    texts: HashSet<Arc<str>>,
    reasons: HashSet<MaskedText>,
}

impl SharedTexts {
    fn summary(&mut self, finished: &SubjectFinished) -> SubjectSummary {
        let mut text = |text: &str| shared(&mut self.texts, text, |text| Arc::from(text));
        let place = finished.place.as_deref().map(|place| {
            let PlaceRecord {
                file, line, column, ..
            } = place;
            SummaryPlace {
                file: text(file),
                line: *line,
                column: *column,
            }
        });
        let waived = waived::lines(finished);
        SubjectSummary {
            subject: finished.subject.clone(),
            verdict: finished.verdict,
            milliseconds: finished.milliseconds,
            tags: finished.tags.iter().map(|tag| text(tag)).collect(),
            operations: finished
                .operations
                .iter()
                .map(|operation| text(operation))
                .collect(),
            place,
            waived: waived.iter().map(|line| text(line)).collect(),
            notes: notes::lines(finished).into_iter().map(Arc::from).collect(),
            reason: finished
                .reason
                .as_ref()
                .map(|reason| shared(&mut self.reasons, reason, MaskedText::clone)),
        }
    }
}

/// The known text that is equal, else a new text.
fn shared<Q, T>(known: &mut HashSet<T>, text: &Q, make: impl Fn(&Q) -> T) -> T
where
    Q: Hash + Eq + ?Sized,
    T: Hash + Eq + Clone + std::borrow::Borrow<Q>,
{
    match known.get(text) {
        Some(known) => known.clone(),
        None => {
            let text = make(text);
            known.insert(text.clone());
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn counts_are_those_of_the_events_and_lost_cases_are_errors() {
        let report = Report::from_events(&fixture::run());
        let magento = Counts {
            passed: 2,
            failed: 5,
            errors: 1,
            skipped: 3,
        };
        let nuweb = Counts {
            errors: 41,
            ..Counts::default()
        };
        let counts: Vec<_> = report.systems().iter().map(|known| known.counts).collect();
        assert_eq!(counts, [magento, nuweb]);
        assert_eq!(report.counts().total(), 52);
        assert_eq!(report.without_verdict(), 0);
    }

    #[test]
    fn the_order_in_which_workers_finish_does_not_matter() {
        let events = fixture::run();
        let mut shuffled = events.clone();
        shuffled.reverse();
        let (ordered, reordered) = (Report::from_events(&events), Report::from_events(&shuffled));
        let names = |report: &Report| -> Vec<String> {
            let whole = report.failed().into_iter().chain(report.errors());
            whole.map(|case| case.subject.to_string()).collect()
        };
        assert_eq!(names(&ordered).len(), 6);
        // In reversed order the lost system comes first. The start comes last, and still defines the order of the systems.
        assert_eq!(names(&ordered), names(&reordered));
        assert_eq!(ordered.skip_reasons(), reordered.skip_reasons());
    }

    #[test]
    fn skips_are_grouped_by_reason_most_frequent_first() {
        let report = Report::from_events(&fixture::run());
        assert_eq!(
            report.skip_reasons(),
            [
                ("the target has no auth profile `admin`".into(), 2),
                ("tagged disruptive; runs only with --disruptive".into(), 1),
            ]
        );
    }

    #[test]
    fn texts_of_passed_cases_are_stored_once() {
        let mut report = Report::new();
        for _ in 0..2 {
            report.fold(&Event::SubjectFinished(fixture::passed()));
        }
        let [a, b] = report.passed()[..] else {
            panic!("two cases passed");
        };
        let file =
            |summary: &SubjectSummary| summary.place.as_ref().map(|place| Arc::clone(&place.file));
        assert!(Arc::ptr_eq(&file(a).unwrap(), &file(b).unwrap()));
        assert!(Arc::ptr_eq(&a.operations[0], &b.operations[0]));
    }

    #[test]
    fn an_unannounced_system_is_counted_too() {
        let report = Report::from_events(&[Event::SubjectFinished(fixture::passed())]);
        assert_eq!(report.systems()[0].system.system, "magento");
        assert_eq!(report.counts().passed, 1);
    }

    #[test]
    fn a_run_cut_short_counts_subjects_without_a_verdict() {
        let report = Report::from_events(&[
            fixture::started(),
            Event::SubjectFinished(fixture::passed()),
            Event::RunFinished(RunFinished {
                milliseconds: 3.0,
                interrupted: true,
                stopped_after: None,
                stale_waivers: Vec::new(),
                strict_waivers: false,
                waivers: Vec::new(),
            }),
        ]);
        assert_eq!(report.without_verdict(), 51);
    }
}
