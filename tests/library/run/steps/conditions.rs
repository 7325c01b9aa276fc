//! `when`: sent only if a condition holds.

use super::*;
use counterpart::event::Verdict;

const WHEN: &str = r#"
cases:
  - name: things
    each: [ { kind: KIND } ]
    steps:
      - { name: make it, when: "{{ kind == 'real' }}", call: POST /things, body: {}, expect: { status: 201 }, capture: { id: $.id } }
      - { name: read it, when: "{{ id is defined }}", call: "GET /things/{id}", path: { id: "{{ id }}" }, expect: { status: 404 } }
      - { call: "GET /things/{id}", path: { id: 4 } }
    cleanup: [ { call: "DELETE /things/{id}", path: { id: "{{ id }}" } } ]
"#;

#[tokio::test]
async fn a_step_whose_condition_holds_is_sent() {
    let server = things();
    let case = run(&server, &WHEN.replace("KIND", "real")).await;
    assert_eq!(case.verdict, Verdict::Passed);
    assert_eq!(
        server.lines(),
        [
            "POST /things",
            "GET /things/1",
            "GET /things/4",
            "DELETE /things/1"
        ]
    );
    assert_eq!(case.steps, []);
}

#[tokio::test]
async fn a_step_whose_condition_does_not_hold_is_reported_and_its_captures_are_unset() {
    let server = things();
    let case = run(&server, &WHEN.replace("KIND", "virtual")).await;
    assert_eq!(case.verdict, Verdict::Passed);
    assert_eq!(server.lines(), ["GET /things/4"], "and nothing to clean up");
    assert_eq!(
        notes(&case),
        [
            "make it: not sent: `{{ kind == 'real' }}` did not hold",
            "read it: not sent: `{{ id is defined }}` did not hold"
        ]
    );
}

#[tokio::test]
async fn a_condition_is_true_or_false() {
    let cases = r#"
cases:
  - name: a
    vars: { count: 3 }
    steps: [ { when: "{{ count }}", call: "GET /things/{id}", path: { id: 2 } } ]
"#;
    let server = things();
    let case = run(&server, cases).await;
    assert_eq!(case.verdict, Verdict::Error);
    assert_eq!(reported_codes(&case), ["value-missing"]);
    assert_eq!(
        case.reason.unwrap().to_string(),
        "`when: {{ count }}` is the number 3, not true or false; compare it: `{{ x == 1 }}`, `{{ x | length > 0 }}`"
    );
}

#[tokio::test]
async fn what_a_step_without_condition_reads_must_have_a_value() {
    let shown = faults(
        r#"
cases:
  - name: a
    vars: { kind: real }
    steps:
      - { when: "{{ kind == 'real' }}", call: POST /things, body: {}, capture: { id: $.id } }
      - { call: "GET /things/{id}", path: { id: "{{ id }}" } }
"#,
    );
    assert_eq!(
        shown,
        "error[maybe-unset]: `id` has a value only if the `when` of an earlier step held
 --> shop/file.yaml:8:53
  |
7 |       - { when: \"{{ kind == 'real' }}\", call: POST /things, body: {}, capture: { id: $.id } }
  |                                                                                  -- captured here
8 |       - { call: \"GET /things/{id}\", path: { id: \"{{ id }}\" } }
  |                                                     ^^
  |
  = help: give this step the same `when`, or `when: \"{{ id is defined }}\"`"
    );
}

#[tokio::test]
async fn a_value_that_is_missing_after_all_is_a_clear_error() {
    let cases = r#"
cases:
  - name: a
    vars: { kind: virtual }
    steps:
      - { when: "{{ kind == 'real' }}", call: POST /things, body: {}, capture: { id: $.id } }
      - { when: "{{ kind == 'virtual' }}", call: "GET /things/{id}", path: { id: "{{ id }}" } }
"#;
    let case = run(&things(), cases).await;
    assert_eq!(case.verdict, Verdict::Error);
    assert_eq!(
        case.reason.unwrap().to_string(),
        "`id` has no value: the step that captures it was not sent, because its `when` did not hold"
    );
}
