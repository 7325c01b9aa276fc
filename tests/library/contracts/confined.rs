//! Faults of a document block the operations they touch, and no others.

use std::collections::BTreeMap;

use counterpart::contract::{Contract, load};
use counterpart::diagnostic::Diagnostics;
use counterpart::source::{FileError, Files, Source};
use http::Method;

use super::read;

/// Eight operations without a fault; `GET /tree` leads to `Leaf` over three references.
const SOUND: &str = r##"openapi: 3.1.0
info: { title: Trees, version: "1" }
paths:
  /leaf:
    get: { responses: { "200": { $ref: "#/components/responses/leaf" } } }
    post:
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Leaf" } } } }
      responses: { "201": { description: made } }
  /tree:
    get: { responses: { "200": { description: all, content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Tree" } } } } } } }
    delete: { responses: { "204": { description: gone } } }
  /stone/{id}:
    parameters: [ { $ref: "#/components/parameters/id" } ]
    get: { responses: { "200": { description: one } } }
    put: { responses: { "200": { description: one } } }
  /water:
    get: { responses: { "200": { description: one, headers: { depth: { schema: { type: integer } } } } } }
  /own:
    get: { security: [], responses: { "200": { description: one } } }
components:
  parameters:
    id: { name: id, in: path, required: true, schema: { type: integer, minimum: 1 } }
  responses:
    leaf: { description: one, content: { application/json: { schema: { $ref: "#/components/schemas/Leaf" } } } }
  schemas:
    Leaf: { type: object, properties: { colour: { type: string, maxLength: 9 } } }
    Branch: { type: object, properties: { leaves: { type: array, items: { $ref: "#/components/schemas/Leaf" } } } }
    Tree: { type: object, properties: { branches: { type: array, items: { $ref: "#/components/schemas/Branch" } }, parent: { $ref: "#/components/schemas/Tree" } } }
    Unused: { type: object, maxProperties: 3 }
"##;

/// The blocked operations and the codes of their faults.
fn blocked(contract: &Contract) -> Vec<String> {
    contract
        .blocked()
        .map(|operation| {
            let codes: Vec<&str> = operation.faults.iter().map(|fault| fault.code).collect();
            format!("{}: {}", operation.name(), codes.join(" "))
        })
        .collect()
}

/// The contract with a text replaced, which must be there.
fn with(from: &str, to: &str) -> (std::sync::Arc<Contract>, String) {
    assert!(SOUND.contains(from), "{from}");
    let (contract, rendered) = read(&SOUND.replace(from, to));
    (contract.expect("a contract"), rendered)
}

#[test]
fn a_document_without_faults_blocks_nothing() {
    let (contract, rendered) = read(SOUND);
    assert_eq!(rendered, "");
    assert!(blocked(&contract.unwrap()).is_empty());
}

#[test]
fn a_fault_blocks_the_operations_that_lead_to_it() {
    let table: [(&str, &str, &[&str]); 12] = [
        // In a schema: three operations lead to it, one through a shared response, one over two other schemas.
        (
            "maxLength: 9",
            "maxLength: nine",
            &[
                "GET /leaf: wrong-type",
                "POST /leaf: wrong-type",
                "GET /tree: wrong-type",
            ],
        ),
        (
            "schemas/Branch\" }",
            "schemas/Brunch\" }",
            &["GET /tree: unresolved-ref"],
        ),
        // In a schema that no operation uses.
        ("maxProperties: 3", "maxProperties: many", &[]),
        (
            "colour: { type: string",
            "colour: { type: strong",
            &[
                "GET /leaf: unknown-type",
                "POST /leaf: unknown-type",
                "GET /tree: unknown-type",
            ],
        ),
        // In a parameter of a path: all its operations.
        (
            "minimum: 1",
            "minimum: one",
            &["GET /stone/{id}: wrong-type", "PUT /stone/{id}: wrong-type"],
        ),
        (
            "parameters: [ { $ref: \"#/components/parameters/id\" } ]",
            "parameters: { id: 1 }",
            &["GET /stone/{id}: wrong-type", "PUT /stone/{id}: wrong-type"],
        ),
        // In a response of one operation.
        (
            "\"204\": { description: gone }",
            "\"2o4\": { description: gone }",
            &["DELETE /tree: invalid-status"],
        ),
        (
            "depth: { schema: { type: integer } }",
            "depth: deep",
            &["GET /water: wrong-type"],
        ),
        (
            "\"201\": { description: made }",
            "\"201\": { description: made, content: { examples: {} } }",
            &["POST /leaf: invalid-media-type"],
        ),
        // An operation or a path that cannot be read.
        (
            "delete: { responses: { \"204\": { description: gone } } }",
            "delete: gone",
            &["DELETE /tree: wrong-type"],
        ),
        (
            "get: { security: [], responses: { \"200\": { description: one } } }",
            "$ref: \"#/components/pathItems/own\"",
            &[
                "GET /own: unresolved-ref",
                "PUT /own: unresolved-ref",
                "POST /own: unresolved-ref",
                "DELETE /own: unresolved-ref",
                "OPTIONS /own: unresolved-ref",
                "HEAD /own: unresolved-ref",
                "PATCH /own: unresolved-ref",
                "TRACE /own: unresolved-ref",
            ],
        ),
        // Where requests are sent concerns all.
        (
            "paths:\n",
            "servers: here\npaths:\n",
            &[
                "GET /leaf: wrong-type",
                "POST /leaf: wrong-type",
                "GET /tree: wrong-type",
                "DELETE /tree: wrong-type",
                "GET /stone/{id}: wrong-type",
                "PUT /stone/{id}: wrong-type",
                "GET /water: wrong-type",
                "GET /own: wrong-type",
            ],
        ),
    ];
    for (from, to, expected) in table {
        let (contract, rendered) = with(from, to);
        assert_eq!(blocked(&contract), expected, "{to}\n{rendered}");
        assert!(rendered.starts_with("error["), "{rendered}");
    }
}

#[test]
fn two_faults_are_told_apart() {
    let text = SOUND.replace("maxLength: 9", "maxLength: nine").replace(
        "parent: { $ref: \"#/components/schemas/Tree\"",
        "parent: { $ref: \"#/components/schemas/Twee\"",
    );
    let (contract, _) = read(&text);
    assert_eq!(
        blocked(&contract.unwrap()),
        [
            "GET /leaf: wrong-type",
            "POST /leaf: wrong-type",
            "GET /tree: wrong-type unresolved-ref"
        ]
    );
}

#[test]
fn a_ref_in_place_of_an_operation_is_followed_with_a_warning() {
    let (contract, rendered) = with(
        "delete: { responses: { \"204\": { description: gone } } }",
        "delete: { $ref: \"#/components/x-operations/delete\" }\n    patch: { $ref: \"#/nowhere\" }",
    );
    assert!(
        rendered.contains(
            "warning[misplaced-ref]: `delete` holds a `$ref`, which a path item does not allow"
        ),
        "{rendered}"
    );
    assert_eq!(
        blocked(&contract),
        [
            "DELETE /tree: unresolved-ref",
            "PATCH /tree: unresolved-ref"
        ]
    );
    let text = SOUND.replace(
        "delete: { responses: { \"204\": { description: gone } } }",
        "delete: { $ref: \"#/components/x-operations/delete\" }",
    ) + "  x-operations:\n    delete: { responses: { \"204\": { description: gone } } }\n";
    let (contract, rendered) = read(&text);
    let contract = contract.unwrap();
    assert!(blocked(&contract).is_empty(), "{rendered}");
    let delete = contract.operation(&Method::DELETE, "/tree").unwrap();
    assert_eq!(delete.responses.len(), 1);
}

#[test]
fn an_undeclared_security_scheme_is_a_warning() {
    let (contract, rendered) = with("security: []", "security: [ { key: [] } ]");
    assert!(
        rendered.starts_with("warning[unknown-security-scheme]: "),
        "{rendered}"
    );
    assert!(!rendered.contains("error["), "{rendered}");
    assert!(blocked(&contract).is_empty());
}

#[derive(Debug)]
struct Texts(BTreeMap<&'static str, &'static str>);

impl Files for Texts {
    fn read(&self, path: &str) -> Result<Source, FileError> {
        let text = self.0.get(path);
        let text = text.ok_or_else(|| FileError::new("no such file"))?;
        Ok(Source::new(path, *text))
    }

    fn list(&self, _: &str) -> Vec<String> {
        self.0.keys().map(|&path| path.to_owned()).collect()
    }
}

const SPLIT: &str = r##"openapi: 3.0.3
info: { title: Split, version: "1" }
paths:
  /a: { $ref: "paths/a.yaml" }
  /b:
    get: { responses: { "200": { description: one, content: { application/json: { schema: { $ref: "schemas.yaml#/B" } } } } } }
  /c:
    get: { responses: { "200": { description: one, content: { application/json: { schema: { $ref: "schemas.yaml#/C" } } } } } }
"##;

#[test]
fn faults_in_other_files_and_overlays_are_confined_too() {
    let files = Texts(BTreeMap::from([
        ("api/api.yaml", SPLIT),
        (
            "api/paths/a.yaml",
            "get: { responses: { '200': { description: one } } }\nput: { responses: { '2OO': { description: one } } }\n",
        ),
        (
            "api/schemas.yaml",
            "B: { type: object, properties: { c: { $ref: '#/C' } } }\nC: { type: integer, minimum: low }\nD: { type: integer }\n",
        ),
        (
            "api/api.overlay.yaml",
            "overlay: 1.0.0\ninfo: { title: O, version: '1' }\nactions:\n  - target: $.paths\n    description: seen\n    update:\n      /d: { get: { responses: { '200': { description: x, headers: { y: 1 } } } } }\n",
        ),
    ]));
    let mut diagnostics = Diagnostics::new();
    let contract = load(&files, "api/api.yaml", &mut diagnostics).unwrap();
    let mut found = blocked(&contract);
    found.sort();
    assert_eq!(
        found,
        [
            "GET /b: wrong-type",
            "GET /c: wrong-type",
            "GET /d: wrong-type",
            "PUT /a: invalid-status"
        ]
    );
    let rendered = diagnostics.render(counterpart::diagnostic::Style::Plain);
    assert!(
        diagnostics.has_errors() && !diagnostics.prevent_run(),
        "{rendered}"
    );
}

#[test]
fn a_fault_about_the_whole_document_prevents_the_run() {
    for text in [
        "openapi: 3.0.3\ninfo: { title: T, version: '1' }\n",
        "openapi: 9.0.0\ninfo: { title: T, version: '1' }\npaths: {}\n",
        "openapi: 3.0.3\ninfo: { title: T, version: '1' }\npaths: [\n",
        "openapi: 3.0.3\ninfo: { title: T, version: '1' }\npaths: [ 1 ]\n",
        "openapi: 3.0.3\ninfo: { title: T, version: '1' }\npaths: { $ref: nowhere.yaml }\n",
        "- 1\n",
    ] {
        let mut diagnostics = Diagnostics::new();
        let source = Source::new("api.yaml", text);
        let _ = counterpart::contract::load_source(source, &mut diagnostics);
        assert!(diagnostics.prevent_run(), "{text}");
    }
}

#[test]
fn a_version_that_is_no_text_is_not_quoted() {
    let (contract, rendered) = read("openapi:\n  theme: { colour: red }\n  expand: true\n");
    assert!(contract.is_none());
    assert!(
        rendered
            .starts_with("error[unknown-dialect]: `openapi` must be a version, not a mapping\n"),
        "{rendered}"
    );
}

#[test]
fn a_text_for_people_may_be_given_twice_and_a_schema_may_not() {
    let twice = |key: &str, value: &str| {
        let (first, second) = (format!("{key}: {value}"), format!("{key}: {value}"));
        with(
            "properties: { colour: { type: string, maxLength: 9 } }",
            &format!("{first}, {second}, properties: {{ colour: {{ type: string }} }}"),
        )
    };
    let (contract, rendered) = twice("description", "a leaf");
    assert!(rendered.starts_with("warning[duplicate-key]"), "{rendered}");
    assert!(blocked(&contract).is_empty());
    let (contract, rendered) = twice("maxProperties", "1");
    assert!(rendered.starts_with("error[duplicate-key]"), "{rendered}");
    assert_eq!(blocked(&contract).len(), 3);
    let (contract, rendered) = with(
        "colour: { type: string, maxLength: 9 }",
        "title: { type: string }, title: { type: integer }",
    );
    assert!(rendered.starts_with("error[duplicate-key]"), "{rendered}");
    assert_eq!(blocked(&contract).len(), 3);
}
