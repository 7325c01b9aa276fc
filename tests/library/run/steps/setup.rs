//! `setup`: what the cases of a file share.

use std::num::NonZeroUsize;

use counterpart::case;
use counterpart::event::{Event, Verdict};
use counterpart::plan::{Selection, skip_reason};
use counterpart::run::{self, Assignment, RunOptions};

use super::super::run_case;
use super::*;

const SYSTEM: &str = r#"
auth:
  admin: { login: { call: POST /login, body: { user: "{{ credentials.username }}" } } }
"#;

const SHARED: &str = r#"
fixtures:
  thing:
    steps: [ { call: POST /things, body: { of: fixture }, capture: { thing: $.id } } ]
    cleanup: [ { call: "DELETE /things/{id}", path: { id: "{{ thing }}" } } ]
setup:
  given: [thing]
  vars: { name: shared }
  steps: [ { call: POST /things, body: { of: setup }, expect: { status: 201 }, capture: { id: $.id } } ]
  cleanup: [ { call: "DELETE /things/{id}", path: { id: "{{ id }}" } } ]
cases:
  - { name: "reads {{ n }}", each: [ { n: 1 }, { n: 2 }, { n: 3 }, { n: 4 } ], call: "GET /things/{id}", path: { id: 100 },
      headers: { X-Shared: "{{ setup.name }} {{ setup.id }} {{ setup.thing }}" } }
"#;

/// Runs all cases of a file and returns the events with a verdict.
async fn run_file(
    target: Target,
    cases: &str,
    jobs: usize,
    cancel: &CancellationToken,
) -> Vec<SubjectFinished> {
    let (suite, faults) = suite_for(CONTRACT, cases);
    let suite = suite.unwrap_or_else(|| panic!("{faults}"));
    let planned = planned(&suite).into_iter().map(|case| {
        let skip = skip_reason(&case, &target, &Selection::default());
        (case, skip)
    });
    let cases = planned.collect();
    let pipeline = Pipeline::new(suite, Arc::new(target), 7).unwrap();
    let options = RunOptions {
        jobs: NonZeroUsize::new(jobs).unwrap(),
        seed: 7,
        max_failures: None,
        shard: None,
    };
    let (sender, mut receiver) = tokio::sync::mpsc::channel(16);
    let assignments = vec![Assignment { pipeline, cases }];
    let running = tokio::spawn(run::run(assignments, options, cancel.clone(), sender));
    let mut finished = Vec::new();
    while let Some(event) = receiver.recv().await {
        if let Event::SubjectFinished(case) = event {
            finished.push(case);
        }
    }
    running.await.unwrap();
    finished
}

async fn run_all(server: &Server, cases: &str, jobs: usize) -> Vec<SubjectFinished> {
    run_file(server.target(), cases, jobs, &CancellationToken::new()).await
}

fn count(server: &Server, start: &str) -> usize {
    let lines = server.lines();
    lines.iter().filter(|line| line.starts_with(start)).count()
}

#[tokio::test]
async fn a_setup_is_made_once_before_the_first_case_and_removed_after_the_last() {
    for jobs in [1, 4] {
        let server = things();
        let cases = run_all(&server, SHARED, jobs).await;
        let verdicts: Vec<Verdict> = cases.iter().map(|case| case.verdict).collect();
        assert_eq!(verdicts, [Verdict::Passed; 4]);
        let lines = server.lines();
        assert_eq!(lines[..2], ["POST /things", "POST /things"]);
        assert_eq!(count(&server, "GET"), 4);
        assert_eq!(
            lines[lines.len() - 2..],
            ["DELETE /things/2", "DELETE /things/1"],
            "the latest first"
        );
        assert_eq!(lines.len(), 8);
        for request in server
            .requests()
            .iter()
            .filter(|request| request.method == "GET")
        {
            assert_eq!(request.header("x-shared"), Some("shared 2 1"));
        }
    }
}

#[tokio::test]
async fn a_failed_setup_is_one_cause_of_errors() {
    let server = Server::start(|request, before| {
        Reply::Keep(match (request.method.as_str(), before) {
            ("POST", 0) => json("201 Created", "{\"id\":1}"),
            ("POST", _) => json("201 Created", "{\"id\":\"two\"}"),
            _ => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        })
    });
    let cases = run_all(&server, SHARED, 2).await;
    assert_eq!(cases.len(), 4);
    let mut reasons: Vec<String> = Vec::new();
    for case in &cases {
        assert_eq!(case.verdict, Verdict::Error);
        assert_eq!(reported_codes(case), ["setup-failed"]);
        let step = case.steps.last().unwrap();
        assert_eq!(
            step.response.as_ref().unwrap().status,
            201,
            "each case shows it"
        );
        reasons.push(case.reason.clone().unwrap().to_string());
    }
    reasons.dedup();
    let [reason] = &reasons[..] else {
        panic!("{reasons:?}");
    };
    assert!(
        reason.starts_with("the setup of the file failed at POST /things: body-schema at body /id"),
        "{reason}"
    );
    assert_eq!(count(&server, "POST"), 2, "not made again");
    assert_eq!(count(&server, "GET"), 0);
    assert_eq!(count(&server, "DELETE"), 2, "what it created is removed");
}

#[tokio::test]
async fn a_setup_is_removed_when_the_run_is_interrupted() {
    let server = Server::start(|request, before| match request.method.as_str() {
        "POST" => Reply::Keep(json("201 Created", &format!("{{\"id\":{}}}", before + 1))),
        "DELETE" => Reply::Keep(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
        _ => Reply::Hang,
    });
    let cancel = CancellationToken::new();
    let running = tokio::spawn({
        let (target, cancel) = (server.target(), cancel.clone());
        async move { run_file(target, SHARED, 2, &cancel).await }
    });
    while count(&server, "GET") < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    cancel.cancel();
    assert_eq!(running.await.unwrap(), []);
    assert_eq!(count(&server, "DELETE"), 2);
}

#[tokio::test]
async fn a_case_that_runs_alone_has_its_setup_and_it_is_removed_at_the_end() {
    let server = things();
    let (suite, faults) = suite_for(CONTRACT, SHARED);
    let suite = suite.unwrap_or_else(|| panic!("{faults}"));
    let case = planned(&suite).remove(2);
    let pipeline = Pipeline::new(suite, Arc::new(server.target()), 7).unwrap();
    let outcome = pipeline.run(&case, &CancellationToken::new()).await;
    assert!(matches!(outcome, Outcome::Finished(case) if case.verdict == Verdict::Passed));
    assert_eq!(count(&server, "DELETE"), 0, "other cases may follow");
    pipeline.session.remove_setups().await;
    assert_eq!(count(&server, "DELETE"), 2);
    pipeline.session.remove_setups().await;
    assert_eq!(count(&server, "DELETE"), 2, "only once");
}

#[tokio::test]
async fn a_setup_can_log_in() {
    let server = Server::start(|request, _| {
        Reply::Keep(match request.line().as_str() {
            "POST /login" => json("200 OK", "\"token-of-the-admin\""),
            "POST /things" => json("201 Created", "{\"id\":1}"),
            _ => json("200 OK", "{\"id\":1}"),
        })
    });
    let target = server.target().with_credential("admin", "username", "root");
    let cases = r#"
setup: { steps: [ { call: POST /things, as: admin, body: {}, capture: { id: $.id } } ] }
cases: [ { name: a, call: GET /me, as: admin, headers: { X-Id: "{{ setup.id }}" } } ]
"#;
    let case = run_case(target, SYSTEM, cases).await;
    assert_eq!(case.verdict, Verdict::Passed, "{case:?}");
    assert_eq!(server.lines(), ["POST /login", "POST /things", "GET /me"]);
}

#[tokio::test]
async fn a_setup_can_be_written() {
    let (suite, faults) = suite_for(CONTRACT, SHARED);
    let suite = suite.unwrap_or_else(|| panic!("{faults}"));
    let text = case::write(&suite.files[0], &suite).unwrap();
    assert!(
        text.contains("\nsetup:\n  given: [thing]\n  vars:\n    name: shared\n"),
        "{text}"
    );
}
