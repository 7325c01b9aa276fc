//! The JSON document and its schema.

use serde_json::{Value, json};

use super::project::{CASES, Project};

const SCHEMA: &str = include_str!("../../../schemas/coverage.schema.json");

#[test]
fn it_satisfies_its_schema_and_a_damaged_one_does_not() {
    let project = Project::with(CASES);
    project.run("--report coverage=coverage.json").with(0, &[]);
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document: Value = serde_json::from_str(&project.read("coverage.json")).unwrap();
    let faults: Vec<_> = validator
        .iter_errors(&document)
        .map(|fault| fault.to_string())
        .collect();
    assert!(faults.is_empty(), "{faults:?}");
    let points = document["systems"][0]["points"].as_array().unwrap();
    // The schema would also accept an empty document.
    for key in ["excluded", "step"] {
        assert!(points.iter().any(|point| point.get(key).is_some()), "{key}");
    }
    for (pointer, value) in [
        ("/format", json!(2)),
        ("/systems/0/levels/0/level", json!("paths")),
        ("/systems/0/levels/0/percent", json!(100.1)),
        ("/systems/0/levels", json!([])),
        ("/systems/0/points/0/covered", json!("yes")),
        ("/systems/0/points/0/line", json!(0)),
        ("/systems/0/points/0", json!({})),
    ] {
        let mut spoiled = document.clone();
        *spoiled.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&spoiled), "{pointer}");
    }
    let mut more = document;
    more["systems"][0]["points"][0]["unheard"] = json!(1);
    assert!(!validator.is_valid(&more));
}
