//! More exchanges that violate or satisfy the same rules.

use super::*;

/// More exchanges that violate the same rules.
#[test]
fn variants() {
    let things = "/things/{id}";
    let table: &[(ExchangeSettings, &[&str])] = &[
        (
            settings(things, 200, "Content-Type: json\nX-Request-Id: 7", THING),
            &[
                r#"content-type-undocumented header content-type: the Content-Type "json" is not a media type, expected application/json"#,
            ],
        ),
        (
            settings(
                things,
                200,
                &format!("{JSON}\nContent-Type: text/html"),
                THING,
            ),
            &[
                r#"content-type-undocumented header content-type: the Content-Type "application/json, text/html" is not a media type, expected application/json"#,
            ],
        ),
        (
            settings(
                things,
                200,
                "Content-Type: application/problem+json\nX-Request-Id: 7",
                "{}",
            ),
            &[
                "content-type-undocumented header content-type: the Content-Type is application/problem+json, but for status 200 the contract documents application/json",
            ],
        ),
        (
            settings(things, 200, JSON, r#"{"id":7,"#),
            &[
                "body-truncated body: the JSON body ends in the middle, after 8 bytes: EOF while parsing a value",
            ],
        ),
        (
            settings(things, 200, JSON, "\u{feff}{}"),
            &[
                "body-unparsable body: the body is not valid JSON: it begins with a byte order mark (byte 0)",
            ],
        ),
        (
            settings(things, 200, JSON, &b"{\"id\":7,\"name\":\"\xff\"}"[..]),
            &["body-unparsable body: the body is not valid JSON: invalid UTF-8 (byte 16)"],
        ),
        (
            settings(
                "/text",
                200,
                "Content-Type: text/plain; charset=UTF-8",
                &b"a\xff"[..],
            ),
            &[
                "body-unparsable body: the body is not valid UTF-8, although its Content-Type declares it (byte 1)",
            ],
        ),
        (
            settings("/text", 200, "Content-Type: text/plain", "too long"),
            &["body-schema body: \"too long\" is longer than 5 characters"],
        ),
        (
            settings("/any", 200, "Content-Type: application/octet-stream", "{}"),
            &["body-schema body: \"message\" is required but missing"],
        ),
        (
            settings(things, 204, "", "x").expect(json!({"status": [204]})),
            &[
                "body-undocumented body: the response has a body of 1 bytes, but HTTP allows none in a response to GET with status 204",
            ],
        ),
        (
            settings(
                things,
                200,
                "Content-Type: application/json\nX-Request-Id: 0\nX-Tags: abcd\nX-Fresh: yes\nX-Size: h,1",
                THING,
            ),
            &[
                "header-invalid header x-fresh: the header X-Fresh: \"yes\" is not of type boolean",
                "header-invalid header x-request-id: the header X-Request-Id: 0 is less than 1",
                "header-invalid header x-size: the header X-Size: \"w\" is required but missing",
                "header-invalid header x-tags: the header X-Tags: \"abcd\" is longer than 3 characters",
            ],
        ),
        (
            settings(things, 200, JSON, THING).by(Caller::Refused),
            &[
                "auth-ignored status: GET /things/{id} is protected, but credentials that must be refused got 200 OK",
            ],
        ),
        (
            settings(things, 200, &format!("{JSON}\nX-A: 1\nX-A: 2"), THING)
                .expect(json!({"headers": {"X-A": {"$not": "2"}}})),
            &[
                r#"expect-header header x-a: the header X-A appears 2 times, as "1, 2", expected not "2""#,
            ],
        ),
        (
            settings("/text", 200, "Content-Type: text/plain", "ok").expect(json!({"text": "OK"})),
            &[r#"expect-body body: the body's text is "ok", expected "OK""#],
        ),
        (
            settings("/text", 200, "Content-Type: text/plain", "ok")
                .expect(json!({"body": {"a": 1}, "schema": {}})),
            &[
                r#"expect-body body: the body is not JSON, expected {"a": 1}; for other bodies write `text`, `xml` or `binary` in `expect`"#,
                "expect-schema body: the body is not JSON, expected JSON that matches the schema in the case; for other bodies write `text`, `xml` or `binary` in `expect`",
            ],
        ),
        (
            settings(things, 200, JSON, THING).expect(json!({"schema": {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "if": {"required": ["name"]}, "then": {"required": ["email"]},
            }})),
            &[r#"expect-schema body: "email" is required but missing"#],
        ),
        (
            settings("/nowhere", 200, "", "").expect(json!({"body": {"a": 1}})),
            &[r#"expect-body body: the body is empty, expected {"a": 1}"#],
        ),
    ];
    for (index, (settings, findings)) in table.iter().enumerate() {
        assert_eq!(settings.found(), *findings, "row {index}");
    }
}

/// A text that begins like JSON is a text, unless its Content-Type says otherwise.
#[test]
fn texts_with_brackets_are_not_json() {
    let html = "Content-Type: text/html";
    let octets = "Content-Type: application/octet-stream";
    let deep = "[".repeat(30);
    let table: Vec<(ExchangeSettings, &[&str])> = vec![
        (
            settings("/text", 200, "Content-Type: text/plain", "[1]"),
            &[],
        ),
        (
            settings("/text", 200, "Content-Type: text/plain", r#"{"a":1,"a":1}"#),
            &["body-schema"],
        ),
        (
            settings("/text", 201, "Content-Type: text/plain", deep.clone())
                .expect(json!({"status": [201]})),
            &[],
        ),
        (settings("/any", 200, html, r#"{"a":1,"a":1}"#), &[]),
        (
            settings("/any", 200, "Content-Type: image/svg+xml", "{}"),
            &["body-unparsable"],
        ),
        (settings("/nowhere", 200, octets, deep), &[]),
        (
            settings("/any", 200, octets, r#"{"a":1,"a":1}"#),
            &[
                "body-duplicate-key",
                "body-schema",
                "body-undocumented-property",
            ],
        ),
    ];
    for (index, (settings, codes)) in table.iter().enumerate() {
        assert_eq!(
            settings.codes(),
            *codes,
            "row {index}: {:?}",
            settings.found()
        );
        assert!(settings.checked().error.is_none());
    }
}

#[test]
fn media_types_are_compared_as_a_whole() {
    let things = |media: &str| {
        let headers = format!("Content-Type: {media}\nX-Request-Id: 7");
        settings("/things/{id}", 200, &headers, THING).codes()
    };
    assert_eq!(things("application/json"), [""; 0]);
    assert_eq!(things("text/json"), ["content-type-undocumented"]);
    assert_eq!(things("application/jsonx"), ["content-type-undocumented"]);
    assert_eq!(things("*/*"), ["content-type-undocumented"]);
}

/// A body that is declared as JSON must be JSON, whichever JSON media type is used.
#[test]
fn json_has_several_media_types() {
    for (media, codes) in [
        ("application/json", &["body-truncated"][..]),
        ("text/json", &["body-truncated"]),
        (
            "application/problem+json; charset=utf-8",
            &["body-truncated"],
        ),
        ("APPLICATION/HAL+JSON", &["body-truncated"]),
        ("application/json-seq", &[]),
        ("application/x-ndjson", &[]),
    ] {
        let headers = format!("Content-Type: {media}");
        let settings = settings("/nowhere", 200, &headers, r#"{"a":"#);
        assert_eq!(settings.codes(), codes, "{media}");
    }
}

#[test]
fn lines_of_one_header_are_one_list_except_for_cookies() {
    let headed = |lines: &str| {
        let headers = format!("{JSON}\n{lines}");
        settings("/things/{id}", 200, &headers, THING).codes()
    };
    assert_eq!(headed("X-Pair: a\nX-Pair: b"), [""; 0]);
    assert_eq!(headed("X-Pair: a, b"), [""; 0]);
    assert_eq!(headed("X-Pair: a"), ["header-invalid"]);
    assert_eq!(headed("Set-Cookie: a=1\nSet-Cookie: b=2"), [""; 0]);
    assert_eq!(headed("Set-Cookie: theme=dark\nSet-Cookie: b=2"), [""; 0]);
    assert_eq!(headed("Set-Cookie: b=2\nSet-Cookie: theme=dark"), [""; 0]);
}

#[test]
fn cookies_of_which_none_is_documented_are_named_without_their_values() {
    let headed = |lines: &str| {
        let headers = format!("{JSON}\n{lines}");
        let checked = settings("/things/{id}", 200, &headers, THING).checked();
        let finding = checked.findings.first().cloned().expect("a finding");
        assert_eq!(
            (finding.code, checked.findings.len()),
            (Code::HeaderInvalid, 1)
        );
        (finding.message, finding.actual.unwrap_or_default())
    };
    assert_eq!(
        headed("Set-Cookie: sid=hunter2; Path=/; HttpOnly"),
        (
            r#"the header Set-Cookie: "sid=***; Path=/; HttpOnly" does not match the pattern ^[a-z]=[0-9]$"#
                .to_owned(),
            r#""sid=***; Path=/; HttpOnly""#.to_owned()
        )
    );
    assert_eq!(
        headed("Set-Cookie: theme=dark\nSet-Cookie: hunter2"),
        (
            r#"the header Set-Cookie: none of the 2 cookies satisfies the schema: "theme=***" does not match the pattern ^[a-z]=[0-9]$; "***" does not match the pattern ^[a-z]=[0-9]$"#
                .to_owned(),
            r#""theme=***", "***""#.to_owned()
        )
    );
}

#[test]
fn header_values_are_parsed_as_the_rule_requires() {
    let headed = |rule: Value| {
        settings("/nowhere", 200, "X-N: 5\nX-T: 05a", "")
            .expect(json!({"headers": rule}))
            .codes()
    };
    for matching in [
        json!(5),
        json!("5"),
        json!({"$not": 6}),
        json!({"$not": "6"}),
        json!({"$equals": 5}),
        json!({"$lte": 5}),
        json!({"$one_of": [4, 5]}),
        json!({"$one_of": ["4", "5"]}),
        json!({"$type": "integer"}),
        json!({"$type": "string"}),
        json!({"$length": 1}),
    ] {
        assert_eq!(headed(json!({"X-N": matching})), [""; 0], "{matching}");
    }
    for mismatching in [
        json!(6),
        json!("05"),
        json!({"$not": 5}),
        json!({"$not": "5"}),
        json!({"$gt": 5}),
        json!({"$one_of": [4, 6]}),
        json!({"$type": "boolean"}),
    ] {
        assert_eq!(
            headed(json!({"X-N": mismatching})),
            ["expect-header"],
            "{mismatching}"
        );
    }
    assert_eq!(
        headed(json!({"X-T": {"$gt": 1}})),
        ["expect-header"],
        "not a number"
    );
}

#[test]
fn responses_that_cannot_have_a_body() {
    let codes = |method: &Method, status: u16, body: &'static str| {
        settings("/nowhere", status, "", body)
            .expect(json!({"status": [status], "body": {"$absent": true}}))
            .with(|exchange| exchange.request.method = method.clone())
            .codes()
    };
    for (method, status) in [
        (&Method::HEAD, 200),
        (&Method::GET, 101),
        (&Method::GET, 204),
        (&Method::GET, 205),
        (&Method::GET, 304),
    ] {
        assert_eq!(codes(method, status, ""), [""; 0], "{method} {status}");
        assert!(
            codes(method, status, "x").contains(&"body-undocumented"),
            "{method} {status}"
        );
    }
    assert_eq!(codes(&Method::GET, 200, ""), [""; 0]);
    assert_eq!(codes(&Method::GET, 200, "x"), ["expect-body"]);
}
