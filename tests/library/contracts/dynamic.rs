//! `$dynamicRef`, `$id` and anchors: dynamic scopes, and what is no identifier.

use std::path::Path;

use counterpart::contract::load;
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::Folder;
use serde_json::json;

use super::{read, schema, sound, violations};

const HEAD: &str =
    "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n";

/// OpenAPI 3.1.1, "Generic (Template) Data Structures".
const GENERIC: &str = "
    genericArrayComponent:
      $id: fully_generic_array
      type: array
      items: { $dynamicRef: '#generic-array' }
      $defs: { allowAll: { $dynamicAnchor: generic-array } }
    numberArray:
      $id: array_of_numbers
      $ref: fully_generic_array
      $defs: { numbersOnly: { $dynamicAnchor: generic-array, type: number } }
    stringArray:
      $id: array_of_strings
      $ref: fully_generic_array
      $defs: { stringsOnly: { $dynamicAnchor: generic-array, type: string } }
    objWithTypedArray:
      $id: obj_with_typed_array
      type: object
      required: [dataType, data]
      properties: { dataType: { enum: [string, number] } }
      oneOf:
        - properties: { dataType: { const: string }, data: { $ref: array_of_strings } }
        - properties: { dataType: { const: number }, data: { $ref: array_of_numbers } }
";

#[test]
fn a_generic_schema_is_that_of_whoever_refers_to_it() {
    let contract = sound(&format!("{HEAD}{GENERIC}"));
    let numbers = schema(&contract, "numberArray");
    assert_eq!(violations(numbers, &json!([1, 2.5])), [""; 0]);
    assert_eq!(
        violations(numbers, &json!([1, "a"])),
        [
            r#"/1 type /components/schemas/numberArray/$defs/numbersOnly/type: "a" is not of type number"#
        ]
    );
    let strings = schema(&contract, "stringArray");
    assert_eq!(violations(strings, &json!(["a"])), [""; 0]);
    assert_eq!(violations(strings, &json!([1])).len(), 1);
    assert_eq!(violations(strings, &json!({})).len(), 1, "the generic type");
    let generic = schema(&contract, "genericArrayComponent");
    assert_eq!(violations(generic, &json!([1, "a"])), [""; 0]);
    let object = schema(&contract, "objWithTypedArray");
    for (value, wrong) in [
        (json!({"dataType": "string", "data": ["a"]}), 0),
        (json!({"dataType": "number", "data": [1]}), 0),
        (json!({"dataType": "number", "data": ["a"]}), 1),
        (json!({"dataType": "string", "data": [1]}), 1),
    ] {
        assert_eq!(violations(object, &value).len(), wrong, "{value}");
    }
}

/// JSON Schema 2020-12, section 8.2.3.2: a tree that is extended.
const TREES: &str = "
    Tree:
      $id: https://example.com/tree
      $dynamicAnchor: node
      type: object
      properties: { data: true, children: { type: array, items: { $dynamicRef: '#node' } } }
    StrictTree:
      $id: https://example.com/strict-tree
      $dynamicAnchor: node
      $ref: tree
      unevaluatedProperties: false
";

#[test]
fn a_strict_tree_is_strict_in_its_children() {
    let contract = sound(&format!("{HEAD}{TREES}"));
    let misspelt = json!({"children": [{"daat": 1}]});
    assert_eq!(
        violations(schema(&contract, "Tree"), &misspelt),
        [""; 0],
        "the plain tree is open"
    );
    let strict = schema(&contract, "StrictTree");
    assert_eq!(
        violations(strict, &misspelt),
        [
            r#"/children/0/daat unevaluatedProperties /components/schemas/StrictTree/unevaluatedProperties: "daat" is not allowed here"#
        ]
    );
    let deep = json!({"children": [{"children": [{"data": 1, "children": []}]}]});
    assert_eq!(violations(strict, &deep), [""; 0]);
    // The walk follows the same references.
    assert_eq!(
        strict.walk(&deep).undocumented,
        [""; 0],
        "data and children are described"
    );
    let open = schema(&contract, "Tree");
    assert_eq!(open.walk(&misspelt).undocumented, ["/children/0/daat"]);
}

#[test]
fn a_scope_reaches_over_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "api.yaml",
        "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n    Names: { $ref: names.yaml }\n    Ids: { $ref: 'models/ids.yaml#/lists/Ids' }\n    Page: { $ref: models/page.yaml }\n",
    );
    write(
        "names.yaml",
        "$ref: models/page.yaml\n$defs: { item: { $dynamicAnchor: item, type: string } }\n",
    );
    std::fs::create_dir(folder.path().join("models")).unwrap();
    write(
        "models/ids.yaml",
        "lists:\n  Ids: { $ref: page.yaml }\n  Item: { $dynamicAnchor: item, type: integer }\n",
    );
    write(
        "models/page.yaml",
        "type: object\nproperties: { items: { type: array, items: { $dynamicRef: '#item' } } }\n$defs: { item: { $dynamicAnchor: item } }\n",
    );
    let mut diagnostics = Diagnostics::new();
    let path: &Path = folder.path();
    let contract = load(&Folder::new(path), "api.yaml", &mut diagnostics).unwrap();
    contract.compile(&mut diagnostics);
    assert_eq!(diagnostics.render(Style::Plain), "");
    let wrong = |name: &str, value| violations(schema(&contract, name), &value).len();
    assert_eq!(wrong("Names", json!({"items": ["a"]})), 0);
    assert_eq!(wrong("Names", json!({"items": [1]})), 1);
    assert_eq!(wrong("Ids", json!({"items": [1]})), 0);
    assert_eq!(wrong("Ids", json!({"items": ["a"]})), 1);
    assert_eq!(wrong("Page", json!({"items": ["a", 1]})), 0);
}

#[test]
fn without_a_dynamic_anchor_the_reference_is_a_plain_one() {
    let contract = sound(&format!(
        "{HEAD}{}",
        "
    Base:
      $id: https://example.com/base
      items: { $dynamicRef: '#item' }
      $defs: { item: { $anchor: item, type: integer } }
    Derived:
      $id: https://example.com/derived
      $ref: base
      $defs: { item: { $dynamicAnchor: item, type: string } }
    Pointer:
      $id: https://example.com/pointer
      items: { $dynamicRef: 'base#/$defs/item' }
      $defs: { item: { $dynamicAnchor: item, type: string } }
"
    ));
    for name in ["Base", "Derived", "Pointer"] {
        let found = schema(&contract, name);
        assert_eq!(violations(found, &json!([1])), [""; 0], "{name}");
        assert_eq!(violations(found, &json!(["a"])).len(), 1, "{name}");
    }
}

#[test]
fn the_same_anchor_in_two_resources_is_two_schemas() {
    let contract = sound(&format!(
        "{HEAD}{}",
        "
    A: { $id: 'https://example.com/a', $ref: '#it', $defs: { x: { $anchor: it, type: integer } } }
    B: { $id: 'https://example.com/b', $ref: '#it', $defs: { x: { $anchor: it, type: string } } }
    C: { $ref: 'https://example.com/a#it' }
    D: { properties: { deep: { $id: 'https://example.com/d', $anchor: it, type: boolean } } }
    E: { $ref: 'https://example.com/d#it' }
"
    ));
    for (name, right) in [
        ("A", json!(1)),
        ("B", json!("a")),
        ("C", json!(1)),
        ("D", json!({"deep": true})),
        ("E", json!(true)),
    ] {
        let found = schema(&contract, name);
        assert_eq!(violations(found, &right), [""; 0], "{name}");
    }
    for (name, wrong) in [
        ("A", json!("a")),
        ("B", json!(1)),
        ("C", json!("a")),
        ("D", json!({"deep": 1})),
        ("E", json!(1)),
    ] {
        let found = schema(&contract, name);
        assert_eq!(violations(found, &wrong).len(), 1, "{name}");
    }
}

#[test]
fn identifiers_are_keywords_of_schemas() {
    let data =
        "{ $id: 'https://example.com/item', $anchor: item, $dynamicAnchor: item, type: 'null' }";
    let contract = sound(&format!(
        "{HEAD}    A: {{ enum: [{data}] }}\n    B: {{ const: {data} }}\n    C: {{ default: {data}, examples: [{data}], example: {data}, x-note: {data}, unknown: {data} }}\n    D: {{ properties: {{ const: {{ $id: 'https://example.com/item', $anchor: item, type: integer }} }} }}\n    E: {{ $ref: 'https://example.com/item' }}\n    F: {{ $ref: 'https://example.com/item#item' }}\n"
    ));
    for name in ["E", "F"] {
        let found = schema(&contract, name);
        assert_eq!(violations(found, &json!(1)), [""; 0], "{name}");
        assert_eq!(violations(found, &json!(null)).len(), 1, "{name}");
    }
    let (_, rendered) = read(&format!(
        "{HEAD}    A: {{ enum: [{data}] }}\n    B: {{ $ref: '#item' }}\n"
    ));
    assert!(
        rendered.contains("no `$anchor` is called `item`"),
        "{rendered}"
    );
}

#[test]
fn openapi_3_0_has_no_identifiers() {
    // Generators leave `$id` in; by it, the reference would be relative to `A`.
    let text = "openapi: 3.0.3\ninfo: { title: T, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n    A: { $id: A, type: object, properties: { b: { $ref: '#/components/schemas/B' } } }\n    B: { type: integer }\n";
    let contract = sound(text);
    let found = schema(&contract, "A");
    assert_eq!(violations(found, &json!({"b": 1})), [""; 0]);
    assert_eq!(violations(found, &json!({"b": "x"})).len(), 1);
}

/// A schema and the file around it, referred to in this order: neither replaces the other.
#[test]
fn parts_of_a_file_and_the_file_are_both_schemas() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    for (version, order) in [("3.0.3", [0, 1]), ("3.1.0", [0, 1]), ("3.1.0", [1, 0])] {
        let schemas = [
            "    Item: { $ref: 'common.yaml#/defs/Item' }\n",
            "    Whole: { $ref: common.yaml }\n",
        ];
        let [first, second] = order.map(|i: usize| schemas[i]);
        write(
            "api.yaml",
            &format!(
                "openapi: {version}\ninfo: {{ title: T, version: '1' }}\npaths: {{}}\ncomponents:\n  schemas:\n{first}{second}"
            ),
        );
        write(
            "common.yaml",
            "type: object\nrequired: [a]\ndefs: { Item: { type: integer } }\n",
        );
        let mut diagnostics = Diagnostics::new();
        let contract = load(&Folder::new(folder.path()), "api.yaml", &mut diagnostics).unwrap();
        contract.compile(&mut diagnostics);
        assert_eq!(diagnostics.render(Style::Plain), "");
        let wrong = |name: &str, value| violations(schema(&contract, name), &value).len();
        assert_eq!(wrong("Item", json!(1)), 0);
        assert_eq!(wrong("Item", json!("a")), 1);
        assert_eq!(wrong("Whole", json!({"a": 1})), 0);
        assert_eq!(wrong("Whole", json!({})), 1);
    }
}

#[test]
fn a_contract_may_refer_to_the_metaschema() {
    let contract = sound(&format!(
        "{HEAD}    S: {{ type: object, properties: {{ schema: {{ $ref: 'https://json-schema.org/draft/2020-12/schema' }} }} }}\n"
    ));
    let found = schema(&contract, "S");
    let nested =
        |keyword: &str, value| json!({"schema": {"properties": {"a": { keyword: value }}}});
    assert_eq!(violations(found, &nested("minLength", json!(1))), [""; 0]);
    assert_eq!(violations(found, &nested("$ref", json!("#/x"))), [""; 0]);
    for (keyword, value) in [
        ("minLength", json!(-1)),
        ("type", json!("text")),
        ("$ref", json!(1)),
    ] {
        assert_ne!(
            violations(found, &nested(keyword, value)),
            [""; 0],
            "{keyword}"
        );
    }
}
