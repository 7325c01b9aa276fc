//! Cases that call the operations that only OpenAPI 3.2 can describe, and the items of streams.

use std::sync::Arc;

use counterpart::event::{SubjectFinished, Verdict};
use counterpart::run::{Outcome, Pipeline};
use tokio_util::sync::CancellationToken;

use super::server::{Reply, Server, with_headers};
use super::{planned, reported_codes, suite_for};

const CONTRACT: &str = "
openapi: 3.2.0
info: { title: Streams, version: '1' }
paths:
  /json:
    get:
      parameters: [ { name: filter, in: querystring, content: { application/json: { schema: { type: object } } } } ]
      responses: { '200': { description: found } }
  /form:
    get:
      parameters: [ { name: all, in: querystring, content: { application/x-www-form-urlencoded: { schema: { type: object } } } } ]
      responses: { '200': { description: found } }
  /path:
    get:
      parameters: [ { name: selector, in: querystring, content: { application/jsonpath: { schema: { type: string } } } } ]
      responses: { '200': { description: found } }
  /files/{file}:
    get:
      parameters: [ { name: file, in: path, required: true, allowReserved: true, schema: { type: string } } ]
      responses: { '200': { description: found } }
  /events:
    query:
      requestBody: { content: { application/json: { schema: {} } } }
      responses:
        '200':
          description: events
          content:
            text/event-stream: { itemSchema: { type: object, required: [data], properties: { data: { type: string, maxLength: 3 } } } }
            application/jsonl: { itemSchema: { type: object, required: [id] } }
            application/json-seq: { itemSchema: { type: integer } }
    additionalOperations:
      COPY: { responses: { '200': { description: copied } } }
      Purge: { responses: { '200': { description: gone } } }
";

/// The result of the first of these cases; the server sends the same to every request.
async fn run(server: &Server, cases: &str) -> SubjectFinished {
    let (suite, shown) = suite_for(CONTRACT, &format!("cases: [ {cases} ]"));
    assert_eq!(shown, "");
    let suite = suite.unwrap();
    let case = planned(&suite).remove(0);
    let pipeline = Pipeline::new(suite, Arc::new(server.target()), 7).unwrap();
    match pipeline.run(&case, &CancellationToken::new()).await {
        Outcome::Finished(finished) => *finished,
        other => panic!("{other:?}"),
    }
}

fn serving(media_type: &'static str, body: &'static str) -> Server {
    let header = format!("Content-Type: {media_type}\r\n");
    Server::start(move |_, _| Reply::Keep(with_headers("200 OK", &header, body.as_bytes())))
}

#[tokio::test]
async fn cases_call_operations_of_any_method() {
    for (call, line, body) in [
        (
            "call: QUERY /events, body: { q: 1 }",
            "QUERY /events",
            "{\"q\":1}",
        ),
        ("call: COPY /events", "COPY /events", ""),
        ("call: Purge /events", "Purge /events", ""),
    ] {
        let server = Server::start(|request, _| {
            let (header, body) = match request.method.as_str() {
                "QUERY" => ("Content-Type: application/jsonl\r\n", "{\"id\": 1}"),
                _ => ("", ""),
            };
            Reply::Keep(with_headers("200 OK", header, body.as_bytes()))
        });
        let case = run(
            &server,
            &format!("{{ name: a, {call}, expect: {{ status: 200 }} }}"),
        )
        .await;
        assert_eq!(
            (case.verdict, reported_codes(&case)),
            (Verdict::Passed, Vec::new()),
            "{case:#?}"
        );
        assert_eq!(server.lines(), [line]);
        assert_eq!(server.requests()[0].body, body);
    }
}

#[tokio::test]
async fn the_items_of_streams_are_checked() {
    for (media_type, body, right) in [
        (
            "text/event-stream",
            "data: abc\n\n: hello\n\ndata: d\nid: 1\n\n",
            true,
        ),
        ("text/event-stream", "data: abc\n\ndata: abcd\n\n", false),
        (
            "text/event-stream",
            "data: abc\nid: 1\n\ndata:\ndata: ab\n\n",
            true,
        ),
        ("text/event-stream", "data: ab\ndata: c\n\n", false),
        ("application/jsonl", "{\"id\": 1}\n{\"id\": 2}\n", true),
        ("application/jsonl", "{\"id\": 1}\n{}\n", false),
        ("application/jsonl", "{\"id\": 1}\n{\"id\":\n", false),
        ("application/json-seq", "\u{1e}1\n\u{1e}2\n", true),
        ("application/json-seq", "\u{1e}1\n\u{1e}x\n", false),
    ] {
        let server = serving(media_type, body);
        let case = run(
            &server,
            "{ name: a, call: QUERY /events, expect: { status: 200 } }",
        )
        .await;
        let expected: &[&str] = if right { &[] } else { &["body-schema"] };
        assert_eq!(reported_codes(&case), expected, "{body:?} {case:#?}");
    }
}

#[tokio::test]
async fn a_parameter_may_be_the_whole_query() {
    for (call, line) in [
        // The three examples of OpenAPI 3.2, "Parameter Object Examples", with values of our own.
        (
            "call: GET /json, query: { filter: { numbers: [1, 2], flag: null } }",
            "GET /json?%7B%22numbers%22%3A%5B1%2C2%5D%2C%22flag%22%3Anull%7D",
        ),
        (
            "call: GET /form, query: { all: { a: 'x y', b: true, c: [1, 2] } }",
            "GET /form?a=x%20y&b=true&c=1&c=2",
        ),
        (
            "call: GET /path, query: { selector: '$.a.b[1:1]' }",
            "GET /path?%24.a.b%5B1%3A1%5D",
        ),
        ("call: GET /path, query: { selector: null }", "GET /path"),
        // Another name is a pair of its own, as a server that reads pairs would take it.
        ("call: GET /form, query: { a: 1 }", "GET /form?a=1"),
        (
            "call: 'GET /files/{file}', path: { file: 'a:b/c?d#e%2F' }",
            "GET /files/a:b%2Fc%3Fd%23e%2F",
        ),
    ] {
        let server = serving("application/json", "");
        let case = run(
            &server,
            &format!("{{ name: a, {call}, expect: {{ status: 200 }} }}"),
        )
        .await;
        assert_eq!(case.verdict, Verdict::Passed, "{case:#?}");
        assert_eq!(server.lines(), [line]);
    }
}
