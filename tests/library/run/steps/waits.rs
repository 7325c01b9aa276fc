//! `wait`: a pause with a reason.

use super::*;
use counterpart::event::Verdict;

const WAIT: &str = r#"
cases:
  - name: a
    vars: { slow: true }
    steps:
      - { call: "GET /things/{id}", path: { id: 2 } }
      - { when: "{{ slow }}", wait: { for: 20ms, reason: the index is rebuilt } }
      - { when: "{{ not slow }}", wait: { for: 10m, reason: never } }
      - { call: "GET /things/{id}", path: { id: 4 }, expect: { within: 10s } }
"#;

#[tokio::test]
async fn a_pause_is_part_of_the_case_and_reported() {
    let server = things();
    let case = run(&server, WAIT).await;
    assert_eq!(case.verdict, Verdict::Passed);
    assert!(case.milliseconds >= 20.0, "{}", case.milliseconds);
    assert_eq!(case.requests, 2, "a pause is not a request");
    assert_eq!(
        notes(&case),
        [
            "wait 20ms: waited: the index is rebuilt",
            "wait 10m: not sent: `{{ not slow }}` did not hold"
        ]
    );
}

#[tokio::test]
async fn a_pause_ends_when_the_run_is_interrupted() {
    let server = things();
    let cancel = CancellationToken::new();
    let cases = WAIT.replace("20ms", "10m");
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
