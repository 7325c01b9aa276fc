//! A contract with faults: cases of the operations that they touch end in errors, the others run.

use axum::Router;
use axum::routing::{get, post};

use crate::coverage::project::Project;
use crate::project_folder::Ended;

/// `POST /orders` has a reference that leads nowhere; `GET /orders` has no fault.
const CONTRACT: &str = r##"openapi: 3.1.0
info: { title: Orders, version: "1" }
paths:
  /orders:
    get: { responses: { "200": { description: all } } }
    post:
      responses:
        "201": { description: made, content: { application/json: { schema: { $ref: "#/components/schemas/Ordr" } } } }
components:
  schemas:
    Order: { type: object }
"##;

const CASES: &str = "contract: shop/orders.yaml
fixtures:
  an-order:
    steps: [ { call: POST /orders, expect: { status: 201 } } ]
cases:
  - { name: all are listed, call: GET /orders, expect: { status: 200 } }
  - { name: one is made, call: POST /orders, expect: { status: 201 } }
  - { name: one is made and listed, given: [ an-order ], call: GET /orders, expect: { status: 200 } }
  - { name: one is sent, send: POST /orders, expect: { status: 201 } }
";

const WAIVER: &str = "waivers:
  - code: contract-fault
    operation: POST /orders
    at: contract unresolved-ref
    reason: the published document lacks this schema
    owner: ada
    until: UNTIL
";

fn project() -> Project {
    let made = async || {
        (
            axum::http::StatusCode::CREATED,
            axum::Json(serde_json::json!({})),
        )
    };
    let app = Router::new().route("/orders", get(async || ()).merge(post(made)));
    let project = Project::serving(app);
    project.write("schemas/shop/orders.yaml", CONTRACT);
    project.write("cases/shop/orders.yaml", CASES);
    project
}

fn run(project: &Project, words: &str) -> Ended {
    project.run(words)
}

#[test]
fn only_cases_that_need_the_faulty_operation_end_in_errors() {
    let project = project();
    run(&project, "--report junit=junit.xml --report json=events.jsonl").with(
        3,
        &[
            "faults in schemas/shop/orders.yaml block 1 of 2 operations",
            "the contract has a fault in `POST /orders`: unresolved-ref: this reference leads nowhere: \
             /components/schemas has no `Ordr` (schemas/shop/orders.yaml:8:84)",
            "`code: contract-fault`, `at: contract unresolved-ref`",
            "4 cases: 1 passed, 0 failed, 3 errors, 0 skipped",
        ],
    );
    let junit = project.read("junit.xml");
    assert_eq!(junit.matches("<error ").count(), 3, "{junit}");
    // Nothing is sent for cases whose operation is known beforehand: only the passed case and the raw request.
    let events = project.read("events.jsonl");
    let finished = events
        .lines()
        .filter(|line| line.contains("\"subject_finished\""));
    let requests: Vec<u64> = finished
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["requests"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert_eq!(requests.iter().sum::<u64>(), 2, "{requests:?}");
}

#[test]
fn a_waiver_accepts_the_fault_until_it_expires() {
    let project = project();
    project.write("waivers.yaml", &WAIVER.replace("UNTIL", "9999-12-31"));
    run(&project, "--strict-waivers").with(0, &["4 cases: 4 passed"]);
    project.write("waivers.yaml", &WAIVER.replace("UNTIL", "2020-12-31"));
    run(&project, "").with(3, &["3 errors"]);
    // Another fault than the one that was accepted.
    let other = WAIVER
        .replace("unresolved-ref", "wrong-type")
        .replace("UNTIL", "9999-12-31");
    project.write("waivers.yaml", &other);
    run(&project, "").with(3, &["3 errors"]);
    // The fault is gone: the waiver is stale.
    project.write("waivers.yaml", &WAIVER.replace("UNTIL", "9999-12-31"));
    project.write(
        "schemas/shop/orders.yaml",
        &CONTRACT.replace("Ordr", "Order"),
    );
    run(&project, "--strict-waivers").with(1, &["4 passed", "contract-fault"]);
}

#[test]
fn strict_contracts_and_lint_refuse_any_fault() {
    let project = project();
    run(&project, "--strict-contracts").with(2, &["error[unresolved-ref]"]);
    let config = project.read("counterpart.toml");
    project.write(
        "counterpart.toml",
        &format!("strict-contracts = true\n{config}"),
    );
    run(&project, "").with(2, &["error[unresolved-ref]"]);
    project.write("counterpart.toml", &config);
    project
        .ended("lint")
        .with(2, &["error[unresolved-ref]", "1 error"]);
    // A fault in a case file still prevents everything.
    project.write("cases/shop/orders.yaml", &CASES.replace("send:", "sent:"));
    run(&project, "").with(2, &["a case has no field `sent`"]);
}

#[test]
fn a_waiver_for_a_fault_is_checked() {
    let project = project();
    for (from, to, words) in [
        (
            "contract unresolved-ref",
            "body",
            "`body` is not a place in a contract",
        ),
        (
            "code: contract-fault",
            "code: body-schema",
            "only faults of the contract are at `contract`",
        ),
        (
            "code: contract-fault",
            "code: contract-flaut",
            "did you mean `contract-fault`?",
        ),
        (
            "at: contract unresolved-ref",
            "at: contract unresolved-ref\n    keyword: type",
            "has no `keyword`",
        ),
    ] {
        let text = WAIVER.replace(from, to).replace("UNTIL", "9999-12-31");
        project.write("waivers.yaml", &text);
        run(&project, "").with(2, &[words]);
    }
}
