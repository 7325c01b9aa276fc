//! What OpenAPI 3.2 adds to 3.1.

use counterpart::contract::{Contract, ParameterLocation};
use http::{Method, StatusCode};
use serde_json::json;

use super::{read, sound, violations};

fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap()
}

fn names(contract: &Contract) -> Vec<&str> {
    let operations = contract.operations.iter();
    operations.map(|operation| &**operation.name()).collect()
}

const STREAMS: &str = r##"
openapi: 3.2.0
$self: https://api.example.com/v1/openapi.yaml
info: { title: T, version: '1' }
servers: [ { url: 'https://api.example.com/v1', name: production } ]
tags:
  - { name: books, summary: Books, kind: nav }
  - { name: novels, parent: books }
paths:
  /books:
    query:
      parameters:
        - { name: selector, in: querystring, content: { application/x-www-form-urlencoded: { schema: { type: object } } } }
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses:
        '200':
          summary: The books
          content:
            application/json: { $ref: '#/components/mediaTypes/Book' }
            text/event-stream: { itemSchema: { $ref: 'https://api.example.com/v1/openapi.yaml#/components/schemas/Event' } }
    additionalOperations:
      COPY: { responses: { '204': { description: copied } } }
      M-SEARCH: {}
      purge: {}
components:
  mediaTypes:
    Book: { schema: { $ref: '#/components/schemas/Book' } }
  schemas:
    Book: { type: object, required: [title], properties: { title: { type: string, xml: { nodeType: attribute } } } }
    Event: { type: object, required: [data] }
  securitySchemes:
    device:
      type: oauth2
      deprecated: true
      oauth2MetadataUrl: https://api.example.com/.well-known/oauth-authorization-server
      flows:
        deviceAuthorization:
          deviceAuthorizationUrl: https://api.example.com/device
          tokenUrl: https://api.example.com/token
          scopes: {}
security: [ { device: [] } ]
"##;

#[test]
fn a_document_of_openapi_3_2_is_read() {
    let contract = sound(STREAMS);
    assert_eq!(contract.base_path, "/v1");
    assert_eq!(
        names(&contract),
        [
            "QUERY /books",
            "COPY /books",
            "M-SEARCH /books",
            "purge /books"
        ]
    );
    let query = contract.matching(&method("QUERY"), "/books").unwrap();
    assert!(query.request_body.is_some());
    assert_eq!(query.parameters[0].location, ParameterLocation::QueryString);
    assert!(query.parameters[0].schema.is_some());
    let content = &query.response(StatusCode::OK).unwrap().content;
    let book = content[0].schema.as_ref().unwrap();
    assert_eq!(violations(book, &json!({"title": "Emma"})), [""; 0]);
    assert_eq!(violations(book, &json!({})).len(), 1);
    assert_eq!(content[0].place.position().line, 19);
    assert!(content[1].schema.is_none());
    let event = content[1].item_schema.as_ref().unwrap();
    assert_eq!(violations(event, &json!({"data": "x"})), [""; 0]);
    assert_eq!(violations(event, &json!({"id": "x"})).len(), 1);
    assert!(contract.operation(&method("COPY"), "/books").is_some());
    assert!(contract.operation(&method("copy"), "/books").is_none());
}

#[test]
fn methods_that_a_path_cannot_have_are_reported() {
    let document = |version: &str, item: &str| {
        format!(
            "openapi: {version}\ninfo: {{ title: T, version: '1' }}\npaths:\n  /a:\n    {item}\n"
        )
    };
    for field in ["query: {}", "additionalOperations: { COPY: {} }"] {
        let (contract, rendered) = read(&document("3.1.1", field));
        assert!(contract.unwrap().operations.is_empty());
        assert!(
            rendered.starts_with("warning[unknown-field]")
                && rendered.contains("since OpenAPI 3.2"),
            "{rendered}"
        );
        let (contract, rendered) = read(&document("3.2.0", field));
        assert_eq!(contract.unwrap().operations.len(), 1);
        assert_eq!(rendered, "");
    }
    for (name, field) in [("POST", "post"), ("QUERY", "query")] {
        let item = format!("additionalOperations: {{ {name}: {{}} }}");
        let (contract, rendered) = read(&document("3.2.0", &item));
        assert_eq!(names(&contract.unwrap()), [format!("{name} /a")]);
        assert!(
            rendered.starts_with("warning[misplaced-method]")
                && rendered.contains(&format!("`{field}`")),
            "{rendered}"
        );
    }
    let (contract, rendered) = read(&document("3.2.0", "additionalOperations: { 'CO PY': {} }"));
    assert!(contract.unwrap().operations.is_empty());
    assert!(rendered.starts_with("error[invalid-method]"), "{rendered}");
}

#[test]
fn a_query_string_is_no_parameter_before_openapi_3_2() {
    let text = "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths:\n  /a:\n    get:\n      parameters: [ { name: q, in: querystring, content: { application/json: {} } } ]\n";
    let (_, rendered) = read(text);
    assert!(
        rendered.starts_with("error[unknown-location]"),
        "{rendered}"
    );
    let (contract, rendered) = read(&text.replace("3.1.0", "3.2.1"));
    assert_eq!(rendered, "");
    assert_eq!(contract.unwrap().operations[0].parameters.len(), 1);
}

#[test]
fn a_default_mapping_accepts_values_without_a_name() {
    let contract = sound(
        "openapi: 3.2.0\ninfo: { title: T, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n    Pet:\n      oneOf: [ { $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Other' } ]\n      discriminator: { propertyName: kind, defaultMapping: Other }\n    Cat: { type: object, required: [kind], properties: { kind: { const: Cat } } }\n    Other: { type: object, properties: { kind: { not: { const: Cat } } } }\n",
    );
    let pet = super::schema(&contract, "Pet");
    for value in [json!({}), json!({"kind": "Cat"}), json!({"kind": "Dog"})] {
        assert_eq!(violations(pet, &value), [""; 0], "{value}");
    }
    assert_ne!(violations(pet, &json!(1)), [""; 0]);
}
