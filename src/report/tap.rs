//! The Test Anything Protocol, version 13, which readers of version 14 take as well. Main function: [`render`].
//!
//! A test for each case, in the report's order, then those that are no case and must be red all the same: a target that could not be
//! asked, stale waivers in a run that fails for them, a run that was cut short. What did not pass has a YAML block.

use std::fmt::Write as _;

use crate::event::{CaseFinished, PlaceRecord};
use crate::finding::is_explained;

use super::untrusted::short;
use super::warning::fails;
use super::{CaseSummary, CutShort, Report};

/// Characters of a name or a value at most.
const PART: usize = 500;

/// The report as lines of TAP.
pub fn render(report: &Report) -> String {
    let mut tests: Vec<Test> = Vec::new();
    tests.extend(
        report
            .passed()
            .into_iter()
            .map(|case| Test::of(case, Outcome::Passed)),
    );
    tests.extend(report.skipped().into_iter().map(|case| {
        let reason = case.reason.as_deref().unwrap_or("no reason given");
        Test::of(case, Outcome::Skipped(short(reason, PART)))
    }));
    tests.extend(report.failed().into_iter().map(|case| told(case, "fail")));
    tests.extend(report.errors().into_iter().map(|case| told(case, "error")));
    let position = |system: &str| {
        report
            .systems()
            .iter()
            .position(|one| one.system.system == system)
    };
    tests.sort_by_cached_key(|test| {
        (
            position(&test.system),
            test.place.clone(),
            test.name.clone(),
        )
    });
    tests.extend(extra(report));
    let mut out = format!("TAP version 13\n1..{}\n", tests.len());
    for (index, test) in tests.iter().enumerate() {
        test.write(&mut out, index + 1);
    }
    out
}

struct Test {
    system: String,
    /// Case file, line, column.
    place: (String, usize, usize),
    name: String,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    Skipped(String),
    /// What the YAML block says.
    NotOk(Vec<(&'static str, String)>),
}

impl Test {
    fn of(case: &CaseSummary, outcome: Outcome) -> Test {
        Test {
            system: case.case.system.to_string(),
            place: (case.case.file.to_string(), case.line, case.column),
            name: case.case.to_string(),
            outcome,
        }
    }

    /// What is no case.
    fn extra(name: String, about: Vec<(&'static str, String)>) -> Test {
        Test {
            system: String::new(),
            place: (String::new(), 0, 0),
            name,
            outcome: Outcome::NotOk(about),
        }
    }

    fn write(&self, out: &mut String, number: usize) {
        let name = description(&self.name);
        // Writing to a String does not fail.
        let _ = match &self.outcome {
            Outcome::Passed => writeln!(out, "ok {number} - {name}"),
            Outcome::Skipped(reason) => {
                writeln!(out, "ok {number} - {name} # SKIP {}", description(reason))
            }
            Outcome::NotOk(about) => {
                let lines = about
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

fn told(case: &CaseFinished, severity: &str) -> Test {
    let steps = case.steps.iter();
    let mut about: Vec<(&'static str, String)> = Vec::new();
    let finding = steps
        .clone()
        .flat_map(|step| step.findings.iter().map(move |one| (step, one)));
    let mut error = steps.filter_map(|step| Some((step, step.error.as_ref()?)));
    let finding = finding.filter(|(_, one)| fails(one)).collect::<Vec<_>>();
    match (
        severity,
        finding.first(),
        error.rfind(|(_, one)| one.kind != "cleanup-failed"),
    ) {
        ("fail", Some((step, first)), _) => {
            about.push(("message", first.message.clone()));
            about.push(("severity", severity.to_owned()));
            about.push(("code", first.code.clone()));
            about.push((
                "operation",
                step.operation.as_ref().unwrap_or(&step.label).clone(),
            ));
            about.push(("at", first.at.trim_end().to_owned()));
            about.extend(first.expected.clone().map(|value| ("expected", value)));
            about.extend(first.actual.clone().map(|value| ("actual", value)));
            about.extend(
                first
                    .contract
                    .as_ref()
                    .map(|one| ("contract", placed(&one.place))),
            );
            if finding.len() > 1 {
                about.push(("findings", finding.len().to_string()));
            }
            about.extend(explained(&first.code));
        }
        (_, _, Some((step, error))) => {
            about.push(("message", error.message.clone()));
            about.push(("severity", severity.to_owned()));
            about.push(("code", error.kind.clone()));
            about.push((
                "operation",
                step.operation.as_ref().unwrap_or(&step.label).clone(),
            ));
            about.extend(error.advice.clone().map(|advice| ("advice", advice)));
            about.extend(explained(&error.kind));
        }
        _ => {
            let reason = case.reason.as_deref().unwrap_or("no reason was recorded");
            about.push(("message", reason.to_owned()));
            about.push(("severity", severity.to_owned()));
        }
    }
    about.push(("case", placed(&case.place)));
    Test {
        system: case.case.system.to_string(),
        place: (
            case.case.file.to_string(),
            case.place.line,
            case.place.column,
        ),
        name: case.case.to_string(),
        outcome: Outcome::NotOk(about),
    }
}

fn extra(report: &Report) -> Vec<Test> {
    let mut tests: Vec<Test> = Vec::new();
    for lost in report.lost() {
        let mut about = vec![
            ("message", lost.error.message.clone()),
            ("severity", "error".to_owned()),
            ("code", lost.error.kind.clone()),
            ("url", lost.url.clone()),
            ("cases", lost.cases.to_string()),
        ];
        about.extend(explained(&lost.error.kind));
        tests.push(Test::extra(
            format!("{}: the target can be asked", lost.system),
            about,
        ));
    }
    if report.end().is_some_and(|end| end.strict_waivers) && !report.stale_waivers().is_empty() {
        let stale: Vec<String> = report
            .stale_waivers()
            .iter()
            .map(|one| placed(&one.place))
            .collect();
        let about = vec![
            ("message", "waivers that matched nothing".to_owned()),
            ("severity", "fail".to_owned()),
            ("waivers", stale.join(", ")),
        ];
        tests.push(Test::extra(
            "every waiver matches something".to_owned(),
            about,
        ));
    }
    if let Some(cut) = report.cut_short() {
        let why = match cut {
            CutShort::Stopped(why) => format!(" {why}"),
            CutShort::Interrupted | CutShort::Killed => String::new(),
        };
        let about = vec![
            (
                "message",
                format!(
                    "the run was cut short{why}: {} of the cases planned have no verdict",
                    report.without_verdict()
                ),
            ),
            ("severity", "error".to_owned()),
        ];
        tests.push(Test::extra("the run came to its end".to_owned(), about));
    }
    tests
}

fn placed(place: &PlaceRecord) -> String {
    match place.is_written() {
        true => format!("{}:{}:{}", place.file, place.line, place.column),
        false => place.file.clone(),
    }
}

fn explained(name: &str) -> Option<(&'static str, String)> {
    is_explained(name).then(|| ("explain", format!("counterpart explain {name}")))
}

/// A name on one line in which `#` begins no directive.
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
        assert!(text.ends_with("  explain: \"counterpart explain connect-failed\"\n  ...\n"));
    }

    #[test]
    fn hostile_text_makes_no_line_and_no_directive() {
        let mut case = fixture::hostile();
        case.case.name = "a # TODO b\nok 99 - fake\n  ---\n\\# SKIP c".into();
        case.steps[0].findings[0].message = "\"\n  ...\nBail out! \\".to_owned();
        let text = tap(&[
            fixture::started(),
            Event::CaseFinished(case),
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
            Event::CaseFinished(fixture::passed()),
            fixture::stopped(),
        ]);
        assert!(
            text.contains("1..2\n") && text.contains("\nnot ok 2 - the run came to its end\n"),
            "{text}"
        );
        assert!(
            text.contains("cut short after 3 failures: 51 of the cases planned"),
            "{text}"
        );
    }

    #[test]
    fn stale_waivers_are_not_ok_where_the_run_fails_for_them() {
        let events = |strict| {
            [
                fixture::started(),
                Event::CaseFinished(fixture::passed()),
                fixture::finished_with_stale_waiver(strict),
            ]
        };
        assert!(tap(&events(true)).contains("\nnot ok 2 - every waiver matches something\n"));
        assert!(!tap(&events(false)).contains("not ok"));
    }

    /// Perl's TAP::Parser is the reader of reference.
    #[test]
    #[allow(clippy::print_stderr)]
    fn prove_reads_the_same_numbers() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut case = fixture::hostile();
        case.case.name = "a # TODO b\nok 99 - fake\n  ---\n\\# SKIP c".into();
        case.steps[0].findings[0].message = "\"\n  ...\nBail out! \\".to_owned();
        let mut events = fixture::run();
        events.insert(1, Event::CaseFinished(case));
        let file = folder.path().join("run.tap");
        std::fs::write(&file, tap(&events)).expect("is written");
        let program = "use TAP::Parser; my $p = TAP::Parser->new({ source => $ARGV[0] }); $p->run; \
                       my @e = $p->parse_errors; \
                       print join(' ', $p->tests_run, scalar($p->actual_failed), scalar($p->skipped), scalar($p->todo), scalar(@e)), \"\\n@e\";";
        let told = std::process::Command::new("perl")
            .arg("-e")
            .arg(program)
            .arg(&file)
            .output();
        let Ok(told) = told.inspect_err(|_| eprintln!("skipped: no perl")) else {
            return;
        };
        if !told.status.success() && String::from_utf8_lossy(&told.stderr).contains("TAP/Parser.pm")
        {
            eprintln!("skipped: no TAP::Parser");
            return;
        }
        // Tests, not ok, skipped, to do, lines it could not read.
        assert_eq!(
            String::from_utf8_lossy(&told.stdout),
            "13 8 3 0 0\n",
            "{}",
            String::from_utf8_lossy(&told.stderr)
        );
    }
}
