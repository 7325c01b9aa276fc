//! `Retry-After`: sent again after the pause that the server requires.

use super::super::server::with_headers;
use super::*;
use counterpart::event::Verdict;

const CASE: &str = r#"
cases:
  - name: a
    steps:
      - { call: POST /things, body: {}, expect: { status: 201 } }
"#;

fn busy(status: &str, pause: &str) -> Vec<u8> {
    with_headers(status, &format!("Retry-After: {pause}\r\n"), b"")
}

/// Refuses the first requests, then makes the thing.
fn refusing(times: usize, refusal: Vec<u8>) -> Server {
    Server::start(move |_, before| {
        Reply::Keep(match before < times {
            true => refusal.clone(),
            false => json("201 Created", "{\"id\":1}"),
        })
    })
}

#[tokio::test]
async fn a_refused_request_is_sent_again_and_that_is_reported() {
    let server = refusing(2, busy("503 Service Unavailable", "0"));
    let case = run(&server, CASE).await;
    assert_eq!((case.verdict, case.requests), (Verdict::Passed, 3));
    assert_eq!(notes(&case), ["POST /things: retried [503, 503]"]);
}

#[tokio::test]
async fn a_date_is_understood() {
    let past = "Sun, 06 Nov 1994 08:49:37 GMT";
    let server = refusing(1, busy("429 Too Many Requests", past));
    let case = run(&server, CASE).await;
    assert_eq!(notes(&case), ["POST /things: retried [429]"]);
}

#[tokio::test]
async fn a_pause_beyond_the_limit_is_not_made() {
    let server = refusing(1, busy("503 Service Unavailable", "11"));
    let case = run(&server, CASE).await;
    assert_eq!(reported_codes(&case), ["server-error"], "as it is");
    assert_eq!((case.requests, notes(&case).len()), (1, 0));
}

#[tokio::test]
async fn a_limit_of_zero_forbids_it() {
    let server = refusing(1, busy("429 Too Many Requests", "0"));
    let mut target = server.target();
    target.limits.retry_after = Duration::ZERO;
    let Outcome::Finished(case) = outcome(target, CASE, &CancellationToken::new()).await else {
        panic!("not finished");
    };
    assert_eq!(
        reported_codes(&case),
        ["status-unexpected", "status-undocumented"]
    );
    assert_eq!(case.requests, 1);
}

#[tokio::test]
async fn a_server_that_always_refuses_is_a_finding() {
    let server = refusing(1000, busy("503 Service Unavailable", "0"));
    let case = run(&server, CASE).await;
    assert_eq!(reported_codes(&case), ["server-error"]);
    assert_eq!(case.requests, 11, "there is a limit");
}

#[tokio::test]
async fn a_step_that_expects_the_status_and_one_with_once_are_not_sent_again() {
    for (step, codes) in [
        ("expect: { status: 503, undocumented: true }", vec![]),
        ("expect: { status: 5XX, undocumented: true }", vec![]),
        ("expect: { status: 201 }, once: true", vec!["server-error"]),
    ] {
        let server = refusing(1, busy("503 Service Unavailable", "0"));
        let case = run(&server, &CASE.replace("expect: { status: 201 }", step)).await;
        assert_eq!(
            (reported_codes(&case), case.requests),
            (codes.iter().map(ToString::to_string).collect(), 1),
            "{step}"
        );
    }
}

#[tokio::test]
async fn other_statuses_and_a_missing_header_do_not_matter() {
    for refusal in [
        busy("500 Internal Server Error", "0"),
        busy("409 Conflict", "0"),
        busy("503 Service Unavailable", "soon"),
        with_headers("429 Too Many Requests", "", b""),
    ] {
        let case = run(&refusing(1, refusal), CASE).await;
        assert_eq!((case.verdict, case.requests), (Verdict::Failed, 1));
    }
}

#[tokio::test]
async fn a_refusal_that_the_contract_documents_is_checked() {
    let contract = super::CONTRACT.replace(
        "\"409\": { description: exists }",
        "\"429\": { description: too many, headers: { X-Limit: { required: true, schema: { type: integer } } } }",
    );
    let server = refusing(1, busy("429 Too Many Requests", "0"));
    let (suite, faults) = suite_for(&contract, CASE);
    let suite = suite.unwrap_or_else(|| panic!("{faults}"));
    let planned = planned(&suite).remove(0);
    let pipeline = Pipeline::new(suite, Arc::new(server.target()), 7).unwrap();
    let Outcome::Finished(case) = pipeline.run(&planned, &CancellationToken::new()).await else {
        panic!("not finished");
    };
    assert_eq!(reported_codes(&case), ["header-missing"]);
    assert_eq!(labels(&case), ["POST /things (refused)", "POST /things"]);
}

#[tokio::test]
async fn polling_goes_on_after_a_refusal() {
    let cases = r#"
cases:
  - { name: a, call: "GET /things/{id}", path: { id: 2 }, until: { status: 200, every: 10ms }, expect: { status: 200 } }
"#;
    let server = Server::start(|_, before| {
        Reply::Keep(match before {
            0 => busy("503 Service Unavailable", "0"),
            1 => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
            _ => json("200 OK", "{\"id\":2}"),
        })
    });
    let case = run(&server, cases).await;
    assert_eq!(case.verdict, Verdict::Passed);
    assert_eq!(
        notes(&case),
        [
            "GET /things/{id}: retried [503]",
            "GET /things/{id}: polled [404, 200]"
        ]
    );
}

#[tokio::test]
async fn a_pause_for_a_retry_ends_when_the_run_is_interrupted() {
    let server = refusing(1, busy("503 Service Unavailable", "600"));
    let mut target = server.target();
    target.limits.retry_after = Duration::from_secs(3600);
    let cancel = CancellationToken::new();
    let running = tokio::spawn({
        let cancel = cancel.clone();
        async move { outcome(target, CASE, &cancel).await }
    });
    while server.lines().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    cancel.cancel();
    assert!(matches!(running.await.unwrap(), Outcome::Interrupted));
}
