//! A contract small enough to count its points by hand, and exchanges with known points.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Recorder, proposed_case};
use crate::case::{self, Suite};
use crate::contract::{self, Contract, Operation};
use crate::diagnostic::Diagnostics;
use crate::event::{Event, Level};
use crate::exchange::{Exchange, Request, Response, Transfer};
use crate::source::Folder;
use crate::version::Version;

const CONTRACT: &str = r##"
openapi: 3.1.0
info: { title: Things, version: "1" }
paths:
  /things:
    post:
      requestBody:
        content:
          application/json: { schema: { $ref: "#/components/schemas/Thing" } }
      responses:
        "201": { description: made, content: { application/json: { schema: { $ref: "#/components/schemas/Thing" } } } }
        "400": { description: refused, content: { application/json: { schema: { $ref: "#/components/schemas/Error" } } } }
        "503": { description: not now }
  /things/{id}:
    get:
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer } }
        - { name: fields, in: query, schema: { type: array, items: { type: string } } }
      responses:
        "200": { description: there, content: { application/json: { schema: { $ref: "#/components/schemas/Thing" } } } }
        "404": { description: not there, content: { application/json: { schema: { $ref: "#/components/schemas/Error" } } } }
        "409": { description: never, x-counterpart-unreachable: no client can cause it }
        default: { description: anything else }
  /news:
    get:
      x-counterpart-since: "2.0"
      responses: { "200": { description: new } }
components:
  schemas:
    Thing:
      type: object
      required: [name]
      additionalProperties: false
      properties:
        id: { type: integer, readOnly: true }
        name: { type: string, minLength: 2, maxLength: 5 }
        kind: { enum: [a, b] }
        parts: { type: array, items: { $ref: "#/components/schemas/Thing" } }
        secret: { type: string, writeOnly: true }
        size: { type: integer, minimum: 0, exclusiveMaximum: 10, x-counterpart-since: "2.0" }
    Error:
      type: object
      properties:
        message: { type: string }
"##;

const CASES: &str = r#"
contract: shop/things.yaml
cases:
  - { name: reading needs no credentials, call: "GET /things/{id}", path: { id: 1 } }
  - { name: an admin makes, call: POST /things, as: admin, body: { name: abc } }
  - { name: a forged token is refused, call: POST /things, as: forged, body: { name: abc }, expect: { status: 400 } }
"#;

const SYSTEM: &str = r"
auth:
  admin: { bearer: good }
  forged: { bearer: bad, refused: true }
";

pub(super) fn suite(contract: &str, cases: &str) -> Arc<Suite> {
    loaded(&written(contract, cases))
}

fn written(contract: &str, cases: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("schemas/shop/things.yaml", contract);
    write("cases/shop/things.yaml", cases);
    write("cases/shop/system.yaml", SYSTEM);
    folder
}

fn loaded(folder: &TempDir) -> Arc<Suite> {
    let (schemas, cases) = (
        Folder::new(folder.path().join("schemas")),
        Folder::new(folder.path().join("cases")),
    );
    let mut diagnostics = Diagnostics::new();
    let find =
        |path: &str, diagnostics: &mut Diagnostics| contract::load(&schemas, path, diagnostics);
    let suite = case::load(&cases, "shop", &find, &mut diagnostics).unwrap();
    let messages: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| diagnostic.message.clone())
        .collect();
    assert!(messages.is_empty(), "{messages:?}");
    Arc::new(suite)
}

/// A recorder for one version, with the contracts it records.
pub(super) struct TestRecorder {
    pub(super) recorder: Recorder,
    operations: Vec<Arc<Operation>>,
}

impl TestRecorder {
    fn new(version: &str) -> TestRecorder {
        TestRecorder::of(suite(CONTRACT, CASES), version)
    }

    pub(super) fn of(suite: Arc<Suite>, version: &str) -> TestRecorder {
        let version = Version::parse(version).unwrap();
        let contract = suite.files[0].contracts[0].at_version(&version);
        TestRecorder {
            operations: contract.operations.clone(),
            recorder: Recorder::new(suite, Some(version)),
        }
    }

    /// What an exchange covers that none before it did, as `level what`.
    pub(super) fn covers(
        &self,
        exchange: &Exchange,
        template: &str,
        caller: &str,
    ) -> BTreeSet<String> {
        let named = |operation: &&Arc<Operation>| {
            operation.path == template && operation.method == exchange.request.method
        };
        let operation = self.operations.iter().find(named).unwrap();
        let body = serde_json::from_slice(&exchange.response.body).ok();
        let mut points = Vec::new();
        let observe = &mut points;
        self.recorder
            .observe(operation, exchange, body.as_ref(), caller, observe);
        let all = self.recorder.coverable().points;
        let claimed = self.recorder.claim(points).into_iter();
        claimed
            .map(|number| {
                let point = &all[number as usize];
                format!("{} {}", point.level().as_str(), point.what())
            })
            .collect()
    }

    /// What a request body covers on the level keywords, when nothing is covered yet.
    fn limits(body: &Value) -> BTreeSet<String> {
        let coverage = TestRecorder::new("2.0");
        let exchange = exchange("POST", "/things", &body.to_string(), 400, "");
        let mut covered = coverage.covers(&exchange, "/things", "admin");
        covered.retain(|point| point.starts_with("keywords"));
        covered
            .into_iter()
            .map(|point| point["keywords request ".len()..].to_owned())
            .collect()
    }
}

pub(super) fn exchange(
    method: &str,
    path: &str,
    sent: &str,
    status: u16,
    received: &str,
) -> Exchange {
    let json = HeaderMap::from_iter([(
        http::header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    )]);
    Exchange {
        request: Request {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            url: url::Url::parse(&format!("http://127.0.0.1{path}")).unwrap(),
            headers: json.clone(),
            body: sent.to_owned().into(),
        },
        response: Response {
            status: StatusCode::from_u16(status).unwrap(),
            version: http::Version::HTTP_11,
            headers: json,
            body: received.to_owned().into(),
            transfer: Transfer::Complete,
        },
        elapsed: Duration::from_millis(1),
    }
}

pub(super) fn set<const N: usize>(points: [&str; N]) -> BTreeSet<String> {
    points.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_level_has_the_points_counted_by_hand() {
    let points = TestRecorder::new("1.0").recorder.coverable().points;
    let count = |level: Level| {
        let of_level = || points.iter().filter(|point| point.level() == level);
        let excluded = of_level().filter(|point| point.excluded.is_some()).count();
        (of_level().count() - excluded, excluded)
    };
    // POST /things, GET /things/{id}; /news exists since 2.0.
    assert_eq!(count(Level::Operations), (2, 0));
    // 201, 400; 200, 404. Excluded: 503, default, and 409, which is marked as unreachable.
    assert_eq!(count(Level::Statuses), (4, 3));
    // id, fields; each operation as guest and as admin: `forged` must be refused.
    assert_eq!(count(Level::Parameters), (6, 0));
    // Sent: name, kind, parts, secret. Received: id, name, kind, parts; message. Parts are Things again.
    assert_eq!(count(Level::Properties), (9, 0));
    // Sent Thing: another type, no name, one too many. name: type, 2 and 2; kind: a, b, another; parts and secret: type. That is 13.
    // Received: name 2, kind 2.
    assert_eq!(count(Level::Keywords), (17, 0));
}

#[test]
fn a_version_has_only_its_own_points() {
    let points = TestRecorder::new("2.0").recorder.coverable().points;
    let of = |level: Level| points.iter().filter(|point| point.level() == level).count();
    assert_eq!(of(Level::Operations), 3);
    // `size` in both directions.
    assert_eq!(of(Level::Properties), 11);
    // `size`: sent another type, 2 and 2; received 2.
    assert_eq!(of(Level::Keywords), 17 + 5 + 2);
}

#[test]
fn an_exchange_covers_its_points_only_once() {
    let coverage = TestRecorder::new("1.0");
    let found = exchange(
        "GET",
        "/things/7?fields[]=name",
        "",
        200,
        r#"{"id":7,"parts":[{"name":"abcde","kind":"b"}]}"#,
    );
    assert_eq!(
        coverage.covers(&found, "/things/{id}", "guest"),
        set([
            "operations GET /things/{id}",
            "statuses 200",
            "parameters path id",
            "parameters query fields",
            "parameters called as guest",
            "properties response /id",
            "properties response /name",
            "properties response /kind",
            "properties response /parts",
            "keywords response /name maxLength 5",
            "keywords response /kind enum b",
        ])
    );
    assert_eq!(coverage.covers(&found, "/things/{id}", "guest"), set([]));
    let unforeseen = exchange("GET", "/things/7", "", 418, "{}");
    assert_eq!(
        coverage.covers(&unforeseen, "/things/{id}", "forged"),
        set(["statuses default"]),
        "a response with a status that is not listed belongs to `default`; `forged` is not a role"
    );
    let refused = exchange(
        "POST",
        "/things",
        r#"{"secret":"s","id":1}"#,
        400,
        r#"{"message":"no"}"#,
    );
    assert_eq!(
        coverage.covers(&refused, "/things", "admin"),
        set([
            "operations POST /things",
            "statuses 400",
            "parameters called as admin",
            "properties request /secret",
            "properties response /message",
            "keywords request body required name: absent",
        ])
    );
}

/// What is covered when the exchange's operation belongs to `contract`, which the recorder has never seen.
fn covered_by(folder: &TempDir, contract: &Contract) -> BTreeSet<String> {
    let coverage = TestRecorder {
        operations: contract.operations.clone(),
        ..TestRecorder::of(loaded(folder), "1.0")
    };
    let found = exchange("GET", "/things/7?fields=name", "", 200, r#"{"id":7}"#);
    coverage.covers(&found, "/things/{id}", "guest")
}

#[test]
fn an_operation_of_a_contract_that_was_loaded_again_is_counted() {
    let folder = written(CONTRACT, CASES);
    let contract = Arc::clone(&loaded(&folder).files[0].contracts[0]);
    let version = |text: &str| Version::parse(text).unwrap();
    let expected = set([
        "operations GET /things/{id}",
        "statuses 200",
        "parameters path id",
        "parameters query fields",
        "parameters called as guest",
        "properties response /id",
    ]);
    assert_eq!(covered_by(&folder, &contract), expected, "all versions");
    for edition in ["1.0", "2.0"] {
        let contract = contract.at_version(&version(edition));
        assert_eq!(covered_by(&folder, &contract), expected, "{edition}");
    }
}

#[test]
fn an_operation_of_another_contract_is_not_counted() {
    let folder = written(CONTRACT, CASES);
    std::fs::copy(
        folder.path().join("schemas/shop/things.yaml"),
        folder.path().join("schemas/shop/copy.yaml"),
    )
    .unwrap();
    let schemas = Folder::new(folder.path().join("schemas"));
    let copy = contract::load(&schemas, "shop/copy.yaml", &mut Diagnostics::new()).unwrap();
    assert_eq!(covered_by(&folder, &copy), set([]));
}

#[test]
fn a_limit_is_covered_by_values_near_it_on_the_right_side() {
    for (body, expected) in [
        (json!({ "name": "ab" }), set(["/name minLength 2"])),
        (json!({ "name": "abc" }), set(["/name minLength 2"])),
        (json!({ "name": "abcd" }), set(["/name maxLength 5"])),
        (json!({ "name": "äöüßé" }), set(["/name maxLength 5"])),
        (json!({ "name": "a" }), set(["/name minLength 2: shorter"])),
        (json!({ "name": "" }), set([])),
        (
            json!({ "name": "abcdef" }),
            set(["/name maxLength 5: longer"]),
        ),
        (json!({ "name": "abcdefg" }), set([])),
        (json!({ "name": 7 }), set(["/name type string: another"])),
        (
            json!({ "name": "ab", "size": 0 }),
            set(["/name minLength 2", "/size minimum 0"]),
        ),
        (json!({ "name": "", "size": 2 }), set([])),
        (
            json!({ "name": "", "size": -1 }),
            set(["/size minimum 0: less"]),
        ),
        (json!({ "name": "", "size": -2 }), set([])),
        (
            json!({ "name": "", "size": 9 }),
            set(["/size exclusiveMaximum 10"]),
        ),
        (
            json!({ "name": "", "size": 10 }),
            set(["/size exclusiveMaximum 10: more"]),
        ),
        (json!({ "name": "", "size": 12 }), set([])),
        (json!({ "name": "", "kind": "a" }), set(["/kind enum a"])),
        (
            json!({ "name": "", "kind": "c" }),
            set(["/kind enum: another value"]),
        ),
        (
            json!({ "name": "", "x": 1 }),
            set(["body additionalProperties: one too many"]),
        ),
        (json!({}), set(["body required name: absent"])),
        (json!([]), set(["body type object: another"])),
        (
            json!({ "name": "", "parts": [{}] }),
            set(["body required name: absent"]),
        ),
    ] {
        assert_eq!(TestRecorder::limits(&body), expected, "{body}");
    }
}

#[test]
fn points_survive_a_round_trip_through_an_event() {
    let event = Event::Coverable(TestRecorder::new("2.0").recorder.coverable());
    let text = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
}

#[test]
fn the_proposed_case_is_an_item_of_a_case_file() {
    let points = TestRecorder::new("2.0").recorder.coverable().points;
    let step = |what: &str| {
        let point = points.iter().find(|point| point.what() == what).unwrap();
        proposed_case(point).unwrap()
    };
    assert_eq!(
        step("request /name minLength 2: shorter"),
        "- name: \"POST /things: request /name minLength 2: shorter\"\n  call: POST /things\n  \
         body: {\"name\":\"x\"}\n  expect: {\"status\":400}\n"
    );
    assert_eq!(
        step("404"),
        "- name: \"GET /things/{id}: returns 404\"\n  call: GET /things/{id}\n  \
         path: {\"id\":\"…\"}\n  expect: {\"status\":404}\n"
    );
    for point in &points {
        assert_eq!(
            proposed_case(point).is_none(),
            point.excluded.is_some(),
            "{}",
            point.what()
        );
    }
}
