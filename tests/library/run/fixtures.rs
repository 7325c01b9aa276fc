//! Fixtures of a case are created once and removed afterwards, whatever happens in between.

use counterpart::event::{StepRole, Verdict};
use counterpart::run::{Outcome, Pipeline};
use tokio_util::sync::CancellationToken;

use super::server::{ReceivedRequest, Reply, Server, empty, json};
use super::{planned, reported_codes, run_case, suite};

/// Creates things with the ids 1, 2, 3, …
fn server(other: impl Fn(&ReceivedRequest) -> Reply + Send + Sync + 'static) -> Server {
    let made = std::sync::atomic::AtomicUsize::new(0);
    Server::start(move |request, _| match request.method.as_str() {
        "POST" => {
            let id = made.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
            Reply::Keep(json("201 Created", &format!("{{\"id\":{id}}}")))
        }
        "DELETE" => Reply::Keep(empty("204 No Content")),
        _ => other(request),
    })
}

fn thing_one(_: &ReceivedRequest) -> Reply {
    Reply::Keep(json("200 OK", "{\"id\":1}"))
}

const THING: &str = r#"
  thing:
    steps: [ { call: POST /things, body: { kind: "{{ unique.word }}" }, capture: { id: $.id } } ]
    cleanup: [ { call: "DELETE /things/{id}", path: { id: "{{ id }}" } } ]
"#;
const PAIR: &str = r#"
  pair:
    given: [ thing ]
    steps: [ { call: POST /things, body: { of: "{{ id }}" }, capture: { pair: $.id } } ]
    cleanup: [ { call: "DELETE /things/{id}", path: { id: "{{ pair }}" } } ]
"#;

fn case(rest: &str) -> String {
    let pair = if rest.contains("pair") { PAIR } else { "" };
    format!("fixtures:{THING}{pair}cases: [ {{ name: a, {rest} }} ]")
}

#[tokio::test]
async fn a_fixture_is_created_once_per_case_and_removed_in_reverse_order() {
    let server = server(thing_one);
    let text = case(
        "given: [thing, pair], call: GET /thing, query: { q: '{{ id }}{{ pair }}' }, expect: { status: 200 }",
    );
    let case = run_case(server.target(), "", &text).await;
    assert_eq!(case.verdict, Verdict::Passed, "{case:#?}");
    let lines = [
        "POST /things",
        "POST /things",
        "GET /thing?q=12",
        "DELETE /things/2",
        "DELETE /things/1",
    ];
    assert_eq!(server.lines(), lines);
    assert_eq!(server.requests()[1].body, "{\"of\":1}");
    assert_eq!(case.requests, 5);
}

#[tokio::test]
async fn an_alias_creates_another_instance() {
    let server = server(thing_one);
    let text = case(
        "given: [thing, { other: thing }], call: GET /thing, query: { q: '{{ id }}{{ other.id }}' }, expect: { status: 200 }",
    );
    assert_eq!(
        run_case(server.target(), "", &text).await.verdict,
        Verdict::Passed
    );
    let lines = [
        "POST /things",
        "POST /things",
        "GET /thing?q=12",
        "DELETE /things/2",
        "DELETE /things/1",
    ];
    assert_eq!(server.lines(), lines);
    let bodies: Vec<String> = server
        .requests()
        .iter()
        .map(|request| request.body.clone())
        .collect();
    assert_ne!(bodies[0], bodies[1], "generated values differ");
}

#[tokio::test]
async fn cleanup_follows_a_failed_step() {
    let server = server(|_| Reply::Keep(json("404 Not Found", "{}")));
    let text = case(
        "given: [thing], steps: [ { call: GET /thing, query: { q: '{{ id }}' }, expect: { status: 200 } }, { call: GET /thing } ]",
    );
    let case = run_case(server.target(), "", &text).await;
    assert_eq!(case.verdict, Verdict::Failed);
    assert_eq!(
        server.lines(),
        ["POST /things", "GET /thing?q=1", "DELETE /things/1"]
    );
}

#[tokio::test]
async fn a_fixture_that_fails_half_way_removes_what_it_created() {
    let made = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |request, _| match request.method.as_str() {
        "POST" if made.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 => {
            Reply::Keep(json("201 Created", "{\"id\":1}"))
        }
        "POST" => Reply::Close(Vec::new()),
        _ => Reply::Keep(empty("204 No Content")),
    });
    let text = case("given: [pair], call: GET /thing, query: { q: '{{ pair }}' }");
    let case = run_case(server.target(), "", &text).await;
    assert_eq!(
        (case.verdict, reported_codes(&case)),
        (Verdict::Error, vec!["connection-broken".to_owned()])
    );
    // The server may have closed the kept connection, so the failed request is sent once more.
    assert_eq!(
        server.lines(),
        [
            "POST /things",
            "POST /things",
            "POST /things",
            "DELETE /things/1"
        ]
    );
}

#[tokio::test]
async fn a_missing_capture_ends_the_case() {
    let server = Server::start(|request, _| {
        Reply::Keep(match request.method.as_str() {
            "POST" => json("201 Created", "{\"id\":1}"),
            _ => json("200 OK", "{\"id\":1}"),
        })
    });
    let text = "cases: [ { name: a, steps: [ { call: GET /thing, expect: { status: 200 }, capture: { x: $.nothing } }, { call: GET /thing, query: { q: '{{ x }}' } } ] } ]";
    let case = run_case(server.target(), "", text).await;
    assert_eq!(
        (case.verdict, reported_codes(&case)),
        (Verdict::Error, vec!["capture-failed".to_owned()])
    );
    assert_eq!(server.lines(), ["GET /thing"]);
}

#[tokio::test]
async fn a_failed_cleanup_is_reported_and_changes_no_verdict() {
    let server = Server::start(|request, _| {
        Reply::Keep(match request.method.as_str() {
            "POST" => json("201 Created", "{\"id\":1}"),
            "DELETE" => json("403 Forbidden", "{}"),
            _ => json("200 OK", "{\"id\":1}"),
        })
    });
    let text =
        case("given: [thing], call: GET /thing, query: { q: '{{ id }}' }, expect: { status: 200 }");
    let case = run_case(server.target(), "", &text).await;
    assert_eq!(
        (case.verdict, reported_codes(&case)),
        (Verdict::Passed, vec!["cleanup-failed".to_owned()])
    );
    assert_eq!(case.steps[0].role, StepRole::Cleanup);
    assert!(
        case.steps[0]
            .error
            .as_ref()
            .unwrap()
            .message
            .unescaped()
            .contains("403 Forbidden")
    );
}

#[tokio::test]
async fn a_cancelled_case_cleans_up() {
    let server = server(|_| Reply::Hang);
    let text =
        case("given: [thing], call: GET /thing, query: { q: '{{ id }}' }, expect: { status: 200 }");
    let suite = suite("", &text);
    let case = planned(&suite).remove(0);
    let pipeline = Pipeline::new(suite, std::sync::Arc::new(server.target()), 7).unwrap();
    let cancel = CancellationToken::new();
    let cancel_while_hanging = async {
        while server.lines().len() < 2 {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(pipeline.run(&case, &cancel), cancel_while_hanging);
    assert!(matches!(outcome, Outcome::Interrupted), "{outcome:?}");
    assert_eq!(
        server.lines(),
        ["POST /things", "GET /thing?q=1", "DELETE /things/1"]
    );
}

/// Refused with 400, but created by a server that does not refuse it.
const REFUSED: &str = "cases: [ { name: a, call: POST /things, body: {}, expect: { status: 400, undocumented: true }, \
    cleanup: [ { call: 'DELETE /things/{id}', path: { id: '{{ unexpected.id }}' }, as: CALLER } ] } ]";

#[tokio::test]
async fn what_should_not_have_been_created_is_removed() {
    let server = server(thing_one);
    let case = run_case(server.target(), "", &REFUSED.replace("CALLER", "guest")).await;
    assert_eq!(
        (case.verdict, reported_codes(&case)),
        (Verdict::Failed, vec!["status-unexpected".to_owned()])
    );
    assert_eq!(server.lines(), ["POST /things", "DELETE /things/1"]);
}

#[tokio::test]
async fn nothing_is_removed_after_the_expected_refusal_and_no_credentials_are_needed() {
    let server = Server::start(|_, _| Reply::Keep(json("400 Bad Request", "{\"id\":1}")));
    let system = "auth: { admin: { login: { call: POST /login, body: { name: '{{ credentials.name }}' } } } }";
    for caller in ["guest", "admin"] {
        let text = REFUSED.replace("CALLER", caller);
        let case = run_case(server.target(), system, &text).await;
        assert_eq!(
            (case.verdict, reported_codes(&case)),
            (Verdict::Passed, vec![]),
            "{caller}"
        );
    }
    assert_eq!(server.lines(), ["POST /things", "POST /things"]);
}

#[tokio::test]
async fn a_creation_with_an_unexpected_status_is_removed() {
    let server = Server::start(|request, _| {
        Reply::Keep(match request.method.as_str() {
            "POST" => json("200 OK", "{\"id\":7}"),
            _ => empty("204 No Content"),
        })
    });
    let text = "cases: [ { name: a, call: POST /things, body: {}, expect: { status: 201 }, capture: { id: $.id }, \
        cleanup: [ { call: 'DELETE /things/{id}', path: { id: '{{ id }}' } } ] } ]";
    let case = run_case(server.target(), "", text).await;
    assert_eq!(case.verdict, Verdict::Failed);
    assert_eq!(server.lines(), ["POST /things", "DELETE /things/7"]);
}

/// A missing check of credentials does not end the case.
#[tokio::test]
async fn what_an_unauthenticated_client_created_is_removed() {
    let server = Server::start(|request, _| {
        Reply::Keep(match request.method.as_str() {
            "GET" => json("200 OK", "{\"id\":5}"),
            _ => empty("204 No Content"),
        })
    });
    let text = "cases: [ { name: a, call: GET /me, expect: { status: 401 }, \
        cleanup: [ { call: 'DELETE /things/{id}', path: { id: '{{ unexpected.id }}' } } ] } ]";
    let case = run_case(server.target(), "", text).await;
    assert_eq!(reported_codes(&case), ["auth-ignored"]);
    assert_eq!(server.lines(), ["GET /me", "DELETE /things/5"]);
}
