//! Every rule by which schemas are rewritten: values that must pass, one that must fail, and the expected message.

use serde_json::{Value, json};

use super::{schema, sound, violations};

/// A contract in a dialect whose named schemas are `schemas` (YAML flow or block text, two spaces deeper than the container).
fn contract(dialect: &str, schemas: &str) -> std::sync::Arc<counterpart::contract::Contract> {
    let schemas = schemas.trim_matches('\n');
    let indented = |by: &str| -> String {
        schemas
            .lines()
            .map(|line| format!("{by}{line}\n"))
            .collect()
    };
    sound(&match dialect {
        "2.0" => format!(
            "swagger: '2.0'\ninfo: {{ title: T, version: '1' }}\npaths: {{}}\ndefinitions:\n{}",
            indented("  ")
        ),
        _ => format!(
            "openapi: {dialect}\ninfo: {{ title: T, version: '1' }}\npaths: {{}}\ncomponents:\n  schemas:\n{}",
            indented("    ")
        ),
    })
}

/// In each of the dialects, the schema accepts `good`, and `bad` has exactly the violations `expected`.
#[track_caller]
fn rule(dialects: &[&str], text: &str, good: &[Value], bad: &Value, expected: &[&str]) {
    for dialect in dialects {
        let contract = contract(dialect, &format!("S: {text}"));
        let schema = schema(&contract, "S");
        for value in good {
            assert_eq!(violations(schema, value), [""; 0], "{dialect} {value}");
        }
        let container = match *dialect {
            "2.0" => "/definitions/S",
            _ => "/components/schemas/S",
        };
        let expected: Vec<String> = expected
            .iter()
            .map(|violation| violation.replace("@/", &format!("{container}/")))
            .collect();
        assert_eq!(violations(schema, bad), expected, "{dialect} {bad}");
    }
}

const ALL: [&str; 3] = ["2.0", "3.0.3", "3.1.0"];
const OLD: [&str; 2] = ["2.0", "3.0.3"];

#[test]
fn types() {
    rule(
        &ALL,
        "{ type: integer }",
        &[json!(7), json!(7.0)],
        &json!("7"),
        &[r#" type @/type: "7" is not of type integer"#],
    );
    rule(
        &["3.1.0"],
        "{ type: [string, 'null'] }",
        &[json!(null), json!("x")],
        &json!(1),
        &[" type @/type: 1 is not of type null or string"],
    );
}

#[test]
fn required_names_the_object() {
    rule(
        &ALL,
        "{ type: object, required: [email, name], properties: { email: { type: string }, name: { type: string } } }",
        &[json!({"email": "a", "name": "b"})],
        &json!({"name": 1}),
        &[
            r#" required @/required: "email" is required but missing"#,
            "/name type @/properties/name/type: 1 is not of type string",
        ],
    );
}

#[test]
fn nullable_adds_null_to_type_and_enum() {
    rule(
        &["3.0.3"],
        "{ type: string, nullable: true }",
        &[json!(null), json!("x")],
        &json!(1),
        &[" type @/type: 1 is not of type null or string"],
    );
    rule(
        &["3.0.3"],
        "{ type: string, enum: [a, b], nullable: true }",
        &[json!(null), json!("a")],
        &json!("c"),
        &[r#" enum @/enum: "c" is not one of ["a","b",null]"#],
    );
    rule(
        &["3.0.3"],
        "{ type: string }",
        &[json!("x")],
        &json!(null),
        &[" type @/type: null is not of type string"],
    );
    rule(
        &["3.0.3"],
        "{ type: string, nullable: false }",
        &[json!("x")],
        &json!(null),
        &[" type @/type: null is not of type string"],
    );
}

#[test]
fn nullable_around_a_composition_keeps_the_pointers() {
    let contract = contract(
        "3.0.3",
        "
A: { type: object, required: [id], properties: { id: { type: integer } } }
B: { nullable: true, allOf: [ { $ref: '#/components/schemas/A' }, { properties: { x: { type: string } } } ] }
C: { $ref: '#/components/schemas/B/allOf/1/properties/x' }
",
    );
    let b = schema(&contract, "B");
    assert_eq!(violations(b, &json!(null)), [""; 0]);
    assert_eq!(violations(b, &json!({"id": 1, "x": "y"})), [""; 0]);
    assert_eq!(
        violations(b, &json!({"x": 1})),
        [
            r#" required /components/schemas/A/required: "id" is required but missing"#,
            "/x type /components/schemas/B/allOf/1/properties/x/type: 1 is not of type string",
        ]
    );
    assert_eq!(
        violations(schema(&contract, "C"), &json!(5)),
        [" type /components/schemas/B/allOf/1/properties/x/type: 5 is not of type string"]
    );
}

#[test]
fn exclusive_bounds_of_both_kinds() {
    rule(
        &OLD,
        "{ type: number, minimum: 5, exclusiveMinimum: true }",
        &[json!(5.1)],
        &json!(5),
        &[" exclusiveMinimum @/exclusiveMinimum: 5 is not greater than 5"],
    );
    rule(
        &OLD,
        "{ type: number, maximum: 5, exclusiveMaximum: true }",
        &[json!(4)],
        &json!(5),
        &[" exclusiveMaximum @/exclusiveMaximum: 5 is not less than 5"],
    );
    rule(
        &OLD,
        "{ type: number, minimum: 5, exclusiveMinimum: false }",
        &[json!(5)],
        &json!(4),
        &[" minimum @/minimum: 4 is less than 5"],
    );
    rule(
        &["3.1.0"],
        "{ type: number, exclusiveMinimum: 5 }",
        &[json!(6)],
        &json!(5),
        &[" exclusiveMinimum @/exclusiveMinimum: 5 is not greater than 5"],
    );
}

#[test]
fn siblings_of_a_reference_apply_in_3_1_only() {
    let schemas = "
A: { type: string }
S: { $ref: '#/components/schemas/A', maxLength: 2 }
";
    let old = contract("3.0.3", schemas);
    assert_eq!(violations(schema(&old, "S"), &json!("long")), [""; 0]);
    let new = contract("3.1.0", schemas);
    assert_eq!(
        violations(schema(&new, "S"), &json!("long")),
        [r#" maxLength /components/schemas/S/maxLength: "long" is longer than 2 characters"#]
    );
}

#[test]
fn formats_are_asserted() {
    for (format, good, bad) in [
        ("date-time", "2024-02-29T12:00:00Z", "2024-02-29 12:00:00"),
        ("date", "2024-02-29", "2023-02-29"),
        ("email", "a@example.com", "a@"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123"),
        ("ipv4", "127.0.0.1", "127.0.0.256"),
        ("uri", "https://example.com/x", "no uri"),
        ("byte", "aGk=", "a*"),
    ] {
        let expected = format!(r#" format @/format: "{bad}" is not a valid {format}"#);
        rule(
            &ALL,
            &format!("{{ type: string, format: {format} }}"),
            &[json!(good)],
            &json!(bad),
            &[&expected],
        );
    }
    rule(
        &ALL,
        "{ type: integer, format: int32 }",
        &[json!(2147483647)],
        &json!(2147483648_i64),
        &[" format @/format: 2147483648 is not a valid int32"],
    );
    rule(
        &ALL,
        "{ type: integer, format: int64 }",
        &[json!(i64::MIN)],
        &json!(u64::MAX),
        &[" format @/format: 18446744073709551615 is not a valid int64"],
    );
    rule(
        &ALL,
        "{ type: number, format: float }",
        &[json!(1.5)],
        &json!(1e300),
        &[" format @/format: 1e+300 is not a valid float"],
    );
    rule(
        &ALL,
        "{ type: string, format: my-own }",
        &[json!("anything")],
        &json!(1),
        &[" type @/type: 1 is not of type string"],
    );
    rule(
        &ALL,
        "{ type: string, format: password }",
        &[json!("anything")],
        &json!(1),
        &[" type @/type: 1 is not of type string"],
    );
}

#[test]
fn a_file_accepts_any_value() {
    let contract = contract("2.0", "S: { type: file }");
    assert_eq!(violations(schema(&contract, "S"), &json!("bytes")), [""; 0]);
}

#[test]
fn a_write_only_property_is_not_required_in_a_response() {
    let text = "{ type: object, required: [id, password], properties: { id: { type: integer }, password: { type: string, writeOnly: true } } }";
    rule(
        &["3.0.3", "3.1.0"],
        text,
        &[json!({"id": 1})],
        &json!({}),
        &[r#" required @/required: "id" is required but missing"#],
    );
}

#[test]
fn every_property_that_is_not_allowed_is_a_violation_of_its_own() {
    rule(
        &ALL,
        "{ type: object, properties: { a: { type: integer } }, additionalProperties: false }",
        &[json!({"a": 1})],
        &json!({"a": 1, "b": 2, "c/d": 3}),
        &[
            r#"/b additionalProperties @/additionalProperties: "b" is not allowed here"#,
            r#"/c~1d additionalProperties @/additionalProperties: "c/d" is not allowed here"#,
        ],
    );
    rule(
        &["3.1.0"],
        "{ allOf: [ { properties: { a: { type: integer } } } ], unevaluatedProperties: false }",
        &[json!({"a": 1})],
        &json!({"a": 1, "b": 2}),
        &[r#"/b unevaluatedProperties @/unevaluatedProperties: "b" is not allowed here"#],
    );
}

#[test]
fn sizes_patterns_and_values() {
    rule(
        &ALL,
        "{ type: string, minLength: 1 }",
        &[json!("x")],
        &json!(""),
        &[r#" minLength @/minLength: "" is shorter than 1 character"#],
    );
    rule(
        &ALL,
        "{ type: array, maxItems: 1, items: { type: integer } }",
        &[json!([1])],
        &json!([1, 2]),
        &[" maxItems @/maxItems: [1,2] has more than 1 item"],
    );
    rule(
        &ALL,
        "{ type: array, uniqueItems: true, items: { type: integer } }",
        &[json!([1, 2])],
        &json!([1, 1]),
        &[" uniqueItems @/uniqueItems: [1,1] has the same item twice"],
    );
    rule(
        &ALL,
        "{ type: object, minProperties: 2 }",
        &[json!({"a": 1, "b": 2})],
        &json!({"a": 1}),
        &[r#" minProperties @/minProperties: {"a":1} has fewer than 2 properties"#],
    );
    rule(
        &ALL,
        "{ type: string, pattern: '^(?=.*[0-9])[a-z0-9]+$' }",
        &[json!("a1")],
        &json!("a"),
        &[r#" pattern @/pattern: "a" does not match the pattern ^(?=.*[0-9])[a-z0-9]+$"#],
    );
    rule(
        &ALL,
        "{ enum: [a, 1] }",
        &[json!("a"), json!(1)],
        &json!("b"),
        &[r#" enum @/enum: "b" is not one of ["a",1]"#],
    );
    rule(
        &ALL,
        "{ type: number, multipleOf: 0.5 }",
        &[json!(1.5)],
        &json!(1.2),
        &[" multipleOf @/multipleOf: 1.2 is not a multiple of 0.5"],
    );
    rule(
        &["3.1.0"],
        "{ const: 1 }",
        &[json!(1)],
        &json!(2),
        &[" const @/const: 2 is not 1"],
    );
    rule(
        &["3.0.3", "3.1.0"],
        "{ not: { type: string } }",
        &[json!(1)],
        &json!("x"),
        &[r#" not @/not: "x" matches what `not` excludes"#],
    );
    rule(
        &["3.1.0"],
        "{ prefixItems: [ { type: integer } ], items: false }",
        &[json!([1])],
        &json!([1, 2]),
        &["/1 false @/items: 2 is not allowed here"],
    );
}

#[test]
fn items_are_ordered_by_number() {
    let contract = contract("3.1.0", "S: { type: array, items: { type: integer } }");
    let mut items = vec![json!(0); 11];
    items[2] = json!("c");
    items[10] = json!("k");
    let places: Vec<String> = schema(&contract, "S")
        .violations(&Value::Array(items))
        .into_iter()
        .map(|violation| violation.instance)
        .collect();
    assert_eq!(places, ["/2", "/10"]);
}

#[test]
fn the_violation_of_alternatives_shows_what_the_nearest_one_misses() {
    let schemas = "
Cat: { type: object, required: [claws, name], properties: { claws: { type: integer }, name: { type: string } } }
Dog: { type: object, required: [bark], properties: { bark: { type: string }, x: { type: integer } } }
S: { oneOf: [ { type: string }, { $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' } ] }
T: { anyOf: [ { $ref: '#/components/schemas/Dog' }, { type: 'null' } ] }
";
    let contract = contract("3.1.0", schemas);
    let s = schema(&contract, "S");
    assert_eq!(violations(s, &json!({"bark": "wow"})), [""; 0]);
    assert_eq!(
        violations(s, &json!({"x": 1})),
        [
            r#" oneOf /components/schemas/S/oneOf: matches none of 3 alternatives; the nearest is Dog: "bark" is required but missing"#
        ]
    );
    assert_eq!(
        violations(s, &json!({"bark": "wow", "claws": 1, "name": "n"})),
        [
            " oneOf /components/schemas/S/oneOf: matches 2 of 3 alternatives (Cat, Dog), but must match exactly one"
        ]
    );
    assert_eq!(
        violations(schema(&contract, "T"), &json!({"bark": 1})),
        [
            " anyOf /components/schemas/T/anyOf: matches none of 2 alternatives; the nearest is Dog: /bark: 1 is not of type string"
        ]
    );
}

const PETS: &str = "
Pet:
  oneOf: [ { $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' } ]
  discriminator: { propertyName: kind, mapping: { hound: '#/components/schemas/Dog' } }
Cat: { type: object, required: [kind, claws], properties: { kind: { type: string }, claws: { type: integer } } }
Dog: { type: object, required: [kind, bark], properties: { kind: { type: string }, bark: { type: string } } }
Home: { type: object, properties: { pet: { $ref: '#/components/schemas/Pet' } } }
";

/// What the discriminators of a value name, as `instance name: violation`.
fn mismatches(schema: &counterpart::contract::Schema, value: &Value) -> Vec<String> {
    let walked = schema.walk(value);
    let line = |found: &counterpart::contract::NamedSchemaMismatch| {
        let violation = found.violation.as_deref().unwrap_or("no schema");
        format!("{} {}: {violation}", found.instance, found.name)
    };
    walked.mismatches.iter().map(line).collect()
}

#[test]
fn a_discriminator_beside_one_of_changes_no_verdict() {
    for dialect in ["3.0.3", "3.1.0"] {
        let contract = contract(dialect, PETS);
        let home = schema(&contract, "Home");
        for kind in ["Dog", "hound"] {
            let dog = json!({"pet": {"kind": kind, "bark": "wow"}});
            assert_eq!(violations(home, &dog), [""; 0]);
            assert_eq!(mismatches(home, &dog), [""; 0]);
        }
        // Valid as a dog, whatever it calls itself.
        for (kind, expected) in [
            ("Cat", r#"/pet Cat: "claws" is required but missing"#),
            ("Fish", "/pet Fish: no schema"),
        ] {
            let other = json!({"pet": {"kind": kind, "bark": "wow"}});
            assert_eq!(violations(home, &other), [""; 0], "{dialect}");
            assert_eq!(mismatches(home, &other), [expected]);
        }
        // No alternative: the violations are those of the one that was meant.
        assert_eq!(
            violations(home, &json!({"pet": {"kind": "Cat"}})),
            [r#"/pet required /components/schemas/Cat/required: "claws" is required but missing"#]
        );
        assert_eq!(
            violations(
                home,
                &json!({"pet": {"kind": "Cat", "claws": 1, "bark": "w"}})
            ),
            [
                "/pet oneOf /components/schemas/Pet/oneOf: matches 2 of 2 alternatives (Cat, Dog), but must match exactly one"
            ]
        );
        assert_eq!(violations(home, &json!({"pet": 7})).len(), 1);
        assert_eq!(mismatches(home, &json!({"pet": 7})), [""; 0]);
    }
}

#[test]
fn a_discriminator_of_a_base_changes_no_verdict() {
    for (dialect, container, discriminator) in [
        ("2.0", "definitions", "kind"),
        ("3.0.3", "components/schemas", "{ propertyName: kind }"),
    ] {
        let contract = contract(
            dialect,
            &format!(
                "
Pet: {{ type: object, discriminator: {discriminator}, required: [kind], properties: {{ kind: {{ type: string }}, friend: {{ $ref: '#/{container}/Pet' }} }} }}
Cat: {{ allOf: [ {{ $ref: '#/{container}/Pet' }}, {{ type: object, required: [claws], properties: {{ claws: {{ type: integer }} }} }} ] }}
Lion: {{ allOf: [ {{ $ref: '#/{container}/Cat' }}, {{ type: object, required: [roar] }} ] }}
"
            ),
        );
        let pet = schema(&contract, "Pet");
        for (value, expected) in [
            (json!({"kind": "Pet"}), None),
            (json!({"kind": "Lion", "claws": 4, "roar": 1}), None),
            (
                json!({"kind": "Cat"}),
                Some(r#" Cat: "claws" is required but missing"#),
            ),
            (
                json!({"kind": "Lion", "claws": 4}),
                Some(r#" Lion: "roar" is required but missing"#),
            ),
            (
                json!({"kind": "Pet", "friend": {"kind": "Cat", "claws": "x"}}),
                Some(r#"/friend Cat: `/claws`: "x" is not of type integer"#),
            ),
            (json!({"kind": "Car"}), Some(" Car: no schema")),
        ] {
            assert_eq!(violations(pet, &value), [""; 0], "{dialect} {value}");
            let expected: Vec<&str> = expected.into_iter().collect();
            assert_eq!(mismatches(pet, &value), expected, "{dialect} {value}");
        }
        // What the child describes is described.
        let lion = json!({"kind": "Lion", "claws": 4, "roar": 1});
        assert_eq!(pet.walk(&lion).undocumented, ["/roar"]);
        assert_eq!(
            violations(schema(&contract, "Cat"), &json!({"claws": 1})),
            [format!(
                r#" required /{container}/Pet/required: "kind" is required but missing"#
            )]
        );
    }
}

#[test]
fn nullable_is_accepted_where_it_is_written() {
    let text = "
A: { type: object, properties: { b: { $ref: '#/components/schemas/B', nullable: true }, c: { $ref: '#/components/schemas/B' } } }
B: { type: object, properties: { x: { type: integer } } }
";
    let (lenient, rendered) = super::read(&format!(
        "openapi: 3.0.3\ninfo: {{ title: T, version: '1' }}\npaths: {{}}\ncomponents:\n  schemas:\n{}",
        text.lines()
            .map(|line| format!("    {line}\n"))
            .collect::<String>()
    ));
    assert!(
        rendered.contains("warning[nullable-extended]: `nullable` has no effect beside `$ref` in OpenAPI 3.0: null is accepted all the same"),
        "{rendered}"
    );
    let lenient = lenient.unwrap();
    let a = schema(&lenient, "A");
    assert_eq!(violations(a, &json!({"b": null})), [""; 0]);
    assert_eq!(
        violations(a, &json!({"b": {"x": "y"}, "c": null})),
        [
            r#"/b/x type /components/schemas/B/properties/x/type: "y" is not of type integer"#,
            "/c type /components/schemas/B/type: null is not of type object",
        ]
    );
    let (swagger, rendered) = super::read(
        "swagger: '2.0'\ninfo: { title: T, version: '1' }\npaths: {}\ndefinitions:\n  A: { type: string, x-nullable: true }\n  B: { type: object, properties: { a: { x-nullable: true, $ref: '#/definitions/A' } } }\n  C: { type: string, x-nullable: false, enum: [x] }\n  D: { type: string, x-nullable: true, enum: [x] }\n",
    );
    assert!(
        rendered.contains("`x-nullable` is not a keyword of Swagger 2.0: null is accepted all the same (in 3 places, this is the first)"),
        "{rendered}"
    );
    let swagger = swagger.unwrap();
    for (name, value, wrong) in [
        ("A", json!(null), 0),
        ("A", json!(1), 1),
        ("B", json!({"a": null}), 0),
        ("B", json!({"a": 1}), 1),
        ("C", json!(null), 2),
        ("D", json!(null), 0),
        ("D", json!("y"), 1),
    ] {
        let found = schema(&swagger, name);
        assert_eq!(violations(found, &value).len(), wrong, "{name} {value}");
    }
}

#[test]
fn nullable_by_the_letter_is_a_type() {
    use counterpart::contract::{Loader, Nullability, Reading};
    use counterpart::diagnostic::Diagnostics;
    let files = crate::cases::Texts::default()
        .with("a/api.yaml", "openapi: 3.0.3\ninfo: { title: T, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n    A: { $ref: '#/components/schemas/B', nullable: true }\n    B: { type: object }\n    C: { nullable: true, allOf: [ { $ref: '#/components/schemas/B' } ] }\n    D: { type: string, nullable: true, enum: [x] }\n    E: { type: string, nullable: true }\n    F: { nullable: true }\n")
        .with("b/api.yaml", "swagger: '2.0'\ninfo: { title: T, version: '1' }\npaths: {}\ndefinitions:\n  A: { type: string, x-nullable: true }\n");
    let load = |path: &str, nullability| {
        let loader = Loader::new(&files, Reading::Corrected).with_nullability(nullability);
        loader.load(path, &mut Diagnostics::new()).unwrap()
    };
    for (path, name, as_meant, as_written) in [
        ("a/api.yaml", "A", true, false),
        ("a/api.yaml", "C", true, false),
        ("a/api.yaml", "D", true, false),
        ("a/api.yaml", "E", true, true),
        ("a/api.yaml", "F", true, true),
        ("b/api.yaml", "A", true, false),
    ] {
        for (nullability, expected) in [
            (Nullability::AsMeant, as_meant),
            (Nullability::AsWritten, as_written),
        ] {
            let contract = load(path, nullability);
            let accepted = schema(&contract, name).violations(&json!(null)).is_empty();
            assert_eq!(accepted, expected, "{path} {name} {nullability:?}");
        }
    }
}

#[test]
fn a_base_that_lists_children_which_extend_it_terminates() {
    let contract = contract(
        "3.0.3",
        "
Pet: { type: object, discriminator: { propertyName: kind }, oneOf: [ { $ref: '#/components/schemas/Cat' } ], properties: { kind: { type: string } } }
Cat: { allOf: [ { $ref: '#/components/schemas/Pet' }, { required: [claws] } ] }
",
    );
    assert_eq!(
        violations(
            schema(&contract, "Pet"),
            &json!({"kind": "Cat", "claws": 1})
        ),
        [""; 0]
    );
    assert_eq!(
        violations(schema(&contract, "Pet"), &json!({"kind": "Cat"})),
        [r#" required /components/schemas/Cat/allOf/1/required: "claws" is required but missing"#]
    );
}

#[test]
fn a_schema_may_contain_itself() {
    let contract = contract(
        "2.0",
        "
Tree: { type: object, required: [name], properties: { name: { type: string }, children: { type: array, items: { $ref: '#/definitions/Tree' } } } }
Loop: { allOf: [ { $ref: '#/definitions/Loop' }, { type: object } ] }
",
    );
    let tree = schema(&contract, "Tree");
    assert_eq!(
        violations(
            tree,
            &json!({"name": "a", "children": [{"name": "b", "children": []}]})
        ),
        [""; 0]
    );
    assert_eq!(
        violations(
            tree,
            &json!({"name": "a", "children": [{"children": [{"name": 1}]}]})
        ),
        [
            r#"/children/0 required /definitions/Tree/required: "name" is required but missing"#,
            "/children/0/children/0/name type /definitions/Tree/properties/name/type: 1 is not of type string",
        ]
    );
    assert_eq!(violations(schema(&contract, "Loop"), &json!({})), [""; 0]);
    assert_eq!(
        violations(schema(&contract, "Loop"), &json!(1)),
        [" type /definitions/Loop/allOf/1/type: 1 is not of type object"]
    );
}

#[test]
fn a_violation_points_at_the_line_of_its_keyword() {
    let contract = sound(
        "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n    \"a b%{c}/d~e\":\n      type: object\n      properties:\n        id:\n          type: integer\n",
    );
    let schema = schema(&contract, "a b%{c}/d~e");
    let violation = schema.violations(&json!({"id": "7"})).remove(0);
    assert_eq!(
        violation.place.pointer,
        "/components/schemas/a b%{c}~1d~0e/properties/id/type"
    );
    assert_eq!(violation.place.place.to_string(), "api.yaml:10:11");
    assert_eq!(violation.place.place.text(), "type: integer");
    assert_eq!(
        (violation.expected.as_str(), violation.actual.as_str()),
        ("integer", "\"7\"")
    );
    assert_eq!(schema.place().place.to_string(), "api.yaml:6:5");
}
