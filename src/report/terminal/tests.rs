//! The exact text of the shared run, and properties that hold for any run.

use super::*;
use crate::event::{Event, RunFinished};
use crate::report::fixture;

fn report() -> Report {
    Report::from_events(&fixture::run())
}

fn coloured() -> Look {
    Look {
        style: Style::Coloured,
        width: 100,
    }
}

#[test]
fn a_whole_run() {
    let events: Vec<Event> = fixture::run()
        .into_iter()
        .filter(
            |event| !matches!(event, Event::SubjectFinished(case) if case.subject.name.contains("name>")),
        )
        .collect();
    let text = render(&Report::from_events(&events), Look::default());
    fixture::assert_snapshot("terminal/snapshots/run.txt", &text);
}

#[test]
fn a_hostile_case() {
    let text = case(&fixture::hostile(), Look::default());
    fixture::assert_snapshot("terminal/snapshots/hostile.txt", &text);
}

#[test]
fn the_last_line_has_the_fixed_format() {
    let text = render(&report(), coloured());
    let last = text.lines().next_back();
    assert_eq!(
        last,
        Some("52 cases: 2 passed, 5 failed, 42 errors, 3 skipped (1.84 s)")
    );

    let mut report = Report::from_events(&[Event::SubjectFinished(fixture::passed())]);
    report.fold(&Event::RunFinished(RunFinished {
        milliseconds: 1838.0,
        interrupted: false,
        stopped_after: None,
        stale_waivers: Vec::new(),
        strict_waivers: false,
        waivers: Vec::new(),
    }));
    let text = closing(&report, Look::default());
    assert!(
        text.ends_with("\n1 cases: 1 passed, 0 failed, 0 errors, 0 skipped (1.84 s)\n"),
        "{text}"
    );
}

#[test]
fn nothing_from_outside_reaches_the_terminal_as_a_command() {
    let mut events = fixture::run();
    for event in &mut events {
        if let Event::TargetLost(lost) = event {
            lost.error.message = "refused\u{1b}[2J\r\nfake: 1 passed".into();
        }
    }
    let report = Report::from_events(&events);
    let plain = render(&report, Look::default());
    assert!(!plain.contains(|c: char| c.is_control() && c != '\n'));
    assert!(!plain.contains('\u{202e}'));
    for event in &events {
        if let Event::SubjectFinished(case) = event {
            assert!(!line(case, Style::Plain).contains(|c: char| c.is_control()));
        }
    }
    // In colour, the only escapes are our own, and each is closed.
    let coloured = render(&report, coloured());
    let escapes: Vec<&str> = coloured.split('\u{1b}').skip(1).collect();
    assert!(!escapes.is_empty());
    for escape in escapes {
        let code = escape.split('m').next().unwrap_or_default();
        assert!(
            [
                "[0", "[1", "[2", "[31", "[32", "[33", "[1;31", "[1;35", "[7;31", "[7;32"
            ]
            .contains(&code),
            "{code:?}"
        );
    }
}

#[test]
fn colours_add_nothing_but_colours() {
    let bare = |text: &str| -> String {
        let mut pieces = text.split('\u{1b}');
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |text, piece| {
            text + piece.split_once('m').map_or("", |(_, rest)| rest)
        })
    };
    assert_eq!(
        bare(&render(&report(), coloured())),
        render(&report(), Look::default())
    );
}

#[test]
fn a_failing_case_fits_one_screen() {
    for finished in [
        fixture::failed(),
        fixture::failed_by_status(),
        fixture::hostile(),
        fixture::timed_out(),
    ] {
        let text = case(&finished, Look::default());
        assert!(
            text.lines().count() <= 60,
            "{} lines\n{text}",
            text.lines().count()
        );
    }
}

#[test]
fn lines_fit_the_width() {
    for width in [50, 60, 80, 100, 160] {
        let look = Look {
            style: Style::Plain,
            width,
        };
        let text = case(&fixture::failed(), look);
        // Text that is meant to be copied is never cut.
        let free = ["curl ", "-->", "FAIL ", "contract ", "/components"];
        for line in text
            .lines()
            .filter(|line| !free.iter().any(|word| line.trim_start().starts_with(word)))
        {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn more_than_six_findings_are_counted() {
    let mut many = fixture::failed();
    let finding = many.steps[1].findings[0].clone();
    many.steps[1].findings = vec![finding; 9];
    let text = case(&many, Look::default());
    assert!(text.contains("  6 body-schema"), "{text}");
    assert!(!text.contains("  7 body-schema"), "{text}");
    assert!(
        text.contains("  … and 3 more (see the JSON report)"),
        "{text}"
    );
}

#[test]
fn only_the_first_of_many_failures_are_shown_in_full() {
    let mut events = vec![fixture::started()];
    for number in 0..30 {
        let mut case = fixture::failed_by_status();
        case.subject.name = format!("case {number:02}").into();
        case.steps[0].findings[0].actual = Some(fixture::masked(&number.to_string()));
        events.push(Event::SubjectFinished(case));
    }
    let text = closing(&Report::from_events(&events), Look::default());
    assert_eq!(text.matches("^^^^ 200 OK").count(), SCREENS);
    assert!(text.contains("FAIL magento::customers/me::case 29 (12 ms): status-unexpected at status: expected status 401, got 200\n"), "{text}");
}

#[test]
fn lines_while_running() {
    let of = |case: &SubjectFinished| line(case, Style::Plain);
    assert_eq!(
        of(&fixture::passed()),
        "PASS magento::customers/me::a customer reads her own data (12 ms)"
    );
    assert_eq!(
        of(&fixture::timed_out()),
        "ERROR magento::customers/me::a customer with 500 addresses is listed (30.0 s): timeout: no complete response within 30 s"
    );
    assert_eq!(
        of(&fixture::skipped()),
        "SKIP magento::customers/me::an administrator reads any customer (0 ms): the target has no auth profile `admin`"
    );
    assert_eq!(
        of(&fixture::failed_by_status()),
        "FAIL magento::customers/me::only the customer may read her own data (12 ms): status-unexpected at status: expected status 401, got 200"
    );
}

#[test]
fn a_target_without_a_name_is_shown_by_its_url_once() {
    let Event::RunStarted(mut started) = fixture::started() else {
        panic!("the first event of a run");
    };
    let first = |run: &RunStarted| {
        let text = opening(run, Look::default());
        text.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(
        first(&started),
        "magento: 11 cases against https://shop.example/rest/default (staging)"
    );
    started.systems[0].target = started.systems[0].url.clone();
    assert_eq!(
        first(&started),
        "magento: 11 cases against https://shop.example/rest/default"
    );
}

#[test]
fn a_lost_target_is_one_line_for_any_number_of_cases() {
    let text = render(&report(), Look::default());
    let line = "nuweb: cannot reach http://127.0.0.1:9: connection refused (41 cases not run); is the server up, and is this its address?";
    assert!(text.lines().any(|printed| printed == line), "{text}");
    assert_eq!(text.matches("connection refused").count(), 1);
}

#[test]
fn an_interrupted_run_reports_how_much_is_missing() {
    let mut events = vec![
        fixture::started(),
        Event::SubjectFinished(fixture::passed()),
    ];
    let killed = closing(&Report::from_events(&events), Look::default());
    assert!(
        killed.contains("the recording ends before the run did: 51 cases without verdict\n"),
        "{killed}"
    );
    assert!(
        killed.ends_with("1 cases: 1 passed, 0 failed, 0 errors, 0 skipped (? s)\n"),
        "{killed}"
    );
    events.push(Event::RunFinished(RunFinished {
        milliseconds: 10.0,
        interrupted: true,
        stopped_after: None,
        stale_waivers: Vec::new(),
        strict_waivers: false,
        waivers: Vec::new(),
    }));
    let interrupted = closing(&Report::from_events(&events), Look::default());
    assert!(
        interrupted.contains("interrupted: 51 cases without verdict\n"),
        "{interrupted}"
    );
}

#[test]
fn a_run_stopped_after_failures_is_reported() {
    let mut events = vec![
        fixture::started(),
        Event::SubjectFinished(fixture::passed()),
    ];
    events.push(fixture::stopped());
    let stopped = closing(&Report::from_events(&events), Look::default());
    assert!(
        stopped.contains("stopped after 3 failures: 51 cases not run\n"),
        "{stopped}"
    );
    assert!(!stopped.contains("interrupted"), "{stopped}");
}

#[test]
fn which_cases_get_a_line() {
    use Verdict::{Error, Failed, Passed, Skipped};
    let included = |lines: TerminalLines| {
        [Passed, Failed, Error, Skipped].map(|verdict| lines.includes(verdict))
    };
    assert_eq!(
        included(TerminalLines::default()),
        [false, true, true, false]
    );
    assert_eq!(included(TerminalLines::All), [true; 4]);
    assert_eq!(included(TerminalLines::None), [false; 4]);
}

#[test]
fn an_error_with_a_response_shows_the_response() {
    let mut refused = fixture::timed_out();
    refused.steps[0].response = fixture::me_step(401, r#"{"message":"wrong password"}"#).response;
    let text = case(&refused, Look::default());
    assert!(
        text.contains("  401 Unauthorized, application/json"),
        "{text}"
    );
    assert!(
        text.ends_with("  |   \"message\": \"wrong password\"\n  | }"),
        "{text}"
    );
}

#[test]
fn a_failed_fixture_names_its_case() {
    let mut broken = fixture::failed_by_status();
    broken.steps[0].role = crate::event::StepRole::Fixture("customer".to_owned());
    let text = case(&broken, Look::default());
    assert!(
        text.contains("\n  as guest, fixture `customer` of the case at cases/magento/customers/me.yaml:26:11\n"),
        "{text}"
    );
}

#[test]
fn a_failed_cleanup_is_reported_beside_the_findings() {
    let mut both = fixture::failed_by_status();
    both.steps
        .extend(fixture::passed_with_warnings().steps.pop());
    let text = case(&both, Look::default());
    assert!(text.contains("1 status-unexpected at status"), "{text}");
    assert!(
        text.contains("  then DELETE /V1/customers/{customerId} 500: cleanup-failed: the customer"),
        "{text}"
    );
    assert_eq!(text.matches("-->").count(), 1, "one screen: {text}");
}

#[test]
fn waived_findings_and_stale_waivers_are_before_the_last_lines() {
    let text = closing(
        &Report::from_events(&[
            fixture::started(),
            Event::SubjectFinished(fixture::waived()),
            Event::SubjectFinished(fixture::passed()),
            fixture::finished_with_stale_waiver(false),
        ]),
        Look {
            width: 200,
            ..Look::default()
        },
    );
    let expected = "\
waived: 1 kind (no case fails for them)
  magento: status-unexpected at status, GET /V1/customers/me: expected status 401, got 200, in 1 case (1 ended there; later steps were not run)
    until 2026-12-31: guests are let in until the new gateway is there [SHOP-12]

stale: 1 waiver matched nothing
  waivers.yaml:3:5 status-unexpected GET /V1/customers/me at status: remove it, or limit it by `target`, `system` or `case`

magento: 2 passed, 0 failed, 0 errors, 0 skipped
nuweb: 0 passed, 0 failed, 0 errors, 0 skipped
waived: 1 finding in 1 case
seed 42 (repeat with --seed 42)
2 cases: 2 passed, 0 failed, 0 errors, 0 skipped (1.84 s)
";
    assert_eq!(text, expected);
}

#[test]
fn a_finding_with_an_outdated_waiver_names_it() {
    let text = case(&fixture::failed_by_expired_waiver(), Look::default());
    let line = "      waiver    waivers.yaml:3:5 expired on 2026-01-31: fix the server, or renew the waiver";
    assert!(text.lines().any(|printed| printed == line), "{text}");
    let mut waived = fixture::waived();
    waived.verdict = Verdict::Failed;
    let text = case(&waived, Look::default());
    assert!(
        text.contains("1 status-unexpected (waived) at status"),
        "{text}"
    );
}

#[test]
fn a_replay() {
    let text = render(&Report::from_events(&fixture::replay()), Look::default());
    fixture::assert_snapshot("terminal/snapshots/replay.txt", &text);
}

#[test]
fn the_step_that_failed_is_shown_and_not_a_warning_before_it() {
    let mut warned = fixture::passed_with_warnings().steps.remove(0);
    warned.label = "GET /V1/customers".into();
    let mut failed = fixture::failed_by_status();
    failed.steps.insert(0, warned.clone());
    let text = case(&failed, Look::default());
    assert!(
        text.contains("--> cases/magento/customers/me.yaml:29:15"),
        "{text}"
    );
    assert!(text.contains("1 status-unexpected at status"), "{text}");
    assert!(
        text.contains("\n  before GET /V1/customers 200: body-undocumented-property at body"),
        "{text}"
    );
    assert_eq!(text.matches("-->").count(), 1, "one screen: {text}");
    // The same for an error.
    let mut timed_out = fixture::timed_out();
    timed_out.steps.insert(0, warned);
    let text = case(&timed_out, Look::default());
    assert!(
        text.contains("--> cases/magento/customers/me.yaml:52:15"),
        "{text}"
    );
}

#[test]
fn names_of_a_later_version_are_shown_unchanged() {
    let report = Report::from_events(&fixture::of_a_later_version());
    let text = render(&report, Look::default());
    for part in [
        "1 status-surprising at trailer x: expected status 401, got 200",
        "a step of an unknown kind of the case at",
        "quota-exceeded",
        "checked against the ideal contract",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}
