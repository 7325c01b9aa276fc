//! Parameters on the wire: the table "Style Examples" of OpenAPI 3.0.4, 3.1.1 and 3.2.0, row by row; `collectionFormat` of Swagger 2.0;
//! and what both leave to us. A loopback server records each request as it was received.

use std::sync::Arc;

use counterpart::event::Verdict;
use counterpart::run::{Outcome, Pipeline};
use counterpart::target::Target;
use tokio_util::sync::CancellationToken;

use super::server::{ReceivedRequest, Reply, Server, empty};
use super::{planned, suite_for};

/// The requests of all cases of the file, as received.
pub async fn received(contract: &str, cases: &str) -> Vec<ReceivedRequest> {
    let server = Server::start(|_, _| Reply::Keep(empty("204 No Content")));
    run_for(contract, cases, server.target()).await;
    server.requests()
}

/// Runs all cases; each must pass.
pub async fn run_for(contract: &str, cases: &str, target: Target) {
    let (suite, shown) = suite_for(contract, cases);
    let suite = suite.unwrap_or_else(|| panic!("{shown}"));
    let cases = planned(&suite);
    let pipeline = Pipeline::new(suite, Arc::new(target), 7).unwrap();
    for case in cases {
        match pipeline.run(&case, &CancellationToken::new()).await {
            Outcome::Finished(finished) => {
                assert_eq!(finished.verdict, Verdict::Passed, "{finished:#?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

/// An OpenAPI document with one operation that has one parameter `color` with these fields.
fn openapi(version: &str, location: &str, fields: &str) -> String {
    let (path, required) = match location {
        "path" => ("/colors/x{color}", "required: true, "),
        _ => ("/colors", ""),
    };
    format!(
        "openapi: {version}
info: {{ title: T, version: '1' }}
paths:
  {path}:
    get:
      parameters: [ {{ name: color, in: {location}, {required}{fields} }} ]
      responses: {{ '204': {{ description: done }} }}
"
    )
}

fn swagger(location: &str, fields: &str) -> String {
    let path = match location {
        "path" => "/colors/x{color}",
        _ => "/colors",
    };
    format!(
        "swagger: '2.0'
info: {{ title: T, version: '1' }}
paths:
  {path}:
    post:
      parameters: [ {{ name: color, in: {location}, required: {}, {fields} }} ]
      responses: {{ '204': {{ description: done }} }}
",
        location == "path"
    )
}

/// The part of the request that a parameter in this location determines.
fn shown(location: &str, request: &ReceivedRequest) -> String {
    match location {
        "path" => request.path.strip_prefix("/colors/x").unwrap().to_owned(),
        "query" => {
            let query = request.path.strip_prefix("/colors").unwrap();
            query.strip_prefix('?').unwrap_or(query).to_owned()
        }
        "header" => request.header("color").unwrap_or("(none)").to_owned(),
        "cookie" => request.header("cookie").unwrap_or("(none)").to_owned(),
        "formData" => request.body.clone(),
        other => panic!("{other}"),
    }
}

/// What is sent for one value of `color`.
async fn sent(contract: &str, location: &str, value: &str) -> String {
    let (call, field) = match location {
        "path" => ("/colors/x{color}", "path"),
        "header" => ("/colors", "headers"),
        "cookie" => ("/colors", "cookies"),
        "formData" => ("/colors", "form"),
        _ => ("/colors", "query"),
    };
    let method = if contract.starts_with("swagger") {
        "POST"
    } else {
        "GET"
    };
    let cases = format!(
        "cases: [ {{ name: a, call: \"{method} {call}\", {field}: {{ color: {value} }}, expect: {{ status: 204 }} }} ]"
    );
    let requests = received(contract, &cases).await;
    assert_eq!(requests.len(), 1);
    shown(location, &requests[0])
}

/// `undefined`, the empty string, `string`, `array`, `object`.
const VALUES: [&str; 5] = [
    "null",
    "''",
    "blue",
    "[blue, black, brown]",
    "{ R: 100, G: 200, B: 150 }",
];

/// Location, style, `explode`, and what is sent for [`VALUES`]; "n/a": the table defines nothing, so neither does this one. The column of
/// the empty string is RFC 6570's, section 3.2: in all these styles it is that of the table's former column `empty`.
const TABLE: [(&str, &str, bool, [&str; 5]); 15] = [
    (
        "path",
        "matrix",
        false,
        [
            ";color",
            ";color",
            ";color=blue",
            ";color=blue,black,brown",
            ";color=R,100,G,200,B,150",
        ],
    ),
    (
        "path",
        "matrix",
        true,
        [
            ";color",
            ";color",
            ";color=blue",
            ";color=blue;color=black;color=brown",
            ";R=100;G=200;B=150",
        ],
    ),
    (
        "path",
        "label",
        false,
        [".", ".", ".blue", ".blue,black,brown", ".R,100,G,200,B,150"],
    ),
    (
        "path",
        "label",
        true,
        [".", ".", ".blue", ".blue.black.brown", ".R=100.G=200.B=150"],
    ),
    (
        "path",
        "simple",
        false,
        ["", "", "blue", "blue,black,brown", "R,100,G,200,B,150"],
    ),
    (
        "path",
        "simple",
        true,
        ["", "", "blue", "blue,black,brown", "R=100,G=200,B=150"],
    ),
    // `null` as the value of a header removes it, as in every step.
    (
        "header",
        "simple",
        false,
        [
            "(none)",
            "",
            "blue",
            "blue,black,brown",
            "R,100,G,200,B,150",
        ],
    ),
    (
        "header",
        "simple",
        true,
        [
            "(none)",
            "",
            "blue",
            "blue,black,brown",
            "R=100,G=200,B=150",
        ],
    ),
    (
        "query",
        "form",
        false,
        [
            "color=",
            "color=",
            "color=blue",
            "color=blue,black,brown",
            "color=R,100,G,200,B,150",
        ],
    ),
    (
        "query",
        "form",
        true,
        [
            "color=",
            "color=",
            "color=blue",
            "color=blue&color=black&color=brown",
            "R=100&G=200&B=150",
        ],
    ),
    (
        "query",
        "spaceDelimited",
        false,
        [
            "n/a",
            "n/a",
            "n/a",
            "color=blue%20black%20brown",
            "color=R%20100%20G%20200%20B%20150",
        ],
    ),
    (
        "query",
        "pipeDelimited",
        false,
        [
            "n/a",
            "n/a",
            "n/a",
            "color=blue%7Cblack%7Cbrown",
            "color=R%7C100%7CG%7C200%7CB%7C150",
        ],
    ),
    (
        "query",
        "deepObject",
        true,
        [
            "n/a",
            "n/a",
            "n/a",
            "n/a",
            "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150",
        ],
    ),
    (
        "cookie",
        "cookie",
        false,
        [
            "color=",
            "color=",
            "color=blue",
            "color=blue,black,brown",
            "color=R,100,G,200,B,150",
        ],
    ),
    (
        "cookie",
        "cookie",
        true,
        [
            "color=",
            "color=",
            "color=blue",
            "color=blue; color=black; color=brown",
            "R=100; G=200; B=150",
        ],
    ),
];

#[tokio::test]
async fn the_table_of_the_specification_holds_on_the_wire() {
    for version in ["3.0.4", "3.1.1"] {
        for (location, style, explode, row) in TABLE {
            let fields = format!("style: {style}, explode: {explode}, schema: {{}}");
            let contract = openapi(version, location, &fields);
            for (value, expected) in VALUES.into_iter().zip(row) {
                if expected != "n/a" {
                    assert_eq!(
                        sent(&contract, location, value).await,
                        expected,
                        "{version} {location} {style} {explode} {value}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn styles_have_the_defaults_of_their_location() {
    for (location, expected) in [
        ("path", ["blue,black,brown", "R,100,G,200,B,150"]),
        (
            "query",
            ["color=blue&color=black&color=brown", "R=100&G=200&B=150"],
        ),
        ("header", ["blue,black,brown", "R,100,G,200,B,150"]),
        // OpenAPI 3.1.1, appendix D: cookies are separated by `; `, never by `&`.
        (
            "cookie",
            [
                "color=blue; color=black; color=brown",
                "R=100; G=200; B=150",
            ],
        ),
    ] {
        let contract = openapi("3.1.1", location, "schema: {}");
        for (value, expected) in VALUES[3..].iter().zip(expected) {
            assert_eq!(
                sent(&contract, location, value).await,
                expected,
                "{location} {value}"
            );
        }
    }
    // The default of `explode` is false for every style but `form` (and 3.2's `cookie`).
    let spaces = openapi("3.1.1", "query", "style: spaceDelimited, schema: {}");
    assert_eq!(sent(&spaces, "query", "[a, b]").await, "color=a%20b");
    let matrix = openapi("3.1.1", "path", "style: matrix, schema: {}");
    assert_eq!(sent(&matrix, "path", "[a, b]").await, ";color=a,b");
    // A style that does not exist there is reported, and the default applies.
    let wrong = openapi("3.1.1", "query", "style: matrix, schema: {}");
    assert_eq!(sent(&wrong, "query", "[a, b]").await, "color=a&color=b");
    let (_, shown) = suite_for(&wrong, "cases: [ { name: a, call: GET /colors } ]");
    assert!(
        shown
            .contains("warning[invalid-style]: the style `matrix` is not allowed in this location"),
        "{shown}"
    );
}

#[tokio::test]
async fn empty_lists_and_mappings_are_undefined() {
    for empty in ["[]", "{}"] {
        let form = openapi("3.1.1", "query", "schema: {}");
        assert_eq!(sent(&form, "query", empty).await, "");
        let may_be_empty = openapi("3.1.1", "query", "allowEmptyValue: true, schema: {}");
        assert_eq!(sent(&may_be_empty, "query", empty).await, "color=");
        // "n/a": `allowEmptyValue` is ignored.
        let pipes = openapi(
            "3.1.1",
            "query",
            "style: pipeDelimited, allowEmptyValue: true, schema: {}",
        );
        assert_eq!(sent(&pipes, "query", empty).await, "");
        let matrix = openapi("3.1.1", "path", "style: matrix, schema: {}");
        assert_eq!(sent(&matrix, "path", empty).await, ";color");
    }
}

#[tokio::test]
async fn reserved_characters_pass_where_the_contract_allows_them() {
    let value = "'a/b?c:d@e!$()*;%2B % ü|'";
    let plain = openapi("3.1.1", "query", "schema: {}");
    assert_eq!(
        sent(&plain, "query", value).await,
        "color=a%2Fb%3Fc%3Ad%40e%21%24%28%29%2A%3B%252B%20%25%20%C3%BC%7C"
    );
    let reserved = openapi("3.1.1", "query", "allowReserved: true, schema: {}");
    assert_eq!(
        sent(&reserved, "query", value).await,
        "color=a/b?c:d@e!$()*;%2B%20%25%20%C3%BC%7C"
    );
    // Only for queries.
    let path = openapi("3.1.1", "path", "allowReserved: true, schema: {}");
    assert_eq!(sent(&path, "path", "a/b").await, "a%2Fb");
}

#[tokio::test]
async fn content_is_sent_as_its_media_type() {
    let json = "content: { application/json: { schema: {} } }";
    for (location, expected) in [
        ("query", "color=%7B%22a%22%3A%5B1%2C%22x%22%2Cnull%5D%7D"),
        ("path", "%7B%22a%22%3A%5B1%2C%22x%22%2Cnull%5D%7D"),
        ("header", r#"{"a":[1,"x",null]}"#),
        ("cookie", "color=%7B%22a%22%3A%5B1%2C%22x%22%2Cnull%5D%7D"),
    ] {
        let contract = openapi("3.1.1", location, json);
        assert_eq!(
            sent(&contract, location, "{ a: [1, x, null] }").await,
            expected
        );
    }
    let query = openapi("3.1.1", "query", json);
    assert_eq!(sent(&query, "query", "x").await, "color=%22x%22");
    assert_eq!(
        sent(&query, "query", "\"{{ [1, 2] }}\"").await,
        "color=%5B1%2C2%5D"
    );
    let text = openapi("3.1.1", "query", "content: { text/plain: { schema: {} } }");
    assert_eq!(sent(&text, "query", "x y").await, "color=x%20y");
}

#[tokio::test]
async fn collection_formats_of_swagger_hold_on_the_wire() {
    let formats = |location: &str| match location {
        "path" => [
            ("", "a,b%20c"),
            ("csv", "a,b%20c"),
            ("ssv", "a%20b%20c"),
            ("tsv", "a%09b%20c"),
            ("pipes", "a%7Cb%20c"),
            ("multi", "a,b%20c"),
        ],
        "query" => [
            ("", "color=a,b%20c"),
            ("csv", "color=a,b%20c"),
            ("ssv", "color=a%20b%20c"),
            ("tsv", "color=a%09b%20c"),
            ("pipes", "color=a%7Cb%20c"),
            ("multi", "color=a&color=b%20c"),
        ],
        "header" => [
            ("", "a,b c"),
            ("csv", "a,b c"),
            ("ssv", "a b c"),
            ("tsv", "a\tb c"),
            ("pipes", "a|b c"),
            ("multi", "a,b c"),
        ],
        _ => [
            ("", "color=a%2Cb+c"),
            ("csv", "color=a%2Cb+c"),
            ("ssv", "color=a+b+c"),
            ("tsv", "color=a%09b+c"),
            ("pipes", "color=a%7Cb+c"),
            ("multi", "color=a&color=b+c"),
        ],
    };
    for location in ["path", "query", "header", "formData"] {
        for (format, expected) in formats(location) {
            let stated = match format {
                "" => String::new(),
                format => format!(", collectionFormat: {format}"),
            };
            let fields = format!("type: array, items: {{ type: string }}{stated}");
            let contract = swagger(location, &fields);
            assert_eq!(
                sent(&contract, location, "[a, b c]").await,
                expected,
                "{location} {format}"
            );
        }
    }
}

#[tokio::test]
async fn undeclared_parameters_have_the_defaults_of_the_specification() {
    let contract = openapi("3.1.1", "query", "schema: {}");
    let cases = r#"
cases:
  - name: a
    call: GET /colors
    query: { "a b": x/y, list: [1, b], map: { c: 1, d: [2] }, "flat[0][x]": y, none: null, empty: [] }
    headers: { X-List: [1, b], X-Map: { c: 1 } }
    cookies: { one: "a b", two: [1, 2] }
    expect: { status: 204 }
  - name: b
    send: GET /colors
    query: { list: "{{ [1, 2] }}", map: "{{ {'a': 'b'} }}" }
    headers: { Cookie: z=1 }
    cookies: { y: 2 }
    expect: { status: 204 }
"#;
    let requests = received(&contract, cases).await;
    assert_eq!(
        requests[0].path,
        "/colors?a%20b=x%2Fy&list=1&list=b&c=1&d=%5B2%5D&flat[0][x]=y&none="
    );
    assert_eq!(requests[0].header("x-list"), Some("1,b"));
    assert_eq!(requests[0].header("x-map"), Some("c,1"));
    assert_eq!(requests[0].header("cookie"), Some("one=a b; two=1; two=2"));
    assert_eq!(requests[1].path, "/colors?list=1&list=2&a=b");
    assert_eq!(requests[1].header("cookie"), Some("z=1; y=2"));
}

#[tokio::test]
async fn a_value_that_would_change_the_path_is_not_sent() {
    let contract = openapi("3.1.1", "path", "schema: {}").replace("/x{color}", "/{color}");
    for value in [".", "..", "\"{{ '.' }}\""] {
        let server = Server::start(|_, _| Reply::Keep(empty("204 No Content")));
        let cases = format!(
            "cases: [ {{ name: a, call: \"GET /colors/{{color}}\", path: {{ color: {value} }} }} ]"
        );
        let (suite, shown) = suite_for(&contract, &cases);
        let suite = suite.unwrap_or_else(|| panic!("{shown}"));
        let case = planned(&suite).remove(0);
        let pipeline = Pipeline::new(suite, Arc::new(server.target()), 7).unwrap();
        let Outcome::Finished(finished) = pipeline.run(&case, &CancellationToken::new()).await
        else {
            panic!("not finished");
        };
        assert_eq!(finished.verdict, Verdict::Error);
        assert!(server.requests().is_empty());
    }
    let three = openapi("3.1.1", "path", "schema: {}").replace("/x{color}", "/{color}");
    let cases = "cases: [ { name: a, call: \"GET /colors/{color}\", path: { color: ... }, expect: { status: 204 } } ]";
    assert_eq!(received(&three, cases).await[0].path, "/colors/...");
}

#[tokio::test]
async fn numbers_are_sent_as_they_are_written() {
    let contract = openapi("3.1.1", "query", "schema: {}");
    for written in [
        "1e3",
        "1.10",
        "0x10",
        "0o17",
        "-0",
        "+1",
        ".5",
        "1E-2",
        "12345678901234567890123",
        "18446744073709551616",
        "0.10000000000000000000001",
        "true",
        "True",
        "1.0",
        "7",
        "1e999",
        "1_000",
    ] {
        let expected = written.replace('+', "%2B");
        assert_eq!(
            sent(&contract, "query", written).await,
            format!("color={expected}")
        );
        assert_eq!(
            sent(&contract, "query", &format!("[{written}, {written}]")).await,
            format!("color={expected}&color={expected}")
        );
    }
    let headers = openapi("3.1.1", "header", "schema: {}");
    assert_eq!(sent(&headers, "header", "1e3").await, "1e3");
    let path = openapi("3.1.1", "path", "schema: {}");
    assert_eq!(sent(&path, "path", "{ a: 1.10 }").await, "a,1.10");
    // JSON has its own notation.
    let json = openapi(
        "3.1.1",
        "query",
        "content: { application/json: { schema: {} } }",
    );
    assert_eq!(sent(&json, "query", "0x10").await, "color=16");
}

#[tokio::test]
async fn nested_mappings_have_names_with_brackets() {
    let nested = "{ filterGroups: [{ filters: [{ field: a, value: 1e3 }] }], pageSize: 2 }";
    // As `deepObject`, delimiters encoded as in the table of the specification.
    let deep = openapi(
        "3.1.1",
        "query",
        "style: deepObject, explode: true, schema: {}",
    )
    .replace("name: color", "name: searchCriteria");
    let cases = format!(
        "cases: [ {{ name: a, call: GET /colors, query: {{ searchCriteria: {nested} }}, expect: {{ status: 204 }} }} ]"
    );
    assert_eq!(
        received(&deep, &cases).await[0].path,
        "/colors?searchCriteria%5BfilterGroups%5D%5B0%5D%5Bfilters%5D%5B0%5D%5Bfield%5D=a\
         &searchCriteria%5BfilterGroups%5D%5B0%5D%5Bfilters%5D%5B0%5D%5Bvalue%5D=1e3\
         &searchCriteria%5BpageSize%5D=2"
    );
    // Where the contract declares such names one by one: as they are declared.
    let flat = openapi("3.1.1", "query", "schema: {}").replace(
        "name: color",
        "name: 'searchCriteria[filterGroups][0][filters][0][field]'",
    );
    assert_eq!(
        received(&flat, &cases).await[0].path,
        "/colors?searchCriteria[filterGroups][0][filters][0][field]=a\
         &searchCriteria[filterGroups][0][filters][0][value]=1e3\
         &searchCriteria[pageSize]=2"
    );
}
