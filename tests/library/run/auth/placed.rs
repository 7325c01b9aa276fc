//! Credentials that are a text in one place: Basic, API keys, tokens with `send_in`.

use counterpart::event::Verdict;
use counterpart::target::Target;

use super::super::server::{ReceivedRequest, Reply, Server, json, with_headers};
use super::{run_steps, shown};

/// Fails every case, so that its requests are reported.
fn failing() -> Server {
    Server::start(|request: &ReceivedRequest, _| {
        Reply::Keep(match request.path.as_str() {
            "/login" => with_headers("200 OK", "X-Session: s3ss10n-from-header\r\n", b"null"),
            _ => json("400 Bad Request", "{}"),
        })
    })
}

fn target(server: &Server) -> Target {
    let target = server.target();
    let target = target.with_credential("p", "username", "röt");
    let target = target.with_credential("p", "password", "correct horse/9+");
    target.with_credential("p", "api_key", "k3y with/slash&+")
}

/// The request that a step `GET /me` is sent as, with a profile and further keys of the step.
async fn sent(profile: &str, more: &str) -> (ReceivedRequest, String) {
    let server = failing();
    let system = format!("auth: {{ p: {profile} }}");
    let step = format!("{{ send: GET /me, as: p{more} }}");
    let case = run_steps(target(&server), &system, &step).await;
    assert_eq!(case.verdict, Verdict::Failed, "{}", shown(&case));
    (server.requests().pop().unwrap(), shown(&case))
}

#[tokio::test]
async fn a_method_sends_its_credential_in_its_place() {
    // `cm…` is `röt:correct horse/9+` in UTF-8 and base64 (RFC 7617).
    let basic = "Basic csO2dDpjb3JyZWN0IGhvcnNlLzkr";
    let own = "Basic cm9vdDp4";
    for (profile, path, header, value) in [
        ("basic", "/me", "authorization", Some(basic)),
        ("{ basic: }", "/me", "authorization", Some(basic)),
        (
            "{ basic: { username: root, password: x } }",
            "/me",
            "authorization",
            Some(own),
        ),
        (
            "{ api_key: { header: X-Key } }",
            "/me",
            "x-key",
            Some("k3y with/slash&+"),
        ),
        (
            "{ api_key: { header: X-Key, value: fixed } }",
            "/me",
            "x-key",
            Some("fixed"),
        ),
        (
            "{ api_key: { query: key } }",
            "/me?key=k3y+with%2Fslash%26%2B",
            "authorization",
            None,
        ),
        (
            "{ api_key: { cookie: sid, value: 'a=b' } }",
            "/me",
            "cookie",
            Some("sid=a=b"),
        ),
        (
            "{ bearer: t0ken }",
            "/me",
            "authorization",
            Some("Bearer t0ken"),
        ),
        (
            "{ bearer: t0ken, send_in: { header: X-T } }",
            "/me",
            "x-t",
            Some("t0ken"),
        ),
        (
            "{ bearer: t0ken, send_in: { header: X-T }, scheme: Token }",
            "/me",
            "x-t",
            Some("Token t0ken"),
        ),
        (
            "{ bearer: t0ken, send_in: { query: t } }",
            "/me?t=t0ken",
            "x-t",
            None,
        ),
        (
            "{ login: { send: POST /login }, token: { header: X-Session }, send_in: { header: X-Session } }",
            "/me",
            "x-session",
            Some("s3ss10n-from-header"),
        ),
        (
            "{ login: { send: POST /login }, token: { header: X-Session, matches: '^([^-]*)-' }, send_in: { cookie: s } }",
            "/me",
            "cookie",
            Some("s=s3ss10n"),
        ),
    ] {
        let (request, _) = sent(profile, "").await;
        assert_eq!(request.path, path, "{profile}");
        assert_eq!(request.header(header), value, "{profile}");
    }
}

#[tokio::test]
async fn what_the_step_itself_sets_has_priority() {
    for (profile, more, path, header, value) in [
        (
            "basic",
            ", headers: { authorization: own }",
            "/me",
            "authorization",
            Some("own"),
        ),
        (
            "basic",
            ", headers: { Authorization: null }",
            "/me",
            "authorization",
            None,
        ),
        (
            "{ api_key: { header: X-Key } }",
            ", headers: { x-key: own }",
            "/me",
            "x-key",
            Some("own"),
        ),
        (
            "{ api_key: { query: key } }",
            ", query: { key: own, b: 1 }",
            "/me?key=own&b=1",
            "x-key",
            None,
        ),
        (
            "{ api_key: { cookie: sid } }",
            ", cookies: { sid: own, b: 1 }",
            "/me",
            "cookie",
            Some("sid=own; b=1"),
        ),
        (
            "{ api_key: { cookie: sid } }",
            ", headers: { Cookie: null }",
            "/me",
            "cookie",
            None,
        ),
        // Another name in the same place is not its own.
        (
            "{ api_key: { query: key, value: v } }",
            ", query: { keys: own }",
            "/me?keys=own&key=v",
            "x-key",
            None,
        ),
    ] {
        let (request, _) = sent(profile, more).await;
        assert_eq!(request.path, path, "{profile} {more}");
        assert_eq!(request.header(header), value, "{profile} {more}");
    }
}

#[tokio::test]
async fn no_credential_is_shown() {
    for profile in [
        "basic",
        "{ api_key: { header: X-Key } }",
        "{ api_key: { query: key } }",
        "{ api_key: { cookie: sid, value: 'c00kie-key' } }",
        "{ bearer: t0ken-of-mine, send_in: { query: t } }",
        "{ login: { send: POST /login }, token: { header: X-Session }, send_in: { header: X-Other } }",
    ] {
        let (_, shown) = sent(profile, "").await;
        for secret in [
            "correct horse",
            "csO2dDpjb3JyZWN0IGhvcnNlLzkr",
            "k3y with",
            "k3y+with",
            "k3y%20with",
            "c00kie-key",
            "t0ken-of-mine",
            "s3ss10n-from-header",
        ] {
            assert!(!shown.contains(secret), "{profile}: {secret} in {shown}");
        }
    }
}

#[tokio::test]
async fn a_credential_that_does_not_fit_is_an_error() {
    for (profile, message) in [
        (
            "{ basic: { username: 'a:b', password: x } }",
            "the user name has a colon, which Basic authentication cannot send",
        ),
        (
            "{ api_key: { cookie: sid, value: 'a b' } }",
            "the cookie `sid` cannot have a value with spaces, commas, semicolons, quotes or backslashes",
        ),
        (
            "{ api_key: { header: X-Key, value: \"a\\nb\" } }",
            "the value of the header `x-key` contains a line break or another control character",
        ),
    ] {
        let server = failing();
        let system = format!("auth: {{ p: {profile} }}");
        let case = run_steps(target(&server), &system, "{ send: GET /me, as: p }").await;
        let error = case.steps[0].error.as_ref().unwrap();
        assert_eq!(error.kind.to_string(), "value-missing");
        assert_eq!(error.message.to_string(), message);
        assert!(server.lines().is_empty());
    }
}

#[tokio::test]
async fn a_method_without_its_credentials_is_skipped_with_the_advice() {
    for (profile, needed) in [
        ("basic", "username and password"),
        ("{ api_key: { header: X-Key } }", "api_key"),
        ("{ bearer: '{{ credentials.t }}' }", "t, or bearer"),
    ] {
        let server = failing();
        let system = format!("auth: {{ p: {profile} }}");
        let case = run_steps(server.target(), &system, "{ send: GET /me, as: p }").await;
        assert_eq!(case.verdict, Verdict::Skipped);
        let reason = case.reason.unwrap().to_string();
        assert!(
            reason.contains(&format!(" {needed} of `auth.p`")),
            "{reason}"
        );
    }
}
