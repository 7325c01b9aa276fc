//! Sessions in cookies, and their tokens against cross-site request forgery.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use counterpart::event::{Event, Verdict};
use counterpart::target::Target;

use super::super::run_all;
use super::super::server::{ReceivedRequest, Reply, Server, json, with_headers};
use super::{run_steps, shown};

const WEB: &str = "auth: { web: { login: { send: POST /login, form: { user: '{{ credentials.username }}' } }, cookies: true } }";

fn target(server: &Server) -> Target {
    server.target().with_credential("web", "username", "root")
}

fn set(cookies: &[&str]) -> Vec<u8> {
    let lines: String = cookies
        .iter()
        .map(|cookie| format!("Set-Cookie: {cookie}\r\n"))
        .collect();
    with_headers(
        "200 OK",
        &format!("{lines}Content-Type: application/json\r\n"),
        b"{\"id\":1}",
    )
}

/// What each request of a case sent in `Cookie`.
fn cookies(server: &Server) -> Vec<(String, Option<String>)> {
    let requests = server.requests();
    let sent = requests.iter().map(|request| {
        let cookie = request.header("cookie").map(str::to_owned);
        (request.line(), cookie)
    });
    sent.collect()
}

#[tokio::test]
async fn what_responses_set_is_sent_until_they_remove_it() {
    let server = Server::start(|request: &ReceivedRequest, _| {
        Reply::Keep(match request.path.as_str() {
            "/login" => set(&["sid=s1; Path=/; HttpOnly", "admin=yes; Path=/admin"]),
            "/rotate" => set(&["sid=s2; Path=/"]),
            "/leave" => set(&["sid=; Path=/; Max-Age=0"]),
            _ => json("200 OK", "{\"id\":1}"),
        })
    });
    let steps = ["/one", "/admin/x", "/rotate", "/two", "/leave", "/three"]
        .map(|path| format!("{{ send: GET {path}, as: web }}"))
        .join(", ");
    let case = run_steps(target(&server), WEB, &steps).await;
    assert_eq!(case.verdict, Verdict::Passed, "{}", shown(&case));
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        cookies(&server),
        [
            ("POST /login".to_owned(), None),
            ("GET /one".to_owned(), some("sid=s1")),
            ("GET /admin/x".to_owned(), some("admin=yes; sid=s1")),
            ("GET /rotate".to_owned(), some("sid=s1")),
            ("GET /two".to_owned(), some("sid=s2")),
            ("GET /leave".to_owned(), some("sid=s2")),
            ("GET /three".to_owned(), None),
        ]
    );
}

#[tokio::test]
async fn jars_are_of_one_case_and_one_profile() {
    let logins = AtomicUsize::new(0);
    let seen: &'static Mutex<BTreeMap<String, Vec<String>>> = Box::leak(Box::default());
    let server = Server::start(move |request: &ReceivedRequest, _| {
        if request.path.starts_with("/login") {
            let number = logins.fetch_add(1, Ordering::SeqCst);
            return Reply::Keep(set(&[&format!(
                "sid={}-{number}; Path=/",
                &request.path[7..]
            )]));
        }
        let cookie = request.header("cookie").unwrap_or("none").to_owned();
        seen.lock()
            .unwrap()
            .entry(request.path.clone())
            .or_default()
            .push(cookie);
        Reply::Keep(json("200 OK", "{\"id\":1}"))
    });
    let system = "auth: { a: { login: { send: POST /login/a }, cookies: true }, b: { login: { send: POST /login/b }, cookies: true } }";
    let rows: Vec<String> = (0..40).map(|row| format!("{{ n: {row} }}")).collect();
    let steps: Vec<String> = ["a", "b", "guest", "a"]
        .iter()
        .map(|profile| format!("{{ send: 'GET /{{{{ n }}}}', as: {profile} }}"))
        .collect();
    let cases = format!(
        "cases: [ {{ name: 'c {{{{ n }}}}', each: [ {} ], steps: [ {} ] }} ]",
        rows.join(", "),
        steps.join(", ")
    );
    let events = run_all(server.target(), system, &cases, 8).await;
    let passed = events.iter().filter(
        |event| matches!(event, Event::SubjectFinished(case) if case.verdict == Verdict::Passed),
    );
    assert_eq!(passed.count(), 40);
    let seen = seen.lock().unwrap();
    let mut sessions: Vec<&String> = Vec::new();
    for cookies in seen.values() {
        let [a, b, guest, again] = &cookies[..] else {
            panic!("{cookies:?}")
        };
        assert!(
            a.starts_with("sid=a-") && b.starts_with("sid=b-"),
            "{cookies:?}"
        );
        assert_eq!((a, guest.as_str()), (again, "none"));
        sessions.extend([a, b]);
    }
    let count = sessions.len();
    sessions.sort();
    sessions.dedup();
    assert_eq!(
        (count, sessions.len()),
        (80, 80),
        "a session was used by two cases"
    );
}

#[tokio::test]
async fn a_refused_login_of_a_session_is_sent_once() {
    for refusal in [json("403 Forbidden", "{}"), json("200 OK", "{}")] {
        let server = Server::start(move |request: &ReceivedRequest, _| {
            Reply::Keep(match request.path.as_str() {
                "/login" => refusal.clone(),
                _ => json("200 OK", "{\"id\":1}"),
            })
        });
        let rows: Vec<String> = (0..20).map(|row| format!("{{ n: {row} }}")).collect();
        let cases = format!(
            "cases: [ {{ name: 'c {{{{ n }}}}', each: [ {} ], send: GET /x, as: web }} ]",
            rows.join(", ")
        );
        let events = run_all(target(&server), WEB, &cases, 8).await;
        let errors = events.iter().filter(
            |event| matches!(event, Event::SubjectFinished(case) if case.verdict == Verdict::Error),
        );
        assert_eq!(errors.count(), 20);
        assert_eq!(server.lines(), ["POST /login"]);
    }
}

#[tokio::test]
async fn an_expired_session_is_begun_again_once() {
    let server = Server::start(|request: &ReceivedRequest, before| {
        Reply::Keep(match request.path.as_str() {
            "/login" => set(&[&format!("sid=s{before}; Path=/")]),
            // The first session ends after its first request.
            _ if request.header("cookie") == Some("sid=s0") && before > 1 => {
                json("401 Unauthorized", "{}")
            }
            _ => json("200 OK", "{\"id\":1}"),
        })
    });
    let steps = "{ send: GET /one, as: web }, { send: GET /two, as: web }";
    let case = run_steps(target(&server), WEB, steps).await;
    assert_eq!(case.verdict, Verdict::Passed, "{}", shown(&case));
    assert_eq!(
        server.lines(),
        [
            "POST /login",
            "GET /one",
            "GET /two",
            "POST /login",
            "GET /two"
        ]
    );
}

/// A server whose unsafe operations want the token of the latest page; the login too, where `login_needs_token`.
fn forms(login_needs_token: bool, page_is_protected: bool) -> Server {
    Server::start(move |request: &ReceivedRequest, before| {
        let has_session = request
            .header("cookie")
            .is_some_and(|cookie| cookie.contains("sid="));
        Reply::Keep(match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/form") if page_is_protected && !has_session => json("401 Unauthorized", "{}"),
            ("GET", "/form") => {
                let page = format!("<input name=\"_token\" value=\"token+{before}/=\">");
                let cookie = if has_session {
                    ""
                } else {
                    "Set-Cookie: pre=1\r\n"
                };
                with_headers(
                    "200 OK",
                    &format!("{cookie}Content-Type: text/html\r\n"),
                    page.as_bytes(),
                )
            }
            ("POST", "/login")
                if login_needs_token && !request.body.contains("_token=token%2B0%2F%3D") =>
            {
                json("403 Forbidden", "{}")
            }
            ("POST", "/login") => set(&["sid=7; Path=/"]),
            ("POST", _) if !request.body.contains("_token=token%2B") => json("403 Forbidden", "{}"),
            _ => json("200 OK", "{\"id\":1}"),
        })
    })
}

#[tokio::test]
async fn a_token_of_a_page_is_sent_with_unsafe_methods_and_the_login() {
    let system = "auth: { web: { login: { send: POST /login, form: { user: x } }, cookies: true,
        csrf: { page: { send: GET /form }, from: { matches: 'value=\"([^\"]+)\"' }, send_in: { form: _token } } } }";
    for (login_needs_token, page_is_protected) in [(true, false), (false, false), (false, true)] {
        let server = forms(login_needs_token, page_is_protected);
        let steps = "{ send: GET /stuff, as: web }, { send: POST /stuff, as: web, form: { a: b } }, { send: POST /empty, as: web }";
        let case = run_steps(server.target(), system, steps).await;
        assert_eq!(case.verdict, Verdict::Passed, "{}", shown(&case));
        assert_eq!(
            server.lines(),
            [
                "GET /form",
                "POST /login",
                "GET /form",
                "GET /stuff",
                "POST /stuff",
                "POST /empty"
            ]
        );
        let bodies: Vec<String> = server
            .requests()
            .iter()
            .map(|request| request.body.clone())
            .collect();
        // The token after the login, which is another one.
        assert_eq!(
            &bodies[3..],
            ["", "a=b&_token=token%2B2%2F%3D", "_token=token%2B2%2F%3D"]
        );
    }
}

#[tokio::test]
async fn a_token_comes_from_a_cookie_a_header_or_the_login() {
    let server = || {
        Server::start(|request: &ReceivedRequest, before| {
            Reply::Keep(match request.path.as_str() {
                "/login" => with_headers(
                    "200 OK",
                    "Set-Cookie: sid=1; Path=/\r\nSet-Cookie: XSRF-TOKEN=a%3Db; Path=/\r\nX-Csrf: h0\r\nContent-Type: application/json\r\n",
                    b"{\"csrf\":\"from-body\"}",
                ),
                "/next" => with_headers(
                    "200 OK",
                    &format!("X-Csrf: h{before}\r\nSet-Cookie: XSRF-TOKEN=c{before}; Path=/\r\n"),
                    b"",
                ),
                _ => json("200 OK", "{\"id\":1}"),
            })
        })
    };
    for (csrf, header, first, second) in [
        (
            "from: { cookie: XSRF-TOKEN }, send_in: { header: X-T }",
            "x-t",
            "a=b",
            "c2",
        ),
        (
            "from: { header: X-Csrf }, send_in: { header: X-T }",
            "x-t",
            "h0",
            "h2",
        ),
        (
            "from: $.csrf, send_in: { header: X-T }",
            "x-t",
            "from-body",
            "from-body",
        ),
    ] {
        let server = server();
        let system = format!(
            "auth: {{ web: {{ login: {{ send: POST /login }}, cookies: true, csrf: {{ {csrf} }} }} }}"
        );
        let steps = "{ send: DELETE /a, as: web }, { send: PUT /next, as: web }, { send: GET /b, as: web }, { send: PATCH /c, as: web }";
        let case = run_steps(server.target(), &system, steps).await;
        assert_eq!(case.verdict, Verdict::Passed, "{csrf} {}", shown(&case));
        let requests = server.requests();
        let tokens: Vec<Option<&str>> = requests
            .iter()
            .map(|request| request.header(header))
            .collect();
        assert_eq!(
            tokens,
            [None, Some(first), Some(first), None, Some(second)],
            "{csrf}"
        );
    }
}

#[tokio::test]
async fn a_missing_csrf_token_is_an_error_that_says_so() {
    let server = || Server::start(|_, _| Reply::Keep(set(&["sid=1; Path=/"])));
    for (csrf, message) in [
        (
            "from: { cookie: XSRF-TOKEN }, send_in: { header: X-T }",
            "no response set the cookie `XSRF-TOKEN`, which has the CSRF token",
        ),
        (
            "from: { header: X-Csrf }, send_in: { header: X-T }",
            "POST got 200 OK, and no CSRF token was found: the response has no header `X-Csrf`",
        ),
        (
            "page: { send: GET /form }, from: $.t, send_in: { header: X-T }",
            "GET got 200 OK, and no CSRF token was found: `$.t` finds nothing in the response",
        ),
        (
            "page: { send: GET /form }, from: $.id, send_in: { header: X-T }",
            "GET got 200 OK, and no CSRF token was found: what is there is not a text",
        ),
    ] {
        let server = server();
        let system = format!(
            "auth: {{ web: {{ login: {{ send: POST /login }}, cookies: true, csrf: {{ {csrf} }} }} }}"
        );
        let case = run_steps(server.target(), &system, "{ send: DELETE /a, as: web }").await;
        assert_eq!(case.verdict, Verdict::Error);
        let error = case
            .steps
            .iter()
            .find_map(|step| step.error.as_ref())
            .unwrap();
        assert_eq!(error.message.to_string(), message);
        assert!(!server.lines().contains(&"DELETE /a".to_owned()));
    }
    // Safe methods need none.
    let server = server();
    let system = "auth: { web: { login: { send: POST /login }, cookies: true, csrf: { from: { cookie: x }, send_in: { header: X-T } } } }";
    let case = run_steps(server.target(), system, "{ send: GET /a, as: web }").await;
    assert_eq!(case.verdict, Verdict::Passed);
}

#[tokio::test]
async fn a_json_body_has_no_form_field() {
    let server = forms(false, false);
    let system = "auth: { web: { login: { send: POST /login, form: { user: x } }, cookies: true,
        csrf: { page: { send: GET /form }, from: { matches: 'value=\"([^\"]+)\"' }, send_in: { form: _token } } } }";
    let case = run_steps(
        server.target(),
        system,
        "{ send: POST /a, as: web, body: {} }",
    )
    .await;
    let error = case.steps.last().unwrap().error.as_ref().unwrap();
    assert_eq!(
        error.message.to_string(),
        "the form field `_token` cannot be added to a body of `application/json`"
    );
}

#[tokio::test]
async fn sessions_and_tokens_are_not_shown() {
    let server = Server::start(|request: &ReceivedRequest, _| {
        Reply::Keep(match request.path.as_str() {
            "/login" => with_headers(
                "200 OK",
                "Set-Cookie: sid=s3ss10n-1; Path=/\r\nX-Csrf: csrf-t0ken/9\r\nContent-Type: application/json\r\n",
                b"{}",
            ),
            _ => json(
                "500 Internal Server Error",
                "{\"seen\":\"s3ss10n-1 csrf-t0ken/9\"}",
            ),
        })
    });
    let system = "auth: { web: { login: { send: POST /login }, cookies: true, csrf: { from: { header: X-Csrf }, send_in: { query: t } } } }";
    let case = run_steps(server.target(), system, "{ send: POST /a, as: web }").await;
    assert_eq!(case.verdict, Verdict::Failed);
    for secret in ["s3ss10n-1", "csrf-t0ken"] {
        assert!(
            !shown(&case).contains(secret),
            "{secret} in {}",
            shown(&case)
        );
    }
}
