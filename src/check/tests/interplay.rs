//! One cause gives exactly one finding.

use super::*;
use crate::exchange::Transfer;

const HTML: &str = "Content-Type: text/html";

#[test]
fn one_cause_is_reported_once() {
    let things = "/things/{id}";
    let body = json!({"status": [200], "body": {"a": 1}, "headers": {"X-Y": "z"}, "schema": {"required": ["q"]}, "absent": ["/message"]});
    let table: &[(ExchangeSettings, &[&str])] = &[
        // The error page of a crashed server is the same cause.
        (
            settings(things, 502, HTML, "<html>").expect(body.clone()),
            &["server-error"],
        ),
        (
            settings("/void", 500, JSON, "{}").expect(body.clone()),
            &["server-error"],
        ),
        // A fault that does not depend on the contract is still reported.
        (
            settings(things, 500, JSON, "{").expect(body.clone()),
            &["server-error", "body-truncated"],
        ),
        (
            settings(
                things,
                302,
                "Location: /\nContent-Type: text/html",
                "<html>",
            )
            .expect(body.clone()),
            &["redirect-unexpected"],
        ),
        (
            settings("/text", 302, "Location: /", "").expect(body.clone()),
            &["status-unexpected"],
        ),
        // Documented, but not expected: checked against the contract, not against the case.
        (
            settings(things, 404, JSON, REFUSED).expect(body.clone()),
            &["status-unexpected"],
        ),
        (
            settings(things, 404, JSON, "{}").expect(body.clone()),
            &["status-unexpected", "body-schema"],
        ),
        // The case and the contract are checked separately.
        (
            settings(things, 201, JSON, "{}").expect(body),
            &["status-unexpected", "status-undocumented"],
        ),
        (settings(things, 201, JSON, "{}"), &["status-undocumented"]),
        (
            settings("/open", 201, JSON, REFUSED),
            &["status-unexpected"],
        ),
        // An unreadable body is not compared.
        (
            settings(things, 200, JSON, "{'a'}")
                .expect(json!({"body": {"a": 1}, "schema": {"type": "string"}})),
            &["body-unparsable"],
        ),
        (
            settings(things, 200, JSON, "{")
                .expect(json!({"body": {"a": 1}, "text": {"$contains": "}"}})),
            &["body-truncated"],
        ),
        (
            settings(things, 200, JSON, "")
                .expect(json!({"body": {"a": 1}, "schema": {"type": "string"}})),
            &["body-missing"],
        ),
        (
            settings(things, 200, &format!("{HTML}\nX-Request-Id: 7"), "<html>")
                .expect(json!({"body": {"id": 7}})),
            &["content-type-undocumented"],
        ),
        // A JSON body with a wrong media type is compared: two causes.
        (
            settings(things, 200, &format!("{HTML}\nX-Request-Id: 7"), THING)
                .expect(json!({"body": {"id": 8}})),
            &["content-type-undocumented", "expect-body"],
        ),
        (
            settings(things, 200, &format!("{HTML}\nX-Request-Id: 7"), THING)
                .expect(json!({"body": {"id": 7}})),
            &["content-type-undocumented"],
        ),
        (
            settings(things, 200, "X-Request-Id: 7", "{}"),
            &["content-type-missing", "body-schema", "body-schema"],
        ),
        (
            settings(things, 200, "X-Request-Id: 7", "<html>").expect(json!({"body": {"id": 7}})),
            &["content-type-missing"],
        ),
        (
            settings("/closed", 200, JSON, r#"{"b":1}"#),
            &["body-schema"],
        ),
        (
            settings("/closed", 201, JSON, r#"{"a":1,"b":1}"#).expect(json!({"status": [201]})),
            &["body-schema"],
        ),
        // Missing protection is reported under its own code.
        (
            settings(things, 200, JSON, THING)
                .by(Caller::Unauthenticated)
                .expect(json!({"status": [401], "body": {"message": "x"}})),
            &["auth-ignored"],
        ),
        (
            settings(things, 200, JSON, "{}")
                .by(Caller::Refused)
                .expect(json!({"status": [401]})),
            &["body-schema", "body-schema", "auth-ignored"],
        ),
        // The time is checked whatever the status is.
        (
            settings(things, 404, JSON, REFUSED).expect(json!({"status": [200], "within": 1})),
            &["status-unexpected", "expect-time"],
        ),
    ];
    for (index, (settings, codes)) in table.iter().enumerate() {
        assert_eq!(
            settings.codes(),
            *codes,
            "row {index}: {:?}",
            settings.found()
        );
    }
}

#[test]
fn a_rule_replaces_only_rules_of_at_most_its_severity() {
    let failed = || settings("/things/{id}", 500, JSON, REFUSED).expect(json!({"status": [200]}));
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
        settings("/things/{id}", 200, JSON, THING)
            .by(Caller::Unauthenticated)
            .expect(json!({"status": [401]}))
    };
    assert_eq!(leaked().codes(), ["auth-ignored"]);
    assert_eq!(
        leaked().weighing(Code::AuthIgnored, Severity::Off).codes(),
        ["status-unexpected"]
    );
    let cut = || {
        settings("/nowhere", 200, JSON, "{")
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

/// `undocumented: true`, and calls that the contract does not document: general rules only.
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
            (
                settings(path, 200, "", "[]").by(Caller::Unauthenticated),
                &[],
            ),
            (settings(path, 200, HTML, "<html>"), &[]),
            (settings(path, 200, JSON, ""), &[]),
            (settings(path, 404, JSON, "[]"), &["status-unexpected"]),
            (settings(path, 500, JSON, "[]"), &["server-error"]),
            (
                settings(path, 302, "Location: /", ""),
                &["redirect-unexpected"],
            ),
            (settings(path, 200, JSON, "{"), &["body-truncated"]),
            (settings(path, 200, JSON, "{]"), &["body-unparsable"]),
            (
                settings(path, 200, JSON, r#"{"a":1,"a":1}"#),
                &["body-duplicate-key"],
            ),
        ];
        for (index, (settings, codes)) in table.iter().enumerate() {
            let settings = ExchangeSettings {
                path,
                caller: settings.caller,
                expect: Some(expect.clone()),
                severities: Severities::default(),
                exchange: settings.exchange.clone(),
            };
            assert_eq!(settings.codes(), *codes, "{path} row {index}");
        }
    }
}

/// Traffic without a case is checked only against the contract.
#[test]
fn without_a_case_any_documented_status_is_accepted() {
    let things = "/things/{id}";
    for (status, headers, body, codes) in [
        (200, JSON, THING, &[][..]),
        (404, JSON, REFUSED, &[]),
        (404, JSON, "{}", &["body-schema"]),
        (302, JSON, REFUSED, &["status-undocumented"]),
        (302, "Location: /x", "", &["redirect-unexpected"]),
        (503, JSON, REFUSED, &["server-error"]),
    ] {
        let settings = settings(things, status, headers, body).without_case();
        assert_eq!(settings.codes(), codes, "{status} {body}");
        let operation = contract().operation(&Method::GET, things);
        let context =
            CheckContext::of_contract(operation.map(Arc::as_ref), Caller::Authenticated, 20);
        let same = check(&settings.exchange, &context, &Severities::default());
        assert_eq!(
            same.findings.iter().map(summary).collect::<Vec<_>>(),
            settings.found()
        );
    }
    let failed = settings(things, 503, JSON, REFUSED).without_case().found();
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
        let checked = settings("/nowhere", 200, JSON, body.to_owned())
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
            "only the first has a diff"
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
fn findings_are_in_order_and_limited() {
    let items: Vec<Value> = (0..500).map(|_| json!({"id": "x", "name": 1})).collect();
    let body = json!({"id": 1, "name": "n", "parts": items}).to_string();
    let findings = settings("/things/{id}", 200, JSON, body).checked().findings;
    assert_eq!(findings.len(), super::super::MAX_FINDINGS_PER_CODE + 1);
    assert_eq!(findings[0].at, Location::Body("/parts/0/id".to_owned()));
    assert_eq!(findings[20].at, Location::Body("/parts/10/id".to_owned()));
    assert_eq!(
        findings.last().unwrap().message,
        "900 more findings of `body-schema` are not listed"
    );
}

#[test]
fn a_message_is_compared_with_its_parameters_filled_in() {
    let body = r#"{"message":"No such entity with %fieldName = %fieldValue","parameters":{"fieldName":"customerId","fieldValue":5}}"#;
    let found = |path: &'static str, body: &str, message: Value| {
        let settings = settings(path, 404, JSON, body.to_owned());
        let expected = json!({"status": [404], "message": message});
        let settings = settings.weighing(Code::BodyUndocumentedProperty, Severity::Off);
        settings.expect(expected).found()
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
                r#"expect-body body /message: the message with its parameters filled in is "No such entity with customerId = 5", expected "No such entity with customerId = 6""#
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
    let empty =
        settings("/nowhere", 404, JSON, "").expect(json!({"status": [404], "message": "x"}));
    assert_eq!(
        empty.found(),
        [r#"expect-body body: the body is empty, expected "x""#]
    );
}

#[test]
fn the_kind_of_value_that_came_is_known() {
    let body = r#"{"id":null,"parts":[{"id":1.5}]}"#;
    let settings = settings("/things/{id}", 200, JSON, body);
    let mut classes: Vec<(String, String)> = settings
        .checked()
        .findings
        .iter()
        .map(|finding| {
            (
                finding.subject().to_string(),
                finding.found.unwrap().to_string(),
            )
        })
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
    let settings = settings("/things/{id}", 200, JSON, body).expect(json!({"body": {"id": 1}}));
    for finding in settings.checked().findings {
        for text in [Some(finding.message), finding.expected, finding.actual]
            .into_iter()
            .flatten()
        {
            assert!(text.chars().count() <= 500, "{}", text.len());
        }
    }
}
