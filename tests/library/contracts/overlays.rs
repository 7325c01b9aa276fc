//! Contracts as documented and as corrected: what an overlay changes in the checks, and where findings point then.

use std::sync::Arc;

use counterpart::contract::{Contract, Loader, Reading};
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::Folder;
use http::{Method, StatusCode};
use serde_json::json;
use tempfile::TempDir;

use super::{schema, violations};

const API: &str = r##"openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /customers/{id}:
    get:
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer } }
      responses:
        "200":
          description: the customer
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Customer" }
components:
  schemas:
    Customer:
      type: object
      required: [id]
      properties:
        id: { type: integer }
        region: { type: string }
        address: { $ref: "parts.yaml#/Address" }
"##;

const OVERLAY: &str = r#"overlay: 1.0.0
info: { title: What the shop really does, version: "1" }
extends: api.yaml
actions:
  - target: $.components.schemas.Customer.properties.region
    description: the region is null where the country has none
    update:
      type: [string, "null"]
  - target: $.components.schemas.Customer
    description: the e-mail address is always sent
    update:
      required: [email]
      properties: { email: { type: string, maxLength: 5 } }
  - target: $.paths['/customers/{id}'].get.responses
    description: an unknown id returns 404
    update: { "404": { description: no such customer } }
  - target: $.paths['/customers/{id}'].get.parameters[?@.name == 'id']
    description: any text is taken
    remove: true
"#;

fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("api.yaml", API);
    write("api.overlay.yaml", OVERLAY);
    write(
        "parts.yaml",
        "Address: { type: object, properties: { city: { type: string } } }\n",
    );
    write(
        "parts.overlay.json",
        r#"{ "overlay": "1.0.0", "info": { "title": "Parts", "version": "1" }, "actions": [
  { "target": "$.Address.properties", "description": "cities have numbers", "update": { "zip": { "type": "integer" } } } ] }
"#,
    );
    folder
}

fn read(folder: &TempDir, reading: Reading) -> (Arc<Contract>, String) {
    let mut diagnostics = Diagnostics::new();
    let files = Folder::new(folder.path());
    let contract = Loader::new(&files, reading)
        .load("api.yaml", &mut diagnostics)
        .unwrap();
    contract.compile(&mut diagnostics);
    (contract, diagnostics.render(Style::Plain))
}

/// A response body of the API where its document is wrong.
fn body() -> serde_json::Value {
    json!({"id": 1, "email": "a@b.c", "region": null, "address": {"city": "Ulm", "zip": 7}})
}

#[test]
fn a_response_may_violate_the_documented_contract_and_satisfy_the_real_one() {
    let folder = project();
    let (documented, rendered) = read(&folder, Reading::Documented);
    assert_eq!(rendered, "");
    let customer = schema(&documented, "Customer");
    assert_eq!(
        violations(customer, &body()),
        [
            "/region type /components/schemas/Customer/properties/region/type: null is not of type string"
        ]
    );
    assert_eq!(
        customer.walk(&body()).undocumented,
        ["/email", "/address/zip"]
    );
    let operation = documented
        .operation(&Method::GET, "/customers/{id}")
        .unwrap();
    assert!(operation.response(StatusCode::NOT_FOUND).is_none());
    assert_eq!(operation.parameters.len(), 1);
    assert!(documented.overlays.is_empty());
    assert_eq!(documented.reading, Reading::Documented);

    let (real, rendered) = read(&folder, Reading::Corrected);
    // The path's variable is no longer declared: a fault of the correction itself, which is reported.
    assert!(
        rendered.starts_with("warning[undeclared-parameter]"),
        "{rendered}"
    );
    let customer = schema(&real, "Customer");
    assert_eq!(violations(customer, &body()), [""; 0]);
    assert_eq!(customer.walk(&body()).undocumented, [""; 0]);
    let operation = real.operation(&Method::GET, "/customers/{id}").unwrap();
    assert!(operation.response(StatusCode::NOT_FOUND).is_some());
    assert!(operation.parameters.is_empty());
    let applied: Vec<(&str, usize)> = real
        .overlays
        .iter()
        .map(|overlay| (overlay.title.as_str(), overlay.actions))
        .collect();
    assert_eq!(applied, [("What the shop really does", 4), ("Parts", 1)]);
}

/// File and line of a violation, and the reason of the correction that it violates.
fn place(violation: &counterpart::contract::Violation) -> (String, usize, Option<&str>) {
    let place = &violation.place.place;
    let file = place.source.name().rsplit('/').next().unwrap_or("");
    (file.to_owned(), place.position().line, place.note())
}

#[test]
fn a_finding_points_at_the_correction_it_violates() {
    let folder = project();
    let (real, _) = read(&folder, Reading::Corrected);
    let customer = schema(&real, "Customer");
    let corrected = |value: &serde_json::Value| {
        let violations = customer.violations(value);
        assert_eq!(violations.len(), 1, "{violations:?}");
        let (file, line, note) = place(&violations[0]);
        (file, line, note.map(str::to_owned))
    };
    let sent = Some("the e-mail address is always sent".to_owned());
    let file = "api.overlay.yaml".to_owned();
    let null = Some("the region is null where the country has none".to_owned());
    assert_eq!(
        corrected(&json!({"id": 1, "email": "a", "region": 7})),
        (file.clone(), 8, null)
    );
    assert_eq!(
        corrected(&json!({"id": 1, "email": "too long"})),
        (file.clone(), 13, sent.clone())
    );
    // `required` is a list of both documents: each entry has its own place.
    assert_eq!(corrected(&json!({"id": 1})), (file, 12, sent));
    assert_eq!(
        corrected(&json!({"email": "a"})),
        ("api.yaml".to_owned(), 18, None)
    );
    assert_eq!(
        corrected(&json!({"id": "x", "email": "a"})),
        ("api.yaml".to_owned(), 20, None)
    );
    // This also holds for the overlay of another document.
    let zip = json!({"id": 1, "email": "a", "address": {"zip": "x"}});
    let cities = Some("cities have numbers".to_owned());
    assert_eq!(
        corrected(&zip),
        ("parts.overlay.json".to_owned(), 2, cities)
    );
    // A documented response as a whole is at its key.
    let operation = real.operation(&Method::GET, "/customers/{id}").unwrap();
    let response = operation.response(StatusCode::NOT_FOUND).unwrap();
    assert_eq!(response.place.position().line, 16);
    assert_eq!(response.place.note(), Some("an unknown id returns 404"));
}

/// An overlay that is truncated or has a changed byte produces diagnostics, not a panic.
#[test]
fn mutilated_overlays_do_not_crash_the_loader() {
    let folder = project();
    let overlay = folder.path().join("api.overlay.yaml");
    for cut in (0..OVERLAY.len()).step_by(23) {
        std::fs::write(&overlay, &OVERLAY[..cut]).unwrap();
        let (contract, _) = read(&folder, Reading::Corrected);
        assert_eq!(contract.title, "Shop");
        let mut mutilated = OVERLAY.to_owned();
        mutilated.replace_range(cut..=cut, ["[", "{", "&", "-", "7", "\n"][cut % 6]);
        std::fs::write(&overlay, &mutilated).unwrap();
        let (contract, _) = read(&folder, Reading::Corrected);
        assert_eq!(contract.title, "Shop");
    }
}

#[test]
fn names_of_the_two_readings() {
    for reading in [Reading::Documented, Reading::Corrected] {
        assert_eq!(Reading::parse(reading.as_str()), Ok(reading));
    }
    let reason = Reading::parse("corrected").unwrap_err().to_string();
    assert_eq!(
        reason,
        "`corrected` is not a reading of a contract; use `documented` or `real`"
    );
}
