//! Values made from schemas: each is accepted by its schema, and one is found wherever that is possible.

use counterpart::contract::{DocumentedMediaType, Schema, load_source};
use counterpart::diagnostic::Diagnostics;
use counterpart::generate::{Purpose, value_for};
use counterpart::source::Source;
use serde_json::{Value, json};

use crate::contracts::published::{load_published, published};

/// The smallest value of the schema `A` in these `components/schemas`.
fn value(schemas: &str, purpose: Purpose) -> Option<Value> {
    let text = format!(
        "openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\npaths: {{}}\ncomponents:\n  schemas:\n    {}\n",
        schemas.trim().replace('\n', "\n    ")
    );
    let mut diagnostics = Diagnostics::new();
    let contract = load_source(Source::new("api.yaml", text), &mut diagnostics).unwrap();
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let (_, schema) = contract
        .definitions
        .iter()
        .find(|(name, _)| name == "A")
        .unwrap();
    let value = value_for(schema, purpose);
    if let Some(value) = &value {
        let violations = match purpose {
            Purpose::Request | Purpose::Parameter => schema.violations_in_request(value),
            Purpose::Response => schema.violations(value),
        };
        assert!(violations.is_empty(), "{value}: {violations:?}");
    }
    value
}

#[test]
fn values_have_only_what_their_schema_demands() {
    assert_eq!(
        value(
            "A: { type: array, items: { type: integer } }",
            Purpose::Parameter
        ),
        Some(json!([1]))
    );
    for (schemas, expected) in [
        ("A: { type: string }", json!("text")),
        ("A: { type: integer, minimum: 7, multipleOf: 5 }", json!(10)),
        ("A: { type: number, exclusiveMinimum: 0, exclusiveMaximum: 1 }", json!(0.5)),
        ("A: { type: boolean }", json!(true)),
        ("A: { type: [string, 'null'] }", json!("text")),
        ("A: { type: 'null' }", Value::Null),
        ("A: {}", json!({})),
        ("A: { type: array, items: { type: integer } }", json!([])),
        ("A: { type: array, minItems: 2, uniqueItems: true, items: { enum: [x, y, z] } }", json!(["x", "y"])),
        ("A: { type: array, minItems: 2, uniqueItems: true, items: { type: string, pattern: '^[A-Z]{2}[0-9]{2}$' } }", json!(["AA11", "AA10"])),
        ("A: { type: array, minItems: 2, prefixItems: [{ const: 1 }], items: { const: 2 } }", json!([1, 2])),
        (
            "A: { type: object, required: [a, b], properties: { a: { type: integer }, b: { $ref: '#/components/schemas/B' }, c: {} } }\nB: { enum: [x, y] }",
            json!({"a": 1, "b": "x"}),
        ),
        ("A: { type: object, minProperties: 2, properties: { a: { type: integer } } }", json!({"a": 1, "key1": "text"})),
        ("A: { allOf: [{ type: object, required: [a] }, { properties: { a: { type: string, maxLength: 2 } } }] }", json!({"a": "1"})),
        ("A: { type: object, required: [a], patternProperties: { '^a': { const: 3 } } }", json!({"a": 3})),
        ("A: { type: object, required: [a], additionalProperties: { type: boolean } }", json!({"a": true})),
        // Examples come first, if they are valid.
        ("A: { type: integer, examples: [seven, 7] }", json!(7)),
        ("A: { type: integer, default: 9 }", json!(9)),
        ("A: { type: object, required: [a], properties: { a: { example: x } } }", json!({"a": "x"})),
        // Alternatives.
        ("A: { oneOf: [{ type: integer }, { const: 1 }] }", json!(0)),
        ("A: { type: object, anyOf: [{ required: [a], properties: { a: false } }, { required: [b], properties: { b: { const: 2 } } }] }", json!({"b": 2})),
        ("A: { oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }], discriminator: { propertyName: kind } }
Cat: { type: object, required: [kind, lives], properties: { kind: { type: string }, lives: { type: integer, minimum: 9 } } }
Dog: { type: object, required: [kind, tail], properties: { kind: { type: string }, tail: { type: string } } }", json!({"kind": "Cat", "lives": 9})),
        ("A: { type: object, if: { required: [a] }, then: { required: [b] }, required: [a], properties: { a: { const: 1 }, b: { const: 2 } } }", json!({"a": 1, "b": 2})),
        // The least would be both.
        (
            "A: { oneOf: [{ type: array, items: { type: integer } }, { type: array, items: { type: boolean } }] }",
            json!([1]),
        ),
        (
            "A: { oneOf: [{ type: object, properties: { a: { type: integer } } }, { type: object, properties: { a: { type: boolean } } }] }",
            json!({"a": 1}),
        ),
        // Recursion ends where it may.
        ("A: { type: object, required: [children], properties: { children: { type: array, items: { $ref: '#/components/schemas/A' } } } }", json!({"children": []})),
    ] {
        assert_eq!(value(schemas, Purpose::Response), Some(expected), "{schemas}");
    }
}

#[test]
fn what_a_direction_does_not_send_is_left_out() {
    let schemas = "A:
  type: object
  required: [id, name, password]
  properties:
    id: { type: integer, readOnly: true }
    name: { type: string }
    password: { type: string, writeOnly: true, minLength: 8 }";
    assert_eq!(
        value(schemas, Purpose::Request),
        Some(json!({"name": "text", "password": "textaaaa"}))
    );
    assert_eq!(
        value(schemas, Purpose::Response),
        Some(json!({"id": 1, "name": "text"}))
    );
}

#[test]
fn a_schema_that_refuses_everything_has_no_value() {
    for schemas in [
        "A: false",
        "A: { type: integer, minimum: 2, maximum: 1 }",
        "A: { type: string, pattern: '^a$', minLength: 2 }",
        "A: { type: object, required: [a], properties: { a: { $ref: '#/components/schemas/A' } } }",
        "A: { type: array, minItems: 2, uniqueItems: true, items: { const: 1 } }",
        "A: { type: array, minItems: 100000000 }",
        "A: { type: object, minProperties: 100000000 }",
    ] {
        assert_eq!(value(schemas, Purpose::Response), None, "{schemas}");
    }
}

#[test]
fn published_schemas_have_values() {
    let Some((folder, documents)) = published() else {
        return;
    };
    let (mut found, mut missing) = (0, 0);
    for path in documents {
        let mut diagnostics = Diagnostics::new();
        let Some(contract) = load_published(&folder, &path, &mut diagnostics) else {
            continue;
        };
        for operation in contract
            .operations
            .iter()
            .filter(|operation| operation.faults.is_empty())
        {
            let bodies = operation.request_body.iter();
            let sent = bodies.flat_map(|body| media(&body.content, Purpose::Request));
            let received = operation
                .responses
                .iter()
                .flat_map(|response| media(&response.content, Purpose::Response));
            for (schema, purpose) in sent.chain(received) {
                match value_for(schema, purpose) {
                    Some(_) => found += 1,
                    None => {
                        missing += 1;
                        println!("{} {:?}: none", schema.place().place, purpose);
                    }
                }
            }
        }
    }
    println!("{found} values, {missing} missing");
    assert!(
        missing * 100 <= found + missing,
        "{missing} of {} schemas have no value",
        found + missing
    );
}

fn media(
    content: &[DocumentedMediaType],
    purpose: Purpose,
) -> impl Iterator<Item = (&Schema, Purpose)> {
    content
        .iter()
        .filter_map(move |media| Some((media.schema.as_ref()?, purpose)))
}
