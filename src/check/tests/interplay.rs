//! One cause gives one finding, and never none.

use super::*;
use crate::exchange::Transfer;

const HTML: &str = "Content-Type: text/html";

#[test]
fn one_cause_is_said_once() {
    let things = "/things/{id}";
    let body = json!({"status": [200], "body": {"a": 1}, "headers": {"X-Y": "z"}, "schema": {"required": ["q"]}, "absent": ["/message"]});
    let table: &[(ExchangeSettings, &[&str])] = &[
        // The page of a crashed server is the same trouble once more.
        (
            asking(things, 502, HTML, "<html>").expect(body.clone()),
            &["server-error"],
        ),
        (
            asking("/void", 500, JSON, "{}").expect(body.clone()),
            &["server-error"],
        ),
        // Yet what is broken whatever the contract says is still told.
        (
            asking(things, 500, JSON, "{").expect(body.clone()),
            &["server-error", "body-truncated"],
        ),
        (
            asking(
                things,
                302,
                "Location: /\nContent-Type: text/html",
                "<html>",
            )
            .expect(body.clone()),
            &["redirect-unexpected"],
        ),
        (
            asking("/text", 302, "Location: /", "").expect(body.clone()),
            &["status-unexpected"],
        ),
        // Documented, but not expected: held to its own promise, not to the case's.
        (
            asking(things, 404, JSON, REFUSED).expect(body.clone()),
            &["status-unexpected"],
        ),
        (
            asking(things, 404, JSON, "{}").expect(body.clone()),
            &["status-unexpected", "body-schema"],
        ),
        // The case and the contract are two promises.
        (
            asking(things, 201, JSON, "{}").expect(body),
            &["status-unexpected", "status-undocumented"],
        ),
        (asking(things, 201, JSON, "{}"), &["status-undocumented"]),
        (asking("/open", 201, JSON, REFUSED), &["status-unexpected"]),
        // An unreadable body is not compared.
        (
            asking(things, 200, JSON, "{'a'}")
                .expect(json!({"body": {"a": 1}, "schema": {"type": "string"}})),
            &["body-unparsable"],
        ),
        (
            asking(things, 200, JSON, "{")
                .expect(json!({"body": {"a": 1}, "text": {"$contains": "}"}})),
            &["body-truncated"],
        ),
        (
            asking(things, 200, JSON, "")
                .expect(json!({"body": {"a": 1}, "schema": {"type": "string"}})),
            &["body-missing"],
        ),
        (
            asking(things, 200, &format!("{HTML}\nX-Request-Id: 7"), "<html>")
                .expect(json!({"body": {"id": 7}})),
            &["content-type-undocumented"],
        ),
        // But a JSON body under a wrong name can be: one promise each.
        (
            asking(things, 200, &format!("{HTML}\nX-Request-Id: 7"), THING)
                .expect(json!({"body": {"id": 8}})),
            &["content-type-undocumented", "expect-body"],
        ),
        (
            asking(things, 200, &format!("{HTML}\nX-Request-Id: 7"), THING)
                .expect(json!({"body": {"id": 7}})),
            &["content-type-undocumented"],
        ),
        (
            asking(things, 200, "X-Request-Id: 7", "{}"),
            &["content-type-missing", "body-schema", "body-schema"],
        ),
        (
            asking(things, 200, "X-Request-Id: 7", "<html>").expect(json!({"body": {"id": 7}})),
            &["content-type-missing"],
        ),
        (asking("/closed", 200, JSON, r#"{"b":1}"#), &["body-schema"]),
        (
            asking("/closed", 201, JSON, r#"{"a":1,"b":1}"#).expect(json!({"status": [201]})),
            &["body-schema"],
        ),
        // A leak is told by its own name.
        (
            asking(things, 200, JSON, THING)
                .by(Caller::Unauthenticated)
                .expect(json!({"status": [401], "body": {"message": "x"}})),
            &["auth-ignored"],
        ),
        (
            asking(things, 200, JSON, "{}")
                .by(Caller::Refused)
                .expect(json!({"status": [401]})),
            &["body-schema", "body-schema", "auth-ignored"],
        ),
        // The time is the exchange's.
        (
            asking(things, 404, JSON, REFUSED).expect(json!({"status": [200], "within": 1})),
            &["status-unexpected", "expect-time"],
        ),
    ];
    for (index, (asking, codes)) in table.iter().enumerate() {
        assert_eq!(asking.codes(), *codes, "row {index}: {:?}", asking.found());
    }
}

#[test]
fn what_says_it_must_weigh_as_much() {
    let failed = || asking("/things/{id}", 500, JSON, REFUSED).expect(json!({"status": [200]}));
    assert_eq!(failed().codes(), ["server-error"]);
    assert_eq!(
        failed()
            .weighing(Code::ServerError, Severity::Warning)
            .codes(),
        ["status-unexpected", "status-undocumented", "server-error"]
    );
    assert_eq!(
        failed().weighing(Code::ServerError, Severity::Off).codes(),
        ["status-unexpected", "status-undocumented"]
    );
    let leaked = || {
        asking("/things/{id}", 200, JSON, THING)
            .by(Caller::Unauthenticated)
            .expect(json!({"status": [401]}))
    };
    assert_eq!(leaked().codes(), ["auth-ignored"]);
    assert_eq!(
        leaked().weighing(Code::AuthIgnored, Severity::Off).codes(),
        ["status-unexpected"]
    );
    let cut = || {
        asking("/nowhere", 200, JSON, "{")
            .expect(json!({"body": {"a": 1}}))
            .with(|exchange| {
                exchange.response.transfer = Transfer::CutShort("reset".to_owned());
            })
    };
    assert_eq!(cut().codes(), ["body-truncated"]);
    assert_eq!(
        cut().weighing(Code::BodyTruncated, Severity::Off).codes(),
        ["expect-body"]
    );
}

/// `undocumented: true`, and calls of what the contract does not know: general rules only.
#[test]
fn beyond_the_contract_general_rules_remain() {
    for (path, expect) in [
        (
            "/things/{id}",
            json!({"status": [200], "undocumented": true}),
        ),
        ("/nowhere", json!({"status": [200]})),
    ] {
        let table: &[(ExchangeSettings, &[&str])] = &[
            (asking(path, 200, "", "[]").by(Caller::Unauthenticated), &[]),
            (asking(path, 200, HTML, "<html>"), &[]),
            (asking(path, 200, JSON, ""), &[]),
            (asking(path, 404, JSON, "[]"), &["status-unexpected"]),
            (asking(path, 500, JSON, "[]"), &["server-error"]),
            (
                asking(path, 302, "Location: /", ""),
                &["redirect-unexpected"],
            ),
            (asking(path, 200, JSON, "{"), &["body-truncated"]),
            (asking(path, 200, JSON, "{]"), &["body-unparsable"]),
            (
                asking(path, 200, JSON, r#"{"a":1,"a":1}"#),
                &["body-duplicate-key"],
            ),
        ];
        for (index, (asking, codes)) in table.iter().enumerate() {
            let asking = ExchangeSettings {
                path,
                caller: asking.caller,
                expect: Some(expect.clone()),
                severities: Severities::default(),
                exchange: asking.exchange.clone(),
            };
            assert_eq!(asking.codes(), *codes, "{path} row {index}");
        }
    }
}

/// Traffic that no case asked for is held to the contract alone.
#[test]
fn without_a_case_any_documented_status_will_do() {
    let things = "/things/{id}";
    for (status, headers, body, codes) in [
        (200, JSON, THING, &[][..]),
        (404, JSON, REFUSED, &[]),
        (404, JSON, "{}", &["body-schema"]),
        (302, JSON, REFUSED, &["status-undocumented"]),
        (302, "Location: /x", "", &["redirect-unexpected"]),
        (503, JSON, REFUSED, &["server-error"]),
    ] {
        let asking = asking(things, status, headers, body).nobody_asked();
        assert_eq!(asking.codes(), codes, "{status} {body}");
        let operation = contract().operation(&Method::GET, things);
        let asked =
            CheckContext::of_contract(operation.map(Arc::as_ref), Caller::Authenticated, 20);
        let same = check(&asking.exchange, &asked, &Severities::default());
        assert_eq!(
            same.findings.iter().map(told).collect::<Vec<_>>(),
            asking.found()
        );
    }
    let failed = asking(things, 503, JSON, REFUSED).nobody_asked().found();
    assert_eq!(
        failed,
        [
            r#"server-error status: the server failed with status 503 Service Unavailable: "no such thing""#
        ]
    );
}

#[test]
fn a_diff_shows_only_what_is_wrong() {
    let diff = |expect: Value, body: &str| {
        let checked = asking("/nowhere", 200, JSON, body.to_owned())
            .expect(expect)
            .checked();
        let diffs: Vec<_> = checked
            .findings
            .into_iter()
            .map(|finding| finding.diff)
            .collect();
        let (first, others) = diffs.split_first().unwrap();
        assert!(
            others.iter().all(Option::is_none),
            "only the first carries it"
        );
        first.clone().map(|diff| (diff.expected, diff.actual))
    };
    let body = r#"{"id":7,"name":"Ada","extra":{"deep":[1]}}"#;
    assert_eq!(
        diff(json!({"body": {"name": "Grace"}}), body),
        None,
        "two short values need none"
    );
    assert_eq!(
        diff(json!({"body": {"name": "Grace", "id": 8}}), body),
        Some((
            "{\n  \"id\": 8,\n  \"name\": \"Grace\",\n  \"extra\": {\n    \"deep\": [\n      1\n    ]\n  }\n}".to_owned(),
            "{\n  \"id\": 7,\n  \"name\": \"Ada\",\n  \"extra\": {\n    \"deep\": [\n      1\n    ]\n  }\n}".to_owned(),
        ))
    );
    assert_eq!(
        diff(
            json!({"body": {"extra": {"deep": []}}}),
            r#"{"extra":{"deep":[1]}}"#
        ),
        Some((
            "{\n  \"extra\": {\n    \"deep\": []\n  }\n}".to_owned(),
            "{\n  \"extra\": {\n    \"deep\": [\n      1\n    ]\n  }\n}".to_owned(),
        ))
    );
    assert_eq!(
        diff(
            json!({"body": {"name": "one\ntwo"}}),
            r#"{"name":"one\n2"}"#
        ),
        Some(("one\ntwo".to_owned(), "one\n2".to_owned()))
    );
}

#[test]
fn findings_are_in_order_and_have_an_end() {
    let items: Vec<Value> = (0..500).map(|_| json!({"id": "x", "name": 1})).collect();
    let body = json!({"id": 1, "name": "n", "parts": items}).to_string();
    let findings = asking("/things/{id}", 200, JSON, body).checked().findings;
    assert_eq!(findings.len(), super::super::MAX_FINDINGS_PER_CODE + 1);
    assert_eq!(findings[0].at, Location::Body("/parts/0/id".to_owned()));
    assert_eq!(findings[20].at, Location::Body("/parts/10/id".to_owned()));
    assert_eq!(
        findings.last().unwrap().message,
        "900 more findings of `body-schema` are not listed"
    );
}

#[test]
fn a_message_is_expected_as_a_person_reads_it() {
    let body = r#"{"message":"No such entity with %fieldName = %fieldValue","parameters":{"fieldName":"customerId","fieldValue":5}}"#;
    let found = |path: &'static str, body: &str, message: Value| {
        let asking = asking(path, 404, JSON, body.to_owned());
        let expected = json!({"status": [404], "message": message});
        let asking = asking.weighing(Code::BodyUndocumentedProperty, Severity::Off);
        asking.expect(expected).found()
    };
    for path in ["/refused", "/things/{id}", "/nowhere"] {
        for right in [
            json!("No such entity with customerId = 5"),
            json!({"$contains": "customerId"}),
            json!({"$matches": "^No such .* = [0-9]$"}),
        ] {
            assert_eq!(found(path, body, right), [""; 0], "{path}");
        }
        assert_eq!(
            found(path, body, json!("No such entity with customerId = 6")),
            [
                r#"expect-body body /message: the message, filled in, is "No such entity with customerId = 5", expected "No such entity with customerId = 6""#
            ],
            "{path}"
        );
    }
    assert_eq!(
        found("/nowhere", r#"{"error":"x"}"#, json!("x")),
        [r#"expect-body body: the body has no message, expected "x""#]
    );
    assert_eq!(
        found("/nowhere", "[1]", json!({"$contains": "x"})),
        [r#"expect-body body: the body has no message, expected something that contains "x""#]
    );
    let empty = asking("/nowhere", 404, JSON, "").expect(json!({"status": [404], "message": "x"}));
    assert_eq!(
        empty.found(),
        [r#"expect-body body: the body is empty, expected "x""#]
    );
}

#[test]
fn the_kind_of_value_that_came_is_known() {
    let body = r#"{"id":null,"parts":[{"id":1.5}]}"#;
    let asking = asking("/things/{id}", 200, JSON, body);
    let mut classes: Vec<(String, String)> = asking
        .checked()
        .findings
        .iter()
        .map(|one| (one.subject().to_string(), one.found.unwrap().to_string()))
        .collect();
    classes.sort();
    let expected = [
        ("body /id", "null"),
        ("body /name", "missing"),
        ("body /parts/0/id", "number"),
        ("body /parts/0/name", "missing"),
    ];
    let expected = expected.map(|(at, class)| (at.to_owned(), class.to_owned()));
    assert_eq!(classes, expected);
}

#[test]
fn long_values_are_cut() {
    let long = "x".repeat(100_000);
    let body = json!({"id": long, "name": "n"}).to_string();
    let asking = asking("/things/{id}", 200, JSON, body).expect(json!({"body": {"id": 1}}));
    for finding in asking.checked().findings {
        for text in [Some(finding.message), finding.expected, finding.actual]
            .into_iter()
            .flatten()
        {
            assert!(text.chars().count() <= 500, "{}", text.len());
        }
    }
}
