//! For every code an exchange that triggers it, with the exact findings, and its nearest neighbours that must not.

use std::time::Duration;

use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderValue, Method};

use super::*;
use crate::exchange::Transfer;
use crate::finding::ErrorKind;

struct Row {
    code: Code,
    broken: ExchangeSettings,
    findings: &'static [&'static str],
    kept: Vec<ExchangeSettings>,
}

fn table() -> Vec<Row> {
    let things = "/things/{id}";
    let good = || asking(things, 200, JSON, THING);
    let thing = |body: &str| asking(things, 200, JSON, body.to_owned());
    let expecting = |expect: Value| good().expect(expect);
    let refused = |body: &str| {
        asking("/refused", 400, JSON, body.to_owned()).expect(json!({"status": [400]}))
    };
    let headed = |line: &str| asking(things, 200, &format!("{JSON}\n{line}"), THING);
    vec![
        Row {
            code: Code::StatusUnexpected,
            broken: asking(things, 404, JSON, REFUSED).expect(json!({"status": [200, 201]})),
            findings: &[
                r#"status-unexpected status: expected status 200 or 201, got 404: "no such thing""#,
            ],
            kept: vec![
                expecting(json!({"status": [200]})),
                asking(things, 404, JSON, REFUSED).expect(json!({"status": [200, 404]})),
                asking(things, 404, JSON, REFUSED).expect(json!({"status": ["4XX"]})),
                asking(things, 404, JSON, REFUSED).nobody_asked(),
                asking("/void", 200, JSON, REFUSED),
                good(),
            ],
        },
        Row {
            code: Code::StatusUndocumented,
            broken: asking(things, 202, JSON, THING),
            findings: &[
                "status-undocumented status: status 202 is not documented for GET /things/{id}, which documents 200, 204, 4XX",
            ],
            kept: vec![
                asking(things, 418, JSON, REFUSED).expect(json!({"status": [418]})),
                asking("/open", 418, JSON, REFUSED).expect(json!({"status": [418]})),
                asking(things, 202, JSON, "{}").expect(json!({"status": [202], "undocumented": true})),
                asking("/nowhere", 202, JSON, "{}"),
            ],
        },
        Row {
            code: Code::ServerError,
            broken: asking("/open", 500, JSON, REFUSED).expect(json!({"status": [400]})),
            findings: &[
                r#"server-error status: the server failed with status 500 Internal Server Error, expected status 400: "no such thing""#,
            ],
            kept: vec![
                asking("/open", 500, JSON, REFUSED).expect(json!({"status": [500]})),
                asking("/open", 503, JSON, REFUSED).expect(json!({"status": ["5XX"]})),
                asking("/open", 499, JSON, REFUSED).expect(json!({"status": [499]})),
            ],
        },
        Row {
            code: Code::RedirectUnexpected,
            broken: asking("/open", 301, "Location: https://x.example/", "<html>moved"),
            findings: &[
                r#"redirect-unexpected status: the server redirects to "https://x.example/" with status 301 Moved Permanently, expected status 200"#,
            ],
            kept: vec![
                asking("/text", 302, "Location: /", "").expect(json!({"status": [302]})),
                asking("/text", 302, "Location: /", "").nobody_asked(),
                asking("/nowhere", 301, "Location: /", "").expect(json!({"status": ["3XX"]})),
                asking("/nowhere", 304, "", "").expect(json!({"status": [304]})),
            ],
        },
        Row {
            code: Code::ContentTypeMissing,
            broken: asking(things, 200, "X-Request-Id: 7", THING),
            findings: &[
                "content-type-missing header content-type: the response has a body but no Content-Type, expected application/json",
            ],
            kept: vec![
                good(),
                asking(things, 204, "", "").expect(json!({"status": [204]})),
                asking("/nowhere", 200, "", THING),
            ],
        },
        Row {
            code: Code::ContentTypeUndocumented,
            broken: asking(things, 200, "Content-Type: text/html; charset=utf-8\nX-Request-Id: 7", "<html>"),
            findings: &[
                "content-type-undocumented header content-type: the Content-Type is text/html, but for status 200 the contract documents application/json",
            ],
            kept: vec![
                asking(things, 200, "Content-Type: Application/JSON; Charset=ISO-8859-1\nX-Request-Id: 7", THING),
                asking(things, 200, "Content-Type: application/json;\nX-Request-Id: 7", THING),
                asking("/any", 200, "Content-Type: image/png", "\u{fffd}PNG"),
                asking("/any", 200, "Content-Type: application/vnd.x+json", REFUSED),
                asking("/any", 201, "Content-Type: application/problem+json", REFUSED),
                asking(things, 200, "Content-Type: text/html", "<html>").expect(json!({"status": [200], "undocumented": true})),
            ],
        },
        Row {
            code: Code::BodyMissing,
            broken: asking(things, 200, JSON, ""),
            findings: &[
                "body-missing body: the body is empty, but for status 200 the contract promises application/json",
            ],
            kept: vec![
                asking(things, 204, "", "").expect(json!({"status": [204]})),
                good().with(|exchange| {
                    exchange.request.method = Method::HEAD;
                    exchange.response.body.clear();
                }),
                asking("/text", 200, "Content-Type: text/plain", ""),
                asking("/nowhere", 200, JSON, ""),
            ],
        },
        Row {
            code: Code::BodyUndocumented,
            broken: asking("/text", 302, "Content-Type: text/plain", "moved").expect(json!({"status": [302]})),
            findings: &[
                "body-undocumented body: a body of 5 bytes came, but for status 302 the contract promises none",
            ],
            kept: vec![
                asking("/text", 302, "Content-Type: text/plain", "").expect(json!({"status": [302]})),
                asking("/nowhere", 302, "", "moved").expect(json!({"status": [302]})),
            ],
        },
        Row {
            code: Code::BodyUnparsable,
            broken: thing(r#"{"id":7,"name":"Ada",}"#),
            findings: &[
                "body-unparsable body: the body is not valid JSON: trailing comma (byte 21)",
            ],
            kept: vec![
                thing(" {\"id\":7,\"name\":\"A\\u0064\\ud83d\\ude00\"}\n"),
                asking("/text", 200, "Content-Type: text/plain; charset=utf-8", "{,}é"),
                asking("/text", 200, "Content-Type: text/plain; charset=iso-8859-1", &b"\xe9"[..]),
                asking("/nowhere", 200, "Content-Type: text/html", "{<html>"),
            ],
        },
        Row {
            code: Code::BodyTruncated,
            broken: good().with(|exchange| {
                exchange.response.body.truncate(9);
                exchange.response.transfer = Transfer::CutShort("12 of 21 bytes are missing".to_owned());
            }),
            findings: &[
                "body-truncated body: the body was cut short after 9 bytes: 12 of 21 bytes are missing",
            ],
            kept: vec![
                good(),
                asking("/text", 200, "Content-Type: text/plain", "[1,"),
            ],
        },
        Row {
            code: Code::BodyDuplicateKey,
            broken: thing(r#"{"id":7,"name":"Ada","parts":[{"id":1,"name":"x","id":1}]}"#),
            findings: &[
                "body-duplicate-key body /parts/0/id: the object at `/parts/0` has the key \"id\" twice; readers disagree about which counts",
            ],
            kept: vec![thing(
                r#"{"id":7,"name":"Ada","parts":[{"id":1,"name":"x"},{"id":2,"name":"x"}]}"#,
            )],
        },
        Row {
            code: Code::BodySchema,
            broken: thing(r#"{"id":"7","parts":[{"id":1,"name":2}]}"#),
            findings: &[
                "body-schema body: \"name\" is required but missing",
                "body-schema body /id: `/id`: \"7\" is not of type integer",
                "body-schema body /parts/0/name: `/parts/0/name`: 2 is not of type string",
            ],
            kept: vec![
                good(),
                thing(r#"{"id":7.0,"name":"","parts":[]}"#),
                asking("/text", 201, "Content-Type: text/plain", "five").expect(json!({"status": [201]})),
                asking("/any", 200, "Content-Type: application/xml", "<message/>"),
            ],
        },
        Row {
            code: Code::BodyFormat,
            broken: thing(r#"{"id":7,"name":"Ada","made":"2024-03-01 10:11:12"}"#),
            findings: &[
                "body-format body /made: `/made`: \"2024-03-01 10:11:12\" is not a valid date-time",
            ],
            kept: vec![thing(
                r#"{"id":7,"name":"Ada","made":"2024-03-01T10:11:12Z"}"#,
            )],
        },
        Row {
            code: Code::BodyUndocumentedProperty,
            broken: thing(r#"{"id":7,"name":"Ada","rp_token":"x"}"#),
            findings: &[
                "body-undocumented-property body /rp_token: `/rp_token` is not described by the contract",
            ],
            kept: vec![
                good(),
                thing(r#"{"id":7,"name":"Ada","x":1}"#)
                    .weighing(Code::BodyUndocumentedProperty, Severity::Off),
            ],
        },
        Row {
            code: Code::BodyWriteOnlyProperty,
            broken: thing(r#"{"id":7,"name":"Ada","secret":"hunter2"}"#),
            findings: &[
                "body-write-only-property body /secret: `/secret` is write-only: it may be sent to the server, never come back from it",
            ],
            kept: vec![good()],
        },
        Row {
            code: Code::ErrorTemplate,
            broken: refused(r#"{"message":"%name of %first~%name","parameters":{"name":"x","left/over":1},"errors":[{"text":"%1 %2","values":["a","b","c"]},{"text":"%1"}]}"#),
            findings: &[
                "error-template body /errors/0/values/2: `/errors/0/values/2` is used by no placeholder of the message",
                "error-template body /errors/1/text: `/errors/1/text` has the placeholder `%1`, and there is no parameter for it",
                "error-template body /message: `/message` has the placeholder `%first`, and there is no parameter for it",
                "error-template body /parameters/left~1over: `/parameters/left~1over` is used by no placeholder of the message",
            ],
            kept: vec![
                refused(r#"{"message":"%name of %first~%name","parameters":{"name":"x","first":null}}"#),
                refused(r#"{"message":"%1 of %2","parameters":["x",2]}"#),
                refused(r#"{"message":"filled in: 100% of 5 %","errors":[]}"#),
                // An allowance of the contract.
                refused(r#"{"message":"no","parameters":{"id":5}}"#),
                refused(r#"{"message":"%id","parameters":{"id":5}}"#),
                refused(r#"{"message":"a","errors":[{"text":"%1","values":["a"]},{"text":"b"}]}"#),
                refused(r#"{"errors":[{"values":["a"]}]}"#),
                // Where the contract says nothing, nothing is held to it.
                asking(things, 404, JSON, r#"{"message":"%name"}"#).expect(json!({"status": [404]})),
            ],
        },
        Row {
            code: Code::HeaderMissing,
            broken: asking(things, 200, "Content-Type: application/json", THING),
            findings: &[
                "header-missing header x-request-id: the header X-Request-Id is missing, which the contract requires",
            ],
            kept: vec![
                asking(things, 200, "Content-Type: application/json\nx-REQUEST-id: 1", THING),
                asking(things, 404, "Content-Type: application/json", REFUSED).expect(json!({"status": [404]})),
            ],
        },
        Row {
            code: Code::HeaderInvalid,
            broken: asking(things, 200, "Content-Type: application/json\nX-Request-Id: seven", THING),
            findings: &[
                "header-invalid header x-request-id: the header X-Request-Id: \"seven\" is not of type integer",
            ],
            kept: vec![
                asking(things, 200, "Content-Type: application/json\nX-Request-Id: 007", THING),
                headed("X-Tags: a, b,abc"),
                headed("X-Tags: a\nX-Tags: b"),
                headed("X-Fresh: true"),
                headed("X-Size: w=3,h=4"),
                headed("X-Size: w,3"),
                headed("X-Unknown: whatever"),
            ],
        },
        Row {
            code: Code::AuthIgnored,
            broken: good().by(Caller::Unauthenticated),
            findings: &[
                "auth-ignored status: GET /things/{id} is protected, but a request without credentials was answered with 200 OK",
            ],
            kept: vec![
                good(),
                asking(things, 401, JSON, REFUSED).by(Caller::Unauthenticated).expect(json!({"status": [401]})),
                asking("/open", 200, JSON, THING).by(Caller::Unauthenticated),
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
            broken: headed("Cache-Control: max-age=60").expect(json!({"headers": {
                "Cache-Control": {"$contains": "no-store"}, "X-Debug": "on", "X-Request-Id": {"$absent": true}
            }})),
            findings: &[
                r#"expect-header header cache-control: the header Cache-Control is "max-age=60", expected something that contains "no-store""#,
                r#"expect-header header x-debug: the header X-Debug is missing, expected "on""#,
                r#"expect-header header x-request-id: the header X-Request-Id is "7", expected that it is not there"#,
            ],
            kept: vec![
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
            broken: expecting(json!({"status": [200], "body": {"name": "Grace", "id": 7, "parts": {"$length": 1}}})),
            findings: &[
                r#"expect-body body /name: `/name` is "Ada", expected "Grace""#,
                "expect-body body /parts: `/parts` is missing, expected length 1",
            ],
            kept: vec![
                expecting(json!({"body": {"name": "Ada", "parts": {"$absent": true}}})),
                expecting(json!({"text": {"$matches": "^\\{\"id\""}})),
            ],
        },
        Row {
            code: Code::ExpectSchema,
            broken: expecting(json!({"schema": {"properties": {"id": {"maximum": 5}}, "required": ["parts"]}})),
            findings: &[
                "expect-schema body: \"parts\" is required but missing",
                "expect-schema body /id: `/id`: 7 is greater than 5",
            ],
            kept: vec![
                expecting(json!({"schema": {"properties": {"id": {"maximum": 7}}}})),
                expecting(json!({"schema": {"$schema": "http://json-schema.org/draft-07/schema#", "if": {"required": ["name"]}, "then": {"required": ["id"]}}})),
            ],
        },
        Row {
            code: Code::ExpectAbsent,
            broken: thing(r#"{"id":7,"name":"Ada","parts":[]}"#).expect(json!({"absent": ["/parts", "/made", "/name/0"]})),
            findings: &["expect-absent body /parts: `/parts` is there, expected nothing"],
            kept: vec![
                expecting(json!({"absent": ["/parts", "/parts/0/id"]})),
                asking(things, 204, "", "").expect(json!({"status": [204], "absent": ["/id"]})),
            ],
        },
        Row {
            code: Code::ExpectTime,
            broken: expecting(json!({"within": 11})),
            findings: &["expect-time time: the answer took 12.00ms, expected at most 11ms"],
            kept: vec![
                expecting(json!({"within": 12})),
                good().with(|exchange| exchange.elapsed = Duration::from_secs(900)),
            ],
        },
    ]
}

/// The codes that a check reports: all but those of a comparison of two responses.
fn checked_codes() -> Vec<Code> {
    let codes = Code::ALL.iter().copied();
    codes
        .filter(|code| !code.as_str().starts_with("difference-"))
        .collect()
}

#[test]
fn every_code_is_triggered_and_nearly_triggered() {
    let table = table();
    let covered: Vec<Code> = table.iter().map(|row| row.code).collect();
    assert_eq!(covered, checked_codes(), "a row for each code");
    for row in table {
        assert_eq!(row.broken.found(), row.findings, "{} is broken", row.code);
        assert!(row.broken.codes().contains(&row.code.as_str()));
        assert!(!row.kept.is_empty(), "{} has a near miss", row.code);
        for (index, kept) in row.kept.iter().enumerate() {
            assert_eq!(kept.found(), [""; 0], "{} is kept ({index})", row.code);
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
    let checked = asking(
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
fn too_deep_a_body_is_an_error_and_no_finding() {
    let deep = |depth: usize| {
        let body = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        asking("/nowhere", 200, JSON, body)
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
