//! What a run must never show: passwords, tokens and cookies, wherever they come from and in whatever encoding.

use counterpart::event::Event;
use counterpart::target::Target;

use super::run_all;
use super::server::{Reply, Server, json, with_headers};

/// All events of a run, as JSON Lines.
async fn output(target: Target, system: &str, cases: &str) -> String {
    let events = run_all(target, system, cases, 2).await;
    let finished =
        |event: &&Event| matches!(event, Event::SubjectFinished(case) if !case.steps.is_empty());
    assert!(
        events.iter().any(|event| finished(&event)),
        "no case with steps: {events:#?}"
    );
    let lines = events
        .iter()
        .map(|event| serde_json::to_string(event).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn assert_hidden(output: &str, secrets: &[&str]) {
    for secret in secrets {
        if let Some(at) = output.find(secret) {
            let from = (0..=at.saturating_sub(120))
                .rev()
                .find(|&i| output.is_char_boundary(i))
                .unwrap();
            panic!("`{secret}` is shown: …{}", &output[from..at + secret.len()]);
        }
    }
}

#[tokio::test]
async fn the_password_of_a_profile_is_masked_in_every_encoding() {
    // As it is; as JSON of PHP, which escapes slashes and everything outside ASCII; in a form; in a query.
    let server = Server::start(|_, _| {
        let body = r#"{"message":"no: größ/er\"als+9 Z, gr\u00f6\u00df\/er\"als+9 Z, gr%C3%B6%C3%9F%2Fer%22als%2B9+Z, gr%c3%b6%c3%9f%2fer%22als%2b9%20Z"}"#;
        Reply::Keep(json("401 Unauthorized", body))
    });
    let target = server
        .target()
        .with_credential("admin", "password", "größ/er\"als+9 Z");
    let system = "auth: { admin: { login: { call: POST /login, body: { pw: '{{ credentials.password }}' } } } }";
    let output = output(
        target,
        system,
        "cases: [ { name: a, call: GET /me, as: admin } ]",
    )
    .await;
    assert!(output.contains("login-failed"), "{output}");
    assert_hidden(&output, &["als+9", "als%2B9", "als%2b9"]);
}

#[tokio::test]
async fn credentials_in_the_url_of_a_target_are_sent_and_masked() {
    let server = Server::start(|_, _| Reply::Keep(json("404 Not Found", "{}")));
    let url = server
        .url
        .replace("http://", "http://ada:ho%2Frse-battery@");
    let target = Target::parse(&url).unwrap();
    let output = output(
        target,
        "",
        "cases: [ { name: a, call: GET /thing, query: { q: '{{ target.url }}' } } ]",
    )
    .await;
    assert_hidden(&output, &["rse-battery", "YWRhOmhvL3JzZS1iYXR0ZXJ5"]);
    let requests = server.requests();
    assert_eq!(
        requests[0].header("authorization"),
        Some("Basic YWRhOmhvL3JzZS1iYXR0ZXJ5")
    );
    assert!(
        !requests[0].path.contains("battery"),
        "{}",
        requests[0].path
    );
}

#[tokio::test]
async fn a_token_captured_by_a_step_is_masked_because_of_its_use() {
    let server = Server::start(|request, _| {
        Reply::Keep(match request.path.as_str() {
            "/login" => json("200 OK", "\"0p4queT0kenOfThirtyTwo\""),
            _ => json(
                "404 Not Found",
                "{\"message\":\"0p4queT0kenOfThirtyTwo is no good\"}",
            ),
        })
    });
    let case = "cases: [ { name: a, steps: [ { call: POST /login, body: {}, expect: { status: 200 }, capture: { first: $ } }, { call: GET /me, headers: { Authorization: 'Bearer {{ first }}' }, expect: { status: 200 } } ] } ]";
    let output = output(server.target(), "", case).await;
    assert_hidden(&output, &["0p4queT0kenOfThirtyTwo"]);
}

#[tokio::test]
async fn cookies_and_keys_are_masked_in_findings() {
    let server = Server::start(|_, _| {
        let headers = "Content-Type: application/json\r\nSet-Cookie: SID=9f8e7d6c5b4a; path=/\r\nX-Api-Key: k-778899aabb\r\n";
        Reply::Keep(with_headers(
            "200 OK",
            headers,
            b"{\"id\":1,\"password\":\"abc\",\"pin\":[{\"x\":1}]}",
        ))
    });
    let case = "cases: [ { name: a, call: GET /thing, expect: { status: 200, headers: { Set-Cookie: { $matches: '^other' }, X-Api-Key: { $one_of: [a, b] } }, body: { password: { $length: 2 } }, absent: [/password] } } ]";
    let output = output(server.target(), "", case).await;
    for code in ["expect-header", "expect-body", "expect-absent"] {
        assert!(output.contains(code), "{code}: {output}");
    }
    assert_hidden(&output, &["9f8e7d6c5b4a", "k-778899aabb", "\\\"abc\\\""]);
}

#[tokio::test]
async fn the_absence_of_a_secret_is_shown() {
    let server = Server::start(|_, _| Reply::Keep(json("200 OK", "{\"id\":1,\"token\":null}")));
    let case = "cases: [ { name: a, call: GET /thing, expect: { status: 200, headers: { Set-Cookie: { $any: true } }, body: { token: { $type: string } } } } ]";
    let output = output(server.target(), "", case).await;
    assert!(output.contains("\"actual\":\"null\""), "{output}");
    assert!(output.contains("\"actual\":\"nothing\""), "{output}");
}

#[tokio::test]
async fn secrets_in_forms_and_queries_are_masked_because_of_their_names() {
    let server = Server::start(|_, _| {
        Reply::Keep(json(
            "404 Not Found",
            "{\"message\":\"never heard of s3cr3t-value\"}",
        ))
    });
    let case = "cases: [ { name: a, send: POST /thing, form: { 'user[password]': s3cr3t-value, customer_token: 77fe }, query: { access_token: a8b9c0, 'login[password]': zz99 }, expect: { status: 200 } } ]";
    let output = output(server.target(), "", case).await;
    // The case file itself contains them, and its lines are quoted as they are.
    let output: String = output
        .split("cases: [ {")
        .map(|part| part.rsplit(" ] ").next().unwrap_or(part))
        .collect();
    assert_hidden(
        &output,
        &[
            "password%5D=s3cr",
            "[password]=zz99",
            "token=77fe",
            "token=a8b9c0",
            "of s3cr3t-value",
        ],
    );
}

#[tokio::test]
async fn values_that_are_not_secret_are_shown() {
    let server = Server::start(|_, _| {
        Reply::Keep(json(
            "404 Not Found",
            "{\"message\":\"no password was given\",\"token_type\":\"bearer\",\"password_required\":true,\"author\":\"Ada\"}",
        ))
    });
    let output = output(
        server.target(),
        "",
        "cases: [ { name: a, call: GET /thing } ]",
    )
    .await;
    for word in [
        "no password was given",
        "\\\"token_type\\\":\\\"bearer\\\"",
        "\\\"password_required\\\":true",
        "Ada",
    ] {
        assert!(output.contains(word), "{word}: {output}");
    }
}
