//! What a case needs is made for it once and removed after it, whatever happens between.

use counterpart::event::{StepRole, Verdict};
use counterpart::run::{Outcome, Pipeline};
use tokio_util::sync::CancellationToken;

use super::server::{Answer, CheckContext, Server, empty, json};
use super::{ask, planned, suite, told};

/// Makes things with the ids 1, 2, 3, …
fn server(other: impl Fn(&CheckContext) -> Answer + Send + Sync + 'static) -> Server {
    let made = std::sync::atomic::AtomicUsize::new(0);
    Server::start(move |asked, _| match asked.method.as_str() {
        "POST" => {
            let id = made.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
            Answer::Keep(json("201 Created", &format!("{{\"id\":{id}}}")))
        }
        "DELETE" => Answer::Keep(empty("204 No Content")),
        _ => other(asked),
    })
}

fn fine(_: &CheckContext) -> Answer {
    Answer::Keep(json("200 OK", "{\"id\":1}"))
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
async fn a_fixture_is_made_once_a_case_and_removed_in_reverse() {
    let server = server(fine);
    let text = case(
        "given: [thing, pair], call: GET /thing, query: { q: '{{ id }}{{ pair }}' }, expect: { status: 200 }",
    );
    let case = ask(server.target(), "", &text).await;
    assert_eq!(case.verdict, Verdict::Passed, "{case:#?}");
    let lines = [
        "POST /things",
        "POST /things",
        "GET /thing?q=12",
        "DELETE /things/2",
        "DELETE /things/1",
    ];
    assert_eq!(server.lines(), lines);
    assert_eq!(server.asked()[1].body, "{\"of\":1}");
    assert_eq!(case.requests, 5);
}

#[tokio::test]
async fn under_an_alias_it_is_another_one() {
    let server = server(fine);
    let text = case(
        "given: [thing, { other: thing }], call: GET /thing, query: { q: '{{ id }}{{ other.id }}' }, expect: { status: 200 }",
    );
    assert_eq!(
        ask(server.target(), "", &text).await.verdict,
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
        .asked()
        .iter()
        .map(|asked| asked.body.clone())
        .collect();
    assert_ne!(bodies[0], bodies[1], "generated values tell the two apart");
}

#[tokio::test]
async fn a_failed_step_is_the_last_and_cleanup_follows() {
    let server = server(|_| Answer::Keep(json("404 Not Found", "{}")));
    let text = case(
        "given: [thing], steps: [ { call: GET /thing, query: { q: '{{ id }}' }, expect: { status: 200 } }, { call: GET /thing } ]",
    );
    let case = ask(server.target(), "", &text).await;
    assert_eq!(case.verdict, Verdict::Failed);
    assert_eq!(
        server.lines(),
        ["POST /things", "GET /thing?q=1", "DELETE /things/1"]
    );
}

#[tokio::test]
async fn a_fixture_that_fails_half_way_removes_what_it_made() {
    let made = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |asked, _| match asked.method.as_str() {
        "POST" if made.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 => {
            Answer::Keep(json("201 Created", "{\"id\":1}"))
        }
        "POST" => Answer::Close(Vec::new()),
        _ => Answer::Keep(empty("204 No Content")),
    });
    let text = case("given: [pair], call: GET /thing, query: { q: '{{ pair }}' }");
    let case = ask(server.target(), "", &text).await;
    assert_eq!(
        (case.verdict, told(&case)),
        (Verdict::Error, vec!["connection-broken".to_owned()])
    );
    // The kept connection may have ended by itself, so the request that broke off is sent again, once.
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
async fn a_missing_capture_ends_the_case_without_guessing() {
    let server = Server::start(|asked, _| {
        Answer::Keep(match asked.method.as_str() {
            "POST" => json("201 Created", "{\"id\":1}"),
            _ => json("200 OK", "{\"id\":1}"),
        })
    });
    let text = "cases: [ { name: a, steps: [ { call: GET /thing, expect: { status: 200 }, capture: { x: $.nothing } }, { call: GET /thing, query: { q: '{{ x }}' } } ] } ]";
    let case = ask(server.target(), "", text).await;
    assert_eq!(
        (case.verdict, told(&case)),
        (Verdict::Error, vec!["capture-failed".to_owned()])
    );
    assert_eq!(server.lines(), ["GET /thing"]);
}

#[tokio::test]
async fn what_cannot_be_removed_is_told_and_changes_no_verdict() {
    let server = Server::start(|asked, _| {
        Answer::Keep(match asked.method.as_str() {
            "POST" => json("201 Created", "{\"id\":1}"),
            "DELETE" => json("403 Forbidden", "{}"),
            _ => json("200 OK", "{\"id\":1}"),
        })
    });
    let text =
        case("given: [thing], call: GET /thing, query: { q: '{{ id }}' }, expect: { status: 200 }");
    let case = ask(server.target(), "", &text).await;
    assert_eq!(
        (case.verdict, told(&case)),
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
    let server = server(|_| Answer::Hang);
    let text =
        case("given: [thing], call: GET /thing, query: { q: '{{ id }}' }, expect: { status: 200 }");
    let suite = suite("", &text);
    let case = planned(&suite).remove(0);
    let pipeline = Pipeline::new(suite, std::sync::Arc::new(server.target()), 7).unwrap();
    let cancel = CancellationToken::new();
    let asked = async {
        while server.lines().len() < 2 {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(pipeline.run(&case, &cancel), asked);
    assert!(matches!(outcome, Outcome::Interrupted), "{outcome:?}");
    assert_eq!(
        server.lines(),
        ["POST /things", "GET /thing?q=1", "DELETE /things/1"]
    );
}
