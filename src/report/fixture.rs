//! The one set of events that all renderers are tested with: a passing case, failures with one and with several findings, an error,
//! skips, a lost target, warnings, and text that tries to harm whoever shows it.

use crate::event::{
    BodyRecord, CaseFinished, CaseId, ContractNamed, ContractRecord, DiffRecord, ErrorRecord,
    Event, FORMAT, FindingRecord, Level, OutdatedRecord, PlaceRecord, RequestRecord,
    ResponseRecord, Role, RunFinished, RunStarted, ShardRecord, StepRecord, SystemStarted,
    TargetLost, Verdict, WaiverRecord, WaiverUse,
};
use crate::report::{Ratio, Shortfall};

const CASES: &str = "cases/magento/customers/me.yaml";
const CONTRACT: &str = "schemas/magento/customers.yaml";

/// A whole run: 52 cases of two systems.
pub(crate) fn run() -> Vec<Event> {
    let mut events = vec![started()];
    let mut cases = vec![passed(), passed_with_warnings(), failed()];
    for row in ["no token", "an expired token", "a token of somebody else"] {
        let mut case = failed_by_status();
        case.case.name = format!("{} [{row}]", case.case.name).into();
        cases.push(case);
    }
    cases.extend([hostile(), timed_out(), skipped()]);
    let mut other = skipped();
    other.case.name = "an administrator deletes a customer".into();
    cases.push(other);
    let mut disruptive = skipped();
    disruptive.reason =
        Some("tagged disruptive; runs only when asked with --disruptive".to_owned());
    disruptive.case.name = "too many wrong passwords lock the account".into();
    cases.push(disruptive);
    for case in cases {
        events.push(Event::CaseStarted {
            case: case.case.clone(),
        });
        events.push(Event::CaseFinished(case));
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
        systems: vec![
            SystemStarted {
                system: "magento".to_owned(),
                target: "staging".to_owned(),
                url: "https://shop.example/rest/default".to_owned(),
                target_version: None,
                contract: "real".to_owned(),
                cases: 11,
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
                contract: "real".to_owned(),
                cases: 41,
                contracts: vec![contract("schemas/nuweb/customers.yaml", "NuWeb", "1")],
            },
        ],
        cases: 52,
        shard: None,
        notes: Vec::new(),
    })
}

pub(crate) fn finished() -> Event {
    Event::RunFinished(RunFinished {
        milliseconds: 1838.4,
        interrupted: false,
        stopped: None,
        stale_waivers: Vec::new(),
        strict_waivers: false,
        waivers: Vec::new(),
    })
}

/// The end of a run that began no further case.
pub(crate) fn stopped() -> Event {
    Event::RunFinished(RunFinished {
        milliseconds: 12.0,
        interrupted: false,
        stopped: Some("after 3 failures".to_owned()),
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
        error: ErrorRecord {
            kind: "connect-failed".to_owned(),
            message: "connection refused".to_owned(),
            advice: Some("is the server up, and is this its address?".to_owned()),
        },
        cases: 41,
    }
}

pub(crate) fn passed() -> CaseFinished {
    CaseFinished {
        case: id("a customer reads her own data"),
        verdict: Verdict::Passed,
        reason: None,
        place: name_line(4, "a customer reads her own data").into(),
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
pub(crate) fn passed_with_warnings() -> CaseFinished {
    let mut step = me_step(200, r#"{"id":7,"addresses":[{"vat_id":"x"}]}"#);
    step.findings = vec![FindingRecord {
        severity: "warning".to_owned(),
        ..finding(
            "body-undocumented-property",
            "/addresses/0/vat_id",
            "the schema does not describe the property `vat_id`",
        )
    }];
    let mut cleanup = me_step(500, "");
    cleanup.label = "DELETE /V1/customers/{customerId}".to_owned();
    cleanup.operation = Some(cleanup.label.clone());
    cleanup.role = Role::Cleanup;
    cleanup.error = Some(ErrorRecord {
        kind: "cleanup-failed".to_owned(),
        message: "the customer made for the case may still be there: 500 Internal Server Error"
            .to_owned(),
        advice: None,
    });
    CaseFinished {
        case: id("addresses are listed"),
        place: name_line(9, "addresses are listed").into(),
        steps: vec![step, cleanup],
        ..passed()
    }
}

/// Several findings in one response, a diff, and steps before it.
pub(crate) fn failed() -> CaseFinished {
    let mut fixture = me_step(200, r#"{"id":7}"#);
    fixture.label = "POST /V1/customers".to_owned();
    fixture.operation = Some(fixture.label.clone());
    fixture.role = Role::Fixture("customer".to_owned());
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
            expected: Some("integer".to_owned()),
            actual: Some("\"7\"".to_owned()),
            ..finding("body-schema", "/id", "\"7\" is not of type \"integer\"")
        },
        FindingRecord {
            contract: contract(
                "addresses/items/properties/country_id/maxLength",
                288,
                "              maxLength: 2",
                "2",
            ),
            expected: Some("at most 2 characters".to_owned()),
            actual: Some("\"GBR\"".to_owned()),
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
            expected: Some("\"Hopper\"".to_owned()),
            actual: Some("\"Lovelace\"".to_owned()),
            diff: Some(DiffRecord {
                expected: "{\n  \"firstname\": \"Ada\",\n  \"lastname\": \"Hopper\"\n}".to_owned(),
                actual: "{\n  \"firstname\": \"Ada\",\n  \"lastname\": \"Lovelace\"\n}".to_owned(),
            }),
            ..finding(
                "expect-body",
                "/lastname",
                "the body is not what the case expects",
            )
        },
        FindingRecord {
            at: "header content-language".to_owned(),
            pointer: None,
            ..finding(
                "header-missing",
                "",
                "the contract requires the header `content-language`",
            )
        },
    ];
    CaseFinished {
        case: id("a customer changes her own last name"),
        verdict: Verdict::Failed,
        place: name_line(12, "a customer changes her own last name").into(),
        steps: vec![fixture, step],
        ..passed()
    }
}

/// One finding that many cases share.
pub(crate) fn failed_by_status() -> CaseFinished {
    let mut step = me_step(200, r#"{"id":7}"#);
    step.caller = "guest".to_owned();
    step.place.line = 29;
    step.findings = vec![FindingRecord {
        at: "status".to_owned(),
        pointer: None,
        case: Some(place(CASES, 31, "          status: 401", "401")),
        expected: Some("401".to_owned()),
        actual: Some("200 OK".to_owned()),
        ..finding("status-unexpected", "", "expected status 401, got 200")
    }];
    CaseFinished {
        case: id("only the customer herself may read"),
        verdict: Verdict::Failed,
        place: name_line(26, "only the customer herself may read").into(),
        steps: vec![step],
        ..passed()
    }
}

/// Everything outside text can try: escapes, control characters, reordering, markup, a megabyte on one line.
pub(crate) fn hostile() -> CaseFinished {
    let megabyte = "x".repeat(1_000_000);
    let body = format!(
        "{{\"name\":\"\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}gnp\",\"long\":\"{megabyte}\",\"tail\":1"
    );
    let mut step = me_step(200, &body);
    if let Some(response) = &mut step.response {
        response.headers = vec![(
            "content-type".to_owned(),
            "text/html\u{1b}[31m<script>alert(1)</script>".to_owned(),
        )];
    }
    step.findings = vec![
        FindingRecord {
            at: "body".to_owned(),
            expected: Some("application/json".to_owned()),
            actual: Some("text/html\u{1b}[31m]]><script>alert(1)</script>".to_owned()),
            pointer: None,
            ..finding(
                "content-type-undocumented",
                "",
                "the contract does not document text/html\u{1b}[31m for status 200\r\nFAKE: 1 passed",
            )
        },
        FindingRecord {
            actual: Some(megabyte.clone()),
            ..finding(
                "body-schema",
                "/long",
                "a value of 1000000 characters is too long",
            )
        },
        FindingRecord {
            diff: Some(DiffRecord {
                expected: "\u{1b}[32mgood\u{0}\n".to_owned(),
                actual: format!("{megabyte}\n\u{9b}31mbad\n"),
            }),
            ..finding("expect-body", "/name", "not equal")
        },
    ];
    CaseFinished {
        case: id("\u{1b}[31mred\u{1b}[0m <name> & \u{202e}more"),
        verdict: Verdict::Failed,
        place: name_line(40, "\u{1b}[31mred").into(),
        steps: vec![step],
        ..passed()
    }
}

/// Passed, because what is wrong was waived; ended before its last step.
pub(crate) fn waived() -> CaseFinished {
    let mut case = failed_by_status();
    case.steps[0].findings[0].waived = Some(waiver());
    CaseFinished {
        verdict: Verdict::Passed,
        reason: Some(
            "ended at a waived status-unexpected in step 1 of 2; the later ones were not taken"
                .to_owned(),
        ),
        ..case
    }
}

/// Failed, for the waiver of its finding has expired.
pub(crate) fn failed_by_expired_waiver() -> CaseFinished {
    let mut case = failed_by_status();
    case.steps[0].findings[0].outdated = Some(OutdatedRecord {
        waiver: waiver(),
        why: "expired on 2026-01-31: mend the server, or decide anew".to_owned(),
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
        stopped: None,
        stale_waivers: vec![waiver()],
        strict_waivers: strict,
        waivers: Vec::new(),
    })
}

/// With everything that only shards and what is merged from them have.
pub(crate) fn start_and_end_of_a_shard() -> [Event; 2] {
    let (mut start, mut end) = (started(), finished_with_stale_waiver(true));
    if let Event::RunStarted(start) = &mut start {
        start.notes = vec!["shard 3/5 is missing".to_owned()];
        start.shard = Some(ShardRecord {
            index: 2,
            of: 5,
            cases: 260,
            plan: 77,
        });
    }
    if let Event::RunFinished(end) = &mut end {
        end.waivers = vec![WaiverUse {
            waiver: waiver(),
            asked: true,
            met: false,
            doubtful: false,
        }];
    }
    [start, end]
}

pub(crate) fn timed_out() -> CaseFinished {
    let mut step = me_step(200, "");
    step.response = None;
    step.place.line = 52;
    step.error = Some(ErrorRecord {
        kind: "timeout".to_owned(),
        message: "no complete answer within 30 s".to_owned(),
        advice: Some(
            "raise limits.total in counterpart.toml, or see why the server is slow".to_owned(),
        ),
    });
    CaseFinished {
        case: id("a customer with 500 addresses is listed"),
        verdict: Verdict::Error,
        reason: Some("timeout: no complete answer within 30 s".to_owned()),
        place: name_line(50, "a customer with 500 addresses is listed").into(),
        milliseconds: 30_000.0,
        steps: vec![step],
        ..passed()
    }
}

pub(crate) fn skipped() -> CaseFinished {
    CaseFinished {
        case: id("an administrator reads any customer"),
        verdict: Verdict::Skipped,
        reason: Some("the target has no auth profile `admin`".to_owned()),
        place: name_line(60, "an administrator reads any customer").into(),
        milliseconds: 0.0,
        requests: 0,
        calls: Vec::new(),
        covered: Vec::new(),
        ..passed()
    }
}

/// Half of the operations, where all were asked for.
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
    PlaceRecord {
        file: file.to_owned(),
        line,
        column: before.chars().count() + 1,
        text: text.to_owned(),
        width: mark.chars().count(),
    }
}

/// A finding of severity error in the body.
pub(crate) fn finding(code: &str, pointer: &str, message: &str) -> FindingRecord {
    FindingRecord {
        code: code.to_owned(),
        severity: "error".to_owned(),
        message: message.to_owned(),
        at: format!("body {pointer}"),
        pointer: Some(pointer.to_owned()),
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

/// `GET /V1/customers/me` by the customer, answered with this status and JSON body.
pub(crate) fn me_step(status: u16, body: &str) -> StepRecord {
    let url = "https://shop.example/rest/default/V1/customers/me";
    StepRecord {
        label: "GET /V1/customers/me".to_owned(),
        role: Role::Step,
        operation: Some("GET /V1/customers/me".to_owned()),
        caller: "customer".to_owned(),
        place: place(
            CASES,
            15,
            "      - call: GET /V1/customers/me",
            "GET /V1/customers/me",
        ),
        request: Some(RequestRecord {
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: vec![("authorization".to_owned(), "Bearer ***".to_owned())],
            body: None,
            curl: format!("curl -H 'authorization: Bearer ***' '{url}'"),
        }),
        response: Some(ResponseRecord {
            status,
            headers: vec![(
                "content-type".to_owned(),
                "application/json; charset=utf-8".to_owned(),
            )],
            body: (!body.is_empty()).then(|| BodyRecord {
                text: body.to_owned(),
                bytes: body.len(),
                cut: false,
            }),
        }),
        milliseconds: 12.25,
        findings: Vec::new(),
        error: None,
    }
}

fn id(name: &str) -> CaseId {
    CaseId {
        system: "magento".into(),
        file: "customers/me".into(),
        name: name.into(),
    }
}

fn name_line(line: usize, name: &str) -> PlaceRecord {
    place(CASES, line, &format!("  - name: {name}"), name)
}
