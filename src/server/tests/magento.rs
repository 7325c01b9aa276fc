//! Magento's registration, and the general processing of requests.

use serde_json::{Value, json};

use super::super::System;
use super::{Server, send, serve};

pub const PASSWORD: &str = "Str0ng-Pass!1";

pub fn ada(email: &str) -> Value {
    json!({"customer": {"email": email, "firstname": "Ada", "lastname": "Lovelace"}, "password": PASSWORD})
}

pub fn address() -> Value {
    json!({
        "region": {"region_code": "TX", "region": "Texas", "region_id": 57}, "region_id": 57, "country_id": "US",
        "street": ["123 Oak Ave", "Apt 4"], "telephone": "512-555-1111", "postcode": "78758", "city": "Austin",
        "firstname": "Ada", "lastname": "Lovelace", "default_shipping": true, "default_billing": true,
    })
}

/// A registered customer: id and token.
pub async fn registered(server: &Server, email: &str) -> (i64, String) {
    let reply = server.call("POST", "/V1/customers", "", ada(email)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    (
        reply.json()["id"].as_i64().unwrap(),
        server.token("customer", email, PASSWORD).await,
    )
}

#[tokio::test]
async fn a_customer_registers_signs_in_and_reads_the_own_account() {
    let server = serve(System::Magento).await;
    let reply = server
        .call("POST", "/V1/customers", "", ada("ada@example.com"))
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("content-type"),
        "application/json; charset=utf-8"
    );
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("x-frame-options"), "SAMEORIGIN");
    assert!(reply.header("set-cookie").starts_with("PHPSESSID="));
    let customer = reply.json();
    let keys: Vec<&String> = customer.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "id",
            "group_id",
            "created_at",
            "updated_at",
            "created_in",
            "email",
            "firstname",
            "lastname",
            "store_id",
            "website_id",
            "addresses",
            "disable_auto_group_change",
            "extension_attributes"
        ]
    );
    assert_eq!(customer["created_in"], "Default Store View");
    let token = server.token("customer", "ADA@example.com", PASSWORD).await;
    let me = server
        .call("GET", "/V1/customers/me", &token, Value::Null)
        .await;
    assert_eq!(me.json(), customer);
}

#[tokio::test]
async fn a_full_customer_is_returned_in_magentos_order() {
    let server = serve(System::Magento).await;
    let body = json!({"customer": {
        "email": "full@example.com", "firstname": "Ada", "lastname": "Lovelace", "prefix": "Ms", "middlename": "King",
        "suffix": "PhD", "dob": "1990-12-10", "gender": 2, "taxvat": "GB123", "addresses": [address()],
        "extension_attributes": {"is_subscribed": true},
    }});
    let reply = server.call("POST", "/V1/customers/", "", body).await;
    let created_at = reply.json()["created_at"].as_str().unwrap().to_owned();
    assert_eq!(
        reply.text.replace(&created_at, "T"),
        concat!(
            r#"{"id":1,"group_id":1,"default_billing":"1","default_shipping":"1","created_at":"T","updated_at":"T","#,
            r#""created_in":"Default Store View","dob":"1990-12-10","email":"full@example.com","firstname":"Ada","#,
            r#""lastname":"Lovelace","middlename":"King","prefix":"Ms","suffix":"PhD","gender":2,"store_id":1,"taxvat":"GB123","#,
            r#""website_id":1,"addresses":[{"id":1,"customer_id":1,"region":{"region_code":"TX","region":"Texas","region_id":57},"#,
            r#""region_id":57,"country_id":"US","street":["123 Oak Ave","Apt 4"],"telephone":"512-555-1111","postcode":"78758","#,
            r#""city":"Austin","firstname":"Ada","lastname":"Lovelace","default_shipping":true,"default_billing":true}],"#,
            r#""disable_auto_group_change":0,"extension_attributes":{"is_subscribed":true}}"#
        )
    );
}

#[tokio::test]
async fn registrations_are_refused_in_magentos_words() {
    let server = serve(System::Magento).await;
    registered(&server, "taken@example.com").await;
    let with = |field: &str, value: Value| {
        let mut body = ada("new@example.com");
        body["customer"][field] = value;
        body
    };
    let password = |password: Value| json!({"customer": {"email": "new@example.com", "firstname": "A", "lastname": "B"}, "password": password});
    for (body, status, expected) in [
        (
            ada("Taken@Example.com"),
            400,
            r#"{"message":"A customer with the same email address already exists in an associated website."}"#,
        ),
        (
            json!({}),
            400,
            r#"{"message":"\"%fieldName\" is required. Enter and try again.","parameters":{"fieldName":"customer"}}"#,
        ),
        (
            json!({"customer": {}}),
            400,
            r#"{"message":"The customer email is missing. Enter and try again."}"#,
        ),
        (
            json!({"customer": {"email": "new@example.com"}}),
            400,
            r#"{"message":"\"First Name\" is a required value.\n\"Last Name\" is a required value."}"#,
        ),
        (
            with("email", json!("nope")),
            400,
            r#"{"message":"\"Email\" is not a valid email address."}"#,
        ),
        (
            password(json!("short")),
            400,
            r#"{"message":"The password needs at least %1 characters. Create a new password and try again.","parameters":["8"]}"#,
        ),
        (
            password(json!("alllowercase")),
            400,
            r#"{"message":"Minimum of different classes of characters in password is %1. Classes of characters: Lower Case, Upper Case, Digits, Special Characters.","parameters":["3"]}"#,
        ),
        (
            with("bogus", json!(1)),
            400,
            r#"{"message":"\"%fieldName\" is not supported. Correct the field name and try again.","parameters":{"fieldName":"Bogus"}}"#,
        ),
        (
            with("store_id", json!("abc")),
            400,
            r#"{"message":"Error occurred during \"store_id\" processing. The \"abc\" value's type is invalid. The \"int\" type was expected. Verify and try again."}"#,
        ),
        (
            with("group_id", json!(1)),
            401,
            r#"{"message":"The consumer isn't authorized to access %resources.","parameters":{"resources":"Magento_Customer::manage"}}"#,
        ),
        (
            with("id", json!(1)),
            404,
            r#"{"message":"No such entity with %fieldName = %fieldValue, %field2Name = %field2Value","parameters":{"fieldName":"email","fieldValue":"new@example.com","field2Name":"websiteId","field2Value":"1"}}"#,
        ),
        (
            with("website_id", json!(999)),
            404,
            r#"{"message":"The website with id 999 that was requested wasn't found. Verify the website and try again."}"#,
        ),
        (
            with("store_id", json!(999)),
            404,
            r#"{"message":"The store that was requested wasn't found. Verify the store and try again."}"#,
        ),
        (
            with("dob", json!("1990-13-45")),
            400,
            r#"{"message":"Invalid date"}"#,
        ),
        (
            with("gender", json!(99)),
            400,
            r#"{"message":"Attribute gender does not contain option with Id 99"}"#,
        ),
        (
            with(
                "addresses",
                json!([{"country_id": "US", "firstname": "A", "lastname": "B", "street": ["x"], "telephone": "1", "postcode": "1"}]),
            ),
            400,
            r#"{"message":"\"%fieldName\" is required. Enter and try again.","parameters":{"fieldName":"city"}}"#,
        ),
    ] {
        let reply = server.call("POST", "/V1/customers", "", body).await;
        assert_eq!((reply.status, reply.text.as_str()), (status, expected));
    }
    // Nothing was stored.
    assert_eq!(
        server
            .call("POST", "/V1/customers", "", ada("new@example.com"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn php_failures_are_internal_errors() {
    let server = serve(System::Magento).await;
    for customer in [
        json!({}),
        json!("x"),
        json!({"email": null, "firstname": "A", "lastname": "B"}),
    ] {
        let body = json!({"customer": customer, "password": PASSWORD});
        let reply = server.call("POST", "/V1/customers", "", body).await;
        assert_eq!(reply.status, 500);
        let message = reply.json()["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with(
            "Internal Error. Details are available in Magento log file. Report ID: webapi-"
        ));
    }
}

#[tokio::test]
async fn the_pipeline_decides_in_magentos_order() {
    let server = serve(System::Magento).await;
    let unrouted = r#"{"message":"Request does not match any route."}"#;
    let impossible = r#"{"message":"Specified request cannot be processed."}"#;
    let own_account = r#"{"message":"The consumer isn't authorized to access %resources.","parameters":{"resources":"self"}}"#;
    for (method, path, status, expected) in [
        (
            "PATCH",
            "/rest/default/V1/nope",
            405,
            r#"{"message":"The PATCH HTTP method is not supported."}"#,
        ),
        (
            "FOO",
            "/rest/default/V1/customers",
            405,
            r#"{"message":"The FOO HTTP method is not supported."}"#,
        ),
        ("GET", "/rest/nope/V1/customers/me", 400, impossible),
        ("GET", "/rest/default/v1/customers/me", 400, impossible),
        ("GET", "/rest", 400, impossible),
        ("GET", "/rest/V1", 404, unrouted),
        ("DELETE", "/rest/default/V1/customers", 404, unrouted),
        ("GET", "/rest/default/V1/Customers/ME", 404, unrouted),
        ("GET", "/rest/default/V1/customers/me", 401, own_account),
        ("GET", "/index.php/rest/V1/customers/me", 401, own_account),
        (
            "DELETE",
            "/rest/default/V1/customers/me",
            401,
            r#"{"message":"The consumer isn't authorized to access %resources.","parameters":{"resources":"Magento_Customer::delete"}}"#,
        ),
    ] {
        let reply = send(server.request(method, path)).await;
        assert_eq!(
            (reply.status, reply.text.as_str()),
            (status, expected),
            "{method} {path}"
        );
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    let head = send(server.request("HEAD", "/rest/default/V1/customers/me")).await;
    assert_eq!((head.status, head.text.as_str()), (405, ""));
    // Permission is checked before the body: an unauthenticated client does not learn that the JSON is broken.
    let broken = server
        .request("PUT", "/rest/default/V1/customers/me")
        .body("{");
    assert_eq!(send(broken).await.status, 401);
}

#[tokio::test]
async fn media_types_are_negotiated() {
    let server = serve(System::Magento).await;
    let path = "/rest/default/V1/customers/me";
    let html = send(server.request("GET", path).header("accept", "text/html")).await;
    assert_eq!(
        (html.status, html.header("content-type")),
        (500, "text/html; charset=UTF-8")
    );
    let xml = send(
        server
            .request("GET", path)
            .header("accept", "application/xml"),
    )
    .await;
    assert_eq!(
        (xml.status, xml.header("content-type")),
        (401, "application/xml; charset=utf-8")
    );
    let post = |kind: &'static str| {
        let request = server
            .request("POST", "/rest/default/V1/customers")
            .body("{}");
        if kind.is_empty() {
            request
        } else {
            request.header("content-type", kind)
        }
    };
    for (kind, message) in [
        ("", "Content-Type header is empty."),
        (
            "text/plain",
            "Server cannot understand Content-Type HTTP header media type text/plain",
        ),
        (
            "APPLICATION/JSON",
            "Server cannot understand Content-Type HTTP header media type APPLICATION/JSON",
        ),
        (
            "application/json; odata=verbose",
            "Content-Type header is invalid.",
        ),
        (
            "application/json; charset=iso-8859-1",
            "UTF-8 is the only supported charset.",
        ),
    ] {
        let reply = send(post(kind)).await;
        assert_eq!(
            (reply.status, reply.json()["message"].as_str().unwrap()),
            (400, message)
        );
    }
}
