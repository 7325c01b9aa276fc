//! The events that all renderers are tested with: a passing case, failures with one and with several findings, an error, skips, a lost
//! target, warnings, and hostile text.

use std::path::Path;
use std::sync::Arc;

use crate::contract::Reading;
use crate::event::{
    BodyRecord, ConnectionRecord, ContractNamed, ContractRecord, DiffRecord, Event, FORMAT,
    FindingRecord, Level, LocationRecord, OperationRecord, OutdatedRecord, PlaceRecord, PointKind,
    PointRecord, PositionRecord, RequestRecord, ResponseRecord, RunFinished, RunStarted,
    ShardRecord, StepRecord, StepRole, Subject, SubjectFinished, SubjectKind, SystemStarted,
    TargetLost, Verdict, WaiverRecord, WaiverUse,
};
use crate::finding::{ErrorKind, Named, RunError, Severity};
use crate::report::{Ratio, Shortfall, json_lines};
use crate::text::MaskedText;

const CASES: &str = "cases/magento/customers/me.yaml";
const CONTRACT: &str = "schemas/magento/customers.yaml";

/// Compares a report with the file of this name below `src/report`. `SNAPSHOTS=overwrite` overwrites the file; review its changes.
pub(crate) fn assert_snapshot(file: &str, report: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/report")
        .join(file);
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(
        snapbox::Data::text(report).raw(),
        snapbox::Data::read_from(&path, None).raw(),
    );
}

/// A whole run: 52 cases of two systems.
pub(crate) fn run() -> Vec<Event> {
    let mut events = vec![started()];
    let mut cases = vec![passed(), passed_with_warnings(), failed()];
    for row in [
        "no token",
        "an expired token",
        "a token of another customer",
    ] {
        let mut case = failed_by_status();
        case.subject.name = format!("{} [{row}]", case.subject.name).into();
        cases.push(case);
    }
    cases.extend([hostile(), timed_out(), skipped()]);
    let mut other = skipped();
    other.subject.name = "an administrator deletes a customer".into();
    cases.push(other);
    let mut disruptive = skipped();
    disruptive.reason = Some("tagged disruptive; runs only with --disruptive".into());
    disruptive.subject.name = "too many wrong passwords lock the account".into();
    cases.push(disruptive);
    for case in cases {
        events.push(Event::SubjectStarted {
            subject: case.subject.clone(),
        });
        events.push(Event::SubjectFinished(case));
    }
    events.push(Event::TargetLost(lost()));
    events.push(finished());
    events
}

pub(crate) fn started() -> Event {
    let contract = |path: &str, title: &str, version: &str| ContractNamed {
        path: path.to_owned(),
        title: title.to_owned(),
        version: version.to_owned(),
        overlays: Vec::new(),
    };
    Event::RunStarted(RunStarted {
        format: FORMAT,
        version: "0.1.0".to_owned(),
        started: "2026-11-20T08:30:00Z".to_owned(),
        seed: 42,
        subjects: SubjectKind::Case,
        systems: vec![
            SystemStarted {
                system: "magento".to_owned(),
                target: "staging".to_owned(),
                url: "https://shop.example/rest/default".to_owned(),
                target_version: None,
                contract: Reading::Corrected.into(),
                connection: ConnectionRecord::default(),
                planned: 11,
                contracts: vec![
                    contract(CONTRACT, "Magento customers", "2.4.7"),
                    contract("schemas/magento/tokens.yaml", "Magento tokens", "2.4.7"),
                ],
            },
            SystemStarted {
                system: "nuweb".to_owned(),
                target: "embedded".to_owned(),
                url: "http://127.0.0.1:9".to_owned(),
                target_version: None,
                contract: Reading::Corrected.into(),
                connection: ConnectionRecord::default(),
                planned: 41,
                contracts: vec![contract("schemas/nuweb/customers.yaml", "NuWeb", "1")],
            },
        ],
        planned: 52,
        shard: None,
        notes: Vec::new(),
    })
}

pub(crate) fn finished() -> Event {
    Event::RunFinished(RunFinished {
        milliseconds: 1838.4,
        interrupted: false,
        stopped_after: None,
        stale_waivers: Vec::new(),
        strict_waivers: false,
        waivers: Vec::new(),
    })
}

/// The end of a run that stopped after a number of failures.
pub(crate) fn stopped() -> Event {
    Event::RunFinished(RunFinished {
        milliseconds: 12.0,
        interrupted: false,
        stopped_after: Some(3),
        stale_waivers: Vec::new(),
        strict_waivers: false,
        waivers: Vec::new(),
    })
}

pub(crate) fn lost() -> TargetLost {
    TargetLost {
        system: "nuweb".to_owned(),
        target: "embedded".to_owned(),
        url: "http://127.0.0.1:9".to_owned(),
        error: RunError {
            kind: ErrorKind::ConnectFailed.into(),
            message: "connection refused".into(),
            advice: Some("is the server up, and is this its address?".into()),
        },
        not_run: 41,
    }
}

pub(crate) fn passed() -> SubjectFinished {
    SubjectFinished {
        subject: id("a customer reads her own data"),
        verdict: Verdict::Passed,
        reason: None,
        place: Some(name_line(4, "a customer reads her own data").into()),
        origin: None,
        tags: ["smoke".to_owned()].into(),
        operations: vec!["GET /V1/customers/me".into()],
        milliseconds: 12.25,
        requests: 4,
        calls: Vec::new(),
        covered: Vec::new(),
        steps: Vec::new(),
    }
}

/// Passed, with a finding of severity warning and a cleanup that failed.
pub(crate) fn passed_with_warnings() -> SubjectFinished {
    let mut step = me_step(200, r#"{"id":7,"addresses":[{"vat_id":"x"}]}"#);
    step.findings = vec![FindingRecord {
        severity: Severity::Warning.into(),
        ..finding(
            "body-undocumented-property",
            "/addresses/0/vat_id",
            "the schema does not describe the property `vat_id`",
        )
    }];
    let mut cleanup = me_step(500, "");
    cleanup.label = "DELETE /V1/customers/{customerId}".into();
    cleanup.operation = Some("DELETE /V1/customers/{customerId}".into());
    cleanup.role = StepRole::Cleanup;
    cleanup.error = Some(RunError {
        kind: ErrorKind::CleanupFailed.into(),
        message: "the customer made for the case may still be there: 500 Internal Server Error"
            .into(),
        advice: None,
    });
    SubjectFinished {
        subject: id("addresses are listed"),
        place: Some(name_line(9, "addresses are listed").into()),
        steps: vec![step, cleanup],
        ..passed()
    }
}

/// Several findings in one response, a diff, and steps before it.
pub(crate) fn failed() -> SubjectFinished {
    let mut fixture = me_step(200, r#"{"id":7}"#);
    fixture.label = "POST /V1/customers".into();
    fixture.operation = Some("POST /V1/customers".into());
    fixture.role = StepRole::Fixture("customer".to_owned());
    fixture.caller = "guest".to_owned();
    let mut step = me_step(
        200,
        r#"{"id":"7","group_id":1,"created_at":"2026-11-20 08:30:00","email":"ada@example.com","firstname":"Ada","lastname":"Lovelace","addresses":[{"id":1,"country_id":"GBR","street":["1 Main Street"],"city":"London"}],"disable_auto_group_change":0}"#,
    );
    let contract = |pointer: &str, line: usize, text: &str, mark: &str| {
        Some(ContractRecord {
            pointer: format!("/components/schemas/Customer/properties/{pointer}"),
            place: place(CONTRACT, line, text, mark),
            correction: None,
        })
    };
    step.findings = vec![
        FindingRecord {
            contract: contract("id/type", 210, "          type: integer", "integer"),
            expected: Some("integer".into()),
            actual: Some("\"7\"".into()),
            ..finding("body-schema", "/id", "\"7\" is not of type \"integer\"")
        },
        FindingRecord {
            contract: contract(
                "addresses/items/properties/country_id/maxLength",
                288,
                "              maxLength: 2",
                "2",
            ),
            expected: Some("at most 2 characters".into()),
            actual: Some("\"GBR\"".into()),
            ..finding(
                "body-schema",
                "/addresses/0/country_id",
                "\"GBR\" is longer than 2 characters",
            )
        },
        FindingRecord {
            case: Some(place(
                CASES,
                18,
                "          body: { firstname: Ada, lastname: Hopper }",
                "Hopper",
            )),
            expected: Some("\"Hopper\"".into()),
            actual: Some("\"Lovelace\"".into()),
            diff: Some(DiffRecord {
                expected: "{\n  \"firstname\": \"Ada\",\n  \"lastname\": \"Hopper\"\n}".into(),
                actual: "{\n  \"firstname\": \"Ada\",\n  \"lastname\": \"Lovelace\"\n}".into(),
            }),
            ..finding(
                "expect-body",
                "/lastname",
                "the body is not what the case expects",
            )
        },
        FindingRecord {
            at: LocationRecord::Header("content-language".into()),
            ..finding(
                "header-missing",
                "",
                "the contract requires the header `content-language`",
            )
        },
    ];
    SubjectFinished {
        subject: id("a customer changes her own last name"),
        verdict: Verdict::Failed,
        place: Some(name_line(12, "a customer changes her own last name").into()),
        steps: vec![fixture, step],
        ..passed()
    }
}

/// A finding that many cases share.
pub(crate) fn failed_by_status() -> SubjectFinished {
    let mut step = me_step(200, r#"{"id":7}"#);
    step.caller = "guest".to_owned();
    set_line(&mut step, 29);
    step.findings = vec![FindingRecord {
        at: LocationRecord::Status,
        case: Some(place(CASES, 31, "          status: 401", "401")),
        expected: Some("401".into()),
        actual: Some("200 OK".into()),
        ..finding("status-unexpected", "", "expected status 401, got 200")
    }];
    SubjectFinished {
        subject: id("only the customer may read her own data"),
        verdict: Verdict::Failed,
        place: Some(name_line(26, "only the customer may read her own data").into()),
        steps: vec![step],
        ..passed()
    }
}

/// Hostile text: escapes, control characters, reordering, markup, a megabyte on one line.
pub(crate) fn hostile() -> SubjectFinished {
    let megabyte = "x".repeat(1_000_000);
    let body = format!(
        "{{\"name\":\"\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}gnp\",\"long\":\"{megabyte}\",\"tail\":1"
    );
    let mut step = me_step(200, &body);
    if let Some(response) = &mut step.response {
        response.headers = vec![(
            "content-type".to_owned(),
            "text/html\u{1b}[31m<script>alert(1)</script>".into(),
        )];
    }
    step.findings = vec![
        FindingRecord {
            at: LocationRecord::Body("".into()),
            expected: Some("application/json".into()),
            actual: Some("text/html\u{1b}[31m]]><script>alert(1)</script>".into()),
            ..finding(
                "content-type-undocumented",
                "",
                "the contract does not document text/html\u{1b}[31m for status 200\r\nFAKE: 1 passed",
            )
        },
        FindingRecord {
            actual: Some(masked(&megabyte)),
            ..finding(
                "body-schema",
                "/long",
                "a value of 1000000 characters is too long",
            )
        },
        FindingRecord {
            diff: Some(DiffRecord {
                expected: "\u{1b}[32mgood\u{0}\n".into(),
                actual: masked(&format!("{megabyte}\n\u{9b}31mbad\n")),
            }),
            ..finding("expect-body", "/name", "not equal")
        },
    ];
    SubjectFinished {
        subject: id("\u{1b}[31mred\u{1b}[0m <name> & \u{202e}more"),
        verdict: Verdict::Failed,
        place: Some(name_line(40, "\u{1b}[31mred").into()),
        steps: vec![step],
        ..passed()
    }
}

/// Passed, because its finding was waived; ended before its last step.
pub(crate) fn waived() -> SubjectFinished {
    let mut case = failed_by_status();
    case.steps[0].findings[0].waived = Some(waiver());
    SubjectFinished {
        verdict: Verdict::Passed,
        reason: Some(
            "ended at a waived status-unexpected in step 1 of 2; later steps were not run".into(),
        ),
        ..case
    }
}

/// Failed, because the waiver of its finding has expired.
pub(crate) fn failed_by_expired_waiver() -> SubjectFinished {
    let mut case = failed_by_status();
    case.steps[0].findings[0].outdated = Some(OutdatedRecord {
        waiver: waiver(),
        why: "expired on 2026-01-31: fix the server, or renew the waiver".into(),
    });
    case
}

pub(crate) fn waiver() -> WaiverRecord {
    WaiverRecord {
        place: place(
            "waivers.yaml",
            3,
            "  - code: status-unexpected",
            "code: status-unexpected",
        ),
        code: "status-unexpected".to_owned(),
        operation: "GET /V1/customers/me".to_owned(),
        at: "status".to_owned(),
        reason: "guests are let in until the new gateway is there".to_owned(),
        ticket: Some("SHOP-12".to_owned()),
        owner: None,
        until: "2026-12-31".to_owned(),
    }
}

/// The end of a run in which the waiver matched nothing.
pub(crate) fn finished_with_stale_waiver(strict: bool) -> Event {
    Event::RunFinished(RunFinished {
        milliseconds: 1838.4,
        interrupted: false,
        stopped_after: None,
        stale_waivers: vec![waiver()],
        strict_waivers: strict,
        waivers: Vec::new(),
    })
}

/// Events with everything that occurs only in shards and merged reports.
pub(crate) fn start_and_end_of_a_shard() -> [Event; 2] {
    let (mut start, mut end) = (started(), finished_with_stale_waiver(true));
    if let Event::RunStarted(start) = &mut start {
        start.notes = vec!["shard 3/5 is missing".to_owned()];
        start.shard = Some(ShardRecord {
            index: 2,
            of: 5,
            planned: 260,
            plan: 77,
        });
    }
    if let Event::RunFinished(end) = &mut end {
        end.waivers = vec![WaiverUse {
            waiver: waiver(),
            requested: true,
            met: false,
            doubtful: false,
        }];
    }
    [start, end]
}

pub(crate) fn timed_out() -> SubjectFinished {
    let mut step = me_step(200, "");
    step.response = None;
    set_line(&mut step, 52);
    step.error = Some(RunError {
        kind: ErrorKind::Timeout.into(),
        message: "no complete response within 30 s".into(),
        advice: Some(
            "raise limits.total in counterpart.toml, or find out why the server is slow".into(),
        ),
    });
    SubjectFinished {
        subject: id("a customer with 500 addresses is listed"),
        verdict: Verdict::Error,
        reason: Some("timeout: no complete response within 30 s".into()),
        place: Some(name_line(50, "a customer with 500 addresses is listed").into()),
        milliseconds: 30_000.0,
        steps: vec![step],
        ..passed()
    }
}

pub(crate) fn skipped() -> SubjectFinished {
    SubjectFinished {
        subject: id("an administrator reads any customer"),
        verdict: Verdict::Skipped,
        reason: Some("the target has no auth profile `admin`".into()),
        place: Some(name_line(60, "an administrator reads any customer").into()),
        milliseconds: 0.0,
        requests: 0,
        calls: Vec::new(),
        covered: Vec::new(),
        ..passed()
    }
}

/// A replay of two recorded entries, one of which differs.
pub(crate) fn replay() -> Vec<Event> {
    let mut events = vec![started_replay()];
    for entry in [different_entry(), equal_entry()] {
        events.push(Event::SubjectStarted {
            subject: entry.subject.clone(),
        });
        events.push(Event::SubjectFinished(entry));
    }
    events.push(finished());
    events
}

fn started_replay() -> Event {
    let Event::RunStarted(mut start) = started() else {
        panic!("the start of a run");
    };
    start.subjects = SubjectKind::Entry;
    start.systems.truncate(1);
    start.systems[0].planned = 2;
    start.planned = 2;
    Event::RunStarted(start)
}

/// An entry of a recording whose live response equals the recorded one. It is not written in a file, so it has no place.
pub(crate) fn equal_entry() -> SubjectFinished {
    SubjectFinished {
        subject: entry("4 an administrator logs in"),
        place: None,
        tags: [].into(),
        operations: vec!["POST /V1/integration/admin/token".into()],
        requests: 1,
        ..passed()
    }
}

/// An entry whose live response differs from the recorded one. There is no contract.
pub(crate) fn different_entry() -> SubjectFinished {
    let mut step = me_step(200, r#"{"id":7,"firstname":"Eve","lastname":"Lovelace"}"#);
    step.label = "GET /V1/customers/7".into();
    step.operation = Some("GET /V1/customers/{customerId}".into());
    step.caller = String::new();
    step.place = None;
    step.findings = vec![FindingRecord {
        expected: Some("\"Ada\"".into()),
        actual: Some("\"Eve\"".into()),
        diff: Some(DiffRecord {
            expected: r#"{"id":7,"firstname":"Ada","lastname":"Lovelace"}"#.into(),
            actual: r#"{"lastname":"Lovelace","firstname":"Eve","id":7}"#.into(),
        }),
        ..finding(
            "difference-value",
            "/firstname",
            "the value differs from the recorded value",
        )
    }];
    SubjectFinished {
        subject: entry("5 the admin reads her"),
        verdict: Verdict::Failed,
        operations: vec!["GET /V1/customers/{customerId}".into()],
        steps: vec![step],
        ..equal_entry()
    }
}

fn entry(name: &str) -> Subject {
    Subject {
        kind: SubjectKind::Entry,
        ..Subject::case("magento", "recorded.har", name)
    }
}

/// Events with names and kinds that this version does not know.
pub(crate) fn of_a_later_version() -> Vec<Event> {
    let mut text = Vec::new();
    for event in [
        started(),
        Event::SubjectFinished(failed_by_status()),
        Event::SubjectFinished(timed_out()),
        Event::SubjectFinished(different_entry()),
        finished(),
    ] {
        json_lines::write(&event, &mut text).expect("a vector takes everything");
    }
    let text = String::from_utf8(text).expect("JSON is UTF-8");
    let text = [
        ("\"status-unexpected\"", "\"status-surprising\""),
        ("\"at\":\"status\"", "\"at\":\"trailer x\""),
        ("\"severity\":\"error\"", "\"severity\":\"fatal\""),
        ("\"kind\":\"timeout\"", "\"kind\":\"quota-exceeded\""),
        ("\"verdict\":\"error\"", "\"verdict\":\"undecided\""),
        ("\"kind\":\"step\"", "\"kind\":\"probe\""),
        ("\"kind\":\"entry\"", "\"kind\":\"message\""),
        ("\"contract\":\"real\"", "\"contract\":\"ideal\""),
    ]
    .iter()
    .fold(text, |text, (known, later)| {
        assert!(text.contains(known), "{known}");
        text.replace(known, later)
    });
    let text = text.replacen('\n', "\n{\"event\":\"moon_rose\",\"phase\":0.5}\n", 1);
    let lines = text.lines().enumerate();
    lines
        .map(|(index, line)| json_lines::read(index + 1, line).expect("is read"))
        .collect()
}

/// Half of the operations covered, although all are required.
pub(crate) fn shortfall() -> Shortfall {
    let now = Ratio {
        covered: 1,
        total: 2,
    };
    Shortfall::below("magento", Level::Operations, now, 10_000).unwrap()
}

/// A place whose mark is the first occurrence of `mark` in the line.
pub(crate) fn place(file: &str, line: usize, text: &str, mark: &str) -> PlaceRecord {
    let before = text.split(mark).next().unwrap_or_default();
    let column = before.chars().count() + 1;
    PlaceRecord {
        file: file.to_owned(),
        line,
        column,
        text: masked(text),
        text_column: column,
        width: mark.chars().count(),
    }
}

/// A point of `GET /V1/customers/me` that counts.
pub(crate) fn point(kind: PointKind) -> PointRecord {
    PointRecord {
        operation: Arc::new(OperationRecord {
            name: "GET /V1/customers/me".into(),
            path: Vec::new(),
        }),
        kind,
        place: PositionRecord {
            file: "schemas/magento/customers.yaml".into(),
            line: 3,
            column: 5,
        },
        pointer: "/paths/~1V1~1customers~1me/get".to_owned(),
        excluded: None,
    }
}

/// A finding of severity error in the body.
pub(crate) fn finding(code: &str, pointer: &str, message: &str) -> FindingRecord {
    FindingRecord {
        code: Named::of(code),
        severity: Severity::Error.into(),
        message: masked(message),
        at: LocationRecord::Body(masked(pointer)),
        contract: None,
        case: None,
        expected: None,
        actual: None,
        diff: None,
        found: None,
        keyword: None,
        missing: None,
        waived: None,
        outdated: None,
    }
}

/// `GET /V1/customers/me` by the customer, with a response of this status and JSON body.
pub(crate) fn me_step(status: u16, body: &str) -> StepRecord {
    let url = "https://shop.example/rest/default/V1/customers/me";
    StepRecord {
        label: "GET /V1/customers/me".into(),
        role: StepRole::Step,
        operation: Some("GET /V1/customers/me".into()),
        caller: "customer".to_owned(),
        place: Some(place(
            CASES,
            15,
            "      - call: GET /V1/customers/me",
            "GET /V1/customers/me",
        )),
        request: Some(RequestRecord {
            method: "GET".to_owned(),
            url: url.into(),
            headers: vec![("authorization".to_owned(), "Bearer ***".into())],
            body: None,
            curl: masked(&format!("curl -H 'authorization: Bearer ***' '{url}'")),
        }),
        response: Some(ResponseRecord {
            status,
            headers: vec![(
                "content-type".to_owned(),
                "application/json; charset=utf-8".into(),
            )],
            body: (!body.is_empty()).then(|| BodyRecord {
                text: masked(body),
                bytes: body.len(),
                cut: false,
            }),
        }),
        milliseconds: 12.25,
        findings: Vec::new(),
        error: None,
        notes: Vec::new(),
    }
}

/// A place in a response, from its serialised form.
pub(crate) fn at(text: &str) -> LocationRecord {
    masked(text).into()
}

/// A text without secrets.
pub(crate) fn masked(text: &str) -> MaskedText {
    MaskedText::of_name(text)
}

fn set_line(step: &mut StepRecord, line: usize) {
    if let Some(place) = &mut step.place {
        place.line = line;
    }
}

fn id(name: &str) -> Subject {
    Subject::case("magento", "customers/me", name)
}

fn name_line(line: usize, name: &str) -> PlaceRecord {
    place(CASES, line, &format!("  - name: {name}"), name)
}
