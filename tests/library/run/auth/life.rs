//! How long tokens are used: near their end and after a 401 they are obtained again.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use counterpart::event::{Event, Verdict};
use counterpart::target::Target;

use super::super::run_all;
use super::super::server::{ReceivedRequest, Reply, Server, json};
use super::{run_steps, shown};

const SYSTEM: &str = "auth: { p: { login: { send: POST /login, body: { user: '{{ credentials.username }}' } }, token: $.token } }";

fn target(server: &Server) -> Target {
    server.target().with_credential("p", "username", "root")
}

fn cases(number: usize) -> String {
    let rows: Vec<String> = (0..number).map(|row| format!("{{ n: {row} }}")).collect();
    format!(
        "cases: [ {{ name: 'a {{{{ n }}}}', each: [ {} ], steps: [ {{ send: GET /a, as: p, expect: {{ status: 200 }} }}, {{ send: GET /b, as: p, expect: {{ status: 200 }} }} ] }} ]",
        rows.join(", ")
    )
}

/// Issues tokens that it accepts for a second, and takes its time, so that many expire. `stated`: what the response says of that.
fn short_lived(stated: &'static str) -> Server {
    let issued: &'static Mutex<HashMap<String, Instant>> = Box::leak(Box::default());
    Server::start(move |request: &ReceivedRequest, before| {
        if request.path == "/login" {
            let token = format!("t{before}");
            issued.lock().unwrap().insert(token.clone(), Instant::now());
            return Reply::Keep(json(
                "200 OK",
                &format!("{{\"token\":\"{token}\"{stated}}}"),
            ));
        }
        std::thread::sleep(Duration::from_millis(60));
        let token = request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        let issued = issued.lock().unwrap();
        let is_good = token
            .and_then(|token| issued.get(token))
            .is_some_and(|since| since.elapsed() < Duration::from_secs(1));
        Reply::Keep(match is_good {
            true => json("200 OK", "{\"id\":1}"),
            false => json("401 Unauthorized", "{}"),
        })
    })
}

#[tokio::test]
async fn tokens_of_one_second_fail_no_case() {
    for stated in ["", ",\"expires_in\":1"] {
        let server = short_lived(stated);
        let events = run_all(target(&server), SYSTEM, &cases(200), 8).await;
        let verdicts: Vec<Verdict> = events
            .iter()
            .filter_map(|event| match event {
                Event::SubjectFinished(case) => Some(case.verdict),
                _ => None,
            })
            .collect();
        assert_eq!(verdicts, [Verdict::Passed; 200], "{stated}");
        let logins = server
            .lines()
            .iter()
            .filter(|line| *line == "POST /login")
            .count();
        assert!((2..100).contains(&logins), "{logins} logins");
    }
}

#[tokio::test]
async fn a_401_that_another_login_cannot_change_is_judged() {
    let server = Server::start(|request: &ReceivedRequest, _| {
        Reply::Keep(match request.path.as_str() {
            "/login" => json("200 OK", "{\"token\":\"t\"}"),
            _ => json("401 Unauthorized", "{}"),
        })
    });
    let events = run_all(target(&server), SYSTEM, &cases(20), 4).await;
    let failed = events.iter().filter(
        |event| matches!(event, Event::SubjectFinished(case) if case.verdict == Verdict::Failed),
    );
    assert_eq!(failed.count(), 20);
    let logins = server
        .lines()
        .iter()
        .filter(|line| *line == "POST /login")
        .count();
    assert_eq!(logins, 1);
}

#[tokio::test]
async fn a_401_is_renewed_once_and_the_second_response_is_judged() {
    // The second operation always refuses.
    let server = Server::start(|request: &ReceivedRequest, before| {
        Reply::Keep(match request.path.as_str() {
            "/login" => json("200 OK", &format!("{{\"token\":\"t{before}\"}}")),
            "/b" => json("401 Unauthorized", "{}"),
            _ => json("200 OK", "{\"id\":1}"),
        })
    });
    let steps = "{ send: GET /a, as: p }, { send: GET /b, as: p }";
    let case = run_steps(target(&server), SYSTEM, steps).await;
    assert_eq!(case.verdict, Verdict::Failed, "{}", shown(&case));
    assert_eq!(
        server.lines(),
        ["POST /login", "GET /a", "GET /b", "POST /login", "GET /b"]
    );
    let tokens: Vec<Option<String>> = server
        .requests()
        .iter()
        .map(|request| request.header("authorization").map(str::to_owned))
        .collect();
    assert_eq!(tokens[2].as_deref(), Some("Bearer t0"));
    assert_eq!(tokens[4].as_deref(), Some("Bearer t3"));
    let findings: Vec<usize> = case.steps.iter().map(|step| step.findings.len()).collect();
    assert_eq!(findings, [0, 1]);
    let notes: Vec<String> = case.steps[1]
        .notes
        .iter()
        .map(ToString::to_string)
        .collect();
    let renewed = "sent again after another login: the credentials had expired (401)";
    assert_eq!(notes, [renewed]);
}

#[tokio::test]
async fn a_step_that_is_sent_once_is_not_renewed() {
    let server = Server::start(|request: &ReceivedRequest, _| {
        Reply::Keep(match request.path.as_str() {
            "/login" => json("200 OK", "{\"token\":\"t\"}"),
            "/b" => json("401 Unauthorized", "{}"),
            _ => json("200 OK", "{\"id\":1}"),
        })
    });
    let steps = "{ send: GET /a, as: p }, { send: GET /b, as: p, once: true }";
    let case = run_steps(target(&server), SYSTEM, steps).await;
    assert_eq!(case.verdict, Verdict::Failed, "{}", shown(&case));
    assert_eq!(server.lines(), ["POST /login", "GET /a", "GET /b"]);
}

#[tokio::test]
async fn each_poll_has_a_good_token() {
    // Each token is accepted twice.
    let server = Server::start(|request: &ReceivedRequest, before| {
        let token = request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer t"));
        let issued: Option<usize> = token.and_then(|number| number.parse().ok());
        Reply::Keep(match request.path.as_str() {
            "/login" => json("200 OK", &format!("{{\"token\":\"t{before}\"}}")),
            _ if issued.is_none_or(|issued| before > issued + 2) => json("401 Unauthorized", "{}"),
            _ => json("200 OK", &format!("{{\"id\":1,\"done\":{}}}", before > 8)),
        })
    });
    let steps =
        "{ send: GET /a, as: p, until: { body: { done: true }, every: 10ms, within: 30s } }";
    let case = run_steps(target(&server), SYSTEM, steps).await;
    assert_eq!(case.verdict, Verdict::Passed, "{}", shown(&case));
}

#[tokio::test]
async fn an_expected_401_is_not_renewed() {
    let server = Server::start(|request: &ReceivedRequest, _| {
        Reply::Keep(match request.path.as_str() {
            "/login" => json("200 OK", "{\"token\":\"t\"}"),
            "/b" => json("401 Unauthorized", "{}"),
            _ => json("200 OK", "{\"id\":1}"),
        })
    });
    let steps = "{ send: GET /a, as: p }, { send: GET /b, as: p, expect: { status: 401 } }";
    let case = run_steps(target(&server), SYSTEM, steps).await;
    assert_eq!(case.verdict, Verdict::Passed, "{}", shown(&case));
    assert_eq!(server.lines(), ["POST /login", "GET /a", "GET /b"]);
}

#[tokio::test]
async fn a_login_that_is_refused_later_is_an_error_once() {
    let server = Server::start(|request: &ReceivedRequest, before| {
        Reply::Keep(match request.path.as_str() {
            "/login" if before == 0 => json("200 OK", "{\"token\":\"t\"}"),
            "/login" => json("423 Locked", "{}"),
            "/a" if before == 1 => json("200 OK", "{\"id\":1}"),
            _ => json("401 Unauthorized", "{}"),
        })
    });
    let events = run_all(target(&server), SYSTEM, &cases(10), 2).await;
    let errors = events.iter().filter(
        |event| matches!(event, Event::SubjectFinished(case) if case.verdict == Verdict::Error),
    );
    assert_eq!(errors.count(), 10);
    let logins = server
        .lines()
        .iter()
        .filter(|line| *line == "POST /login")
        .count();
    assert_eq!(logins, 2);
}
