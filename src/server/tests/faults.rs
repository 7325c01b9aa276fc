//! Every fault changes a response, and only in its own operation.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue};
use regex::Regex;
use serde_json::{Value, json};

use super::super::request::ServerRequest;
use super::super::response::{Delivery, ServerResponse};
use super::super::{
    ADMIN_PASSWORD, CUSTOMER_EMAIL, CUSTOMER_PASSWORD, FAULTS, Fault, Instance, InstanceOptions,
    NUWEB_TOKEN, System, fault,
};
use super::{send, serve_with};

const PASSWORD: &str = "Str0ng-Pass!1";

/// An instance that is called without a network, and its responses in order.
struct Session {
    state: Instance,
    responses: Vec<ServerResponse>,
}

impl Session {
    fn new(system: System, faults: Vec<&'static Fault>) -> Self {
        let state = Instance::new(
            system,
            InstanceOptions {
                faults,
                ..InstanceOptions::default()
            },
        )
        .unwrap();
        Session {
            state,
            responses: Vec::new(),
        }
    }

    fn call(&mut self, method: &str, path: &str, token: &str, body: Value) {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        headers.insert("host", HeaderValue::from_static("localhost"));
        if !token.is_empty() {
            headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        if path.starts_with("/v1") && !path.ends_with("?no-company") {
            headers.insert("x-nu-company-id", HeaderValue::from_static("1"));
        }
        let body = if body.is_null() {
            Bytes::new()
        } else {
            Bytes::from(body.to_string())
        };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = ServerRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body,
        };
        self.responses.push(self.state.respond(&request));
    }

    /// The token of the last response, even if a fault wrapped it.
    fn token(&self) -> String {
        let body = self.responses.last().unwrap().json().unwrap_or_default();
        body.as_str()
            .or(body["token"].as_str())
            .unwrap_or("none")
            .to_owned()
    }
}

/// Calls every operation so that each fault is visible in a response.
fn exercise(system: System, faults: Vec<&'static Fault>) -> Vec<ServerResponse> {
    let mut session = Session::new(system, faults);
    if system == System::Nuweb {
        let path = "/v1/customers/update";
        for (path, token, body) in [
            (
                path,
                NUWEB_TOKEN,
                json!({"id": "1", "name": "John", "phoneCode": 33}),
            ),
            (path, NUWEB_TOKEN, json!({"id": "1"})),
            (path, "", json!({"id": "1"})),
            (path, NUWEB_TOKEN, json!({"id": "1", "phoneCode": "x"})),
            (
                "/v1/customers/update?no-company",
                NUWEB_TOKEN,
                json!({"id": "1"}),
            ),
        ] {
            session.call("POST", path, token, body);
        }
        return session.responses;
    }
    let rest = |path: &str| format!("/rest/default/V1{path}");
    let (customers, me) = (rest("/customers"), rest("/customers/me"));
    let sign_in = |name: &str, password: &str| json!({"username": name, "password": password});
    session.call(
        "POST",
        &rest("/integration/admin/token"),
        "",
        sign_in("admin", "Wrong-Pass-1"),
    );
    session.call(
        "POST",
        &rest("/integration/admin/token"),
        "",
        sign_in("admin", ADMIN_PASSWORD),
    );
    let admin = session.token();
    let address = json!({
        "region_id": 57, "country_id": "US", "street": ["1 Oak Ave"], "telephone": "1", "postcode": "1", "city": "Austin",
        "firstname": "Ada", "lastname": "Lovelace", "default_billing": true,
    });
    let ada = |email: &str| json!({"email": email, "firstname": "Ada", "lastname": "Lovelace", "addresses": [address]});
    let (email, password) = if system == System::Magento {
        ("ada@example.com", PASSWORD)
    } else {
        (CUSTOMER_EMAIL, CUSTOMER_PASSWORD)
    };
    for body in [
        json!({"customer": ada("ada@example.com"), "password": PASSWORD}),
        json!({"customer": ada("ADA@example.com"), "password": PASSWORD}),
        json!({"customer": ada("adá@example.com"), "password": PASSWORD}),
        json!({"customer": ada("weak@example.com"), "password": "password"}),
        json!({"customer": {"firstname": "Ada"}}),
    ] {
        session.call("POST", &customers, "", body.clone());
        session.call("POST", &customers, &admin, body);
    }
    session.call(
        "POST",
        &rest("/integration/customer/token"),
        "",
        sign_in(email, "Wrong-Pass-1"),
    );
    session.call(
        "POST",
        &rest("/integration/customer/token"),
        "",
        sign_in(email, password),
    );
    let customer = session.token();
    let forged = customer
        .rsplit_once('.')
        .map(|(claims, _)| format!("{claims}.forged"))
        .unwrap_or_default();
    for token in ["", &forged, &admin, &customer] {
        session.call("GET", &me, token, Value::Null);
    }
    session.call("PUT", &me, &customer, json!({"customer": {"email": email, "firstname": "Augusta", "lastname": "King", "addresses": [address]}}));
    session.call("PUT", &me, &customer, json!({"customer": {}}));
    session.call("GET", &me, &customer, Value::Null);
    session.call(
        "GET",
        &rest("/customers/me/session"),
        &customer,
        Value::Null,
    );
    if system == System::Magento {
        exercise_customer_area(&mut session, &admin, &customer);
    }
    let first = rest("/customers/1");
    session.call(
        "PUT",
        &first,
        &admin,
        json!({"customer": {"firstname": "Grace"}}),
    );
    session.call(
        "POST",
        &customers,
        &admin,
        json!({"customer": {"id": 1, "firstname": "Grace"}}),
    );
    for path in [&first, &rest("/customers/999999")] {
        session.call("GET", path, "", Value::Null);
        session.call("GET", path, &admin, Value::Null);
    }
    for token in ["", &admin, &admin] {
        session.call("DELETE", &first, token, Value::Null);
    }
    session.call("GET", &first, &admin, Value::Null);
    session.responses
}

/// The operations of Magento's customer area that the other system does not have. `customer` is the token of the customer 1.
fn exercise_customer_area(session: &mut Session, admin: &str, customer: &str) {
    let rest = |path: &str| format!("/rest/default/V1{path}");
    let me = rest("/customers/me");
    let sign_in = |password: &str| json!({"username": "ada@example.com", "password": password});
    let grace = json!({"email": "grace@example.com", "firstname": "Grace", "lastname": "Hopper", "group_id": 2});
    let key = json!({"confirmationKey": "wrong"});
    let change = |old: &str, new: &str| json!({"currentPassword": old, "newPassword": new});
    let filter = "searchCriteria[filterGroups][0][filters][0]";
    let reset =
        json!({"email": "grace@example.com", "resetToken": "wrong", "newPassword": PASSWORD});
    let group = |code: &str| json!({"group": {"code": code, "tax_class_id": 3}});
    for (method, path, token, body) in [
        (
            "POST",
            "/customers",
            admin,
            json!({"customer": grace, "password": PASSWORD}),
        ),
        ("GET", "/customers/me/billingAddress", admin, Value::Null),
        (
            "GET",
            &*format!("/customers/search?{filter}[field]=email&{filter}[value]=grace@example.com"),
            admin,
            Value::Null,
        ),
        (
            "GET",
            "/customers/search?searchCriteria[sortOrders][0][field]=entity_id&fields=items[id]",
            admin,
            Value::Null,
        ),
        (
            "GET",
            "/customers/search?searchCriteria[pageSize]=1&searchCriteria[currentPage]=2&fields=items[id]",
            admin,
            Value::Null,
        ),
        (
            "POST",
            "/customers/isEmailAvailable",
            "",
            json!({"customerEmail": "new@example.com"}),
        ),
        ("POST", "/customers/resetPassword", "", reset),
        (
            "GET",
            "/customers/2/password/resetLinkToken/wrong",
            "",
            Value::Null,
        ),
        (
            "PUT",
            "/customers/2",
            admin,
            json!({"customer": {"confirmation": "right"}}),
        ),
        ("PUT", "/customers/grace@example.com/activate", admin, key),
        (
            "PUT",
            "/customers/grace@example.com/activate",
            admin,
            json!({"confirmationKey": "right"}),
        ),
        (
            "GET",
            "/customers/999999/billingAddress",
            admin,
            Value::Null,
        ),
        ("PUT", "/customers/validate", admin, json!({"customer": {}})),
        ("GET", "/customers/2/confirm", admin, Value::Null),
        (
            "GET",
            "/customers/2/permissions/readonly",
            admin,
            Value::Null,
        ),
        ("GET", "/customers/addresses/1", "", Value::Null),
        (
            "PUT",
            "/customers/2",
            admin,
            json!({"customer": {"addresses": [{
                "country_id": "US", "street": ["1 Oak Ave"], "telephone": "1", "postcode": "1", "city": "Austin", "firstname": "G", "lastname": "H"
            }]}}),
        ),
        (
            "PUT",
            "/customers/me",
            customer,
            json!({"customer": {
                "email": "ada@example.com", "firstname": "Augusta", "lastname": "King", "addresses": [{"id": 3}]
            }}),
        ),
        ("DELETE", "/addresses/3", admin, Value::Null),
        ("DELETE", "/addresses/3", admin, Value::Null),
        ("POST", "/customerGroups", admin, group("Friends")),
        ("POST", "/customerGroups", admin, group("friends")),
        ("PUT", "/customerGroups/4", admin, group("Family")),
        ("GET", "/customerGroups/4", admin, Value::Null),
        (
            "GET",
            &*format!("/customerGroups/search?{filter}[field]=code&{filter}[value]=General"),
            admin,
            Value::Null,
        ),
        ("DELETE", "/customerGroups/1", admin, Value::Null),
        ("DELETE", "/customerGroups/4", admin, Value::Null),
        ("DELETE", "/customerGroups/4", admin, Value::Null),
        (
            "PUT",
            "/customers/me/password",
            customer,
            change("Wrong-Pass-1", PASSWORD),
        ),
        (
            "PUT",
            "/customers/me/password",
            customer,
            change(PASSWORD, "New-Pass-123"),
        ),
        (
            "POST",
            "/integration/customer/token",
            "",
            sign_in("New-Pass-123"),
        ),
        ("DELETE", "/customers/2", admin, Value::Null),
    ] {
        session.call(method, &rest(path), token, body);
    }
    let token = session.state.magento().mailed_token(1);
    let reset = json!({"email": "ada@example.com", "resetToken": token, "newPassword": PASSWORD});
    session.call("POST", &rest("/customers/resetPassword"), "", reset.clone());
    session.call("POST", &rest("/customers/resetPassword"), "", reset);
    // The customer has no addresses left, so this call does not show the fault that takes over addresses.
    session.call(
        "GET",
        &rest("/customers/me/billingAddress"),
        customer,
        Value::Null,
    );
    session.call(
        "PUT",
        &me,
        customer,
        json!({"customer": {
            "email": "ada@example.com", "firstname": "Augusta", "lastname": "King", "default_billing": "999999"
        }}),
    );
    let in_query =
        format!("/integration/customer/token?username=ada@example.com&password={PASSWORD}");
    session.call("POST", &rest(&in_query), "", json!({}));
    for _ in 0..10 {
        let body = change("Wrong-Pass-1", PASSWORD);
        session.call("PUT", &rest("/customers/me/password"), customer, body);
    }
    let rolled = json!({"email": "rolled@example.com", "firstname": "Ada", "lastname": "Lovelace", "dob": "2023-02-29"});
    session.call(
        "POST",
        &rest("/customers"),
        "",
        json!({ "customer": rolled }),
    );
    session.call(
        "POST",
        &rest("/integration/customer/revoke-customer-token"),
        customer,
        Value::Null,
    );
    session.call("GET", &me, customer, Value::Null);
}

/// Times, tokens and random ids.
static CHANGING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+Z)?|eyJ[\w.-]+|webapi-[0-9a-f]{13}|PHPSESSID=[^;]*"#,
    )
    .unwrap()
});

/// A response without times, tokens and random ids, for comparison.
fn comparable(response: &ServerResponse) -> String {
    let body = String::from_utf8_lossy(&response.body);
    let start: String = body.chars().take(4000).collect();
    let text = format!(
        "{:?} {} {:?} {} {start} {:?}",
        response.operation,
        response.status,
        response.headers,
        body.len(),
        response.delivery
    );
    CHANGING.replace_all(&text, "~").into_owned()
}

#[test]
fn every_fault_shows_in_its_own_operation_first() {
    let all_sound = System::ALL.map(|system| (system, exercise(system, vec![])));
    for fault in FAULTS {
        let (_, sound) = all_sound
            .iter()
            .find(|(system, _)| *system == fault.system)
            .unwrap();
        let broken = exercise(fault.system, vec![fault]);
        let differs = sound
            .iter()
            .zip(&broken)
            .find(|(a, b)| comparable(a) != comparable(b));
        let (first, _) = differs.unwrap_or_else(|| panic!("{} does not show", fault.name));
        // A lost update is visible only when the customer is read again.
        let may_show_elsewhere = matches!(
            fault.name,
            "lost-update"
                | "lost-update-by-admin"
                | "delete-keeps"
                | "admin-save-lost-update"
                | "password-not-kept"
                | "revoke-keeps-token"
                | "group-not-changed"
        );
        assert!(
            may_show_elsewhere
                || fault.operation == "*"
                || first.operation == Some(fault.operation),
            "{} shows first in {:?}",
            fault.name,
            first.operation
        );
    }
}

#[test]
fn two_runs_without_faults_are_equal() {
    for system in System::ALL {
        let (first, second) = (exercise(system, vec![]), exercise(system, vec![]));
        for (first, second) in first.iter().zip(&second) {
            assert_eq!(comparable(first), comparable(second));
        }
        assert!(
            first
                .iter()
                .all(|response| response.delivery == Delivery::Whole && response.status != 500)
        );
    }
}

#[test]
fn a_fault_of_another_system_is_refused() {
    let options = InstanceOptions {
        faults: vec![fault("nuweb-teapot").unwrap()],
        ..InstanceOptions::default()
    };
    assert!(Instance::new(System::Magento, options).is_err());
}

#[tokio::test]
async fn broken_connections_are_broken() {
    let faulty = |name: &str| InstanceOptions {
        faults: vec![fault(name).unwrap()],
        ..InstanceOptions::default()
    };
    let server = serve_with(System::Magento, faulty("hang-up")).await;
    let request = server.request("GET", "/rest/default/V1/customers/1");
    assert!(request.send().await.is_err());
    // Other operations still respond.
    let other = send(server.request("GET", "/rest/default/V1/customers/me")).await;
    assert_eq!(other.status, 401);

    let server = serve_with(System::Magento, faulty("half-the-bytes")).await;
    let body = json!({"customer": {"email": "ada@example.com", "firstname": "Ada", "lastname": "Lovelace"}, "password": PASSWORD});
    assert_eq!(
        server
            .call("POST", "/V1/customers", "", body.clone())
            .await
            .status,
        200
    );
    let token = server.token("customer", "ada@example.com", PASSWORD).await;
    let request = server
        .request("PUT", "/rest/default/V1/customers/me")
        .bearer_auth(token);
    let response = request
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let announced: usize = response.headers()["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(announced > 100);
    assert!(response.bytes().await.is_err());
}
