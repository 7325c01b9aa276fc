use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCaseStatus};

use super::*;
use crate::event::{Event, RunFinished, StepRecord};
use crate::report::fixture;

fn xml(events: &[Event]) -> String {
    render(&Report::from_events(events))
}

fn read(xml: &str) -> quick_junit::Report {
    quick_junit::Report::deserialize_from_str(xml).expect("what was written can be read")
}

#[test]
fn a_whole_run() {
    let events: Vec<Event> = fixture::run()
        .into_iter()
        .filter(
            |event| !matches!(event, Event::SubjectFinished(case) if case.subject.name.contains("name>")),
        )
        .collect();
    fixture::assert_snapshot("formats/junit/snapshots/run.xml", &xml(&events));
}

#[test]
fn the_numbers_are_those_of_the_cases_and_a_lost_target_is_one_error() {
    let report = read(&xml(&fixture::run()));
    assert_eq!((report.tests, report.failures, report.errors), (12, 5, 2));
    let suites: Vec<_> = report
        .test_suites
        .iter()
        .map(|suite| (suite.name.as_str(), suite.tests, suite.skipped))
        .collect();
    assert_eq!(suites, [("magento::customers/me", 11, 3), ("nuweb", 1, 0)]);
}

#[test]
fn a_failure_is_a_deviation_and_an_error_is_an_unknown_result() {
    let report = read(&xml(&fixture::run()));
    let of = |name: &str| {
        let mut cases = report
            .test_suites
            .iter()
            .flat_map(|suite| &suite.test_cases);
        let case = cases
            .find(|case| case.name.as_str().starts_with(name))
            .expect("has the case");
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
            "no complete response within 30 s".to_owned()
        ))
    );
    assert_eq!(of("a customer reads her own data"), None);
}

#[test]
fn a_replay() {
    let text = xml(&fixture::replay());
    read(&text);
    fixture::assert_snapshot("formats/junit/snapshots/replay.xml", &text);
}

#[test]
fn the_failing_finding_is_reported_and_not_a_warning_before_it() {
    let mut case = fixture::failed_by_status();
    case.steps
        .insert(0, fixture::passed_with_warnings().steps.remove(0));
    let text = xml(&[Event::SubjectFinished(case), fixture::finished()]);
    assert!(
        text.contains(
            "<failure type=\"status-unexpected\" message=\"expected status 401, got 200\">"
        ),
        "{text}"
    );
    assert!(text.contains("\n  1 status-unexpected at status"), "{text}");
}

#[test]
fn too_little_coverage_is_a_failure_and_a_note_a_property() {
    let [start, _] = fixture::start_and_end_of_a_shard();
    let events = [
        start,
        Event::SubjectFinished(fixture::passed()),
        fixture::finished(),
    ];
    let mut report = Report::from_events(&events);
    report.require_coverage(vec![fixture::shortfall()]);
    let text = render(&report);
    assert_eq!(read(&text).failures, 1);
    assert!(
        text.contains("<failure type=\"coverage-too-low\" message=\"magento covers 1/2 operations (50 %), but 100 % is required\">"),
        "{text}"
    );
    assert!(
        text.contains("<property name=\"note\" value=\"shard 3/5 is missing\"/>"),
        "{text}"
    );
}

#[test]
fn hostile_text_is_escaped_and_forbidden_characters_are_shown() {
    let text = xml(&[
        fixture::started(),
        Event::SubjectFinished(fixture::hostile()),
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
fn a_very_long_text_is_cut_with_a_note() {
    let mut case = fixture::failed();
    case.steps = std::iter::repeat_with(|| StepRecord {
        ..case.steps[1].clone()
    })
    .take(12_000)
    .collect();
    let text = xml(&[
        fixture::started(),
        Event::SubjectFinished(case),
        fixture::finished(),
    ]);
    assert!(text.contains("… cut here (see the JSON report for the full text)"));
    // Quotation marks are longer in XML.
    assert!(text.len() < 2 * LONGEST, "{} bytes", text.len());
    read(&text);
}

#[test]
fn a_waived_finding_passes_with_its_reason() {
    let text = xml(&[
        fixture::started(),
        Event::SubjectFinished(fixture::waived()),
        fixture::finished_with_stale_waiver(false),
    ]);
    let report = read(&text);
    assert_eq!((report.tests, report.failures, report.errors), (1, 0, 0));
    let case = &report.test_suites[0].test_cases[0];
    let out = case.system_out.as_ref().expect("has an output").to_string();
    assert_eq!(
        out,
        "waived: status-unexpected at status: expected status 401, got 200 \
         (until 2026-12-31: guests are let in until the new gateway is there [SHOP-12])\n\
         ended at a waived status-unexpected in step 1 of 2; later steps were not run"
    );
    let plain = xml(&[
        fixture::started(),
        Event::SubjectFinished(fixture::passed()),
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
            Event::SubjectFinished(fixture::passed()),
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
fn the_order_of_the_events_does_not_matter() {
    let events = fixture::run();
    let mut reversed = events.clone();
    reversed.reverse();
    assert_eq!(xml(&events), xml(&reversed));
}

#[test]
fn a_run_cut_short_is_reported() {
    let interrupted = Event::RunFinished(RunFinished {
        milliseconds: 5.0,
        interrupted: true,
        stopped_after: None,
        stale_waivers: Vec::new(),
        strict_waivers: false,
        waivers: Vec::new(),
    });
    let text = xml(&[
        fixture::started(),
        Event::SubjectFinished(fixture::passed()),
        interrupted,
    ]);
    assert!(
        text.contains("the run was interrupted: 51 cases without verdict"),
        "{text}"
    );
    assert!(!xml(&fixture::run()).contains("without verdict"));
    let text = xml(&[
        fixture::started(),
        Event::SubjectFinished(fixture::passed()),
        fixture::stopped(),
    ]);
    assert!(text.contains("type=\"stopped\""), "{text}");
    assert!(
        text.contains("the run stopped after 3 failures: 51 cases not run"),
        "{text}"
    );
}

#[test]
fn a_damaged_time_becomes_zero() {
    let mut case = fixture::passed();
    case.milliseconds = -1.0;
    let report = read(&xml(&[
        fixture::started(),
        Event::SubjectFinished(case),
        fixture::finished(),
    ]));
    assert_eq!(report.test_suites[0].time, Some(Duration::ZERO));
}

/// Validates a file like Jenkins' xunit plugin does before reading it.
#[test]
#[allow(clippy::print_stderr)]
fn every_document_is_valid_under_the_schema_of_jenkins() {
    let mut endless = fixture::failed();
    endless.steps = vec![endless.steps[1].clone(); 12_000];
    let mut bare = fixture::timed_out();
    bare.steps.clear();
    bare.subject.name = "bare".into();
    let mut whole = fixture::run();
    whole.insert(2, Event::SubjectFinished(fixture::waived()));
    whole.insert(2, Event::SubjectFinished(bare));
    let documents = [
        xml(&whole),
        xml(&[]),
        xml(&[
            fixture::started(),
            Event::SubjectFinished(endless),
            fixture::stopped(),
        ]),
        xml(&[
            fixture::started(),
            fixture::finished_with_stale_waiver(true),
        ]),
    ];
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/formats/junit-10.xsd");
    let validate = |file: &std::path::Path| {
        std::process::Command::new("xmllint")
            .args(["--noout", "--schema", schema])
            .arg(file)
            .output()
    };
    let folder = tempfile::tempdir().expect("a folder");
    for (number, document) in documents.iter().enumerate() {
        let file = folder.path().join(format!("{number}.xml"));
        std::fs::write(&file, document).expect("is written");
        let Ok(output) = validate(&file) else {
            eprintln!("skipped: no xmllint");
            return;
        };
        assert!(
            output.status.success(),
            "{number}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    // Counter-check: the schema rejects an attribute that it does not define.
    let file = folder.path().join("wrong.xml");
    let wrong = documents[0].replacen("<testcase ", "<testcase file=\"a\" ", 1);
    std::fs::write(&file, wrong).expect("is written");
    assert!(validate(&file).is_ok_and(|output| !output.status.success()));
}

#[test]
fn a_failure_ends_with_the_command_that_explains_it() {
    let text = xml(&fixture::run());
    assert!(
        text.contains("\n\ncounterpart explain body-schema</failure>"),
        "{text}"
    );
    assert!(text.contains("\n\ncounterpart explain timeout</error>"));
    assert!(text.contains("\n\ncounterpart explain connect-failed</error>"));
    // Unknown codes have no page.
    assert!(!text.contains("explain unknown"));
    let stale = xml(&[
        fixture::started(),
        fixture::finished_with_stale_waiver(true),
    ]);
    assert!(!stale.contains("counterpart explain"));
}
