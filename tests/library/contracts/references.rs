//! References: within a document, to files beside it, by anchor and `$id`.

use std::path::Path;
use std::sync::Arc;

use counterpart::contract::{Contract, load};
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::Folder;
use http::{Method, StatusCode};
use serde_json::json;

use super::{schema, sound, violations};

#[test]
fn a_contract_may_be_spread_over_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/contracts");
    let mut diagnostics = Diagnostics::new();
    let contract =
        load(&Folder::new(&folder), "split/api.yaml", &mut diagnostics).expect("a contract");
    contract.compile(&mut diagnostics);
    assert_eq!(diagnostics.render(Style::Plain), "");
    let operation = contract.operation(&Method::GET, "/things/{id}").unwrap();
    assert_eq!(operation.parameters[0].name, "id");
    assert!(operation.place.source.name().ends_with("split/paths.yaml"));
    let local = operation.response(StatusCode::OK).unwrap().content[0]
        .schema
        .clone()
        .unwrap();
    let good = json!({
        "shape": {"inside": {"inside": {}}, "owner": 7},
        "size": 1.5, "corner": {"angle": 90, "next": {"angle": 1}}, "odd/~name%": true,
    });
    assert_eq!(violations(&local, &good), [""; 0]);
    let bad = json!({
        "shape": {"inside": {"inside": 1}, "owner": "x"},
        "size": "big", "corner": {"angle": 400, "next": {"angle": "x"}}, "odd/~name%": 1,
    });
    assert_eq!(
        violations(&local, &bad),
        [
            r#"/corner/angle maximum /$defs/Corner/$defs/angle/maximum: 400 is greater than 360"#,
            r#"/corner/next/angle type /$defs/Corner/$defs/angle/type: "x" is not of type integer"#,
            "/odd~1~0name% type /components/schemas/odd~1~0name%/type: 1 is not of type boolean",
            "/shape/inside/inside type /$defs/Shape/type: 1 is not of type object",
            r#"/shape/owner type /id/schema/type: "x" is not of type integer"#,
            r#"/size type /$defs/Size/type: "big" is not of type number"#,
        ]
    );
    let corner = local.violations(&bad).remove(0);
    assert!(
        corner
            .place
            .place
            .source
            .name()
            .ends_with("split/models/shape.json")
    );
    assert_eq!(corner.place.place.text(), "\"maximum\": 360");
}

/// The contract `path` in a folder with these files, and its diagnostics.
fn load_files(files: &[(&str, &str)], path: &str) -> (Option<Arc<Contract>>, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let mut diagnostics = Diagnostics::new();
    let contract = load(&Folder::new(folder.path()), path, &mut diagnostics);
    if let Some(contract) = &contract {
        contract.compile(&mut diagnostics);
    }
    diagnostics.sort();
    let rendered = diagnostics.render(Style::Plain);
    (
        contract,
        rendered.replace(&format!("{}/", folder.path().display()), ""),
    )
}

/// The same for a contract without diagnostics.
fn sound_files(files: &[(&str, &str)], path: &str) -> Arc<Contract> {
    let (contract, rendered) = load_files(files, path);
    assert_eq!(rendered, "");
    contract.unwrap()
}

/// One operation with a response for each schema, by status from 200 on.
fn with_responses(schemas: &[&str]) -> String {
    let mut text = String::from(
        "openapi: 3.0.3\ninfo: { title: T, version: '1' }\npaths:\n  /a:\n    get:\n      responses:\n",
    );
    for (i, schema) in schemas.iter().enumerate() {
        text.push_str(&format!(
            "        '{}': {{ description: d, content: {{ application/json: {{ schema: {schema} }} }} }}\n",
            200 + i
        ));
    }
    text
}

/// The violations of each response's schema.
fn judged(contract: &Contract, value: &serde_json::Value) -> Vec<Vec<String>> {
    let responses = &contract.operations[0].responses;
    let schemas = responses
        .iter()
        .map(|response| response.content[0].schema.as_ref());
    schemas
        .map(|schema| violations(schema.unwrap(), value))
        .collect()
}

#[test]
fn a_file_may_be_used_as_a_whole_and_in_parts() {
    let common = "type: object\nrequired: [id]\nproperties:\n  id: { type: integer }\n  of: { $ref: '#/defs/Item' }\n\
                  defs:\n  Item: { type: string }\n  Deep: { nullable: true, allOf: [ { type: string } ], x-defs: { Length: { type: string, minLength: 2 } } }\n";
    let whole = "{ $ref: common.yaml }";
    let part = "{ $ref: 'common.yaml#/defs/Item' }";
    let deep = "{ $ref: 'common.yaml#/defs/Deep' }";
    let below = "{ $ref: 'common.yaml#/defs/Deep/x-defs/Length' }";
    // Each order of whole and parts.
    for schemas in [
        [whole, part, deep, below],
        [part, whole, below, deep],
        [below, deep, part, whole],
        [deep, below, whole, part],
    ] {
        let files = [
            ("api.yaml", with_responses(&schemas)),
            ("common.yaml", common.to_owned()),
        ];
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        let contract = sound_files(&files, "api.yaml");
        let verdicts = |value: &serde_json::Value| {
            let judged = judged(&contract, value);
            let of = |schema: &str| {
                let i = schemas.iter().position(|known| *known == schema).unwrap();
                judged[i].len()
            };
            [of(whole), of(part), of(deep), of(below)]
        };
        assert_eq!(verdicts(&json!("x")), [1, 0, 0, 1], "{schemas:?}");
        assert_eq!(verdicts(&json!("xy")), [1, 0, 0, 0], "{schemas:?}");
        assert_eq!(
            verdicts(&json!({"id": 1, "of": "x"})),
            [0, 1, 1, 1],
            "{schemas:?}"
        );
        assert_eq!(
            verdicts(&json!({"id": 1, "of": 2})),
            [1, 1, 1, 1],
            "{schemas:?}"
        );
        assert_eq!(verdicts(&json!(null)), [1, 1, 0, 1], "{schemas:?}");
    }
}

#[test]
fn references_may_lead_anywhere_in_the_folder_of_the_system() {
    let api = with_responses(&["{ $ref: '../../common/x.yaml#/Id' }", "{ $ref: ../y.json }"]);
    let files = [
        ("shop/v1/rest/api.yaml", api.as_str()),
        ("shop/common/x.yaml", "Id: { $ref: '../v1/y.json' }\n"),
        ("shop/v1/y.json", "{\"type\": \"integer\"}"),
        ("other/z.yaml", "{ type: integer }\n"),
    ];
    let contract = sound_files(&files, "shop/v1/rest/api.yaml");
    assert_eq!(judged(&contract, &json!(1)), [[""; 0]; 2]);
    assert_eq!(judged(&contract, &json!("x")).concat().len(), 2);
    for outside in [
        "../../../other/z.yaml",
        "../../../../z.yaml",
        "../../%2e%2e/other/z.yaml",
        "../../../shopping/z.yaml",
    ] {
        let api = with_responses(&[&format!("{{ $ref: '{outside}' }}")]);
        let files = [
            ("shop/v1/rest/api.yaml", api.as_str()),
            ("other/z.yaml", "{ type: integer }\n"),
            ("shopping/z.yaml", "{ type: integer }\n"),
        ];
        let (_, rendered) = load_files(&files, "shop/v1/rest/api.yaml");
        assert!(
            rendered.starts_with(
                "error[outside-ref]: this reference leads outside the folder of the contract's system\n --> shop/v1/rest/api.yaml:7:"
            ),
            "{rendered}"
        );
    }
}

#[test]
fn a_discriminator_may_map_to_files() {
    let pet = "oneOf: [ { $ref: 'cat.yaml' }, { $ref: '../common/dogs.yaml#/Dog' } ]\n\
               discriminator: { propertyName: kind, mapping: { c: cat.yaml, d: '../common/dogs.yaml#/Dog' } }\n";
    let api = with_responses(&["{ $ref: models/pet.yaml }"]);
    let cat = "{ type: object, required: [kind, lives], properties: { kind: { type: string }, lives: { type: integer } } }\n";
    let dogs = "Dog: { type: object, required: [kind, tricks], properties: { kind: { type: string }, tricks: { type: integer } } }\n";
    let files = [
        ("pets/api.yaml", api.as_str()),
        ("pets/models/pet.yaml", pet),
        ("pets/models/cat.yaml", cat),
        ("pets/common/dogs.yaml", dogs),
    ];
    let contract = sound_files(&files, "pets/api.yaml");
    assert_eq!(
        judged(&contract, &json!({"kind": "c", "lives": 9})),
        [[""; 0]]
    );
    assert_eq!(
        judged(&contract, &json!({"kind": "d", "tricks": 1})),
        [[""; 0]]
    );
    assert_ne!(
        judged(&contract, &json!({"kind": "d", "tricks": "x"})),
        [[""; 0]]
    );
}

/// A file that only the mapping names is read as well, and a name of no schema is called that.
#[test]
fn what_a_mapping_names_is_found_or_reported_as_what_it_is() {
    let api = |mapped: &str| {
        format!(
            "openapi: 3.0.3\ninfo: {{ title: T, version: '1' }}\npaths: {{}}\ncomponents:\n  schemas:\n    Pet: {{ type: object, properties: {{ kind: {{ type: string }} }}, discriminator: {{ propertyName: kind, mapping: {{ c: {mapped} }} }} }}\n    Cat: {{ allOf: [ {{ $ref: '#/components/schemas/Pet' }} ] }}\n"
        )
    };
    let cat = "{ required: [lives] }\n";
    let text = api("./cat.yaml");
    sound_files(&[("api.yaml", &text), ("cat.yaml", cat)], "api.yaml");
    for (mapped, message) in [
        ("Cta", "no schema is called `Cta`"),
        (
            "dog.yaml",
            "cannot read the file this reference names, dog.yaml: no such file",
        ),
        (
            "'cat.yaml#/Dog'",
            "this reference leads nowhere: the document has no `Dog`",
        ),
    ] {
        let text = api(mapped);
        let (_, rendered) = load_files(&[("api.yaml", &text), ("cat.yaml", cat)], "api.yaml");
        let expected = format!("error[unresolved-ref]: {message}\n --> api.yaml:6:");
        assert!(rendered.starts_with(&expected), "{rendered}");
    }
    let text = api("Cta");
    let (_, rendered) = load_files(&[("api.yaml", &text)], "api.yaml");
    assert!(rendered.contains("did you mean `Cat`?"), "{rendered}");
}

#[test]
fn a_contract_in_utf_16_is_read_and_other_encodings_are_named() {
    let text = "openapi: 3.1.0\ninfo: { title: Café, version: '1' }\npaths: {}\n";
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let utf16: Vec<u8> = format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    write("wide.yaml", &utf16);
    write("marked.yaml", format!("\u{feff}{text}").as_bytes());
    write(
        "latin.yaml",
        &text
            .replace('é', "\u{1}")
            .bytes()
            .map(|b| if b == 1 { 0xe9 } else { b })
            .collect::<Vec<_>>(),
    );
    let files = Folder::new(folder.path());
    for name in ["wide.yaml", "marked.yaml"] {
        let mut diagnostics = Diagnostics::new();
        let contract = load(&files, name, &mut diagnostics).unwrap();
        assert!(
            diagnostics.is_empty(),
            "{}",
            diagnostics.render(Style::Plain)
        );
        assert_eq!(contract.title, "Café");
    }
    let mut diagnostics = Diagnostics::new();
    assert!(load(&files, "latin.yaml", &mut diagnostics).is_none());
    let rendered = diagnostics.render(Style::Plain);
    assert!(
        rendered.contains("Latin-1") && rendered.contains("line 2"),
        "{rendered}"
    );
    assert!(!rendered.contains("did you mean"), "{rendered}");
}

#[test]
fn a_dynamic_reference_within_one_document_leads_to_its_anchor() {
    let contract = sound(
        "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n    Node: { $dynamicAnchor: node, type: object, properties: { next: { $dynamicRef: '#node' } } }\n",
    );
    let node = schema(&contract, "Node");
    assert_eq!(violations(node, &json!({"next": {"next": {}}})), [""; 0]);
    assert_eq!(
        violations(node, &json!({"next": {"next": 1}})),
        ["/next/next type /components/schemas/Node/type: 1 is not of type object"]
    );
}

#[test]
fn a_reference_in_a_description_or_example_is_ignored() {
    sound(
        "openapi: 3.1.0\ninfo: { title: T, version: '1', description: { $ref: intro.md } }\npaths: {}\ncomponents:\n  schemas:\n    S: { example: { $ref: '#/nowhere' }, default: { $ref: 'https://example.com' }, enum: [ { $ref: nowhere } ] }\n",
    );
}

#[test]
fn long_chains_and_deep_nests_are_followed() {
    let mut text = String::from(
        "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n",
    );
    for i in 0..300 {
        text.push_str(&format!(
            "    S{i}: {{ properties: {{ next: {{ $ref: '#/components/schemas/S{}' }} }} }}\n",
            i + 1
        ));
    }
    text.push_str("    S300: { type: integer }\n");
    let contract = sound(&text);
    let mut value = json!("end");
    for _ in 0..300 {
        value = json!({ "next": value });
    }
    let first = schema(&contract, "S0");
    assert_eq!(first.violations(&value).len(), 1);
}

#[test]
fn unreadable_files_are_reported_with_the_nearest_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/contracts");
    let mut diagnostics = Diagnostics::new();
    assert!(load(&Folder::new(&folder), "petstor-3.0.yaml", &mut diagnostics).is_none());
    assert_eq!(
        diagnostics.render(Style::Plain),
        "error[unreadable-file]: cannot read the contract petstor-3.0.yaml: no such file\n |\n = help: did you mean `petstore-3.0.yaml`?"
    );
    let (contract, rendered) = read_only(&format!("{HEAD}    S: {{ $ref: other.yaml }}\n"));
    assert!(
        rendered.contains("outside-ref") && rendered.contains("without its folder"),
        "{rendered}"
    );
    assert!(schema(&contract, "S").violations(&json!(1)).is_empty());
}

/// Thousands of schemas in a row, each only a reference to the next: neither a hang nor a stack overflow.
#[test]
fn hostile_chains_are_survived() {
    for (link, wrong) in [
        ("{ $ref: '#/components/schemas/S@' }", json!("x")),
        (
            "{ $ref: '#/components/schemas/S@', title: x, minLength: 0 }",
            json!("x"),
        ),
        (
            "{ allOf: [ { $ref: '#/components/schemas/S@' } ] }",
            json!("x"),
        ),
    ] {
        let mut text = String::from(HEAD);
        for i in 0..3000 {
            text.push_str(&format!(
                "    S{i}: {}\n",
                link.replace('@', &(i + 1).to_string())
            ));
        }
        text.push_str("    S3000: { type: integer }\n");
        let (contract, rendered) = read_only(&text);
        assert_eq!(rendered, "");
        let first = schema(&contract, "S0");
        assert_eq!(first.violations(&json!(1)).len(), 0);
        assert_eq!(
            violations(first, &wrong),
            [r#" type /components/schemas/S3000/type: "x" is not of type integer"#]
        );
        assert!(first.walk(&wrong).undocumented.is_empty());
    }
}

#[test]
fn a_chain_that_is_too_long_is_refused() {
    let mut text = String::from(HEAD);
    for i in 0..7000 {
        text.push_str(&format!(
            "    S{i}: {{ not: {{ not: {{ $ref: '#/components/schemas/S{}' }} }} }}\n",
            i + 1
        ));
    }
    text.push_str("    S7000: { type: integer }\n");
    let (contract, rendered) = read_only(&text);
    assert_eq!(rendered, "");
    let mut diagnostics = Diagnostics::new();
    contract.compile(&mut diagnostics);
    let first = diagnostics.iter().next().unwrap();
    assert_eq!(first.code, "invalid-schema");
    assert_eq!(
        first.message,
        "this schema cannot be used: schemas lead to each other over more than 20000 steps"
    );
    let violations = schema(&contract, "S0").violations(&json!(1));
    assert_eq!(
        violations.len(),
        1,
        "no violation would look like a valid value"
    );
    assert_eq!(violations[0].keyword, "$schema");
}

/// As deep as documents may be nested.
#[test]
fn deep_nests_are_survived() {
    let text = format!(
        "{HEAD}    S: {}{}{}\n",
        "{ not: ".repeat(190),
        "{ type: integer }",
        " }".repeat(190)
    );
    let (contract, rendered) = read_only(&text);
    assert_eq!(rendered, "");
    assert_eq!(schema(&contract, "S").violations(&json!(1)).len(), 0);
    assert_eq!(schema(&contract, "S").violations(&json!("x")).len(), 1);
}

const HEAD: &str =
    "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n";

/// Without compiling everything.
fn read_only(text: &str) -> (std::sync::Arc<counterpart::contract::Contract>, String) {
    let mut diagnostics = Diagnostics::new();
    let source = counterpart::source::Source::new("api.yaml", text);
    let contract = counterpart::contract::load_source(source, &mut diagnostics).unwrap();
    (contract, diagnostics.render(Style::Plain))
}
