//! The Test Anything Protocol, version 13, which readers of version 14 also accept. Main function: [`render`].
//!
//! One test per subject, in the report's order, then one test per problem that fails the run but does not belong to a subject: a target that
//! could not be reached, stale waivers in a run that fails for them, too little coverage, a run that was cut short. A test that did not
//! pass has a YAML block. Notes on the run are comments.

use std::fmt::Write as _;

use crate::event::{SubjectFinished, Verdict};
use crate::report::cause::{Weight, What, decisive, occurrences};
use crate::report::model::{Finished, Report, skip_reason};
use crate::report::summary::Problem;
use crate::text::short;

/// Maximum number of characters of a name or a value.
const PART: usize = 500;

/// The report as lines of TAP.
pub fn render(report: &Report) -> String {
    let summary = report.summary();
    let problems = summary.problems.iter().filter(|problem| problem.fails());
    let subjects = report.finished().into_iter().map(TapTest::of);
    let tests: Vec<TapTest> = subjects.chain(problems.map(TapTest::of_problem)).collect();
    let mut out = format!("TAP version 13\n1..{}\n", tests.len());
    for note in &summary.notes {
        // Writing to a `String` cannot fail.
        let _ = writeln!(out, "# {note}");
    }
    for (index, test) in tests.iter().enumerate() {
        test.write(&mut out, index + 1);
    }
    out
}

struct TapTest {
    name: String,
    outcome: TestOutcome,
}

enum TestOutcome {
    Passed,
    Skipped(String),
    /// The fields of the YAML block.
    NotOk(Vec<(&'static str, String)>),
}

impl TapTest {
    fn of(finished: Finished<'_>) -> TapTest {
        let outcome = match finished {
            Finished::Summary(summary) if summary.verdict == Verdict::Skipped => {
                TestOutcome::Skipped(skip_reason(summary).short(PART))
            }
            Finished::Summary(_) => TestOutcome::Passed,
            Finished::Whole(finished) => TestOutcome::NotOk(block(finished)),
        };
        TapTest {
            name: finished.subject().to_string(),
            outcome,
        }
    }

    fn of_problem(problem: &Problem) -> TapTest {
        let mut block = vec![
            ("message", problem.message.clone()),
            ("severity", severity(problem.weight == Weight::Failure)),
            ("code", problem.code.clone()),
        ];
        block.extend(problem.advice.clone().map(|advice| ("advice", advice)));
        if !problem.details.is_empty() {
            block.push(("details", problem.details.join("; ")));
        }
        if problem.is_explained {
            block.push(explained(&problem.code));
        }
        TapTest {
            name: problem.title(),
            outcome: TestOutcome::NotOk(block),
        }
    }

    fn write(&self, out: &mut String, number: usize) {
        let name = description(&self.name);
        let _ = match &self.outcome {
            TestOutcome::Passed => writeln!(out, "ok {number} - {name}"),
            TestOutcome::Skipped(reason) => {
                writeln!(out, "ok {number} - {name} # SKIP {}", description(reason))
            }
            TestOutcome::NotOk(block) => {
                let lines = block
                    .iter()
                    .map(|(key, value)| format!("  {key}: {}\n", quoted(value)));
                writeln!(
                    out,
                    "not ok {number} - {name}\n  ---\n{}  ...",
                    lines.collect::<String>()
                )
            }
        };
    }
}

fn block(finished: &SubjectFinished) -> Vec<(&'static str, String)> {
    let severity = severity(finished.verdict == Verdict::Failed);
    let mut block: Vec<(&'static str, String)> = Vec::new();
    match decisive(finished) {
        Some(cause) => {
            block.push(("message", cause.message().short(PART)));
            block.push(("severity", severity));
            block.push(("code", cause.code().to_string()));
            block.push(("operation", cause.step.called().short(PART)));
            match cause.what {
                What::Finding(finding) => {
                    block.push(("at", finding.at.to_string()));
                    for (name, value) in
                        [("expected", &finding.expected), ("actual", &finding.actual)]
                    {
                        block.extend(value.iter().map(|value| (name, value.short(PART))));
                    }
                    let contract = finding.contract.iter();
                    block.extend(contract.map(|contract| ("contract", contract.place.to_string())));
                    let failures = occurrences(finished)
                        .filter(|occurrence| occurrence.weight() == cause.weight());
                    let failures = failures.count();
                    if failures > 1 {
                        block.push(("findings", failures.to_string()));
                    }
                }
                What::Error(error) => {
                    let advice = error.advice.iter();
                    block.extend(advice.map(|advice| ("advice", advice.short(PART))));
                }
            }
            if cause.code().is_explained() {
                block.push(explained(&cause.code().to_string()));
            }
        }
        None => {
            let reason = finished.reason.clone();
            let reason = reason.unwrap_or_else(|| "no reason was recorded".into());
            block.push(("message", reason.short(PART)));
            block.push(("severity", severity));
        }
    }
    let place = finished.place.iter();
    let noun = finished.subject.kind.noun();
    block.extend(place.map(|place| (noun, place.to_string())));
    let origin = finished.origin.iter();
    block.extend(origin.map(|origin| ("origin", origin.short(PART))));
    block
}

fn severity(is_failure: bool) -> String {
    match is_failure {
        true => "fail".to_owned(),
        false => "error".to_owned(),
    }
}

fn explained(name: &str) -> (&'static str, String) {
    ("explain", format!("counterpart explain {name}"))
}

/// A name on one line, with `#` escaped so that it does not start a directive.
fn description(text: &str) -> String {
    short(text, PART).replace('\\', "\\\\").replace('#', "\\#")
}

/// A double-quoted YAML scalar on one line.
fn quoted(text: &str) -> String {
    let text = short(text, PART).replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::report::fixture;

    fn tap(events: &[Event]) -> String {
        render(&Report::from_events(events))
    }

    #[test]
    fn a_whole_run() {
        let text = tap(&fixture::run());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[..4],
            [
                "TAP version 13",
                "1..12",
                "ok 1 - magento::customers/me::a customer reads her own data",
                "ok 2 - magento::customers/me::addresses are listed",
            ]
        );
        let skip = "# SKIP the target has no auth profile `admin`";
        assert_eq!(lines.iter().filter(|line| line.ends_with(skip)).count(), 2);
        assert_eq!(
            lines
                .iter()
                .filter(|line| line.starts_with("not ok "))
                .count(),
            7
        );
        assert!(text.contains(
            "\n  ---\n  message: \"expected status 401, got 200\"\n  severity: \"fail\"\n  code: \"status-unexpected\"\n  \
             operation: \"GET /V1/customers/me\"\n  at: \"status\"\n  expected: \"401\"\n  actual: \"200 OK\"\n  \
             explain: \"counterpart explain status-unexpected\"\n  case: \"cases/magento/customers/me.yaml:26:11\"\n  ...\n"
        ), "{text}");
        assert!(text.ends_with(
            " - nuweb: the target can be reached\n  ---\n  message: \"nuweb: cannot reach http://127.0.0.1:9: connection refused (41 cases not run)\"\n  \
             severity: \"error\"\n  code: \"connect-failed\"\n  advice: \"is the server up, and is this its address?\"\n  \
             explain: \"counterpart explain connect-failed\"\n  ...\n"
        ), "{text}");
    }

    #[test]
    fn hostile_text_makes_no_line_and_no_directive() {
        let mut case = fixture::hostile();
        case.subject.name = "a # TODO b\nok 99 - fake\n  ---\n\\# SKIP c".into();
        case.steps[0].findings[0].message = "\"\n  ...\nBail out! \\".into();
        let text = tap(&[
            fixture::started(),
            Event::SubjectFinished(case),
            fixture::finished(),
        ]);
        assert!(text.starts_with(
            "TAP version 13\n1..1\nnot ok 1 - magento::customers/me::a \\# TODO b\\\\nok 99 - fake\\\\n  ---\\\\n\\\\\\# SKIP c\n  ---\n  message: \"\\\"\\\\n  ...\\\\nBail out! \\\\\"\n"
        ), "{text}");
    }

    #[test]
    fn a_run_cut_short_is_not_ok() {
        let text = tap(&[
            fixture::started(),
            Event::SubjectFinished(fixture::passed()),
            fixture::stopped(),
        ]);
        assert!(
            text.contains("1..2\n") && text.contains("\nnot ok 2 - the run was completed\n"),
            "{text}"
        );
        assert!(
            text.contains("  message: \"the run stopped after 3 failures: 51 cases not run\"\n"),
            "{text}"
        );
    }

    #[test]
    fn stale_waivers_are_not_ok_where_the_run_fails_for_them() {
        let events = |strict| {
            [
                fixture::started(),
                Event::SubjectFinished(fixture::passed()),
                fixture::finished_with_stale_waiver(strict),
            ]
        };
        assert!(tap(&events(true)).contains("\nnot ok 2 - every waiver matches something\n"));
        assert!(!tap(&events(false)).contains("not ok"));
    }

    #[test]
    fn an_entry_has_no_place() {
        let text = tap(&fixture::replay());
        assert_eq!(
            text,
            "TAP version 13\n1..2\n\
             ok 1 - magento::recorded.har::4 an administrator logs in\n\
             not ok 2 - magento::recorded.har::5 the admin reads her\n  ---\n  \
             message: \"the value differs from the recorded value\"\n  severity: \"fail\"\n  code: \"difference-value\"\n  \
             operation: \"GET /V1/customers/{customerId}\"\n  at: \"body /firstname\"\n  expected: \"\\\"Ada\\\"\"\n  actual: \"\\\"Eve\\\"\"\n  \
             explain: \"counterpart explain difference-value\"\n  ...\n"
        );
    }

    #[test]
    fn the_failing_finding_is_reported_and_not_a_warning_before_it() {
        let mut case = fixture::failed_by_status();
        case.steps
            .insert(0, fixture::passed_with_warnings().steps.remove(0));
        let text = tap(&[Event::SubjectFinished(case), fixture::finished()]);
        assert!(text.contains("  code: \"status-unexpected\"\n"), "{text}");
        assert!(!text.contains("body-undocumented-property"), "{text}");
    }

    #[test]
    fn too_little_coverage_is_not_ok() {
        let events = [
            fixture::started(),
            Event::SubjectFinished(fixture::passed()),
            fixture::finished(),
        ];
        let mut report = Report::from_events(&events);
        report.require_coverage(vec![fixture::shortfall()]);
        let text = render(&report);
        assert!(
            text.contains("\nnot ok 2 - enough of the contracts is covered\n  ---\n  message: \"magento covers 1/2 operations (50 %), but 100 % is required\"\n"),
            "{text}"
        );
    }

    /// Perl's TAP::Parser is the reference reader.
    #[test]
    #[allow(clippy::print_stderr)]
    fn prove_reads_the_same_numbers() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut case = fixture::hostile();
        case.subject.name = "a # TODO b\nok 99 - fake\n  ---\n\\# SKIP c".into();
        case.steps[0].findings[0].message = "\"\n  ...\nBail out! \\".into();
        let mut events = fixture::run();
        events.insert(1, Event::SubjectFinished(case));
        let file = folder.path().join("run.tap");
        std::fs::write(&file, tap(&events)).expect("is written");
        let program = "use TAP::Parser; my $p = TAP::Parser->new({ source => $ARGV[0] }); $p->run; \
                       my @e = $p->parse_errors; \
                       print join(' ', $p->tests_run, scalar($p->actual_failed), scalar($p->skipped), scalar($p->todo), scalar(@e)), \"\\n@e\";";
        let output = std::process::Command::new("perl")
            .arg("-e")
            .arg(program)
            .arg(&file)
            .output();
        let Ok(output) = output.inspect_err(|_| eprintln!("skipped: no perl")) else {
            return;
        };
        if !output.status.success()
            && String::from_utf8_lossy(&output.stderr).contains("TAP/Parser.pm")
        {
            eprintln!("skipped: no TAP::Parser");
            return;
        }
        // Tests, not ok, skipped, to do, unreadable lines.
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "13 8 3 0 0\n",
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
