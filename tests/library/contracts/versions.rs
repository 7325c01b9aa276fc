//! The contract of single versions of an API: `x-counterpart-since` and `x-counterpart-until` wherever they are allowed.

use std::sync::Arc;

use counterpart::contract::Contract;
use counterpart::version::Version;
use http::{Method, StatusCode};
use serde_json::json;

use super::{read, schema, sound, violations};

const API: &str = r##"openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /customers:
    get:
      parameters:
        - { name: old, in: query, x-counterpart-until: "2.4.7", schema: { type: string } }
        - { $ref: "#/components/parameters/New", x-counterpart-since: "2.4.8" }
        - { name: always, in: query, schema: { type: string } }
      responses:
        "200":
          description: all of them
          headers:
            X-New: { required: true, x-counterpart-since: "2.4.8", schema: { type: string } }
          content:
            application/json: { schema: { $ref: "#/components/schemas/Customer" } }
            text/csv: { x-counterpart-since: "2.4.8" }
        "429": { description: too many, x-counterpart-since: "2.4.8" }
    post:
      x-counterpart-since: "2.4.8"
      requestBody:
        x-counterpart-since: "2.4.9"
        content: { application/json: {} }
      responses: { "200": { description: made } }
  /groups:
    x-counterpart-until: "2.4.7"
    get: { responses: { "200": { description: all of them } } }
components:
  parameters:
    New: { name: new, in: query, schema: { type: string } }
  schemas:
    Customer:
      type: object
      required: [id, uuid]
      properties:
        id: { type: integer }
        uuid: { type: string, x-counterpart-since: "2.4.8" }
        tax:
          oneOf:
            - { type: string }
            - { type: integer, x-counterpart-since: "2.4.10" }
"##;

fn at(version: &str) -> Arc<Contract> {
    sound(API).at_version(&Version::parse(version).unwrap())
}

#[test]
fn a_property_of_a_later_version_is_undocumented_and_not_required() {
    let with = json!({"id": 1, "uuid": "x"});
    let without = json!({"id": 1});
    let (before, after) = (at("2.4.7"), at("2.4.8"));
    assert_eq!(violations(schema(&before, "Customer"), &without), [""; 0]);
    assert_eq!(
        schema(&before, "Customer").walk(&with).undocumented,
        ["/uuid"]
    );
    assert_eq!(violations(schema(&after, "Customer"), &without).len(), 1);
    assert_eq!(schema(&after, "Customer").walk(&with).undocumented, [""; 0]);
}

#[test]
fn an_alternative_of_a_later_version_is_not_accepted() {
    let number = json!({"id": 1, "uuid": "x", "tax": 7});
    assert_eq!(
        violations(schema(&at("2.4.9"), "Customer"), &number).len(),
        1
    );
    assert_eq!(
        violations(schema(&at("2.4.10"), "Customer"), &number),
        [""; 0]
    );
}

#[test]
fn parameters_responses_headers_media_types_and_bodies_have_versions() {
    let of = |version: &str| {
        let contract = at(version);
        let get = contract.operation(&Method::GET, "/customers").unwrap();
        let names: Vec<String> = get
            .parameters
            .iter()
            .map(|parameter| parameter.name.clone())
            .collect();
        let ok = get.response(StatusCode::OK).unwrap();
        let documented = (ok.headers.len(), ok.content.len(), get.responses.len());
        let post = contract.operation(&Method::POST, "/customers").unwrap();
        (names.join(" "), documented, post.request_body.is_some())
    };
    assert_eq!(of("2.4.7-p3"), ("old always".to_owned(), (0, 1, 1), false));
    assert_eq!(of("2.4.8"), ("new always".to_owned(), (1, 2, 2), false));
    assert_eq!(of("2.4.9"), ("new always".to_owned(), (1, 2, 2), true));
}

#[test]
fn entries_named_like_keywords_have_versions_too() {
    let text = API.replace(
        "        \"429\":",
        "        default: { description: any, x-counterpart-since: \"2.4.8\" }\n        \"429\":",
    );
    let responses = |version: &str| {
        let contract = sound(&text).at_version(&Version::parse(version).unwrap());
        let get = contract.operation(&Method::GET, "/customers").unwrap();
        get.responses.len()
    };
    assert_eq!((responses("2.4.7"), responses("2.4.8")), (1, 3));
}

#[test]
fn operations_stay_and_state_their_versions() {
    let contract = at("2.4.7");
    let versions = |method: Method, path: &str| {
        let operation = contract.operation(&method, path).unwrap();
        operation.versions.to_string()
    };
    assert_eq!(versions(Method::GET, "/customers"), "all versions");
    assert_eq!(versions(Method::POST, "/customers"), ">=2.4.8");
    assert_eq!(versions(Method::GET, "/groups"), "<=2.4.7");
}

#[test]
fn without_a_version_everything_applies() {
    let contract = sound(API);
    let get = contract.operation(&Method::GET, "/customers").unwrap();
    assert_eq!((get.parameters.len(), get.responses.len()), (3, 2));
}

#[test]
fn a_contract_without_versions_is_the_same_for_all_and_each_is_read_once() {
    let version = Version::parse("2.4.7").unwrap();
    let plain = sound("openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths: {}\n");
    assert!(Arc::ptr_eq(&plain, &plain.at_version(&version)));
    let contract = sound(API);
    let first = contract.at_version(&version);
    assert!(Arc::ptr_eq(
        &first,
        &contract.at_version(&Version::parse("2.4.7-p1").unwrap())
    ));
    assert!(!Arc::ptr_eq(&first, &contract));
}

#[test]
fn versions_without_effect_are_reported() {
    let place = |field: &str, advice: &str| {
        let text = API.replace("type: object", &format!("type: object\n      {field}"));
        let (_, rendered) = read(&text);
        assert!(rendered.contains(advice), "{rendered}");
    };
    place(
        "x-counterpart-since: \"2.4.8\"",
        "warning[misplaced-version]: `x-counterpart-since` has no effect here",
    );
    place(
        "x-counterpart-until: 2.1",
        "error[bad-version]: `x-counterpart-until` must be a string, not a number",
    );
    place(
        "x-counterpart-since: soon",
        "error[bad-version]: `soon` is not a version",
    );
    // In example data the keywords mean nothing.
    let (_, rendered) = read(&API.replace(
        "type: object",
        "type: object\n      example: { x-counterpart-since: soon }",
    ));
    assert_eq!(rendered, "");
}

#[test]
fn an_unknown_type_is_a_warning_in_a_parameter_and_an_error_elsewhere() {
    for (path, severity) in [
        (
            "name: always, in: query, schema: { type: int }",
            "warning[unknown-type]",
        ),
        (
            "name: always, in: query, schema: { type: array, items: { type: int } }",
            "warning[unknown-type]",
        ),
        (
            "name: always, in: query, content: { application/json: { schema: { type: int } } }",
            "error[unknown-type]",
        ),
    ] {
        let text = API.replace("name: always, in: query, schema: { type: string }", path);
        let (_, rendered) = read(&text);
        assert!(rendered.starts_with(severity), "{rendered}");
    }
    let (_, rendered) = read(&API.replace("id: { type: integer }", "id: { type: int }"));
    assert!(rendered.starts_with("error[unknown-type]"), "{rendered}");
    let swagger = "swagger: '2.0'\ninfo: { title: t, version: '1' }\npaths:\n  /a:\n    get:\n      \
        parameters: [{ name: n, in: query, type: int }]\n      responses: { '200': { description: ok } }\n";
    let (_, rendered) = read(swagger);
    assert!(rendered.starts_with("warning[unknown-type]"), "{rendered}");
}
