//! `until`: sent again until a condition holds.

use super::*;
use counterpart::event::Verdict;

const POLL: &str = r#"
cases:
  - name: a job is finished
    steps:
      - call: GET /jobs/{id}
        path: { id: 7 }
        until: { body: { state: done }, every: 10ms, within: 5s }
        expect: { status: 200, body: { id: 7 } }
        capture: { state: $.state }
      - { call: "GET /things/{id}", path: { id: 2 }, headers: { X-State: "{{ state }}" } }
"#;

/// Responds to each request with the next of these responses, then with the last one.
fn sequence(responses: Vec<Vec<u8>>) -> Server {
    Server::start(move |request, before| {
        if request.path.starts_with("/things") {
            return Reply::Keep(json("200 OK", "{\"id\":2}"));
        }
        let index = before.min(responses.len() - 1);
        Reply::Keep(responses[index].clone())
    })
}

fn pending() -> Vec<u8> {
    json("202 Accepted", &job("pending"))
}

fn done() -> Vec<u8> {
    json("200 OK", &job("done"))
}

fn not_found() -> Vec<u8> {
    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()
}

#[tokio::test]
async fn a_step_is_sent_until_its_condition_holds_and_the_last_response_counts() {
    let server = sequence(vec![not_found(), pending(), pending(), done()]);
    let case = run(&server, POLL).await;
    assert_eq!(
        (case.verdict, reported_codes(&case)),
        (Verdict::Passed, vec![])
    );
    assert_eq!(case.requests, 5);
    assert_eq!(
        notes(&case),
        ["GET /jobs/{id}: polled [404, 202, 202, 200]"],
        "shown for a case that passed, too"
    );
    assert!(case.steps[0].response.is_none(), "in brief: it passed");
    let requests = server.requests();
    let state = requests.last().unwrap().header("x-state");
    assert_eq!(state, Some("done"), "captured from the last response");
}

#[tokio::test]
async fn a_condition_that_holds_at_once_leaves_no_trace() {
    let server = sequence(vec![done()]);
    let case = run(&server, POLL).await;
    assert_eq!(case.verdict, Verdict::Passed);
    assert_eq!((server.lines().len(), case.steps.len()), (2, 0));
}

#[tokio::test]
async fn the_last_response_is_checked_against_the_expectation() {
    let server = sequence(vec![
        pending(),
        json("200 OK", "{\"id\":8,\"state\":\"done\"}"),
    ]);
    let case = run(&server, POLL).await;
    assert_eq!(case.verdict, Verdict::Failed);
    assert_eq!(reported_codes(&case), ["expect-body"]);
    assert_eq!(labels(&case)[0], "GET /jobs/{id}", "polls are folded");
    assert_eq!(case.steps[0].response.as_ref().unwrap().status, 200);
    assert_eq!(notes(&case), ["GET /jobs/{id}: polled [202, 200]"]);
}

#[tokio::test]
async fn an_intermediate_response_is_checked_against_the_contract() {
    let wrong = json("202 Accepted", "{\"id\":\"7\",\"state\":\"pending\"}");
    let server = sequence(vec![wrong.clone(), wrong, pending(), done()]);
    let case = run(&server, POLL).await;
    assert_eq!(case.verdict, Verdict::Failed);
    assert_eq!(
        reported_codes(&case),
        ["body-schema"],
        "once, although it was sent twice"
    );
    assert_eq!(
        labels(&case),
        [
            "GET /jobs/{id} (request 1)",
            "GET /jobs/{id}",
            "GET /things/{id}"
        ]
    );
    assert_eq!(
        case.requests, 5,
        "a schema violation does not end the polling"
    );
}

#[tokio::test]
async fn a_server_error_while_polling_is_a_finding_and_ends_the_case() {
    let failure = json("500 Internal Server Error", "{}");
    let server = sequence(vec![pending(), failure, done()]);
    let case = run(&server, POLL).await;
    assert_eq!(case.verdict, Verdict::Failed);
    assert_eq!(reported_codes(&case), ["server-error"]);
    assert_eq!(labels(&case), ["GET /jobs/{id} (request 2)"]);
    assert_eq!(server.lines().len(), 2, "not sent again, and no later step");
    assert_eq!(
        notes(&case),
        ["GET /jobs/{id} (request 2): polled [202, 500]"]
    );
}

#[tokio::test]
async fn a_condition_that_never_holds_is_a_finding_of_its_own() {
    let server = sequence(vec![pending()]);
    let cases = POLL.replace("within: 5s", "within: 50ms");
    let case = run(&server, &cases).await;
    assert_eq!(case.verdict, Verdict::Failed);
    assert_eq!(
        reported_codes(&case),
        ["until-not-reached"],
        "and nothing about the `expect` of the step: the condition is its cause"
    );
    let finding = &case.steps[0].findings[0];
    let message = finding.message.to_string();
    assert!(
        message.starts_with("the condition did not hold within 50ms (")
            && message
                .ends_with("; in the last response `/state` is \"pending\", expected \"done\""),
        "{message}"
    );
    assert_eq!(finding.at.to_string(), "body /state");
    assert_eq!(finding.expected.as_ref().unwrap().to_string(), "\"done\"");
    let place = finding.case.as_ref().unwrap();
    assert!(place.text.to_string().contains("state: done"), "{place:?}");
    assert!(!server.lines().iter().any(|line| line.contains("things")));
}

#[tokio::test]
async fn the_last_response_is_checked_against_the_contract_too() {
    let server = sequence(vec![pending(), json("202 Accepted", "{\"id\":7}")]);
    let cases = POLL.replace("within: 5s", "within: 50ms");
    let case = run(&server, &cases).await;
    let last = case.steps.last().unwrap();
    let codes: Vec<String> = last.findings.iter().map(|f| f.code.to_string()).collect();
    assert_eq!(codes, ["until-not-reached", "body-schema"]);
}

#[tokio::test]
async fn a_status_can_be_the_condition() {
    let cases = r#"
cases:
  - name: a thing exists soon
    call: GET /jobs/{id}
    path: { id: 7 }
    until: { status: [200, 404], every: 10ms }
    expect: { status: 404 }
"#;
    let server = sequence(vec![pending(), not_found()]);
    let case = run(&server, cases).await;
    assert_eq!(case.verdict, Verdict::Passed);
    assert_eq!(notes(&case), ["GET /jobs/{id}: polled [202, 404]"]);
}

#[tokio::test]
async fn a_pause_that_the_server_requires_beyond_the_limit_ends_the_polling() {
    let busy = super::super::server::with_headers(
        "202 Accepted",
        "Content-Type: application/json\r\nRetry-After: 60\r\n",
        job("pending").as_bytes(),
    );
    let server = sequence(vec![busy]);
    let case = run(&server, POLL).await;
    assert_eq!(
        server.lines().len(),
        1,
        "not sent before the server allows it"
    );
    assert_eq!(reported_codes(&case), ["until-not-reached"]);
    let message = case.steps[0].findings[0].message.to_string();
    assert!(
        message.contains("the server requires a pause of 60s by Retry-After"),
        "{message}"
    );
}

#[tokio::test]
async fn a_broken_connection_while_polling_is_an_error() {
    let server = Server::start(|_, before| match before {
        0 => Reply::Keep(pending()),
        _ => Reply::Close(Vec::new()),
    });
    let case = run(&server, POLL).await;
    assert_eq!(case.verdict, Verdict::Error);
    assert_eq!(reported_codes(&case), ["connection-broken"]);
}

#[tokio::test]
async fn polling_ends_when_the_run_is_interrupted() {
    let server = sequence(vec![pending()]);
    let cancel = CancellationToken::new();
    let cases = POLL.replace("every: 10ms, within: 5s", "every: 5m, within: 10m");
    let running = tokio::spawn({
        let (target, cancel) = (server.target(), cancel.clone());
        async move { outcome(target, &cases, &cancel).await }
    });
    while server.lines().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    cancel.cancel();
    assert!(matches!(running.await.unwrap(), Outcome::Interrupted));
}

#[tokio::test]
async fn a_fixture_can_poll_too() {
    let cases = r#"
fixtures:
  job:
    steps:
      - call: GET /jobs/{id}
        path: { id: 7 }
        until: { body: { state: done }, every: 10ms }
        capture: { id: $.id }
cases:
  - { name: a, given: [job], call: "GET /jobs/{id}", path: { id: "{{ id }}" } }
"#;
    let server = sequence(vec![pending(), done()]);
    let case = run(&server, cases).await;
    assert_eq!(case.verdict, Verdict::Passed);
    assert_eq!(server.lines().len(), 3);
}
