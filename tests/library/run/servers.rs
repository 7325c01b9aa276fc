//! The servers that a contract names for single paths and operations: where requests are sent, and that none goes elsewhere.

use std::sync::Arc;

use counterpart::event::{SubjectFinished, Verdict};
use counterpart::run::{Outcome, Pipeline};
use counterpart::target::Target;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::server::{Reply, Server, empty, json};
use super::{planned, reported_codes, suite_for};

const CONTRACT: &str = "openapi: 3.1.1
info: { title: T, version: '1' }
servers:
  - url: https://{region}.example/{version}
    variables:
      region: { default: eu, enum: [eu, us] }
      version: { default: v1 }
  - url: https://sandbox.example
paths:
  /plain:
    get: { responses: { '204': { description: done } } }
  /path:
    servers: [ { url: /v2 } ]
    get: { responses: { '204': { description: done } } }
    put:
      servers: [ { url: 'https://EU.example/v3/' } ]
      responses: { '204': { description: done } }
  /below:
    get:
      servers: [ { url: 'https://sandbox.example/v1/files' } ]
      responses: { '204': { description: done } }
  /elsewhere:
    get:
      servers: [ { url: 'https://files.example/{version}', variables: { version: { default: f1 } }, name: files } ]
      responses: { '204': { description: done } }
";

async fn run(target: Target, call: &str) -> SubjectFinished {
    let cases = format!("cases: [ {{ name: a, {call}, expect: {{ status: 204 }} }} ]");
    let (suite, shown) = suite_for(CONTRACT, &cases);
    let suite = suite.unwrap_or_else(|| panic!("{shown}"));
    let case = planned(&suite).remove(0);
    let pipeline = Pipeline::new(suite, Arc::new(target), 7).unwrap();
    match pipeline.run(&case, &CancellationToken::new()).await {
        Outcome::Finished(finished) => *finished,
        other => panic!("{other:?}"),
    }
}

fn server() -> Server {
    Server::start(|_, _| Reply::Keep(empty("204 No Content")))
}

/// The path of the request of a case, on a target with this path in its URL.
async fn path(below: &str, call: &str, change: impl Fn(Target) -> Target) -> String {
    let server = server();
    let target = Target::parse(&format!("{}{below}", server.url)).unwrap();
    let finished = run(change(target), call).await;
    assert_eq!(finished.verdict, Verdict::Passed, "{call}: {finished:#?}");
    server.requests().remove(0).path
}

#[tokio::test]
async fn the_server_of_an_operation_decides_the_base_path() {
    for (below, call, expected) in [
        ("", "call: GET /plain", "/v1/plain"),
        ("", "call: GET /path", "/v2/path"),
        ("", "call: PUT /path", "/v3/path"),
        ("", "call: GET /below", "/v1/files/below"),
        ("/proxy/v1", "call: GET /plain", "/proxy/v1/plain"),
        ("/proxy/v1", "call: GET /path", "/proxy/v2/path"),
        ("/api", "call: GET /plain", "/api/plain"),
        ("/api", "call: GET /below", "/api/files/below"),
        ("/api", "call: GET /path", "/v2/path"),
        // A raw request is below the document's server; its operation is found by the path.
        ("", "send: GET /plain", "/v1/plain"),
        ("", "send: GET //v2/path", "/v2/path"),
    ] {
        assert_eq!(
            path(below, call, |target| target).await,
            expected,
            "{below} {call}"
        );
    }
}

#[tokio::test]
async fn raw_requests_match_the_operation_at_its_own_server() {
    // Steps of a case that passes are not in its report.
    let server = Server::start(|_, _| Reply::Keep(json("200 OK", "{}")));
    let finished = run(server.target(), "send: GET //v2/path").await;
    assert_eq!(finished.steps[0].operation.as_deref(), Some("GET /path"));
    // The operation does not exist below another base path.
    let finished = run(server.target(), "send: GET /path").await;
    assert_eq!(finished.steps[0].operation, None);
    assert_eq!(server.lines(), ["GET /v2/path", "GET /v1/path"]);
}

#[tokio::test]
async fn variables_are_set_for_the_target() {
    let version = |target: Target| target.with_server_variable("version", "v9");
    assert_eq!(path("", "call: GET /plain", version).await, "/v9/plain");
    assert_eq!(
        path("/api", "call: GET /plain", version).await,
        "/api/plain"
    );
    let server = server();
    let target = server.target().with_server_variable("region", "moon");
    let finished = run(target, "call: GET /plain").await;
    assert_eq!(reported_codes(&finished), ["not-sent"]);
    let shown = format!("{finished:?}");
    assert!(
        shown.contains(
            "the server variable `region` cannot be `moon`; the contract allows `eu`, `us`"
        ),
        "{shown}"
    );
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_server_on_another_host_needs_a_url_of_the_target() {
    let (main, files) = (server(), server());
    let finished = run(main.target(), "call: GET /elsewhere").await;
    assert_eq!(
        (finished.verdict, reported_codes(&finished)),
        (Verdict::Error, vec!["not-sent".to_owned()])
    );
    let shown = format!("{finished:?}");
    assert!(
        shown.contains("GET /elsewhere is on the server https://files.example/f1"),
        "{shown}"
    );
    assert!(main.requests().is_empty());
    for name in [
        "https://files.example/{version}",
        "https://files.example/f1",
        "files",
    ] {
        for (below, expected) in [("", "/f1/elsewhere"), ("/mine", "/mine/elsewhere")] {
            let url = Url::parse(&format!("{}{below}", files.url)).unwrap();
            let finished = run(main.target().with_server(name, url), "call: GET /elsewhere").await;
            assert_eq!(finished.verdict, Verdict::Passed, "{finished:#?}");
            assert_eq!(files.requests().pop().unwrap().path, expected);
        }
    }
    assert!(main.requests().is_empty());
}

#[tokio::test]
async fn headers_of_the_target_go_to_its_servers_and_not_to_allowed_origins() {
    let (main, files) = (server(), server());
    let mut url = Url::parse(&files.url).unwrap();
    url.set_username("me").unwrap();
    let mut target = main.target().with_server("files", url);
    target.url.set_username("you").unwrap();
    let own = http::HeaderValue::from_static("1");
    target.headers.insert("x-own", own);

    let finished = run(target.clone(), "call: GET /elsewhere").await;
    assert_eq!(finished.verdict, Verdict::Passed, "{finished:#?}");
    let request = files.requests().pop().unwrap();
    assert_eq!(request.header("x-own"), Some("1"));
    // RFC 7617: `me:` in Base64.
    assert_eq!(request.header("authorization"), Some("Basic bWU6"));

    // The URL of a server is no permission to send anything else there.
    let send = format!(
        "vars: {{ at: {} }}, send: 'GET {{{{ at }}}}/f1/any'",
        files.url
    );
    let finished = run(target.clone(), &send).await;
    assert_eq!(reported_codes(&finished), ["not-sent"]);
    let target = target.with_allowed_origin(&files.url).unwrap();
    let finished = run(target, &send).await;
    assert_eq!(finished.verdict, Verdict::Passed, "{finished:#?}");
    let request = files.requests().pop().unwrap();
    assert_eq!(request.path, "/f1/any");
    assert_eq!(request.header("x-own"), None);
    assert_eq!(request.header("authorization"), None);
    assert_eq!(files.requests().len(), 2);
}
