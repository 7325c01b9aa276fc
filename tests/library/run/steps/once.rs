//! `once`: never sent a second time by us.

use super::*;
use counterpart::event::Verdict;

/// Closes each kept connection when the second request arrives on it: the client cannot know whether that was processed.
fn forgetful() -> Server {
    Server::start(|_: &ReceivedRequest, before| match before {
        0 => Reply::Keep(json("200 OK", "{\"id\":2}")),
        1 => Reply::Close(Vec::new()),
        _ => Reply::Keep(json("201 Created", "{\"id\":3}")),
    })
}

fn case_with(once: &str) -> String {
    format!(
        r#"
cases:
  - name: a
    steps:
      - {{ call: "GET /things/{{id}}", path: {{ id: 2 }} }}
      - {{ {once} call: POST /things, body: {{}}, expect: {{ status: 201 }} }}
"#
    )
}

#[tokio::test]
async fn a_request_on_a_kept_connection_that_ends_is_sent_again() {
    let server = forgetful();
    let case = run(&server, &case_with("")).await;
    assert_eq!(case.verdict, Verdict::Passed);
    assert_eq!(server.lines().len(), 3);
}

#[tokio::test]
async fn a_step_with_once_is_not_sent_again() {
    let server = forgetful();
    let case = run(&server, &case_with("once: true,")).await;
    assert_eq!(case.verdict, Verdict::Error);
    assert_eq!(reported_codes(&case), ["connection-broken"]);
    assert_eq!(server.lines().len(), 2);
}
