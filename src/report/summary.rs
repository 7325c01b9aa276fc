//! What a run came to, in the words that all formats share. Main type: [`Summary`].

use super::cause::Weight;
use super::exit::ExitStatus;
use super::model::{Counts, Report};
use crate::event::{SubjectKind, TargetLost, WaiverRecord};
use crate::finding::Named;
use crate::text::{counted, line, short};

/// The verdict on a run and all that must be known beside its subjects. Every text is escaped and on one line.
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
    /// How long it took; `None` where nobody knows, as of a killed run.
    pub seconds: Option<f64>,
    /// The seed of its generated values, where it had any.
    pub seed: Option<u64>,
    /// Why the run has fewer verdicts than subjects planned, and how many are missing; `None` where it came to its end.
    pub cut_short: Option<String>,
    /// Of a killed run: the subjects it took along, a line each below a first line that counts them.
    pub under_way: Vec<String>,
    /// What a report merged from shards says of them.
    pub notes: Vec<String>,
    /// What is wrong beside the subjects: lost targets, stale waivers, too little coverage, the run cut short.
    pub problems: Vec<Problem>,
}

/// Something that is wrong and no subject's verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub kind: ProblemKind,
    /// A warning does not fail the run.
    pub weight: Weight,
    /// A stable name; explained by `counterpart explain` where `is_explained`.
    pub code: String,
    pub is_explained: bool,
    /// What it is a problem of: a system's name, `waivers`, `coverage`, `run`.
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

/// What ended a run before its last subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutShort {
    /// The user did.
    Interrupted,
    /// The run itself, after so many failures.
    Stopped { failures: usize },
    /// The recording has no end: the run was killed, or it still goes on.
    Killed,
}

/// Characters of a name or a message.
const PART: usize = 600;
/// Subjects named that a killed run took along.
const NAMED: usize = 10;

impl Report {
    /// Whether the run ended before its last subject, and why; `None` where it came to its end. An interruption by the user counts before
    /// the run's own reason.
    pub fn cut_short(&self) -> Option<CutShort> {
        match self.end() {
            None => Some(CutShort::Killed),
            Some(end) if end.interrupted => Some(CutShort::Interrupted),
            Some(end) => end
                .stopped_after
                .map(|failures| CutShort::Stopped { failures }),
        }
    }

    /// The verdict in words.
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
            under_way: match self.cut_short() {
                Some(CutShort::Killed) => under_way(self),
                _ => Vec::new(),
            },
            notes: notes.iter().map(|note| short(note, PART)).collect(),
            problems: problems(self, cut_short.as_deref()),
            cut_short,
        }
    }
}

impl Summary {
    /// `52 cases: 2 passed, 5 failed, 42 errors, 3 skipped (1.84 s)`: the last line of a run on a terminal, which scripts read.
    pub fn last_line(&self) -> String {
        let seconds = match self.seconds {
            Some(seconds) => format!("{seconds:.2}"),
            None => "?".to_owned(),
        };
        // Not `counted`: one form, also for one case, so that a script finds it.
        let (total, plural) = (self.counts.total(), self.kind.plural());
        format!("{total} {plural}: {} ({seconds} s)", self.counts)
    }

    /// The problems of a kind.
    pub fn problems_of(&self, kind: ProblemKind) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(move |one| one.kind == kind)
    }
}

impl Problem {
    /// Whether the run is not green for it.
    pub fn fails(&self) -> bool {
        matches!(self.weight, Weight::Failure | Weight::Error)
    }

    /// The opposite, for formats that have tests only: what should be so.
    pub fn expectation(&self) -> &'static str {
        match self.kind {
            ProblemKind::LostTarget => "the target can be reached",
            ProblemKind::StaleWaivers => "every waiver matches something",
            ProblemKind::Coverage => "enough of the contracts is covered",
            ProblemKind::CutShort => "the run came to its end",
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
        ExitStatus::Unreachable => "Not known",
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
            (1, 0) => format!("the one {noun} passed"),
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
            "no deviation was found, but {} could not be decided",
            counted(counts.errors, noun)
        ),
        ExitStatus::NothingMatched => {
            format!("no {noun} was run, so nothing is known of the API")
        }
        ExitStatus::Coverage => format!(
            "every {noun} that ran passed, but less of the contracts is covered than required"
        ),
        // `Report::cut_short` says how.
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
        // The notes say which shards did not come to their end.
        CutShort::Killed if is_merged => {
            format!("the run is incomplete: {without} without verdict")
        }
        CutShort::Killed => {
            format!("the recording ends before the run did: {without} without verdict")
        }
    }
}

/// The first to look at: one of them may have killed it.
fn under_way(report: &Report) -> Vec<String> {
    let subjects = report.under_way();
    if subjects.is_empty() {
        return Vec::new();
    }
    let number = counted(subjects.len(), report.subject_kind().noun());
    let mut lines = vec![format!("under way at that moment: {number}")];
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
            details.extend(under_way(report));
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
    fn an_interruption_counts_before_the_runs_own_reason() {
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
    fn each_verdict_has_its_words() {
        let finished = Event::SubjectFinished;
        let passed = || finished(fixture::passed());
        let table = [
            (
                vec![passed(), fixture::finished()],
                "Passed",
                "the one case passed",
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
                "Not known",
                "no deviation was found, but 41 cases could not be decided",
            ),
            (
                vec![fixture::finished()],
                "Nothing run",
                "no case was run, so nothing is known of the API",
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
    fn entries_are_called_entries_and_have_no_seed() {
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
    fn problems_are_what_is_wrong_beside_the_subjects() {
        let told = |events: &[Event]| -> Vec<(String, bool, String)> {
            let problems = report(events).summary().problems.into_iter();
            problems
                .map(|one| (one.code.clone(), one.fails(), one.message))
                .collect()
        };
        let lost = "nuweb: cannot reach http://127.0.0.1:9: connection refused (41 cases not run)";
        assert_eq!(
            told(&fixture::run()),
            [("connect-failed".to_owned(), true, lost.to_owned())]
        );
        let stopped = "the run stopped after 3 failures: 52 cases not run";
        assert_eq!(
            told(&[fixture::started(), fixture::stopped()]),
            [("stopped".to_owned(), true, stopped.to_owned())]
        );
        for strict in [false, true] {
            let problems = told(&[fixture::finished_with_stale_waiver(strict)]);
            assert_eq!(problems.len(), 1);
            assert_eq!(problems[0].1, strict);
        }
        let passed = Event::SubjectFinished(fixture::passed());
        assert_eq!(told(&[fixture::started(), passed, fixture::finished()]), []);
    }
}
