//! OAuth 2.0 against a token endpoint: what is sent, what its errors say, how a refresh token is used.

use counterpart::event::Verdict;
use counterpart::target::Target;

use super::super::server::{ReceivedRequest, Reply, Server, json};
use super::{run_steps, shown};

fn target(server: &Server) -> Target {
    let mut target = server.target();
    for (key, value) in [
        ("client_id", "app:1"),
        ("client_secret", "s/cret of app"),
        ("username", "root"),
        ("password", "correct horse"),
        ("refresh_token", "r3fresh"),
    ] {
        target = target.with_credential("app", key, value);
    }
    target
}

fn system(oauth2: &str) -> String {
    format!("auth: {{ app: {{ oauth2: {{ token_url: //oauth/token{oauth2} }} }} }}")
}

fn endpoint(response: &'static str) -> Server {
    Server::start(move |request: &ReceivedRequest, _| {
        Reply::Keep(match request.path.as_str() {
            "/oauth/token" => json("200 OK", response),
            _ => json("200 OK", "{\"id\":1}"),
        })
    })
}

#[tokio::test]
async fn each_grant_sends_what_the_rfc_says() {
    // `app%3A1:s%2Fcret+of+app`, form-encoded before Basic (RFC 6749, section 2.3.1).
    let basic = Some("Basic YXBwJTNBMTpzJTJGY3JldCtvZithcHA=");
    for (oauth2, authorization, body) in [
        ("", basic, "grant_type=client_credentials"),
        (
            ", scope: 'read write'",
            basic,
            "grant_type=client_credentials&scope=read+write",
        ),
        (
            ", grant: password",
            basic,
            "grant_type=password&username=root&password=correct+horse",
        ),
        (
            ", grant: refresh_token",
            basic,
            "grant_type=refresh_token&refresh_token=r3fresh",
        ),
        (
            ", client_auth: body, parameters: { audience: x }",
            None,
            "grant_type=client_credentials&audience=x&client_id=app%3A1&client_secret=s%2Fcret+of+app",
        ),
        (
            ", grant: refresh_token, client_secret: null",
            None,
            "grant_type=refresh_token&refresh_token=r3fresh&client_id=app%3A1",
        ),
    ] {
        let server = endpoint("{\"access_token\":\"t0ken\",\"token_type\":\"bearer\"}");
        let case = run_steps(
            target(&server),
            &system(oauth2),
            "{ send: GET /a, as: app }",
        )
        .await;
        assert_eq!(case.verdict, Verdict::Passed, "{oauth2} {}", shown(&case));
        let requests = server.requests();
        assert_eq!(requests[0].line(), "POST /oauth/token");
        assert_eq!(
            requests[0].header("authorization"),
            authorization,
            "{oauth2}"
        );
        assert_eq!(requests[0].header("accept"), Some("application/json"));
        assert_eq!(requests[0].body, body);
        assert_eq!(requests[1].header("authorization"), Some("Bearer t0ken"));
    }
}

#[tokio::test]
async fn errors_of_the_endpoint_are_named() {
    for (status, body, message, advice) in [
        (
            "401 Unauthorized",
            r#"{"error":"invalid_client","error_description":"no such client"}"#,
            "got 401 Unauthorized: `invalid_client` (no such client)",
            "check `client_id` and `client_secret`, and whether the server wants them in the body (`client_auth: body`)",
        ),
        (
            "400 Bad Request",
            r#"{"error":"invalid_grant"}"#,
            "got 400 Bad Request: `invalid_grant`",
            "check the user name and password, or get a new refresh token",
        ),
        // As GitHub does.
        (
            "200 OK",
            r#"{"error":"incorrect_client_credentials"}"#,
            "got 200 OK: `incorrect_client_credentials`",
            "look the error up in the documentation of the server",
        ),
        (
            "200 OK",
            r#"{"token":"x"}"#,
            "got 200 OK: the response has no `access_token`",
            "check `token_url`, and what the server's log says",
        ),
        (
            "404 Not Found",
            "<html>",
            "got 404 Not Found: the response is not JSON",
            "check `token_url`, and what the server's log says",
        ),
        (
            "200 OK",
            r#"{"access_token":"x","token_type":"mac"}"#,
            "got 200 OK: `token_type` is `mac`, and how such a token is sent is not known",
            "if it is sent like `Bearer`, say so: `scheme: Bearer` in the profile",
        ),
    ] {
        let server = Server::start(move |_, _| Reply::Keep(json(status, body)));
        let case = run_steps(target(&server), &system(""), "{ send: GET /a, as: app }").await;
        let error = case.steps[0].error.as_ref().unwrap();
        assert_eq!(error.kind.to_string(), "login-failed");
        let start = format!("the token request to {}/oauth/token ", server.url);
        assert_eq!(
            error.message.to_string().strip_prefix(&start),
            Some(message)
        );
        assert_eq!(
            error.advice.as_ref().map(ToString::to_string).as_deref(),
            Some(advice)
        );
        assert_eq!(server.lines(), ["POST /oauth/token"]);
    }
}

/// Issues tokens of no life at all, each with the next refresh token, and accepts only those refresh tokens that `good` accepts.
fn refreshing(good: fn(&str) -> bool) -> Server {
    Server::start(move |request: &ReceivedRequest, before| {
        let refused = json("400 Bad Request", "{\"error\":\"invalid_grant\"}");
        Reply::Keep(match request.path.as_str() {
            "/oauth/token" if request.body.contains("refresh_token=") && !good(&request.body) => {
                refused
            }
            "/oauth/token" => json(
                "200 OK",
                &format!(
                    "{{\"access_token\":\"t{before}\",\"expires_in\":0,\"refresh_token\":\"next-{before}\"}}"
                ),
            ),
            _ => json("200 OK", "{\"id\":1}"),
        })
    })
}

#[tokio::test]
async fn a_refresh_token_renews() {
    let server = refreshing(|_| true);
    let steps = "{ send: GET /a, as: app }, { send: GET /b, as: app }";
    let case = run_steps(
        target(&server),
        &system(", grant: password, scope: s"),
        steps,
    )
    .await;
    assert_eq!(case.verdict, Verdict::Passed, "{}", shown(&case));
    let requests = server.requests();
    assert_eq!(
        server.lines(),
        ["POST /oauth/token", "GET /a", "POST /oauth/token", "GET /b"]
    );
    assert_eq!(
        requests[2].body,
        "grant_type=refresh_token&refresh_token=next-0"
    );
    assert_eq!(requests[3].header("authorization"), Some("Bearer t2"));
}

#[tokio::test]
async fn a_refused_refresh_token_is_followed_by_the_grant() {
    let server = refreshing(|_| false);
    let steps = "{ send: GET /a, as: app }, { send: GET /b, as: app, expect: { status: 500 } }";
    let case = run_steps(target(&server), &system(", grant: password"), steps).await;
    assert_eq!(case.verdict, Verdict::Failed, "{}", shown(&case));
    let bodies: Vec<String> = server
        .requests()
        .iter()
        .map(|request| request.body.clone())
        .collect();
    assert!(bodies[2].starts_with("grant_type=refresh_token"));
    assert!(bodies[3].starts_with("grant_type=password"));
    assert!(case.steps.iter().all(|step| step.error.is_none()));
    for secret in [
        "correct",
        "s/cret",
        "s%2Fcret",
        "r3fresh",
        "next-0",
        "YXBwJTNBMTpzJTJGY3JldCtvZithcHA",
    ] {
        assert!(
            !shown(&case).contains(secret),
            "{secret} in {}",
            shown(&case)
        );
    }
}

#[tokio::test]
async fn a_token_endpoint_of_another_origin_must_be_allowed() {
    let tokens = endpoint("{\"access_token\":\"t0ken\"}");
    let server = endpoint("");
    let system = format!(
        "auth: {{ app: {{ oauth2: {{ token_url: '{}/oauth/token' }} }} }}",
        tokens.url
    );
    let refused = run_steps(target(&server), &system, "{ send: GET /a, as: app }").await;
    assert_eq!(refused.verdict, Verdict::Error);
    assert!(tokens.lines().is_empty() && server.lines().is_empty());
    let allowed = target(&server).with_allowed_origin(&tokens.url).unwrap();
    let case = run_steps(allowed, &system, "{ send: GET /a, as: app }").await;
    assert_eq!(case.verdict, Verdict::Passed, "{}", shown(&case));
    assert!(tokens.requests()[0].header("authorization").is_some());
    assert_eq!(
        server.requests()[0].header("authorization"),
        Some("Bearer t0ken")
    );
}
