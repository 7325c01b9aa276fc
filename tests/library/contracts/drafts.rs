//! Schemas in older drafts of JSON Schema, which OpenAPI allows since 3.1.

use counterpart::contract::Contract;
use serde_json::{Value, json};

use super::{read, schema, sound, violations};

const DRAFT_4: &str = "http://json-schema.org/draft-04/schema#";
const DRAFT_6: &str = "http://json-schema.org/draft-06/schema#";
const DRAFT_7: &str = "http://json-schema.org/draft-07/schema";
const DRAFT_2019: &str = "https://json-schema.org/draft/2019-09/schema";
const DRAFT_2020: &str = "https://json-schema.org/draft/2020-12/schema";

/// A contract with one schema, `S`, and the dialect of all its schemas.
fn in_dialect(dialect: &str, text: &str) -> std::sync::Arc<Contract> {
    sound(&format!(
        "openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\njsonSchemaDialect: '{dialect}'\npaths: {{}}\ncomponents:\n  schemas:\n    S: {text}\n    Text: {{ type: string }}\n"
    ))
}

/// In which drafts a schema accepts a value; the drafts are 4, 6, 7, 2019-09 and 2020-12.
#[test]
fn keywords_mean_what_they_mean_in_the_draft() {
    let rows: &[(&str, Value, [bool; 5])] = &[
        // Booleans are bounds in draft 4 only; newer ones are below.
        ("{ const: 1 }", json!(2), [true, false, false, false, false]),
        (
            "{ contains: { const: 1 } }",
            json!([2]),
            [true, false, false, false, false],
        ),
        (
            "{ propertyNames: { maxLength: 1 } }",
            json!({"ab": 1}),
            [true, false, false, false, false],
        ),
        (
            "{ if: { type: string }, then: { maxLength: 1 } }",
            json!("ab"),
            [true, true, false, false, false],
        ),
        (
            "{ dependentRequired: { a: [b] } }",
            json!({"a": 1}),
            [true, true, true, false, false],
        ),
        (
            "{ properties: { a: {} }, unevaluatedProperties: false }",
            json!({"b": 1}),
            [true, true, true, false, false],
        ),
        (
            "{ prefixItems: [ { type: string } ] }",
            json!([1]),
            [true, true, true, true, false],
        ),
        (
            "{ $ref: '#/components/schemas/Text', maxLength: 1 }",
            json!("ab"),
            [true, true, true, false, false],
        ),
        (
            "{ $ref: '#/components/schemas/Text', maxLength: 1 }",
            json!(1),
            [false; 5],
        ),
    ];
    let drafts = [DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019, DRAFT_2020];
    for (text, value, accepted) in rows {
        let found = drafts.map(|draft| {
            let contract = in_dialect(draft, text);
            violations(schema(&contract, "S"), value).is_empty()
        });
        assert_eq!(found, *accepted, "{text} {value}");
    }
}

#[test]
fn keywords_of_older_drafts_are_rewritten() {
    let old = [DRAFT_4, DRAFT_6, DRAFT_7];
    let with_2019 = [DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019];
    let rows: &[(&[&str], &str, Value, Value)] = &[
        (
            &[DRAFT_4],
            "{ minimum: 5, exclusiveMinimum: true }",
            json!(6),
            json!(5),
        ),
        (
            &[DRAFT_4],
            "{ maximum: 5, exclusiveMaximum: false }",
            json!(5),
            json!(6),
        ),
        (
            &old,
            "{ dependencies: { a: [b] } }",
            json!({"a": 1, "b": 1}),
            json!({"a": 1}),
        ),
        (
            &old,
            "{ dependencies: { a: { required: [c] }, b: [c] } }",
            json!({"a": 1, "c": 1}),
            json!({"a": 1}),
        ),
        (
            &with_2019,
            "{ items: [ { type: string }, { type: integer } ] }",
            json!(["a", 1, true]),
            json!([1]),
        ),
        (
            &with_2019,
            "{ items: [ { type: string } ], additionalItems: { type: integer } }",
            json!(["a", 1]),
            json!(["a", "b"]),
        ),
        (
            &with_2019,
            "{ items: [ {} ], additionalItems: false }",
            json!([1]),
            json!([1, 2]),
        ),
        (
            &with_2019,
            "{ items: { type: string }, additionalItems: false }",
            json!(["a", "b"]),
            json!([1]),
        ),
        (
            &with_2019,
            "{ properties: { a: { items: [ { items: [ { type: string } ] } ] } } }",
            json!({"a": [["x", 1]]}),
            json!({"a": [[1]]}),
        ),
    ];
    for (drafts, text, right, wrong) in rows {
        for draft in *drafts {
            let contract = in_dialect(draft, text);
            let schema = schema(&contract, "S");
            assert_eq!(violations(schema, right), [""; 0], "{draft} {text} {right}");
            assert_ne!(violations(schema, wrong), [""; 0], "{draft} {text} {wrong}");
        }
    }
}

#[test]
fn a_schema_may_name_its_own_draft() {
    let contract = sound(&format!(
        "openapi: 3.1.0
info: {{ title: T, version: '1' }}
paths: {{}}
components:
  schemas:
    Old: {{ $schema: '{DRAFT_7}', properties: {{ pair: {{ items: [ {{ type: string }} ] }} }} }}
    New: {{ properties: {{ pair: {{ prefixItems: [ {{ type: string }} ] }} }} }}
"
    ));
    for name in ["Old", "New"] {
        let found = violations(schema(&contract, name), &json!({"pair": [1]}));
        assert_eq!(found.len(), 1, "{name}");
        assert!(found[0].starts_with("/pair/0 type"), "{found:?}");
    }
    let old = schema(&contract, "Old").violations(&json!({"pair": [1]}));
    assert_eq!(old[0].place.place.text(), "type: string");
    let (_, rendered) = read(&format!(
        "openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\njsonSchemaDialect: '{DRAFT_7}'\npaths: {{}}\ncomponents:\n  schemas:\n    S: {{ $schema: 'https://example.com/own' }}\n"
    ));
    assert!(
        rendered.starts_with("error[unknown-dialect]: the schema dialect https://example.com/own"),
        "{rendered}"
    );
}

/// The draft of a document reaches the schemas that its operations refer to, but not those of examples.
#[test]
fn the_draft_of_a_document_applies_to_all_its_schemas() {
    let contract = sound(&format!(
        "openapi: 3.1.0
info: {{ title: T, version: '1' }}
jsonSchemaDialect: '{DRAFT_7}'
paths:
  /a:
    get:
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {{ items: [ {{ type: string }} ], $ref: '#/components/x-own/Pair' }}
              example: {{ schema: {{ items: [ 1 ] }} }}
components:
  x-own:
    Pair: {{ items: [ {{ type: integer }} ] }}
"
    ));
    let response = &contract.operations[0].responses[0];
    let found = response.content[0].schema.as_ref().unwrap();
    assert_eq!(violations(found, &json!([1])), [""; 0]);
    assert_eq!(violations(found, &json!(["a"])).len(), 1);
}

#[test]
fn lists_of_items_in_swagger_2_describe_tuples() {
    let document = |items: &str| {
        format!(
            "swagger: '2.0'\ninfo: {{ title: T, version: '1' }}\npaths: {{}}\ndefinitions:\n  Pair: {{ type: array, {items} }}\n"
        )
    };
    let (contract, rendered) = read(&document("items: [{ type: integer }, { type: string }]"));
    assert_eq!(rendered, "");
    let contract = contract.unwrap();
    let pair = schema(&contract, "Pair");
    assert_eq!(violations(pair, &json!([1, "a", true])), [""; 0]);
    assert_eq!(violations(pair, &json!(["a", 1])).len(), 2);
    let place = &pair.violations(&json!(["a"]))[0].place.place;
    assert_eq!(place.position().line, 5);
    let closed = document("items: [{ type: integer }], additionalItems: { type: boolean }");
    let (contract, _) = read(&closed);
    let contract = contract.unwrap();
    let pair = schema(&contract, "Pair");
    assert_eq!(violations(pair, &json!([1, true])), [""; 0]);
    assert_eq!(violations(pair, &json!([1, "a"])).len(), 1);
}

#[test]
fn a_response_called_default_is_no_data() {
    let (contract, rendered) = read(
        "swagger: '2.0'
info: { title: T, version: '1' }
paths:
  /a:
    get:
      produces: [application/json]
      responses:
        default:
          description: any
          schema: { type: object, properties: { example: { type: array, items: [{ type: integer }] } } }
",
    );
    assert_eq!(rendered, "");
    let contract = contract.unwrap();
    let body = contract.operations[0].responses[0].content[0]
        .schema
        .as_ref()
        .unwrap();
    assert_eq!(violations(body, &json!({"example": [1]})), [""; 0]);
    assert_eq!(violations(body, &json!({"example": ["a"]})).len(), 1);
    let contract = sound(&format!(
        "openapi: 3.1.0
info: {{ title: T, version: '1' }}
jsonSchemaDialect: '{DRAFT_7}'
paths:
  /a:
    get:
      responses:
        default: {{ description: any, content: {{ application/json: {{ schema: {{ type: array, items: [{{ type: integer }}] }} }} }} }}
"
    ));
    let body = contract.operations[0].responses[0].content[0]
        .schema
        .as_ref()
        .unwrap();
    assert_eq!(violations(body, &json!([1])), [""; 0]);
    assert_eq!(violations(body, &json!(["a"])).len(), 1);
}
