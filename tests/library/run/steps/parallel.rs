//! `parallel`: requests at the same time, with the outcomes that are allowed.

use std::sync::{Barrier, Mutex};

use super::*;
use counterpart::event::Verdict;

const ORDERS: &str = r#"
cases:
  - name: the last item is sold once
    steps:
      - name: five buyers
        parallel:
          times: 5
          step:
            call: POST /things
            headers: { Idempotency-Key: "{{ repeat.number }}" }
            body: { item: 7 }
            expect: { status: 201, body: { id: { $gte: 0 } } }
            capture: { ids: $.id }
          outcomes: { 201: 1, 409: 4 }
      - { call: "GET /things/{id}", path: { id: 2 } }
    cleanup:
      - { repeat: { id: "{{ ids }}" }, call: "DELETE /things/{id}", path: { id: "{{ id }}" } }
"#;

fn conflict() -> Vec<u8> {
    b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n".to_vec()
}

/// A shop with one item. It waits until all five buyers are there, so that the race that it has unless it is `correct` always happens.
fn shop(correct: bool) -> Server {
    let (arrived, stock) = (Barrier::new(5), Mutex::new(1_i32));
    Server::start(move |request, _| {
        Reply::Keep(match request.method.as_str() {
            "GET" => json("200 OK", "{\"id\":2}"),
            "DELETE" => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
            _ => {
                let seen = *stock.lock().unwrap();
                arrived.wait();
                let mut stock = stock.lock().unwrap();
                let available = match correct {
                    true => *stock,
                    false => seen,
                };
                if available < 1 {
                    return Reply::Keep(conflict());
                }
                *stock -= 1;
                json("201 Created", &format!("{{\"id\":{}}}", 1 - *stock))
            }
        })
    })
}

#[tokio::test]
async fn a_correct_server_sells_the_last_item_once() {
    let server = shop(true);
    let case = run(&server, ORDERS).await;
    assert_eq!(
        (case.verdict, reported_codes(&case)),
        (Verdict::Passed, vec![])
    );
    assert_eq!(case.requests, 7);
    assert_eq!(
        notes(&case),
        ["five buyers: sent at the same time: 201, 4 × 409"]
    );
    assert_eq!(server.lines().last().unwrap(), "DELETE /things/1");
    let mut keys: Vec<String> = server
        .requests()
        .iter()
        .filter_map(|request| request.header("idempotency-key").map(str::to_owned))
        .collect();
    keys.sort();
    assert_eq!(keys, ["1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn an_oversell_is_a_finding_and_all_that_was_created_is_removed() {
    let server = shop(false);
    let case = run(&server, ORDERS).await;
    assert_eq!(case.verdict, Verdict::Failed);
    assert_eq!(
        reported_codes(&case),
        ["outcomes-unexpected", "outcomes-unexpected"]
    );
    let group = case.steps.last().unwrap();
    assert_eq!(group.label.to_string(), "five buyers");
    assert_eq!(group.operation.as_deref(), Some("POST /things"));
    assert_eq!(
        group.findings[0].message.to_string(),
        "expected status 201 from 1 of 5 responses, got 5: 5 × 201"
    );
    let lines = server.lines();
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.starts_with("DELETE"))
            .count(),
        5
    );
    assert!(
        !lines.iter().any(|line| line.starts_with("GET")),
        "the case ends"
    );
    assert_eq!(labels(&case)[0], "POST /things [1/5]");
}

#[tokio::test]
async fn each_response_is_checked_against_the_contract_and_its_expectation() {
    let server = Server::start(|request, before| {
        Reply::Keep(match before {
            _ if request.method == "DELETE" => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
            0 => json("201 Created", "{\"id\":\"one\"}"),
            1 => json("201 Created", "{\"id\":-1}"),
            2 => b"HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n".to_vec(),
            _ => conflict(),
        })
    });
    let cases = ORDERS.replace("201: 1, 409: 4", "201: 2, 409: 2");
    let case = run(&server, &cases).await;
    let mut codes = reported_codes(&case);
    codes.sort();
    assert_eq!(
        codes,
        [
            "body-schema",
            "expect-body",
            "expect-body",
            "status-undocumented",
            "status-unexpected"
        ]
    );
}

#[tokio::test]
async fn different_steps_are_sent_together_with_their_own_expectations() {
    let cases = r#"
cases:
  - name: a
    steps:
      - parallel:
          steps:
            - { call: "GET /things/{id}", path: { id: 2 }, capture: { found: $.id } }
            - { call: "GET /things/{id}", path: { id: 3 }, expect: { status: 404 } }
      - { call: "GET /things/{id}", path: { id: "{{ found[0] }}" } }
"#;
    let both = Barrier::new(2);
    let server = Server::start(move |request, before| {
        if before < 2 {
            both.wait();
        }
        Reply::Keep(match request.path.as_str() {
            "/things/2" => json("200 OK", "{\"id\":2}"),
            _ => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
        })
    });
    let case = run(&server, cases).await;
    assert_eq!(case.verdict, Verdict::Passed, "{:?}", case.reason);
    assert_eq!(server.lines().len(), 3);
}

#[tokio::test]
async fn a_connection_that_breaks_is_an_error_and_not_sent_again() {
    let server = Server::start(|_, before| match before {
        0 => Reply::Close(Vec::new()),
        _ => Reply::Keep(conflict()),
    });
    let cases = ORDERS.replace("201: 1, 409: 4", "409: { $gte: 4 }");
    let case = run(&server, &cases).await;
    assert_eq!(case.verdict, Verdict::Error);
    assert_eq!(reported_codes(&case), ["connection-broken"]);
    assert_eq!(server.lines().len(), 5);
}
