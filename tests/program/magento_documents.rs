//! The documented contract of Magento's customer area, and where the real server is known to deviate from it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use counterpart::contract::{Contract, Loader, Operation, Reading};
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::Folder;
use serde_json::Value;

use crate::shared::shared;

/// The documents of the customer area; `components.yaml` has no operations.
const AREAS: [&str; 5] = [
    "accounts.yaml",
    "addresses.yaml",
    "customer-groups.yaml",
    "customers.yaml",
    "tokens.yaml",
];

/// Operations below the same paths that belong to other areas: store credit and carts.
const ELSEWHERE: [&str; 2] = [
    "GET /V1/customers/{customerId}/balance/{websiteId}",
    "POST /V1/customers/{customerId}/carts",
];

/// All deviations of a faithful server from the document; numbers are `*`. Any other deviation fails the test, so that unnecessary
/// corrections are found as well as missing ones.
const KNOWN_DEVIATIONS: [(&str, &str); 14] = [
    // Declared a list of objects: an object where placeholders have names, a list of scalars where they are counted.
    ("body-schema", "body /parameters"),
    ("body-schema", "body /parameters/*"),
    ("body-schema", "body /errors/*/parameters"),
    // Declared an address: an empty list where there is none.
    ("body-schema", "body"),
    // Declared texts: null where there is no region, or where no direction or no value of a filter was sent.
    ("body-schema", "body /addresses/*/region/region"),
    ("body-schema", "body /addresses/*/region/region_code"),
    (
        "body-schema",
        "body /search_criteria/sort_orders/*/direction",
    ),
    (
        "body-schema",
        "body /search_criteria/filter_groups/*/filters/*/value",
    ),
    // Without hints for XML: lists have an element `item` for each of their items.
    ("body-schema", "body /items/*"),
    ("body-schema", "body /messages/*"),
    ("body-schema", "body /street/*"),
    ("body-undocumented-property", "body /items/*/item"),
    ("body-undocumented-property", "body /parameters/*/item"),
    (
        "body-undocumented-property",
        "body /search_criteria/filter_groups/*/item",
    ),
];

#[test]
fn against_the_documented_contract_a_faithful_server_shows_only_the_known_deviations() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("events.jsonl");
    let output = Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .args(["run", "--system", "magento", "--contract", "documented"])
        .arg("--report")
        .arg(format!("json={}", report.display()))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let mut seen = BTreeSet::new();
    for line in std::fs::read_to_string(&report).unwrap().lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let steps = event["steps"].as_array().into_iter().flatten();
        for finding in steps.flat_map(|step| step["findings"].as_array().into_iter().flatten()) {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            seen.insert((text("code"), without_numbers(&text("at"))));
        }
    }
    let known = KNOWN_DEVIATIONS.map(|(code, at)| (code.to_owned(), at.to_owned()));
    assert_eq!(seen, BTreeSet::from(known));
}

fn without_numbers(place: &str) -> String {
    let parts = place
        .split('/')
        .map(|part| match part.parse::<u64>().is_ok() {
            true => "*",
            false => part,
        });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn the_contracts_have_the_operations_statuses_and_parameters_of_the_published_document() {
    let Some(published) = shared("contracts") else {
        return;
    };
    let document = contract(&published, "magento-admin-2.4.9.swagger.yaml");
    let published: BTreeMap<String, String> = document
        .operations
        .iter()
        .filter(|operation| is_of_the_area(operation))
        .map(|operation| (operation.name().to_string(), shape(operation)))
        .collect();
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/magento");
    let ours: BTreeMap<String, String> = AREAS
        .iter()
        .flat_map(|area| contract(&schemas, area).operations.clone())
        .map(|operation| (operation.name().to_string(), shape(&operation)))
        .collect();
    assert_eq!(ours, published);
    assert_eq!(ours.len(), 38);
}

fn is_of_the_area(operation: &Operation) -> bool {
    let areas = [
        "/V1/customers",
        "/V1/addresses",
        "/V1/customerGroups",
        "/V1/integration/admin/",
        "/V1/integration/customer/",
    ];
    areas.iter().any(|area| operation.path.starts_with(area))
        && !operation.path.contains("ompan")
        && !ELSEWHERE.contains(&operation.name().as_ref())
}

/// The parts that must be equal, as text for the message of a failed comparison.
fn shape(operation: &Operation) -> String {
    let statuses: BTreeSet<String> = operation
        .responses
        .iter()
        .map(|response| format!("{:?}", response.status))
        .collect();
    let parameters: BTreeSet<String> = operation
        .parameters
        .iter()
        .map(|parameter| {
            let required = parameter.required;
            format!(
                "{:?} {} required={required}",
                parameter.location, parameter.name
            )
        })
        .collect();
    let body = operation.request_body.as_ref().map(|body| body.required);
    let id = &operation.operation_id;
    format!("{id:?} {statuses:?} {parameters:?} body required={body:?}")
}

fn contract(folder: &Path, name: &str) -> std::sync::Arc<Contract> {
    let mut diagnostics = Diagnostics::new();
    let files = Folder::new(folder.to_owned());
    let read = Loader::new(&files, Reading::Documented).load(name, &mut diagnostics);
    read.unwrap_or_else(|| panic!("{}", diagnostics.render(Style::Plain)))
}
