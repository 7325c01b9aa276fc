//! Published documents of a real Magento, where the folder of shared material exists.

use std::sync::Arc;

use counterpart::contract::{Contract, load};
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::Folder;
use http::{Method, StatusCode};
use serde_json::Value;

use crate::shared::shared;

fn contract(name: &str) -> Option<Arc<Contract>> {
    let folder = shared("contracts")?;
    let mut diagnostics = Diagnostics::new();
    let contract = load(&Folder::new(folder), name, &mut diagnostics);
    let contract = contract.unwrap_or_else(|| panic!("{}", diagnostics.render(Style::Plain)));
    contract.compile(&mut diagnostics);
    assert_eq!(diagnostics.render(Style::Plain), "", "{name}");
    Some(contract)
}

fn figures(name: &str) -> Option<(usize, usize, usize)> {
    let contract = contract(name)?;
    let paths: std::collections::HashSet<&str> = contract
        .operations
        .iter()
        .map(|operation| operation.path.as_str())
        .collect();
    Some((
        paths.len(),
        contract.operations.len(),
        contract.definitions.len(),
    ))
}

#[test]
fn all_documents_load_without_diagnostics_and_every_schema_compiles() {
    for (name, expected) in [
        ("magento-admin-2.4.9.swagger.yaml", (493, 614, 501)),
        ("magento-admin-2.4.8.swagger.yaml", (477, 594, 497)),
        ("magento-guest-2.4.9.swagger.yaml", (68, 78, 145)),
        ("magento-live-2.4.7-admin.swagger.json", (321, 406, 395)),
        ("magento-live-2.4.7-customer.swagger.json", (19, 22, 18)),
    ] {
        if let Some(found) = figures(name) {
            assert_eq!(found, expected, "{name}");
        }
    }
}

#[test]
fn the_paths_of_both_versions_are_counted() {
    let Some(contract) = contract("magento-admin-2.4.9.swagger.yaml") else {
        return;
    };
    let mut paths: Vec<&str> = contract
        .operations
        .iter()
        .map(|operation| operation.path.as_str())
        .collect();
    paths.dedup();
    let below = |version: &str| {
        paths
            .iter()
            .filter(|path| path.starts_with(version))
            .count()
    };
    assert_eq!((below("/V1/"), below("/V2/")), (489, 4));
}

#[test]
fn recorded_responses_of_a_real_magento_satisfy_its_contract() {
    let (Some(contract), Some(har)) = (
        contract("magento-live-2.4.7-admin.swagger.json"),
        shared("magento/recorded-2.4.7.har"),
    ) else {
        return;
    };
    assert_eq!(contract.base_path, "/rest/all");
    let operation = contract.matching(&Method::GET, "/V1/customers/me").unwrap();
    let response = operation.response(StatusCode::OK).unwrap();
    let schema = response.content[0].schema.as_ref().unwrap();
    let har: Value = serde_json::from_str(&std::fs::read_to_string(har).unwrap()).unwrap();
    let mut bodies = 0;
    for entry in har["log"]["entries"].as_array().unwrap() {
        let url = entry["request"]["url"].as_str().unwrap();
        let json = entry["response"]["content"]["mimeType"]
            .as_str()
            .unwrap()
            .contains("json");
        let is_customer_response =
            json && entry["request"]["method"] == "GET" && entry["response"]["status"] == 200;
        if !is_customer_response || !url.ends_with("/rest/default/V1/customers/me") {
            continue;
        }
        let text = entry["response"]["content"]["text"].as_str().unwrap();
        let body: Value = serde_json::from_str(text).unwrap();
        assert_eq!(super::violations(schema, &body), [""; 0], "{text}");
        assert_eq!(schema.walk(&body).undocumented, [""; 0], "{text}");
        bodies += 1;
    }
    // 26 responses, 4 of them XML.
    assert_eq!(bodies, 22);
}
