//! The exit codes of the program. Main type: [`ExitStatus`].

use std::process::ExitCode;

use super::model::Report;

/// The result of a command for scripts. The numbers never change.
///
/// If several apply to a run, the first in this order counts: interrupted, findings, unreachable, nothing matched, coverage, passed.
/// A deviation takes precedence over a lost target, because it is certain and a second run would show it again. An interrupted run takes
/// precedence over both, because a partial run has no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// 0: everything that ran passed, and something ran.
    Passed,
    /// 1: the API deviates in at least one subject, or a waiver is stale in a run that fails for stale waivers.
    Findings,
    /// 2: our own input is wrong (a contract, a case file, the configuration, the command line); nothing was sent. A [`Report`] never has
    /// this status.
    Input,
    /// 3: no finding, but the result is unknown: a target could not be reached, or a subject ended in error (a timeout, a failed login),
    /// or a report could not be written.
    Unreachable,
    /// 4: nothing was run: nothing matched the selection, or each subject was skipped. A gate that checks nothing must not be green. Does
    /// not apply to an empty shard, because other shards run the subjects.
    NothingMatched,
    /// 5: all passed, but less of the contracts is covered than required (see [`Report::require_coverage`]).
    Coverage,
    /// 130: interrupted by the user, or killed (the recording has no end).
    Interrupted,
}

impl ExitStatus {
    /// The exit code of the process.
    pub fn code(self) -> u8 {
        match self {
            ExitStatus::Passed => 0,
            ExitStatus::Findings => 1,
            ExitStatus::Input => 2,
            ExitStatus::Unreachable => 3,
            ExitStatus::NothingMatched => 4,
            ExitStatus::Coverage => 5,
            ExitStatus::Interrupted => 130,
        }
    }

    /// Its name in machine-readable reports.
    pub fn name(self) -> &'static str {
        match self {
            ExitStatus::Passed => "passed",
            ExitStatus::Findings => "findings",
            ExitStatus::Input => "input",
            ExitStatus::Unreachable => "unreachable",
            ExitStatus::NothingMatched => "nothing-matched",
            ExitStatus::Coverage => "coverage",
            ExitStatus::Interrupted => "interrupted",
        }
    }

    /// The status of a run whose report could not be written: without the report the result is unknown. Findings and an interruption keep
    /// their status.
    #[must_use]
    pub fn without_output(self) -> Self {
        match self {
            ExitStatus::Passed | ExitStatus::NothingMatched | ExitStatus::Coverage => {
                ExitStatus::Unreachable
            }
            ExitStatus::Findings
            | ExitStatus::Input
            | ExitStatus::Unreachable
            | ExitStatus::Interrupted => self,
        }
    }

    /// The status of a run, by the precedence documented at the type.
    pub fn of(report: &Report) -> Self {
        let counts = report.counts();
        if report.end().is_none_or(|end| end.interrupted) {
            ExitStatus::Interrupted
        } else if counts.failed > 0 || report.fails_for_stale_waivers() {
            ExitStatus::Findings
        } else if counts.errors > 0 || !report.lost().is_empty() {
            ExitStatus::Unreachable
        } else if counts.passed == 0 && !is_empty_shard(report) {
            ExitStatus::NothingMatched
        } else if !report.shortfalls().is_empty() {
            ExitStatus::Coverage
        } else {
            ExitStatus::Passed
        }
    }
}

impl Report {
    /// The exit status of this run.
    pub fn exit_status(&self) -> ExitStatus {
        ExitStatus::of(self)
    }
}

fn is_empty_shard(report: &Report) -> bool {
    let run = report.run();
    run.is_some_and(|run| run.planned == 0 && run.shard.is_some_and(|shard| shard.planned > 0))
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        ExitCode::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, RunFinished, ShardRecord};
    use crate::report::fixture;

    fn status_of(cases: Vec<Event>, interrupted: bool) -> ExitStatus {
        let mut events = vec![fixture::started()];
        events.extend(cases);
        events.push(Event::RunFinished(RunFinished {
            milliseconds: 1.0,
            interrupted,
            stopped_after: None,
            stale_waivers: Vec::new(),
            strict_waivers: false,
            waivers: Vec::new(),
        }));
        ExitStatus::of(&Report::from_events(&events))
    }

    #[test]
    fn a_report_that_is_not_written_makes_the_result_unknown() {
        use ExitStatus::{
            Coverage, Findings, Input, Interrupted, NothingMatched, Passed, Unreachable,
        };
        for (status, raised) in [
            (Passed, Unreachable),
            (NothingMatched, Unreachable),
            (Coverage, Unreachable),
            (Unreachable, Unreachable),
            (Findings, Findings),
            (Input, Input),
            (Interrupted, Interrupted),
        ] {
            assert_eq!(status.without_output(), raised, "{status:?}");
        }
    }

    #[test]
    fn each_outcome_has_its_status() {
        let passed = || Event::SubjectFinished(fixture::passed());
        let failed = || Event::SubjectFinished(fixture::failed());
        let error = || Event::SubjectFinished(fixture::timed_out());
        let skipped = || Event::SubjectFinished(fixture::skipped());
        let lost = || Event::TargetLost(fixture::lost());
        let table = [
            (vec![passed(), skipped()], false, ExitStatus::Passed),
            (vec![passed(), failed()], false, ExitStatus::Findings),
            (vec![passed(), error()], false, ExitStatus::Unreachable),
            (vec![passed(), lost()], false, ExitStatus::Unreachable),
            (vec![error(), failed(), lost()], false, ExitStatus::Findings),
            (vec![skipped()], false, ExitStatus::NothingMatched),
            (vec![], false, ExitStatus::NothingMatched),
            (vec![passed(), failed()], true, ExitStatus::Interrupted),
            (vec![passed()], true, ExitStatus::Interrupted),
        ];
        for (row, (events, interrupted, expected)) in table.into_iter().enumerate() {
            assert_eq!(status_of(events, interrupted), expected, "row {row}");
        }
    }

    #[test]
    fn waived_findings_pass_and_stale_waivers_fail_only_a_strict_run() {
        let status = |case, end| {
            let events = [fixture::started(), Event::SubjectFinished(case), end];
            ExitStatus::of(&Report::from_events(&events))
        };
        let stale = fixture::finished_with_stale_waiver;
        assert_eq!(
            status(fixture::waived(), fixture::finished()),
            ExitStatus::Passed
        );
        assert_eq!(status(fixture::waived(), stale(false)), ExitStatus::Passed);
        assert_eq!(status(fixture::waived(), stale(true)), ExitStatus::Findings);
        let expired = fixture::failed_by_expired_waiver();
        assert_eq!(status(expired, fixture::finished()), ExitStatus::Findings);
    }

    #[test]
    fn an_empty_shard_passes_but_a_shard_that_skips_everything_does_not() {
        let status = |cases, of_all| {
            let Event::RunStarted(mut start) = fixture::started() else {
                panic!("the start of a run");
            };
            start.planned = cases;
            start.shard = Some(ShardRecord {
                index: 1,
                of: 2,
                planned: of_all,
                plan: 1,
            });
            let skipped = (0..cases).map(|_| Event::SubjectFinished(fixture::skipped()));
            let mut events = vec![Event::RunStarted(start)];
            events.extend(skipped);
            events.push(fixture::finished());
            ExitStatus::of(&Report::from_events(&events))
        };
        assert_eq!(status(0, 7), ExitStatus::Passed);
        assert_eq!(status(0, 0), ExitStatus::NothingMatched);
        assert_eq!(status(1, 7), ExitStatus::NothingMatched);
    }

    #[test]
    fn too_little_coverage_fails_only_what_passed() {
        let status = |case| {
            let events = [
                fixture::started(),
                Event::SubjectFinished(case),
                fixture::finished(),
            ];
            let mut report = Report::from_events(&events);
            report.require_coverage(vec![fixture::shortfall()]);
            ExitStatus::of(&report)
        };
        assert_eq!(status(fixture::passed()), ExitStatus::Coverage);
        assert_eq!(status(fixture::failed()), ExitStatus::Findings);
        assert_eq!(status(fixture::timed_out()), ExitStatus::Unreachable);
    }

    #[test]
    fn a_run_without_end_was_interrupted() {
        let report = Report::from_events(&[
            fixture::started(),
            Event::SubjectFinished(fixture::passed()),
        ]);
        assert_eq!(ExitStatus::of(&report), ExitStatus::Interrupted);
    }

    #[test]
    fn a_run_that_stopped_for_its_failures_was_not_interrupted() {
        let status = |case| {
            let events = [
                fixture::started(),
                Event::SubjectFinished(case),
                fixture::stopped(),
            ];
            ExitStatus::of(&Report::from_events(&events))
        };
        assert_eq!(status(fixture::failed()), ExitStatus::Findings);
        assert_eq!(status(fixture::timed_out()), ExitStatus::Unreachable);
    }

    #[test]
    fn the_numbers_are_the_documented_ones() {
        let all = [
            (ExitStatus::Passed, 0),
            (ExitStatus::Findings, 1),
            (ExitStatus::Input, 2),
            (ExitStatus::Unreachable, 3),
            (ExitStatus::NothingMatched, 4),
            (ExitStatus::Coverage, 5),
            (ExitStatus::Interrupted, 130),
        ];
        for (status, number) in all {
            assert_eq!(status.code(), number);
        }
    }
}
