//! What judging receives from the execution of a case: the complete, unredacted transcript, and one call for each response.

use std::sync::Arc;

use counterpart::event::{StepRole, Verdict};
use counterpart::execute::{CaseEnding, ExecutedStep, Flow, Session, Transcript};
use counterpart::finding::{ErrorKind, Named};
use counterpart::judge::Judge;
use counterpart::plan::PlannedCase;
use counterpart::target::Target;
use tokio_util::sync::CancellationToken;

use super::server::{Reply, Server, json};
use super::{planned, suite};

const SYSTEM: &str = r#"
auth:
  admin:
    login: { call: POST /login, body: { username: "{{ credentials.username }}", password: "{{ credentials.password }}" } }
"#;

const CASE: &str = r#"
fixtures:
  thing:
    steps:
      - call: POST /things
        body: { password: "hunter2-of-the-case" }
        expect: { status: 201 }
        capture: { id: $.id }
    cleanup: [ { call: "DELETE /things/{id}", path: { id: "{{ id }}" } } ]
cases:
  - name: a
    given: [thing]
    steps:
      - { call: GET /me, as: admin, expect: { status: 200, body: { id: 7 } }, capture: { seen: $.id } }
      - { call: GET /thing, query: { q: "{{ seen }}" }, expect: { status: 200 } }
"#;

/// Keys out of order, one of them twice, and a number in an odd spelling.
const ME: &str = r#"{"z": 1, "id":7.0e0, "a": 2, "z": 3}"#;

fn server() -> Server {
    Server::start(|request, _| {
        Reply::Keep(match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/login") => json("200 OK", "\"token-of-the-admin\""),
            ("POST", "/things") => json("201 Created", "{\"id\":1}"),
            ("DELETE", _) => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
            (_, "/me") => json("200 OK", ME),
            _ => json("200 OK", "{\"id\":1}"),
        })
    })
}

fn target(server: &Server) -> Target {
    let target = server.target();
    let target = target.with_credential("admin", "username", "root");
    target.with_credential("admin", "password", "correct horse")
}

fn session(server: &Server) -> (Session, Judge, PlannedCase) {
    let suite = suite(SYSTEM, CASE);
    let case = planned(&suite).remove(0);
    let target = Arc::new(target(server));
    let judge = Judge::new(Arc::clone(&suite), Arc::clone(&target));
    (Session::new(suite, target, 7).unwrap(), judge, case)
}

fn roles(transcript: &Transcript<'_>) -> Vec<StepRole> {
    let steps = transcript.steps.iter();
    steps.map(|step| step.role.clone()).collect()
}

#[tokio::test]
async fn a_transcript_is_complete_in_order_and_unredacted() {
    let server = server();
    let (session, _, case) = session(&server);
    let cancel = CancellationToken::new();
    let mut gated = Vec::new();
    let mut gate = |step: &ExecutedStep<'_>| {
        gated.push(step.role.clone());
        Flow::Continue
    };
    let transcript = session.execute(&case, &cancel, &mut gate).await;
    let fixture = StepRole::Fixture("thing".to_owned());
    assert!(matches!(transcript.ending, CaseEnding::Completed));
    assert_eq!(
        roles(&transcript),
        [
            fixture.clone(),
            StepRole::Login("admin".to_owned()),
            StepRole::Step,
            StepRole::Step,
            StepRole::Cleanup
        ]
    );
    assert_eq!(
        gated,
        [fixture, StepRole::Step, StepRole::Step],
        "once for each judged response"
    );
    assert_eq!(transcript.requests, 5);
    assert_eq!(transcript.credentials, ["token-of-the-admin"]);
    let values: Vec<&str> = transcript
        .values
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(values, ["id", "seen"]);
    let exchanges: Vec<_> = transcript
        .steps
        .iter()
        .map(|step| step.exchange.as_ref().unwrap())
        .collect();
    assert!(
        exchanges[0]
            .request
            .body
            .ends_with(b"\"hunter2-of-the-case\"}"),
        "{:?}",
        exchanges[0].request.body
    );
    assert_eq!(
        exchanges[2].request.headers["authorization"],
        "Bearer token-of-the-admin"
    );
    assert_eq!(exchanges[2].response.body, ME.as_bytes());
}

#[tokio::test]
async fn the_predicate_ends_a_case_which_then_cleans_up() {
    let server = server();
    let (session, _, case) = session(&server);
    let cancel = CancellationToken::new();
    let mut gate = |step: &ExecutedStep<'_>| match step.role {
        StepRole::Step => Flow::Stop,
        _ => Flow::Continue,
    };
    let transcript = session.execute(&case, &cancel, &mut gate).await;
    assert!(matches!(transcript.ending, CaseEnding::Stopped));
    assert_eq!(
        server.lines(),
        ["POST /things", "POST /login", "GET /me", "DELETE /things/1"]
    );
    let values = transcript.values.iter().map(|(name, _)| name.as_str());
    assert_eq!(
        values.collect::<Vec<_>>(),
        ["id", "seen"],
        "captured for the cleanup"
    );
}

#[tokio::test]
async fn judging_during_and_after_execution_gives_the_same_result() {
    let server = Server::start(|request, _| {
        Reply::Keep(match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/login") => json("200 OK", "\"token-of-the-admin\""),
            ("POST", "/things") => json("201 Created", "{\"id\":1}"),
            (_, "/me") => json("200 OK", r#"{"id":8,"token":"a-secret-of-the-server"}"#),
            _ => json("200 OK", "{\"id\":\"x\"}"),
        })
    });
    let (session, judge, case) = session(&server);
    let cancel = CancellationToken::new();
    let mut judging = judge.case(&case);
    let mut gate = |step: &ExecutedStep<'_>| judging.response(step);
    let transcript = session.execute(&case, &cancel, &mut gate).await;
    let during = judging.finish(&transcript);
    let after = judge.case(&case).finish(&transcript);
    assert_eq!(during, after);
    assert_eq!(during.verdict, Verdict::Failed);
    let text = serde_json::to_string(&during).unwrap();
    assert!(text.contains("body-schema") && text.contains("expect-body"));
    for secret in [
        "token-of-the-admin",
        "hunter2",
        "correct horse",
        "a-secret-of-the-server",
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test]
async fn a_failed_capture_ends_the_case_with_its_error() {
    let server = Server::start(|_, _| Reply::Keep(json("200 OK", "{}")));
    let text = "cases: [ { name: a, steps: [ { send: GET /x, expect: { status: 200 }, capture: { _x: $.id } }, { send: GET /y } ] } ]";
    let suite = suite("", text);
    let case = planned(&suite).remove(0);
    let session = Session::new(suite, Arc::new(server.target()), 7).unwrap();
    let cancel = CancellationToken::new();
    let mut gate = |_: &ExecutedStep<'_>| Flow::Continue;
    let transcript = session.execute(&case, &cancel, &mut gate).await;
    assert_eq!(server.lines(), ["GET /x"]);
    let error = transcript.steps[0].error.as_ref().unwrap();
    assert_eq!(error.kind, Named::Known(ErrorKind::CaptureFailed));
    assert_eq!(
        error.message,
        "`_x` cannot be captured: `$.id` finds nothing in the response"
    );
}
