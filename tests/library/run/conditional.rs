//! Conditional requests (RFC 9110, section 13) against a store that compares entity tags, and times within a case.

use std::sync::Mutex;

use counterpart::event::Verdict;
use serde_json::{Value, json};

use super::server::{ReceivedRequest, Reply, Server, empty, with_headers};
use super::{reported_codes, run_case};

/// One thing with an entity tag that follows its version.
#[derive(Default)]
struct Store {
    version: Mutex<u32>,
}

impl Store {
    fn respond(&self, request: &ReceivedRequest) -> Reply {
        let mut version = self.version.lock().unwrap();
        let tag = format!("\"v{version}\"");
        let matches = |name: &str| {
            let list = request.header(name)?;
            Some(list == "*" || list.split(',').any(|known| known.trim() == tag))
        };
        if matches("if-match") == Some(false) {
            return Reply::Keep(with_headers("412 Precondition Failed", "", b""));
        }
        if matches("if-none-match") == Some(true) {
            let head = format!("HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n");
            return Reply::Keep(head.into_bytes());
        }
        if request.method == "PUT" {
            *version += 1;
        }
        let headers = format!("ETag: \"v{version}\"\r\nContent-Type: application/json\r\n");
        let body = json!({ "version": *version }).to_string();
        Reply::Keep(with_headers("200 OK", &headers, body.as_bytes()))
    }
}

fn store() -> Server {
    let store = Store::default();
    Server::start(move |request, _| store.respond(request))
}

const FLOW: &str = r##"
cases:
  - name: a lost update is refused
    steps:
      - send: GET /thing
        expect: { status: 200, undocumented: true, headers: { ETag: { $matches: '^"v[0-9]+"$' } } }
        capture: { first: { header: ETag }, before: $.version }
      - send: GET /thing
        headers: { If-None-Match: "{{ first }}" }
        expect: { status: 304, undocumented: true, headers: { ETag: "{{ first }}" }, text: "" }
      - send: PUT /thing
        headers: { If-Match: "{{ first }}" }
        body: {}
        expect: { status: 200, undocumented: true, headers: { ETag: { $not: "{{ first }}" } }, body: { version: { $gt: "{{ before }}" } } }
        capture: { second: { header: ETag } }
      - send: PUT /thing
        headers: { If-Match: "{{ first }}" }
        body: {}
        expect: { status: 412, undocumented: true }
      - send: GET /thing
        headers: { If-None-Match: '{{ first }}, W/"x"' }
        expect: { status: 200, undocumented: true, headers: { ETag: "{{ second }}" }, body: { $equals: { version: "{{ before + 1 }}" } } }
"##;

#[tokio::test]
async fn entity_tags_are_captured_sent_and_compared() {
    let server = store();
    let finished = run_case(server.target(), "", FLOW).await;
    assert_eq!(finished.verdict, Verdict::Passed, "{finished:#?}");
    let requests = server.requests();
    assert_eq!(requests[1].header("if-none-match"), Some("\"v0\""));
    assert_eq!(requests[3].header("if-match"), Some("\"v0\""));
    assert_eq!(requests.len(), 5);
}

#[tokio::test]
async fn a_server_that_ignores_entity_tags_is_found() {
    let server = Server::start(|_, _| {
        let headers = "ETag: \"v1\"\r\nContent-Type: application/json\r\n";
        Reply::Keep(with_headers("200 OK", headers, b"{\"version\":1}"))
    });
    let finished = run_case(server.target(), "", FLOW).await;
    assert_eq!(finished.verdict, Verdict::Failed);
    assert!(
        reported_codes(&finished).contains(&"status-unexpected".to_owned()),
        "{finished:#?}"
    );
}

/// `now` of the requests of one case.
#[tokio::test]
async fn the_time_is_the_same_within_a_case() {
    let server = Server::start(|request, _| match request.path.as_str() {
        "/slow" => Reply::Drip(
            empty("204 No Content"),
            std::time::Duration::from_millis(30),
        ),
        _ => Reply::Keep(empty("204 No Content")),
    });
    let cases = "
fixtures:
  early: { vars: { made: '{{ now }}' }, steps: [ { send: GET /slow, expect: { status: 204, undocumented: true } } ] }
cases:
  - name: a
    given: [early]
    vars: { same: '{{ made == now }}' }
    steps:
      - send: POST /things
        body: { now: '{{ now }}', today: '{{ today }}', same: '{{ same }}', later: \"{{ now | plus('1h') | date('%H') }}\", id: '{{ unique.uuid }}' }
        expect: { status: 204, undocumented: true }
";
    let before = time::OffsetDateTime::now_utc().unix_timestamp();
    let finished = run_case(server.target(), "", cases).await;
    let after = time::OffsetDateTime::now_utc().unix_timestamp();
    assert_eq!(finished.verdict, Verdict::Passed, "{finished:#?}");
    let sent: Value = serde_json::from_str(&server.requests()[1].body).unwrap();
    assert_eq!(sent["same"], true);
    let now = sent["now"].as_str().unwrap();
    let format = &time::format_description::well_known::Rfc3339;
    let parsed = time::OffsetDateTime::parse(now, format).unwrap();
    assert!((before..=after).contains(&parsed.unix_timestamp()), "{now}");
    assert_eq!(sent["today"], now[..10]);
    let hour: u8 = sent["later"].as_str().unwrap().parse().unwrap();
    assert_eq!(hour, (parsed.hour() + 1) % 24);
    assert_eq!(sent["id"].as_str().unwrap().len(), 36);
}
