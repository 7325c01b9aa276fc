//! What is captured from headers, cookies and texts, and where an absolute URL may lead.

use counterpart::event::{SubjectFinished, Verdict};

use super::server::{ReceivedRequest, Reply, Server, json, with_headers};
use super::{reported_codes, run_case};

/// Three cookies, one of them set twice, and two lines of links.
fn thing(request: &ReceivedRequest) -> Reply {
    let host = &request
        .headers
        .iter()
        .find(|(name, _)| name == "host")
        .unwrap()
        .1;
    let headers = format!(
        "Content-Type: application/json\r\nSet-Cookie: theme=dark\r\nSet-Cookie: sid=old; Path=/old\r\n\
         Set-Cookie: sid=\"a=b\"; Path=/new; Secure\r\nSet-Cookie: Sid=other\r\nLocation: /things/4711\r\n\
         Link: <http://{host}/thing?page=1>; rel=\"prev\"\r\n\
         Link: </up>; rel=\"up\", <http://{host}/thing?q=a%20b#end>; rel=\"next\"\r\n"
    );
    Reply::Keep(with_headers(
        "200 OK",
        &headers,
        br#"{"id":1,"url":"/exports/today?x"}"#,
    ))
}

/// The error's message of the last step.
fn message(case: &SubjectFinished) -> String {
    let error = case.steps.last().and_then(|step| step.error.as_ref());
    error.unwrap().message.unescaped().to_owned()
}

#[tokio::test]
async fn values_are_taken_from_all_lines_and_by_pattern() {
    let server = Server::start(|request, _| thing(request));
    let case = r#"
cases:
  - name: a
    steps:
      - call: GET /thing
        capture:
          sid: { cookie: sid }
          path: { cookie: sid, attribute: path }
          secure: { cookie: sid, attribute: Secure }
          theme: { header: Set-Cookie, matches: '^(?:theme|skin)=(\w+)' }
          next: { header: Link, matches: '<([^>]*)>; rel="next"' }
          id: { header: Location, matches: '[0-9]+$' }
          digit: { matches: '"id":(\d)|"no":(\d)' }
          export: { body: $.url, matches: '/([a-z]+)\?' }
          first: { cookie: sid, matches: '\w' }
      - send: GET {{ next }}
        query: { v: "{{ sid }} {{ path }} {{ secure }} {{ theme }} {{ id }} {{ digit }} {{ export }} {{ first }}" }
"#;
    let finished = run_case(server.target(), "", case).await;
    assert_eq!(
        (finished.verdict, reported_codes(&finished)),
        (Verdict::Passed, vec![])
    );
    assert_eq!(
        server.lines(),
        [
            "GET /thing",
            "GET /thing?q=a%20b&v=%22a%3Db%22%20%2Fnew%20true%20dark%204711%201%20today%20a"
        ]
    );
}

#[tokio::test]
async fn what_is_not_there_cannot_be_captured() {
    for (capture, expected) in [
        (
            "{ cookie: session }",
            "`x` cannot be captured: the response sets no cookie `session`, only `theme`, `sid`, `sid`, `Sid`",
        ),
        (
            "{ cookie: sid, attribute: Domain }",
            "`x` cannot be captured: the cookie `sid` has no attribute `Domain`",
        ),
        (
            "{ header: Link, matches: 'rel=\"last\"' }",
            "`x` cannot be captured: `rel=\"last\"` matches nothing in the header `Link`",
        ),
        (
            "{ matches: '\"name\"' }",
            "`x` cannot be captured: `\"name\"` matches nothing in the body",
        ),
        (
            "{ header: X-None }",
            "`x` cannot be captured: the response has no header `X-None`",
        ),
    ] {
        let server = Server::start(|request, _| thing(request));
        let case = format!(
            "cases: [ {{ name: a, steps: [ {{ call: GET /thing, capture: {{ x: {capture} }} }}, {{ send: 'GET /{{{{ x }}}}' }} ] }} ]"
        );
        let finished = run_case(server.target(), "", &case).await;
        assert_eq!(reported_codes(&finished), ["capture-failed"], "{capture}");
        assert_eq!(message(&finished), expected);
        assert_eq!(server.lines(), ["GET /thing"]);
    }
}

const SYSTEM: &str = "
contract: api.yaml
auth: { user: { bearer: secret-of-the-target } }
headers: { X-System: '1' }
";

/// Follows the `Location` of a created thing.
const FOLLOW: &str = r#"
cases:
  - name: a
    steps:
      - { call: POST /things, body: {}, expect: { status: 201 }, capture: { location: { header: Location } } }
      - send: GET {{ location }}
        as: user
        headers: { X-Step: '2' }
        expect: { status: 200 }
"#;

/// A server that creates things at `location`.
fn creating(location: String) -> Server {
    Server::start(move |request, _| match request.method.as_str() {
        "POST" => {
            let headers = format!("Content-Type: application/json\r\nLocation: {location}\r\n");
            Reply::Keep(with_headers("201 Created", &headers, br#"{"id":1}"#))
        }
        _ => Reply::Keep(json("200 OK", r#"{"id":1}"#)),
    })
}

fn sent<'r>(request: &'r ReceivedRequest, name: &str) -> Option<&'r str> {
    let mut headers = request.headers.iter();
    headers
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

#[tokio::test]
async fn a_url_of_another_origin_gets_no_request() {
    let other = Server::start(|_, _| Reply::Keep(json("200 OK", r#"{"id":1}"#)));
    let origin = other.target().url.origin().ascii_serialization();
    for location in [
        format!("{origin}/thing"),
        format!("{origin}/thing").replace("http://", "HTTP://"),
        "https://127.0.0.1/thing".to_owned(),
        "ftp://127.0.0.1/thing".to_owned(),
    ] {
        let server = creating(location.clone());
        let finished = run_case(server.target(), SYSTEM, FOLLOW).await;
        assert_eq!(reported_codes(&finished), ["not-sent"], "{location}");
        let message = message(&finished);
        assert!(message.starts_with("the URL leads to `"), "{message}");
        assert!(message.ends_with(": nothing was sent"), "{message}");
        assert_eq!(server.lines(), ["POST /things"]);
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn an_allowed_origin_gets_only_what_the_step_sends() {
    let other = Server::start(|_, _| Reply::Keep(json("200 OK", r#"{"id":1}"#)));
    let origin = other.target().url.origin().ascii_serialization();
    let server = creating(format!("{origin}/thing?x=1"));
    let mut target = server.target().with_allowed_origin(&origin).unwrap();
    target.headers.insert("x-target", "3".parse().unwrap());
    let finished = run_case(target, SYSTEM, FOLLOW).await;
    assert_eq!(
        (finished.verdict, reported_codes(&finished)),
        (Verdict::Passed, vec![])
    );
    assert_eq!(other.lines(), ["GET /thing?x=1"]);
    let request = &other.requests()[0];
    assert_eq!(sent(request, "x-step"), Some("2"));
    for name in ["authorization", "x-system", "x-target"] {
        assert_eq!(sent(request, name), None, "{name}");
    }
}

#[tokio::test]
async fn a_url_of_the_target_is_signed_and_checked_like_a_path() {
    let server = Server::start(|request, _| match request.method.as_str() {
        "POST" => {
            let host = sent(request, "host").unwrap();
            let headers = format!(
                "Content-Type: application/json\r\nLocation: http://user:password@{host}/thing\r\n"
            );
            Reply::Keep(with_headers("201 Created", &headers, br#"{"id":1}"#))
        }
        _ => Reply::Keep(json("200 OK", r#"{"id":"1"}"#)),
    });
    let finished = run_case(server.target(), SYSTEM, FOLLOW).await;
    // The operation is found by the URL's path.
    assert_eq!(reported_codes(&finished), ["body-schema"]);
    let request = &server.requests()[1];
    assert_eq!(
        sent(request, "authorization"),
        Some("Bearer secret-of-the-target")
    );
    assert_eq!(sent(request, "x-system"), Some("1"));
}
