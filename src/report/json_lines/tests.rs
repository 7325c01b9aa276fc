use super::*;
use crate::event::Verdict;
use crate::report::fixture;

fn written(events: &[Event]) -> String {
    let mut bytes = Vec::new();
    for event in events {
        write(event, &mut bytes).expect("a vector takes everything");
    }
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

#[test]
fn every_event_is_read_as_it_was_written() {
    let events = fixture::run();
    let text = written(&events);
    let back: Vec<Event> = text
        .lines()
        .enumerate()
        .map(|(index, line)| read(index + 1, line).expect("what was written can be read"))
        .collect();
    assert_eq!(back, events);
}

#[test]
fn hostile_text_stays_on_its_line() {
    let text = written(&[Event::SubjectFinished(fixture::hostile())]);
    assert_eq!(text.matches('\n').count(), 1);
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn a_recorded_run_gives_the_same_report() {
    let recording = read_report(written(&fixture::run()).as_bytes()).expect("a whole run");
    assert_eq!(recording.broken_off, None);
    assert_eq!(
        recording.report.counts(),
        Report::from_events(&fixture::run()).counts()
    );
}

#[test]
fn a_killed_run_keeps_what_it_finished_and_reports_the_incomplete_line() {
    let text = written(&[
        fixture::started(),
        Event::SubjectFinished(fixture::passed()),
        Event::SubjectFinished(fixture::failed()),
    ]);
    let killed = &text[..text.len() - 40];
    let recording = read_report(killed.as_bytes()).expect("a killed run can be read");
    assert_eq!(recording.broken_off, Some(3));
    assert_eq!(recording.report.counts().total(), 1);
    assert!(recording.report.end().is_none());
}

#[test]
fn a_last_line_that_only_lacks_its_line_feed_counts() {
    let text = written(&[
        fixture::started(),
        Event::SubjectFinished(fixture::passed()),
    ]);
    let recording = read_report(text.trim_end().as_bytes()).expect("whole but for the line feed");
    assert_eq!(
        (recording.broken_off, recording.report.counts().passed),
        (None, 1)
    );
}

#[test]
fn invalid_recordings_are_rejected_with_the_line() {
    let start = written(&[fixture::started()]);
    let passed = written(&[Event::SubjectFinished(fixture::passed())]);
    let table = [
        (String::new(), "no events: the file is empty"),
        (
            format!("{start}{{\"event\":\n{passed}"),
            "line 2 is not an event: EOF while parsing a value at line 1 column 9",
        ),
        (
            format!("{start}{{\"moon\":\"rose\"}}\n"),
            "line 2 is not an event: missing field `event`",
        ),
        (
            passed,
            "line 1: the events do not begin with `run_started`; pass the whole file of one run",
        ),
        (
            "{\"event\":\"run_started\",\"format\":3,\"shape\":\"new\"}\n".to_owned(),
            "line 1: the events have format 3, but this version reads format 2; use the version of counterpart that wrote them",
        ),
        (
            // As the previous version wrote it.
            "{\"event\":\"run_started\",\"format\":1,\"version\":\"0.1.0\",\"started\":\"2026-11-20T08:30:00Z\",\"seed\":42,\"systems\":[],\"cases\":52}\n".to_owned(),
            "line 1: the events have format 1, but this version reads format 2; use the version of counterpart that wrote them",
        ),
        (
            "{\"event\":\"run_started\"}\n".to_owned(),
            "line 1: the events have format unknown, but this version reads format 2; use the version of counterpart that wrote them",
        ),
        (
            "<html>".to_owned(),
            "line 1 is not an event: expected value at line 1 column 1",
        ),
    ];
    for (text, expected) in table {
        let error = read_report(text.as_bytes()).expect_err("not a recording");
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

/// The format declared a second time, by hand and strictly: the test fails if a field is added, removed or renamed in `event`. Add a new
/// field here. For a field that is removed or renamed, raise [`FORMAT`].
mod declared {
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    pub(super) struct RunStarted {
        event: String,
        format: u32,
        version: String,
        started: String,
        seed: u64,
        subjects: String,
        systems: Vec<System>,
        planned: usize,
        shard: Option<Shard>,
        #[serde(default)]
        notes: Vec<String>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    pub(super) struct SubjectNames {
        event: String,
        kind: Option<String>,
        system: String,
        file: String,
        names: Vec<String>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Shard {
        index: u32,
        of: u32,
        planned: usize,
        plan: u64,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    pub(super) struct Coverable {
        event: String,
        system: String,
        files: Vec<String>,
        operations: Vec<Operation>,
        texts: Vec<String>,
        samples: Vec<serde_json::Value>,
        paths: Vec<(usize, String)>,
        points: Vec<Vec<u32>>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Operation {
        name: String,
        path: Vec<String>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct System {
        system: String,
        target: String,
        url: String,
        target_version: Option<String>,
        contract: String,
        #[serde(default)]
        connection: Option<Connection>,
        planned: usize,
        contracts: Vec<Contract>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Connection {
        proxy: Option<String>,
        ca: Option<String>,
        insecure: bool,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Contract {
        path: String,
        title: String,
        version: String,
        overlays: Vec<String>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    pub(super) struct SubjectStarted {
        event: String,
        subject: Subject,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Subject {
        kind: Option<String>,
        system: String,
        file: String,
        name: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    pub(super) struct SubjectFinished {
        event: String,
        subject: Subject,
        verdict: Verdict,
        reason: Option<String>,
        place: Option<Place>,
        tags: Vec<String>,
        operations: Vec<String>,
        milliseconds: f64,
        requests: usize,
        calls: Vec<Call>,
        covered: Option<Vec<u32>>,
        steps: Vec<Step>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Call {
        operation: String,
        status: u16,
        milliseconds: f64,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Verdict {
        Passed,
        Failed,
        Error,
        Skipped,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Place {
        file: String,
        line: usize,
        column: usize,
        text: String,
        text_column: usize,
        width: usize,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Step {
        label: String,
        role: StepRole,
        operation: Option<String>,
        caller: String,
        place: Option<Place>,
        request: Option<Request>,
        response: Option<Response>,
        milliseconds: f64,
        findings: Vec<Finding>,
        error: Option<Error>,
        notes: Option<Vec<Note>>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
    #[expect(dead_code, reason = "only the shape is compared")]
    enum Note {
        NotTaken {
            condition: String,
        },
        NoRounds {
            list: String,
        },
        Waited {
            milliseconds: f64,
            reason: String,
        },
        Polled {
            attempts: Vec<Attempt>,
            milliseconds: f64,
        },
        Retried {
            attempts: Vec<Attempt>,
            milliseconds: f64,
        },
        Parallel {
            attempts: Vec<Attempt>,
        },
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Attempt {
        status: u16,
        milliseconds: f64,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct StepRole {
        kind: RoleKind,
        name: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum RoleKind {
        Step,
        Fixture,
        Login,
        Cleanup,
        Setup,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Request {
        method: String,
        url: String,
        headers: Vec<(String, String)>,
        body: Option<Body>,
        curl: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Response {
        status: u16,
        headers: Vec<(String, String)>,
        body: Option<Body>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Body {
        text: String,
        bytes: usize,
        cut: bool,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Finding {
        code: String,
        severity: String,
        message: String,
        at: String,
        contract: Option<ContractPlace>,
        case: Option<Place>,
        expected: Option<String>,
        actual: Option<String>,
        diff: Option<Diff>,
        found: Option<String>,
        keyword: Option<String>,
        missing: Option<String>,
        waived: Option<Waiver>,
        outdated: Option<Outdated>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Waiver {
        place: Place,
        code: String,
        operation: String,
        at: String,
        reason: String,
        ticket: Option<String>,
        owner: Option<String>,
        until: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Outdated {
        waiver: Waiver,
        why: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct ContractPlace {
        pointer: String,
        place: Place,
        correction: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Diff {
        expected: String,
        actual: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct Error {
        kind: String,
        message: String,
        advice: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    pub(super) struct TargetLost {
        event: String,
        system: String,
        target: String,
        url: String,
        error: Error,
        not_run: usize,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    pub(super) struct RunFinished {
        event: String,
        milliseconds: f64,
        interrupted: bool,
        stopped_after: Option<usize>,
        stale_waivers: Vec<Waiver>,
        strict_waivers: bool,
        #[serde(default)]
        waivers: Vec<WaiverUse>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape is compared")]
    struct WaiverUse {
        waiver: Waiver,
        asked: bool,
        met: bool,
        doubtful: bool,
    }
}

#[test]
fn missing_fields_are_read_as_none() {
    let finding = r#"{"code":"c","severity":"error","message":"m","at":"body","contract":null,"case":null,"expected":null,"actual":null,"diff":null}"#;
    let finding: crate::event::FindingRecord = serde_json::from_str(finding).expect("is read");
    assert_eq!((finding.waived, finding.found), (None, None));
    let end = r#"{"event":"run_finished","milliseconds":1.0,"interrupted":false}"#;
    let Ok(Event::RunFinished(end)) = read(1, end) else {
        panic!("is read");
    };
    assert!(end.stale_waivers.is_empty() && !end.strict_waivers);
}

#[test]
fn names_and_events_of_a_later_version_are_read_and_kept() {
    let events = fixture::of_a_later_version();
    assert_eq!(events[1], Event::Unknown);
    let finished: Vec<&crate::event::SubjectFinished> = events
        .iter()
        .filter_map(|event| match event {
            Event::SubjectFinished(finished) => Some(finished),
            _ => None,
        })
        .collect();
    let [failed, undecided, other_kind] = finished[..] else {
        panic!("{events:#?}");
    };
    let finding = &failed.steps[0].findings[0];
    assert_eq!(finding.code.to_string(), "status-surprising");
    assert_eq!(finding.at.to_string(), "trailer x");
    // A finding of an unknown severity counts.
    assert!(finding.fails());
    assert_eq!(failed.steps[0].role, crate::event::StepRole::Unknown);
    assert_eq!(undecided.verdict, Verdict::Unknown);
    assert_eq!(other_kind.subject.kind, crate::event::SubjectKind::Unknown);
    let report = Report::from_events(&events);
    // An unknown verdict does not count as passed.
    assert_eq!((report.counts().failed, report.counts().errors), (2, 1));
    let again = written(&events[1..]);
    assert!(!again.contains("unknown_event") && again.contains("\"status-surprising\""));
    assert_eq!(
        again.lines().count(),
        events.len() - 2,
        "the unknown event is left out"
    );
}

#[test]
fn the_format_is_the_declared_one() {
    let mut login = fixture::failed();
    login.steps[0].role = crate::event::StepRole::Login("admin".to_owned());
    let mut events = fixture::run();
    events.extend(fixture::replay());
    events.push(Event::SubjectFinished(login));
    events.push(Event::SubjectFinished(fixture::waived()));
    events.push(Event::SubjectFinished(fixture::failed_by_expired_waiver()));
    events.push(fixture::finished_with_stale_waiver(true));
    events.push(fixture::stopped());
    events.extend(fixture::start_and_end_of_a_shard());
    let named = crate::event::SubjectNames::of([&fixture::passed().subject]).remove(0);
    events.push(Event::Planned(named.clone()));
    events.push(Event::LeftOpen(named));
    events.push(Event::Coverable(crate::event::Coverable {
        system: "magento".to_owned(),
        points: vec![fixture::point(crate::event::PointKind::Operation)],
    }));
    let mut verdicts = Vec::new();
    for event in &events {
        let line = written(std::slice::from_ref(event));
        let fault = match event {
            Event::RunStarted(_) => serde_json::from_str::<declared::RunStarted>(&line).err(),
            Event::Planned(_) | Event::LeftOpen(_) => {
                serde_json::from_str::<declared::SubjectNames>(&line).err()
            }
            Event::Coverable(_) => serde_json::from_str::<declared::Coverable>(&line).err(),
            Event::SubjectStarted { .. } => {
                serde_json::from_str::<declared::SubjectStarted>(&line).err()
            }
            Event::SubjectFinished(case) => {
                verdicts.push(case.verdict);
                serde_json::from_str::<declared::SubjectFinished>(&line).err()
            }
            Event::TargetLost(_) => serde_json::from_str::<declared::TargetLost>(&line).err(),
            Event::RunFinished(_) => serde_json::from_str::<declared::RunFinished>(&line).err(),
            Event::Unknown => panic!("what was written is known"),
        };
        assert!(
            fault.is_none(),
            "{fault:?}\n{}",
            &line[..line.len().min(300)]
        );
    }
    verdicts.sort();
    verdicts.dedup();
    assert_eq!(
        verdicts,
        [
            Verdict::Passed,
            Verdict::Failed,
            Verdict::Error,
            Verdict::Skipped
        ]
    );
}
