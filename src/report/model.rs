//! The fold: [`Report`] takes events in the order they happened and keeps what a reader will ask for.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::event::{
    CaseFinished, CaseId, Event, PlaceRecord, RunFinished, RunStarted, SystemStarted, TargetLost,
    Verdict, WaiverRecord,
};

use super::coverage::{Coverages, SystemCoverage};
use super::shortfall::Shortfall;
use super::times::{OperationTimes, Times};
use super::waived::{Waived, WaivedFindings};
use super::warning::{Warning, Warnings};
use super::{ExitStatus, waived};

/// What a run came to. Failed cases and errors are kept whole; passed and skipped ones as [`CaseSummary`] only.
#[derive(Debug, Clone, Default)]
pub struct Report {
    run: Option<RunStarted>,
    systems: Vec<SystemReport>,
    passed: Vec<CaseSummary>,
    failed: Vec<CaseFinished>,
    errors: Vec<CaseFinished>,
    skipped: Vec<CaseSummary>,
    lost: Vec<TargetLost>,
    under_way: BTreeSet<CaseId>,
    warnings: Warnings,
    waived: WaivedFindings,
    coverages: Coverages,
    shortfalls: Vec<Shortfall>,
    times: Times,
    end: Option<RunFinished>,
    names: Names,
}

/// One system of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct SystemReport {
    /// As announced when the run started. For a system that no start announced (a damaged recording), only its name is known.
    pub system: SystemStarted,
    /// Cases that were not run because the target was lost count as errors.
    pub counts: Counts,
}

/// Cases by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    /// Could not find out, and not run because the target was lost.
    pub errors: usize,
    pub skipped: usize,
}

impl Counts {
    /// All cases that have a verdict.
    pub fn total(self) -> usize {
        self.passed + self.failed + self.errors + self.skipped
    }
}

/// The few words kept of a case that needs no explanation.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseSummary {
    pub case: CaseId,
    pub milliseconds: f64,
    /// The texts are shared between cases.
    pub tags: Vec<Arc<str>>,
    /// Operations its own steps called; the texts are shared between cases.
    pub operations: Vec<Arc<str>>,
    /// The case file.
    pub file: Arc<str>,
    /// Line and column in it, from 1.
    pub line: usize,
    pub column: usize,
    /// Why it was skipped, or that a waived finding ended it early; `None` for any other passed case.
    pub reason: Option<Arc<str>>,
    /// A line for each kind of waived finding; the texts are shared between cases.
    pub waived: Vec<Arc<str>>,
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

    /// Takes the next event. Any order is accepted, so that a damaged recording still gives what it holds.
    pub fn fold(&mut self, event: &Event) {
        match event {
            Event::RunStarted(started) => self.start(started),
            Event::Coverable(coverable) => self.coverages.announce(coverable),
            // Names are kept with the verdicts.
            Event::Planned(_) | Event::LeftOpen(_) => {}
            Event::CaseStarted { case } => {
                self.under_way.insert(case.clone());
            }
            Event::CaseFinished(case) => self.take(case),
            Event::TargetLost(lost) => {
                self.counts_of(&lost.system).errors += lost.cases;
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
                .position(|one| one.system.system == system.system);
            let counts = known.map_or_else(Counts::default, |index| met.remove(index).counts);
            self.systems.push(SystemReport {
                system: system.clone(),
                counts,
            });
        }
        self.systems.append(&mut met);
        self.run = Some(started.clone());
    }

    fn take(&mut self, case: &CaseFinished) {
        self.under_way.remove(&case.case);
        let counts = self.counts_of(&case.case.system);
        match case.verdict {
            Verdict::Passed => counts.passed += 1,
            Verdict::Failed => counts.failed += 1,
            Verdict::Error => counts.errors += 1,
            Verdict::Skipped => counts.skipped += 1,
        }
        self.coverages.take(case);
        self.times.take(case);
        self.warnings.take(case);
        self.waived.take(case);
        match case.verdict {
            Verdict::Passed => self.passed.push(self.names.summary(case)),
            Verdict::Failed => self.failed.push(case.clone()),
            Verdict::Error => self.errors.push(case.clone()),
            Verdict::Skipped => self.skipped.push(self.names.summary(case)),
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
                        contract: "real".to_owned(),
                        cases: 0,
                        contracts: Vec::new(),
                    },
                    counts: Counts::default(),
                });
                self.systems.len() - 1
            }
        };
        &mut self.systems[index].counts
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.systems
            .iter()
            .position(|one| one.system.system == name)
    }

    /// How the run was started; `None` only for a recording without beginning.
    pub fn run(&self) -> Option<&RunStarted> {
        self.run.as_ref()
    }

    /// The systems in the order announced.
    pub fn systems(&self) -> &[SystemReport] {
        &self.systems
    }

    /// Cases by verdict, all systems together.
    pub fn counts(&self) -> Counts {
        self.systems
            .iter()
            .fold(Counts::default(), |sum, one| Counts {
                passed: sum.passed + one.counts.passed,
                failed: sum.failed + one.counts.failed,
                errors: sum.errors + one.counts.errors,
                skipped: sum.skipped + one.counts.skipped,
            })
    }

    /// Cases planned that have no verdict: more than 0 only where the run was cut short.
    pub fn without_verdict(&self) -> usize {
        let planned = self.run.as_ref().map_or(0, |run| run.cases);
        planned.saturating_sub(self.counts().total())
    }

    /// The cases that had begun and have no verdict, by name: while the run goes on, those at work; of a run that was killed, those that
    /// it took along.
    pub fn under_way(&self) -> &BTreeSet<CaseId> {
        &self.under_way
    }

    /// Failed cases, whole: by system as announced, case file, place in it, name.
    pub fn failed(&self) -> Vec<&CaseFinished> {
        self.in_order(&self.failed)
    }

    /// Cases that ended in error, whole, in the same order.
    pub fn errors(&self) -> Vec<&CaseFinished> {
        self.in_order(&self.errors)
    }

    /// Passed cases, in the same order.
    pub fn passed(&self) -> Vec<&CaseSummary> {
        self.in_order(&self.passed)
    }

    /// Skipped cases, in the same order.
    pub fn skipped(&self) -> Vec<&CaseSummary> {
        self.in_order(&self.skipped)
    }

    /// Why cases were skipped, with the number of cases; the most frequent reason first, equal ones by their words.
    pub fn skip_reasons(&self) -> Vec<(&str, usize)> {
        let mut reasons: Vec<(&str, usize)> = Vec::new();
        for case in &self.skipped {
            let reason = case.reason.as_deref().unwrap_or("no reason given");
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, count)) => *count += 1,
                None => reasons.push((reason, 1)),
            }
        }
        reasons.sort_by(|(a, m), (b, n)| n.cmp(m).then(a.cmp(b)));
        reasons
    }

    /// Targets that could not be asked at all, by system as announced.
    pub fn lost(&self) -> &[TargetLost] {
        &self.lost
    }

    /// Warnings by cause: system as announced, code, operation, place.
    pub fn warnings(&self) -> Vec<&Warning> {
        let mut warnings: Vec<&Warning> = self.warnings.list().collect();
        warnings.sort_by_key(|one| {
            let system = self.position(&one.system);
            (system, &one.code, &one.operation, &one.at)
        });
        warnings
    }

    /// Number of warnings beyond the causes that [`Report::warnings`] lists (there are at most 500).
    pub fn further_warnings(&self) -> usize {
        self.warnings.beyond()
    }

    /// Waived findings by cause, in the order of [`Report::warnings`].
    pub fn waived(&self) -> Vec<&Waived> {
        let mut waived: Vec<&Waived> = self.waived.list().collect();
        waived.sort_by_key(|one| {
            let system = self.position(&one.system);
            (system, &one.code, &one.operation, &one.at)
        });
        waived
    }

    /// Number of waived findings, and of cases that have any.
    pub fn waived_counts(&self) -> (usize, usize) {
        self.waived.counts()
    }

    /// Waivers that matched nothing, although what they speak of was asked.
    pub fn stale_waivers(&self) -> &[WaiverRecord] {
        self.end.as_ref().map_or(&[], |end| &end.stale_waivers)
    }

    /// How much of each system's contracts was covered, systems as announced; empty where coverage was not recorded.
    pub fn coverage(&self) -> Vec<&SystemCoverage> {
        let mut systems: Vec<&SystemCoverage> = self.coverages.announced().collect();
        systems.sort_by_key(|one| self.position(one.system()));
        systems
    }

    /// How long the calls of each operation took, the slowest (by p95) first; equal ones by system as announced and operation.
    pub fn operation_times(&self) -> Vec<&OperationTimes> {
        let mut times: Vec<&OperationTimes> = self.times.all().collect();
        times.sort_by(|one, other| {
            let place =
                |of: &OperationTimes| (self.position(of.system()), of.operation().to_owned());
            let slower = other.quantile(0.95).total_cmp(&one.quantile(0.95));
            slower.then_with(|| place(one).cmp(&place(other)))
        });
        times
    }

    /// How the run ended; `None` while it runs, and for ever where it was killed.
    pub fn end(&self) -> Option<&RunFinished> {
        self.end.as_ref()
    }

    /// Says where the cases cover less than was asked for: what a gate judges beside the events.
    pub fn require_coverage(&mut self, shortfalls: Vec<Shortfall>) {
        self.shortfalls = shortfalls;
    }

    /// Where the cases cover less than was asked for; empty where nothing was asked.
    pub fn shortfalls(&self) -> &[Shortfall] {
        &self.shortfalls
    }

    /// The exit code this run deserves.
    pub fn exit_status(&self) -> ExitStatus {
        ExitStatus::of(self)
    }

    fn in_order<'a, T: Placed>(&self, cases: &'a [T]) -> Vec<&'a T> {
        let mut sorted: Vec<&'a T> = cases.iter().collect();
        sorted.sort_by_key(|one| {
            let CaseId { system, file, name } = one.id();
            (self.position(system), file, one.at(), name)
        });
        sorted
    }
}

/// What both forms of a finished case have in common: name and place.
trait Placed {
    fn id(&self) -> &CaseId;
    fn at(&self) -> (usize, usize);
}

impl Placed for CaseFinished {
    fn id(&self) -> &CaseId {
        &self.case
    }

    fn at(&self) -> (usize, usize) {
        (self.place.line, self.place.column)
    }
}

impl Placed for CaseSummary {
    fn id(&self) -> &CaseId {
        &self.case
    }

    fn at(&self) -> (usize, usize) {
        (self.line, self.column)
    }
}

/// Texts that many cases share, kept once.
#[derive(Debug, Clone, Default)]
struct Names(HashSet<Arc<str>>);

impl Names {
    fn summary(&mut self, case: &CaseFinished) -> CaseSummary {
        let PlaceRecord {
            file, line, column, ..
        } = case.place.as_ref();
        CaseSummary {
            case: case.case.clone(),
            milliseconds: case.milliseconds,
            tags: case.tags.iter().map(|one| self.shared(one)).collect(),
            operations: case.operations.iter().map(|one| self.shared(one)).collect(),
            file: self.shared(file),
            line: *line,
            column: *column,
            reason: case.reason.as_ref().map(|reason| self.shared(reason)),
            waived: waived::lines(case)
                .iter()
                .map(|one| self.shared(one))
                .collect(),
        }
    }

    fn shared(&mut self, text: &str) -> Arc<str> {
        match self.0.get(text) {
            Some(known) => Arc::clone(known),
            None => {
                let text: Arc<str> = Arc::from(text);
                self.0.insert(Arc::clone(&text));
                text
            }
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
        let counts: Vec<_> = report.systems().iter().map(|one| one.counts).collect();
        assert_eq!(counts, [magento, nuweb]);
        assert_eq!(report.counts().total(), 52);
        assert_eq!(report.without_verdict(), 0);
    }

    #[test]
    fn the_order_in_which_workers_finished_does_not_show() {
        let events = fixture::run();
        let mut shuffled = events.clone();
        shuffled.reverse();
        let (one, other) = (Report::from_events(&events), Report::from_events(&shuffled));
        let names = |report: &Report| -> Vec<String> {
            let whole = report.failed().into_iter().chain(report.errors());
            whole.map(|case| case.case.to_string()).collect()
        };
        assert_eq!(names(&one).len(), 6);
        // Reversed, the lost system is met first; the start, met last, still puts the systems in order.
        assert_eq!(names(&one), names(&other));
        assert_eq!(one.skip_reasons(), other.skip_reasons());
    }

    #[test]
    fn skips_are_grouped_by_reason_most_frequent_first() {
        let report = Report::from_events(&fixture::run());
        assert_eq!(
            report.skip_reasons(),
            [
                ("the target has no auth profile `admin`", 2),
                (
                    "tagged disruptive; runs only when asked with --disruptive",
                    1
                ),
            ]
        );
    }

    #[test]
    fn texts_of_passed_cases_are_shared() {
        let mut report = Report::new();
        for _ in 0..2 {
            report.fold(&Event::CaseFinished(fixture::passed()));
        }
        let [a, b] = report.passed()[..] else {
            panic!("two cases passed");
        };
        assert!(Arc::ptr_eq(&a.file, &b.file));
        assert!(Arc::ptr_eq(&a.operations[0], &b.operations[0]));
    }

    #[test]
    fn an_unannounced_system_is_counted_all_the_same() {
        let report = Report::from_events(&[Event::CaseFinished(fixture::passed())]);
        assert_eq!(report.systems()[0].system.system, "magento");
        assert_eq!(report.counts().passed, 1);
    }

    #[test]
    fn a_run_cut_short_knows_how_many_have_no_verdict() {
        let report = Report::from_events(&[
            fixture::started(),
            Event::CaseFinished(fixture::passed()),
            Event::RunFinished(RunFinished {
                milliseconds: 3.0,
                interrupted: true,
                stopped: None,
                stale_waivers: Vec::new(),
                strict_waivers: false,
                waivers: Vec::new(),
            }),
        ]);
        assert_eq!(report.without_verdict(), 51);
    }
}
