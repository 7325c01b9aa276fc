//! The differences of later versions: each change is tested before and after its version.

use serde_json::{Value, json};

use super::super::{InstanceOptions, ReleaseLine, System};
use super::magento::{PASSWORD, ada, address, registered};
use super::{Reply, Server, serve_with};

async fn serve(version: ReleaseLine) -> Server {
    let options = InstanceOptions {
        version,
        ..InstanceOptions::default()
    };
    serve_with(System::Magento, options).await
}

async fn create(server: &Server, customer: Value) -> Reply {
    let body = json!({"customer": customer, "password": PASSWORD});
    server.call("POST", "/V1/customers", "", body).await
}

#[tokio::test]
async fn every_instance_reports_its_version() {
    for version in ReleaseLine::ALL {
        assert_eq!(serve(version).await.running.version(), Some(version));
    }
    let nuweb = serve_with(System::Nuweb, InstanceOptions::default()).await;
    assert_eq!(nuweb.running.version(), None);
}

#[tokio::test]
async fn a_missing_address_is_an_internal_error_first_and_a_refusal_later() {
    let nameless = json!({"firstname": "Ada", "lastname": "Lovelace"});
    assert_eq!(
        create(&serve(ReleaseLine::V2_4_7).await, nameless.clone())
            .await
            .status,
        500
    );
    let later = create(&serve(ReleaseLine::V2_4_8).await, nameless).await;
    let message = "The email address is required to create a customer account.";
    assert_eq!(
        (later.status, later.json()),
        (400, json!({ "message": message }))
    );
}

#[tokio::test]
async fn later_versions_reject_a_future_date_of_birth() {
    let unborn = |email: &str| json!({"email": email, "firstname": "Ada", "lastname": "Lovelace", "dob": "2100-01-01"});
    assert_eq!(
        create(&serve(ReleaseLine::V2_4_7).await, unborn("a@example.com"))
            .await
            .json()["dob"],
        "2100-01-01"
    );
    let later = create(&serve(ReleaseLine::V2_4_8).await, unborn("a@example.com")).await;
    let message = "The Date of Birth should not be greater than today.";
    assert_eq!(
        (later.status, later.json()),
        (400, json!({ "message": message }))
    );
}

#[tokio::test]
async fn missing_address_fields_are_named_by_field_first_and_by_label_later() {
    let homeless = || {
        let mut customer = ada("a@example.com")["customer"].clone();
        let mut address = address();
        address["city"] = Value::Null;
        customer["addresses"] = json!([address]);
        customer
    };
    let first = create(&serve(ReleaseLine::V2_4_7).await, homeless())
        .await
        .json();
    assert_eq!(
        first,
        json!({"message": "\"%fieldName\" is required. Enter and try again.", "parameters": {"fieldName": "city"}})
    );
    let later = create(&serve(ReleaseLine::V2_4_9).await, homeless())
        .await
        .json();
    assert_eq!(
        later,
        json!({"message": "\"%1\" is a required value.", "parameters": ["City"]})
    );
}

#[tokio::test]
async fn a_default_address_may_be_any_first_and_must_be_own_later() {
    let change = |email: &str| json!({"customer": {"email": email, "firstname": "A", "lastname": "B", "default_billing": "999999"}});
    for (version, status) in [(ReleaseLine::V2_4_7, 200), (ReleaseLine::V2_4_8, 400)] {
        let server = serve(version).await;
        let (_, token) = registered(&server, "ada@example.com").await;
        let reply = server
            .call("PUT", "/V1/customers/me", &token, change("ada@example.com"))
            .await;
        assert_eq!(reply.status, status, "{version}");
        if status == 400 {
            let message = "The %fieldName value is invalid. Set the correct value and try again.";
            assert_eq!(
                reply.json(),
                json!({"message": message, "parameters": {"fieldName": "default_billing"}})
            );
        }
    }
}

#[tokio::test]
async fn scripts_are_checked_by_the_rules_first_and_rejected_later() {
    let script = |field: &str| {
        let mut customer = ada("a@example.com")["customer"].clone();
        customer[field] = json!("<script>alert(1)</script>");
        customer
    };
    let first = create(&serve(ReleaseLine::V2_4_7).await, script("firstname")).await;
    assert_eq!(first.json(), json!({"message": "First Name is not valid!"}));
    let later = serve(ReleaseLine::V2_4_8).await;
    for (field, name) in [("firstname", "Firstname"), ("taxvat", "Taxvat")] {
        let reply = create(&later, script(field)).await;
        assert_eq!(
            (reply.status, reply.json()),
            (
                400,
                json!({"message": "\"%field_name\" does not contains valid value.", "parameters": {"field_name": name}})
            )
        );
    }
    let mut harmless = ada("b@example.com")["customer"].clone();
    harmless["taxvat"] = json!("<scripted> 5 < 6");
    assert_eq!(create(&later, harmless).await.status, 200);
}

#[tokio::test]
async fn database_errors_are_internal_errors_first_and_bad_requests_later() {
    for (version, status) in [(ReleaseLine::V2_4_7, 500), (ReleaseLine::V2_4_8, 400)] {
        let server = serve(version).await;
        let (id, _) = registered(&server, "ada@example.com").await;
        let admin = server.admin().await;
        let path = format!("/V1/customers/{id}");
        let reply = server
            .call(
                "PUT",
                &path,
                &admin,
                json!({"customer": {"website_id": 999}}),
            )
            .await;
        assert_eq!(reply.status, status, "{version}");
        assert!(reply.text.contains(
            "Internal Error. Details are available in Magento log file. Report ID: webapi-"
        ));
    }
}

#[tokio::test]
async fn several_invalid_attributes_are_lines_first_and_listed_as_well_later() {
    let nameless = json!({"email": "a@example.com"});
    let message = "\"First Name\" is a required value.\n\"Last Name\" is a required value.";
    for version in [ReleaseLine::V2_4_7, ReleaseLine::V2_4_8] {
        let reply = create(&serve(version).await, nameless.clone()).await;
        assert_eq!(reply.json(), json!({ "message": message }), "{version}");
    }
    let listed = create(&serve(ReleaseLine::V2_4_9).await, nameless)
        .await
        .json();
    assert_eq!(
        listed,
        json!({
            "message": message,
            "errors": [
                {"message": "\"First Name\" is a required value.", "parameters": []},
                {"message": "\"Last Name\" is a required value.", "parameters": []},
            ],
        })
    );
}

#[tokio::test]
async fn the_newest_version_adds_two_operations() {
    let no_route = json!({"message": "Request does not match any route."});
    for version in ReleaseLine::ALL {
        let server = serve(version).await;
        let (id, _) = registered(&server, "ada@example.com").await;
        let admin = server.admin().await;
        let token = format!("/V1/customers/{id}/token");
        let given = server.call("POST", &token, &admin, Value::Null).await;
        let body = json!({"email": "ada@example.com", "confirmationKey": "x"});
        let activated = server
            .call("POST", "/V1/customers/activate", "", body)
            .await;
        if version < ReleaseLine::V2_4_9 {
            assert_eq!(
                (given.status, given.json()),
                (404, no_route.clone()),
                "{version}"
            );
            assert_eq!(
                (activated.status, activated.json()),
                (404, no_route.clone()),
                "{version}"
            );
            continue;
        }
        let own = given.json();
        let me = server
            .call(
                "GET",
                "/V1/customers/me",
                own.as_str().unwrap(),
                Value::Null,
            )
            .await;
        assert_eq!(me.json()["id"], id);
        assert_eq!(
            server.call("POST", &token, "", Value::Null).await.status,
            401
        );
        assert_eq!(
            server
                .call("POST", "/V1/customers/999999/token", &admin, Value::Null)
                .await
                .status,
            404
        );
        assert_eq!(
            (activated.status, activated.json()),
            (400, json!({"message": "The account is already active."}))
        );
    }
}
