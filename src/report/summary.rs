//! The summary of a run as text, shared by all formats. Main type: [`Summary`].

use super::cause::Weight;
use super::exit::ExitStatus;
use super::model::{Counts, Report};
use crate::event::{SubjectKind, TargetLost, WaiverRecord};
use crate::finding::Named;
use crate::text::{counted, line, short};

/// The verdict of a run, and the problems that do not belong to a subject. Every text is escaped and has one line.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub status: ExitStatus,
    /// `Passed`, `Too little covered`
    pub headline: &'static str,
    /// The verdict as a lowercase sentence without a full stop: `the API deviates in 5 cases`.
    pub sentence: String,
    /// What was counted.
    pub kind: SubjectKind,
    pub counts: Counts,
    /// Duration; `None` if unknown, as for a killed run.
    pub seconds: Option<f64>,
    /// The seed of its generated values, if any.
    pub seed: Option<u64>,
    /// Why the run has fewer verdicts than planned subjects, and how many are missing; `None` if it was completed.
    pub cut_short: Option<String>,
    /// For a killed run: the subjects that were running, one line each after a first line that counts them.
    pub running: Vec<String>,
    /// Notes on the shards that a report was merged from.
    pub notes: Vec<String>,
    /// Problems that do not belong to a subject: lost targets, stale waivers, too little coverage, the run cut short.
    pub problems: Vec<Problem>,
}

/// A problem that does not belong to a subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub kind: ProblemKind,
    /// A warning does not fail the run.
    pub weight: Weight,
    /// A stable name; `counterpart explain` has a page on it if `is_explained`.
    pub code: String,
    pub is_explained: bool,
    /// What it belongs to: a system's name, `waivers`, `coverage`, `run`.
    pub scope: String,
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// Further lines.
    pub details: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    LostTarget,
    StaleWaivers,
    Coverage,
    CutShort,
}

/// Why a run ended before its last subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutShort {
    /// The user interrupted it.
    Interrupted,
    /// It stopped after this number of failures.
    Stopped { failures: usize },
    /// The recording has no end: the run was killed, or is still running.
    Killed,
}

/// Maximum number of characters of a name or a message.
const PART: usize = 600;
/// Maximum number of running subjects that are named for a killed run.
const NAMED: usize = 10;

impl Report {
    /// Why the run ended before its last subject; `None` if it was completed. An interruption by the user takes precedence.
    pub fn cut_short(&self) -> Option<CutShort> {
        match self.end() {
            None => Some(CutShort::Killed),
            Some(end) if end.interrupted => Some(CutShort::Interrupted),
            Some(end) => end
                .stopped_after
                .map(|failures| CutShort::Stopped { failures }),
        }
    }

    /// The summary of a report.
    pub fn summary(&self) -> Summary {
        let status = self.exit_status();
        let kind = self.subject_kind();
        let run = self.run();
        let notes = run.map_or(&[][..], |run| &run.notes);
        let cut_short = self.cut_short().map(|cut| cut_short(self, cut));
        let milliseconds = self.end().map(|end| end.milliseconds);
        Summary {
            status,
            headline: headline(status),
            sentence: match (&cut_short, status) {
                (Some(cut_short), ExitStatus::Interrupted) => cut_short.clone(),
                _ => sentence(self, status),
            },
            kind,
            counts: self.counts(),
            seconds: milliseconds
                .filter(|milliseconds| milliseconds.is_finite())
                .map(|milliseconds| milliseconds / 1000.0),
            seed: run
                .map(|run| run.seed)
                .filter(|_| kind == SubjectKind::Case),
            running: match self.cut_short() {
                Some(CutShort::Killed) => running(self),
                _ => Vec::new(),
            },
            notes: notes.iter().map(|note| short(note, PART)).collect(),
            problems: problems(self, cut_short.as_deref()),
            cut_short,
        }
    }
}

impl Summary {
    /// `52 cases: 2 passed, 5 failed, 42 errors, 3 skipped (1.84 s)`: the last line of a run on a terminal. Scripts parse it.
    pub fn last_line(&self) -> String {
        let seconds = match self.seconds {
            Some(seconds) => format!("{seconds:.2}"),
            None => "?".to_owned(),
        };
        // Not `counted`: the same form also for one case, so that scripts can parse it.
        let (total, plural) = (self.counts.total(), self.kind.plural());
        format!("{total} {plural}: {} ({seconds} s)", self.counts)
    }

    /// The problems of a kind.
    pub fn problems_of(&self, kind: ProblemKind) -> impl Iterator<Item = &Problem> {
        self.problems
            .iter()
            .filter(move |problem| problem.kind == kind)
    }
}

impl Problem {
    /// Whether the run fails for it.
    pub fn fails(&self) -> bool {
        matches!(self.weight, Weight::Failure | Weight::Error)
    }

    /// The expected state as the name of a test, for formats that consist of tests.
    pub fn expectation(&self) -> &'static str {
        match self.kind {
            ProblemKind::LostTarget => "the target can be reached",
            ProblemKind::StaleWaivers => "every waiver matches something",
            ProblemKind::Coverage => "enough of the contracts is covered",
            ProblemKind::CutShort => "the run was completed",
        }
    }

    /// `nuweb: the target can be reached`
    pub fn title(&self) -> String {
        match self.kind {
            ProblemKind::LostTarget => format!("{}: {}", self.scope, self.expectation()),
            _ => self.expectation().to_owned(),
        }
    }

    /// `message; advice`
    pub fn with_advice(&self) -> String {
        match &self.advice {
            Some(advice) => format!("{}; {advice}", self.message),
            None => self.message.clone(),
        }
    }
}

fn headline(status: ExitStatus) -> &'static str {
    match status {
        ExitStatus::Passed => "Passed",
        ExitStatus::Findings => "Failed",
        ExitStatus::Input => "Not run",
        ExitStatus::Unreachable => "Unknown",
        ExitStatus::NothingMatched => "Nothing run",
        ExitStatus::Coverage => "Too little covered",
        ExitStatus::Interrupted => "Interrupted",
    }
}

fn sentence(report: &Report, status: ExitStatus) -> String {
    let counts = report.counts();
    let (noun, plural) = (report.subject_kind().noun(), report.subject_kind().plural());
    match status {
        ExitStatus::Passed => match (counts.passed, counts.skipped) {
            (0, _) => format!("this shard has no {plural} to run"),
            (1, 0) => format!("the only {noun} passed"),
            (passed, 0) => format!("all {passed} {plural} passed"),
            (passed, skipped) => {
                format!("every {noun} that ran passed: {passed} passed, {skipped} skipped")
            }
        },
        ExitStatus::Findings if counts.failed > 0 => {
            format!("the API deviates in {}", counted(counts.failed, noun))
        }
        ExitStatus::Findings => format!("no {noun} failed, but {}", stale(report)),
        ExitStatus::Unreachable => format!(
            "no deviation was found, but the result of {} is unknown",
            counted(counts.errors, noun)
        ),
        ExitStatus::NothingMatched => {
            format!("no {noun} was run, so the API was not checked")
        }
        ExitStatus::Coverage => format!(
            "every {noun} that ran passed, but less of the contracts is covered than required"
        ),
        // `Report::cut_short` has the reason.
        ExitStatus::Interrupted => "the run was interrupted".to_owned(),
        ExitStatus::Input => "the input is wrong".to_owned(),
    }
}

fn cut_short(report: &Report, cut: CutShort) -> String {
    let without = counted(report.without_verdict(), report.subject_kind().noun());
    let is_merged = report.run().is_some_and(|run| !run.notes.is_empty());
    match cut {
        CutShort::Interrupted => format!("the run was interrupted: {without} without verdict"),
        CutShort::Stopped { failures } => format!(
            "the run stopped after {}: {without} not run",
            counted(failures, "failure")
        ),
        // The notes say which shards were not completed.
        CutShort::Killed if is_merged => {
            format!("the run is incomplete: {without} without verdict")
        }
        CutShort::Killed => {
            format!("the recording ends before the run did: {without} without verdict")
        }
    }
}

/// The subjects that were running: one of them may have caused the kill.
fn running(report: &Report) -> Vec<String> {
    let subjects = report.running();
    if subjects.is_empty() {
        return Vec::new();
    }
    let number = counted(subjects.len(), report.subject_kind().noun());
    let mut lines = vec![format!("running at that time: {number}")];
    let named = subjects.iter().take(NAMED);
    lines.extend(named.map(|subject| format!("  {}", short(&subject.to_string(), PART))));
    if subjects.len() > NAMED {
        lines.push(format!("  … and {} more", subjects.len() - NAMED));
    }
    lines
}

fn problems(report: &Report, cut_short: Option<&str>) -> Vec<Problem> {
    let noun = report.subject_kind().noun();
    let lost = report.lost().iter().map(|lost| lost_target(lost, noun));
    let mut problems: Vec<Problem> = lost.collect();
    if !report.stale_waivers().is_empty() {
        problems.push(stale_waivers(report));
    }
    problems.extend(report.shortfalls().iter().map(|shortfall| Problem {
        kind: ProblemKind::Coverage,
        weight: Weight::Failure,
        code: "coverage-too-low".to_owned(),
        is_explained: false,
        scope: "coverage".to_owned(),
        message: short(&shortfall.to_string(), PART),
        advice: None,
        details: Vec::new(),
    }));
    if let (Some(cut), Some(sentence)) = (report.cut_short(), cut_short) {
        let code = match cut {
            CutShort::Stopped { .. } => "stopped",
            CutShort::Interrupted | CutShort::Killed => "interrupted",
        };
        let notes = report.run().map_or(&[][..], |run| &run.notes);
        let mut details: Vec<String> = notes.iter().map(|note| short(note, PART)).collect();
        if cut == CutShort::Killed {
            details.extend(running(report));
        }
        problems.push(Problem {
            kind: ProblemKind::CutShort,
            weight: Weight::Error,
            code: code.to_owned(),
            is_explained: false,
            scope: "run".to_owned(),
            message: sentence.to_owned(),
            advice: None,
            details,
        });
    }
    problems
}

/// `nuweb: cannot reach http://127.0.0.1:9: connection refused (41 cases not run)`
fn lost_target(lost: &TargetLost, noun: &str) -> Problem {
    let TargetLost {
        system,
        target: _,
        url,
        error,
        not_run,
    } = lost;
    Problem {
        kind: ProblemKind::LostTarget,
        weight: Weight::Error,
        code: error.kind.to_string(),
        is_explained: matches!(error.kind, Named::Known(_)),
        scope: short(system, PART),
        message: format!(
            "{}: cannot reach {}: {} ({} not run)",
            short(system, PART),
            short(url, PART),
            error.message.short(PART),
            counted(*not_run, noun)
        ),
        advice: error.advice.as_ref().map(|advice| advice.short(PART)),
        details: Vec::new(),
    }
}

fn stale_waivers(report: &Report) -> Problem {
    Problem {
        kind: ProblemKind::StaleWaivers,
        weight: match report.fails_for_stale_waivers() {
            true => Weight::Failure,
            false => Weight::Warning,
        },
        code: "stale-waiver".to_owned(),
        is_explained: false,
        scope: "waivers".to_owned(),
        message: stale(report),
        advice: Some("remove it, or limit it by `target`, `system` or `case`".to_owned()),
        details: report.stale_waivers().iter().map(stale_waiver).collect(),
    }
}

/// `2 waivers matched nothing`, and whether the run fails for them.
fn stale(report: &Report) -> String {
    let number = counted(report.stale_waivers().len(), "waiver");
    let consequence = match report.fails_for_stale_waivers() {
        true => ", which fails the run (--strict-waivers)",
        false => "",
    };
    format!("{number} matched nothing{consequence}")
}

/// `waivers.yaml:3:5 status-unexpected GET /V1/customers/me at status`
fn stale_waiver(waiver: &WaiverRecord) -> String {
    let WaiverRecord {
        place,
        code,
        operation,
        at,
        ..
    } = waiver;
    line(&format!("{place} {code} {operation} at {at}")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, RunFinished};
    use crate::report::fixture;

    fn report(events: &[Event]) -> Report {
        Report::from_events(events)
    }

    fn end(change: impl Fn(&mut RunFinished)) -> Event {
        let Event::RunFinished(mut end) = fixture::finished() else {
            panic!("the end of a run");
        };
        change(&mut end);
        Event::RunFinished(end)
    }

    #[test]
    fn an_interruption_takes_precedence_over_the_runs_own_reason() {
        let cut_short = |interrupted, stopped_after| {
            let end = end(|end| {
                end.interrupted = interrupted;
                end.stopped_after = stopped_after;
            });
            report(&[fixture::started(), end]).cut_short()
        };
        assert_eq!(cut_short(false, None), None);
        assert_eq!(
            cut_short(false, Some(1)),
            Some(CutShort::Stopped { failures: 1 })
        );
        assert_eq!(cut_short(true, Some(1)), Some(CutShort::Interrupted));
        assert_eq!(
            report(&[fixture::started()]).cut_short(),
            Some(CutShort::Killed)
        );
    }

    #[test]
    fn each_verdict_has_its_sentence() {
        let finished = Event::SubjectFinished;
        let passed = || finished(fixture::passed());
        let table = [
            (
                vec![passed(), fixture::finished()],
                "Passed",
                "the only case passed",
            ),
            (
                vec![passed(), finished(fixture::skipped()), fixture::finished()],
                "Passed",
                "every case that ran passed: 1 passed, 1 skipped",
            ),
            (
                vec![passed(), passed(), fixture::finished()],
                "Passed",
                "all 2 cases passed",
            ),
            (
                vec![finished(fixture::failed()), fixture::finished()],
                "Failed",
                "the API deviates in 1 case",
            ),
            (
                vec![passed(), fixture::finished_with_stale_waiver(true)],
                "Failed",
                "no case failed, but 1 waiver matched nothing, which fails the run (--strict-waivers)",
            ),
            (
                vec![Event::TargetLost(fixture::lost()), fixture::finished()],
                "Unknown",
                "no deviation was found, but the result of 41 cases is unknown",
            ),
            (
                vec![fixture::finished()],
                "Nothing run",
                "no case was run, so the API was not checked",
            ),
            (
                vec![passed(), end(|end| end.interrupted = true)],
                "Interrupted",
                "the run was interrupted: 51 cases without verdict",
            ),
            (
                vec![passed()],
                "Interrupted",
                "the recording ends before the run did: 51 cases without verdict",
            ),
        ];
        for (mut events, headline, sentence) in table {
            events.insert(0, fixture::started());
            let summary = report(&events).summary();
            assert_eq!((summary.headline, &*summary.sentence), (headline, sentence));
        }
        let mut covered_too_little = report(&[fixture::started(), passed(), fixture::finished()]);
        covered_too_little.require_coverage(vec![fixture::shortfall()]);
        let summary = covered_too_little.summary();
        assert_eq!(
            (summary.headline, &*summary.sentence),
            (
                "Too little covered",
                "every case that ran passed, but less of the contracts is covered than required"
            )
        );
    }

    #[test]
    fn entries_are_named_entries_and_have_no_seed() {
        let summary = report(&fixture::replay()).summary();
        assert_eq!(summary.sentence, "the API deviates in 1 entry");
        assert_eq!(
            summary.last_line(),
            "2 entries: 1 passed, 1 failed, 0 errors, 0 skipped (1.84 s)"
        );
        assert_eq!(summary.seed, None);
        assert_eq!(report(&fixture::run()).summary().seed, Some(42));
    }

    #[test]
    fn problems_do_not_belong_to_a_subject() {
        let problems = |events: &[Event]| -> Vec<(String, bool, String)> {
            let problems = report(events).summary().problems.into_iter();
            problems
                .map(|problem| (problem.code.clone(), problem.fails(), problem.message))
                .collect()
        };
        let lost = "nuweb: cannot reach http://127.0.0.1:9: connection refused (41 cases not run)";
        assert_eq!(
            problems(&fixture::run()),
            [("connect-failed".to_owned(), true, lost.to_owned())]
        );
        let stopped = "the run stopped after 3 failures: 52 cases not run";
        assert_eq!(
            problems(&[fixture::started(), fixture::stopped()]),
            [("stopped".to_owned(), true, stopped.to_owned())]
        );
        for strict in [false, true] {
            let problems = problems(&[fixture::finished_with_stale_waiver(strict)]);
            assert_eq!(problems.len(), 1);
            assert_eq!(problems[0].1, strict);
        }
        let passed = Event::SubjectFinished(fixture::passed());
        assert_eq!(
            problems(&[fixture::started(), passed, fixture::finished()]),
            []
        );
    }
}
