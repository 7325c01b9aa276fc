//! For every code an exchange that triggers it, with the exact findings, and similar exchanges that must not.

use std::time::Duration;

use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderValue, Method};

use super::*;
use crate::exchange::Transfer;
use crate::finding::ErrorKind;

struct Row {
    code: Code,
    violating: ExchangeSettings,
    findings: &'static [&'static str],
    conforming: Vec<ExchangeSettings>,
}

fn table() -> Vec<Row> {
    let things = "/things/{id}";
    let good = || settings(things, 200, JSON, THING);
    let thing = |body: &str| settings(things, 200, JSON, body.to_owned());
    let expecting = |expect: Value| good().expect(expect);
    let refused = |body: &str| {
        settings("/refused", 400, JSON, body.to_owned()).expect(json!({"status": [400]}))
    };
    let pet = |body: &str| settings("/pet", 200, JSON, body.to_owned());
    let events = |body: &str| {
        settings(
            "/nowhere",
            200,
            "Content-Type: text/event-stream",
            body.to_owned(),
        )
    };
    let headed = |line: &str| settings(things, 200, &format!("{JSON}\n{line}"), THING);
    vec![
        Row {
            code: Code::StatusUnexpected,
            violating: settings(things, 404, JSON, REFUSED).expect(json!({"status": [200, 201]})),
            findings: &[
                r#"status-unexpected status: expected status 200 or 201, got 404: "no such thing""#,
            ],
            conforming: vec![
                expecting(json!({"status": [200]})),
                settings(things, 404, JSON, REFUSED).expect(json!({"status": [200, 404]})),
                settings(things, 404, JSON, REFUSED).expect(json!({"status": ["4XX"]})),
                settings(things, 404, JSON, REFUSED).without_case(),
                settings("/void", 200, JSON, REFUSED),
                good(),
            ],
        },
        Row {
            code: Code::StatusUndocumented,
            violating: settings(things, 202, JSON, THING),
            findings: &[
                "status-undocumented status: status 202 is not documented for GET /things/{id}, which documents 200, 204, 4XX",
            ],
            conforming: vec![
                settings(things, 418, JSON, REFUSED).expect(json!({"status": [418]})),
                settings("/open", 418, JSON, REFUSED).expect(json!({"status": [418]})),
                settings(things, 202, JSON, "{}").expect(json!({"status": [202], "undocumented": true})),
                settings("/nowhere", 202, JSON, "{}"),
            ],
        },
        Row {
            code: Code::ServerError,
            violating: settings("/open", 500, JSON, REFUSED).expect(json!({"status": [400]})),
            findings: &[
                r#"server-error status: the server failed with status 500 Internal Server Error, expected status 400: "no such thing""#,
            ],
            conforming: vec![
                settings("/open", 500, JSON, REFUSED).expect(json!({"status": [500]})),
                settings("/open", 503, JSON, REFUSED).expect(json!({"status": ["5XX"]})),
                settings("/open", 499, JSON, REFUSED).expect(json!({"status": [499]})),
            ],
        },
        Row {
            code: Code::RedirectUnexpected,
            violating: settings("/open", 301, "Location: https://x.example/", "<html>moved"),
            findings: &[
                r#"redirect-unexpected status: the server redirects to "https://x.example/" with status 301 Moved Permanently, expected status 200"#,
            ],
            conforming: vec![
                settings("/text", 302, "Location: /", "").expect(json!({"status": [302]})),
                settings("/text", 302, "Location: /", "").without_case(),
                settings("/nowhere", 301, "Location: /", "").expect(json!({"status": ["3XX"]})),
                settings("/nowhere", 304, "", "").expect(json!({"status": [304]})),
            ],
        },
        Row {
            code: Code::ContentTypeMissing,
            violating: settings(things, 200, "X-Request-Id: 7", THING),
            findings: &[
                "content-type-missing header content-type: the response has a body but no Content-Type, expected application/json",
            ],
            conforming: vec![
                good(),
                settings(things, 204, "", "").expect(json!({"status": [204]})),
                settings("/nowhere", 200, "", THING),
            ],
        },
        Row {
            code: Code::ContentTypeUndocumented,
            violating: settings(things, 200, "Content-Type: text/html; charset=utf-8\nX-Request-Id: 7", "<html>"),
            findings: &[
                "content-type-undocumented header content-type: the Content-Type is text/html, but for status 200 the contract documents application/json",
            ],
            conforming: vec![
                settings(things, 200, "Content-Type: Application/JSON; Charset=ISO-8859-1\nX-Request-Id: 7", THING),
                settings(things, 200, "Content-Type: application/json;\nX-Request-Id: 7", THING),
                settings("/any", 200, "Content-Type: image/png", "\u{fffd}PNG"),
                settings("/any", 200, "Content-Type: application/vnd.x+json", REFUSED),
                settings("/any", 201, "Content-Type: application/problem+json", REFUSED),
                settings(things, 200, "Content-Type: text/html", "<html>").expect(json!({"status": [200], "undocumented": true})),
            ],
        },
        Row {
            code: Code::BodyMissing,
            violating: settings(things, 200, JSON, ""),
            findings: &[
                "body-missing body: the body is empty, but the contract documents application/json for status 200",
            ],
            conforming: vec![
                settings(things, 204, "", "").expect(json!({"status": [204]})),
                good().with(|exchange| {
                    exchange.request.method = Method::HEAD;
                    exchange.response.body.clear();
                }),
                settings("/text", 200, "Content-Type: text/plain", ""),
                settings("/nowhere", 200, JSON, ""),
            ],
        },
        Row {
            code: Code::BodyUndocumented,
            violating: settings("/text", 302, "Content-Type: text/plain", "moved").expect(json!({"status": [302]})),
            findings: &[
                "body-undocumented body: the response has a body of 5 bytes, but the contract documents none for status 302",
            ],
            conforming: vec![
                settings("/text", 302, "Content-Type: text/plain", "").expect(json!({"status": [302]})),
                settings("/nowhere", 302, "", "moved").expect(json!({"status": [302]})),
            ],
        },
        Row {
            code: Code::BodyUnparsable,
            violating: thing(r#"{"id":7,"name":"Ada",}"#),
            findings: &[
                "body-unparsable body: the body is not valid JSON: trailing comma (byte 21)",
            ],
            conforming: vec![
                thing(" {\"id\":7,\"name\":\"A\\u0064\\ud83d\\ude00\"}\n"),
                settings("/text", 200, "Content-Type: text/plain; charset=utf-8", "{,}é"),
                settings("/text", 200, "Content-Type: text/plain; charset=iso-8859-1", &b"\xe9"[..]),
                settings("/nowhere", 200, "Content-Type: text/html", "{<html>"),
            ],
        },
        Row {
            code: Code::BodyTruncated,
            violating: good().with(|exchange| {
                exchange.response.body.truncate(9);
                exchange.response.transfer = Transfer::CutShort("12 of 21 bytes are missing".to_owned());
            }),
            findings: &[
                "body-truncated body: the body was cut short after 9 bytes: 12 of 21 bytes are missing",
            ],
            conforming: vec![
                good(),
                settings("/text", 200, "Content-Type: text/plain", "[1,"),
            ],
        },
        Row {
            code: Code::BodyDuplicateKey,
            violating: thing(r#"{"id":7,"name":"Ada","parts":[{"id":1,"name":"x","id":1}]}"#),
            findings: &[
                "body-duplicate-key body /parts/0/id: the object at `/parts/0` has the key \"id\" twice; parsers disagree about which value counts",
            ],
            conforming: vec![thing(
                r#"{"id":7,"name":"Ada","parts":[{"id":1,"name":"x"},{"id":2,"name":"x"}]}"#,
            )],
        },
        Row {
            code: Code::BodySchema,
            violating: thing(r#"{"id":"7","parts":[{"id":1,"name":2}]}"#),
            findings: &[
                "body-schema body: \"name\" is required but missing",
                "body-schema body /id: `/id`: \"7\" is not of type integer",
                "body-schema body /parts/0/name: `/parts/0/name`: 2 is not of type string",
            ],
            conforming: vec![
                good(),
                thing(r#"{"id":7.0,"name":"","parts":[]}"#),
                settings("/text", 201, "Content-Type: text/plain", "five").expect(json!({"status": [201]})),
                settings("/any", 200, "Content-Type: application/xml", "<message/>"),
            ],
        },
        Row {
            code: Code::BodyFormat,
            violating: thing(r#"{"id":7,"name":"Ada","made":"2024-03-01 10:11:12"}"#),
            findings: &[
                "body-format body /made: `/made`: \"2024-03-01 10:11:12\" is not a valid date-time",
            ],
            conforming: vec![thing(
                r#"{"id":7,"name":"Ada","made":"2024-03-01T10:11:12Z"}"#,
            )],
        },
        Row {
            code: Code::BodyUndocumentedProperty,
            violating: thing(r#"{"id":7,"name":"Ada","rp_token":"x"}"#),
            findings: &[
                "body-undocumented-property body /rp_token: `/rp_token` is not described by the contract",
            ],
            conforming: vec![
                good(),
                thing(r#"{"id":7,"name":"Ada","x":1}"#)
                    .weighing(Code::BodyUndocumentedProperty, Severity::Off),
            ],
        },
        Row {
            code: Code::BodyWriteOnlyProperty,
            violating: thing(r#"{"id":7,"name":"Ada","secret":"hunter2"}"#),
            findings: &[
                "body-write-only-property body /secret: `/secret` is write-only: it may be sent to the server, but must not be in a response",
            ],
            conforming: vec![good()],
        },
        Row {
            code: Code::DiscriminatorMismatch,
            violating: pet(r#"{"kind":"Cat"}"#),
            findings: &[
                "discriminator-mismatch body /kind: `/kind` names \"Cat\", a schema that the object does not satisfy: \"claws\" is required but missing",
            ],
            conforming: vec![pet(r#"{"kind":"Dog","bark":"w"}"#), pet(r#"{"kind":"Pet"}"#)],
        },
        Row {
            code: Code::ErrorTemplate,
            violating: refused(r#"{"message":"%name of %first~%name","parameters":{"name":"x","left/over":1},"errors":[{"text":"%1 %2","values":["a","b","c"]},{"text":"%1"}]}"#),
            findings: &[
                "error-template body /errors/0/values/2: `/errors/0/values/2` is not used by any placeholder of the message",
                "error-template body /errors/1/text: `/errors/1/text` has the placeholder `%1`, but there is no parameter for it",
                "error-template body /message: `/message` has the placeholder `%first`, but there is no parameter for it",
                "error-template body /parameters/left~1over: `/parameters/left~1over` is not used by any placeholder of the message",
            ],
            conforming: vec![
                refused(r#"{"message":"%name of %first~%name","parameters":{"name":"x","first":null}}"#),
                refused(r#"{"message":"%1 of %2","parameters":["x",2]}"#),
                refused(r#"{"message":"filled in: 100% of 5 %","errors":[]}"#),
                // The contract allows this parameter to be unused.
                refused(r#"{"message":"no","parameters":{"id":5}}"#),
                refused(r#"{"message":"%id","parameters":{"id":5}}"#),
                refused(r#"{"message":"a","errors":[{"text":"%1","values":["a"]},{"text":"b"}]}"#),
                refused(r#"{"errors":[{"values":["a"]}]}"#),
                // Without a template in the contract nothing is checked.
                settings(things, 404, JSON, r#"{"message":"%name"}"#).expect(json!({"status": [404]})),
            ],
        },
        Row {
            code: Code::HeaderMissing,
            violating: settings(things, 200, "Content-Type: application/json", THING),
            findings: &[
                "header-missing header x-request-id: the header X-Request-Id is missing, which the contract requires",
            ],
            conforming: vec![
                settings(things, 200, "Content-Type: application/json\nx-REQUEST-id: 1", THING),
                settings(things, 404, "Content-Type: application/json", REFUSED).expect(json!({"status": [404]})),
            ],
        },
        Row {
            code: Code::HeaderInvalid,
            violating: settings(things, 200, "Content-Type: application/json\nX-Request-Id: seven", THING),
            findings: &[
                "header-invalid header x-request-id: the header X-Request-Id: \"seven\" is not of type integer",
            ],
            conforming: vec![
                settings(things, 200, "Content-Type: application/json\nX-Request-Id: 007", THING),
                headed("X-Tags: a, b,abc"),
                headed("X-Tags: a\nX-Tags: b"),
                headed("X-Fresh: true"),
                headed("X-Size: w,3,h,4"),
                headed("X-Size: w,3"),
                headed("X-Unknown: whatever"),
            ],
        },
        Row {
            code: Code::AuthIgnored,
            violating: good().by(Caller::Unauthenticated),
            findings: &[
                "auth-ignored status: GET /things/{id} is protected, but a request without credentials got 200 OK",
            ],
            conforming: vec![
                good(),
                settings(things, 401, JSON, REFUSED).by(Caller::Unauthenticated).expect(json!({"status": [401]})),
                settings("/open", 200, JSON, THING).by(Caller::Unauthenticated),
                good().by(Caller::Unauthenticated).with(|exchange| {
                    let headers = &mut exchange.request.headers;
                    headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
                }),
                good().by(Caller::Unauthenticated).with(|exchange| {
                    let headers = &mut exchange.request.headers;
                    headers.insert(COOKIE, HeaderValue::from_static("session=x"));
                }),
            ],
        },
        Row {
            code: Code::ExpectHeader,
            violating: headed("Cache-Control: max-age=60").expect(json!({"headers": {
                "Cache-Control": {"$contains": "no-store"}, "X-Debug": "on", "X-Request-Id": {"$absent": true}
            }})),
            findings: &[
                r#"expect-header header cache-control: the header Cache-Control is "max-age=60", expected something that contains "no-store""#,
                r#"expect-header header x-debug: the header X-Debug is missing, expected "on""#,
                r#"expect-header header x-request-id: the header X-Request-Id is "7", expected it to be absent"#,
            ],
            conforming: vec![
                headed("Cache-Control: no-store, private").expect(json!({"headers": {
                    "cache-control": {"$contains": "no-store"}, "X-Debug": {"$absent": true},
                    "X-Request-Id": 7, "Content-Type": "application/json"
                }})),
                headed("Set-Cookie: a=1\nSet-Cookie: b=2").expect(json!({"headers": {"Set-Cookie": "b=2"}})),
                headed("X-N: 5").expect(json!({"headers": {"X-N": {"$gt": 4}}})),
                headed("X-N: 5").expect(json!({"headers": {"x-n": {"$type": "integer"}}})),
                headed("X-N: 5").expect(json!({"headers": {"x-n": {"$not": 6}}})),
            ],
        },
        Row {
            code: Code::ExpectBody,
            violating: expecting(json!({"status": [200], "body": {"name": "Grace", "id": 7, "parts": {"$length": 1}}})),
            findings: &[
                r#"expect-body body /name: `/name` is "Ada", expected "Grace""#,
                "expect-body body /parts: `/parts` is missing, expected length 1",
            ],
            conforming: vec![
                expecting(json!({"body": {"name": "Ada", "parts": {"$absent": true}}})),
                expecting(json!({"text": {"$matches": "^\\{\"id\""}})),
            ],
        },
        Row {
            code: Code::ExpectSchema,
            violating: expecting(json!({"schema": {"properties": {"id": {"maximum": 5}}, "required": ["parts"]}})),
            findings: &[
                "expect-schema body: \"parts\" is required but missing",
                "expect-schema body /id: `/id`: 7 is greater than 5",
            ],
            conforming: vec![
                expecting(json!({"schema": {"properties": {"id": {"maximum": 7}}}})),
                expecting(json!({"schema": {"$schema": "http://json-schema.org/draft-07/schema#", "if": {"required": ["name"]}, "then": {"required": ["id"]}}})),
            ],
        },
        Row {
            code: Code::ExpectAbsent,
            violating: thing(r#"{"id":7,"name":"Ada","parts":[]}"#).expect(json!({"absent": ["/parts", "/made", "/name/0"]})),
            findings: &["expect-absent body /parts: `/parts` is present, expected nothing"],
            conforming: vec![
                expecting(json!({"absent": ["/parts", "/parts/0/id"]})),
                settings(things, 204, "", "").expect(json!({"status": [204], "absent": ["/id"]})),
            ],
        },
        Row {
            code: Code::ExpectEvents,
            violating: events("data: a\n\n").expect(json!({"events": [{"data": "b"}]})),
            findings: &[r#"expect-events body: `/0/data` of the events is "a", expected "b""#],
            conforming: vec![
                events("data: a\n\n").expect(json!({"events": [{"data": "a"}]})),
                events("data: {\"b\":\ndata: 1}\n\n").expect(json!({"events": [{"data": {"b": 1}}]})),
                events(": nothing\n\n").expect(json!({"events": []})),
            ],
        },
        Row {
            code: Code::ExpectTime,
            violating: expecting(json!({"within": 11})),
            findings: &["expect-time time: the response took 12.00ms, expected at most 11ms"],
            conforming: vec![
                expecting(json!({"within": 12})),
                good().with(|exchange| exchange.elapsed = Duration::from_secs(900)),
            ],
        },
    ]
}

/// The codes that the check of one response reports: all except those of a comparison of two responses, and those about several
/// responses of a step.
fn checked_codes() -> Vec<Code> {
    let codes = Code::ALL.iter().copied();
    codes
        .filter(|code| !code.as_str().starts_with("difference-"))
        .filter(|code| !matches!(code, Code::OutcomesUnexpected | Code::UntilNotReached))
        .collect()
}

#[test]
fn every_code_is_triggered_and_nearly_triggered() {
    let table = table();
    let covered: Vec<Code> = table.iter().map(|row| row.code).collect();
    assert_eq!(covered, checked_codes(), "a row for each code");
    for row in table {
        assert_eq!(
            row.violating.found(),
            row.findings,
            "{} is triggered",
            row.code
        );
        assert!(row.violating.codes().contains(&row.code.as_str()));
        assert!(!row.conforming.is_empty(), "{} has a near miss", row.code);
        for (index, conforming) in row.conforming.iter().enumerate() {
            assert_eq!(
                conforming.found(),
                [""; 0],
                "{} is not triggered ({index})",
                row.code
            );
        }
    }
}

#[test]
fn every_code_belongs_to_one_family() {
    let mut codes: Vec<Code> = crate::check::CHECKS
        .iter()
        .flat_map(|check| check.codes.iter().copied())
        .collect();
    codes.sort();
    assert_eq!(codes, checked_codes());
}

#[test]
fn findings_carry_their_places_and_values() {
    let checked = settings(
        "/things/{id}",
        200,
        JSON,
        r#"{"id":"7","name":"Ada","secret":"hunter2","x":[1]}"#,
    )
    .expect(json!({"status": [200], "body": {"name": "Grace"}}))
    .checked();
    let rows: Vec<_> = checked
        .findings
        .iter()
        .map(|finding| {
            let contract = finding.contract.as_ref();
            (
                finding.code.as_str(),
                contract.map(|place| place.pointer.as_str()),
                finding.case.as_ref().map(|place| place.text()),
                finding.expected.as_deref().unwrap_or(""),
                finding.actual.as_deref().unwrap_or(""),
                finding.severity,
            )
        })
        .collect();
    let thing = "/components/schemas/Thing/properties";
    assert_eq!(
        rows,
        [
            (
                "body-schema",
                Some(format!("{thing}/id/type").as_str()),
                None,
                "integer",
                "\"7\"",
                Severity::Error
            ),
            (
                "body-undocumented-property",
                Some("/paths/~1things~1{id}/get/responses/200/content/application~1json/schema"),
                None,
                "nothing",
                "[1]",
                Severity::Warning
            ),
            (
                "body-write-only-property",
                Some(format!("{thing}/secret/writeOnly").as_str()),
                None,
                "nothing",
                "a value",
                Severity::Error
            ),
            (
                "expect-body",
                None,
                Some("body"),
                "\"Grace\"",
                "\"Ada\"",
                Severity::Error
            ),
        ]
    );
    for finding in &checked.findings {
        if let Some(contract) = &finding.contract {
            assert!(!contract.place.text().is_empty(), "{finding:?}");
        }
    }
    assert_eq!(checked.body.unwrap()["secret"], "hunter2");
}

#[test]
fn a_body_nested_too_deep_is_an_error_and_not_a_finding() {
    let deep = |depth: usize| {
        let body = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        settings("/nowhere", 200, JSON, body)
            .expect(json!({"body": {"a": 1}}))
            .checked()
    };
    let checked = deep(21);
    let error = checked.error.unwrap();
    assert_eq!(error.kind, ErrorKind::ResponseTooDeep);
    assert_eq!(
        error.message,
        "the JSON body is nested deeper than 20 levels"
    );
    assert!(checked.findings.is_empty() && checked.body.is_none());
    let checked = deep(20);
    assert!(checked.error.is_none() && checked.body.is_some());
    assert_eq!(checked.findings.len(), 1);
}
