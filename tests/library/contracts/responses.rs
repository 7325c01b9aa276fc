//! Whole responses against realistic contracts: a correct response has no findings, an incorrect one has the code of its fault.

use std::time::Duration;

use counterpart::check::{CheckContext, check};
use counterpart::contract::Contract;
use counterpart::exchange::{Caller, Exchange, Request, Response, Transfer};
use counterpart::target::Severities;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};

use super::sound;

/// An operation for each response, called `/0`, `/1`, …; each text is the value of `"200":`.
fn with_responses(dialect: &str, components: &str, responses: &[&str]) -> std::sync::Arc<Contract> {
    let mut text = format!(
        "openapi: {dialect}\ninfo: {{ title: T, version: '1' }}\ncomponents:\n  schemas:\n"
    );
    for line in components.trim_matches('\n').lines() {
        text += &format!("    {line}\n");
    }
    text += "paths:\n";
    for (number, response) in responses.iter().enumerate() {
        text += &format!("  /{number}:\n    get:\n      responses:\n        {response}\n");
    }
    sound(&text)
}

/// The codes and places of the findings in a response to `GET` with this path.
fn findings(
    contract: &Contract,
    path: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Vec<String> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        );
    }
    let operation = contract.matching(&Method::GET, path).expect("an operation");
    let exchange = Exchange {
        request: Request {
            method: Method::GET,
            url: url::Url::parse("http://h/").unwrap(),
            headers: HeaderMap::new(),
            body: bytes::Bytes::new(),
        },
        response: Response {
            status: StatusCode::from_u16(status).unwrap(),
            version: Version::HTTP_11,
            headers: map,
            body: bytes::Bytes::copy_from_slice(body),
            transfer: Transfer::Complete,
        },
        elapsed: Duration::ZERO,
    };
    let context = CheckContext::of_contract(Some(operation), Caller::Authenticated, 100);
    let checked = check(&exchange, &context, &Severities::default());
    let describe = |finding: &counterpart::finding::Finding| {
        format!("{} {:?}: {}", finding.code, finding.at, finding.message)
    };
    checked.findings.iter().map(describe).collect()
}

const JSON: (&str, &str) = ("content-type", "application/json");

/// The schema (flow YAML) accepts all of `good` and rejects each of `bad`.
#[track_caller]
fn schema(dialect: &str, components: &str, schema: &str, good: &[&str], bad: &[&str]) {
    let response = format!(
        "'200': {{ description: d, content: {{ application/json: {{ schema: {schema} }} }} }}"
    );
    let contract = with_responses(dialect, components, &[&response]);
    for body in good {
        assert_eq!(
            findings(&contract, "/0", 200, &[JSON], body.as_bytes()),
            [""; 0],
            "{dialect} {schema} {body}"
        );
    }
    for body in bad {
        assert_ne!(
            findings(&contract, "/0", 200, &[JSON], body.as_bytes()),
            [""; 0],
            "{dialect} {schema} {body}"
        );
    }
}

const BOTH: [&str; 2] = ["3.0.3", "3.1.0"];

#[test]
fn numbers() {
    for dialect in BOTH {
        schema(
            dialect,
            "X: {}",
            "{ type: number, multipleOf: 0.01 }",
            &[
                "19.99",
                "4.35",
                "0.07",
                "1.1",
                "100",
                "-0.29",
                "1234567.89",
                "0",
            ],
            &["0.001", "19.995"],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: integer, format: int64 }",
            &["9223372036854775807", "-9223372036854775808", "1.0", "1e3"],
            &["9223372036854775808", "1.5", "\"1\""],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: integer, format: int32 }",
            &["2147483647"],
            &["2147483648"],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: integer }",
            &[
                "12345678901234567890",
                "1e20",
                "123456789012345678901234567890",
            ],
            &["1e-1", "null"],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: number, format: float, minimum: 0.1 }",
            &["0.1", "1e10"],
            &["0.09999"],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: array, items: {}, uniqueItems: true }",
            &["[1,\"1\",true]", "[{\"a\":1},{\"a\":2}]"],
            &["[1,1.0]", "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]"],
        );
    }
    schema(
        "3.0.3",
        "X: {}",
        "{ type: number, minimum: 0, exclusiveMinimum: true }",
        &["0.1"],
        &["0"],
    );
    schema(
        "3.1.0",
        "X: {}",
        "{ type: number, exclusiveMinimum: 0 }",
        &["0.1"],
        &["0"],
    );
}

#[test]
fn strings_and_formats() {
    for dialect in BOTH {
        schema(
            dialect,
            "X: {}",
            "{ type: string, minLength: 2, maxLength: 2 }",
            &["\"\u{1f600}\u{1f600}\"", "\"\\ud83d\\ude00a\""],
            &["\"\u{1f600}\"", "\"abc\""],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: string, pattern: '^\\d{3}$' }",
            &["\"123\""],
            &["\"123\\n\"", "\"1234\"", "\"\u{0661}\u{0662}\u{0663}\""],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: string, pattern: '^\\p{L}+$' }",
            &["\"Zoë\""],
            &["\"a1\""],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: string, pattern: 'b' }",
            &["\"abc\""],
            &["\"ac\""],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: string, format: date-time }",
            &[
                "\"2024-02-29T23:59:60Z\"",
                "\"2024-01-01T00:00:00.123456+01:00\"",
                "\"2024-01-01t00:00:00z\"",
            ],
            &[
                "\"2024-01-01 00:00:00\"",
                "\"2023-02-29T00:00:00Z\"",
                "\"2024-01-01T00:00:00+0100\"",
            ],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: string, format: date }",
            &["\"2024-02-29\""],
            &["\"2023-02-29\"", "\"29.02.2024\""],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: string, format: uuid }",
            &["\"123E4567-E89B-12D3-A456-426614174000\""],
            &["\"123E4567E89B12D3A456426614174000\""],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: string, format: email }",
            &["\"a.b+c@example.co.uk\""],
            &["\"a@\"", "\"no\""],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: string, format: uri }",
            &["\"https://example.com/a?b=c#d\"", "\"urn:isbn:1\""],
            &["\"/relative\"", "\"http://exa mple\""],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: string, format: byte }",
            &["\"aGk=\"", "\"\""],
            &[],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: string, format: house-number }",
            &["\"anything\""],
            &["1"],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: string, format: password }",
            &["\"x\""],
            &[],
        );
    }
}

#[test]
fn nullable_and_null_types() {
    schema(
        "3.0.3",
        "X: {}",
        "{ type: string, nullable: true }",
        &["null", "\"a\""],
        &["1"],
    );
    schema(
        "3.0.3",
        "X: {}",
        "{ type: string, nullable: true, enum: [a, null] }",
        &["null", "\"a\""],
        &["\"b\""],
    );
    schema(
        "3.0.3",
        "X: { type: object, required: [a], properties: { a: { type: string } } }",
        "{ nullable: true, allOf: [ { $ref: '#/components/schemas/X' } ] }",
        &["null", "{\"a\":\"b\"}"],
        &["1", "{}"],
    );
    schema(
        "3.0.3",
        "X: { type: object, nullable: true, required: [a], properties: { a: { type: string } } }",
        "{ $ref: '#/components/schemas/X' }",
        &["null", "{\"a\":\"b\"}"],
        &["{}"],
    );
    schema(
        "3.0.3",
        "X: {}",
        "{ type: object, nullable: true, additionalProperties: { type: integer, nullable: true } }",
        &["null", "{\"a\":null}"],
        &["{\"a\":\"\"}"],
    );
    schema(
        "3.1.0",
        "X: { type: object, required: [a], properties: { a: {} } }",
        "{ anyOf: [ { $ref: '#/components/schemas/X' }, { type: 'null' } ] }",
        &["null", "{\"a\":null}"],
        &["{}", "0"],
    );
    schema(
        "3.1.0",
        "X: {}",
        "{ type: [string, 'null'], minLength: 1 }",
        &["null", "\"a\""],
        &["\"\"", "1"],
    );
    schema(
        "3.1.0",
        "X: {}",
        "{ const: null }",
        &["null"],
        &["0", "false"],
    );
    schema(
        "3.1.0",
        "X: {}",
        "{ type: object, properties: { kind: { const: cat } }, required: [kind] }",
        &["{\"kind\":\"cat\"}"],
        &["{\"kind\":\"dog\"}"],
    );
}

#[test]
fn compositions_describe_all_their_properties() {
    let pets = "
Pet: { type: object, required: [kind], discriminator: { propertyName: kind, mapping: { c: '#/components/schemas/Cat' } }, properties: { kind: { type: string } } }
Cat: { allOf: [ { $ref: '#/components/schemas/Pet' }, { type: object, required: [lives], properties: { lives: { type: integer } } } ] }
Dog: { allOf: [ { $ref: '#/components/schemas/Pet' }, { type: object, required: [bark], properties: { bark: { type: string } } } ] }
Tree: { type: object, properties: { leaf: { type: string }, children: { type: array, items: { $ref: '#/components/schemas/Tree' } } } }";
    for dialect in BOTH {
        schema(
            dialect,
            pets,
            "{ $ref: '#/components/schemas/Cat' }",
            &["{\"kind\":\"c\",\"lives\":9}"],
            &[
                "{\"kind\":\"c\"}",
                "{\"lives\":9}",
                "{\"kind\":\"c\",\"lives\":9,\"x\":1}",
            ],
        );
        schema(
            dialect,
            pets,
            "{ oneOf: [ { $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' } ], discriminator: { propertyName: kind, mapping: { c: '#/components/schemas/Cat' } } }",
            &[
                "{\"kind\":\"c\",\"lives\":9}",
                "{\"kind\":\"Dog\",\"bark\":\"w\"}",
            ],
            &[
                "{\"kind\":\"c\",\"bark\":\"w\"}",
                "{\"kind\":\"Dog\",\"bark\":1}",
                "{\"bark\":\"w\"}",
            ],
        );
        schema(
            dialect,
            pets,
            "{ anyOf: [ { $ref: '#/components/schemas/Tree' }, { type: string } ] }",
            &[
                "\"x\"",
                "{\"children\":[{\"children\":[{\"leaf\":\"x\"}]}]}",
            ],
            &[
                "{\"children\":[{\"children\":[{\"leaf\":1}]}]}",
                "{\"children\":[{\"lef\":\"x\"}]}",
            ],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: object }",
            &["{\"any\":1}"],
            &["[]"],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: object, properties: { a: {} }, additionalProperties: { type: integer } }",
            &["{\"a\":\"\",\"b\":1}"],
            &["{\"b\":\"\"}"],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: object, properties: { a: {} }, additionalProperties: true }",
            &["{\"b\":1}"],
            &[],
        );
    }
    schema(
        "3.1.0",
        "X: { type: object, properties: { a: {} } }",
        "{ allOf: [ { $ref: '#/components/schemas/X' } ], properties: { b: {} }, unevaluatedProperties: false }",
        &["{\"a\":1,\"b\":2}"],
        &["{\"c\":1}"],
    );
    schema(
        "3.1.0",
        "X: { type: object, $defs: { in: { type: integer } }, properties: { a: { $ref: '#/components/schemas/X/$defs/in' } } }",
        "{ $ref: '#/components/schemas/X' }",
        &["{\"a\":1}"],
        &["{\"a\":\"\"}"],
    );
    schema(
        "3.1.0",
        "X: {}",
        "{ type: object, properties: { t: {} }, if: { properties: { t: { const: a } }, required: [t] }, then: { required: [x], properties: { x: {} } }, else: { properties: { y: {} } } }",
        &["{\"t\":\"a\",\"x\":1}", "{\"t\":\"b\",\"y\":1}"],
        &["{\"t\":\"a\"}"],
    );
    schema(
        "3.1.0",
        "X: {}",
        "{ type: array, prefixItems: [ { type: string }, { type: integer } ], items: false }",
        &["[\"a\",1]", "[\"a\"]"],
        &["[1]", "[\"a\",1,2]"],
    );
    schema(
        "3.1.0",
        "X: {}",
        "{ type: object, patternProperties: { '^x-': { type: string } }, properties: { a: {} } }",
        &["{\"a\":1,\"x-b\":\"\"}"],
        &["{\"x-b\":1}", "{\"y\":1}"],
    );
    schema(
        "3.1.0",
        "X: { type: string, maxLength: 3 }",
        "{ $ref: '#/components/schemas/X', minLength: 2 }",
        &["\"ab\""],
        &["\"a\"", "\"abcd\""],
    );
}

#[test]
fn properties_named_like_keywords() {
    let names = "{ type: object, required: [nullable], properties: { type: { type: string }, nullable: { type: boolean }, $ref: { type: string }, properties: { type: object, properties: { items: { type: integer } } }, readOnly: { type: boolean }, writeOnly: { type: boolean }, example: { type: integer }, enum: { type: array, items: {} }, discriminator: { type: string }, format: { type: string }, exclusiveMinimum: { type: boolean } } }";
    for dialect in BOTH {
        schema(
            dialect,
            "X: {}",
            names,
            &[
                "{\"nullable\":true,\"type\":\"t\",\"$ref\":\"r\",\"properties\":{\"items\":1},\"readOnly\":true,\"writeOnly\":true,\"example\":1,\"enum\":[],\"discriminator\":\"d\",\"format\":\"x\",\"exclusiveMinimum\":false}",
            ],
            &[
                "{}",
                "{\"nullable\":1}",
                "{\"nullable\":true,\"$ref\":1}",
                "{\"nullable\":true,\"properties\":{\"items\":\"\"}}",
            ],
        );
        schema(
            dialect,
            "X: {}",
            "{ enum: [ { nullable: true, type: string }, { $ref: '#/nowhere' } ] }",
            &[
                "{\"nullable\":true,\"type\":\"string\"}",
                "{\"$ref\":\"#/nowhere\"}",
            ],
            &["null", "\"\""],
        );
        schema(
            dialect,
            "X: {}",
            "{ type: object, properties: { a: { type: string, default: { $ref: x }, example: { $ref: '#/nowhere' } } } }",
            &["{\"a\":\"\"}"],
            &["{\"a\":1}"],
        );
    }
}

#[test]
fn write_only_properties_are_not_required_in_responses() {
    let user = "User: { type: object, required: [id, password], properties: { id: { type: integer, readOnly: true }, password: { type: string, writeOnly: true } } }";
    for dialect in BOTH {
        schema(
            dialect,
            user,
            "{ $ref: '#/components/schemas/User' }",
            &["{\"id\":1}"],
            &["{}", "{\"id\":1,\"password\":\"x\"}"],
        );
        schema(
            dialect,
            user,
            "{ type: array, items: { allOf: [ { $ref: '#/components/schemas/User' }, { type: object, properties: { n: {} } } ] } }",
            &["[{\"id\":1,\"n\":1}]"],
            &["[{\"n\":1}]", "[{\"id\":1,\"password\":\"x\"}]"],
        );
    }
}

#[test]
fn media_types_and_statuses() {
    let contract = with_responses(
        "3.1.0",
        "X: { type: object, required: [a], properties: { a: {} } }",
        &[
            "'200': { description: d, content: { application/vnd.api+json: { schema: { $ref: '#/components/schemas/X' } } } }",
            "'200': { description: d, content: { '*/*': { schema: { $ref: '#/components/schemas/X' } } } }",
            "'200': { description: d, content: { image/png: { schema: { type: string, format: binary } }, text/csv: { schema: { type: string } }, application/octet-stream: {} } }",
            "{ '200': { description: d }, 4XX: { description: d, content: { application/problem+json: { schema: { $ref: '#/components/schemas/X' } } } }, '404': { description: d, content: { application/json: { schema: { type: string } } } }, default: { description: d, content: { application/json: { schema: { type: integer } } } } }",
            "'200': { description: d, content: { application/json: {} } }",
            "'200': { description: d, content: { application/json: { schema: true } } }",
            "'200': { description: d, content: { 'text/plain; charset=utf-8': { schema: { type: string, maxLength: 3 } } } }",
        ],
    );
    let of = |path: &str, status: u16, media: &str, body: &[u8]| {
        findings(&contract, path, status, &[("content-type", media)], body)
    };
    let silent: &[(&str, u16, &str, &[u8])] = &[
        (
            "/0",
            200,
            "application/vnd.api+json; charset=utf-8",
            b"{\"a\":1}",
        ),
        ("/0", 200, "Application/VND.api+JSON", b"{\"a\":1}"),
        ("/1", 200, "application/json", b"{\"a\":1}"),
        ("/1", 200, "application/hal+json", b"{\"a\":1}"),
        ("/2", 200, "image/png", b"\x89PNG\r\n\x1a\n\xff\xfe"),
        ("/2", 200, "text/csv; header=present", b"a,b\r\n1,2"),
        ("/2", 200, "application/octet-stream", b"{ not json"),
        ("/3", 404, "application/json", b"\"x\""),
        ("/3", 422, "application/problem+json", b"{\"a\":1}"),
        ("/3", 302, "application/json", b"1"),
        ("/4", 200, "application/json", b"[1,{\"x\":null}]"),
        ("/5", 200, "application/json;", b"17"),
        ("/6", 200, "text/plain", b"abc"),
        ("/6", 200, "text/plain;charset=ISO-8859-1", b"\xe4\xf6\xfc"),
    ];
    for (path, status, media, body) in silent {
        assert_eq!(
            of(path, *status, media, body),
            [""; 0],
            "{path} {status} {media}"
        );
    }
    let loud: &[(&str, u16, &str, &[u8], &str)] = &[
        (
            "/0",
            200,
            "application/json",
            b"{\"a\":1}",
            "content-type-undocumented",
        ),
        ("/0", 200, "application/vnd.api+json", b"{}", "body-schema"),
        ("/1", 200, "application/json", b"{}", "body-schema"),
        (
            "/2",
            200,
            "image/jpeg",
            b"\xff\xd8",
            "content-type-undocumented",
        ),
        ("/3", 404, "application/json", b"1", "body-schema"),
        (
            "/3",
            404,
            "application/problem+json",
            b"{\"a\":1}",
            "content-type-undocumented",
        ),
        ("/3", 422, "application/problem+json", b"{}", "body-schema"),
        ("/3", 302, "application/json", b"\"x\"", "body-schema"),
        ("/3", 200, "application/json", b"{}", "body-undocumented"),
        ("/4", 200, "application/json", b"[1,", "body-truncated"),
        (
            "/4",
            200,
            "application/json",
            b"\xff\xfe{\x00}\x00",
            "body-unparsable",
        ),
        ("/4", 200, "application/json", b"NaN", "body-unparsable"),
        ("/4", 200, "application/json", b"{} {}", "body-unparsable"),
        (
            "/4",
            200,
            "application/json",
            b"{\"a\":1,\"\\u0061\":2}",
            "body-duplicate-key",
        ),
        ("/6", 200, "text/plain", b"abcd", "body-schema"),
    ];
    for (path, status, media, body, code) in loud {
        let found = of(path, *status, media, body);
        assert!(
            found
                .iter()
                .any(|line| line.starts_with(&format!("{code} "))),
            "{path} {status} {media} {body:?}: {found:?}"
        );
    }
}

#[test]
fn headers_by_their_schemas() {
    let contract = with_responses(
        "3.1.0",
        "X: {}",
        &[
            "'200': { description: d, headers: { X-Left: { required: true, schema: { type: integer, minimum: 0 } }, X-Tags: { schema: { type: array, items: { type: string, enum: [a, b] }, maxItems: 2 } }, X-On: { schema: { type: boolean } }, X-At: { schema: { type: string, format: date-time } }, X-Obj: { schema: { type: object, properties: { r: { type: integer } } } }, X-Maybe: { schema: { type: [integer, 'null'] } }, X-Id: { schema: { type: string } } } }",
        ],
    );
    let silent: &[&[(&str, &str)]] = &[
        &[("x-left", "0")],
        &[
            ("X-Left", "12"),
            ("X-Tags", "a,b"),
            ("X-On", "true"),
            ("X-At", "2024-01-01T00:00:00Z"),
            ("X-Obj", "r,100"),
            ("X-Maybe", "7"),
            ("X-Id", "0017"),
        ],
        &[("X-Left", "12"), ("X-Tags", "a"), ("X-Tags", "b")],
        &[("X-Left", "12"), ("X-Id", "true")],
    ];
    for headers in silent {
        assert_eq!(
            findings(&contract, "/0", 200, headers, b""),
            [""; 0],
            "{headers:?}"
        );
    }
    let loud: &[(&[(&str, &str)], &str)] = &[
        (&[], "header-missing"),
        (&[("x-left", "-1")], "header-invalid"),
        (&[("x-left", "many")], "header-invalid"),
        (&[("x-left", "1"), ("x-tags", "a, c")], "header-invalid"),
        (&[("x-left", "1"), ("x-tags", "a,b,a")], "header-invalid"),
        (&[("x-left", "1"), ("x-on", "yes")], "header-invalid"),
        (&[("x-left", "1"), ("x-at", "yesterday")], "header-invalid"),
    ];
    for (headers, code) in loud {
        let found = findings(&contract, "/0", 200, headers, b"");
        assert!(
            found
                .iter()
                .any(|line| line.starts_with(&format!("{code} "))),
            "{headers:?}: {found:?}"
        );
    }
}

#[test]
fn hostile_patterns_terminate() {
    let body = format!("\"{}!\"", "a".repeat(60));
    schema(
        "3.1.0",
        "X: {}",
        "{ type: string, pattern: '^(a+)+$' }",
        &["\"aaaa\""],
        &[&body],
    );
}

#[test]
fn only_the_first_of_a_million_wrong_items_are_reported() {
    let items = "'200': { description: d, content: { application/json: { schema: { type: array, items: { type: string } } } } }";
    let contract = with_responses("3.1.0", "X: {}", &[items]);
    let body = format!("[{}1]", "1,".repeat(1_000_000));
    let findings = findings(
        &contract,
        "/0",
        200,
        &[("content-type", "application/json")],
        body.as_bytes(),
    );
    // A hundred, and one that says how many more there are.
    assert_eq!(
        findings.len(),
        101,
        "{:?}",
        &findings[..3.min(findings.len())]
    );
    assert_eq!(
        findings[0],
        "body-schema Body(\"/0\"): `/0`: 1 is not of type string"
    );
}
