//! What is undocumented, and what should not be sent.

use counterpart::contract::{Schema, SchemaFault};
use counterpart::source::{Source, Span};
use serde_json::{Value, json};

fn inline(schema: Value) -> Result<Schema, SchemaFault> {
    let place = Source::new("cases.yaml", "schema: …").place(Span::new(0, 6));
    Schema::inline(schema, Some(place))
}

#[track_caller]
fn undocumented(schema: Value, value: &Value, expected: &[&str]) {
    assert_eq!(inline(schema).unwrap().walk(value).undocumented, expected);
}

#[test]
fn an_undocumented_property_is_found_even_in_an_invalid_body() {
    let schema = json!({
        "type": "object", "required": ["gone"],
        "properties": {"id": {"type": "integer"}, "list": {"type": "array", "items": {"type": "object", "properties": {"a": {}}}}},
    });
    undocumented(
        schema.clone(),
        &json!({"id": "wrong", "list": [{"a": 1}]}),
        &[],
    );
    undocumented(
        schema,
        &json!({"id": "wrong", "x/y": 1, "list": [{"a": 1}, {"b": {"c": 1}}]}),
        &["/x~1y", "/list/1/b"],
    );
}

#[test]
fn free_form_objects_and_covered_names_are_documented() {
    let value = json!({"a": {"deep": 1}, "b": 2});
    undocumented(json!({"type": "object"}), &value, &[]);
    undocumented(json!({"properties": {}}), &value, &[]);
    undocumented(json!(true), &value, &[]);
    undocumented(
        json!({"properties": {"b": {}}, "additionalProperties": true}),
        &value,
        &[],
    );
    undocumented(
        json!({"properties": {"b": {}}, "additionalProperties": {"properties": {"other": {}}}}),
        &value,
        &["/a/deep"],
    );
    undocumented(
        json!({"properties": {"b": {}}, "patternProperties": {"^a": {}}}),
        &value,
        &[],
    );
    undocumented(
        json!({"properties": {"b": {}}, "patternProperties": {"^x": {}}}),
        &value,
        &["/a"],
    );
    undocumented(json!({"properties": {"b": {}, "a": {}}}), &value, &[]);
}

#[test]
fn all_applicable_schemas_describe_together() {
    let schema = json!({
        "$defs": {"base": {"properties": {"id": {}}}},
        "allOf": [{"$ref": "#/$defs/base"}, {"properties": {"name": {}}}],
    });
    undocumented(schema.clone(), &json!({"id": 1, "name": 2}), &[]);
    undocumented(schema, &json!({"id": 1, "other": 2}), &["/other"]);
}

#[test]
fn only_alternatives_that_accept_the_value_describe_it_unless_none_does() {
    let schema = json!({"oneOf": [
        {"required": ["bark"], "properties": {"bark": {"type": "string"}}},
        {"required": ["claws"], "properties": {"claws": {"type": "integer"}}},
    ]});
    undocumented(schema.clone(), &json!({"bark": "wow", "x": 1}), &["/x"]);
    undocumented(
        schema,
        &json!({"bark": 1, "claws": "none", "x": 1}),
        &["/x"],
    );
}

#[test]
fn a_condition_does_not_close_an_object() {
    let schema = json!({"type": "object", "if": {"properties": {"kind": {"const": "a"}}}, "then": {"properties": {"a": {}}}});
    undocumented(schema.clone(), &json!({"kind": "b", "x": 1}), &[]);
    undocumented(schema, &json!({"kind": "a", "a": 1, "x": 1}), &["/x"]);
}

#[test]
fn a_discriminated_value_is_described_by_what_it_names() {
    let contract = super::sound(
        "openapi: 3.0.3\ninfo: { title: T, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n    Pet: { oneOf: [ { $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Free' } ], discriminator: { propertyName: kind } }\n    Cat: { type: object, properties: { kind: { type: string }, claws: { type: integer } } }\n    Free: { type: object }\n",
    );
    let pet = super::schema(&contract, "Pet");
    assert_eq!(
        pet.walk(&json!({"kind": "Cat", "claws": 1, "wings": 2}))
            .undocumented,
        ["/wings"]
    );
    assert_eq!(
        pet.walk(&json!({"kind": "Free", "claws": 1, "wings": 2}))
            .undocumented,
        [""; 0]
    );
}

#[test]
fn write_only_properties_are_found_with_the_place_that_forbids_them() {
    let contract = super::sound(
        "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n    Secret: { type: string, writeOnly: true }\n    User: { type: object, properties: { name: { type: string }, password: { $ref: '#/components/schemas/Secret' } } }\n",
    );
    let user = super::schema(&contract, "User");
    assert!(user.walk(&json!({"name": "a"})).write_only.is_empty());
    let found = user.walk(&json!({"name": "a", "password": "x"})).write_only;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "/password");
    assert_eq!(found[0].1.pointer, "/components/schemas/Secret/writeOnly");
    assert_eq!(found[0].1.place.text(), "writeOnly: true");
}

#[test]
fn a_number_format_of_an_inline_schema_has_its_own_place() {
    let schema =
        inline(json!({"properties": {"n": {"type": "integer", "format": "int32"}}})).unwrap();
    assert!(schema.violations(&json!({"n": 1})).is_empty());
    let violation = schema.violations(&json!({"n": 4294967296_u64})).remove(0);
    assert_eq!(violation.keyword, "format");
    assert_eq!(violation.place.pointer, "/properties/n/format");
    assert_eq!(violation.place.place.to_string(), "cases.yaml:1:1");
}
