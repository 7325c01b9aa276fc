//! The petstore in each dialect: one model, whatever dialect it is written in.

use std::path::Path;
use std::sync::Arc;

use counterpart::contract::{Contract, ParameterLocation, Security, StatusKey, load};
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::Folder;
use http::{Method, StatusCode};
use serde_json::json;

use super::violations;

fn petstore(version: &str) -> Arc<Contract> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/contracts");
    let mut diagnostics = Diagnostics::new();
    let contract = load(
        &Folder::new(folder),
        &format!("petstore-{version}.yaml"),
        &mut diagnostics,
    );
    let contract = contract.expect("a contract");
    contract.compile(&mut diagnostics);
    assert_eq!(diagnostics.render(Style::Plain), "");
    contract
}

#[test]
fn the_dialects_agree() {
    for version in ["2.0", "3.0", "3.1"] {
        let contract = petstore(version);
        assert_eq!(contract.base_path, "/v1", "{version}");
        assert_eq!(contract.version, "1.0.0");
        let names: Vec<String> = contract
            .operations
            .iter()
            .map(|operation| operation.name().to_string())
            .collect();
        assert_eq!(names, ["GET /pets", "POST /pets", "GET /pets/{petId}"]);
        let list = contract.operation(&Method::GET, "/pets").unwrap();
        assert_eq!(list.operation_id.as_deref(), Some("listPets"));
        assert_eq!(list.tags, ["pets"]);
        assert_eq!(list.parameters[0].name, "limit");
        assert_eq!(list.parameters[0].location, ParameterLocation::Query);
        assert!(!list.parameters[0].required);
        let limit = list.parameters[0].schema.as_ref().unwrap();
        assert!(limit.violations(&json!(7)).is_empty());
        assert_eq!(limit.violations(&json!("7")).len(), 1);
        let ok = list.response(StatusCode::OK).unwrap();
        assert_eq!(ok.status, StatusKey::Exact(200));
        assert_eq!(ok.content[0].media_type, "application/json");
        assert_eq!(
            ok.headers.len(),
            1,
            "Content-Type is not read as a response header"
        );
        assert!(ok.headers[0].name.eq_ignore_ascii_case("x-next"));
        let pets = ok.content[0].schema.as_ref().unwrap();
        assert!(
            pets.violations(&json!([{"id": 1, "name": "Rex"}]))
                .is_empty()
        );
        let wrong = violations(pets, &json!([{"id": 1, "name": "Rex"}, {"id": "2"}]));
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(wrong[0].starts_with("/1 required "), "{wrong:?}");
        assert!(wrong[1].starts_with("/1/id type "), "{wrong:?}");
        let teapot = list.response(StatusCode::IM_A_TEAPOT).unwrap();
        let error = teapot.content[0].schema.as_ref().unwrap();
        assert_eq!(error.violations(&json!({})).len(), 2);
        let created = contract.operation(&Method::POST, "/pets").unwrap();
        assert!(
            created
                .response(StatusCode::CREATED)
                .unwrap()
                .content
                .is_empty()
        );
    }
}

#[test]
fn bodies_and_required_headers_are_read() {
    let contract = petstore("3.0");
    let create = contract.operation(&Method::POST, "/pets").unwrap();
    let body = create.request_body.as_ref().unwrap();
    assert!(body.required);
    assert_eq!(
        body.content[0]
            .schema
            .as_ref()
            .unwrap()
            .violations(&json!({}))
            .len(),
        2
    );
    let contract = petstore("3.1");
    let list = contract.operation(&Method::GET, "/pets").unwrap();
    let header = &list.response(StatusCode::OK).unwrap().headers[0];
    assert!(header.required);
    assert_eq!(header.pointer, "/components/headers/Next");
    assert!(
        header
            .schema
            .as_ref()
            .unwrap()
            .violations(&json!(null))
            .is_empty()
    );
}

#[test]
fn security_is_that_of_the_operation_else_of_the_document() {
    let security = |version: &str| -> Vec<Security> {
        petstore(version)
            .operations
            .iter()
            .map(|operation| operation.security)
            .collect()
    };
    assert_eq!(security("3.0"), [Security::Unstated; 3]);
    assert_eq!(
        security("3.1"),
        [Security::Open, Security::Protected, Security::Open]
    );
}

#[test]
fn an_operation_s_parameter_wins_over_the_path_s() {
    let contract = petstore("3.1");
    let create = contract.operation(&Method::POST, "/pets").unwrap();
    assert_eq!(create.parameters.len(), 1);
    assert!(
        create.parameters[0]
            .schema
            .as_ref()
            .unwrap()
            .violations(&json!("all"))
            .is_empty()
    );
}

#[test]
fn statuses_fall_back_to_their_range_then_to_default() {
    let contract = petstore("3.1");
    let list = contract.operation(&Method::GET, "/pets").unwrap();
    let status = |code: u16| {
        list.response(StatusCode::from_u16(code).unwrap())
            .map(|response| response.status)
    };
    assert_eq!(status(200), Some(StatusKey::Exact(200)));
    assert_eq!(status(404), Some(StatusKey::Range(4)));
    assert_eq!(status(500), Some(StatusKey::Default));
    let show = contract.operation(&Method::GET, "/pets/{petId}").unwrap();
    assert!(show.response(StatusCode::NOT_FOUND).is_none());
}

#[test]
fn a_request_finds_its_operation() {
    let contract = super::sound(
        "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths:\n  /c/{id}:\n    parameters: [ { name: id, in: path, required: true, schema: {} } ]\n    get: {}\n    delete: {}\n  /c/me:\n    get: {}\n  /{any}/me/x:\n    parameters: [ { name: any, in: path, required: true, schema: {} } ]\n    get: {}\n  /c/{id}/x:\n    parameters: [ { name: id, in: path, required: true, schema: {} } ]\n    get: {}\n",
    );
    let path = |method: Method, path: &str| {
        contract
            .matching(&method, path)
            .map(|operation| operation.path.clone())
    };
    assert_eq!(path(Method::GET, "/c/me").as_deref(), Some("/c/me"));
    assert_eq!(path(Method::GET, "/c/me/?x=1").as_deref(), Some("/c/me"));
    assert_eq!(path(Method::DELETE, "/c/me").as_deref(), Some("/c/{id}"));
    assert_eq!(path(Method::GET, "/c/a%2Fb").as_deref(), Some("/c/{id}"));
    assert_eq!(path(Method::GET, "/c/me/x").as_deref(), Some("/c/{id}/x"));
    assert_eq!(path(Method::POST, "/c/me"), None);
    assert_eq!(path(Method::GET, "/c"), None);
}
