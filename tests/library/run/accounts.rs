//! Tokens of auth profiles: how often a login is sent, when tokens are renewed, what happens after a refusal.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use counterpart::event::{Event, Verdict};
use counterpart::target::Target;

use super::server::{ReceivedRequest, Reply, Server, json};
use super::{reported_codes, run_all, run_case};

const SYSTEM: &str = r#"
auth:
  admin:
    login: { call: POST /login, body: { username: "{{ credentials.username }}", password: "{{ credentials.password }}" } }
"#;

fn with_credentials(server: &Server) -> Target {
    let target = server.target();
    let target = target.with_credential("admin", "username", "root");
    target.with_credential("admin", "password", "correct horse")
}

/// A case file with this number of cases of `GET /me` as admin.
fn cases(number: usize) -> String {
    let rows: Vec<String> = (0..number).map(|row| format!("{{ n: {row} }}")).collect();
    format!(
        "cases: [ {{ name: 'a {{{{ n }}}}', each: [ {} ], call: GET /me, as: admin, expect: {{ status: 200 }} }} ]",
        rows.join(", ")
    )
}

/// Responds to `/login` with `login`, and to everything else with a thing.
fn server(login: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> Server {
    let logins = std::sync::atomic::AtomicUsize::new(0);
    Server::start(move |request: &ReceivedRequest, _| {
        Reply::Keep(match request.path.as_str() {
            "/login" => login(logins.fetch_add(1, std::sync::atomic::Ordering::SeqCst)),
            _ => json("200 OK", "{\"id\":1}"),
        })
    })
}

fn logins(server: &Server) -> usize {
    let lines = server.lines();
    lines.iter().filter(|line| *line == "POST /login").count()
}

fn jwt(seconds: u64) -> String {
    let claims = format!("{{\"iat\":1000,\"exp\":{}}}", 1000 + seconds);
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
}

fn verdicts(events: &[Event]) -> Vec<Verdict> {
    let finished = events.iter().filter_map(|event| match event {
        Event::SubjectFinished(case) => Some(case.verdict),
        _ => None,
    });
    finished.collect()
}

#[tokio::test]
async fn an_account_of_the_target_logs_in_once_for_all_cases() {
    let server = server(|_| json("200 OK", "\"opaque-token\""));
    let events = run_all(with_credentials(&server), SYSTEM, &cases(20), 4).await;
    assert_eq!(verdicts(&events), [Verdict::Passed; 20]);
    assert_eq!(logins(&server), 1);
    let requests = server.requests();
    let mut others = requests.iter().filter(|request| request.path == "/me");
    assert!(others.all(|request| request.header("authorization") == Some("Bearer opaque-token")));
}

#[tokio::test]
async fn a_refused_login_is_not_repeated() {
    let server = server(|_| json("401 Unauthorized", "{}"));
    let events = run_all(with_credentials(&server), SYSTEM, &cases(10), 4).await;
    assert_eq!(verdicts(&events), [Verdict::Error; 10]);
    assert_eq!(server.lines(), ["POST /login"]);
}

#[tokio::test]
async fn a_token_that_expires_soon_is_renewed_and_others_are_not() {
    let short = server(|_| json("200 OK", &format!("\"{}\"", jwt(0))));
    run_all(with_credentials(&short), SYSTEM, &cases(3), 1).await;
    assert_eq!(logins(&short), 3);
    let long = server(|_| json("200 OK", &format!("\"{}\"", jwt(3600))));
    run_all(with_credentials(&long), SYSTEM, &cases(3), 1).await;
    assert_eq!(logins(&long), 1);
}

#[tokio::test]
async fn a_response_without_token_is_a_failed_login() {
    for body in ["{\"token\":\"x\"}", "\"\"", "null", "17", "<html>"] {
        let server = server(move |_| json("200 OK", body));
        let case = run_case(with_credentials(&server), SYSTEM, &cases(1)).await;
        assert_eq!(reported_codes(&case), ["login-failed"], "{body}");
        assert_eq!(server.lines(), ["POST /login"], "{body}");
    }
}

#[tokio::test]
async fn a_token_that_is_not_a_valid_header_value_is_an_error() {
    let server = server(|_| json("200 OK", "\"a\\nX-Evil: 1\""));
    let case = run_case(with_credentials(&server), SYSTEM, &cases(1)).await;
    assert_eq!(case.verdict, Verdict::Error);
    assert_eq!(server.lines(), ["POST /login"]);
}

#[tokio::test]
async fn a_login_with_a_broken_connection_is_repeated_by_the_next_case() {
    let logins = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |request, _| {
        if request.path != "/login" {
            return Reply::Keep(json("200 OK", "{\"id\":1}"));
        }
        match logins.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => Reply::Close(Vec::new()),
            _ => Reply::Keep(json("200 OK", "\"opaque-token\"")),
        }
    });
    let events = run_all(with_credentials(&server), SYSTEM, &cases(3), 1).await;
    assert_eq!(
        verdicts(&events),
        [Verdict::Error, Verdict::Passed, Verdict::Passed]
    );
}

#[tokio::test]
async fn a_refusal_of_the_token_itself_is_a_finding() {
    let server = Server::start(|request, _| {
        Reply::Keep(match request.path.as_str() {
            "/login" => json("200 OK", "\"opaque-token\""),
            _ => json("401 Unauthorized", "{\"message\":\"no\"}"),
        })
    });
    let case = run_case(with_credentials(&server), SYSTEM, &cases(1)).await;
    assert_eq!(
        (case.verdict, reported_codes(&case)),
        (Verdict::Failed, vec!["status-unexpected".to_owned()])
    );
}
