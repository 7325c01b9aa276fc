//! `repeat`: sent once for each item.

use super::*;
use counterpart::event::Verdict;

#[tokio::test]
async fn a_step_is_sent_for_each_item_and_its_captures_are_lists() {
    let cases = r#"
cases:
  - name: a
    steps:
      - { repeat: 3, call: POST /things, body: { n: "{{ repeat.number }}/{{ repeat.count }}" }, expect: { status: 201 }, capture: { ids: $.id } }
      - repeat: { id: "{{ ids }}" }
        when: "{{ id != 2 }}"
        call: GET /things/{id}
        path: { id: "{{ id }}" }
        headers: { X-Index: "{{ repeat.index }}" }
        expect: { status: 404 }
    cleanup: [ { repeat: { id: "{{ ids }}" }, call: "DELETE /things/{id}", path: { id: "{{ id }}" } } ]
"#;
    let server = things();
    let case = run(&server, cases).await;
    assert_eq!(case.verdict, Verdict::Passed, "{:?}", case.reason);
    assert_eq!(
        server.lines(),
        [
            "POST /things",
            "POST /things",
            "POST /things",
            "GET /things/1",
            "GET /things/3",
            "DELETE /things/1",
            "DELETE /things/2",
            "DELETE /things/3"
        ]
    );
    let requests = server.requests();
    assert_eq!(requests[1].body, r#"{"n":"2/3"}"#);
    assert_eq!(requests[4].header("x-index"), Some("2"));
    assert_eq!(
        notes(&case),
        ["GET /things/{id} [2/3: 2]: not sent: `{{ id != 2 }}` did not hold"]
    );
}

#[tokio::test]
async fn a_failing_round_is_named_by_its_item_and_ends_the_case() {
    let cases = r#"
cases:
  - name: a
    steps:
      - { repeat: { id: [2, 4, 5, 6] }, call: "GET /things/{id}", path: { id: "{{ id }}" }, expect: { status: 200 } }
"#;
    let server = things();
    let case = run(&server, cases).await;
    assert_eq!(case.verdict, Verdict::Failed);
    assert_eq!(
        labels(&case),
        [
            "GET /things/{id} [1/4: 2]",
            "GET /things/{id} [2/4: 4]",
            "GET /things/{id} [3/4: 5]"
        ]
    );
    assert_eq!(server.lines().len(), 3);
}

#[tokio::test]
async fn what_rounds_before_a_failure_created_is_removed() {
    let cases = r#"
cases:
  - name: a
    steps:
      - { repeat: 3, call: POST /things, body: {}, capture: { ids: $.id }, expect: { status: 201 } }
    cleanup: [ { repeat: { id: "{{ ids }}" }, call: "DELETE /things/{id}", path: { id: "{{ id }}" } } ]
"#;
    let server = Server::start(|request, before| {
        Reply::Keep(match (request.method.as_str(), before) {
            ("DELETE", _) => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
            (_, 2) => b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n".to_vec(),
            _ => json("201 Created", &format!("{{\"id\":{before}}}")),
        })
    });
    let case = run(&server, cases).await;
    assert_eq!(case.verdict, Verdict::Failed);
    assert_eq!(
        server.lines()[3..],
        ["DELETE /things/0", "DELETE /things/1"]
    );
}

#[tokio::test]
async fn an_empty_list_is_reported_and_something_else_is_an_error() {
    let cases = |over: &str| {
        format!(
            r#"
cases:
  - name: a
    vars: {{ ids: [], name: many }}
    steps:
      - {{ repeat: {{ id: "{{{{ {over} }}}}" }}, call: "GET /things/{{id}}", path: {{ id: "{{{{ id }}}}" }} }}
      - {{ call: "GET /things/{{id}}", path: {{ id: 2 }}, headers: {{ X-A: "{{{{ ids }}}} {{{{ name }}}}" }} }}
"#
        )
    };
    let server = things();
    let case = run(&server, &cases("ids")).await;
    assert_eq!(case.verdict, Verdict::Passed);
    assert_eq!(
        notes(&case),
        ["GET /things/{id}: not sent: `{{ ids }}` has no items"]
    );
    let case = run(&server, &cases("name")).await;
    assert_eq!(
        case.reason.unwrap().to_string(),
        "`repeat: {{ name }}` is the text \"many\", not a list or a number up to 1000"
    );
}

#[tokio::test]
async fn a_secret_item_is_masked_in_the_label() {
    let cases = r#"
cases:
  - name: a
    steps:
      - { repeat: { password: [correct-horse-battery] }, call: "GET /things/{id}", path: { id: 1 }, headers: { X-A: "{{ password }}" } }
"#;
    let case = run(&things(), cases).await;
    assert_eq!(case.verdict, Verdict::Failed);
    assert_eq!(labels(&case), ["GET /things/{id} [1/1: ***]"]);
}
