//! Schemas in cases: which are refused and where, and what the others enforce.

use counterpart::contract::{Schema, SchemaFault};
use counterpart::source::{Source, Span};
use serde_json::{Value, json};

const DRAFT_4: &str = "http://json-schema.org/draft-04/schema#";
const DRAFT_6: &str = "http://json-schema.org/draft-06/schema#";
const DRAFT_7: &str = "http://json-schema.org/draft-07/schema#";
const DRAFT_2019: &str = "https://json-schema.org/draft/2019-09/schema";
const DRAFT_2020: &str = "https://json-schema.org/draft/2020-12/schema";

fn inline(schema: Value) -> Result<Schema, SchemaFault> {
    let place = Source::new("cases.yaml", "schema: …").place(Span::new(0, 6));
    Schema::inline(schema, Some(place))
}

#[track_caller]
fn enforced(schema: Value, correct: &[Value], violating: &[(Value, &str, &str)]) {
    let schema = inline(schema).unwrap();
    for value in correct {
        let violations = schema.violations(value);
        assert!(violations.is_empty(), "{value}: {violations:?}");
    }
    for (value, instance, keyword) in violating {
        let violations = schema.violations(value);
        let found: Vec<_> = violations
            .iter()
            .map(|violation| (violation.instance.as_str(), violation.keyword.as_str()))
            .collect();
        assert_eq!(found, [(*instance, *keyword)], "{value}");
    }
}

#[test]
fn every_draft_has_its_own_rules() {
    // Each schema uses keywords that the other drafts write differently or do not have.
    enforced(
        json!({"$schema": DRAFT_4, "minimum": 5, "exclusiveMinimum": true}),
        &[json!(6)],
        &[(json!(5), "", "exclusiveMinimum")],
    );
    enforced(
        json!({"$schema": DRAFT_6, "properties": {"a": {"const": 1}, "b": false}, "dependencies": {"c": ["a"]}}),
        &[json!({"a": 1, "c": 2})],
        &[
            (json!({"a": 2}), "/a", "const"),
            (json!({"b": 2}), "/b", "false"),
            (json!({"c": 2}), "", "required"),
        ],
    );
    // In draft 7 keywords beside `$ref` are ignored, and `items` may be a list.
    enforced(
        json!({
            "$schema": DRAFT_7,
            "definitions": {"id": {"type": "integer"}},
            "properties": {"id": {"$ref": "#/definitions/id", "maximum": 1}, "pair": {"items": [{"type": "string"}], "additionalItems": false}},
            "if": {"required": ["id"]}, "then": {"required": ["pair"]},
        }),
        &[json!({"id": 7, "pair": ["x"]}), json!({})],
        &[
            (json!({"id": "7", "pair": []}), "/id", "type"),
            (json!({"id": 7}), "", "required"),
            (json!({"pair": [1]}), "/pair/0", "type"),
            (json!({"pair": ["x", 1]}), "/pair", "additionalItems"),
        ],
    );
    enforced(
        json!({"$schema": DRAFT_2019, "$recursiveAnchor": true, "properties": {"next": {"$recursiveRef": "#"}}, "dependentRequired": {"a": ["b"]}}),
        &[json!({"next": {"next": {"a": 1, "b": 2}}})],
        &[(
            json!({"next": {"next": {"a": 1}}}),
            "/next/next",
            "required",
        )],
    );
    for dialect in [json!({}), json!({"$schema": DRAFT_2020})] {
        let mut schema = json!({"prefixItems": [{"type": "string"}], "items": false});
        schema
            .as_object_mut()
            .unwrap()
            .extend(dialect.as_object().unwrap().clone());
        enforced(schema, &[json!(["x"])], &[(json!([1]), "/0", "type")]);
    }
}

#[test]
fn formats_are_asserted_in_every_draft() {
    for dialect in [DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019, DRAFT_2020] {
        enforced(
            json!({"$schema": dialect, "properties": {"n": {"format": "int32"}, "day": {"format": "date"}}}),
            &[json!({"n": 1, "day": "2024-02-29"})],
            &[
                (json!({"n": 4294967296_u64}), "/n", "format"),
                (json!({"day": "2023-02-29"}), "/day", "format"),
            ],
        );
    }
}

#[test]
fn references_to_metaschemas_are_followed() {
    for metaschema in [DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019, DRAFT_2020] {
        for dialect in [json!({}), json!({"$schema": DRAFT_7})] {
            let mut schema = json!({"properties": {"schema": {"$ref": metaschema}}});
            schema
                .as_object_mut()
                .unwrap()
                .extend(dialect.as_object().unwrap().clone());
            enforced(
                schema,
                &[json!({"schema": {"maxLength": 5, "properties": {"a": {"maxLength": 5}}}})],
                &[(
                    json!({"schema": {"maxLength": "5"}}),
                    "/schema/maxLength",
                    "type",
                )],
            );
        }
    }
    enforced(
        json!({"$ref": "http://json-schema.org/draft-07/schema#/definitions/nonNegativeInteger"}),
        &[json!(1)],
        &[(json!(-1), "", "minimum")],
    );
}

#[test]
fn references_stay_inside_by_pointer_by_anchor_and_by_id() {
    enforced(
        json!({
            "$id": "https://shop.example/order",
            "$defs": {
                "id": {"type": "integer"},
                "name": {"$anchor": "name", "type": "string"},
                "line": {"$id": "line", "properties": {"text": {"type": "string"}}},
            },
            "properties": {"id": {"$ref": "#/$defs/id"}, "name": {"$ref": "#name"}, "line": {"$ref": "line"}},
        }),
        &[json!({"id": 1, "name": "a", "line": {"text": "b"}})],
        &[
            (json!({"id": "1"}), "/id", "type"),
            (json!({"name": 1}), "/name", "type"),
            (json!({"line": {"text": 1}}), "/line/text", "type"),
        ],
    );
}

#[test]
fn a_fault_has_a_message_and_the_pointer_of_the_faulty_part() {
    for (schema, pointer, message) in [
        (
            json!({"properties": {"a": {"type": "strin"}}}),
            "/properties/a/type",
            "`type` cannot be \"strin\"",
        ),
        (
            json!({"$schema": DRAFT_4, "const": 1, "exclusiveMinimum": 5}),
            "/exclusiveMinimum",
            "5 is not of type \"boolean\"",
        ),
        (
            json!({"$schema": "https://shop.example/dialect"}),
            "/$schema",
            "unknown dialect https://shop.example/dialect",
        ),
        (
            json!({"items": {"$ref": "https://shop.example/item.json#/a"}}),
            "/items/$ref",
            "the reference to https://shop.example/item.json#/a leads outside the schema",
        ),
        (
            json!({"items": {"$ref": "file:///etc/passwd"}}),
            "/items/$ref",
            "the reference to file:///etc/passwd leads outside the schema",
        ),
        (
            json!({"items": {"$ref": "../item.json"}}),
            "/items/$ref",
            "the reference to ../item.json leads outside the schema",
        ),
        (
            json!({"$defs": {"a": true}, "items": {"$ref": "#/$defs/b"}}),
            "/items/$ref",
            "the reference to #/$defs/b leads nowhere",
        ),
        (
            json!({"items": {"$ref": "#b"}}),
            "/items/$ref",
            "the reference to #b leads nowhere",
        ),
        (
            json!({"$ref": "http://json-schema.org/draft-07/schema#/definitions/none"}),
            "/$ref",
            "the reference to http://json-schema.org/draft-07/schema#/definitions/none leads nowhere",
        ),
    ] {
        let fault = inline(schema).unwrap_err();
        assert_eq!(
            (fault.pointer.as_str(), fault.message.as_str()),
            (pointer, message)
        );
    }
    let fault = inline(json!({"properties": {"a": {"pattern": "("}}})).unwrap_err();
    assert_eq!(fault.pointer, "/properties/a/pattern");
}

#[test]
fn data_in_a_schema_is_not_read_as_a_schema() {
    enforced(
        json!({"enum": [{"$ref": "https://shop.example/x", "format": "int32"}]}),
        &[json!({"$ref": "https://shop.example/x", "format": "int32"})],
        &[(json!({}), "", "enum")],
    );
    // A property may be named like a keyword.
    enforced(
        json!({"properties": {"const": {"format": "int32"}, "$ref": {"type": "string"}}}),
        &[json!({"const": 1, "$ref": "elsewhere"})],
        &[(json!({"const": 4294967296_u64}), "/const", "format")],
    );
}
