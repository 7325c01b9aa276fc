//! The JSON Schemas for editors accept and refuse the same files as the loader.

use counterpart::diagnostic::Diagnostics;
use counterpart::document::Document;
use counterpart::source::{Files, Folder, Source};
use serde_json::Value;

use super::{fixtures, fixtures_in, read};

fn schema(name: &str) -> Value {
    let path = fixtures().join("../../../schemas").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn case_file() -> jsonschema::Validator {
    let schema = schema("case-file.schema.json");
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// The schema of system files, with the definitions of case files that it refers to.
fn system_file() -> jsonschema::Validator {
    let mut schema = schema("system-file.schema.json");
    let case_file = self::schema("case-file.schema.json");
    for (name, definition) in case_file["$defs"].as_object().unwrap() {
        let before = schema["$defs"]
            .as_object_mut()
            .unwrap()
            .insert(name.clone(), definition.clone());
        assert!(before.is_none(), "both schemas define {name}");
    }
    let text = schema.to_string().replace("case-file.schema.json#/", "#/");
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

fn value(path: &str) -> Value {
    let mut diagnostics = Diagnostics::new();
    let document = Document::parse(Source::new(path, read(path)), &mut diagnostics);
    document
        .unwrap_or_else(|| panic!("{path} is not YAML"))
        .root
        .to_json()
}

/// What the schema of case files reports about a text.
pub fn faults_of_case_file(text: &str) -> Vec<String> {
    static SCHEMA: std::sync::OnceLock<jsonschema::Validator> = std::sync::OnceLock::new();
    let mut diagnostics = Diagnostics::new();
    let document = Document::parse(Source::new("a.yaml", text), &mut diagnostics);
    let value = document.unwrap().root.to_json();
    faults(SCHEMA.get_or_init(case_file), &value)
}

/// What the schema of system files reports about a text.
pub fn faults_of_system_file(text: &str) -> Vec<String> {
    let mut diagnostics = Diagnostics::new();
    let document = Document::parse(Source::new("a.yaml", text), &mut diagnostics);
    faults(&system_file(), &document.unwrap().root.to_json())
}

fn faults(validator: &jsonschema::Validator, value: &Value) -> Vec<String> {
    validator
        .iter_errors(value)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect()
}

#[test]
fn valid_files_are_accepted() {
    let validator = case_file();
    for path in [
        "valid/shop/everything.yaml",
        "valid/shop/customers/create.yaml",
    ] {
        assert_eq!(
            faults(&validator, &value(path)),
            Vec::<String>::new(),
            "{path}"
        );
    }
    assert_eq!(
        faults(&system_file(), &value("valid/shop/system.yaml")),
        Vec::<String>::new()
    );
}

/// Faults that the shape alone cannot show: what names refer to, whether a pattern or expression is valid.
const SHAPE_IS_RIGHT: [&str; 12] = [
    "ambiguous.yaml",
    "body-value.yaml",
    "duplicate-case.yaml",
    "duplicate-key.yaml",
    "no-contract.yaml",
    "polling.yaml",
    "profile.yaml",
    "setup-values.yaml",
    "template.yaml",
    "unknown-operation.yaml",
    "unused.yaml",
    "variable.yaml",
];

#[test]
fn files_with_an_invalid_shape_are_refused() {
    let validator = case_file();
    let mut refused = 0;
    for name in fixtures_in("broken") {
        if name == "syntax.yaml" {
            continue;
        }
        let value = value(&format!("broken/{name}"));
        let is_refused = !validator.is_valid(&value);
        assert_eq!(
            is_refused,
            !SHAPE_IS_RIGHT.contains(&name.as_str()),
            "{name}: refused: {is_refused}"
        );
        refused += usize::from(is_refused);
    }
    assert!(refused >= 15, "{refused}");
    for name in fixtures_in("broken-system") {
        assert!(
            !system_file().is_valid(&value(&format!("broken-system/{name}"))),
            "{name}"
        );
    }
}

#[test]
fn every_case_of_a_broken_file_is_refused_separately() {
    // One broken case would hide that the schema accepts the others.
    let validator = case_file();
    for name in [
        "body.yaml",
        "call-shape.yaml",
        "each.yaml",
        "expect-message.yaml",
        "expect.yaml",
        "parallel.yaml",
        "sending.yaml",
        "steps.yaml",
        "versions.yaml",
    ] {
        let file = value(&format!("broken/{name}"));
        for case in file["cases"].as_array().unwrap() {
            let file = serde_json::json!({ "contract": "shop/customers.yaml", "cases": [case] });
            // Rows that differ in their columns, or read a variable, are well-formed.
            let beyond_shape = ["uneven", "variable"]
                .iter()
                .any(|&beyond| case["name"] == beyond);
            let as_header = case["name"] == "type as header";
            assert_eq!(
                validator.is_valid(&file),
                beyond_shape || as_header,
                "{name}: {case}"
            );
        }
    }
}

#[test]
fn shipped_case_files_are_accepted() {
    let cases = Folder::new(fixtures().join("../../../cases"));
    let (case_file, system_file) = (case_file(), system_file());
    let mut seen = 0;
    for path in cases.list("") {
        if !path.ends_with(".yaml") {
            continue;
        }
        let source = cases.read(&path).unwrap();
        let document = Document::parse(source, &mut Diagnostics::new()).unwrap();
        let validator = match path.ends_with("/system.yaml") {
            true => &system_file,
            false => &case_file,
        };
        let faults = faults(validator, &document.root.to_json());
        assert_eq!(faults, Vec::<String>::new(), "{path}");
        seen += 1;
    }
    assert!(seen > 10, "{seen} files");
}

/// Editors show the description and the examples of each key.
#[test]
fn every_key_has_a_description_and_an_example() {
    let files =
        ["case-file.schema.json", "system-file.schema.json"].map(|name| (name, schema(name)));
    let mut lacking = Vec::new();
    let mut seen = 0;
    for (name, root) in &files {
        for (pointer, key, property) in keys(root) {
            seen += 1;
            for word in ["description", "examples"] {
                if !says(&files, name, property, word, 4) {
                    lacking.push(format!("{name}#{pointer}/{key}: {word}"));
                }
            }
        }
    }
    assert_eq!(lacking, Vec::<String>::new());
    assert!(seen > 200, "{seen} keys");
}

/// The keys that the mappings of a schema may have: where, name, schema. Conditions on them are left out.
fn keys(root: &Value) -> Vec<(String, &str, &Value)> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), root)];
    while let Some((pointer, value)) = open.pop() {
        let below: Vec<(String, &Value)> = match value {
            Value::Object(entries) => {
                if let Some(Value::Object(properties)) = entries.get("properties") {
                    let keys = properties.iter().filter(|(_, schema)| schema.is_object());
                    found.extend(keys.map(|(key, schema)| (pointer.clone(), key.as_str(), schema)));
                }
                let beside = ["examples", "if", "not", "then"];
                let entries = entries.iter();
                let entries = entries.filter(|(key, _)| !beside.contains(&key.as_str()));
                entries
                    .map(|(key, value)| (format!("{pointer}/{key}"), value))
                    .collect()
            }
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, value)| (format!("{pointer}/{index}"), value))
                .collect(),
            _ => Vec::new(),
        };
        open.extend(below);
    }
    found
}

/// Whether a schema, or the one that it refers to, has a keyword.
fn says(files: &[(&str, Value)], file: &str, schema: &Value, word: &str, depth: u8) -> bool {
    if schema.get(word).is_some() || schema.as_object().is_none() {
        return true;
    }
    let Some((name, pointer)) = schema["$ref"]
        .as_str()
        .and_then(|text| text.split_once('#'))
    else {
        return false;
    };
    let name = if name.is_empty() { file } else { name };
    let root = files.iter().find(|(known, _)| *known == name);
    let target = root.and_then(|(_, root)| root.pointer(pointer));
    depth > 0 && target.is_some_and(|target| says(files, name, target, word, depth - 1))
}
