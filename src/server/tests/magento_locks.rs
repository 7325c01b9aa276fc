//! Wrong passwords, tokens for resetting, XML bodies: behaviour over several calls, without a network.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::super::request::ServerRequest;
use super::super::{ADMIN_PASSWORD, Instance, InstanceOptions, System};
use super::magento::{PASSWORD, ada};

struct Store(Instance);

impl Store {
    fn new() -> Self {
        Store(Instance::new(System::Magento, InstanceOptions::default()).unwrap())
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        token: &str,
        kind: &str,
        body: String,
    ) -> (u16, Value) {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_str(kind).unwrap());
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
        let response = self.0.respond(&ServerRequest {
            method: method.to_owned(),
            path: format!("/rest/default/V1{path}"),
            query: String::new(),
            headers,
            body: Bytes::from(body),
        });
        (response.status, response.json().unwrap_or_default())
    }

    fn call(&self, method: &str, path: &str, token: &str, body: Value) -> (u16, Value) {
        self.send(method, path, token, "application/json", body.to_string())
    }

    fn sign_in(&self, email: &str, password: &str) -> (u16, Value) {
        let body = json!({"username": email, "password": password});
        self.call("POST", "/integration/customer/token", "", body)
    }

    fn register(&self, email: &str) -> String {
        let mut customer = ada(email);
        customer["password"] = json!(PASSWORD);
        assert_eq!(self.call("POST", "/customers", "", customer).0, 200);
        self.sign_in(email, PASSWORD).1.as_str().unwrap().to_owned()
    }
}

#[test]
fn the_tenth_wrong_current_password_locks_the_account() {
    let store = Store::new();
    let token = store.register("ada@example.com");
    let change = |old: &str| {
        let body = json!({"currentPassword": old, "newPassword": "New-Pass-123"});
        store.call("PUT", "/customers/me/password", &token, body)
    };
    let wrong = "The password doesn't match this account. Verify the password and try again.";
    for _ in 0..10 {
        assert_eq!(change("Wrong-Pass-1"), (401, json!({ "message": wrong })));
    }
    // The tenth locked the account, and from the eleventh on the error says so.
    assert_eq!(
        change("Wrong-Pass-1"),
        (401, json!({"message": "The account is locked."}))
    );
    let refused = "The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later.";
    assert_eq!(
        store.sign_in("ada@example.com", PASSWORD),
        (401, json!({ "message": refused }))
    );
    // Resetting the password by mail unlocks.
    let mailed = store.0.magento().mailed_token(1).unwrap();
    let body =
        json!({"email": "ada@example.com", "resetToken": mailed, "newPassword": "New-Pass-123"});
    assert_eq!(
        store.call("POST", "/customers/resetPassword", "", body).0,
        200
    );
    assert_eq!(store.sign_in("ada@example.com", "New-Pass-123").0, 200);
}

#[test]
fn signing_in_resets_the_count_of_wrong_passwords() {
    let store = Store::new();
    let token = store.register("ada@example.com");
    let body = json!({"currentPassword": "Wrong-Pass-1", "newPassword": "New-Pass-123"});
    for _ in 0..2 {
        for _ in 0..9 {
            let response = store.call("PUT", "/customers/me/password", &token, body.clone());
            assert_ne!(response.1["message"], "The account is locked.");
        }
        assert_eq!(store.sign_in("ada@example.com", PASSWORD).0, 200);
    }
}

#[test]
fn a_mailed_token_resets_the_password_once_and_for_two_hours() {
    let store = Store::new();
    store.register("ada@example.com");
    let body = json!({"email": "ada@example.com", "template": "email_reset"});
    assert_eq!(
        store.call("PUT", "/customers/password", "", body),
        (200, json!(true))
    );
    let mailed = store.0.magento().mailed_token(1).unwrap();
    let link = format!("/customers/1/password/resetLinkToken/{mailed}");
    assert_eq!(
        store.call("GET", &link, "", Value::Null),
        (200, json!(true))
    );
    let reset = |new: &str| {
        let body = json!({"email": "ada@example.com", "resetToken": mailed, "newPassword": new});
        store.call("POST", "/customers/resetPassword", "", body)
    };
    store.0.magento().age_token(1, 7200);
    let expired = json!({"message": "The password token is expired. Reset and try again."});
    assert_eq!(reset("New-Pass-123"), (400, expired.clone()));
    assert_eq!(store.call("GET", &link, "", Value::Null), (400, expired));
    store.0.magento().age_token(1, 7100);
    assert_eq!(reset("weak").1["parameters"], json!(["8"]));
    assert_eq!(reset("New-Pass-123"), (200, json!(true)));
    let mismatched = json!({"message": "The password token is mismatched. Reset and try again."});
    assert_eq!(reset("New-Pass-456"), (400, mismatched));
    assert_eq!(store.sign_in("ada@example.com", "New-Pass-123").0, 200);
    for id in [0, -1] {
        let (status, body) = store.call(
            "GET",
            &format!("/customers/{id}/password/resetLinkToken/x"),
            "",
            Value::Null,
        );
        assert_eq!(status, 400);
        assert_eq!(
            body["parameters"],
            json!({"value": id, "fieldName": "customerId"})
        );
    }
}

#[test]
fn xml_bodies_are_read() {
    let store = Store::new();
    let xml = |text: &str, kind: &str| {
        let body = format!("<?xml version=\"1.0\"?><request>{text}</request>");
        store.send("POST", "/customers", "", kind, body)
    };
    let customer = "<customer><email>xml@example.com</email><firstname>Ada</firstname><lastname>Lovelace</lastname>\
        <addresses><item><firstname>A</firstname><lastname>L</lastname><street><item>1 Oak Ave</item></street><city>Austin</city>\
        <telephone>1</telephone><postcode>1</postcode><country_id>US</country_id></item></addresses></customer>";
    let (status, body) = xml(customer, "application/xml");
    assert_eq!((status, &body["email"]), (200, &json!("xml@example.com")));
    assert_eq!(body["addresses"][0]["street"], json!(["1 Oak Ave"]));
    let taken = "A customer with the same email address already exists in an associated website.";
    assert_eq!(
        xml(customer, "text/xml"),
        (400, json!({ "message": taken }))
    );
    assert_eq!(
        xml("<customer>", "application/xml"),
        (400, json!({"message": "Decoding error."}))
    );
    assert_eq!(
        xml("", "application/xml").1["parameters"],
        json!({"fieldName": "customer"})
    );
    assert_eq!(
        store.send("POST", "/customers", "", "application/xml", "{}".to_owned()),
        (400, json!({"message": "Decoding error."}))
    );
    let admin = json!({"username": "admin", "password": ADMIN_PASSWORD});
    assert_eq!(
        store.call("POST", "/integration/admin/token", "", admin).0,
        200
    );
}
