//! What a run must never say: passwords, tokens, cookies, however they came in and however they come back.

use counterpart::event::Event;
use counterpart::target::Target;

use super::run_all;
use super::server::{Answer, Server, json, with_headers};

/// Everything a report could know, as JSON Lines.
async fn said(target: Target, system: &str, cases: &str) -> String {
    let events = run_all(target, system, cases, 2).await;
    let finished =
        |event: &&Event| matches!(event, Event::SubjectFinished(case) if !case.steps.is_empty());
    assert!(
        events.iter().any(|event| finished(&event)),
        "nothing was told: {events:#?}"
    );
    let lines = events
        .iter()
        .map(|event| serde_json::to_string(event).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn assert_unsaid(said: &str, secrets: &[&str]) {
    for secret in secrets {
        if let Some(at) = said.find(secret) {
            let from = (0..=at.saturating_sub(120))
                .rev()
                .find(|&i| said.is_char_boundary(i))
                .unwrap();
            panic!("`{secret}` was said: …{}", &said[from..at + secret.len()]);
        }
    }
}

#[tokio::test]
async fn the_password_of_a_profile_comes_back_in_no_spelling() {
    // As it is; as JSON of PHP, which escapes slashes and all that is no ASCII; in a form; in a query.
    let server = Server::start(|_, _| {
        let body = r#"{"message":"no: größ/er\"als+9 Z, gr\u00f6\u00df\/er\"als+9 Z, gr%C3%B6%C3%9F%2Fer%22als%2B9+Z, gr%c3%b6%c3%9f%2fer%22als%2b9%20Z"}"#;
        Answer::Keep(json("401 Unauthorized", body))
    });
    let target = server
        .target()
        .with_credential("admin", "password", "größ/er\"als+9 Z");
    let system = "auth: { admin: { login: { call: POST /login, body: { pw: '{{ credentials.password }}' } } } }";
    let said = said(
        target,
        system,
        "cases: [ { name: a, call: GET /me, as: admin } ]",
    )
    .await;
    assert!(said.contains("login-failed"), "{said}");
    assert_unsaid(&said, &["als+9", "als%2B9", "als%2b9"]);
}

#[tokio::test]
async fn credentials_in_the_url_of_a_target_are_sent_and_not_said() {
    let server = Server::start(|_, _| Answer::Keep(json("404 Not Found", "{}")));
    let url = server
        .url
        .replace("http://", "http://ada:ho%2Frse-battery@");
    let target = Target::parse(&url).unwrap();
    let said = said(
        target,
        "",
        "cases: [ { name: a, call: GET /thing, query: { q: '{{ target.url }}' } } ]",
    )
    .await;
    assert_unsaid(&said, &["rse-battery", "YWRhOmhvL3JzZS1iYXR0ZXJ5"]);
    let asked = server.asked();
    assert_eq!(
        asked[0].header("authorization"),
        Some("Basic YWRhOmhvL3JzZS1iYXR0ZXJ5")
    );
    assert!(!asked[0].path.contains("battery"), "{}", asked[0].path);
}

#[tokio::test]
async fn a_token_taken_by_a_step_is_known_by_its_use() {
    let server = Server::start(|asked, _| {
        Answer::Keep(match asked.path.as_str() {
            "/login" => json("200 OK", "\"0p4queT0kenOfThirtyTwo\""),
            _ => json(
                "404 Not Found",
                "{\"message\":\"0p4queT0kenOfThirtyTwo is no good\"}",
            ),
        })
    });
    let case = "cases: [ { name: a, steps: [ { call: POST /login, body: {}, expect: { status: 200 }, capture: { first: $ } }, { call: GET /me, headers: { Authorization: 'Bearer {{ first }}' }, expect: { status: 200 } } ] } ]";
    let said = said(server.target(), "", case).await;
    assert_unsaid(&said, &["0p4queT0kenOfThirtyTwo"]);
}

#[tokio::test]
async fn cookies_and_keys_stay_where_they_are_compared() {
    let server = Server::start(|_, _| {
        let headers = "Content-Type: application/json\r\nSet-Cookie: SID=9f8e7d6c5b4a; path=/\r\nX-Api-Key: k-778899aabb\r\n";
        Answer::Keep(with_headers(
            "200 OK",
            headers,
            b"{\"id\":1,\"password\":\"abc\",\"pin\":[{\"x\":1}]}",
        ))
    });
    let case = "cases: [ { name: a, call: GET /thing, expect: { status: 200, headers: { Set-Cookie: { $matches: '^other' }, X-Api-Key: { $one_of: [a, b] } }, body: { password: { $length: 2 } }, absent: [/password] } } ]";
    let said = said(server.target(), "", case).await;
    for code in ["expect-header", "expect-body", "expect-absent"] {
        assert!(said.contains(code), "{code}: {said}");
    }
    assert_unsaid(&said, &["9f8e7d6c5b4a", "k-778899aabb", "\\\"abc\\\""]);
}

#[tokio::test]
async fn that_a_secret_is_not_there_is_told() {
    let server = Server::start(|_, _| Answer::Keep(json("200 OK", "{\"id\":1,\"token\":null}")));
    let case = "cases: [ { name: a, call: GET /thing, expect: { status: 200, headers: { Set-Cookie: { $any: true } }, body: { token: { $type: string } } } } ]";
    let said = said(server.target(), "", case).await;
    assert!(said.contains("\"actual\":\"null\""), "{said}");
    assert!(said.contains("\"actual\":\"nothing\""), "{said}");
}

#[tokio::test]
async fn secrets_of_forms_and_queries_are_known_by_their_names() {
    let server = Server::start(|_, _| {
        Answer::Keep(json(
            "404 Not Found",
            "{\"message\":\"never heard of s3cr3t-value\"}",
        ))
    });
    let case = "cases: [ { name: a, send: POST /thing, form: { 'user[password]': s3cr3t-value, customer_token: 77fe }, query: { access_token: a8b9c0, 'login[password]': zz99 }, expect: { status: 200 } } ]";
    let said = said(server.target(), "", case).await;
    // The case file itself says them: its own lines are quoted as they are.
    let said: String = said
        .split("cases: [ {")
        .map(|part| part.rsplit(" ] ").next().unwrap_or(part))
        .collect();
    assert_unsaid(
        &said,
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
async fn what_is_no_secret_is_said() {
    let server = Server::start(|_, _| {
        Answer::Keep(json(
            "404 Not Found",
            "{\"message\":\"no password was given\",\"token_type\":\"bearer\",\"password_required\":true,\"author\":\"Ada\"}",
        ))
    });
    let said = said(
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
        assert!(said.contains(word), "{word}: {said}");
    }
}
