//! JUnit XML for CI servers. Main function: [`render`].
//!
//! ```text
//! <testsuites name="counterpart" tests failures errors skipped timestamp time>
//!   <testsuite name="magento::customers/me">                   one for each case file
//!     <properties> target, url, seed, counterpart              what was asked, and how to ask again
//!                  target-version, contract, overlay (each)    where stated; not the real contract; what corrects it
//!     <testcase name="…" classname="magento.customers.me" time>
//!       <properties> operation (each), case                    what it called, where it is written
//!       <failure type="body-schema" message="…">               the API broke a promise; type is the first finding's code
//!       <error type="timeout" message="…">                     we could not find out; type is the kind of error
//!       <skipped message="…">                                  not run, and why
//!   <testsuite name="nuweb">  one error                        the target could not be asked; its cases have no entries
//!   <testsuite name="waivers"> one failure                     stale waivers, in a run that fails for them
//!   <testsuite name="run">    one error                        the run was cut short
//! ```
//!
//! The text of `failure` and `error` is what the terminal shows, without colours. A case that passed with waived findings has them in its
//! `system-out` and a property `waived` with their number; warnings leave no sign here: the format has no place for one. Suites and cases come in the report's order, so two runs with the same outcome differ only in times.
//!
//! The elements are those of Jenkins' schema (junit-10.xsd), but for two things that readers take and it does not know: `properties` in a
//! `testcase`, and `skipped` and `timestamp` at `testsuites`.

use std::sync::Arc;

use std::time::Duration;

use quick_junit::{NonSuccessKind, SerializeError, TestCase, TestCaseStatus, TestSuite};

use crate::event::{CaseFinished, CaseId, TargetLost};

use super::untrusted::{line, short};
use super::{CaseSummary, CutShort, Report, terminal};

/// Text of one failure or error at most, in bytes: servers refuse or drop longer ones.
const LONGEST: usize = 1_000_000;
/// Characters of a `message` attribute at most: it is a headline there.
const MESSAGE: usize = 500;

/// The report as one XML document. Fails only where the XML writer does.
pub fn render(report: &Report) -> Result<String, SerializeError> {
    let mut xml = quick_junit::Report::new("counterpart");
    xml.timestamp = report.run().and_then(|run| run.started.parse().ok());
    if let Some(end) = report.end() {
        xml.set_time(duration(end.milliseconds));
    }
    let mut suites = Suites {
        report,
        list: Vec::new(),
    };
    for case in report.passed() {
        let status = TestCaseStatus::success();
        suites.add(
            summarised(case, status),
            &case.case,
            (&case.file, case.line),
        );
    }
    for case in report.failed() {
        let kind = NonSuccessKind::Failure;
        suites.add(
            told(case, kind),
            &case.case,
            (&case.place.file, case.place.line),
        );
    }
    for case in report.errors() {
        let kind = NonSuccessKind::Error;
        suites.add(
            told(case, kind),
            &case.case,
            (&case.place.file, case.place.line),
        );
    }
    for case in report.skipped() {
        let mut status = TestCaseStatus::skipped();
        if let Some(reason) = &case.reason {
            status.set_message(short(reason, MESSAGE));
        }
        suites.add(
            summarised(case, status),
            &case.case,
            (&case.file, case.line),
        );
    }
    xml.add_test_suites(suites.finish());
    for lost in report.lost() {
        xml.add_test_suite(lost_target(report, lost));
    }
    xml.add_test_suites(stale_waivers(report));
    xml.add_test_suites(cut_short(report));
    xml.to_string()
}

/// Suites as they fill: by system and file, their cases by place and name.
struct Suites<'a> {
    report: &'a Report,
    list: Vec<Suite>,
}

struct Suite {
    system: Arc<str>,
    file: Arc<str>,
    cases: Vec<(usize, Arc<str>, TestCase)>,
}

impl Suites<'_> {
    fn add(&mut self, mut test: TestCase, id: &CaseId, (file, at): (&str, usize)) {
        let CaseId {
            system,
            file: name,
            name: case,
        } = id;
        test.set_classname(line(&format!("{system}.{}", name.replace('/', "."))));
        test.add_property(("case", line(&format!("{file}:{at}")).as_ref()));
        let row = (at, case.clone(), test);
        // Cases come file after file, so the suite is nearly always the last one.
        let found = self.list.iter_mut().rev();
        match found
            .into_iter()
            .find(|one| one.system == *system && one.file == *name)
        {
            Some(suite) => suite.cases.push(row),
            None => self.list.push(Suite {
                system: Arc::clone(system),
                file: Arc::clone(name),
                cases: vec![row],
            }),
        }
    }

    fn finish(self) -> Vec<TestSuite> {
        let Suites { report, mut list } = self;
        let position = |suite: &Suite| {
            let systems = report.systems();
            systems
                .iter()
                .position(|one| *one.system.system == *suite.system)
        };
        list.sort_by(|a, b| {
            position(a)
                .cmp(&position(b))
                .then_with(|| a.file.cmp(&b.file))
        });
        let suites = list.into_iter().map(|mut suite| {
            suite.cases.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
            let name = format!("{}::{}", suite.system, suite.file);
            let mut xml = described(report, &name, &suite.system);
            let times = suite.cases.iter().filter_map(|(_, _, test)| test.time);
            xml.set_time(times.sum());
            xml.add_test_cases(suite.cases.into_iter().map(|(_, _, test)| test));
            xml
        });
        suites.collect()
    }
}

/// An empty suite with what is known of the run and the system.
fn described(report: &Report, name: &str, system: &str) -> TestSuite {
    let mut suite = TestSuite::new(line(name));
    if let Some(run) = report.run() {
        suite.timestamp = run.started.parse().ok();
        suite.add_property(("counterpart", line(&run.version).as_ref()));
        suite.add_property(("seed", run.seed.to_string().as_str()));
    }
    let mut systems = report.systems().iter();
    if let Some(one) = systems.find(|one| one.system.system == system) {
        suite.add_property(("target", line(&one.system.target).as_ref()));
        suite.add_property(("url", line(&one.system.url).as_ref()));
        if let Some(version) = &one.system.target_version {
            suite.add_property(("target-version", line(version).as_ref()));
        }
        if one.system.contract != "real" {
            suite.add_property(("contract", line(&one.system.contract).as_ref()));
        }
        let contracts = one.system.contracts.iter();
        let mut overlays: Vec<&str> = contracts
            .flat_map(|contract| &contract.overlays)
            .map(AsRef::as_ref)
            .collect();
        overlays.sort_unstable();
        overlays.dedup();
        for overlay in overlays {
            suite.add_property(("overlay", line(overlay).as_ref()));
        }
    }
    suite
}

fn summarised(case: &CaseSummary, status: TestCaseStatus) -> TestCase {
    let operations = case.operations.iter().map(AsRef::as_ref);
    let mut test = test_case(&case.case, status, case.milliseconds, operations);
    if !case.waived.is_empty() {
        test.add_property(("waived", case.waived.len().to_string().as_str()));
        let mut lines: Vec<String> = case.waived.iter().map(|one| short(one, MESSAGE)).collect();
        lines.extend(case.reason.as_deref().map(|reason| short(reason, MESSAGE)));
        test.set_system_out(shortened(lines.join("\n")));
    }
    test
}

/// A case that failed or ended in error, with the whole story.
fn told(case: &CaseFinished, kind: NonSuccessKind) -> TestCase {
    let mut status = TestCaseStatus::non_success(kind);
    let steps = case.steps.iter();
    let (word, message) = match kind {
        NonSuccessKind::Failure => steps
            .flat_map(|step| &step.findings)
            .find(|finding| super::warning::fails(finding))
            .map(|finding| (finding.code.as_str(), finding.message.as_str())),
        NonSuccessKind::Error => steps
            .filter_map(|step| step.error.as_ref())
            .find(|error| error.kind != "cleanup-failed")
            .map(|error| (error.kind.as_str(), error.message.as_str())),
    }
    .unwrap_or((
        "unknown",
        case.reason.as_deref().unwrap_or("no reason was recorded"),
    ));
    status.set_type(line(word));
    status.set_message(short(message, MESSAGE));
    status.set_description(shortened(terminal::case(case, terminal::Look::default())));
    let operations = case.operations.iter().map(AsRef::as_ref);
    test_case(&case.case, status, case.milliseconds, operations)
}

fn test_case<'a>(
    id: &CaseId,
    status: TestCaseStatus,
    milliseconds: f64,
    operations: impl Iterator<Item = &'a str>,
) -> TestCase {
    let mut test = TestCase::new(line(&id.name), status);
    test.set_time(duration(milliseconds));
    for operation in operations {
        test.add_property(("operation", line(operation).as_ref()));
    }
    test
}

fn lost_target(report: &Report, lost: &TargetLost) -> TestSuite {
    let text = terminal::lost(lost, crate::diagnostic::Style::Plain);
    one_error(
        report,
        &lost.system,
        "the target can be asked",
        &lost.error.kind,
        &text,
    )
}

/// Stale waivers where the run fails for them: a gate that reads this file must see why it is red.
fn stale_waivers(report: &Report) -> Option<TestSuite> {
    let stale = report.stale_waivers();
    if stale.is_empty() || !report.end().is_some_and(|end| end.strict_waivers) {
        return None;
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type("stale-waiver");
    status.set_message(format!("waivers that matched nothing: {}", stale.len()));
    status.set_description(shortened(terminal::stale_waivers(report)));
    let mut case = TestCase::new("every waiver matches something", status);
    case.set_classname("waivers");
    case.set_time(Duration::ZERO);
    let mut xml = described(report, "waivers", "waivers");
    xml.set_time(Duration::ZERO);
    xml.add_test_case(case);
    Some(xml)
}

fn cut_short(report: &Report) -> Option<TestSuite> {
    let (kind, why) = match report.cut_short()? {
        CutShort::Stopped(why) => ("stopped", format!(" {why}")),
        CutShort::Interrupted | CutShort::Killed => ("interrupted", String::new()),
    };
    let mut text = format!(
        "the run was cut short{why}: {} of the cases planned have no verdict",
        report.without_verdict()
    );
    for note in report.run().iter().flat_map(|run| &run.notes) {
        text.push_str(&format!("; {note}"));
    }
    Some(one_error(
        report,
        "run",
        "the run came to its end",
        kind,
        &text,
    ))
}

fn one_error(report: &Report, suite: &str, test: &str, kind: &str, text: &str) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type(line(kind));
    status.set_message(short(text, MESSAGE));
    let mut case = TestCase::new(test, status);
    case.set_classname(line(suite));
    case.set_time(Duration::ZERO);
    let mut xml = described(report, suite, suite);
    xml.set_time(Duration::ZERO);
    xml.add_test_case(case);
    xml
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push_str("\n… cut here (whole in the JSON report)");
    }
    text
}

/// A negative or endless number from a damaged recording is no time at all.
fn duration(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, RunFinished, StepRecord};
    use crate::report::fixture;

    fn xml(events: &[Event]) -> String {
        render(&Report::from_events(events)).expect("a report can be written")
    }

    fn read(xml: &str) -> quick_junit::Report {
        quick_junit::Report::deserialize_from_str(xml).expect("what was written can be read")
    }

    #[test]
    fn a_whole_run() {
        let events: Vec<Event> = fixture::run()
            .into_iter()
            .filter(|event| !matches!(event, Event::CaseFinished(case) if case.case.name.contains("name>")))
            .collect();
        insta::assert_snapshot!(xml(&events));
    }

    #[test]
    fn the_numbers_are_those_of_the_cases_and_a_lost_target_is_one_error() {
        let report = read(&xml(&fixture::run()));
        assert_eq!((report.tests, report.failures, report.errors), (12, 5, 2));
        let suites: Vec<_> = report
            .test_suites
            .iter()
            .map(|one| (one.name.as_str(), one.tests, one.skipped))
            .collect();
        assert_eq!(suites, [("magento::customers/me", 11, 3), ("nuweb", 1, 0)]);
    }

    #[test]
    fn failure_is_a_broken_promise_and_error_is_not_knowing() {
        let report = read(&xml(&fixture::run()));
        let of = |name: &str| {
            let mut cases = report.test_suites.iter().flat_map(|one| &one.test_cases);
            let case = cases
                .find(|one| one.name.as_str().starts_with(name))
                .expect("the case is there");
            match &case.status {
                TestCaseStatus::NonSuccess {
                    kind, ty, message, ..
                } => Some((
                    *kind,
                    ty.clone().map(String::from).unwrap_or_default(),
                    message.clone().map(String::from).unwrap_or_default(),
                )),
                TestCaseStatus::Success { .. } | TestCaseStatus::Skipped { .. } => None,
            }
        };
        assert_eq!(
            of("a customer changes her own last name"),
            Some((
                NonSuccessKind::Failure,
                "body-schema".to_owned(),
                "\"7\" is not of type \"integer\"".to_owned()
            ))
        );
        assert_eq!(
            of("a customer with 500"),
            Some((
                NonSuccessKind::Error,
                "timeout".to_owned(),
                "no complete answer within 30 s".to_owned()
            ))
        );
        assert_eq!(of("a customer reads her own data"), None);
    }

    #[test]
    fn hostile_text_is_escaped_and_forbidden_characters_are_shown() {
        let text = xml(&[
            fixture::started(),
            Event::CaseFinished(fixture::hostile()),
            fixture::finished(),
        ]);
        let forbidden = |c: char| {
            (c.is_control() && c != '\n') || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{202e}')
        };
        assert!(!text.contains(forbidden));
        assert!(!text.contains("<script>"));
        let report = read(&text);
        let case = &report.test_suites[0].test_cases[0];
        assert_eq!(
            case.name.as_str(),
            "\\u{1b}[31mred\\u{1b}[0m <name> & \\u{202e}more"
        );
        assert!(text.len() < 20_000, "{} bytes", text.len());
    }

    #[test]
    fn an_endless_story_is_cut_with_a_note() {
        let mut case = fixture::failed();
        case.steps = std::iter::repeat_with(|| StepRecord {
            ..case.steps[1].clone()
        })
        .take(12_000)
        .collect();
        let text = xml(&[
            fixture::started(),
            Event::CaseFinished(case),
            fixture::finished(),
        ]);
        assert!(text.contains("… cut here (whole in the JSON report)"));
        // Quotation marks grow in XML.
        assert!(text.len() < 2 * LONGEST, "{} bytes", text.len());
        read(&text);
    }

    #[test]
    fn a_waived_finding_passes_with_its_words() {
        let text = xml(&[
            fixture::started(),
            Event::CaseFinished(fixture::waived()),
            fixture::finished_with_stale_waiver(false),
        ]);
        let report = read(&text);
        assert_eq!((report.tests, report.failures, report.errors), (1, 0, 0));
        let case = &report.test_suites[0].test_cases[0];
        let out = case.system_out.as_ref().expect("has words").to_string();
        assert_eq!(
            out,
            "waived: status-unexpected at status: expected status 401, got 200 \
             (until 2026-12-31: guests are let in until the new gateway is there [SHOP-12])\n\
             ended at a waived status-unexpected in step 1 of 2; the later ones were not taken"
        );
        assert!(
            text.contains(r#"<property name="waived" value="1"/>"#),
            "{text}"
        );
        let plain = xml(&[
            fixture::started(),
            Event::CaseFinished(fixture::passed()),
            fixture::finished(),
        ]);
        assert!(!plain.contains("waived") && !plain.contains("system-out"));
    }

    #[test]
    fn stale_waivers_are_a_failure_only_where_the_run_fails_for_them() {
        let of = |strict| {
            let end = fixture::finished_with_stale_waiver(strict);
            xml(&[
                fixture::started(),
                Event::CaseFinished(fixture::passed()),
                end,
            ])
        };
        let strict = of(true);
        assert_eq!(read(&strict).failures, 1);
        assert!(
            strict.contains("waivers.yaml:3:5 status-unexpected GET /V1/customers/me"),
            "{strict}"
        );
        assert!(!of(false).contains("stale"));
    }

    #[test]
    fn the_order_of_the_events_does_not_show() {
        let events = fixture::run();
        let mut reversed = events.clone();
        reversed.reverse();
        assert_eq!(xml(&events), xml(&reversed));
    }

    #[test]
    fn a_run_cut_short_says_so() {
        let interrupted = Event::RunFinished(RunFinished {
            milliseconds: 5.0,
            interrupted: true,
            stopped: None,
            stale_waivers: Vec::new(),
            strict_waivers: false,
            waivers: Vec::new(),
        });
        let text = xml(&[
            fixture::started(),
            Event::CaseFinished(fixture::passed()),
            interrupted,
        ]);
        assert!(
            text.contains("the run was cut short: 51 of the cases planned have no verdict"),
            "{text}"
        );
        assert!(!xml(&fixture::run()).contains("cut short"));
        let text = xml(&[
            fixture::started(),
            Event::CaseFinished(fixture::passed()),
            fixture::stopped(),
        ]);
        assert!(text.contains("type=\"stopped\""), "{text}");
        assert!(
            text.contains("the run was cut short after 3 failures: 51 of the cases planned"),
            "{text}"
        );
    }

    #[test]
    fn a_damaged_time_is_no_time() {
        let mut case = fixture::passed();
        case.milliseconds = -1.0;
        let report = read(&xml(&[
            fixture::started(),
            Event::CaseFinished(case),
            fixture::finished(),
        ]));
        assert_eq!(report.test_suites[0].time, Some(Duration::ZERO));
    }
}
